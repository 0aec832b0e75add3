// The list value: a packed list (OBJECT ENCODING calls it listpack) while it is small, a quick list above.
//
//   entry slot = Ref of the packed list (packed-list.ts) or of the quick list's directory (quick-list.ts)
//
// The limit is `list-max-listpack-size` (`fill`): bytes -1 to -5 for 4 to 64 KiB, or a number of elements. A list grows
// into a quick list when what is about to be pushed would take it over the limit, and returns when one node is left that
// is at most half of it, as Redis 7.2 does (t_list.c, listTypeTryConversion).
//
// ListValue is a flyweight with a cursor. Open it on an entry; it keeps the entry's slot and kind right by itself. A list
// never stays empty: who takes the last element deletes the key.

import { assert } from '../base/assert.js';
import { NO_BYTES, type ByteView } from '../base/bytes.js';
import type { Arena, Ref } from '../memory/arena.js';
import { entryEncoding, setEntryKind, setSlotRef, slotRef } from '../structures/entry.js';
import { NOWHERE, PACKED_COUNT_MAX, PackedList, StagedElement, type ElementSink } from '../structures/packed-list.js';
import { nodeBytesMax, nodeCountMax, QuickList, type NodeVisitor } from '../structures/quick-list.js';
import { LIST_ENCODING, TYPE } from './types.js';
import type { BlockMover, ByteSink, ValueDrain, ValueType } from './value-type.js';

export { QUICK_COUNT_MAX as LIST_LENGTH_MAX } from '../structures/quick-list.js';

/** The head byte of lists, by encoding: type | encoding << 4. */
export const PACKED_LIST_KIND = TYPE.list | (LIST_ENCODING.packed << 4);
export const QUICK_LIST_KIND = TYPE.list | (LIST_ENCODING.quick << 4);

/** What Redis's listpack takes beside its elements: the limits count it. */
const LISTPACK_BYTES = 7;
/** Nodes that the defragmenter looks at in one visit. */
const MOVE_NODES_MAX = 256;
/** Redis's default, for what does not depend on it. */
const ANY_FILL = -2;

export class ListValue {
  readonly #packed = new PackedList();
  readonly #quick = new QuickList();
  readonly #element = new StagedElement();
  readonly #needle = new StagedElement();
  #needleBytes = NO_BYTES;
  #needleStart = 0;
  #needleEnd = 0;
  #arena!: Arena;
  #entry: Ref = 0;
  #fill = ANY_FILL;
  #isQuick = false;
  /** The cursor in a packed list. */
  #at = NOWHERE;

  /** Points at the list that `entry` holds. */
  open(arena: Arena, entry: Ref, fill: number): void {
    this.#arena = arena;
    this.#entry = entry;
    this.#fill = fill;
    this.#isQuick = entryEncoding(arena, entry) === LIST_ENCODING.quick;
    if (this.#isQuick) {
      this.#quick.open(arena, slotRef(arena, entry), fill);
    } else {
      this.#packed.arena = arena;
      this.#packed.ref = slotRef(arena, entry);
      this.#packed.roomBytesMax = nodeBytesMax(fill);
    }
  }

  /** Gives a new entry of PACKED_LIST_KIND an empty list, which the caller fills at once, and points at it. */
  create(arena: Arena, entry: Ref, fill: number): void {
    this.open(arena, entry, fill);
    this.#packed.create(0);
    this.#save();
  }

  get length(): number {
    return this.#isQuick ? this.#quick.count : this.#packed.count;
  }

  #save(): void {
    setSlotRef(this.#arena, this.#entry, this.#isQuick ? this.#quick.root : this.#packed.ref);
  }

  // ------------------------------------------------------------------ the encoding

  /** Becomes a quick list if `elements` more of `bytes` in all would take it over the limit. */
  reserve(bytes: number, elements: number): void {
    if (this.#isQuick) return;
    const packed = this.#packed;
    const count = packed.count + elements;
    const size = packed.bytes + LISTPACK_BYTES + bytes;
    if (size <= nodeBytesMax(this.#fill) && count <= nodeCountMax(this.#fill)) return;
    const quick = this.#quick;
    quick.open(this.#arena, 0, this.#fill);
    if (packed.count === 0) {
      packed.free();
      quick.create();
    } else {
      quick.createOf(packed.ref);
    }
    this.#isQuick = true;
    setEntryKind(this.#arena, this.#entry, QUICK_LIST_KIND);
    this.#save();
  }

  /** Becomes a packed list again when it has shrunk enough. */
  shrink(): void {
    if (!this.#isQuick) return;
    const quick = this.#quick;
    const only = quick.onlyPacked;
    if (only === 0) return;
    const packed = this.#packed;
    packed.arena = this.#arena;
    packed.ref = only;
    packed.roomBytesMax = nodeBytesMax(this.#fill);
    const fill = this.#fill;
    const fits =
      fill >= 0
        ? packed.count <= Math.max(fill, 1) >>> 1
        : packed.bytes + LISTPACK_BYTES <= nodeBytesMax(fill) >>> 1 && packed.count <= PACKED_COUNT_MAX;
    if (!fits) return;
    quick.releaseOnly();
    this.#isQuick = false;
    setEntryKind(this.#arena, this.#entry, PACKED_LIST_KIND);
    this.#save();
  }

  // ------------------------------------------------------------------ reading

  /** Puts the cursor on element `index` (0 to length - 1). */
  seek(index: number): void {
    if (this.#isQuick) this.#quick.seek(index);
    else this.#at = this.#packed.at(index);
  }

  /** Moves the cursor on; false: that was the last element. */
  next(): boolean {
    if (this.#isQuick) return this.#quick.next();
    this.#at = this.#packed.next(this.#at);
    return this.#at !== NOWHERE;
  }

  previous(): boolean {
    if (this.#isQuick) return this.#quick.previous();
    this.#at = this.#packed.previous(this.#at);
    return this.#at !== NOWHERE;
  }

  /** Points `view` at the element under the cursor: an integer's digits until eight more were read, bytes until a change. */
  read(view: ByteView): void {
    if (this.#isQuick) this.#quick.read(view);
    else this.#packed.read(this.#at, view);
  }

  /** Gives `n` elements from number `index` on (towards the tail, or the head) to `sink`; the cursor is gone afterwards. */
  walk(index: number, n: number, forward: boolean, sink: ElementSink): void {
    if (this.#isQuick) this.#quick.walk(index, n, forward, sink);
    else this.#packed.walk(this.#packed.at(index), n, forward, sink);
  }

  /** Says what `matches` compares with; the span must stay. */
  lookFor(bytes: Uint8Array, start: number, end: number): void {
    this.#needle.stage(bytes, start, end);
    this.#needleBytes = bytes;
    this.#needleStart = start;
    this.#needleEnd = end;
  }

  /** True when the element under the cursor is the one looked for. */
  matches(): boolean {
    if (!this.#isQuick) return this.#packed.equals(this.#at, this.#needle);
    return this.#quick.equals(this.#needle, this.#needleBytes, this.#needleStart, this.#needleEnd);
  }

  // ------------------------------------------------------------------ changes; bytes given are not of this list

  /** Adds an element at an end; `reserve` has been asked. */
  push(atHead: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (this.#isQuick) {
      this.#quick.push(atHead, bytes, start, end);
    } else {
      this.#element.stage(bytes, start, end);
      if (atHead) this.#packed.prepend(this.#element);
      else this.#packed.append(this.#element);
    }
    this.#save();
  }

  /** Inserts an element before or behind the cursor, which is gone afterwards; `reserve` was asked before `seek`. */
  insert(before: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (this.#isQuick) {
      this.#quick.insert(before, bytes, start, end);
    } else {
      const packed = this.#packed;
      this.#element.stage(bytes, start, end);
      const at = before ? this.#at : packed.next(this.#at);
      if (at === NOWHERE) packed.append(this.#element);
      else packed.insert(at, this.#element);
    }
    this.#save();
  }

  /** Puts an element in the place of number `index`; `reserve` has been asked. */
  replace(index: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#isQuick) {
      this.#quick.replace(index, bytes, start, end);
    } else {
      this.#element.stage(bytes, start, end);
      this.#packed.replace(this.#packed.at(index), this.#element);
    }
    this.#save();
  }

  /** Takes the cursor's element out and moves on to the following (or previous) one; false: there is none. */
  remove(forward: boolean): boolean {
    let more: boolean;
    if (this.#isQuick) {
      more = this.#quick.remove(forward);
    } else {
      const packed = this.#packed;
      const following = packed.remove(this.#at, 1);
      if (forward) this.#at = following;
      else this.#at = following === NOWHERE ? packed.last() : packed.previous(following);
      more = this.#at !== NOWHERE;
    }
    this.#save();
    return more;
  }

  /**
   * Takes out the first (or last) `n` elements, not all. What is returned is too much to be freed at once: it is to be
   * handed to the shard's lazy freeing; undefined for nothing.
   */
  cut(atHead: boolean, n: number): ValueDrain | undefined {
    let rest: Ref = 0;
    if (this.#isQuick) {
      rest = this.#quick.cut(atHead, n);
    } else {
      const packed = this.#packed;
      packed.remove(atHead ? packed.first() : packed.at(packed.count - n), n);
    }
    this.#save();
    return rest === 0 ? undefined : new QuickListDrain(this.#arena, rest);
  }
}

class QuickListDrain implements ValueDrain {
  readonly #list: QuickList;

  constructor(arena: Arena, root: Ref) {
    this.#list = new QuickList(arena, root);
  }

  step(blocksMax: number): boolean {
    return this.#list.freeSome(blocksMax);
  }
}

// ---------------------------------------------------------------------- lists as databases see them (value-type.ts)

const quickList = new QuickList();
const packedList = new PackedList();

function isQuick(arena: Arena, entry: Ref): boolean {
  return entryEncoding(arena, entry) === LIST_ENCODING.quick;
}

function openQuick(arena: Arena, entry: Ref): QuickList {
  quickList.open(arena, slotRef(arena, entry), ANY_FILL);
  return quickList;
}

function openPacked(arena: Arena, entry: Ref): PackedList {
  packedList.arena = arena;
  packedList.ref = slotRef(arena, entry);
  return packedList;
}

/** Calls `visitor` for the nodes of either encoding, from head to tail. */
export function visitListNodes(arena: Arena, entry: Ref, visitor: NodeVisitor): void {
  if (isQuick(arena, entry)) openQuick(arena, entry).visit(visitor);
  else visitor.packed(openPacked(arena, entry));
}

/** Bytes of Redis's listpacks and plain nodes with the same content. */
function listpackBytes(arena: Arena, entry: Ref): number {
  let bytes = 0;
  visitListNodes(arena, entry, {
    packed: (list) => (bytes += list.bytes + LISTPACK_BYTES),
    plain: ({ start, end }) => (bytes += end - start),
  });
  return bytes;
}

/** Bytes of a length in an RDB file (rdb.c, rdbSaveLen). */
function rdbLengthBytes(length: number): number {
  if (length < 64) return 1;
  return length < 16384 ? 2 : 5;
}

function serializedLength(arena: Arena, entry: Ref): number {
  const quick = isQuick(arena, entry);
  // A quick list has its number of nodes, and with every node what kind it is.
  let bytes = quick ? rdbLengthBytes(openQuick(arena, entry).nodes) : 0;
  const add = (content: number): void => {
    bytes += (quick ? 1 : 0) + rdbLengthBytes(content) + content;
  };
  visitListNodes(arena, entry, {
    packed: (list) => {
      add(list.bytes + LISTPACK_BYTES);
    },
    plain: ({ start, end }) => {
      add(end - start);
    },
  });
  return bytes;
}

function debugDetails(arena: Arena, entry: Ref, fill: number): string {
  if (!isQuick(arena, entry)) return '';
  const { nodes, count } = openQuick(arena, entry);
  const bytes = listpackBytes(arena, entry);
  const average = (count / nodes).toFixed(2);
  return ` ql_nodes:${nodes} ql_avg_node:${average} ql_listpack_max:${fill} ql_compressed:0 ql_uncompressed_size:${bytes}`;
}

function moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void {
  const ref = slotRef(arena, entry);
  if (!isQuick(arena, entry)) {
    setSlotRef(arena, entry, mover.move(ref, arena.sizeOf(ref)));
    return;
  }
  const quick = openQuick(arena, entry);
  const from = (mover.pass * MOVE_NODES_MAX) % quick.nodes;
  quick.moveBlocks(from, MOVE_NODES_MAX, (block, bytes) => mover.move(block, bytes));
  setSlotRef(arena, entry, quick.root);
}

// The portable form: nodes one behind the other, each | elements:u32, PLAIN_MARK for a plain one | length:u32 | bytes |
const PLAIN_MARK = -1;
const WORD_BYTES = 4;

function exportContent(arena: Arena, entry: Ref, sink: ByteSink): void {
  const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
  const add = (mark: number, { bytes, start, end }: ByteView): void => {
    sink.appendWord(mark);
    sink.appendWord(end - start);
    sink.append(bytes, start, end);
  };
  visitListNodes(arena, entry, {
    packed: (list) => {
      list.readAll(view);
      add(list.count, view);
    },
    plain: (element) => {
      add(PLAIN_MARK, element);
    },
  });
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function importContent(arena: Arena, entry: Ref, bytes: Uint8Array, start: number, end: number): void {
  const packed = new PackedList(arena);
  const quick = new QuickList(arena);
  const toQuick = isQuick(arena, entry);
  if (toQuick) quick.create();
  for (let at = start; at < end;) {
    const mark = wordAt(bytes, at);
    const from = at + 2 * WORD_BYTES;
    at = from + wordAt(bytes, at + WORD_BYTES);
    assert(at <= end, 'a node of a portable list is whole');
    if (mark === PLAIN_MARK) {
      quick.appendPlain(bytes, from, at);
    } else {
      packed.adopt(bytes, from, at, mark);
      if (toQuick) quick.appendPacked(packed.ref);
    }
  }
  setSlotRef(arena, entry, toQuick ? quick.root : packed.ref);
}

export const LIST_TYPE: ValueType = {
  isAwaited: true,
  encodingName: (arena, entry) => (isQuick(arena, entry) ? 'quicklist' : 'listpack'),
  serializedLength,
  debugDetails: (arena, entry, limits) => debugDetails(arena, entry, limits.listMaxListpackSize),
  blocks: (arena, entry) => (isQuick(arena, entry) ? openQuick(arena, entry).nodes + 1 : 1),
  bytes: (arena, entry, samples) =>
    isQuick(arena, entry) ? openQuick(arena, entry).bytesUsed(samples) : arena.sizeOf(slotRef(arena, entry)),
  free: (arena, entry) => {
    if (isQuick(arena, entry)) openQuick(arena, entry).freeSome(Infinity);
    else arena.free(slotRef(arena, entry));
  },
  drain: (arena, entry) => {
    assert(isQuick(arena, entry), 'a packed list is freed at once');
    return new QuickListDrain(arena, slotRef(arena, entry));
  },
  duplicate: (arena, entry) => {
    const copy = isQuick(arena, entry) ? openQuick(arena, entry).copy() : openPacked(arena, entry).copy();
    setSlotRef(arena, entry, copy);
  },
  moveBlocks,
  exportContent,
  importContent,
  check: (arena, entry) => {
    if (isQuick(arena, entry)) {
      openQuick(arena, entry).check();
      assert(quickList.count > 0, 'no list is empty');
    } else {
      openPacked(arena, entry).check();
      assert(packedList.count > 0, 'no list is empty');
    }
  },
};
