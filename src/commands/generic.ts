// Keys as such, whatever stands in them: DEL, UNLINK, EXISTS, TOUCH, TYPE, and the moves RENAME, RENAMENX, COPY, MOVE.
//
// A key's hash decides its shard whatever the database, so MOVE never leaves it. RENAME and COPY between keys of different
// shards carry the value over in its portable form (values/portable.ts): EXPORT there, IMPORT here, both in internal.ts.
//
// Deleting a large value is never paid for at once (Db frees it in slices), so DEL and UNLINK are the same operation.

import { bytesOf, equalBytes } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { PlanPort, PlanRun, StepReply } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { TYPE_NAMES } from '../values/types.js';

const DB = bytesOf('DB');
const REPLACE = bytesOf('REPLACE');

const SAME_OBJECT = 'ERR source and destination objects are the same';
const INT32_MIN = -2147483648;
const INT32_MAX = 2147483647;
const NOT_INT32 = `ERR value is out of range, value must between ${INT32_MIN} and ${INT32_MAX}`;

function opDelete(db: Db, args: Args, reply: Reply): void {
  let deleted = 0;
  for (let i = 1; i < args.count; i++) if (db.delete(args, i)) deleted++;
  reply.integer(deleted);
}

function opExists(db: Db, args: Args, reply: Reply): void {
  let found = 0;
  for (let i = 1; i < args.count; i++) if (db.lookupNoTouch(args, i) !== 0) found++;
  reply.integer(found);
}

function opTouch(db: Db, args: Args, reply: Reply): void {
  let found = 0;
  for (let i = 1; i < args.count; i++) if (db.lookupRead(args, i) !== 0) found++;
  reply.integer(found);
}

function opType(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupNoTouch(args, 1);
  reply.simple(entry === 0 ? 'none' : TYPE_NAMES[db.typeOf(entry)]);
}

/** Arguments 1 and 2 are the same key. */
function sameKey(args: Args): boolean {
  const { bytes, starts, ends } = args;
  return equalBytes(bytes, starts[1], ends[1], bytes, starts[2], ends[2]);
}

function opRename(db: Db, args: Args, reply: Reply): void {
  if (db.lookupWrite(args, 1) === 0) {
    reply.error(ERRORS.noSuchKey);
    return;
  }
  if (!sameKey(args)) db.rename(args, 1, 2, db);
  reply.ok();
}

function opRenameIfAbsent(db: Db, args: Args, reply: Reply): void {
  if (db.lookupWrite(args, 1) === 0) {
    reply.error(ERRORS.noSuchKey);
    return;
  }
  // The new name is taken by the key itself when both are the same.
  if (db.lookupWrite(args, 2) !== 0) {
    reply.integer(0);
    return;
  }
  db.rename(args, 1, 2, db);
  reply.integer(1);
}

/** The number of the database that argument `i` names; -1 when the error has been replied. */
function readDb(args: Args, i: number, databases: number, reply: Reply): number {
  let index = args.integer(i);
  if (Number.isNaN(index)) {
    const far = args.bigint(i);
    if (far === undefined) {
      reply.error(ERRORS.notInteger);
      return -1;
    }
    index = Number(far);
  }
  if (index < INT32_MIN || index > INT32_MAX) {
    reply.error(NOT_INT32);
    return -1;
  }
  if (index < 0 || index >= databases) {
    reply.error(ERRORS.dbOutOfRange);
    return -1;
  }
  return index;
}

interface CopyOptions {
  target: number;
  replace: boolean;
}

/** What COPY in database `db` is to do; undefined when the error has been replied. */
function readCopyOptions(args: Args, db: number, databases: number, reply: Reply): CopyOptions | undefined {
  const options: CopyOptions = { target: db, replace: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, REPLACE)) {
      options.replace = true;
    } else if (args.is(i, DB) && i + 1 < args.count) {
      options.target = readDb(args, ++i, databases, reply);
      if (options.target < 0) return undefined;
    } else {
      reply.error(ERRORS.syntax);
      return undefined;
    }
  }
  if (options.target === db && sameKey(args)) {
    reply.error(SAME_OBJECT);
    return undefined;
  }
  return options;
}

function opCopy(db: Db, args: Args, reply: Reply): void {
  const { dbs } = db.shard;
  const options = readCopyOptions(args, db.index, dbs.length, reply);
  if (options === undefined) return;
  const target = dbs[options.target];
  if (db.lookupRead(args, 1) === 0) {
    reply.integer(0);
    return;
  }
  if (target.lookupWrite(args, 2) !== 0) {
    if (!options.replace) {
      reply.integer(0);
      return;
    }
    target.delete(args, 2);
  }
  db.copy(args, 1, 2, target);
  reply.integer(1);
}

function opMove(db: Db, args: Args, reply: Reply): void {
  const { dbs } = db.shard;
  const index = readDb(args, 2, dbs.length, reply);
  if (index < 0) return;
  const target = dbs[index];
  if (target === db) {
    reply.error(SAME_OBJECT);
    return;
  }
  if (db.lookupWrite(args, 1) === 0 || target.lookupWrite(args, 1) !== 0) {
    reply.integer(0);
    return;
  }
  db.rename(args, 1, 1, target);
  reply.integer(1);
}

// ---------------------------------------------------------------------- between two shards

/** RENAME: the value goes over, and the old name with it. */
function* planRename(port: PlanPort): PlanRun {
  const value = port.on(1, 'EXPORT').arg(1);
  yield;
  if (value.reply.isError) {
    port.forward(value.reply); // too long for a reply
  } else if (value.reply.isNil) {
    port.reply.error(ERRORS.noSuchKey);
  } else {
    yield* moveOver(port, value.reply);
    port.reply.ok();
  }
}

function* planRenameIfAbsent(port: PlanPort): PlanRun {
  const value = port.on(1, 'EXPORT').arg(1);
  const taken = port.on(2, 'EXISTS').arg(2);
  yield;
  if (value.reply.isError) {
    port.forward(value.reply);
  } else if (value.reply.isNil) {
    port.reply.error(ERRORS.noSuchKey);
  } else if (taken.reply.integer > 0) {
    port.reply.integer(0);
  } else {
    yield* moveOver(port, value.reply);
    port.reply.integer(1);
  }
}

function* moveOver(port: PlanPort, value: StepReply): PlanRun {
  port.on(2, 'IMPORT').arg(2).bytes(value.bytes, value.bulkStart, value.bulkEnd);
  port.on(1, 'DEL').arg(1);
  yield;
}

function* planCopy(port: PlanPort): PlanRun {
  const options = readCopyOptions(port.args, port.db, port.databases, port.reply);
  if (options === undefined) return;
  const value = port.on(1, 'EXPORT').arg(1);
  const taken = port.on(2, 'EXISTS').arg(2).inDb(options.target);
  yield;
  if (value.reply.isError) {
    port.forward(value.reply);
    return;
  }
  if (value.reply.isNil || (taken.reply.integer > 0 && !options.replace)) {
    port.reply.integer(0);
    return;
  }
  const { bytes, bulkStart, bulkEnd } = value.reply;
  port.on(2, 'IMPORT').arg(2).bytes(bytes, bulkStart, bulkEnd).inDb(options.target);
  yield;
  port.reply.integer(1);
}

const COUNTED_BY_SHARD = ['request_policy:multi_shard', 'response_policy:agg_sum'];

export const GENERIC_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'DEL',
    since: '1.0.0',
    arity: -2,
    flags: ['write'],
    group: 'generic',
    summary: 'Deletes keys.',
    complexity:
      'O(n), n = keys given. A large value is given back in slices later, so its size does not add to the command.',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RM', 'delete')],
    tips: COUNTED_BY_SHARD,
    examples: [
      ['SET k v', '+OK'],
      ['DEL k', ':1'],
      ['DEL k', ':0'],
    ],
    onShard: opDelete,
    across: { split: 'sum' },
  },
  {
    name: 'UNLINK',
    since: '4.0.0',
    arity: -2,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Deletes keys and gives their memory back later.',
    complexity: 'O(1) for each key; the memory is given back in slices, O(n) in all, n = allocations of the value.',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RM', 'delete')],
    tips: COUNTED_BY_SHARD,
    examples: [
      ['SET {k}1 v', '+OK'],
      ['UNLINK {k}1 {k}2', ':1'],
      ['EXISTS {k}1', ':0'],
    ],
    onShard: opDelete,
    across: { split: 'sum' },
  },
  {
    name: 'EXISTS',
    since: '1.0.0',
    arity: -2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Counts how many of the given keys exist; a key given twice counts twice.',
    complexity: 'O(n), n = keys given',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO')],
    tips: COUNTED_BY_SHARD,
    history: [['3.0.3', 'Accepts multiple `key` arguments.']],
    examples: [
      ['EXISTS {k}1', ':0'],
      ['SET {k}1 v', '+OK'],
      ['EXISTS {k}1 {k}1 {k}2', ':2'],
    ],
    onShard: opExists,
    across: { split: 'sum' },
  },
  {
    name: 'TOUCH',
    since: '3.2.1',
    arity: -2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Marks keys as just used and counts those that exist.',
    complexity: 'O(n), n = keys given',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO')],
    tips: COUNTED_BY_SHARD,
    examples: [
      ['SET {k}1 v', '+OK'],
      ['TOUCH {k}1 {k}2', ':1'],
    ],
    onShard: opTouch,
    across: { split: 'sum' },
  },
  {
    name: 'TYPE',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'generic',
    summary: 'Names the type of the value at a key.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['TYPE k', '+none'],
      ['SET k v', '+OK'],
      ['TYPE k', '+string'],
    ],
    onShard: opType,
  },
  {
    name: 'RENAME',
    since: '1.0.0',
    arity: 3,
    flags: ['write'],
    group: 'generic',
    summary: 'Gives a key another name, in place of whatever has that name.',
    complexity: 'O(1); a value that is overwritten is given back in slices later.',
    usage: 'key newkey',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'update')],
    examples: [
      ['RENAME {k}1 {k}2', '-ERR no such key'],
      ['SET {k}1 v', '+OK'],
      ['RENAME {k}1 {k}2', '+OK'],
      ['GET {k}2', '$1\r\nv'],
      ['RENAME {k}2 {k}2', '+OK'],
    ],
    onShard: opRename,
    across: { plan: planRename },
  },
  {
    name: 'RENAMENX',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Gives a key another name unless that name is taken.',
    complexity: 'O(1)',
    usage: 'key newkey',
    keys: [keyAt(1, 'RW', 'access', 'delete'), keyAt(2, 'OW', 'insert')],
    history: [['3.2.0', 'The command no longer returns an error when source and destination names are the same.']],
    examples: [
      ['SET {k}1 v', '+OK'],
      ['RENAMENX {k}1 {k}1', ':0'],
      ['RENAMENX {k}1 {k}2', ':1'],
      ['SET {k}1 w', '+OK'],
      ['RENAMENX {k}1 {k}2', ':0'],
    ],
    onShard: opRenameIfAbsent,
    across: { plan: planRenameIfAbsent },
  },
  {
    name: 'COPY',
    since: '6.2.0',
    arity: -3,
    flags: ['write', 'denyoom'],
    group: 'generic',
    summary: 'Copies the value and the time to live of a key to another key.',
    complexity: 'O(n), n = items of the collection; O(1) for strings.',
    usage: 'source destination [DB destination-db] [REPLACE]',
    keys: [keyAt(1, 'RO', 'access'), keyAt(2, 'OW', 'update')],
    examples: [
      ['COPY {k}1 {k}2', ':0'],
      ['SET {k}1 v', '+OK'],
      ['COPY {k}1 {k}2', ':1'],
      ['COPY {k}1 {k}2', ':0'],
      ['COPY {k}1 {k}2 REPLACE', ':1'],
      ['COPY {k}1 {k}1', `-${SAME_OBJECT}`],
      ['COPY {k}1 {k}1 DB 1', ':1'],
      ['COPY {k}1 {k}2 DB 99', '-ERR DB index is out of range'],
    ],
    onShard: opCopy,
    across: { plan: planCopy },
  },
  {
    name: 'MOVE',
    since: '1.0.0',
    arity: 3,
    flags: ['write', 'fast'],
    group: 'generic',
    summary: 'Moves a key to another database unless the key exists there.',
    complexity: 'O(1)',
    usage: 'key db',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['SET k v', '+OK'],
      ['MOVE k 1', ':1'],
      ['MOVE k 1', ':0'],
      ['MOVE k 0', `-${SAME_OBJECT}`],
      ['MOVE k 99', '-ERR DB index is out of range'],
    ],
    onShard: opMove,
  },
];
