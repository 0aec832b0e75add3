// Deleting entries with an eye on consumer groups (Redis 8.2): XDELEX, XACKDEL, and how XADD and XTRIM trim.
//
//   KEEPREF   the entry goes, what is pending stays                                     (and nothing said)
//   DELREF    what is pending of it goes as well, in every group
//   ACKED     it goes only if every group has read and acknowledged it

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { GroupValue } from '../values/stream-group.js';
import { StreamId, type TrimRule } from '../values/stream.js';
import { int64Near } from './arguments.js';
import {
  group,
  groups,
  NO_STREAM,
  openGroup,
  openStream,
  readIds,
  referencesAt,
  stream,
  WRONG_TYPE,
  type References,
} from './stream-values.js';

const IDS = bytesOf('IDS');

const BAD_NUMIDS = 'ERR Number of IDs must be a positive integer';
const NUMIDS_MISMATCH = 'ERR The `numids` parameter must match the number of arguments';

/** What XDELEX and XACKDEL tell of an ID. */
const NO_SUCH_ENTRY = -1;
const DELETED = 1;
const REFERENCED = 2;

const last = new StreamId();
const each = new GroupValue();

/** True when a group of the open stream has not read the entry yet, or not acknowledged it. */
function isReferenced(id: StreamId): boolean {
  const { names } = groups;
  for (let i = 0; i < names.count; i++) {
    each.open(stream.arena, names.at(i));
    if (id.compare(each.readLastId(last)) > 0 || each.pending.find(id)) return true;
  }
  return false;
}

/** Takes the entry out of what is pending with the groups of the open stream. */
function dropReferences(id: StreamId): void {
  const { names } = groups;
  for (let i = 0; i < names.count; i++) {
    each.open(stream.arena, names.at(i));
    each.acknowledge(id);
  }
}

/** Trims the open stream; how many entries have gone. */
export function trimStream(rule: TrimRule, references: References): number {
  if (references === 'keep' || !stream.hasGroups) return stream.trim(rule);
  groups.open(stream.arena, stream.root);
  return stream.trimChosen(rule, (id) => {
    if (references === 'acknowledged') return !isReferenced(id);
    dropReferences(id);
    return true;
  });
}

/** Deletes an entry of the open stream, whose `groups` are open. */
function deleteOne(id: StreamId, references: References): number {
  if (references === 'acknowledged' && stream.find(id) && isReferenced(id)) return REFERENCED;
  // What is pending of an entry that is gone already goes all the same.
  if (references === 'delete') dropReferences(id);
  return stream.delete(id) ? DELETED : NO_SUCH_ENTRY;
}

// ---------------------------------------------------------------------- arguments

/** What `readDeletion` found: the IDs are arguments [idsFrom, idsTo). */
let references: References = 'keep';
let idsFrom = 0;
let idsTo = 0;

/** Reads the options from argument `from` on; the IDs, or undefined with the error replied. */
function readDeletion(args: Args, from: number, reply: Reply): readonly StreamId[] | undefined {
  references = 'keep';
  idsFrom = 0;
  idsTo = 0;
  for (let i = from; i < args.count; i++) {
    const given = referencesAt(args, i);
    if (given !== undefined) {
      references = given;
    } else if (args.is(i, IDS) && i + 1 < args.count && idsFrom === 0) {
      const count = int64Near(args, i + 1);
      if (!(count >= 1)) {
        reply.error(BAD_NUMIDS);
        return undefined;
      }
      idsFrom = i + 2;
      idsTo = idsFrom + count;
      if (idsTo > args.count) {
        reply.error(NUMIDS_MISMATCH);
        return undefined;
      }
      i = idsTo - 1;
    } else {
      reply.error(ERRORS.syntax);
      return undefined;
    }
  }
  if (idsFrom > 0) return readIds(args, idsFrom, idsTo, reply);
  reply.error(ERRORS.syntax);
  return undefined;
}

/** The same answer for each of the IDs. */
function replyNone(count: number, reply: Reply): void {
  reply.array(count);
  for (let i = 0; i < count; i++) reply.integer(NO_SUCH_ENTRY);
}

function opXDelEx(db: Db, args: Args, reply: Reply): void {
  const ids = readDeletion(args, 2, reply);
  if (ids === undefined) return;
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  const count = idsTo - idsFrom;
  if (opened === NO_STREAM) {
    replyNone(count, reply);
    return;
  }
  groups.open(stream.arena, stream.root);
  const before = stream.length;
  reply.array(count);
  for (let i = 0; i < count; i++) reply.integer(deleteOne(ids[i], references));
  if (stream.length !== before) db.changed(args, 1);
}

function opXAckDel(db: Db, args: Args, reply: Reply): void {
  const ids = readDeletion(args, 3, reply);
  if (ids === undefined) return;
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  const count = idsTo - idsFrom;
  if (opened === NO_STREAM || !openGroup(args, 2)) {
    replyNone(count, reply);
    return;
  }
  const before = stream.length;
  reply.array(count);
  for (let i = 0; i < count; i++) {
    if (!group.acknowledge(ids[i])) reply.integer(NO_SUCH_ENTRY);
    else reply.integer(deleteOne(ids[i], references) === REFERENCED ? REFERENCED : DELETED);
  }
  if (stream.length !== before) db.changed(args, 1);
}

export const STREAM_REFERENCE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XDELEX',
    since: '8.2.0',
    arity: -5,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Deletes entries of a stream, and says what becomes of them in consumer groups.',
    complexity: 'O(g) for each ID, g = consumer groups',
    usage: 'key condition=[KEEPREF | DELREF | ACKED] ids=(IDS numids:integer id [id ...])',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XADD k 2-1 f v', '$3\r\n2-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      [
        'XREADGROUP GROUP g c COUNT 1 STREAMS k >',
        '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv',
      ],
      ['XDELEX k ACKED IDS 3 1-1 2-1 3-1', '*3\r\n:2\r\n:2\r\n:-1'],
      ['XDELEX k DELREF IDS 1 1-1', '*1\r\n:1'],
      ['XPENDING k g', '*4\r\n:0\r\n$-1\r\n$-1\r\n*-1'],
      ['XDELEX k IDS 1 2-1', '*1\r\n:1'],
      ['XDELEX k IDS 2 2-1', `-${NUMIDS_MISMATCH}`],
    ],
    onShard: opXDelEx,
  },
  {
    name: 'XACKDEL',
    since: '8.2.0',
    arity: -6,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Acknowledges entries in a consumer group and deletes them from the stream.',
    complexity: 'O(g) for each ID, g = consumer groups',
    usage: 'key group condition=[KEEPREF | DELREF | ACKED] ids=(IDS numids:integer id [id ...])',
    keys: [keyAt(1, 'RW', 'update', 'delete')],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XACKDEL k g IDS 2 1-1 2-1', '*2\r\n:1\r\n:-1'],
      ['XLEN k', ':0'],
    ],
    onShard: opXAckDel,
  },
];
