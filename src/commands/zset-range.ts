// Ranges of sorted sets by rank, score and member: telling them, storing them elsewhere. Counting them and taking them out:
// zset-count.ts.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { ZSetValue } from '../values/zset.js';
import { int64Near, newView } from './arguments.js';
import {
  findLexRange,
  findRankRange,
  findScoreRange,
  NOT_A_LEX_RANGE,
  NOT_A_SCORE_RANGE,
  range,
  readLexRange,
  readRankRange,
  readScoreRange,
} from './zset-arguments.js';
import { memberHashOf, NO_ZSET, openZSet, replyMembers, storeZSet, WRONG_TYPE, zset } from './zset-values.js';

const WITHSCORES = bytesOf('WITHSCORES');
const LIMIT = bytesOf('LIMIT');
const REV = bytesOf('REV');
const BYLEX = bytesOf('BYLEX');
const BYSCORE = bytesOf('BYSCORE');

const LIMIT_BY_RANK = 'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX';
const SCORES_BY_LEX = 'ERR syntax error, WITHSCORES not supported in combination with BYLEX';

const BY_RANK = 0;
const BY_SCORE = 1;
const BY_LEX = 2;
type By = typeof BY_RANK | typeof BY_SCORE | typeof BY_LEX;

/** What the running command is asked for. */
const wanted: { by: By; reverse: boolean; withScores: boolean; offset: number; limit: number } = {
  by: BY_RANK,
  reverse: false,
  withScores: false,
  offset: 0,
  limit: -1,
};

function want(by: By, reverse: boolean): void {
  wanted.by = by;
  wanted.reverse = reverse;
  wanted.withScores = false;
  wanted.offset = 0;
  wanted.limit = -1;
}

// ---------------------------------------------------------------------- reading a request

/**
 * Reads limits and options, the limits at `limitsAt` and behind it; false: the error has been replied.
 * @param isGeneral the request itself says how (ZRANGE, ZRANGESTORE); otherwise `wanted` does
 * @param stores the result is stored: scores are not told
 */
function readRequest(args: Args, limitsAt: number, isGeneral: boolean, stores: boolean, reply: Reply): boolean {
  if (args.count > limitsAt + 2 && !readOptions(args, limitsAt + 2, isGeneral, stores, reply)) return false;
  const { by, reverse, limit } = wanted;
  if (limit !== -1 && by === BY_RANK) {
    reply.error(LIMIT_BY_RANK);
    return false;
  }
  if (wanted.withScores && by === BY_LEX) {
    reply.error(SCORES_BY_LEX);
    return false;
  }
  if (by === BY_RANK) return readRankRange(args, limitsAt, reply);
  const minAt = reverse ? limitsAt + 1 : limitsAt;
  const maxAt = reverse ? limitsAt : limitsAt + 1;
  return by === BY_SCORE ? readScoreRange(args, minAt, maxAt, reply) : readLexRange(args, minAt, maxAt, reply);
}

function readOptions(args: Args, from: number, isGeneral: boolean, stores: boolean, reply: Reply): boolean {
  let mayReverse = isGeneral;
  let mayChoose = isGeneral;
  for (let i = from; i < args.count; i++) {
    if (!stores && args.is(i, WITHSCORES)) {
      wanted.withScores = true;
    } else if (i + 2 < args.count && args.is(i, LIMIT)) {
      wanted.offset = int64Near(args, i + 1);
      wanted.limit = int64Near(args, i + 2);
      if (Number.isNaN(wanted.offset) || Number.isNaN(wanted.limit)) {
        reply.error(ERRORS.notInteger);
        return false;
      }
      i += 2;
    } else if (mayReverse && args.is(i, REV)) {
      wanted.reverse = true;
      mayReverse = false;
    } else if (mayChoose && (args.is(i, BYLEX) || args.is(i, BYSCORE))) {
      wanted.by = args.is(i, BYLEX) ? BY_LEX : BY_SCORE;
      mayChoose = false;
    } else {
      reply.error(ERRORS.syntax);
      return false;
    }
  }
  return true;
}

/** Finds in the open set what is wanted, LIMIT applied: `range` has it, its lowest rank first. */
function findWanted(): void {
  const { by, reverse, offset, limit } = wanted;
  if (by === BY_RANK) findRankRange(reverse);
  else if (by === BY_SCORE) findScoreRange();
  else findLexRange(reverse);
  if (by === BY_RANK || range.count === 0) return;
  const left = offset < 0 ? 0 : Math.max(0, range.count - offset);
  const n = limit < 0 ? left : Math.min(left, limit);
  if (reverse) range.first += left - n;
  else range.first += range.count - left;
  range.count = n;
}

// ---------------------------------------------------------------------- telling

function tell(db: Db, args: Args, by: By, reverse: boolean, isGeneral: boolean, reply: Reply): void {
  want(by, reverse);
  if (!readRequest(args, 2, isGeneral, false, reply)) return;
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) range.count = 0;
  else findWanted();
  const { first, count } = range;
  const { withScores } = wanted;
  const inPairs = withScores && reply.protocol === 3;
  reply.array(withScores && !inPairs ? count * 2 : count);
  if (count === 0) return;
  if (wanted.reverse) replyMembers(first + count - 1, count, false, withScores, inPairs, reply);
  else replyMembers(first, count, true, withScores, inPairs, reply);
}

function opZRange(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_RANK, false, true, reply);
}

function opZRevRange(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_RANK, true, false, reply);
}

function opZRangeByScore(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_SCORE, false, false, reply);
}

function opZRevRangeByScore(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_SCORE, true, false, reply);
}

function opZRangeByLex(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_LEX, false, false, reply);
}

function opZRevRangeByLex(db: Db, args: Args, reply: Reply): void {
  tell(db, args, BY_LEX, true, false, reply);
}

// ---------------------------------------------------------------------- storing

const made = new ZSetValue();
const view = newView();

/** The range of argument 2's set becomes what argument 1 holds. */
function opZRangeStore(db: Db, args: Args, reply: Reply): void {
  want(BY_RANK, false);
  if (!readRequest(args, 3, true, true, reply)) return;
  const length = openZSet(db, db.lookupRead(args, 2), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) range.count = 0;
  else findWanted();
  const { first, count } = range;
  const { limits } = db.shard;
  // Redis knows how many there are when it goes by rank, and makes a set of that size.
  made.begin(db.arena, wanted.by === BY_RANK && count > limits.zsetMaxListpackEntries);
  if (count > 0) zset.seek(first);
  for (let i = 0; i < count; i++, zset.next()) {
    zset.read(view);
    made.reserve(view.end - view.start, limits);
    made.add(memberHashOf(db, view.bytes, view.start, view.end), view.bytes, view.start, view.end, zset.score);
  }
  storeZSet(db, args, 1, made, reply);
}

// ---------------------------------------------------------------------- declarations

const RANGE = 'O(log n + m), n = members of the set, m = members returned';
const STORED = 'O(log n + m * log m), n = members of the set, m = members stored';

export const ZSET_RANGE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ZRANGE',
    since: '1.2.0',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two ranks, scores or members.',
    complexity: RANGE,
    usage: 'key start:string stop:string [BYSCORE | BYLEX]@6.2.0 [REV]@6.2.0 [LIMIT offset count]@6.2.0 [WITHSCORES]',
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'Added the `REV`, `BYSCORE`, `BYLEX` and `LIMIT` options.']],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZRANGE k 0 -1', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc'],
      ['ZRANGE k (1 +inf BYSCORE LIMIT 1 1 WITHSCORES', '*2\r\n$1\r\nc\r\n$1\r\n3'],
      ['ZRANGE k 0 0 REV', '*1\r\n$1\r\nc'],
      ['ZRANGE k [b [a BYLEX REV', '*2\r\n$1\r\nb\r\n$1\r\na'],
      ['ZRANGE k 0 1 LIMIT 0 1', `-${LIMIT_BY_RANK}`],
      ['ZRANGE k - + BYLEX WITHSCORES', `-${SCORES_BY_LEX}`],
    ],
    onShard: opZRange,
  },
  {
    name: 'ZREVRANGE',
    since: '1.2.0',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two ranks that count from the greatest score.',
    complexity: RANGE,
    usage: 'key start stop [WITHSCORES]',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` argument' },
    examples: [
      ['ZADD k 1 a 2 b', ':2'],
      ['ZREVRANGE k 0 0 WITHSCORES', '*2\r\n$1\r\nb\r\n$1\r\n2'],
    ],
    onShard: opZRevRange,
  },
  {
    name: 'ZRANGEBYSCORE',
    since: '1.0.5',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two scores.',
    complexity: RANGE,
    usage: 'key min:double max:double [WITHSCORES]@2.0.0 [LIMIT offset count]',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYSCORE` argument' },
    history: [['2.0.0', 'Added the `WITHSCORES` modifier.']],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZRANGEBYSCORE k (1 3', '*2\r\n$1\r\nb\r\n$1\r\nc'],
      ['ZRANGEBYSCORE k -inf inf LIMIT 1 1', '*1\r\n$1\r\nb'],
      ['ZRANGEBYSCORE k x 3', `-${NOT_A_SCORE_RANGE}`],
    ],
    onShard: opZRangeByScore,
  },
  {
    name: 'ZREVRANGEBYSCORE',
    since: '2.2.0',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two scores, the greatest first.',
    complexity: RANGE,
    usage: 'key max:double min:double [WITHSCORES] [LIMIT offset count]',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYSCORE` arguments' },
    history: [['2.1.6', '`min` and `max` can be exclusive.']],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZREVRANGEBYSCORE k 3 (1', '*2\r\n$1\r\nc\r\n$1\r\nb'],
    ],
    onShard: opZRevRangeByScore,
  },
  {
    name: 'ZRANGEBYLEX',
    since: '2.8.9',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two others, where all scores are the same.',
    complexity: RANGE,
    usage: 'key min max [LIMIT offset count]',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `BYLEX` argument' },
    examples: [
      ['ZADD k 0 a 0 b 0 c', ':3'],
      ['ZRANGEBYLEX k (a +', '*2\r\n$1\r\nb\r\n$1\r\nc'],
      ['ZRANGEBYLEX k a b', `-${NOT_A_LEX_RANGE}`],
    ],
    onShard: opZRangeByLex,
  },
  {
    name: 'ZREVRANGEBYLEX',
    since: '2.8.9',
    arity: -4,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set between two others, the last first, where all scores are the same.',
    complexity: RANGE,
    usage: 'key max min [LIMIT offset count]',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`ZRANGE` with the `REV` and `BYLEX` arguments' },
    examples: [
      ['ZADD k 0 a 0 b 0 c', ':3'],
      ['ZREVRANGEBYLEX k [b -', '*2\r\n$1\r\nb\r\n$1\r\na'],
    ],
    onShard: opZRevRangeByLex,
  },
  {
    name: 'ZRANGESTORE',
    since: '6.2.0',
    arity: -5,
    flags: ['write', 'denyoom'],
    group: 'sorted-set',
    summary: 'Makes a sorted set of the members of another between two ranks, scores or members.',
    complexity: STORED,
    usage: 'dst src min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]',
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    examples: [
      ['ZADD {k}1 1 a 2 b 3 c', ':3'],
      ['ZRANGESTORE {k}2 {k}1 1 -1', ':2'],
      ['ZRANGE {k}2 0 -1 WITHSCORES', '*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3'],
      ['ZRANGESTORE {k}2 {k}1 5 6 BYSCORE', ':0'],
      ['EXISTS {k}2', ':0'],
    ],
    onShard: opZRangeStore,
    across: { gather: true },
  },
];
