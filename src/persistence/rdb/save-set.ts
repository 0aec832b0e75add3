// Sets: of numbers as an array of integers, packed ones as a listpack where the version has that, others member by member.

import type { Arena, Ref } from '../../memory/arena.js';
import { entryEncoding, slotRef } from '../../structures/entry.js';
import { IntSet } from '../../structures/int-set.js';
import { PackedList } from '../../structures/packed-list.js';
import { SetValue } from '../../values/set.js';
import { SET_ENCODING } from '../../values/types.js';
import { newView } from './packed-sources.js';
import { RDB, VERSION_SET_LISTPACK } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';

const INTSET_HEAD_BYTES = 8;

const set = new SetValue();
const view = newView();

export function setKindOf(arena: Arena, entry: Ref, version: number): number {
  const encoding = entryEncoding(arena, entry);
  if (encoding === SET_ENCODING.ints) return RDB.setIntset;
  return encoding === SET_ENCODING.packed && version >= VERSION_SET_LISTPACK ? RDB.setListpack : RDB.set;
}

export function saveSet(arena: Arena, entry: Ref, kind: number, writer: RdbWriter): void {
  if (kind === RDB.setIntset) {
    saveInts(new IntSet(arena, slotRef(arena, entry)), writer);
  } else if (kind === RDB.setListpack) {
    const packed = new PackedList(arena, slotRef(arena, entry));
    packed.readAll(view);
    writer.listpack(view.bytes, view.start, view.end, packed.count);
  } else {
    set.open(arena, entry);
    writer.length(set.count);
    set.rewind();
    while (set.next(view)) writer.string(view.bytes, view.start, view.end);
  }
}

function saveInts(ints: IntSet, writer: RdbWriter): void {
  const { count } = ints;
  // Ascending: the outermost need the most room.
  const width = Math.max(widthOf(ints, 0), widthOf(ints, count - 1));
  const bytes = new Uint8Array(INTSET_HEAD_BYTES + count * width);
  const data = new DataView(bytes.buffer);
  data.setInt32(0, width, true);
  data.setInt32(4, count, true);
  for (let i = 0; i < count; i++) {
    const at = INTSET_HEAD_BYTES + i * width;
    if (width === 2) data.setInt16(at, ints.lowAt(i), true);
    else data.setInt32(at, ints.lowAt(i), true);
    if (width === 8) data.setInt32(at + 4, ints.highAt(i), true);
  }
  writer.blob(bytes, 0, bytes.length);
}

/** Bytes that the integer at `index` needs: 2, 4 or 8. */
function widthOf(ints: IntSet, index: number): number {
  const low = ints.lowAt(index);
  if (ints.highAt(index) !== low >> 31) return 8;
  return low >= -0x8000 && low <= 0x7fff ? 2 : 4;
}
