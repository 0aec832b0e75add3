// Walking all elements of a dict without a callback: for loops that stop early or compare several dicts.
//
//   for (cursor.start(dict), ref = cursor.next(); ref !== 0; ref = cursor.next()) ...
//
// (1) The dict does not change while a cursor is on its way.
// (2) Elements come in the order of their hashes' top bits and tags, which says nothing about when they were added.

import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { AT_INFO, AT_REFS, BUCKET_WORDS_SHIFT, DEPTH_MAX, INFO_SLOTS_MASK } from './dict-layout.js';
import { newPartitionRecord, nextPrefix, partitionAt } from './dict-walk.js';
import type { Dict } from './dict.js';

const PREFIX_END = 1 << DEPTH_MAX;

export class DictCursor {
  #dict!: Dict;
  readonly #partition = newPartitionRecord();
  #prefix17 = PREFIX_END;
  /** The bucket that the cursor is in, the buckets of its partition behind it. */
  #words!: Int32Array;
  #word = 0;
  #bucketsBehind = 0;
  #slot = 0;
  #slots = 0;
  /** Worth nothing: what was read ahead, kept so that its loads are not optimised away. */
  touched = 0;

  /** Goes before the first element. */
  start(dict: Dict): void {
    this.#dict = dict;
    this.#prefix17 = dict.root === 0 ? PREFIX_END : 0;
    this.#bucketsBehind = 0;
    this.#slot = 0;
    this.#slots = 0;
  }

  /** The next element; 0: there is none. */
  next(): Ref {
    while (this.#slot === this.#slots) if (!this.#nextBucket()) return 0;
    return this.#words[this.#word + AT_REFS + this.#slot++];
  }

  /** Upper bits of the last element's hash that `hash` has; it has the lowest TAG_BITS as well. */
  get hashBits(): number {
    return this.#partition.depth;
  }

  /** What is known of the last element's hash without a look at its key; unknown bits are 0. */
  get hash(): number {
    const { depth, prefix } = this.#partition;
    const tagAt = this.#word + ((this.#slot - 1) >>> 1);
    const tag = (this.#words[tagAt] >>> (((this.#slot - 1) & 1) << 4)) & 0xffff;
    return (depth === 0 ? 0 : prefix << (32 - depth)) | (tag >>> 1);
  }

  #nextBucket(): boolean {
    if (this.#bucketsBehind === 0) {
      if (this.#prefix17 >= PREFIX_END) return false;
      const partition = this.#partition;
      partitionAt(this.#dict, this.#prefix17, partition);
      this.#words = this.#dict.arena.i32[partition.ref >>> REF_SEGMENT_SHIFT];
      this.#word = (partition.ref & REF_GRANULE_MASK) << 1;
      this.#bucketsBehind = partition.buckets - 1;
      this.#prefix17 = nextPrefix(partition);
    } else {
      this.#word += 1 << BUCKET_WORDS_SHIFT;
      this.#bucketsBehind--;
    }
    this.#slot = 0;
    this.#slots = this.#words[this.#word + AT_INFO] & INFO_SLOTS_MASK;
    this.#touch(this.#dict.arena);
    return true;
  }

  /** Reads the head of every element of the bucket: as none of the loads waits for another, they overlap. */
  #touch(arena: Arena): void {
    const words = this.#words;
    const first = this.#word + AT_REFS;
    let touched = 0;
    for (let at = first; at < first + this.#slots; at++) {
      const ref = words[at];
      touched ^= arena.i32[ref >>> REF_SEGMENT_SHIFT][(ref & REF_GRANULE_MASK) << 1];
    }
    this.touched = touched;
  }
}
