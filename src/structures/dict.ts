// A hash table of entries or members, wholly in the arena: the keyspace of a database, and every large set, hash and
// sorted set (dict-element.ts; what is said of entries below holds for members).
// The picture of its bytes stands in dict-layout.ts. Walking it (scan, sampling, sweeping, draining) is in dict-walk.ts.
//
// The object is a flyweight: `root` is the Ref of the structure, 0 for an empty dict, which holds no memory. Point it at
// another root to work on another dict; after a change store `root` where it came from.
//
// (1) No operation touches more than one partition (about 540 entries) and, when its depth changes, the directory.
// (2) `find` remembers where it found; `replaceFound` and `removeFound` act there, before anything else changes the dict.

import { assert } from '../base/assert.js';
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
  bucketsAfter,
  bucketsFor,
  BUCKET_BYTES,
  BUCKET_SLOTS,
  BUCKET_WORDS_SHIFT,
  capacityOf,
  DEPTH_MAX,
  DIRECTORY_ENTRY_BYTES,
  DIRECTORY_ENTRY_WORDS_SHIFT,
  INFO_OVERFLOW_ONE,
  INFO_OVERFLOW_SHIFT,
  INFO_SLOTS_MASK,
  META_BUCKETS_MASK,
  META_DEPTH_SHIFT,
  PARTITION_BUCKETS_MAX,
  ROOT_BYTES,
  SPLIT_BUCKETS,
  TAG_BITS,
  TAG_MASK,
} from './dict-layout.js';
import { membersHaveSameKey } from './member.js';
import { elementHash, elementHasKey, elementTtls, ENTRIES, type ElementLayout } from './dict-element.js';

/** A partition shrinks when its entries fill less than this share of its slots. */
const SHRINK_SHARE = 0.3;
/** Two halves of a split become one again when they hold at most this many entries together. */
const MERGE_ENTRIES_MAX = 200;
/** A split must send at least this share of the entries to either side; otherwise the hashes are too alike to part. */
const SPLIT_SHARE_MIN = 1 / 16;

/** `findTwin`: a Ref that no block has. */
export const MORE_BITS = 1;

export class Dict {
  /** The dict that this object stands for; 0: an empty one. */
  root: Ref;
  readonly arena: Arena;
  /** Seed of the hashes that callers pass. */
  readonly seed: number;
  /** What it holds: entries, or members of a collection. */
  readonly layout: ElementLayout;

  // Where the last `find` ended: partition, bucket number, bucket's word, slot.
  #part = 0;
  #bucket = 0;
  #word = 0;
  #slot = 0;
  #hash = 0;
  // Where `#locate` found the description of a partition.
  #homeWords: Int32Array;
  #homeAt = 0;
  #homePart = 0;

  constructor(arena: Arena, seed: number, root: Ref = 0, layout: ElementLayout = ENTRIES) {
    this.arena = arena;
    this.seed = seed;
    this.layout = layout;
    this.root = root;
    this.#homeWords = arena.i32[0];
  }

  /** Another flyweight of the same arena, seed and layout. */
  sibling(root: Ref): Dict {
    return new Dict(this.arena, this.seed, root, this.layout);
  }

  get count(): number {
    return this.root === 0 ? 0 : this.#rootWords()[this.#rootAt() + AT_COUNT];
  }

  /** Entries with a TTL. */
  get ttlCount(): number {
    return this.root === 0 ? 0 : this.#rootWords()[this.#rootAt() + AT_TTL];
  }

  /** Bytes of the index: root, directory and partitions, without the entries. */
  get indexBytes(): number {
    if (this.root === 0) return 0;
    const words = this.#rootWords();
    const at = this.#rootAt();
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    const directory = depth === 0 ? 0 : DIRECTORY_ENTRY_BYTES << depth;
    return ROOT_BYTES + directory + words[at + AT_BUCKETS] * BUCKET_BYTES;
  }

  // ------------------------------------------------------------------ one entry

  /** The entry whose key is `bytes[start, end)` with that hash; 0: none. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): Ref {
    const root = this.root;
    if (root === 0) return 0;
    const views = this.arena.i32;
    let words = views[root >>> REF_SEGMENT_SHIFT];
    let at = (root & REF_GRANULE_MASK) << 1;
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    if (depth !== 0) {
      const directory = words[at + AT_REF];
      words = views[directory >>> REF_SEGMENT_SHIFT];
      at = ((directory & REF_GRANULE_MASK) << 1) + ((hash >>> (32 - depth)) << DIRECTORY_ENTRY_WORDS_SHIFT);
    }
    const part = words[at + AT_REF];
    const n = words[at + AT_META] & META_BUCKETS_MASK;
    words = views[part >>> REF_SEGMENT_SHIFT];
    const base = (part & REF_GRANULE_MASK) << 1;
    const tag = hash & TAG_MASK;
    const pattern = Math.imul(tag, 0x20002);
    let bucket = (tag * n) >>> TAG_BITS;
    for (let walked = 0; walked < n; walked++) {
      const word = base + (bucket << BUCKET_WORDS_SHIFT);
      const info = words[word + AT_INFO];
      const slots = info & INFO_SLOTS_MASK;
      let matches = matchTags(words, word, pattern);
      while (matches !== 0) {
        const bit = 31 - Math.clz32(matches);
        matches ^= 1 << bit;
        const slot = slotOfBit(bit);
        if (slot >= slots) continue;
        const ref = words[word + AT_REFS + slot];
        if (!elementHasKey(this.arena, ref, this.layout, bytes, start, end)) continue;
        this.#part = part;
        this.#bucket = bucket;
        this.#word = word;
        this.#slot = slot;
        this.#hash = hash;
        return ref;
      }
      if (info >>> INFO_OVERFLOW_SHIFT === 0) return 0;
      bucket = bucket + 1 === n ? 0 : bucket + 1;
    }
    return 0;
  }

  /**
   * The member with the same key as `twin`, a member of another dict of this arena; 0: none. Of the `hash` only the upper
   * `bits` bits and the tag need to be right; MORE_BITS: so many do not tell where it is.
   */
  findTwin(hash: number, bits: number, twin: Ref): Ref {
    if (this.root === 0) return 0;
    this.#locate(hash);
    const part = this.#homeWords[this.#homeAt + AT_REF];
    const meta = this.#homeWords[this.#homeAt + AT_META];
    if (meta >>> META_DEPTH_SHIFT > bits) return MORE_BITS;
    const n = meta & META_BUCKETS_MASK;
    const words = this.arena.i32[part >>> REF_SEGMENT_SHIFT];
    const base = (part & REF_GRANULE_MASK) << 1;
    const pattern = Math.imul(hash & TAG_MASK, 0x20002);
    let bucket = ((hash & TAG_MASK) * n) >>> TAG_BITS;
    for (let walked = 0; walked < n; walked++) {
      const word = base + (bucket << BUCKET_WORDS_SHIFT);
      const info = words[word + AT_INFO];
      const slots = info & INFO_SLOTS_MASK;
      for (let matches = matchTags(words, word, pattern); matches !== 0;) {
        const bit = 31 - Math.clz32(matches);
        matches ^= 1 << bit;
        const slot = slotOfBit(bit);
        if (slot >= slots) continue;
        const ref = words[word + AT_REFS + slot];
        if (membersHaveSameKey(this.arena, ref, twin)) return ref;
      }
      if (info >>> INFO_OVERFLOW_SHIFT === 0) return 0;
      bucket = bucket + 1 === n ? 0 : bucket + 1;
    }
    return 0;
  }

  /**
   * Reads one word of the bucket where a key with `hash` is at home, so that its cache line is under way; the word is
   * worth nothing but must be used, or the load is optimised away. The first half of looking up several keys at once:
   * the loads of keys that do not depend on each other overlap, those of one `find` after the other do not.
   */
  touchBucket(hash: number): number {
    if (this.root === 0) return 0;
    this.#locate(hash);
    const word = this.#homeWord(hash);
    return this.arena.i32[this.#homePart >>> REF_SEGMENT_SHIFT][word + AT_INFO];
  }

  /** The second half: reads the first word of the entry that is most likely the key's, by its tag in the home bucket. */
  touchEntry(hash: number): number {
    if (this.root === 0) return 0;
    this.#locate(hash);
    const word = this.#homeWord(hash);
    const views = this.arena.i32;
    const words = views[this.#homePart >>> REF_SEGMENT_SHIFT];
    const matches = matchTags(words, word, Math.imul(hash & TAG_MASK, 0x20002));
    if (matches === 0) return 0;
    const slot = slotOfBit(31 - Math.clz32(matches));
    if (slot >= (words[word + AT_INFO] & INFO_SLOTS_MASK)) return 0; // a tag that is left over in a free slot
    const ref = words[word + AT_REFS + slot];
    return views[ref >>> REF_SEGMENT_SHIFT][(ref & REF_GRANULE_MASK) << 1];
  }

  /** Word index of the home bucket of `hash`, after `#locate(hash)`; leaves its partition in `#homePart`. */
  #homeWord(hash: number): number {
    const part = this.#homeWords[this.#homeAt + AT_REF];
    const n = this.#homeWords[this.#homeAt + AT_META] & META_BUCKETS_MASK;
    this.#homePart = part;
    return ((part & REF_GRANULE_MASK) << 1) + ((((hash & TAG_MASK) * n) >>> TAG_BITS) << BUCKET_WORDS_SHIFT);
  }

  /** Finds the very entry `ref` (its key's hash is `hash`), as `find` would; false: it is not in the dict. */
  findRef(hash: number, ref: Ref): boolean {
    if (this.root === 0) return false;
    this.#locate(hash);
    const part = this.#homeWords[this.#homeAt + AT_REF];
    const n = this.#homeWords[this.#homeAt + AT_META] & META_BUCKETS_MASK;
    const words = this.arena.i32[part >>> REF_SEGMENT_SHIFT];
    const base = (part & REF_GRANULE_MASK) << 1;
    let bucket = ((hash & TAG_MASK) * n) >>> TAG_BITS;
    for (let walked = 0; walked < n; walked++) {
      const word = base + (bucket << BUCKET_WORDS_SHIFT);
      const info = words[word + AT_INFO];
      const slots = info & INFO_SLOTS_MASK;
      for (let slot = 0; slot < slots; slot++) {
        if (words[word + AT_REFS + slot] !== ref) continue;
        this.#part = part;
        this.#bucket = bucket;
        this.#word = word;
        this.#slot = slot;
        this.#hash = hash;
        return true;
      }
      if (info >>> INFO_OVERFLOW_SHIFT === 0) return false;
      bucket = bucket + 1 === n ? 0 : bucket + 1;
    }
    return false;
  }

  /** Puts another block in the place of the found entry: same key, its TTL flag as given. */
  replaceFound(ref: Ref, hasTtl: boolean): void {
    const words = this.arena.i32[this.#part >>> REF_SEGMENT_SHIFT];
    words[this.#word + AT_REFS + this.#slot] = ref;
    const tags = this.arena.u16[this.#part >>> REF_SEGMENT_SHIFT];
    const tagAt = (this.#word << 1) + this.#slot;
    const tag = tags[tagAt];
    const flag = hasTtl ? 1 : 0;
    if ((tag & 1) === flag) return;
    tags[tagAt] = tag ^ 1;
    this.#locate(this.#hash);
    this.#addCounts(0, hasTtl ? 1 : -1);
  }

  /** Takes the found entry out of the dict; its block is the caller's. */
  removeFound(): void {
    const segment = this.#part >>> REF_SEGMENT_SHIFT;
    const words = this.arena.i32[segment];
    const tags = this.arena.u16[segment];
    const word = this.#word;
    this.#locate(this.#hash);
    const n = this.#homeWords[this.#homeAt + AT_META] & META_BUCKETS_MASK;
    const base = (this.#part & REF_GRANULE_MASK) << 1;
    for (let passed = ((this.#hash & TAG_MASK) * n) >>> TAG_BITS; passed !== this.#bucket;) {
      words[base + (passed << BUCKET_WORDS_SHIFT) + AT_INFO] -= INFO_OVERFLOW_ONE;
      passed = passed + 1 === n ? 0 : passed + 1;
    }
    const last = (words[word + AT_INFO] & INFO_SLOTS_MASK) - 1;
    assert(this.#slot <= last, 'the found entry still stands in its bucket');
    const tag = tags[(word << 1) + this.#slot];
    tags[(word << 1) + this.#slot] = tags[(word << 1) + last];
    words[word + AT_REFS + this.#slot] = words[word + AT_REFS + last];
    words[word + AT_INFO]--;
    this.#addCounts(-1, -(tag & 1));
    const count = this.#homeWords[this.#homeAt + AT_COUNT];
    if (count < n * (BUCKET_SLOTS * SHRINK_SHARE)) this.#shrink(this.#hash, count, n);
  }

  /** Adds an entry whose key is not in the dict. */
  insert(hash: number, ref: Ref, hasTtl: boolean): void {
    if (this.root === 0) this.#create();
    this.#locate(hash);
    let n = this.#homeWords[this.#homeAt + AT_META] & META_BUCKETS_MASK;
    while (this.#homeWords[this.#homeAt + AT_COUNT] >= capacityOf(n)) {
      this.#makeRoom(hash, n);
      this.#locate(hash);
      n = this.#homeWords[this.#homeAt + AT_META] & META_BUCKETS_MASK;
    }
    const part = this.#homeWords[this.#homeAt + AT_REF];
    place(this.arena, part, n, ((hash & TAG_MASK) << 1) | (hasTtl ? 1 : 0), ref);
    this.#addCounts(1, hasTtl ? 1 : 0);
  }

  // ------------------------------------------------------------------ where things stand

  #rootWords(): Int32Array {
    return this.arena.i32[this.root >>> REF_SEGMENT_SHIFT];
  }

  #rootAt(): number {
    return (this.root & REF_GRANULE_MASK) << 1;
  }

  /** Points #homeWords/#homeAt at the partition's first description (the one with the counts). */
  #locate(hash: number): void {
    let words = this.#rootWords();
    let at = this.#rootAt();
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    if (depth !== 0) {
      const directory = words[at + AT_REF];
      words = this.arena.i32[directory >>> REF_SEGMENT_SHIFT];
      at = (directory & REF_GRANULE_MASK) << 1;
      const index = hash >>> (32 - depth);
      const own = words[at + (index << DIRECTORY_ENTRY_WORDS_SHIFT) + AT_META] >>> META_DEPTH_SHIFT;
      at += ((index >>> (depth - own)) << (depth - own)) << DIRECTORY_ENTRY_WORDS_SHIFT;
    }
    this.#homeWords = words;
    this.#homeAt = at;
  }

  /** Adds to the counts of the located partition and of the whole. */
  #addCounts(entries: number, ttls: number): void {
    const words = this.#homeWords;
    const at = this.#homeAt;
    words[at + AT_COUNT] += entries;
    words[at + AT_TTL] += ttls;
    const root = this.#rootWords();
    const rootAt = this.#rootAt();
    if (rootAt === at && root === words) return;
    root[rootAt + AT_COUNT] += entries;
    root[rootAt + AT_TTL] += ttls;
  }

  /** Describes the partition of `prefix` (its top `depth` bits) in every directory entry that is its. */
  #describe(prefix: number, depth: number, part: Ref, n: number, count: number, ttls: number): void {
    const root = this.#rootWords();
    let at = this.#rootAt();
    const rootDepth = root[at + AT_META] >>> META_DEPTH_SHIFT;
    let words = root;
    if (rootDepth !== 0) {
      const directory = root[at + AT_REF];
      words = this.arena.i32[directory >>> REF_SEGMENT_SHIFT];
      at = ((directory & REF_GRANULE_MASK) << 1) + ((prefix << (rootDepth - depth)) << DIRECTORY_ENTRY_WORDS_SHIFT);
    }
    const copies = 1 << (rootDepth - depth);
    for (let i = 0; i < copies; i++, at += 1 << DIRECTORY_ENTRY_WORDS_SHIFT) {
      words[at + AT_REF] = part;
      words[at + AT_META] = n | (depth << META_DEPTH_SHIFT);
      words[at + AT_COUNT] = count;
      words[at + AT_TTL] = ttls;
    }
  }

  // ------------------------------------------------------------------ growth

  #create(): void {
    this.root = this.arena.alloc(ROOT_BYTES);
    const part = newPartition(this.arena, 1);
    const words = this.#rootWords();
    const at = this.#rootAt();
    words[at + AT_REF] = part;
    words[at + AT_META] = 1;
    words[at + AT_COUNT] = 0;
    words[at + AT_TTL] = 0;
    words[at + AT_DEEP] = 1;
    words[at + AT_BUCKETS] = 1;
  }

  #makeRoom(hash: number, n: number): void {
    const depth = this.#homeWords[this.#homeAt + AT_META] >>> META_DEPTH_SHIFT;
    if (n >= SPLIT_BUCKETS && depth < DEPTH_MAX && this.#split(hash)) return;
    assert(n < PARTITION_BUCKETS_MAX, 'fewer than half a million keys share 17 bits of their hash');
    this.#resize(hash, bucketsAfter(n));
  }

  /** Moves a partition's entries to a block of `n` buckets. */
  #resize(hash: number, n: number): void {
    this.#locate(hash);
    const words = this.#homeWords;
    const at = this.#homeAt;
    const old = words[at + AT_REF];
    const oldN = words[at + AT_META] & META_BUCKETS_MASK;
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    const part = newPartition(this.arena, n);
    moveAll(this.arena, old, oldN, part, n);
    this.arena.free(old);
    this.#describe(prefixOf(hash, depth), depth, part, n, words[at + AT_COUNT], words[at + AT_TTL]);
    this.#rootWords()[this.#rootAt() + AT_BUCKETS] += n - oldN;
  }

  /** Parts the partition of `hash` by the next bit; false: the hashes are too alike, nothing changed. */
  #split(hash: number): boolean {
    const words = this.#homeWords;
    const at = this.#homeAt;
    const old = words[at + AT_REF];
    const n = words[at + AT_META] & META_BUCKETS_MASK;
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    const count = words[at + AT_COUNT];
    const ttls = words[at + AT_TTL];

    const arena = this.arena;
    const source = arena.i32[old >>> REF_SEGMENT_SHIFT];
    const sourceTags = arena.u16[old >>> REF_SEGMENT_SHIFT];
    const base = (old & REF_GRANULE_MASK) << 1;
    assert(countTtls(arena, old, n, this.layout) === ttls, 'entries and tags agree on the TTLs');
    if (sides.length < count) sides = new Uint8Array(count * 2);
    let seen = 0;
    let right = 0;
    let rightTtls = 0;
    for (let bucket = 0, word = base; bucket < n; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
      const slots = source[word + AT_INFO] & INFO_SLOTS_MASK;
      for (let slot = 0; slot < slots; slot++) {
        const side = (elementHash(arena, source[word + AT_REFS + slot], this.layout, this.seed) >>> (31 - depth)) & 1;
        sides[seen++] = side;
        right += side;
        rightTtls += side & sourceTags[(word << 1) + slot];
      }
    }
    assert(seen === count, 'a partition holds as many entries as it counts');
    if (Math.min(right, count - right) < count * SPLIT_SHARE_MIN) return false;

    const leftN = bucketsFor(Math.ceil((count - right) * 1.2));
    const rightN = bucketsFor(Math.ceil(right * 1.2));
    const leftPart = newPartition(arena, leftN);
    const rightPart = newPartition(arena, rightN);
    seen = 0;
    for (let bucket = 0, word = base; bucket < n; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
      const slots = source[word + AT_INFO] & INFO_SLOTS_MASK;
      for (let slot = 0; slot < slots; slot++) {
        const tag = sourceTags[(word << 1) + slot];
        const ref = source[word + AT_REFS + slot];
        if (sides[seen++] === 0) place(arena, leftPart, leftN, tag, ref);
        else place(arena, rightPart, rightN, tag, ref);
      }
    }
    arena.free(old);
    if (depth === this.#depth()) this.#doubleDirectory();
    const prefix = prefixOf(hash, depth) << 1;
    this.#describe(prefix, depth + 1, leftPart, leftN, count - right, ttls - rightTtls);
    this.#describe(prefix | 1, depth + 1, rightPart, rightN, right, rightTtls);
    const root = this.#rootWords();
    if (depth + 1 === this.#depth()) root[this.#rootAt() + AT_DEEP] += 2;
    root[this.#rootAt() + AT_BUCKETS] += leftN + rightN - n;
    return true;
  }

  #depth(): number {
    return this.#rootWords()[this.#rootAt() + AT_META] >>> META_DEPTH_SHIFT;
  }

  /** One more bit of the hash selects directory entries; every partition now has twice as many of them. */
  #doubleDirectory(): void {
    const depth = this.#depth();
    const directory = this.arena.alloc(DIRECTORY_ENTRY_BYTES << (depth + 1));
    const target = this.arena.i32[directory >>> REF_SEGMENT_SHIFT];
    let to = (directory & REF_GRANULE_MASK) << 1;
    const root = this.#rootWords();
    const rootAt = this.#rootAt();
    const old = root[rootAt + AT_REF];
    const source = depth === 0 ? root : this.arena.i32[old >>> REF_SEGMENT_SHIFT];
    let from = depth === 0 ? rootAt : (old & REF_GRANULE_MASK) << 1;
    for (let i = 0; i < 1 << depth; i++, from += 4) {
      for (let copy = 0; copy < 2; copy++, to += 4) {
        target[to + AT_REF] = source[from + AT_REF];
        target[to + AT_META] = source[from + AT_META];
        target[to + AT_COUNT] = source[from + AT_COUNT];
        target[to + AT_TTL] = source[from + AT_TTL];
      }
    }
    if (depth !== 0) this.arena.free(old);
    root[rootAt + AT_REF] = directory;
    root[rootAt + AT_META] = (depth + 1) << META_DEPTH_SHIFT;
    root[rootAt + AT_DEEP] = 0;
  }

  // ------------------------------------------------------------------ shrinking

  #shrink(hash: number, count: number, n: number): void {
    if (this.count === 0) {
      this.#destroy(hash);
      return;
    }
    if (this.#merge(hash, count)) return;
    const fewer = bucketsFor(Math.ceil(count * 1.2));
    if (fewer < n) this.#resize(hash, fewer);
  }

  /** Frees the memory of a dict whose last entry went; nearly always that is one partition. */
  #destroy(hash: number): void {
    while (this.#depth() !== 0) {
      this.#locate(hash);
      if (!this.#merge(hash, 0)) hash = this.#deepestPrefix();
    }
    this.arena.free(this.#rootWords()[this.#rootAt() + AT_REF]);
    this.arena.free(this.root);
    this.root = 0;
  }

  /** A hash whose partition is as deep as the directory: its buddy is too, so the two can merge. */
  #deepestPrefix(): number {
    const root = this.#rootWords();
    const directory = root[this.#rootAt() + AT_REF];
    const depth = this.#depth();
    const words = this.arena.i32[directory >>> REF_SEGMENT_SHIFT];
    let at = ((directory & REF_GRANULE_MASK) << 1) + AT_META;
    let index = 0;
    while (words[at] >>> META_DEPTH_SHIFT !== depth) {
      index++;
      at += 4;
    }
    return index << (32 - depth);
  }

  /** Joins the partition of `hash` with the other half of its split when both are nearly empty. */
  #merge(hash: number, count: number): boolean {
    const words = this.#homeWords;
    const at = this.#homeAt;
    const depth = words[at + AT_META] >>> META_DEPTH_SHIFT;
    if (depth === 0) return false;
    const rootDepth = this.#depth();
    const prefix = prefixOf(hash, depth);
    const distance = (1 << (rootDepth - depth)) << DIRECTORY_ENTRY_WORDS_SHIFT;
    const buddyAt = (prefix & 1) === 0 ? at + distance : at - distance;
    if (words[buddyAt + AT_META] >>> META_DEPTH_SHIFT !== depth) return false;
    const total = count + words[buddyAt + AT_COUNT];
    if (total > MERGE_ENTRIES_MAX) return false;
    const n = bucketsFor(Math.ceil(total * 1.2));
    const ttls = words[at + AT_TTL] + words[buddyAt + AT_TTL];
    const part = newPartition(this.arena, n);
    let buckets = 0;
    for (const half of [at, buddyAt]) {
      const halfPart = words[half + AT_REF];
      const halfN = words[half + AT_META] & META_BUCKETS_MASK;
      moveAll(this.arena, halfPart, halfN, part, n);
      this.arena.free(halfPart);
      buckets += halfN;
    }
    this.#describe(prefix >>> 1, depth - 1, part, n, total, ttls);
    const root = this.#rootWords();
    root[this.#rootAt() + AT_BUCKETS] += n - buckets;
    if (depth === rootDepth) {
      root[this.#rootAt() + AT_DEEP] -= 2;
      while (this.#depth() !== 0 && this.#rootWords()[this.#rootAt() + AT_DEEP] === 0) this.#halveDirectory();
    }
    return true;
  }

  /** No partition needs the directory's last bit any more. */
  #halveDirectory(): void {
    const root = this.#rootWords();
    const rootAt = this.#rootAt();
    const depth = this.#depth() - 1;
    const old = root[rootAt + AT_REF];
    const source = this.arena.i32[old >>> REF_SEGMENT_SHIFT];
    let from = (old & REF_GRANULE_MASK) << 1;
    const directory = depth === 0 ? 0 : this.arena.alloc(DIRECTORY_ENTRY_BYTES << depth);
    const target = depth === 0 ? root : this.arena.i32[directory >>> REF_SEGMENT_SHIFT];
    let to = depth === 0 ? rootAt : (directory & REF_GRANULE_MASK) << 1;
    let deep = 0;
    for (let i = 0; i < 1 << depth; i++, from += 8, to += 4) {
      target[to + AT_REF] = source[from + AT_REF];
      target[to + AT_META] = source[from + AT_META];
      target[to + AT_COUNT] = source[from + AT_COUNT];
      target[to + AT_TTL] = source[from + AT_TTL];
      if (source[from + AT_META] >>> META_DEPTH_SHIFT === depth) deep++;
    }
    this.arena.free(old);
    if (depth !== 0) {
      root[rootAt + AT_REF] = directory;
      root[rootAt + AT_META] = depth << META_DEPTH_SHIFT;
    }
    root[rootAt + AT_DEEP] = deep;
  }
}

/**
 * Where `pattern` (a tag twice) stands among the ten tags from `word` on. Two tags per word; with the TTL bits cleared no
 * half is 1, so `zeroHalves` is exact. The five results lie side by side: bit 31 - k is the upper tag of word k,
 * bit 15 - k the lower one.
 */
function matchTags(words: Int32Array, word: number, pattern: number): number {
  return (
    zeroHalves(words[word] ^ pattern) |
    (zeroHalves(words[word + 1] ^ pattern) >>> 1) |
    (zeroHalves(words[word + 2] ^ pattern) >>> 2) |
    (zeroHalves(words[word + 3] ^ pattern) >>> 3) |
    (zeroHalves(words[word + 4] ^ pattern) >>> 4)
  );
}

/** The slot that a bit of `matchTags` stands for. */
function slotOfBit(bit: number): number {
  return bit >= 16 ? ((31 - bit) << 1) | 1 : (15 - bit) << 1;
}

/** Sets the top bit of each 16-bit half that is 0 or 1, and no other bit. */
function zeroHalves(word: number): number {
  const x = word & 0xfffefffe;
  return (x - 0x00010001) & ~x & 0x80008000;
}

/**
 * Entries with a TTL by their own heads. Called before the keys of a partition are hashed for the sake of its loads: as
 * none waits for another they overlap, and bring the entries into the cache several times faster than hashing does.
 */
function countTtls(arena: Arena, part: Ref, n: number, layout: ElementLayout): number {
  const words = arena.i32[part >>> REF_SEGMENT_SHIFT];
  let word = (part & REF_GRANULE_MASK) << 1;
  let ttls = 0;
  for (let bucket = 0; bucket < n; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
    const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
    for (let slot = 0; slot < slots; slot++) {
      ttls += elementTtls(arena, words[word + AT_REFS + slot], layout);
    }
  }
  return ttls;
}

/** Scratch of a split: which half every entry goes to. */
let sides = new Uint8Array(1024);

/** The top `depth` bits of the hash (a shift by 32 would be a shift by 0). */
function prefixOf(hash: number, depth: number): number {
  return depth === 0 ? 0 : hash >>> (32 - depth);
}

function newPartition(arena: Arena, n: number): Ref {
  const part = arena.alloc(n * BUCKET_BYTES);
  const words = arena.i32[part >>> REF_SEGMENT_SHIFT];
  const base = (part & REF_GRANULE_MASK) << 1;
  for (let bucket = 0; bucket < n; bucket++) words[base + (bucket << BUCKET_WORDS_SHIFT) + AT_INFO] = 0;
  return part;
}

/** Puts an entry into the first bucket with room from its home on; there is one. */
function place(arena: Arena, part: Ref, n: number, tag: number, ref: Ref): void {
  const segment = part >>> REF_SEGMENT_SHIFT;
  const words = arena.i32[segment];
  const base = (part & REF_GRANULE_MASK) << 1;
  let bucket = ((tag >>> 1) * n) >>> TAG_BITS;
  for (;;) {
    const word = base + (bucket << BUCKET_WORDS_SHIFT);
    const info = words[word + AT_INFO];
    const slots = info & INFO_SLOTS_MASK;
    if (slots < BUCKET_SLOTS) {
      words[word + AT_INFO] = info + 1;
      words[word + AT_REFS + slots] = ref;
      arena.u16[segment][(word << 1) + slots] = tag;
      return;
    }
    words[word + AT_INFO] = info + INFO_OVERFLOW_ONE;
    bucket = bucket + 1 === n ? 0 : bucket + 1;
  }
}

function moveAll(arena: Arena, from: Ref, fromN: number, to: Ref, toN: number): void {
  const words = arena.i32[from >>> REF_SEGMENT_SHIFT];
  const tags = arena.u16[from >>> REF_SEGMENT_SHIFT];
  let word = (from & REF_GRANULE_MASK) << 1;
  for (let bucket = 0; bucket < fromN; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
    const slots = words[word + AT_INFO] & INFO_SLOTS_MASK;
    for (let slot = 0; slot < slots; slot++)
      place(arena, to, toN, tags[(word << 1) + slot], words[word + AT_REFS + slot]);
  }
}
