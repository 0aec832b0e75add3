// Consumer groups: XGROUP and XACK. As in Redis, what happens to a group is no change of its key to those who watch it.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { READ_UNKNOWN } from '../values/stream-group.js';
import { StreamId } from '../values/stream.js';
import { withHelp } from './help.js';
import { readAnyId, readId } from './stream-ids.js';
import {
  consumer,
  createStream,
  group,
  groups,
  NO_STREAM,
  OPEN,
  openConsumer,
  openGroup,
  openStream,
  quoted,
  readIds,
  stream,
  WRONG_TYPE,
} from './stream-values.js';

const MKSTREAM = bytesOf('MKSTREAM');
const ENTRIESREAD = bytesOf('ENTRIESREAD');
const DOLLAR = 0x24;

const NO_KEY =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.';
const READ_NEGATIVE = 'ERR value for ENTRIESREAD must be positive or -1';
const BUSY = 'BUSYGROUP Consumer Group name already exists';

const id = new StreamId();

/** The subcommand's arguments are not right. */
function badSyntax(args: Args): string {
  return `ERR unknown subcommand or wrong number of arguments for '${quoted(args, 1)}'. Try XGROUP HELP.`;
}

/** What `readOptions` found. */
let makeStream = false;
let entriesRead = READ_UNKNOWN;

/** Reads what stands behind the ID of CREATE or SETID; false: the error has been replied. */
function readOptions(args: Args, forCreate: boolean, reply: Reply): boolean {
  makeStream = false;
  entriesRead = READ_UNKNOWN;
  for (let i = 5; i < args.count; i++) {
    if (forCreate && args.is(i, MKSTREAM)) {
      makeStream = true;
    } else if (args.is(i, ENTRIESREAD) && i + 1 < args.count) {
      i++;
      const read = args.bigint(i);
      if (read === undefined || read < READ_UNKNOWN) {
        reply.error(read === undefined ? ERRORS.notInteger : READ_NEGATIVE);
        return false;
      }
      entriesRead = read;
    } else {
      reply.error(badSyntax(args));
      return false;
    }
  }
  return true;
}

/** Opens stream and group at arguments 2 and 3, which must be there; false: the error has been replied. */
function openBoth(db: Db, args: Args, reply: Reply): boolean {
  const opened = openStream(db, db.lookupWrite(args, 2), reply);
  if (opened === WRONG_TYPE) return false;
  if (opened === NO_STREAM) reply.error(NO_KEY);
  else if (openGroup(args, 3)) return true;
  else reply.error(`NOGROUP No such consumer group '${quoted(args, 3)}' for key name '${quoted(args, 2)}'`);
  return false;
}

function isDollar(args: Args, i: number): boolean {
  return args.length(i) === 1 && args.bytes[args.starts[i]] === DOLLAR;
}

function opCreate(db: Db, args: Args, reply: Reply): void {
  if (!readOptions(args, true, reply)) return;
  const opened = openStream(db, db.lookupWrite(args, 2), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM && !makeStream) {
    reply.error(NO_KEY);
    return;
  }
  if (args.count > 8) {
    reply.error(badSyntax(args));
    return;
  }
  if (isDollar(args, 4)) {
    if (opened === OPEN) stream.readLastId(id);
    else id.setMin();
  } else if (!readId(args, 4, id, reply)) {
    return;
  }
  if (opened === NO_STREAM) createStream(db, args, 2);
  if (openGroup(args, 3)) {
    reply.error(BUSY);
    return;
  }
  groups.add(args.bytes, args.starts[3], args.ends[3], id, entriesRead);
  if (opened === NO_STREAM) db.grew(args, 2);
  reply.ok();
}

function opSetId(db: Db, args: Args, reply: Reply): void {
  if (!readOptions(args, false, reply)) return;
  if (!openBoth(db, args, reply)) return;
  if (args.count !== 5 && args.count !== 7) {
    reply.error(badSyntax(args));
    return;
  }
  if (isDollar(args, 4)) stream.readLastId(id);
  else if (!readAnyId(args, 4, id, reply)) return;
  group.setLastId(id);
  group.read = entriesRead;
  reply.ok();
}

function opDestroy(db: Db, args: Args, reply: Reply): void {
  const opened = openStream(db, db.lookupWrite(args, 2), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM) {
    reply.error(NO_KEY);
    return;
  }
  if (!openGroup(args, 3)) {
    reply.integer(0);
    return;
  }
  group.clear();
  groups.names.remove(groups.names.index);
  db.ready(args, 2); // who waits for its entries is told that it is gone
  reply.integer(1);
}

function opCreateConsumer(db: Db, args: Args, reply: Reply): void {
  if (!openBoth(db, args, reply)) return;
  if (openConsumer(args, 4)) {
    reply.integer(0);
    return;
  }
  group.addConsumer(args.bytes, args.starts[4], args.ends[4], db.shard.nowMs);
  reply.integer(1);
}

function opDelConsumer(db: Db, args: Args, reply: Reply): void {
  if (!openBoth(db, args, reply)) return;
  if (!openConsumer(args, 4)) {
    reply.integer(0);
    return;
  }
  const pending = consumer.pending.count;
  group.removeConsumer(group.consumers.index);
  reply.integer(pending);
}

function opXAck(db: Db, args: Args, reply: Reply): void {
  const opened = openStream(db, db.lookupWrite(args, 1), reply);
  if (opened === WRONG_TYPE) return;
  if (opened === NO_STREAM || !openGroup(args, 2)) {
    reply.integer(0);
    return;
  }
  const ids = readIds(args, 3, args.count, reply);
  if (ids === undefined) return;
  let acknowledged = 0;
  for (let i = 0; i < args.count - 3; i++) if (group.acknowledge(ids[i])) acknowledged++;
  reply.integer(acknowledged);
}

const XGROUP: readonly CommandSpec[] = [
  {
    name: 'CREATE',
    since: '5.0.0',
    arity: -5,
    flags: ['write', 'denyoom'],
    group: 'stream',
    summary: 'Makes a consumer group, which will be given the entries behind an ID.',
    complexity: 'O(log n), n = groups',
    usage: 'key group id-selector=(id | new-id=$) [MKSTREAM] [ENTRIESREAD entriesread:integer]',
    keys: [keyAt(2, 'RW', 'insert')],
    history: [['7.0.0', 'Option ENTRIESREAD.']],
    examples: [
      ['XGROUP CREATE k g $', `-${NO_KEY}`],
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      ['XGROUP CREATE k g $', `-${BUSY}`],
      ['XLEN k', ':0'],
    ],
    onShard: opCreate,
  },
  {
    name: 'CREATECONSUMER',
    since: '6.2.0',
    arity: 5,
    flags: ['write', 'denyoom'],
    group: 'stream',
    summary: 'Makes a consumer of a group.',
    complexity: 'O(log n), n = consumers',
    usage: 'key group consumer',
    keys: [keyAt(2, 'RW', 'insert')],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      ['XGROUP CREATECONSUMER k g c', ':1'],
      ['XGROUP CREATECONSUMER k g c', ':0'],
    ],
    onShard: opCreateConsumer,
  },
  {
    name: 'DELCONSUMER',
    since: '5.0.0',
    arity: 5,
    flags: ['write'],
    group: 'stream',
    summary: 'Removes a consumer of a group with all that is pending with it.',
    complexity: 'O(m log n), m = entries pending with the consumer, n = with the group',
    usage: 'key group consumer',
    keys: [keyAt(2, 'RW', 'delete')],
    examples: [
      ['XGROUP CREATE k g 0 MKSTREAM', '+OK'],
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XGROUP DELCONSUMER k g c', ':1'],
      ['XGROUP DELCONSUMER k g c', ':0'],
    ],
    onShard: opDelConsumer,
  },
  {
    name: 'DESTROY',
    since: '5.0.0',
    arity: 4,
    flags: ['write'],
    group: 'stream',
    summary: 'Removes a consumer group; who waits for its entries is told.',
    complexity: 'O(n), n = entries pending with the group',
    usage: 'key group',
    keys: [keyAt(2, 'RW', 'delete')],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      ['XGROUP DESTROY k g', ':1'],
      ['XGROUP DESTROY k g', ':0'],
    ],
    onShard: opDestroy,
  },
  {
    name: 'SETID',
    since: '5.0.0',
    arity: -5,
    flags: ['write'],
    group: 'stream',
    summary: 'Sets the ID of the entry that a group was given last.',
    complexity: 'O(1)',
    usage: 'key group id-selector=(id | new-id=$) [ENTRIESREAD entriesread:integer]',
    keys: [keyAt(2, 'RW', 'update')],
    history: [['7.0.0', 'Option ENTRIESREAD.']],
    examples: [
      ['XGROUP CREATE k g $ MKSTREAM', '+OK'],
      ['XGROUP SETID k g 5-1', '+OK'],
      ['XGROUP SETID k other 5-1', "-NOGROUP No such consumer group 'other' for key name 'k'"],
    ],
    onShard: opSetId,
  },
];

export const STREAM_GROUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'XGROUP',
    since: '5.0.0',
    arity: -2,
    flags: [],
    group: 'stream',
    summary: 'Holds the subcommands for consumer groups.',
    complexity: 'Depends on the subcommand.',
    usage: '',
    examples: [],
    subcommands: withHelp('XGROUP', '5.0.0', XGROUP),
  },
  {
    name: 'XACK',
    since: '5.0.0',
    arity: -4,
    flags: ['write', 'fast'],
    group: 'stream',
    summary: 'Tells a group that entries have been dealt with: they are pending no more.',
    complexity: 'O(log n) for each ID, n = entries pending',
    usage: 'key group id [id ...]',
    keys: [keyAt(1, 'RW', 'update')],
    examples: [
      ['XADD k 1-1 f v', '$3\r\n1-1'],
      ['XGROUP CREATE k g 0', '+OK'],
      ['XREADGROUP GROUP g c STREAMS k >', '*1\r\n*2\r\n$1\r\nk\r\n*1\r\n*2\r\n$3\r\n1-1\r\n*2\r\n$1\r\nf\r\n$1\r\nv'],
      ['XACK k g 1-1 2-1', ':1'],
      ['XACK k g 1-1', ':0'],
    ],
    onShard: opXAck,
  },
];
