// What OBJECT, DEBUG OBJECT and MEMORY USAGE tell of a key, whatever its type.

import { assert } from '../base/assert.js';
import type { Ref } from '../memory/arena.js';
import { entryClock, entryType } from '../structures/entry.js';
import { TYPE_NAMES } from '../values/types.js';
import { valueTypeOf } from '../values/value-types.js';
import { lfuCounter, lruIdleMs } from './access-clock.js';
import type { Db } from './db.js';

/** What OBJECT tells of a key. */
export interface EntryFacts {
  readonly type: string;
  /** Redis's name: int, embstr (up to 44 bytes), raw, listpack, ... */
  readonly encoding: string;
  readonly idleMs: number;
  readonly frequency: number;
}

export function factsOf(db: Db, entry: Ref): EntryFacts {
  const { arena, shard } = db;
  const clock = entryClock(arena, entry);
  return {
    type: TYPE_NAMES[entryType(arena, entry)],
    encoding: valueTypeOf(arena, entry).encodingName(arena, entry),
    idleMs: shard.lfu ? 0 : lruIdleMs(clock, shard.nowMs),
    frequency: shard.lfu ? lfuCounter(clock, shard.nowMs) : 0,
  };
}

/** Bytes of the value in an RDB file, as DEBUG OBJECT counts them. May be O(n). */
export function serializedLengthOf(db: Db, entry: Ref): number {
  return valueTypeOf(db.arena, entry).serializedLength(db.arena, entry);
}

/** What DEBUG OBJECT says of the value besides. */
export function debugDetailsOf(db: Db, entry: Ref): string {
  return valueTypeOf(db.arena, entry).debugDetails(db.arena, entry, db.shard.limits);
}

/** Bytes that the key takes, its share of the index included; judges large values by `samples`. */
export function memoryOf(db: Db, entry: Ref, samples: number): number {
  assert(samples > 0, 'a large value is judged by some of its parts');
  const { arena, dict } = db;
  const index = Math.round(dict.indexBytes / dict.count);
  return arena.sizeOf(entry) + index + valueTypeOf(arena, entry).bytes(arena, entry, samples);
}
