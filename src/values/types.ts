// Value types and encodings: one byte in the entry head (type in the low four bits, encoding in the high four).

export const TYPE = { string: 0, list: 1, set: 2, zset: 3, hash: 4, stream: 6 } as const;

/** TYPE's and OBJECT's names by type number. */
export const TYPE_NAMES: readonly string[] = ['string', 'list', 'set', 'zset', 'hash', 'module', 'stream'];

/**
 * Encodings of strings. `inline`: the bytes stand in the entry behind the key. `inlineRaw`: the same, but the string was
 * modified in place, so that OBJECT calls it raw at any length. `int`: an int64 in the entry. `blob`: the entry holds a
 * reference and a length, the bytes stand in a block of their own (values above INLINE_VALUE_BYTES_MAX).
 *
 * From 8 on an encoding has a slot in the entry (structures/entry-layout.ts).
 */
export const STRING_ENCODING = { inline: 0, inlineRaw: 1, int: 8, blob: 9 } as const;

/** Encodings of lists; the slot holds the Ref of the packed or quick list. */
export const LIST_ENCODING = { packed: 8, quick: 9 } as const;

/** Encodings of sets; the slot holds the Ref of the block of integers, the packed list or the dict. */
export const SET_ENCODING = { ints: 8, packed: 9, dict: 10 } as const;

/**
 * Encodings of sorted sets; the slot holds the Ref of the packed list, or the roots of dict and order tree.
 */
export const ZSET_ENCODING = { packed: 8, large: 9 } as const;

/** The one encoding of streams; the slot holds the Ref of the root (stream-layout.ts). */
export const STREAM_ENCODING = { nodes: 8 } as const;

/**
 * Encodings of hashes. `inline`: fields and values by turns stand in the entry behind the key, as an inline list; `packed`: the slot holds the Ref of a packed list of fields and values by turns; `packedEx`: the
 * same of fields, values and deadlines; `table`: the Refs of a dict and of the order of its fields with deadlines. While a
 * field has a deadline PARTS_EXPIRE (structures/entry-layout.ts) is set besides.
 */
export const HASH_ENCODING = { inline: 0, packed: 8, table: 9, packedEx: 10 } as const;
