// XINFO: what there is to know of a stream, its groups and their consumers.

import { bytesOf, NO_BYTES, type ByteView } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { NEVER, READ_UNKNOWN } from '../values/stream-group.js';
import { StreamProgress } from '../values/stream-progress.js';
import { StreamId } from '../values/stream.js';
import { int64Near } from './arguments.js';
import { withHelp } from './help.js';
import { replyId } from './stream-ids.js';
import { replyDeliveries } from './stream-pending.js';
import {
  consumer,
  group,
  groups,
  NO_STREAM,
  openGroup,
  openStream,
  quoted,
  replyEntries,
  replyEntry,
  stream,
  WRONG_TYPE,
} from './stream-values.js';

const FULL = bytesOf('FULL');
const COUNT = bytesOf('COUNT');
/** Entries and pending entries that FULL shows where nobody says how many. */
const COUNT_DEFAULT = 10;

const id = new StreamId();
const progress = new StreamProgress();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

/** Opens the stream at argument 2; false: there is none, and the client has been told. */
function open(db: Db, args: Args, reply: Reply): boolean {
  const opened = openStream(db, db.lookupRead(args, 2), reply);
  if (opened === NO_STREAM) reply.error(ERRORS.noSuchKey);
  if (opened === NO_STREAM || opened === WRONG_TYPE) return false;
  groups.open(stream.arena, stream.root);
  return true;
}

function replyBig(value: bigint, reply: Reply): void {
  reply.bigInteger(value);
}

function replyRead(reply: Reply): void {
  if (group.read === READ_UNKNOWN) reply.nil();
  else replyBig(group.read, reply);
}

function replyLag(reply: Reply): void {
  progress.open(stream);
  const lag = progress.lag(group);
  if (lag === undefined) reply.nil();
  else replyBig(lag, reply);
}

// ---------------------------------------------------------------------- XINFO STREAM

function opStream(db: Db, args: Args, reply: Reply): void {
  if (!open(db, args, reply)) return;
  const options = args.count - 3;
  if (options === 0) {
    streamReply(reply);
    return;
  }
  const isRight = (options === 1 || options === 3) && args.is(3, FULL) && (options === 1 || args.is(4, COUNT));
  if (!isRight) {
    reply.error(`ERR unknown subcommand or wrong number of arguments for '${quoted(args, 1)}'. Try XINFO HELP.`);
    return;
  }
  let count = COUNT_DEFAULT;
  if (options === 3) {
    count = int64Near(args, 5);
    if (Number.isNaN(count)) {
      reply.error(ERRORS.notInteger);
      return;
    }
    if (count < 0) count = COUNT_DEFAULT;
  }
  fullReply(count, reply);
}

/** What both forms begin with. */
function replyHead(pairs: number, reply: Reply): void {
  reply.map(pairs);
  reply.bulkText('length');
  reply.integer(stream.length);
  reply.bulkText('radix-tree-keys');
  reply.integer(stream.nodes);
  reply.bulkText('radix-tree-nodes');
  reply.integer(stream.radixNodes());
  reply.bulkText('last-generated-id');
  replyId(reply, stream.readLastId(id));
  reply.bulkText('max-deleted-entry-id');
  replyId(reply, stream.readDeletedId(id));
  reply.bulkText('entries-added');
  replyBig(stream.added, reply);
  reply.bulkText('recorded-first-entry-id');
  replyId(reply, stream.readFirstId(id));
}

function streamReply(reply: Reply): void {
  replyHead(10, reply);
  reply.bulkText('groups');
  reply.integer(groups.names.count);
  reply.bulkText('first-entry');
  replyEdge(false, reply);
  reply.bulkText('last-entry');
  replyEdge(true, reply);
}

function replyEdge(last: boolean, reply: Reply): void {
  stream.walkAll(last);
  if (stream.step()) replyEntry(reply);
  else reply.nil();
}

/** `count` entries of the stream and of everything that is pending; 0: all. */
function fullReply(count: number, reply: Reply): void {
  replyHead(9, reply);
  reply.bulkText('entries');
  stream.walkAll(false);
  replyEntries(count, reply);
  reply.bulkText('groups');
  reply.array(groups.names.count);
  for (let i = 0; i < groups.names.count; i++) {
    group.open(stream.arena, groups.names.at(i));
    fullGroupReply(count, reply);
  }
}

function fullGroupReply(count: number, reply: Reply): void {
  const { pending, consumers } = group;
  groups.names.readName(group.ref, view);
  reply.map(7);
  reply.bulkText('name');
  reply.bulk(view.bytes, view.start, view.end);
  reply.bulkText('last-delivered-id');
  replyId(reply, group.readLastId(id));
  reply.bulkText('entries-read');
  replyRead(reply);
  reply.bulkText('lag');
  replyLag(reply);
  reply.bulkText('pel-count');
  reply.integer(pending.count);
  reply.bulkText('pending');
  const mark = reply.mark();
  let shown = 0;
  for (let more = pending.first(); more && (count === 0 || shown < count); more = pending.next(), shown++) {
    reply.array(4);
    replyId(reply, pending.readId(id));
    group.readConsumerName(group.owner, view);
    reply.bulk(view.bytes, view.start, view.end);
    reply.integer(group.deliveredMs);
    replyDeliveries(reply);
  }
  reply.wrapArray(mark, shown);
  reply.bulkText('consumers');
  reply.array(consumers.count);
  for (let i = 0; i < consumers.count; i++) {
    consumer.open(stream.arena, consumers.at(i));
    fullConsumerReply(count, reply);
  }
}

function fullConsumerReply(count: number, reply: Reply): void {
  const { pending } = consumer;
  reply.map(5);
  replyName(reply);
  reply.bulkText('seen-time');
  reply.integer(consumer.seenMs);
  reply.bulkText('active-time');
  reply.integer(consumer.activeMs);
  reply.bulkText('pel-count');
  reply.integer(pending.count);
  reply.bulkText('pending');
  const mark = reply.mark();
  let shown = 0;
  for (let more = pending.first(); more && (count === 0 || shown < count); more = pending.next(), shown++) {
    reply.array(3);
    replyId(reply, pending.readId(id));
    group.pending.find(id);
    reply.integer(group.deliveredMs);
    replyDeliveries(reply);
  }
  reply.wrapArray(mark, shown);
}

/** Name and value of the open consumer's name. */
function replyName(reply: Reply): void {
  group.readConsumerName(consumer.ref, view);
  reply.bulkText('name');
  reply.bulk(view.bytes, view.start, view.end);
}

// ---------------------------------------------------------------------- XINFO GROUPS, XINFO CONSUMERS

function opGroups(db: Db, args: Args, reply: Reply): void {
  if (!open(db, args, reply)) return;
  reply.array(groups.names.count);
  for (let i = 0; i < groups.names.count; i++) {
    group.open(stream.arena, groups.names.at(i));
    groups.names.readName(group.ref, view);
    reply.map(6);
    reply.bulkText('name');
    reply.bulk(view.bytes, view.start, view.end);
    reply.bulkText('consumers');
    reply.integer(group.consumers.count);
    reply.bulkText('pending');
    reply.integer(group.pending.count);
    reply.bulkText('last-delivered-id');
    replyId(reply, group.readLastId(id));
    reply.bulkText('entries-read');
    replyRead(reply);
    reply.bulkText('lag');
    replyLag(reply);
  }
}

function opConsumers(db: Db, args: Args, reply: Reply): void {
  if (!open(db, args, reply)) return;
  if (!openGroup(args, 3)) {
    reply.error(`NOGROUP No such consumer group '${quoted(args, 3)}' for key name '${quoted(args, 2)}'`);
    return;
  }
  const { nowMs } = db.shard;
  const { consumers } = group;
  reply.array(consumers.count);
  for (let i = 0; i < consumers.count; i++) {
    consumer.open(stream.arena, consumers.at(i));
    const { activeMs } = consumer;
    reply.map(4);
    replyName(reply);
    reply.bulkText('pending');
    reply.integer(consumer.pending.count);
    reply.bulkText('idle');
    reply.integer(Math.max(nowMs - consumer.seenMs, 0));
    reply.bulkText('inactive');
    reply.integer(activeMs === NEVER ? NEVER : nowMs - activeMs);
  }
}

const XINFO: readonly CommandSpec[] = [
  {
    name: 'CONSUMERS',
    since: '5.0.0',
    arity: 4,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Tells of each consumer of a group what is pending with it, and how long ago it was heard of.',
    complexity: 'O(n), n = consumers',
    usage: 'key group',
    keys: [keyAt(2, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    history: [['7.2.0', 'Field inactive; idle counts from the last attempt.']],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      ['XINFO CONSUMERS k g', '*0'],
      ['XINFO CONSUMERS k other', "-NOGROUP No such consumer group 'other' for key name 'k'"],
    ],
    onShard: opConsumers,
  },
  {
    name: 'GROUPS',
    since: '5.0.0',
    arity: 3,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Tells of each group of a stream how far it has come.',
    complexity: 'O(n), n = groups',
    usage: 'key',
    keys: [keyAt(2, 'RO', 'access')],
    history: [['7.0.0', 'Fields entries-read and lag.']],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      [
        'XINFO GROUPS k',
        '*1\r\n*12\r\n$4\r\nname\r\n$1\r\ng\r\n$9\r\nconsumers\r\n:0\r\n$7\r\npending\r\n:0\r\n$17\r\nlast-delivered-id\r\n$3\r\n0-0\r\n$12\r\nentries-read\r\n$-1\r\n$3\r\nlag\r\n:0',
      ],
      ['XINFO GROUPS none', `-${ERRORS.noSuchKey}`],
    ],
    onShard: opGroups,
  },
  {
    name: 'STREAM',
    since: '5.0.0',
    arity: -3,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Tells about a stream; FULL shows entries, groups and what is pending.',
    complexity: 'O(n), n = nodes of entries, with FULL and what is shown',
    usage: 'key full-block=[FULL [COUNT count]]',
    keys: [keyAt(2, 'RO', 'access')],
    history: [
      ['6.0.0', 'Option FULL.'],
      ['7.0.0', 'Fields max-deleted-entry-id, entries-added, recorded-first-entry-id, entries-read and lag.'],
      ['7.2.0', 'Field active-time; seen-time is that of the last attempt.'],
    ],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      [
        'XINFO STREAM k',
        '*20\r\n$6\r\nlength\r\n:0\r\n$15\r\nradix-tree-keys\r\n:0\r\n$16\r\nradix-tree-nodes\r\n:1\r\n$17\r\nlast-generated-id\r\n$3\r\n0-0\r\n$20\r\nmax-deleted-entry-id\r\n$3\r\n0-0\r\n$13\r\nentries-added\r\n:0\r\n$23\r\nrecorded-first-entry-id\r\n$3\r\n0-0\r\n$6\r\ngroups\r\n:1\r\n$11\r\nfirst-entry\r\n$-1\r\n$10\r\nlast-entry\r\n$-1',
      ],
    ],
    onShard: opStream,
  },
];

export const STREAM_INFO_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XINFO',
    since: '5.0.0',
    arity: -2,
    flags: [],
    group: 'stream',
    summary: 'Holds the subcommands that tell about streams.',
    complexity: 'Depends on the subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('XINFO', '5.0.0', XINFO),
  },
];
