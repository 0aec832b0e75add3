// Strings as numbers: INCR and its family on int64, INCRBYFLOAT on long doubles.
//
// Sums that stay within 2^53 are plain numbers and make no garbage; the rest of int64 goes through BigInt.

import { INT64_MAX, INT64_MIN, writeInteger } from '../base/integers.js';
import { addLongDoubles, formatLongDouble, LONG_DOUBLE_CHARS_MAX, parseLongDouble } from '../base/long-double.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Ref } from '../memory/arena.js';
import { KEEP_TTL, type Db } from '../shard/db.js';
import { isString, newView } from './arguments.js';

const DECREMENT_OVERFLOW = 'ERR decrement would overflow';
const NOT_FINITE = 'ERR increment would produce NaN or Infinity';

/** Adds a safe integer to the key at argument 1 and replies with the sum. */
function addTo(db: Db, args: Args, reply: Reply, amount: number): void {
  const entry = db.lookupWrite(args, 1);
  if (entry === 0) {
    db.setInteger(args, 1, amount);
    reply.integer(amount);
    return;
  }
  if (!isString(db, entry, reply)) return;
  const sum = db.stringInteger(entry) + amount;
  if (Number.isSafeInteger(sum)) {
    db.setInteger(args, 1, sum);
    reply.integer(sum);
  } else {
    addExactly(db, args, reply, entry, BigInt(amount));
  }
}

/** The same for any int64. `entry` is the live string at argument 1, or 0. */
function addExactly(db: Db, args: Args, reply: Reply, entry: Ref, amount: bigint): void {
  const old = entry === 0 ? 0n : db.stringBigint(entry);
  if (old === undefined) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const sum = old + amount;
  if (sum > INT64_MAX || sum < INT64_MIN) {
    reply.error(ERRORS.overflow);
    return;
  }
  db.setBigint(args, 1, sum);
  reply.bigInteger(sum);
}

/** Adds an amount that is no safe integer: an int64, or an error. */
function addFarArgument(db: Db, args: Args, reply: Reply, negate: boolean): void {
  const amount = args.bigint(2);
  if (amount === undefined) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (negate && amount === INT64_MIN) {
    reply.error(DECREMENT_OVERFLOW);
    return;
  }
  const entry = db.lookupWrite(args, 1);
  if (entry !== 0 && !isString(db, entry, reply)) return;
  addExactly(db, args, reply, entry, negate ? -amount : amount);
}

function opIncr(db: Db, args: Args, reply: Reply): void {
  addTo(db, args, reply, 1);
}

function opDecr(db: Db, args: Args, reply: Reply): void {
  addTo(db, args, reply, -1);
}

function opIncrBy(db: Db, args: Args, reply: Reply): void {
  const amount = args.integer(2);
  if (Number.isNaN(amount)) addFarArgument(db, args, reply, false);
  else addTo(db, args, reply, amount);
}

function opDecrBy(db: Db, args: Args, reply: Reply): void {
  const amount = args.integer(2);
  if (Number.isNaN(amount)) addFarArgument(db, args, reply, true);
  // A difference: the negation of 0 would be -0.
  else addTo(db, args, reply, 0 - amount);
}

const view = newView();
/** The text of a sum; grown once to what the longest long double takes. */
let digits = new Uint8Array(64);

function opIncrByFloat(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupWrite(args, 1);
  if (entry !== 0 && !isString(db, entry, reply)) return;
  // Integers on both sides are exact in either arithmetic.
  const plainSum = (entry === 0 ? 0 : db.stringInteger(entry)) + args.integer(2);
  if (Number.isSafeInteger(plainSum)) {
    storeDigits(db, args, reply, writeInteger(digits, 0, plainSum));
    return;
  }
  let sum = parseLongDouble(args.bytes, args.starts[2], args.ends[2]);
  if (entry !== 0) {
    db.readString(entry, view);
    const old = parseLongDouble(view.bytes, view.start, view.end);
    sum = old === undefined || sum === undefined ? undefined : addLongDoubles(old, sum);
  }
  if (sum === undefined) {
    reply.error(ERRORS.notFloat);
    return;
  }
  if (sum.infinite !== 0) {
    reply.error(NOT_FINITE);
    return;
  }
  const text = formatLongDouble(sum);
  if (text.length > digits.length) digits = new Uint8Array(LONG_DOUBLE_CHARS_MAX);
  for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i);
  storeDigits(db, args, reply, text.length);
}

/** Stores and replies the first `length` bytes of `digits`; a TTL stays. */
function storeDigits(db: Db, args: Args, reply: Reply, length: number): void {
  db.setString(args, 1, digits, 0, length, KEEP_TTL);
  reply.bulk(digits, 0, length);
}

const NOT_INTEGER_REPLY = `-${ERRORS.notInteger}`;

export const STRING_NUMBER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'INCR',
    since: '1.0.0',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Adds one to the integer at a key, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['INCR k', ':1'],
      ['INCR k', ':2'],
      ['SET k 9223372036854775806', '+OK'],
      ['INCR k', ':9223372036854775807'],
      ['INCR k', `-${ERRORS.overflow}`],
      ['SET k x', '+OK'],
      ['INCR k', NOT_INTEGER_REPLY],
    ],
    onShard: opIncr,
  },
  {
    name: 'DECR',
    since: '1.0.0',
    arity: 2,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Subtracts one from the integer at a key, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['DECR k', ':-1'],
      ['SET k -9223372036854775808', '+OK'],
      ['DECR k', `-${ERRORS.overflow}`],
    ],
    onShard: opDecr,
  },
  {
    name: 'INCRBY',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Adds an integer to the one at a key, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key increment',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['INCRBY k 5', ':5'],
      ['INCRBY k -7', ':-2'],
      ['INCRBY k 9223372036854775807', ':9223372036854775805'],
      ['INCRBY k 3', `-${ERRORS.overflow}`],
      ['INCRBY k 1.5', NOT_INTEGER_REPLY],
    ],
    onShard: opIncrBy,
  },
  {
    name: 'DECRBY',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Subtracts an integer from the one at a key, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key decrement',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['DECRBY k 5', ':-5'],
      ['DECRBY k 0', ':-5'],
      ['DECRBY k -9223372036854775808', `-${DECREMENT_OVERFLOW}`],
    ],
    onShard: opDecrBy,
  },
  {
    name: 'INCRBYFLOAT',
    since: '2.6.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Adds a number to the one at a key, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key increment:double',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['SET k 10.50', '+OK'],
      ['INCRBYFLOAT k 0.1', '$4\r\n10.6'],
      ['INCRBYFLOAT k -5.6', '$1\r\n5'],
      ['INCRBYFLOAT k 2.0e2', '$3\r\n205'],
      ['INCRBYFLOAT k abc', `-${ERRORS.notFloat}`],
      ['INCRBYFLOAT k +inf', `-${NOT_FINITE}`],
      ['INCRBYFLOAT new 3', '$1\r\n3'],
    ],
    onShard: opIncrByFloat,
  },
];
