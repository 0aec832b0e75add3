// The bytes of an order-statistic B+tree (order-tree.ts), all of it in the arena.
//
//   root     Ref of the top node; 0: an empty tree, which holds no memory
//   node     head u32 | columns of `capacity` words each
//              head = items:12 | capacity:12 | level:8               level 0 is a leaf
//   leaf     high | low | ref                        an item is a member: its score, the Ref of its block
//   inner    high | low | ref | child | count        an item is a child: the score and Ref of its first member, its node,
//                                                    the members below it
//
// high | low are the score as two words whose signed comparison, high first, orders as the doubles do: the double's own
// bits, those of a negative one inverted but for the sign, and the low word with its top bit flipped. -0 becomes 0.
//
// (1) Items ascend by (score, member bytes), strictly, over the whole level.
// (2) Keys of inner items are exact: the first member of the child, not some key between two children.
// (3) A node is at least NODE_FILL_MIN full unless it is the first or last of its level. Inner nodes have two children or
//     more, so every node but the root has a neighbour with the same parent.
// (4) A leaf has fewer than LEAF_CAPACITY places only when it is the root: small sets grow by LEAF_CAPACITIES.

import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, type Ref } from '../memory/arena-layout.js';

export const ITEMS_MASK = 0xfff;
export const CAPACITY_SHIFT = 12;
export const CAPACITY_MASK = 0xfff;
export const LEVEL_SHIFT = 24;

/** Words in front of the columns. */
export const NODE_HEAD_WORDS = 1;

/** Columns of every node, then those of inner nodes. */
export const HIGH = 0;
export const LOW = 1;
export const REF = 2;
export const CHILD = 3;
export const COUNT = 4;
export const LEAF_COLUMNS = 3;
export const INNER_COLUMNS = 5;

/** Places of a leaf: blocks of 64 bytes to 1024, each nearly full of places. */
export const LEAF_CAPACITIES: readonly number[] = [5, 10, 21, 42, 85];
export const LEAF_CAPACITY = LEAF_CAPACITIES[LEAF_CAPACITIES.length - 1];
/** Places of an inner node: a block of 1024 bytes. */
export const INNER_CAPACITY = 51;

/** A node below this share of its capacity takes items from a neighbour or joins it. */
export const NODE_FILL_MIN = 3 / 8;
/** Two neighbours join when the one node is at most this full, so that it does not part again at the next insertion. */
export const JOINED_FILL_MAX = 7 / 8;
/** A full node gives items to a neighbour that has at least this share of its places free; otherwise nodes are added. */
export const NEIGHBOUR_ROOM_MIN = 1 / 16;

/** Levels that 2^31 members need at the least fill, and some more. */
export const LEVELS_MAX = 10;

export function columnsOf(level: number): number {
  return level === 0 ? LEAF_COLUMNS : INNER_COLUMNS;
}

/** Bytes of a node. */
export function nodeBytes(level: number, capacity: number): number {
  return (NODE_HEAD_WORDS + columnsOf(level) * capacity) * 4;
}

/** Index of a node's head in its segment's int32 view. */
export function headOf(node: Ref): number {
  return (node & REF_GRANULE_MASK) << 1;
}

// ---------------------------------------------------------------------- scores

const SIGN = 0x80000000 | 0;

/** The high word of a score in order, from the two words of the double. */
export function orderHigh(high: number, low: number): number {
  return high === SIGN && low === 0 ? 0 : high ^ ((high >> 31) >>> 1);
}

/** The low word of a score in order. */
export function orderLow(high: number, low: number): number {
  const isNegative = high < 0 && (high !== SIGN || low !== 0);
  return (isNegative ? ~low : low) ^ SIGN;
}

assert(Math.max(LEAF_CAPACITY, INNER_CAPACITY) <= CAPACITY_MASK, 'a head names the capacity');
assert(Math.max(nodeBytes(0, LEAF_CAPACITY), nodeBytes(1, INNER_CAPACITY)) <= 1024, 'nodes fit blocks of 1 KiB');
assert((INNER_CAPACITY * NODE_FILL_MIN) ** (LEVELS_MAX - 2) > 2 ** 31, 'a path of LEVELS_MAX nodes is long enough');
assert(2 * NODE_FILL_MIN < JOINED_FILL_MAX, 'a node that is too thin finds a way out');
