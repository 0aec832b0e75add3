// What a transaction touches: its keys and channels by shard, hash and mode, or the whole keyspace. Databases do not count: the same name
// in two databases is one key here, which only makes more wait than must.

import { shardOf } from '../base/hash.js';
import { StripeSet } from '../fabric/lock-stripes.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { TOPIC, type Subscriptions, type TopicKind } from '../contract/pubsub.js';
import { channelsOf, type ChannelSpec } from '../contract/spec.js';

/**
 * The key hash that stands for all patterns, on every shard. Who changes a pattern holds it on all of them; PUBLISH shares it
 * where it runs. So a PUBLISH alone, the usual one, has no lock to take and looks at this only while its shard holds
 * something; and nothing but PUBLISH waits for a PSUBSCRIBE, as all commands would if that were over the whole keyspace.
 */
export const PATTERNS_HASH = 0x70737562;

/** A key that a shard holds for a transaction. */
export interface HeldKey {
  readonly hash: number;
  exclusive: boolean;
}

export class Footprint {
  /** Over the whole keyspace, and whether it is written. */
  whole: 'none' | 'shared' | 'exclusive' = 'none';
  /** Its plan needs more than one hop, wherever its keys are. */
  severalHops = false;
  /** By shard; undefined for a shard without keys. */
  readonly keys: (HeldKey[] | undefined)[] = [];
  readonly #shardCount: number;
  #shards = 0;
  #lastShard = -1;

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  /** The one shard that all keys stand on; -1: there are several, or none. */
  get onlyShard(): number {
    return this.whole === 'none' && this.#shards === 1 ? this.#lastShard : -1;
  }

  /** False: it is one hop to one shard, which is atomic by itself. */
  get needsLocks(): boolean {
    return this.onlyShard < 0 || this.severalHops;
  }

  /** Nothing is touched at all. */
  get isEmpty(): boolean {
    return this.whole === 'none' && this.#shards === 0;
  }

  addWhole(exclusive: boolean): void {
    if (exclusive) this.whole = 'exclusive';
    else if (this.whole === 'none') this.whole = 'shared';
  }

  /** Adds the key at argument `i`. */
  addKey(args: Args, i: number, exclusive: boolean): void {
    this.addHash(shardOf(args.shardHash(i), this.#shardCount), args.hash(i), exclusive);
  }

  addHash(shard: number, hash: number, exclusive: boolean): void {
    this.#keysOf(shard).push({ hash, exclusive });
  }

  /** A command runs there that touches no key: one that only tells what is wrong with it. */
  addShard(shard: number): void {
    this.#keysOf(shard);
  }

  #keysOf(shard: number): HeldKey[] {
    const known = this.keys[shard];
    if (known !== undefined) return known;
    this.#shards++;
    this.#lastShard = shard;
    return (this.keys[shard] = []);
  }

  /**
   * Adds all keys and channels of a client's request; false: they cannot be found in it (the command will say what is wrong).
   */
  addRequest(
    table: CommandTable,
    command: Command,
    args: Args,
    client: { readonly subscriptions: Subscriptions },
  ): boolean {
    const { channels } = command.spec;
    if (channels !== undefined) {
      this.#addChannels(channels, args, client.subscriptions);
      return true;
    }
    const uses = table.keyUses(command, args);
    if (uses === undefined) return false;
    let writes = false;
    for (const { index, isWritten } of uses) {
      writes ||= isWritten;
      this.addKey(args, index, isWritten);
    }
    if (command.spec.readsBeyond?.(args) === true) this.addWhole(writes);
    return true;
  }

  #addChannels(spec: ChannelSpec, args: Args, subscriptions: Subscriptions): void {
    const { writes, patterns, own } = spec;
    for (const i of channelsOf(spec, args)) {
      this.addKey(args, i, writes);
      if (patterns === 'read') this.addHash(shardOf(args.shardHash(i), this.#shardCount), PATTERNS_HASH, false);
    }
    if (patterns === 'write') this.#addPatterns();
    if (own !== undefined && args.count === 1) this.addSubscriptions(own, subscriptions);
  }

  /** Adds what a client has subscribed to, of some kinds. */
  addSubscriptions(kinds: readonly TopicKind[], subscriptions: Subscriptions): void {
    for (const kind of kinds) {
      if (kind === TOPIC.pattern && subscriptions.count(kind) > 0) this.#addPatterns();
      else for (const { owner, hash } of subscriptions.all(kind)) this.addHash(owner, hash, true);
    }
  }

  #addPatterns(): void {
    for (let shard = 0; shard < this.#shardCount; shard++) this.addHash(shard, PATTERNS_HASH, true);
  }

  stripes(): StripeSet {
    const set = new StripeSet(this.whole !== 'none');
    for (const keys of this.keys) for (const { hash, exclusive } of keys ?? []) set.addKey(hash, exclusive);
    set.seal();
    return set;
  }
}
