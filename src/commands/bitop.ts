// BITOP: strings combined bit by bit into one as long as the longest; a shorter source goes on with zeros.
//
// With sources X, Y1, Y2, ...:
//   AND OR XOR NOT   as they say; NOT has one source
//   DIFF    X and none of Y        DIFF1   some of Y and not X
//   ANDOR   X and some of Y        ONE     exactly one of all                       (these four since Redis 8.2)
//
// The result is made in the target itself, a piece at a time: what a piece of the result needs of the sources, among which
// the target may be, is read before the piece is written.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, keysFrom, type CommandSpec } from '../contract/spec.js';
import { TYPE } from '../values/types.js';
import type { Db } from '../shard/db.js';
import { isString, newView } from './arguments.js';

type Operation = 'AND' | 'OR' | 'XOR' | 'NOT' | 'DIFF' | 'DIFF1' | 'ANDOR' | 'ONE';

const OPERATIONS: readonly (readonly [name: Uint8Array, operation: Operation])[] = (
  ['AND', 'OR', 'XOR', 'NOT', 'DIFF', 'DIFF1', 'ANDOR', 'ONE'] as const
).map((operation) => [bytesOf(operation), operation]);

const NOT_ONE_SOURCE = 'ERR BITOP NOT must be called with a single source key.';
const TARGET = 2;
const FIRST_SOURCE = 3;
const WORD_BYTES = 4;

/** Strings are combined a piece at a time: source and result of a piece stand at aligned places. */
const PIECE_BYTES = 32 * 1024;
const piece = new Uint8Array(PIECE_BYTES);
const pieceWords = new Int32Array(piece.buffer);
const result = new Int32Array(PIECE_BYTES / WORD_BYTES);
const resultBytes = new Uint8Array(result.buffer);
/** Of ONE: the bits that came more than once. */
const twice = new Int32Array(result.length);

/** How the first `words` words of a source's piece go into those of the result. */
type Combine = (words: number) => void;

const COMBINE = {
  or: (words) => {
    for (let i = 0; i < words; i++) result[i] |= pieceWords[i];
  },
  and: (words) => {
    for (let i = 0; i < words; i++) result[i] &= pieceWords[i];
  },
  xor: (words) => {
    for (let i = 0; i < words; i++) result[i] ^= pieceWords[i];
  },
  /** The result is Y and the source X: X and not Y. */
  without: (words) => {
    for (let i = 0; i < words; i++) result[i] = pieceWords[i] & ~result[i];
  },
  /** The result is Y and the source X: Y and not X. */
  exclude: (words) => {
    for (let i = 0; i < words; i++) result[i] &= ~pieceWords[i];
  },
  once: (words) => {
    for (let i = 0; i < words; i++) {
      twice[i] |= result[i] & pieceWords[i];
      result[i] |= pieceWords[i];
    }
  },
} satisfies Record<string, Combine>;

const view = newView();

function operationAt(args: Args, i: number): Operation | undefined {
  for (const [name, operation] of OPERATIONS) if (args.is(i, name)) return operation;
  return undefined;
}

/** What a request asks for; undefined when the error has been replied. */
function readOperation(args: Args, reply: Reply): Operation | undefined {
  const operation = operationAt(args, 1);
  if (operation === undefined) {
    reply.error(ERRORS.syntax);
    return undefined;
  }
  const sources = args.count - FIRST_SOURCE;
  if (operation === 'NOT' && sources !== 1) {
    reply.error(NOT_ONE_SOURCE);
    return undefined;
  }
  if ((operation === 'DIFF' || operation === 'DIFF1' || operation === 'ANDOR') && sources < 2) {
    reply.error(`ERR BITOP ${operation} must be called with at least two source keys.`);
    return undefined;
  }
  return operation;
}

function opBitOp(db: Db, args: Args, reply: Reply): void {
  const operation = readOperation(args, reply);
  if (operation === undefined) return;
  let length = 0;
  for (let i = FIRST_SOURCE; i < args.count; i++) {
    const entry = db.lookupRead(args, i);
    if (entry === 0) continue;
    if (!isString(db, entry, reply)) return;
    length = Math.max(length, db.stringLength(entry));
  }
  if (length === 0) {
    db.delete(args, TARGET);
    reply.integer(0);
    return;
  }
  makeTarget(db, args, length);
  for (let at = 0; at < length; at += PIECE_BYTES) {
    const bytes = Math.min(PIECE_BYTES, length - at);
    combinePiece(db, args, operation, at, bytes);
    db.readString(db.peek(args, TARGET), view);
    view.bytes.set(resultBytes.subarray(0, bytes), view.start + at);
  }
  reply.integer(length);
}

/**
 * Makes the target a string of `length` bytes without a TTL; like every edited string it is stored raw. It may be a source,
 * and then goes on with zeros.
 */
function makeTarget(db: Db, args: Args, length: number): void {
  const entry = db.lookupWrite(args, TARGET);
  if (entry !== 0) {
    if (db.typeOf(entry) === TYPE.string) db.persist(args, TARGET);
    else db.delete(args, TARGET);
  }
  db.resizeString(args, TARGET, length, view);
}

/** The `bytes` bytes of the result from `at` on, in `result`. */
function combinePiece(db: Db, args: Args, operation: Operation, at: number, bytes: number): void {
  const words = Math.ceil(bytes / WORD_BYTES);
  const last = args.count - 1;
  const combine = (from: number, to: number, how: Combine): void => {
    for (let i = from; i <= to; i++) {
      loadPiece(db, args, i, at, bytes);
      how(words);
    }
  };
  result.fill(operation === 'AND' || operation === 'NOT' ? -1 : 0, 0, words);
  switch (operation) {
    case 'AND':
      combine(FIRST_SOURCE, last, COMBINE.and);
      break;
    case 'OR':
      combine(FIRST_SOURCE, last, COMBINE.or);
      break;
    case 'XOR':
    case 'NOT':
      combine(FIRST_SOURCE, last, COMBINE.xor);
      break;
    case 'ONE':
      twice.fill(0, 0, words);
      combine(FIRST_SOURCE, last, COMBINE.once);
      for (let i = 0; i < words; i++) result[i] &= ~twice[i];
      break;
    case 'DIFF':
    case 'DIFF1':
    case 'ANDOR':
      combine(FIRST_SOURCE + 1, last, COMBINE.or);
      combine(FIRST_SOURCE, FIRST_SOURCE, withFirst(operation));
  }
}

function withFirst(operation: 'DIFF' | 'DIFF1' | 'ANDOR'): Combine {
  if (operation === 'DIFF') return COMBINE.without;
  return operation === 'DIFF1' ? COMBINE.exclude : COMBINE.and;
}

/** Copies the `bytes` bytes from `at` on of the source at argument `i` to `piece`, zeros behind its end. */
function loadPiece(db: Db, args: Args, i: number, at: number, bytes: number): void {
  const entry = db.peek(args, i);
  if (entry === 0) {
    piece.fill(0, 0, bytes);
    return;
  }
  db.readString(entry, view);
  const from = Math.min(view.end, view.start + at);
  const to = Math.min(view.end, from + bytes);
  piece.set(view.bytes.subarray(from, to), 0);
  piece.fill(0, to - from, bytes);
}

export const BITOP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'BITOP',
    since: '2.6.0',
    arity: -4,
    flags: ['write', 'denyoom'],
    group: 'bitmap',
    summary: 'Combines strings bit by bit and stores the result.',
    complexity: 'O(n), n = bytes of all sources',
    usage: 'operation destkey:key key [key ...]',
    keys: [keyAt(2, 'OW', 'update'), keysFrom(3, -1, 1, 'RO', 'access')],
    examples: [
      ['MSET {k}1 foobar {k}2 abcdef', '+OK'],
      ['BITOP AND {k}d {k}1 {k}2', ':6'],
      ['GET {k}d', '$6\r\n`bc`ab'],
      ['BITOP NOT {k}d {k}3', ':0'],
      ['GET {k}d', '$-1'],
      ['BITOP NOT {k}d {k}1 {k}2', `-${NOT_ONE_SOURCE}`],
      ['BITOP NAND {k}d {k}1 {k}2', `-${ERRORS.syntax}`],
    ],
    onShard: opBitOp,
    across: { gather: true },
  },
];
