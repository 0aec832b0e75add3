// The order of a sorted set: an order-statistic B+tree over its members, wholly in the arena.
//
//   dict of members (dict.ts)           member -> block with score and bytes (member.ts)
//   order tree                          (score, member bytes) -> the same block, and how many come before it
//
// The picture of its bytes stands in order-tree-layout.ts. Walking it as a whole (drain, check) is in order-tree-walk.ts.
//
// The object is a flyweight, as Dict is: `root` is the Ref of the structure, 0 for an empty tree. Point it at another root
// to work on another tree; after a change store `root` where it came from.
//
// (1) The score of a member is what its block says. Blocks are read for their bytes only where scores are equal.
// (2) A `seek` leaves a position: a path of nodes from the root to a leaf. The getters and `next` and `previous` work on
//     it; any change of the tree ends it.
// (3) Every operation touches a path and at most two neighbours per level. What allocates are only new nodes, in the arena.
//
// Limit: 2^31 - 1 members, far more than a shard's memory holds.

import { assert } from '../base/assert.js';
import { NO_BYTES } from '../base/bytes.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { compareMemberKey, memberKeyLength, memberKeyStart, memberSlotWord, setMemberScore } from './member.js';
import {
  CAPACITY_MASK,
  CAPACITY_SHIFT,
  CHILD,
  COUNT,
  headOf,
  HIGH,
  INNER_CAPACITY,
  ITEMS_MASK,
  JOINED_FILL_MAX,
  LEAF_CAPACITIES,
  LEAF_CAPACITY,
  LEVELS_MAX,
  LOW,
  NEIGHBOUR_ROOM_MIN,
  NODE_FILL_MIN,
  NODE_HEAD_WORDS,
  orderHigh,
  orderLow,
  REF,
} from './order-tree-layout.js';
import {
  capacityOf,
  closeGap,
  copyKey,
  describe,
  EVENLY,
  growLeaf,
  itemsOf,
  levelOf,
  membersBefore,
  membersBelow,
  newNode,
  ONE_FIRST,
  ONE_LAST,
  openGap,
  rotate,
  setItems,
  setWord,
  spread,
  wordOf,
} from './order-tree-nodes.js';

/** One double, to take a score apart into words. */
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

/** The members that one step of `removeRange` took out: at most a leaf's. */
const removed = new Int32Array(LEAF_CAPACITY);

export class OrderTree {
  /** The tree that this object stands for; 0: an empty one. */
  root: Ref;
  readonly arena: Arena;

  // What is sought: a score in order and, if the members count, their bytes and the block that has them.
  #high = 0;
  #low = 0;
  #byMember = false;
  #self: Ref = 0;
  #bytes = NO_BYTES;
  #start = 0;
  #end = 0;

  // Where the last seek ended: by level, the node and the place in it.
  readonly #nodes = new Int32Array(LEVELS_MAX);
  readonly #places = new Int32Array(LEVELS_MAX);
  /** Level of the root at that time. */
  #top = 0;

  constructor(arena: Arena, root: Ref = 0) {
    this.arena = arena;
    this.root = root;
  }

  /** Another flyweight of the same arena, with a position of its own. */
  sibling(root: Ref): OrderTree {
    return new OrderTree(this.arena, root);
  }

  get count(): number {
    return this.root === 0 ? 0 : membersBelow(this.arena, this.root);
  }

  // ------------------------------------------------------------------ positions

  /** The member at the position; 0: behind the last one. */
  get ref(): Ref {
    if (this.root === 0) return 0;
    const leaf = this.#nodes[0];
    const place = this.#places[0];
    return place < itemsOf(this.arena, leaf) ? wordOf(this.arena, leaf, REF, place) : 0;
  }

  /** How many members come before the position. */
  get rank(): number {
    if (this.root === 0) return 0;
    let rank = this.#places[0];
    for (let level = 1; level <= this.#top; level++) {
      rank += membersBefore(this.arena, this.#nodes[level], this.#places[level]);
    }
    return rank;
  }

  /** Goes to a member of the tree. */
  seekMember(ref: Ref): void {
    this.#soughtMember(ref, ref);
    this.#seekSought(true, false);
    this.#assertAt(ref);
  }

  /**
   * Goes to the first member whose score is not below `score`, or with `after` to the first whose score is above it, or
   * behind the last member. So `rank` is the number of scores below (with `after`: up to) it.
   */
  seekScore(score: number, after: boolean): void {
    assert(!Number.isNaN(score), 'a score is a number');
    double[0] = score;
    this.#high = orderHigh(doubleWords[1], doubleWords[0]);
    this.#low = orderLow(doubleWords[1], doubleWords[0]);
    this.#byMember = false;
    this.#seekSought(after, after);
  }

  /**
   * The same by the bytes of members among those with the tree's least score, which in a set that is asked this question
   * all have.
   */
  seekKey(bytes: Uint8Array, start: number, end: number, after: boolean): void {
    if (this.root === 0) return;
    this.#high = wordOf(this.arena, this.root, HIGH, 0);
    this.#low = wordOf(this.arena, this.root, LOW, 0);
    this.#byMember = true;
    this.#self = 0;
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#seekSought(after, after);
  }

  /** Goes to the member that `rank` others come before; behind the last one when `rank` is the count. */
  seekRank(rank: number): void {
    assert(rank >= 0 && rank <= this.count, 'a rank is within the tree');
    if (this.root === 0) return;
    const views = this.arena.i32;
    let node = this.root;
    let before = rank;
    this.#top = levelOf(this.arena, node);
    for (let level = this.#top; level > 0; level--) {
      const words = views[node >>> REF_SEGMENT_SHIFT];
      const at = headOf(node);
      const last = (words[at] & ITEMS_MASK) - 1;
      const counts = at + NODE_HEAD_WORDS + COUNT * INNER_CAPACITY;
      let place = 0;
      while (place < last && before >= words[counts + place]) before -= words[counts + place++];
      this.#nodes[level] = node;
      this.#places[level] = place;
      node = words[at + NODE_HEAD_WORDS + CHILD * INNER_CAPACITY + place];
    }
    this.#nodes[0] = node;
    this.#places[0] = before;
  }

  /** Goes one member on; false: there is none, the position is behind the last. */
  next(): boolean {
    if (this.root === 0) return false;
    const items = itemsOf(this.arena, this.#nodes[0]);
    if (this.#places[0] < items) this.#places[0]++;
    return this.#places[0] < items || this.#toNextLeaf();
  }

  /** Goes one member back; false: there is none, the position stays. */
  previous(): boolean {
    if (this.root === 0) return false;
    if (this.#places[0] > 0) {
      this.#places[0]--;
      return true;
    }
    let level = 1;
    while (level <= this.#top && this.#places[level] === 0) level++;
    if (level > this.#top) return false;
    this.#places[level]--;
    for (; level > 0; level--) {
      const child = wordOf(this.arena, this.#nodes[level], CHILD, this.#places[level]);
      this.#nodes[level - 1] = child;
      this.#places[level - 1] = itemsOf(this.arena, child) - 1;
    }
    return true;
  }

  /** From behind the items of a leaf to the first of the next leaf; false: there is none, the position stays. */
  #toNextLeaf(): boolean {
    let level = 1;
    while (level <= this.#top && this.#places[level] === itemsOf(this.arena, this.#nodes[level]) - 1) level++;
    if (level > this.#top) return false;
    this.#places[level]++;
    for (; level > 0; level--) {
      this.#nodes[level - 1] = wordOf(this.arena, this.#nodes[level], CHILD, this.#places[level]);
      this.#places[level - 1] = 0;
    }
    return true;
  }

  // ------------------------------------------------------------------ seeking

  /** Makes what is sought the score and the bytes of `ref`, which stands in the tree as `self` if at all. */
  #soughtMember(ref: Ref, self: Ref): void {
    const arena = this.arena;
    const words = arena.i32[ref >>> REF_SEGMENT_SHIFT];
    const slot = memberSlotWord(arena, ref);
    this.#high = orderHigh(words[slot + 1], words[slot]);
    this.#low = orderLow(words[slot + 1], words[slot]);
    this.#byMember = true;
    this.#self = self;
    this.#bytes = arena.u8[ref >>> REF_SEGMENT_SHIFT];
    this.#start = memberKeyStart(arena, ref);
    this.#end = this.#start + memberKeyLength(arena, ref);
  }

  /** `#descend`, and from the end of a leaf on to the next one. */
  #seekSought(innerEqual: boolean, leafEqual: boolean): void {
    if (this.root === 0) return;
    this.#descend(innerEqual, leafEqual);
    if (this.#places[0] === itemsOf(this.arena, this.#nodes[0])) this.#toNextLeaf();
  }

  /**
   * Goes down to the leaf where what is sought belongs. The flags say whether an item that equals it counts as below it, in
   * inner nodes and in leaves. The place may be behind the leaf's last item.
   */
  #descend(innerEqual: boolean, leafEqual: boolean): void {
    const views = this.arena.i32;
    let node = this.root;
    this.#top = levelOf(this.arena, node);
    for (let level = this.#top; level > 0; level--) {
      const words = views[node >>> REF_SEGMENT_SHIFT];
      const at = headOf(node);
      const below = this.#itemsBelow(words, at, innerEqual);
      const place = below === 0 ? 0 : below - 1;
      this.#nodes[level] = node;
      this.#places[level] = place;
      node = words[at + NODE_HEAD_WORDS + CHILD * INNER_CAPACITY + place];
    }
    this.#nodes[0] = node;
    this.#places[0] = this.#itemsBelow(views[node >>> REF_SEGMENT_SHIFT], headOf(node), leafEqual);
  }

  /** Items of a node that are below what is sought; with `equal`, one that equals it counts. */
  #itemsBelow(words: Int32Array, at: number, equal: boolean): number {
    const head = words[at];
    const capacity = (head >>> CAPACITY_SHIFT) & CAPACITY_MASK;
    const highs = at + NODE_HEAD_WORDS;
    const high = this.#high;
    let first = 0;
    let last = head & ITEMS_MASK;
    while (first < last) {
      const middle = (first + last) >>> 1;
      const itemHigh = words[highs + middle];
      const isBelow =
        itemHigh === high
          ? this.#isBelow(words[highs + capacity + middle], words[highs + REF * capacity + middle], equal)
          : itemHigh < high;
      if (isBelow) first = middle + 1;
      else last = middle;
    }
    return first;
  }

  /** Whether an item whose high word is the sought one is below what is sought. */
  #isBelow(low: number, ref: Ref, equal: boolean): boolean {
    if (low !== this.#low) return low < this.#low;
    if (!this.#byMember || ref === this.#self) return equal;
    const order = compareMemberKey(this.arena, ref, this.#bytes, this.#start, this.#end);
    return order < 0 || (order === 0 && equal);
  }

  #assertAt(ref: Ref): void {
    assert(this.ref === ref, 'a member stands in the tree where its score says');
  }

  // ------------------------------------------------------------------ insertion

  /** Adds a member by the score in its block; no member of the tree has its bytes. */
  insert(ref: Ref): void {
    this.#soughtMember(ref, 0);
    if (this.root === 0) this.root = newNode(this.arena, 0, LEAF_CAPACITIES[0]);
    this.#descend(true, false);
    this.#insertHere(ref);
  }

  /** The same for a member that comes behind all others, which saves the search: for building from sorted input. */
  append(ref: Ref): void {
    if (this.root === 0) {
      this.insert(ref);
      return;
    }
    this.#soughtMember(ref, 0);
    this.seekRank(this.count);
    const leaf = this.#nodes[0];
    const last = this.#places[0] - 1;
    const high = wordOf(this.arena, leaf, HIGH, last);
    const isBehind =
      high === this.#high
        ? this.#isBelow(wordOf(this.arena, leaf, LOW, last), wordOf(this.arena, leaf, REF, last), false)
        : high < this.#high;
    assert(isBehind, 'an appended member comes behind the last one');
    this.#insertHere(ref);
  }

  /** Puts what is sought where `#descend` ended. */
  #insertHere(ref: Ref): void {
    const arena = this.arena;
    while (itemsOf(arena, this.#nodes[0]) === capacityOf(arena, this.#nodes[0])) {
      this.#makeRoom(0);
      this.#descend(true, false);
    }
    const leaf = this.#nodes[0];
    const place = this.#places[0];
    openGap(arena, leaf, place);
    this.#writeItem(leaf, place, ref);
    this.#addToCounts(1);
    if (place === 0) this.#renewKeys(0);
  }

  #writeItem(leaf: Ref, place: number, ref: Ref): void {
    const words = this.arena.i32[leaf >>> REF_SEGMENT_SHIFT];
    const at = headOf(leaf);
    const capacity = (words[at] >>> CAPACITY_SHIFT) & CAPACITY_MASK;
    words[at + NODE_HEAD_WORDS + place] = this.#high;
    words[at + NODE_HEAD_WORDS + LOW * capacity + place] = this.#low;
    words[at + NODE_HEAD_WORDS + REF * capacity + place] = ref;
  }

  #addToCounts(members: number): void {
    const views = this.arena.i32;
    for (let level = 1; level <= this.#top; level++) {
      const node = this.#nodes[level];
      const counts = headOf(node) + NODE_HEAD_WORDS + COUNT * INNER_CAPACITY;
      views[node >>> REF_SEGMENT_SHIFT][counts + this.#places[level]] += members;
    }
  }

  /** The first item of the path's node at `level` has changed: so have the keys above that name it. */
  #renewKeys(level: number): void {
    for (let child = level; child < this.#top; child++) {
      copyKey(this.arena, this.#nodes[child + 1], this.#places[child + 1], this.#nodes[child]);
      if (this.#places[child + 1] !== 0) return;
    }
  }

  /**
   * Makes room in or beside the full node of the path at `level`, or above it when that is what is in the way. The path is
   * void afterwards; whoever needs it descends again and looks whether there is room now.
   */
  #makeRoom(level: number): void {
    const arena = this.arena;
    if (level === this.#top) {
      if (level === 0 && capacityOf(arena, this.root) < LEAF_CAPACITY) {
        this.root = growLeaf(arena, this.root);
        return;
      }
      this.#raiseRoot();
    }
    const parent = this.#nodes[level + 1];
    const place = this.#places[level + 1];
    const children = itemsOf(arena, parent);
    const roomBefore = place === 0 ? 0 : this.#roomOf(parent, place - 1);
    const roomBehind = place + 1 === children ? 0 : this.#roomOf(parent, place + 1);
    const capacity = capacityOf(arena, this.#nodes[level]);
    if (Math.max(roomBefore, roomBehind) >= capacity * NEIGHBOUR_ROOM_MIN) {
      spread(arena, parent, roomBefore >= roomBehind ? place - 1 : place, 2, 2, EVENLY);
    } else if (children === INNER_CAPACITY) {
      this.#makeRoom(level + 1);
    } else if (this.#isAtEnd()) {
      spread(arena, parent, place, 1, 2, ONE_LAST);
    } else if (this.#isAtStart()) {
      spread(arena, parent, place, 1, 2, ONE_FIRST);
    } else if (children === 1) {
      spread(arena, parent, place, 1, 2, EVENLY);
    } else if (place > 0 && place + 1 < children) {
      spread(arena, parent, place - 1, 3, 4, EVENLY);
    } else {
      spread(arena, parent, place === 0 ? 0 : place - 1, 2, 3, EVENLY);
    }
  }

  #roomOf(parent: Ref, place: number): number {
    const child = wordOf(this.arena, parent, CHILD, place);
    return capacityOf(this.arena, child) - itemsOf(this.arena, child);
  }

  /** True when the position is behind the last member: sets that grow at the end keep their nodes full. */
  #isAtEnd(): boolean {
    return this.#places[0] === itemsOf(this.arena, this.#nodes[0]) && this.#isLastLeaf();
  }

  #isAtStart(): boolean {
    return this.#places[0] === 0 && this.#isFirstLeaf();
  }

  /** A new root above the old one, in tree and path. */
  #raiseRoot(): void {
    const top = this.#top + 1;
    assert(top < LEVELS_MAX, 'a tree has few levels');
    const root = newNode(this.arena, top, INNER_CAPACITY);
    setItems(this.arena, root, 1);
    describe(this.arena, root, 0, this.root);
    this.root = root;
    this.#top = top;
    this.#nodes[top] = root;
    this.#places[top] = 0;
  }

  // ------------------------------------------------------------------ changes in place

  /** Gives a member of the tree another score, in its block too. */
  rescore(ref: Ref, score: number): void {
    assert(!Number.isNaN(score), 'a score is a number');
    this.seekMember(ref);
    const high = this.#high;
    const low = this.#low;
    setMemberScore(this.arena, ref, score);
    this.#soughtMember(ref, ref);
    if (this.#high === high && this.#low === low) return;
    const isRise = this.#high === high ? this.#low > low : this.#high > high;
    if (this.#moveInLeaf(ref, isRise)) return;
    this.#removeHere(1);
    if (this.root === 0) this.root = newNode(this.arena, 0, LEAF_CAPACITIES[0]);
    this.#descend(true, false);
    this.#insertHere(ref);
  }

  /**
   * Moves the item at the position to where what is sought belongs, if that is surely in the same leaf: between two of its
   * items, or at the end of the tree.
   */
  #moveInLeaf(ref: Ref, isRise: boolean): boolean {
    const arena = this.arena;
    const leaf = this.#nodes[0];
    const from = this.#places[0];
    const words = arena.i32[leaf >>> REF_SEGMENT_SHIFT];
    // The item still has its old score, so the leaf is in order. On a rise the item itself is among those below.
    let to = this.#itemsBelow(words, headOf(leaf), false);
    if (isRise) {
      if (to === itemsOf(arena, leaf) && !this.#isLastLeaf()) return false;
      to--;
    } else if (to === 0 && !this.#isFirstLeaf()) {
      return false;
    }
    rotate(arena, leaf, from, to);
    this.#writeItem(leaf, to, ref);
    if (from === 0 || to === 0) this.#renewKeys(0);
    return true;
  }

  /** True when no leaf comes behind that of the position. */
  #isLastLeaf(): boolean {
    for (let level = 1; level <= this.#top; level++) {
      if (this.#places[level] !== itemsOf(this.arena, this.#nodes[level]) - 1) return false;
    }
    return true;
  }

  #isFirstLeaf(): boolean {
    for (let level = 1; level <= this.#top; level++) if (this.#places[level] !== 0) return false;
    return true;
  }

  /** The member in block `old`, which may be freed already, now stands in block `ref`: same bytes, same score. */
  replaceRef(old: Ref, ref: Ref): void {
    this.#soughtMember(ref, old);
    this.#seekSought(true, false);
    this.#assertAt(old);
    setWord(this.arena, this.#nodes[0], REF, this.#places[0], ref);
    if (this.#places[0] === 0) this.#renewKeys(0);
  }

  /**
   * Offers the leaf of the position, and the inner nodes whose first leaf it is, to `move`, which returns the Ref of the
   * node's new block, or the same. Returns how many members the leaf has from the position on.
   */
  moveNodes(move: (node: Ref) => Ref): number {
    for (let level = 0; level <= this.#top; level++) {
      const node = move(this.#nodes[level]);
      this.#nodes[level] = node;
      if (level === this.#top) this.root = node;
      else setWord(this.arena, this.#nodes[level + 1], CHILD, this.#places[level + 1], node);
      if (level < this.#top && this.#places[level + 1] !== 0) break;
    }
    return itemsOf(this.arena, this.#nodes[0]) - this.#places[0];
  }

  // ------------------------------------------------------------------ removal

  /** Takes a member out of the tree; its block is the caller's. */
  remove(ref: Ref): void {
    this.seekMember(ref);
    this.#removeHere(1);
  }

  /**
   * Takes the `count` members from `rank` on out of the tree and hands each to `visit`, to which its block belongs. `visit`
   * must not use this tree.
   */
  removeRange(rank: number, count: number, visit: (ref: Ref) => void): void {
    assert(count >= 0 && rank + count <= this.count, 'a range is within the tree');
    for (let left = count; left > 0;) {
      this.seekRank(rank);
      const leaf = this.#nodes[0];
      const place = this.#places[0];
      const taken = Math.min(left, itemsOf(this.arena, leaf) - place);
      for (let i = 0; i < taken; i++) removed[i] = wordOf(this.arena, leaf, REF, place + i);
      this.#removeHere(taken);
      for (let i = 0; i < taken; i++) visit(removed[i]);
      left -= taken;
    }
  }

  /** Takes `count` items of the leaf out, from the position on. */
  #removeHere(count: number): void {
    const leaf = this.#nodes[0];
    const place = this.#places[0];
    closeGap(this.arena, leaf, place, count);
    this.#addToCounts(-count);
    const left = itemsOf(this.arena, leaf);
    if (place === 0 && left > 0) this.#renewKeys(0);
    if (left < LEAF_CAPACITY * NODE_FILL_MIN) this.#mend();
  }

  /** Joins nodes of the path that have become too thin with a neighbour, or takes items from it, from the leaf up. */
  #mend(): void {
    const arena = this.arena;
    for (let level = 0; level < this.#top; level++) {
      const node = this.#nodes[level];
      const items = itemsOf(arena, node);
      const capacity = capacityOf(arena, node);
      if (items >= capacity * NODE_FILL_MIN) break;
      const parent = this.#nodes[level + 1];
      const place = this.#places[level + 1];
      const children = itemsOf(arena, parent);
      assert(children > 1, 'a node below the root has a neighbour');
      const roomBefore = place === 0 ? -1 : this.#roomOf(parent, place - 1);
      const roomBehind = place + 1 === children ? -1 : this.#roomOf(parent, place + 1);
      const first = roomBefore >= roomBehind ? place - 1 : place;
      const together = items + capacity - Math.max(roomBefore, roomBehind);
      const joins = together <= capacity * JOINED_FILL_MAX;
      spread(arena, parent, first, 2, joins ? 1 : 2, EVENLY);
      this.#renewKeys(level + 1);
      if (!joins) break;
    }
    this.#lowerRoot();
  }

  /** A root with one child gives way to it, an empty one to nothing. */
  #lowerRoot(): void {
    const arena = this.arena;
    while (levelOf(arena, this.root) > 0 && itemsOf(arena, this.root) === 1) {
      const child = wordOf(arena, this.root, CHILD, 0);
      arena.free(this.root);
      this.root = child;
    }
    if (itemsOf(arena, this.root) > 0) return;
    assert(levelOf(arena, this.root) === 0, 'a root above other nodes has children');
    arena.free(this.root);
    this.root = 0;
  }
}
