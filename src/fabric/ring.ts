// A queue of variable-length records between exactly two threads: one produces, one consumes, nobody locks.
//
//        head            tail
//   ......|rec|rec|rec|rec|..........|pad|       positions are counter & (capacity - 1); bytes in ring-layout.ts
//
// Head and tail count bytes for ever and wrap at 2^32 as signed 32-bit integers; only their difference means anything.
// Each side keeps its own counter and the last seen value of the other's privately, so an operation that finds room (or
// records) touches no shared counter. The producer's records become visible together with `publish`.
//
// Invariants
// (1) 0 <= tail - head <= capacity, in 32-bit arithmetic; both are multiples of 8. The ring can be filled exactly.
// (2) A record is contiguous: one that does not fit before the end of memory is preceded by a padding record.
// (3) Bytes in [head, tail) belong to the consumer, all others to the producer. The sequentially consistent store of
//     `tail` (`head`) comes after the plain writes (reads) of the bytes it hands over.
// (4) Whatever is in the ring, a record of at most `recordBytesMax` fits once half of the capacity is free, because it
//     and its padding take a quarter each.
//
// `starved` is the producer's word to the consumer that it went to sleep for want of room (mesh.ts).
// Limits: capacity is a power of two from 256 bytes to 1 GiB; a payload is at most capacity / 4 - 8 bytes.

import { assert } from '../base/assert.js';
import { copyBytes } from '../base/bytes.js';
import {
  ALIGNMENT,
  COUNTER_WORDS,
  DATA_OFFSET,
  HEAD_WORD,
  HEADER_BYTES,
  KIND_WORD,
  PADDING_KIND,
  recordBytes,
  RECORDS_PER_RING_MIN,
  RING_BYTES_DEFAULT,
  RING_BYTES_MAX,
  RING_BYTES_MIN,
  STARVED_WORD,
  TAIL_WORD,
} from './ring-layout.js';

/** Sees one record: `bytes[start, end)` is ring memory, valid during the call. */
export type RingHandler = (kind: number, bytes: Uint8Array, start: number, end: number) => void;

/** Shared memory for a ring of `capacityBytes` (a power of two); both counters begin at `counterStart` (a multiple of 8). */
export function createRing(capacityBytes = RING_BYTES_DEFAULT, counterStart = 0): SharedArrayBuffer {
  assert(capacityBytes >= RING_BYTES_MIN && capacityBytes <= RING_BYTES_MAX, 'ring capacity within its limits');
  assert((capacityBytes & (capacityBytes - 1)) === 0, 'ring capacity is a power of two');
  assert(counterStart % ALIGNMENT === 0, 'counters are aligned');
  const memory = new SharedArrayBuffer(DATA_OFFSET + capacityBytes);
  const counters = new Int32Array(memory, 0, COUNTER_WORDS);
  Atomics.store(counters, HEAD_WORD, counterStart | 0);
  Atomics.store(counters, TAIL_WORD, counterStart | 0);
  return memory;
}

/** The largest payload of a ring of `capacityBytes`. */
export function payloadBytesMax(capacityBytes: number): number {
  return capacityBytes / RECORDS_PER_RING_MIN - HEADER_BYTES;
}

/** The writing end. One per ring, on one thread. */
export class RingProducer {
  readonly capacity: number;
  /** The largest payload that `tryWrite` takes. */
  readonly recordBytesMax: number;
  readonly #counters: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  readonly #mask: number;
  /** Behind the last written record, published or not. */
  #tail: number;
  #published: number;
  /** The consumer's head when last looked at: it can only have moved on since. */
  #headSeen: number;

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - DATA_OFFSET;
    this.recordBytesMax = payloadBytesMax(this.capacity);
    this.#mask = this.capacity - 1;
    this.#counters = new Int32Array(memory, 0, COUNTER_WORDS);
    this.#bytes = new Uint8Array(memory, DATA_OFFSET);
    this.#words = new Int32Array(memory, DATA_OFFSET);
    this.#tail = this.#published = Atomics.load(this.#counters, TAIL_WORD);
    this.#headSeen = Atomics.load(this.#counters, HEAD_WORD);
  }

  /**
   * Copies `bytes[start, end)` into the ring as a record of `kind` (0 or more), invisible until `publish`. False: no room
   * now, nothing was written. Asserts that the payload is at most `recordBytesMax`.
   */
  tryWrite(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const at = this.reserve(kind, end - start);
    if (at < 0) return false;
    copyBytes(this.#bytes, at, bytes, start, end);
    return true;
  }

  /** The ring's memory, for filling what `reserve` gave. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Writes the header of a record of `length` bytes and returns the offset in `bytes` of its payload, which the caller
   * fills before `publish`; -1: no room now.
   */
  reserve(kind: number, length: number): number {
    assert(length >= 0 && length <= this.recordBytesMax, 'record within the limit of its ring');
    assert(kind >= 0, "negative kinds are the ring's own");
    const needed = recordBytes(length);
    const position = this.#tail & this.#mask;
    const beforeWrap = this.capacity - position;
    const padding = needed > beforeWrap ? beforeWrap : 0;
    if (padding + needed > this.capacity - ((this.#tail - this.#headSeen) | 0)) {
      if (padding + needed > this.free()) return -1;
    }
    let at = position;
    if (padding !== 0) {
      this.#words[at >> 2] = padding - HEADER_BYTES;
      this.#words[(at >> 2) + KIND_WORD] = PADDING_KIND;
      at = 0;
    }
    this.#words[at >> 2] = length;
    this.#words[(at >> 2) + KIND_WORD] = kind;
    this.#tail = (this.#tail + padding + needed) | 0;
    return at + HEADER_BYTES;
  }

  /** Makes everything written so far visible; true when there was something new. */
  publish(): boolean {
    if (this.#published === this.#tail) return false;
    this.#published = this.#tail;
    Atomics.store(this.#counters, TAIL_WORD, this.#tail);
    return true;
  }

  /** Free bytes by the consumer's present head. A record takes its header, alignment, and padding at the wrap. */
  free(): number {
    this.#headSeen = Atomics.load(this.#counters, HEAD_WORD);
    const used = (this.#tail - this.#headSeen) | 0;
    assert(used >= 0 && used <= this.capacity, 'used bytes within the capacity');
    return this.capacity - used;
  }

  /** Tells the consumer (true) that this side will sleep until half of the ring is free, or (false) that it woke. */
  setStarved(starved: boolean): void {
    Atomics.store(this.#counters, STARVED_WORD, starved ? 1 : 0);
  }
}

/**
 * The reading end. One per ring, on one thread. Either `read` with a handler, or step by step: `next`, look at `kind`,
 * `start` and `end`, then `consume`; and `release` once per batch.
 */
export class RingConsumer {
  readonly capacity: number;
  /** The ring's memory: the payload of the current record is `bytes[start, end)`. */
  readonly bytes: Uint8Array;
  kind = 0;
  start = 0;
  end = 0;
  readonly #counters: Int32Array;
  readonly #words: Int32Array;
  readonly #mask: number;
  /** A batch gives its space back at least every so many bytes. */
  readonly #releaseBytes: number;
  #head: number;
  #released: number;
  /** The producer's tail when last looked at. */
  #tailSeen: number;

  constructor(memory: SharedArrayBuffer) {
    this.capacity = memory.byteLength - DATA_OFFSET;
    this.#mask = this.capacity - 1;
    this.#releaseBytes = this.capacity / RECORDS_PER_RING_MIN;
    this.#counters = new Int32Array(memory, 0, COUNTER_WORDS);
    this.bytes = new Uint8Array(memory, DATA_OFFSET);
    this.#words = new Int32Array(memory, DATA_OFFSET);
    this.#head = this.#released = Atomics.load(this.#counters, HEAD_WORD);
    this.#tailSeen = Atomics.load(this.#counters, TAIL_WORD);
  }

  /** Hands up to `limit` records to `handler` and gives their space back; returns how many. */
  read(limit: number, handler: RingHandler): number {
    let count = 0;
    while (count < limit && this.next()) {
      handler(this.kind, this.bytes, this.start, this.end);
      this.consume();
      count++;
    }
    this.release();
    return count;
  }

  /** Points at the first record not yet consumed; false: there is none. */
  next(): boolean {
    for (;;) {
      if (this.#head === this.#tailSeen && this.isEmpty()) return false;
      const at = this.#head & this.#mask;
      const length = this.#words[at >> 2];
      const kind = this.#words[(at >> 2) + KIND_WORD];
      assert(length >= 0 && at + recordBytes(length) <= this.capacity, 'a record ends within its ring');
      if (kind !== PADDING_KIND) {
        this.kind = kind;
        this.start = at + HEADER_BYTES;
        this.end = this.start + length;
        return true;
      }
      this.#head = (this.#head + recordBytes(length)) | 0;
    }
  }

  /** Steps over the record that `next` found. Its bytes stay untouched until `release`, or a quarter of the ring later. */
  consume(): void {
    this.#head = (this.#head + recordBytes(this.end - this.start)) | 0;
    if (((this.#head - this.#released) | 0) >= this.#releaseBytes) this.release();
  }

  /** Gives the consumed space back to the producer; true when there was some. */
  release(): boolean {
    if (this.#released === this.#head) return false;
    this.#released = this.#head;
    Atomics.store(this.#counters, HEAD_WORD, this.#head);
    return true;
  }

  /** True when the producer has published nothing beyond what was consumed. Looks at the shared counter. */
  isEmpty(): boolean {
    this.#tailSeen = Atomics.load(this.#counters, TAIL_WORD);
    const used = (this.#tailSeen - this.#released) | 0;
    assert(used >= 0 && used <= this.capacity, 'used bytes within the capacity');
    return this.#tailSeen === this.#head;
  }

  /** True when the producer sleeps for want of room and there is enough again: half the ring. Ask after `release`. */
  producerMayResume(): boolean {
    if (Atomics.load(this.#counters, STARVED_WORD) === 0) return false;
    return ((this.#tailSeen - this.#released) | 0) <= this.capacity >> 1;
  }
}
