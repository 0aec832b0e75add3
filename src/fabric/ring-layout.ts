// Where things stand in a ring's shared memory. All counters are 32-bit words; all offsets are bytes.
//
//   0     | tail:i32 | starved:i32 | unused ...  |   written by the producer
//   128   | head:i32 | unused ...                |   written by the consumer
//   256   | records, `capacity` bytes            |
//
//   record = | length:i32 | kind:i32 | payload: length bytes | unused up to a multiple of 8 |
//
// Each side writes lines of its own only: 128 bytes, because processors fetch lines of 64 bytes in pairs.

import { assert } from '../base/assert.js';

const WORD_BYTES = 4;
export const LINE_BYTES = 128;

const TAIL_OFFSET = 0;
const STARVED_OFFSET = TAIL_OFFSET + WORD_BYTES;
const HEAD_OFFSET = TAIL_OFFSET + LINE_BYTES;
/** Where the records begin. */
export const DATA_OFFSET = HEAD_OFFSET + LINE_BYTES;

/** Indices of the counters among the 32-bit words before the records. */
export const TAIL_WORD = TAIL_OFFSET / WORD_BYTES;
export const STARVED_WORD = STARVED_OFFSET / WORD_BYTES;
export const HEAD_WORD = HEAD_OFFSET / WORD_BYTES;
export const COUNTER_WORDS = DATA_OFFSET / WORD_BYTES;

const LENGTH_OFFSET = 0;
const KIND_OFFSET = LENGTH_OFFSET + WORD_BYTES;
export const HEADER_BYTES = KIND_OFFSET + WORD_BYTES;
export const KIND_WORD = KIND_OFFSET / WORD_BYTES;

/** Records begin at multiples of this; also the smallest record, so that a header fits before every wrap. */
export const ALIGNMENT = 8;
assert(HEADER_BYTES === ALIGNMENT, 'a padding record is at least a header');
assert(DATA_OFFSET % LINE_BYTES === 0, 'records begin on a line of their own');

/** The kind of the record that fills the end of the ring when the next one does not fit before the wrap. */
export const PADDING_KIND = -1;

export const RING_BYTES_DEFAULT = 256 * 1024;
export const RING_BYTES_MIN = 256;
/** Used bytes are a difference of two 32-bit counters, which must stay positive. */
export const RING_BYTES_MAX = 1 << 30;
/** The largest record, header included, is this part of the ring: with its padding it then fits in half a ring. */
export const RECORDS_PER_RING_MIN = 4;

/** Ring bytes that a payload of `length` takes: header and alignment included. */
export function recordBytes(length: number): number {
  return (length + HEADER_BYTES + (ALIGNMENT - 1)) & -ALIGNMENT;
}
