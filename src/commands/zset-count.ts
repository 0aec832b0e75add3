// Ranges of sorted sets by rank, score and member: counting them, taking them out.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
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
import { dropMembers, NO_ZSET, openZSet, WRONG_TYPE } from './zset-values.js';

// ---------------------------------------------------------------------- counting

function opZCount(db: Db, args: Args, reply: Reply): void {
  if (!readScoreRange(args, 2, 3, reply)) return;
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) range.count = 0;
  else findScoreRange();
  reply.integer(range.count);
}

function opZLexCount(db: Db, args: Args, reply: Reply): void {
  if (!readLexRange(args, 2, 3, reply)) return;
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) range.count = 0;
  else findLexRange(false);
  reply.integer(range.count);
}

// ---------------------------------------------------------------------- taking out

/** Takes what `find` finds out of the set at argument 1; the limits have been read. */
function take(db: Db, args: Args, find: () => void, reply: Reply): void {
  const length = openZSet(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) range.count = 0;
  else find();
  const { count } = range;
  dropMembers(db, args, 1, range.first, count);
  reply.integer(count);
}

function findRanks(): void {
  findRankRange(false);
}

function findMembers(): void {
  findLexRange(false);
}

function opZRemRangeByRank(db: Db, args: Args, reply: Reply): void {
  if (readRankRange(args, 2, reply)) take(db, args, findRanks, reply);
}

function opZRemRangeByScore(db: Db, args: Args, reply: Reply): void {
  if (readScoreRange(args, 2, 3, reply)) take(db, args, findScoreRange, reply);
}

function opZRemRangeByLex(db: Db, args: Args, reply: Reply): void {
  if (readLexRange(args, 2, 3, reply)) take(db, args, findMembers, reply);
}

// ---------------------------------------------------------------------- declarations

const COUNTED = 'O(log n), n = members of the set';
const TAKEN = 'O(log n + m * log n), n = members of the set, m = members taken out';

export const ZSET_COUNT_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ZCOUNT',
    since: '2.0.0',
    arity: 4,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Counts the members of a sorted set between two scores.',
    complexity: COUNTED,
    usage: 'key min:double max:double',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZCOUNT k (1 3', ':2'],
      ['ZCOUNT k -inf +inf', ':3'],
      ['ZCOUNT k a b', `-${NOT_A_SCORE_RANGE}`],
    ],
    onShard: opZCount,
  },
  {
    name: 'ZLEXCOUNT',
    since: '2.8.9',
    arity: 4,
    flags: ['readonly', 'fast'],
    group: 'sorted-set',
    summary: 'Counts the members of a sorted set between two others, where all scores are the same.',
    complexity: COUNTED,
    usage: 'key min max',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['ZADD k 0 a 0 b 0 c', ':3'],
      ['ZLEXCOUNT k (a [c', ':2'],
      ['ZLEXCOUNT k - +', ':3'],
      ['ZLEXCOUNT k a b', `-${NOT_A_LEX_RANGE}`],
    ],
    onShard: opZLexCount,
  },
  {
    name: 'ZREMRANGEBYRANK',
    since: '2.0.0',
    arity: 4,
    flags: ['write'],
    group: 'sorted-set',
    summary: 'Takes the members between two ranks out of a sorted set.',
    complexity: TAKEN,
    usage: 'key start stop',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZREMRANGEBYRANK k 0 -2', ':2'],
      ['ZRANGE k 0 -1', '*1\r\n$1\r\nc'],
    ],
    onShard: opZRemRangeByRank,
  },
  {
    name: 'ZREMRANGEBYSCORE',
    since: '1.2.0',
    arity: 4,
    flags: ['write'],
    group: 'sorted-set',
    summary: 'Takes the members between two scores out of a sorted set.',
    complexity: TAKEN,
    usage: 'key min:double max:double',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZREMRANGEBYSCORE k (1 +inf', ':2'],
      ['ZRANGE k 0 -1', '*1\r\n$1\r\na'],
    ],
    onShard: opZRemRangeByScore,
  },
  {
    name: 'ZREMRANGEBYLEX',
    since: '2.8.9',
    arity: 4,
    flags: ['write'],
    group: 'sorted-set',
    summary: 'Takes the members between two others out of a sorted set, where all scores are the same.',
    complexity: TAKEN,
    usage: 'key min max',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['ZADD k 0 a 0 b 0 c', ':3'],
      ['ZREMRANGEBYLEX k [a (c', ':2'],
      ['ZRANGE k 0 -1', '*1\r\n$1\r\nc'],
    ],
    onShard: opZRemRangeByLex,
  },
];
