// The layout of a member: what a large set, hash or sorted set keeps in its dict (MEMBERS in dict-layout.ts).
//
//   head         hasTtl:1 | long:1 | hasSlot:1 | short form: keyBytes:8, valueBytes:21 | long form: valueBytes:29
//   [expire]     8 bytes, int64 Unix ms          when hasTtl: fields of hashes only
//   [long]       4 bytes, key length u32         when key or value are too long for the short form
//   [slot]       8 bytes                         when hasSlot: the score of a sorted set's member as a double, or what the
//                                                owner puts there (a Ref and a length of a value that has its own block)
//   key bytes, value bytes
//
// A keyspace entry's head (entry-layout.ts) is twice as long: members need neither type nor access clock. Key and parts
// stand at multiples of four.
//
//   set member of 16 bytes: 20, block of 24     hash field 12 + 12: 28, block of 32     sorted set's member of 16: 28, 32
//
// Limits: keys and values below 512 MiB.

import { assert } from '../base/assert.js';
import { HAS_TTL } from './entry-layout.js';

export const MEMBER_HEAD_BYTES = 4;
export const MEMBER_EXPIRE_BYTES = 8;
export const MEMBER_LONG_BYTES = 4;
export const MEMBER_SLOT_BYTES = 8;

/** The same bit as in an entry, because the dict reads it of both. */
export const MEMBER_HAS_TTL = HAS_TTL;
export const MEMBER_IS_LONG = 2;
export const MEMBER_HAS_SLOT = 4;

/** Words in front of the long part or, without one, the slot: the head, and the expiry if there is one. */
export const MEMBER_HEAD_WORDS = MEMBER_HEAD_BYTES / 4;
export const MEMBER_EXPIRE_WORDS = MEMBER_EXPIRE_BYTES / 4;

export const MEMBER_KEY_SHIFT = 3;
export const MEMBER_KEY_MASK = 0xff;
export const MEMBER_SHORT_KEY_BYTES_MAX = MEMBER_KEY_MASK;
export const MEMBER_SHORT_VALUE_SHIFT = 11;
export const MEMBER_SHORT_VALUE_BYTES_MAX = 2 ** (32 - MEMBER_SHORT_VALUE_SHIFT) - 1;
export const MEMBER_LONG_VALUE_SHIFT = 3;
export const MEMBER_VALUE_BYTES_MAX = 2 ** (32 - MEMBER_LONG_VALUE_SHIFT) - 1;

assert(MEMBER_HAS_SLOT << 1 === 1 << MEMBER_KEY_SHIFT, 'the lengths stand behind the flags');
assert(MEMBER_SHORT_VALUE_SHIFT === MEMBER_KEY_SHIFT + 8, 'the key length has eight bits');
