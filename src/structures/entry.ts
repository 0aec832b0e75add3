// Reading and writing entries (entry-layout.ts) in place. Plain functions over an arena and a Ref: an entry has no object.

import { copyBytes } from '../base/bytes.js';
import { xxh32 } from '../base/hash.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import {
  CLOCK_MASK,
  CLOCK_SHIFT,
  ENCODING_MASK,
  ENCODING_SHIFT,
  ENTRY_HEAD_BYTES,
  ENTRY_PART_BYTES,
  HAS_SLOT,
  HAS_TTL,
  IS_LONG,
  KEY_LENGTH_MASK,
  KEY_LENGTH_SHIFT,
  KIND_MASK,
  LONG_VALUE_SHIFT,
  PARTS_EXPIRE,
  SHORT_KEY_BYTES_MAX,
  SHORT_VALUE_SHIFT,
  TYPE_MASK,
} from './entry-layout.js';

const TWO_32 = 4294967296;
/** Longer ranges go by `TypedArray.set`. */
const WORD_COPY_BYTES_MAX = 128;

function wordsOf(arena: Arena, ref: Ref): Int32Array {
  return arena.i32[ref >>> REF_SEGMENT_SHIFT];
}

function wordAt(ref: Ref): number {
  return (ref & REF_GRANULE_MASK) << 1;
}

/** Offset of the key, from the head words: eight bytes for each part before it. */
function keyOffset(word0: number, word1: number): number {
  return ENTRY_HEAD_BYTES + (((word1 & 1) + ((word1 >>> 1) & 1) + ((word0 >>> 7) & 1)) << 3);
}

/** Bytes of an entry with these parts. */
export function entryBytes(keyBytes: number, hasTtl: boolean, hasSlot: boolean, inlineBytes: number): number {
  let bytes = ENTRY_HEAD_BYTES + keyBytes + inlineBytes;
  if (hasTtl) bytes += ENTRY_PART_BYTES;
  if (hasSlot) bytes += ENTRY_PART_BYTES;
  if (keyBytes > SHORT_KEY_BYTES_MAX) bytes += ENTRY_PART_BYTES;
  return bytes;
}

/**
 * Writes head and key into a fresh block. Expiry, slot and value are the caller's to fill.
 * `kind`: type | encoding << 4.
 */
export function initEntry(
  arena: Arena,
  ref: Ref,
  kind: number,
  clock: number,
  hasTtl: boolean,
  keySource: Uint8Array,
  keyStart: number,
  keyEnd: number,
  inlineBytes: number,
): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  const keyBytes = keyEnd - keyStart;
  const word0 = kind | (clock << CLOCK_SHIFT);
  let word1 = hasTtl ? HAS_TTL : 0;
  if (keyBytes <= SHORT_KEY_BYTES_MAX) {
    word1 |= (keyBytes << KEY_LENGTH_SHIFT) | (inlineBytes << SHORT_VALUE_SHIFT);
  } else {
    word1 |= IS_LONG | (inlineBytes << LONG_VALUE_SHIFT);
    words[at + 2 + (hasTtl ? 2 : 0)] = keyBytes;
  }
  words[at] = word0;
  words[at + 1] = word1;
  writeBytes(arena, ref >>> REF_SEGMENT_SHIFT, (at << 2) + keyOffset(word0, word1), keySource, keyStart, keyEnd);
}

/**
 * Copies `source[start, end)` to byte `to` of a segment. Whole words where `to` stands at one, as every key and most
 * values do: 10 ns less than bytes for 16 of them.
 */
export function writeBytes(
  arena: Arena,
  segment: number,
  to: number,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  if ((to & 3) !== 0 || end - start > WORD_COPY_BYTES_MAX) {
    copyBytes(arena.u8[segment], to, source, start, end);
    return;
  }
  const words = arena.i32[segment];
  let word = to >>> 2;
  let i = start;
  for (; i + 4 <= end; i += 4, word++) {
    words[word] = source[i] | (source[i + 1] << 8) | (source[i + 2] << 16) | (source[i + 3] << 24);
  }
  const own = arena.u8[segment];
  for (const offset = to - start; i < end; i++) own[offset + i] = source[i];
}

/** type | encoding << 4 */
export function entryKind(arena: Arena, ref: Ref): number {
  return wordsOf(arena, ref)[wordAt(ref)] & KIND_MASK;
}

export function entryType(arena: Arena, ref: Ref): number {
  return wordsOf(arena, ref)[wordAt(ref)] & TYPE_MASK;
}

export function entryEncoding(arena: Arena, ref: Ref): number {
  return (wordsOf(arena, ref)[wordAt(ref)] >>> ENCODING_SHIFT) & ENCODING_MASK;
}

/** Changes type and encoding; the layout (slot or none) stays the same. */
export function setEntryKind(arena: Arena, ref: Ref, kind: number): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  words[at] = (words[at] & ~KIND_MASK) | kind;
}

export function entryClock(arena: Arena, ref: Ref): number {
  return wordsOf(arena, ref)[wordAt(ref)] >>> CLOCK_SHIFT;
}

export function setEntryClock(arena: Arena, ref: Ref, clock: number): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  words[at] = (words[at] & KIND_MASK) | ((clock & CLOCK_MASK) << CLOCK_SHIFT);
}

export function entryHasTtl(arena: Arena, ref: Ref): boolean {
  return (wordsOf(arena, ref)[wordAt(ref) + 1] & HAS_TTL) !== 0;
}

/** Parts of the value have deadlines of their own. */
export function entryPartsExpire(arena: Arena, ref: Ref): boolean {
  return (wordsOf(arena, ref)[wordAt(ref)] & PARTS_EXPIRE) !== 0;
}

/** The entry or parts of its value have a deadline: what its dict is told as its TTL flag. */
export function entryExpires(arena: Arena, ref: Ref): boolean {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  return (words[at + 1] & HAS_TTL) !== 0 || (words[at] & PARTS_EXPIRE) !== 0;
}

export function entryHasSlot(arena: Arena, ref: Ref): boolean {
  return (wordsOf(arena, ref)[wordAt(ref)] & HAS_SLOT) !== 0;
}

/** Unix ms; the entry has a TTL. The nearest double beyond 2^53. */
export function entryExpireAt(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  return words[at + 3] * TWO_32 + (words[at + 2] >>> 0);
}

export function entryExpireAtBig(arena: Arena, ref: Ref): bigint {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  return (BigInt(words[at + 3]) << 32n) | BigInt(words[at + 2] >>> 0);
}

/** Writes the expiry of an entry that has the part: a safe integer or any int64. */
export function setEntryExpireAt(arena: Arena, ref: Ref, ms: number | bigint): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  if (typeof ms === 'number') {
    words[at + 2] = ms | 0;
    words[at + 3] = Math.floor(ms / TWO_32);
  } else {
    words[at + 2] = Number(BigInt.asIntN(32, ms));
    words[at + 3] = Number(BigInt.asIntN(32, ms >> 32n));
  }
}

/** Index of the slot's first word in the segment's int32 view. */
export function slotWord(arena: Arena, ref: Ref): number {
  const at = wordAt(ref);
  const word1 = wordsOf(arena, ref)[at + 1];
  return at + 2 + (((word1 & 1) + ((word1 >>> 1) & 1)) << 1);
}

/** The reference in the slot's first word. */
export function slotRef(arena: Arena, ref: Ref): Ref {
  return wordsOf(arena, ref)[slotWord(arena, ref)];
}

/** The slot's second word: another reference, where an encoding has one. */
export function slotRef2(arena: Arena, ref: Ref): Ref {
  return wordsOf(arena, ref)[slotWord(arena, ref) + 1];
}

export function setSlotRefs(arena: Arena, ref: Ref, value: Ref, second: Ref): void {
  const words = wordsOf(arena, ref);
  const at = slotWord(arena, ref);
  words[at] = value;
  words[at + 1] = second;
}

export function setSlotRef(arena: Arena, ref: Ref, value: Ref): void {
  wordsOf(arena, ref)[slotWord(arena, ref)] = value;
}

export function keyLength(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  const word1 = words[at + 1];
  if ((word1 & IS_LONG) === 0) return (word1 >>> KEY_LENGTH_SHIFT) & KEY_LENGTH_MASK;
  return words[at + 2 + ((word1 & HAS_TTL) << 1)];
}

/** Index of the key's first byte in the segment's byte view. */
export function keyStart(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  return (at << 2) + keyOffset(words[at], words[at + 1]);
}

/** Bytes of the inline value. */
export function inlineLength(arena: Arena, ref: Ref): number {
  const word1 = wordsOf(arena, ref)[wordAt(ref) + 1];
  return (word1 & IS_LONG) === 0 ? word1 >>> SHORT_VALUE_SHIFT : word1 >>> LONG_VALUE_SHIFT;
}

/** Changes the length of the inline value; the block must hold it. */
export function setInlineLength(arena: Arena, ref: Ref, bytes: number): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref) + 1;
  const word1 = words[at];
  if ((word1 & IS_LONG) === 0) words[at] = (word1 & ((1 << SHORT_VALUE_SHIFT) - 1)) | (bytes << SHORT_VALUE_SHIFT);
  else words[at] = (word1 & ((1 << LONG_VALUE_SHIFT) - 1)) | (bytes << LONG_VALUE_SHIFT);
}

/** Index of the inline value's first byte in the segment's byte view. */
export function inlineStart(arena: Arena, ref: Ref): number {
  return keyStart(arena, ref) + keyLength(arena, ref);
}

/** True when the entry's key is `bytes[start, end)`. */
export function entryHasKey(arena: Arena, ref: Ref, bytes: Uint8Array, start: number, end: number): boolean {
  const words = arena.i32[ref >>> REF_SEGMENT_SHIFT];
  const at = (ref & REF_GRANULE_MASK) << 1;
  const word1 = words[at + 1];
  const length = end - start;
  if ((word1 & IS_LONG) === 0) {
    if (((word1 >>> KEY_LENGTH_SHIFT) & KEY_LENGTH_MASK) !== length) return false;
  } else if (words[at + 2 + ((word1 & HAS_TTL) << 1)] !== length) {
    return false;
  }
  // The key stands at a multiple of eight: its words are read as such (a fifth off the whole lookup's time).
  const from = (at << 2) + keyOffset(words[at], word1);
  let word = from >>> 2;
  let i = start;
  for (; i + 4 <= end; i += 4, word++) {
    if (words[word] !== (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24))) return false;
  }
  if (i === end) return true;
  const own = arena.u8[ref >>> REF_SEGMENT_SHIFT];
  for (const offset = from - start; i < end; i++) if (own[offset + i] !== bytes[i]) return false;
  return true;
}

/** The hash of the entry's key. */
export function entryHash(arena: Arena, ref: Ref, seed: number): number {
  const start = keyStart(arena, ref);
  return xxh32(arena.u8[ref >>> REF_SEGMENT_SHIFT], start, start + keyLength(arena, ref), seed);
}
