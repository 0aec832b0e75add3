// Sorted sets as databases see them (value-type.ts); zset.ts reads and writes them.

import { assert } from '../base/assert.js';
import { NO_BYTES, readWord, type ByteView } from '../base/bytes.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { MEMBERS } from '../structures/dict-element.js';
import { checkDict, moveDictEntries } from '../structures/dict-walk.js';
import { Dict } from '../structures/dict.js';
import { entryEncoding, setSlotRef, slotRef, slotWord } from '../structures/entry.js';
import {
  initMember,
  memberBytes,
  memberHash,
  memberKeyLength,
  memberKeyStart,
  memberScore,
  memberUsedBytes,
  setMemberScore,
} from '../structures/member.js';
import { checkOrderTree, moveOrderTreeNodes, orderTreeBytes } from '../structures/order-tree-walk.js';
import { OrderTree } from '../structures/order-tree.js';
import { NOWHERE, PackedList } from '../structures/packed-list.js';
import { rdbLengthBytes, rdbStringBytes } from './rdb-lengths.js';
import { ZSET_ENCODING } from './types.js';
import type { BlockMover, ByteSink, ValueType } from './value-type.js';
import { packedScore } from './zset-packed.js';
import { ZSetDrain } from './zset.js';

/** What Redis's listpack takes beside its elements. */
const LISTPACK_BYTES = 7;
const SCORE_BYTES = 8;
/** Members of a set that the defragmenter looks at in one visit, about, and leaves of its tree. */
const MOVE_BUCKETS_MAX = 64;
const MOVE_LEAVES_MAX = 16;
/** Members of a leaf, about: where the next pass begins. */
const LEAF_MEMBERS = 64;
/** About how many members stand in a bucket of a dict. */
const BUCKET_MEMBERS = 8;

const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

function isLarge(arena: Arena, entry: Ref): boolean {
  return entryEncoding(arena, entry) === ZSET_ENCODING.large;
}

function packedOf(arena: Arena, entry: Ref): PackedList {
  return new PackedList(arena, slotRef(arena, entry));
}

function dictOf(arena: Arena, entry: Ref): Dict {
  return new Dict(arena, arena.hashSeed, slotRef(arena, entry), MEMBERS);
}

function treeOf(arena: Arena, entry: Ref): OrderTree {
  return new OrderTree(arena, arena.i32[entry >>> REF_SEGMENT_SHIFT][slotWord(arena, entry) + 1]);
}

function setRoots(arena: Arena, entry: Ref, dict: Dict, tree: OrderTree): void {
  setSlotRef(arena, entry, dict.root);
  arena.i32[entry >>> REF_SEGMENT_SHIFT][slotWord(arena, entry) + 1] = tree.root;
}

/** Calls `visit` for the members of a large set, in order; their bytes are in `view`. */
function forEachMember(arena: Arena, tree: OrderTree, visit: (ref: Ref) => void): void {
  tree.seekRank(0);
  do {
    const { ref } = tree;
    view.bytes = arena.u8[ref >>> REF_SEGMENT_SHIFT];
    view.start = memberKeyStart(arena, ref);
    view.end = view.start + memberKeyLength(arena, ref);
    visit(ref);
  } while (tree.next());
}

/** Adds a member that comes behind all others of both. */
function append(dict: Dict, tree: OrderTree, bytes: Uint8Array, start: number, end: number, score: number): void {
  const { arena } = dict;
  const ref = arena.alloc(memberBytes(end - start, false, true, 0));
  initMember(arena, ref, false, true, bytes, start, end, 0);
  setMemberScore(arena, ref, score);
  tree.append(ref);
  dict.insert(memberHash(arena, ref, dict.seed), ref, false);
}

// ---------------------------------------------------------------------- figures

function serializedLength(arena: Arena, entry: Ref): number {
  if (!isLarge(arena, entry)) {
    const bytes = packedOf(arena, entry).bytes + LISTPACK_BYTES;
    return rdbLengthBytes(bytes) + bytes;
  }
  const tree = treeOf(arena, entry);
  let bytes = rdbLengthBytes(tree.count);
  forEachMember(arena, tree, () => (bytes += rdbStringBytes(view.bytes, view.start, view.end) + SCORE_BYTES));
  return bytes;
}

/** Blocks of the members by `samples` of them at even distances, the index, the tree. */
function bytesOf(arena: Arena, entry: Ref, samples: number): number {
  if (!isLarge(arena, entry)) return arena.sizeOf(slotRef(arena, entry));
  const tree = treeOf(arena, entry);
  const { count } = tree;
  const looked = Math.min(samples, count);
  let bytes = 0;
  for (let i = 0; i < looked; i++) {
    tree.seekRank(Math.floor((i * count) / looked));
    bytes += arena.sizeOf(tree.ref);
  }
  return Math.round((bytes / looked) * count) + dictOf(arena, entry).indexBytes + orderTreeBytes(tree);
}

// ---------------------------------------------------------------------- copying and moving

function duplicate(arena: Arena, entry: Ref): void {
  if (!isLarge(arena, entry)) {
    setSlotRef(arena, entry, packedOf(arena, entry).copy());
    return;
  }
  const dict = new Dict(arena, arena.hashSeed, 0, MEMBERS);
  const tree = new OrderTree(arena);
  forEachMember(arena, treeOf(arena, entry), (ref) => {
    append(dict, tree, view.bytes, view.start, view.end, memberScore(arena, ref));
  });
  setRoots(arena, entry, dict, tree);
}

/** Moves some members and some nodes; each pass goes on about where the one before it ended. */
function moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void {
  if (!isLarge(arena, entry)) {
    const ref = slotRef(arena, entry);
    setSlotRef(arena, entry, mover.move(ref, arena.sizeOf(ref)));
    return;
  }
  const dict = dictOf(arena, entry);
  const tree = treeOf(arena, entry);
  const { count } = dict;
  const share = Math.min(1, (MOVE_BUCKETS_MAX * BUCKET_MEMBERS) / count);
  const from = share === 1 ? 0 : Math.floor(((mover.pass * share) % 1) * 2 ** 32) >>> 0;
  moveDictEntries(dict, from, MOVE_BUCKETS_MAX, (ref) => {
    const moved = mover.move(ref, memberUsedBytes(arena, ref));
    if (moved !== ref) tree.replaceRef(ref, moved);
    return moved;
  });
  const rank = (mover.pass * MOVE_LEAVES_MAX * LEAF_MEMBERS) % count;
  moveOrderTreeNodes(tree, rank, MOVE_LEAVES_MAX, (node) => mover.move(node, arena.sizeOf(node)));
  setRoots(arena, entry, dict, tree);
}

// The portable form.   packed: | elements:u32 | elements |     large: members in order, each | score:2 x u32 | length:u32 | bytes |
const WORD_BYTES = 4;
const MEMBER_HEAD_BYTES = 3 * WORD_BYTES;

function exportContent(arena: Arena, entry: Ref, sink: ByteSink): void {
  if (!isLarge(arena, entry)) {
    const packed = packedOf(arena, entry);
    packed.readAll(view);
    sink.appendWord(packed.count);
    sink.append(view.bytes, view.start, view.end);
    return;
  }
  forEachMember(arena, treeOf(arena, entry), (ref) => {
    double[0] = memberScore(arena, ref);
    sink.appendWord(doubleWords[0]);
    sink.appendWord(doubleWords[1]);
    sink.appendWord(view.end - view.start);
    sink.append(view.bytes, view.start, view.end);
  });
}

function importContent(arena: Arena, entry: Ref, bytes: Uint8Array, start: number, end: number): void {
  if (!isLarge(arena, entry)) {
    const packed = new PackedList(arena);
    packed.adopt(bytes, start + WORD_BYTES, end, readWord(bytes, start));
    setSlotRef(arena, entry, packed.ref);
    return;
  }
  const dict = new Dict(arena, arena.hashSeed, 0, MEMBERS);
  const tree = new OrderTree(arena);
  for (let at = start; at < end;) {
    doubleWords[0] = readWord(bytes, at);
    doubleWords[1] = readWord(bytes, at + WORD_BYTES);
    const from = at + MEMBER_HEAD_BYTES;
    at = from + readWord(bytes, at + 2 * WORD_BYTES);
    assert(at <= end, 'a member of a portable set is whole');
    append(dict, tree, bytes, from, at, double[0]);
  }
  setRoots(arena, entry, dict, tree);
}

// ---------------------------------------------------------------------- check

function checkPacked(packed: PackedList): void {
  packed.check();
  assert(packed.count > 0 && (packed.count & 1) === 0, 'every member has a score, and no set is empty');
  let last = -Infinity;
  for (let at = packed.first(); at !== NOWHERE; at = packed.next(packed.next(at))) {
    const score = packedScore(packed, at);
    assert(score >= last, 'members stand in the order of their scores');
    last = score;
  }
}

function checkLarge(arena: Arena, entry: Ref): void {
  const dict = dictOf(arena, entry);
  const tree = treeOf(arena, entry);
  checkDict(dict);
  checkOrderTree(tree);
  assert(dict.count > 0 && dict.count === tree.count, 'dict and tree have the same members');
  forEachMember(arena, tree, (ref) => {
    const found = dict.findRef(memberHash(arena, ref, dict.seed), ref);
    assert(found, 'a member of the tree stands in the dict');
  });
}

export const ZSET_TYPE: ValueType = {
  isAwaited: true,
  encodingName: (arena, entry) => (isLarge(arena, entry) ? 'skiplist' : 'listpack'),
  serializedLength,
  debugDetails: () => '',
  blocks: (arena, entry) => (isLarge(arena, entry) ? dictOf(arena, entry).count : 1),
  bytes: bytesOf,
  free: (arena, entry) => {
    if (isLarge(arena, entry)) new ZSetDrain(dictOf(arena, entry), treeOf(arena, entry)).step(Infinity);
    else arena.free(slotRef(arena, entry));
  },
  drain: (arena, entry) => {
    assert(isLarge(arena, entry), 'a packed set is freed at once');
    return new ZSetDrain(dictOf(arena, entry), treeOf(arena, entry));
  },
  duplicate,
  moveBlocks,
  exportContent,
  importContent,
  check: (arena, entry) => {
    if (isLarge(arena, entry)) checkLarge(arena, entry);
    else checkPacked(packedOf(arena, entry));
  },
};
