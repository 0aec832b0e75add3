// The bytes of a B+tree of stream IDs (id-tree.ts), all of it in the arena.
//
//   handle   | root Ref | items:u32 |          two words in a block of the owner's; root 0: an empty tree without memory
//   node     | count:12 | capacity:12 | level:8 | item ... |
//   leaf     item = | ID: 4 words | payload: as many words as the owner says |         level 0
//   inner    item = | ID: 4 words | child Ref |
//
// The ID of an inner item is a bound: greater than all IDs of the child before, not greater than any of its own. That of
// the first item of a node says nothing and is not looked at.
//
// A leaf that is the root grows by doubling from a few items; all other nodes have NODE_BYTES.

import { assert } from '../base/assert.js';
import { ID_WORDS } from './stream-id.js';

export const NODE_BYTES = 1024;
export const NODE_HEAD_WORDS = 1;
export const COUNT_MASK = 0xfff;
export const CAPACITY_SHIFT = 12;
export const CAPACITY_MASK = 0xfff;
export const LEVEL_SHIFT = 24;

export const HANDLE_WORDS = 2;
export const HANDLE_COUNT = 1;

export const INNER_WORDS = ID_WORDS + 1;
/** Items of the first leaf of a tree. */
export const FIRST_ITEMS = 2;
/** Levels that a tree may have: far more than an arena can hold nodes for. */
export const LEVELS_MAX = 16;

/** Items that fit a full-sized node, by words of an item. */
export function nodeItems(itemWords: number): number {
  return Math.floor((NODE_BYTES / 4 - NODE_HEAD_WORDS) / itemWords);
}

assert(nodeItems(ID_WORDS) <= COUNT_MASK, 'a count has its bits');
