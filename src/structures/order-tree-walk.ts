// Order trees as a whole: moving their nodes, taking one apart in slices, checking it.

import { assert } from '../base/assert.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { compareMemberKey, memberKeyLength, memberKeyStart, memberSlotWord } from './member.js';
import {
  CHILD,
  COUNT,
  HIGH,
  INNER_CAPACITY,
  LEAF_CAPACITIES,
  LEAF_CAPACITY,
  LEVELS_MAX,
  LOW,
  NODE_FILL_MIN,
  nodeBytes,
  orderHigh,
  orderLow,
  REF,
} from './order-tree-layout.js';
import { capacityOf, itemsOf, levelOf, membersBelow, wordOf } from './order-tree-nodes.js';
import type { OrderTree } from './order-tree.js';

/**
 * Offers the nodes of about `leavesMax` leaves from `position` on (0: the start) to `move`, which returns the Ref of the
 * node's new block, or the same. Returns where to go on; 0: the end was reached. (Blocks of members move with their dict,
 * and `replaceRef` tells the tree.)
 */
export function moveOrderTreeNodes(
  tree: OrderTree,
  position: number,
  leavesMax: number,
  move: (node: Ref) => Ref,
): number {
  const count = tree.count;
  let rank = position;
  for (let leaves = 0; leaves < leavesMax && rank < count; leaves++) {
    tree.seekRank(rank);
    rank += tree.moveNodes(move);
  }
  return rank < count ? rank : 0;
}

/** A tree that nobody uses any more, being freed node by node. Its members belong to their dict. */
export class OrderTreeDrain {
  readonly #arena: Arena;
  readonly #nodes = new Int32Array(LEVELS_MAX);
  readonly #places = new Int32Array(LEVELS_MAX);
  /** Index of the deepest inner node under way; -1: everything is freed. */
  #depth = -1;

  /** Takes over `tree.root` and leaves the tree empty. */
  constructor(tree: OrderTree) {
    this.#arena = tree.arena;
    const root = tree.root;
    tree.root = 0;
    if (root === 0) return;
    if (levelOf(this.#arena, root) === 0) this.#arena.free(root);
    else this.#enter(root);
  }

  /** Frees up to `nodesMax` nodes; true: more is left. */
  step(nodesMax: number): boolean {
    const arena = this.#arena;
    for (let freed = 0; freed < nodesMax && this.#depth >= 0;) {
      const node = this.#nodes[this.#depth];
      const place = this.#places[this.#depth]++;
      if (place === itemsOf(arena, node)) {
        arena.free(node);
        this.#depth--;
        freed++;
      } else if (levelOf(arena, node) > 1) {
        this.#enter(wordOf(arena, node, CHILD, place));
      } else {
        arena.free(wordOf(arena, node, CHILD, place));
        freed++;
      }
    }
    return this.#depth >= 0;
  }

  #enter(node: Ref): void {
    this.#depth++;
    this.#nodes[this.#depth] = node;
    this.#places[this.#depth] = 0;
  }
}

// ---------------------------------------------------------------------- figures and check

/** Bytes of all nodes, without the members. O(nodes). */
export function orderTreeBytes(tree: OrderTree): number {
  return tree.root === 0 ? 0 : bytesBelow(tree.arena, tree.root);
}

function bytesBelow(arena: Arena, node: Ref): number {
  let bytes = arena.sizeOf(node);
  if (levelOf(arena, node) === 0) return bytes;
  for (let i = 0; i < itemsOf(arena, node); i++) bytes += bytesBelow(arena, wordOf(arena, node, CHILD, i));
  return bytes;
}

/** What the check knows of the walk so far. */
interface Walk {
  readonly arena: Arena;
  /** The member that was met last; 0: none. */
  last: Ref;
}

/** Verifies the whole tree against its layout's invariants. O(members). */
export function checkOrderTree(tree: OrderTree): void {
  if (tree.root === 0) return;
  const arena = tree.arena;
  checkNode({ arena, last: 0 }, tree.root, true, true, true);
}

function checkNode(walk: Walk, node: Ref, isRoot: boolean, isFirst: boolean, isLast: boolean): void {
  const arena = walk.arena;
  const level = levelOf(arena, node);
  const items = itemsOf(arena, node);
  const capacity = capacityOf(arena, node);
  assert(arena.sizeOf(node) >= nodeBytes(level, capacity), 'a node fits its block');
  assert(items > 0 && items <= capacity, 'a node has items, no more than places');
  assert(level === 0 || items > 1, 'an inner node has two children');
  if (level > 0) assert(capacity === INNER_CAPACITY, 'inner nodes have one size');
  else if (isRoot) assert(LEAF_CAPACITIES.includes(capacity), 'a lone leaf has a size of the list');
  else assert(capacity === LEAF_CAPACITY, 'leaves among others have one size');
  if (!isFirst && !isLast)
    assert(items >= Math.floor(capacity * NODE_FILL_MIN), 'an inner node of its level is filled');
  for (let place = 0; place < items; place++) {
    if (level === 0) {
      checkItem(walk, node, place);
      continue;
    }
    const child = wordOf(arena, node, CHILD, place);
    assert(levelOf(arena, child) === level - 1, 'a child is one level below');
    for (const column of [HIGH, LOW, REF]) {
      const key = wordOf(arena, node, column, place);
      assert(wordOf(arena, child, column, 0) === key, 'the key of a child is its first');
    }
    assert(wordOf(arena, node, COUNT, place) === membersBelow(arena, child), 'a child is counted');
    checkNode(walk, child, false, isFirst && place === 0, isLast && place === items - 1);
  }
}

function checkItem(walk: Walk, leaf: Ref, place: number): void {
  const arena = walk.arena;
  const ref = wordOf(arena, leaf, REF, place);
  const high = wordOf(arena, leaf, HIGH, place);
  const low = wordOf(arena, leaf, LOW, place);
  const words = arena.i32[ref >>> REF_SEGMENT_SHIFT];
  const slot = memberSlotWord(arena, ref);
  assert(high === orderHigh(words[slot + 1], words[slot]), 'an item has the score of its member');
  assert(low === orderLow(words[slot + 1], words[slot]), 'an item has the score of its member to the last bit');
  if (walk.last !== 0) assert(isBefore(arena, walk.last, ref), 'items ascend');
  walk.last = ref;
}

function isBefore(arena: Arena, a: Ref, b: Ref): boolean {
  const aWords = arena.i32[a >>> REF_SEGMENT_SHIFT];
  const bWords = arena.i32[b >>> REF_SEGMENT_SHIFT];
  const aSlot = memberSlotWord(arena, a);
  const bSlot = memberSlotWord(arena, b);
  const high = orderHigh(bWords[bSlot + 1], bWords[bSlot]) - orderHigh(aWords[aSlot + 1], aWords[aSlot]);
  if (high !== 0) return high > 0;
  const low = orderLow(bWords[bSlot + 1], bWords[bSlot]) - orderLow(aWords[aSlot + 1], aWords[aSlot]);
  if (low !== 0) return low > 0;
  const start = memberKeyStart(arena, b);
  const end = start + memberKeyLength(arena, b);
  return compareMemberKey(arena, a, arena.u8[b >>> REF_SEGMENT_SHIFT], start, end) < 0;
}
