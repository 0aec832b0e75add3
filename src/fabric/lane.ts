// One lane from one thread to another: a ring with a private overflow before it (Outbox) and, on the other side, the
// ring with a buffer in which large records are put together (Inbox).
//
// A record above the ring's limit crosses in pieces, which carry the record's kind and a mark:
//
//   whole record:  kind             | payload
//   first piece:   kind | FIRST     | total:u32 | bytes ...
//   later pieces:  kind | NEXT      | bytes ...                    the last one completes `total`
//
// Invariants
// (1) Order: while anything waits in the overflow, everything new goes behind it.
// (2) Pieces of one record are consecutive in their lane; other lanes flow in between.
// (3) A large record is copied once into the overflow (what did not fit at once) and once into the receiver's buffer.
// Limits: kinds 0 to KIND_MAX; records up to RECORD_BYTES_MAX.

import { assert } from '../base/assert.js';
import { copyBytes, NO_BYTES } from '../base/bytes.js';
import { Overflow, unzeroedBytes } from './overflow.js';
import { RingConsumer, RingProducer } from './ring.js';

/** Kinds are 24-bit numbers; the bits above mark pieces. */
export const KIND_MAX = 0xffffff;
/** The announced total is a 32-bit number. */
export const RECORD_BYTES_MAX = 0xffffffff;

const FIRST = 1 << 24;
const NEXT = 1 << 25;
const TOTAL_BYTES = 4;

/** The sending end. */
export class Outbox {
  readonly peer: number;
  readonly lane: number;
  readonly ring: RingProducer;
  readonly overflow = new Overflow();
  /** On the mesh's list of outboxes to publish. */
  touched = false;

  constructor(peer: number, lane: number, memory: SharedArrayBuffer) {
    this.peer = peer;
    this.lane = lane;
    this.ring = new RingProducer(memory);
  }

  /** Writes the record to the ring, or copies what does not fit to the overflow. True: it is all in the ring. */
  send(kind: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    assert(kind >= 0 && kind <= KIND_MAX, 'kind within 24 bits');
    assert(length >= 0 && length <= RECORD_BYTES_MAX, 'record within the limit of a lane');
    if (!this.overflow.empty) {
      this.overflow.push(kind, bytes, start, end);
      return false;
    }
    if (length <= this.ring.recordBytesMax) {
      if (this.ring.tryWrite(kind, bytes, start, end)) return true;
      this.overflow.push(kind, bytes, start, end);
      return false;
    }
    const rest = this.#writePieces(kind, bytes, start, end);
    if (rest === end) return true;
    this.overflow.push(rest === start ? kind : kind | NEXT, bytes, rest, end);
    return false;
  }

  /** Moves from the overflow to the ring what fits; true when the overflow is empty. */
  pump(): boolean {
    const { overflow, ring } = this;
    while (overflow.front()) {
      const { kind, bytes, start, end } = overflow;
      if ((kind & NEXT) === 0 && end - start <= ring.recordBytesMax) {
        if (!ring.tryWrite(kind, bytes, start, end)) return false;
      } else {
        const rest = this.#writePieces(kind, bytes, start, end);
        if (rest !== end) {
          if (rest !== start) overflow.advance(rest, kind | NEXT);
          return false;
        }
      }
      overflow.shift();
    }
    return true;
  }

  /** Writes as many pieces as there is room for and returns where the rest begins. `kind` has NEXT when the first is gone. */
  #writePieces(kind: number, bytes: Uint8Array, start: number, end: number): number {
    const { ring } = this;
    let at = start;
    if ((kind & NEXT) === 0) {
      const piece = ring.recordBytesMax - TOTAL_BYTES;
      const target = ring.reserve(kind | FIRST, ring.recordBytesMax);
      if (target < 0) return at;
      writeTotal(ring.bytes, target, end - start);
      copyBytes(ring.bytes, target + TOTAL_BYTES, bytes, at, at + piece);
      at += piece;
    }
    while (at < end) {
      const piece = Math.min(ring.recordBytesMax, end - at);
      if (!ring.tryWrite(kind | NEXT, bytes, at, at + piece)) return at;
      at += piece;
    }
    return at;
  }
}

/** The receiving end. `next` gives one record at a time; whoever took it calls `taken`. */
export class Inbox {
  readonly peer: number;
  readonly lane: number;
  readonly ring: RingConsumer;
  /** The handler refused the record at the front in this drain: nothing more of this lane before the next. */
  refused = false;
  /** The current record, valid while `next` has returned RECORD and until `taken`. */
  kind = 0;
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** A large record on its way; its bytes so far. */
  #large: Uint8Array | undefined;
  #filled = 0;

  constructor(peer: number, lane: number, memory: SharedArrayBuffer) {
    this.peer = peer;
    this.lane = lane;
    this.ring = new RingConsumer(memory);
  }

  /** Points at the front record (RECORD), or moved a piece of a large one (PIECE), or found nothing (NOTHING). */
  next(): typeof NOTHING | typeof RECORD | typeof PIECE {
    const { ring } = this;
    if (this.#large !== undefined && this.#complete()) {
      this.#show(this.kind, this.#large, 0, this.#filled);
      return RECORD;
    }
    if (!ring.next()) return NOTHING;
    const { kind, start, end } = ring;
    if (kind <= KIND_MAX) {
      assert(this.#large === undefined, 'pieces of a record are consecutive');
      this.#show(kind, ring.bytes, start, end);
      return RECORD;
    }
    if ((kind & NEXT) !== 0) {
      this.#fill(start, end);
    } else {
      assert(this.#large === undefined, 'pieces of a record are consecutive');
      this.kind = kind & KIND_MAX;
      this.#large = unzeroedBytes(readTotal(ring.bytes, start));
      this.#filled = 0;
      this.#fill(start + TOTAL_BYTES, end);
    }
    ring.consume();
    return PIECE;
  }

  /** True when `next` would find nothing. Looks at the shared counter. */
  isEmpty(): boolean {
    return this.ring.isEmpty() && !this.#complete();
  }

  /** Drops the current record. */
  taken(): void {
    if (this.#large === undefined) {
      this.ring.consume();
    } else {
      this.#large = undefined;
      this.bytes = NO_BYTES;
    }
  }

  /** A large record has arrived whole and was not taken yet. */
  #complete(): boolean {
    return this.#large !== undefined && this.#filled === this.#large.length;
  }

  #show(kind: number, bytes: Uint8Array, start: number, end: number): void {
    this.kind = kind;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  #fill(start: number, end: number): void {
    assert(this.#large !== undefined && this.#filled + end - start <= this.#large.length, 'pieces add up to the total');
    copyBytes(this.#large, this.#filled, this.ring.bytes, start, end);
    this.#filled += end - start;
  }
}

export const NOTHING = 0;
export const RECORD = 1;
export const PIECE = 2;

function writeTotal(bytes: Uint8Array, at: number, total: number): void {
  for (let i = 0; i < TOTAL_BYTES; i++) bytes[at + i] = total >>> (8 * i);
}

function readTotal(bytes: Uint8Array, at: number): number {
  let total = 0;
  for (let i = 0; i < TOTAL_BYTES; i++) total |= bytes[at + i] << (8 * i);
  return total >>> 0;
}
