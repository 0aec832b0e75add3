// Lists of all versions, element by element into a list of our own.

import { assert } from '../../base/assert.js';
import { LIST_LENGTH_MAX, ListValue, PACKED_LIST_KIND } from '../../values/list.js';
import type { LoadedValue } from './loaded-value.js';
import { ListpackSource, newView, PlainSource, ZiplistSource, type ElementSource } from './packed-sources.js';
import { NODE_PACKED, NODE_PLAIN, RDB } from './rdb-format.js';
import { expectFormat, type RdbReader } from './rdb-reader.js';

const list = new ListValue();
const node = newView();
const element = newView();

export function loadList(value: LoadedValue, kind: number, reader: RdbReader): void {
  const { db } = value;
  list.create(db.arena, value.begin(PACKED_LIST_KIND), db.shard.limits.listMaxListpackSize);
  if (kind === RDB.list) {
    push(new PlainSource(reader, reader.count(1)));
  } else if (kind === RDB.listZiplist) {
    reader.string(node);
    push(new ZiplistSource(node));
  } else {
    for (let nodes = reader.count(1); nodes > 0; nodes--) loadNode(kind, reader);
  }
  expectFormat(list.length > 0, 'a list is empty');
}

/** A node of a quicklist. */
function loadNode(kind: number, reader: RdbReader): void {
  const container = kind === RDB.quicklist2 ? reader.length() : NODE_PACKED;
  reader.string(node);
  expectFormat(node.end > node.start, 'a node of a list is empty');
  if (container === NODE_PLAIN) {
    pushOne(node.bytes, node.start, node.end);
    return;
  }
  expectFormat(container === NODE_PACKED, 'a node of a list is of an unknown kind');
  push(kind === RDB.quicklist2 ? new ListpackSource(node) : new ZiplistSource(node));
}

function push(source: ElementSource): void {
  while (source.next(element)) pushOne(element.bytes, element.start, element.end);
}

function pushOne(bytes: Uint8Array, start: number, end: number): void {
  expectFormat(list.length < LIST_LENGTH_MAX, 'a list is too long');
  list.reserve(end - start, 1);
  list.push(false, bytes, start, end);
  assert(list.length > 0, 'what was pushed is there');
}
