// The set commands that work on one set, and SMOVE; those that combine several stand in set-algebra.ts.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { SET_ALGEBRA_COMMANDS } from './set-algebra.js';
import { SET_RANDOM_COMMANDS } from './set-random.js';
import { createSet, isSetOrNone, NO_SET, openSet, set, shrunk, WRONG_TYPE } from './set-values.js';
import { opSScan } from './set-scan.js';

// ---------------------------------------------------------------------- members

function opSAdd(db: Db, args: Args, reply: Reply): void {
  const before = openSet(db, db.lookupWrite(args, 1), reply);
  if (before === WRONG_TYPE) return;
  const { bytes, starts, ends, count } = args;
  const { limits } = db.shard;
  if (before === NO_SET) createSet(db, args, 1, 2, count - 2);
  else set.reserve(count - 2, limits);
  let added = 0;
  for (let i = 2; i < count; i++) if (set.add(bytes, starts[i], ends[i], limits)) added++;
  if (added > 0) db.changed(args, 1);
  reply.integer(added);
}

function opSRem(db: Db, args: Args, reply: Reply): void {
  const before = openSet(db, db.lookupWrite(args, 1), reply);
  if (before === WRONG_TYPE) return;
  const { bytes, starts, ends, count } = args;
  let removed = 0;
  for (let i = 2; i < count && removed < before; i++) if (set.remove(bytes, starts[i], ends[i])) removed++;
  if (removed > 0) shrunk(db, args, 1);
  reply.integer(removed);
}

function has(args: Args, i: number): boolean {
  return set.has(args.bytes, args.starts[i], args.ends[i]);
}

function opSIsMember(db: Db, args: Args, reply: Reply): void {
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count !== WRONG_TYPE) reply.integer(count !== NO_SET && has(args, 2) ? 1 : 0);
}

function opSMIsMember(db: Db, args: Args, reply: Reply): void {
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count === WRONG_TYPE) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) reply.integer(count !== NO_SET && has(args, i) ? 1 : 0);
}

function opSCard(db: Db, args: Args, reply: Reply): void {
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count !== WRONG_TYPE) reply.integer(count);
}

// ---------------------------------------------------------------------- moving

function opSMove(db: Db, args: Args, reply: Reply): void {
  const source = db.lookupWrite(args, 1);
  const target = db.lookupWrite(args, 2);
  const count = openSet(db, source, reply);
  if (count === WRONG_TYPE) return;
  if (count === NO_SET) {
    reply.integer(0);
    return;
  }
  if (!isSetOrNone(db, target, reply)) return;
  const { bytes, starts, ends } = args;
  if (source === target) {
    reply.integer(has(args, 3) ? 1 : 0);
    return;
  }
  if (!set.remove(bytes, starts[3], ends[3])) {
    reply.integer(0);
    return;
  }
  shrunk(db, args, 1);
  if (target === 0) createSet(db, args, 2, 3, 1);
  else openSet(db, db.peek(args, 2), reply);
  if (set.add(bytes, starts[3], ends[3], db.shard.limits)) db.changed(args, 2);
  reply.integer(1);
}

function* planSMove(port: PlanPort): PlanRun {
  const count = port.on(1, 'SCARD').arg(1);
  const isThere = port.on(1, 'SISMEMBER').arg(1).arg(3);
  const target = port.on(2, 'SISMEMBER').arg(2).arg(3);
  yield;
  const noSource = !count.reply.isError && count.reply.integer === 0;
  const failed = [count.reply, target.reply].find((reply) => reply.isError);
  if (!noSource && failed !== undefined) {
    port.forward(failed);
    return;
  }
  if (noSource || isThere.reply.integer === 0) {
    port.reply.integer(0);
    return;
  }
  const moved = port.on(1, 'SREM').arg(1).arg(3);
  port.on(2, 'SADD').arg(2).arg(3);
  yield;
  port.forward(moved.reply);
}

// ---------------------------------------------------------------------- declarations

const PER_MEMBER = 'O(n), n = members given';

export const SET_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'SADD',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'set',
    summary: 'Adds members to a set and tells how many are new.',
    complexity: PER_MEMBER,
    usage: 'key member [member ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    examples: [
      ['SADD k a b a', ':2'],
      ['SADD k b c', ':1'],
      ['SCARD k', ':3'],
      ['SET s v', '+OK'],
      ['SADD s a', `-${ERRORS.wrongType}`],
    ],
    onShard: opSAdd,
  },
  {
    name: 'SREM',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'set',
    summary: 'Takes members out of a set and tells how many were there.',
    complexity: PER_MEMBER,
    usage: 'key member [member ...]',
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Accepts multiple `member` arguments.']],
    examples: [
      ['SREM k a', ':0'],
      ['SADD k a b c', ':3'],
      ['SREM k a x b a', ':2'],
      ['SREM k c', ':1'],
      ['EXISTS k', ':0'],
    ],
    onShard: opSRem,
  },
  {
    name: 'SISMEMBER',
    since: '1.0.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'set',
    summary: 'Tells whether a set has a member.',
    complexity: 'O(1)',
    usage: 'key member',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['SISMEMBER k a', ':0'],
      ['SADD k a', ':1'],
      ['SISMEMBER k a', ':1'],
      ['SISMEMBER k b', ':0'],
    ],
    onShard: opSIsMember,
  },
  {
    name: 'SMISMEMBER',
    since: '6.2.0',
    arity: -3,
    flags: ['readonly', 'fast'],
    group: 'set',
    summary: 'Tells of each of several members whether a set has it.',
    complexity: PER_MEMBER,
    usage: 'key member [member ...]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['SMISMEMBER k a b', '*2\r\n:0\r\n:0'],
      ['SADD k a', ':1'],
      ['SMISMEMBER k b a a', '*3\r\n:0\r\n:1\r\n:1'],
    ],
    onShard: opSMIsMember,
  },
  {
    name: 'SCARD',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'set',
    summary: 'Counts the members of a set.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['SCARD k', ':0'],
      ['SADD k a b', ':2'],
      ['SCARD k', ':2'],
    ],
    onShard: opSCard,
  },
  ...SET_RANDOM_COMMANDS,
  {
    name: 'SMOVE',
    since: '1.0.0',
    arity: 4,
    flags: ['write', 'fast'],
    group: 'set',
    summary: 'Takes a member out of a set and adds it to another.',
    complexity: 'O(1)',
    usage: 'source destination member',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'RW', 'insert')],
    examples: [
      ['SMOVE {k}1 {k}2 a', ':0'],
      ['SADD {k}1 a b', ':2'],
      ['SMOVE {k}1 {k}2 a', ':1'],
      ['SMOVE {k}1 {k}2 a', ':0'],
      ['SMEMBERS {k}2', '*1\r\n$1\r\na'],
    ],
    onShard: opSMove,
    across: { plan: planSMove },
  },
  {
    name: 'SSCAN',
    since: '2.8.0',
    arity: -3,
    flags: ['readonly'],
    group: 'set',
    summary: 'Lists the members of a set step by step.',
    complexity: 'O(COUNT) for every call; O(n) for a whole walk, n = members of the set',
    usage: 'key cursor [MATCH pattern] [COUNT count]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['SADD k 3 1 2', ':3'],
      ['SSCAN k 0', '*2\r\n$1\r\n0\r\n*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3'],
      ['SSCAN k 0 MATCH [2-9] COUNT 100', '*2\r\n$1\r\n0\r\n*2\r\n$1\r\n2\r\n$1\r\n3'],
      ['SSCAN none 0', '*2\r\n$1\r\n0\r\n*0'],
      ['SSCAN k x', `-${ERRORS.invalidCursor}`],
    ],
    onShard: opSScan,
  },
  ...SET_ALGEBRA_COMMANDS,
];
