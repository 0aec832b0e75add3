// Reading and writing members (member-layout.ts) in place, in the manner of entry.ts. What a set calls a member, a hash
// calls a field; here both are the key.

import { assert } from '../base/assert.js';
import { compareBytes } from '../base/bytes.js';
import { xxh32Words } from '../base/hash.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { writeBytes } from './entry.js';
import {
  MEMBER_EXPIRE_BYTES,
  MEMBER_EXPIRE_WORDS,
  MEMBER_HAS_SLOT,
  MEMBER_HAS_TTL,
  MEMBER_HEAD_BYTES,
  MEMBER_HEAD_WORDS,
  MEMBER_IS_LONG,
  MEMBER_KEY_MASK,
  MEMBER_KEY_SHIFT,
  MEMBER_LONG_BYTES,
  MEMBER_LONG_VALUE_SHIFT,
  MEMBER_SHORT_KEY_BYTES_MAX,
  MEMBER_SHORT_VALUE_BYTES_MAX,
  MEMBER_SHORT_VALUE_SHIFT,
  MEMBER_SLOT_BYTES,
  MEMBER_VALUE_BYTES_MAX,
} from './member-layout.js';

const TWO_32 = 4294967296;

/** One double, to take it apart into words and put it together. */
const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

function wordsOf(arena: Arena, ref: Ref): Int32Array {
  return arena.i32[ref >>> REF_SEGMENT_SHIFT];
}

function wordAt(ref: Ref): number {
  return (ref & REF_GRANULE_MASK) << 1;
}

/** Offset of the key, from the head: TTL and slot bring eight bytes each, the long form four. */
function keyOffset(head: number): number {
  return (
    MEMBER_HEAD_BYTES +
    ((head & MEMBER_HAS_TTL) << 3) +
    ((head & MEMBER_IS_LONG) << 1) +
    ((head & MEMBER_HAS_SLOT) << 1)
  );
}

function fitsShortForm(keyBytes: number, valueBytes: number): boolean {
  return keyBytes <= MEMBER_SHORT_KEY_BYTES_MAX && valueBytes <= MEMBER_SHORT_VALUE_BYTES_MAX;
}

/** Bytes of a member with these parts. */
export function memberBytes(keyBytes: number, hasTtl: boolean, hasSlot: boolean, valueBytes: number): number {
  let bytes = MEMBER_HEAD_BYTES + keyBytes + valueBytes;
  if (hasTtl) bytes += MEMBER_EXPIRE_BYTES;
  if (hasSlot) bytes += MEMBER_SLOT_BYTES;
  if (!fitsShortForm(keyBytes, valueBytes)) bytes += MEMBER_LONG_BYTES;
  return bytes;
}

/** Writes head and key into a fresh block. Expiry, slot and value are the caller's to fill. */
export function initMember(
  arena: Arena,
  ref: Ref,
  hasTtl: boolean,
  hasSlot: boolean,
  keySource: Uint8Array,
  keyStart: number,
  keyEnd: number,
  valueBytes: number,
): void {
  assert(valueBytes <= MEMBER_VALUE_BYTES_MAX, 'a value fits its member');
  const keyBytes = keyEnd - keyStart;
  const at = wordAt(ref);
  const words = wordsOf(arena, ref);
  let head = (hasTtl ? MEMBER_HAS_TTL : 0) | (hasSlot ? MEMBER_HAS_SLOT : 0);
  if (fitsShortForm(keyBytes, valueBytes)) {
    head |= (keyBytes << MEMBER_KEY_SHIFT) | (valueBytes << MEMBER_SHORT_VALUE_SHIFT);
  } else {
    head |= MEMBER_IS_LONG | (valueBytes << MEMBER_LONG_VALUE_SHIFT);
    words[at + longWord(head)] = keyBytes;
  }
  words[at] = head;
  writeBytes(arena, ref >>> REF_SEGMENT_SHIFT, (at << 2) + keyOffset(head), keySource, keyStart, keyEnd);
}

/** Bytes of the member as it is, which its block holds. */
export function memberUsedBytes(arena: Arena, ref: Ref): number {
  const keyAndValue = memberKeyLength(arena, ref) + memberValueLength(arena, ref);
  return keyOffset(wordsOf(arena, ref)[wordAt(ref)]) + keyAndValue;
}

/**
 * A new member with the key, expiry and slot of `old` and room for a value of `valueBytes`, which is unwritten, and so is
 * the expiry when `old` has none. The caller puts it into the dict and frees the old block.
 */
export function memberWithParts(arena: Arena, old: Ref, hasTtl: boolean, valueBytes: number): Ref {
  const hasSlot = memberHasSlot(arena, old);
  const keyBytes = memberKeyLength(arena, old);
  const member = arena.alloc(memberBytes(keyBytes, hasTtl, hasSlot, valueBytes));
  const start = memberKeyStart(arena, old);
  const source = arena.u8[old >>> REF_SEGMENT_SHIFT];
  initMember(arena, member, hasTtl, hasSlot, source, start, start + keyBytes, valueBytes);
  if (hasTtl && memberHasTtl(arena, old)) copyWords(arena, member, MEMBER_HEAD_WORDS, old, MEMBER_HEAD_WORDS);
  if (hasSlot) {
    const from = memberSlotWord(arena, old) - wordAt(old);
    copyWords(arena, member, memberSlotWord(arena, member) - wordAt(member), old, from);
  }
  return member;
}

/** Copies a part of two words between two members. */
function copyWords(arena: Arena, to: Ref, toWord: number, from: Ref, fromWord: number): void {
  const source = wordsOf(arena, from);
  const target = wordsOf(arena, to);
  target[wordAt(to) + toWord] = source[wordAt(from) + fromWord];
  target[wordAt(to) + toWord + 1] = source[wordAt(from) + fromWord + 1];
}

/** The word behind head and expiry. */
function longWord(head: number): number {
  return MEMBER_HEAD_WORDS + (head & MEMBER_HAS_TTL) * MEMBER_EXPIRE_WORDS;
}

// ---------------------------------------------------------------------- key and value

/** Bytes of the key. */
export function memberKeyLength(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  const head = words[at];
  return (head & MEMBER_IS_LONG) === 0 ? (head >>> MEMBER_KEY_SHIFT) & MEMBER_KEY_MASK : words[at + longWord(head)];
}

/** Index of the key's first byte in the segment's byte view. */
export function memberKeyStart(arena: Arena, ref: Ref): number {
  const at = wordAt(ref);
  return (at << 2) + keyOffset(wordsOf(arena, ref)[at]);
}

/** Bytes of the value behind the key. */
export function memberValueLength(arena: Arena, ref: Ref): number {
  const head = wordsOf(arena, ref)[wordAt(ref)];
  return (head & MEMBER_IS_LONG) === 0 ? head >>> MEMBER_SHORT_VALUE_SHIFT : head >>> MEMBER_LONG_VALUE_SHIFT;
}

/** Index of the value's first byte in the segment's byte view. */
export function memberValueStart(arena: Arena, ref: Ref): number {
  return memberKeyStart(arena, ref) + memberKeyLength(arena, ref);
}

/**
 * Changes the length of the value if the member can hold it where it stands: the block is large enough and the form stays
 * the same. False: nothing changed, the caller makes a new member.
 */
export function setMemberValueLength(arena: Arena, ref: Ref, bytes: number): boolean {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  const head = words[at];
  const keyBytes = memberKeyLength(arena, ref);
  const isShort = (head & MEMBER_IS_LONG) === 0;
  if (isShort !== fitsShortForm(keyBytes, bytes)) return false;
  if (keyOffset(head) + keyBytes + bytes > arena.sizeOf(ref)) return false;
  const shift = isShort ? MEMBER_SHORT_VALUE_SHIFT : MEMBER_LONG_VALUE_SHIFT;
  words[at] = (head & ((1 << shift) - 1)) | (bytes << shift);
  return true;
}

/** True when the member's key is `bytes[start, end)`. */
export function memberHasKey(arena: Arena, ref: Ref, bytes: Uint8Array, start: number, end: number): boolean {
  const words = arena.i32[ref >>> REF_SEGMENT_SHIFT];
  const at = (ref & REF_GRANULE_MASK) << 1;
  const head = words[at];
  const length = end - start;
  if ((head & MEMBER_IS_LONG) === 0) {
    if (((head >>> MEMBER_KEY_SHIFT) & MEMBER_KEY_MASK) !== length) return false;
  } else if (words[at + longWord(head)] !== length) {
    return false;
  }
  // The key stands at a multiple of four: its words are read as such.
  const from = (at << 2) + keyOffset(head);
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

/** True when two members of one arena have the same key. */
export function membersHaveSameKey(arena: Arena, a: Ref, b: Ref): boolean {
  const aWords = arena.i32[a >>> REF_SEGMENT_SHIFT];
  const bWords = arena.i32[b >>> REF_SEGMENT_SHIFT];
  let aWord = (a & REF_GRANULE_MASK) << 1;
  let bWord = (b & REF_GRANULE_MASK) << 1;
  const aHead = aWords[aWord];
  const bHead = bWords[bWord];
  let length: number;
  if (((aHead | bHead) & MEMBER_IS_LONG) === 0) {
    if (((aHead ^ bHead) & (MEMBER_KEY_MASK << MEMBER_KEY_SHIFT)) !== 0) return false;
    length = (aHead >>> MEMBER_KEY_SHIFT) & MEMBER_KEY_MASK;
  } else {
    length = memberKeyLength(arena, a);
    if (memberKeyLength(arena, b) !== length) return false;
  }
  // Keys stand at multiples of four, so they are compared by words; of the last one only the first bytes are theirs.
  aWord += keyOffset(aHead) >>> 2;
  bWord += keyOffset(bHead) >>> 2;
  for (const end = aWord + (length >>> 2); aWord < end; aWord++, bWord++) {
    if (aWords[aWord] !== bWords[bWord]) return false;
  }
  const rest = length & 3;
  return rest === 0 || (aWords[aWord] ^ bWords[bWord]) << (32 - (rest << 3)) === 0;
}

/** memcmp order of the member's key and `bytes[start, end)`: negative, 0 or positive; a prefix comes first. */
export function compareMemberKey(arena: Arena, ref: Ref, bytes: Uint8Array, start: number, end: number): number {
  const from = memberKeyStart(arena, ref);
  const own = arena.u8[ref >>> REF_SEGMENT_SHIFT];
  return compareBytes(own, from, from + memberKeyLength(arena, ref), bytes, start, end);
}

/** The hash of the member's key. */
export function memberHash(arena: Arena, ref: Ref, seed: number): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref);
  return xxh32Words(words, at + (keyOffset(words[at]) >>> 2), memberKeyLength(arena, ref), seed);
}

// ---------------------------------------------------------------------- expiry

export function memberHasTtl(arena: Arena, ref: Ref): boolean {
  return (wordsOf(arena, ref)[wordAt(ref)] & MEMBER_HAS_TTL) !== 0;
}

/** Unix ms; the member has a TTL. The nearest double beyond 2^53. */
export function memberExpireAt(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref) + MEMBER_HEAD_WORDS;
  return words[at + 1] * TWO_32 + (words[at] >>> 0);
}

/** Writes the expiry, a safe integer, of a member that has the part. */
export function setMemberExpireAt(arena: Arena, ref: Ref, ms: number): void {
  const words = wordsOf(arena, ref);
  const at = wordAt(ref) + MEMBER_HEAD_WORDS;
  words[at] = ms | 0;
  words[at + 1] = Math.floor(ms / TWO_32);
}

// ---------------------------------------------------------------------- slot

export function memberHasSlot(arena: Arena, ref: Ref): boolean {
  return (wordsOf(arena, ref)[wordAt(ref)] & MEMBER_HAS_SLOT) !== 0;
}

/** Index of the slot's first word in the segment's int32 view. */
export function memberSlotWord(arena: Arena, ref: Ref): number {
  const at = wordAt(ref);
  const head = wordsOf(arena, ref)[at];
  return at + longWord(head) + ((head & MEMBER_IS_LONG) >>> 1);
}

/** The score in the slot. */
export function memberScore(arena: Arena, ref: Ref): number {
  const words = wordsOf(arena, ref);
  const at = memberSlotWord(arena, ref);
  doubleWords[0] = words[at];
  doubleWords[1] = words[at + 1];
  return double[0];
}

export function setMemberScore(arena: Arena, ref: Ref, score: number): void {
  const words = wordsOf(arena, ref);
  const at = memberSlotWord(arena, ref);
  double[0] = score;
  words[at] = doubleWords[0];
  words[at + 1] = doubleWords[1];
}
