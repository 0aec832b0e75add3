// The nodes of an order tree (order-tree-layout.ts): making them, moving items within one and between neighbours.

import { assert } from '../base/assert.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  CAPACITY_MASK,
  CAPACITY_SHIFT,
  CHILD,
  columnsOf,
  COUNT,
  headOf,
  INNER_CAPACITY,
  INNER_COLUMNS,
  ITEMS_MASK,
  LEAF_CAPACITIES,
  LEAF_CAPACITY,
  LEVEL_SHIFT,
  nodeBytes,
  NODE_HEAD_WORDS,
  REF,
} from './order-tree-layout.js';

/** A node without items. */
export function newNode(arena: Arena, level: number, capacity: number): Ref {
  const node = arena.alloc(nodeBytes(level, capacity));
  arena.i32[node >>> REF_SEGMENT_SHIFT][headOf(node)] = (capacity << CAPACITY_SHIFT) | (level << LEVEL_SHIFT);
  return node;
}

export function levelOf(arena: Arena, node: Ref): number {
  return arena.i32[node >>> REF_SEGMENT_SHIFT][headOf(node)] >>> LEVEL_SHIFT;
}

export function itemsOf(arena: Arena, node: Ref): number {
  return arena.i32[node >>> REF_SEGMENT_SHIFT][headOf(node)] & ITEMS_MASK;
}

export function capacityOf(arena: Arena, node: Ref): number {
  return (arena.i32[node >>> REF_SEGMENT_SHIFT][headOf(node)] >>> CAPACITY_SHIFT) & CAPACITY_MASK;
}

export function setItems(arena: Arena, node: Ref, items: number): void {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const at = headOf(node);
  words[at] = (words[at] & ~ITEMS_MASK) | items;
}

/** Index of a column's first word in the segment's int32 view. */
export function columnOf(arena: Arena, node: Ref, column: number): number {
  return headOf(node) + NODE_HEAD_WORDS + column * capacityOf(arena, node);
}

export function wordOf(arena: Arena, node: Ref, column: number, place: number): number {
  return arena.i32[node >>> REF_SEGMENT_SHIFT][columnOf(arena, node, column) + place];
}

export function setWord(arena: Arena, node: Ref, column: number, place: number, word: number): void {
  arena.i32[node >>> REF_SEGMENT_SHIFT][columnOf(arena, node, column) + place] = word;
}

/** Members in the node and below it. */
export function membersBelow(arena: Arena, node: Ref): number {
  const items = itemsOf(arena, node);
  return levelOf(arena, node) === 0 ? items : membersBefore(arena, node, items);
}

/** Members below the first `place` children of an inner node. */
export function membersBefore(arena: Arena, node: Ref, place: number): number {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const counts = columnOf(arena, node, COUNT);
  let members = 0;
  for (let i = 0; i < place; i++) members += words[counts + i];
  return members;
}

// ---------------------------------------------------------------------- items within a node

/** Makes a gap of one item at `place`; what stands in it is arbitrary. */
export function openGap(arena: Arena, node: Ref, place: number): void {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const items = itemsOf(arena, node);
  const capacity = capacityOf(arena, node);
  assert(items < capacity, 'a node has room for one more item');
  let column = headOf(node) + NODE_HEAD_WORDS;
  for (let left = columnsOf(levelOf(arena, node)); left > 0; left--, column += capacity) {
    for (let i = column + items; i > column + place; i--) words[i] = words[i - 1];
  }
  setItems(arena, node, items + 1);
}

/** Takes `count` items from `place` on away. */
export function closeGap(arena: Arena, node: Ref, place: number, count: number): void {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const items = itemsOf(arena, node) - count;
  const capacity = capacityOf(arena, node);
  assert(place <= items, 'items are taken where there are some');
  let column = headOf(node) + NODE_HEAD_WORDS;
  for (let left = columnsOf(levelOf(arena, node)); left > 0; left--, column += capacity) {
    for (let i = column + place; i < column + items; i++) words[i] = words[i + count];
  }
  setItems(arena, node, items);
}

/** Moves the leaf's item at `from` to `to`; those between make room. */
export function rotate(arena: Arena, leaf: Ref, from: number, to: number): void {
  const words = arena.i32[leaf >>> REF_SEGMENT_SHIFT];
  const capacity = capacityOf(arena, leaf);
  let column = headOf(leaf) + NODE_HEAD_WORDS;
  for (let left = columnsOf(0); left > 0; left--, column += capacity) {
    const moved = words[column + from];
    for (let i = from; i < to; i++) words[column + i] = words[column + i + 1];
    for (let i = from; i > to; i--) words[column + i] = words[column + i - 1];
    words[column + to] = moved;
  }
}

/** The leaf in a block with the next larger number of places; the old block is freed. */
export function growLeaf(arena: Arena, leaf: Ref): Ref {
  const capacity = LEAF_CAPACITIES[LEAF_CAPACITIES.indexOf(capacityOf(arena, leaf)) + 1];
  const larger = newNode(arena, 0, capacity);
  const items = gather(arena, leaf, 0);
  deal(arena, larger, 0, items);
  arena.free(leaf);
  return larger;
}

// ---------------------------------------------------------------------- items between neighbours

/** As many neighbours are read together at most. */
const NEIGHBOURS_MAX = 3;
const SCRATCH_ITEMS = NEIGHBOURS_MAX * Math.max(LEAF_CAPACITY, INNER_CAPACITY);
/** Items on their way between nodes, by columns. */
const scratch = new Int32Array(SCRATCH_ITEMS * INNER_COLUMNS);

/** Copies the node's items behind the first `held` of the scratch and returns how many are there now. */
function gather(arena: Arena, node: Ref, held: number): number {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const items = itemsOf(arena, node);
  const capacity = capacityOf(arena, node);
  assert(held + items <= SCRATCH_ITEMS, 'neighbours fit the scratch');
  const columns = columnsOf(levelOf(arena, node));
  let from = headOf(node) + NODE_HEAD_WORDS;
  for (let column = 0; column < columns; column++, from += capacity) {
    const to = column * SCRATCH_ITEMS + held;
    for (let i = 0; i < items; i++) scratch[to + i] = words[from + i];
  }
  return held + items;
}

/** Makes the items `start` to `end` of the scratch those of the node. */
function deal(arena: Arena, node: Ref, start: number, end: number): void {
  const words = arena.i32[node >>> REF_SEGMENT_SHIFT];
  const items = end - start;
  const capacity = capacityOf(arena, node);
  assert(items <= capacity, 'dealt items fit the node');
  const columns = columnsOf(levelOf(arena, node));
  let to = headOf(node) + NODE_HEAD_WORDS;
  for (let column = 0; column < columns; column++, to += capacity) {
    const from = column * SCRATCH_ITEMS + start;
    for (let i = 0; i < items; i++) words[to + i] = scratch[from + i];
  }
  setItems(arena, node, items);
}

/** How `spread` deals: in equal shares, or all but one item to the first node, or all but one to the last. */
export const EVENLY = 0;
export const ONE_LAST = 1;
export const ONE_FIRST = 2;
export type Shares = typeof EVENLY | typeof ONE_LAST | typeof ONE_FIRST;

/**
 * Deals the items of the children `first` to `first + from` of `parent` out to `to` children at the same place: one more,
 * one less or as many; `from` is at most three. The parent has room; the keys of its items are right afterwards.
 */
export function spread(arena: Arena, parent: Ref, first: number, from: number, to: number, shares: Shares): void {
  const level = levelOf(arena, parent) - 1;
  let items = 0;
  for (let i = 0; i < from; i++) items = gather(arena, wordOf(arena, parent, CHILD, first + i), items);
  if (to > from) {
    openGap(arena, parent, first + from);
    const node = newNode(arena, level, level === 0 ? LEAF_CAPACITY : INNER_CAPACITY);
    setWord(arena, parent, CHILD, first + from, node);
  } else if (to < from) {
    arena.free(wordOf(arena, parent, CHILD, first + to));
    closeGap(arena, parent, first + to, 1);
  }
  let start = 0;
  for (let i = 0; i < to; i++) {
    let end = Math.floor((items * (i + 1)) / to);
    if (shares === ONE_LAST && i === 0) end = items - 1;
    if (shares === ONE_FIRST && i === 0) end = 1;
    const node = wordOf(arena, parent, CHILD, first + i);
    deal(arena, node, start, end);
    describe(arena, parent, first + i, node);
    start = end;
  }
}

/** Writes the item of a child: its first key, itself, its count. */
export function describe(arena: Arena, parent: Ref, place: number, child: Ref): void {
  copyKey(arena, parent, place, child);
  setWord(arena, parent, CHILD, place, child);
  setWord(arena, parent, COUNT, place, membersBelow(arena, child));
}

/** Copies the first key of a child to its item in the parent. */
export function copyKey(arena: Arena, parent: Ref, place: number, child: Ref): void {
  const source = arena.i32[child >>> REF_SEGMENT_SHIFT];
  const target = arena.i32[parent >>> REF_SEGMENT_SHIFT];
  const from = headOf(child) + NODE_HEAD_WORDS;
  const to = headOf(parent) + NODE_HEAD_WORDS + place;
  const fromCapacity = capacityOf(arena, child);
  const toCapacity = capacityOf(arena, parent);
  for (let column = 0; column <= REF; column++) {
    target[to + column * toCapacity] = source[from + column * fromCapacity];
  }
}
