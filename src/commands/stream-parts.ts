// Reading streams: the arguments of XREAD and XREADGROUP, and what is read of one stream. Answering a request as a whole and
// waiting stand in stream-reading.ts, requests over several shards in stream-plans.ts.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { DOES_NOT_WAIT } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { StreamProgress } from '../values/stream-progress.js';
import { StreamId } from '../values/stream.js';
import { int64Near } from './arguments.js';
import { readId, replyId } from './stream-ids.js';
import {
  consumer,
  group,
  meetConsumer,
  NO_STREAM,
  OPEN,
  openGroup,
  openStream,
  quoted,
  replyEntries,
  replyEntry,
  stream,
  WRONG_TYPE,
} from './stream-values.js';

const BLOCK = bytesOf('BLOCK');
const COUNT = bytesOf('COUNT');
const STREAMS = bytesOf('STREAMS');
const GROUP = bytesOf('GROUP');
const NOACK = bytesOf('NOACK');
export const DOLLAR = 0x24;
const PLUS = 0x2b;
const GREATER = 0x3e;

const UNBALANCED = "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";
const GROUP_OF_XREAD = 'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.';
const NOACK_OF_XREAD = 'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.';
const NO_GROUP_GIVEN = 'ERR Missing GROUP option for XREADGROUP';
const NEW_OF_XREAD =
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.';
const TIMEOUT_BAD = 'ERR timeout is not an integer or out of range';
const TIMEOUT_NEGATIVE = 'ERR timeout is negative';

/** `$` and `+` say nothing of a group's consumer. */
function meaningless(symbol: string): string {
  return `ERR The ${symbol} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The ${symbol} ID would just return an empty result set.`;
}

// ---------------------------------------------------------------------- arguments

/** A request as it was read last. Streams are arguments [first, first + streams), their IDs follow. */
export const request = {
  timeoutMs: DOES_NOT_WAIT,
  /** Entries of each stream; 0: all. */
  count: 0,
  first: 0,
  streams: 0,
  /** The argument that names the group, the consumer's behind it; 0: XREAD. */
  group: 0,
  noAck: false,
};

/** Reads the options into `request`; false: the error has been replied. */
export function readRequest(args: Args, ofGroup: boolean, reply: Reply): boolean {
  const error = findError(args, ofGroup);
  if (error === undefined) return true;
  reply.error(error);
  return false;
}

/** What is wrong with the options, which it reads into `request`. */
export function findError(args: Args, ofGroup: boolean): string | undefined {
  request.timeoutMs = DOES_NOT_WAIT;
  request.count = 0;
  request.first = 0;
  request.group = 0;
  request.noAck = false;
  for (let i = 1; i < args.count; i++) {
    const more = args.count - i - 1;
    if (more > 0 && args.is(i, BLOCK)) {
      request.timeoutMs = int64Near(args, ++i);
      if (Number.isNaN(request.timeoutMs)) return TIMEOUT_BAD;
      if (request.timeoutMs < 0) return TIMEOUT_NEGATIVE;
    } else if (more > 0 && args.is(i, COUNT)) {
      request.count = int64Near(args, ++i);
      if (Number.isNaN(request.count)) return ERRORS.notInteger;
      if (request.count < 0) request.count = 0;
    } else if (more > 0 && args.is(i, STREAMS)) {
      request.first = i + 1;
      request.streams = more / 2;
      if (more % 2 !== 0) return UNBALANCED;
      break;
    } else if (more > 1 && args.is(i, GROUP)) {
      if (!ofGroup) return GROUP_OF_XREAD;
      request.group = i + 1;
      i += 2;
    } else if (args.is(i, NOACK)) {
      if (!ofGroup) return NOACK_OF_XREAD;
      request.noAck = true;
    } else {
      return ERRORS.syntax;
    }
  }
  if (request.first === 0) return ERRORS.syntax;
  return ofGroup && request.group === 0 ? NO_GROUP_GIVEN : undefined;
}

/** Argument `i` is this one character. */
export function isSymbol(args: Args, i: number, symbol: number): boolean {
  return args.length(i) === 1 && args.bytes[args.starts[i]] === symbol;
}

// ---------------------------------------------------------------------- one stream

const top = new StreamId();
const from = new StreamId();
const last = new StreamId().setMax();
const progress = new StreamProgress();

/** What `checkStream` says of a stream: the error has been replied; there is none, which is no error; it is open. */
export const WRONG = 0;
export const ABSENT = 1;
export const READABLE = 2;

/**
 * Opens the stream at argument `key`, and the group at argument `groupAt` (0: none), and reads the ID at argument `idAt` into
 * `id`: that from behind which is read, the greatest of all for a group's new entries. WRONG: the error has been replied.
 */
export function checkStream(
  db: Db,
  args: Args,
  key: number,
  idAt: number,
  groupAt: number,
  id: StreamId,
  reply: Reply,
): number {
  const opened = openStream(db, db.lookupRead(args, key), reply);
  if (opened === WRONG_TYPE) return WRONG;
  if (groupAt !== 0 && (opened === NO_STREAM || !openGroup(args, groupAt))) {
    const names = `'${quoted(args, key)}' or consumer group '${quoted(args, groupAt)}'`;
    reply.error(`NOGROUP No such key ${names} in XREADGROUP with GROUP option`);
    return WRONG;
  }
  const isEnd = isSymbol(args, idAt, DOLLAR);
  const isLast = isSymbol(args, idAt, PLUS);
  if (isEnd || isLast) {
    if (groupAt !== 0) {
      reply.error(meaningless(isEnd ? '$' : '+'));
      return WRONG;
    }
    id.setMin();
    if (opened === NO_STREAM) return ABSENT;
    if (isEnd) stream.readLastId(id);
    else if (stream.length > 0) stream.readLastLiveId(id).decrement();
    return READABLE;
  }
  if (isSymbol(args, idAt, GREATER)) {
    if (groupAt !== 0) {
      id.setMax();
      return READABLE;
    }
    reply.error(NEW_OF_XREAD);
    return WRONG;
  }
  if (!readId(args, idAt, id, reply)) return WRONG;
  return opened === OPEN ? READABLE : ABSENT;
}

/** Replies the entries of the open stream behind `id`; false: there are none, and nothing is replied. */
export function readPart(id: StreamId, count: number, reply: Reply): boolean {
  if (stream.length === 0 || stream.readLastLiveId(top).compare(id) <= 0) return false;
  from.copy(id).increment();
  stream.walk(from, last, false);
  replyEntries(count, reply);
  return true;
}

/** The same for the consumer at argument `consumerAt` of the open group: its history, or what is new to the group. */
export function readGroupPart(
  db: Db,
  args: Args,
  consumerAt: number,
  id: StreamId,
  count: number,
  noAck: boolean,
  reply: Reply,
): boolean {
  meetConsumer(db, args, consumerAt);
  if (!id.isMax) {
    from.copy(id).increment();
    replyHistory(db.shard.nowMs, count, reply);
    return true;
  }
  if (stream.length === 0 || stream.readLastLiveId(top).compare(group.readLastId(from)) <= 0) return false;
  from.increment();
  deliver(db.shard.nowMs, count, noAck, reply);
  return true;
}

/** Gives the entries from `from` on to the open consumer. */
function deliver(nowMs: number, count: number, noAck: boolean, reply: Reply): void {
  progress.open(stream);
  stream.walk(from, last, false);
  const mark = reply.mark();
  const { id } = stream.node;
  let entries = 0;
  while (stream.step()) {
    progress.advance(group, id);
    replyEntry(reply);
    if (!noAck) {
      group.assign(id, consumer);
      group.setDelivered(nowMs, 1);
    }
    entries++;
    if (entries === count) break;
  }
  if (!noAck && entries > 0) consumer.activeMs = nowMs;
  reply.wrapArray(mark, entries);
}

/** What is pending with the open consumer from `from` on, once more. Of entries that are gone there is only the ID. */
function replyHistory(nowMs: number, count: number, reply: Reply): void {
  const { pending } = consumer;
  const mark = reply.mark();
  let entries = 0;
  for (let more = pending.seekAtLeast(from); more; more = pending.next()) {
    pending.readId(top);
    if (stream.find(top)) {
      replyEntry(reply);
      group.pending.find(top);
      group.setDeliveredBig(nowMs, group.deliveries + 1n);
    } else {
      reply.array(2);
      replyId(reply, top);
      reply.nilArray();
    }
    entries++;
    if (entries === count) break;
  }
  reply.wrapArray(mark, entries);
}
