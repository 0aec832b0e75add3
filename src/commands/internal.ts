// Parts of other commands' plans: what one shard does for a transaction over several. No client can ask for them.

import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { importValue } from '../shard/import-value.js';
import { exportValue } from '../values/portable.js';

/** EXPORT's value stands behind the time to live: an int64, Unix ms; -1: none. */
const EXPIRY_BYTES = 8;
const INITIAL_BYTES = 1024;
/** Elements by which the size of a value is judged. */
const CARRY_SAMPLES = 5;
const exported = new GrowingBytes(INITIAL_BYTES);

/** The hop was sent for what its head says: keys to hold, watched keys to look at. */
function opLook(_db: Db, _args: Args, reply: Reply): void {
  reply.ok();
}

/** TYPE's numbers of the values at the keys; -1 where there is none. */
function opKinds(db: Db, args: Args, reply: Reply): void {
  reply.array(args.count - 1);
  for (let i = 1; i < args.count; i++) {
    const entry = db.peek(args, i);
    reply.integer(entry === 0 ? -1 : db.typeOf(entry));
  }
}

/** A value and its time to live, as IMPORT takes them; nil without the key. */
function opExport(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.nil();
    return;
  }
  exported.clear();
  const expireAt = db.expireAtBig(entry);
  exported.appendWord(Number(BigInt.asIntN(32, expireAt)));
  exported.appendWord(Number(BigInt.asIntN(32, expireAt >> 32n)));
  exportValue(db.arena, entry, exported);
  reply.bulk(exported.bytes, 0, exported.length);
  exported.clear();
}

/** Sets a key to what EXPORT gave, whatever stood there. */
function opImport(db: Db, args: Args, reply: Reply): void {
  const { bytes, starts, ends } = args;
  db.delete(args, 1);
  const valueAt = starts[2] + EXPIRY_BYTES;
  importValue(db, args, 1, bytes, valueAt, ends[2]);
  const low = BigInt(readWord(bytes, starts[2]) >>> 0);
  const expireAt = (BigInt(readWord(bytes, starts[2] + 4)) << 32n) | low;
  if (expireAt >= 0n) db.setExpireAt(args, 1, expireAt);
  reply.ok();
}

/**
 * The value of a key that is lent to another shard; nil without the key. With a limit a longer one is not given: about how
 * many bytes it has is. The statistics are those of the command that borrows.
 */
function opCarry(db: Db, args: Args, reply: Reply): void {
  const entry = db.lookupWrite(args, 1);
  if (entry === 0) {
    reply.nil();
    return;
  }
  const limit = args.count > 2 ? args.integer(2) : Infinity;
  const bytes = db.memoryUsage(entry, CARRY_SAMPLES);
  if (bytes > limit) {
    reply.integer(bytes);
    return;
  }
  exported.clear();
  exportValue(db.arena, entry, exported);
  reply.bulk(exported.bytes, 0, exported.length);
  exported.clear();
}

/** Borrows a value for the commands up to RETURN. The key belongs to another shard, so nobody else asks for it here. */
function opLend(db: Db, args: Args, reply: Reply): void {
  if (db.peek(args, 1) === 0) importValue(db, args, 1, args.bytes, args.starts[2], args.ends[2]);
  reply.ok();
}

/** Takes away what LEND has brought. */
function opReturn(db: Db, args: Args, reply: Reply): void {
  for (let i = 1; i < args.count; i++) db.delete(args, i);
  reply.ok();
}

const HIDDEN = {
  since: '7.0.0',
  flags: ['readonly'],
  group: 'generic',
  complexity: 'O(n), n = keys',
  examples: [],
  internal: true,
} as const;

const HIDDEN_WRITE = { ...HIDDEN, flags: ['write'] } as const;

export const INTERNAL_COMMANDS: readonly CommandSpec[] = [
  {
    ...HIDDEN,
    name: 'EXPORT',
    arity: 2,
    summary: 'Gives a value in its portable form.',
    usage: 'key',
    keys: [keyAt(1, 'RO', 'access')],
    onShard: opExport,
  },
  {
    ...HIDDEN_WRITE,
    name: 'IMPORT',
    arity: 3,
    summary: 'Sets a key to a value in its portable form.',
    usage: 'key value',
    keys: [keyAt(1, 'OW', 'update')],
    onShard: opImport,
  },
  {
    ...HIDDEN,
    name: 'CARRY',
    arity: -2,
    summary: 'Gives a value that another shard borrows.',
    usage: 'key [limit:integer]',
    keys: [keyAt(1, 'RO', 'access')],
    onShard: opCarry,
  },
  {
    ...HIDDEN_WRITE,
    name: 'LEND',
    arity: 3,
    summary: 'Borrows the value of a key of another shard.',
    usage: 'key value',
    keys: [keyAt(1, 'OW', 'update')],
    onShard: opLend,
  },
  {
    ...HIDDEN_WRITE,
    name: 'RETURN',
    arity: -2,
    summary: 'Takes borrowed values away.',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RM', 'delete')],
    onShard: opReturn,
    across: { split: 'ok' },
  },
  {
    ...HIDDEN,
    name: 'LOOK',
    arity: 1,
    summary: 'Does nothing.',
    usage: '',
    pickShard: () => 0,
    onShard: opLook,
  },
  {
    ...HIDDEN,
    name: 'KINDS',
    arity: -2,
    summary: 'Tells the types of values by number.',
    usage: 'key [key ...]',
    keys: [keysFrom(1, -1, 1, 'RO')],
    onShard: opKinds,
    across: { split: 'array' },
  },
];
