// The geometry of an arena: what a Ref means and how memory is cut.
//
//   Ref (int32)  | segment:11 | granule:21 |      granule = 8 bytes, so a segment is 16 MiB and a shard 32 GiB
//   segment      2048 pages of 8 KiB; a span is a run of pages that holds blocks of one size class
//
// A Ref with its top bit set is a negative number, so that it stays a small integer for V8: take it apart with `>>>`,
// compare it with `=== 0` only. Segment 0 is never used, which makes Ref 0 the reference to nothing.

import { assert } from '../base/assert.js';

/** Reference to an arena block: an int32 in granules of 8 bytes; 0 is none. */
export type Ref = number & { readonly __ref?: never };

export const GRANULE_BYTES = 8;
export const GRANULE_SHIFT = 3;

export const PAGE_SHIFT = 13;
export const PAGE_BYTES = 1 << PAGE_SHIFT;

export const SEGMENT_SHIFT = 24;
export const SEGMENT_BYTES = 1 << SEGMENT_SHIFT;
export const SEGMENT_PAGES = SEGMENT_BYTES / PAGE_BYTES;
export const SEGMENT_PAGES_SHIFT = SEGMENT_SHIFT - PAGE_SHIFT;
/** Segment slots that a Ref can name; slot 0 stays empty. */
export const SEGMENT_SLOTS_MAX = 2048;

/** `ref >>> REF_SEGMENT_SHIFT` is the segment. */
export const REF_SEGMENT_SHIFT = SEGMENT_SHIFT - GRANULE_SHIFT;
/** `ref & REF_GRANULE_MASK` is the granule within the segment. */
export const REF_GRANULE_MASK = (1 << REF_SEGMENT_SHIFT) - 1;
/** `ref >>> REF_PAGE_SHIFT` is the page, counted over all segments. */
export const REF_PAGE_SHIFT = PAGE_SHIFT - GRANULE_SHIFT;
/** `(ref & REF_GRANULE_MASK) << REF_WORD_SHIFT` is the index into the segment's int32 view. */
export const REF_WORD_SHIFT = 1;

/** The largest block: a 512 MiB string with room for its growth. */
export const BLOCK_BYTES_MAX = 640 * 1024 * 1024;

assert(SEGMENT_SLOTS_MAX * 2 ** REF_SEGMENT_SHIFT === 2 ** 32, 'a Ref names every granule of every segment');
assert(new Uint8Array(new Uint16Array([1]).buffer)[0] === 1, 'the machine is little-endian');
