// HyperLogLog: how many different elements were added, within 0.81 %, in at most 12 KiB. A value is a string in Redis's
// format (values/hyperloglog-layout.ts): GET and SET carry it from server to server, whatever kind of server.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import {
  cacheCount,
  cachedCount,
  countDense,
  countPlain,
  estimate,
  hashedRank,
  hashedRegister,
  hashElement,
  isDense,
  isStale,
  markStale,
  mergeDense,
} from '../values/hyperloglog.js';
import { REGISTERS } from '../values/hyperloglog-layout.js';
import { countSparse, mergeSparse, RAISE } from '../values/hyperloglog-sparse.js';
import { HYPERLOGLOG_DEBUG_COMMANDS } from './hyperloglog-debug.js';
import {
  BROKEN_COUNTER,
  closeCounter,
  counter,
  counterEnd,
  createCounter,
  makeDense,
  openCounter,
  raiseRegister,
} from './hyperloglog-values.js';

/** The registers of several values together, a byte each. */
const union = new Uint8Array(REGISTERS);

function opPfAdd(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupWrite(args, 1);
  let changed = entry === 0;
  if (changed) createCounter(db, args, 1);
  else if (!openCounter(db, entry, reply)) return;
  for (let i = 2; i < args.count; i++) {
    hashElement(args.bytes, args.starts[i], args.ends[i]);
    const raised = raiseRegister(db, args, 1, hashedRegister, hashedRank);
    if (raised === RAISE.none) continue;
    changed = true;
    if (raised !== RAISE.broken) continue;
    // What was added before stays.
    finish(db, args, i > 2);
    reply.error(BROKEN_COUNTER);
    return;
  }
  if (changed) markStale(counter.bytes, counter.start);
  finish(db, args, changed);
  reply.integer(changed ? 1 : 0);
}

/** Ends the changes of the value at argument 1. */
function finish(db: Db, args: Args, changed: boolean): void {
  closeCounter(db, args, 1);
  if (changed) db.changed(args, 1);
}

/** Replies with a count, which is an int64 to clients. */
function replyCount(count: number, reply: Reply): void {
  if (Number.isSafeInteger(count)) reply.integer(count);
  else reply.bigInteger(BigInt.asIntN(64, BigInt(count)));
}

function opPfCount(db: Db, args: Args, reply: Reply): void {
  if (args.count > 2) {
    if (!uniteKeys(db, args, reply)) return;
    countPlain(union);
    replyCount(estimate(), reply);
    return;
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.integer(0);
    return;
  }
  if (!openCounter(db, entry, reply)) return;
  const { bytes, start } = counter;
  if (!isStale(bytes, start)) {
    replyCount(cachedCount(bytes, start), reply);
    return;
  }
  if (isDense(bytes, start)) {
    countDense(bytes, start);
  } else if (!countSparse(bytes, start, counterEnd())) {
    reply.error(BROKEN_COUNTER);
    return;
  }
  const count = estimate();
  cacheCount(bytes, start, count);
  db.changed(args, 1);
  replyCount(count, reply);
}

/** True when one of the values that `uniteKeys` saw was dense. */
let sawDense = false;

/** Gathers the registers of all keys from argument 1 on in `union`; false: the client has been told what is wrong. */
function uniteKeys(db: Db, args: Args, reply: Reply): boolean {
  union.fill(0);
  sawDense = false;
  for (let i = 1; i < args.count; i++) {
    const entry = db.lookupRead(args, i);
    if (entry === 0) continue;
    if (!openCounter(db, entry, reply)) return false;
    if (isDense(counter.bytes, counter.start)) {
      sawDense = true;
      mergeDense(counter.bytes, counter.start, union);
    } else if (!mergeSparse(counter.bytes, counter.start, counterEnd(), union)) {
      reply.error(BROKEN_COUNTER);
      return false;
    }
  }
  return true;
}

function opPfMerge(db: Db, args: Args, reply: Reply): void {
  if (!uniteKeys(db, args, reply)) return;
  const entry = db.lookupWrite(args, 1);
  if (entry === 0) createCounter(db, args, 1);
  else if (!openCounter(db, entry, reply)) return;
  if (sawDense) makeDense(db, args, 1);
  for (let i = 0; i < REGISTERS; i++) {
    if (union[i] !== 0) raiseRegister(db, args, 1, i, union[i]);
  }
  markStale(counter.bytes, counter.start);
  finish(db, args, true);
  reply.ok();
}

export const HYPERLOGLOG_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'PFADD',
    since: '2.8.9',
    arity: -2,
    flags: ['write', 'denyoom', 'fast'],
    group: 'hyperloglog',
    summary: 'Adds elements to a HyperLogLog and tells whether that changed it.',
    complexity: 'O(1) for each element',
    usage: 'key [element ...]',
    keys: [keyAt(1, 'RW', 'insert')],
    examples: [
      ['PFADD k a b c', ':1'],
      ['PFADD k a b', ':0'],
      ['PFCOUNT k', ':3'],
      ['PFADD {k}2', ':1'],
      ['PFADD {k}2', ':0'],
      ['SET k v', '+OK'],
      ['PFADD k a', '-WRONGTYPE Key is not a valid HyperLogLog string value.'],
    ],
    onShard: opPfAdd,
  },
  {
    name: 'PFCOUNT',
    since: '2.8.9',
    arity: -2,
    flags: ['readonly'],
    group: 'hyperloglog',
    summary: 'Estimates how many different elements one HyperLogLog holds, or several together.',
    complexity: 'O(1) for one key that has not changed since it was counted; O(n) with large constants, n = keys',
    usage: 'key [key ...]',
    keys: [
      {
        ...keysFrom(1, -1, 1, 'RW', 'access'),
        notes: 'RW because it may change the internal representation of the key, and propagate to replicas',
      },
    ],
    examples: [
      ['PFCOUNT {k}1', ':0'],
      ['PFADD {k}1 a b c d', ':1'],
      ['PFADD {k}2 c d e', ':1'],
      ['PFCOUNT {k}1', ':4'],
      ['PFCOUNT {k}1 {k}2 {k}3', ':5'],
    ],
    onShard: opPfCount,
    across: { gather: true },
  },
  {
    name: 'PFMERGE',
    since: '2.8.9',
    arity: -2,
    flags: ['write', 'denyoom'],
    group: 'hyperloglog',
    summary: 'Adds what several HyperLogLogs hold to another one.',
    complexity: 'O(n) with large constants, n = keys',
    usage: 'destkey:key [sourcekey:key ...]',
    keys: [keyAt(1, 'RW', 'access', 'insert'), keysFrom(2, -1, 1, 'RO', 'access')],
    examples: [
      ['PFADD {k}1 a b c d', ':1'],
      ['PFADD {k}2 c d e', ':1'],
      ['PFMERGE {k} {k}1 {k}2', '+OK'],
      ['PFCOUNT {k}', ':5'],
      ['PFMERGE {k}3', '+OK'],
      ['PFCOUNT {k}3', ':0'],
    ],
    onShard: opPfMerge,
    across: { gather: true },
  },
  ...HYPERLOGLOG_DEBUG_COMMANDS,
];
