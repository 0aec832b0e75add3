// Popping from either end of sorted sets, random members, ZSCAN.

import { bytesOf } from '../base/bytes.js';
import { DOUBLE_CHARS_MAX, formatDouble17, writeDouble } from '../base/doubles.js';
import { distinctIndices } from '../base/sample.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db, Ref } from '../shard/db.js';
import { int64Near, newView } from './arguments.js';
import { BAD_COUNT } from './list-arguments.js';
import { planZMPop, readZMPop } from './zset-plans.js';
import { cursorPosition, parseCursor, readScanOptions, scanOptions } from './scan-options.js';
import {
  MAX,
  MIN,
  NO_ZSET,
  openZSet,
  popManyReply,
  popMembers,
  replyMember,
  replyMembers,
  WRONG_TYPE,
  zset,
} from './zset-values.js';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';
const WITHSCORES = bytesOf('WITHSCORES');

// ---------------------------------------------------------------------- popping

function pop(db: Db, args: Args, where: boolean, reply: Reply): void {
  if (args.count > 3) {
    reply.error(ERRORS.syntax);
    return;
  }
  const hasCount = args.count === 3;
  const count = hasCount ? int64Near(args, 2) : 1;
  if (!(count >= 0)) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const length = openZSet(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  const n = Math.min(count, length);
  const inPairs = hasCount && reply.protocol === 3;
  reply.array(inPairs ? n : n * 2);
  if (n > 0) popMembers(db, args, 1, where, n, inPairs, reply);
}

function opZPopMin(db: Db, args: Args, reply: Reply): void {
  pop(db, args, MIN, reply);
}

function opZPopMax(db: Db, args: Args, reply: Reply): void {
  pop(db, args, MAX, reply);
}

function opZMPop(db: Db, args: Args, reply: Reply): void {
  const request = readZMPop(args, 1, reply);
  if (request === undefined) return;
  for (let i = request.first; i < request.end; i++) {
    if (popManyReply(db, args, i, request.where, request.count, reply)) return;
  }
  reply.nilArray();
}

// ---------------------------------------------------------------------- ZRANDMEMBER

const COUNT_MAX = 2n ** 63n - 1n;
const COUNT_OUT_OF_RANGE = `ERR value is out of range, value must between -${COUNT_MAX} and ${COUNT_MAX}`;

/** True when the count at argument 2 is farther from 0 than `limit`. Allocates only where a double does not do. */
function isBeyond(args: Args, count: number, limit: bigint): boolean {
  if (Number.isSafeInteger(count)) return false;
  const exact = args.bigint(2) ?? 0n;
  return exact > limit || exact < -limit;
}

function opZRandMember(db: Db, args: Args, reply: Reply): void {
  if (args.count > 2) {
    randomMembers(db, args, reply);
    return;
  }
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET) {
    reply.nil();
    return;
  }
  zset.seekRandom(db.shard.random);
  replyMember(reply);
}

function randomMembers(db: Db, args: Args, reply: Reply): void {
  const count = int64Near(args, 2);
  if (Number.isNaN(count)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (isBeyond(args, count, COUNT_MAX)) {
    reply.error(COUNT_OUT_OF_RANGE);
    return;
  }
  const withScores = args.count === 4;
  if (args.count > 4 || (withScores && !args.is(3, WITHSCORES))) {
    reply.error(ERRORS.syntax);
    return;
  }
  if (withScores && isBeyond(args, count, COUNT_MAX / 2n)) {
    reply.error(ERRORS.outOfRange);
    return;
  }
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  const n = length === NO_ZSET ? 0 : count < 0 ? -count : Math.min(count, length);
  const inPairs = withScores && reply.protocol === 3;
  reply.array(withScores && !inPairs ? n * 2 : n);
  if (n === 0) return;
  const { random } = db.shard;
  if (count < 0) {
    for (let i = 0; i < n; i++) replyMembers(random.below(length), 1, true, withScores, inPairs, reply);
  } else if (n === length) {
    replyMembers(length - 1, n, false, withScores, inPairs, reply);
  } else {
    for (const rank of distinctIndices(random, length, n)) {
      replyMembers(rank, 1, true, withScores, inPairs, reply);
    }
  }
}

// ---------------------------------------------------------------------- ZSCAN

const view = newView();
const score = new Uint8Array(DOUBLE_CHARS_MAX);
/** The reply of the ZSCAN that runs, and how many members it has. */
let scanReply: Reply;
let scanned = 0;

/** Replies with the member at hand and its score if it matches. */
function replyScanned(): void {
  zset.read(view);
  if (!scanOptions.pattern.matches(view.bytes, view.start, view.end)) return;
  scanReply.bulk(view.bytes, view.start, view.end);
  // Redis spells the scores of a large set here in 17 digits, in every version.
  if (zset.isLarge && !Number.isSafeInteger(zset.score)) scanReply.bulkText(formatDouble17(zset.score));
  else scanReply.bulk(score, 0, writeDouble(score, 0, zset.score));
  scanned++;
}

function opZScan(db: Db, args: Args, reply: Reply): void {
  const cursor = parseCursor(args, 2);
  if (cursor === undefined) {
    reply.error(ERRORS.invalidCursor);
    return;
  }
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE || (length !== NO_ZSET && !readScanOptions(args, 3, 'members', reply))) return;
  scanReply = reply;
  scanned = 0;
  reply.array(2);
  if (!zset.isLarge || length === NO_ZSET) {
    reply.bulkInteger(0);
    const mark = reply.mark();
    if (length !== NO_ZSET) {
      zset.seek(0);
      do replyScanned();
      while (zset.next());
    }
    reply.wrapArray(mark, scanned * 2);
    return;
  }
  scanLarge(cursorPosition(cursor));
}

/** The cursor stands before what the step finds, so that is collected first. */
function scanLarge(position: number): void {
  const refs: Ref[] = [];
  const next = zset.scan(position, scanOptions.count, (ref) => refs.push(ref));
  scanReply.bulkInteger(next);
  const mark = scanReply.mark();
  for (const ref of refs) {
    zset.hold(ref);
    replyScanned();
  }
  scanReply.wrapArray(mark, scanned * 2);
}

// ---------------------------------------------------------------------- declarations

const POPPED = 'O(log n + m * log n), n = members of the set, m = members returned';

export const ZSET_POP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ZPOPMIN',
    since: '5.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'sorted-set',
    summary: 'Takes the members with the least scores out of a sorted set.',
    complexity: POPPED,
    usage: 'key [count]',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZPOPMIN k', '*2\r\n$1\r\na\r\n$1\r\n1'],
      ['ZPOPMIN k 9', '*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\nc\r\n$1\r\n3'],
      ['ZPOPMIN k', '*0'],
      ['ZPOPMIN k -1', `-${NOT_POSITIVE}`],
    ],
    onShard: opZPopMin,
  },
  {
    name: 'ZPOPMAX',
    since: '5.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'sorted-set',
    summary: 'Takes the members with the greatest scores out of a sorted set.',
    complexity: POPPED,
    usage: 'key [count]',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    examples: [
      ['ZADD k 1 a 2 b 3 c', ':3'],
      ['ZPOPMAX k', '*2\r\n$1\r\nc\r\n$1\r\n3'],
      ['ZPOPMAX k 9', '*4\r\n$1\r\nb\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\n1'],
    ],
    onShard: opZPopMax,
  },
  {
    name: 'ZMPOP',
    since: '7.0.0',
    arity: -4,
    flags: ['write', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Takes members out of the first of several sorted sets that exists.',
    complexity: 'O(n + m * log l), n = keys given, m = members returned, l = members of the set',
    usage: 'numkeys key [key ...] where=(MIN | MAX) [COUNT count]',
    keys: [{ flags: ['RW', 'access', 'delete'], begin: { index: 1 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    examples: [
      ['ZADD {k}2 1 a 2 b', ':2'],
      ['ZMPOP 2 {k}1 {k}2 MIN', '*2\r\n$4\r\n{k}2\r\n*1\r\n*2\r\n$1\r\na\r\n$1\r\n1'],
      ['ZMPOP 1 {k}1 MIN', '*-1'],
      ['ZMPOP 1 {k}1 MIN COUNT 0', `-${BAD_COUNT}`],
    ],
    onShard: opZMPop,
    across: { plan: planZMPop },
  },
  {
    name: 'ZRANDMEMBER',
    since: '6.2.0',
    arity: -2,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Picks members of a sorted set at random, with a positive count each one once at most.',
    complexity: 'O(m * log n), n = members of the set, m = members returned',
    usage: 'key options=[count [WITHSCORES]]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['ZRANDMEMBER k', '$-1'],
      ['ZRANDMEMBER k 3', '*0'],
      ['ZADD k 1 a', ':1'],
      ['ZRANDMEMBER k', '$1\r\na'],
      ['ZRANDMEMBER k -2 WITHSCORES', '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\na\r\n$1\r\n1'],
    ],
    onShard: opZRandMember,
  },
  {
    name: 'ZSCAN',
    since: '2.8.0',
    arity: -3,
    flags: ['readonly'],
    group: 'sorted-set',
    summary: 'Tells the members of a sorted set and their scores step by step.',
    complexity: 'O(COUNT) for every call; O(n) for a whole walk, n = members of the set',
    usage: 'key cursor [MATCH pattern] [COUNT count]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['ZSCAN k 0', '*2\r\n$1\r\n0\r\n*0'],
      ['ZADD k 1 a 2.5 b', ':2'],
      ['ZSCAN k 0', '*2\r\n$1\r\n0\r\n*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$3\r\n2.5'],
      ['ZSCAN k 0 MATCH b', '*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$3\r\n2.5'],
      ['ZSCAN k x', `-${ERRORS.invalidCursor}`],
    ],
    onShard: opZScan,
  },
];
