// The list commands that work at the ends: pushing, popping, moving. Those that wait for an element stand in
// list-blocking.ts, and how those with several keys run over several shards in list-plans.ts.

import type { Args } from '../contract/args.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { int64Near } from './arguments.js';
import { BAD_COUNT, BAD_NUMKEYS, isLeft, isSide, readMultiPop } from './list-arguments.js';
import { planLMove, planLMPop, planRPopLPush } from './list-plans.js';
import {
  createList,
  dropEnds,
  HEAD,
  list,
  mayGrow,
  moveReply,
  NO_LIST,
  openList,
  popManyReply,
  popReply,
  replyEnds,
  TAIL,
  WRONG_TYPE,
} from './list-values.js';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';

// ---------------------------------------------------------------------- pushing

function push(db: Db, args: Args, where: boolean, onlyExisting: boolean, reply: Reply): void {
  const entry = db.lookupWrite(args, 1);
  const before = openList(db, entry, reply);
  if (before === WRONG_TYPE) return;
  if (before === NO_LIST && onlyExisting) {
    reply.integer(0);
    return;
  }
  const { bytes, starts, ends, count } = args;
  if (!mayGrow(before, count - 2, reply)) return;
  if (before === NO_LIST) createList(db, args, 1);
  let total = 0;
  for (let i = 2; i < count; i++) total += ends[i] - starts[i];
  list.reserve(total, count - 2);
  for (let i = 2; i < count; i++) list.push(where, bytes, starts[i], ends[i]);
  db.grew(args, 1);
  reply.integer(list.length);
}

function opLPush(db: Db, args: Args, reply: Reply): void {
  push(db, args, HEAD, false, reply);
}

function opRPush(db: Db, args: Args, reply: Reply): void {
  push(db, args, TAIL, false, reply);
}

function opLPushX(db: Db, args: Args, reply: Reply): void {
  push(db, args, HEAD, true, reply);
}

function opRPushX(db: Db, args: Args, reply: Reply): void {
  push(db, args, TAIL, true, reply);
}

// ---------------------------------------------------------------------- popping

function pop(db: Db, args: Args, where: boolean, name: string, reply: Reply): void {
  if (args.count === 2) {
    if (!popReply(db, args, 1, where, reply)) reply.nil();
    return;
  }
  if (args.count > 3) {
    reply.error(wrongArity(name));
    return;
  }
  const count = int64Near(args, 2);
  if (!(count >= 0)) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const length = openList(db, db.lookupWrite(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_LIST) {
    reply.nilArray();
    return;
  }
  const n = Math.min(count, length);
  replyEnds(where, n, reply);
  dropEnds(db, args, 1, where, n);
}

function opLPop(db: Db, args: Args, reply: Reply): void {
  pop(db, args, HEAD, 'lpop', reply);
}

function opRPop(db: Db, args: Args, reply: Reply): void {
  pop(db, args, TAIL, 'rpop', reply);
}

function opLMPop(db: Db, args: Args, reply: Reply): void {
  const request = readMultiPop(args, 1, reply);
  if (request === undefined) return;
  for (let i = request.first; i < request.end; i++) {
    if (popManyReply(db, args, i, request.where, request.count, reply)) return;
  }
  reply.nilArray();
}

// ---------------------------------------------------------------------- moving

function opLMove(db: Db, args: Args, reply: Reply): void {
  if (!isSide(args, 3) || !isSide(args, 4)) reply.error(ERRORS.syntax);
  else if (!moveReply(db, args, 1, 2, isLeft(args, 3), isLeft(args, 4), reply)) reply.nil();
}

function opRPopLPush(db: Db, args: Args, reply: Reply): void {
  if (!moveReply(db, args, 1, 2, TAIL, HEAD, reply)) reply.nil();
}

// ---------------------------------------------------------------------- declarations

const PER_ELEMENT = 'O(n), n = elements given';
const PER_POPPED = 'O(n), n = elements returned';
const MANY_SINCE = (version: string) => [[version, 'Accepts multiple `element` arguments.']] as const;
const COUNT_SINCE = [['6.2.0', 'Added the `count` argument.']] as const;

export const LIST_END_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'LPUSH',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'list',
    summary: 'Adds elements at the head of a list, one after the other, and tells its length.',
    complexity: PER_ELEMENT,
    usage: 'key element [element ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    history: MANY_SINCE('2.4.0'),
    examples: [
      ['LPUSH k a b', ':2'],
      ['LPUSH k c', ':3'],
      ['LRANGE k 0 -1', '*3\r\n$1\r\nc\r\n$1\r\nb\r\n$1\r\na'],
    ],
    onShard: opLPush,
  },
  {
    name: 'RPUSH',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'list',
    summary: 'Adds elements at the tail of a list and tells its length.',
    complexity: PER_ELEMENT,
    usage: 'key element [element ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    history: MANY_SINCE('2.4.0'),
    examples: [
      ['RPUSH k a b', ':2'],
      ['RPUSH k c', ':3'],
      ['LRANGE k 0 -1', '*3\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc'],
      ['SET s v', '+OK'],
      ['RPUSH s a', `-${ERRORS.wrongType}`],
    ],
    onShard: opRPush,
  },
  {
    name: 'LPUSHX',
    since: '2.2.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'list',
    summary: 'Adds elements at the head of a list that exists.',
    complexity: PER_ELEMENT,
    usage: 'key element [element ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    history: MANY_SINCE('4.0.0'),
    examples: [
      ['LPUSHX k a', ':0'],
      ['RPUSH k a', ':1'],
      ['LPUSHX k b c', ':3'],
    ],
    onShard: opLPushX,
  },
  {
    name: 'RPUSHX',
    since: '2.2.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'list',
    summary: 'Adds elements at the tail of a list that exists.',
    complexity: PER_ELEMENT,
    usage: 'key element [element ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    history: MANY_SINCE('4.0.0'),
    examples: [
      ['RPUSHX k a', ':0'],
      ['RPUSH k a', ':1'],
      ['RPUSHX k b c', ':3'],
    ],
    onShard: opRPushX,
  },
  {
    name: 'LPOP',
    since: '1.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'list',
    summary: 'Takes the first elements out of a list.',
    complexity: PER_POPPED,
    usage: 'key [count]@6.2.0',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    history: COUNT_SINCE,
    examples: [
      ['LPOP k', '$-1'],
      ['RPUSH k a b c', ':3'],
      ['LPOP k', '$1\r\na'],
      ['LPOP k 5', '*2\r\n$1\r\nb\r\n$1\r\nc'],
      ['LPOP k 5', '*-1'],
      ['LPOP k -1', `-${NOT_POSITIVE}`],
    ],
    onShard: opLPop,
  },
  {
    name: 'RPOP',
    since: '1.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'list',
    summary: 'Takes the last elements out of a list.',
    complexity: PER_POPPED,
    usage: 'key [count]@6.2.0',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    history: COUNT_SINCE,
    examples: [
      ['RPUSH k a b c', ':3'],
      ['RPOP k', '$1\r\nc'],
      ['RPOP k 5', '*2\r\n$1\r\nb\r\n$1\r\na'],
      ['EXISTS k', ':0'],
    ],
    onShard: opRPop,
  },
  {
    name: 'LMPOP',
    since: '7.0.0',
    arity: -4,
    flags: ['write', 'movablekeys'],
    group: 'list',
    summary: 'Takes elements out of the first of several lists that exists, and names its key.',
    complexity: 'O(n + m), n = keys given, m = elements returned',
    usage: 'numkeys key [key ...] (LEFT | RIGHT) [COUNT count]',
    keys: [{ flags: ['RW', 'access', 'delete'], begin: { index: 1 }, find: { countAt: 0, firstAt: 1, step: 1 } }],
    examples: [
      ['LMPOP 2 {k}1 {k}2 LEFT', '*-1'],
      ['RPUSH {k}2 a b c', ':3'],
      ['LMPOP 2 {k}1 {k}2 RIGHT COUNT 2', '*2\r\n$4\r\n{k}2\r\n*2\r\n$1\r\nc\r\n$1\r\nb'],
      ['LMPOP 0 {k}1 LEFT', `-${BAD_NUMKEYS}`],
      ['LMPOP 1 {k}1 LEFT COUNT 0', `-${BAD_COUNT}`],
    ],
    onShard: opLMPop,
    across: { plan: planLMPop },
  },
  {
    name: 'LMOVE',
    since: '6.2.0',
    arity: 5,
    flags: ['write', 'denyoom'],
    group: 'list',
    summary: 'Takes an element out at one end of a list and adds it at an end of another, or of the same.',
    complexity: 'O(1)',
    usage: 'source destination wherefrom=(LEFT | RIGHT) whereto=(LEFT | RIGHT)',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    examples: [
      ['LMOVE {k}1 {k}2 LEFT RIGHT', '$-1'],
      ['RPUSH {k}1 a b c', ':3'],
      ['LMOVE {k}1 {k}2 LEFT RIGHT', '$1\r\na'],
      ['LMOVE {k}1 {k}1 RIGHT LEFT', '$1\r\nc'],
      ['LRANGE {k}1 0 -1', '*2\r\n$1\r\nc\r\n$1\r\nb'],
      ['LMOVE {k}1 {k}2 UP DOWN', '-ERR syntax error'],
    ],
    onShard: opLMove,
    across: { plan: planLMove },
  },
  {
    name: 'RPOPLPUSH',
    since: '1.2.0',
    arity: 3,
    flags: ['write', 'denyoom'],
    group: 'list',
    summary: 'Takes the last element out of a list and adds it at the head of another.',
    complexity: 'O(1)',
    usage: 'source destination',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    deprecated: { since: '6.2.0', replacedBy: '`LMOVE` with the `RIGHT` and `LEFT` arguments' },
    examples: [
      ['RPUSH {k}1 a b', ':2'],
      ['RPOPLPUSH {k}1 {k}2', '$1\r\nb'],
      ['RPOPLPUSH {k}1 {k}1', '$1\r\na'],
      ['RPOPLPUSH {k}3 {k}1', '$-1'],
    ],
    onShard: opRPopLPush,
    across: { plan: planRPopLPush },
  },
];
