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
import { copyBytes, equalBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { NOWHERE, PACKED_COUNT_MAX, PACKED_HEAD_BYTES, PackedList, StagedElement } from './packed-list.js';
import { QuickDirectory } from './quick-directory.js';
import { PLAIN, PLAIN_HEAD_BYTES } from './quick-list-layout.js';

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

  readonly #directory = new QuickDirectory();
  #bytesMax = NODE_BYTES[1];
  #countMax = PACKED_COUNT_MAX;
  readonly #packed: PackedList;
  readonly #other: PackedList;
  readonly #element = new StagedElement();
  readonly #compared: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
  /** The cursor: number of a node, and an offset in it. */
  #node = 0;
  #at = NOWHERE;

  constructor(arena?: Arena, root: Ref = 0) {
    this.#packed = new PackedList(arena);
    this.#other = new PackedList(arena);
    if (arena !== undefined) this.#pointAt(arena, root);
  }

  /** Points at a list, whose nodes are filled as `list-max-listpack-size fill` says. */
  open(arena: Arena, root: Ref, fill: number): void {
    this.#pointAt(arena, root);
    this.#bytesMax = nodeBytesMax(fill);
    this.#countMax = nodeCountMax(fill);
    this.#packed.roomBytesMax = this.#bytesMax;
    this.#other.roomBytesMax = this.#bytesMax;
  }

  #pointAt(arena: Arena, root: Ref): void {
    this.arena = arena;
    this.#directory.arena = arena;
    this.#directory.root = root;
    this.#packed.arena = arena;
    this.#other.arena = arena;
  }

  /** The list that this object stands for; 0: none. */
  get root(): Ref {
    return this.#directory.root;
  }

  /** Makes a new, empty list. */
  create(): void {
    this.#directory.create();
  }

  /** Makes a new list whose only node is a packed list (not empty), taken over as it is. */
  createOf(packed: Ref): void {
    this.create();
    this.appendPacked(packed);
  }

  /** The packed list that is the only node; 0 when there are others or it is plain. */
  get onlyPacked(): Ref {
    const directory = this.#directory;
    return directory.nodes === 1 && !directory.isPlain(0) ? directory.refOf(0) : 0;
  }

  /** Gives up the directory of a list with an only packed node, which lives on. */
  releaseOnly(): Ref {
    const packed = this.onlyPacked;
    assert(packed !== 0, 'the list is one packed node');
    this.#directory.free();
    return packed;
  }

  get count(): number {
    return this.#directory.count;
  }

  get nodes(): number {
    return this.#directory.nodes;
  }

  // ------------------------------------------------------------------ the cursor

  /** Puts the cursor on element `index` (below `count`). */
  seek(index: number): void {
    const directory = this.#directory;
    directory.locate(index);
    this.#node = directory.foundNode;
    this.#at = this.#use(this.#node) ? this.#packed.at(directory.foundIndex) : IN_PLAIN;
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
    const view = this.#compared;
    this.#readPlain(this.#node, view);
    return equalBytes(view.bytes, view.start, view.end, bytes, start, end);
  }

  // ------------------------------------------------------------------ changes at the ends

  push(atHead: boolean, bytes: Uint8Array, start: number, end: number): void {
    const node = atHead ? 0 : this.nodes - 1;
    const large = this.#stage(bytes, start, end);
    if (!large && this.nodes > 0 && this.#takes(node)) {
      if (atHead) this.#packed.prepend(this.#element);
      else this.#packed.append(this.#element);
      this.#store(node);
      this.#directory.addCount(1);
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
      const elements = this.#directory.elements(atHead ? whole : this.nodes - 1 - whole);
      if (elements > rest) break;
      rest -= elements;
      whole++;
    }
    const from = atHead ? 0 : this.nodes - whole;
    const cutOff = whole > CUT_NODES_MAX ? this.#directory.copyPart(from, whole) : 0;
    if (cutOff === 0) for (let node = from; node < from + whole; node++) this.arena.free(this.#directory.refOf(node));
    if (whole > 0) this.#directory.remove(from, whole);
    if (rest > 0) {
      const node = atHead ? 0 : this.nodes - 1;
      this.#use(node);
      const packed = this.#packed;
      packed.remove(atHead ? packed.first() : packed.at(packed.count - rest), rest);
      this.#store(node);
    }
    this.#directory.addCount(-n);
    return cutOff;
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
      this.#directory.addCount(1);
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
    this.#directory.addCount(-1);
    if (isPacked && packed.count > 1) {
      const following = packed.remove(this.#at, 1);
      this.#store(node);
      if (forward) this.#at = following;
      else this.#at = following === NOWHERE ? packed.last() : packed.previous(following);
      if (this.#at !== NOWHERE) return true;
      this.#node += forward ? 1 : -1;
    } else {
      this.arena.free(this.#directory.refOf(node));
      this.#directory.remove(node, 1);
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
    this.#directory.insert(node + 1, other.ref, moved);
  }

  /** Adds the staged element before node `node`: to a neighbour with room, else in a node of its own. */
  #insertBetween(node: number, large: boolean, bytes: Uint8Array, start: number, end: number): void {
    if (!large && node > 0 && this.#takes(node - 1)) {
      this.#packed.append(this.#element);
      this.#store(node - 1);
      this.#directory.addCount(1);
    } else if (!large && node < this.nodes && this.#takes(node)) {
      this.#packed.prepend(this.#element);
      this.#store(node);
      this.#directory.addCount(1);
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
    this.#packed.ref = this.#directory.refOf(node);
    return !this.#directory.isPlain(node);
  }

  /** Stores what a change made of the node that #packed points at. */
  #store(node: number): void {
    this.#directory.set(node, this.#packed.ref, this.#packed.count);
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
      this.#directory.insert(node, newPlain(this.arena, bytes, start, end), PLAIN);
    } else {
      const packed = this.#packed;
      packed.create(this.#element.bytes);
      packed.append(this.#element);
      this.#directory.insert(node, packed.ref, 1);
    }
    this.#directory.addCount(1);
  }

  #readPlain(node: number, view: ByteView): void {
    const ref = this.#directory.refOf(node);
    view.bytes = this.arena.u8[ref >>> REF_SEGMENT_SHIFT];
    view.start = ((ref & REF_GRANULE_MASK) << 3) + PLAIN_HEAD_BYTES;
    view.end = view.start + plainLength(this.arena, ref);
  }

  // ------------------------------------------------------------------ the whole

  /** Bytes of the blocks of directory and nodes; of more than `samples` nodes so many, evenly spread, stand for all. */
  bytesUsed(samples: number): number {
    const { nodes, arena } = this;
    const looked = Math.min(nodes, samples);
    let bytes = 0;
    for (let i = 0; i < looked; i++)
      bytes += arena.sizeOf(this.#directory.refOf(Math.floor(((i + 0.5) * nodes) / looked)));
    return arena.sizeOf(this.root) + (looked < nodes ? Math.round((bytes / looked) * nodes) : bytes);
  }

  /** Shows every node from head to tail. */
  visit(visitor: NodeVisitor): void {
    const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
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
    this.#directory.insert(this.nodes, packed, count);
    this.#directory.addCount(count);
  }

  /** Adds a plain node at the tail. */
  appendPlain(bytes: Uint8Array, start: number, end: number): void {
    this.#addNode(this.nodes, true, bytes, start, end);
  }

  /** A copy of the list, each node in a block of just its size. */
  copy(): Ref {
    const twin = new QuickList(this.arena);
    twin.create();
    const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
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
    const directory = this.#directory;
    directory.root = move(directory.root, arena.sizeOf(directory.root));
    for (let i = 0; i < Math.min(nodes, most); i++) {
      const node = (from + i) % nodes;
      const ref = this.#directory.refOf(node);
      directory.set(node, move(ref, arena.sizeOf(ref)), directory.isPlain(node) ? PLAIN : directory.elements(node));
    }
  }

  /** Frees nodes from the tail, at most `most`, and at the end the directory; true: something is left. */
  freeSome(most: number): boolean {
    const directory = this.#directory;
    const nodes = directory.nodes;
    const left = Math.max(0, nodes - most);
    let elements = 0;
    for (let node = left; node < nodes; node++) {
      elements += directory.elements(node);
      this.arena.free(directory.refOf(node));
    }
    directory.addCount(-elements);
    if (left === 0) directory.free();
    else directory.remove(left, nodes - left);
    return left > 0;
  }

  /** Verifies the directory and every node. O(elements). */
  check(): void {
    const directory = this.#directory;
    directory.check();
    for (let node = 0; node < directory.nodes; node++) {
      if (this.#use(node)) {
        this.#packed.check();
        assert(this.#packed.count > 0, 'no node is empty');
        assert(this.#packed.count === directory.elements(node), 'the directory counts the elements of a node');
      } else {
        const ref = directory.refOf(node);
        const length = plainLength(this.arena, ref);
        assert(length >= 0 && length + PLAIN_HEAD_BYTES <= this.arena.sizeOf(ref), 'a plain element fits its block');
      }
    }
  }
}

function plainLength(arena: Arena, ref: Ref): number {
  return arena.i32[ref >>> REF_SEGMENT_SHIFT][(ref & REF_GRANULE_MASK) << 1];
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
