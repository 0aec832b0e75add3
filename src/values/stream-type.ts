// Streams as databases see them (value-type.ts): freeing in slices, copies, moves, measures, checks. (The portable form:
// stream-portable.ts.)

import { assert } from '../base/assert.js';
import { NO_BYTES, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { setSlotRef, slotRef } from '../structures/entry.js';
import { IdTree } from '../structures/id-tree.js';
import { ID_BYTES, StreamId } from '../structures/stream-id.js';
import { StreamNode } from '../structures/stream-node.js';
import { rdbLengthBytes, rdbStringBytes } from './rdb-lengths.js';
import { ConsumerValue, GroupValue, StreamGroups } from './stream-group.js';
import { NODE_PAYLOAD_WORDS, ROOT_NODES, ROOT_PLAIN_WORDS, ROOT_TAIL, ROOT_WORDS } from './stream-layout.js';
import { exportStream, importStream } from './stream-portable.js';
import { StreamValue } from './stream.js';
import type { BlockMover, ValueDrain, ValueType } from './value-type.js';

const nodes = new IdTree(NODE_PAYLOAD_WORDS);
const copies = new IdTree(NODE_PAYLOAD_WORDS);
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

/** Points `nodes` and `groups` at those of the stream with this root. */
function openRoot(arena: Arena, root: Ref): void {
  nodes.open(arena, root, ROOT_NODES);
  groups.open(arena, root);
}

/** Visits the groups in the order of their names, with `group` open on each. */
function eachGroup(arena: Arena, visit: (index: number) => void): void {
  for (let i = 0; i < groups.names.count; i++) {
    group.open(arena, groups.names.at(i));
    visit(i);
  }
}

/** Visits the consumers of the open group, with `consumer` open on each. */
function eachConsumer(arena: Arena, visit: (index: number) => void): void {
  for (let i = 0; i < group.consumers.count; i++) {
    consumer.open(arena, group.consumers.at(i));
    visit(i);
  }
}

// ---------------------------------------------------------------------- freeing

/** Frees a stream from its first node on, then its groups from the last one on. */
class StreamDrain implements ValueDrain {
  readonly #arena: Arena;
  readonly #root: Ref;

  constructor(arena: Arena, root: Ref) {
    this.#arena = arena;
    this.#root = root;
  }

  step(blocksMax: number): boolean {
    openRoot(this.#arena, this.#root);
    for (let left = blocksMax; left > 0;) {
      const freed = this.#freeNodes() || this.#freeOfGroups();
      if (freed === 0) {
        this.#arena.free(this.#root);
        return false;
      }
      left -= freed;
    }
    return true;
  }

  /** Frees a leaf of nodes; the blocks freed. */
  #freeNodes(): number {
    let freed = 0;
    nodes.dropLeaf((words, item) => {
      this.#arena.free(words[item + ID_BYTES / 4]);
      freed++;
    });
    return freed;
  }

  /** Frees a part of the last group; the blocks freed. */
  #freeOfGroups(): number {
    const { names } = groups;
    const last = names.count - 1;
    if (last < 0) return 0;
    group.open(this.#arena, names.at(last));
    if (group.pending.dropLeaf()) return 1;
    const consumers = group.consumers.count;
    if (consumers > 0) {
      consumer.open(this.#arena, group.consumers.at(consumers - 1));
      if (!consumer.pending.dropLeaf()) group.consumers.remove(consumers - 1);
      return 1;
    }
    names.remove(last);
    return 1;
  }
}

// ---------------------------------------------------------------------- measures

function blocks(arena: Arena, entry: Ref): number {
  openRoot(arena, slotRef(arena, entry));
  let count = 1 + nodes.count + nodes.leavesAbout;
  eachGroup(arena, () => {
    // Whatever is pending stands in two trees.
    count += 1 + group.pending.leavesAbout * 2 + group.consumers.count * 2;
  });
  return count;
}

function bytes(arena: Arena, entry: Ref, samples: number): number {
  const root = slotRef(arena, entry);
  openRoot(arena, root);
  let total = arena.sizeOf(root) + nodes.bytes + groups.names.bytes;
  let sampled = 0;
  let sampledBytes = 0;
  for (let more = nodes.first(); more && sampled < samples; more = nodes.next()) {
    sampledBytes += arena.sizeOf(nodes.words[nodes.payload]);
    sampled++;
  }
  if (sampled > 0) total += Math.round((sampledBytes / sampled) * nodes.count);
  eachGroup(arena, () => {
    total += group.pending.bytes + group.consumers.bytes;
    eachConsumer(arena, () => (total += consumer.pending.bytes));
  });
  return total;
}

function rdbIdBytes(of: StreamId): number {
  const ms = (of.msHigh >>> 0) * 2 ** 32 + (of.msLow >>> 0);
  const seq = (of.seqHigh >>> 0) * 2 ** 32 + (of.seqLow >>> 0);
  return rdbLengthBytes(ms) + rdbLengthBytes(seq);
}

const RDB_MS_BYTES = 8;
const stream = new StreamValue();

function serializedLength(arena: Arena, entry: Ref): number {
  stream.open(arena, entry);
  openRoot(arena, stream.root);
  let size = rdbLengthBytes(nodes.count);
  for (let more = nodes.first(); more; more = nodes.next()) {
    node.open(arena, nodes.words[nodes.payload]);
    size += rdbLengthBytes(ID_BYTES) + ID_BYTES + rdbLengthBytes(node.packedBytes) + node.packedBytes;
  }
  size += rdbLengthBytes(stream.length) + rdbIdBytes(stream.readLastId(id)) + rdbIdBytes(stream.readFirstId(id));
  size += rdbIdBytes(stream.readDeletedId(id)) + rdbLengthBytes(Number(stream.added));
  size += rdbLengthBytes(groups.names.count);
  eachGroup(arena, () => {
    groups.names.readName(group.ref, view);
    size += rdbStringBytes(view.bytes, view.start, view.end) + rdbIdBytes(group.readLastId(id));
    size += rdbLengthBytes(Number(BigInt.asUintN(64, group.read))) + rdbLengthBytes(group.pending.count);
    for (let more = group.pending.first(); more; more = group.pending.next()) {
      size += ID_BYTES + RDB_MS_BYTES + rdbLengthBytes(group.deliveriesNear);
    }
    size += rdbLengthBytes(group.consumers.count);
    eachConsumer(arena, () => {
      group.readConsumerName(consumer.ref, view);
      const pending = consumer.pending.count;
      size +=
        rdbStringBytes(view.bytes, view.start, view.end) +
        2 * RDB_MS_BYTES +
        rdbLengthBytes(pending) +
        pending * ID_BYTES;
    });
  });
  return size;
}

// ---------------------------------------------------------------------- copies and moves

const copiedGroups = new StreamGroups();
const copiedGroup = new GroupValue();

function duplicate(arena: Arena, entry: Ref): void {
  const from = slotRef(arena, entry);
  const root = arena.alloc(ROOT_WORDS * 4);
  arena.copy(root, 0, from, 0, ROOT_PLAIN_WORDS * 4);
  const at = wordAt(root, 0);
  wordsOf(arena, root).fill(0, at + ROOT_PLAIN_WORDS, at + ROOT_WORDS);
  openRoot(arena, from);
  copies.open(arena, root, ROOT_NODES);
  for (let more = nodes.first(); more; more = nodes.next()) {
    node.open(arena, nodes.words[nodes.payload]);
    const copy = node.copy();
    copies.insert(nodes.readId(id));
    copies.words[copies.payload] = copy;
    wordsOf(arena, root)[wordAt(root, ROOT_TAIL)] = copy;
  }
  copiedGroups.open(arena, root);
  eachGroup(arena, () => {
    duplicateGroup(arena);
  });
  setSlotRef(arena, entry, root);
}

/** Adds a copy of the open group to `copiedGroups`. */
function duplicateGroup(arena: Arena): void {
  groups.names.readName(group.ref, view);
  copiedGroups.names.find(view.bytes, view.start, view.end);
  const copy = copiedGroups.add(view.bytes, view.start, view.end, group.readLastId(id), group.read);
  copiedGroup.open(arena, copy);
  const byRef = new Map<Ref, Ref>();
  eachConsumer(arena, () => {
    group.readConsumerName(consumer.ref, view);
    const { seenMs, activeMs, ref } = consumer;
    const made = copiedGroup.consumer(view.bytes, view.start, view.end, seenMs);
    byRef.set(ref, made);
    consumer.open(arena, made);
    consumer.activeMs = activeMs;
  });
  for (let more = group.pending.first(); more; more = group.pending.next()) {
    const owner = byRef.get(group.owner);
    assert(owner !== undefined, 'what is pending has a consumer');
    consumer.open(arena, owner);
    copiedGroup.assign(group.pending.readId(id), consumer);
    copiedGroup.setDeliveredBig(group.deliveredMs, group.deliveries);
  }
}

function moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void {
  const from = slotRef(arena, entry);
  const root = mover.move(from, ROOT_WORDS * 4);
  if (root !== from) setSlotRef(arena, entry, root);
  openRoot(arena, root);
  const move = (block: Ref, size: number): Ref => mover.move(block, size);
  if (nodes.moveNodes(mover.pass, move)) {
    do {
      const old = nodes.words[nodes.payload];
      node.open(arena, old);
      const moved = mover.move(old, node.bytes);
      if (moved === old) continue;
      nodes.words[nodes.payload] = moved;
      const tail = wordAt(root, ROOT_TAIL);
      if (wordsOf(arena, root)[tail] === old) wordsOf(arena, root)[tail] = moved;
    } while (nodes.nextInLeaf());
  }
  const count = groups.names.count;
  if (count === 0) return;
  group.open(arena, groups.names.at(mover.pass % count));
  group.pending.moveNodes(mover.pass, move);
  const consumers = group.consumers.count;
  if (consumers === 0) return;
  consumer.open(arena, group.consumers.at(mover.pass % consumers));
  consumer.pending.moveNodes(mover.pass, move);
}

// ---------------------------------------------------------------------- checks

function check(arena: Arena, entry: Ref): void {
  stream.open(arena, entry);
  openRoot(arena, stream.root);
  nodes.check();
  let live = 0;
  let last: Ref = 0;
  const before = new StreamId();
  for (let more = nodes.first(); more; more = nodes.next()) {
    last = nodes.words[nodes.payload];
    node.open(arena, last);
    node.check();
    assert(node.readBase(id).compare(nodes.readId(new StreamId())) === 0, 'a node stands under its base');
    assert(live === 0 || id.compare(before) > 0, 'nodes follow each other');
    node.load(node.last());
    before.copy(node.id);
    live += node.live;
  }
  assert(last === wordsOf(arena, stream.root)[wordAt(stream.root, ROOT_TAIL)], 'the last node is known');
  assert(live === stream.length, 'a stream counts its live entries');
  assert(before.compare(stream.readLastId(id)) <= 0, 'no entry is above the last ID');
  groups.names.check();
  eachGroup(arena, () => {
    checkGroup(arena);
  });
}

/** What is pending with the consumers is what is pending with the group. */
function checkGroup(arena: Arena): void {
  group.pending.check();
  group.consumers.check();
  let pending = 0;
  eachConsumer(arena, () => {
    consumer.pending.check();
    pending += consumer.pending.count;
    for (let more = consumer.pending.first(); more; more = consumer.pending.next()) {
      assert(
        group.pending.find(consumer.pending.readId(id)),
        'what is pending with a consumer is pending with its group',
      );
      assert(group.owner === consumer.ref, 'the group knows whose it is');
    }
  });
  assert(pending === group.pending.count, 'all that is pending has a consumer');
}

export const STREAM_TYPE: ValueType = {
  isAwaited: true,
  encodingName: () => 'stream',
  serializedLength,
  debugDetails: () => '',
  blocks,
  bytes,
  free: (arena, entry) => {
    new StreamDrain(arena, slotRef(arena, entry)).step(Infinity);
  },
  drain: (arena, entry) => new StreamDrain(arena, slotRef(arena, entry)),
  duplicate,
  moveBlocks,
  exportContent: exportStream,
  importContent: importStream,
  check,
};
