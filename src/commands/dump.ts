// DUMP and RESTORE: a value as bytes, in Redis's format (persistence/rdb), and back. A payload of another server restores
// here, and one of ours there.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import { openPayload, writePayload } from '../persistence/rdb/dump-payload.js';
import { loadValue } from '../persistence/rdb/load-value.js';
import type { LoadedValue } from '../persistence/rdb/loaded-value.js';
import { MalformedRdb, type RdbReader } from '../persistence/rdb/rdb-reader.js';
import { RdbWriter } from '../persistence/rdb/rdb-writer.js';
import type { Db } from '../shard/db.js';
import { int64Near } from './arguments.js';

const REPLACE = bytesOf('REPLACE');
const ABSTTL = bytesOf('ABSTTL');
const IDLETIME = bytesOf('IDLETIME');
const FREQ = bytesOf('FREQ');

const BUSY_KEY = 'BUSYKEY Target key name already exists.';
const BAD_TTL = 'ERR Invalid TTL value, must be >= 0';
const BAD_IDLE_TIME = 'ERR Invalid IDLETIME value, must be >= 0';
const BAD_FREQUENCY = 'ERR Invalid FREQ value, must be >= 0 and <= 255';
const BAD_PAYLOAD = 'ERR DUMP payload version or checksum are wrong';
const BAD_FORMAT = 'ERR Bad data format';

const FREQUENCY_MAX = 255;
/** Seconds beyond which an idle time is as good as for ever: what the clock of an entry can tell. */
const IDLE_SECONDS_MAX = 2 ** 24 - 1;

const writer = new RdbWriter();

function opDump(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.nil();
    return;
  }
  writePayload(db.arena, entry, writer);
  reply.bulk(writer.out.bytes, 0, writer.out.length);
  writer.out.clear();
}

/** The options of RESTORE. */
const options = { replace: false, absolute: false, idleSeconds: -1, frequency: -1 };

/** Reads the options from argument 4 on; undefined, or the error. */
function readRestoreOptions(args: Args): string | undefined {
  options.replace = false;
  options.absolute = false;
  options.idleSeconds = -1;
  options.frequency = -1;
  for (let i = 4; i < args.count; i++) {
    const hasValue = i + 1 < args.count;
    if (args.is(i, REPLACE)) {
      options.replace = true;
    } else if (args.is(i, ABSTTL)) {
      options.absolute = true;
    } else if (args.is(i, IDLETIME) && hasValue && options.frequency < 0) {
      options.idleSeconds = int64Near(args, ++i);
      if (Number.isNaN(options.idleSeconds)) return ERRORS.notInteger;
      if (options.idleSeconds < 0) return BAD_IDLE_TIME;
    } else if (args.is(i, FREQ) && hasValue && options.idleSeconds < 0) {
      options.frequency = int64Near(args, ++i);
      if (Number.isNaN(options.frequency)) return ERRORS.notInteger;
      if (!(options.frequency >= 0 && options.frequency <= FREQUENCY_MAX)) return BAD_FREQUENCY;
    } else {
      return ERRORS.syntax;
    }
  }
  return undefined;
}

function opRestore(db: Db, args: Args, reply: Reply): void {
  const mistake = readRestoreOptions(args);
  if (mistake !== undefined) {
    reply.error(mistake);
    return;
  }
  if (!options.replace && db.lookupWrite(args, 1) !== 0) {
    reply.error(BUSY_KEY);
    return;
  }
  const ttl = args.bigint(2);
  if (ttl === undefined || ttl < 0n) {
    reply.error(ttl === undefined ? ERRORS.notInteger : BAD_TTL);
    return;
  }
  const reader = openPayload(args.bytes, args.starts[3], args.ends[3]);
  if (reader === undefined) {
    reply.error(BAD_PAYLOAD);
    return;
  }
  const value = load(db, args, reader);
  if (value === undefined) {
    reply.error(BAD_FORMAT);
    return;
  }
  db.delete(args, 1);
  const now = BigInt(db.shard.nowMs);
  const expireAt = options.absolute || ttl === 0n ? ttl : BigInt.asIntN(64, ttl + now);
  if ((expireAt !== 0n && expireAt <= now) || value.isGone) {
    value.discard();
  } else {
    value.place();
    if (expireAt !== 0n) db.setExpireAt(args, 1, expireAt);
    const entry = db.peek(args, 1);
    if (options.frequency >= 0) db.setFrequency(entry, options.frequency);
    if (options.idleSeconds >= 0) db.setIdle(entry, Math.min(options.idleSeconds, IDLE_SECONDS_MAX) * 1000);
  }
  reply.ok();
}

/** The value that stands in a payload; undefined when it is malformed. */
function load(db: Db, args: Args, reader: RdbReader): LoadedValue | undefined {
  try {
    return loadValue(db, args, 1, reader.byte(), reader);
  } catch (problem) {
    if (problem instanceof MalformedRdb) return undefined;
    throw problem;
  }
}

export const DUMP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'DUMP',
    since: '2.6.0',
    arity: 2,
    flags: ['readonly'],
    group: 'generic',
    summary: 'Gives the value of a key as bytes that RESTORE takes, here or on another server.',
    complexity: 'O(n), n = bytes of the value',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    tips: ['nondeterministic_output'],
    examples: [
      ['DUMP k', '$-1'],
      ['SET k 10', '+OK'],
      ['STRLEN k', ':2'],
    ],
    onShard: opDump,
  },
  {
    name: 'RESTORE',
    since: '2.6.0',
    arity: -4,
    flags: ['write', 'denyoom'],
    group: 'generic',
    summary: 'Makes a key of what DUMP gave.',
    complexity: 'O(n), n = bytes of the value; O(n*log(n)) for a sorted set of n members',
    usage:
      'key ttl:integer serialized-value [REPLACE]@3.0.0 [ABSTTL]@5.0.0 [IDLETIME seconds]@5.0.0 [FREQ frequency]@5.0.0',
    keys: [keyAt(1, 'OW', 'update')],
    categories: ['dangerous'],
    history: [
      ['3.0.0', 'Added the `REPLACE` modifier.'],
      ['5.0.0', 'Added the `ABSTTL` modifier.'],
      ['5.0.0', 'Added the `IDLETIME` and `FREQ` options.'],
    ],
    examples: [
      ['RESTORE k 0 payload', `-${BAD_PAYLOAD}`],
      ['RESTORE k -1 payload', `-${BAD_TTL}`],
      ['SET k v', '+OK'],
      ['RESTORE k 0 payload', `-${BUSY_KEY}`],
      ['RESTORE k 0 payload IDLETIME -1', `-${BAD_IDLE_TIME}`],
      ['RESTORE k 0 payload FREQ 256', `-${BAD_FREQUENCY}`],
    ],
    onShard: opRestore,
  },
];
