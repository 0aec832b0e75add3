// A B+tree of stream IDs, each with a payload of a few words (id-tree-layout.ts): the nodes of a stream, and the pending
// entries of groups and consumers.
//
// The object is a flyweight with a cursor. Open it on a handle; `find`, `first`, `seekAtLeast` and the like put the cursor
// on an item, `item` is then the word in `words` where its ID stands, its payload behind it. The cursor is good until the
// next change. The owner of the handle's block tells when that moves by opening the tree anew.
//
// (1) IDs ascend strictly over all leaves.
// (2) What is added at the end leaves full nodes behind.
// (3) No node is empty. One that falls below a quarter is merged with a neighbour of the same parent where both fit.

import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  CAPACITY_MASK,
  CAPACITY_SHIFT,
  COUNT_MASK,
  FIRST_ITEMS,
  HANDLE_COUNT,
  INNER_WORDS,
  LEVELS_MAX,
  LEVEL_SHIFT,
  NODE_BYTES,
  NODE_HEAD_WORDS,
  nodeItems,
} from './id-tree-layout.js';
import { ID_WORDS, StreamId } from './stream-id.js';

const INNER_ITEMS = nodeItems(INNER_WORDS);
/** Two neighbours become one when they fill it to this share: so that the next addition does not part them again. */
const MERGED_SHARE_MAX = 0.75;

export class IdTree {
  arena!: Arena;
  /** Words of a leaf's item. */
  readonly #leafWords: number;
  readonly #leafItems: number;
  /** Where the handle stands: words of a segment, and the first of them. */
  #handleSegment = 0;
  #handleAt = 0;
  /** The cursor: node and item by level, the leaf at level 0. */
  readonly #nodes: Ref[] = new Array<Ref>(LEVELS_MAX).fill(0);
  readonly #indices: number[] = new Array<number>(LEVELS_MAX).fill(0);
  #height = 0;

  /** @param payloadWords words that an item has behind its ID */
  constructor(payloadWords: number) {
    this.#leafWords = ID_WORDS + payloadWords;
    this.#leafItems = nodeItems(this.#leafWords);
  }

  /** Points at the tree whose handle is word `word` of `block`. */
  open(arena: Arena, block: Ref, word: number): void {
    this.arena = arena;
    this.#handleSegment = block >>> REF_SEGMENT_SHIFT;
    this.#handleAt = ((block & REF_GRANULE_MASK) << 1) + word;
  }

  get root(): Ref {
    return this.arena.i32[this.#handleSegment][this.#handleAt];
  }

  #setRoot(root: Ref): void {
    this.arena.i32[this.#handleSegment][this.#handleAt] = root;
  }

  get count(): number {
    return this.arena.i32[this.#handleSegment][this.#handleAt + HANDLE_COUNT] >>> 0;
  }

  #addCount(items: number): void {
    this.arena.i32[this.#handleSegment][this.#handleAt + HANDLE_COUNT] += items;
  }

  // ------------------------------------------------------------------ the cursor

  /** Where the words of the cursor's item stand. */
  get words(): Int32Array {
    return this.arena.i32[this.#nodes[0] >>> REF_SEGMENT_SHIFT];
  }

  /** The word of the item under the cursor: its ID; the payload follows. */
  get item(): number {
    return itemsAt(this.#nodes[0]) + this.#indices[0] * this.#leafWords;
  }

  /** The first word of the payload under the cursor. */
  get payload(): number {
    return this.item + ID_WORDS;
  }

  readId(id: StreamId): StreamId {
    return id.readWords(this.words, this.item);
  }

  /** Puts the cursor on the item with this ID; false: there is none, and no cursor. */
  find(id: StreamId): boolean {
    return this.#descend(id);
  }

  /** Puts the cursor on the first item; false: the tree is empty. */
  first(): boolean {
    const { root } = this;
    if (root === 0) return false;
    this.#height = levelOf(this.#head(root));
    this.#downFirst(root, this.#height);
    return true;
  }

  last(): boolean {
    const { root } = this;
    if (root === 0) return false;
    this.#height = levelOf(this.#head(root));
    this.#downLast(root, this.#height);
    return true;
  }

  /** Puts the cursor on the first item at or behind `id`; false: there is none. */
  seekAtLeast(id: StreamId): boolean {
    if (this.root === 0) return false;
    if (this.#descend(id)) return true;
    if (this.#indices[0] < countOf(this.#head(this.#nodes[0]))) return true;
    this.#indices[0]--;
    return this.next();
  }

  /** Puts the cursor on the last item at or before `id`; false: there is none. */
  seekAtMost(id: StreamId): boolean {
    if (this.root === 0) return false;
    if (this.#descend(id)) return true;
    return this.previous();
  }

  /** Moves the cursor on; false: that was the last item. */
  next(): boolean {
    const nodes = this.#nodes;
    const indices = this.#indices;
    if (++indices[0] < countOf(this.#head(nodes[0]))) return true;
    for (let level = 1; level <= this.#height; level++) {
      if (++indices[level] < countOf(this.#head(nodes[level]))) {
        this.#downFirst(this.#child(nodes[level], indices[level]), level - 1);
        return true;
      }
    }
    return false;
  }

  previous(): boolean {
    const nodes = this.#nodes;
    const indices = this.#indices;
    if (--indices[0] >= 0) return true;
    for (let level = 1; level <= this.#height; level++) {
      if (--indices[level] >= 0) {
        this.#downLast(this.#child(nodes[level], indices[level]), level - 1);
        return true;
      }
    }
    return false;
  }

  #downFirst(from: Ref, level: number): void {
    let node = from;
    for (let l = level; ; l--) {
      this.#nodes[l] = node;
      this.#indices[l] = 0;
      if (l === 0) return;
      node = this.#child(node, 0);
    }
  }

  #downLast(from: Ref, level: number): void {
    let node = from;
    for (let l = level; ; l--) {
      const last = countOf(this.#head(node)) - 1;
      this.#nodes[l] = node;
      this.#indices[l] = last;
      if (l === 0) return;
      node = this.#child(node, last);
    }
  }

  /** Puts the cursor where `id` is, true, or where it would be inserted in its leaf. The tree is not empty. */
  #descend(id: StreamId): boolean {
    let node = this.root;
    if (node === 0) return false;
    let level = levelOf(this.#head(node));
    this.#height = level;
    for (; level > 0; level--) {
      const index = Math.max(this.#lowerBound(node, id, INNER_WORDS, 1, true) - 1, 0);
      this.#nodes[level] = node;
      this.#indices[level] = index;
      node = this.#child(node, index);
    }
    const index = this.#lowerBound(node, id, this.#leafWords, 0, false);
    this.#nodes[0] = node;
    this.#indices[0] = index;
    if (index === countOf(this.#head(node))) return false;
    return compareWords(this.words, this.item, id) === 0;
  }

  /** The first item from `low` on whose ID is not below `id` (`above`: that is above it). */
  #lowerBound(node: Ref, id: StreamId, itemWords: number, low: number, above: boolean): number {
    const words = this.arena.i32[node >>> REF_SEGMENT_SHIFT];
    const at = itemsAt(node);
    let high = countOf(words[at - NODE_HEAD_WORDS]);
    // The end first: most of what is looked for there is added.
    if (high > low) {
      const order = compareWords(words, at + (high - 1) * itemWords, id);
      if (order < 0 || (above && order === 0)) return high;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = compareWords(words, at + middle * itemWords, id);
      if (order < 0 || (above && order === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #head(node: Ref): number {
    return this.arena.i32[node >>> REF_SEGMENT_SHIFT][(node & REF_GRANULE_MASK) << 1];
  }

  #setHead(node: Ref, count: number, capacity: number, level: number): void {
    const head = count | (capacity << CAPACITY_SHIFT) | (level << LEVEL_SHIFT);
    this.arena.i32[node >>> REF_SEGMENT_SHIFT][(node & REF_GRANULE_MASK) << 1] = head;
  }

  #addToCount(node: Ref, items: number): void {
    this.arena.i32[node >>> REF_SEGMENT_SHIFT][(node & REF_GRANULE_MASK) << 1] += items;
  }

  #child(node: Ref, index: number): Ref {
    return this.arena.i32[node >>> REF_SEGMENT_SHIFT][itemsAt(node) + index * INNER_WORDS + ID_WORDS];
  }

  #setChild(node: Ref, index: number, child: Ref): void {
    this.arena.i32[node >>> REF_SEGMENT_SHIFT][itemsAt(node) + index * INNER_WORDS + ID_WORDS] = child;
  }

  #itemWords(level: number): number {
    return level === 0 ? this.#leafWords : INNER_WORDS;
  }

  // ------------------------------------------------------------------ adding

  /**
   * Adds `id` and puts the cursor on it, its payload arbitrary; false: it was there, and the cursor is on it. A cursor after
   * an addition only serves to reach the item.
   */
  insert(id: StreamId): boolean {
    if (this.root === 0) {
      const leaf = this.arena.alloc((NODE_HEAD_WORDS + FIRST_ITEMS * this.#leafWords) * 4);
      this.#setHead(leaf, 0, this.#itemsIn(leaf), 0);
      this.#setRoot(leaf);
    }
    if (this.#descend(id)) return false;
    this.#makeRoom(0, id, this.#isAtEnd());
    this.#openGap(0);
    id.writeWords(this.words, this.item);
    this.#addCount(1);
    return true;
  }

  /** True when the cursor is behind the last item of all. */
  #isAtEnd(): boolean {
    if (this.#indices[0] !== countOf(this.#head(this.#nodes[0]))) return false;
    for (let level = 1; level <= this.#height; level++) {
      if (this.#indices[level] + 1 !== countOf(this.#head(this.#nodes[level]))) return false;
    }
    return true;
  }

  /** Items that a leaf's block has room for. */
  #itemsIn(leaf: Ref): number {
    return Math.min(Math.floor((this.arena.sizeOf(leaf) / 4 - NODE_HEAD_WORDS) / this.#leafWords), this.#leafItems);
  }

  /** Sees to it that the cursor's node at `level` has room at the cursor, which may move to a new node. `id` comes in. */
  #makeRoom(level: number, id: StreamId, atEnd: boolean): void {
    const node = this.#nodes[level];
    const head = this.#head(node);
    const count = countOf(head);
    const capacity = capacityOf(head);
    if (count < capacity) return;
    if (level === 0 && capacity < this.#leafItems) this.#growLeaf(node, count);
    else this.#split(level, node, count, id, atEnd);
  }

  /** The only leaf moves to a block twice as large. */
  #growLeaf(node: Ref, count: number): void {
    const items = Math.min(count * 2, this.#leafItems);
    const bytes = items === this.#leafItems ? NODE_BYTES : (NODE_HEAD_WORDS + items * this.#leafWords) * 4;
    const grown = this.arena.alloc(bytes);
    this.arena.copy(grown, 0, node, 0, (NODE_HEAD_WORDS + count * this.#leafWords) * 4);
    this.#setHead(grown, count, this.#itemsIn(grown), 0);
    this.arena.free(node);
    this.#nodes[0] = grown;
    this.#setRoot(grown);
  }

  /** Parts the full node under the cursor in two; at the very end it stays full, and the new one begins with `id`. */
  #split(level: number, node: Ref, count: number, id: StreamId, atEnd: boolean): void {
    if (level === this.#height) this.#growRoot(node, level);
    const above = level + 1;
    this.#indices[above]++; // where the new node goes
    this.#makeRoom(above, id, atEnd);
    const words = this.#itemWords(level);
    const kept = atEnd ? count : count >>> 1;
    const right = this.arena.alloc(NODE_BYTES);
    this.#setHead(right, count - kept, level === 0 ? this.#leafItems : INNER_ITEMS, level);
    this.#addToCount(node, kept - count);
    this.arena.copy(right, NODE_HEAD_WORDS * 4, node, (NODE_HEAD_WORDS + kept * words) * 4, (count - kept) * words * 4);
    this.#openGap(above);
    const parent = this.#nodes[above];
    const place = itemsAt(parent) + this.#indices[above] * INNER_WORDS;
    const into = this.arena.i32[parent >>> REF_SEGMENT_SHIFT];
    if (atEnd) id.writeWords(into, place);
    else copyId(into, place, this.arena.i32[right >>> REF_SEGMENT_SHIFT], itemsAt(right));
    into[place + ID_WORDS] = right;
    const index = this.#indices[level];
    if (atEnd || index > kept) {
      this.#nodes[level] = right;
      this.#indices[level] = index - kept;
    }
  }

  /** Puts a new root above the old one. */
  #growRoot(node: Ref, level: number): void {
    assert(level + 1 < LEVELS_MAX, 'a tree has its height');
    const root = this.arena.alloc(NODE_BYTES);
    this.#setHead(root, 1, INNER_ITEMS, level + 1);
    this.arena.i32[root >>> REF_SEGMENT_SHIFT].fill(0, itemsAt(root), itemsAt(root) + ID_WORDS);
    this.#setChild(root, 0, node);
    this.#setRoot(root);
    this.#height = level + 1;
    this.#nodes[level + 1] = root;
    this.#indices[level + 1] = 0;
  }

  /** Moves the items from the cursor's on by one place. */
  #openGap(level: number): void {
    const node = this.#nodes[level];
    const words = this.#itemWords(level);
    const at = itemsAt(node);
    const from = at + this.#indices[level] * words;
    const segment = this.arena.i32[node >>> REF_SEGMENT_SHIFT];
    const end = at + countOf(this.#head(node)) * words;
    if (from < end) segment.copyWithin(from + words, from, end);
    this.#addToCount(node, 1);
  }

  // ------------------------------------------------------------------ removing

  /** Takes the item under the cursor out. */
  remove(): void {
    this.#addCount(-1);
    this.#closeGap(0);
  }

  /** Takes the cursor's item at `level` out of its node, and the node out of its parent when it has become empty. */
  #closeGap(level: number): void {
    const node = this.#nodes[level];
    const words = this.#itemWords(level);
    const at = itemsAt(node);
    const count = countOf(this.#head(node)) - 1;
    const gap = at + this.#indices[level] * words;
    this.arena.i32[node >>> REF_SEGMENT_SHIFT].copyWithin(gap, gap + words, at + (count + 1) * words);
    this.#addToCount(node, -1);
    if (level === this.#height) {
      if (count === 0) {
        this.arena.free(node);
        this.#setRoot(0);
      } else if (level > 0 && count === 1) {
        this.#lowerRoot(node);
      }
      return;
    }
    if (count === 0) {
      this.arena.free(node);
      this.#closeGap(level + 1);
    } else if (count < capacityOf(this.#head(node)) >>> 2) {
      this.#merge(level, node, count);
    }
  }

  /** A root with one child gives way to it, and that as well if it has only one. */
  #lowerRoot(node: Ref): void {
    let root = node;
    for (let head = this.#head(root); levelOf(head) > 0 && countOf(head) === 1; head = this.#head(root)) {
      const child = this.#child(root, 0);
      this.arena.free(root);
      root = child;
    }
    this.#setRoot(root);
  }

  /** Joins the cursor's node at `level` with a neighbour of the same parent if both fit. */
  #merge(level: number, node: Ref, count: number): void {
    const above = level + 1;
    const parent = this.#nodes[above];
    const index = this.#indices[above];
    const max = Math.floor(capacityOf(this.#head(node)) * MERGED_SHARE_MAX);
    if (index + 1 < countOf(this.#head(parent))) {
      const right = this.#child(parent, index + 1);
      if (count + countOf(this.#head(right)) <= max) {
        this.#join(level, parent, index, node, right);
        return;
      }
    }
    if (index > 0) {
      const left = this.#child(parent, index - 1);
      if (count + countOf(this.#head(left)) <= max) this.#join(level, parent, index - 1, left, node);
    }
  }

  /** Appends the items of `right`, child `index + 1`, to those of `left`, child `index`. */
  #join(level: number, parent: Ref, index: number, left: Ref, right: Ref): void {
    const words = this.#itemWords(level);
    const own = countOf(this.#head(left));
    const more = countOf(this.#head(right));
    if (level > 0) {
      const bound = itemsAt(parent) + (index + 1) * INNER_WORDS;
      const rightWords = this.arena.i32[right >>> REF_SEGMENT_SHIFT];
      copyId(rightWords, itemsAt(right), this.arena.i32[parent >>> REF_SEGMENT_SHIFT], bound);
    }
    const to = (NODE_HEAD_WORDS + own * words) * 4;
    this.arena.copy(left, to, right, NODE_HEAD_WORDS * 4, more * words * 4);
    this.#addToCount(left, more);
    this.arena.free(right);
    this.#indices[level + 1] = index + 1;
    this.#closeGap(level + 1);
  }

  // ------------------------------------------------------------------ all of it

  /**
   * Takes the first leaf out of the tree and frees it, after `visit` has seen the words of each of its items; false: the
   * tree is empty.
   */
  dropLeaf(visit?: (words: Int32Array, item: number) => void): boolean {
    if (!this.first()) return false;
    const leaf = this.#nodes[0];
    const count = countOf(this.#head(leaf));
    if (visit !== undefined) {
      for (let i = 0; i < count; i++) {
        visit(this.arena.i32[leaf >>> REF_SEGMENT_SHIFT], itemsAt(leaf) + i * this.#leafWords);
      }
    }
    this.#addCount(-count);
    this.arena.free(leaf);
    if (this.#height === 0) this.#setRoot(0);
    else this.#closeGap(1);
    return true;
  }

  /** Frees all nodes. */
  clear(visit?: (words: Int32Array, item: number) => void): void {
    while (this.dropLeaf(visit));
  }

  /** Blocks of the tree, about: one for each full leaf. */
  get leavesAbout(): number {
    return Math.ceil(this.count / this.#leafItems);
  }

  /** Bytes of all nodes. O(leaves / 51). */
  get bytes(): number {
    return this.root === 0 ? 0 : this.#bytesBelow(this.root);
  }

  #bytesBelow(node: Ref): number {
    const head = this.#head(node);
    const level = levelOf(head);
    const own = this.arena.sizeOf(node);
    if (level === 0) return own;
    const count = countOf(head);
    if (level === 1) return own + count * this.arena.sizeOf(this.#child(node, 0));
    let bytes = own;
    for (let i = 0; i < count; i++) bytes += this.#bytesBelow(this.#child(node, i));
    return bytes;
  }

  /**
   * Offers the nodes on one way down to `move`, another way for each `turn`, and ends with the cursor on the first item of
   * its leaf; false: the tree is empty.
   */
  moveNodes(turn: number, move: (block: Ref, bytes: number) => Ref): boolean {
    if (this.root === 0) return false;
    const root = move(this.root, this.arena.sizeOf(this.root));
    this.#setRoot(root);
    let node = root;
    let rest = turn;
    this.#height = levelOf(this.#head(node));
    for (let level = this.#height; level > 0; level--) {
      const count = countOf(this.#head(node));
      const index = rest % count;
      rest = Math.floor(rest / count);
      this.#nodes[level] = node;
      this.#indices[level] = index;
      const child = this.#child(node, index);
      const moved = move(child, this.arena.sizeOf(child));
      this.#setChild(node, index, moved);
      node = moved;
    }
    this.#nodes[0] = node;
    this.#indices[0] = 0;
    return true;
  }

  /** Moves the cursor on within its leaf; false: that was its last item. */
  nextInLeaf(): boolean {
    if (this.#indices[0] + 1 === countOf(this.#head(this.#nodes[0]))) return false;
    this.#indices[0]++;
    return true;
  }

  /** Verifies order, bounds, levels and the count. */
  check(): void {
    const { root } = this;
    if (root === 0) {
      assert(this.count === 0, 'an empty tree counts nothing');
      return;
    }
    const level = levelOf(this.#head(root));
    assert(level === 0 || countOf(this.#head(root)) > 1, 'an inner root has children');
    assert(this.#checkBelow(root, level, undefined, undefined) === this.count, 'a tree counts its items');
  }

  /** Items below `node`, all of them in [low, high). */
  #checkBelow(node: Ref, level: number, low: StreamId | undefined, high: StreamId | undefined): number {
    const head = this.#head(node);
    const count = countOf(head);
    assert(
      levelOf(head) === level && count > 0 && count <= capacityOf(head),
      'a node is of its level, not empty, and fits',
    );
    const words = this.arena.i32[node >>> REF_SEGMENT_SHIFT];
    const step = this.#itemWords(level);
    const ids = Array.from({ length: count }, (_, i) => new StreamId().readWords(words, itemsAt(node) + i * step));
    for (let i = level === 0 ? 0 : 1; i < count; i++) {
      assert(low === undefined || ids[i].compare(low) >= 0, 'no ID is below its bound');
      assert(high === undefined || ids[i].compare(high) < 0, 'every ID is below the next bound');
      assert(i < (level === 0 ? 1 : 2) || ids[i].compare(ids[i - 1]) > 0, 'IDs ascend');
    }
    if (level === 0) return count;
    let items = 0;
    for (let i = 0; i < count; i++) {
      const from = i === 0 ? low : ids[i];
      items += this.#checkBelow(this.#child(node, i), level - 1, from, i + 1 < count ? ids[i + 1] : high);
    }
    return items;
  }
}

function itemsAt(node: Ref): number {
  return ((node & REF_GRANULE_MASK) << 1) + NODE_HEAD_WORDS;
}

function countOf(head: number): number {
  return head & COUNT_MASK;
}

function capacityOf(head: number): number {
  return (head >>> CAPACITY_SHIFT) & CAPACITY_MASK;
}

function levelOf(head: number): number {
  return head >>> LEVEL_SHIFT;
}

/** How the ID at `at` orders to `id`. */
function compareWords(words: Int32Array, at: number, id: StreamId): number {
  if (words[at] !== id.msHigh) return (words[at] >>> 0) - (id.msHigh >>> 0);
  if (words[at + 1] !== id.msLow) return (words[at + 1] >>> 0) - (id.msLow >>> 0);
  if (words[at + 2] !== id.seqHigh) return (words[at + 2] >>> 0) - (id.seqHigh >>> 0);
  return (words[at + 3] >>> 0) - (id.seqLow >>> 0);
}

function copyId(to: Int32Array, target: number, from: Int32Array, source: number): void {
  for (let i = 0; i < ID_WORDS; i++) to[target + i] = from[source + i];
}
