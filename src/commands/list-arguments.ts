// Arguments that several list commands share: the sides of a list, and what commands on sorted sets share with them: the
// keys of LMPOP and ZMPOP, timeouts.

import { bytesOf } from '../base/bytes.js';
import { parseLongDouble } from '../base/long-double.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { int64Near } from './arguments.js';

const LEFT = bytesOf('LEFT');
const RIGHT = bytesOf('RIGHT');
const COUNT = bytesOf('COUNT');

export const BAD_NUMKEYS = 'ERR numkeys should be greater than 0';
export const BAD_COUNT = 'ERR count should be greater than 0';

/** True when argument `i` is LEFT or RIGHT; `HEAD` or `TAIL` is then `isLeft(args, i)`. */
export function isSide(args: Args, i: number): boolean {
  return args.is(i, LEFT) || args.is(i, RIGHT);
}

export function isLeft(args: Args, i: number): boolean {
  return args.is(i, LEFT);
}

/** What LMPOP and its kin are asked for. */
export interface MultiPop {
  /** The keys stand in [first, end). */
  readonly first: number;
  readonly end: number;
  /** At the end that is named first: LEFT, MIN. */
  readonly where: boolean;
  readonly count: number;
}

/**
 * The arguments of LMPOP and its kin from `numkeys` on; undefined: the error has been replied.
 * @param ends what the two ends are called
 */
export function readMultiPop(
  args: Args,
  numkeysAt: number,
  reply: Reply,
  ends: readonly [first: Uint8Array, second: Uint8Array] = [LEFT, RIGHT],
): MultiPop | undefined {
  const keys = int64Near(args, numkeysAt);
  if (!(keys >= 1)) {
    reply.error(BAD_NUMKEYS);
    return undefined;
  }
  const first = numkeysAt + 1;
  const end = first + keys;
  if (end >= args.count || !(args.is(end, ends[0]) || args.is(end, ends[1]))) {
    reply.error(ERRORS.syntax);
    return undefined;
  }
  let count = 0;
  for (let i = end + 1; i < args.count; i += 2) {
    if (count !== 0 || !args.is(i, COUNT) || i + 1 === args.count) {
      reply.error(ERRORS.syntax);
      return undefined;
    }
    count = int64Near(args, i + 1);
    if (!(count >= 1)) {
      reply.error(BAD_COUNT);
      return undefined;
    }
  }
  // What is beyond exact numbers is more than there can be, and must stay one that can be spelt.
  return { first, end, where: args.is(end, ends[0]), count: Math.min(Math.max(count, 1), Number.MAX_SAFE_INTEGER) };
}

const INT64_LIMIT = 2 ** 63;

/** The timeout in seconds at argument `i` as milliseconds; NaN: the error has been replied. */
export function readTimeout(args: Args, i: number, reply: Reply): number {
  const seconds = parseLongDouble(args.bytes, args.starts[i], args.ends[i]);
  if (seconds === undefined) {
    reply.error('ERR timeout is not a float or out of range');
    return NaN;
  }
  const ms = seconds.infinite === 0 ? Math.ceil(Number(seconds.mantissa) * 2 ** seconds.exponent * 1000) : Infinity;
  // Redis's milliseconds are an int64, which runs over to a negative number.
  if (ms < 0 || ms >= INT64_LIMIT || seconds.infinite !== 0) {
    reply.error('ERR timeout is negative');
    return NaN;
  }
  // What is too little for a double is still not "for ever".
  return ms === 0 && seconds.mantissa !== 0n ? 1 : ms;
}
