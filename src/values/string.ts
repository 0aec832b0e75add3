// The string value in its entry: an int64, bytes behind the key, or a block of its own (STRING_ENCODING in types.ts).
//
//   inline, inlineRaw   value bytes in the entry; inlineRaw was modified in place and may have slack in its block
//   int                 slot = int64
//   blob                slot = Ref of the block | length in bytes u32; the rest of the block is slack
//
// Everything here works on one entry in place; who allocates and replaces entries is shard/db.ts.

import type { ByteView } from '../base/bytes.js';
import { INT64_CHARS_MAX, parseInt64, parseSafeInteger, writeInteger } from '../base/integers.js';
import { BLOCK_BYTES_MAX, REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  CLOCK_SHIFT,
  ENCODING_MASK,
  ENCODING_SHIFT,
  ENTRY_HEAD_BYTES,
  HAS_SLOT,
  HAS_TTL,
  IS_LONG,
  KEY_LENGTH_MASK,
  KEY_LENGTH_SHIFT,
  KIND_MASK,
  SHORT_VALUE_SHIFT,
} from '../structures/entry-layout.js';
import {
  entryEncoding,
  inlineLength,
  inlineStart,
  setEntryExpireAt,
  slotWord,
  writeBytes,
} from '../structures/entry.js';
import { STRING_ENCODING, TYPE } from './types.js';

/** The content of a string as a span. Integers are spelt out into a scratch buffer. Valid until the next use or write. */
export type StringView = ByteView;

/** Longer values stand in a block of their own, so that a new TTL or name need not copy them. */
export const INLINE_VALUE_BYTES_MAX = 1024;
/** Redis's limit between the encodings that OBJECT calls embstr and raw. */
const EMBSTR_BYTES_MAX = 44;

/** The head byte of strings, by encoding: type | encoding << 4. */
export const INT_KIND = TYPE.string | (STRING_ENCODING.int << 4);
export const INLINE_KIND = TYPE.string | (STRING_ENCODING.inline << 4);
export const INLINE_RAW_KIND = TYPE.string | (STRING_ENCODING.inlineRaw << 4);
export const BLOB_KIND = TYPE.string | (STRING_ENCODING.blob << 4);

const TWO_32 = 4294967296;
const GROWTH_DOUBLE_BYTES_MAX = 1024 * 1024;

/** Spelt-out integers: a few, so that a command may look at several keys. */
const SCRATCH_SLOTS = 8;
const SCRATCH_BYTES = 24;
const scratch = new Uint8Array(SCRATCH_SLOTS * SCRATCH_BYTES);
let scratchSlot = 0;

/** True when the encoding keeps the value in the entry behind the key. */
export function isInline(encoding: number): boolean {
  return encoding === STRING_ENCODING.inline || encoding === STRING_ENCODING.inlineRaw;
}

/** Points `view` at the content. An integer's spelling stays until eight more were read. */
export function readString(arena: Arena, entry: Ref, view: StringView): void {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = (entry & REF_GRANULE_MASK) << 1;
  const word0 = words[at];
  if ((word0 & HAS_SLOT) === 0) {
    const word1 = words[at + 1];
    view.bytes = arena.u8[entry >>> REF_SEGMENT_SHIFT];
    if ((word1 & IS_LONG) === 0) {
      view.start = (at << 2) + shortValueOffset(word1);
      view.end = view.start + (word1 >>> SHORT_VALUE_SHIFT);
    } else {
      view.start = inlineStart(arena, entry);
      view.end = view.start + inlineLength(arena, entry);
    }
  } else if (((word0 >>> ENCODING_SHIFT) & ENCODING_MASK) === STRING_ENCODING.blob) {
    const blob = blobOf(arena, entry);
    view.bytes = arena.u8[blob >>> REF_SEGMENT_SHIFT];
    view.start = (blob & REF_GRANULE_MASK) << 3;
    view.end = view.start + blobLength(arena, entry);
  } else {
    scratchSlot = (scratchSlot + 1) % SCRATCH_SLOTS;
    view.bytes = scratch;
    view.start = scratchSlot * SCRATCH_BYTES;
    view.end = spellInt(arena, entry, scratch, view.start);
  }
}

/** Offset of the value in an entry of the short form without a slot. */
function shortValueOffset(word1: number): number {
  return ENTRY_HEAD_BYTES + ((word1 & HAS_TTL) << 3) + ((word1 >>> KEY_LENGTH_SHIFT) & KEY_LENGTH_MASK);
}

/**
 * Overwrites an `inline` value of the same length in place, the commonest SET of all. `expireAtMs`: Unix ms, or negative
 * for no TTL. False: the entry is of another shape, nothing changed.
 */
export function overwriteInline(
  arena: Arena,
  entry: Ref,
  clock: number,
  expireAtMs: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = (entry & REF_GRANULE_MASK) << 1;
  const word1 = words[at + 1];
  if ((words[at] & KIND_MASK) !== INLINE_KIND || (word1 & IS_LONG) !== 0) return false;
  if (word1 >>> SHORT_VALUE_SHIFT !== end - start || (word1 & HAS_TTL) !== (expireAtMs < 0 ? 0 : HAS_TTL)) return false;
  words[at] = INLINE_KIND | (clock << CLOCK_SHIFT);
  if (expireAtMs >= 0) setEntryExpireAt(arena, entry, expireAtMs);
  writeBytes(arena, entry >>> REF_SEGMENT_SHIFT, (at << 2) + shortValueOffset(word1), bytes, start, end);
  return true;
}

/** Bytes of the content. */
export function stringLength(arena: Arena, entry: Ref): number {
  const encoding = entryEncoding(arena, entry);
  if (encoding === STRING_ENCODING.blob) return blobLength(arena, entry);
  if (encoding === STRING_ENCODING.int) return spellInt(arena, entry, scratch, 0);
  return inlineLength(arena, entry);
}

/** The value as a safe integer when it spells one, in any encoding; NaN otherwise. */
export function stringInteger(arena: Arena, entry: Ref): number {
  const encoding = entryEncoding(arena, entry);
  if (encoding === STRING_ENCODING.int) return intOf(arena, entry);
  if (encoding === STRING_ENCODING.blob && blobLength(arena, entry) > INT64_CHARS_MAX) return NaN;
  readString(arena, entry, parsed);
  return parseSafeInteger(parsed.bytes, parsed.start, parsed.end);
}

/** The value as an int64 when it spells one; undefined otherwise. */
export function stringBigint(arena: Arena, entry: Ref): bigint | undefined {
  if (entryEncoding(arena, entry) === STRING_ENCODING.int) return bigintOf(arena, entry);
  readString(arena, entry, parsed);
  return parseInt64(parsed.bytes, parsed.start, parsed.end);
}

const parsed: StringView = { bytes: scratch, start: 0, end: 0 };

// ---------------------------------------------------------------------- int

/** The integer in the slot; NaN when it is not a safe one. */
function intOf(arena: Arena, entry: Ref): number {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = slotWord(arena, entry);
  const value = words[at + 1] * TWO_32 + (words[at] >>> 0);
  return Number.isSafeInteger(value) ? value : NaN;
}

function bigintOf(arena: Arena, entry: Ref): bigint {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = slotWord(arena, entry);
  return (BigInt(words[at + 1]) << 32n) | BigInt(words[at] >>> 0);
}

/** Writes a safe integer to the slot. */
export function writeInt(arena: Arena, entry: Ref, value: number): void {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = slotWord(arena, entry);
  words[at] = value | 0;
  words[at + 1] = Math.floor(value / TWO_32);
}

/** Writes any int64 to the slot. */
export function writeBigint(arena: Arena, entry: Ref, value: bigint): void {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = slotWord(arena, entry);
  words[at] = Number(BigInt.asIntN(32, value));
  words[at + 1] = Number(BigInt.asIntN(32, value >> 32n));
}

/** Writes the decimal digits of an `int` entry at `at` and returns their end. */
function spellInt(arena: Arena, entry: Ref, into: Uint8Array, at: number): number {
  const value = intOf(arena, entry);
  if (value === value) return writeInteger(into, at, value);
  const digits = bigintOf(arena, entry).toString();
  for (let i = 0; i < digits.length; i++) into[at + i] = digits.charCodeAt(i);
  return at + digits.length;
}

// ---------------------------------------------------------------------- blob

export function blobOf(arena: Arena, entry: Ref): Ref {
  return arena.i32[entry >>> REF_SEGMENT_SHIFT][slotWord(arena, entry)];
}

export function blobLength(arena: Arena, entry: Ref): number {
  return arena.i32[entry >>> REF_SEGMENT_SHIFT][slotWord(arena, entry) + 1];
}

export function writeBlob(arena: Arena, entry: Ref, blob: Ref, length: number): void {
  const words = arena.i32[entry >>> REF_SEGMENT_SHIFT];
  const at = slotWord(arena, entry);
  words[at] = blob;
  words[at + 1] = length;
}

/**
 * Bytes to reserve for a string that grew to `bytes` and may grow on: twice as many up to 1 MiB, then a quarter more, so
 * that appending costs O(1) per byte.
 */
export function grownCapacity(bytes: number): number {
  const room = bytes < GROWTH_DOUBLE_BYTES_MAX ? bytes : Math.max(GROWTH_DOUBLE_BYTES_MAX, bytes >>> 2);
  return Math.max(bytes, Math.min(bytes + room, BLOCK_BYTES_MAX));
}

// ---------------------------------------------------------------------- what OBJECT tells

/** OBJECT ENCODING's name. */
export function stringEncodingName(arena: Arena, entry: Ref): string {
  const encoding = entryEncoding(arena, entry);
  if (encoding === STRING_ENCODING.int) return 'int';
  return encoding === STRING_ENCODING.inline && inlineLength(arena, entry) <= EMBSTR_BYTES_MAX ? 'embstr' : 'raw';
}

/** Characters up to which RDB files try the integer encoding, and bytes of its three forms with their head. */
const RDB_INTEGER_CHARS_MAX = 11;

/** Bytes of the value in an RDB file without compression (rdb.c: rdbSaveStringObject). */
export function serializedStringLength(arena: Arena, entry: Ref): number {
  const length = stringLength(arena, entry);
  if (length <= RDB_INTEGER_CHARS_MAX) {
    const value = stringInteger(arena, entry);
    if (value >= -128 && value <= 127) return 2;
    if (value >= -32768 && value <= 32767) return 3;
    if (value >= -2147483648 && value <= 2147483647) return 5;
  }
  if (length < 64) return 1 + length;
  return (length < 16384 ? 2 : 5) + length;
}
