// The options that SET and GETEX take in any order, and the arithmetic of the times in them.
//
// Options are gathered as bits, so that what excludes what is one mask per option. A time to live becomes a deadline,
// Unix milliseconds. Deadlines up to 2^53 (the next 285,000 years) are plain numbers and cost no garbage; Redis takes
// the whole int64 range, the rest of which waits in `farDeadline` as a bigint.

import { bytesOf } from '../base/bytes.js';
import { INT64_MAX } from '../base/integers.js';
import type { Args } from '../contract/args.js';
import { ERRORS, invalidExpire } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { NO_EXPIRY, type Db } from '../shard/db.js';

/** One bit per option. Four are followed by a time, `ifEq` by the value that must be there. */
export const OPTION = {
  nx: 1,
  xx: 2,
  get: 4,
  keepTtl: 8,
  persist: 16,
  ex: 32,
  px: 64,
  exAt: 128,
  pxAt: 256,
  ifEq: 512,
} as const;
const TTL_BITS = OPTION.ex | OPTION.px | OPTION.exAt | OPTION.pxAt;

/** What SET allows, and GETEX. */
export const SET_OPTIONS = OPTION.nx | OPTION.xx | OPTION.ifEq | OPTION.get | OPTION.keepTtl | TTL_BITS;
export const GETEX_OPTIONS = OPTION.persist | TTL_BITS;

/** The options are no valid combination. */
export const BAD_OPTIONS = -1;

const NX = bytesOf('NX');
const XX = bytesOf('XX');
const GET = bytesOf('GET');
const KEEPTTL = bytesOf('KEEPTTL');
const PERSIST = bytesOf('PERSIST');
const EX = bytesOf('EX');
const PX = bytesOf('PX');
const EXAT = bytesOf('EXAT');
const PXAT = bytesOf('PXAT');
const IFEQ = bytesOf('IFEQ');

/** The option that argument `i` spells; 0: none. */
function optionBit(args: Args, i: number): number {
  switch (args.length(i)) {
    case 2:
      if (args.is(i, EX)) return OPTION.ex;
      if (args.is(i, PX)) return OPTION.px;
      if (args.is(i, NX)) return OPTION.nx;
      return args.is(i, XX) ? OPTION.xx : 0;
    case 3:
      return args.is(i, GET) ? OPTION.get : 0;
    case 4:
      if (args.is(i, EXAT)) return OPTION.exAt;
      if (args.is(i, PXAT)) return OPTION.pxAt;
      return args.is(i, IFEQ) ? OPTION.ifEq : 0;
    case 7:
      if (args.is(i, KEEPTTL)) return OPTION.keepTtl;
      return args.is(i, PERSIST) ? OPTION.persist : 0;
    default:
      return 0;
  }
}

/** The options that must not stand before `bit`. The same option may come twice: the last time counts. */
function excludedBy(bit: number): number {
  switch (bit) {
    case OPTION.nx:
      return OPTION.xx | OPTION.ifEq;
    case OPTION.xx:
      return OPTION.nx | OPTION.ifEq;
    case OPTION.ifEq:
      return OPTION.nx | OPTION.xx;
    case OPTION.get:
      return 0;
    case OPTION.keepTtl:
      return OPTION.persist | TTL_BITS;
    case OPTION.persist:
      return OPTION.keepTtl | TTL_BITS;
    default:
      return (OPTION.keepTtl | OPTION.persist | TTL_BITS) & ~bit;
  }
}

/** Index of the time that the options read last gave; meaningful when they hold a bit of TTL_BITS. */
let timeIndex = 0;
/** Index of the value behind IFEQ that the options read last gave. */
export let comparedIndex = 0;

/** The options from argument `from` on, as bits; BAD_OPTIONS: a syntax error. */
export function readOptions(args: Args, from: number, allowed: number): number {
  let options = 0;
  for (let i = from; i < args.count; i++) {
    const bit = optionBit(args, i);
    if ((bit & allowed) === 0 || (options & excludedBy(bit)) !== 0) return BAD_OPTIONS;
    if ((bit & TTL_BITS) !== 0) {
      i++;
      if (i === args.count) return BAD_OPTIONS;
      timeIndex = i;
    } else if (bit === OPTION.ifEq) {
      i++;
      if (i === args.count) return BAD_OPTIONS;
      comparedIndex = i;
    }
    options |= bit;
  }
  return options;
}

/** A deadline of FAR stands in `farDeadline`; BAD_DEADLINE: the client has been told why. */
const FAR = -3;
export const BAD_DEADLINE = 0;
let farDeadline = 0n;

/** Amounts up to these stay exact when made milliseconds and added to the time of day. */
const PLAIN_SECONDS_MAX = 9e12;
const PLAIN_MS_MAX = 9e15;

/** The deadline of the options that `readOptions` returned: NO_EXPIRY without a time. `name`: the command, lower case. */
export function optionDeadline(db: Db, args: Args, options: number, name: string, reply: Reply): number {
  if ((options & TTL_BITS) === 0) return NO_EXPIRY;
  const unitMs = (options & (OPTION.ex | OPTION.exAt)) !== 0 ? 1000 : 1;
  const relative = (options & (OPTION.ex | OPTION.px)) !== 0;
  return readDeadline(db, args, timeIndex, unitMs, relative, name, reply);
}

/**
 * The deadline from argument `i`, an amount of `unitMs` (1 or 1000), counted from now when `relative`. BAD_DEADLINE when
 * it is no int64, not positive, or runs over.
 */
export function readDeadline(
  db: Db,
  args: Args,
  i: number,
  unitMs: number,
  relative: boolean,
  name: string,
  reply: Reply,
): number {
  const amount = args.integer(i);
  if (amount > 0 && amount <= (unitMs === 1 ? PLAIN_MS_MAX : PLAIN_SECONDS_MAX)) {
    return amount * unitMs + (relative ? db.shard.nowMs : 0);
  }
  const exact = args.bigint(i);
  if (exact === undefined) {
    reply.error(ERRORS.notInteger);
    return BAD_DEADLINE;
  }
  const deadline = exact * BigInt(unitMs) + (relative ? BigInt(db.shard.nowMs) : 0n);
  if (exact <= 0n || deadline > INT64_MAX) {
    reply.error(invalidExpire(name));
    return BAD_DEADLINE;
  }
  farDeadline = deadline;
  return FAR;
}

/** Sets the key at argument `i` to the value at argument `j`; a deadline that is past deletes the key instead. */
export function setWithDeadline(db: Db, args: Args, i: number, j: number, deadline: number): void {
  if (deadline > 0 && deadline <= db.shard.nowMs) {
    db.delete(args, i);
    return;
  }
  const far = deadline === FAR;
  db.setString(args, i, args.bytes, args.starts[j], args.ends[j], far ? NO_EXPIRY : deadline);
  if (far) db.setExpireAt(args, i, farDeadline);
}

/** Gives the live key at argument `i` the deadline; deletes it when that is past. */
export function applyDeadline(db: Db, args: Args, i: number, deadline: number): void {
  if (deadline > 0 && deadline <= db.shard.nowMs) db.delete(args, i);
  else db.setExpireAt(args, i, deadline === FAR ? farDeadline : deadline);
}
