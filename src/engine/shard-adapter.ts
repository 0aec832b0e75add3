// The receiving half of a hop: decodes command records from a ring, runs them, and sends their replies back.
// Arguments stay in ring memory; replies collect in one buffer per record. Its twin that writes is shard-proxy.ts.

import { Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import type { Mesh } from '../fabric/mesh.js';
import { LANE_REPLY } from '../fabric/mesh.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import {
  BATCH_BYTES_MAX,
  COMMANDS_HEAD_BYTES,
  COMMAND_HEAD_BYTES,
  COMMAND_ID_BITS,
  DB_BITS,
  FLAGS_SHIFT,
  KIND,
  readWord,
  RING_NO_TOUCH,
  RING_RESP3,
} from './batch-layout.js';
import type { Executor, Request } from './executor.js';
import { GrowingBytes } from './growing-bytes.js';
import { WINDOW_REQUESTS } from './request-window.js';

const INITIAL_ENDS = 256;
const COMMAND_ID_MASK = (1 << COMMAND_ID_BITS) - 1;
const DB_MASK = (1 << DB_BITS) - 1;

/** A command taken from a ring. */
class RingRequest implements Request {
  readonly args: Args;
  id = 0;
  db = 0;
  flags = 0;
  keyIndex = 0;

  constructor(hashSeed: number) {
    this.args = new Args(hashSeed);
  }
}

export class ShardAdapter {
  readonly #mesh: Mesh;
  readonly #executor: Executor;
  readonly #requests: readonly RingRequest[];
  /** By command id: the argument whose hash came along. */
  readonly #firstKeys: readonly number[];
  readonly #reply = new RespEncoder();
  readonly #directory = new GrowingBytes(INITIAL_ENDS * 4);
  #ends = new Int32Array(INITIAL_ENDS);

  constructor(mesh: Mesh, executor: Executor, commands: readonly Command[], hashSeed: number) {
    this.#mesh = mesh;
    this.#executor = executor;
    this.#firstKeys = commands.map((command) => command.firstKey);
    this.#requests = Array.from({ length: WINDOW_REQUESTS }, () => new RingRequest(hashSeed));
  }

  /** Runs the commands of one record from `peer` and queues their replies. */
  handle(peer: number, bytes: Uint8Array, start: number): void {
    const session = readWord(bytes, start);
    const batch = readWord(bytes, start + 4);
    const count = readWord(bytes, start + 8);
    const executor = this.#executor;
    const requests = this.#requests;
    const reply = this.#reply;
    let at = start + COMMANDS_HEAD_BYTES;
    let unsent = 0;
    executor.begin();
    if (count > this.#ends.length) this.#ends = new Int32Array(count * 2);
    for (let done = 0; done < count;) {
      const window = Math.min(count - done, WINDOW_REQUESTS);
      for (let i = 0; i < window; i++) at = this.#decode(requests[i], bytes, at);
      if (window > 1) executor.warm(requests, window);
      for (let i = 0; i < window; i++) {
        this.#run(requests[i]);
        this.#ends[unsent++] = reply.length;
        if (reply.length < BATCH_BYTES_MAX) continue;
        this.#send(peer, session, batch, unsent);
        unsent = 0;
      }
      done += window;
    }
    executor.end();
    if (unsent > 0) this.#send(peer, session, batch, unsent);
  }

  /** Reads the command at `start`; returns the offset behind it. */
  #decode(request: RingRequest, bytes: Uint8Array, start: number): number {
    const { args } = request;
    const head = readWord(bytes, start);
    const argc = readWord(bytes, start + 8);
    request.id = head & COMMAND_ID_MASK;
    request.db = (head >>> COMMAND_ID_BITS) & DB_MASK;
    request.flags = head >>> FLAGS_SHIFT;
    args.reset(bytes);
    args.push(start, start); // the name does not travel
    let lengthAt = start + COMMAND_HEAD_BYTES;
    let at = lengthAt + 4 * (argc - 1);
    for (let i = 1; i < argc; i++, lengthAt += 4) {
      const end = at + readWord(bytes, lengthAt);
      args.push(at, end);
      at = end;
    }
    const firstKey = this.#firstKeys[request.id];
    request.keyIndex = firstKey < argc ? firstKey : 0;
    args.hashedIndex = firstKey;
    args.hashedValue = readWord(bytes, start + 4);
    return at;
  }

  #run(request: RingRequest): void {
    this.#reply.protocol = (request.flags & RING_RESP3) !== 0 ? 3 : 2;
    this.#executor.shard.touchOnAccess = (request.flags & RING_NO_TOUCH) === 0;
    this.#executor.run(request.id, request.db, request.args, this.#reply);
  }

  #send(peer: number, session: number, batch: number, count: number): void {
    const reply = this.#reply;
    const directory = this.#directory;
    directory.length = 0;
    for (let i = 0; i < count; i++) directory.appendWord(this.#ends[i]);
    directory.appendWord(count);
    directory.appendWord(batch);
    directory.appendWord(session);
    reply.raw(directory.bytes, 0, directory.length);
    this.#mesh.send(peer, LANE_REPLY, KIND.replies, reply.bytes, 0, reply.length);
    reply.reset();
  }
}
