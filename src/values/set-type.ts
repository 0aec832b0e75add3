// Sets as databases see them (value-type.ts); set.ts reads and writes them.

import { assert } from '../base/assert.js';
import { NO_BYTES, type ByteView } from '../base/bytes.js';
import { keyHash } from '../base/hash.js';
import { GRANULE_SHIFT, REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { copyDict, moveDictPart } from '../structures/dict-copy.js';
import { DictCursor } from '../structures/dict-cursor.js';
import { MEMBERS } from '../structures/dict-element.js';
import { checkDict } from '../structures/dict-walk.js';
import { Dict } from '../structures/dict.js';
import { entryEncoding, setSlotRef, slotRef } from '../structures/entry.js';
import { INT_HEAD_BYTES, intSetBytes } from '../structures/int-set-layout.js';
import { checkIntSet, IntSet } from '../structures/int-set.js';
import {
  initMember,
  memberBytes,
  memberHasSlot,
  memberHasTtl,
  memberUsedBytes,
  memberValueLength,
} from '../structures/member.js';
import { PackedList } from '../structures/packed-list.js';
import { freeMembers, MembersDrain } from './members.js';
import { rdbLengthBytes, rdbStringBytes } from './rdb-length.js';
import { SetValue } from './set.js';
import { SET_ENCODING } from './types.js';
import type { BlockMover, ByteSink, ValueType } from './value-type.js';

/** What Redis's listpack and intset take beside their elements. */
const LISTPACK_BYTES = 7;
const INTSET_BYTES = 8;
const WORD_BYTES = 4;
/** Blocks of a dict beside its members, about: one partition for so many of them. */
const MEMBERS_PER_PARTITION = 256;

const NAMES: readonly string[] = ['intset', 'listpack', 'hashtable'];

const set = new SetValue();
const packedList = new PackedList();
const cursor = new DictCursor();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

function isInts(arena: Arena, entry: Ref): boolean {
  return entryEncoding(arena, entry) === SET_ENCODING.ints;
}

function isPacked(arena: Arena, entry: Ref): boolean {
  return entryEncoding(arena, entry) === SET_ENCODING.packed;
}

function openInts(arena: Arena, entry: Ref): IntSet {
  return new IntSet(arena, slotRef(arena, entry));
}

function openPacked(arena: Arena, entry: Ref): PackedList {
  packedList.arena = arena;
  packedList.ref = slotRef(arena, entry);
  return packedList;
}

function openDict(arena: Arena, entry: Ref): Dict {
  return new Dict(arena, arena.hashSeed, slotRef(arena, entry), MEMBERS);
}

// ---------------------------------------------------------------------- facts

function serializedLength(arena: Arena, entry: Ref): number {
  if (isInts(arena, entry)) {
    const ints = openInts(arena, entry);
    const bytes = intSetBytes(ints.width, ints.count) - INT_HEAD_BYTES + INTSET_BYTES;
    return rdbLengthBytes(bytes) + bytes;
  }
  if (isPacked(arena, entry)) {
    const bytes = openPacked(arena, entry).bytes + LISTPACK_BYTES;
    return rdbLengthBytes(bytes) + bytes;
  }
  set.open(arena, entry);
  let bytes = rdbLengthBytes(set.count);
  set.rewind();
  while (set.next(view)) bytes += rdbStringBytes(view.bytes, view.start, view.end);
  return bytes;
}

function blocks(arena: Arena, entry: Ref): number {
  if (isInts(arena, entry) || isPacked(arena, entry)) return 1;
  const { count } = openDict(arena, entry);
  return count + Math.ceil(count / MEMBERS_PER_PARTITION);
}

function bytesOf(arena: Arena, entry: Ref, samples: number): number {
  const root = slotRef(arena, entry);
  if (root === 0) return 0;
  if (isInts(arena, entry) || isPacked(arena, entry)) return arena.sizeOf(root);
  const dict = openDict(arena, entry);
  let bytes = 0;
  let seen = 0;
  cursor.start(dict);
  for (; seen < samples && seen < dict.count; seen++) bytes += arena.sizeOf(cursor.next());
  return dict.indexBytes + Math.round((bytes / seen) * dict.count);
}

// ---------------------------------------------------------------------- freeing, copying, moving

function free(arena: Arena, entry: Ref): void {
  const root = slotRef(arena, entry);
  if (root === 0) return;
  if (isInts(arena, entry) || isPacked(arena, entry)) arena.free(root);
  else freeMembers(openDict(arena, entry));
}

function duplicate(arena: Arena, entry: Ref): void {
  if (isInts(arena, entry)) {
    setSlotRef(arena, entry, openInts(arena, entry).copy());
  } else if (isPacked(arena, entry)) {
    setSlotRef(arena, entry, openPacked(arena, entry).copy());
  } else {
    const copyMember = (member: Ref): Ref => {
      const bytes = memberUsedBytes(arena, member);
      const copy = arena.alloc(bytes);
      arena.copy(copy, 0, member, 0, bytes);
      return copy;
    };
    setSlotRef(arena, entry, copyDict(openDict(arena, entry), copyMember));
  }
}

function moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void {
  const root = slotRef(arena, entry);
  if (root === 0) return;
  if (isInts(arena, entry) || isPacked(arena, entry)) {
    setSlotRef(arena, entry, mover.move(root, arena.sizeOf(root)));
    return;
  }
  const dict = openDict(arena, entry);
  moveDictPart(
    dict,
    mover.pass,
    (block, bytes) => mover.move(block, bytes),
    (member) => mover.move(member, memberUsedBytes(arena, member)),
  );
  setSlotRef(arena, entry, dict.root);
}

// ---------------------------------------------------------------------- the portable form
//
//   ints     the block            packed   | elements:u32 | elements as they are |
//   dict     members one behind the other, each | bytes:u32 | bytes |

function exportContent(arena: Arena, entry: Ref, sink: ByteSink): void {
  if (isInts(arena, entry)) {
    const ints = openInts(arena, entry);
    const start = (ints.root & REF_GRANULE_MASK) << GRANULE_SHIFT;
    sink.append(arena.u8[ints.root >>> REF_SEGMENT_SHIFT], start, start + intSetBytes(ints.width, ints.count));
  } else if (isPacked(arena, entry)) {
    const packed = openPacked(arena, entry);
    packed.readAll(view);
    sink.appendWord(packed.count);
    sink.append(view.bytes, view.start, view.end);
  } else {
    set.open(arena, entry);
    set.rewind();
    while (set.next(view)) {
      sink.appendWord(view.end - view.start);
      sink.append(view.bytes, view.start, view.end);
    }
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function importContent(arena: Arena, entry: Ref, bytes: Uint8Array, start: number, end: number): void {
  if (isInts(arena, entry)) {
    const block = arena.alloc(end - start);
    const at = (block & REF_GRANULE_MASK) << GRANULE_SHIFT;
    arena.u8[block >>> REF_SEGMENT_SHIFT].set(bytes.subarray(start, end), at);
    setSlotRef(arena, entry, block);
    return;
  }
  if (isPacked(arena, entry)) {
    packedList.arena = arena;
    packedList.adopt(bytes, start + WORD_BYTES, end, wordAt(bytes, start));
    setSlotRef(arena, entry, packedList.ref);
    return;
  }
  const dict = openDict(arena, entry);
  dict.root = 0;
  for (let at = start; at < end;) {
    const from = at + WORD_BYTES;
    at = from + wordAt(bytes, at);
    assert(at <= end, 'a member of a portable set is whole');
    const member = arena.alloc(memberBytes(at - from, false, false, 0));
    initMember(arena, member, false, false, bytes, from, at, 0);
    dict.insert(keyHash(bytes, from, at, dict.seed), member, false);
  }
  setSlotRef(arena, entry, dict.root);
}

// ---------------------------------------------------------------------- check

function check(arena: Arena, entry: Ref): void {
  set.open(arena, entry);
  assert(set.count > 0, 'no set is empty');
  if (isInts(arena, entry)) {
    checkIntSet(openInts(arena, entry));
  } else if (isPacked(arena, entry)) {
    openPacked(arena, entry).check();
  } else {
    const dict = openDict(arena, entry);
    checkDict(dict);
    cursor.start(dict);
    for (let member = cursor.next(); member !== 0; member = cursor.next()) {
      assert(!memberHasTtl(arena, member) && !memberHasSlot(arena, member), 'a member of a set is its bytes alone');
      assert(memberValueLength(arena, member) === 0, 'and has no value');
    }
  }
  const seen = new SetValue();
  seen.open(arena, entry);
  set.rewind();
  while (set.next(view)) assert(seen.has(view.bytes, view.start, view.end), 'every member is found');
}

export const SET_TYPE: ValueType = {
  isAwaited: false,
  encodingName: (arena, entry) => NAMES[entryEncoding(arena, entry) - SET_ENCODING.ints],
  serializedLength,
  debugDetails: () => '',
  blocks,
  bytes: bytesOf,
  free,
  drain: (arena, entry) => new MembersDrain(openDict(arena, entry)),
  duplicate,
  moveBlocks,
  exportContent,
  importContent,
  check,
};
