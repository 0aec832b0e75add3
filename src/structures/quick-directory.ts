// The directory of a quick list (quick-list-layout.ts): which block is which node, and how many elements it has. What
// stands in the nodes is quick-list.ts's business.
//
// A flyweight like the list itself: `root` is the directory's block, which moves when it grows or shrinks.

import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  AT_COUNT,
  AT_FIRST,
  AT_NODES,
  PLAIN,
  QUICK_COUNT_MAX,
  ROOT_BYTES,
  ROOT_WORDS,
  SLOT_BYTES,
  SLOT_WORDS_SHIFT,
  SLOTS_MIN,
} from './quick-list-layout.js';

/** Words of a slot. */
const SLOT_WORDS = 1 << SLOT_WORDS_SHIFT;

export class QuickDirectory {
  /** Set before anything is done with a directory. */
  arena!: Arena;
  /** The directory that this object stands for; 0: none. */
  root: Ref = 0;
  /** Where `locate` found an element. */
  foundNode = 0;
  foundIndex = 0;

  /** Makes a new directory without nodes. */
  create(): void {
    this.root = this.arena.alloc(ROOT_BYTES + SLOTS_MIN * SLOT_BYTES);
    const at = this.#rootAt();
    this.#words().fill(0, at, at + ROOT_WORDS);
  }

  free(): void {
    this.arena.free(this.root);
    this.root = 0;
  }

  /** Elements of all nodes. */
  get count(): number {
    return this.#words()[this.#rootAt() + AT_COUNT] >>> 0;
  }

  addCount(elements: number): void {
    const count = this.count + elements;
    assert(count >= 0 && count <= QUICK_COUNT_MAX, 'a quick list keeps its limit');
    this.#words()[this.#rootAt() + AT_COUNT] = count;
  }

  get nodes(): number {
    return this.#words()[this.#rootAt() + AT_NODES];
  }

  refOf(node: number): Ref {
    return this.#words()[this.#slotAt(node)];
  }

  isPlain(node: number): boolean {
    return this.#words()[this.#slotAt(node) + 1] === PLAIN;
  }

  /** Elements of the node. */
  elements(node: number): number {
    return elementsOf(this.#words()[this.#slotAt(node) + 1]);
  }

  /** `elements`: their number, or PLAIN. */
  set(node: number, ref: Ref, elements: number): void {
    const slot = this.#slotAt(node);
    const words = this.#words();
    words[slot] = ref;
    words[slot + 1] = elements;
  }

  /** Finds element `index` (below `count`) from the nearer end: node foundNode, number foundIndex in it. */
  locate(index: number): void {
    const count = this.count;
    assert(index >= 0 && index < count, 'an element with this number exists');
    const words = this.#words();
    let node: number;
    let before: number;
    if (index < count / 2) {
      node = 0;
      before = 0;
      let at = this.#slotAt(0) + 1;
      for (let own = elementsOf(words[at]); before + own <= index; own = elementsOf(words[at])) {
        before += own;
        node++;
        at += SLOT_WORDS;
      }
    } else {
      node = this.nodes - 1;
      let at = this.#slotAt(node) + 1;
      before = count - elementsOf(words[at]);
      while (before > index) {
        node--;
        at -= SLOT_WORDS;
        before -= elementsOf(words[at]);
      }
    }
    this.foundNode = node;
    this.foundIndex = index - before;
  }

  /** Adds a node before number `node` (which may be `nodes`). */
  insert(node: number, ref: Ref, elements: number): void {
    const nodes = this.nodes;
    const words = this.#words();
    const at = this.#rootAt();
    const first = words[at + AT_FIRST];
    const behind = this.#capacity() - first - nodes;
    if (first > 0 && (node < nodes / 2 || behind === 0)) {
      const begin = this.#slotAt(0);
      words.copyWithin(begin - SLOT_WORDS, begin, this.#slotAt(node));
      words[at + AT_FIRST] = first - 1;
    } else if (behind > 0) {
      const slot = this.#slotAt(node);
      words.copyWithin(slot + SLOT_WORDS, slot, this.#slotAt(nodes));
    } else {
      this.#rebuild(nodes + 1 + (nodes >>> 1), node);
    }
    this.#words()[this.#rootAt() + AT_NODES] = nodes + 1;
    this.set(node, ref, elements);
  }

  /** Takes `n` nodes out from number `node` on; their blocks are the caller's. */
  remove(node: number, n: number): void {
    const nodes = this.nodes - n;
    const words = this.#words();
    const at = this.#rootAt();
    if (node < nodes - node) {
      const begin = this.#slotAt(0);
      words.copyWithin(begin + n * SLOT_WORDS, begin, this.#slotAt(node));
      words[at + AT_FIRST] += n;
    } else {
      words.copyWithin(this.#slotAt(node), this.#slotAt(node + n), this.#slotAt(nodes + n));
    }
    words[at + AT_NODES] = nodes;
    const capacity = this.#capacity();
    if (nodes < capacity >>> 2 && capacity > 2 * SLOTS_MIN) this.#rebuild(nodes + (nodes >>> 1), nodes);
  }

  /** A directory of its own for `n` nodes from number `from` on, which still stand in this one as well. */
  copyPart(from: number, n: number): Ref {
    const root = this.arena.alloc(ROOT_BYTES + n * SLOT_BYTES);
    const words = this.arena.i32[root >>> REF_SEGMENT_SHIFT];
    const at = (root & REF_GRANULE_MASK) << 1;
    let count = 0;
    for (let node = from; node < from + n; node++) count += this.elements(node);
    words.fill(0, at, at + ROOT_WORDS);
    words[at + AT_COUNT] = count;
    words[at + AT_NODES] = n;
    this.arena.copy(root, ROOT_BYTES, this.root, (this.#slotAt(from) - this.#rootAt()) << 2, n * SLOT_BYTES);
    return root;
  }

  /**
   * Moves the slots to a block for `slots` of them, with one free before `node` (the number of nodes stays). The room
   * goes to the end that grows: to the back unless `node` is the first.
   */
  #rebuild(slots: number, node: number): void {
    const old = this.root;
    const nodes = this.nodes;
    const count = this.count;
    const from = (this.#slotAt(0) - this.#rootAt()) << 2;
    this.root = this.arena.alloc(ROOT_BYTES + Math.max(slots, SLOTS_MIN) * SLOT_BYTES);
    const first = node === 0 && nodes > 0 ? this.#capacity() - nodes - 1 : 0;
    const words = this.#words();
    const at = this.#rootAt();
    words.fill(0, at, at + ROOT_WORDS);
    words[at + AT_COUNT] = count;
    words[at + AT_NODES] = nodes;
    words[at + AT_FIRST] = first;
    const to = ROOT_BYTES + first * SLOT_BYTES;
    const split = node * SLOT_BYTES;
    this.arena.copy(this.root, to, old, from, split);
    this.arena.copy(this.root, to + split + SLOT_BYTES, old, from + split, nodes * SLOT_BYTES - split);
    this.arena.free(old);
  }

  /** Slots that the block has room for. */
  #capacity(): number {
    return Math.floor((this.arena.sizeOf(this.root) - ROOT_BYTES) / SLOT_BYTES);
  }

  #words(): Int32Array {
    return this.arena.i32[this.root >>> REF_SEGMENT_SHIFT];
  }

  #rootAt(): number {
    return (this.root & REF_GRANULE_MASK) << 1;
  }

  /** Word of the node's slot. */
  #slotAt(node: number): number {
    const at = this.#rootAt();
    return at + ROOT_WORDS + ((this.#words()[at + AT_FIRST] + node) << SLOT_WORDS_SHIFT);
  }

  /** Verifies that the slots fit and that their numbers add up. */
  check(): void {
    const { nodes } = this;
    const first = this.#words()[this.#rootAt() + AT_FIRST];
    assert(first >= 0 && first + nodes <= this.#capacity(), 'the directory fits its block');
    let count = 0;
    for (let node = 0; node < nodes; node++) count += this.elements(node);
    assert(count === this.count, 'the directory counts all elements');
  }
}

function elementsOf(word: number): number {
  return word === PLAIN ? 1 : word;
}
