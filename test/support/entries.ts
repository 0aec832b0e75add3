// Entries and members for the tests of dicts: a key, a flag, no value.

import { xxh32 } from '../../src/base/hash.js';
import { REF_SEGMENT_SHIFT } from '../../src/memory/arena-layout.js';
import type { Arena, Ref } from '../../src/memory/arena.js';
import { ENTRIES, elementHash, type ElementLayout } from '../../src/structures/dict-element.js';
import { entryBytes, initEntry, keyLength, keyStart, setEntryExpireAt } from '../../src/structures/entry.js';
import {
  initMember,
  memberBytes,
  memberKeyLength,
  memberKeyStart,
  setMemberExpireAt,
} from '../../src/structures/member.js';

export const HASH_SEED = 0x5eed;

/** Allocates an entry or member with this key; one with a TTL expires at 1. */
export function makeElement(arena: Arena, key: Uint8Array, hasTtl: boolean, layout: ElementLayout): Ref {
  if (layout === ENTRIES) {
    const entry = arena.alloc(entryBytes(key.length, hasTtl, false, 0));
    initEntry(arena, entry, 0, 0, hasTtl, key, 0, key.length, 0);
    if (hasTtl) setEntryExpireAt(arena, entry, 1);
    return entry;
  }
  const member = arena.alloc(memberBytes(key.length, hasTtl, false, 0));
  initMember(arena, member, hasTtl, false, key, 0, key.length, 0);
  if (hasTtl) setMemberExpireAt(arena, member, 1);
  return member;
}

export function keyOf(arena: Arena, ref: Ref, layout: ElementLayout): string {
  const start = layout === ENTRIES ? keyStart(arena, ref) : memberKeyStart(arena, ref);
  const length = layout === ENTRIES ? keyLength(arena, ref) : memberKeyLength(arena, ref);
  return Buffer.from(arena.u8[ref >>> REF_SEGMENT_SHIFT].subarray(start, start + length)).toString('latin1');
}

export function hashOf(key: Uint8Array): number {
  return xxh32(key, 0, key.length, HASH_SEED);
}

export function hashOfElement(arena: Arena, ref: Ref, layout: ElementLayout): number {
  return elementHash(arena, ref, layout, HASH_SEED);
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
