// Streams of all versions (save-stream.ts has the picture), entry by entry into a stream of our own.

import { NO_BYTES } from '../../base/bytes.js';
import { parseInt64 } from '../../base/integers.js';
import { GrowingBytes } from '../../base/growing-bytes.js';
import type { Arena } from '../../memory/arena.js';
import { ConsumerValue, GroupValue, StreamGroups } from '../../values/stream-group.js';
import { ENTRY_BYTES_MAX, STREAM_KIND, StreamId, StreamValue } from '../../values/stream.js';
import type { LoadedValue } from './loaded-value.js';
import { ListpackSource, newView, nextOf } from './packed-sources.js';
import { RDB, STREAM_DELETED, STREAM_SAME_FIELDS } from './rdb-format.js';
import { expectFormat, type RdbReader } from './rdb-reader.js';
import { idFrom, msOf, RAW_ID_BYTES, readId, readRawId, seqOf, setId } from './stream-ids.js';

const INITIAL_BYTES = 4096;
/** Fields of an entry, at most: more would not fit what an entry may have. */
const FIELDS_MAX = 2 ** 24;
/** At least so many bytes of input for each group, pending entry and consumer. */
const GROUP_BYTES_MIN = 5;
const PENDING_BYTES_MIN = RAW_ID_BYTES + 9;
const CONSUMER_BYTES_MIN = 10;
const ID_AND_PACK_BYTES_MIN = RAW_ID_BYTES + 8;

const stream = new StreamValue();
const groups = new StreamGroups();
const group = new GroupValue();
const consumer = new ConsumerValue();
const base = new StreamId();
const id = new StreamId();
const last = new StreamId();
const view = newView();
const pack = newView();

export function loadStream(value: LoadedValue, kind: number, reader: RdbReader): void {
  const { arena } = value.db;
  stream.create(arena, value.begin(STREAM_KIND));
  for (let nodes = reader.count(ID_AND_PACK_BYTES_MIN); nodes > 0; nodes--) loadNode(value, reader);
  reader.length(); // the number of entries, which are there
  readId(reader, id);
  expectFormat(id.compare(stream.readLastId(last)) >= 0, 'the last ID of a stream is not its last');
  stream.setLastId(id);
  if (kind !== RDB.stream) {
    readId(reader, id); // the first ID, which is there as well
    stream.setDeletedId(readId(reader, id));
    const added = reader.longLength();
    expectFormat(added === BigInt.asUintN(63, added), 'a stream had too many entries');
    stream.added = added;
  }
  groups.open(arena, stream.root);
  for (let left = reader.count(GROUP_BYTES_MIN); left > 0; left--) loadGroup(arena, kind, reader);
}

// ---------------------------------------------------------------------- entries

/** Fields and values of an entry, as a stream takes them. */
const entry = { bytes: NO_BYTES, starts: new Int32Array(64), ends: new Int32Array(64) };
const content = new GrowingBytes(INITIAL_BYTES);
let spans = 0;

function addSpan(bytes: Uint8Array, start: number, end: number): void {
  if (spans === entry.starts.length) {
    const { starts, ends } = entry;
    entry.starts = new Int32Array(spans * 2);
    entry.ends = new Int32Array(spans * 2);
    entry.starts.set(starts);
    entry.ends.set(ends);
  }
  expectFormat(content.length + (end - start) <= ENTRY_BYTES_MAX, 'an entry of a stream is too long');
  entry.starts[spans] = content.length;
  content.append(bytes, start, end);
  entry.ends[spans++] = content.length;
}

/** The next element of a listpack as an integer. */
function integerOf(source: ListpackSource): bigint {
  nextOf(source, view);
  const value = parseInt64(view.bytes, view.start, view.end);
  expectFormat(value !== undefined, 'an integer of a stream is none');
  return value;
}

function countOf(source: ListpackSource, most: number): number {
  const count = integerOf(source);
  expectFormat(count >= 0n && count <= BigInt(most), 'a number of a stream is out of range');
  return Number(count);
}

function loadNode(value: LoadedValue, reader: RdbReader): void {
  reader.string(view);
  expectFormat(view.end - view.start === RAW_ID_BYTES, 'the ID of a node has the wrong length');
  idFrom(view, base);
  reader.string(pack);
  const source = new ListpackSource(pack);
  const live = countOf(source, pack.end - pack.start);
  const deleted = countOf(source, pack.end - pack.start);
  const fields: Uint8Array[] = [];
  for (let left = countOf(source, FIELDS_MAX); left > 0; left--) {
    nextOf(source, view);
    fields.push(view.bytes.slice(view.start, view.end));
  }
  expectFormat(integerOf(source) === 0n, 'the fields of a node have no end');
  let found = 0;
  for (let left = live + deleted; left > 0; left--) if (loadEntry(value, source, fields)) found++;
  expectFormat(found === live, 'a node does not count its entries right');
  expectFormat(!source.next(view), 'a node has more entries than it says');
}

/** Reads an entry, and adds it unless it is deleted; true: it was added. */
function loadEntry(value: LoadedValue, source: ListpackSource, fields: readonly Uint8Array[]): boolean {
  const flags = countOf(source, STREAM_DELETED | STREAM_SAME_FIELDS);
  const ms = msOf(base) + integerOf(source);
  setId(id, ms, seqOf(base) + integerOf(source));
  const same = (flags & STREAM_SAME_FIELDS) !== 0;
  const count = same ? fields.length : countOf(source, FIELDS_MAX);
  expectFormat(count > 0, 'an entry of a stream has no fields');
  content.clear();
  spans = 0;
  for (let i = 0; i < count; i++) {
    if (same) {
      addSpan(fields[i], 0, fields[i].length);
    } else {
      nextOf(source, view);
      addSpan(view.bytes, view.start, view.end);
    }
    nextOf(source, view);
    addSpan(view.bytes, view.start, view.end);
  }
  const elements = same ? count + 3 : 2 * count + 4;
  expectFormat(integerOf(source) === BigInt(elements), 'an entry of a stream is not as long from behind');
  if ((flags & STREAM_DELETED) !== 0) return false;
  expectFormat(id.compare(stream.readLastId(last)) > 0, 'entries of a stream are not in order');
  entry.bytes = content.bytes;
  stream.append(id, entry, 0, count, content.length, value.db.shard.limits);
  return true;
}

// ---------------------------------------------------------------------- groups

interface Pending {
  readonly ms: number;
  readonly deliveries: bigint;
}

function timeOf(reader: RdbReader): number {
  const ms = Number(reader.int64());
  expectFormat(Number.isSafeInteger(ms), 'a time of a stream is out of range');
  return ms;
}

function keyOf(of: StreamId): string {
  return `${of.msHigh} ${of.msLow} ${of.seqHigh} ${of.seqLow}`;
}

function loadGroup(arena: Arena, kind: number, reader: RdbReader): void {
  reader.string(view);
  expectFormat(groups.names.find(view.bytes, view.start, view.end) === 0, 'a stream has a group twice');
  readId(reader, id);
  const read = kind === RDB.stream ? -1n : BigInt.asIntN(64, reader.longLength());
  group.open(arena, groups.add(view.bytes, view.start, view.end, id, read));
  const pending = new Map<string, Pending>();
  for (let left = reader.count(PENDING_BYTES_MIN); left > 0; left--) {
    const key = keyOf(readRawId(reader, id));
    const ms = timeOf(reader);
    const deliveries = reader.longLength();
    expectFormat(!pending.has(key), 'an entry is pending twice');
    expectFormat(deliveries === BigInt.asUintN(63, deliveries), 'an entry was delivered too often');
    pending.set(key, { ms, deliveries });
  }
  for (let left = reader.count(CONSUMER_BYTES_MIN); left > 0; left--) loadConsumer(arena, kind, reader, pending);
  expectFormat(group.pending.count === pending.size, 'an entry is pending with nobody');
}

function loadConsumer(arena: Arena, kind: number, reader: RdbReader, pending: ReadonlyMap<string, Pending>): void {
  reader.string(view);
  expectFormat(group.consumers.find(view.bytes, view.start, view.end) === 0, 'a group has a consumer twice');
  const seenMs = timeOf(reader);
  consumer.open(arena, group.addConsumer(view.bytes, view.start, view.end, seenMs));
  consumer.activeMs = kind === RDB.stream3 ? timeOf(reader) : seenMs;
  for (let left = reader.count(RAW_ID_BYTES); left > 0; left--) {
    const found = pending.get(keyOf(readRawId(reader, id)));
    expectFormat(found !== undefined, 'a consumer has an entry that is not pending');
    expectFormat(group.assign(id, consumer), 'an entry is pending with two consumers');
    group.setDeliveredBig(found.ms, found.deliveries);
  }
}
