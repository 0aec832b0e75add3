// LCS: the longest common subsequence of two strings, its length, or where its runs stand in both.
//
// The table of lengths of all pairs of prefixes, walked back from its far corner:
//
//          ""  b0  b1 ...        table[i][j] = LCS of a[0,i) and b[0,j), rows of b.length + 1
//     ""    0   0   0
//     a0    0   .   .            The walk prefers a match, then `up` if it is strictly longer, else `left`: among
//     a1    0   .   .            subsequences of the same length this decides which one is found, so it is fixed.
//
// Limit: the table must fit in proto-max-bulk-len bytes, four per cell; time is proportional to it.

import { bytesOf, NO_BYTES } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keysFrom, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { TYPE } from '../values/types.js';
import { int64Near, newView } from './arguments.js';

const LEN = bytesOf('LEN');
const IDX = bytesOf('IDX');
const MINMATCHLEN = bytesOf('MINMATCHLEN');
const WITHMATCHLEN = bytesOf('WITHMATCHLEN');

const CELL_BYTES = Uint32Array.BYTES_PER_ELEMENT;
/** Longest string whose offsets fit a cell. */
const LENGTH_MAX = 0xffffffff - 2;

const NOT_STRINGS = 'ERR The specified keys must contain string values';
const LEN_AND_IDX = 'ERR If you want both the length and indexes, please just use IDX.';
const TOO_LONG = 'ERR String too long for LCS';
const TABLE_TOO_LARGE = 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len';
const NO_MEMORY = 'ERR Insufficient memory, failed allocating transient memory for LCS';

interface LcsOptions {
  length: boolean;
  indexes: boolean;
  matchLengths: boolean;
  matchLengthMin: number;
}

/** The options; undefined when the client has been told what is wrong with them. */
function readOptions(args: Args, reply: Reply): LcsOptions | undefined {
  const options: LcsOptions = { length: false, indexes: false, matchLengths: false, matchLengthMin: 0 };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, IDX)) options.indexes = true;
    else if (args.is(i, LEN)) options.length = true;
    else if (args.is(i, WITHMATCHLEN)) options.matchLengths = true;
    else if (args.is(i, MINMATCHLEN) && i + 1 < args.count) {
      i++;
      const min = int64Near(args, i);
      if (Number.isNaN(min)) {
        reply.error(ERRORS.notInteger);
        return undefined;
      }
      options.matchLengthMin = Math.max(0, min);
    } else {
      reply.error(ERRORS.syntax);
      return undefined;
    }
  }
  if (options.indexes && options.length) {
    reply.error(LEN_AND_IDX);
    return undefined;
  }
  return options;
}

const view = newView();

function opLcs(db: Db, args: Args, reply: Reply): void {
  const bytesMax = db.shard.stringBytesMax;
  const strings: Uint8Array[] = [];
  for (let i = 1; i <= 2; i++) {
    const entry = db.lookupRead(args, i);
    if (entry === 0) {
      strings.push(NO_BYTES);
    } else if (db.typeOf(entry) === TYPE.string) {
      // A view ends with the next use of the shard, so the strings are copied.
      db.readString(entry, view);
      strings.push(view.bytes.slice(view.start, view.end));
    }
  }
  if (strings.length < 2) reply.error(NOT_STRINGS);
  else replyLcs(strings[0], strings[1], args, bytesMax, reply);
}

/** Replies to LCS of `a` and `b` with the options of `args`. @param bytesMax what the table may take */
function replyLcs(a: Uint8Array, b: Uint8Array, args: Args, bytesMax: number, reply: Reply): void {
  const options = readOptions(args, reply);
  if (options === undefined) return;
  if (a.length > LENGTH_MAX || b.length > LENGTH_MAX) {
    reply.error(TOO_LONG);
    return;
  }
  const cells = (a.length + 1) * (b.length + 1);
  if (cells * CELL_BYTES > bytesMax) {
    reply.error(TABLE_TOO_LARGE);
    return;
  }
  const table = allocate(cells);
  if (table === undefined) {
    reply.error(NO_MEMORY);
    return;
  }
  fill(table, a, b);
  if (options.indexes) replyIndexes(table, a, b, options, reply);
  else if (options.length) reply.integer(table[cells - 1]);
  else replySubsequence(table, a, b, reply);
}

/** A table of zeros; undefined when the system gives no memory. */
function allocate(cells: number): Uint32Array | undefined {
  try {
    return new Uint32Array(cells);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fill(table: Uint32Array, a: Uint8Array, b: Uint8Array): void {
  const width = b.length + 1;
  for (let i = 1; i <= a.length; i++) {
    const byte = a[i - 1];
    const row = i * width;
    let left = 0;
    let upLeft = 0;
    for (let j = 1; j < width; j++) {
      const up = table[row - width + j];
      left = byte === b[j - 1] ? upLeft + 1 : up > left ? up : left;
      table[row + j] = left;
      upLeft = up;
    }
  }
}

function replySubsequence(table: Uint32Array, a: Uint8Array, b: Uint8Array, reply: Reply): void {
  const width = b.length + 1;
  let remaining = table[table.length - 1];
  const found = new Uint8Array(remaining);
  for (let i = a.length, j = b.length; i > 0 && j > 0;) {
    if (a[i - 1] === b[j - 1]) {
      found[--remaining] = a[i - 1];
      i--;
      j--;
    } else if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  reply.bulk(found, 0, found.length);
}

/** The runs of matches, from the last to the first, as ranges of both strings. */
function replyIndexes(table: Uint32Array, a: Uint8Array, b: Uint8Array, options: LcsOptions, reply: Reply): void {
  const width = b.length + 1;
  reply.map(2);
  reply.bulkText('matches');
  const mark = reply.mark();
  let matches = 0;
  /** Length of the run that begins at a[i] and b[j]. */
  let run = 0;
  let i = a.length;
  let j = b.length;
  while (i > 0 && j > 0) {
    const match = a[i - 1] === b[j - 1];
    if (match) {
      run++;
      i--;
      j--;
      if (i > 0 && j > 0) continue;
    }
    if (run > 0 && run >= options.matchLengthMin) {
      replyRun(i, j, run, options.matchLengths, reply);
      matches++;
    }
    run = 0;
    if (match) break;
    if (table[(i - 1) * width + j] > table[i * width + j - 1]) i--;
    else j--;
  }
  reply.wrapArray(mark, matches);
  reply.bulkText('len');
  reply.integer(table[table.length - 1]);
}

function replyRun(aStart: number, bStart: number, length: number, withLength: boolean, reply: Reply): void {
  reply.array(withLength ? 3 : 2);
  reply.array(2);
  reply.integer(aStart);
  reply.integer(aStart + length - 1);
  reply.array(2);
  reply.integer(bStart);
  reply.integer(bStart + length - 1);
  if (withLength) reply.integer(length);
}

export const LCS_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'LCS',
    since: '7.0.0',
    arity: -3,
    flags: ['readonly'],
    group: 'string',
    summary: 'Finds the longest common subsequence of the strings at two keys.',
    complexity: 'O(n*m), n and m = lengths of the two strings',
    usage: 'key1 key2#0 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]',
    keys: [keysFrom(1, 1, 1, 'RO', 'access')],
    examples: [
      ['MSET {k}1 ohmytext {k}2 mynewtext', '+OK'],
      ['LCS {k}1 {k}2', '$6\r\nmytext'],
      ['LCS {k}1 {k}2 LEN', ':6'],
      [
        'LCS {k}1 {k}2 IDX MINMATCHLEN 4 WITHMATCHLEN',
        '*4\r\n$7\r\nmatches\r\n*1\r\n*3\r\n*2\r\n:4\r\n:7\r\n*2\r\n:5\r\n:8\r\n:4\r\n$3\r\nlen\r\n:6',
      ],
      ['LCS {k}1 {k}3', '$0\r\n'],
      ['LCS {k}1 {k}2 LEN IDX', `-${LEN_AND_IDX}`],
      ['LCS {k}1 {k}2 MINMATCHLEN', `-${ERRORS.syntax}`],
    ],
    onShard: opLcs,
    across: { gather: true },
  },
];
