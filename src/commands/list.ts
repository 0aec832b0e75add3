// The list commands that look into a list or change it inside; those of the ends stand in list-ends.ts.
//
// Indices count from 0 at the head, from -1 at the tail. Elements are compared by their bytes.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { int64Near, newView } from './arguments.js';
import { LIST_BLOCKING_COMMANDS } from './list-blocking.js';
import { LIST_END_COMMANDS } from './list-ends.js';
import { dropEnds, HEAD, list, mayGrow, NO_LIST, openList, TAIL, WRONG_TYPE } from './list-values.js';

const BEFORE = bytesOf('BEFORE');
const AFTER = bytesOf('AFTER');
const RANK = bytesOf('RANK');
const COUNT = bytesOf('COUNT');
const MAXLEN = bytesOf('MAXLEN');

const INDEX_OUT_OF_RANGE = 'ERR index out of range';
const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";
const RANK_OUT_OF_RANGE = 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
const COUNT_NEGATIVE = "ERR COUNT can't be negative";
const MAXLEN_NEGATIVE = "ERR MAXLEN can't be negative";
/** The one int64 whose opposite is none. */
const INT64_MIN_NEAR = -(2 ** 63);
const INT64_MIN = -(1n << 63n);

const view = newView();

/** Replies with the element under the cursor of the open list. */
function replyElement(reply: Reply): void {
  list.read(view);
  reply.bulk(view.bytes, view.start, view.end);
}

function opLLen(db: Db, args: Args, reply: Reply): void {
  const length = openList(db, db.lookupRead(args, 1), reply);
  if (length !== WRONG_TYPE) reply.integer(length);
}

function opLIndex(db: Db, args: Args, reply: Reply): void {
  const length = openList(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_LIST) {
    reply.nil();
    return;
  }
  let index = int64Near(args, 2);
  if (Number.isNaN(index)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (index < 0) index += length;
  if (index < 0 || index >= length) {
    reply.nil();
    return;
  }
  list.seek(index);
  replyElement(reply);
}

// ---------------------------------------------------------------------- ranges

/** What `readRange` found: the elements [from, to), or BAD_RANGE with the error replied. */
let from = 0;
let to = 0;

/** Reads the bounds at arguments 2 and 3; false: the error has been replied. */
function readBounds(args: Args, reply: Reply): boolean {
  from = int64Near(args, 2);
  to = Number.isNaN(from) ? NaN : int64Near(args, 3);
  if (!Number.isNaN(to)) return true;
  reply.error(ERRORS.notInteger);
  return false;
}

/** Makes [from, to) of the bounds, for a list of `length`; both 0 when nothing is in them. */
function clampBounds(length: number): void {
  if (from < 0) from = Math.max(0, length + from);
  if (to < 0) to += length;
  to = Math.min(to, length - 1) + 1;
  if (from < to) return;
  from = 0;
  to = 0;
}

function opLRange(db: Db, args: Args, reply: Reply): void {
  if (!readBounds(args, reply)) return;
  const length = openList(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  clampBounds(length);
  reply.array(to - from);
  if (to === from) return;
  list.seek(from);
  for (let left = to - from; ;) {
    replyElement(reply);
    if (--left === 0) return;
    list.next();
  }
}

function opLTrim(db: Db, args: Args, reply: Reply): void {
  if (!readBounds(args, reply)) return;
  const length = openList(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length !== NO_LIST) {
    db.changed(args, 1); // even when nothing is cut off, as in Redis
    clampBounds(length);
    if (from === to) {
      db.delete(args, 1);
    } else {
      dropEnds(db, args, 1, TAIL, length - to);
      dropEnds(db, args, 1, HEAD, from);
    }
  }
  reply.ok();
}

// ---------------------------------------------------------------------- changes inside

function opLSet(db: Db, args: Args, reply: Reply): void {
  const length = openList(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_LIST) {
    reply.error(ERRORS.noSuchKey);
    return;
  }
  let index = int64Near(args, 2);
  if (Number.isNaN(index)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (index < 0) index += length;
  // As Redis does: the new element counts in full, and what is refused may leave the list in its large form.
  list.reserve(args.length(3), 1);
  if (index < 0 || index >= length) {
    reply.error(INDEX_OUT_OF_RANGE);
    return;
  }
  list.replace(index, args.bytes, args.starts[3], args.ends[3]);
  list.shrink();
  db.changed(args, 1);
  reply.ok();
}

function opLInsert(db: Db, args: Args, reply: Reply): void {
  const before = args.is(2, BEFORE);
  if (!before && !args.is(2, AFTER)) {
    reply.error(ERRORS.syntax);
    return;
  }
  const length = openList(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_LIST) {
    reply.integer(0);
    return;
  }
  if (!mayGrow(length, 1, reply)) return;
  const { bytes, starts, ends } = args;
  list.reserve(args.length(4), 1);
  list.lookFor(bytes, starts[3], ends[3]);
  list.seek(0);
  while (!list.matches()) {
    if (list.next()) continue;
    reply.integer(-1);
    return;
  }
  list.insert(before, bytes, starts[4], ends[4]);
  db.grew(args, 1);
  reply.integer(length + 1);
}

function opLRem(db: Db, args: Args, reply: Reply): void {
  const count = int64Near(args, 2);
  if (Number.isNaN(count)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const length = openList(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_LIST) {
    reply.integer(0);
    return;
  }
  const removed = removeMatches(args, count >= 0, count === 0 ? length : Math.abs(count), length);
  if (removed === length) {
    db.delete(args, 1);
  } else if (removed > 0) {
    list.shrink();
    db.changed(args, 1);
  }
  reply.integer(removed);
}

/** Takes up to `most` elements equal to argument 3 out of the open list, from its head or its tail on. */
function removeMatches(args: Args, forward: boolean, most: number, length: number): number {
  list.lookFor(args.bytes, args.starts[3], args.ends[3]);
  list.seek(forward ? 0 : length - 1);
  let removed = 0;
  for (let more = true; more && removed < most;) {
    if (list.matches()) {
      more = list.remove(forward);
      removed++;
    } else {
      more = forward ? list.next() : list.previous();
    }
  }
  return removed;
}

// ---------------------------------------------------------------------- LPOS

interface Search {
  /** The match that is wanted first, from 1. */
  rank: number;
  backwards: boolean;
  /** Matches wanted; 0: all. -1: one, replied without an array. */
  count: number;
  /** Elements looked at; 0: all. */
  lengthMax: number;
}

const search: Search = { rank: 1, backwards: false, count: -1, lengthMax: 0 };

/** Reads the options of LPOS; undefined, or the error. */
function readSearch(args: Args): string | undefined {
  search.rank = 1;
  search.backwards = false;
  search.count = -1;
  search.lengthMax = 0;
  for (let i = 3; i < args.count; i += 2) {
    if (i + 1 === args.count) return ERRORS.syntax;
    const value = int64Near(args, i + 1);
    if (args.is(i, RANK)) {
      if (Number.isNaN(value)) return ERRORS.notInteger;
      if (value === 0) return RANK_ZERO;
      if (value === INT64_MIN_NEAR && args.bigint(i + 1) === INT64_MIN) return RANK_OUT_OF_RANGE;
      search.rank = Math.abs(value);
      search.backwards = value < 0;
    } else if (args.is(i, COUNT)) {
      if (!(value >= 0)) return COUNT_NEGATIVE;
      search.count = value;
    } else if (args.is(i, MAXLEN)) {
      if (!(value >= 0)) return MAXLEN_NEGATIVE;
      search.lengthMax = value;
    } else {
      return ERRORS.syntax;
    }
  }
  return undefined;
}

function opLPos(db: Db, args: Args, reply: Reply): void {
  const mistake = readSearch(args);
  if (mistake !== undefined) {
    reply.error(mistake);
    return;
  }
  const length = openList(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  const wantsMany = search.count >= 0;
  const mark = reply.mark();
  const found = length === NO_LIST ? 0 : replyMatches(args, length, reply);
  if (wantsMany) reply.wrapArray(mark, found);
  else if (found === 0) reply.nil();
}

/** Replies with the positions that `search` asks for and returns their number. */
function replyMatches(args: Args, length: number, reply: Reply): number {
  const { rank, backwards, count, lengthMax } = search;
  const most = lengthMax === 0 ? length : Math.min(lengthMax, length);
  const wanted = count < 0 ? 1 : count;
  list.lookFor(args.bytes, args.starts[2], args.ends[2]);
  list.seek(backwards ? length - 1 : 0);
  let matches = 0;
  let found = 0;
  for (let i = 0; i < most; i++) {
    if (list.matches() && ++matches >= rank) {
      reply.integer(backwards ? length - 1 - i : i);
      if (++found === wanted) break;
    }
    if (backwards) list.previous();
    else list.next();
  }
  return found;
}

// ---------------------------------------------------------------------- declarations

const BY_INDEX = 'O(n), n = nodes of 8 KiB between the element and the nearer end; O(1) at the ends';

export const LIST_COMMANDS: readonly CommandSpec[] = [
  ...LIST_END_COMMANDS,
  ...LIST_BLOCKING_COMMANDS,
  {
    name: 'LLEN',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'list',
    summary: 'Counts the elements of a list.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['LLEN k', ':0'],
      ['RPUSH k a b', ':2'],
      ['LLEN k', ':2'],
    ],
    onShard: opLLen,
  },
  {
    name: 'LINDEX',
    since: '1.0.0',
    arity: 3,
    flags: ['readonly'],
    group: 'list',
    summary: 'Gives the element of a list at an index, which counts from the tail when it is negative.',
    complexity: BY_INDEX,
    usage: 'key index',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['RPUSH k a b c', ':3'],
      ['LINDEX k 0', '$1\r\na'],
      ['LINDEX k -1', '$1\r\nc'],
      ['LINDEX k 3', '$-1'],
    ],
    onShard: opLIndex,
  },
  {
    name: 'LRANGE',
    since: '1.0.0',
    arity: 4,
    flags: ['readonly'],
    group: 'list',
    summary: 'Gives the elements of a list between two indices, both included.',
    complexity: 'O(s + n), s = nodes of 8 KiB between the first element and the nearer end, n = elements returned',
    usage: 'key start stop',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['RPUSH k a b c', ':3'],
      ['LRANGE k 1 -1', '*2\r\n$1\r\nb\r\n$1\r\nc'],
      ['LRANGE k 2 1', '*0'],
    ],
    onShard: opLRange,
  },
  {
    name: 'LTRIM',
    since: '1.0.0',
    arity: 4,
    flags: ['write'],
    group: 'list',
    summary: 'Takes everything out of a list that is not between two indices, both included.',
    complexity: 'O(n), n = nodes taken out; many are given back in slices later.',
    usage: 'key start stop',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['RPUSH k a b c d', ':4'],
      ['LTRIM k 1 -2', '+OK'],
      ['LRANGE k 0 -1', '*2\r\n$1\r\nb\r\n$1\r\nc'],
      ['LTRIM k 5 6', '+OK'],
      ['EXISTS k', ':0'],
    ],
    onShard: opLTrim,
  },
  {
    name: 'LSET',
    since: '1.0.0',
    arity: 4,
    flags: ['write', 'denyoom'],
    group: 'list',
    summary: 'Puts another element in the place of the one at an index.',
    complexity: BY_INDEX,
    usage: 'key index element',
    keys: [keyAt(1, 'RW', 'update')],
    examples: [
      ['LSET k 0 x', '-ERR no such key'],
      ['RPUSH k a b', ':2'],
      ['LSET k -1 x', '+OK'],
      ['LINDEX k 1', '$1\r\nx'],
      ['LSET k 2 x', `-${INDEX_OUT_OF_RANGE}`],
    ],
    onShard: opLSet,
  },
  {
    name: 'LINSERT',
    since: '2.2.0',
    arity: 5,
    flags: ['write', 'denyoom'],
    group: 'list',
    summary: 'Adds an element before or behind the first one that equals the pivot.',
    complexity: 'O(n), n = elements before the pivot',
    usage: 'key (BEFORE | AFTER) pivot element',
    keys: [keyAt(1, 'RW', 'insert')],
    examples: [
      ['LINSERT k BEFORE a x', ':0'],
      ['RPUSH k a b', ':2'],
      ['LINSERT k BEFORE b x', ':3'],
      ['LINSERT k AFTER z x', ':-1'],
      ['LRANGE k 0 -1', '*3\r\n$1\r\na\r\n$1\r\nx\r\n$1\r\nb'],
    ],
    onShard: opLInsert,
  },
  {
    name: 'LREM',
    since: '1.0.0',
    arity: 4,
    flags: ['write'],
    group: 'list',
    summary: 'Takes the first (a negative count: the last, 0: all) elements out that equal the given one.',
    complexity: 'O(n), n = elements of the list',
    usage: 'key count element',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['RPUSH k a b a a', ':4'],
      ['LREM k -2 a', ':2'],
      ['LRANGE k 0 -1', '*2\r\n$1\r\na\r\n$1\r\nb'],
      ['LREM k 0 z', ':0'],
    ],
    onShard: opLRem,
  },
  {
    name: 'LPOS',
    since: '6.0.6',
    arity: -3,
    flags: ['readonly'],
    group: 'list',
    summary: 'Tells at which indices a list holds an element.',
    complexity: 'O(n), n = elements looked at, at most MAXLEN',
    usage: 'key element [RANK rank] [COUNT num-matches] [MAXLEN len]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['RPUSH k a b a b a', ':5'],
      ['LPOS k b', ':1'],
      ['LPOS k a RANK -1', ':4'],
      ['LPOS k a COUNT 0', '*3\r\n:0\r\n:2\r\n:4'],
      ['LPOS k a RANK 2 COUNT 5 MAXLEN 3', '*1\r\n:2'],
      ['LPOS k z', '$-1'],
    ],
    onShard: opLPos,
  },
];
