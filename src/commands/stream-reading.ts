// XREAD and XREADGROUP: reading several streams from an ID on, and waiting where there is nothing yet.
//
// Both answer from all their streams at once. A request that waits is run again as a whole when one of its streams has got
// something (shard/waiters.ts); that of a group also when the group or its key is gone, which it answers with an error, as
// Redis 7.2 does. `$` is settled when the waiting begins. Streams on several shards: stream-plans.ts.

import { replaceArgument, type Args } from '../contract/args.js';
import { wrongArity } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { BlockingSpec, CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { ID_CHARS_MAX, StreamId } from '../values/stream.js';
import { TYPE } from '../values/types.js';
import { tryId } from './stream-ids.js';
import {
  checkStream,
  DOLLAR,
  findError,
  isSymbol,
  READABLE,
  readGroupPart,
  readPart,
  readRequest,
  request,
  WRONG,
} from './stream-parts.js';
import { planRead, planReadGroup } from './stream-plans.js';
import { group, openGroup, stream } from './stream-values.js';

const top = new StreamId();
const from = new StreamId();

// ---------------------------------------------------------------------- all streams of a request

/** From behind which IDs the streams of a request are read. */
const ids: StreamId[] = [];
/** A request of more streams than this gives its registers back. */
const IDS_KEPT_MAX = 64;

function attempt(db: Db, args: Args, ofGroup: boolean, reply: Reply): boolean {
  if (!readRequest(args, ofGroup, reply)) return true;
  const { first, streams } = request;
  let state = WRONG;
  for (let i = 0; i < streams; i++) {
    const id = (ids[i] ??= new StreamId());
    state = checkStream(db, args, first + i, first + streams + i, request.group, id, reply);
    if (state === WRONG) return true;
  }
  const mark = reply.mark();
  let served = 0;
  for (let i = 0; i < streams; i++) {
    // One alone is still open.
    const isOpen = streams === 1 ? state === READABLE : reopen(db, args, first + i);
    if (isOpen && serve(db, args, first + i, ids[i], reply)) served++;
  }
  if (ids.length > IDS_KEPT_MAX) ids.length = 0;
  if (served === 0) return false;
  if (reply.protocol === 2) reply.wrapArray(mark, served);
  else reply.wrapMap(mark, served);
  return true;
}

/** Opens a stream that was checked, and its group; false: there is none. */
function reopen(db: Db, args: Args, key: number): boolean {
  const entry = db.peek(args, key);
  if (entry === 0) return false;
  stream.open(db.arena, entry);
  return request.group === 0 || openGroup(args, request.group);
}

/** Replies the name of the open stream and what there is to read in it; false: nothing is. */
function serve(db: Db, args: Args, key: number, id: StreamId, reply: Reply): boolean {
  const { count, noAck, group: groupAt } = request;
  const mark = reply.mark();
  if (reply.protocol === 2) reply.array(2);
  reply.bulk(args.bytes, args.starts[key], args.ends[key]);
  const has =
    groupAt === 0 ? readPart(id, count, reply) : readGroupPart(db, args, groupAt + 1, id, count, noAck, reply);
  if (!has) reply.rewind(mark);
  return has;
}

// ---------------------------------------------------------------------- waiting

/** True when a client that waits for the stream at argument `key` is to be answered now. */
function isServed(db: Db, args: Args, key: number, ofGroup: boolean): boolean {
  findError(args, ofGroup);
  const idAt = key + request.streams;
  const entry = db.peek(args, key);
  const isStream = entry !== 0 && db.typeOf(entry) === TYPE.stream;
  if (!isStream) return ofGroup; // it gets an error
  stream.open(db.arena, entry);
  if (ofGroup) {
    if (!openGroup(args, request.group)) return true;
    group.readLastId(from);
  } else if (!tryId(args, idAt, from)) {
    return stream.length > 0; // the last entry, whichever that is
  }
  return stream.length > 0 && stream.readLastLiveId(top).compare(from) > 0;
}

/** Puts the last IDs that there are in place of `$`. The streams are here, or their `$` have been settled before. */
function settle(db: Db, args: Args): void {
  findError(args, false);
  const { first, streams } = request;
  for (let i = 0; i < streams; i++) {
    const idAt = first + streams + i;
    if (!isSymbol(args, idAt, DOLLAR)) continue;
    from.setMin();
    const entry = db.peek(args, first + i);
    if (entry !== 0 && db.typeOf(entry) === TYPE.stream) {
      stream.open(db.arena, entry);
      stream.readLastId(from);
    }
    replaceId(args, idAt, from);
  }
}

/** Puts an ID in place of argument `i`; the arguments are a copy, which becomes another. */
function replaceId(args: Args, i: number, id: StreamId): void {
  const spelling = new Uint8Array(ID_CHARS_MAX);
  replaceArgument(args, i, spelling, 0, id.spell(spelling, 0));
}

function waiting(ofGroup: boolean): BlockingSpec {
  return {
    type: TYPE.stream,
    timeoutMs: (args, reply) => (readRequest(args, ofGroup, reply) ? request.timeoutMs : NaN),
    waitKeys: (args) => {
      findError(args, ofGroup);
      return Array.from({ length: request.streams }, (_, i) => request.first + i);
    },
    attempt: (db, args, _i, reply) => attempt(db, args, ofGroup, reply),
    nothing: (_args, reply) => {
      reply.nilArray();
    },
    takesAll: true,
    isServed: (db, args, i) => isServed(db, args, i, ofGroup),
    endsWithKey: ofGroup,
    ...(ofGroup ? {} : { settle }),
  };
}

export const STREAM_READING_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XREAD',
    since: '5.0.0',
    arity: -4,
    flags: ['readonly', 'blocking', 'movablekeys'],
    group: 'stream',
    summary: 'Returns entries of streams that are behind given IDs, and may wait for some.',
    complexity: 'O(log n + m) for each stream, n = nodes of entries, m = entries returned',
    usage: '[COUNT count] [BLOCK milliseconds] streams=(STREAMS key [key ...] id [id ...])',
    keys: [
      {
        flags: ['RO', 'access'],
        begin: { keyword: 'STREAMS', startFrom: 1 },
        find: { last: -1, step: 1, limit: 2 },
      },
    ],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XREAD STREAMS k 0', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XREAD COUNT 5 BLOCK 10 STREAMS k $', '*-1'],
      ['XREAD STREAMS k', `-${wrongArity('xread')}`],
    ],
    blocking: waiting(false),
    across: { plan: planRead },
  },
  {
    name: 'XREADGROUP',
    since: '5.0.0',
    arity: -7,
    flags: ['write', 'blocking', 'movablekeys'],
    group: 'stream',
    summary: 'Gives a consumer entries that its group has not had, or shows it again what is pending with it.',
    complexity: 'O(log n + m log p) for each stream, n = nodes of entries, m = entries returned, p = entries pending',
    usage:
      'group-block=(GROUP group consumer) [COUNT count] [BLOCK milliseconds] [NOACK] streams=(STREAMS key [key ...] id [id ...])',
    keys: [
      {
        flags: ['RO', 'access'],
        isWritten: true,
        begin: { keyword: 'STREAMS', startFrom: 4 },
        find: { last: -1, step: 1, limit: 2 },
      },
    ],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XREADGROUP GROUP g c STREAMS k >', '*-1'],
      ['XREADGROUP GROUP g d STREAMS k 0', '*1\r\n*2\r\n$1\r\nk\r\n*0'],
      [
        'XREADGROUP GROUP h c STREAMS k >',
        "-NOGROUP No such key 'k' or consumer group 'h' in XREADGROUP with GROUP option",
      ],
    ],
    blocking: waiting(true),
    across: { plan: planReadGroup },
  },
];
