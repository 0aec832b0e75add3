// The bytes of a packed list: short elements one behind the other in one arena block.
//
//   block     | end:u32 | count:u16 | gap:u16 | free (gap bytes) | element ... | free |
//             `end`: offset behind the last element; the first stands at PACKED_HEAD_BYTES + gap
//   element   | head:1-9 | bytes | back:1-5 |
//
//   0vvvvvvv                        integer 0..127
//   110vvvvv vvvvvvvv               integer of 13 bits, signed, most significant byte first
//   0xf1 0xf2 0xf3 0xf4             integer of 16, 24, 32, 64 bits, signed, least significant byte first, behind the head
//   10llllll                        up to 63 bytes
//   1110llll llllllll               up to 4095 bytes, most significant byte first
//   0xf0 l:u32                      more, least significant byte first
//
//   back      bytes of head and content, 7 bits to a byte, read from right to left: the last byte holds the lowest bits,
//             and 0x80 in a byte says that more stand to its left
//
// The elements are those of Redis's listpack (https://github.com/antirez/listpack/blob/master/listpack.md), so that files
// which hold listpacks take them over by copying. The block's head is our own: Redis has no room at the front.
//
// Limits: PACKED_COUNT_MAX elements, PACKED_BYTES_MAX bytes. What owns a packed list moves to another form before.

import { assert } from '../base/assert.js';

/** Words and halves of the block's head. */
export const AT_END = 0;
export const AT_COUNT_HALF = 2;
export const AT_GAP_HALF = 3;
export const PACKED_HEAD_BYTES = 8;

/** The offset of no element. */
export const NOWHERE = 0;

export const PACKED_COUNT_MAX = 0xffff;
export const PACKED_GAP_MAX = 0xffff;
export const PACKED_BYTES_MAX = 256 * 1024 * 1024;
/** Bytes of an element beside its content, at most. */
export const ELEMENT_OVERHEAD_MAX = 10;

export const UINT7_MAX = 0x7f;
export const STRING6 = 0x80;
export const STRING6_END = 0xc0;
export const STRING6_MAX = 0x3f;
export const INT13 = 0xc0;
export const INT13_END = 0xe0;
export const INT13_LIMIT = 1 << 12;
export const STRING12 = 0xe0;
export const STRING12_END = 0xf0;
export const STRING12_MAX = 0xfff;
export const STRING32 = 0xf0;
export const INT16 = 0xf1;
export const INT24 = 0xf2;
export const INT32 = 0xf3;
export const INT64 = 0xf4;

export const BACK_BITS = 7;
export const BACK_MASK = 0x7f;
export const BACK_MORE = 0x80;

/** Bytes of the back length of an element whose head and content take `bytes`. */
export function backBytes(bytes: number): number {
  if (bytes <= 127) return 1;
  // The limits are the format's, one below what the bits would hold.
  if (bytes < 16383) return 2;
  if (bytes < 2097151) return 3;
  if (bytes < 268435455) return 4;
  return 5;
}

assert(AT_GAP_HALF * 2 + 2 === PACKED_HEAD_BYTES, 'the head ends with the gap');
const HEADS: readonly number[] = [UINT7_MAX + 1, STRING6_END, INT13_END, STRING12_END];
assert(HEADS.join() === [STRING6, INT13, STRING12, STRING32].join(), 'the heads follow each other');
