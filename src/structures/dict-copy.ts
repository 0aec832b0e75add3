// A dict copied and moved block by block. No key is hashed: partitions are taken over as they are.

import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Ref } from '../memory/arena.js';
import {
  AT_INFO,
  AT_META,
  AT_REF,
  AT_REFS,
  BUCKET_BYTES,
  BUCKET_WORDS_SHIFT,
  DEPTH_MAX,
  DIRECTORY_ENTRY_BYTES,
  DIRECTORY_ENTRY_WORDS_SHIFT,
  INFO_SLOTS_MASK,
  META_DEPTH_SHIFT,
  ROOT_BYTES,
} from './dict-layout.js';
import { depthOf, newPartitionRecord, nextPrefix, partitionAt, type Partition } from './dict-walk.js';
import type { Dict } from './dict.js';

/** Buckets that `moveDictPart` visits. */
const MOVE_BUCKETS = 256;
const PREFIXES = 1 << DEPTH_MAX;

/** The root of a copy of the dict, 0 for an empty one; `copyElement` gives the copy of an element's block. */
export function copyDict(dict: Dict, copyElement: (ref: Ref) => Ref): Ref {
  if (dict.root === 0) return 0;
  const { arena } = dict;
  const root = arena.alloc(ROOT_BYTES);
  arena.copy(root, 0, dict.root, 0, ROOT_BYTES);
  const copy = dict.sibling(root);
  const depth = depthOf(dict);
  if (depth !== 0) {
    const bytes = DIRECTORY_ENTRY_BYTES << depth;
    const directory = arena.alloc(bytes);
    arena.copy(directory, 0, directoryOf(dict), 0, bytes);
    arena.i32[root >>> REF_SEGMENT_SHIFT][((root & REF_GRANULE_MASK) << 1) + AT_REF] = directory;
  }
  const partition = newPartitionRecord();
  for (let prefix17 = 0; prefix17 < PREFIXES; prefix17 = nextPrefix(partition)) {
    partitionAt(dict, prefix17, partition);
    const bytes = partition.buckets * BUCKET_BYTES;
    const part = arena.alloc(bytes);
    arena.copy(part, 0, partition.ref, 0, bytes);
    replaceElements(copy, part, partition.buckets, copyElement);
    describe(copy, partition, part);
  }
  return root;
}

function directoryOf(dict: Dict): Ref {
  return dict.arena.i32[dict.root >>> REF_SEGMENT_SHIFT][((dict.root & REF_GRANULE_MASK) << 1) + AT_REF];
}

function replaceElements(dict: Dict, part: Ref, buckets: number, replace: (ref: Ref) => Ref): void {
  const words = dict.arena.i32[part >>> REF_SEGMENT_SHIFT];
  let word = (part & REF_GRANULE_MASK) << 1;
  for (let bucket = 0; bucket < buckets; bucket++, word += 1 << BUCKET_WORDS_SHIFT) {
    const end = word + AT_REFS + (words[word + AT_INFO] & INFO_SLOTS_MASK);
    for (let at = word + AT_REFS; at < end; at++) words[at] = replace(words[at]);
  }
}

/** Writes another block of the partition where the dict's root or directory names it. */
function describe(dict: Dict, partition: Partition, part: Ref): void {
  const { arena } = dict;
  const words = arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
  const rootAt = (dict.root & REF_GRANULE_MASK) << 1;
  const depth = words[rootAt + AT_META] >>> META_DEPTH_SHIFT;
  if (depth === 0) {
    words[rootAt + AT_REF] = part;
    return;
  }
  const directory = words[rootAt + AT_REF];
  const entries = arena.i32[directory >>> REF_SEGMENT_SHIFT];
  const first = partition.prefix << (depth - partition.depth);
  let at = ((directory & REF_GRANULE_MASK) << 1) + (first << DIRECTORY_ENTRY_WORDS_SHIFT) + AT_REF;
  for (let i = 0; i < 1 << (depth - partition.depth); i++, at += 1 << DIRECTORY_ENTRY_WORDS_SHIFT) entries[at] = part;
}

/**
 * Offers blocks of a collection's dict to `move`, which returns a block's new Ref or the same: root and directory, and part
 * number `pass` of the partitions and their elements, counted round and round. Bounded work. The caller stores `dict.root`.
 */
export function moveDictPart(
  dict: Dict,
  pass: number,
  move: (block: Ref, bytes: number) => Ref,
  moveElement: (ref: Ref) => Ref,
): void {
  if (dict.root === 0) return;
  const parts = Math.ceil(dict.indexBytes / (MOVE_BUCKETS * BUCKET_BYTES));
  const first = Math.floor(((pass % parts) * PREFIXES) / parts);
  const end = Math.ceil((((pass % parts) + 1) * PREFIXES) / parts);
  const partition = newPartitionRecord();
  for (let prefix17 = first; prefix17 < end; prefix17 = nextPrefix(partition)) {
    partitionAt(dict, prefix17, partition);
    replaceElements(dict, partition.ref, partition.buckets, moveElement);
    const part = move(partition.ref, partition.buckets * BUCKET_BYTES);
    if (part !== partition.ref) describe(dict, partition, part);
  }
  const depth = depthOf(dict);
  if (depth !== 0) {
    const words = dict.arena.i32[dict.root >>> REF_SEGMENT_SHIFT];
    words[((dict.root & REF_GRANULE_MASK) << 1) + AT_REF] = move(directoryOf(dict), DIRECTORY_ENTRY_BYTES << depth);
  }
  dict.root = move(dict.root, ROOT_BYTES);
}
