// Reads the parts of RDB values (rdb-format.ts) from a span, which may hold anything.
//
// (1) Nothing is read beyond the span, whatever a length in it says; what is broken throws MalformedRdb.
// (2) A string costs memory in proportion to the bytes that it was read from: a compressed one that claims more than its
//     input could become is refused before room is made for it.

import { LZF_EXPANSION_MAX, expandLzf } from '../../base/lzf.js';
import { writeInteger } from '../../base/integers.js';
import type { ByteView } from '../../base/bytes.js';
import { BLOCK_BYTES_MAX } from '../../memory/arena-layout.js';
import {
  ENCODED,
  LENGTH_14,
  LENGTH_32,
  LENGTH_6,
  LENGTH_64,
  LENGTH_BITS_MASK,
  LENGTH_KIND_SHIFT,
  SCORE_INF,
  SCORE_MINUS_INF,
  SCORE_NAN,
  STRING_INT16,
  STRING_INT32,
  STRING_INT8,
  STRING_LZF,
} from './rdb-format.js';

/** What was read is no RDB value. */
export class MalformedRdb extends Error {}

/** Throws unless `condition` holds. */
export function expectFormat(condition: boolean, reason: string): asserts condition {
  if (!condition) throw new MalformedRdb(reason);
}

const TWO_32 = 4294967296;
const INTEGER_CHARS_MAX = 12;

export class RdbReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  at: number;
  readonly #data: DataView;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the next `count` bytes stand, which are read by that. */
  #take(count: number): number {
    const { at } = this;
    expectFormat(count <= this.end - at, 'the value ends too early');
    this.at = at + count;
    return at;
  }

  byte(): number {
    return this.bytes[this.#take(1)];
  }

  /** A length: an integer up to 2^53. */
  length(): number {
    const head = this.byte();
    expectFormat(head >>> LENGTH_KIND_SHIFT !== ENCODED, 'a string stands where a length should');
    return this.#lengthBehind(head);
  }

  #lengthBehind(head: number): number {
    const kind = head >>> LENGTH_KIND_SHIFT;
    if (kind === LENGTH_6) return head & LENGTH_BITS_MASK;
    if (kind === LENGTH_14) return ((head & LENGTH_BITS_MASK) << 8) | this.byte();
    if (head === LENGTH_32) return this.#data.getUint32(this.#take(4));
    expectFormat(head === LENGTH_64, 'a length is written in an unknown way');
    const at = this.#take(8);
    const length = this.#data.getUint32(at) * TWO_32 + this.#data.getUint32(at + 4);
    expectFormat(Number.isSafeInteger(length), 'a length is too great');
    return length;
  }

  /** A length of 64 bits. */
  longLength(): bigint {
    if (this.at < this.end && this.bytes[this.at] === LENGTH_64) return this.#data.getBigUint64(this.#take(9) + 1);
    return BigInt(this.length());
  }

  /** A number of elements, each of which takes at least `bytesEach` bytes. */
  count(bytesEach: number): number {
    const count = this.length();
    expectFormat(count <= (this.end - this.at) / bytesEach, 'there are fewer elements than it says');
    return count;
  }

  int64(): bigint {
    return this.#data.getBigInt64(this.#take(8), true);
  }

  double(): number {
    return this.#data.getFloat64(this.#take(8), true);
  }

  /** A score as text. */
  textDouble(): number {
    const length = this.byte();
    if (length === SCORE_NAN) return NaN;
    if (length === SCORE_INF) return Infinity;
    if (length === SCORE_MINUS_INF) return -Infinity;
    const at = this.#take(length);
    return parseScore(this.bytes, at, at + length);
  }

  /** Points `view` at `count` bytes. */
  raw(count: number, view: ByteView): void {
    view.bytes = this.bytes;
    view.start = this.#take(count);
    view.end = this.at;
  }

  /** Points `view` at a string: within the source, or in memory of its own. */
  string(view: ByteView): void {
    const head = this.byte();
    if (head >>> LENGTH_KIND_SHIFT !== ENCODED) {
      const length = this.#lengthBehind(head);
      expectFormat(length <= BLOCK_BYTES_MAX, 'a string is too long');
      this.raw(length, view);
      return;
    }
    const encoding = head & LENGTH_BITS_MASK;
    if (encoding === STRING_LZF) this.#compressed(view);
    else if (encoding === STRING_INT8) spell((this.byte() << 24) >> 24, view);
    else if (encoding === STRING_INT16) spell(this.#data.getInt16(this.#take(2), true), view);
    else if (encoding === STRING_INT32) spell(this.#data.getInt32(this.#take(4), true), view);
    else throw new MalformedRdb('a string is written in an unknown way');
  }

  #compressed(view: ByteView): void {
    const from = this.length();
    const to = this.length();
    const at = this.#take(from);
    expectFormat(to <= BLOCK_BYTES_MAX && to <= from * LZF_EXPANSION_MAX, 'a compressed string is too long');
    const into = new Uint8Array(to);
    expectFormat(expandLzf(this.bytes, at, at + from, into, 0, to), 'a compressed string is broken');
    view.bytes = into;
    view.start = 0;
    view.end = to;
  }
}

function spell(value: number, view: ByteView): void {
  view.bytes = new Uint8Array(INTEGER_CHARS_MAX);
  view.start = 0;
  view.end = writeInteger(view.bytes, 0, value);
}

const SCORE = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;
const SCORE_CHARS_MAX = 330;

/** A score that was printed: a decimal number or an infinity; anything else is malformed. */
export function parseScore(bytes: Uint8Array, start: number, end: number): number {
  expectFormat(end - start <= SCORE_CHARS_MAX, 'a score is too long');
  const text = String.fromCharCode(...bytes.subarray(start, end));
  if (SCORE.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  expectFormat(infinite !== null, 'a score is no number');
  return infinite[1] === '-' ? -Infinity : Infinity;
}
