// The set commands that give members at random, or all: SPOP, SRANDMEMBER, SMEMBERS.
//
// What SPOP takes out is what it replies, so whoever writes down its effect finds the members in the reply.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { pickMembers, popMembers, sampleMembers, walkAll } from '../values/set-sample.js';
import { int64Near, newView } from './arguments.js';
import { NO_SET, openSet, set, shrunk, WRONG_TYPE } from './set-values.js';

const NOT_POSITIVE = 'ERR value is out of range, must be positive';
const COUNT_OUT_OF_RANGE = 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
/** The one int64 whose opposite is none. */
const INT64_MIN_NEAR = -(2 ** 63);
const INT64_MIN = -(1n << 63n);
/** More bulks than any reply holds. */
const REPLIES_MAX = 2 ** 28;

const view = newView();

function replyPicked(db: Db, reply: Reply): void {
  set.pick(db.shard.random, view);
  reply.bulk(view.bytes, view.start, view.end);
}

// ---------------------------------------------------------------------- SPOP

function opSPop(db: Db, args: Args, reply: Reply): void {
  if (args.count > 3) {
    reply.error(ERRORS.syntax);
    return;
  }
  if (args.count === 3) {
    popCount(db, args, reply);
    return;
  }
  const count = openSet(db, db.lookupWrite(args, 1), reply);
  if (count === WRONG_TYPE) return;
  if (count === NO_SET) {
    reply.nil();
    return;
  }
  replyPicked(db, reply);
  set.removePicked();
  shrunk(db, args, 1);
}

function popCount(db: Db, args: Args, reply: Reply): void {
  const wanted = int64Near(args, 2);
  if (!(wanted >= 0)) {
    reply.error(NOT_POSITIVE);
    return;
  }
  const count = openSet(db, db.lookupWrite(args, 1), reply);
  if (count === WRONG_TYPE) return;
  const n = Math.min(wanted, count);
  reply.set(n);
  if (n === 0) return;
  if (n === count) {
    walkAll(set, reply);
    db.delete(args, 1);
    return;
  }
  const { random, limits, lazyFree } = db.shard;
  const rest = popMembers(db.arena, set, n, random, limits, reply);
  if (rest !== undefined) lazyFree.addValue(rest);
  db.changed(args, 1);
}

// ---------------------------------------------------------------------- SRANDMEMBER, SMEMBERS

function opSRandMember(db: Db, args: Args, reply: Reply): void {
  if (args.count > 3) {
    reply.error(ERRORS.syntax);
    return;
  }
  if (args.count === 3) {
    sampleCount(db, args, reply);
    return;
  }
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count === WRONG_TYPE) return;
  if (count === NO_SET) reply.nil();
  else replyPicked(db, reply);
}

function sampleCount(db: Db, args: Args, reply: Reply): void {
  const wanted = int64Near(args, 2);
  if (Number.isNaN(wanted)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (wanted === INT64_MIN_NEAR && args.bigint(2) === INT64_MIN) {
    reply.error(COUNT_OUT_OF_RANGE);
    return;
  }
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count === WRONG_TYPE) return;
  const { random } = db.shard;
  if (wanted < 0 && count !== NO_SET) {
    if (-wanted > REPLIES_MAX) {
      reply.error(ERRORS.replyTooLong);
      return;
    }
    reply.array(-wanted);
    pickMembers(set, -wanted, random, reply);
    return;
  }
  const n = Math.max(0, Math.min(wanted, count));
  reply.array(n);
  if (n === 0) return;
  if (n === count) walkAll(set, reply);
  else sampleMembers(set, n, random, reply);
}

function opSMembers(db: Db, args: Args, reply: Reply): void {
  const count = openSet(db, db.lookupRead(args, 1), reply);
  if (count === WRONG_TYPE) return;
  reply.set(count);
  if (count !== NO_SET) walkAll(set, reply);
}

// ---------------------------------------------------------------------- declarations

export const SET_RANDOM_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'SMEMBERS',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'set',
    summary: 'Lists all members of a set.',
    complexity: 'O(n), n = members of the set',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output_order'],
    examples: [
      ['SMEMBERS k', '*0'],
      ['SADD k 2 1', ':2'],
      ['SMEMBERS k', '*2\r\n$1\r\n1\r\n$1\r\n2'],
    ],
    onShard: opSMembers,
  },
  {
    name: 'SPOP',
    since: '1.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'set',
    summary: 'Takes members out of a set at random.',
    complexity: 'O(n), n = members returned; one without a count',
    usage: 'key [count]@3.2.0',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    tips: ['nondeterministic_output'],
    history: [['3.2.0', 'Added the `count` argument.']],
    examples: [
      ['SPOP k', '$-1'],
      ['SPOP k 2', '*0'],
      ['SADD k a', ':1'],
      ['SPOP k', '$1\r\na'],
      ['SADD k 2 1', ':2'],
      ['SPOP k 3', '*2\r\n$1\r\n1\r\n$1\r\n2'],
      ['EXISTS k', ':0'],
      ['SPOP k -1', `-${NOT_POSITIVE}`],
    ],
    onShard: opSPop,
  },
  {
    name: 'SRANDMEMBER',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly'],
    group: 'set',
    summary: 'Gives members of a set at random; with a negative count the same one perhaps more than once.',
    complexity: 'O(n), n = members asked for; one without a count',
    usage: 'key [count]@2.6.0',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: [['2.6.0', 'Added the optional `count` argument.']],
    examples: [
      ['SRANDMEMBER k', '$-1'],
      ['SRANDMEMBER k 2', '*0'],
      ['SADD k a', ':1'],
      ['SRANDMEMBER k', '$1\r\na'],
      ['SRANDMEMBER k 5', '*1\r\n$1\r\na'],
      ['SRANDMEMBER k -2', '*2\r\n$1\r\na\r\n$1\r\na'],
    ],
    onShard: opSRandMember,
  },
];
