// The string commands that move whole values and parts of them. Counters stand in string-numbers.ts, LCS in lcs.ts, the
// options of SET and GETEX in string-options.ts.
//
// (1) The reply is written before the value it shows is replaced: a StringView ends with the next write.
// (2) GET, SET, SETEX, GETRANGE, MGET and MSET make no garbage.
// (3) An op sees keys of its own shard only; how a command runs over several is said by its `across`.
//
// Limit: a string has at most proto-max-bulk-len bytes (`shard.stringBytesMax`); one that arrives whole was measured by
// the request decoder, one that grows in place is measured here.

import { copyBytes, equalBytes, NO_BYTES } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { PlanPort, PlanRun } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Ref } from '../memory/arena.js';
import { KEEP_TTL, NO_EXPIRY, type Db } from '../shard/db.js';
import { TYPE } from '../values/types.js';
import { int64Exceeds, int64Near, isString, newView } from './arguments.js';
import { setKeyFlags } from './key-flags.js';
import { LCS_COMMANDS } from './lcs.js';
import { STRING_NUMBER_COMMANDS } from './string-numbers.js';
import {
  applyDeadline,
  BAD_DEADLINE,
  BAD_OPTIONS,
  comparedIndex,
  GETEX_OPTIONS,
  OPTION,
  optionDeadline,
  readDeadline,
  readOptions,
  SET_OPTIONS,
  setWithDeadline,
} from './string-options.js';

const view = newView();

/** Replies with the string that `entry` holds. */
function replyString(db: Db, entry: Ref, reply: Reply): void {
  db.readString(entry, view);
  reply.bulk(view.bytes, view.start, view.end);
}

/** Replies with the value at argument 1 or nil. False: it is no string, and the client has been told. */
function replyOld(db: Db, args: Args, reply: Reply): boolean {
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.nil();
    return true;
  }
  if (!isString(db, entry, reply)) return false;
  replyString(db, entry, reply);
  return true;
}

function opGet(db: Db, args: Args, reply: Reply): void {
  replyOld(db, args, reply);
}

/** True when the key at argument 1 holds the string at argument `i`; undefined: no string, and the client has been told. */
function isEqual(db: Db, args: Args, i: number, reply: Reply): boolean | undefined {
  const entry = db.lookupWrite(args, 1);
  if (entry === 0) return false;
  if (!isString(db, entry, reply)) return undefined;
  db.readString(entry, view);
  return equalBytes(view.bytes, view.start, view.end, args.bytes, args.starts[i], args.ends[i]);
}

function opDelIfEq(db: Db, args: Args, reply: Reply): void {
  const equal = isEqual(db, args, 2, reply);
  if (equal === undefined) return;
  if (equal) db.delete(args, 1);
  reply.integer(equal ? 1 : 0);
}

function opSet(db: Db, args: Args, reply: Reply): void {
  if (args.count === 3) {
    db.setString(args, 1, args.bytes, args.starts[2], args.ends[2], NO_EXPIRY);
    reply.ok();
    return;
  }
  const options = readOptions(args, 3, SET_OPTIONS);
  if (options === BAD_OPTIONS) {
    reply.error(ERRORS.syntax);
    return;
  }
  const deadline = optionDeadline(db, args, options, 'set', reply);
  if (deadline === BAD_DEADLINE) return;
  const wantsOld = (options & OPTION.get) !== 0;
  if (wantsOld && !replyOld(db, args, reply)) return;
  if ((options & OPTION.ifEq) !== 0) {
    const equal = isEqual(db, args, comparedIndex, reply);
    if (equal === undefined) return;
    if (!equal) {
      if (!wantsOld) reply.nil();
      return;
    }
  } else if ((options & (OPTION.nx | OPTION.xx)) !== 0) {
    const exists = db.lookupWrite(args, 1) !== 0;
    if (exists === ((options & OPTION.nx) !== 0)) {
      if (!wantsOld) reply.nil();
      return;
    }
  }
  setWithDeadline(db, args, 1, 2, (options & OPTION.keepTtl) !== 0 ? KEEP_TTL : deadline);
  if (!wantsOld) reply.ok();
}

function opGetEx(db: Db, args: Args, reply: Reply): void {
  const options = readOptions(args, 2, GETEX_OPTIONS);
  if (options === BAD_OPTIONS) {
    reply.error(ERRORS.syntax);
    return;
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.nil();
    return;
  }
  if (!isString(db, entry, reply)) return;
  const deadline = optionDeadline(db, args, options, 'getex', reply);
  if (deadline === BAD_DEADLINE) return;
  replyString(db, entry, reply);
  if (deadline !== NO_EXPIRY) applyDeadline(db, args, 1, deadline);
  else if ((options & OPTION.persist) !== 0) db.persist(args, 1);
}

function opGetDel(db: Db, args: Args, reply: Reply): void {
  if (replyOld(db, args, reply)) db.delete(args, 1);
}

function opGetSet(db: Db, args: Args, reply: Reply): void {
  if (!replyOld(db, args, reply)) return;
  db.setString(args, 1, args.bytes, args.starts[2], args.ends[2], NO_EXPIRY);
}

function opSetNx(db: Db, args: Args, reply: Reply): void {
  if (db.lookupWrite(args, 1) !== 0) {
    reply.integer(0);
    return;
  }
  db.setString(args, 1, args.bytes, args.starts[2], args.ends[2], NO_EXPIRY);
  reply.integer(1);
}

function opSetEx(db: Db, args: Args, reply: Reply): void {
  const deadline = readDeadline(db, args, 2, 1000, true, 'setex', reply);
  if (deadline === BAD_DEADLINE) return;
  setWithDeadline(db, args, 1, 3, deadline);
  reply.ok();
}

function opPSetEx(db: Db, args: Args, reply: Reply): void {
  const deadline = readDeadline(db, args, 2, 1, true, 'psetex', reply);
  if (deadline === BAD_DEADLINE) return;
  setWithDeadline(db, args, 1, 3, deadline);
  reply.ok();
}

function opAppend(db: Db, args: Args, reply: Reply): void {
  const start = args.starts[2];
  const end = args.ends[2];
  const entry = db.lookupWrite(args, 1);
  if (entry === 0) {
    db.setString(args, 1, args.bytes, start, end, NO_EXPIRY);
    reply.integer(end - start);
    return;
  }
  if (!isString(db, entry, reply)) return;
  const before = db.stringLength(entry);
  const after = before + (end - start);
  if (after > db.shard.stringBytesMax) {
    reply.error(ERRORS.stringTooLong);
    return;
  }
  db.resizeString(args, 1, after, view);
  copyBytes(view.bytes, view.start + before, args.bytes, start, end);
  reply.integer(after);
}

function opStrLen(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupRead(args, 1);
  if (entry === 0) reply.integer(0);
  else if (isString(db, entry, reply)) reply.integer(db.stringLength(entry));
}

function opGetRange(db: Db, args: Args, reply: Reply): void {
  let start = int64Near(args, 2);
  let end = Number.isNaN(start) ? NaN : int64Near(args, 3);
  if (Number.isNaN(end)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.bulk(NO_BYTES, 0, 0);
    return;
  }
  if (!isString(db, entry, reply)) return;
  db.readString(entry, view);
  const length = view.end - view.start;
  // Both negative and crossed is empty; otherwise what lies before the string counts as its first byte, even as `end`.
  const crossed = start < 0 && end < 0 && int64Exceeds(args, 2, start, 3, end);
  if (start < 0) start = Math.max(0, length + start);
  if (end < 0) end = Math.max(0, length + end);
  if (end >= length) end = length - 1;
  if (crossed || start > end) {
    reply.bulk(NO_BYTES, 0, 0);
    return;
  }
  // Offsets within a segment fit 31 bits: said so, they travel as small integers and not as boxed doubles.
  const from = (view.start + start) | 0;
  const to = (view.start + end + 1) | 0;
  reply.bulk(view.bytes, from, to);
}

function opSetRange(db: Db, args: Args, reply: Reply): void {
  const offset = int64Near(args, 2);
  if (Number.isNaN(offset)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (offset < 0) {
    reply.error(ERRORS.offset);
    return;
  }
  const entry = db.lookupWrite(args, 1);
  if (entry !== 0 && !isString(db, entry, reply)) return;
  const before = entry === 0 ? 0 : db.stringLength(entry);
  const start = args.starts[3];
  const end = args.ends[3];
  if (start === end) {
    reply.integer(before);
    return;
  }
  const reach = offset + (end - start);
  if (reach > db.shard.stringBytesMax) {
    reply.error(ERRORS.stringTooLong);
    return;
  }
  const after = Math.max(before, reach);
  db.resizeString(args, 1, after, view);
  copyBytes(view.bytes, view.start + offset, args.bytes, start, end);
  reply.integer(after);
}

function opMGet(db: Db, args: Args, reply: Reply): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const entry = db.lookupRead(args, i);
    if (entry === 0 || db.typeOf(entry) !== TYPE.string) reply.nil();
    else replyString(db, entry, reply);
  }
}

/** Sets every key to the value behind it. */
function setPairs(db: Db, args: Args): void {
  for (let i = 1; i < args.count; i += 2) {
    db.setString(args, i, args.bytes, args.starts[i + 1], args.ends[i + 1], NO_EXPIRY);
  }
}

function opMSet(db: Db, args: Args, reply: Reply): void {
  if (args.count % 2 === 0) {
    reply.error(wrongArity('mset'));
    return;
  }
  setPairs(db, args);
  reply.ok();
}

function opMSetNx(db: Db, args: Args, reply: Reply): void {
  if (args.count % 2 === 0) {
    reply.error(wrongArity('msetnx'));
    return;
  }
  for (let i = 1; i < args.count; i += 2) {
    if (db.lookupWrite(args, i) !== 0) {
      reply.integer(0);
      return;
    }
  }
  setPairs(db, args);
  reply.integer(1);
}

/** Nobody can come between the look and the writing: the keys are held. */
function* planMSetNx(port: PlanPort): PlanRun {
  if (port.args.count % 2 === 0) {
    port.reply.error(wrongArity('msetnx'));
    return;
  }
  const existing = port.split('EXISTS', 1, 2, 1);
  yield;
  if (existing.sum > 0) {
    port.reply.integer(0);
    return;
  }
  port.split('MSET', 1, 2, 2);
  yield;
  port.reply.integer(1);
}

const NOT_INTEGER_REPLY = `-${ERRORS.notInteger}`;
const SYNTAX_REPLY = `-${ERRORS.syntax}`;

export const STRING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'GET',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'string',
    summary: 'Returns the string at a key.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['GET k', '$-1'],
      ['SET k hello', '+OK'],
      ['GET k', '$5\r\nhello'],
      ['SET k -0017', '+OK'],
      ['GET k', '$5\r\n-0017'],
    ],
    onShard: opGet,
  },
  {
    name: 'SET',
    since: '1.0.0',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary: 'Sets a key to a string, whatever it held before.',
    complexity: 'O(1)',
    usage:
      'key value [NX | XX | IFEQ comparison-value]@2.6.12 [GET]@6.2.0 [EX seconds@2.6.12 | PX milliseconds@2.6.12 | ' +
      'EXAT unix-time-seconds@6.2.0 | PXAT unix-time-milliseconds@6.2.0 | KEEPTTL@6.0.0]',
    keys: [
      {
        ...keyAt(1, 'RW', 'access', 'update', 'variable_flags'),
        notes: 'RW and ACCESS due to the optional `GET` argument',
      },
    ],
    keyFlags: setKeyFlags,
    history: [
      ['2.6.12', 'Added the `EX`, `PX`, `NX` and `XX` options.'],
      ['6.0.0', 'Added the `KEEPTTL` option.'],
      ['6.2.0', 'Added the `GET`, `EXAT` and `PXAT` option.'],
      ['7.0.0', 'Allowed the `NX` and `GET` options to be used together.'],
      ['8.1.0', 'Added the `IFEQ` option (Valkey).'],
    ],
    examples: [
      ['SET k v XX', '$-1'],
      ['SET k v1 nx ex 10', '+OK'],
      ['SET k v2 NX', '$-1'],
      ['SET k v2 NX GET', '$2\r\nv1'],
      ['SET k v3 PX 100000 XX GET', '$2\r\nv1'],
      ['SET k v4 KEEPTTL', '+OK'],
      ['SET k v5 EX 10 KEEPTTL', SYNTAX_REPLY],
      ['SET k v5 EX', SYNTAX_REPLY],
      ['SET k v5 EX 0', "-ERR invalid expire time in 'set' command"],
      ['SET k v5 EX ten', NOT_INTEGER_REPLY],
      ['GET k', '$2\r\nv4'],
      ['SET k v5 IFEQ other', '$-1'],
      ['SET k v5 IFEQ v4', '+OK'],
      ['SET k v4 IFEQ v5 GET', '$2\r\nv5'],
      ['SET k v5 IFEQ v4 NX', SYNTAX_REPLY],
      ['SET k v5 EXAT 1', '+OK'],
      ['GET k', '$-1'],
    ],
    onShard: opSet,
  },
  {
    name: 'GETEX',
    since: '6.2.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'string',
    summary: 'Returns the string at a key and sets or removes its time to live.',
    complexity: 'O(1)',
    usage: 'key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]',
    keys: [{ ...keyAt(1, 'RW', 'access', 'update'), notes: 'RW and UPDATE because it changes the TTL' }],
    examples: [
      ['GETEX k EX 10', '$-1'],
      ['SET k v', '+OK'],
      ['GETEX k EX 10', '$1\r\nv'],
      ['GETEX k PERSIST', '$1\r\nv'],
      ['GETEX k EX 10 PERSIST', SYNTAX_REPLY],
      ['GETEX k EX -1', "-ERR invalid expire time in 'getex' command"],
      ['GETEX k PXAT 1', '$1\r\nv'],
      ['GETEX k', '$-1'],
    ],
    onShard: opGetEx,
  },
  {
    name: 'DELIFEQ',
    since: '9.0.0',
    arity: 3,
    flags: ['write', 'fast'],
    group: 'string',
    summary: 'Deletes a key that holds a given string.',
    complexity: 'O(1)',
    usage: 'key value',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['DELIFEQ k v', ':0'],
      ['SET k v', '+OK'],
      ['DELIFEQ k w', ':0'],
      ['DELIFEQ k v', ':1'],
      ['EXISTS k', ':0'],
    ],
    onShard: opDelIfEq,
  },
  {
    name: 'GETDEL',
    since: '6.2.0',
    arity: 2,
    flags: ['write', 'fast'],
    group: 'string',
    summary: 'Returns the string at a key and deletes the key.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RW', 'access', 'delete')],
    examples: [
      ['SET k v', '+OK'],
      ['GETDEL k', '$1\r\nv'],
      ['GETDEL k', '$-1'],
    ],
    onShard: opGetDel,
  },
  {
    name: 'GETSET',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Sets a key to a string and returns the one it held before.',
    complexity: 'O(1)',
    usage: 'key value',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    deprecated: { since: '6.2.0', replacedBy: '`SET` with the `!GET` argument' },
    examples: [
      ['GETSET k one', '$-1'],
      ['GETSET k two', '$3\r\none'],
    ],
    onShard: opGetSet,
  },
  {
    name: 'SETNX',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Sets a key to a string if the key does not exist.',
    complexity: 'O(1)',
    usage: 'key value',
    keys: [keyAt(1, 'OW', 'insert')],
    examples: [
      ['SETNX k one', ':1'],
      ['SETNX k two', ':0'],
      ['GET k', '$3\r\none'],
    ],
    onShard: opSetNx,
  },
  {
    name: 'SETEX',
    since: '2.0.0',
    arity: 4,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary: 'Sets a key to a string with a time to live in seconds.',
    complexity: 'O(1)',
    usage: 'key seconds value',
    keys: [keyAt(1, 'OW', 'update')],
    examples: [
      ['SETEX k 10 v', '+OK'],
      ['SETEX k 0 v', "-ERR invalid expire time in 'setex' command"],
      ['SETEX k x v', NOT_INTEGER_REPLY],
      ['GET k', '$1\r\nv'],
    ],
    onShard: opSetEx,
  },
  {
    name: 'PSETEX',
    since: '2.6.0',
    arity: 4,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary: 'Sets a key to a string with a time to live in milliseconds.',
    complexity: 'O(1)',
    usage: 'key milliseconds value',
    keys: [keyAt(1, 'OW', 'update')],
    examples: [
      ['PSETEX k 100000 v', '+OK'],
      ['PSETEX k -5 v', "-ERR invalid expire time in 'psetex' command"],
      ['GET k', '$1\r\nv'],
    ],
    onShard: opPSetEx,
  },
  {
    name: 'APPEND',
    since: '2.0.0',
    arity: 3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'string',
    summary: 'Adds bytes to the end of the string at a key, which it creates where there is none.',
    complexity: 'O(n), n = bytes appended; growing is amortised, because a string that grows gets head-room.',
    usage: 'key value',
    keys: [keyAt(1, 'RW', 'insert')],
    examples: [
      ['APPEND k 12', ':2'],
      ['APPEND k 34', ':4'],
      ['INCR k', ':1235'],
      ['APPEND k x', ':5'],
      ['GET k', '$5\r\n1235x'],
    ],
    onShard: opAppend,
  },
  {
    name: 'STRLEN',
    since: '2.2.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'string',
    summary: 'Returns how many bytes the string at a key has.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['STRLEN k', ':0'],
      ['SET k -123', '+OK'],
      ['STRLEN k', ':4'],
    ],
    onShard: opStrLen,
  },
  {
    name: 'GETRANGE',
    since: '2.4.0',
    arity: 4,
    flags: ['readonly'],
    group: 'string',
    summary: 'Returns the part of the string at a key between two byte offsets.',
    complexity: 'O(n), n = bytes returned',
    usage: 'key start end',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['GETRANGE k 0 -1', '$0\r\n'],
      ['SET k "This is a string"', '+OK'],
      ['GETRANGE k 0 3', '$4\r\nThis'],
      ['GETRANGE k -3 -1', '$3\r\ning'],
      ['GETRANGE k 10 100', '$6\r\nstring'],
      ['GETRANGE k 5 2', '$0\r\n'],
      ['GETRANGE k a 2', NOT_INTEGER_REPLY],
    ],
    onShard: opGetRange,
  },
  {
    name: 'SUBSTR',
    since: '1.0.0',
    arity: 4,
    flags: ['readonly'],
    group: 'string',
    summary: 'Returns the part of the string at a key between two byte offsets; the old name of GETRANGE.',
    complexity: 'O(n), n = bytes returned',
    usage: 'key start end',
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '2.0.0', replacedBy: '`GETRANGE`' },
    examples: [
      ['SET k hello', '+OK'],
      ['SUBSTR k 1 3', '$3\r\nell'],
    ],
    onShard: opGetRange,
  },
  {
    name: 'SETRANGE',
    since: '2.2.0',
    arity: 4,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary:
      'Overwrites part of the string at a key from a byte offset on, with zero bytes before it where it was shorter.',
    complexity: 'O(n), n = bytes written, zero bytes included',
    usage: 'key offset value',
    keys: [keyAt(1, 'RW', 'update')],
    examples: [
      ['SETRANGE k 3 ""', ':0'],
      ['SET k "Hello World"', '+OK'],
      ['SETRANGE k 6 Redis', ':11'],
      ['GET k', '$11\r\nHello Redis'],
      ['SETRANGE p 2 x', ':3'],
      ['GET p', '$3\r\n\0\0x'],
      ['SETRANGE k -1 x', '-ERR offset is out of range'],
      ['SETRANGE k 536870912 x', `-${ERRORS.stringTooLong}`],
    ],
    onShard: opSetRange,
  },
  ...STRING_NUMBER_COMMANDS,
  ...LCS_COMMANDS,
  {
    name: 'MGET',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly', 'fast'],
    group: 'string',
    summary: 'Returns the strings at several keys, nil where there is none.',
    complexity: 'O(n), n = keys asked for',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO', 'access')],
    tips: ['request_policy:multi_shard'],
    examples: [
      ['SET {k}1 one', '+OK'],
      ['MGET {k}1 {k}2 {k}1', '*3\r\n$3\r\none\r\n$-1\r\n$3\r\none'],
    ],
    onShard: opMGet,
    across: { split: 'array' },
  },
  {
    name: 'MSET',
    since: '1.0.1',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary: 'Sets several keys, each to a string of its own.',
    complexity: 'O(n), n = keys set',
    usage: 'key value [key value ...]',
    keys: [keysFrom(1, -1, 2, 'OW', 'update')],
    tips: ['request_policy:multi_shard', 'response_policy:all_succeeded'],
    examples: [
      ['MSET {k}1 one {k}2 two', '+OK'],
      ['MGET {k}1 {k}2', '*2\r\n$3\r\none\r\n$3\r\ntwo'],
      ['MSET {k}1 one {k}2', "-ERR wrong number of arguments for 'mset' command"],
    ],
    onShard: opMSet,
    across: { split: 'ok' },
  },
  {
    name: 'MSETNX',
    since: '1.0.1',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'string',
    summary: 'Sets several keys, each to a string of its own, if none of them exists.',
    complexity: 'O(n), n = keys set',
    usage: 'key value [key value ...]',
    keys: [keysFrom(1, -1, 2, 'OW', 'insert')],
    tips: ['request_policy:multi_shard', 'response_policy:agg_min'],
    examples: [
      ['MSETNX {k}1 one {k}2 two', ':1'],
      ['MSETNX {k}2 three {k}3 four', ':0'],
      ['MGET {k}1 {k}2 {k}3', '*3\r\n$3\r\none\r\n$3\r\ntwo\r\n$-1'],
    ],
    onShard: opMSetNx,
    across: { plan: planMSetNx },
  },
];
