// Whole databases: FLUSHDB, FLUSHALL and SWAPDB, run on every shard as one transaction over the whole keyspace.
//
// Emptying: ASYNC takes the data away at once and gives its memory back in slices; SYNC answers when the memory is back.
// Without a word it is SYNC, unless `lazyfree-lazy-user-flush` says ASYNC.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';

const ASYNC = bytesOf('ASYNC');
const SYNC = bytesOf('SYNC');

/** True for ASYNC, false for SYNC; undefined when the error has been replied. */
function readMode(db: Db, args: Args, reply: Reply): boolean | undefined {
  if (args.count === 1) return db.shard.lazyFlush;
  if (args.count === 2 && args.is(1, SYNC)) return false;
  if (args.count === 2 && args.is(1, ASYNC)) return true;
  reply.error(ERRORS.syntax);
  return undefined;
}

function opFlushDb(db: Db, args: Args, reply: Reply): void {
  const later = readMode(db, args, reply);
  if (later === undefined) return;
  db.flush(later);
  reply.ok();
}

function opFlushAll(db: Db, args: Args, reply: Reply): void {
  const later = readMode(db, args, reply);
  if (later === undefined) return;
  for (const each of db.shard.dbs) each.flush(later);
  // What was deleted before and still waits for its slices goes as well: afterwards nothing is in use.
  if (!later) db.shard.lazyFree.finish();
  reply.ok();
}

const INT32_MAX = 2147483647;

/** The database number at argument `i`; NaN when it is no int32. */
function databaseAt(args: Args, i: number): number {
  const index = args.integer(i);
  return index >= -INT32_MAX - 1 && index <= INT32_MAX ? index : NaN;
}

function opSwapDb(db: Db, args: Args, reply: Reply): void {
  const { dbs } = db.shard;
  const first = databaseAt(args, 1);
  const second = databaseAt(args, 2);
  if (Number.isNaN(first)) {
    reply.error('ERR invalid first DB index');
  } else if (Number.isNaN(second)) {
    reply.error('ERR invalid second DB index');
  } else if (Math.min(first, second) < 0 || Math.max(first, second) >= dbs.length) {
    reply.error(ERRORS.dbOutOfRange);
  } else {
    if (first !== second) dbs[first].swapWith(dbs[second]);
    reply.ok();
  }
}

const TIPS = ['request_policy:all_shards', 'response_policy:all_succeeded'];
const HISTORY = [
  ['4.0.0', 'Added the `ASYNC` flushing mode modifier.'],
  ['6.2.0', 'Added the `SYNC` flushing mode modifier.'],
] as const;

export const FLUSH_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'FLUSHDB',
    since: '1.0.0',
    arity: -1,
    flags: ['write'],
    group: 'server',
    categories: ['keyspace', 'dangerous'],
    summary: 'Deletes all keys of the database.',
    complexity: 'O(n), n = keys in the database',
    usage: '[ASYNC@4.0.0 | SYNC@6.2.0]',
    tips: TIPS,
    history: HISTORY,
    examples: [
      ['SET k v', '+OK'],
      ['FLUSHDB ASYNC', '+OK'],
      ['EXISTS k', ':0'],
      ['FLUSHDB LATER', '-ERR syntax error'],
    ],
    onEveryShard: { op: opFlushDb, merge: 'all-ok' },
  },
  {
    name: 'FLUSHALL',
    since: '1.0.0',
    arity: -1,
    flags: ['write'],
    group: 'server',
    categories: ['keyspace', 'dangerous'],
    summary: 'Deletes all keys of all databases.',
    complexity: 'O(n), n = keys in all databases',
    usage: '[ASYNC@4.0.0 | SYNC@6.2.0]',
    tips: TIPS,
    history: HISTORY,
    examples: [
      ['SET k v', '+OK'],
      ['FLUSHALL', '+OK'],
      ['EXISTS k', ':0'],
      ['FLUSHALL SYNC ASYNC', '-ERR syntax error'],
    ],
    onEveryShard: { op: opFlushAll, merge: 'all-ok' },
  },
  {
    name: 'SWAPDB',
    since: '4.0.0',
    arity: 3,
    flags: ['write', 'fast'],
    group: 'server',
    categories: ['keyspace', 'dangerous'],
    summary: 'Swaps the keys of two databases.',
    complexity: 'O(n), n = clients that watch or wait for keys of the two databases',
    usage: 'index1:integer index2:integer',
    examples: [
      ['SET k v', '+OK'],
      ['SWAPDB 0 1', '+OK'],
      ['GET k', '$-1'],
      ['SWAPDB 0 1', '+OK'],
      ['GET k', '$1\r\nv'],
      ['SWAPDB 0 99', '-ERR DB index is out of range'],
      ['SWAPDB a 1', '-ERR invalid first DB index'],
    ],
    onEveryShard: { op: opSwapDb, merge: 'all-ok' },
  },
];
