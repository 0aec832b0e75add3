// The hash commands that set, get and delete single fields. Walking, numbers and deadlines have files of their own.

import type { Args } from '../contract/args.js';
import { wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { newView } from './arguments.js';
import { HASH_DEADLINE_COMMANDS } from './hash-deadlines.js';
import { HASH_EX_COMMANDS } from './hash-ex.js';
import { HASH_NUMBER_COMMANDS } from './hash-numbers.js';
import {
  createHash,
  findField,
  hash,
  inlineBytesOf,
  NO_HASH,
  openHash,
  setField,
  settle,
  WRONG_TYPE,
} from './hash-values.js';
import { HASH_WALK_COMMANDS } from './hash-walk.js';

/** Bytes of a short element of a packed list beside its content. */
const ELEMENT_OVERHEAD_BYTES = 2;

const view = newView();

// ---------------------------------------------------------------------- setting

/** Sets the fields of the request, in pairs from argument 2 on; the number of new ones, -1 when an error was replied. */
function setFields(db: Db, args: Args, reply: Reply, name: string): number {
  const { count, starts, ends } = args;
  if ((count & 1) === 1) {
    reply.error(wrongArity(name));
    return -1;
  }
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return -1;
  let bytes = 0;
  let longest = 0;
  for (let i = 2; i < count; i++) {
    const length = ends[i] - starts[i];
    bytes += length + ELEMENT_OVERHEAD_BYTES;
    if (length > longest) longest = length;
  }
  if (state === NO_HASH) {
    if (longest > db.shard.limits.hashMaxListpackValue) createHash(db, args, 1, Infinity, 0);
    else createHash(db, args, 1, inlineBytesOf(args, 2), bytes);
  }
  hash.reserve(longest);
  let created = 0;
  for (let i = 2; i < count; i += 2) if (setField(args, i)) created++;
  settle(db, args, 1);
  return created;
}

function opHSet(db: Db, args: Args, reply: Reply): void {
  const created = setFields(db, args, reply, 'hset');
  if (created >= 0) reply.integer(created);
}

function opHMSet(db: Db, args: Args, reply: Reply): void {
  if (setFields(db, args, reply, 'hmset') >= 0) reply.ok();
}

function opHSetNx(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  if (state === NO_HASH) {
    createHash(db, args, 1, inlineBytesOf(args, 2));
  } else if (findField(args, 2)) {
    reply.integer(0);
    return;
  }
  setField(args, 2);
  settle(db, args, 1);
  reply.integer(1);
}

// ---------------------------------------------------------------------- getting

/** Replies with the value of the field at argument `i` of the open hash. */
export function replyValue(args: Args, i: number, reply: Reply): boolean {
  if (!findField(args, i)) {
    reply.nil();
    return false;
  }
  hash.readValue(view);
  reply.bulk(view.bytes, view.start, view.end);
  return true;
}

function opHGet(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  if (state === NO_HASH) reply.nil();
  else replyValue(args, 2, reply);
}

function opHMGet(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (state === NO_HASH) reply.nil();
    else replyValue(args, i, reply);
  }
}

function opHLen(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state !== WRONG_TYPE) reply.integer(state === NO_HASH ? 0 : hash.length);
}

function opHExists(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state !== WRONG_TYPE) reply.integer(state !== NO_HASH && findField(args, 2) ? 1 : 0);
}

function opHStrLen(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  if (state === NO_HASH || !findField(args, 2)) {
    reply.integer(0);
    return;
  }
  hash.readValue(view);
  reply.integer(view.end - view.start);
}

// ---------------------------------------------------------------------- deleting

function opHDel(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupWrite(args, 1), reply);
  if (state === WRONG_TYPE) return;
  let removed = 0;
  if (state !== NO_HASH) {
    for (let i = 2; i < args.count; i++) {
      if (!findField(args, i)) continue;
      hash.remove();
      removed++;
    }
    if (removed > 0) settle(db, args, 1);
  }
  reply.integer(removed);
}

// ---------------------------------------------------------------------- declarations

const PER_SET = 'O(n), n = fields given';
const ONE = 'O(1); in a packed hash O(n), n = fields of the hash, at most hash-max-listpack-entries';

export const HASH_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'HSET',
    since: '2.0.0',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Sets fields of a hash and tells how many of them are new.',
    complexity: PER_SET,
    usage: 'key field value [field value ...]',
    keys: [keyAt(1, 'RW', 'update')],
    history: [['4.0.0', 'Accepts multiple `field` and `value` arguments.']],
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HSET k a 3 c 4', ':1'],
      ['HGET k a', '$1\r\n3'],
      ['HSET k a', "-ERR wrong number of arguments for 'hset' command"],
      ['HSET k a 1 b', "-ERR wrong number of arguments for 'hset' command"],
    ],
    onShard: opHSet,
  },
  {
    name: 'HMSET',
    since: '2.0.0',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Sets fields of a hash.',
    complexity: PER_SET,
    usage: 'key field value [field value ...]',
    keys: [keyAt(1, 'RW', 'update')],
    deprecated: { since: '4.0.0', replacedBy: '`HSET` with multiple field-value pairs' },
    examples: [
      ['HMSET k a 1 b 2', '+OK'],
      ['HGET k b', '$1\r\n2'],
      ['HMSET k a 1 b', "-ERR wrong number of arguments for 'hmset' command"],
    ],
    onShard: opHMSet,
  },
  {
    name: 'HSETNX',
    since: '2.0.0',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hash',
    summary: 'Sets a field of a hash that is not there yet.',
    complexity: ONE,
    usage: 'key field value',
    keys: [keyAt(1, 'RW', 'insert')],
    examples: [
      ['HSETNX k a 1', ':1'],
      ['HSETNX k a 2', ':0'],
      ['HGET k a', '$1\r\n1'],
    ],
    onShard: opHSetNx,
  },
  {
    name: 'HGET',
    since: '2.0.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'hash',
    summary: 'Gives the value of a field.',
    complexity: ONE,
    usage: 'key field',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['HGET k a', '$-1'],
      ['HSET k a 1', ':1'],
      ['HGET k a', '$1\r\n1'],
      ['HGET k b', '$-1'],
      ['SET s v', '+OK'],
      ['HGET s a', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ],
    onShard: opHGet,
  },
  {
    name: 'HMGET',
    since: '2.0.0',
    arity: -3,
    flags: ['readonly', 'fast'],
    group: 'hash',
    summary: 'Gives the values of several fields.',
    complexity: 'O(n), n = fields asked for',
    usage: 'key field [field ...]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['HMGET k a', '*1\r\n$-1'],
      ['HSET k a 1 b 2', ':2'],
      ['HMGET k b x a', '*3\r\n$1\r\n2\r\n$-1\r\n$1\r\n1'],
    ],
    onShard: opHMGet,
  },
  {
    name: 'HLEN',
    since: '2.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'hash',
    summary: 'Counts the fields of a hash.',
    complexity: 'O(1); O(log n) with deadlines, n = fields that have one',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['HLEN k', ':0'],
      ['HSET k a 1 b 2', ':2'],
      ['HLEN k', ':2'],
    ],
    onShard: opHLen,
  },
  {
    name: 'HEXISTS',
    since: '2.0.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'hash',
    summary: 'Tells whether a hash has a field.',
    complexity: ONE,
    usage: 'key field',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['HSET k a 1', ':1'],
      ['HEXISTS k a', ':1'],
      ['HEXISTS k b', ':0'],
      ['HEXISTS none a', ':0'],
    ],
    onShard: opHExists,
  },
  {
    name: 'HSTRLEN',
    since: '3.2.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'hash',
    summary: 'Tells how many bytes the value of a field has.',
    complexity: ONE,
    usage: 'key field',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['HSET k a hello n -100', ':2'],
      ['HSTRLEN k a', ':5'],
      ['HSTRLEN k n', ':4'],
      ['HSTRLEN k x', ':0'],
    ],
    onShard: opHStrLen,
  },
  {
    name: 'HDEL',
    since: '2.0.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'hash',
    summary: 'Deletes fields of a hash, which goes with the last one.',
    complexity: 'O(n), n = fields given',
    usage: 'key field [field ...]',
    keys: [keyAt(1, 'RW', 'delete')],
    history: [['2.4.0', 'Accepts multiple `field` arguments.']],
    examples: [
      ['HSET k a 1 b 2', ':2'],
      ['HDEL k a x', ':1'],
      ['HDEL k b a', ':1'],
      ['EXISTS k', ':0'],
      ['HDEL k a', ':0'],
    ],
    onShard: opHDel,
  },
  ...HASH_WALK_COMMANDS,
  ...HASH_NUMBER_COMMANDS,
  ...HASH_DEADLINE_COMMANDS,
  ...HASH_EX_COMMANDS,
];
