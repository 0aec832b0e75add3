// Hashes under keys, for the commands: open one, make one, and bring its key in line with what became of it. Nothing here
// parses a request.
//
// (1) What a function opens stands in `hash` until the next one opens another: a shard runs one command at a time.
// (2) A hash that lost its last field is deleted with its key.
// (3) Opening takes a few of the fields out whose time has passed. The rest of them cannot be seen, and wait for active
//     expiry: a wave of them holds up nobody.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db, Ref } from '../shard/db.js';
import { HashValue, INLINE_HASH_KIND, INLINE_LIST_BYTES_MAX, PACKED_HASH_KIND } from '../values/hash.js';
import { TYPE } from '../values/types.js';

/** Due fields that opening a hash takes out: some ten microseconds. */
const REMOVED_AT_ONCE_MAX = 32;

/** `openHash`: there is no hash, or something else under the key (the client has been told). */
export const NO_HASH = 0;
export const WRONG_TYPE = -1;

/** The hash that was opened last. */
export const hash = new HashValue();

/** Opens what `entry` (0: no key) holds; 1, NO_HASH, or WRONG_TYPE with the error replied. */
export function openHash(db: Db, entry: Ref, reply: Reply): number {
  if (entry === 0) return NO_HASH;
  if (db.typeOf(entry) !== TYPE.hash) {
    reply.error(ERRORS.wrongType);
    return WRONG_TYPE;
  }
  openExisting(db, entry);
  return 1;
}

function openExisting(db: Db, entry: Ref): void {
  hash.keeper = db;
  hash.open(db.arena, entry, db.shard.limits, db.shard.nowMs);
  if (!hash.isMarked || hash.firstDeadline >= db.shard.nowMs) return;
  db.removeDueParts(entry, REMOVED_AT_ONCE_MAX);
  hash.open(db.arena, entry, db.shard.limits, db.shard.nowMs);
}

/** Takes all fields out of the open hash whose time has passed. */
export function removeAllDue(db: Db): void {
  if (!hash.isMarked || hash.firstDeadline >= db.shard.nowMs) return;
  const { entry } = hash;
  db.removeDueParts(entry, hash.due);
  hash.open(db.arena, entry, db.shard.limits, db.shard.nowMs);
}

/**
 * Opens an empty hash under the free key at argument `i`; something must be put into it. Its elements will take
 * `inlineBytes` in an inline one, or `packedBytes` when that is too much: as far as is known.
 */
export function createHash(db: Db, args: Args, i: number, inlineBytes = 0, packedBytes = 0): void {
  const { arena, shard } = db;
  const isInline = inlineBytes <= INLINE_LIST_BYTES_MAX;
  const entry = isInline ? db.create(args, i, INLINE_HASH_KIND, inlineBytes) : db.create(args, i, PACKED_HASH_KIND);
  hash.keeper = db;
  hash.create(arena, entry, shard.limits, shard.nowMs, packedBytes);
}

/** Bytes that the arguments from `first` on take in an inline hash; Infinity: too many for one. */
export function inlineBytesOf(args: Args, first: number): number {
  const { bytes, count, starts, ends } = args;
  let total = 0;
  for (let i = first; i < count; i++) {
    total += hash.inlineBytes(bytes, starts[i], ends[i]);
    if (total > INLINE_LIST_BYTES_MAX) return Infinity;
  }
  return total;
}

/** Ends a change of the open hash, the one at argument `i`. */
export function settle(db: Db, args: Args, i: number): void {
  if (hash.isEmpty) {
    db.delete(args, i);
    return;
  }
  const { hasDeadlines } = hash;
  if (hash.isMarked !== hasDeadlines) db.markParts(hash.entry, hasDeadlines);
  db.changed(args, i);
}

/** Puts the cursor of the open hash on the field at argument `i`; false: there is none. */
export function findField(args: Args, i: number): boolean {
  return hash.find(args.bytes, args.starts[i], args.ends[i]);
}

/** Sets the field at argument `i` to the value at the next one; true: it is new. */
export function setField(args: Args, i: number, keepsDeadline = false): boolean {
  const { bytes, starts, ends } = args;
  return hash.set(bytes, starts[i], ends[i], bytes, starts[i + 1], ends[i + 1], keepsDeadline);
}
