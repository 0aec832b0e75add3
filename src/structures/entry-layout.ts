// The layout of an entry, a key of the keyspace with its value. (Members of large collections: member-layout.ts.)
//
//   word 0   type:4 | encoding:4 | clock:24         the encoding's two high bits: hasSlot:1 | partsExpire:1
//   word 1   hasTtl:1 | long:1 | short form: keyBytes:8, valueBytes:22 | long form: valueBytes:30
//   [expire]  8 bytes, int64 Unix ms     when hasTtl
//   [long]    8 bytes, key length u32    when the key is longer than 255 bytes
//   [slot]    8 bytes                    when the encoding has its 8-bit set: an int64, or root Ref u32 + length u32
//   key bytes, value bytes (encodings without a slot)
//
// 16-byte key and value: 40 bytes, with a TTL 48. Limits: keys below 512 MiB, inline values below 4 MiB (the values
// module stores them outside far earlier).

import { assert } from '../base/assert.js';

export const ENTRY_HEAD_BYTES = 8;
export const ENTRY_PART_BYTES = 8;

export const TYPE_MASK = 0x0f;
export const ENCODING_SHIFT = 4;
export const ENCODING_MASK = 0x0f;
/** Word 0: the encoding keeps its value in the slot. */
export const HAS_SLOT = 0x80;
/** Word 0, only with HAS_SLOT: parts of the value, the fields of a hash, have deadlines of their own. */
export const PARTS_EXPIRE = 0x40;
export const CLOCK_SHIFT = 8;
export const CLOCK_MASK = 0xffffff;
export const KIND_MASK = 0xff;

export const HAS_TTL = 1;
export const IS_LONG = 2;
export const KEY_LENGTH_SHIFT = 2;
export const KEY_LENGTH_MASK = 0xff;
export const SHORT_KEY_BYTES_MAX = 255;
export const SHORT_VALUE_SHIFT = 10;
export const LONG_VALUE_SHIFT = 2;

assert(HAS_SLOT === 8 << ENCODING_SHIFT, 'the slot flag is the top bit of the encoding');
assert(PARTS_EXPIRE === HAS_SLOT >>> 1, 'the flag of the parts stands below it');
assert(SHORT_VALUE_SHIFT === KEY_LENGTH_SHIFT + 8, 'the key length has eight bits');
