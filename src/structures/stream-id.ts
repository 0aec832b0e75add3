// The ID of a stream entry: <ms>-<seq>, two unsigned 64-bit integers, here as four 32-bit words that are int32 (so that
// they stay small integers for V8). They order as unsigned words, the first one first.
//
// An object of this class is a register: the code that works on streams has a few of them at module level and writes IDs
// into them; nothing here allocates but IDs beyond 2^53, which are spelt and read as bigints.

import { readWord, writeWord } from '../base/bytes.js';
import { writeInteger } from '../base/integers.js';

/** Digits of two unsigned 64-bit integers and the hyphen. */
export const ID_CHARS_MAX = 41;
export const ID_WORDS = 4;
export const ID_BYTES = ID_WORDS * 4;

const HYPHEN = 0x2d;
const ZERO = 0x30;
const TWO_32 = 4294967296;
const ALL_ONES = -1;

export class StreamId {
  msHigh = 0;
  msLow = 0;
  seqHigh = 0;
  seqLow = 0;

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): this {
    this.msHigh = msHigh | 0;
    this.msLow = msLow | 0;
    this.seqHigh = seqHigh | 0;
    this.seqLow = seqLow | 0;
    return this;
  }

  copy(other: StreamId): this {
    this.msHigh = other.msHigh;
    this.msLow = other.msLow;
    this.seqHigh = other.seqHigh;
    this.seqLow = other.seqLow;
    return this;
  }

  /** `<ms>-0`; `ms` is a safe integer. */
  setMs(ms: number): this {
    return this.set(Math.floor(ms / TWO_32), ms, 0, 0);
  }

  /** 0-0 */
  setMin(): this {
    return this.set(0, 0, 0, 0);
  }

  /** 18446744073709551615-18446744073709551615 */
  setMax(): this {
    return this.set(ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES);
  }

  get isMin(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === ALL_ONES;
  }

  /** The sequence is the greatest that there is. */
  get isLastOfMs(): boolean {
    return (this.seqHigh & this.seqLow) === ALL_ONES;
  }

  /** Negative, 0 or positive: how this ID orders to the other. */
  compare(other: StreamId): number {
    if (this.msHigh !== other.msHigh) return (this.msHigh >>> 0) - (other.msHigh >>> 0);
    if (this.msLow !== other.msLow) return (this.msLow >>> 0) - (other.msLow >>> 0);
    if (this.seqHigh !== other.seqHigh) return (this.seqHigh >>> 0) - (other.seqHigh >>> 0);
    return (this.seqLow >>> 0) - (other.seqLow >>> 0);
  }

  /** Becomes the next ID; false, and 0-0, when this was the last. */
  increment(): boolean {
    this.seqLow = (this.seqLow + 1) | 0;
    if (this.seqLow !== 0) return true;
    this.seqHigh = (this.seqHigh + 1) | 0;
    if (this.seqHigh !== 0) return true;
    this.msLow = (this.msLow + 1) | 0;
    if (this.msLow !== 0) return true;
    this.msHigh = (this.msHigh + 1) | 0;
    return this.msHigh !== 0;
  }

  /** Becomes the ID before; false, and the last of all, when this was the first. */
  decrement(): boolean {
    this.seqLow = (this.seqLow - 1) | 0;
    if (this.seqLow !== ALL_ONES) return true;
    this.seqHigh = (this.seqHigh - 1) | 0;
    if (this.seqHigh !== ALL_ONES) return true;
    this.msLow = (this.msLow - 1) | 0;
    if (this.msLow !== ALL_ONES) return true;
    this.msHigh = (this.msHigh - 1) | 0;
    return this.msHigh !== ALL_ONES;
  }

  /** Reads four words at `at`. */
  readWords(words: Int32Array, at: number): this {
    this.msHigh = words[at];
    this.msLow = words[at + 1];
    this.seqHigh = words[at + 2];
    this.seqLow = words[at + 3];
    return this;
  }

  writeWords(words: Int32Array, at: number): void {
    words[at] = this.msHigh;
    words[at + 1] = this.msLow;
    words[at + 2] = this.seqHigh;
    words[at + 3] = this.seqLow;
  }

  /** Reads ID_BYTES bytes that `writeBytes` wrote. */
  readBytes(bytes: Uint8Array, at: number): this {
    return this.set(readWord(bytes, at), readWord(bytes, at + 4), readWord(bytes, at + 8), readWord(bytes, at + 12));
  }

  writeBytes(bytes: Uint8Array, at: number): void {
    writeWord(bytes, at, this.msHigh);
    writeWord(bytes, at + 4, this.msLow);
    writeWord(bytes, at + 8, this.seqHigh);
    writeWord(bytes, at + 12, this.seqLow);
  }

  /** Spells the ID at `at` (at most ID_CHARS_MAX bytes) and returns the end. */
  spell(bytes: Uint8Array, at: number): number {
    if (this.msLow !== spelledLow || this.msHigh !== spelledHigh || spelledEnd === 0) {
      spelledLow = this.msLow;
      spelledHigh = this.msHigh;
      spelledEnd = writeUint64(spelled, 0, spelledLow, spelledHigh);
      spelled[spelledEnd++] = HYPHEN;
    }
    for (let i = 0; i < spelledEnd; i++) bytes[at + i] = spelled[i];
    if (this.seqHigh === 0 && this.seqLow >= 0 && this.seqLow <= 9) {
      bytes[at + spelledEnd] = ZERO + this.seqLow;
      return at + spelledEnd + 1;
    }
    return writeUint64(bytes, at + spelledEnd, this.seqLow, this.seqHigh);
  }
}

/** The milliseconds that were spelt last, with the hyphen: IDs that follow each other often share them. */
const spelled = new Uint8Array(ID_CHARS_MAX);
let spelledEnd = 0;
let spelledLow = 0;
let spelledHigh = 0;

/** Writes an unsigned 64-bit integer in decimal and returns its end. */
function writeUint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  const value = (high >>> 0) * TWO_32 + (low >>> 0);
  if (value <= Number.MAX_SAFE_INTEGER) return writeInteger(bytes, at, value);
  const text = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString();
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}
