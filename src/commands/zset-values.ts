// Sorted sets under keys, for the commands: open one, make one, put another in a key's place, pop from it. Nothing here
// parses a request, so whoever serves clients that wait for a key works with the same functions.
//
// (1) What a function opens stands in `zset` until the next one opens another: a shard runs one command at a time.
// (2) A set that lost its last member is deleted with its key.
// (3) A span over a member is good until its set changes.

import { keyHash } from '../base/hash.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Ref } from '../memory/arena.js';
import type { Db } from '../shard/db.js';
import { TYPE } from '../values/types.js';
import { LARGE_ZSET_KIND, PACKED_ZSET_KIND, ZSetValue } from '../values/zset.js';
import { newView } from './arguments.js';

export const NOT_A_NUMBER = 'ERR resulting score is not a number (NaN)';

/** The ends of a sorted set that members are popped from. */
export const MIN = true;
export const MAX = false;

/** `openZSet`: there is no set, or something else under the key (the client has been told). */
export const NO_ZSET = 0;
export const WRONG_TYPE = -1;

/** The set that was opened last. */
export const zset = new ZSetValue();

const view = newView();

/** Opens what `entry` (0: no key) holds; its length, NO_ZSET, or WRONG_TYPE with the error replied. */
export function openZSet(db: Db, entry: Ref, reply: Reply): number {
  if (entry === 0) return NO_ZSET;
  if (db.typeOf(entry) !== TYPE.zset) {
    reply.error(ERRORS.wrongType);
    return WRONG_TYPE;
  }
  zset.open(db.arena, entry);
  return zset.length;
}

/** Opens an empty set under the free key at argument `i`; a first member of `bytes` bytes must be added. */
export function createZSet(db: Db, args: Args, i: number, bytes: number): void {
  const { limits } = db.shard;
  zset.begin(db.arena, limits.zsetMaxListpackEntries === 0 || bytes > limits.zsetMaxListpackValue);
  zset.attach(db.create(args, i, PACKED_ZSET_KIND));
}

/** Adds `bytes[start, end)` to the open set, which does not have it. */
export function addMember(db: Db, hash: number, bytes: Uint8Array, start: number, end: number, score: number): void {
  zset.reserve(end - start, db.shard.limits);
  zset.add(hash, bytes, start, end, score);
}

/** The hash of a member that is no argument. */
export function memberHashOf(db: Db, bytes: Uint8Array, start: number, end: number): number {
  return keyHash(bytes, start, end, db.shard.hashSeed);
}

/**
 * Puts `made`, a set that was begun, in the place of whatever is at argument `i`, or nothing if it is empty; replies with
 * its length.
 */
export function storeZSet(db: Db, args: Args, i: number, made: ZSetValue, reply: Reply): void {
  const { length } = made;
  db.delete(args, i);
  if (length === 0) {
    made.discard();
  } else {
    made.attach(db.create(args, i, LARGE_ZSET_KIND));
    db.grew(args, i);
  }
  reply.integer(length);
}

/** Replies with the member at hand. */
export function replyMember(reply: Reply): void {
  zset.read(view);
  reply.bulk(view.bytes, view.start, view.end);
}

/** How members are told together with their scores: one after the other, or in pairs. */
export const FLAT = false;
export const PAIRS = true;

/** Replies with `n` members (at least one) of a set from `rank` on, without the head of the array. */
export function replyMembersOf(
  from: ZSetValue,
  rank: number,
  n: number,
  forward: boolean,
  withScores: boolean,
  inPairs: boolean,
  reply: Reply,
): void {
  from.seek(rank);
  for (let left = n; ;) {
    if (inPairs) reply.array(2);
    from.read(view);
    reply.bulk(view.bytes, view.start, view.end);
    if (withScores) reply.double(from.score);
    if (--left === 0) return;
    if (forward) from.next();
    else from.previous();
  }
}

/** The same of the open set. */
export function replyMembers(
  rank: number,
  n: number,
  forward: boolean,
  withScores: boolean,
  inPairs: boolean,
  reply: Reply,
): void {
  replyMembersOf(zset, rank, n, forward, withScores, inPairs, reply);
}

/** Takes `count` members from `rank` on out of the open set, the one at argument `i`; of all, the key as well. */
export function dropMembers(db: Db, args: Args, i: number, rank: number, count: number): void {
  if (count === 0) return;
  if (count >= zset.length) {
    db.delete(args, i);
    return;
  }
  zset.removeRange(rank, count);
  db.changed(args, i);
}

/** Replies with the `n` outermost members of an end with their scores, without a head, and takes them out. */
export function popMembers(
  db: Db,
  args: Args,
  i: number,
  where: boolean,
  n: number,
  inPairs: boolean,
  reply: Reply,
): void {
  const { length } = zset;
  replyMembers(where === MIN ? 0 : length - 1, n, where === MIN, true, inPairs, reply);
  dropMembers(db, args, i, where === MIN ? 0 : length - n, n);
}

/** Pops a member of the set at argument `i` as BZPOPMIN has it: key, member, score. False: there is no set, no reply. */
export function popWithKey(db: Db, args: Args, i: number, where: boolean, reply: Reply): boolean {
  const length = openZSet(db, db.lookupWrite(args, i), reply);
  if (length === NO_ZSET) return false;
  if (length === WRONG_TYPE) return true;
  reply.array(3);
  reply.bulk(args.bytes, args.starts[i], args.ends[i]);
  popMembers(db, args, i, where, 1, FLAT, reply);
  return true;
}

/** Pops up to `count` members as ZMPOP has it: the key, then pairs. False: there is no set, nothing was replied. */
export function popManyReply(db: Db, args: Args, i: number, where: boolean, count: number, reply: Reply): boolean {
  const length = openZSet(db, db.lookupWrite(args, i), reply);
  if (length === NO_ZSET) return false;
  if (length === WRONG_TYPE) return true;
  const n = Math.min(count, length);
  reply.array(2);
  reply.bulk(args.bytes, args.starts[i], args.ends[i]);
  reply.array(n);
  popMembers(db, args, i, where, n, PAIRS, reply);
  return true;
}
