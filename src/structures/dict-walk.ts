// Walking a dict: SCAN, random sampling, the sweep for expired entries, and taking a dict apart in slices.
//
// A scan's cursor names a place in the space of hashes that does not depend on how the dict is cut at the moment:
//
//   cursor   | prefix of L bits, a 1, zeros up to 18 bits | tag / 2 : 14 |        0 is the start, and the end
//
// It says: every hash whose top L bits are below the prefix is done, and of those that have the prefix, all whose tag is
// below the given one. A partition that was split since is walked as its parts together; of one that was merged since
// only the entries with the prefix count. So an entry that is there from start to end is visited exactly once.

import { assert } from '../base/assert.js';
import type { Random } from '../base/prng.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  AT_BUCKETS,
  AT_COUNT,
  AT_DEEP,
  AT_INFO,
  AT_META,
  AT_REF,
  AT_REFS,
  AT_TTL,
  BUCKET_BYTES,
  BUCKET_SLOTS,
  BUCKET_WORDS_SHIFT,
  DEPTH_MAX,
  DIRECTORY_ENTRY_WORDS_SHIFT,
  INFO_OVERFLOW_SHIFT,
  INFO_SLOTS_MASK,
  META_BUCKETS_MASK,
  META_DEPTH_SHIFT,
  SPLIT_BUCKETS,
  TAG_BITS,
  TAG_COUNT,
  TAG_MASK,
} from './dict-layout.js';
import { elementHash, elementTtls } from './dict-element.js';
import type { Dict } from './dict.js';

const CURSOR_TAG_BITS = TAG_BITS - 1;
const CURSOR_PREFIX_BITS = DEPTH_MAX + 1;
/** Buckets that a scan step walks per entry asked for, so that a sparse dict costs a step no more than that. */
const SCAN_BUCKETS_PER_ENTRY = 10;
/** Random slots tried before the search takes the next entry it meets. */
const RANDOM_TRIES = 200;
/** Partitions without a TTL that a sweep skips for the price of one bucket. */
const SKIPS_PER_BUCKET = 8;

/** A partition as the directory describes it. */
export interface Partition {
  ref: Ref;
  buckets: number;
  depth: number;
  /** Its top `depth` bits. */
  prefix: number;
  count: number;
  ttls: number;
}

export function depthOf(dict: Dict): number {
  const words = dict.arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
  return words[((dict.root & REF_GRANULE_MASK) << 1) + AT_META] >>> META_DEPTH_SHIFT;
}

/** Reads the partition that holds hashes beginning with the top 17 bits `prefix17`. */
export function partitionAt(dict: Dict, prefix17: number, into: Partition): void {
  const views = dict.arena.i32;
  let words = views[dict.root >>> REF_SEGMENT_SHIFT];
  let at = (dict.root & REF_GRANULE_MASK) << 1;
  const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
  if (depth !== 0) {
    const directory = words[at + AT_REF];
    words = views[directory >>> REF_SEGMENT_SHIFT];
    at = (directory & REF_GRANULE_MASK) << 1;
    const index = prefix17 >>> (DEPTH_MAX - depth);
    const own = words[at + (index << DIRECTORY_ENTRY_WORDS_SHIFT) + AT_META] >>> META_DEPTH_SHIFT;
    at += ((index >>> (depth - own)) << (depth - own)) << DIRECTORY_ENTRY_WORDS_SHIFT;
  }
  into.ref = words[at + AT_REF];
  into.buckets = words[at + AT_META] & META_BUCKETS_MASK;
  into.depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
  into.prefix = prefix17 >>> (DEPTH_MAX - into.depth);
  into.count = words[at + AT_COUNT];
  into.ttls = words[at + AT_TTL];
}

export function newPartitionRecord(): Partition {
  return { ref: 0, buckets: 0, depth: 0, prefix: 0, count: 0, ttls: 0 };
}

/** The first tag whose home lies behind `bucket` of `n`. */
function tagBehind(bucket: number, n: number): number {
  return Math.ceil(((bucket + 1) * TAG_COUNT) / n);
}

// ---------------------------------------------------------------------- scan

/**
 * Visits entries from `cursor` on (0: from the start) until at least `count` were visited, and returns the next cursor,
 * an integer in [0, 2^32); 0: everything was visited. `visit` must not change the dict.
 */
export function scanDict(dict: Dict, cursor: number, count: number, visit: (entry: Ref) => void): number {
  if (dict.root === 0) return 0;
  let prefix = 0;
  let length = 0;
  let tag = 0;
  const marked = cursor >>> CURSOR_TAG_BITS;
  if (marked !== 0) {
    length = DEPTH_MAX - (31 - Math.clz32(marked & -marked));
    prefix = marked >>> (CURSOR_PREFIX_BITS - length);
    tag = (cursor & ((1 << CURSOR_TAG_BITS) - 1)) << 1;
  }
  const partition = newPartitionRecord();
  let visited = 0;
  let walked = 0;
  while (visited < count && walked < count * SCAN_BUCKETS_PER_ENTRY) {
    partitionAt(dict, prefix << (DEPTH_MAX - length), partition);
    // At a fresh prefix the cursor takes on the partition's own cut, unless that began before the prefix.
    const beginsHere = partition.depth >= length || (prefix & ((1 << (length - partition.depth)) - 1)) === 0;
    if (tag === 0 && beginsHere) {
      prefix = partition.prefix;
      length = partition.depth;
    }
    const parts = partition.depth > length ? 1 << (partition.depth - length) : 1;
    const behind = tagBehind((tag * partition.buckets) >>> TAG_BITS, partition.buckets);
    let end = tag + Math.ceil((behind - tag) / parts);
    end = Math.min(end + (end & 1), TAG_COUNT);
    if (end === tag) end = tag + 2;

    const first = prefix << (DEPTH_MAX - length);
    const last = (prefix + 1) << (DEPTH_MAX - length);
    for (let prefix17 = first; prefix17 < last; prefix17 = nextPrefix(partition)) {
      partitionAt(dict, prefix17, partition);
      const filter = partition.depth < length ? length : 0;
      visited += visitTags(dict, partition, tag, end, filter, prefix, visit);
      walked++;
    }

    tag = end;
    if (tag < TAG_COUNT) continue;
    tag = 0;
    prefix++;
    if (prefix === 1 << length) return 0;
  }
  const place = ((prefix << 1) | 1) << (DEPTH_MAX - length);
  return ((place << CURSOR_TAG_BITS) | (tag >>> 1)) >>> 0;
}

export function nextPrefix(partition: Partition): number {
  return (partition.prefix + 1) << (DEPTH_MAX - partition.depth);
}

/**
 * Visits the partition's entries with a tag in [from, to), with `filterBits` > 0 only those whose hash begins with
 * `filterPrefix`, and returns how many there were.
 */
function visitTags(
  dict: Dict,
  partition: Partition,
  from: number,
  to: number,
  filterBits: number,
  filterPrefix: number,
  visit: (entry: Ref) => void,
): number {
  const arena = dict.arena;
  const n = partition.buckets;
  const words = arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
  const tags = arena.u16[partition.ref >>> REF_SEGMENT_SHIFT];
  const base = (partition.ref & REF_GRANULE_MASK) << 1;
  const lastHome = ((to - 1) * n) >>> TAG_BITS;
  let visited = 0;
  for (let home = (from * n) >>> TAG_BITS; home <= lastHome; home++) {
    let bucket = home;
    for (let walked = 0; walked < n; walked++) {
      const word = base + (bucket << BUCKET_WORDS_SHIFT);
      const info = words[word + AT_INFO];
      const slots = info & INFO_SLOTS_MASK;
      for (let slot = 0; slot < slots; slot++) {
        const tag = tags[(word << 1) + slot] >>> 1;
        if (tag < from || tag >= to || (tag * n) >>> TAG_BITS !== home) continue;
        const ref = words[word + AT_REFS + slot];
        if (filterBits !== 0 && elementHash(arena, ref, dict.layout, dict.seed) >>> (32 - filterBits) !== filterPrefix)
          continue;
        visit(ref);
        visited++;
      }
      if (info >>> INFO_OVERFLOW_SHIFT === 0) break;
      bucket = bucket + 1 === n ? 0 : bucket + 1;
    }
  }
  return visited;
}

// ---------------------------------------------------------------------- sampling

const sampled = newPartitionRecord();

/**
 * An entry, each as likely as any other while no partition is much deeper or much emptier than the others; 0: the dict is
 * empty. A partition is met by its share of the hashes, so one with fewer buckets for its share is left again more often.
 */
export function randomDictEntry(dict: Dict, random: Random): Ref {
  if (dict.root === 0) return 0;
  const partition = sampled;
  const depth = depthOf(dict);
  for (let attempt = 0; attempt < RANDOM_TRIES; attempt++) {
    partitionAt(dict, random.next32() >>> TAG_BITS, partition);
    const { buckets } = partition;
    const most = depth === 0 ? buckets : Math.max(buckets, SPLIT_BUCKETS * 2 ** (depth - partition.depth));
    const place = random.below(most * BUCKET_SLOTS);
    const bucket = Math.floor(place / BUCKET_SLOTS);
    if (bucket >= buckets) continue;
    const slot = place - bucket * BUCKET_SLOTS;
    const words = dict.arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
    const word = ((partition.ref & REF_GRANULE_MASK) << 1) + (bucket << BUCKET_WORDS_SHIFT);
    if (slot < (words[word + AT_INFO] & INFO_SLOTS_MASK)) return words[word + AT_REFS + slot];
  }
  // Nearly empty: the next entry from a random place on.
  let prefix17 = random.next32() >>> TAG_BITS;
  for (;;) {
    partitionAt(dict, prefix17, partition);
    if (partition.count > 0) break;
    prefix17 = nextPrefix(partition) & ((1 << DEPTH_MAX) - 1);
  }
  const words = dict.arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
  const base = (partition.ref & REF_GRANULE_MASK) << 1;
  let bucket = random.below(partition.buckets);
  for (;;) {
    const word = base + (bucket << BUCKET_WORDS_SHIFT);
    const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
    if (slots > 0) return words[word + AT_REFS + random.below(slots)];
    bucket = bucket + 1 === partition.buckets ? 0 : bucket + 1;
  }
}

// ---------------------------------------------------------------------- sweep

const batch = new Int32Array(BUCKET_SLOTS);

/**
 * Visits the entries with a TTL in about `bucketsMax` buckets from `position` on (0: the start) and returns where to go
 * on; 0: the end was reached. `visit` may remove the entry that it is given, and nothing else. Entries without a TTL cost
 * nothing but the look at their tag.
 */
export function sweepTtl(dict: Dict, position: number, bucketsMax: number, visit: (entry: Ref) => void): number {
  const partition = newPartitionRecord();
  let prefix17 = position >>> TAG_BITS;
  let tag = position & TAG_MASK;
  let skips = 0;
  for (let walked = 0; walked < bucketsMax;) {
    if (dict.root === 0) return 0;
    partitionAt(dict, prefix17, partition);
    if (partition.ttls === 0) {
      tag = TAG_COUNT;
      if (++skips % SKIPS_PER_BUCKET === 0) walked++;
    } else {
      const bucket = (tag * partition.buckets) >>> TAG_BITS;
      const found = collectTtl(dict.arena, partition.ref, bucket);
      walked++;
      tag = tagBehind(bucket, partition.buckets);
      for (let i = 0; i < found; i++) visit(batch[i]);
    }
    if (tag >= TAG_COUNT) {
      tag = 0;
      prefix17 = nextPrefix(partition);
      if (prefix17 === 1 << DEPTH_MAX) return 0;
    }
  }
  return ((prefix17 << TAG_BITS) | tag) >>> 0;
}

/** Copies the refs of one bucket's entries with a TTL to the batch, because visiting them may move the bucket. */
function collectTtl(arena: Arena, part: Ref, bucket: number): number {
  const words = arena.i32[part >>> REF_SEGMENT_SHIFT];
  const tags = arena.u16[part >>> REF_SEGMENT_SHIFT];
  const word = ((part & REF_GRANULE_MASK) << 1) + (bucket << BUCKET_WORDS_SHIFT);
  const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
  let found = 0;
  for (let slot = 0; slot < slots; slot++) {
    if ((tags[(word << 1) + slot] & 1) !== 0) batch[found++] = words[word + AT_REFS + slot];
  }
  return found;
}

// ---------------------------------------------------------------------- moving

/**
 * Offers every entry of about `bucketsMax` buckets from `position` on (0: the start) to `move`, which returns the Ref of
 * its new block, or the same, and changes nothing else of the dict. Returns where to go on; 0: the end was reached.
 */
export function moveDictEntries(dict: Dict, position: number, bucketsMax: number, move: (entry: Ref) => Ref): number {
  if (dict.root === 0) return 0;
  const partition = newPartitionRecord();
  let prefix17 = position >>> TAG_BITS;
  let tag = position & TAG_MASK;
  for (let walked = 0; walked < bucketsMax; walked++) {
    partitionAt(dict, prefix17, partition);
    const bucket = (tag * partition.buckets) >>> TAG_BITS;
    const words = dict.arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
    const word = ((partition.ref & REF_GRANULE_MASK) << 1) + (bucket << BUCKET_WORDS_SHIFT);
    const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
    for (let slot = 0; slot < slots; slot++) words[word + AT_REFS + slot] = move(words[word + AT_REFS + slot]);
    tag = tagBehind(bucket, partition.buckets);
    if (tag < TAG_COUNT) continue;
    tag = 0;
    prefix17 = nextPrefix(partition);
    if (prefix17 === 1 << DEPTH_MAX) return 0;
  }
  return ((prefix17 << TAG_BITS) | tag) >>> 0;
}

// ---------------------------------------------------------------------- taking apart

/** A dict that nobody uses any more, being freed partition by partition. */
export class DictDrain {
  readonly #dict: Dict;
  #prefix17 = 0;
  readonly #partition = newPartitionRecord();

  /** Takes over `dict.root` and leaves the dict empty. */
  constructor(dict: Dict) {
    this.#dict = detachDict(dict);
  }

  /** Entries that are left. */
  get remaining(): number {
    return this.#dict.count;
  }

  /** Frees about `entriesMax` entries (whole partitions) with `freeEntry`; true: more is left. */
  step(entriesMax: number, freeEntry: (entry: Ref) => void): boolean {
    const dict = this.#dict;
    if (dict.root === 0) return false;
    const arena = dict.arena;
    const partition = this.#partition;
    const rootWords = arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
    const rootAt = (dict.root & REF_GRANULE_MASK) << 1;
    for (let freed = 0; freed < entriesMax && this.#prefix17 < 1 << DEPTH_MAX; freed += partition.count) {
      partitionAt(dict, this.#prefix17, partition);
      const words = arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
      let word = (partition.ref & REF_GRANULE_MASK) << 1;
      for (let bucket = 0; bucket < partition.buckets; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
        const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
        for (let slot = 0; slot < slots; slot++) freeEntry(words[word + AT_REFS + slot]);
      }
      arena.free(partition.ref);
      if (depthOf(dict) !== 0) rootWords[rootAt + AT_COUNT] -= partition.count;
      this.#prefix17 = nextPrefix(partition);
    }
    if (this.#prefix17 < 1 << DEPTH_MAX) return true;
    if (depthOf(dict) !== 0) arena.free(rootWords[rootAt + AT_REF]);
    arena.free(dict.root);
    dict.root = 0;
    return false;
  }
}

function detachDict(dict: Dict): Dict {
  const detached = dict.sibling(dict.root);
  dict.root = 0;
  return detached;
}

// ---------------------------------------------------------------------- check

/** Verifies the whole dict against its layout's invariants. O(entries). */
export function checkDict(dict: Dict): void {
  if (dict.root === 0) return;
  const arena = dict.arena;
  const root = arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
  const rootAt = (dict.root & REF_GRANULE_MASK) << 1;
  const depth = depthOf(dict);
  const partition = newPartitionRecord();
  let count = 0;
  let ttls = 0;
  let buckets = 0;
  let deep = 0;
  for (let prefix17 = 0; prefix17 < 1 << DEPTH_MAX; prefix17 = nextPrefix(partition)) {
    partitionAt(dict, prefix17, partition);
    assert(partition.depth <= depth, 'no partition is deeper than the directory');
    if (partition.depth === depth) deep++;
    checkCopies(dict, partition, depth);
    checkPartition(dict, partition);
    count += partition.count;
    ttls += partition.ttls;
    buckets += partition.buckets;
  }
  assert(count > 0, 'an empty dict holds no memory');
  assert(count === root[rootAt + AT_COUNT], 'the root counts all entries');
  assert(ttls === root[rootAt + AT_TTL], 'the root counts all TTLs');
  assert(buckets === root[rootAt + AT_BUCKETS], 'the root counts all buckets');
  assert(deep === root[rootAt + AT_DEEP], 'the root counts the deepest partitions');
  assert(deep > 0, 'a directory is as deep as its deepest partition');
}

function checkCopies(dict: Dict, partition: Partition, depth: number): void {
  if (depth === 0) return;
  const root = dict.arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
  const directory = root[((dict.root & REF_GRANULE_MASK) << 1) + AT_REF];
  const words = dict.arena.i32[directory >>> REF_SEGMENT_SHIFT];
  const base = (directory & REF_GRANULE_MASK) << 1;
  const copies = 1 << (depth - partition.depth);
  for (let i = 0; i < copies; i++) {
    const at = base + (((partition.prefix << (depth - partition.depth)) + i) << DIRECTORY_ENTRY_WORDS_SHIFT);
    assert(words[at + AT_REF] === partition.ref, 'all directory entries of a partition name it');
    assert(words[at + AT_META] >>> META_DEPTH_SHIFT === partition.depth, 'and agree on its depth');
    assert((words[at + AT_META] & META_BUCKETS_MASK) === partition.buckets, 'and on its buckets');
  }
}

function checkPartition(dict: Dict, partition: Partition): void {
  const arena = dict.arena;
  const n = partition.buckets;
  assert(arena.sizeOf(partition.ref) >= n * BUCKET_BYTES, 'a partition fits its block');
  const words = arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
  const tags = arena.u16[partition.ref >>> REF_SEGMENT_SHIFT];
  const base = (partition.ref & REF_GRANULE_MASK) << 1;
  const overflow = new Int32Array(n);
  let count = 0;
  let ttls = 0;
  for (let bucket = 0; bucket < n; bucket++) {
    const word = base + (bucket << BUCKET_WORDS_SHIFT);
    const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
    assert(slots <= BUCKET_SLOTS, 'a bucket has ten slots');
    for (let slot = 0; slot < slots; slot++) {
      const ref = words[word + AT_REFS + slot];
      const tag = tags[(word << 1) + slot];
      const hash = elementHash(arena, ref, dict.layout, dict.seed);
      assert((hash & TAG_MASK) === tag >>> 1, 'a tag is the low bits of the hash');
      const prefix = partition.depth === 0 ? 0 : hash >>> (32 - partition.depth);
      assert(prefix === partition.prefix, 'an entry stands in the partition of its hash');
      assert(elementTtls(arena, ref, dict.layout) === (tag & 1), 'a tag knows of the TTL');
      for (let passed = ((tag >>> 1) * n) >>> TAG_BITS; passed !== bucket;) {
        overflow[passed]++;
        passed = passed + 1 === n ? 0 : passed + 1;
      }
      count++;
      ttls += tag & 1;
    }
  }
  for (let bucket = 0; bucket < n; bucket++) {
    const info = words[base + (bucket << BUCKET_WORDS_SHIFT) + AT_INFO];
    assert(info >>> INFO_OVERFLOW_SHIFT === overflow[bucket], 'a bucket counts the entries that passed it');
  }
  assert(count === partition.count, 'a partition counts its entries');
  assert(ttls === partition.ttls, 'a partition counts its TTLs');
}
