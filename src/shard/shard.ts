// One partition of the keyspace: an arena, its databases, and the background work that belongs to them
// (active expiry, lazy freeing, defragmentation). Owned by exactly one thread.

import { assert, unreachable } from '../base/assert.js';
import type { Clock } from '../base/clock.js';
import type { Random } from '../base/prng.js';
import { Arena, type Ref } from '../memory/arena.js';
import { entryHasSlot } from '../structures/entry.js';
import { defaultLimits, type StructureLimits } from '../values/limits.js';
import { valueTypeOf } from '../values/value-types.js';
import { lruClock } from './access-clock.js';
import { Db } from './db.js';
import { Defragmenter } from './defrag.js';
import { ActiveExpiry } from './expiry.js';
import { LazyFree } from './lazy-free.js';
import { Channels, type CountTopics, type SendMessage } from './channels.js';
import { Waiters, type WaiterPort } from './waiters.js';
import { WatchTable, type RemoteClient } from './watch.js';

/** What a shard may count; the core hands in counters that every thread can read. */
export interface ShardCounters {
  keyspaceHit(): void;
  keyspaceMiss(): void;
  expiredKey(): void;
  /** So many fields of hashes expired. */
  expiredParts(n: number): void;
  /** The number of keys (of those with a TTL, with fields that have deadlines) of a database changed. */
  sizeChanged(db: number, keys: number, expires: number, subexpiry: number): void;
  lazyFreed(objects: number): void;
  /** So many channels and patterns are listened to. */
  topicsChanged: CountTopics;
  /** So many keys are watched, or waited for. */
  watchedKeysChanged(keys: number): void;
  awaitedKeysChanged(keys: number): void;
  /** Active expiry took `us` microseconds; `cutShort`: it stopped because its time was up. */
  expiryRan(us: number, cutShort: boolean): void;
}

/** What a shard may do to clients, whichever core has them. */
export interface ShardClients extends WaiterPort {
  /** A key that the client watches has changed. */
  markDirty(place: number, value: number): void;
  sendMessage: SendMessage;
}

/** Values of more blocks are freed in slices: some microseconds of work. */
const FREE_AT_ONCE_BLOCKS_MAX = 64;

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
  /** FLUSHALL and FLUSHDB that do not say how work as with ASYNC (lazyfree-lazy-user-flush). */
  readonly lazyFlush?: boolean;
  /** Without them nobody can watch or wait (tests of single commands). */
  readonly clients?: ShardClients;
  /** Where collections change their encoding: an object that its owner keeps up to date. Redis's defaults without one. */
  readonly limits?: StructureLimits;
}

const NO_CLIENTS: ShardClients = {
  markDirty: () => undefined,
  sendMessage: () => undefined,
  claim: () => false,
  isOpen: () => false,
  answer: () => unreachable('nobody waits'),
  send: () => undefined,
  tryAgain: () => undefined,
};

export class Shard {
  readonly id: number;
  readonly shardCount: number;
  readonly hashSeed: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: ShardCounters;
  readonly arena: Arena;
  readonly dbs: readonly Db[];
  readonly lazyFree: LazyFree;
  readonly watch: WatchTable;
  readonly waiters: Waiters;
  readonly channels: Channels;
  /** For whom the running command waits, watches or listens; undefined for all others. */
  caller: RemoteClient | undefined = undefined;
  /** Longest string, bytes. */
  stringBytesMax: number;
  /** The access clock of entries counts (LFU) instead of dating (LRU). */
  lfu: boolean;
  /** FLUSHALL and FLUSHDB that do not say how free in slices. */
  lazyFlush: boolean;
  /** Where collections change their encoding, live. */
  readonly limits: StructureLimits;
  /** False while a client with CLIENT NO-TOUCH runs: lookups leave the access clock alone. */
  touchOnAccess = true;
  /** Wall time of this cycle, Unix ms: every command of a batch sees the same instant. */
  nowMs = 0;
  /** The same for the oldest transaction over several shards that is under way here; Infinity: there is none. */
  heldAtMs = Infinity;
  /** The LRU clock of this cycle. */
  lruClock = 0;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  activeExpire = true;
  /** Moving entries together when the arena is thinly used. */
  activeDefrag = true;

  readonly #expiry: ActiveExpiry;
  readonly #defrag: Defragmenter;

  constructor(options: ShardOptions) {
    assert(options.databases > 0, 'a shard has databases');
    this.id = options.id;
    this.shardCount = options.shardCount;
    this.hashSeed = options.hashSeed;
    this.arena = new Arena(options.hashSeed);
    this.clock = options.clock;
    this.random = options.random;
    this.counters = options.counters;
    this.stringBytesMax = options.stringBytesMax;
    this.lfu = options.lfu;
    this.lazyFlush = options.lazyFlush ?? false;
    this.limits = options.limits ?? defaultLimits();
    this.lazyFree = new LazyFree(this.freeEntry, (objects) => {
      this.counters.lazyFreed(objects);
    });
    const dbs: Db[] = [];
    for (let index = 0; index < options.databases; index++) dbs.push(new Db(index, this, this.arena));
    this.dbs = dbs;
    const clients = options.clients ?? NO_CLIENTS;
    this.watch = new WatchTable(
      (place, value) => {
        clients.markDirty(place, value);
      },
      (keys) => {
        this.counters.watchedKeysChanged(keys);
      },
    );
    this.waiters = new Waiters(dbs, clients, (keys) => {
      this.counters.awaitedKeysChanged(keys);
    });
    this.channels = new Channels(
      (cores, kind, args) => {
        clients.sendMessage(cores, kind, args);
      },
      (channels, shardChannels, patterns) => {
        this.counters.topicsChanged(channels, shardChannels, patterns);
      },
    );
    this.#expiry = new ActiveExpiry(this, dbs);
    this.#defrag = new Defragmenter(this, dbs);
    this.tick();
  }

  /** Follows a change of proto-max-bulk-len or maxmemory-policy (see ShardOptions). Longer strings that stand already stay. */
  adopt(stringBytesMax: number, lfu: boolean): void {
    this.stringBytesMax = stringBytesMax;
    this.lfu = lfu;
  }

  /** Takes the clock's reading for the commands that follow. */
  tick(): void {
    this.nowMs = this.clock.nowMs();
    this.lruClock = lruClock(this.nowMs);
    this.arena.notePeak();
  }

  /**
   * A slice of background work (lazy freeing, active expiry, defragmentation) of about `budgetUs`; true while freeing or
   * expiry has more to do now. Called between batches, after `tick`; cheap when there is nothing to do.
   */
  background(budgetUs: number): boolean {
    const expires = this.activeExpire && this.#expiry.dueInMs(this.nowMs) === 0;
    const frees = !this.lazyFree.idle;
    const defrags = this.activeDefrag && this.#defrag.isDue;
    if (!expires && !frees && !defrags) return false;
    // Each has its part of the budget; freeing goes first, because it is what the others would walk or move for nothing.
    const shareUs = budgetUs / (Number(expires) + Number(frees) + Number(defrags));
    const startUs = this.clock.monotonicUs();
    let more = false;
    let endUs = startUs + shareUs;
    if (frees) {
      do more = this.lazyFree.step();
      while (more && this.clock.monotonicUs() < endUs);
      endUs += shareUs;
    }
    if (expires) {
      const beginUs = this.clock.monotonicUs();
      const cutShort = this.#expire(endUs);
      this.counters.expiryRan(this.clock.monotonicUs() - beginUs, cutShort);
      more = cutShort || more;
      endUs += shareUs;
    }
    if (defrags) this.#defrag.run(endUs);
    return more;
  }

  /** Runs active expiry; keys do not expire while a transaction is under way that may have seen them. */
  #expire(endUs: number): boolean {
    const { nowMs } = this;
    this.nowMs = Math.min(nowMs, this.heldAtMs);
    const cutShort = this.#expiry.run(endUs);
    this.nowMs = nowMs;
    return cutShort;
  }

  /** Milliseconds until `background` is worth calling again without new commands; Infinity: not before one. */
  idleMs(): number {
    if (!this.lazyFree.idle) return 0;
    const expiryMs = this.activeExpire ? this.#expiry.dueInMs(this.nowMs) : Infinity;
    return this.activeDefrag ? Math.min(expiryMs, this.#defrag.dueInMs()) : expiryMs;
  }

  /** Bytes of the indexes over the keys of all databases. */
  get indexBytes(): number {
    let bytes = 0;
    for (const db of this.dbs) bytes += db.indexBytes;
    return bytes;
  }

  /** Blocks that the defragmenter has moved. */
  get defragMoved(): number {
    return this.#defrag.moved;
  }

  /** Objects waiting for lazy freeing. */
  lazyFreePending(): number {
    return this.lazyFree.pending;
  }

  /** Frees an entry that is in no dict, with its value; a value of many blocks in slices later. Bound: handed to walks. */
  readonly freeEntry = (entry: Ref): void => {
    if (entryHasSlot(this.arena, entry)) {
      const type = valueTypeOf(this.arena, entry);
      if (type.blocks(this.arena, entry) <= FREE_AT_ONCE_BLOCKS_MAX) type.free(this.arena, entry);
      else this.lazyFree.addValue(type.drain(this.arena, entry));
    }
    this.arena.free(entry);
  };

  /** The same with the whole value at once, whatever its size. */
  readonly freeEntryNow = (entry: Ref): void => {
    if (entryHasSlot(this.arena, entry)) valueTypeOf(this.arena, entry).free(this.arena, entry);
    this.arena.free(entry);
  };

  /** Whole-structure check of arena, dicts and values (VERIFY, tests). */
  check(): void {
    this.arena.check();
    for (const db of this.dbs) db.check();
  }
}
