// How many bytes a length and a string take in an RDB file (rdb.c), for what DEBUG OBJECT tells.

import { parseSafeInteger } from '../base/integers.js';

/** The longest text that is tried as an integer. */
const RDB_INTEGER_CHARS_MAX = 11;

/** Bytes of a length. */
export function rdbLengthBytes(length: number): number {
  if (length < 64) return 1;
  return length < 16384 ? 2 : 5;
}

/** Bytes of the string `bytes[start, end)` without compression; what spells an integer of 32 bits is one. */
export function rdbStringBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= RDB_INTEGER_CHARS_MAX) {
    const value = parseSafeInteger(bytes, start, end);
    if (value >= -128 && value <= 127) return 2;
    if (value >= -32768 && value <= 32767) return 3;
    if (value >= -2147483648 && value <= 2147483647) return 5;
  }
  return rdbLengthBytes(length) + length;
}
