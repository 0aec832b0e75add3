// Decimal integers as bytes, in the one spelling that Redis takes for a 64-bit integer: an optional '-', then digits
// without a leading zero (except "0" itself; "-0" is none), nothing else.
//
// The hot path works on doubles while they are exact (15 digits, or 16 that stay within 2^53) and falls to BigInt for
// the rest of the int64 range.

const ZERO = 0x30;
const MINUS = 0x2d;

/** Digits that always fit a double exactly. */
const EXACT_DIGITS_MAX = 15;
/** Characters of the longest int64, "-9223372036854775808". */
export const INT64_CHARS_MAX = 20;

export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN = -9223372036854775808n;
const TWO_32 = 4294967296;

/** The range's value when it spells an integer within ±(2^53 - 1); NaN when it spells anything else. */
export function parseSafeInteger(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const negative = end > start && bytes[at] === MINUS;
  if (negative) at++;
  const digits = end - at;
  if (digits < 1 || digits > EXACT_DIGITS_MAX + 1) return NaN;
  let value = bytes[at] - ZERO;
  if (value < 0 || value > 9) return NaN;
  if (value === 0) return digits === 1 && !negative ? 0 : NaN;
  for (at++; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    value = value * 10 + digit;
  }
  if (value > Number.MAX_SAFE_INTEGER) return NaN;
  return negative ? -value : value;
}

/** The range's value when it spells an int64; undefined when it does not. Allocates: for what `parseSafeInteger` refused. */
export function parseInt64(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const length = end - start;
  if (length < 1 || length > INT64_CHARS_MAX) return undefined;
  let at = start;
  const negative = bytes[at] === MINUS;
  if (negative) at++;
  if (at === end) return undefined;
  const first = bytes[at];
  if (first === ZERO) return length === 1 ? 0n : undefined;
  let text = '';
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte < ZERO || byte > ZERO + 9) return undefined;
    text += String.fromCharCode(byte);
  }
  const magnitude = BigInt(text);
  const value = negative ? -magnitude : magnitude;
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/** Writes a safe integer in decimal at `at` and returns the end of what was written (at most 17 bytes). */
export function writeInteger(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  if (rest < 0) {
    bytes[at++] = MINUS;
    rest = -rest;
  }
  const end = at + decimalDigits(rest);
  let i = end - 1;
  // Doubles divide slowly: only what is above 32 bits goes that way.
  while (rest >= TWO_32) {
    const quotient = Math.floor(rest / 10);
    bytes[i--] = ZERO + (rest - quotient * 10);
    rest = quotient;
  }
  let small = rest >>> 0;
  do {
    const quotient = (small / 10) >>> 0;
    bytes[i--] = ZERO + (small - quotient * 10);
    small = quotient;
  } while (small !== 0);
  return end;
}

/** Digits of a non-negative safe integer. */
export function decimalDigits(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10000) return 4;
  let digits = 5;
  for (let limit = 100000; value >= limit; limit *= 10) digits++;
  return digits;
}
