// What is pending with consumer groups: XPENDING, XCLAIM, XAUTOCLAIM.

import { bytesOf, NO_BYTES, type ByteView } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { StreamId } from '../values/stream.js';
import { int64Near } from './arguments.js';
import { readId, readInterval, readStart, replyId, tryId } from './stream-ids.js';
import {
  consumer,
  group,
  meetConsumer,
  noGroup,
  NO_STREAM,
  openConsumer,
  openGroup,
  openStream,
  quoted,
  readIds,
  replyEntry,
  stream,
  WRONG_TYPE,
} from './stream-values.js';

const COUNT = bytesOf('COUNT');
const FORCE = bytesOf('FORCE');
const IDLE = bytesOf('IDLE');
const JUSTID = bytesOf('JUSTID');
const LASTID = bytesOf('LASTID');
const RETRYCOUNT = bytesOf('RETRYCOUNT');
const TIME = bytesOf('TIME');

const id = new StreamId();
const other = new StreamId();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

/** Opens stream and group at arguments 1 and 2; false: the error has been replied. */
function openBoth(db: Db, args: Args, entry: number, reply: Reply): boolean {
  const opened = openStream(db, entry, reply);
  if (opened === WRONG_TYPE) return false;
  if (opened !== NO_STREAM && openGroup(args, 2)) return true;
  reply.error(noGroup(args, 1, 2));
  return false;
}

// ---------------------------------------------------------------------- XPENDING

function opXPending(db: Db, args: Args, reply: Reply): void {
  const { count } = args;
  if (count === 3) {
    if (openBoth(db, args, db.lookupRead(args, 1), reply)) summaryReply(reply);
    return;
  }
  if (count < 6 || count > 9) {
    reply.error(ERRORS.syntax);
    return;
  }
  let at = 3;
  let minIdleMs = 0;
  if (args.is(3, IDLE)) {
    minIdleMs = int64Near(args, 4);
    if (Number.isNaN(minIdleMs)) {
      reply.error(ERRORS.notInteger);
      return;
    }
    if (count < 8) {
      reply.error(ERRORS.syntax);
      return;
    }
    at = 5;
  }
  const max = int64Near(args, at + 2);
  if (Number.isNaN(max)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (!readInterval(args, at, at + 1, id, other, reply)) return;
  if (!openBoth(db, args, db.lookupRead(args, 1), reply)) return;
  const ofConsumer = at + 3 < count;
  if (ofConsumer && !openConsumer(args, at + 3)) {
    reply.array(0);
    return;
  }
  rangeReply(db, ofConsumer, max, minIdleMs, reply);
}

/** How many are pending, from which ID to which, and with whom how many. */
function summaryReply(reply: Reply): void {
  const { pending, consumers } = group;
  reply.array(4);
  reply.integer(pending.count);
  if (pending.count === 0) {
    reply.nil();
    reply.nil();
    reply.nilArray();
    return;
  }
  pending.first();
  replyId(reply, pending.readId(id));
  pending.last();
  replyId(reply, pending.readId(id));
  const mark = reply.mark();
  let having = 0;
  for (let i = 0; i < consumers.count; i++) {
    consumer.open(group.arena, consumers.at(i));
    const count = consumer.pending.count;
    if (count === 0) continue;
    group.readConsumerName(consumer.ref, view);
    reply.array(2);
    reply.bulk(view.bytes, view.start, view.end);
    reply.bulkInteger(count);
    having++;
  }
  reply.wrapArray(mark, having);
}

/** The entries from `id` to `other` that are pending with the group, or with the open consumer. */
function rangeReply(db: Db, ofConsumer: boolean, max: number, minIdleMs: number, reply: Reply): void {
  const { nowMs } = db.shard;
  const pending = ofConsumer ? consumer.pending : group.pending;
  const mark = reply.mark();
  let entries = 0;
  let more = max > 0 && pending.seekAtLeast(id);
  for (; more && entries < max; more = pending.next()) {
    if (pending.readId(id).compare(other) > 0) break;
    if (ofConsumer) group.pending.find(id);
    const idleMs = nowMs - group.deliveredMs;
    if (minIdleMs !== 0 && idleMs < minIdleMs) continue;
    reply.array(4);
    replyId(reply, id);
    group.readConsumerName(group.owner, view);
    reply.bulk(view.bytes, view.start, view.end);
    reply.integer(Math.max(idleMs, 0));
    replyDeliveries(reply);
    entries++;
  }
  reply.wrapArray(mark, entries);
}

/** How often the entry under the cursor was delivered. */
export function replyDeliveries(reply: Reply): void {
  const near = group.deliveriesNear;
  if (Number.isSafeInteger(near)) reply.integer(near);
  else reply.bigInteger(group.deliveries);
}

// ---------------------------------------------------------------------- XCLAIM

/** XCLAIM's options. */
const claim = { force: false, justId: false, deliveredMs: NaN, retries: undefined as bigint | undefined };

/** Reads the options from argument `from` on, the last ID into `other`; false: the error has been replied. */
function readClaim(args: Args, from: number, nowMs: number, reply: Reply): boolean {
  claim.force = false;
  claim.justId = false;
  claim.deliveredMs = -1;
  claim.retries = undefined;
  other.setMin();
  for (let i = from; i < args.count; i++) {
    const more = i + 1 < args.count;
    let bad = '';
    if (args.is(i, FORCE)) {
      claim.force = true;
    } else if (args.is(i, JUSTID)) {
      claim.justId = true;
    } else if (more && (args.is(i, IDLE) || args.is(i, TIME))) {
      const ms = int64Near(args, i + 1);
      if (Number.isNaN(ms)) bad = args.is(i, IDLE) ? 'IDLE' : 'TIME';
      claim.deliveredMs = args.is(i, IDLE) ? nowMs - ms : ms;
      i++;
    } else if (more && args.is(i, RETRYCOUNT)) {
      const retries = args.bigint(++i);
      if (retries === undefined) bad = 'RETRYCOUNT';
      else claim.retries = retries < 0n ? undefined : retries;
    } else if (more && args.is(i, LASTID)) {
      if (!readId(args, ++i, other, reply)) return false;
    } else {
      reply.error(`ERR Unrecognized XCLAIM option '${quoted(args, i)}'`);
      return false;
    }
    if (bad !== '') {
      reply.error(`ERR Invalid ${bad} option argument for XCLAIM`);
      return false;
    }
  }
  // A time that is none, or still to come, means now: clients may have reckoned by their own clocks.
  if (claim.deliveredMs < 0 || claim.deliveredMs > nowMs) claim.deliveredMs = nowMs;
  return true;
}

function opXClaim(db: Db, args: Args, reply: Reply): void {
  const { nowMs } = db.shard;
  if (!openBoth(db, args, db.lookupWrite(args, 1), reply)) return;
  const minIdleMs = int64Near(args, 4);
  if (Number.isNaN(minIdleMs)) {
    reply.error('ERR Invalid min-idle-time argument for XCLAIM');
    return;
  }
  let options = 5;
  while (options < args.count && tryId(args, options, id)) options++;
  if (!readClaim(args, options, nowMs, reply)) return;
  const ids = readIds(args, 5, options, reply);
  if (ids === undefined) return;
  if (other.compare(group.readLastId(id)) > 0) group.setLastId(other);
  meetConsumer(db, args, 3);
  const mark = reply.mark();
  let claimed = 0;
  for (let i = 0; i < options - 5; i++) if (claimOne(ids[i], nowMs, minIdleMs, reply)) claimed++;
  reply.wrapArray(mark, claimed);
}

/** Gives the entry to the open consumer if it may; true: it is replied. */
function claimOne(of: StreamId, nowMs: number, minIdleMs: number, reply: Reply): boolean {
  if (!stream.find(of)) {
    group.acknowledge(of); // what is no more is not pending either
    return false;
  }
  const isPending = group.pending.find(of);
  if (!isPending && !claim.force) return false;
  if (isPending && minIdleMs > 0 && nowMs - group.deliveredMs < minIdleMs) return false;
  group.assign(of, consumer);
  // A new entry counts as delivered once before it is claimed.
  const before = isPending ? group.deliveries : 1n;
  group.setDeliveredBig(claim.deliveredMs, claim.retries ?? (claim.justId ? before : before + 1n));
  consumer.activeMs = nowMs;
  if (claim.justId) replyId(reply, of);
  else replyEntry(reply);
  return true;
}

// ---------------------------------------------------------------------- XAUTOCLAIM

const COUNT_DEFAULT = 100;
/** Redis's bound of COUNT: what its memory for IDs may take. */
const COUNT_MAX = Math.floor(2 ** 63 / 16);
/** Entries that are looked at for each that may be claimed. */
const LOOKS_PER_CLAIM = 10;

function opXAutoClaim(db: Db, args: Args, reply: Reply): void {
  const minIdleMs = int64Near(args, 4);
  if (Number.isNaN(minIdleMs)) {
    reply.error('ERR Invalid min-idle-time argument for XAUTOCLAIM');
    return;
  }
  if (!readStart(args, 5, id, reply)) return;
  let count = COUNT_DEFAULT;
  let justId = false;
  for (let i = 6; i < args.count; i++) {
    if (args.is(i, COUNT) && i + 1 < args.count) {
      count = int64Near(args, ++i);
      if (!(count >= 1 && count < COUNT_MAX)) {
        reply.error('ERR COUNT must be > 0');
        return;
      }
    } else if (args.is(i, JUSTID)) {
      justId = true;
    } else {
      reply.error(ERRORS.syntax);
      return;
    }
  }
  if (!openBoth(db, args, db.lookupWrite(args, 1), reply)) return;
  meetConsumer(db, args, 3);
  claimIdle(db.shard.nowMs, minIdleMs, count, justId, reply);
}

/** Gives entries from `id` on that have been idle for long enough to the open consumer, and replies. */
function claimIdle(nowMs: number, minIdleMs: number, count: number, justId: boolean, reply: Reply): void {
  const { pending } = group;
  const gone: StreamId[] = [];
  let left = count;
  let claimed = 0;
  // The next ID to look at stands before what was claimed, and is known only afterwards.
  const head = reply.mark();
  let more = pending.seekAtLeast(id);
  for (let looks = count * LOOKS_PER_CLAIM; more && looks > 0 && left > 0; looks--) {
    pending.readId(id);
    if (!stream.find(id)) {
      group.acknowledge(id);
      gone.push(new StreamId().copy(id));
      left--;
      more = pending.seekAtLeast(id);
      continue;
    }
    if (minIdleMs <= 0 || nowMs - group.deliveredMs >= minIdleMs) {
      group.assign(id, consumer);
      group.setDeliveredBig(nowMs, group.deliveries + (justId ? 0n : 1n));
      consumer.activeMs = nowMs;
      if (justId) replyId(reply, id);
      else replyEntry(reply);
      claimed++;
      left--;
    }
    more = pending.next();
  }
  reply.wrapArray(head, claimed);
  wrapNext(more, head, reply);
  reply.array(gone.length);
  for (const one of gone) replyId(reply, one);
}

/** Puts the head of the reply and the ID to go on with before what stands since `mark`. */
function wrapNext(more: boolean, mark: number, reply: Reply): void {
  const claimedEnd = reply.mark();
  if (more) replyId(reply, group.pending.readId(id));
  else replyId(reply, id.setMin());
  const { bytes } = reply;
  const next = bytes.slice(claimedEnd, reply.mark());
  bytes.copyWithin(mark + next.length, mark, claimedEnd);
  bytes.set(next, mark);
  reply.wrapArray(mark, 3);
}

export const STREAM_PENDING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XPENDING',
    since: '5.0.0',
    arity: -3,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Tells what is pending with a consumer group: in all, or entry by entry.',
    complexity: 'O(log n + m), n = entries pending, m = entries looked at, or consumers',
    usage: 'key group filters=[[IDLE min-idle-time:integer]@6.2.0 start:string end:string count [consumer]]',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: [['6.2.0', 'Option IDLE, exclusive bounds.']],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XPENDING k g', '*4\r\n:1\r\n$3\r\n1-1\r\n$3\r\n1-1\r\n*1\r\n*2\r\n$1\r\nc\r\n$1\r\n1'],
      ['XPENDING k g IDLE 1000000 - + 10', '*0'],
      ['XPENDING k g - + 10 d', '*0'],
    ],
    onShard: opXPending,
  },
  {
    name: 'XCLAIM',
    since: '5.0.0',
    arity: -6,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Gives entries that are pending with a group to another of its consumers.',
    complexity: 'O(log n) for each ID, n = entries pending',
    usage:
      'key group consumer min-idle-time id [id ...] [IDLE ms:integer] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]',
    keys: [keyAt(1, 'RW', 'update')],
    tips: ['nondeterministic_output'],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XCLAIM k g d 0 1-1 JUSTID', '*1\r\n$3\r\n1-1'],
      ['XCLAIM k g c 1000000 1-1', '*0'],
      ['XPENDING k g', '*4\r\n:1\r\n$3\r\n1-1\r\n$3\r\n1-1\r\n*1\r\n*2\r\n$1\r\nd\r\n$1\r\n1'],
    ],
    onShard: opXClaim,
  },
  {
    name: 'XAUTOCLAIM',
    since: '6.2.0',
    arity: -6,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Looks for entries that have been pending for long and gives them to a consumer.',
    complexity: 'O(log n + m), n = entries pending, m = entries looked at, ten times COUNT at most',
    usage: 'key group consumer min-idle-time start:string [COUNT count] [JUSTID]',
    keys: [keyAt(1, 'RW', 'delete')],
    tips: ['nondeterministic_output'],
    history: [['7.0.0', 'The reply tells which entries were gone and are pending no more.']],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XAUTOCLAIM k g d 0 0 JUSTID', '*3\r\n$3\r\n0-0\r\n*1\r\n$3\r\n1-1\r\n*0'],
      ['XDEL k 1-1', ':1'],
      ['XAUTOCLAIM k g d 0 0', '*3\r\n$3\r\n0-0\r\n*0\r\n*1\r\n$3\r\n1-1'],
    ],
    onShard: opXAutoClaim,
  },
];
