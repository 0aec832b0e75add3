// Arguments that several sorted set commands share: scores, ranges by rank, score and member.

import { compareBytes, type ByteView } from '../base/bytes.js';
import { parseDouble, parseDoubleLoosely } from '../base/double-parser.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { int64Near, newView } from './arguments.js';
import { zset } from './zset-values.js';

export const NOT_A_SCORE_RANGE = 'ERR min or max is not a float';
export const NOT_A_LEX_RANGE = 'ERR min or max not valid string range item';

const OPEN = 0x28; // (
const CLOSED = 0x5b; // [
const PLUS = 0x2b;
const MINUS = 0x2d;

/** The double at argument `i`; NaN: the error has been replied. */
export function readDouble(args: Args, i: number, reply: Reply, mistake: string = ERRORS.notFloat): number {
  const value = parseDouble(args.bytes, args.starts[i], args.ends[i]);
  if (value !== value) reply.error(mistake);
  return value;
}

/** The members of the open set that a request means: from `first` on, `count` of them (0: none). */
export const range = { first: 0, count: 0 };

function setRange(first: number, end: number): void {
  range.first = first;
  range.count = Math.max(0, end - first);
}

// ---------------------------------------------------------------------- by rank

const ranks = { start: 0, stop: 0 };

/** Reads the ranks at arguments `i` and `i + 1`; false: the error has been replied. */
export function readRankRange(args: Args, i: number, reply: Reply): boolean {
  ranks.start = int64Near(args, i);
  ranks.stop = int64Near(args, i + 1);
  if (!Number.isNaN(ranks.start) && !Number.isNaN(ranks.stop)) return true;
  reply.error(ERRORS.notInteger);
  return false;
}

/** What the ranks mean in the open set, counted from the last member with `reverse`; `range.first` is the lowest rank. */
export function findRankRange(reverse: boolean): void {
  const { length } = zset;
  let { start, stop } = ranks;
  if (start < 0) start = Math.max(0, length + start);
  if (stop < 0) stop = length + stop;
  stop = Math.min(stop, length - 1);
  setRange(reverse ? length - 1 - stop : start, reverse ? length - start : stop + 1);
}

// ---------------------------------------------------------------------- by score

const scores = { min: 0, max: 0, minOpen: false, maxOpen: false };

/** Reads the scores at two arguments; false: the error has been replied. */
export function readScoreRange(args: Args, minAt: number, maxAt: number, reply: Reply): boolean {
  scores.minOpen = isOpen(args, minAt);
  scores.maxOpen = isOpen(args, maxAt);
  scores.min = readLimit(args, minAt, scores.minOpen);
  scores.max = readLimit(args, maxAt, scores.maxOpen);
  if (scores.min === scores.min && scores.max === scores.max) return true;
  reply.error(NOT_A_SCORE_RANGE);
  return false;
}

function isOpen(args: Args, i: number): boolean {
  return args.length(i) > 0 && args.bytes[args.starts[i]] === OPEN;
}

function readLimit(args: Args, i: number, open: boolean): number {
  return parseDoubleLoosely(args.bytes, args.starts[i] + (open ? 1 : 0), args.ends[i]);
}

/** What the scores mean in the open set. */
export function findScoreRange(): void {
  const { min, max, minOpen, maxOpen } = scores;
  const end = min > max ? 0 : zset.scoresBelow(max, !maxOpen);
  setRange(end === 0 ? 0 : zset.scoresBelow(min, minOpen), end);
}

// ---------------------------------------------------------------------- by member

const LEAST = -1;
const BYTES = 0;
const GREATEST = 1;

interface LexLimit {
  kind: typeof LEAST | typeof BYTES | typeof GREATEST;
  open: boolean;
  /** Over the request. */
  readonly key: ByteView;
}

const lexMin: LexLimit = { kind: LEAST, open: false, key: newView() };
const lexMax: LexLimit = { kind: GREATEST, open: false, key: newView() };
const member = newView();

/** Reads the limits at two arguments; false: the error has been replied. */
export function readLexRange(args: Args, minAt: number, maxAt: number, reply: Reply): boolean {
  if (readLexLimit(args, minAt, lexMin) && readLexLimit(args, maxAt, lexMax)) return true;
  reply.error(NOT_A_LEX_RANGE);
  return false;
}

function readLexLimit(args: Args, i: number, limit: LexLimit): boolean {
  const length = args.length(i);
  if (length === 0) return false;
  const start = args.starts[i];
  const first = args.bytes[start];
  limit.open = first === OPEN;
  limit.key.bytes = args.bytes;
  limit.key.start = start + 1;
  limit.key.end = args.ends[i];
  limit.kind = first === MINUS ? LEAST : first === PLUS ? GREATEST : BYTES;
  return limit.kind === BYTES ? first === OPEN || first === CLOSED : length === 1;
}

/** What the limits mean in the open set, as it is walked: from below, or with `reverse` from above. */
export function findLexRange(reverse: boolean): void {
  range.count = 0;
  if (isEmptyLexRange()) return;
  if (zset.isLarge) setRange(largeRank(lexMin, lexMin.open), largeRank(lexMax, !lexMax.open));
  else findPackedLexRange(reverse);
}

function isEmptyLexRange(): boolean {
  if (lexMin.kind === GREATEST || lexMax.kind === LEAST) return true;
  if (lexMin.kind === LEAST || lexMax.kind === GREATEST) return false;
  const a = lexMin.key;
  const b = lexMax.key;
  const order = compareBytes(a.bytes, a.start, a.end, b.bytes, b.start, b.end);
  return order > 0 || (order === 0 && (lexMin.open || lexMax.open));
}

function largeRank({ kind, key }: LexLimit, orEqual: boolean): number {
  if (kind === LEAST) return 0;
  return kind === GREATEST ? zset.length : zset.keysBelow(key.bytes, key.start, key.end, orEqual);
}

/**
 * The same in a packed set, one member after the other: what comes out where scores differ, so that members are in no order
 * by their bytes, is Redis's as well. (t_zset.c: zzlIsInLexRange, zzlFirstInLexRange, zzlLastInLexRange)
 */
function findPackedLexRange(reverse: boolean): void {
  const { length } = zset;
  zset.seek(length - 1);
  if (!isAboveMin()) return;
  zset.seek(0);
  if (!isBelowMax()) return;
  zset.seek(reverse ? length - 1 : 0);
  let passed = 0;
  while (!(reverse ? isBelowMax() : isAboveMin())) {
    passed++;
    if (!(reverse ? zset.previous() : zset.next())) return;
  }
  let count = 0;
  for (let more = true; more && (reverse ? isAboveMin() : isBelowMax()); count++) {
    more = reverse ? zset.previous() : zset.next();
  }
  range.first = reverse ? length - passed - count : passed;
  range.count = count;
}

function isAboveMin(): boolean {
  if (lexMin.kind !== BYTES) return lexMin.kind === LEAST;
  const order = compareWith(lexMin.key);
  return lexMin.open ? order > 0 : order >= 0;
}

function isBelowMax(): boolean {
  if (lexMax.kind !== BYTES) return lexMax.kind === GREATEST;
  const order = compareWith(lexMax.key);
  return lexMax.open ? order < 0 : order <= 0;
}

function compareWith(key: ByteView): number {
  zset.read(member);
  return compareBytes(member.bytes, member.start, member.end, key.bytes, key.start, key.end);
}
