// Active expiry: ten times a second the databases with TTLs are swept a little, from where the last sweep ended. While
// more than a tenth of what a sweep meets has expired it goes on, in slices of the budget that the core gives; so a wave
// of expired keys is worked off at once, and a quiet keyspace costs some ten microseconds a cycle.
//
// Keys of hashes with field deadlines are met by the same sweep. Their due fields are taken out on the spot, some at a time;
// a hash that has more of them than the cycle has time for is where the next slice goes on.

import type { Ref } from '../memory/arena.js';
import { sweepTtl } from '../structures/dict-walk.js';
import { entryExpireAt, entryPartsExpire } from '../structures/entry.js';
import type { Db } from './db.js';
import type { Shard } from './shard.js';

const CYCLE_MS = 100;
/** A database's sweep in one cycle ends after this many keys with a TTL, or buckets, unless many had expired. */
const KEYS_PER_ROUND = 256;
const BUCKETS_PER_ROUND = 1024;
/** Buckets walked between two looks at the clock. */
const BUCKETS_PER_STEP = 32;
/** Fields taken out of a hash between two looks at the clock. */
const FIELDS_PER_STEP = 64;
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
  #endUs = 0;
  /** The hash that was not through when the time was over; 0: none. */
  #unfinished: Ref = 0;
  readonly #visit = (entry: Ref): void => {
    const { arena, nowMs } = this.#shard;
    this.#seen++;
    if (!entryPartsExpire(arena, entry)) {
      if (entryExpireAt(arena, entry) >= nowMs) return;
      this.#expired++;
      this.#sweeping.removeExpired(entry);
    } else if (this.#sweeping.expire(entry)) {
      this.#expired++;
    } else {
      this.#expireFields(entry);
    }
  };

  #expireFields(entry: Ref): void {
    for (let removed = FIELDS_PER_STEP; removed === FIELDS_PER_STEP && this.#unfinished === 0;) {
      removed = this.#sweeping.removeDueParts(entry, FIELDS_PER_STEP);
      if (removed > 0) this.#expired++;
      if (removed === FIELDS_PER_STEP && this.#shard.clock.monotonicUs() >= this.#endUs) this.#unfinished = entry;
    }
  }

  constructor(shard: Shard, dbs: readonly Db[]) {
    this.#shard = shard;
    this.#dbs = dbs;
    this.#positions = new Float64Array(dbs.length);
    this.#sweeping = dbs[0];
  }

  /** Milliseconds until the next cycle is due; Infinity without any TTL. */
  dueInMs(nowMs: number): number {
    if (this.#current >= 0) return 0;
    for (const db of this.#dbs) if (db.expiringSize > 0) return Math.min(Math.max(0, this.#dueMs - nowMs), CYCLE_MS);
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
    this.#endUs = endUs;
    let position = this.#positions[db.index];
    let buckets = 0;
    this.#seen = 0;
    this.#expired = 0;
    while (db.expiringSize > 0) {
      const next = this.#step(db, position);
      if (next < 0) return false;
      position = next;
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

  /** Sweeps some buckets and returns where to go on; -1: here, the time is over. */
  #step(db: Db, position: number): number {
    this.#unfinished = 0;
    const next = sweepTtl(db.dict, position, BUCKETS_PER_STEP, this.#visit);
    return this.#unfinished === 0 ? next : -1;
  }
}
