// What the string and bitmap commands share: reading int64 arguments as doubles, checking that a value is a string.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Ref } from '../memory/arena.js';
import type { Db, StringView } from '../shard/db.js';
import { TYPE } from '../values/types.js';
import { NO_BYTES } from '../base/bytes.js';

/**
 * Argument `i` as the double nearest to the int64 that it spells: exact within ±2^53, and beyond that good enough to be
 * compared with a length. NaN when it spells none. Allocates only beyond 2^53.
 */
export function int64Near(args: Args, i: number): number {
  const value = args.integer(i);
  if (!Number.isNaN(value)) return value;
  const exact = args.bigint(i);
  return exact === undefined ? NaN : Number(exact);
}

/** True when the int64 at argument `i` is greater than the one at `j`, whose `int64Near` are `a` and `b`. */
export function int64Exceeds(args: Args, i: number, a: number, j: number, b: number): boolean {
  if (a !== b || Number.isSafeInteger(a)) return a > b;
  const exactA = args.bigint(i);
  const exactB = args.bigint(j);
  return exactA !== undefined && exactB !== undefined && exactA > exactB;
}

/** True when `entry` holds a string; otherwise the client is told so. */
export function isString(db: Db, entry: Ref, reply: Reply): boolean {
  if (db.typeOf(entry) === TYPE.string) return true;
  reply.error(ERRORS.wrongType);
  return false;
}

/** A view that points at nothing yet. One per use that must not disturb another, made at load. */
export function newView(): StringView {
  return { bytes: NO_BYTES, start: 0, end: 0 };
}
