// Deadlines of fields: HEXPIRE and its three forms, HTTL and its three, HPERSIST (Redis 7.4).
//
//   HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]
//
// A deadline is a Unix time in milliseconds of at most 46 bits, as in Redis: a plain number.
//
// (1) What is under the key is looked at first, then the time, the condition, the word FIELDS, the number of fields: the
//     first trouble in that order is the one the client is told.
// (2) Without a deadline a field counts as living for ever: GT never applies to it, LT always does.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, invalidExpire } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec, type ShardOp } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { NO_DEADLINE } from '../values/hash.js';
import { int64Near } from './arguments.js';
import { findField, hash, NO_HASH, openHash, settle, WRONG_TYPE } from './hash-values.js';

const NX = bytesOf('NX');
const XX = bytesOf('XX');
const GT = bytesOf('GT');
const LT = bytesOf('LT');
const FIELDS = bytesOf('FIELDS');

/** The latest deadline. */
const DEADLINE_MAX = 2 ** 46 - 1;

/** What is told of each field. */
const NO_FIELD = -2;
const NO_TTL = -1;
const NOT_MET = 0;
const DONE = 1;
const DELETED = 2;

const TIME_NEGATIVE = 'ERR invalid expire time, must be >= 0';
export const FIELDS_MISSING = 'ERR Mandatory argument FIELDS is missing or not at the right position';
const TOO_FEW_FIELDS = 'ERR Parameter `numFields` should be greater than 0';
export const BAD_FIELD_COUNT = 'ERR Number of fields must be a positive integer';
export const FIELDS_DO_NOT_MATCH = 'ERR The `numfields` parameter must match the number of arguments';

/**
 * The deadline that the time at argument `i` asks for, in seconds or milliseconds (`unitMs`), from `baseMs` on; NaN: the
 * error has been replied.
 */
export function readDeadline(
  args: Args,
  i: number,
  unitMs: number,
  baseMs: number,
  name: string,
  reply: Reply,
): number {
  const time = int64Near(args, i);
  if (Number.isNaN(time)) {
    reply.error(ERRORS.notInteger);
    return NaN;
  }
  if (time < 0) {
    reply.error(TIME_NEGATIVE);
    return NaN;
  }
  const deadline = time * unitMs + baseMs;
  if (deadline <= DEADLINE_MAX) return deadline;
  reply.error(invalidExpire(name));
  return NaN;
}

/**
 * Reads `FIELDS numfields` from argument `i` on, the fields being all that is left; the index of the first one, 0 when the
 * error (`badCount` for a number that is none) has been replied.
 */
export function readFields(args: Args, i: number, badCount: string, reply: Reply): number {
  if (i >= args.count || !args.is(i, FIELDS)) {
    reply.error(FIELDS_MISSING);
    return 0;
  }
  const fields = i + 1 < args.count ? int64Near(args, i + 1) : NaN;
  if (!(fields >= 1)) {
    reply.error(badCount);
    return 0;
  }
  if (fields !== args.count - i - 2) {
    reply.error(FIELDS_DO_NOT_MATCH);
    return 0;
  }
  return i + 2;
}

// ---------------------------------------------------------------------- HEXPIRE

const ALWAYS = 0;
const IF_NONE = 1;
const IF_SOME = 2;
const IF_GREATER = 3;
const IF_LESS = 4;

/** The condition that argument `i` names; ALWAYS when it names none. */
function readCondition(args: Args, i: number): number {
  if (args.is(i, NX)) return IF_NONE;
  if (args.is(i, XX)) return IF_SOME;
  if (args.is(i, GT)) return IF_GREATER;
  return args.is(i, LT) ? IF_LESS : ALWAYS;
}

/** True when the condition lets `deadline` take the place of `current`. */
function allows(condition: number, current: number, deadline: number): boolean {
  switch (condition) {
    case IF_NONE:
      return current === NO_DEADLINE;
    case IF_SOME:
      return current !== NO_DEADLINE;
    case IF_GREATER:
      return deadline > current;
    case IF_LESS:
      return deadline < current;
    default:
      return true;
  }
}

/**
 * Gives the cursor's field, which is named by argument `i`, a deadline; one that has come deletes it. DONE or DELETED. The
 * caller settles the hash.
 */
export function applyDeadline(db: Db, args: Args, i: number, deadline: number): number {
  if (deadline <= db.shard.nowMs) {
    hash.remove();
    db.shard.counters.expiredParts(1);
    return DELETED;
  }
  hash.setDeadline(args.bytes, args.starts[i], args.ends[i], deadline);
  return DONE;
}

/** `name` is the command's in lower case, for its error; `relative` counts from now. */
function expireCommand(name: string, unitMs: 1 | 1000, relative: boolean): ShardOp {
  return (db, args, reply) => {
    const state = openHash(db, db.lookupWrite(args, 1), reply);
    if (state === WRONG_TYPE) return;
    const deadline = readDeadline(args, 2, unitMs, relative ? db.shard.nowMs : 0, name, reply);
    if (Number.isNaN(deadline)) return;
    const condition = readCondition(args, 3);
    const first = readFields(args, condition === ALWAYS ? 3 : 4, TOO_FEW_FIELDS, reply);
    if (first === 0) return;
    reply.array(args.count - first);
    let changed = false;
    for (let i = first; i < args.count; i++) {
      let result = NO_FIELD;
      if (state !== NO_HASH && findField(args, i)) {
        result = allows(condition, hash.deadline, deadline) ? applyDeadline(db, args, i, deadline) : NOT_MET;
        changed ||= result !== NOT_MET;
      }
      reply.integer(result);
    }
    if (changed) settle(db, args, 1);
  };
}

// ---------------------------------------------------------------------- HTTL, HPERSIST

/** The four questions; `absolute` gives the deadline, not the rest. Seconds are rounded up. */
function ttlCommand(inSeconds: boolean, absolute: boolean): ShardOp {
  return (db, args, reply) => {
    const state = openHash(db, db.lookupRead(args, 1), reply);
    if (state === WRONG_TYPE) return;
    const first = readFields(args, 2, BAD_FIELD_COUNT, reply);
    if (first === 0) return;
    reply.array(args.count - first);
    for (let i = first; i < args.count; i++) {
      if (state === NO_HASH || !findField(args, i)) {
        reply.integer(NO_FIELD);
      } else if (hash.deadline === NO_DEADLINE) {
        reply.integer(NO_TTL);
      } else {
        const ms = hash.deadline - (absolute ? 0 : db.shard.nowMs);
        reply.integer(inSeconds ? Math.floor((ms + 999) / 1000) : ms);
      }
    }
  };
}

function opHPersist(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  const first = readFields(args, 2, BAD_FIELD_COUNT, reply);
  if (first === 0) return;
  reply.array(args.count - first);
  let changed = false;
  for (let i = first; i < args.count; i++) {
    if (state === NO_HASH || !findField(args, i)) {
      reply.integer(NO_FIELD);
    } else if (hash.deadline === NO_DEADLINE) {
      reply.integer(NO_TTL);
    } else {
      hash.setDeadline(args.bytes, args.starts[i], args.ends[i], NO_DEADLINE);
      changed = true;
      reply.integer(DONE);
    }
  }
  if (changed) settle(db, args, 1);
}

// ---------------------------------------------------------------------- declarations

const PER_FIELD = 'O(n), n = fields given';
const CONDITIONS = 'condition=[NX | XX | GT | LT]';
const FIELDS_USAGE = 'fields=(FIELDS numfields field [field ...])';

const expiring = {
  since: '7.4.0',
  arity: -6,
  flags: ['write', 'denyoom', 'fast'],
  group: 'hash',
  complexity: PER_FIELD,
  keys: [keyAt(1, 'RW', 'update')],
} as const satisfies Partial<CommandSpec>;

const asking = {
  since: '7.4.0',
  arity: -5,
  flags: ['readonly', 'fast'],
  group: 'hash',
  complexity: PER_FIELD,
  keys: [keyAt(1, 'RO', 'access')],
} as const satisfies Partial<CommandSpec>;

const IN_TIME = ['nondeterministic_output'] as const;

export const HASH_DEADLINE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'HEXPIRE',
    ...expiring,
    summary: 'Gives fields of a hash a time to live in seconds.',
    usage: `key seconds ${CONDITIONS} ${FIELDS_USAGE}`,
    examples: [
      ['HEXPIRE k 10 FIELDS 1 a', '*1\r\n:-2'],
      ['HSET k a 1 b 2', ':2'],
      ['HEXPIRE k 100 FIELDS 2 a x', '*2\r\n:1\r\n:-2'],
      ['HTTL k FIELDS 2 a b', '*2\r\n:100\r\n:-1'],
      ['HEXPIRE k 50 GT FIELDS 2 a b', '*2\r\n:0\r\n:0'],
      ['HEXPIRE k 50 LT FIELDS 2 a b', '*2\r\n:1\r\n:1'],
      ['HEXPIRE k 60 NX FIELDS 1 a', '*1\r\n:0'],
      ['HEXPIRE k 0 XX FIELDS 2 a b', '*2\r\n:2\r\n:2'],
      ['EXISTS k', ':0'],
      ['HEXPIRE k -1 FIELDS 1 a', `-${TIME_NEGATIVE}`],
      ['HEXPIRE k 70368744178 FIELDS 1 a', "-ERR invalid expire time in 'hexpire' command"],
      ['HEXPIRE k 10 SOON FIELDS 1 a', `-${FIELDS_MISSING}`],
      ['HEXPIRE k 10 FIELDS 0 a', `-${TOO_FEW_FIELDS}`],
      ['HEXPIRE k 10 FIELDS 2 a', `-${FIELDS_DO_NOT_MATCH}`],
    ],
    onShard: expireCommand('hexpire', 1000, true),
  },
  {
    name: 'HPEXPIRE',
    ...expiring,
    summary: 'Gives fields of a hash a time to live in milliseconds.',
    usage: `key milliseconds ${CONDITIONS} ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1', ':1'],
      ['HPEXPIRE k 100000 FIELDS 1 a', '*1\r\n:1'],
      ['HTTL k FIELDS 1 a', '*1\r\n:100'],
    ],
    onShard: expireCommand('hpexpire', 1, true),
  },
  {
    name: 'HEXPIREAT',
    ...expiring,
    summary: 'Sets the moment when fields of a hash expire, as a Unix time in seconds.',
    usage: `key unix-time-seconds ${CONDITIONS} ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1', ':1'],
      ['HEXPIREAT k 33177117420 FIELDS 1 a', '*1\r\n:1'],
      ['HEXPIRETIME k FIELDS 1 a', '*1\r\n:33177117420'],
      ['HEXPIREAT k 1 FIELDS 1 a', '*1\r\n:2'],
      ['EXISTS k', ':0'],
    ],
    onShard: expireCommand('hexpireat', 1000, false),
  },
  {
    name: 'HPEXPIREAT',
    ...expiring,
    summary: 'Sets the moment when fields of a hash expire, as a Unix time in milliseconds.',
    usage: `key unix-time-milliseconds ${CONDITIONS} ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1', ':1'],
      ['HPEXPIREAT k 33177117420001 FIELDS 1 a', '*1\r\n:1'],
      ['HPEXPIRETIME k FIELDS 1 a', '*1\r\n:33177117420001'],
      ['HEXPIRETIME k FIELDS 1 a', '*1\r\n:33177117421'],
    ],
    onShard: expireCommand('hpexpireat', 1, false),
  },
  {
    name: 'HTTL',
    ...asking,
    summary: 'Tells how many seconds fields of a hash have left.',
    usage: `key ${FIELDS_USAGE}`,
    tips: IN_TIME,
    examples: [
      ['HTTL k FIELDS 1 a', '*1\r\n:-2'],
      ['HSET k a 1', ':1'],
      ['HTTL k FIELDS 1 a', '*1\r\n:-1'],
      ['HTTL k FIELDS x a', `-${BAD_FIELD_COUNT}`],
      ['HTTL k FIELDS 1 a b', `-${FIELDS_DO_NOT_MATCH}`],
      ['HTTL k FIELD 1 a', `-${FIELDS_MISSING}`],
    ],
    onShard: ttlCommand(true, false),
  },
  {
    name: 'HPTTL',
    ...asking,
    summary: 'Tells how many milliseconds fields of a hash have left.',
    usage: `key ${FIELDS_USAGE}`,
    tips: IN_TIME,
    examples: [
      ['HSET k a 1', ':1'],
      ['HPTTL k FIELDS 2 a b', '*2\r\n:-1\r\n:-2'],
    ],
    onShard: ttlCommand(false, false),
  },
  {
    name: 'HEXPIRETIME',
    ...asking,
    summary: 'Tells when fields of a hash expire, as a Unix time in seconds.',
    usage: `key ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HEXPIREAT k 33177117420 FIELDS 1 a', '*1\r\n:1'],
      ['HEXPIRETIME k FIELDS 3 a b c', '*3\r\n:33177117420\r\n:-1\r\n:-2'],
    ],
    onShard: ttlCommand(true, true),
  },
  {
    name: 'HPEXPIRETIME',
    ...asking,
    summary: 'Tells when fields of a hash expire, as a Unix time in milliseconds.',
    usage: `key ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1', ':1'],
      ['HPEXPIREAT k 33177117420123 FIELDS 1 a', '*1\r\n:1'],
      ['HPEXPIRETIME k FIELDS 1 a', '*1\r\n:33177117420123'],
    ],
    onShard: ttlCommand(false, true),
  },
  {
    name: 'HPERSIST',
    ...expiring,
    arity: -5,
    flags: ['write', 'fast'],
    summary: 'Takes the deadlines of fields of a hash away.',
    usage: `key ${FIELDS_USAGE}`,
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HEXPIRE k 100 FIELDS 1 a', '*1\r\n:1'],
      ['HPERSIST k FIELDS 3 a b c', '*3\r\n:1\r\n:-1\r\n:-2'],
      ['HTTL k FIELDS 1 a', '*1\r\n:-1'],
    ],
    onShard: opHPersist,
  },
];
