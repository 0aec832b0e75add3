// BITFIELD and BITFIELD_RO: a string as integers of any width at any bit offset.
//
// (1) All operations are checked before the first one runs: a request with a mistake changes nothing.
// (2) The string grows once, to the farthest bit that is written, before anything is written, even if OVERFLOW FAIL
//     then refuses every write.
// (3) Both passes read the arguments where they stand: nothing is gathered, and fields of up to FIELD_BITS_MAX bits make
//     no garbage.
//
// Limit: a field must end below proto-max-bulk-len bytes to be written (Redis lets it reach seven bytes further).

import { bytesOf } from '../base/bytes.js';
import { FIELD_BITS_MAX, readField, writeField } from '../base/bits.js';
import { parseSafeInteger } from '../base/integers.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { bitfieldKeyFlags } from './key-flags.js';
import { isString, newView } from './arguments.js';
import { BAD_OFFSET, readBitOffset } from './bit-offset.js';
import { fitNarrow, fitWide, NARROW_AMOUNT_MAX, OVERFLOW, signedField, type Overflow } from './field-arithmetic.js';

const GET = bytesOf('GET');
const SET = bytesOf('SET');
const INCRBY = bytesOf('INCRBY');
const OVERFLOW_WORD = bytesOf('OVERFLOW');
const WRAP = bytesOf('WRAP');
const SAT = bytesOf('SAT');
const FAIL = bytesOf('FAIL');

const BAD_TYPE = 'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
const BAD_OVERFLOW = 'ERR Invalid OVERFLOW type specified';
const ONLY_GET = 'ERR BITFIELD_RO only supports the GET subcommand';

const SMALL_I = 0x69;
const SMALL_U = 0x75;
const WIDTH_MAX = 64;

const OPERATION = { none: 0, get: 1, set: 2, incrBy: 3, overflow: 4 } as const;
type Operation = (typeof OPERATION)[keyof typeof OPERATION];

/** Arguments of an operation with its name. */
const OPERATION_ARGS = [1, 3, 4, 4, 2] as const;

/** The operation at argument `i`, `none` when it is no operation or lacks arguments. */
function operationAt(args: Args, i: number): Operation {
  let operation: Operation = OPERATION.none;
  if (args.is(i, GET)) operation = OPERATION.get;
  else if (args.is(i, SET)) operation = OPERATION.set;
  else if (args.is(i, INCRBY)) operation = OPERATION.incrBy;
  else if (args.is(i, OVERFLOW_WORD)) operation = OPERATION.overflow;
  return i + OPERATION_ARGS[operation] <= args.count ? operation : OPERATION.none;
}

/** The type at argument `i`: its width, negative when it is signed; 0: it is no type. */
function readType(args: Args, i: number): number {
  const { bytes } = args;
  const start = args.starts[i];
  const end = args.ends[i];
  const signed = start < end && bytes[start] === SMALL_I;
  if (!signed && (start >= end || bytes[start] !== SMALL_U)) return 0;
  const width = parseSafeInteger(bytes, start + 1, end);
  if (!(width >= 1 && width <= (signed ? WIDTH_MAX : WIDTH_MAX - 1))) return 0;
  return signed ? -width : width;
}

function overflowAt(args: Args, i: number): Overflow | undefined {
  if (args.is(i, WRAP)) return OVERFLOW.wrap;
  if (args.is(i, SAT)) return OVERFLOW.sat;
  return args.is(i, FAIL) ? OVERFLOW.fail : undefined;
}

/** Operations that reply, and the end of the farthest field that is written (bits; 0: none). Out of `checkOperations`. */
let replyCount = 0;
let writeEnd = 0;

/** Checks all operations; the error text of the first mistake, or undefined. */
function checkOperations(args: Args, bytesMax: number): string | undefined {
  replyCount = 0;
  writeEnd = 0;
  let operation: Operation;
  for (let i = 2; i < args.count; i += OPERATION_ARGS[operation]) {
    operation = operationAt(args, i);
    if (operation === OPERATION.none) return ERRORS.syntax;
    if (operation === OPERATION.overflow) {
      if (overflowAt(args, i + 1) === undefined) return BAD_OVERFLOW;
      continue;
    }
    const width = Math.abs(readType(args, i + 1));
    if (width === 0) return BAD_TYPE;
    const offset = readBitOffset(args, i + 2, width, bytesMax);
    if (offset < 0) return BAD_OFFSET;
    replyCount++;
    if (operation === OPERATION.get) continue;
    if (offset + width > bytesMax * 8) return BAD_OFFSET;
    writeEnd = Math.max(writeEnd, offset + width);
    if (Number.isNaN(args.integer(i + 3)) && args.bigint(i + 3) === undefined) return ERRORS.notInteger;
  }
  return undefined;
}

const view = newView();

function runBitField(db: Db, args: Args, reply: Reply, readOnly: boolean): void {
  const mistake = checkOperations(args, db.shard.stringBytesMax);
  if (mistake !== undefined) {
    reply.error(mistake);
    return;
  }
  if (writeEnd > 0 && readOnly) {
    reply.error(ONLY_GET);
    return;
  }
  const entry = writeEnd > 0 ? db.lookupWrite(args, 1) : db.lookupRead(args, 1);
  if (entry !== 0 && !isString(db, entry, reply)) return;
  if (writeEnd > 0) {
    const before = entry === 0 ? 0 : db.stringLength(entry);
    db.openString(args, 1, Math.max(before, Math.ceil(writeEnd / 8)), view);
  } else if (entry !== 0) {
    db.readString(entry, view);
  } else {
    view.start = 0;
    view.end = 0;
  }
  if (runOperations(args, reply, db.shard.stringBytesMax)) db.changed(args, 1);
}

/** Runs the checked operations on the string in `view`, which is long enough for all writes. True: a field has changed. */
function runOperations(args: Args, reply: Reply, bytesMax: number): boolean {
  let changed = false;
  reply.array(replyCount);
  let overflow: Overflow = OVERFLOW.wrap;
  let operation: Operation;
  for (let i = 2; i < args.count; i += OPERATION_ARGS[operation]) {
    operation = operationAt(args, i);
    if (operation === OPERATION.overflow) {
      overflow = overflowAt(args, i + 1) ?? overflow;
      continue;
    }
    const type = readType(args, i + 1);
    const width = Math.abs(type);
    const offset = readBitOffset(args, i + 2, width, bytesMax);
    const amount = operation === OPERATION.get ? 0 : args.integer(i + 3);
    // A negative number that is set in an unsigned field is one of 64 bits without a sign.
    const narrowAmount = amount >= 0 || type < 0 || operation === OPERATION.incrBy;
    if (width <= FIELD_BITS_MAX && narrowAmount && Math.abs(amount) <= NARROW_AMOUNT_MAX) {
      if (runNarrow(operation, type < 0, width, offset, amount, overflow, reply)) changed = true;
    } else {
      const wideAmount = operation === OPERATION.get ? 0n : (args.bigint(i + 3) ?? 0n);
      if (runWide(operation, type < 0, width, offset, wideAmount, overflow, reply)) changed = true;
    }
  }
  return changed;
}

/** True: the field has changed. */
function runNarrow(
  operation: Operation,
  signed: boolean,
  width: number,
  offset: number,
  amount: number,
  overflow: Overflow,
  reply: Reply,
): boolean {
  const raw = readField(view.bytes, view.start, view.end, offset, width);
  const old = signed ? signedField(raw, width) : raw;
  if (operation === OPERATION.get) {
    reply.integer(old);
    return false;
  }
  const set = operation === OPERATION.set;
  const next = fitNarrow(set ? 0 : old, amount, signed, width, overflow);
  if (Number.isNaN(next)) {
    reply.nil();
    return false;
  }
  reply.integer(set ? old : next);
  writeField(view.bytes, view.start, offset, width, next < 0 ? next + 2 ** width : next);
  return next !== old;
}

const LOW_BITS = 32;

function runWide(
  operation: Operation,
  signed: boolean,
  width: number,
  offset: number,
  amount: bigint,
  overflow: Overflow,
  reply: Reply,
): boolean {
  const raw = readWide(offset, width);
  const old = signed ? BigInt.asIntN(width, raw) : raw;
  if (operation === OPERATION.get) {
    reply.bigInteger(old);
    return false;
  }
  const set = operation === OPERATION.set;
  // SET is the number itself that has to fit, with nothing added.
  const next = set ? fitWide(amount, 0n, signed, width, overflow) : fitWide(old, amount, signed, width, overflow);
  if (next === undefined) {
    reply.nil();
    return false;
  }
  reply.bigInteger(set ? old : next);
  writeWide(offset, width, BigInt.asUintN(width, next));
  return next !== old;
}

/** A field of any width: its high part and its low 32 bits. */
function readWide(offset: number, width: number): bigint {
  const { bytes, start, end } = view;
  if (width <= LOW_BITS) return BigInt(readField(bytes, start, end, offset, width));
  const high = readField(bytes, start, end, offset, width - LOW_BITS);
  const low = readField(bytes, start, end, offset + width - LOW_BITS, LOW_BITS);
  return (BigInt(high) << BigInt(LOW_BITS)) | BigInt(low);
}

function writeWide(offset: number, width: number, value: bigint): void {
  const { bytes, start } = view;
  if (width <= LOW_BITS) {
    writeField(bytes, start, offset, width, Number(value));
    return;
  }
  writeField(bytes, start, offset, width - LOW_BITS, Number(value >> BigInt(LOW_BITS)));
  writeField(bytes, start, offset + width - LOW_BITS, LOW_BITS, Number(BigInt.asUintN(LOW_BITS, value)));
}

function opBitField(db: Db, args: Args, reply: Reply): void {
  runBitField(db, args, reply, false);
}

function opBitFieldRo(db: Db, args: Args, reply: Reply): void {
  runBitField(db, args, reply, true);
}

export const BITFIELD_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'BITFIELD',
    since: '3.2.0',
    arity: -2,
    flags: ['write', 'denyoom'],
    group: 'bitmap',
    summary: 'Reads, sets and increments integers of any width at any bit offset of the string at a key.',
    complexity: 'O(1) for each operation',
    usage:
      'key operation=[(GET encoding offset | write=([wrap_sat_fail=OVERFLOW <WRAP | SAT | FAIL>] ' +
      'write_operation=<SET encoding offset value:integer | INCRBY encoding offset increment>)) ...]',
    keys: [
      {
        ...keyAt(1, 'RW', 'access', 'update', 'variable_flags'),
        notes: 'This command allows both access and modification of the key',
      },
    ],
    keyFlags: bitfieldKeyFlags,
    examples: [
      ['BITFIELD k INCRBY i5 100 1 GET u4 0', '*2\r\n:1\r\n:0'],
      ['BITFIELD k SET u8 #1 255 GET u8 #1 GET i8 8', '*3\r\n:0\r\n:255\r\n:-1'],
      ['BITFIELD k OVERFLOW SAT INCRBY u8 #1 10 OVERFLOW FAIL INCRBY u8 #1 1', '*2\r\n:255\r\n$-1'],
      ['BITFIELD k SET i64 0 -1', '*1\r\n:71776119061217280'],
      ['BITFIELD k GET i64 0', '*1\r\n:-1'],
      ['BITFIELD k', '*0'],
      ['BITFIELD k GET u64 0', `-${BAD_TYPE}`],
      ['BITFIELD k GET u8 -1', `-${BAD_OFFSET}`],
      ['BITFIELD k OVERFLOW CLIP', `-${BAD_OVERFLOW}`],
      ['BITFIELD k SET u8 0', `-${ERRORS.syntax}`],
    ],
    onShard: opBitField,
  },
  {
    name: 'BITFIELD_RO',
    since: '6.0.0',
    arity: -2,
    flags: ['readonly', 'fast'],
    group: 'bitmap',
    summary: 'Reads integers of any width at any bit offset of the string at a key.',
    complexity: 'O(1) for each operation',
    usage: 'key [GET encoding offset [GET encoding offset ...]]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      ['SET k foobar', '+OK'],
      ['BITFIELD_RO k GET i8 16 GET u3 100', '*2\r\n:111\r\n:0'],
      ['BITFIELD_RO k SET u8 0 1', `-${ONLY_GET}`],
    ],
    onShard: opBitFieldRo,
  },
];
