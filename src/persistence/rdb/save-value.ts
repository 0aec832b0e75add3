// Writes one value in RDB's format: the byte of its kind, and the value as `save-*.ts` have it.

import { assert } from '../../base/assert.js';
import type { Arena, Ref } from '../../memory/arena.js';
import { entryType } from '../../structures/entry.js';
import { readString } from '../../values/string.js';
import { TYPE } from '../../values/types.js';
import { newView } from './packed-sources.js';
import { RDB, VERSION_LISTPACKS } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';
import { hashKind, hashVersion, saveHash } from './save-hash.js';
import { listKind, saveList } from './save-list.js';
import { saveSet, setKindOf } from './save-set.js';
import { saveStream, streamKind } from './save-stream.js';
import { saveZSet, zsetKind } from './save-zset.js';

/** How a type is written. */
interface Saver {
  /** The kind that a value has in `version` of the format. */
  readonly kind: (arena: Arena, entry: Ref, version: number) => number;
  readonly save: (arena: Arena, entry: Ref, kind: number, writer: RdbWriter) => void;
  /** The oldest version that has room for the value; VERSION_LISTPACKS for all without. */
  readonly version?: (arena: Arena, entry: Ref) => number;
}

const view = newView();

const STRING_SAVER: Saver = {
  kind: () => RDB.string,
  save: (arena, entry, _kind, writer) => {
    readString(arena, entry, view);
    writer.string(view.bytes, view.start, view.end);
  },
};

const SAVERS: (Saver | undefined)[] = [];
SAVERS[TYPE.string] = STRING_SAVER;
SAVERS[TYPE.list] = { kind: listKind, save: saveList };
SAVERS[TYPE.set] = { kind: setKindOf, save: saveSet };
SAVERS[TYPE.zset] = { kind: zsetKind, save: saveZSet };
SAVERS[TYPE.stream] = { kind: streamKind, save: saveStream };
SAVERS[TYPE.hash] = { kind: hashKind, save: saveHash, version: hashVersion };

function saverOf(arena: Arena, entry: Ref): Saver {
  const saver = SAVERS[entryType(arena, entry)];
  assert(saver !== undefined, 'every type can be written');
  return saver;
}

/** The oldest version of the format, from VERSION_LISTPACKS on, that has room for all of the entry's value. */
export function versionFor(arena: Arena, entry: Ref): number {
  return saverOf(arena, entry).version?.(arena, entry) ?? VERSION_LISTPACKS;
}

/** The byte that says how the entry's value is written in `version` of the format (10 to 12). */
export function kindOf(arena: Arena, entry: Ref, version: number): number {
  return saverOf(arena, entry).kind(arena, entry, version);
}

/** Writes the entry's value as `kind`, which `kindOf` gave; the byte of the kind is not part of it. */
export function saveValue(arena: Arena, entry: Ref, kind: number, writer: RdbWriter): void {
  saverOf(arena, entry).save(arena, entry, kind, writer);
}
