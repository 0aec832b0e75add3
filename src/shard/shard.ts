// One partition of the keyspace: an arena, sixteen databases, and the background work that belongs to them
// (active expiry, lazy freeing). Owned by exactly one thread.

import { unreachable } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/prng.js';
import type { Arena } from '../memory/arena.js';
import type { Db } from './db.js';

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

export class Shard {
  readonly id: number;
  readonly shardCount: number;
  readonly arena: Arena;
  readonly dbs: readonly Db[];
  /** Wall time of this cycle, Unix ms: every command of a batch sees the same instant. */
  nowMs = 0;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire = true;

  constructor(options: ShardOptions) {
    this.id = options.id;
    this.shardCount = options.shardCount;
    this.arena = unreachable('storage');
    this.dbs = [];
  }

  /** Takes the clock's reading for the commands that follow. */
  tick(): void {
    unreachable('storage');
  }

  /**
   * A slice of background work (active expiry, lazy freeing) of about `budgetUs`; true while more is waiting now.
   * Called between batches; cheap when there is nothing to do.
   */
  background(budgetUs: number): boolean {
    return unreachable('storage' + String(budgetUs));
  }

  /** Milliseconds until `background` is worth calling again without new commands; Infinity: not before one. */
  idleMs(): number {
    return unreachable('storage');
  }

  /** Objects and bytes waiting for lazy freeing. */
  lazyFreePending(): number {
    return unreachable('storage');
  }

  /** Whole-structure check of arena and dicts (VERIFY, tests). */
  check(): void {
    unreachable('storage');
  }
}
