// A shard for tests, with a clock that the test turns and counters that it can read.

import type { Clock } from '../../src/base/clock.js';
import { SeededRandom } from '../../src/base/prng.js';
import { Args } from '../../src/contract/args.js';
import { Shard, type ShardCounters } from '../../src/shard/shard.js';

export const TEST_HASH_SEED = 0x7e57;

export class HandClock implements Clock {
  ms = 1_700_000_000_000;
  us = 0;

  nowMs(): number {
    return this.ms;
  }

  /** Every look takes 10 µs, so that budgets run out. */
  monotonicUs(): number {
    this.us += 10;
    return this.us;
  }
}

/** What a shard counted. */
export class CountingCounters implements ShardCounters {
  hits = 0;
  misses = 0;
  expired = 0;
  freed = 0;
  expiryCycles = 0;
  topics: readonly number[] = [0, 0, 0];
  watchedKeys = 0;
  awaitedKeys = 0;
  /** By database, as last reported. */
  readonly keys: number[] = new Array<number>(16).fill(0);
  readonly expires: number[] = new Array<number>(16).fill(0);
  readonly subexpiry: number[] = new Array<number>(16).fill(0);
  expiredFields = 0;

  keyspaceHit(): void {
    this.hits++;
  }
  keyspaceMiss(): void {
    this.misses++;
  }
  expiredKey(): void {
    this.expired++;
  }
  expiredParts(n: number): void {
    this.expiredFields += n;
  }
  sizeChanged(db: number, keys: number, expires: number, subexpiry: number): void {
    this.keys[db] = keys;
    this.expires[db] = expires;
    this.subexpiry[db] = subexpiry;
  }
  watchedKeysChanged(keys: number): void {
    this.watchedKeys = keys;
  }
  awaitedKeysChanged(keys: number): void {
    this.awaitedKeys = keys;
  }
  topicsChanged(...topics: [channels: number, shardChannels: number, patterns: number]): void {
    this.topics = topics;
  }
  lazyFreed(objects: number): void {
    this.freed += objects;
  }
  expiryRan(): void {
    this.expiryCycles++;
  }
}

export interface TestShard {
  readonly shard: Shard;
  readonly clock: HandClock;
  readonly counters: CountingCounters;
}

export function makeShard(seed = 1, lfu = false): TestShard {
  const clock = new HandClock();
  const counters = new CountingCounters();
  const shard = new Shard({
    id: 0,
    shardCount: 1,
    databases: 16,
    hashSeed: TEST_HASH_SEED,
    clock,
    random: new SeededRandom(seed),
    counters,
    stringBytesMax: 512 * 1024 * 1024,
    lfu,
  });
  return { shard, clock, counters };
}

/** A request with these arguments (one byte per character), the name left to index 0. */
export function request(...words: (string | Uint8Array)[]): Args {
  const parts = ['*', ...words].map((word) => (typeof word === 'string' ? Buffer.from(word, 'latin1') : word));
  const args = new Args(TEST_HASH_SEED);
  args.reset(new Uint8Array(Buffer.concat(parts)));
  let at = 0;
  for (const part of parts) {
    args.push(at, at + part.length);
    at += part.length;
  }
  return args;
}
