// Values of fields as numbers: HINCRBY on int64, HINCRBYFLOAT on long doubles. A deadline of the field stays.

import { INT64_MAX, INT64_MIN, parseInt64, parseSafeInteger, writeInteger } from '../base/integers.js';
import {
  addLongDoubles,
  formatLongDouble,
  LONG_DOUBLE_CHARS_MAX,
  parseLongDouble,
  type LongDouble,
} from '../base/long-double.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { newView } from './arguments.js';
import { createHash, findField, hash, NO_HASH, openHash, settle, WRONG_TYPE } from './hash-values.js';

const NO_INTEGER = 'ERR hash value is not an integer';
const NO_FLOAT = 'ERR hash value is not a float';
const NOT_FINITE = 'ERR value is NaN or Infinity';
const SUM_NOT_FINITE = 'ERR increment would produce NaN or Infinity';

const view = newView();
/** The text of a sum; grown once to what the longest long double takes. */
let digits = new Uint8Array(64);

/** Stores the first `length` bytes of `digits` as the field at argument 2 of the open hash, or of a new one. */
function storeDigits(db: Db, args: Args, state: number, length: number): void {
  if (state === NO_HASH) createHash(db, args, 1);
  hash.set(args.bytes, args.starts[2], args.ends[2], digits, 0, length, true);
  settle(db, args, 1);
}

function opHIncrBy(db: Db, args: Args, reply: Reply): void {
  const amount = args.integer(3);
  if (Number.isNaN(amount)) {
    const far = args.bigint(3);
    if (far === undefined) reply.error(ERRORS.notInteger);
    else addExactly(db, args, reply, far);
    return;
  }
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  let old = 0;
  if (state !== NO_HASH && findField(args, 2)) {
    hash.readValue(view);
    old = parseSafeInteger(view.bytes, view.start, view.end);
  }
  const sum = old + amount;
  if (!Number.isSafeInteger(sum)) {
    addExactly(db, args, reply, BigInt(amount));
    return;
  }
  storeDigits(db, args, state, writeInteger(digits, 0, sum));
  reply.integer(sum);
}

/** The same for any int64. */
function addExactly(db: Db, args: Args, reply: Reply, amount: bigint): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  let old: bigint | undefined = 0n;
  if (state !== NO_HASH && findField(args, 2)) {
    hash.readValue(view);
    old = parseInt64(view.bytes, view.start, view.end);
  }
  if (old === undefined) {
    reply.error(NO_INTEGER);
    return;
  }
  const sum = old + amount;
  if (sum > INT64_MAX || sum < INT64_MIN) {
    reply.error(ERRORS.overflow);
    return;
  }
  storeDigits(db, args, state, writeText(sum.toString()));
  reply.bigInteger(sum);
}

/** Writes ASCII into `digits` and returns its length. */
function writeText(text: string): number {
  if (text.length > digits.length) digits = new Uint8Array(LONG_DOUBLE_CHARS_MAX);
  for (let i = 0; i < text.length; i++) digits[i] = text.charCodeAt(i);
  return text.length;
}

function opHIncrByFloat(db: Db, args: Args, reply: Reply): void {
  const amount = parseLongDouble(args.bytes, args.starts[3], args.ends[3]);
  if (amount === undefined || amount.infinite !== 0) {
    reply.error(amount === undefined ? ERRORS.notFloat : NOT_FINITE);
    return;
  }
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  let sum: LongDouble | undefined = amount;
  if (state !== NO_HASH && findField(args, 2)) {
    hash.readValue(view);
    const old = parseLongDouble(view.bytes, view.start, view.end);
    sum = old === undefined ? undefined : addLongDoubles(old, amount);
  }
  if (sum === undefined) {
    reply.error(NO_FLOAT);
    return;
  }
  if (sum.infinite !== 0) {
    reply.error(SUM_NOT_FINITE);
    return;
  }
  const length = writeText(formatLongDouble(sum));
  storeDigits(db, args, state, length);
  reply.bulk(digits, 0, length);
}

export const HASH_NUMBER_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'HINCRBY',
    since: '2.0.0',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Adds an integer to the one in a field, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key field increment',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['HINCRBY k n 5', ':5'],
      ['HINCRBY k n -7', ':-2'],
      ['HINCRBY k n 1.5', `-${ERRORS.notInteger}`],
      ['HSET k n 9223372036854775806', ':0'],
      ['HINCRBY k n 1', ':9223372036854775807'],
      ['HINCRBY k n 1', `-${ERRORS.overflow}`],
      ['HSET k s x', ':1'],
      ['HINCRBY k s 1', `-${NO_INTEGER}`],
    ],
    onShard: opHIncrBy,
  },
  {
    name: 'HINCRBYFLOAT',
    since: '2.6.0',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Adds a number to the one in a field, which counts as 0 where there is none.',
    complexity: 'O(1)',
    usage: 'key field increment:double',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['HSET k n 10.50', ':1'],
      ['HINCRBYFLOAT k n 0.1', '$4\r\n10.6'],
      ['HINCRBYFLOAT k n -5.6', '$1\r\n5'],
      ['HINCRBYFLOAT k n 2.0e2', '$3\r\n205'],
      ['HINCRBYFLOAT k n abc', `-${ERRORS.notFloat}`],
      ['HINCRBYFLOAT k n inf', `-${NOT_FINITE}`],
      ['HSET k s x', ':1'],
      ['HINCRBYFLOAT k s 1', `-${NO_FLOAT}`],
      ['HINCRBYFLOAT k new 3', '$1\r\n3'],
    ],
    onShard: opHIncrByFloat,
  },
];
