// Streams: a listpack for each of our nodes, without the entries that were deleted, then what the stream knows of itself, and
// its groups.
//
//   listpack   | live | deleted | n | field ... | 0 | entry ... |        the fields of the first entry
//   entry      | flags | ms | seq | value ... or n, field, value ... | elements before this one |     ms, seq: from the first

import { GrowingBytes } from '../../base/growing-bytes.js';
import { bytesOf } from '../../base/bytes.js';
import type { Arena, Ref } from '../../memory/arena.js';
import { StagedElement } from '../../structures/packed-element.js';
import { ConsumerValue, GroupValue, StreamGroups } from '../../values/stream-group.js';
import { StreamId, StreamValue } from '../../values/stream.js';
import { newView } from './packed-sources.js';
import { RDB, STREAM_SAME_FIELDS, VERSION_SET_LISTPACK } from './rdb-format.js';
import type { RdbWriter } from './rdb-writer.js';
import { msOf, seqOf, writeId, writeIdKey, writeRawId } from './stream-ids.js';

const INITIAL_BYTES = 4096;

const stream = new StreamValue();
const groups = new StreamGroups();
const group = new GroupValue();
const consumer = new ConsumerValue();
const id = new StreamId();
const view = newView();

export function streamKind(_arena: Arena, _entry: Ref, version: number): number {
  return version >= VERSION_SET_LISTPACK ? RDB.stream3 : RDB.stream2;
}

export function saveStream(arena: Arena, entry: Ref, kind: number, writer: RdbWriter): void {
  stream.open(arena, entry);
  saveEntries(writer);
  writer.length(stream.length);
  writeId(writer, stream.readLastId(id));
  writeId(writer, stream.readFirstId(id));
  writeId(writer, stream.readDeletedId(id));
  writer.longLength(stream.added);
  groups.open(arena, stream.root);
  const { names } = groups;
  writer.length(names.count);
  for (let i = 0; i < names.count; i++) {
    group.open(arena, names.at(i));
    names.readName(group.ref, view);
    writer.string(view.bytes, view.start, view.end);
    saveGroup(arena, kind, writer);
  }
}

// ---------------------------------------------------------------------- entries

/** The elements of a listpack, put together one by one. */
class Pack {
  readonly bytes = new GrowingBytes(INITIAL_BYTES);
  count = 0;
  readonly #element = new StagedElement();

  clear(): void {
    this.bytes.clear();
    this.count = 0;
  }

  /** Appends an element. */
  bulk(bytes: Uint8Array, start: number, end: number): void {
    this.#element.stage(bytes, start, end);
    this.#write();
  }

  integer(value: number): void {
    this.#element.stageInteger(value);
    this.#write();
  }

  /** The low 64 bits, as a signed integer. */
  bigInteger(value: bigint): void {
    const digits = bytesOf(BigInt.asIntN(64, value).toString());
    this.bulk(digits, 0, digits.length);
  }

  #write(): void {
    const { bytes } = this;
    bytes.reserve(this.#element.bytes);
    bytes.length = this.#element.write(bytes.bytes, bytes.length);
    this.count++;
  }

  /** Appends the elements of another. */
  add(other: Pack): void {
    this.bytes.append(other.bytes.bytes, 0, other.bytes.length);
    this.count += other.count;
  }
}

const head = new Pack();
const body = new Pack();
const base = new StreamId();

/** Takes fields and values of an entry apart. */
class EntryParts {
  fields: Uint8Array[] = [];
  values: Uint8Array[] = [];

  take(): void {
    this.fields = [];
    this.values = [];
    stream.give(this);
  }

  bulk(bytes: Uint8Array, start: number, end: number): void {
    const isField = this.fields.length === this.values.length;
    (isField ? this.fields : this.values).push(bytes.slice(start, end));
  }
}

const entry = new EntryParts();

function saveEntries(writer: RdbWriter): void {
  writer.length(countNodes());
  let node: Ref = 0;
  let live = 0;
  let fields: Uint8Array[] = [];
  stream.walkAll(false);
  while (stream.step()) {
    entry.take();
    if (stream.node.ref !== node) {
      if (node !== 0) finishNode(writer, live, fields);
      node = stream.node.ref;
      live = 0;
      ({ fields } = entry);
      base.copy(stream.node.id);
      body.clear();
    }
    live++;
    saveEntry(fields);
  }
  if (node !== 0) finishNode(writer, live, fields);
}

/** Nodes with live entries. */
function countNodes(): number {
  let nodes = 0;
  let node: Ref = 0;
  stream.walkAll(false);
  while (stream.step()) {
    if (stream.node.ref !== node) nodes++;
    node = stream.node.ref;
  }
  return nodes;
}

function saveEntry(fields: readonly Uint8Array[]): void {
  const same =
    fields.length === entry.fields.length && fields.every((one, i) => Buffer.compare(one, entry.fields[i]) === 0);
  const before = body.count;
  body.integer(same ? STREAM_SAME_FIELDS : 0);
  body.bigInteger(msOf(stream.node.id) - msOf(base));
  body.bigInteger(seqOf(stream.node.id) - seqOf(base));
  if (!same) body.integer(entry.fields.length);
  entry.values.forEach((value, i) => {
    if (!same) body.bulk(entry.fields[i], 0, entry.fields[i].length);
    body.bulk(value, 0, value.length);
  });
  body.integer(body.count - before);
}

function finishNode(writer: RdbWriter, live: number, fields: readonly Uint8Array[]): void {
  head.clear();
  head.integer(live);
  head.integer(0);
  head.integer(fields.length);
  for (const field of fields) head.bulk(field, 0, field.length);
  head.integer(0);
  head.add(body);
  writeIdKey(writer, base);
  writer.listpack(head.bytes.bytes, 0, head.bytes.length, head.count);
}

// ---------------------------------------------------------------------- groups

function saveGroup(arena: Arena, kind: number, writer: RdbWriter): void {
  writeId(writer, group.readLastId(id));
  writer.longLength(BigInt.asUintN(64, group.read));
  const { pending, consumers } = group;
  writer.length(pending.count);
  for (let more = pending.first(); more; more = pending.next()) {
    writeRawId(writer, pending.readId(id));
    writer.int64(BigInt(group.deliveredMs));
    writer.longLength(group.deliveries);
  }
  writer.length(consumers.count);
  for (let i = 0; i < consumers.count; i++) {
    consumer.open(arena, consumers.at(i));
    consumers.readName(consumer.ref, view);
    writer.string(view.bytes, view.start, view.end);
    writer.int64(BigInt(consumer.seenMs));
    if (kind === RDB.stream3) writer.int64(BigInt(consumer.activeMs));
    const own = consumer.pending;
    writer.length(own.count);
    for (let more = own.first(); more; more = own.next()) writeRawId(writer, own.readId(id));
  }
}
