// Hashes of all versions, field by field into a hash of our own; fields with deadlines as 7.4 writes them.

import type { ByteView } from '../../base/bytes.js';
import { parseSafeInteger } from '../../base/integers.js';
import { PARTS_EXPIRE } from '../../structures/entry-layout.js';
import { entryKind, setEntryKind } from '../../structures/entry.js';
import { HashValue, INLINE_HASH_KIND, INLINE_LIST_BYTES_MAX } from '../../values/hash.js';
import type { LoadedValue } from './loaded-value.js';
import {
  ListpackSource,
  newView,
  nextOf,
  PlainSource,
  ZiplistSource,
  ZipmapSource,
  type ElementSource,
} from './packed-sources.js';
import { RDB } from './rdb-format.js';
import { expectFormat, type RdbReader } from './rdb-reader.js';

/** The latest deadline of a field, Unix ms. */
const DEADLINE_MAX = 2 ** 46 - 1;
/** No field is due while its hash is read. */
const BEFORE_ALL = 0;

const hash = new HashValue();
const pack = newView();
const field = newView();
const content = newView();
const deadline = newView();

export function loadHash(value: LoadedValue, kind: number, reader: RdbReader): void {
  const { db } = value;
  const entry = value.begin(INLINE_HASH_KIND, INLINE_LIST_BYTES_MAX);
  hash.keeper = value;
  hash.create(db.arena, entry, db.shard.limits, BEFORE_ALL, 0);
  if (kind === RDB.hashMetadata || kind === RDB.hashMetadataPreGa) {
    loadMetadata(kind, reader);
  } else if (kind === RDB.hashListpackEx || kind === RDB.hashListpackExPreGa) {
    if (kind === RDB.hashListpackEx) reader.int64();
    reader.string(pack);
    loadTriples(new ListpackSource(pack));
  } else {
    loadPairs(sourceOf(kind, reader));
  }
  expectFormat(hash.total > 0, 'a hash is empty');
  hash.trim();
  if (hash.hasDeadlines) setEntryKind(db.arena, hash.entry, entryKind(db.arena, hash.entry) | PARTS_EXPIRE);
}

function sourceOf(kind: number, reader: RdbReader): ElementSource {
  if (kind === RDB.hash) return new PlainSource(reader, reader.count(2) * 2);
  reader.string(pack);
  if (kind === RDB.hashZipmap) return new ZipmapSource(pack);
  return kind === RDB.hashZiplist ? new ZiplistSource(pack) : new ListpackSource(pack);
}

function add(name: ByteView, text: ByteView): void {
  const isNew = hash.set(name.bytes, name.start, name.end, text.bytes, text.start, text.end, false);
  expectFormat(isNew, 'a hash has a field twice');
}

function addWithDeadline(ms: number): void {
  expectFormat(ms >= 0 && ms <= DEADLINE_MAX, 'the deadline of a field is out of range');
  add(field, content);
  if (ms === 0) return;
  const found = hash.find(field.bytes, field.start, field.end);
  expectFormat(found, 'a field that was added is there');
  hash.setDeadline(field.bytes, field.start, field.end, ms);
}

function loadPairs(source: ElementSource): void {
  while (source.next(field)) {
    nextOf(source, content);
    add(field, content);
  }
}

/** Field, value, deadline; 0 for none. */
function loadTriples(source: ElementSource): void {
  while (source.next(field)) {
    nextOf(source, content);
    nextOf(source, deadline);
    addWithDeadline(parseSafeInteger(deadline.bytes, deadline.start, deadline.end));
  }
}

/** Deadlines in front of their fields: 0 for none; counted from the earliest one, which is written first, plus 1. */
function loadMetadata(kind: number, reader: RdbReader): void {
  const relative = kind === RDB.hashMetadata;
  const earliest = relative ? Number(reader.int64()) - 1 : 0;
  for (let left = reader.count(3); left > 0; left--) {
    const ms = reader.length();
    reader.string(field);
    reader.string(content);
    addWithDeadline(ms === 0 ? 0 : ms + earliest);
  }
}
