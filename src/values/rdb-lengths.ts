// How many bytes lengths and strings take in an RDB file without compression (rdb.c, rdbSaveLen and rdbSaveRawString), for
// what DEBUG OBJECT tells.

import { parseSafeInteger } from '../base/integers.js';

/** Strings up to this length are tried as integers. */
const INTEGER_CHARS_MAX = 11;

export function rdbLengthBytes(length: number): number {
  if (length < 64) return 1;
  if (length < 16384) return 2;
  return length < 2 ** 32 ? 5 : 9;
}

/** Bytes of the string `bytes[start, end)` with its length. */
export function rdbStringBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= INTEGER_CHARS_MAX) {
    const value = parseSafeInteger(bytes, start, end);
    if (value >= -128 && value <= 127) return 2;
    if (value >= -32768 && value <= 32767) return 3;
    if (value >= -2147483648 && value <= 2147483647) return 5;
  }
  return rdbLengthBytes(length) + length;
}
