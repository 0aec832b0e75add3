// MULTI, EXEC, DISCARD, WATCH, UNWATCH. The gate queues what comes between MULTI and EXEC (engine/dispatch.ts); EXEC runs the
// queue as one transaction over all its keys (src/txn).
//
// WATCH runs on the shards of its keys, which note who watches; a change of one of them sets a word of the client's in
// shared memory, which EXEC looks at before it runs anything.

import { assert } from '../base/assert.js';
import type { Args } from '../contract/args.js';
import type { Client } from '../contract/client.js';
import type { Reply } from '../contract/reply.js';
import { keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';

function cmdMulti(client: Client, _args: Args, reply: Reply): void {
  if (client.beginMulti()) reply.ok();
  else reply.error('ERR MULTI calls can not be nested');
}

function cmdDiscard(client: Client, _args: Args, reply: Reply): void {
  if (client.discardMulti()) reply.ok();
  else reply.error('ERR DISCARD without MULTI');
}

function cmdUnwatch(client: Client, _args: Args, reply: Reply): void {
  client.unwatch();
  reply.ok();
}

function opWatch(db: Db, args: Args, reply: Reply): void {
  const { caller, watch } = db.shard;
  assert(caller !== undefined, 'a shard is told who watches');
  for (let i = 1; i < args.count; i++) watch.add(caller, db, args, i);
  reply.ok();
}

const FLAGS = ['noscript', 'loading', 'stale', 'fast', 'allow_busy'] as const;

export const TRANSACTION_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'MULTI',
    since: '1.2.0',
    arity: 1,
    flags: FLAGS,
    group: 'transactions',
    summary: 'Begins a transaction: the commands that follow are queued.',
    complexity: 'O(1)',
    usage: '',
    examples: [
      ['MULTI', '+OK'],
      ['SET k v', '+QUEUED'],
      ['MULTI', '-ERR MULTI calls can not be nested'],
      ['DISCARD', '+OK'],
      ['GET k', '$-1'],
    ],
    onClient: cmdMulti,
  },
  {
    name: 'EXEC',
    since: '1.2.0',
    arity: 1,
    flags: ['noscript', 'loading', 'stale', 'skip_slowlog'],
    group: 'transactions',
    summary: 'Runs the queued commands as one, unless a watched key has changed.',
    complexity: 'Depends on the queued commands.',
    usage: '',
    examples: [
      ['EXEC', '-ERR EXEC without MULTI'],
      ['MULTI', '+OK'],
      ['SET k 1', '+QUEUED'],
      ['INCR k', '+QUEUED'],
      ['EXEC', '*2\r\n+OK\r\n:2'],
      ['MULTI', '+OK'],
      ['GET', "-ERR wrong number of arguments for 'get' command"],
      ['EXEC', '-EXECABORT Transaction discarded because of previous errors.'],
    ],
    across: { queue: true },
  },
  {
    name: 'DISCARD',
    since: '2.0.0',
    arity: 1,
    flags: FLAGS,
    group: 'transactions',
    summary: 'Forgets the queued commands and ends the transaction.',
    complexity: 'O(n), n = queued commands',
    usage: '',
    examples: [
      ['DISCARD', '-ERR DISCARD without MULTI'],
      ['MULTI', '+OK'],
      ['SET k v', '+QUEUED'],
      ['DISCARD', '+OK'],
      ['EXISTS k', ':0'],
    ],
    onClient: cmdDiscard,
  },
  {
    name: 'WATCH',
    since: '2.2.0',
    arity: -2,
    flags: FLAGS,
    group: 'transactions',
    summary: 'Makes the next EXEC run nothing if one of the keys changes before.',
    complexity: 'O(n), n = keys given',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO')],
    examples: [
      ['SET k 1', '+OK'],
      ['WATCH k', '+OK'],
      ['SET k 2', '+OK'],
      ['MULTI', '+OK'],
      ['SET k 3', '+QUEUED'],
      ['EXEC', '*-1'],
      ['GET k', '$1\r\n2'],
    ],
    onShard: opWatch,
    across: { split: 'ok', alone: true, watches: true },
  },
  {
    name: 'UNWATCH',
    since: '2.2.0',
    arity: 1,
    flags: FLAGS,
    group: 'transactions',
    summary: 'Watches no key any more.',
    complexity: 'O(1)',
    usage: '',
    examples: [
      ['SET k 1', '+OK'],
      ['WATCH k', '+OK'],
      ['SET k 2', '+OK'],
      ['UNWATCH', '+OK'],
      ['MULTI', '+OK'],
      ['GET k', '+QUEUED'],
      ['EXEC', '*1\r\n$1\r\n2'],
    ],
    onClient: cmdUnwatch,
  },
];
