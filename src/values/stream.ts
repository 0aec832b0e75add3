// The stream value: entries in packed nodes under a tree (stream-layout.ts). Groups stand in stream-group.ts, what databases
// must know of streams in stream-type.ts.
//
// StreamValue is a flyweight. Open it on an entry; `walk` and `step` go over live entries, `node` then holds the one that was
// stepped on. A stream may be empty: it stays, with the IDs that it has given.
//
// (1) No ID is added that is not above the last one given.
// (2) Nodes end where Redis's end: at stream-node-max-bytes of its listpack, or stream-node-max-entries. So trimming by whole
//     nodes takes the same entries away.
// (3) A node without live entries goes, but where exact trimming by ID has taken the last one: Redis keeps it then, and so do
//     we, or the next node would begin elsewhere.

import { addInt64At, bigInt64At, int64At, setBigInt64At } from '../base/int64.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { setSlotRef, slotRef } from '../structures/entry.js';
import type { ElementSink } from '../structures/packed-element.js';
import { IdTree } from '../structures/id-tree.js';
import { radixNodes } from '../structures/radix-shape.js';
import { StreamId } from '../structures/stream-id.js';
import { NOWHERE, StreamNode, type FieldSource } from '../structures/stream-node.js';
import {
  NODE_PAYLOAD_WORDS,
  ROOT_ADDED,
  ROOT_DELETED_ID,
  ROOT_GROUPS,
  ROOT_LAST_ID,
  ROOT_LENGTH,
  ROOT_NODES,
  ROOT_TAIL,
  ROOT_WORDS,
} from './stream-layout.js';
import type { StructureLimits } from './limits.js';
import { STREAM_ENCODING, TYPE } from './types.js';

export { ID_CHARS_MAX, StreamId } from '../structures/stream-id.js';
export type { ElementSink } from '../structures/packed-element.js';
export { ENTRY_BYTES_MAX } from '../structures/stream-node-layout.js';
export type { FieldSource } from '../structures/stream-node.js';

export const STREAM_KIND = TYPE.stream | (STREAM_ENCODING.nodes << 4);

/** What a node may hold where stream-node-max-bytes says nothing. */
const NODE_BYTES_MAX = 256 * 1024 * 1024;

/** How a stream is trimmed; whoever trims fills one in. */
export class TrimRule {
  /** 'none' trims nothing. */
  by: 'none' | 'length' | 'id' = 'none';
  /** By length: entries that stay. */
  length = 0;
  /** By ID: the first one that stays. */
  readonly id = new StreamId();
  /** Whole nodes only, of at most `limit` entries in all (0: any number). */
  approximate = false;
  limit = 0;

  clear(): void {
    this.by = 'none';
    this.approximate = false;
    this.limit = 0;
  }
}

/** stream-node-max-bytes as it applies: 0 says nothing. */
function nodeBytesMax({ streamNodeMaxBytes }: StructureLimits): number {
  return streamNodeMaxBytes === 0 || streamNodeMaxBytes > NODE_BYTES_MAX ? NODE_BYTES_MAX : streamNodeMaxBytes;
}

const MIN_ID = new StreamId();
const MAX_ID = new StreamId().setMax();
const first = new StreamId();

export class StreamValue {
  /** The entry that `step`, `find` and the like have found. */
  readonly node = new StreamNode();
  arena!: Arena;
  /** The root of the open stream. */
  root: Ref = 0;
  readonly #nodes = new IdTree(NODE_PAYLOAD_WORDS);
  readonly #end = new StreamId();
  #reverse = false;
  #at = NOWHERE;

  /** Points at the stream that `entry` holds. */
  open(arena: Arena, entry: Ref): void {
    this.openRoot(arena, slotRef(arena, entry));
  }

  openRoot(arena: Arena, root: Ref): void {
    this.arena = arena;
    this.root = root;
    this.node.arena = arena;
    this.#nodes.open(arena, root, ROOT_NODES);
  }

  /** Gives a new entry of STREAM_KIND an empty stream and points at it. */
  create(arena: Arena, entry: Ref): void {
    const root = arena.alloc(ROOT_WORDS * 4);
    const at = (root & REF_GRANULE_MASK) << 1;
    arena.i32[root >>> REF_SEGMENT_SHIFT].fill(0, at, at + ROOT_WORDS);
    setSlotRef(arena, entry, root);
    this.openRoot(arena, root);
  }

  get #words(): Int32Array {
    return this.arena.i32[this.root >>> REF_SEGMENT_SHIFT];
  }

  #wordAt(word: number): number {
    return ((this.root & REF_GRANULE_MASK) << 1) + word;
  }

  // ------------------------------------------------------------------ what it knows of itself

  get length(): number {
    return int64At(this.#words, this.#wordAt(ROOT_LENGTH));
  }

  /** Entries ever added. */
  get added(): bigint {
    return bigInt64At(this.#words, this.#wordAt(ROOT_ADDED));
  }

  set added(entries: bigint) {
    setBigInt64At(this.#words, this.#wordAt(ROOT_ADDED), entries);
  }

  /** An entry was ever added. */
  get hasAdded(): boolean {
    const at = this.#wordAt(ROOT_ADDED);
    return (this.#words[at] | this.#words[at + 1]) !== 0;
  }

  readLastId(id: StreamId): StreamId {
    return id.readWords(this.#words, this.#wordAt(ROOT_LAST_ID));
  }

  setLastId(id: StreamId): void {
    id.writeWords(this.#words, this.#wordAt(ROOT_LAST_ID));
  }

  /** The greatest ID that was deleted other than by trimming; 0-0: none was. */
  readDeletedId(id: StreamId): StreamId {
    return id.readWords(this.#words, this.#wordAt(ROOT_DELETED_ID));
  }

  setDeletedId(id: StreamId): void {
    id.writeWords(this.#words, this.#wordAt(ROOT_DELETED_ID));
  }

  get hasGroups(): boolean {
    return this.#words[this.#wordAt(ROOT_GROUPS)] !== 0;
  }

  get nodes(): number {
    return this.#nodes.count;
  }

  /** Nodes that Redis's radix tree has over the IDs of the nodes. O(nodes). */
  radixNodes(): number {
    const nodes = this.#nodes;
    return radixNodes(nodes.first(), (id) => {
      nodes.readId(id);
      return nodes.next();
    });
  }

  /** The ID of the first live entry; 0-0 when there is none. */
  readFirstId(id: StreamId): StreamId {
    const { node } = this;
    for (let more = this.#nodes.first(); more; more = this.#nodes.next()) {
      const at = this.#openNode().firstLive();
      if (at === NOWHERE) continue;
      node.load(at);
      return id.copy(node.id);
    }
    return id.setMin();
  }

  /** The ID of the last live entry; 0-0 when there is none. */
  readLastLiveId(id: StreamId): StreamId {
    const tail = this.#words[this.#wordAt(ROOT_TAIL)];
    if (tail === 0) return id.setMin();
    const { node } = this;
    node.ref = tail;
    if (node.seekAtMost(MAX_ID) !== NOWHERE) return id.copy(node.id);
    this.walkAll(true);
    return this.step() ? id.copy(node.id) : id.setMin();
  }

  // ------------------------------------------------------------------ reading

  /** The node under the tree's cursor. */
  #openNode(): StreamNode {
    this.node.ref = this.#nodes.words[this.#nodes.payload];
    return this.node;
  }

  /** Puts `node` on the live entry with this ID; false: there is none. */
  find(id: StreamId): boolean {
    if (!this.#nodes.seekAtMost(id)) return false;
    const node = this.#openNode();
    return node.seekAtLeast(id) !== NOWHERE && node.id.compare(id) === 0;
  }

  /** Begins a walk over the live entries with IDs from `low` to `high`, from the last to the first if `reverse`. */
  walk(low: StreamId, high: StreamId, reverse: boolean): void {
    const nodes = this.#nodes;
    this.#reverse = reverse;
    this.#end.copy(reverse ? low : high);
    this.#at = NOWHERE;
    if (!nodes.seekAtMost(reverse ? high : low)) {
      if (reverse || !nodes.first()) return;
    }
    const node = this.#openNode();
    this.#at = reverse ? node.seekAtMost(high) : node.seekAtLeast(low);
    if (this.#at === NOWHERE) this.#nextNode();
    this.#isFresh = true;
  }

  /** The walk stands on an entry that `step` has not given yet. */
  #isFresh = false;

  /** Begins a walk over all live entries. */
  walkAll(reverse: boolean): void {
    this.walk(MIN_ID, MAX_ID, reverse);
  }

  /** Puts `node` on the next entry of the walk; false: there is none. The stream is not changed between steps. */
  step(): boolean {
    if (this.#at === NOWHERE) return false;
    if (this.#isFresh) this.#isFresh = false;
    else this.#onward();
    if (this.#at === NOWHERE) return false;
    const order = this.node.id.compare(this.#end);
    if (this.#reverse ? order < 0 : order > 0) this.#at = NOWHERE;
    return this.#at !== NOWHERE;
  }

  /** Goes to the next live entry in the direction of the walk. */
  #onward(): void {
    const { node } = this;
    do {
      this.#at = this.#reverse ? node.previous(this.#at) : node.next();
      if (this.#at === NOWHERE) {
        this.#nextNode();
        return;
      }
      node.load(this.#at);
    } while (node.isDeleted);
  }

  #nextNode(): void {
    while (this.#at === NOWHERE && (this.#reverse ? this.#nodes.previous() : this.#nodes.next())) {
      const node = this.#openNode();
      this.#at = this.#reverse ? node.seekAtMost(MAX_ID) : node.firstLive();
      if (this.#at !== NOWHERE) node.load(this.#at);
    }
  }

  /** Gives fields and values of the entry that was stepped on. */
  give(sink: ElementSink): void {
    this.node.give(sink);
  }

  // ------------------------------------------------------------------ changes

  /** Adds an entry with an ID above the last: `count` fields and values, spans `from` on of `source`, `bytes` in all. */
  append(id: StreamId, source: FieldSource, from: number, count: number, bytes: number, limits: StructureLimits): void {
    const { node } = this;
    const tail = this.#words[this.#wordAt(ROOT_TAIL)];
    node.ref = tail;
    if (tail !== 0 && !node.isFull(bytes, nodeBytesMax(limits), limits.streamNodeMaxEntries)) {
      node.append(id, source, from, count, bytes);
      if (node.ref !== tail) this.#setTail(node.ref);
    } else {
      if (tail !== 0) {
        node.seal();
        if (node.ref !== tail) this.#setTail(node.ref);
      }
      node.create(id, source, from, count);
      node.append(id, source, from, count, bytes);
      this.#nodes.insert(id);
      this.#nodes.words[this.#nodes.payload] = node.ref;
      this.#words[this.#wordAt(ROOT_TAIL)] = node.ref;
    }
    const words = this.#words;
    addInt64At(words, this.#wordAt(ROOT_LENGTH), 1);
    addInt64At(words, this.#wordAt(ROOT_ADDED), 1);
    id.writeWords(words, this.#wordAt(ROOT_LAST_ID));
  }

  /** The last node has moved. */
  #setTail(ref: Ref): void {
    this.#nodes.last();
    this.#nodes.words[this.#nodes.payload] = ref;
    this.#words[this.#wordAt(ROOT_TAIL)] = ref;
  }

  /** Deletes the entry with this ID and remembers that; false: there is none. */
  delete(id: StreamId): boolean {
    if (!this.find(id)) return false;
    if (this.node.live === 1) this.#removeNode();
    else this.node.deleteLoaded();
    addInt64At(this.#words, this.#wordAt(ROOT_LENGTH), -1);
    if (id.compare(this.readDeletedId(first)) > 0) this.setDeletedId(id);
    return true;
  }

  /** Frees the node under the tree's cursor. */
  #removeNode(): void {
    const { ref } = this.node;
    this.#nodes.remove();
    this.arena.free(ref);
    if (ref === this.#words[this.#wordAt(ROOT_TAIL)]) {
      this.#words[this.#wordAt(ROOT_TAIL)] = this.#nodes.last() ? this.#nodes.words[this.#nodes.payload] : 0;
    }
  }

  /**
   * Trims the stream as Redis does: node by node from the front, and entries of the node that may not go as a whole only
   * where the rule is exact. Returns the number of entries that have gone.
   */
  trim(rule: TrimRule): number {
    const { node } = this;
    const byLength = rule.by === 'length';
    let gone = 0;
    while (this.#nodes.first()) {
      if (byLength && this.length <= rule.length) break;
      this.#openNode();
      const { live } = node;
      if (rule.limit > 0 && gone + live > rule.limit) break;
      if (byLength ? this.length - live < rule.length : !this.#endsBefore(rule.id)) {
        if (!rule.approximate) gone += this.#trimNode(rule);
        break;
      }
      this.#removeNode();
      addInt64At(this.#words, this.#wordAt(ROOT_LENGTH), -live);
      gone += live;
    }
    return gone;
  }

  /** True when all entries of the open node, deleted ones included, are below `id`. */
  #endsBefore(id: StreamId): boolean {
    const { node } = this;
    node.load(node.last());
    return node.id.compare(id) < 0;
  }

  /** Deletes the entries of the open node that the rule takes away. */
  #trimNode(rule: TrimRule): number {
    const { node } = this;
    let gone = 0;
    for (let at = node.firstLive(); at !== NOWHERE; at = node.firstLive()) {
      node.load(at);
      const stays = rule.by === 'length' ? this.length <= rule.length : node.id.compare(rule.id) >= 0;
      if (stays) break;
      node.deleteLoaded();
      addInt64At(this.#words, this.#wordAt(ROOT_LENGTH), -1);
      gone++;
    }
    return gone;
  }

  /**
   * As `trim`, but takes only entries away for which `mayGo` says yes; it may look at the groups of the stream and change what
   * is pending with them. Of nodes that would go as a whole, what may not go stays.
   */
  trimChosen(rule: TrimRule, mayGo: (id: StreamId) => boolean): number {
    const { node } = this;
    const byLength = rule.by === 'length';
    let gone = 0;
    first.setMin();
    while (this.#nodes.seekAtLeast(first)) {
      if (byLength && this.length <= rule.length) break;
      this.#openNode();
      const { live } = node;
      if (rule.limit > 0 && gone + live > rule.limit) break;
      const whole = byLength ? this.length - live >= rule.length : this.#endsBefore(rule.id);
      if (!whole && rule.approximate) break;
      this.#nodes.readId(first).increment();
      gone += this.#trimNodeChosen(rule, whole, mayGo);
      if (node.live === 0) this.#removeNode();
      if (!whole) break;
    }
    return gone;
  }

  #trimNodeChosen(rule: TrimRule, whole: boolean, mayGo: (id: StreamId) => boolean): number {
    const { node } = this;
    let gone = 0;
    for (let at = node.firstLive(); at !== NOWHERE;) {
      node.load(at);
      if (!whole && (rule.by === 'length' ? this.length <= rule.length : node.id.compare(rule.id) >= 0)) break;
      at = node.next();
      if (node.isDeleted || !mayGo(node.id)) continue;
      node.deleteLoaded();
      addInt64At(this.#words, this.#wordAt(ROOT_LENGTH), -1);
      gone++;
    }
    return gone;
  }
}
