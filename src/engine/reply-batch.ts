// The replies of one pass over a connection's input, put back into request order.
//
// A pass runs some commands in place and sends others to foreign shards. Its replies are a list of items in request
// order; an item is either a run of bytes that this thread wrote itself or the next reply of one source:
//
//   source 0..N-1   a shard: replies arrive over the ring, in order per shard
//   source HERE     bytes written in place (one item may hold the replies of many commands)
//   source HELD     a command that answers later on this thread (a promise, a merge over all shards)
//
// (1) A batch is complete when it is closed and no source owes a reply. What stands before the first reply that is owed may
//     leave earlier (`emitReady`); what has left is forgotten.
// (2) Batches of a connection leave in the order in which they began.

import { assert } from '../base/assert.js';
import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { RespEncoder } from '../protocol/resp-encoder.js';
import { REPLIES_TAIL_BYTES } from './batch-layout.js';

/** Item flag: the reply is awaited and thrown away (CLIENT REPLY OFF and SKIP). */
const DROP = 0x8000;
const SOURCE_MASK = 0x7fff;

const INITIAL_ITEMS = 64;
const PART_BYTES = 1024;

/** The replies of one source within one batch. */
class Part {
  readonly bytes = new GrowingBytes(PART_BYTES);
  ends = new Int32Array(INITIAL_ITEMS);
  count = 0;
  /** Next item to hand out. */
  cursor = 0;

  addEnd(end: number): void {
    if (this.count === this.ends.length) {
      const grown = new Int32Array(this.ends.length * 2);
      grown.set(this.ends);
      this.ends = grown;
    }
    this.ends[this.count++] = end;
  }

  clear(): void {
    this.bytes.clear();
    this.count = 0;
    this.cursor = 0;
  }
}

export class ReplyBatch {
  id = 0;
  /** Replies that sources still owe. */
  owed = 0;
  /** No more items will be added. */
  closed = false;
  /** Bytes of replies that have not left. */
  heldBytes = 0;
  readonly #here: number;
  readonly #held: number;
  readonly #parts: Part[] = [];
  #items = new Uint16Array(INITIAL_ITEMS);
  #count = 0;
  /** Items that have left. */
  #emitted = 0;

  constructor(shardCount: number) {
    this.#here = shardCount;
    this.#held = shardCount + 1;
    for (let i = 0; i < shardCount + 2; i++) this.#parts.push(new Part());
  }

  get complete(): boolean {
    return this.closed && this.owed === 0;
  }

  /** Takes what `out` holds from `mark` on over as one item. */
  addHere(out: RespEncoder, mark: number): void {
    if (out.length === mark) return;
    const part = this.#parts[this.#here];
    part.bytes.append(out.bytes, mark, out.length);
    part.addEnd(part.bytes.length);
    this.heldBytes += out.length - mark;
    out.rewind(mark);
    this.#addItem(this.#here);
  }

  /** The next item is a reply that `shard` owes. */
  addShard(shard: number, drop: boolean): void {
    this.owed++;
    this.#addItem(drop ? shard | DROP : shard);
  }

  /** The next item is a reply that this thread gives later through `settleHeld`. */
  addHeld(drop: boolean): void {
    this.owed++;
    this.#addItem(drop ? this.#held | DROP : this.#held);
  }

  /** A reply record of `shard` arrived; `bytes[start, end)` is laid out as batch-layout.ts says. */
  settleShard(shard: number, bytes: Uint8Array, start: number, end: number): void {
    const count = readWord(bytes, end - REPLIES_TAIL_BYTES);
    const directory = end - REPLIES_TAIL_BYTES - 4 * count;
    const part = this.#parts[shard];
    const base = part.bytes.length;
    part.bytes.append(bytes, start, directory);
    for (let i = 0; i < count; i++) part.addEnd(base + readWord(bytes, directory + 4 * i));
    this.heldBytes += directory - start;
    this.owed -= count;
    assert(this.owed >= 0, 'a shard gives no more replies than it owes');
  }

  settleHeld(bytes: Uint8Array, start: number, end: number): void {
    const part = this.#parts[this.#held];
    part.bytes.append(bytes, start, end);
    part.addEnd(part.bytes.length);
    this.heldBytes += end - start;
    this.owed--;
  }

  /** Appends all replies that have not left to `out`, in request order. */
  emit(out: RespEncoder): void {
    assert(this.complete, 'only a complete batch is emitted');
    this.emitReady(out);
  }

  /** The same up to the first reply that is still owed. The batch must be the first of its connection. */
  emitReady(out: RespEncoder): void {
    let i = this.#emitted;
    for (; i < this.#count; i++) {
      const item = this.#items[i];
      const part = this.#parts[item & SOURCE_MASK];
      if (part.cursor === part.count) break;
      const start = part.cursor === 0 ? 0 : part.ends[part.cursor - 1];
      const end = part.ends[part.cursor++];
      if ((item & DROP) === 0) out.raw(part.bytes.bytes, start, end);
      this.heldBytes -= end - start;
      if (part.cursor === part.count) part.clear();
    }
    this.#emitted = i;
  }

  /** Makes the batch ready for another use. */
  clear(): void {
    this.owed = 0;
    this.closed = false;
    this.heldBytes = 0;
    this.#count = 0;
    this.#emitted = 0;
    for (const part of this.#parts) part.clear();
  }

  #addItem(item: number): void {
    if (this.#count === this.#items.length) {
      const grown = new Uint16Array(this.#items.length * 2);
      grown.set(this.#items);
      this.#items = grown;
    }
    this.#items[this.#count++] = item;
  }
}
