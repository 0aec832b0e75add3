// Times to live: EXPIRE and its three forms, TTL and its three, PERSIST.
//
// A deadline is a Unix time in milliseconds, an int64. Requests whose numbers stay exact as doubles (all that a clock
// will show in the next 285,000 years) take the plain path; the rest of the int64 range goes through BigInt, because
// Redis accepts it and PEXPIRETIME gives it back to the last digit.
//
// (1) Options are read before the number, the number before the key is looked at: the first trouble in that order
//     is the one the client is told.
// (2) Without a TTL a key counts as living for ever: GT never applies to it, LT always does.

import { INT64_MAX, INT64_MIN } from '../base/integers.js';
import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, invalidExpire } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec, type ShardOp } from '../contract/spec.js';
import { NO_EXPIRY, type Db } from '../shard/db.js';

const NX = bytesOf('NX');
const XX = bytesOf('XX');
const GT = bytesOf('GT');
const LT = bytesOf('LT');

/** Conditions as bits. */
const IF_NONE = 1;
const IF_SOME = 2;
const IF_GREATER = 4;
const IF_LESS = 8;
const BAD_OPTIONS = -1;

/** Seconds and milliseconds up to these stay exact when multiplied by 1000 and added to the time of day. */
const PLAIN_SECONDS_MAX = 9e12;
const PLAIN_MS_MAX = 9e15;

const NX_WITH_OTHERS = 'ERR NX and XX, GT or LT options at the same time are not compatible';
const GT_WITH_LT = 'ERR GT and LT options at the same time are not compatible';

/** Reads the conditions from argument 3 on; BAD_OPTIONS when the error has been replied. */
function readConditions(args: Args, reply: Reply): number {
  let conditions = 0;
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, NX)) conditions |= IF_NONE;
    else if (args.is(i, XX)) conditions |= IF_SOME;
    else if (args.is(i, GT)) conditions |= IF_GREATER;
    else if (args.is(i, LT)) conditions |= IF_LESS;
    else {
      reply.error(`ERR Unsupported option ${upToNul(args.latin1(i))}`);
      return BAD_OPTIONS;
    }
  }
  if ((conditions & IF_NONE) !== 0 && conditions !== IF_NONE) {
    reply.error(NX_WITH_OTHERS);
    return BAD_OPTIONS;
  }
  if ((conditions & IF_GREATER) !== 0 && (conditions & IF_LESS) !== 0) {
    reply.error(GT_WITH_LT);
    return BAD_OPTIONS;
  }
  return conditions;
}

/** Redis echoes arguments as C strings. */
function upToNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** True when the conditions let `at` take the place of `current` (NO_EXPIRY: none). */
function allows(conditions: number, current: number | bigint, at: number | bigint): boolean {
  if (conditions === 0) return true;
  const none = current === NO_EXPIRY || current === -1n;
  if ((conditions & IF_NONE) !== 0 && !none) return false;
  if ((conditions & IF_SOME) !== 0 && none) return false;
  if ((conditions & IF_GREATER) !== 0 && (none || at <= current)) return false;
  return (conditions & IF_LESS) === 0 || none || at < current;
}

/**
 * The four EXPIREs. `name` is the command's in lower case, for its error; `unitMs` is 1 or 1000; `relative` counts from
 * now. Replies 1 when a TTL was set (or the key deleted because its time is past), 0 when not.
 */
function expireCommand(name: string, unitMs: 1 | 1000, relative: boolean): ShardOp {
  const plainMax = unitMs === 1 ? PLAIN_MS_MAX : PLAIN_SECONDS_MAX;
  const invalid = invalidExpire(name);
  return (db, args, reply) => {
    const conditions = readConditions(args, reply);
    if (conditions === BAD_OPTIONS) return;
    const amount = args.integer(2);
    // NaN fails the comparison as well: it is no safe integer, perhaps no integer.
    if (!(Math.abs(amount) <= plainMax)) {
      expireFar(db, args, reply, conditions, BigInt(unitMs), relative, invalid);
      return;
    }
    const nowMs = db.shard.nowMs;
    const at = amount * unitMs + (relative ? nowMs : 0);
    const entry = db.lookupWrite(args, 1);
    if (entry === 0 || !allows(conditions, conditions === 0 ? NO_EXPIRY : db.expireAt(entry), at)) {
      reply.integer(0);
      return;
    }
    if (at <= nowMs) db.delete(args, 1);
    else db.setExpireAt(args, 1, at);
    reply.integer(1);
  };
}

/** The same for what does not fit a double. */
function expireFar(
  db: Db,
  args: Args,
  reply: Reply,
  conditions: number,
  unitMs: bigint,
  relative: boolean,
  invalid: string,
): void {
  const amount = args.bigint(2);
  if (amount === undefined) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const nowMs = BigInt(db.shard.nowMs);
  // Division truncates towards zero, as in C: the two bounds are those of the multiplication.
  if (amount > INT64_MAX / unitMs || amount < INT64_MIN / unitMs) {
    reply.error(invalid);
    return;
  }
  const at = amount * unitMs + (relative ? nowMs : 0n);
  if (at > INT64_MAX) {
    reply.error(invalid);
    return;
  }
  const entry = db.lookupWrite(args, 1);
  if (entry === 0 || !allows(conditions, db.expireAtBig(entry), at)) {
    reply.integer(0);
    return;
  }
  if (at <= nowMs) db.delete(args, 1);
  else db.setExpireAt(args, 1, at);
  reply.integer(1);
}

/** Milliseconds are rounded to the nearest second. */
function toSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}

/** The four questions. Replies -2 without the key, -1 without a TTL. `absolute` gives the deadline, not the rest. */
function ttlCommand(inSeconds: boolean, absolute: boolean): ShardOp {
  return (db, args, reply) => {
    const entry = db.lookupNoTouch(args, 1);
    if (entry === 0) {
      reply.integer(-2);
      return;
    }
    const at = db.expireAt(entry);
    if (at === NO_EXPIRY) {
      reply.integer(-1);
      return;
    }
    if (at > PLAIN_MS_MAX) {
      const farMs = db.expireAtBig(entry) - (absolute ? 0n : BigInt(db.shard.nowMs));
      reply.bigInteger(inSeconds ? (farMs + 500n) / 1000n : farMs);
      return;
    }
    const ms = absolute ? at : Math.max(0, at - db.shard.nowMs);
    reply.integer(inSeconds ? toSeconds(ms) : ms);
  };
}

function opPersist(db: Db, args: Args, reply: Reply): void {
  const persisted = db.lookupWrite(args, 1) !== 0 && db.persist(args, 1);
  reply.integer(persisted ? 1 : 0);
}

const CONDITIONS_SINCE = [['7.0.0', 'Added options: `NX`, `XX`, `GT` and `LT`.']] as const;
const ANSWER_SINCE = [['2.8.0', 'Added the -2 reply.']] as const;

export const EXPIRE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'EXPIRE',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Gives a key a time to live in seconds.',
    complexity: 'O(1)',
    usage: 'key seconds [NX | XX | GT | LT]@7.0.0',
    keys: [keyAt(1, 'RW', 'update')],
    history: CONDITIONS_SINCE,
    examples: [
      ['EXPIRE k 10', ':0'],
      ['SET k v', '+OK'],
      ['EXPIRE k 100', ':1'],
      ['TTL k', ':100'],
      ['EXPIRE k 50 GT', ':0'],
      ['EXPIRE k 200 GT', ':1'],
      ['EXPIRE k 300 NX', ':0'],
      ['EXPIRE k 10 NX XX', `-${NX_WITH_OTHERS}`],
      ['EXPIRE k 10 SOON', '-ERR Unsupported option SOON'],
      ['EXPIRE k 9223372036854775807', "-ERR invalid expire time in 'expire' command"],
      ['EXPIRE k -1', ':1'],
      ['EXISTS k', ':0'],
    ],
    onShard: expireCommand('expire', 1000, true),
  },
  {
    name: 'PEXPIRE',
    since: '2.6.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Gives a key a time to live in milliseconds.',
    complexity: 'O(1)',
    usage: 'key milliseconds [NX | XX | GT | LT]@7.0.0',
    keys: [keyAt(1, 'RW', 'update')],
    history: CONDITIONS_SINCE,
    examples: [
      ['SET k v', '+OK'],
      ['PEXPIRE k 100000 XX', ':0'],
      ['PEXPIRE k 100000', ':1'],
      ['TTL k', ':100'],
      ['PEXPIRE k 9223372036854775807', "-ERR invalid expire time in 'pexpire' command"],
    ],
    onShard: expireCommand('pexpire', 1, true),
  },
  {
    name: 'EXPIREAT',
    since: '1.2.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Sets the moment when a key expires, as a Unix time in seconds.',
    complexity: 'O(1)',
    usage: 'key unix-time-seconds [NX | XX | GT | LT]@7.0.0',
    keys: [keyAt(1, 'RW', 'update')],
    history: CONDITIONS_SINCE,
    examples: [
      ['SET k v', '+OK'],
      ['EXPIREAT k 33177117420', ':1'],
      ['EXPIRETIME k', ':33177117420'],
      ['EXPIREAT k 9223372036854775', ':1'],
      ['PEXPIRETIME k', ':9223372036854775000'],
      ['EXPIREAT k 1', ':1'],
      ['EXISTS k', ':0'],
    ],
    onShard: expireCommand('expireat', 1000, false),
  },
  {
    name: 'PEXPIREAT',
    since: '2.6.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Sets the moment when a key expires, as a Unix time in milliseconds.',
    complexity: 'O(1)',
    usage: 'key unix-time-milliseconds [NX | XX | GT | LT]@7.0.0',
    keys: [keyAt(1, 'RW', 'update')],
    history: CONDITIONS_SINCE,
    examples: [
      ['SET k v', '+OK'],
      ['PEXPIREAT k 33177117420001', ':1'],
      ['PEXPIRETIME k', ':33177117420001'],
      ['PEXPIREAT k 9223372036854775807 LT', ':0'],
    ],
    onShard: expireCommand('pexpireat', 1, false),
  },
  {
    name: 'TTL',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Tells how many seconds a key has left.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: ANSWER_SINCE,
    examples: [
      ['TTL k', ':-2'],
      ['SET k v', '+OK'],
      ['TTL k', ':-1'],
      ['SET k v EX 20', '+OK'],
      ['TTL k', ':20'],
    ],
    onShard: ttlCommand(true, false),
  },
  {
    name: 'PTTL',
    since: '2.6.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Tells how many milliseconds a key has left.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: ANSWER_SINCE,
    examples: [
      ['PTTL k', ':-2'],
      ['SET k v', '+OK'],
      ['PTTL k', ':-1'],
    ],
    onShard: ttlCommand(false, false),
  },
  {
    name: 'EXPIRETIME',
    since: '7.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Tells when a key expires, as a Unix time in seconds.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['EXPIRETIME k', ':-2'],
      ['SET k v EXAT 33177117420', '+OK'],
      ['EXPIRETIME k', ':33177117420'],
    ],
    onShard: ttlCommand(true, true),
  },
  {
    name: 'PEXPIRETIME',
    since: '7.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Tells when a key expires, as a Unix time in milliseconds.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['SET k v', '+OK'],
      ['PEXPIRETIME k', ':-1'],
      ['SET k v PXAT 33177117420123', '+OK'],
      ['PEXPIRETIME k', ':33177117420123'],
    ],
    onShard: ttlCommand(false, true),
  },
  {
    name: 'PERSIST',
    since: '2.2.0',
    arity: 2,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: "Takes a key's time to live away.",
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RW', 'update')],
    examples: [
      ['SET k v EX 20', '+OK'],
      ['PERSIST k', ':1'],
      ['PERSIST k', ':0'],
      ['PERSIST missing', ':0'],
    ],
    onShard: opPersist,
  },
];
