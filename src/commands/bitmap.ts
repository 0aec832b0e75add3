// Strings as bitmaps: SETBIT, GETBIT, BITCOUNT, BITPOS. BITOP stands in bitop.ts, BITFIELD in bitfield.ts.
//
// (1) Bit 0 is the most significant bit of the first byte.
// (2) What is wrong with the arguments is told before the key is looked at (in BITCOUNT and BITPOS since Redis 7.4;
//     older ones answer 0 or -1 for a key that does not exist, whatever the range says).
// (3) SETBIT and GETBIT make no garbage.

import { bytesOf } from '../base/bytes.js';
import { countBitRange, countBits, findBit } from '../base/bits.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { int64Exceeds, int64Near, isString, newView } from './arguments.js';
import { BAD_OFFSET, readBitOffset } from './bit-offset.js';
import { BITFIELD_COMMANDS } from './bitfield.js';
import { BITOP_COMMANDS } from './bitop.js';

const BAD_BIT_VALUE = 'ERR bit is not an integer or out of range';
const BAD_BIT_ARGUMENT = 'ERR The bit argument must be 1 or 0.';

const BYTE = bytesOf('BYTE');
const BIT = bytesOf('BIT');

const view = newView();

function opSetBit(db: Db, args: Args, reply: Reply): void {
  const offset = readBitOffset(args, 2, 0, db.shard.stringBytesMax);
  if (offset < 0) {
    reply.error(BAD_OFFSET);
    return;
  }
  const bit = args.integer(3);
  if (bit !== 0 && bit !== 1) {
    reply.error(BAD_BIT_VALUE);
    return;
  }
  const entry = db.lookupWrite(args, 1);
  if (entry !== 0 && !isString(db, entry, reply)) return;
  const at = Math.floor(offset / 8);
  const before = entry === 0 ? 0 : db.stringLength(entry);
  db.openString(args, 1, Math.max(before, at + 1), view);
  const shift = 7 - (offset % 8);
  const byte = view.bytes[view.start + at];
  if (((byte >> shift) & 1) !== bit) {
    view.bytes[view.start + at] = byte ^ (1 << shift);
    db.changed(args, 1);
  }
  reply.integer((byte >> shift) & 1);
}

function opGetBit(db: Db, args: Args, reply: Reply): void {
  const offset = readBitOffset(args, 2, 0, db.shard.stringBytesMax);
  if (offset < 0) {
    reply.error(BAD_OFFSET);
    return;
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.integer(0);
    return;
  }
  if (!isString(db, entry, reply)) return;
  db.readString(entry, view);
  const at = view.start + Math.floor(offset / 8);
  reply.integer(at < view.end ? (view.bytes[at] >> (7 - (offset % 8))) & 1 : 0);
}

/** What a unit argument means; 0: neither. */
const UNIT_BYTE = 8;
const UNIT_BIT = 1;

/** Bits of the unit that argument `i` names, a byte where there is no such argument. */
function readUnit(args: Args, i: number): number {
  if (i >= args.count || args.is(i, BYTE)) return UNIT_BYTE;
  return args.is(i, BIT) ? UNIT_BIT : 0;
}

/** A negative index counts from the end; one before the beginning is the beginning. */
function fromEnd(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : index;
}

function opBitCount(db: Db, args: Args, reply: Reply): void {
  const ranged = args.count > 2;
  let start = 0;
  let end = -1;
  let crossed = false;
  let unit = UNIT_BYTE;
  if (ranged) {
    if (args.count !== 4 && args.count !== 5) {
      reply.error(ERRORS.syntax);
      return;
    }
    start = int64Near(args, 2);
    end = int64Near(args, 3);
    if (Number.isNaN(start) || Number.isNaN(end)) {
      reply.error(ERRORS.notInteger);
      return;
    }
    unit = readUnit(args, 4);
    if (unit === 0) {
      reply.error(ERRORS.syntax);
      return;
    }
    crossed = start < 0 && end < 0 && int64Exceeds(args, 2, start, 3, end);
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    reply.integer(0);
    return;
  }
  if (!isString(db, entry, reply)) return;
  db.readString(entry, view);
  const length = ((view.end - view.start) * 8) / unit;
  start = fromEnd(start, length);
  end = Math.min(fromEnd(end, length), length - 1);
  if (crossed || start > end) reply.integer(0);
  else if (unit === UNIT_BYTE) reply.integer(countBits(view.bytes, view.start + start, view.start + end + 1));
  else reply.integer(countBitRange(view.bytes, view.start, start, end));
}

function opBitPos(db: Db, args: Args, reply: Reply): void {
  const bit = int64Near(args, 2);
  if (Number.isNaN(bit)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  if (bit !== 0 && bit !== 1) {
    reply.error(BAD_BIT_ARGUMENT);
    return;
  }
  if (args.count > 6) {
    reply.error(ERRORS.syntax);
    return;
  }
  let start = args.count > 3 ? int64Near(args, 3) : 0;
  const unit = Number.isNaN(start) ? UNIT_BYTE : readUnit(args, 5);
  if (unit === 0) {
    reply.error(ERRORS.syntax);
    return;
  }
  const endGiven = args.count > 4;
  let end = endGiven ? int64Near(args, 4) : -1;
  if (Number.isNaN(start) || Number.isNaN(end)) {
    reply.error(ERRORS.notInteger);
    return;
  }
  const entry = db.lookupRead(args, 1);
  if (entry === 0) {
    // No key is zeros without end.
    reply.integer(bit === 1 ? -1 : 0);
    return;
  }
  if (!isString(db, entry, reply)) return;
  db.readString(entry, view);
  const length = ((view.end - view.start) * 8) / unit;
  start = fromEnd(start, length);
  end = Math.min(fromEnd(end, length), length - 1);
  if (start > end) {
    reply.integer(-1);
    return;
  }
  const found = findBit(view.bytes, view.start, start * unit, (end + 1) * unit - 1, bit);
  // Without an explicit end the string goes on with zeros.
  reply.integer(found < 0 && bit === 0 && !endGiven ? length * unit : found);
}

const NOT_INTEGER_REPLY = `-${ERRORS.notInteger}`;
const SYNTAX_REPLY = `-${ERRORS.syntax}`;
const UNIT_SINCE = [['7.0.0', 'Added the `BYTE|BIT` option.']] as const;

export const BITMAP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'SETBIT',
    since: '2.2.0',
    arity: 4,
    flags: ['write', 'denyoom'],
    group: 'bitmap',
    summary: 'Sets or clears one bit of the string at a key and returns what it was; the string grows to hold it.',
    complexity: 'O(1)',
    usage: 'key offset value:integer',
    keys: [keyAt(1, 'RW', 'access', 'update')],
    examples: [
      ['SETBIT k 7 1', ':0'],
      ['SETBIT k 7 0', ':1'],
      ['GET k', '$1\r\n\0'],
      ['SETBIT k 4294967296 1', `-${BAD_OFFSET}`],
      ['SETBIT k -1 1', `-${BAD_OFFSET}`],
      ['SETBIT k 7 2', `-${BAD_BIT_VALUE}`],
    ],
    onShard: opSetBit,
  },
  {
    name: 'GETBIT',
    since: '2.2.0',
    arity: 3,
    flags: ['readonly', 'fast'],
    group: 'bitmap',
    summary: 'Returns one bit of the string at a key, 0 beyond its end.',
    complexity: 'O(1)',
    usage: 'key offset',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['SET k a', '+OK'],
      ['GETBIT k 0', ':0'],
      ['GETBIT k 1', ':1'],
      ['GETBIT k 100', ':0'],
      ['GETBIT k x', `-${BAD_OFFSET}`],
    ],
    onShard: opGetBit,
  },
  {
    name: 'BITCOUNT',
    since: '2.6.0',
    arity: -2,
    flags: ['readonly'],
    group: 'bitmap',
    summary: 'Counts the bits that are set in the string at a key or in a part of it.',
    complexity: 'O(n), n = bytes looked at',
    usage: 'key index=[start end [BYTE | BIT]@7.0.0]',
    keys: [keyAt(1, 'RO', 'access')],
    history: UNIT_SINCE,
    examples: [
      ['SET k foobar', '+OK'],
      ['BITCOUNT k', ':26'],
      ['BITCOUNT k 0 0', ':4'],
      ['BITCOUNT k 1 1 BYTE', ':6'],
      ['BITCOUNT k 5 30 BIT', ':17'],
      ['BITCOUNT k -2 -3', ':0'],
      ['BITCOUNT k 0', SYNTAX_REPLY],
      ['BITCOUNT k 0 1 NIBBLE', SYNTAX_REPLY],
      ['BITCOUNT k 0 x', NOT_INTEGER_REPLY],
    ],
    onShard: opBitCount,
  },
  {
    name: 'BITPOS',
    since: '2.8.7',
    arity: -3,
    flags: ['readonly'],
    group: 'bitmap',
    summary: 'Returns the position of the first bit that is set, or clear, in the string at a key or in a part of it.',
    complexity: 'O(n), n = bytes looked at',
    usage: 'key bit index=[start end_index=[end [BYTE | BIT]@7.0.0]]',
    keys: [keyAt(1, 'RO', 'access')],
    history: UNIT_SINCE,
    examples: [
      ['BITPOS k 1', ':-1'],
      ['BITPOS k 0', ':0'],
      ['SET k "\\xff\\xf0\\x00"', '+OK'],
      ['BITPOS k 0', ':12'],
      ['BITPOS k 1 2', ':-1'],
      ['BITPOS k 0 0 10 BIT', ':-1'],
      ['SET k "\\xff"', '+OK'],
      ['BITPOS k 0', ':8'],
      ['BITPOS k 0 0 -1', ':-1'],
      ['BITPOS k 2', `-${BAD_BIT_ARGUMENT}`],
    ],
    onShard: opBitPos,
  },
  ...BITOP_COMMANDS,
  ...BITFIELD_COMMANDS,
];
