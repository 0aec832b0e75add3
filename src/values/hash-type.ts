// Hashes as databases see them (value-type.ts); hash.ts reads and writes them.
//
// The portable form, for another shard:
//
//   inline       the inline list's bytes
//   packed       | elements:u32 | the packed list's bytes |
//   table        | field length:u32 | value length:u32 | deadline, low and high half | field | value |  ...
//                deadlines are doubles, Infinity for none

import { assert } from '../base/assert.js';
import { copyBytes, NO_BYTES, readWord, type ByteView } from '../base/bytes.js';
import type { Arena, Ref } from '../memory/arena.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { PARTS_EXPIRE } from '../structures/entry-layout.js';
import { entryKind, inlineLength, inlineStart, setSlotRefs, slotRef, slotRef2 } from '../structures/entry.js';
import { copyDict, moveDictPart } from '../structures/dict-copy.js';
import { checkDict } from '../structures/dict-walk.js';
import {
  memberHasSlot,
  memberKeyLength,
  memberKeyStart,
  memberUsedBytes,
  memberValueLength,
  memberValueStart,
} from '../structures/member.js';
import { checkOrderTree, moveOrderTreeNodes, OrderTreeDrain, orderTreeBytes } from '../structures/order-tree-walk.js';
import { InlineList } from '../structures/inline-list.js';
import { elementBytes } from '../structures/packed-element.js';
import { NOWHERE } from '../structures/packed-layout.js';
import { PackedList } from '../structures/packed-list.js';
import { FieldTable } from './field-table.js';
import { HashValue, INLINE_HASH_KIND, PACKED_EX_HASH_KIND, PACKED_HASH_KIND, TABLE_HASH_KIND } from './hash.js';
import { defaultLimits } from './limits.js';
import { MembersDrain } from './members.js';
import { rdbLengthBytes, rdbStringBytes } from './rdb-lengths.js';
import type { BlockMover, ByteSink, ValueDrain, ValueType } from './value-type.js';

/** What Redis's listpack takes beside its elements, and what Redis writes of the earliest deadline of a listpackex. */
const LISTPACK_BYTES = 7;
const RDB_DEADLINE_BYTES = 8;
/** Leaves of the order that the defragmenter looks at in one visit. */
const MOVE_LEAVES_MAX = 64;
const WORD_BYTES = 4;
const TABLE_HEAD_BYTES = 4 * WORD_BYTES;

const packed = new PackedList();
const inline = new InlineList();
const hash = new HashValue();
/** Nothing here changes the encoding by itself. */
const limits = defaultLimits();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);
let lastTable: FieldTable | undefined;

function isTable(arena: Arena, entry: Ref): boolean {
  return (entryKind(arena, entry) & ~PARTS_EXPIRE) === TABLE_HASH_KIND;
}

function openTable(arena: Arena, entry: Ref): FieldTable {
  if (lastTable?.arena !== arena) lastTable = new FieldTable(arena);
  lastTable.open(slotRef(arena, entry), slotRef2(arena, entry));
  return lastTable;
}

function openPacked(arena: Arena, entry: Ref): PackedList {
  packed.arena = arena;
  packed.ref = slotRef(arena, entry);
  return packed;
}

function isInline(arena: Arena, entry: Ref): boolean {
  return entryKind(arena, entry) === INLINE_HASH_KIND;
}

function openInline(arena: Arena, entry: Ref): InlineList {
  inline.open(arena, entry);
  return inline;
}

function openHash(arena: Arena, entry: Ref, nowMs = 0): HashValue {
  hash.open(arena, entry, limits, nowMs);
  return hash;
}

const ENCODING_NAMES: Readonly<Record<number, string>> = {
  [INLINE_HASH_KIND]: 'listpack',
  [PACKED_HASH_KIND]: 'listpack',
  [PACKED_EX_HASH_KIND]: 'listpackex',
  [TABLE_HASH_KIND]: 'hashtable',
};

/** Bytes of the elements of a hash that is no table, with their back lengths. */
function packedBytes(arena: Arena, entry: Ref): number {
  if (!isInline(arena, entry)) return openPacked(arena, entry).bytes;
  const list = openInline(arena, entry);
  list.readAll(view);
  let bytes = 0;
  for (let at = list.first(); at !== NOWHERE; at = list.next(at)) bytes += elementBytes(view.bytes, at);
  return bytes;
}

/** Bytes of the blocks beside the entry. */
function bytesOf(arena: Arena, entry: Ref, samples: number): number {
  if (isInline(arena, entry)) return 0;
  return isTable(arena, entry) ? tableBytes(openTable(arena, entry), samples) : arena.sizeOf(slotRef(arena, entry));
}

function blocksOf(arena: Arena, entry: Ref): number {
  if (isInline(arena, entry)) return 0;
  return isTable(arena, entry) ? openTable(arena, entry).count + 1 : 1;
}

function serializedLength(arena: Arena, entry: Ref): number {
  if (!isTable(arena, entry)) {
    const bytes = packedBytes(arena, entry) + LISTPACK_BYTES;
    const isEx = (entryKind(arena, entry) & ~PARTS_EXPIRE) === PACKED_EX_HASH_KIND;
    return (isEx ? RDB_DEADLINE_BYTES : 0) + rdbLengthBytes(bytes) + bytes;
  }
  const table = openTable(arena, entry);
  let bytes = rdbLengthBytes(table.count);
  const first = table.firstDeadline;
  if (first !== Infinity) bytes += RDB_DEADLINE_BYTES;
  table.each((member) => {
    table.readField(member, view);
    bytes += rdbStringBytes(view.bytes, view.start, view.end);
    table.readValue(member, view);
    bytes += rdbStringBytes(view.bytes, view.start, view.end);
    // Deadlines are written as distances from the earliest one, 0 for none.
    if (first === Infinity) return;
    bytes += memberHasSlot(arena, member) ? rdbLengthBytes(table.deadlineOf(member) - first + 1) : 1;
  });
  return bytes;
}

/** Bytes of the table's blocks, its members judged by `samples` of them. */
function tableBytes(table: FieldTable, samples: number): number {
  let seen = 0;
  let bytes = 0;
  table.scan(0, samples, (member) => {
    seen++;
    bytes += table.arena.sizeOf(member);
  });
  const members = seen === 0 ? 0 : Math.round((bytes / seen) * table.count);
  return table.dict.indexBytes + orderTreeBytes(table.tree) + members;
}

class TableDrain implements ValueDrain {
  readonly #members: MembersDrain;
  readonly #tree: OrderTreeDrain;

  constructor(table: FieldTable) {
    this.#members = new MembersDrain(table.dict);
    this.#tree = new OrderTreeDrain(table.tree);
  }

  step(blocksMax: number): boolean {
    return this.#members.step(blocksMax) || this.#tree.step(blocksMax);
  }
}

function drain(arena: Arena, entry: Ref): ValueDrain {
  assert(isTable(arena, entry), 'a packed hash is freed at once');
  return new TableDrain(openTable(arena, entry));
}

function duplicate(arena: Arena, entry: Ref): void {
  if (!isTable(arena, entry)) {
    setSlotRefs(arena, entry, openPacked(arena, entry).copy(), 0);
    return;
  }
  const old = openTable(arena, entry);
  const { tree } = new FieldTable(arena);
  const root = copyDict(old.dict, (member) => {
    const bytes = memberUsedBytes(arena, member);
    const twin = arena.alloc(bytes);
    arena.copy(twin, 0, member, 0, bytes);
    if (memberHasSlot(arena, twin)) tree.insert(twin);
    return twin;
  });
  setSlotRefs(arena, entry, root, tree.root);
}

function moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void {
  const ref = slotRef(arena, entry);
  if (!isTable(arena, entry)) {
    setSlotRefs(arena, entry, mover.move(ref, arena.sizeOf(ref)), 0);
    return;
  }
  const table = openTable(arena, entry);
  moveDictPart(
    table.dict,
    mover.pass,
    (block, bytes) => mover.move(block, bytes),
    (member) => {
      const moved = mover.move(member, memberUsedBytes(arena, member));
      if (moved !== member && memberHasSlot(arena, moved)) table.tree.replaceRef(member, moved);
      return moved;
    },
  );
  if (table.tree.root !== 0) {
    const position = (mover.pass * MOVE_LEAVES_MAX) % table.tree.count;
    moveOrderTreeNodes(table.tree, position, MOVE_LEAVES_MAX, (node) => mover.move(node, arena.sizeOf(node)));
  }
  setSlotRefs(arena, entry, table.dict.root, table.tree.root);
}

// ---------------------------------------------------------------------- the portable form

function exportContent(arena: Arena, entry: Ref, sink: ByteSink): void {
  if (isInline(arena, entry)) {
    openInline(arena, entry).readAll(view);
    sink.append(view.bytes, view.start, view.end);
    return;
  }
  if (!isTable(arena, entry)) {
    const list = openPacked(arena, entry);
    sink.appendWord(list.count);
    list.readAll(view);
    sink.append(view.bytes, view.start, view.end);
    return;
  }
  const table = openTable(arena, entry);
  table.each((member) => {
    sink.appendWord(memberKeyLength(arena, member));
    sink.appendWord(memberValueLength(arena, member));
    double[0] = table.deadlineOf(member);
    sink.appendWord(doubleWords[0]);
    sink.appendWord(doubleWords[1]);
    const end = memberValueStart(arena, member) + memberValueLength(arena, member);
    sink.append(arena.u8[member >>> REF_SEGMENT_SHIFT], memberKeyStart(arena, member), end);
  });
}

function importContent(arena: Arena, entry: Ref, bytes: Uint8Array, start: number, end: number): void {
  if (isInline(arena, entry)) {
    assert(inlineLength(arena, entry) === end - start, 'the entry was made for what it imports');
    copyBytes(arena.u8[entry >>> REF_SEGMENT_SHIFT], inlineStart(arena, entry), bytes, start, end);
    return;
  }
  if (!isTable(arena, entry)) {
    const list = new PackedList(arena);
    list.adopt(bytes, start + WORD_BYTES, end, readWord(bytes, start));
    setSlotRefs(arena, entry, list.ref, 0);
    return;
  }
  const table = new FieldTable(arena);
  for (let at = start; at < end;) {
    doubleWords[0] = readWord(bytes, at + 2 * WORD_BYTES);
    doubleWords[1] = readWord(bytes, at + 3 * WORD_BYTES);
    const field = at + TABLE_HEAD_BYTES;
    const value = field + readWord(bytes, at);
    at = value + readWord(bytes, at + WORD_BYTES);
    assert(at <= end, 'a field of a portable hash is whole');
    table.insert(bytes, field, value, bytes, value, at, double[0]);
  }
  setSlotRefs(arena, entry, table.dict.root, table.tree.root);
}

// ---------------------------------------------------------------------- check

function check(arena: Arena, entry: Ref): void {
  const opened = openHash(arena, entry);
  assert(opened.total > 0, 'no hash is empty');
  assert(opened.isMarked === opened.hasDeadlines, 'the entry knows whether fields have deadlines');
  if (isTable(arena, entry)) {
    const table = openTable(arena, entry);
    checkDict(table.dict);
    checkOrderTree(table.tree);
    let deadlines = 0;
    table.each((member) => {
      if (memberHasSlot(arena, member)) deadlines++;
    });
    assert(deadlines === table.tree.count, 'the tree has the fields with a deadline');
    return;
  }
  if (isInline(arena, entry)) openInline(arena, entry).check();
  else openPacked(arena, entry).check();
  assert(Number.isInteger(opened.total), 'a packed hash has whole fields');
  let last = 0;
  opened.each(() => {
    assert(opened.deadline >= last, 'packed fields come in the order of their deadlines');
    last = opened.deadline;
  });
}

export const HASH_TYPE: ValueType = {
  isAwaited: false,
  parts: {
    isGone: (arena, entry, nowMs) => openHash(arena, entry, nowMs).isGone,
    removeDue: (arena, entry, nowMs, most) => openHash(arena, entry, nowMs).removeDue(most),
    firstDeadline: (arena, entry) => openHash(arena, entry).firstDeadline,
    count: (arena, entry) => openHash(arena, entry).total,
  },
  encodingName: (arena, entry) => ENCODING_NAMES[entryKind(arena, entry) & ~PARTS_EXPIRE],
  serializedLength,
  debugDetails: () => '',
  blocks: blocksOf,
  bytes: bytesOf,
  free: (arena, entry) => {
    if (isInline(arena, entry)) return;
    if (!isTable(arena, entry)) arena.free(slotRef(arena, entry));
    else drain(arena, entry).step(Infinity);
  },
  drain,
  duplicate,
  moveBlocks,
  exportContent,
  importContent,
  check,
};
