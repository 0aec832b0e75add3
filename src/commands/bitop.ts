// BITOP: strings combined bit by bit into one as long as the longest; a shorter source goes on with zeros.
//
// With sources X, Y1, Y2, ...:
//   AND OR XOR NOT   as they say; NOT has one source
//   DIFF    X and none of Y        DIFF1   some of Y and not X
//   ANDOR   X and some of Y        ONE     exactly one of all                       (these four since Redis 8.2)
//
// The result is made in a buffer of words, one source after the other, so that only one view of the shard is open at a
// time. A source comes in pieces that are copied to an aligned place first: words can be combined wherever it stood.

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
const FIRST_SOURCE = 3;
const WORD_BYTES = 4;

/** A piece of a source at an aligned place. */
const PIECE_BYTES = 32 * 1024;
const piece = new Uint8Array(PIECE_BYTES);
const pieceWords = new Int32Array(piece.buffer);

/** How a source goes into the result. `twice` of ONE gathers the bits that came more than once. */
type Combine = (into: Int32Array, at: number, words: number, twice: Int32Array) => void;

const COMBINE = {
  or: (into, at, words) => {
    for (let i = 0; i < words; i++) into[at + i] |= pieceWords[i];
  },
  and: (into, at, words) => {
    for (let i = 0; i < words; i++) into[at + i] &= pieceWords[i];
  },
  xor: (into, at, words) => {
    for (let i = 0; i < words; i++) into[at + i] ^= pieceWords[i];
  },
  /** The result is Y and the source X: X and not Y. */
  without: (into, at, words) => {
    for (let i = 0; i < words; i++) into[at + i] = pieceWords[i] & ~into[at + i];
  },
  /** The result is Y and the source X: Y and not X. */
  exclude: (into, at, words) => {
    for (let i = 0; i < words; i++) into[at + i] &= ~pieceWords[i];
  },
  once: (into, at, words, twice) => {
    for (let i = 0; i < words; i++) {
      twice[at + i] |= into[at + i] & pieceWords[i];
      into[at + i] |= pieceWords[i];
    }
  },
} satisfies Record<string, Combine>;

const view = newView();
const NO_WORDS = new Int32Array(0);

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
    db.delete(args, 2);
    reply.integer(0);
    return;
  }
  const pointAt = (source: number): void => {
    const entry = db.peek(args, FIRST_SOURCE + source);
    if (entry === 0) view.start = view.end = 0;
    else db.readString(entry, view);
  };
  const words = combineSources(operation, args.count - FIRST_SOURCE, length, pointAt);
  store(db, args, 2, new Uint8Array(words.buffer, 0, length));
  reply.integer(length);
}

/** Points `view` at the content of a source; empty when there is none. */
type PointAt = (source: number) => void;

/** The result of the operation over `sources` strings, the longest of which has `length` bytes, in words. */
function combineSources(operation: Operation, sources: number, length: number, pointAt: PointAt): Int32Array {
  const words = new Int32Array(Math.ceil(length / WORD_BYTES));
  const combine = (source: number, how: Combine, twice = NO_WORDS): void => {
    pointAt(source);
    combineView(words, how, twice);
  };
  switch (operation) {
    case 'AND':
      words.fill(-1);
      for (let i = 0; i < sources; i++) combine(i, COMBINE.and);
      break;
    case 'OR':
      for (let i = 0; i < sources; i++) combine(i, COMBINE.or);
      break;
    case 'XOR':
      for (let i = 0; i < sources; i++) combine(i, COMBINE.xor);
      break;
    case 'NOT':
      words.fill(-1);
      combine(0, COMBINE.xor);
      break;
    case 'ONE': {
      const twice = new Int32Array(words.length);
      for (let i = 0; i < sources; i++) combine(i, COMBINE.once, twice);
      for (let i = 0; i < words.length; i++) words[i] &= ~twice[i];
      break;
    }
    case 'DIFF':
    case 'DIFF1':
    case 'ANDOR':
      for (let i = 1; i < sources; i++) combine(i, COMBINE.or);
      combine(0, withFirst(operation));
  }
  return words;
}

function withFirst(operation: 'DIFF' | 'DIFF1' | 'ANDOR'): Combine {
  if (operation === 'DIFF') return COMBINE.without;
  return operation === 'DIFF1' ? COMBINE.exclude : COMBINE.and;
}

/** Combines the string that `view` points at into `words`. */
function combineView(words: Int32Array, how: Combine, twice: Int32Array): void {
  const pieceWordsMax = PIECE_BYTES / WORD_BYTES;
  for (let at = 0; at < words.length; at += pieceWordsMax) {
    const count = Math.min(pieceWordsMax, words.length - at);
    const from = Math.min(view.end, view.start + at * WORD_BYTES);
    const to = Math.min(view.end, from + count * WORD_BYTES);
    if (to > from) piece.set(view.bytes.subarray(from, to), 0);
    piece.fill(0, to - from, count * WORD_BYTES);
    how(words, at, count, twice);
  }
}

/** Makes the key at argument `i` a string of these bytes without a TTL; like every edited string it is stored raw. */
function store(db: Db, args: Args, i: number, bytes: Uint8Array): void {
  const entry = db.lookupWrite(args, i);
  if (entry !== 0) {
    if (db.typeOf(entry) === TYPE.string) db.persist(args, i);
    else db.delete(args, i);
  }
  db.resizeString(args, i, bytes.length, view);
  view.bytes.set(bytes, view.start);
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
