// The stream commands on entries: adding, ranges, deleting, trimming, and the last ID. Reading and waiting stand in
// stream-reading.ts, groups in stream-groups.ts, what is pending in stream-pending.ts, XINFO in stream-info.ts, deleting with
// an eye on groups in stream-references.ts.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { ENTRY_BYTES_MAX, StreamId, TrimRule } from '../values/stream.js';
import { int64Near } from './arguments.js';
import { BAD_ID, NO_ID, OPEN_ID, readId, readInterval, readNewId, replyId } from './stream-ids.js';
import { trimStream } from './stream-references.js';
import {
  createStream,
  found,
  NO_STREAM,
  OPEN,
  openStream,
  readIds,
  readTrim,
  replyEntries,
  stream,
  WRONG_TYPE,
} from './stream-values.js';

const COUNT = bytesOf('COUNT');
const ENTRIESADDED = bytesOf('ENTRIESADDED');
const MAXDELETEDID = bytesOf('MAXDELETEDID');
const STAR = 0x2a;

const ID_IS_MIN = 'ERR The ID specified in XADD must be greater than 0-0';
const EXHAUSTED = 'ERR The stream has exhausted the last possible ID, unable to add more items';
const ID_TOO_SMALL = 'ERR The ID specified in XADD is equal or smaller than the target stream top item';
const TOO_LARGE = 'ERR Elements are too large to be stored';
const ADDED_NEGATIVE = 'ERR entries_added must be positive';
const BELOW_DELETED = 'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id';
const BELOW_TOP = 'ERR The ID specified in XSETID is smaller than the target stream top item';
const BELOW_LENGTH = 'ERR The entries_added specified in XSETID is smaller than the target stream length';

const id = new StreamId();
const other = new StreamId();
const rule = new TrimRule();

// ---------------------------------------------------------------------- XADD

/** How XADD's ID is given. */
const NEXT_ID = -1;

function opXAdd(db: Db, args: Args, reply: Reply): void {
  const idAt = readTrim(db, args, rule, true, reply);
  if (idAt < 0) return;
  let given = NEXT_ID;
  if (idAt < args.count && !isStar(args, idAt)) {
    given = readNewId(args, idAt, id, reply);
    if (given === NO_ID) return;
  }
  const first = idAt + 1;
  const words = args.count - first;
  if (words < 2 || words % 2 === 1) {
    reply.error(wrongArity('xadd'));
    return;
  }
  if (given !== NEXT_ID && given !== OPEN_ID && id.isMin) {
    reply.error(ID_IS_MIN);
    return;
  }
  let bytes = 0;
  for (let i = first; i < args.count; i++) bytes += args.length(i);
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM) {
    if (found.noMakeStream) {
      reply.nil();
      return;
    }
    if (bytes <= ENTRY_BYTES_MAX) createStream(db, args, 1);
    else other.setMin();
  }
  if (opened === OPEN && stream.readLastId(other).isMax) {
    reply.error(EXHAUSTED);
    return;
  }
  if (opened === NO_STREAM) other.setMin();
  if (!makeId(db, given)) {
    reply.error(ID_TOO_SMALL);
    return;
  }
  if (bytes > ENTRY_BYTES_MAX) {
    reply.error(TOO_LARGE);
    return;
  }
  stream.append(id, args, first, words / 2, bytes, db.shard.limits);
  if (rule.by !== 'none') trimStream(rule, found.references);
  db.grew(args, 1);
  replyId(reply, id);
}

function isStar(args: Args, i: number): boolean {
  return args.length(i) === 1 && args.bytes[args.starts[i]] === STAR;
}

/** Makes `id` the new entry's: `other` is the last one. False: it would not be above that. */
function makeId(db: Db, given: number): boolean {
  if (given === NEXT_ID) {
    id.setMs(db.shard.nowMs);
    return id.compare(other) > 0 || id.copy(other).increment();
  }
  if (given === OPEN_ID && id.msHigh === other.msHigh && id.msLow === other.msLow) {
    if (other.isLastOfMs) return false;
    return id.copy(other).increment();
  }
  return id.compare(other) > 0;
}

// ---------------------------------------------------------------------- reading

function opXLen(db: Db, args: Args, reply: Reply): void {
  const opened = openStream(db, db.lookupRead(args, 1), reply);
  if (opened !== WRONG_TYPE) reply.integer(opened === NO_STREAM ? 0 : stream.length);
}

function rangeReply(db: Db, args: Args, reverse: boolean, reply: Reply): void {
  if (!readInterval(args, reverse ? 3 : 2, reverse ? 2 : 3, id, other, reply)) return;
  let count = -1;
  for (let i = 4; i < args.count; i += 2) {
    if (!args.is(i, COUNT) || i + 1 === args.count) {
      reply.error(ERRORS.syntax);
      return;
    }
    count = int64Near(args, i + 1);
    if (Number.isNaN(count)) {
      reply.error(ERRORS.notInteger);
      return;
    }
    if (count < 0) count = 0;
  }
  const opened = openStream(db, db.lookupRead(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM) {
    reply.array(0);
  } else if (count === 0) {
    reply.nilArray();
  } else {
    stream.walk(id, other, reverse);
    replyEntries(count, reply);
  }
}

function opXRange(db: Db, args: Args, reply: Reply): void {
  rangeReply(db, args, false, reply);
}

function opXRevRange(db: Db, args: Args, reply: Reply): void {
  rangeReply(db, args, true, reply);
}

// ---------------------------------------------------------------------- deleting and trimming

function opXDel(db: Db, args: Args, reply: Reply): void {
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM) {
    reply.integer(0);
    return;
  }
  const ids = readIds(args, 2, args.count, reply);
  if (ids === undefined) return;
  let deleted = 0;
  for (let i = 0; i < args.count - 2; i++) if (stream.delete(ids[i])) deleted++;
  if (deleted > 0) db.changed(args, 1);
  reply.integer(deleted);
}

function opXTrim(db: Db, args: Args, reply: Reply): void {
  if (readTrim(db, args, rule, false, reply) < 0) return;
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  const gone = opened === NO_STREAM ? 0 : trimStream(rule, found.references);
  if (gone > 0) db.changed(args, 1);
  reply.integer(gone);
}

// ---------------------------------------------------------------------- XSETID

function opXSetId(db: Db, args: Args, reply: Reply): void {
  if (!readId(args, 2, id, reply)) return;
  let added: bigint | undefined;
  other.setMin();
  for (let i = 3; i < args.count; i += 2) {
    const more = i + 1 < args.count;
    if (more && args.is(i, ENTRIESADDED)) {
      added = args.bigint(i + 1);
      if (added === undefined || added < 0n) {
        reply.error(added === undefined ? ERRORS.notInteger : ADDED_NEGATIVE);
        return;
      }
    } else if (more && args.is(i, MAXDELETEDID)) {
      if (!readId(args, i + 1, other, reply)) return;
      if (id.compare(other) < 0) {
        reply.error(BELOW_DELETED);
        return;
      }
    } else {
      reply.error(ERRORS.syntax);
      return;
    }
  }
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM) {
    reply.error(ERRORS.noSuchKey);
    return;
  }
  const { length } = stream;
  if (length > 0) {
    if (id.compare(stream.readLastLiveId(top)) < 0) {
      reply.error(BELOW_TOP);
      return;
    }
    if (added !== undefined && BigInt(length) > added) {
      reply.error(BELOW_LENGTH);
      return;
    }
  }
  stream.setLastId(id);
  if (added !== undefined) stream.added = added;
  if (!other.isMin) stream.setDeletedId(other);
  reply.ok();
}

const top = new StreamId();

export const STREAM_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XADD',
    since: '5.0.0',
    arity: -5,
    flags: ['write', 'denyoom', 'fast'],
    group: 'stream',
    summary: 'Adds an entry to a stream, which is made if it is not there, and may trim it.',
    complexity: 'O(log n), n = nodes of entries; O(m) for m entries that are trimmed',
    usage:
      'key [NOMKSTREAM]@6.2.0 condition=[KEEPREF | DELREF | ACKED]@8.2.0 trim=[strategy=(MAXLEN | MINID@6.2.0) operator=[= | ~] threshold [LIMIT count]@6.2.0] id-selector=(* | id) data=(field value) ...',
    keys: [
      {
        ...keyAt(1, 'RW', 'update'),
        notes: 'UPDATE instead of INSERT because of the optional trimming feature',
      },
    ],
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'Options NOMKSTREAM, MINID and LIMIT.'],
      ['7.0.0', 'IDs of the form <ms>-*.'],
      ['8.2.0', 'Options KEEPREF, DELREF and ACKED.'],
    ],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XADD k 1-* f v', '$3\r\n1-2'],
      ['XADD k 1-2 f v', `-${ID_TOO_SMALL}`],
      ['XADD k MAXLEN = 2 5 f v g w', '$3\r\n5-0'],
      ['XLEN k', ':2'],
      ['XADD none NOMKSTREAM 1-1 f v', '$-1'],
      ['XADD k 0-0 f v', `-${ID_IS_MIN}`],
      ['XADD k x f v', `-${BAD_ID}`],
    ],
    onShard: opXAdd,
  },
  {
    name: 'XLEN',
    since: '5.0.0',
    arity: 2,
    flags: ['readonly', 'fast'],
    group: 'stream',
    summary: 'Tells how many entries a stream has.',
    complexity: 'O(1)',
    usage: 'key',
    keys: [keyAt(1, 'RO')],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XLEN k', ':1'],
      ['XLEN none', ':0'],
    ],
    onShard: opXLen,
  },
  {
    name: 'XRANGE',
    since: '5.0.0',
    arity: -4,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Returns the entries between two IDs.',
    complexity: 'O(log n + m), n = nodes of entries, m = entries returned',
    usage: 'key start:string end:string [COUNT count]',
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'Exclusive bounds.']],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XADD k 2-1 f w', '$3\r\n2-1'],
      ['XRANGE k - + COUNT 1', '*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XRANGE k (1-1 +', '*1\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nf\r\n$1\r\nw'],
      ['XRANGE none - +', '*0'],
    ],
    onShard: opXRange,
  },
  {
    name: 'XREVRANGE',
    since: '5.0.0',
    arity: -4,
    flags: ['readonly'],
    group: 'stream',
    summary: 'Returns the entries between two IDs, the last one first.',
    complexity: 'O(log n + m), n = nodes of entries, m = entries returned',
    usage: 'key end:string start:string [COUNT count]',
    keys: [keyAt(1, 'RO', 'access')],
    history: [['6.2.0', 'Exclusive bounds.']],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XADD k 2-1 f w', '$3\r\n2-1'],
      ['XREVRANGE k + - COUNT 1', '*1\r\n*2\r\n$3\r\n2-1\r\n*2\r\n$1\r\nf\r\n$1\r\nw'],
    ],
    onShard: opXRevRange,
  },
  {
    name: 'XDEL',
    since: '5.0.0',
    arity: -3,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Deletes entries of a stream.',
    complexity: 'O(log n) for each ID, n = nodes of entries',
    usage: 'key id [id ...]',
    keys: [keyAt(1, 'RW', 'delete')],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XDEL k 1-1 2-1', ':1'],
      ['XLEN k', ':0'],
      ['XDEL none 1-1', ':0'],
    ],
    onShard: opXDel,
  },
  {
    name: 'XTRIM',
    since: '5.0.0',
    arity: -4,
    flags: ['write'],
    group: 'stream',
    summary: 'Deletes the oldest entries of a stream.',
    complexity: 'O(n), n = entries deleted',
    usage:
      'key trim=(strategy=(MAXLEN | MINID@6.2.0) operator=[= | ~] threshold [LIMIT count]@6.2.0 condition=[KEEPREF | DELREF | ACKED]@8.2.0)',
    keys: [keyAt(1, 'RW', 'delete')],
    tips: ['nondeterministic_output'],
    history: [
      ['6.2.0', 'Options MINID and LIMIT.'],
      ['8.2.0', 'Options KEEPREF, DELREF and ACKED.'],
    ],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XADD k 2-1 f v', '$3\r\n2-1'],
      ['XTRIM k MAXLEN ~ 1', ':0'],
      ['XTRIM k MAXLEN 1', ':1'],
      ['XTRIM k MINID 3', ':1'],
    ],
    onShard: opXTrim,
  },
  {
    name: 'XSETID',
    since: '5.0.0',
    arity: -3,
    flags: ['write', 'denyoom', 'fast'],
    group: 'stream',
    summary: 'Sets the last ID that a stream has given, and what it knows of its past.',
    complexity: 'O(1)',
    usage: 'key last-id [ENTRIESADDED entries-added:integer]@7.0.0 [MAXDELETEDID max-deleted-id]@7.0.0',
    keys: [keyAt(1, 'RW', 'update')],
    history: [['7.0.0', 'Options ENTRIESADDED and MAXDELETEDID.']],
    examples: [
      ['XSETID k 5-1', `-${ERRORS.noSuchKey}`],
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XSETID k 5-1', '+OK'],
      ['XADD k 5-* f v', '$3\r\n5-2'],
      ['XSETID k 5-1', `-${BELOW_TOP}`],
    ],
    onShard: opXSetId,
  },
];
