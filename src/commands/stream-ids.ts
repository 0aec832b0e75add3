// Stream IDs as clients spell them: `<ms>-<seq>`, `<ms>`, `-`, `+`, `<ms>-*`, `(` in front of an exclusive bound.
//
// Both numbers are unsigned 64-bit integers, read as Redis does: strictly where they spell an int64, and otherwise as C's
// strtoull (which takes blanks, a sign and zeros in front). What is long or odd goes by strings and bigints.

import { latin1Of } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { ID_CHARS_MAX, type StreamId } from '../values/stream.js';

export const BAD_ID = 'ERR Invalid stream ID specified as stream command argument';
export const BAD_START = 'ERR invalid start ID for the interval';
export const BAD_END = 'ERR invalid end ID for the interval';

/** The spelling that is too long for an ID. */
const SPELLING_BYTES_MAX = 127;
/** Digits that are a safe integer, whatever they are. */
const PLAIN_DIGITS_MAX = 15;
const ZERO = 0x30;
const HYPHEN = 0x2d;
const PLUS = 0x2b;
const STAR = 0x2a;
const PARENTHESIS = 0x28;
const ALL_ONES = -1;
const TWO_32 = 4294967296;
const TWO_64 = 1n << 64n;

/** What `parseId` found. */
export const NO_ID = 0;
export const WHOLE_ID = 1;
/** The form `<ms>-*`: the sequence is to be made. */
export const OPEN_ID = 2;

/** What `parseUint64` read. */
let high = 0;
let low = 0;

function parseUint64(bytes: Uint8Array, start: number, end: number): boolean {
  const digits = end - start;
  if (digits > 0 && digits <= PLAIN_DIGITS_MAX) {
    let value = 0;
    let i = start;
    for (; i < end; i++) {
      const digit = bytes[i] - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i === end) {
      high = Math.floor(value / TWO_32);
      low = value | 0;
      return true;
    }
  }
  return parseOddUint64(latin1Of(bytes, start, end));
}

function parseOddUint64(text: string): boolean {
  const [spelling] = text.split('\0', 1);
  // An int64 is read as one, and a negative one is none of ours.
  if (/^-[1-9]\d*$/.test(spelling) && BigInt(spelling) >= -(1n << 63n)) return false;
  const parts = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/.exec(spelling);
  if (parts === null) return false;
  const magnitude = BigInt(parts[2]);
  if (magnitude >= TWO_64) return false;
  const value = parts[1] === '-' ? TWO_64 - magnitude : magnitude;
  low = Number(BigInt.asIntN(32, value));
  high = Number(BigInt.asIntN(32, value >> 32n));
  return true;
}

/**
 * Reads an ID into `id`. Without a sequence it gets `missing`, a word that both words of it become; `strict` refuses `-` and
 * `+`; `open` takes `<ms>-*`, whose sequence becomes 0.
 */
function parseId(
  bytes: Uint8Array,
  start: number,
  end: number,
  id: StreamId,
  missing: 0 | -1,
  strict: boolean,
  open: boolean,
): number {
  const length = end - start;
  if (length > SPELLING_BYTES_MAX) return NO_ID;
  if (length === 1 && (bytes[start] === HYPHEN || bytes[start] === PLUS)) {
    if (strict) return NO_ID;
    if (bytes[start] === HYPHEN) id.setMin();
    else id.setMax();
    return WHOLE_ID;
  }
  let hyphen = start;
  while (hyphen < end && bytes[hyphen] !== HYPHEN) hyphen++;
  if (!parseUint64(bytes, start, hyphen)) return NO_ID;
  const msHigh = high;
  const msLow = low;
  if (hyphen === end) {
    id.set(msHigh, msLow, missing, missing);
    return WHOLE_ID;
  }
  if (open && hyphen + 2 === end && bytes[hyphen + 1] === STAR) {
    id.set(msHigh, msLow, 0, 0);
    return OPEN_ID;
  }
  if (!parseUint64(bytes, hyphen + 1, end)) return NO_ID;
  id.set(msHigh, msLow, high, low);
  return WHOLE_ID;
}

/** Reads the ID at argument `i`, without sequence `<ms>-0`; false: the error has been replied. */
export function readId(args: Args, i: number, id: StreamId, reply: Reply): boolean {
  if (tryId(args, i, id)) return true;
  reply.error(BAD_ID);
  return false;
}

/** The same without a word to the client. */
export function tryId(args: Args, i: number, id: StreamId): boolean {
  return parseId(args.bytes, args.starts[i], args.ends[i], id, 0, true, false) !== NO_ID;
}

/** As `readId`, and takes `-` and `+`. */
export function readAnyId(args: Args, i: number, id: StreamId, reply: Reply): boolean {
  if (parseId(args.bytes, args.starts[i], args.ends[i], id, 0, false, false) !== NO_ID) return true;
  reply.error(BAD_ID);
  return false;
}

/** Reads XADD's ID, which may be OPEN_ID; NO_ID: the error has been replied. */
export function readNewId(args: Args, i: number, id: StreamId, reply: Reply): number {
  const found = parseId(args.bytes, args.starts[i], args.ends[i], id, 0, true, true);
  if (found === NO_ID) reply.error(BAD_ID);
  return found;
}

/** Reads the bounds of an interval at two arguments, exclusive ones included; false: the error has been replied. */
export function readInterval(
  args: Args,
  startAt: number,
  endAt: number,
  start: StreamId,
  end: StreamId,
  reply: Reply,
): boolean {
  return readStart(args, startAt, start, reply) && readEnd(args, endAt, end, reply);
}

export function readStart(args: Args, i: number, start: StreamId, reply: Reply): boolean {
  const excluded = isExcluded(args, i);
  if (!readBound(args, i, start, 0, excluded, reply)) return false;
  if (!excluded || start.increment()) return true;
  reply.error(BAD_START);
  return false;
}

function readEnd(args: Args, i: number, end: StreamId, reply: Reply): boolean {
  const excluded = isExcluded(args, i);
  if (!readBound(args, i, end, ALL_ONES, excluded, reply)) return false;
  if (!excluded || end.decrement()) return true;
  reply.error(BAD_END);
  return false;
}

function isExcluded(args: Args, i: number): boolean {
  return args.length(i) > 1 && args.bytes[args.starts[i]] === PARENTHESIS;
}

function readBound(args: Args, i: number, id: StreamId, missing: 0 | -1, excluded: boolean, reply: Reply): boolean {
  const start = args.starts[i] + (excluded ? 1 : 0);
  if (parseId(args.bytes, start, args.ends[i], id, missing, excluded, false) !== NO_ID) return true;
  reply.error(BAD_ID);
  return false;
}

const spelling = new Uint8Array(ID_CHARS_MAX);

/** A bulk of the ID. */
export function replyId(reply: Reply, id: StreamId): void {
  reply.bulk(spelling, 0, id.spell(spelling, 0));
}
