// One command of a hop: its arguments while a plan writes them, its reply afterwards.
//
// Arguments of the client's request stay where they are; the first piece that comes from elsewhere makes the step copy all
// of them to bytes of its own.

import { assert } from '../base/assert.js';
import { NO_BYTES } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { Args } from '../contract/args.js';
import type { PlanStep, StepReply } from '../contract/plan.js';
import { readHead, ReplyHead, RESP } from '../protocol/reply-scanner.js';

const INITIAL_BYTES = 256;

/** The reply to a step. */
export class HopReply implements StepReply {
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  readonly #head = new ReplyHead();

  /** The reply is `bytes[start, end)`; without any bytes the command waits. */
  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    if (start < end) assert(readHead(bytes, start, end, this.#head), 'a reply is complete');
  }

  get isEmpty(): boolean {
    return this.start === this.end;
  }

  get isError(): boolean {
    return !this.isEmpty && this.#head.isError;
  }

  get isNil(): boolean {
    return !this.isEmpty && this.#head.isNull;
  }

  get isInteger(): boolean {
    return !this.isEmpty && this.#head.type === RESP.integer;
  }

  get integer(): number {
    assert(this.#head.type === RESP.integer, 'the reply is an integer');
    return this.#head.value;
  }

  get bulkStart(): number {
    assert(this.#head.type === RESP.bulk && this.#head.value >= 0, 'the reply is a bulk');
    return this.#head.next;
  }

  get bulkEnd(): number {
    return this.bulkStart + this.#head.value;
  }

  /** The offset of an aggregate's first element. */
  get elementsStart(): number {
    return this.#head.next;
  }
}

export class HopStep implements PlanStep {
  readonly shard: number;
  readonly commandId: number;
  readonly args: Args;
  readonly reply = new HopReply();
  db: number;
  flags: number;
  /** The hash of the argument that is the command's first key, 0 without one; set when the hop is sent. */
  keyHash = 0;
  readonly #request: Args;
  #own: GrowingBytes | undefined;

  constructor(shard: number, commandId: number, request: Args, db: number, flags: number) {
    this.shard = shard;
    this.commandId = commandId;
    this.#request = request;
    this.db = db;
    this.flags = flags;
    this.args = new Args(request.hashSeed, request.count);
    this.args.reset(request.bytes);
    this.args.push(0, 0); // the name
  }

  arg(i: number): this {
    const { bytes, starts, ends } = this.#request;
    if (this.#own !== undefined) return this.bytes(bytes, starts[i], ends[i]);
    this.args.push(starts[i], ends[i]);
    return this;
  }

  bytes(bytes: Uint8Array, start: number, end: number): this {
    const own = (this.#own ??= this.#copyAll());
    const at = own.length;
    own.append(bytes, start, end);
    this.args.bytes = own.bytes;
    this.args.push(at, own.length);
    return this;
  }

  word(text: string): this {
    const bytes = Buffer.from(text, 'latin1');
    return this.bytes(bytes, 0, bytes.length);
  }

  inDb(db: number): this {
    this.db = db;
    return this;
  }

  #copyAll(): GrowingBytes {
    const own = new GrowingBytes(INITIAL_BYTES);
    const { args } = this;
    for (let i = 1; i < args.count; i++) {
      const at = own.length;
      own.append(args.bytes, args.starts[i], args.ends[i]);
      args.starts[i] = at;
      args.ends[i] = own.length;
    }
    args.hashedIndex = 0;
    return own;
  }
}
