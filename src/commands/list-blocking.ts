// The list commands that wait for an element: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH. Each says how it takes from one key;
// waiting, serving in line and giving up are the same for all (shard/waiters.ts, engine/blocked.ts).

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type BlockingSpec, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { TYPE } from '../values/types.js';
import { BAD_NUMKEYS, isLeft, readMultiPop, readTimeout } from './list-arguments.js';
import { hasSides, planFirstList, planMove, planMultiPop } from './list-plans.js';
import {
  dropEnds,
  HEAD,
  moveReply,
  NO_LIST,
  openList,
  popManyReply,
  replyEnd,
  TAIL,
  WRONG_TYPE,
} from './list-values.js';

/** Replies are nil arrays where nothing came: they would have been arrays. */
function nothingOfMany(_args: Args, reply: Reply): void {
  reply.nilArray();
}

// ---------------------------------------------------------------------- BLPOP, BRPOP

function popWithKey(db: Db, args: Args, i: number, where: boolean, reply: Reply): boolean {
  const length = openList(db, db.lookupWrite(args, i), reply);
  if (length === NO_LIST) return false;
  if (length === WRONG_TYPE) return true;
  reply.array(2);
  reply.bulk(args.bytes, args.starts[i], args.ends[i]);
  replyEnd(where, reply);
  dropEnds(db, args, i, where, 1);
  return true;
}

/** All arguments but the last, the timeout. */
function keysBeforeTimeout(args: Args): number[] {
  return Array.from({ length: args.count - 2 }, (_, i) => i + 1);
}

function blockingPop(where: boolean): BlockingSpec {
  return {
    type: TYPE.list,
    timeoutMs: (args, reply) => readTimeout(args, args.count - 1, reply),
    waitKeys: keysBeforeTimeout,
    attempt: (db, args, i, reply) => popWithKey(db, args, i, where, reply),
    nothing: nothingOfMany,
  };
}

function planPop(name: string): (port: PlanPort) => PlanRun {
  return (port) => planFirstList(port, 1, port.args.count - 1, (i) => port.on(i, name).arg(i).word('0'));
}

// ---------------------------------------------------------------------- BLMPOP

const BLOCKING_MULTI_POP: BlockingSpec = {
  type: TYPE.list,
  timeoutMs: (args, reply) => (readMultiPop(args, 2, reply) === undefined ? NaN : readTimeout(args, 1, reply)),
  waitKeys: (args) => Array.from({ length: args.integer(2) }, (_, i) => 3 + i),
  attempt: (db, args, i, reply) => {
    const request = readMultiPop(args, 2, reply);
    return request === undefined || popManyReply(db, args, i, request.where, request.count, reply);
  },
  nothing: nothingOfMany,
};

function* planBLMPop(port: PlanPort): PlanRun {
  const request = readMultiPop(port.args, 2, port.reply);
  if (request !== undefined) yield* planMultiPop(port, request);
}

// ---------------------------------------------------------------------- BLMOVE, BRPOPLPUSH

const firstKey = [1] as const;

const BLOCKING_MOVE: BlockingSpec = {
  type: TYPE.list,
  timeoutMs: (args, reply) => {
    if (hasSides(args)) return readTimeout(args, 5, reply);
    reply.error(ERRORS.syntax);
    return NaN;
  },
  waitKeys: () => firstKey,
  attempt: (db, args, _i, reply) => moveReply(db, args, 1, 2, isLeft(args, 3), isLeft(args, 4), reply),
  nothing: (_args, reply) => {
    reply.nil();
  },
};

const BLOCKING_POP_PUSH: BlockingSpec = {
  ...BLOCKING_MOVE,
  timeoutMs: (args, reply) => readTimeout(args, 3, reply),
  attempt: (db, args, _i, reply) => moveReply(db, args, 1, 2, TAIL, HEAD, reply),
};

function planBLMove(port: PlanPort): PlanRun {
  return planMove(port, isLeft(port.args, 3), isLeft(port.args, 4));
}

function planBRPopLPush(port: PlanPort): PlanRun {
  return planMove(port, TAIL, HEAD);
}

// ---------------------------------------------------------------------- declarations

const TIMEOUT_HISTORY = [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']] as const;
const FROM_KEYS = 'O(n), n = keys given';

export const LIST_BLOCKING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'BLPOP',
    since: '2.0.0',
    arity: -3,
    flags: ['write', 'noscript', 'blocking'],
    group: 'list',
    summary: 'Takes the head of the first of several lists that exists, or waits until one does.',
    complexity: FROM_KEYS,
    usage: 'key [key ...] timeout:double',
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    examples: [
      ['RPUSH {k}2 a b', ':2'],
      ['BLPOP {k}1 {k}2 0', '*2\r\n$4\r\n{k}2\r\n$1\r\na'],
      ['BLPOP {k}1 0.01', '*-1'],
      ['BLPOP {k}1 -1', '-ERR timeout is negative'],
    ],
    blocking: blockingPop(HEAD),
    across: { plan: planPop('BLPOP') },
  },
  {
    name: 'BRPOP',
    since: '2.0.0',
    arity: -3,
    flags: ['write', 'noscript', 'blocking'],
    group: 'list',
    summary: 'Takes the tail of the first of several lists that exists, or waits until one does.',
    complexity: FROM_KEYS,
    usage: 'key [key ...] timeout:double',
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    examples: [
      ['RPUSH {k}2 a b', ':2'],
      ['BRPOP {k}1 {k}2 0', '*2\r\n$4\r\n{k}2\r\n$1\r\nb'],
      ['BRPOP {k}1 0.01', '*-1'],
    ],
    blocking: blockingPop(TAIL),
    across: { plan: planPop('BRPOP') },
  },
  {
    name: 'BLMPOP',
    since: '7.0.0',
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    group: 'list',
    summary: 'Takes elements out of the first of several lists that exists, or waits until one does.',
    complexity: 'O(n + m), n = keys given, m = elements returned',
    usage: 'timeout:double numkeys key [key ...] (LEFT | RIGHT) [COUNT count]',
    keys: [{ flags: ['RW', 'access', 'delete'], begin: { index: 2 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    examples: [
      ['RPUSH {k}2 a b c', ':3'],
      ['BLMPOP 0 2 {k}1 {k}2 RIGHT COUNT 2', '*2\r\n$4\r\n{k}2\r\n*2\r\n$1\r\nc\r\n$1\r\nb'],
      ['BLMPOP 0.01 1 {k}1 LEFT', '*-1'],
      ['BLMPOP 0 0 {k}1 LEFT', `-${BAD_NUMKEYS}`],
    ],
    blocking: BLOCKING_MULTI_POP,
    across: { plan: planBLMPop },
  },
  {
    name: 'BLMOVE',
    since: '6.2.0',
    arity: 6,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    group: 'list',
    summary: 'Moves an element from an end of a list to an end of another, or waits until there is one.',
    complexity: 'O(1)',
    usage: 'source destination wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT) timeout:double',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    examples: [
      ['RPUSH {k}1 a b', ':2'],
      ['BLMOVE {k}1 {k}2 LEFT RIGHT 0', '$1\r\na'],
      ['LRANGE {k}2 0 -1', '*1\r\n$1\r\na'],
      ['BLMOVE {k}3 {k}2 LEFT RIGHT 0.01', '*-1'],
      ['BLMOVE {k}1 {k}2 UP DOWN 0', `-${ERRORS.syntax}`],
    ],
    blocking: BLOCKING_MOVE,
    across: { plan: planBLMove },
  },
  {
    name: 'BRPOPLPUSH',
    since: '2.2.0',
    arity: 4,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    group: 'list',
    summary: 'Moves the tail of a list to the head of another, or waits until there is one.',
    complexity: 'O(1)',
    usage: 'source destination timeout:double',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    deprecated: { since: '6.2.0', replacedBy: '`BLMOVE` with the `RIGHT` and `LEFT` arguments' },
    history: TIMEOUT_HISTORY,
    examples: [
      ['RPUSH {k}1 a b', ':2'],
      ['BRPOPLPUSH {k}1 {k}2 0', '$1\r\nb'],
      ['BRPOPLPUSH {k}3 {k}2 0.01', '*-1'],
    ],
    blocking: BLOCKING_POP_PUSH,
    across: { plan: planBRPopLPush },
  },
];
