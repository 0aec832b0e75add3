// HyperLogLogs under keys, for their commands: open one, raise a register, close it.
//
// (1) The bytes of a value are those of Redis after the same requests, the cached count included.
// (2) A value is edited in place. A sparse one that grows gets room for several more changes; `closeCounter` cuts off what is
//     left over. So between open and close nothing else may look at the string.
// (3) Nothing here allocates.

import { copyBytes } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Ref } from '../memory/arena.js';
import type { Db } from '../shard/db.js';
import { isDense, isHyperLogLog, markStale, raiseDense, writeEmpty } from '../values/hyperloglog.js';
import { DENSE_BYTES, EMPTY_BYTES } from '../values/hyperloglog-layout.js';
import { applyRaise, planRaise, RAISE, raiseAdds, toDense } from '../values/hyperloglog-sparse.js';
import { TYPE } from '../values/types.js';
import { newView } from './arguments.js';

export const BROKEN_COUNTER = 'INVALIDOBJ Corrupted HLL object detected';
const NOT_A_COUNTER = 'WRONGTYPE Key is not a valid HyperLogLog string value.';

/** Bytes added to a sparse value that grows; one change takes at most three. */
const ROOM_BYTES = 32;

/** The open value: its string with the room behind it, and how much of that is in use. */
export const counter = newView();
let usedBytes = 0;

const dense = new Uint8Array(DENSE_BYTES);

/** Where the open value ends. */
export function counterEnd(): number {
  return counter.start + usedBytes;
}

/** Opens what `entry` holds; false: it is no HyperLogLog, and the client has been told. */
export function openCounter(db: Db, entry: Ref, reply: Reply): boolean {
  if (db.typeOf(entry) !== TYPE.string) {
    reply.error(ERRORS.wrongType);
    return false;
  }
  db.readString(entry, counter);
  usedBytes = counter.end - counter.start;
  if (isHyperLogLog(counter.bytes, counter.start, counter.end)) return true;
  reply.error(NOT_A_COUNTER);
  return false;
}

/** Opens a new, empty value under the free key at argument `i`. */
export function createCounter(db: Db, args: Args, i: number): void {
  db.resizeString(args, i, EMPTY_BYTES, counter);
  writeEmpty(counter.bytes, counter.start);
  usedBytes = EMPTY_BYTES;
}

/** Raises register `index` of the open value, the one at argument `i`, to `value`: RAISE.none, change or broken. */
export function raiseRegister(db: Db, args: Args, i: number, index: number, value: number): number {
  if (isDense(counter.bytes, counter.start)) {
    return raiseDense(counter.bytes, counter.start, index, value) ? RAISE.change : RAISE.none;
  }
  const plan = planRaise(counter.bytes, counter.start, counterEnd(), index, value);
  if (plan === RAISE.none || plan === RAISE.broken) return plan;
  if (plan === RAISE.change) {
    const adds = raiseAdds();
    if (adds <= 0 || usedBytes + adds <= db.shard.limits.hllSparseMaxBytes) {
      if (counterEnd() + adds > counter.end) db.resizeString(args, i, usedBytes + ROOM_BYTES, counter);
      usedBytes = applyRaise(counter.bytes, counter.start, usedBytes);
      markStale(counter.bytes, counter.start);
      return RAISE.change;
    }
  }
  if (!makeDense(db, args, i)) return RAISE.broken;
  raiseDense(counter.bytes, counter.start, index, value);
  return RAISE.change;
}

/** Makes the open value, the one at argument `i`, dense; false: its runs are broken, nothing was changed. */
export function makeDense(db: Db, args: Args, i: number): boolean {
  if (isDense(counter.bytes, counter.start)) return true;
  if (!toDense(counter.bytes, counter.start, counterEnd(), dense)) return false;
  db.resizeString(args, i, DENSE_BYTES, counter);
  copyBytes(counter.bytes, counter.start, dense, 0, DENSE_BYTES);
  usedBytes = DENSE_BYTES;
  return true;
}

/** Ends the changes of the open value, the one at argument `i`. */
export function closeCounter(db: Db, args: Args, i: number): void {
  if (counterEnd() !== counter.end) db.resizeString(args, i, usedBytes, counter);
}
