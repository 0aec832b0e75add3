// The sorted set commands that are about given members: adding, asking, taking out. Ranges stand in zset-range.ts
// and zset-count.ts, unions and their kin in zset-combine.ts, popping in zset-pop.ts and zset-blocking.ts.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { readDouble } from './zset-arguments.js';
import { ZSET_BLOCKING_COMMANDS } from './zset-blocking.js';
import { ZSET_COMBINE_COMMANDS } from './zset-combine.js';
import { ZSET_COUNT_COMMANDS } from './zset-count.js';
import { ZSET_POP_COMMANDS } from './zset-pop.js';
import { ZSET_RANGE_COMMANDS } from './zset-range.js';
import { addMember, createZSet, NO_ZSET, NOT_A_NUMBER, openZSet, WRONG_TYPE, zset } from './zset-values.js';

const NX = bytesOf('NX');
const XX = bytesOf('XX');
const GT = bytesOf('GT');
const LT = bytesOf('LT');
const CH = bytesOf('CH');
const INCR = bytesOf('INCR');
const WITHSCORE = bytesOf('WITHSCORE');

const XX_AND_NX = 'ERR XX and NX options at the same time are not compatible';
const GT_LT_NX = 'ERR GT, LT, and/or NX options at the same time are not compatible';
const INCR_OF_ONE = 'ERR INCR option supports a single increment-element pair';

// ---------------------------------------------------------------------- ZADD, ZINCRBY

/** The options of the ZADD that runs. */
const adding = { nx: false, xx: false, gt: false, lt: false, ch: false, incr: false };
/** What it has done so far. */
const done = { added: 0, updated: 0, processed: 0, score: 0 };
/** Its scores, read before anything is changed. */
let scores = new Float64Array(64);
const KEPT_SCORES_MAX = 64 * 1024;

/** Reads the options from argument 2 on; returns where the scores begin. */
function readAdding(args: Args, incr: boolean): number {
  adding.nx = adding.xx = adding.gt = adding.lt = adding.ch = false;
  adding.incr = incr;
  let i = 2;
  for (; i < args.count; i++) {
    if (args.length(i) > INCR.length) break;
    if (args.is(i, NX)) adding.nx = true;
    else if (args.is(i, XX)) adding.xx = true;
    else if (args.is(i, CH)) adding.ch = true;
    else if (args.is(i, INCR)) adding.incr = true;
    else if (args.is(i, GT)) adding.gt = true;
    else if (args.is(i, LT)) adding.lt = true;
    else break;
  }
  return i;
}

/** What is wrong with options and number of arguments; undefined when nothing is. */
function mistakeOf(words: number): string | undefined {
  const { nx, xx, gt, lt, incr } = adding;
  if (words === 0 || words % 2 !== 0) return ERRORS.syntax;
  if (nx && xx) return XX_AND_NX;
  if ((gt && nx) || (lt && nx) || (gt && lt)) return GT_LT_NX;
  return incr && words > 2 ? INCR_OF_ONE : undefined;
}

function add(db: Db, args: Args, isIncrement: boolean, reply: Reply): void {
  const first = readAdding(args, isIncrement);
  const mistake = mistakeOf(args.count - first);
  if (mistake !== undefined) {
    reply.error(mistake);
    return;
  }
  const pairs = (args.count - first) / 2;
  reserveScores(pairs);
  for (let i = 0; i < pairs; i++) {
    scores[i] = readDouble(args, first + 2 * i, reply);
    if (Number.isNaN(scores[i])) return;
  }
  addScored(db, args, first + 1, 2, reply);
}

function reserveScores(count: number): void {
  if (count > scores.length) scores = new Float64Array(count * 2);
}

/**
 * GEOADD: adds the members at arguments `first`, `first + step`, ... by the scores that `scoreOf` gives for each; NaN: the
 * error has been replied.
 */
export function addWithScores(
  db: Db,
  args: Args,
  first: number,
  step: number,
  how: { readonly nx: boolean; readonly xx: boolean; readonly ch: boolean },
  scoreOf: (args: Args, i: number, reply: Reply) => number,
  reply: Reply,
): void {
  const count = Math.ceil((args.count - first) / step);
  reserveScores(count);
  for (let i = 0; i < count; i++) {
    scores[i] = scoreOf(args, first + i * step, reply);
    if (Number.isNaN(scores[i])) return;
  }
  adding.gt = adding.lt = adding.incr = false;
  adding.nx = how.nx;
  adding.xx = how.xx;
  adding.ch = how.ch;
  addScored(db, args, first, step, reply);
}

/** Adds the members at arguments `first`, `first + step`, ... with `scores`, as `adding` says. */
function addScored(db: Db, args: Args, first: number, step: number, reply: Reply): void {
  done.added = done.updated = done.processed = 0;
  const length = openZSet(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length !== NO_ZSET || !adding.xx) {
    if (length === NO_ZSET) createZSet(db, args, 1, args.length(first));
    for (let i = first, k = 0; i < args.count; i += step, k++) {
      if (addOne(db, args, i, scores[k])) continue;
      reply.error(NOT_A_NUMBER);
      return;
    }
    if (done.added > 0) db.grew(args, 1);
    else if (done.updated > 0) db.changed(args, 1);
  }
  if (scores.length > KEPT_SCORES_MAX) scores = new Float64Array(64);
  if (!adding.incr) reply.integer(adding.ch ? done.added + done.updated : done.added);
  else if (done.processed > 0) reply.double(done.score);
  else reply.nil();
}

/** Adds the member at argument `i`, or changes its score; false: that would be no number. */
function addOne(db: Db, args: Args, i: number, given: number): boolean {
  const { bytes, starts, ends } = args;
  const start = starts[i];
  const end = ends[i];
  const hash = zset.isLarge ? args.hash(i) : 0;
  if (!zset.find(hash, bytes, start, end)) {
    if (adding.xx) return true;
    addMember(db, zset.isLarge ? hash : args.hash(i), bytes, start, end, given);
    done.added++;
    done.processed++;
    done.score = given;
    return true;
  }
  if (adding.nx) return true;
  const { score } = zset;
  const wanted = adding.incr ? given + score : given;
  if (Number.isNaN(wanted)) return false;
  if ((adding.lt && wanted >= score) || (adding.gt && wanted <= score)) return true;
  done.processed++;
  done.score = wanted;
  if (wanted === score) return true;
  zset.rescore(wanted, bytes, start, end);
  done.updated++;
  return true;
}

function opZAdd(db: Db, args: Args, reply: Reply): void {
  add(db, args, false, reply);
}

function opZIncrBy(db: Db, args: Args, reply: Reply): void {
  add(db, args, true, reply);
}

// ---------------------------------------------------------------------- members

/** Puts the member at argument `i` of the open set at hand; false: the set does not have it. */
export function findMember(args: Args, i: number): boolean {
  return zset.find(zset.isLarge ? args.hash(i) : 0, args.bytes, args.starts[i], args.ends[i]);
}

function opZRem(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  let removed = 0;
  for (let i = 2; i < args.count && removed < length; i++) {
    if (!findMember(args, i)) continue;
    removed++;
    if (removed === length) db.delete(args, 1);
    else zset.removeFound();
  }
  if (removed > 0 && removed < length) db.changed(args, 1);
  reply.integer(removed);
}

function opZCard(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length !== WRONG_TYPE) reply.integer(length);
}

function opZScore(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length !== NO_ZSET && findMember(args, 2)) reply.double(zset.score);
  else reply.nil();
}

function opZMScore(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (length !== NO_ZSET && findMember(args, i)) reply.double(zset.score);
    else reply.nil();
  }
}

function rank(db: Db, args: Args, fromAbove: boolean, name: string, reply: Reply): void {
  if (args.count > 4) {
    reply.error(wrongArity(name));
    return;
  }
  const withScore = args.count === 4;
  if (withScore && !args.is(3, WITHSCORE)) {
    reply.error(ERRORS.syntax);
    return;
  }
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET || !findMember(args, 2)) {
    if (withScore) reply.nilArray();
    else reply.nil();
    return;
  }
  if (withScore) reply.array(2);
  reply.integer(fromAbove ? length - 1 - zset.rank : zset.rank);
  if (withScore) reply.double(zset.score);
}

function opZRank(db: Db, args: Args, reply: Reply): void {
  rank(db, args, false, 'zrank', reply);
}

function opZRevRank(db: Db, args: Args, reply: Reply): void {
  rank(db, args, true, 'zrevrank', reply);
}

// ---------------------------------------------------------------------- declarations

const ONE = 'O(log n), n = members of the set';
const EACH = 'O(m * log n), n = members of the set, m = members given';
const RANK_SINCE = [['7.2.0', 'Added the optional `WITHSCORE` argument.']] as const;

export const ZSET_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ZADD',
    since: '1.2.0',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'sorted-set',
    summary: 'Adds members to a sorted set, or changes their scores.',
    complexity: EACH,
    usage:
      'key [NX | XX]@3.0.2 [GT | LT]@6.2.0 change=[CH]@3.0.2 increment=[INCR]@3.0.2 score member [score member ...]',
    keys: [keyAt(1, 'RW', 'update')],
    history: [
      ['2.4.0', 'Accepts multiple elements.'],
      ['3.0.2', 'Added the `XX`, `NX`, `CH` and `INCR` options.'],
      ['6.2.0', 'Added the `GT` and `LT` options.'],
    ],
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZADD k CH 3 a 2 b 4 c', ':2'],
      ['ZADD k NX 9 a', ':0'],
      ['ZADD k GT CH 1 a', ':0'],
      ['ZADD k INCR 2 a', '$1\r\n5'],
      ['ZADD k XX INCR 2 z', '$-1'],
      ['ZRANGE k 0 -1', '*3\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\na'],
      ['ZADD k NX XX 1 a', `-${XX_AND_NX}`],
      ['ZADD k x a', `-${ERRORS.notFloat}`],
    ],
    onShard: opZAdd,
  },
  {
    name: 'ZINCRBY',
    since: '1.2.0',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'sorted-set',
    summary: 'Adds to the score of a member, which is added with it if the set does not have it.',
    complexity: ONE,
    usage: 'key increment member',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['ZINCRBY k 2 a', '$1\r\n2'],
      ['ZINCRBY k -0.5 a', '$3\r\n1.5'],
      ['ZINCRBY k inf a', '$3\r\ninf'],
      ['ZINCRBY k -inf a', `-${NOT_A_NUMBER}`],
    ],
    onShard: opZIncrBy,
  },
  {
    name: 'ZREM',
    since: '1.2.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'sorted-set',
    summary: 'Takes members out of a sorted set and tells how many were there.',
    complexity: EACH,
    usage: 'key member [member ...]',
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Accepts multiple elements.']],
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZREM k a z', ':1'],
      ['ZREM k b', ':1'],
      ['EXISTS k', ':0'],
    ],
    onShard: opZRem,
  },
  {
    name: 'ZCARD',
    since: '1.2.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Counts the members of a sorted set.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['ZCARD k', ':0'],
      ['ZADD k 1 a 2 b', ':2'],
      ['ZCARD k', ':2'],
    ],
    onShard: opZCard,
  },
  {
    name: 'ZSCORE',
    since: '1.2.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Tells the score of a member.',
    complexity: 'O(1)',
    usage: 'key member',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['ZADD k 1.5 a', ':1'],
      ['ZSCORE k a', '$3\r\n1.5'],
      ['ZSCORE k z', '$-1'],
    ],
    onShard: opZScore,
  },
  {
    name: 'ZMSCORE',
    since: '6.2.0',
    arity: -3,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Tells the scores of several members.',
    complexity: 'O(m), m = members given',
    usage: 'key member [member ...]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZMSCORE k a z b', '*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2'],
    ],
    onShard: opZMScore,
  },
  {
    name: 'ZRANK',
    since: '2.0.0',
    arity: -3,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Tells how many members of a sorted set come before the given one.',
    complexity: ONE,
    usage: 'key member [WITHSCORE]',
    keys: [keyAt(1, 'RO', 'access')],
    history: RANK_SINCE,
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZRANK k b', ':1'],
      ['ZRANK k z', '$-1'],
      ['ZRANK k b WITHSCORE', '*2\r\n:1\r\n$1\r\n2'],
      ['ZRANK k z WITHSCORE', '*-1'],
    ],
    onShard: opZRank,
  },
  {
    name: 'ZREVRANK',
    since: '2.0.0',
    arity: -3,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Tells how many members of a sorted set come behind the given one.',
    complexity: ONE,
    usage: 'key member [WITHSCORE]',
    keys: [keyAt(1, 'RO', 'access')],
    history: RANK_SINCE,
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZREVRANK k b', ':0'],
      ['ZREVRANK k a WITHSCORE', '*2\r\n:1\r\n$1\r\n1'],
    ],
    onShard: opZRevRank,
  },
  ...ZSET_RANGE_COMMANDS,
  ...ZSET_COUNT_COMMANDS,
  ...ZSET_COMBINE_COMMANDS,
  ...ZSET_POP_COMMANDS,
  ...ZSET_BLOCKING_COMMANDS,
];
