// What the stream commands share: opening streams and groups, replies of entries, trimming options.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db, Ref } from '../shard/db.js';
import { ConsumerValue, GroupValue, StreamGroups } from '../values/stream-group.js';
import { STREAM_KIND, StreamId, StreamValue, type TrimRule } from '../values/stream.js';
import { TYPE } from '../values/types.js';
import { int64Near } from './arguments.js';
import { BAD_ID, NO_ID, readNewId, replyId, tryId } from './stream-ids.js';

const MAXLEN = bytesOf('MAXLEN');
const MINID = bytesOf('MINID');
const LIMIT = bytesOf('LIMIT');
const NOMKSTREAM = bytesOf('NOMKSTREAM');
const TILDE = 0x7e;
const EQUALS = 0x3d;
const STAR = 0x2a;

/** Entries that approximate trimming takes away where nobody says how many: a hundred nodes, within bounds. */
const NODES_PER_TRIM = 100;
const TRIM_LIMIT_DEFAULT = 10_000;
const TRIM_LIMIT_MAX = 1_000_000;

/** The stream, group and consumer that were opened last. */
export const stream = new StreamValue();
export const groups = new StreamGroups();
export const group = new GroupValue();
export const consumer = new ConsumerValue();

/** `openStream`: there is no key, or something else stands under it (the client has been told). */
export const NO_STREAM = 0;
export const WRONG_TYPE = -1;
export const OPEN = 1;

/** Opens what `entry` (0: no key) holds. */
export function openStream(db: Db, entry: Ref, reply: Reply): number {
  if (entry === 0) return NO_STREAM;
  if (db.typeOf(entry) !== TYPE.stream) {
    reply.error(ERRORS.wrongType);
    return WRONG_TYPE;
  }
  stream.open(db.arena, entry);
  return OPEN;
}

/** Opens an empty stream under the free key at argument `i`. */
export function createStream(db: Db, args: Args, i: number): void {
  stream.create(db.arena, db.create(args, i, STREAM_KIND));
}

/** Opens the group of the open stream that argument `i` names; false: there is none. */
export function openGroup(args: Args, i: number): boolean {
  groups.open(stream.arena, stream.root);
  const ref = groups.names.find(args.bytes, args.starts[i], args.ends[i]);
  if (ref === 0) return false;
  group.open(stream.arena, ref);
  return true;
}

/** Opens the consumer of the open group that argument `i` names; false: there is none. */
export function openConsumer(args: Args, i: number): boolean {
  const ref = group.consumers.find(args.bytes, args.starts[i], args.ends[i]);
  if (ref === 0) return false;
  consumer.open(stream.arena, ref);
  return true;
}

/** Opens that consumer, made if it is not there, and notes that it was seen. */
export function meetConsumer(db: Db, args: Args, i: number): void {
  const { nowMs } = db.shard;
  consumer.open(stream.arena, group.consumer(args.bytes, args.starts[i], args.ends[i], nowMs));
  consumer.seenMs = nowMs;
}

/** An argument as error texts repeat it: to its first NUL. */
export function quoted(args: Args, i: number): string {
  return args.latin1(i).split('\0', 1)[0];
}

/** No key, or no group in it. */
export function noGroup(args: Args, key: number, groupAt: number): string {
  return `NOGROUP No such key '${quoted(args, key)}' or consumer group '${quoted(args, groupAt)}'`;
}

// ---------------------------------------------------------------------- replies

/** The entry that was stepped on or found: its ID, and its fields and values. */
export function replyEntry(reply: Reply): void {
  reply.array(2);
  replyId(reply, stream.node.id);
  reply.array(stream.node.fieldCount * 2);
  stream.give(reply);
}

/** The entries of the walk that was begun, at most `count` (0: all); how many there were. */
export function replyEntries(count: number, reply: Reply): number {
  const mark = reply.mark();
  let entries = 0;
  while (stream.step()) {
    replyEntry(reply);
    entries++;
    if (entries === count) break;
  }
  reply.wrapArray(mark, entries);
  return entries;
}

// ---------------------------------------------------------------------- trimming

const MIXED = 'ERR syntax error, MAXLEN and MINID options at the same time are not compatible';
const MAXLEN_NEGATIVE = 'ERR The MAXLEN argument must be >= 0.';
const LIMIT_NEGATIVE = 'ERR The LIMIT argument must be >= 0.';
/** The ID of an XADD while its options are read. */
const newId = new StreamId();

const LIMIT_ALONE = 'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy';
const LIMIT_EXACT = 'ERR syntax error, LIMIT cannot be used without the special ~ option';
const NO_STRATEGY = 'ERR syntax error, XTRIM must be called with a trimming strategy';

/** What became of entries in groups when they are trimmed or deleted (Redis 8.2). */
export type References = 'keep' | 'delete' | 'acknowledged';

const KEEPREF = bytesOf('KEEPREF');
const DELREF = bytesOf('DELREF');
const ACKED = bytesOf('ACKED');

/** The references that argument `i` spells; undefined: none. */
export function referencesAt(args: Args, i: number): References | undefined {
  if (args.is(i, KEEPREF)) return 'keep';
  if (args.is(i, DELREF)) return 'delete';
  if (args.is(i, ACKED)) return 'acknowledged';
  return undefined;
}

/** What `readTrim` found besides the rule. */
export const found = { noMakeStream: false, references: 'keep' as References };

/**
 * Reads XADD's options, or XTRIM's, from argument 2 on into `rule` and `found`, and returns the argument behind them: XADD's
 * ID. -1: the error has been replied.
 */
export function readTrim(db: Db, args: Args, rule: TrimRule, forAdd: boolean, reply: Reply): number {
  rule.clear();
  found.noMakeStream = false;
  found.references = 'keep';
  let limit = NaN;
  let i = 2;
  for (; i < args.count; i++) {
    const more = args.count - 1 - i;
    if (forAdd && args.length(i) === 1 && args.bytes[args.starts[i]] === STAR) break;
    if (more > 0 && (args.is(i, MAXLEN) || args.is(i, MINID))) {
      i = readThreshold(args, i, rule, reply);
      if (i < 0) return -1;
    } else if (more > 0 && args.is(i, LIMIT)) {
      limit = int64Near(args, i + 1);
      if (!(limit >= 0)) return fail(reply, Number.isNaN(limit) ? ERRORS.notInteger : LIMIT_NEGATIVE);
      i++;
    } else if (forAdd && args.is(i, NOMKSTREAM)) {
      found.noMakeStream = true;
    } else {
      const references = referencesAt(args, i);
      if (references !== undefined) found.references = references;
      else if (forAdd) {
        // What is wrong with the ID comes before what is wrong with LIMIT.
        if (!Number.isNaN(limit) && readNewId(args, i, newId, reply) === NO_ID) return -1;
        break;
      } else return fail(reply, ERRORS.syntax);
    }
  }
  return settleLimit(db, rule, limit, forAdd, reply) ? i : -1;
}

function fail(reply: Reply, error: string): number {
  reply.error(error);
  return -1;
}

/** Reads MAXLEN or MINID at argument `i` and returns the last argument of it; -1: the error has been replied. */
function readThreshold(args: Args, i: number, rule: TrimRule, reply: Reply): number {
  if (rule.by !== 'none') return fail(reply, MIXED);
  let at = i + 1;
  rule.approximate = false;
  if (args.count - 1 - i >= 2 && args.length(at) === 1) {
    const operator = args.bytes[args.starts[at]];
    rule.approximate = operator === TILDE;
    if (operator === TILDE || operator === EQUALS) at++;
  }
  if (args.is(i, MINID)) {
    if (!tryId(args, at, rule.id)) return fail(reply, BAD_ID);
    rule.by = 'id';
    return at;
  }
  rule.length = int64Near(args, at);
  if (!(rule.length >= 0)) return fail(reply, Number.isNaN(rule.length) ? ERRORS.notInteger : MAXLEN_NEGATIVE);
  rule.by = 'length';
  return at;
}

/** `limit`: what was given, NaN for nothing. */
function settleLimit(db: Db, rule: TrimRule, limit: number, forAdd: boolean, reply: Reply): boolean {
  let error = '';
  if (limit > 0 && rule.by === 'none') error = LIMIT_ALONE;
  else if (!forAdd && rule.by === 'none') error = NO_STRATEGY;
  else if (!Number.isNaN(limit) && !rule.approximate) error = LIMIT_EXACT;
  if (error !== '') {
    reply.error(error);
    return false;
  }
  if (!Number.isNaN(limit)) {
    rule.limit = limit;
  } else if (rule.approximate) {
    const nodes = NODES_PER_TRIM * db.shard.limits.streamNodeMaxEntries;
    rule.limit = nodes <= 0 ? TRIM_LIMIT_DEFAULT : Math.min(nodes, TRIM_LIMIT_MAX);
  }
  return true;
}

// ---------------------------------------------------------------------- IDs of several entries

/** Registers for the IDs of one request, made as they are needed. */
const registers: StreamId[] = [];

/** Reads the IDs at arguments [from, to) into registers; undefined: one of them is none, and the client has been told. */
export function readIds(args: Args, from: number, to: number, reply: Reply): readonly StreamId[] | undefined {
  for (let i = from; i < to; i++) {
    const register = (registers[i - from] ??= new StreamId());
    if (tryId(args, i, register)) continue;
    reply.error(BAD_ID);
    return undefined;
  }
  if (registers.length > REGISTERS_MAX) {
    const kept = registers.slice(0, Math.max(to - from, 0));
    registers.length = 0;
    return kept;
  }
  return registers;
}

/** Registers that are kept from request to request. */
const REGISTERS_MAX = 1024;
