// The bytes of a HyperLogLog: a string in the format of Redis (https://redis.io/docs, "HyperLogLog"; hyperloglog.c), so that
// GET gives what another server understands.
//
//   | "HYLL" | encoding:u8 | 0 0 0 | cached count:u64, least significant byte first | registers |
//
//   dense    16384 registers of 6 bits, the first in the low bits of the first byte
//   sparse   runs of equal registers, from the first to the last:
//              00llllll             up to 64 zeros               (length - 1)
//              01llllll llllllll    up to 16384 zeros            (length - 1, most significant byte first)
//              1vvvvvll             up to 4 registers of 1 to 32 (value - 1, length - 1)
//
// The highest bit of the cached count says that it is out of date.

import { bytesOf } from '../base/bytes.js';

export const MAGIC = bytesOf('HYLL');
export const ENCODING_AT = 4;
export const COUNT_AT = 8;
export const COUNT_BYTES = 8;
/** The byte of the count with the mark, and the mark. */
export const STALE_AT = COUNT_AT + COUNT_BYTES - 1;
export const STALE = 0x80;
export const HEAD_BYTES = COUNT_AT + COUNT_BYTES;

export const DENSE = 0;
export const SPARSE = 1;

/** Bits of the hash that choose the register, and those that are left. */
export const INDEX_BITS = 14;
export const REGISTERS = 1 << INDEX_BITS;
export const REST_BITS = 64 - INDEX_BITS;
export const REGISTER_BITS = 6;
export const REGISTER_MAX = (1 << REGISTER_BITS) - 1;
export const DENSE_BYTES = HEAD_BYTES + (REGISTERS * REGISTER_BITS) / 8;

export const XZERO = 0x40;
export const VALUE = 0x80;
/** Lengths, and the value, that the kinds of runs have room for. */
export const ZERO_LENGTH_MAX = 64;
export const XZERO_LENGTH_MAX = 16384;
export const VALUE_LENGTH_MAX = 4;
export const VALUE_MAX = 32;

/** An empty sparse one: a single run of zeros. */
export const EMPTY_BYTES = HEAD_BYTES + 2;
