// The block sizes of an arena: steps of 8 bytes up to 128, then eight steps per doubling up to 32 KiB, so at most 12.5 %
// of a block is rounding. A span of a class takes as many pages as keep its tail under 12.5 %.
//
// Every bucket count of dict-layout.ts times 64 bytes is one of these sizes.

import { assert } from '../base/assert.js';
import { GRANULE_BYTES, PAGE_BYTES } from './arena-layout.js';

const LINEAR_BYTES_MAX = 128;
const STEPS_PER_DOUBLING = 8;
export const SMALL_BYTES_MAX = 32 * 1024;
const TABLE_BYTES_MAX = 1024;

const sizes: number[] = [0];
for (let size = GRANULE_BYTES; size <= LINEAR_BYTES_MAX; size += GRANULE_BYTES) sizes.push(size);
for (let base = LINEAR_BYTES_MAX; base < SMALL_BYTES_MAX; base *= 2) {
  for (let step = 1; step <= STEPS_PER_DOUBLING; step++) sizes.push(base + (base / STEPS_PER_DOUBLING) * step);
}

/** Classes are numbered from 1. */
export const CLASS_COUNT = sizes.length - 1;
/** Bytes of a block, by class. */
export const CLASS_BYTES = Int32Array.from(sizes);
/** Pages of a span, by class. */
export const CLASS_PAGES = new Int32Array(sizes.length);
/** Blocks of a span, by class. */
export const CLASS_BLOCKS = new Int32Array(sizes.length);

for (let c = 1; c <= CLASS_COUNT; c++) {
  let pages = Math.ceil(CLASS_BYTES[c] / PAGE_BYTES);
  while (((pages * PAGE_BYTES) % CLASS_BYTES[c]) * 8 > pages * PAGE_BYTES) pages++;
  CLASS_PAGES[c] = pages;
  CLASS_BLOCKS[c] = Math.floor((pages * PAGE_BYTES) / CLASS_BYTES[c]);
}

const LINEAR_CLASSES = LINEAR_BYTES_MAX / GRANULE_BYTES;
const LINEAR_LOG2 = 31 - Math.clz32(LINEAR_BYTES_MAX);
const STEPS_LOG2 = 31 - Math.clz32(STEPS_PER_DOUBLING);

/** Class by size in granules, for sizes up to 1 KiB: the allocator's fast lookup. */
const CLASS_BY_GRANULES = new Uint8Array(TABLE_BYTES_MAX / GRANULE_BYTES + 1);
for (let granules = 1, c = 1; granules < CLASS_BY_GRANULES.length; granules++) {
  if (granules * GRANULE_BYTES > CLASS_BYTES[c]) c++;
  CLASS_BY_GRANULES[granules] = c;
}

/** The class of the smallest block that holds `bytes`, 1 to SMALL_BYTES_MAX. */
export function classOf(bytes: number): number {
  if (bytes <= TABLE_BYTES_MAX) return CLASS_BY_GRANULES[(bytes + (GRANULE_BYTES - 1)) >>> 3];
  const last = bytes - 1;
  const log2 = 31 - Math.clz32(last);
  const step = (last >>> (log2 - STEPS_LOG2)) & (STEPS_PER_DOUBLING - 1);
  return LINEAR_CLASSES + (log2 - LINEAR_LOG2) * STEPS_PER_DOUBLING + step + 1;
}

for (let c = 1; c <= CLASS_COUNT; c++) {
  assert(classOf(CLASS_BYTES[c]) === c, 'a class size belongs to its class');
  assert(c === 1 || classOf(CLASS_BYTES[c - 1] + 1) === c, 'one byte more belongs to the next class');
}
