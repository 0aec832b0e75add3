// ZUNION, ZINTER, ZDIFF, their forms that store, ZINTERCARD: what they are called (zset-algebra.ts does the work).

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec, type KeySpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { BAD_LIMIT, combineReply, combineStore, keysMissing, opZInterCard } from './zset-algebra.js';

function opZUnion(db: Db, args: Args, reply: Reply): void {
  combineReply(db, args, 'union', 'zunion', reply);
}

function opZInter(db: Db, args: Args, reply: Reply): void {
  combineReply(db, args, 'inter', 'zinter', reply);
}

function opZDiff(db: Db, args: Args, reply: Reply): void {
  combineReply(db, args, 'diff', 'zdiff', reply);
}

function opZUnionStore(db: Db, args: Args, reply: Reply): void {
  combineStore(db, args, 'union', 'zunionstore', reply);
}

function opZInterStore(db: Db, args: Args, reply: Reply): void {
  combineStore(db, args, 'inter', 'zinterstore', reply);
}

function opZDiffStore(db: Db, args: Args, reply: Reply): void {
  combineStore(db, args, 'diff', 'zdiffstore', reply);
}

// ---------------------------------------------------------------------- declarations

const UNION = 'O(n + m * log m), n = members of all sets, m = members of the result';
const INTER = 'O(n * k + m * log m), n = members of the smallest set, k = sets, m = members of the result';
const DIFF = 'O(n * k + m * log m), n = members of the first set, k = sets, m = members of the result';
const READ: readonly KeySpec[] = [
  { flags: ['RO', 'access'], begin: { index: 1 }, find: { countAt: 0, firstAt: 1, step: 1 } },
];
const STORE: readonly KeySpec[] = [
  keyAt(1, 'OW', 'update'),
  { flags: ['RO', 'access'], begin: { index: 2 }, find: { countAt: 0, firstAt: 1, step: 1 } },
];
const COMBINED = '[WEIGHTS weight [weight ...]] [AGGREGATE (SUM | MIN | MAX)]';

export const ZSET_COMBINE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ZUNION',
    since: '6.2.0',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Tells the members that any of several sorted sets has.',
    complexity: UNION,
    usage: `numkeys key [key ...] ${COMBINED} [WITHSCORES]`,
    keys: READ,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b', ':1'],
      ['ZUNION 2 {k}1 {k}2 WITHSCORES', '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n5'],
      ['ZUNION 2 {k}1 {k}2 WEIGHTS 1 -1', '*2\r\n$1\r\nb\r\n$1\r\na'],
      ['ZUNION 0 {k}1', `-${keysMissing('zunion')}`],
    ],
    onShard: opZUnion,
    across: { gather: true },
  },
  {
    name: 'ZINTER',
    since: '6.2.0',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Tells the members that all of several sorted sets have.',
    complexity: INTER,
    usage: `numkeys key [key ...] ${COMBINED} [WITHSCORES]`,
    keys: READ,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b 4 c', ':2'],
      ['ZINTER 2 {k}1 {k}2', '*1\r\n$1\r\nb'],
      ['ZINTER 2 {k}1 {k}2 AGGREGATE MAX WITHSCORES', '*2\r\n$1\r\nb\r\n$1\r\n3'],
      ['ZINTER 2 {k}1 {k}3', '*0'],
    ],
    onShard: opZInter,
    across: { gather: true },
  },
  {
    name: 'ZDIFF',
    since: '6.2.0',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Tells the members of the first sorted set that none of the others has.',
    complexity: DIFF,
    usage: 'numkeys key [key ...] [WITHSCORES]',
    keys: READ,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b', ':1'],
      ['ZDIFF 2 {k}1 {k}2 WITHSCORES', '*2\r\n$1\r\na\r\n$1\r\n1'],
    ],
    onShard: opZDiff,
    across: { gather: true },
  },
  {
    name: 'ZINTERCARD',
    since: '7.0.0',
    arity: -3,
    flags: ['readonly', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Counts the members that all of several sorted sets have, up to a limit if there is one.',
    complexity: 'O(n * k), n = members of the smallest set, k = sets',
    usage: 'numkeys key [key ...] [LIMIT limit:integer]',
    keys: READ,
    examples: [
      ['ZADD {k}1 1 a 2 b 3 c', ':3'],
      ['ZADD {k}2 1 b 2 c', ':2'],
      ['ZINTERCARD 2 {k}1 {k}2', ':2'],
      ['ZINTERCARD 2 {k}1 {k}2 LIMIT 1', ':1'],
      ['ZINTERCARD 1 {k}1 LIMIT -1', `-${BAD_LIMIT}`],
    ],
    onShard: opZInterCard,
    across: { gather: true },
  },
  {
    name: 'ZUNIONSTORE',
    since: '2.0.0',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Makes a sorted set of the members that any of several has.',
    complexity: UNION,
    usage: `destination numkeys key [key ...] ${COMBINED}`,
    keys: STORE,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b', ':1'],
      ['ZUNIONSTORE {k}3 2 {k}1 {k}2 WEIGHTS 2 1', ':2'],
      ['ZRANGE {k}3 0 -1 WITHSCORES', '*4\r\n$1\r\na\r\n$1\r\n2\r\n$1\r\nb\r\n$1\r\n7'],
      ['ZUNIONSTORE {k}3 1 {k}1 WEIGHTS', `-${ERRORS.syntax}`],
    ],
    onShard: opZUnionStore,
    across: { gather: true },
  },
  {
    name: 'ZINTERSTORE',
    since: '2.0.0',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Makes a sorted set of the members that all of several have.',
    complexity: INTER,
    usage: `destination numkeys key [key ...] ${COMBINED}`,
    keys: STORE,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b', ':1'],
      ['ZINTERSTORE {k}3 2 {k}1 {k}2', ':1'],
      ['ZRANGE {k}3 0 -1 WITHSCORES', '*2\r\n$1\r\nb\r\n$1\r\n5'],
      ['ZINTERSTORE {k}3 2 {k}1 {k}4', ':0'],
      ['EXISTS {k}3', ':0'],
    ],
    onShard: opZInterStore,
    across: { gather: true },
  },
  {
    name: 'ZDIFFSTORE',
    since: '6.2.0',
    arity: -4,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'sorted-set',
    summary: 'Makes a sorted set of the members of the first that none of the others has.',
    complexity: DIFF,
    usage: 'destination numkeys key [key ...]',
    keys: STORE,
    examples: [
      ['ZADD {k}1 1 a 2 b', ':2'],
      ['ZADD {k}2 3 b', ':1'],
      ['ZDIFFSTORE {k}3 2 {k}1 {k}2', ':1'],
      ['ZRANGE {k}3 0 -1', '*1\r\n$1\r\na'],
    ],
    onShard: opZDiffStore,
    across: { gather: true },
  },
];
