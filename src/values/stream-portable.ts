// The portable form of a stream, with groups, consumers and what is pending (portable.ts).
//
//   root words | nodes:u32 | node: bytes:u32, bytes ... | groups:u32 | group ...
//   group      | name | words of last ID and entries read | consumers:u32 | consumer: name, seen, active ... |
//              | pending:u32 | ID, consumer by number, words of time and deliveries ... |
//   name       | bytes:u32 | bytes |

import { assert } from '../base/assert.js';
import { NO_BYTES, readWord, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { slotRef } from '../structures/entry.js';
import { IdTree } from '../structures/id-tree.js';
import { ID_BYTES, StreamId } from '../structures/stream-id.js';
import { StreamNode } from '../structures/stream-node.js';
import { ConsumerValue, GroupValue, StreamGroups } from './stream-group.js';
import {
  GROUP_LAST_ID,
  GROUP_PENDING,
  NODE_PAYLOAD_WORDS,
  PENDING_TIME,
  PENDING_WORDS,
  ROOT_NODES,
  ROOT_PLAIN_WORDS,
  ROOT_TAIL,
} from './stream-layout.js';
import { StreamValue } from './stream.js';
import type { ByteSink } from './value-type.js';

const stream = new StreamValue();
const nodes = new IdTree(NODE_PAYLOAD_WORDS);
const groups = new StreamGroups();
const group = new GroupValue();
const consumer = new ConsumerValue();
const node = new StreamNode();
const id = new StreamId();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

function wordsOf(arena: Arena, block: Ref): Int32Array {
  return arena.i32[block >>> REF_SEGMENT_SHIFT];
}

function wordAt(block: Ref, word: number): number {
  return ((block & REF_GRANULE_MASK) << 1) + word;
}

const ID_WORDS = ID_BYTES / 4;
const GROUP_PLAIN_WORDS = GROUP_PENDING - GROUP_LAST_ID;

function appendWords(sink: ByteSink, words: Int32Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) sink.appendWord(words[at + i]);
}

function appendView(sink: ByteSink): void {
  sink.appendWord(view.end - view.start);
  sink.append(view.bytes, view.start, view.end);
}

function appendMs(sink: ByteSink, ms: number): void {
  sink.appendWord(ms % 2 ** 32);
  sink.appendWord(Math.floor(ms / 2 ** 32));
}

/** ValueType.exportContent */
export function exportStream(arena: Arena, entry: Ref, sink: ByteSink): void {
  const root = slotRef(arena, entry);
  nodes.open(arena, root, ROOT_NODES);
  groups.open(arena, root);
  appendWords(sink, wordsOf(arena, root), wordAt(root, 0), ROOT_PLAIN_WORDS);
  sink.appendWord(nodes.count);
  for (let more = nodes.first(); more; more = nodes.next()) {
    node.open(arena, nodes.words[nodes.payload]);
    node.readAll(view);
    appendView(sink);
  }
  sink.appendWord(groups.names.count);
  for (let i = 0; i < groups.names.count; i++) {
    group.open(arena, groups.names.at(i));
    exportGroup(arena, sink);
  }
}

function exportGroup(arena: Arena, sink: ByteSink): void {
  groups.names.readName(group.ref, view);
  appendView(sink);
  appendWords(sink, wordsOf(arena, group.ref), wordAt(group.ref, GROUP_LAST_ID), GROUP_PLAIN_WORDS);
  sink.appendWord(group.consumers.count);
  const numbers = new Map<Ref, number>();
  for (let i = 0; i < group.consumers.count; i++) {
    consumer.open(arena, group.consumers.at(i));
    numbers.set(consumer.ref, i);
    group.readConsumerName(consumer.ref, view);
    appendView(sink);
    appendMs(sink, consumer.seenMs);
    appendMs(sink, consumer.activeMs);
  }
  sink.appendWord(group.pending.count);
  for (let more = group.pending.first(); more; more = group.pending.next()) {
    const { words, item, payload } = group.pending;
    appendWords(sink, words, item, ID_WORDS);
    sink.appendWord(numbers.get(group.owner) ?? 0);
    appendWords(sink, words, payload + PENDING_TIME, PENDING_WORDS - PENDING_TIME);
  }
}

/** Reads what was exported, from `at` on. */
class PortableReader {
  at: number;
  readonly bytes: Uint8Array;

  constructor(content: Uint8Array, start: number) {
    this.bytes = content;
    this.at = start;
  }

  word(): number {
    this.at += 4;
    return readWord(this.bytes, this.at - 4);
  }

  words(into: Int32Array, at: number, count: number): void {
    for (let i = 0; i < count; i++) into[at + i] = this.word();
  }

  ms(): number {
    const low = this.word() >>> 0;
    return this.word() * 2 ** 32 + low;
  }

  /** Goes behind a length and so many bytes; they begin at what is returned. */
  span(): number {
    const length = this.word();
    this.at += length;
    return this.at - length;
  }
}

/** ValueType.importContent */
export function importStream(arena: Arena, entry: Ref, content: Uint8Array, start: number, end: number): void {
  const reader = new PortableReader(content, start);
  stream.create(arena, entry);
  const { root } = stream;
  reader.words(wordsOf(arena, root), wordAt(root, 0), ROOT_PLAIN_WORDS);
  nodes.open(arena, root, ROOT_NODES);
  groups.open(arena, root);
  node.arena = arena;
  for (let left = reader.word(); left > 0; left--) {
    const from = reader.span();
    node.adopt(content, from, reader.at);
    nodes.insert(node.readBase(id));
    nodes.words[nodes.payload] = node.ref;
    wordsOf(arena, root)[wordAt(root, ROOT_TAIL)] = node.ref;
  }
  for (let left = reader.word(); left > 0; left--) importGroup(arena, reader);
  assert(reader.at === end, 'a portable stream is whole');
}

function importGroup(arena: Arena, reader: PortableReader): void {
  const from = reader.span();
  groups.names.find(reader.bytes, from, reader.at);
  const ref = groups.add(reader.bytes, from, reader.at, id, 0n);
  reader.words(wordsOf(arena, ref), wordAt(ref, GROUP_LAST_ID), GROUP_PLAIN_WORDS);
  group.open(arena, ref);
  const consumers: Ref[] = [];
  for (let left = reader.word(); left > 0; left--) {
    const name = reader.span();
    const made = group.consumer(reader.bytes, name, reader.at, 0);
    consumers.push(made);
    consumer.open(arena, made);
    consumer.seenMs = reader.ms();
    consumer.activeMs = reader.ms();
  }
  for (let left = reader.word(); left > 0; left--) {
    id.readBytes(reader.bytes, reader.at);
    reader.at += ID_BYTES;
    consumer.open(arena, consumers[reader.word()]);
    group.assign(id, consumer);
    reader.words(group.pending.words, group.pending.payload + PENDING_TIME, PENDING_WORDS - PENDING_TIME);
  }
}
