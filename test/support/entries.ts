// Entries for the tests of dicts: a key, a flag, no value.

import { xxh32 } from '../../src/base/hash.js';
import type { Arena, Ref } from '../../src/memory/arena.js';
import { entryBytes, entryHash, initEntry, keyLength, keyStart, setEntryExpireAt } from '../../src/structures/entry.js';

export const HASH_SEED = 0x5eed;

/** Allocates an entry with this key; one with a TTL expires at 1. */
export function makeEntry(arena: Arena, key: Uint8Array, hasTtl: boolean): Ref {
  const ref = arena.alloc(entryBytes(key.length, hasTtl, false, 0));
  initEntry(arena, ref, 0, 0, hasTtl, key, 0, key.length, 0);
  if (hasTtl) setEntryExpireAt(arena, ref, 1);
  return ref;
}

export function keyOf(arena: Arena, ref: Ref): string {
  const start = keyStart(arena, ref);
  return Buffer.from(arena.u8[ref >>> 21].subarray(start, start + keyLength(arena, ref))).toString('latin1');
}

export function hashOf(key: Uint8Array): number {
  return xxh32(key, 0, key.length, HASH_SEED);
}

export function hashOfEntry(arena: Arena, ref: Ref): number {
  return entryHash(arena, ref, HASH_SEED);
}

/**
 * `count` keys of 4 bytes whose hash is the same in the bits of `mask`: XXH32 of one word is a permutation, but hashing
 * a few million is quick enough.
 */
export function alikeKeys(count: number, mask: number): Uint8Array[] {
  const keys: Uint8Array[] = [];
  const probe = new Uint8Array(8);
  const words = new Uint32Array(probe.buffer);
  const wanted = hashOf(probe) & mask;
  for (let i = 0; keys.length < count; i++) {
    words[0] = i;
    if ((hashOf(probe) & mask) === wanted) keys.push(probe.slice());
  }
  return keys;
}
