// The bytes of a set of integers (int-set.ts): one block of the arena.
//
//   head u32 | numbers in ascending order, all of one width              head = width:2 | count:30
//              width 0: int16, 1: int32, 2: int64, low word first
//
// The head is half of what the field's usual form takes, and numbers need no more than the alignment of their words.

import { assert } from '../base/assert.js';
import { BLOCK_BYTES_MAX } from '../memory/arena-layout.js';

export const INT_HEAD_BYTES = 4;
export const INT_HEAD_WORDS = INT_HEAD_BYTES / 4;
/** The head in units of the 16-bit view. */
export const INT_HEAD_HALVES = INT_HEAD_BYTES / 2;

export const INT_WIDTH_MASK = 3;
export const INT_COUNT_SHIFT = 2;

export const INT16 = 0;
export const INT32 = 1;
export const INT64 = 2;
export type IntWidth = typeof INT16 | typeof INT32 | typeof INT64;

/** Numbers that fit the largest block at the largest width. */
export const INT_COUNT_MAX = Math.floor((BLOCK_BYTES_MAX - INT_HEAD_BYTES) / 8);

/** Bytes of a number are 1 << intShift(width). */
export function intShift(width: IntWidth): number {
  return width + 1;
}

/** Bytes of a set. */
export function intSetBytes(width: IntWidth, count: number): number {
  return INT_HEAD_BYTES + count * (1 << intShift(width));
}

assert(INT_COUNT_MAX < 2 ** (32 - INT_COUNT_SHIFT), 'a head counts what a block holds');
