// The bytes of a stream's node: up to some kilobytes of entries in one arena block.
//
//   node     | head: 10 words | field ... | entry ... | free |
//   head     end:u32         offset behind the last entry
//            packed:u32      bytes of Redis's listpack for the same entries, but for its two counts
//            live:u32 | deleted:u32
//            first:u32       offset of the first entry that is not deleted; `end` when there is none
//            base: 4 words   the ID of the entry that the node was made for
//            fields:u32      number of fields that follow: those of that same entry
//   entry    | flags:1 | ms:0-8 | seq:0-8 | [n | field] value ... | back:1-5 |
//
//   flags    DELETED | SAME_FIELDS | bytes of ms << 2 | bytes of seq << 5        seven stands for eight bytes
//   ms       milliseconds since those of the base, least significant byte first
//   seq      the sequence; less that of the base where ms is nothing
//   n        number of fields, 7 bits to a byte, lowest first, 0x80: more follow; fields and values then come by turns.
//            With SAME_FIELDS only the values stand here, and the fields are those of the node
//   field, value      as in a packed list (packed-layout.ts), without back length
//   back     bytes of the entry before it, as the back length of a packed element
//
// Redis keeps the same in a listpack: flags, both differences and the number of elements of an entry are elements of their
// own there, and every element has a back length. With two fields an entry of this layout is some seven bytes shorter. `packed` is
// kept because Redis's limit of a node is a limit of that listpack: nodes here end where Redis's end.

import { assert } from '../base/assert.js';
import { BLOCK_BYTES_MAX, PAGE_BYTES } from '../memory/arena-layout.js';
import { ID_WORDS } from './stream-id.js';

export const AT_END = 0;
export const AT_PACKED = 1;
export const AT_LIVE = 2;
export const AT_DELETED = 3;
export const AT_FIRST = 4;
export const AT_BASE = 5;
export const AT_FIELDS = AT_BASE + ID_WORDS;
export const NODE_HEAD_BYTES = (AT_FIELDS + 1) * 4;

export const DELETED = 1;
export const SAME_FIELDS = 2;
export const MS_SHIFT = 2;
export const SEQ_SHIFT = 5;
export const LENGTH_MASK = 7;
/** In place of seven bytes, which no number takes, eight. */
export const EIGHT_BYTES = 7;

export const ENTRY_BACK_BYTES_MAX = 5;

/** A listpack's head and end, and the zero behind the fields of Redis's nodes. */
export const LISTPACK_FRAME_BYTES = 6 + 1 + 2;

/**
 * Bytes of fields and values of an entry. A node that is made for one holds its fields twice at most: as its own, and in the
 * room that is reserved for the entry; besides, heads take a sixteenth, and a node grows by a quarter more than it must.
 */
export const ENTRY_BYTES_MAX = 256 * 1024 * 1024;

assert(NODE_HEAD_BYTES === 40, 'the head has ten words');
assert(ENTRY_BYTES_MAX * (2 + 1 / 16 + 1 / 4) + PAGE_BYTES < BLOCK_BYTES_MAX, 'the largest entry fits a block');
