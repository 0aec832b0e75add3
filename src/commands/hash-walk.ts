// The hash commands that look at all fields, or at some of them: HGETALL, HKEYS, HVALS, HSCAN, HRANDFIELD.

import { bytesOf } from '../base/bytes.js';
import { distinctIndices } from '../base/sample.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db, Ref } from '../shard/db.js';
import { FIELDS, VALUES } from '../values/hash.js';
import { int64Near, newView } from './arguments.js';
import { hash, NO_HASH, openHash, removeAllDue, WRONG_TYPE } from './hash-values.js';
import { cursorPosition, parseCursor, readScanOptions, scanOptions } from './scan-options.js';

const WITHVALUES = bytesOf('WITHVALUES');

const COUNT_OUT_OF_RANGE = 'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
/** The one int64 that is no count. */
const INT64_MIN_NEAR = -(2 ** 63);
const INT64_MIN = -(1n << 63n);
/** Pairs may be asked for by half as many as fields. */
const PAIRS_MAX = (1n << 62n) - 1n;
const PAIRS_MAX_NEAR = 2 ** 62;

/** From this share of the fields on, a choice of several is made among all of them, not by trying. */
const SHARE_OF_ALL = 1 / 3;

const field = newView();
const value = newView();

// ---------------------------------------------------------------------- everything

function opHGetAll(db: Db, args: Args, reply: Reply): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  reply.map(state === NO_HASH ? 0 : hash.length);
  if (state !== NO_HASH) hash.walk(FIELDS | VALUES, reply);
}

function walkOne(db: Db, args: Args, reply: Reply, what: number): void {
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  reply.array(state === NO_HASH ? 0 : hash.length);
  if (state !== NO_HASH) hash.walk(what, reply);
}

function opHKeys(db: Db, args: Args, reply: Reply): void {
  walkOne(db, args, reply, FIELDS);
}

function opHVals(db: Db, args: Args, reply: Reply): void {
  walkOne(db, args, reply, VALUES);
}

// ---------------------------------------------------------------------- HSCAN

/** The scratch list of a step is kept for the next one up to this length. */
const KEPT_MEMBERS_MAX = 4096;
let matching: Ref[] = [];

function matchesPattern(): boolean {
  if (scanOptions.pattern.matchesAll) return true;
  hash.readField(field);
  return scanOptions.pattern.matches(field.bytes, field.start, field.end);
}

function collect(): void {
  if (matchesPattern()) matching.push(hash.member);
}

function opHScan(db: Db, args: Args, reply: Reply): void {
  const cursor = parseCursor(args, 2);
  if (cursor === undefined) {
    reply.error(ERRORS.invalidCursor);
    return;
  }
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE || (state !== NO_HASH && !readScanOptions(args, 3, 'fields', reply))) return;
  reply.array(2);
  if (state === NO_HASH) {
    reply.bulkInteger(0);
    reply.array(0);
  } else if (hash.isTable) {
    scanTable(cursorPosition(cursor), reply);
  } else {
    scanPacked(reply);
  }
}

/** A packed hash is walked in one step, whatever the cursor. */
function scanPacked(reply: Reply): void {
  reply.bulkInteger(0);
  const mark = reply.mark();
  const each = scanOptions.noValues ? 1 : 2;
  let elements = 0;
  hash.each(() => {
    if (!matchesPattern()) return;
    replyScanned(reply);
    elements += each;
  });
  reply.wrapArray(mark, elements);
}

function scanTable(position: number, reply: Reply): void {
  const next = hash.scan(position, scanOptions.count, collect);
  reply.bulkInteger(next);
  reply.array(scanOptions.noValues ? matching.length : 2 * matching.length);
  for (const member of matching) {
    hash.seekMember(member);
    replyScanned(reply);
  }
  if (matching.length > KEPT_MEMBERS_MAX) matching = [];
  else matching.length = 0;
}

function replyScanned(reply: Reply): void {
  hash.readField(field);
  reply.bulk(field.bytes, field.start, field.end);
  if (scanOptions.noValues) return;
  hash.readValue(value);
  reply.bulk(value.bytes, value.start, value.end);
}

// ---------------------------------------------------------------------- HRANDFIELD

let withValues = false;

/** Replies with the cursor's field. */
function replyChosen(reply: Reply): void {
  if (withValues && reply.protocol === 3) reply.array(2);
  hash.readField(field);
  reply.bulk(field.bytes, field.start, field.end);
  if (!withValues) return;
  hash.readValue(value);
  reply.bulk(value.bytes, value.start, value.end);
}

function arrayOfChosen(reply: Reply, n: number): void {
  reply.array(withValues && reply.protocol === 2 ? 2 * n : n);
}

function opHRandField(db: Db, args: Args, reply: Reply): void {
  let count = 0;
  withValues = args.count > 3;
  if (args.count > 2) {
    count = int64Near(args, 2);
    const mistake = countMistake(args, count);
    if (mistake !== undefined) {
      reply.error(mistake);
      return;
    }
  }
  const state = openHash(db, db.lookupRead(args, 1), reply);
  if (state === WRONG_TYPE) return;
  if (state !== NO_HASH) removeAllDue(db);
  if (args.count === 2) {
    if (state === NO_HASH) {
      reply.nil();
    } else {
      hash.seekRandom(db.shard.random);
      replyChosen(reply);
    }
    return;
  }
  if (state === NO_HASH || count === 0) reply.array(0);
  else if (count < 0) replyAny(db, -count, reply);
  else replyDistinct(db, Math.min(count, hash.total), reply);
}

/** What is wrong with HRANDFIELD's arguments, if anything. */
function countMistake(args: Args, count: number): string | undefined {
  if (Number.isNaN(count)) return ERRORS.notInteger;
  if (count === INT64_MIN_NEAR && args.bigint(2) === INT64_MIN) return COUNT_OUT_OF_RANGE;
  if (args.count > 4 || (args.count === 4 && !args.is(3, WITHVALUES))) return ERRORS.syntax;
  return withValues && Math.abs(count) >= PAIRS_MAX_NEAR && tooManyPairs(args) ? ERRORS.outOfRange : undefined;
}

function tooManyPairs(args: Args): boolean {
  const count = args.bigint(2);
  return count === undefined || count > PAIRS_MAX || count < -PAIRS_MAX;
}

/** `n` fields, each chosen among all. */
function replyAny(db: Db, n: number, reply: Reply): void {
  arrayOfChosen(reply, n);
  for (let i = 0; i < n; i++) {
    hash.seekRandom(db.shard.random);
    replyChosen(reply);
  }
}

/** `n` different fields. */
function replyDistinct(db: Db, n: number, reply: Reply): void {
  const { random } = db.shard;
  const { total } = hash;
  arrayOfChosen(reply, n);
  if (n === total) {
    hash.each(() => {
      replyChosen(reply);
    });
  } else if (!hash.isTable) {
    for (const index of distinctIndices(random, total, n)) {
      hash.seek(index);
      replyChosen(reply);
    }
  } else if (n > total * SHARE_OF_ALL) {
    const members: Ref[] = [];
    hash.each(() => {
      members.push(hash.member);
    });
    for (const index of distinctIndices(random, total, n)) {
      hash.seekMember(members[index]);
      replyChosen(reply);
    }
  } else {
    const chosen = new Set<Ref>();
    while (chosen.size < n) {
      hash.seekRandom(random);
      if (chosen.has(hash.member)) continue;
      chosen.add(hash.member);
      replyChosen(reply);
    }
  }
}

// ---------------------------------------------------------------------- declarations

const PER_FIELD = 'O(n), n = fields of the hash';
const IN_NO_ORDER = ['nondeterministic_output_order'] as const;

export const HASH_WALK_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'HGETALL',
    since: '2.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'hash',
    summary: 'Gives all fields of a hash and their values.',
    complexity: PER_FIELD,
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: IN_NO_ORDER,
    examples: [
      ['HGETALL k', '*0'],
      ['HSET k a 1 b 2', ':2'],
      ['HGETALL k', '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2'],
    ],
    onShard: opHGetAll,
  },
  {
    name: 'HKEYS',
    since: '2.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'hash',
    summary: 'Gives the names of all fields of a hash.',
    complexity: PER_FIELD,
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: IN_NO_ORDER,
    examples: [
      ['HKEYS k', '*0'],
      ['HSET k a 1 b 2', ':2'],
      ['HKEYS k', '*2\r\n$1\r\na\r\n$1\r\nb'],
    ],
    onShard: opHKeys,
  },
  {
    name: 'HVALS',
    since: '2.0.0',
    arity: 2,
    flags: ['readonly'],
    group: 'hash',
    summary: 'Gives the values of all fields of a hash.',
    complexity: PER_FIELD,
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: IN_NO_ORDER,
    examples: [
      ['HVALS k', '*0'],
      ['HSET k a 1 b 2', ':2'],
      ['HVALS k', '*2\r\n$1\r\n1\r\n$1\r\n2'],
    ],
    onShard: opHVals,
  },
  {
    name: 'HSCAN',
    since: '2.8.0',
    arity: -3,
    flags: ['readonly'],
    group: 'hash',
    summary: 'Gives the fields of a hash step by step.',
    complexity: 'O(COUNT) for every call; O(n) for a whole walk, n = fields of the hash. A packed hash is one step.',
    usage: 'key cursor [MATCH pattern] [COUNT count] [NOVALUES]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['HSCAN k 0', '*2\r\n$1\r\n0\r\n*0'],
      ['HSET k a 1 b 2', ':2'],
      ['HSCAN k 0 MATCH b*', '*2\r\n$1\r\n0\r\n*2\r\n$1\r\nb\r\n$1\r\n2'],
      ['HSCAN k x', '-ERR invalid cursor'],
    ],
    onShard: opHScan,
  },
  {
    name: 'HRANDFIELD',
    since: '6.2.0',
    arity: -2,
    flags: ['readonly'],
    group: 'hash',
    summary: 'Picks fields of a hash at random: different ones, or with a negative count any.',
    complexity: 'O(n), n = fields returned; O(m) when that is a third of the m fields of the hash or more',
    usage: 'key options=[count [WITHVALUES]]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['HRANDFIELD k', '$-1'],
      ['HRANDFIELD k 2', '*0'],
      ['HSET k a 1', ':1'],
      ['HRANDFIELD k', '$1\r\na'],
      ['HRANDFIELD k 5 WITHVALUES', '*2\r\n$1\r\na\r\n$1\r\n1'],
      ['HRANDFIELD k -2', '*2\r\n$1\r\na\r\n$1\r\na'],
      ['HRANDFIELD k 1 VALUES', `-${ERRORS.syntax}`],
    ],
    onShard: opHRandField,
  },
];
