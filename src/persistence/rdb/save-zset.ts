// Sorted sets: packed ones as a listpack, large ones member by member, the highest score first: so who reads them adds every
// member at the front.

import type { Arena, Ref } from '../../memory/arena.js';
import { entryEncoding, slotRef } from '../../structures/entry.js';
import { PackedList } from '../../structures/packed-list.js';
import { ZSET_ENCODING } from '../../values/types.js';
import { ZSetValue } from '../../values/zset.js';
import { newView } from './packed-sources.js';
import { RDB } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';

const zset = new ZSetValue();
const view = newView();

export function zsetKind(arena: Arena, entry: Ref): number {
  return entryEncoding(arena, entry) === ZSET_ENCODING.packed ? RDB.zsetListpack : RDB.zset2;
}

export function saveZSet(arena: Arena, entry: Ref, kind: number, writer: RdbWriter): void {
  if (kind === RDB.zsetListpack) {
    const packed = new PackedList(arena, slotRef(arena, entry));
    packed.readAll(view);
    writer.listpack(view.bytes, view.start, view.end, packed.count);
    return;
  }
  zset.open(arena, entry);
  writer.length(zset.length);
  zset.seek(zset.length - 1);
  do {
    zset.read(view);
    writer.string(view.bytes, view.start, view.end);
    writer.double(zset.score);
  } while (zset.previous());
}
