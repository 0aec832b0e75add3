// What SORT reads and writes on one shard: elements of a collection, values that patterns stand for, and the list that STORE
// makes. Whole requests (sort.ts) and the parts of a plan (sort-plan.ts) use the same functions.

import type { GrowingBytes } from '../base/growing-bytes.js';
import { Args } from '../contract/args.js';
import type { Db, Ref, StringView } from '../shard/db.js';
import { HashValue } from '../values/hash.js';
import { SetValue } from '../values/set.js';
import { TYPE } from '../values/types.js';
import { ZSetValue } from '../values/zset.js';
import { newView } from './arguments.js';
import { createList, list } from './list-values.js';

/** Takes the elements; true types it can sort. */
export interface ElementTaker {
  bulk(bytes: Uint8Array, start: number, end: number): void;
}

const set = new SetValue();
const zset = new ZSetValue();
const hash = new HashValue();
const view = newView();
let probe = new Args(0);

/** Gives the elements of a list, set or sorted set, in their own order, to `taker`; false: it is something else. */
export function takeElements(db: Db, entry: Ref, taker: ElementTaker): boolean {
  switch (db.typeOf(entry)) {
    case TYPE.list:
      list.open(db.arena, entry, db.shard.limits.listMaxListpackSize);
      list.walk(0, list.length, true, taker);
      return true;
    case TYPE.set:
      set.open(db.arena, entry);
      set.rewind();
      while (set.next(view)) taker.bulk(view.bytes, view.start, view.end);
      return true;
    case TYPE.zset:
      zset.open(db.arena, entry);
      zset.seek(0);
      do {
        zset.read(view);
        taker.bulk(view.bytes, view.start, view.end);
      } while (zset.next());
      return true;
    default:
      return false;
  }
}

/**
 * Points `into` at the string at a key given by its bytes, or at a field of the hash there (an empty `field`: the string);
 * false: there is nothing of the kind. The span is good until the next write.
 */
export function readPatternValue(
  db: Db,
  bytes: Uint8Array,
  start: number,
  end: number,
  field: Uint8Array,
  into: StringView,
): boolean {
  if (probe.hashSeed !== db.shard.hashSeed) probe = new Args(db.shard.hashSeed);
  probe.reset(bytes);
  probe.push(start, start);
  probe.push(start, end);
  const entry = db.lookupRead(probe, 1);
  if (entry === 0) return false;
  if (field.length > 0) {
    if (db.typeOf(entry) !== TYPE.hash) return false;
    hash.open(db.arena, entry, db.shard.limits, db.shard.nowMs);
    if (!hash.find(field, 0, field.length)) return false;
    hash.readValue(into);
    return true;
  }
  if (db.typeOf(entry) !== TYPE.string) return false;
  db.readString(entry, into);
  return true;
}

/** Puts a list in the place of what the key at argument `i` holds: `count` elements that end in `bytes` where `ends` says. */
export function storeList(db: Db, args: Args, i: number, bytes: GrowingBytes, ends: readonly number[]): void {
  db.delete(args, i);
  if (ends.length === 0) return;
  createList(db, args, i);
  let start = 0;
  for (const end of ends) {
    list.reserve(end - start, 1);
    list.push(false, bytes.bytes, start, end);
    start = end;
  }
  db.grew(args, i);
}
