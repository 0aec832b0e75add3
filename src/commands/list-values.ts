// Lists under keys, for the commands: open one, push to it, pop from it, move an element between two. Nothing here parses
// a request, so whoever serves clients that wait for a key, or plans over several shards, works with the same functions.
//
// (1) What a function opens stands in `list` until the next one opens another: a shard runs one command at a time.
// (2) A list that lost its last element is deleted with its key; one that shrank may change its encoding.
// (3) A span over an element is good until its list changes. Other lists may change: blocks of the arena do not move.

import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Ref } from '../memory/arena.js';
import type { Db, StringView } from '../shard/db.js';
import { LIST_LENGTH_MAX, ListValue, PACKED_LIST_KIND } from '../values/list.js';
import { TYPE } from '../values/types.js';
import { newView } from './arguments.js';

/** Elements up to this size may stand in a packed node, beside others; longer ones have a block of their own. */
const PACKED_ELEMENT_BYTES_MAX = 64 * 1024;

export const LIST_TOO_LONG = `ERR a list has at most ${LIST_LENGTH_MAX} elements`;

/** The end of a list that something is added to or taken from. */
export const HEAD = true;
export const TAIL = false;

/** `openList`: there is no list, or something else under the key (the client has been told). */
export const NO_LIST = 0;
export const WRONG_TYPE = -1;

/** The list that was opened last. */
export const list = new ListValue();

const view = newView();
const carried = new Uint8Array(PACKED_ELEMENT_BYTES_MAX);

/** Opens what `entry` (0: no key) holds; its length, NO_LIST, or WRONG_TYPE with the error replied. */
export function openList(db: Db, entry: Ref, reply: Reply): number {
  if (entry === 0) return NO_LIST;
  if (db.typeOf(entry) !== TYPE.list) {
    reply.error(ERRORS.wrongType);
    return WRONG_TYPE;
  }
  list.open(db.arena, entry, db.shard.limits.listMaxListpackSize);
  return list.length;
}

/** True when the open list, or a new one, may take `more` elements; otherwise the client has been told. */
export function mayGrow(length: number, more: number, reply: Reply): boolean {
  if (length + more <= LIST_LENGTH_MAX) return true;
  reply.error(LIST_TOO_LONG);
  return false;
}

/** Opens an empty list under the free key at argument `i`; something must be pushed to it. */
export function createList(db: Db, args: Args, i: number): void {
  const entry = db.create(args, i, PACKED_LIST_KIND);
  list.create(db.arena, entry, db.shard.limits.listMaxListpackSize);
}

/**
 * Pushes `bytes[start, end)` to the list at argument `i`, which holds a list or nothing. The bytes may stand in another
 * list's memory. Tells who waits for the key.
 */
export function pushValue(
  db: Db,
  args: Args,
  i: number,
  where: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const entry = db.lookupWrite(args, i);
  if (entry === 0) createList(db, args, i);
  else list.open(db.arena, entry, db.shard.limits.listMaxListpackSize);
  list.reserve(end - start, 1);
  list.push(where, bytes, start, end);
  db.grew(args, i);
}

/** Points `into` at the element at an end of the open list. */
export function readEnd(where: boolean, into: StringView): void {
  list.seek(where === HEAD ? 0 : list.length - 1);
  list.read(into);
}

/** Replies with the element at an end of the open list. */
export function replyEnd(where: boolean, reply: Reply): void {
  readEnd(where, view);
  reply.bulk(view.bytes, view.start, view.end);
}

/** Replies with the `n` outermost elements of an end of the open list, the outermost first. */
export function replyEnds(where: boolean, n: number, reply: Reply): void {
  reply.array(n);
  if (n === 0) return;
  list.seek(where === HEAD ? 0 : list.length - 1);
  for (let left = n; ;) {
    list.read(view);
    reply.bulk(view.bytes, view.start, view.end);
    if (--left === 0) return;
    if (where === HEAD) list.next();
    else list.previous();
  }
}

/** Takes the `n` outermost elements of an end out of the open list, the one at argument `i`; of all, the key as well. */
export function dropEnds(db: Db, args: Args, i: number, where: boolean, n: number): void {
  if (n === 0) return;
  if (n >= list.length) {
    db.delete(args, i);
    return;
  }
  const rest = list.cut(where, n);
  if (rest !== undefined) db.shard.lazyFree.addValue(rest);
  list.shrink();
  db.changed(args, i);
}

/** Pops an element of the list at argument `i` into the reply; false: there is no list, nothing was replied. */
export function popReply(db: Db, args: Args, i: number, where: boolean, reply: Reply): boolean {
  const length = openList(db, db.lookupWrite(args, i), reply);
  if (length === NO_LIST) return false;
  if (length === WRONG_TYPE) return true;
  replyEnd(where, reply);
  dropEnds(db, args, i, where, 1);
  return true;
}

/**
 * Pops up to `count` elements of the list at argument `i` into the reply, as LMPOP has it: the key, then the elements.
 * False: there is no list, nothing was replied.
 */
export function popManyReply(db: Db, args: Args, i: number, where: boolean, count: number, reply: Reply): boolean {
  const length = openList(db, db.lookupWrite(args, i), reply);
  if (length === NO_LIST) return false;
  if (length === WRONG_TYPE) return true;
  const n = Math.min(count, length);
  reply.array(2);
  reply.bulk(args.bytes, args.starts[i], args.ends[i]);
  replyEnds(where, n, reply);
  dropEnds(db, args, i, where, n);
  return true;
}

/**
 * Moves the element at end `from` of the list at argument `source` to end `to` of the one at `destination` (which may be
 * the same) and replies with it. False: there is no source, nothing was replied.
 */
export function moveReply(
  db: Db,
  args: Args,
  source: number,
  destination: number,
  from: boolean,
  to: boolean,
  reply: Reply,
): boolean {
  const entry = db.lookupWrite(args, source);
  let length = openList(db, entry, reply);
  if (length === NO_LIST) return false;
  if (length === WRONG_TYPE) return true;
  const target = db.lookupWrite(args, destination);
  if (target === entry) {
    replyEnd(from, reply);
    if (length > 1 && from !== to) rotate(db, args, source, from, to);
    db.grew(args, destination);
    return true;
  }
  if (target !== 0) {
    length = openList(db, target, reply);
    if (length === WRONG_TYPE || !mayGrow(length, 1, reply)) return true;
    openList(db, entry, reply);
  }
  readEnd(from, view);
  reply.bulk(view.bytes, view.start, view.end);
  pushValue(db, args, destination, to, view.bytes, view.start, view.end);
  openList(db, db.peek(args, source), reply);
  dropEnds(db, args, source, from, 1);
  return true;
}

/** Moves an element from one end of the open list, which has others, to the other. */
function rotate(db: Db, args: Args, i: number, from: boolean, to: boolean): void {
  readEnd(from, view);
  const bytes = view.end - view.start;
  if (bytes > PACKED_ELEMENT_BYTES_MAX) {
    // It has a block of its own, which pushing leaves alone.
    list.push(to, view.bytes, view.start, view.end);
    dropEnds(db, args, i, from, 1);
    return;
  }
  carried.set(view.bytes.subarray(view.start, view.end));
  const rest = list.cut(from, 1);
  if (rest !== undefined) db.shard.lazyFree.addValue(rest);
  list.reserve(bytes, 1);
  list.push(to, carried, 0, bytes);
  list.shrink();
}
