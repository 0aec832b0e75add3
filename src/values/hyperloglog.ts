// The arithmetic of HyperLogLog on strings of the format of hyperloglog-layout.ts: which register an element falls on and
// what it says, the dense registers, and the estimate. The sparse form stands in hyperloglog-sparse.ts.
//
// The estimator is Otmar Ertl's (https://arxiv.org/abs/1702.01284), the hash MurmurHash64A with Redis's seed: counts are the
// same numbers that Redis gives. Nothing allocates.

import { copyBytes } from '../base/bytes.js';
import { murmur64, murmurHigh, murmurLow } from '../base/murmur.js';
import {
  COUNT_AT,
  COUNT_BYTES,
  DENSE,
  DENSE_BYTES,
  EMPTY_BYTES,
  ENCODING_AT,
  HEAD_BYTES,
  INDEX_BITS,
  MAGIC,
  REGISTER_BITS,
  REGISTER_MAX,
  REGISTERS,
  REST_BITS,
  SPARSE,
  STALE,
  STALE_AT,
  XZERO,
} from './hyperloglog-layout.js';

const SEED = 0xadc83b19 | 0;
/** 1 / (2 ln 2). */
const ALPHA_INFINITY = 0.7213475204444817;
/** The greatest count: what does not fit an int64. */
export const COUNT_MAX = 2 ** 63;
const TWO_32 = 4294967296;
const INDEX_MASK = REGISTERS - 1;
/** Bits of the hash's low half behind the index. */
const LOW_REST_BITS = 32 - INDEX_BITS;

// ---------------------------------------------------------------------- elements

/** What the element that was hashed last says: its register, and the rank of the first 1 in the rest of its hash (1 to 51). */
export let hashedRegister = 0;
export let hashedRank = 0;

/** Hashes the element `bytes[start, end)`. */
export function hashElement(bytes: Uint8Array, start: number, end: number): void {
  murmur64(bytes, start, end, SEED);
  hashedRegister = murmurLow & INDEX_MASK;
  const rest = murmurLow >>> INDEX_BITS;
  if (rest !== 0) hashedRank = trailingZeros(rest) + 1;
  else if (murmurHigh !== 0) hashedRank = LOW_REST_BITS + trailingZeros(murmurHigh) + 1;
  else hashedRank = REST_BITS + 1;
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

// ---------------------------------------------------------------------- the head

/** True when `bytes[start, end)` may be a HyperLogLog: head, encoding and, of a dense one, the length are right. */
export function isHyperLogLog(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length < HEAD_BYTES) return false;
  for (let i = 0; i < MAGIC.length; i++) if (bytes[start + i] !== MAGIC[i]) return false;
  const encoding = bytes[start + ENCODING_AT];
  return encoding === DENSE ? length === DENSE_BYTES : encoding === SPARSE;
}

export function isDense(bytes: Uint8Array, start: number): boolean {
  return bytes[start + ENCODING_AT] === DENSE;
}

/** Writes a sparse one without elements, EMPTY_BYTES long. */
export function writeEmpty(bytes: Uint8Array, start: number): void {
  bytes.fill(0, start, start + EMPTY_BYTES);
  copyBytes(bytes, start, MAGIC, 0, MAGIC.length);
  bytes[start + ENCODING_AT] = SPARSE;
  bytes[start + HEAD_BYTES] = XZERO | ((REGISTERS - 1) >>> 8);
  bytes[start + HEAD_BYTES + 1] = (REGISTERS - 1) & 0xff;
}

/** Marks the cached count as out of date. */
export function markStale(bytes: Uint8Array, start: number): void {
  bytes[start + STALE_AT] |= STALE;
}

export function isStale(bytes: Uint8Array, start: number): boolean {
  return (bytes[start + STALE_AT] & STALE) !== 0;
}

/** The cached count, which is up to date: the nearest double. */
export function cachedCount(bytes: Uint8Array, start: number): number {
  let count = 0;
  for (let i = COUNT_BYTES - 1; i >= 0; i--) count = count * 256 + bytes[start + COUNT_AT + i];
  return count;
}

/** Caches a count as `estimate` gives it. */
export function cacheCount(bytes: Uint8Array, start: number, count: number): void {
  const low = count % TWO_32;
  const high = Math.floor(count / TWO_32);
  for (let i = 0; i < 4; i++) {
    bytes[start + COUNT_AT + i] = (low >>> 0) >>> (8 * i);
    bytes[start + COUNT_AT + 4 + i] = (high >>> 0) >>> (8 * i);
  }
}

// ---------------------------------------------------------------------- dense registers

/** Register `index` of the dense one at `start`. */
export function denseRegister(bytes: Uint8Array, start: number, index: number): number {
  const bit = index * REGISTER_BITS;
  const at = start + HEAD_BYTES + (bit >>> 3);
  const shift = bit & 7;
  const low = bytes[at] >>> shift;
  return (shift > 8 - REGISTER_BITS ? low | (bytes[at + 1] << (8 - shift)) : low) & REGISTER_MAX;
}

export function setDenseRegister(bytes: Uint8Array, start: number, index: number, value: number): void {
  const bit = index * REGISTER_BITS;
  const at = start + HEAD_BYTES + (bit >>> 3);
  const shift = bit & 7;
  bytes[at] = (bytes[at] & ~(REGISTER_MAX << shift)) | (value << shift);
  if (shift <= 8 - REGISTER_BITS) return;
  bytes[at + 1] = (bytes[at + 1] & ~(REGISTER_MAX >>> (8 - shift))) | (value >>> (8 - shift));
}

/** Raises a register; false: it was as high already. */
export function raiseDense(bytes: Uint8Array, start: number, index: number, value: number): boolean {
  if (value <= denseRegister(bytes, start, index)) return false;
  setDenseRegister(bytes, start, index, value);
  return true;
}

/** Raises the registers, a byte each, to those of the dense one at `start`. */
export function mergeDense(bytes: Uint8Array, start: number, registers: Uint8Array): void {
  let i = 0;
  for (let at = start + HEAD_BYTES; at < start + DENSE_BYTES; at += 3, i += 4) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    for (let j = 0; j < 4; j++) {
      const value = (four >>> (REGISTER_BITS * j)) & REGISTER_MAX;
      if (value > registers[i + j]) registers[i + j] = value;
    }
  }
}

// ---------------------------------------------------------------------- the estimate

/** Registers by value; `estimate` reads it. */
export const histogram = new Int32Array(REGISTER_MAX + 1);

/** Fills `histogram` from the dense one at `start`: four registers in three bytes. */
export function countDense(bytes: Uint8Array, start: number): void {
  histogram.fill(0);
  for (let at = start + HEAD_BYTES; at < start + DENSE_BYTES; at += 3) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    histogram[four & REGISTER_MAX]++;
    histogram[(four >>> 6) & REGISTER_MAX]++;
    histogram[(four >>> 12) & REGISTER_MAX]++;
    histogram[four >>> 18]++;
  }
}

/** Fills `histogram` from registers that have a byte each. */
export function countPlain(registers: Uint8Array): void {
  histogram.fill(0);
  for (let i = 0; i < REGISTERS; i++) histogram[registers[i]]++;
}

/** The number of elements that `histogram` tells of: an integer, COUNT_MAX when all registers are full. */
export function estimate(): number {
  const m = REGISTERS;
  let z = m * tau((m - histogram[REST_BITS + 1]) / m);
  for (let i = REST_BITS; i >= 1; i--) z = (z + histogram[i]) * 0.5;
  z += m * sigma(histogram[0] / m);
  return Math.min(Math.round((ALPHA_INFINITY * m * m) / z), COUNT_MAX);
}

/** The sum of x^(2^k) * 2^(k-1) over k >= 1, and x: what empty registers add. */
function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = x;
  for (let before = NaN; before !== z;) {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  }
  return z;
}

/** What full registers take away. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (let before = NaN; before !== z;) {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  }
  return z / 3;
}
