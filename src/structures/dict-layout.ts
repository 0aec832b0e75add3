// The bytes of a dict: extendible hashing over 32-bit hashes, all of it in the arena.
//
//   root        ref | n:24 depth:8 | count | ttlCount | deep | buckets      24 bytes
//                 depth 0: ref and n describe the only partition; otherwise ref is the directory
//   directory   2^depth entries, indexed by the top `depth` bits of the hash, of
//                 ref | n:24 depth:8 | count | ttlCount                     16 bytes
//                 a partition of depth p < depth has 2^(depth - p) equal entries; counts live in the first of them
//   partition   n buckets of one cache line:
//                 10 x tag u16 | info u32 | 10 x ref u32                    64 bytes
//                 tag = low 15 bits of the hash << 1 | hasTtl;  info = slots used:4 | overflow:28
//
// (1) An entry's home is bucket (tag15 * n) >>> 15, monotone in the tag. It stands in the first bucket from there on
//     (cyclic) that had room; every bucket it passed counts it in `overflow`. So a lookup ends at overflow 0, and removal
//     leaves no tombstone.
// (2) Growing or shrinking a partition moves entries by tag alone; only a split reads keys (of one partition).

import { assert } from '../base/assert.js';

export const ROOT_WORDS = 6;
export const ROOT_BYTES = ROOT_WORDS * 4;

/** Words of the root and of a directory entry. */
export const AT_REF = 0;
export const AT_META = 1;
export const AT_COUNT = 2;
export const AT_TTL = 3;
/** Words of the root only: partitions as deep as the directory, buckets of all partitions. */
export const AT_DEEP = 4;
export const AT_BUCKETS = 5;

export const DIRECTORY_ENTRY_BYTES = 16;
export const DIRECTORY_ENTRY_WORDS_SHIFT = 2;

export const META_DEPTH_SHIFT = 24;
export const META_BUCKETS_MASK = 0xffffff;

export const BUCKET_SLOTS = 10;
export const BUCKET_BYTES = 64;
export const BUCKET_WORDS_SHIFT = 4;
/** Words of a bucket that hold tags, the word of its info, the word of its first ref. */
export const TAG_WORDS = 5;
export const AT_INFO = 5;
export const AT_REFS = 6;

export const INFO_SLOTS_MASK = 15;
export const INFO_OVERFLOW_SHIFT = 4;
export const INFO_OVERFLOW_ONE = 1 << INFO_OVERFLOW_SHIFT;

export const TAG_BITS = 15;
export const TAG_MASK = (1 << TAG_BITS) - 1;
export const TAG_COUNT = 1 << TAG_BITS;

/** Tag and directory index together use every bit of the hash. */
export const DEPTH_MAX = 32 - TAG_BITS;
/** Buckets at which a partition is split rather than grown. */
export const SPLIT_BUCKETS = 64;
/** More buckets than any partition gets unless hundreds of thousands of keys have 17 hash bits in common. */
export const PARTITION_BUCKETS_MAX = 65536;

/** A bucket count of a partition: block sizes of the arena, about 1/8 apart. */
const STEPS = [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64];

/** The next larger bucket count. */
export function bucketsAfter(n: number): number {
  for (const step of STEPS) if (step > n) return step;
  return Math.min(n + (1 << (28 - Math.clz32(n))), PARTITION_BUCKETS_MAX);
}

/** Entries that `n` buckets take before they grow: 85 %, so that chains of overflowing buckets stay short. */
export function capacityOf(n: number): number {
  return n === 1 ? BUCKET_SLOTS : (n * 17) >>> 1;
}

/** The smallest bucket count that takes `entries` with a little room. */
export function bucketsFor(entries: number): number {
  let n = 1;
  while (capacityOf(n) < entries && n < PARTITION_BUCKETS_MAX) n = bucketsAfter(n);
  return n;
}

assert(AT_REFS + BUCKET_SLOTS === BUCKET_BYTES / 4, 'a bucket is full of tags, info and refs');
assert(TAG_WORDS * 2 === BUCKET_SLOTS, 'two tags to a word');
assert(1 << (BUCKET_WORDS_SHIFT + 2) === BUCKET_BYTES, 'the bucket shift is the bucket size');
