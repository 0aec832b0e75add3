// 64-bit integers as two 32-bit halves, where a bigint would be garbage: from decimal digits and back.
//
//   halves[LOW] = bits 0..31, halves[HIGH] = bits 32..63, two's complement
//
// Doubles carry every step exactly: a number of 19 digits is taken apart at 10^9, and products are kept below 2^53.

import { assert } from './assert.js';
import { INT64_CHARS_MAX, writeInteger } from './integers.js';

/** Indices of the halves. */
export const LOW = 0;
export const HIGH = 1;

const ZERO = 0x30;
const MINUS = 0x2d;
const BILLION = 1e9;
const BILLION_DIGITS = 9;
const DIGITS_MAX = 19;
const TWO_16 = 65536;
const TWO_32 = 4294967296;
/** The high half of 2^63. */
const SIGN_HALF = 0x80000000;

/**
 * Reads the range as an int64 in its one decimal spelling (base/integers.ts) into `halves`; false when it spells none,
 * `halves` then hold anything.
 */
export function parseInt64Halves(bytes: Uint8Array, start: number, end: number, halves: Int32Array): boolean {
  const negative = end > start && bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > DIGITS_MAX) return false;
  if (bytes[first] === ZERO && (digits > 1 || negative)) return false;
  const split = Math.max(first, end - BILLION_DIGITS);
  const top = parseDigits(bytes, first, split);
  const rest = parseDigits(bytes, split, end);
  if (top < 0 || rest < 0) return false;

  // top * 10^9 + rest, in steps of 16 bits.
  const upper = Math.floor(top / TWO_16) * BILLION;
  const lower = (top % TWO_16) * BILLION + rest + (upper % TWO_16) * TWO_16;
  const high = Math.floor(upper / TWO_16) + Math.floor(lower / TWO_32);
  const low = lower % TWO_32;
  if (high >= SIGN_HALF && !(negative && high === SIGN_HALF && low === 0)) return false;
  halves[LOW] = negative ? -low : low;
  halves[HIGH] = negative ? ~high + (low === 0 ? 1 : 0) : high;
  return true;
}

/** The value of up to ten digits; -1 when something else stands among them. */
function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = bytes[i] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The value when it is a safe integer; NaN otherwise. */
export function safeOfHalves(low: number, high: number): number {
  const value = high * TWO_32 + (low >>> 0);
  return Number.isSafeInteger(value) ? value : NaN;
}

/** Writes the decimal digits at `at` and returns their end (at most INT64_CHARS_MAX bytes). */
export function writeInt64(bytes: Uint8Array, at: number, low: number, high: number): number {
  const safe = safeOfHalves(low, high);
  if (safe === safe) return writeInteger(bytes, at, safe);
  let upper = high >>> 0;
  let lower = low >>> 0;
  if (high < 0) {
    bytes[at++] = MINUS;
    upper = (~high + (lower === 0 ? 1 : 0)) >>> 0;
    lower = -low >>> 0;
  }
  // Divided by 10^9 like a number of three digits, the last two of 16 bits.
  const first = Math.floor(upper / BILLION);
  let rest = (upper % BILLION) * TWO_16 + (lower >>> 16);
  const second = Math.floor(rest / BILLION);
  rest = (rest % BILLION) * TWO_16 + (lower & 0xffff);
  const third = Math.floor(rest / BILLION);
  let tail = rest % BILLION;
  const end = writeInteger(bytes, at, first * TWO_32 + second * TWO_16 + third) + BILLION_DIGITS;
  for (let i = end - 1; i >= end - BILLION_DIGITS; i--) {
    const quotient = Math.floor(tail / 10);
    bytes[i] = ZERO + (tail - quotient * 10);
    tail = quotient;
  }
  return end;
}

// ---------------------------------------------------------------------- int64 in memory: the low word first

/** The int64 at `at` as a double: exact within ±2^53, the nearest beyond. */
export function int64At(words: Int32Array, at: number): number {
  return words[at + 1] * TWO_32 + (words[at] >>> 0);
}

export function bigInt64At(words: Int32Array, at: number): bigint {
  return (BigInt(words[at + 1]) << 32n) | BigInt(words[at] >>> 0);
}

/** Stores a safe integer. */
export function setInt64At(words: Int32Array, at: number, value: number): void {
  words[at] = value; // its low 32 bits
  words[at + 1] = Math.floor(value / TWO_32);
}

export function setBigInt64At(words: Int32Array, at: number, value: bigint): void {
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

/** Adds a whole number below 2^31 on either side of 0; beyond the range it wraps round. */
export function addInt64At(words: Int32Array, at: number, delta: number): void {
  const low = (words[at] >>> 0) + delta;
  words[at] = low | 0;
  if (low >= TWO_32) words[at + 1]++;
  else if (low < 0) words[at + 1]--;
}

assert(DIGITS_MAX + 1 === INT64_CHARS_MAX, 'the longest int64 is a sign and 19 digits');
