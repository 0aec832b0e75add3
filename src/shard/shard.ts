// One partition of the keyspace: an arena, its databases, and the background work that belongs to them
// (active expiry, lazy freeing). Owned by exactly one thread.

import { assert } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/prng.js';
import { Arena, type Ref } from '../memory/arena.js';
import { checkDict } from '../structures/dict-walk.js';
import { entryKind, entryType } from '../structures/entry.js';
import { blobOf } from '../values/string.js';
import { STRING_ENCODING, TYPE } from '../values/types.js';
import { lruClock } from './access-clock.js';
import { Db } from './db.js';
import { ActiveExpiry } from './expiry.js';
import { LazyFree } from './lazy-free.js';

/** What a shard may count; the core hands in counters that every thread can read. */
export interface ShardCounters {
  keyspaceHit(): void;
  keyspaceMiss(): void;
  expiredKey(): void;
  /** The number of keys (and of keys with a TTL) of a database changed. */
  sizeChanged(db: number, keys: number, expires: number): void;
  lazyFreed(objects: number): void;
}

export interface ShardOptions {
  readonly id: number;
  readonly shardCount: number;
  readonly databases: number;
  readonly hashSeed: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: ShardCounters;
  /** Longest string, bytes (proto-max-bulk-len). */
  readonly stringBytesMax: number;
  /** maxmemory-policy is an LFU one: the access clock counts instead of dating. */
  readonly lfu: boolean;
}

const BLOB_KIND = TYPE.string | (STRING_ENCODING.blob << 4);

export class Shard {
  readonly id: number;
  readonly shardCount: number;
  readonly hashSeed: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: ShardCounters;
  readonly arena = new Arena();
  readonly dbs: readonly Db[];
  readonly lazyFree: LazyFree;
  /** Longest string, bytes. */
  stringBytesMax: number;
  /** The access clock of entries counts (LFU) instead of dating (LRU). */
  lfu: boolean;
  /** False while a client with CLIENT NO-TOUCH runs: lookups leave the access clock alone. */
  touchOnAccess = true;
  /** Wall time of this cycle, Unix ms: every command of a batch sees the same instant. */
  nowMs = 0;
  /** The LRU clock of this cycle. */
  lruClock = 0;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire = true;

  readonly #expiry: ActiveExpiry;

  constructor(options: ShardOptions) {
    assert(options.databases > 0, 'a shard has databases');
    this.id = options.id;
    this.shardCount = options.shardCount;
    this.hashSeed = options.hashSeed;
    this.clock = options.clock;
    this.random = options.random;
    this.counters = options.counters;
    this.stringBytesMax = options.stringBytesMax;
    this.lfu = options.lfu;
    this.lazyFree = new LazyFree(this.freeEntry, (objects) => {
      this.counters.lazyFreed(objects);
    });
    const dbs: Db[] = [];
    for (let index = 0; index < options.databases; index++) dbs.push(new Db(index, this, this.arena));
    this.dbs = dbs;
    this.#expiry = new ActiveExpiry(this, dbs);
    this.tick();
  }

  /** Takes the clock's reading for the commands that follow. */
  tick(): void {
    this.nowMs = this.clock.nowMs();
    this.lruClock = lruClock(this.nowMs);
    this.arena.notePeak();
  }

  /**
   * A slice of background work (active expiry, lazy freeing) of about `budgetUs`; true while more is waiting now.
   * Called between batches, after `tick`; cheap when there is nothing to do.
   */
  background(budgetUs: number): boolean {
    const expires = this.activeExpire && this.#expiry.dueInMs(this.nowMs) === 0;
    if (!expires && this.lazyFree.idle) return false;
    const startUs = this.clock.monotonicUs();
    const endUs = startUs + budgetUs;
    const more = expires && this.#expiry.run(this.lazyFree.idle ? endUs : startUs + budgetUs / 2);
    while (this.lazyFree.step()) if (this.clock.monotonicUs() >= endUs) return true;
    return more;
  }

  /** Milliseconds until `background` is worth calling again without new commands; Infinity: not before one. */
  idleMs(): number {
    if (!this.lazyFree.idle) return 0;
    return this.activeExpire ? this.#expiry.dueInMs(this.nowMs) : Infinity;
  }

  /** Objects waiting for lazy freeing. */
  lazyFreePending(): number {
    return this.lazyFree.pending;
  }

  /** Frees an entry that is in no dict, with its value. Bound: it is handed to walks. */
  readonly freeEntry = (entry: Ref): void => {
    const kind = entryKind(this.arena, entry);
    assert(entryType(this.arena, entry) === TYPE.string, 'every type frees its values');
    if (kind === BLOB_KIND) this.arena.free(blobOf(this.arena, entry));
    this.arena.free(entry);
  };

  /** Whole-structure check of arena and dicts (VERIFY, tests). */
  check(): void {
    this.arena.check();
    for (const db of this.dbs) checkDict(db.dict);
  }
}
