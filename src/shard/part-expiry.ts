// How many keys of a database have values with parts that have deadlines of their own (fields of hashes): INFO's subexpiry.
// Their dict counts them among the entries with a TTL, so the sweep of active expiry meets them.

import type { Arena, Ref } from '../memory/arena.js';
import { entryHasTtl, entryPartsExpire } from '../structures/entry.js';

export class PartExpiryCount {
  /** All of them. */
  keys = 0;
  /** Those without a TTL of their own. */
  keysWithoutTtl = 0;

  /** The entry is in the dict now. */
  entered(arena: Arena, entry: Ref): void {
    if (entryPartsExpire(arena, entry)) this.#add(arena, entry, 1);
  }

  /** The entry goes from the dict, or is about to become another in this respect. */
  left(arena: Arena, entry: Ref): void {
    if (entryPartsExpire(arena, entry)) this.#add(arena, entry, -1);
  }

  #add(arena: Arena, entry: Ref, n: number): void {
    this.keys += n;
    if (!entryHasTtl(arena, entry)) this.keysWithoutTtl += n;
  }

  clear(): void {
    this.keys = 0;
    this.keysWithoutTtl = 0;
  }

  swapWith(other: PartExpiryCount): void {
    [this.keys, other.keys] = [other.keys, this.keys];
    [this.keysWithoutTtl, other.keysWithoutTtl] = [other.keysWithoutTtl, this.keysWithoutTtl];
  }
}
