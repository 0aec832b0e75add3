// What a transaction touches: its keys by shard, hash and mode, or the whole keyspace. Databases do not count: the same name
// in two databases is one key here, which only makes more wait than must.

import { shardOf } from '../base/hash.js';
import { StripeSet } from '../fabric/lock-stripes.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';

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

  /** Adds all keys of a request; false: they cannot be found in it (the command will say what is wrong). */
  addRequest(table: CommandTable, command: Command, args: Args): boolean {
    const uses = table.keyUses(command, args);
    if (uses === undefined) return false;
    for (const { index, flags } of uses) this.addKey(args, index, !flags.includes('RO'));
    return true;
  }

  stripes(): StripeSet {
    const set = new StripeSet(this.whole !== 'none');
    for (const keys of this.keys) for (const { hash, exclusive } of keys ?? []) set.addKey(hash, exclusive);
    set.seal();
    return set;
  }
}
