// Intersection, union and difference of sets, replied or stored. Over several shards all sets come to one (`gather`).
//
// What is stored is built as a set of its own first, then put in the place of what was there: the destination may be one of
// the sources. Its form follows Redis's (t_set.c, sinterGenericCommand and sunionDiffGenericCommand from 7.2 on).

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { walkAll } from '../values/set-sample.js';
import { setKind, SetValue, spellsInteger, type SetEncoding } from '../values/set.js';
import { SET_ENCODING } from '../values/types.js';
import { int64Near, newView } from './arguments.js';
import { operands } from './set-operands.js';

const LIMIT = bytesOf('LIMIT');
const BAD_NUMKEYS = 'ERR numkeys should be greater than 0';
const TOO_MANY_KEYS = "ERR Number of keys can't be greater than number of args";
const LIMIT_NEGATIVE = "ERR LIMIT can't be negative";

const view = newView();
/** The set that is being made. */
const result = new SetValue();

/** Puts `result` under the key at argument 1, or nothing when it is empty, and replies with its size. */
function storeResult(db: Db, args: Args, reply: Reply): void {
  const { count } = result;
  db.delete(args, 1);
  if (count === 0) result.free();
  else result.moveTo(db.create(args, 1, setKind(result.encoding)));
  reply.integer(count);
}

/** Adds the member that `view` points at to `result`; false: it was there. */
function addView(db: Db): boolean {
  return result.add(view.bytes, view.start, view.end, db.shard.limits);
}

/** Replies with the member under the first operand's cursor. */
function replyCurrent(reply: Reply): void {
  operands.sets[0].give(reply);
}

// ---------------------------------------------------------------------- intersection

function opSInter(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 1, args.count, reply)) return;
  if (operands.missing > 0) {
    reply.set(0);
    return;
  }
  operands.sort(0, false);
  const mark = reply.mark();
  let common = 0;
  operands.sets[0].rewind();
  for (; operands.stepCommon(); common++) replyCurrent(reply);
  reply.wrapSet(mark, common);
}

function opSInterStore(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 2, args.count, reply)) return;
  if (operands.missing > 0) {
    db.delete(args, 1);
    reply.integer(0);
    return;
  }
  operands.sort(0, false);
  const { limits } = db.shard;
  const smallest = operands.sets[0];
  result.createFree(db.arena, smallest.encoding === SET_ENCODING.ints ? SET_ENCODING.ints : SET_ENCODING.packed);
  let onlyIntegers = true;
  smallest.rewind();
  while (operands.stepCommon()) {
    smallest.read(view);
    onlyIntegers &&= spellsInteger(view.bytes, view.start, view.end);
    result.addNew(view.bytes, view.start, view.end, limits);
  }
  if (onlyIntegers && result.count > 0) result.toIntegers(limits);
  storeResult(db, args, reply);
}

/** The LIMIT of SINTERCARD, 0 for none; NaN: the error has been replied. Its keys are arguments [2, 2 + numkeys). */
function readLimit(args: Args, numkeys: number, reply: Reply): number {
  let limit = 0;
  for (let i = 2 + numkeys; i < args.count; i += 2) {
    if (!args.is(i, LIMIT) || i + 1 === args.count) {
      reply.error(ERRORS.syntax);
      return NaN;
    }
    limit = int64Near(args, i + 1);
    if (limit >= 0) continue;
    reply.error(LIMIT_NEGATIVE);
    return NaN;
  }
  return limit;
}

function opSInterCard(db: Db, args: Args, reply: Reply): void {
  const numkeys = int64Near(args, 1);
  if (!(numkeys >= 1)) {
    reply.error(BAD_NUMKEYS);
    return;
  }
  if (numkeys > args.count - 2) {
    reply.error(TOO_MANY_KEYS);
    return;
  }
  const limit = readLimit(args, numkeys, reply);
  if (Number.isNaN(limit) || !operands.open(db, args, 2, 2 + numkeys, reply)) return;
  let common = 0;
  if (operands.missing === 0) {
    operands.sort(0, false);
    operands.sets[0].rewind();
    while ((limit === 0 || common < limit) && operands.stepCommon()) common++;
  }
  reply.integer(common);
}

// ---------------------------------------------------------------------- union

/**
 * The largest set is replied as it is; of the others what it has not. Members are noted in `result` as far as a later set may
 * have them again, and all of them when looking them up in the largest set would be slow.
 */
function opSUnion(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 1, args.count, reply)) return;
  const { sets, count } = operands;
  if (count === 0) {
    reply.set(0);
    return;
  }
  operands.sort(0, true);
  const largest = sets[0];
  const notesAll = largest.encoding === SET_ENCODING.packed && count > 1;
  const mark = reply.mark();
  let members = 0;
  result.createFree(db.arena, SET_ENCODING.dict);
  try {
    for (let i = 0; i < count; i++) {
      const notes = i < count - 1 && (i > 0 || notesAll);
      sets[i].rewind();
      while (sets[i].next(view)) {
        if (i > 0 && !isNew(db, notesAll ? undefined : largest, notes)) continue;
        if (i === 0 && notes) result.addNew(view.bytes, view.start, view.end, db.shard.limits);
        reply.bulk(view.bytes, view.start, view.end);
        members++;
      }
    }
  } finally {
    result.free(); // even when the reply has become too long
  }
  reply.wrapSet(mark, members);
}

/** True when neither `largest` nor `result` has the member at hand, which is then noted if `notes`. */
function isNew(db: Db, largest: SetValue | undefined, notes: boolean): boolean {
  const { bytes, start, end } = view;
  if (largest?.has(bytes, start, end) === true) return false;
  return notes ? addView(db) : !result.has(bytes, start, end);
}

function opSUnionStore(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 2, args.count, reply)) return;
  result.createFree(db.arena, SET_ENCODING.ints);
  for (let i = 0; i < operands.count; i++) {
    const set = operands.sets[i];
    set.rewind();
    while (set.next(view)) addView(db);
  }
  storeResult(db, args, reply);
}

// ---------------------------------------------------------------------- difference

/**
 * True when it is less work to look for every member of the first set in the others, than to add up the first set and take
 * out all that the others have; the first way has some advantage, because it stops at the first set that has a member.
 */
function looksUp(): boolean {
  const { sets, count } = operands;
  let members = 0;
  for (let i = 0; i < count; i++) members += sets[i].count;
  return (sets[0].count * count) / 2 <= members;
}

/** Makes the difference in `result`, beginning in form `encoding`. */
function makeDifference(db: Db, encoding: SetEncoding): void {
  const { sets, count } = operands;
  const { limits } = db.shard;
  result.createFree(db.arena, encoding);
  if (!operands.hasFirst || operands.firstAgain) return;
  sets[0].rewind();
  if (looksUp()) {
    operands.sort(1, true);
    while (operands.stepOwn()) {
      sets[0].read(view);
      result.addNew(view.bytes, view.start, view.end, limits);
    }
    return;
  }
  while (sets[0].next(view)) result.addNew(view.bytes, view.start, view.end, limits);
  for (let i = 1; i < count && result.count > 0; i++) {
    sets[i].rewind();
    while (sets[i].next(view)) result.remove(view.bytes, view.start, view.end);
  }
}

function opSDiff(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 1, args.count, reply)) return;
  const mark = reply.mark();
  let members = 0;
  if (operands.hasFirst && !operands.firstAgain && looksUp()) {
    operands.sort(1, true);
    operands.sets[0].rewind();
    for (; operands.stepOwn(); members++) replyCurrent(reply);
  } else {
    makeDifference(db, SET_ENCODING.dict);
    members = result.count;
    try {
      walkAll(result, reply);
    } finally {
      result.free(); // even when the reply has become too long
    }
  }
  reply.wrapSet(mark, members);
}

function opSDiffStore(db: Db, args: Args, reply: Reply): void {
  if (!operands.open(db, args, 2, args.count, reply)) return;
  makeDifference(db, SET_ENCODING.ints);
  storeResult(db, args, reply);
}

// ---------------------------------------------------------------------- declarations

const INTERSECTION = 'O(n * m), n = members of the smallest set, m = sets';
const ALL_MEMBERS = 'O(n), n = members of all sets';
const SOURCES = [keyAt(1, 'OW', 'update'), keysFrom(2, -1, 1, 'RO', 'access')];
const READ = [keysFrom(1, -1, 1, 'RO', 'access')];

export const SET_ALGEBRA_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'SINTER',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly'],
    group: 'set',
    summary: 'Lists the members that all of several sets have.',
    complexity: INTERSECTION,
    usage: 'key [key ...]',
    keys: READ,
    tips: ['nondeterministic_output_order'],
    examples: [
      ['SADD {k}1 1 2 3 x', ':4'],
      ['SADD {k}2 2 3 4', ':3'],
      ['SINTER {k}1 {k}2', '*2\r\n$1\r\n2\r\n$1\r\n3'],
      ['SINTER {k}1 {k}2 {k}3', '*0'],
    ],
    onShard: opSInter,
    across: { gather: true },
  },
  {
    name: 'SINTERCARD',
    since: '7.0.0',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    group: 'set',
    summary: 'Counts the members that all of several sets have.',
    complexity: INTERSECTION,
    usage: 'numkeys key [key ...] [LIMIT limit:integer]',
    keys: [{ flags: ['RO', 'access'], begin: { index: 1 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    examples: [
      ['SADD {k}1 a b c d', ':4'],
      ['SADD {k}2 b c d e', ':4'],
      ['SINTERCARD 2 {k}1 {k}2', ':3'],
      ['SINTERCARD 2 {k}1 {k}2 LIMIT 2', ':2'],
      ['SINTERCARD 0 {k}1', `-${BAD_NUMKEYS}`],
      ['SINTERCARD 3 {k}1 {k}2', `-${TOO_MANY_KEYS}`],
    ],
    onShard: opSInterCard,
    across: { gather: true },
  },
  {
    name: 'SINTERSTORE',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'set',
    summary: 'Stores the members that all of several sets have.',
    complexity: INTERSECTION,
    usage: 'destination key [key ...]',
    keys: [keyAt(1, 'RW', 'update'), keysFrom(2, -1, 1, 'RO', 'access')],
    examples: [
      ['SADD {k}1 1 2 3 x', ':4'],
      ['SADD {k}2 2 3 4', ':3'],
      ['SINTERSTORE {k}d {k}1 {k}2', ':2'],
      ['SMEMBERS {k}d', '*2\r\n$1\r\n2\r\n$1\r\n3'],
      ['SINTERSTORE {k}d {k}1 {k}3', ':0'],
      ['EXISTS {k}d', ':0'],
    ],
    onShard: opSInterStore,
    across: { gather: true },
  },
  {
    name: 'SUNION',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly'],
    group: 'set',
    summary: 'Lists the members that at least one of several sets has.',
    complexity: ALL_MEMBERS,
    usage: 'key [key ...]',
    keys: READ,
    tips: ['nondeterministic_output_order'],
    examples: [
      ['SADD {k}1 1 2 3', ':3'],
      ['SADD {k}2 2', ':1'],
      ['SUNION {k}1 {k}2 {k}3', '*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3'],
      ['SUNION {k}3', '*0'],
    ],
    onShard: opSUnion,
    across: { gather: true },
  },
  {
    name: 'SUNIONSTORE',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'set',
    summary: 'Stores the members that at least one of several sets has.',
    complexity: ALL_MEMBERS,
    usage: 'destination key [key ...]',
    keys: SOURCES,
    examples: [
      ['SADD {k}1 1 3', ':2'],
      ['SADD {k}2 2 1', ':2'],
      ['SUNIONSTORE {k}1 {k}1 {k}2', ':3'],
      ['SMEMBERS {k}1', '*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3'],
    ],
    onShard: opSUnionStore,
    across: { gather: true },
  },
  {
    name: 'SDIFF',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly'],
    group: 'set',
    summary: 'Lists the members of a set that none of the others has.',
    complexity: ALL_MEMBERS,
    usage: 'key [key ...]',
    keys: READ,
    tips: ['nondeterministic_output_order'],
    examples: [
      ['SADD {k}1 1 2 3 4', ':4'],
      ['SADD {k}2 2 5', ':2'],
      ['SDIFF {k}1 {k}2', '*3\r\n$1\r\n1\r\n$1\r\n3\r\n$1\r\n4'],
      ['SDIFF {k}3 {k}1', '*0'],
      ['SDIFF {k}1 {k}1', '*0'],
    ],
    onShard: opSDiff,
    across: { gather: true },
  },
  {
    name: 'SDIFFSTORE',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'set',
    summary: 'Stores the members of a set that none of the others has.',
    complexity: ALL_MEMBERS,
    usage: 'destination key [key ...]',
    keys: SOURCES,
    examples: [
      ['SADD {k}1 1 2 3', ':3'],
      ['SADD {k}2 2', ':1'],
      ['SDIFFSTORE {k}d {k}1 {k}2', ':2'],
      ['SMEMBERS {k}d', '*2\r\n$1\r\n1\r\n$1\r\n3'],
    ],
    onShard: opSDiffStore,
    across: { gather: true },
  },
];
