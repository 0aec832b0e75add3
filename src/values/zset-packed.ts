// Sorted sets in a packed list: members and scores by turns, ordered by (score, member bytes).
//
//   member | score | member | score | ...        a score that is a whole number of at most 2^62 is an integer element,
//                                                any other its spelling (base/doubles.ts); -0 is 0
//
// The elements are those of Redis's listpack of the same set. All searches walk from the start: the set is small. Places are
// offsets of members, as packed-list.ts gives them; NOWHERE is behind the last.

import { compareBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import { DOUBLE_CHARS_MAX, writeDouble } from '../base/doubles.js';
import { parseDoubleLoosely } from '../base/double-parser.js';
import { REF_GRANULE_MASK } from '../memory/arena-layout.js';
import { elementBytes, elementNumber, readElement } from '../structures/packed-element.js';
import { NOWHERE, StagedElement, type PackedList } from '../structures/packed-list.js';

const member = new StagedElement();
const score = new StagedElement();
const all: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
const text: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
const spelling = new Uint8Array(DOUBLE_CHARS_MAX);

/** Index of the block's first byte in its segment, to which places are relative. */
function baseOf(list: PackedList): number {
  return (list.ref & REF_GRANULE_MASK) << 3;
}

/** The score whose element stands at `at` of its segment. */
function scoreOf(bytes: Uint8Array, at: number): number {
  const value = elementNumber(bytes, at);
  if (value === value) return value;
  readElement(bytes, at, text);
  return parseDoubleLoosely(text.bytes, text.start, text.end);
}

/** The score of the member at `at`. */
export function packedScore(list: PackedList, at: number): number {
  list.readAll(all);
  const place = baseOf(list) + at;
  return scoreOf(all.bytes, place + elementBytes(all.bytes, place));
}

/** Where the member `bytes[start, end)` stands; NOWHERE: it does not. */
export function findPacked(list: PackedList, bytes: Uint8Array, start: number, end: number): number {
  member.stage(bytes, start, end);
  return list.find(list.first(), member, 2);
}

/** Where the first member stands that comes behind (value, member bytes). */
function placeFor(list: PackedList, value: number, bytes: Uint8Array, start: number, end: number): number {
  list.readAll(all);
  const own = all.bytes;
  for (let at = all.start; at < all.end;) {
    const scoreAt = at + elementBytes(own, at);
    const other = scoreOf(own, scoreAt);
    if (other > value) return at - baseOf(list);
    if (other === value) {
      readElement(own, at, text);
      if (compareBytes(text.bytes, text.start, text.end, bytes, start, end) > 0) return at - baseOf(list);
    }
    at = scoreAt + elementBytes(own, scoreAt);
  }
  return NOWHERE;
}

function stageScore(value: number): void {
  if (Number.isSafeInteger(value)) {
    score.stageInteger(value);
    return;
  }
  const end = writeDouble(spelling, 0, value);
  score.stage(spelling, 0, end);
}

/** Bytes that the pair takes. */
export function packedPairBytes(value: number, bytes: Uint8Array, start: number, end: number): number {
  member.stage(bytes, start, end);
  stageScore(value);
  return member.bytes + score.bytes;
}

/** Adds a member that the list does not have. */
export function insertPacked(list: PackedList, value: number, bytes: Uint8Array, start: number, end: number): void {
  const before = placeFor(list, value, bytes, start, end);
  member.stage(bytes, start, end);
  stageScore(value);
  if (before === NOWHERE) {
    list.append(member);
    list.append(score);
    return;
  }
  // The score first: the member then goes before it.
  list.insert(list.insert(before, score), member);
}

/** Gives the member at `at`, which is `bytes[start, end)`, another score. Places are not what they were. */
export function rescorePacked(
  list: PackedList,
  at: number,
  value: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const before = placeFor(list, value, bytes, start, end);
  const scoreAt = list.next(at);
  if (before === at || before === list.next(scoreAt)) {
    stageScore(value);
    list.replace(scoreAt, score);
    return;
  }
  list.remove(at, 2);
  insertPacked(list, value, bytes, start, end);
}

/** How many members have a score below `value`, with `orEqual` up to it. */
export function packedScoresBelow(list: PackedList, value: number, orEqual: boolean): number {
  list.readAll(all);
  const own = all.bytes;
  let below = 0;
  for (let at = all.start; at < all.end; below++) {
    const scoreAt = at + elementBytes(own, at);
    const other = scoreOf(own, scoreAt);
    if (orEqual ? other > value : other >= value) break;
    at = scoreAt + elementBytes(own, scoreAt);
  }
  return below;
}

/** How many members come before the one at `at`. */
export function packedRank(list: PackedList, at: number): number {
  list.readAll(all);
  const end = baseOf(list) + at;
  let rank = 0;
  for (let i = all.start; i < end; rank++) {
    i += elementBytes(all.bytes, i);
    i += elementBytes(all.bytes, i);
  }
  return rank;
}
