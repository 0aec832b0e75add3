// Sets under keys, for the commands. What a function opens stands in `set` until the next one opens another: a shard runs
// one command at a time.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db, Ref } from '../shard/db.js';
import { encodingFor, setKind, SetValue } from '../values/set.js';
import { TYPE } from '../values/types.js';

/** `openSet`: there is no set, or something else under the key (the client has been told). */
export const NO_SET = 0;
export const WRONG_TYPE = -1;

/** The set that was opened last. */
export const set = new SetValue();

/** True when `entry` (0: no key) holds no other type than a set; otherwise the client has been told. */
export function isSetOrNone(db: Db, entry: Ref, reply: Reply): boolean {
  if (entry === 0 || db.typeOf(entry) === TYPE.set) return true;
  reply.error(ERRORS.wrongType);
  return false;
}

/** Opens what `entry` (0: no key) holds; its members, NO_SET, or WRONG_TYPE with the error replied. */
export function openSet(db: Db, entry: Ref, reply: Reply): number {
  if (entry === 0) return NO_SET;
  if (!isSetOrNone(db, entry, reply)) return WRONG_TYPE;
  set.open(db.arena, entry);
  return set.count;
}

/**
 * Opens an empty set under the free key at argument `i`, in the form for about `hint` members of which the one at argument
 * `member` is the first; it must be added.
 */
export function createSet(db: Db, args: Args, i: number, member: number, hint: number): void {
  const encoding = encodingFor(args.bytes, args.starts[member], args.ends[member], hint, db.shard.limits);
  set.create(db.arena, db.create(args, i, setKind(encoding)));
}

/** Tells of members taken out of the open set, the one at argument `i`; of all, the key goes as well. */
export function shrunk(db: Db, args: Args, i: number): void {
  if (set.count === 0) db.delete(args, i);
  else db.changed(args, i);
}
