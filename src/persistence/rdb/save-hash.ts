// Hashes: packed ones as listpacks, others field by field; with deadlines of fields as 7.4 does.

import type { Arena, Ref } from '../../memory/arena.js';
import { PARTS_EXPIRE } from '../../structures/entry-layout.js';
import { entryKind, slotRef } from '../../structures/entry.js';
import { InlineList } from '../../structures/inline-list.js';
import { PackedList } from '../../structures/packed-list.js';
import { HashValue, INLINE_HASH_KIND, NO_DEADLINE, PACKED_EX_HASH_KIND, PACKED_HASH_KIND } from '../../values/hash.js';
import { defaultLimits } from '../../values/limits.js';
import { newView } from './packed-sources.js';
import { RDB, VERSION_FIELD_TTLS, VERSION_LISTPACKS } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';

/** No field is due: what has not been taken out yet is written. */
const BEFORE_ALL = 0;
const LIMITS = defaultLimits();

const hash = new HashValue();
const inline = new InlineList();
const view = newView();

function open(arena: Arena, entry: Ref): void {
  hash.open(arena, entry, LIMITS, BEFORE_ALL);
}

export function hashVersion(arena: Arena, entry: Ref): number {
  open(arena, entry);
  return hash.hasDeadlines ? VERSION_FIELD_TTLS : VERSION_LISTPACKS;
}

export function hashKind(arena: Arena, entry: Ref, version: number): number {
  const kind = entryKind(arena, entry) & ~PARTS_EXPIRE;
  if (kind === PACKED_HASH_KIND || kind === INLINE_HASH_KIND) return RDB.hashListpack;
  open(arena, entry);
  if (!hash.hasDeadlines || version < VERSION_FIELD_TTLS) return RDB.hash;
  return kind === PACKED_EX_HASH_KIND ? RDB.hashListpackEx : RDB.hashMetadata;
}

/** An inline hash with the back lengths that a listpack has. */
function packedCopy(arena: Arena, entry: Ref): PackedList {
  const packed = new PackedList(arena);
  inline.open(arena, entry);
  inline.readAll(view);
  packed.adoptBare(view.bytes, view.start, view.end);
  return packed;
}

export function saveHash(arena: Arena, entry: Ref, kind: number, writer: RdbWriter): void {
  open(arena, entry);
  const first = hash.firstDeadline;
  if (kind === RDB.hashListpackEx || kind === RDB.hashMetadata) writer.int64(BigInt(first));
  if (kind === RDB.hashListpack || kind === RDB.hashListpackEx) {
    const isInline = entryKind(arena, entry) === INLINE_HASH_KIND;
    const packed = isInline ? packedCopy(arena, entry) : new PackedList(arena, slotRef(arena, entry));
    packed.readAll(view);
    writer.listpack(view.bytes, view.start, view.end, packed.count);
    if (isInline) packed.free();
    return;
  }
  writer.length(hash.total);
  hash.each(() => {
    if (kind === RDB.hashMetadata) writer.length(hash.deadline === NO_DEADLINE ? 0 : hash.deadline - first + 1);
    hash.readField(view);
    writer.string(view.bytes, view.start, view.end);
    hash.readValue(view);
    writer.string(view.bytes, view.start, view.end);
  });
}
