// XREAD and XREADGROUP over several shards. Every stream is asked for where it is, and what there is comes together in the
// order of the request.
//
//   XREAD        each stream: XREADCHECK (an error, or from behind which ID is read) and XREADPART (its entries, or nil)
//   XREADGROUP   XREADCHECK of all streams; XREADPART of all, which changes the group, only when no check has failed

import { bytesOf } from '../base/bytes.js';
import { replaceArgument, type Args } from '../contract/args.js';
import type { PlanPort, PlanRun, PlanStep } from '../contract/plan.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { StreamId } from '../values/stream.js';
import { int64Near } from './arguments.js';
import { replyId } from './stream-ids.js';
import { ABSENT, checkStream, READABLE, readGroupPart, readPart, readRequest, request, WRONG } from './stream-parts.js';

const DOLLAR = bytesOf('$');
const NO_ACK = '1';
const WITH_ACK = '0';

export function* planRead(port: PlanPort): PlanRun {
  const { args, reply } = port;
  if (!readRequest(args, false, reply)) return;
  const { first, streams, count } = request;
  const checks: PlanStep[] = [];
  const parts: PlanStep[] = [];
  for (let i = 0; i < streams; i++) {
    const key = first + i;
    checks.push(
      port
        .on(key, 'XREADCHECK')
        .arg(key)
        .arg(key + streams),
    );
    parts.push(
      port
        .on(key, 'XREADPART')
        .arg(key)
        .arg(key + streams)
        .word(String(count)),
    );
  }
  yield;
  if (forwardError(port, checks)) return;
  replyParts(port, first, parts);
  if (parts.some((part) => !part.reply.isNil)) return;
  // Whoever waits now waits for what comes behind the IDs that stand here.
  for (let i = 0; i < streams; i++) {
    const { bytes, bulkStart, bulkEnd } = checks[i].reply;
    if (args.is(first + streams + i, DOLLAR)) replaceArgument(args, first + streams + i, bytes, bulkStart, bulkEnd);
  }
}

export function* planReadGroup(port: PlanPort): PlanRun {
  const { args, reply } = port;
  if (!readRequest(args, true, reply)) return;
  const { first, streams, count, group, noAck } = request;
  const checks: PlanStep[] = [];
  for (let i = 0; i < streams; i++) {
    const key = first + i;
    checks.push(
      port
        .on(key, 'XREADCHECK')
        .arg(key)
        .arg(key + streams)
        .arg(group),
    );
  }
  yield;
  if (forwardError(port, checks)) return;
  const parts: PlanStep[] = [];
  for (let i = 0; i < streams; i++) {
    const key = first + i;
    const part = port
      .on(key, 'XREADPART')
      .arg(key)
      .arg(key + streams)
      .word(String(count));
    parts.push(
      part
        .arg(group)
        .arg(group + 1)
        .word(noAck ? NO_ACK : WITH_ACK),
    );
  }
  yield;
  replyParts(port, first, parts);
}

/** The first error, in the order of the request, is the answer; false: there is none. */
function forwardError(port: PlanPort, checks: readonly PlanStep[]): boolean {
  const failed = checks.find((check) => check.reply.isError);
  if (failed === undefined) return false;
  port.forward(failed.reply);
  return true;
}

/** The streams that have something, by name. Nothing is answered when none has. */
function replyParts(port: PlanPort, first: number, parts: readonly PlanStep[]): void {
  const { args, reply } = port;
  const mark = reply.mark();
  let served = 0;
  parts.forEach((part, i) => {
    if (part.reply.isNil) return;
    if (reply.protocol === 2) reply.array(2);
    reply.bulk(args.bytes, args.starts[first + i], args.ends[first + i]);
    port.forward(part.reply);
    served++;
  });
  if (served === 0) return;
  if (reply.protocol === 2) reply.wrapArray(mark, served);
  else reply.wrapMap(mark, served);
}

// ---------------------------------------------------------------------- what the shards do

const id = new StreamId();

/** XREADCHECK key id [group] */
function opCheck(db: Db, args: Args, reply: Reply): void {
  if (checkStream(db, args, 1, 2, args.count > 3 ? 3 : 0, id, reply) !== WRONG) replyId(reply, id);
}

/** XREADPART key id count [group consumer noack] */
function opPart(db: Db, args: Args, reply: Reply): void {
  const groupAt = args.count > 4 ? 4 : 0;
  const state = checkStream(db, args, 1, 2, groupAt, id, reply);
  if (state === WRONG) return;
  const count = int64Near(args, 3);
  let has = false;
  if (state === READABLE) {
    has =
      groupAt === 0
        ? readPart(id, count, reply)
        : readGroupPart(db, args, groupAt + 1, id, count, args.integer(groupAt + 2) === 1, reply);
  }
  if (state === ABSENT || !has) reply.nil();
}

const HIDDEN = { since: '7.0.0', group: 'stream', complexity: 'O(log n + m)', examples: [], internal: true } as const;

export const STREAM_PLAN_COMMANDS: readonly CommandSpec[] = [
  {
    ...HIDDEN,
    name: 'XREADCHECK',
    arity: -3,
    flags: ['readonly'],
    summary: 'Tells from behind which ID a stream is read, or what is wrong.',
    usage: 'key id [group]',
    keys: [keyAt(1, 'RO', 'access')],
    onShard: opCheck,
  },
  {
    ...HIDDEN,
    name: 'XREADPART',
    arity: -4,
    flags: ['write'],
    summary: "Reads one of a request's streams.",
    usage: 'key id count [group consumer noack]',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    onShard: opPart,
  },
];
