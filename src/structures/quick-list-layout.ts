// The bytes of a quick list: a directory of nodes in one block, each node a block of its own.
//
//   root     | count:u32 | nodes:u32 | first:u32 | 0 | free slots (first) | slot ... | free slots |
//   slot     | node Ref | elements of the node: i32, PLAIN when it is one large element |
//   node     a packed list (packed-layout.ts), or
//   plain    | length:u32 | 0 | bytes |             one element that is larger than a packed node may be
//
// The directory is what linked nodes would be elsewhere: it costs 8 bytes a node instead of a header with two links, an
// index is found by adding up counts that lie side by side, and a node that moves is renamed in one place.
//
// Limits: 2^32 - 1 elements. A directory of n nodes grows by half, so a push that makes it grow copies 8n bytes: 1.4 MB
// for a list of 80 million 16-byte elements.

import { assert } from '../base/assert.js';

/** Words of the root. */
export const AT_COUNT = 0;
export const AT_NODES = 1;
export const AT_FIRST = 2;
export const ROOT_WORDS = 4;
export const ROOT_BYTES = ROOT_WORDS * 4;

export const SLOT_BYTES = 8;
export const SLOT_WORDS_SHIFT = 1;
/** In a slot's second word: the node is plain. */
export const PLAIN = -1;
export const SLOTS_MIN = 2;

export const PLAIN_HEAD_BYTES = 8;

export const QUICK_COUNT_MAX = 2 ** 32 - 1;

assert(4 << SLOT_WORDS_SHIFT === SLOT_BYTES, 'a slot is a reference and a number');
