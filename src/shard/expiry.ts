// Active expiry: ten times a second the databases with TTLs are swept a little, from where the last sweep ended. While
// more than a tenth of what a sweep meets has expired it goes on, in slices of the budget that the core gives; so a wave
// of expired keys is worked off at once, and a quiet keyspace costs some ten microseconds a cycle.

import type { Ref } from '../memory/arena.js';
import { sweepTtl } from '../structures/dict-walk.js';
import { entryExpireAt } from '../structures/entry.js';
import type { Db } from './db.js';
import type { Shard } from './shard.js';

const CYCLE_MS = 100;
/** A database's sweep in one cycle ends after this many keys with a TTL, or buckets, unless many had expired. */
const KEYS_PER_ROUND = 256;
const BUCKETS_PER_ROUND = 1024;
/** Buckets walked between two looks at the clock. */
const BUCKETS_PER_STEP = 32;
/** Go on while at least one in this many had expired. */
const ACCEPTABLE_SHARE = 10;

export class ActiveExpiry {
  readonly #shard: Shard;
  readonly #dbs: readonly Db[];
  /** Where the sweep of each database goes on. */
  readonly #positions: Float64Array;
  #dueMs = 0;
  /** The database that a cut-off cycle goes on with; -1: no cycle is under way. */
  #current = -1;
  #sweeping: Db;
  #seen = 0;
  #expired = 0;
  readonly #visit = (entry: Ref): void => {
    this.#seen++;
    if (entryExpireAt(this.#shard.arena, entry) >= this.#shard.nowMs) return;
    this.#expired++;
    this.#sweeping.removeExpired(entry);
  };

  constructor(shard: Shard, dbs: readonly Db[]) {
    this.#shard = shard;
    this.#dbs = dbs;
    this.#positions = new Float64Array(dbs.length);
    this.#sweeping = dbs[0];
  }

  /** Milliseconds until the next cycle is due; Infinity without any TTL. */
  dueInMs(nowMs: number): number {
    if (this.#current >= 0) return 0;
    for (const db of this.#dbs) if (db.expiresSize > 0) return Math.min(Math.max(0, this.#dueMs - nowMs), CYCLE_MS);
    return Infinity;
  }

  /** Runs the cycle that is due until `endUs` of the monotonic clock; true: it is not through yet. */
  run(endUs: number): boolean {
    if (this.dueInMs(this.#shard.nowMs) > 0) return false;
    if (this.#current < 0) this.#current = 0;
    while (this.#current < this.#dbs.length) {
      if (!this.#sweep(this.#dbs[this.#current], endUs)) return true;
      this.#current++;
    }
    this.#current = -1;
    this.#dueMs = this.#shard.nowMs + CYCLE_MS;
    return false;
  }

  /** Sweeps one database; false: the time is over before it looks clean. */
  #sweep(db: Db, endUs: number): boolean {
    this.#sweeping = db;
    let position = this.#positions[db.index];
    let buckets = 0;
    this.#seen = 0;
    this.#expired = 0;
    while (db.expiresSize > 0) {
      position = sweepTtl(db.dict, position, BUCKETS_PER_STEP, this.#visit);
      buckets += BUCKETS_PER_STEP;
      this.#positions[db.index] = position;
      if (position === 0) break;
      if (this.#seen >= KEYS_PER_ROUND || buckets >= BUCKETS_PER_ROUND) {
        if (this.#expired * ACCEPTABLE_SHARE < this.#seen || this.#seen === 0) break;
        this.#seen = 0;
        this.#expired = 0;
        buckets = 0;
      }
      if (this.#shard.clock.monotonicUs() >= endUs) return false;
    }
    return true;
  }
}
