// A quick list: a deque of packed nodes with a directory over them (quick-list-layout.ts), the large form of lists.
//
// Like the other structures the object is a flyweight: `root` is the list, 0 for none; store it back after a change. It
// holds one cursor (`seek`, `next`, `previous`), which stands on an element; changes at the cursor say what becomes of it.
//
//   push at either end     O(1): into the outer packed node, or a new one when that is full
//   index                  adds up the counts of the directory from the nearer end, then walks one node
//   insert in the middle   into the node if it has room, else into a neighbour, else the node is split
//
// (1) No node is empty, and no packed node is fuller than `fill` says unless a single element is (or was set so before).
// (2) The directory's counts are those of the nodes, and `count` is their sum.

import { assert } from '../base/assert.js';
import { copyBytes, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { NOWHERE, PACKED_COUNT_MAX, PACKED_HEAD_BYTES, PackedList, StagedElement } from './packed-list.js';
import {
  AT_COUNT,
  AT_FIRST,
  AT_NODES,
  PLAIN,
  PLAIN_HEAD_BYTES,
  QUICK_COUNT_MAX,
  ROOT_BYTES,
  ROOT_WORDS,
  SLOT_BYTES,
  SLOT_WORDS_SHIFT,
  SLOTS_MIN,
} from './quick-list-layout.js';

export { QUICK_COUNT_MAX } from './quick-list-layout.js';

/** Bytes of a node by `fill` -1 to -5, as `list-max-listpack-size` numbers them. */
const NODE_BYTES = [4096, 8192, 16384, 32768, 65536];
/** Bytes of a node whose limit is a number of elements. */
const COUNTED_NODE_BYTES = 8192;
/** Nodes that are freed at once when an end is cut off; more are handed to the caller. */
const CUT_NODES_MAX = 64;
/** The cursor's offset in a plain node. */
const IN_PLAIN = PLAIN_HEAD_BYTES;

/** Bytes that a node may take under `list-max-listpack-size fill`. */
export function nodeBytesMax(fill: number): number {
  return fill >= 0 ? COUNTED_NODE_BYTES : NODE_BYTES[Math.min(-fill, NODE_BYTES.length) - 1];
}

/** Elements that a node may have under `list-max-listpack-size fill`. */
export function nodeCountMax(fill: number): number {
  return fill >= 0 ? Math.min(Math.max(fill, 1), PACKED_COUNT_MAX) : PACKED_COUNT_MAX;
}

/** What a walk over all nodes gets to see: a packed list, or a plain element as a span. */
export interface NodeVisitor {
  packed(list: PackedList): void;
  plain(element: ByteView): void;
}

export class QuickList {
  /** Set before anything is done with a list. */
  arena!: Arena;
  /** The list that this object stands for; 0: none. */
  root: Ref;

  #bytesMax = NODE_BYTES[1];
  #countMax = PACKED_COUNT_MAX;
  readonly #packed: PackedList;
  readonly #other: PackedList;
  readonly #element = new StagedElement();
  /** The cursor: number of a node, and an offset in it. */
  #node = 0;
  #at = NOWHERE;

  constructor(arena?: Arena, root: Ref = 0) {
    if (arena !== undefined) this.arena = arena;
    this.root = root;
    this.#packed = new PackedList(arena);
    this.#other = new PackedList(arena);
  }

  /** Points at a list, whose nodes are filled as `list-max-listpack-size fill` says. */
  open(arena: Arena, root: Ref, fill: number): void {
    this.arena = arena;
    this.root = root;
    this.#packed.arena = arena;
    this.#other.arena = arena;
    this.#bytesMax = nodeBytesMax(fill);
    this.#countMax = nodeCountMax(fill);
    this.#packed.roomBytesMax = this.#bytesMax;
    this.#other.roomBytesMax = this.#bytesMax;
  }

  /** Makes a new, empty list. */
  create(): void {
    this.root = this.arena.alloc(ROOT_BYTES + SLOTS_MIN * SLOT_BYTES);
    const words = this.#words();
    const at = this.#rootAt();
    words.fill(0, at, at + ROOT_WORDS);
  }

  /** Makes a new list whose only node is a packed list (not empty), taken over as it is. */
  createOf(packed: Ref): void {
    this.create();
    this.#packed.ref = packed;
    const count = this.#packed.count;
    assert(count > 0, 'no node is empty');
    this.#addSlot(0, packed, count);
    this.#addCount(count);
  }

  /** The packed list that is the only node; 0 when there are others or it is plain. */
  get onlyPacked(): Ref {
    return this.nodes === 1 && !this.#isPlain(0) ? this.#refOf(0) : 0;
  }

  /** Gives up the directory of a list with an only packed node, which lives on. */
  releaseOnly(): Ref {
    const packed = this.onlyPacked;
    assert(packed !== 0, 'the list is one packed node');
    this.arena.free(this.root);
    this.root = 0;
    return packed;
  }

  get count(): number {
    return this.#words()[this.#rootAt() + AT_COUNT] >>> 0;
  }

  get nodes(): number {
    return this.#words()[this.#rootAt() + AT_NODES];
  }

  // ------------------------------------------------------------------ the cursor

  /** Puts the cursor on element `index` (below `count`). */
  seek(index: number): void {
    const count = this.count;
    assert(index >= 0 && index < count, 'an element with this number exists');
    const words = this.#words();
    let slot = this.#slotAt(0) + 1;
    let node = 0;
    let rest = index;
    if (index < count / 2) {
      for (let elements = elementsOf(words[slot]); rest >= elements; elements = elementsOf(words[slot])) {
        rest -= elements;
        node++;
        slot += 1 << SLOT_WORDS_SHIFT;
      }
    } else {
      node = this.nodes - 1;
      slot += node << SLOT_WORDS_SHIFT;
      let before = count - elementsOf(words[slot]);
      while (before > index) {
        node--;
        slot -= 1 << SLOT_WORDS_SHIFT;
        before -= elementsOf(words[slot]);
      }
      rest = index - before;
    }
    this.#node = node;
    this.#at = this.#use(node) ? this.#packed.at(rest) : IN_PLAIN;
  }

  /** Moves the cursor to the following element; false: there is none, and the cursor is gone. */
  next(): boolean {
    if (this.#use(this.#node)) {
      this.#at = this.#packed.next(this.#at);
      if (this.#at !== NOWHERE) return true;
    }
    this.#node++;
    return this.#enterFirst();
  }

  previous(): boolean {
    if (this.#use(this.#node)) {
      this.#at = this.#packed.previous(this.#at);
      if (this.#at !== NOWHERE) return true;
    }
    this.#node--;
    return this.#enterLast();
  }

  #enterFirst(): boolean {
    const inside = this.#node < this.nodes;
    if (inside) this.#at = this.#use(this.#node) ? this.#packed.first() : IN_PLAIN;
    return inside;
  }

  #enterLast(): boolean {
    const inside = this.#node >= 0;
    if (inside) this.#at = this.#use(this.#node) ? this.#packed.last() : IN_PLAIN;
    return inside;
  }

  /** Points `view` at the element under the cursor; as long as PackedList.read says. */
  read(view: ByteView): void {
    if (this.#use(this.#node)) this.#packed.read(this.#at, view);
    else this.#readPlain(this.#node, view);
  }

  /** True when the element under the cursor is `element`, which is `bytes[start, end)`. */
  equals(element: StagedElement, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#use(this.#node)) return this.#packed.equals(this.#at, element);
    const plain = this.#refOf(this.#node);
    if (this.#words(plain)[(plain & REF_GRANULE_MASK) << 1] !== end - start) return false;
    const own = this.arena.u8[plain >>> REF_SEGMENT_SHIFT];
    const offset = ((plain & REF_GRANULE_MASK) << 3) + PLAIN_HEAD_BYTES - start;
    for (let i = start; i < end; i++) if (own[offset + i] !== bytes[i]) return false;
    return true;
  }

  // ------------------------------------------------------------------ changes at the ends

  push(atHead: boolean, bytes: Uint8Array, start: number, end: number): void {
    const node = atHead ? 0 : this.nodes - 1;
    const large = this.#stage(bytes, start, end);
    if (!large && this.nodes > 0 && this.#takes(node)) {
      if (atHead) this.#packed.prepend(this.#element);
      else this.#packed.append(this.#element);
      this.#store(node);
      this.#addCount(1);
    } else {
      this.#addNode(atHead ? 0 : node + 1, large, bytes, start, end);
    }
  }

  /**
   * Takes out the first (or last) `n` elements, not all. Of very many the nodes are handed to the caller as a list of
   * its own, to be drained in slices; 0: nothing is left to do.
   */
  cut(atHead: boolean, n: number): Ref {
    assert(n > 0 && n < this.count, 'a cut leaves something');
    let rest = n;
    let whole = 0;
    for (;;) {
      const elements = this.#elements(atHead ? whole : this.nodes - 1 - whole);
      if (elements > rest) break;
      rest -= elements;
      whole++;
    }
    const from = atHead ? 0 : this.nodes - whole;
    const cutOff = whole > CUT_NODES_MAX ? this.#detach(from, whole) : 0;
    if (cutOff === 0) for (let node = from; node < from + whole; node++) this.arena.free(this.#refOf(node));
    if (whole > 0) this.#removeSlots(from, whole);
    if (rest > 0) {
      const node = atHead ? 0 : this.nodes - 1;
      this.#use(node);
      const packed = this.#packed;
      packed.remove(atHead ? packed.first() : packed.at(packed.count - rest), rest);
      this.#store(node);
    }
    this.#addCount(-n);
    return cutOff;
  }

  /** A list of `nodes` slots from `from` on, whose nodes no longer belong to this one. */
  #detach(from: number, nodes: number): Ref {
    const root = this.arena.alloc(ROOT_BYTES + nodes * SLOT_BYTES);
    const at = (root & REF_GRANULE_MASK) << 1;
    let count = 0;
    for (let node = from; node < from + nodes; node++) count += this.#elements(node);
    const words = this.#words(root);
    words[at + AT_COUNT] = count;
    words[at + AT_NODES] = nodes;
    words[at + AT_FIRST] = 0;
    const offset = (this.#slotAt(from) - this.#rootAt()) << 2;
    this.arena.copy(root, ROOT_BYTES, this.root, offset, nodes * SLOT_BYTES);
    return root;
  }

  // ------------------------------------------------------------------ changes at the cursor, which is gone afterwards

  /** Inserts an element before or behind the cursor's. */
  insert(before: boolean, bytes: Uint8Array, start: number, end: number): void {
    const large = this.#stage(bytes, start, end);
    const node = this.#node;
    const packed = this.#packed;
    if (!this.#use(node)) {
      this.#insertBetween(before ? node : node + 1, large, bytes, start, end);
      return;
    }
    const at = before ? this.#at : packed.next(this.#at);
    if (at === NOWHERE || at === packed.first()) {
      this.#insertBetween(at === NOWHERE ? node + 1 : node, large, bytes, start, end);
    } else if (!large && this.#takes(node)) {
      packed.insert(at, this.#element);
      this.#store(node);
      this.#addCount(1);
    } else {
      this.#split(node, at);
      this.#insertBetween(node + 1, large, bytes, start, end);
    }
  }

  /** Puts an element in the place of number `index`. */
  replace(index: number, bytes: Uint8Array, start: number, end: number): void {
    const large = this.#stage(bytes, start, end);
    this.seek(index);
    const packed = this.#packed;
    if (!large && this.#use(this.#node)) {
      const fits = packed.bytes + this.#element.bytes + PACKED_HEAD_BYTES <= this.#bytesMax;
      if (fits || packed.count === 1) {
        packed.replace(this.#at, this.#element);
        this.#store(this.#node);
        return;
      }
    }
    this.insert(true, bytes, start, end);
    this.seek(index + 1);
    this.remove(true);
  }

  /** Takes the cursor's element out and moves on to the following (or previous) one; false: there is none. */
  remove(forward: boolean): boolean {
    const node = this.#node;
    const packed = this.#packed;
    const isPacked = this.#use(node);
    this.#addCount(-1);
    if (isPacked && packed.count > 1) {
      const following = packed.remove(this.#at, 1);
      this.#store(node);
      if (forward) this.#at = following;
      else this.#at = following === NOWHERE ? packed.last() : packed.previous(following);
      if (this.#at !== NOWHERE) return true;
      this.#node += forward ? 1 : -1;
    } else {
      this.arena.free(this.#refOf(node));
      this.#removeSlots(node, 1);
      if (!forward) this.#node--;
    }
    return forward ? this.#enterFirst() : this.#enterLast();
  }

  /** Parts the packed node before the element at `at`, which is not its first. */
  #split(node: number, at: number): void {
    const packed = this.#packed;
    this.#use(node);
    let moved = 0;
    for (let i = at; i !== NOWHERE; i = packed.next(i)) moved++;
    const other = this.#other;
    other.create(0);
    packed.moveTail(at, moved, other);
    this.#store(node);
    this.#addSlot(node + 1, other.ref, moved);
  }

  /** Adds the staged element before node `node`: to a neighbour with room, else in a node of its own. */
  #insertBetween(node: number, large: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!large && node > 0 && this.#takes(node - 1)) {
      this.#packed.append(this.#element);
      this.#store(node - 1);
      this.#addCount(1);
    } else if (!large && node < this.nodes && this.#takes(node)) {
      this.#packed.prepend(this.#element);
      this.#store(node);
      this.#addCount(1);
    } else {
      this.#addNode(node, large, bytes, start, end);
    }
  }

  // ------------------------------------------------------------------ nodes

  /** Makes the element ready; true: it is too large for a packed node. */
  #stage(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > this.#bytesMax) return true;
    this.#element.stage(bytes, start, end);
    return false;
  }

  /** Points #packed at the node; false: it is plain. */
  #use(node: number): boolean {
    const slot = this.#slotAt(node);
    const words = this.#words();
    this.#packed.ref = words[slot];
    return words[slot + 1] !== PLAIN;
  }

  /** Stores what a change made of the node that #packed points at. */
  #store(node: number): void {
    const slot = this.#slotAt(node);
    const words = this.#words();
    words[slot] = this.#packed.ref;
    words[slot + 1] = this.#packed.count;
  }

  /** Points #packed at the node; true: it is packed and has room for the staged element. */
  #takes(node: number): boolean {
    if (!this.#use(node)) return false;
    const packed = this.#packed;
    return packed.bytes + this.#element.bytes + PACKED_HEAD_BYTES <= this.#bytesMax && packed.count < this.#countMax;
  }

  /** Adds the element (staged unless it is large) as a node of its own. */
  #addNode(node: number, large: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (large) {
      this.#addSlot(node, newPlain(this.arena, bytes, start, end), PLAIN);
    } else {
      const packed = this.#packed;
      packed.create(this.#element.bytes);
      packed.append(this.#element);
      this.#addSlot(node, packed.ref, 1);
    }
    this.#addCount(1);
  }

  #readPlain(node: number, view: ByteView): void {
    const ref = this.#refOf(node);
    view.bytes = this.arena.u8[ref >>> REF_SEGMENT_SHIFT];
    view.start = ((ref & REF_GRANULE_MASK) << 3) + PLAIN_HEAD_BYTES;
    view.end = view.start + this.#words(ref)[(ref & REF_GRANULE_MASK) << 1];
  }

  #addCount(elements: number): void {
    const count = this.count + elements;
    assert(count >= 0 && count <= QUICK_COUNT_MAX, 'a quick list keeps its limit');
    this.#words()[this.#rootAt() + AT_COUNT] = count;
  }

  // ------------------------------------------------------------------ the directory

  #words(ref = this.root): Int32Array {
    return this.arena.i32[ref >>> REF_SEGMENT_SHIFT];
  }

  #rootAt(): number {
    return (this.root & REF_GRANULE_MASK) << 1;
  }

  /** Word of the node's slot. */
  #slotAt(node: number): number {
    const at = this.#rootAt();
    return at + ROOT_WORDS + ((this.#words()[at + AT_FIRST] + node) << SLOT_WORDS_SHIFT);
  }

  #refOf(node: number): Ref {
    return this.#words()[this.#slotAt(node)];
  }

  #isPlain(node: number): boolean {
    return this.#words()[this.#slotAt(node) + 1] === PLAIN;
  }

  #elements(node: number): number {
    return elementsOf(this.#words()[this.#slotAt(node) + 1]);
  }

  /** Slots that the root has room for. */
  #capacity(): number {
    return Math.floor((this.arena.sizeOf(this.root) - ROOT_BYTES) / SLOT_BYTES);
  }

  #addSlot(node: number, ref: Ref, elements: number): void {
    let nodes = this.nodes;
    const words = this.#words();
    const at = this.#rootAt();
    const first = words[at + AT_FIRST];
    const slot = this.#slotAt(node);
    const behind = this.#capacity() - first - nodes;
    if (first > 0 && (node < nodes / 2 || behind === 0)) {
      const begin = this.#slotAt(0);
      words.copyWithin(begin - 2, begin, slot);
      words[at + AT_FIRST] = first - 1;
    } else if (behind > 0) {
      words.copyWithin(slot + 2, slot, this.#slotAt(nodes));
    } else {
      this.#rebuild(nodes + 1 + (nodes >>> 1), node);
    }
    nodes++;
    this.#words()[this.#rootAt() + AT_NODES] = nodes;
    const place = this.#slotAt(node);
    this.#words()[place] = ref;
    this.#words()[place + 1] = elements;
  }

  #removeSlots(node: number, n: number): void {
    const nodes = this.nodes - n;
    const words = this.#words();
    const at = this.#rootAt();
    if (node < nodes - node) {
      const begin = this.#slotAt(0);
      words.copyWithin(begin + 2 * n, begin, this.#slotAt(node));
      words[at + AT_FIRST] += n;
    } else {
      words.copyWithin(this.#slotAt(node), this.#slotAt(node + n), this.#slotAt(nodes + n));
    }
    words[at + AT_NODES] = nodes;
    const capacity = this.#capacity();
    if (nodes < capacity >>> 2 && capacity > 2 * SLOTS_MIN) this.#rebuild(nodes + (nodes >>> 1), nodes);
  }

  /**
   * Moves the directory to a block for `slots` slots, with one free before `node` (its number of nodes stays). The room
   * goes to the end that grows: to the back unless `node` is the first.
   */
  #rebuild(slots: number, node: number): void {
    const old = this.root;
    const nodes = this.nodes;
    const count = this.count;
    const from = (this.#slotAt(0) - this.#rootAt()) << 2;
    const grows = slots > nodes;
    this.root = this.arena.alloc(ROOT_BYTES + Math.max(slots, SLOTS_MIN) * SLOT_BYTES);
    const first = node === 0 && grows ? this.#capacity() - nodes - 1 : 0;
    const words = this.#words();
    const at = this.#rootAt();
    words[at + AT_COUNT] = count;
    words[at + AT_NODES] = nodes;
    words[at + AT_FIRST] = first;
    words[at + ROOT_WORDS - 1] = 0;
    const to = ROOT_BYTES + first * SLOT_BYTES;
    const split = node * SLOT_BYTES;
    this.arena.copy(this.root, to, old, from, split);
    this.arena.copy(this.root, to + split + SLOT_BYTES, old, from + split, nodes * SLOT_BYTES - split);
    this.arena.free(old);
  }

  // ------------------------------------------------------------------ the whole

  /** Bytes of the blocks of directory and nodes; of more than `samples` nodes so many, evenly spread, stand for all. */
  bytesUsed(samples: number): number {
    const { nodes, arena } = this;
    const looked = Math.min(nodes, samples);
    let bytes = 0;
    for (let i = 0; i < looked; i++) bytes += arena.sizeOf(this.#refOf(Math.floor(((i + 0.5) * nodes) / looked)));
    return arena.sizeOf(this.root) + (looked < nodes ? Math.round((bytes / looked) * nodes) : bytes);
  }

  /** Shows every node from head to tail. */
  visit(visitor: NodeVisitor): void {
    const view: ByteView = { bytes: this.arena.u8[0], start: 0, end: 0 };
    for (let node = 0; node < this.nodes; node++) {
      if (this.#use(node)) {
        visitor.packed(this.#packed);
      } else {
        this.#readPlain(node, view);
        visitor.plain(view);
      }
    }
  }

  /** Adds a packed list at the tail as a node, taken over as it is. */
  appendPacked(packed: Ref): void {
    this.#packed.ref = packed;
    const count = this.#packed.count;
    this.#addSlot(this.nodes, packed, count);
    this.#addCount(count);
  }

  /** Adds a plain node at the tail. */
  appendPlain(bytes: Uint8Array, start: number, end: number): void {
    this.#addNode(this.nodes, true, bytes, start, end);
  }

  /** A copy of the list, each node in a block of just its size. */
  copy(): Ref {
    const twin = new QuickList(this.arena);
    twin.create();
    const view: ByteView = { bytes: this.arena.u8[0], start: 0, end: 0 };
    for (let node = 0; node < this.nodes; node++) {
      if (this.#use(node)) {
        twin.appendPacked(this.#packed.copy());
      } else {
        this.#readPlain(node, view);
        twin.appendPlain(view.bytes, view.start, view.end);
      }
    }
    return twin.root;
  }

  /** Offers the blocks of up to `most` nodes from number `from` on (cyclic) and the directory to `move`. */
  moveBlocks(from: number, most: number, move: (block: Ref, bytes: number) => Ref): void {
    const { arena, nodes } = this;
    this.root = move(this.root, arena.sizeOf(this.root));
    for (let i = 0; i < Math.min(nodes, most); i++) {
      const node = (from + i) % nodes;
      const ref = this.#refOf(node);
      // Asked for before the slot is named: moving a block may take a new segment.
      const moved = move(ref, arena.sizeOf(ref));
      this.#words()[this.#slotAt(node)] = moved;
    }
  }

  /** Frees nodes from the tail, at most `most`, and at the end the directory; true: something is left. */
  freeSome(most: number): boolean {
    const nodes = this.nodes;
    const left = Math.max(0, nodes - most);
    let elements = 0;
    for (let node = left; node < nodes; node++) {
      elements += this.#elements(node);
      this.arena.free(this.#refOf(node));
    }
    this.#words()[this.#rootAt() + AT_NODES] = left;
    this.#addCount(-elements);
    if (left > 0) return true;
    this.arena.free(this.root);
    this.root = 0;
    return false;
  }

  /** Verifies the directory and every node. O(elements). */
  check(): void {
    const nodes = this.nodes;
    const first = this.#words()[this.#rootAt() + AT_FIRST];
    assert(first >= 0 && first + nodes <= this.#capacity(), 'the directory fits its block');
    let count = 0;
    for (let node = 0; node < nodes; node++) {
      count += this.#elements(node);
      if (this.#use(node)) {
        this.#packed.check();
        assert(this.#packed.count > 0, 'no node is empty');
        assert(this.#packed.count === this.#elements(node), 'the directory counts the elements of a node');
      } else {
        const ref = this.#refOf(node);
        const length = this.#words(ref)[(ref & REF_GRANULE_MASK) << 1];
        assert(length >= 0 && length + PLAIN_HEAD_BYTES <= this.arena.sizeOf(ref), 'a plain element fits its block');
      }
    }
    assert(count === this.count, 'the directory counts all elements');
  }
}

function elementsOf(word: number): number {
  return word === PLAIN ? 1 : word;
}

function newPlain(arena: Arena, bytes: Uint8Array, start: number, end: number): Ref {
  const ref = arena.alloc(PLAIN_HEAD_BYTES + (end - start));
  const words = arena.i32[ref >>> REF_SEGMENT_SHIFT];
  const at = (ref & REF_GRANULE_MASK) << 1;
  words[at] = end - start;
  words[at + 1] = 0;
  const u8 = arena.u8[ref >>> REF_SEGMENT_SHIFT];
  copyBytes(u8, (at << 2) + PLAIN_HEAD_BYTES, bytes, start, end);
  return ref;
}
