// Looking over the keyspace: KEYS, SCAN, RANDOMKEY, DBSIZE.
//
// SCAN walks one shard after the other. What the client holds is
//
//   cursor = position * shardCount + shard         position: the shard's own cursor, 0 at its beginning
//
// so a cursor says by itself which shard is next: the router asks `pickScanShard`, the shard takes its step. A shard
// that is done hands over with position 0 of the next one; the last one answers 0.
//
// (1) A key that is there from the first call to the last is returned exactly once: every shard keeps that promise for
//     its part, and no key ever changes its shard.
// (2) Any unsigned 64-bit number is a cursor, as in Redis; one that no SCAN gave out leads somewhere, never to an error.

import { NO_BYTES } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { CommandSpec, Topology } from '../contract/spec.js';
import type { Db, Ref, StringView } from '../shard/db.js';
import { ANY_TYPE, NOVALUES_ELSEWHERE, parseCursor, readScanOptions, scanOptions } from './scan-options.js';

/** Entries that one call to Db.scan looks at when the whole database is wanted. */
const WALK_BATCH = 1 << 20;
/** The scratch list of a SCAN is kept for the next one up to this length. */
const KEPT_REFS_MAX = 4096;

// ---------------------------------------------------------------------- the cursor

/** The shard that a SCAN with this cursor belongs to. */
export function pickScanShard(args: Args, topology: Topology): number {
  const cursor = parseCursor(args, 1) ?? 0;
  return typeof cursor === 'number' ? cursor % topology.shardCount : Number(cursor % BigInt(topology.shardCount));
}

/** The position within the shard, 32 bits. */
function positionOf(cursor: number | bigint, shardCount: number): number {
  const position =
    typeof cursor === 'number'
      ? Math.floor(cursor / shardCount) % 4294967296
      : Number(BigInt.asUintN(32, cursor / BigInt(shardCount)));
  return position;
}

/** The cursor after a step of `shard` that ended at `position`. */
function cursorAfter(position: number, shard: number, shardCount: number): number {
  if (position !== 0) return position * shardCount + shard;
  return shard + 1 === shardCount ? 0 : shard + 1;
}

// ---------------------------------------------------------------------- the walk
// What a visitor needs to know stands here and not in a closure: a shard runs one command at a time.

const view: StringView = { bytes: NO_BYTES, start: 0, end: 0 };
let walkedDb: Db;
let walkedReply: Reply;
const { pattern } = scanOptions;
let found = 0;
let foundRefs: Ref[] = [];

/** Does the entry's key match? Leaves the key in `view` when there is a pattern. */
function matches(entry: Ref): boolean {
  if (pattern.matchesAll) return true;
  walkedDb.readKey(entry, view);
  return pattern.matches(view.bytes, view.start, view.end);
}

function collect(entry: Ref): void {
  const { type } = scanOptions;
  if (type !== ANY_TYPE && walkedDb.typeOf(entry) !== type) return;
  if (matches(entry)) foundRefs.push(entry);
}

function replyKey(entry: Ref): void {
  if (!matches(entry)) return;
  walkedDb.readKey(entry, view);
  walkedReply.bulk(view.bytes, view.start, view.end);
  found++;
}

// ---------------------------------------------------------------------- commands

function opKeys(db: Db, args: Args, reply: Reply): void {
  pattern.set(args, 1);
  walkedDb = db;
  walkedReply = reply;
  found = 0;
  const mark = reply.mark();
  let position = 0;
  do {
    position = db.scan(position, WALK_BATCH, replyKey);
  } while (position !== 0);
  reply.wrapArray(mark, found);
}

function opScan(db: Db, args: Args, reply: Reply): void {
  const cursor = parseCursor(args, 1);
  if (cursor === undefined) {
    reply.error(ERRORS.invalidCursor);
    return;
  }
  if (!readScanOptions(args, 2, 'keys', reply)) return;

  walkedDb = db;
  const { id, shardCount } = db.shard;
  const position = db.scan(positionOf(cursor, shardCount), scanOptions.count, collect);
  reply.array(2);
  reply.bulkInteger(cursorAfter(position, id, shardCount));
  reply.array(foundRefs.length);
  for (const entry of foundRefs) {
    db.readKey(entry, view);
    reply.bulk(view.bytes, view.start, view.end);
  }
  if (foundRefs.length > KEPT_REFS_MAX) foundRefs = [];
  else foundRefs.length = 0;
}

/**
 * A shard with the chance of its share of the keys. Expired keys that still stand count as well, so a shard that holds
 * nothing but those may be asked and answer that there is no key, until active expiry has been there.
 */
export function pickRandomKeyShard(_args: Args, topology: Topology, db: number): number {
  let keys = 0;
  for (let shard = 0; shard < topology.shardCount; shard++) keys += topology.keyCount(shard, db);
  if (keys === 0) return 0;
  let rest = topology.randomBelow(keys);
  for (let shard = 0; shard < topology.shardCount; shard++) {
    rest -= topology.keyCount(shard, db);
    if (rest < 0) return shard;
  }
  return 0;
}

function opRandomKey(db: Db, _args: Args, reply: Reply): void {
  const entry = db.randomEntry(db.shard.random);
  if (entry === 0) {
    reply.nil();
    return;
  }
  db.readKey(entry, view);
  reply.bulk(view.bytes, view.start, view.end);
}

function opDbSize(db: Db, _args: Args, reply: Reply): void {
  reply.integer(db.size);
}

export const SCAN_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'KEYS',
    since: '1.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'generic',
    categories: ['dangerous'],
    summary: 'Lists the keys that match a pattern.',
    complexity: 'O(n), n = keys in the database, for keys and patterns of limited length',
    usage: 'pattern',
    tips: ['request_policy:all_shards', 'nondeterministic_output_order'],
    examples: [
      ['KEYS *', '*0'],
      ['SET key:1 v', '+OK'],
      ['KEYS key:?', '*1\r\n$5\r\nkey:1'],
      ['KEYS key:[^1]', '*0'],
    ],
    onEveryShard: { op: opKeys, merge: 'concat' },
  },
  {
    name: 'SCAN',
    since: '2.8.0',
    arity: -2,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Lists the keys of the database step by step.',
    complexity: 'O(COUNT) for every call; O(n) for a whole walk, n = keys in the database',
    usage: 'cursor [MATCH pattern] [COUNT count] [TYPE type]@6.0.0',
    tips: ['nondeterministic_output', 'request_policy:special', 'response_policy:special'],
    history: [['6.0.0', 'Added the `TYPE` subcommand.']],
    examples: [
      ['SET k v', '+OK'],
      ['SCAN x', '-ERR invalid cursor'],
      ['SCAN 0 COUNT 0', '-ERR syntax error'],
      ['SCAN 0 NOVALUES', `-${NOVALUES_ELSEWHERE}`],
    ],
    onShard: opScan,
    pickShard: pickScanShard,
  },
  {
    name: 'RANDOMKEY',
    since: '1.0.0',
    arity: 1,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Picks a key of the database at random.',
    complexity: 'O(1)',
    usage: '',
    tips: ['request_policy:all_shards', 'response_policy:special', 'nondeterministic_output'],
    examples: [
      ['RANDOMKEY', '$-1'],
      ['SET k v', '+OK'],
      ['RANDOMKEY', '$1\r\nk'],
    ],
    onShard: opRandomKey,
    pickShard: pickRandomKeyShard,
  },
  {
    name: 'DBSIZE',
    since: '1.0.0',
    arity: 1,
    flags: ['readonly', 'fast'],
    group: 'server',
    categories: ['keyspace'],
    summary: 'Counts the keys of the database.',
    complexity: 'O(1)',
    usage: '',
    tips: ['request_policy:all_shards', 'response_policy:agg_sum'],
    examples: [
      ['SET k v', '+OK'],
      ['DBSIZE', ':1'],
    ],
    onEveryShard: { op: opDbSize, merge: 'sum' },
  },
];
