// The sorted set commands that wait for a member: BZPOPMIN, BZPOPMAX, BZMPOP. Waiting itself is the same for all commands (shard/waiters.ts, engine/blocked.ts).

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keysFrom, type BlockingSpec, type CommandSpec } from '../contract/spec.js';
import { TYPE } from '../values/types.js';
import { BAD_NUMKEYS, readTimeout } from './list-arguments.js';
import { planFirst } from './list-plans.js';
import { planMultiPop, readZMPop } from './zset-plans.js';
import { MAX, MIN, popManyReply, popWithKey } from './zset-values.js';

/** Replies are nil arrays where nothing came: they would have been arrays. */
function nothing(_args: Args, reply: Reply): void {
  reply.nilArray();
}

// ---------------------------------------------------------------------- BZPOPMIN, BZPOPMAX

function blockingPop(where: boolean): BlockingSpec {
  return {
    type: TYPE.zset,
    timeoutMs: (args, reply) => readTimeout(args, args.count - 1, reply),
    // All arguments but the last, the timeout.
    waitKeys: (args) => Array.from({ length: args.count - 2 }, (_, i) => i + 1),
    attempt: (db, args, i, reply) => popWithKey(db, args, i, where, reply),
    nothing,
  };
}

function planPop(name: string): (port: PlanPort) => PlanRun {
  return (port) => planFirst(port, TYPE.zset, 1, port.args.count - 1, (i) => port.on(i, name).arg(i).word('0'));
}

// ---------------------------------------------------------------------- BZMPOP

const BLOCKING_MULTI_POP: BlockingSpec = {
  type: TYPE.zset,
  timeoutMs: (args, reply) => (readZMPop(args, 2, reply) === undefined ? NaN : readTimeout(args, 1, reply)),
  waitKeys: (args) => Array.from({ length: args.integer(2) }, (_, i) => 3 + i),
  attempt: (db, args, i, reply) => {
    const request = readZMPop(args, 2, reply);
    return request === undefined || popManyReply(db, args, i, request.where, request.count, reply);
  },
  nothing,
};

function* planBZMPop(port: PlanPort): PlanRun {
  const request = readZMPop(port.args, 2, port.reply);
  if (request !== undefined) yield* planMultiPop(port, request);
}

// ---------------------------------------------------------------------- declarations

const TIMEOUT_HISTORY = [['6.0.0', '`timeout` is interpreted as a double instead of an integer.']] as const;
const FROM_KEYS = 'O(n + log m), n = keys given, m = members of the set';

export const ZSET_BLOCKING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'BZPOPMIN',
    since: '5.0.0',
    arity: -3,
    flags: ['write', 'noscript', 'fast', 'blocking'],
    group: 'sorted-set',
    summary:
      'Takes the member with the least score out of the first of several sorted sets that exists, or waits until one does.',
    complexity: FROM_KEYS,
    usage: 'key [key ...] timeout:double',
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    examples: [
      ['ZADD {k}2 1 a 2 b', ':2'],
      ['BZPOPMIN {k}1 {k}2 0', '*3\r\n$4\r\n{k}2\r\n$1\r\na\r\n$1\r\n1'],
      ['BZPOPMIN {k}1 0.01', '*-1'],
      ['BZPOPMIN {k}1 -1', '-ERR timeout is negative'],
    ],
    blocking: blockingPop(MIN),
    across: { plan: planPop('BZPOPMIN') },
  },
  {
    name: 'BZPOPMAX',
    since: '5.0.0',
    arity: -3,
    flags: ['write', 'noscript', 'fast', 'blocking'],
    group: 'sorted-set',
    summary:
      'Takes the member with the greatest score out of the first of several sorted sets that exists, or waits until one does.',
    complexity: FROM_KEYS,
    usage: 'key [key ...] timeout:double',
    keys: [keysFrom(1, -2, 1, 'RW', 'access', 'delete')],
    history: TIMEOUT_HISTORY,
    examples: [
      ['ZADD {k}2 1 a 2 b', ':2'],
      ['BZPOPMAX {k}1 {k}2 0', '*3\r\n$4\r\n{k}2\r\n$1\r\nb\r\n$1\r\n2'],
      ['BZPOPMAX {k}1 0.01', '*-1'],
    ],
    blocking: blockingPop(MAX),
    across: { plan: planPop('BZPOPMAX') },
  },
  {
    name: 'BZMPOP',
    since: '7.0.0',
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Takes members out of the first of several sorted sets that exists, or waits until one does.',
    complexity: 'O(n + m * log l), n = keys given, m = members returned, l = members of the set',
    usage: 'timeout:double numkeys key [key ...] where=(MIN | MAX) [COUNT count]',
    keys: [{ flags: ['RW', 'access', 'delete'], begin: { index: 2 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    examples: [
      ['ZADD {k}2 1 a 2 b 3 c', ':3'],
      [
        'BZMPOP 0 2 {k}1 {k}2 MAX COUNT 2',
        '*2\r\n$4\r\n{k}2\r\n*2\r\n*2\r\n$1\r\nc\r\n$1\r\n3\r\n*2\r\n$1\r\nb\r\n$1\r\n2',
      ],
      ['BZMPOP 0.01 1 {k}1 MIN', '*-1'],
      ['BZMPOP 0 0 {k}1 MIN', `-${BAD_NUMKEYS}`],
      ['BZMPOP 0 1 {k}1 LEFT', `-${ERRORS.syntax}`],
    ],
    blocking: BLOCKING_MULTI_POP,
    across: { plan: planBZMPop },
  },
];
