// What a dict needs to know of the blocks it holds, in the two layouts there are: entries (keys of the keyspace with their
// values, entry-layout.ts) and members (of a set, hash or sorted set, member-layout.ts).
//
// A dict holds one kind. The number that says which is also the word of the block that has the TTL flag in bit 0; an entry
// whose value has parts with deadlines counts as one with a TTL.

import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { ENTRY_HEAD_BYTES, HAS_TTL } from './entry-layout.js';
import { entryExpires, entryHash, entryHasKey } from './entry.js';
import { MEMBER_HAS_TTL } from './member-layout.js';
import { memberHash, memberHasKey } from './member.js';

export const MEMBERS = 0;
export const ENTRIES = 1;
export type ElementLayout = typeof MEMBERS | typeof ENTRIES;

/** True when the element's key is `bytes[start, end)`. */
export function elementHasKey(
  arena: Arena,
  ref: Ref,
  layout: ElementLayout,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  return layout === ENTRIES ? entryHasKey(arena, ref, bytes, start, end) : memberHasKey(arena, ref, bytes, start, end);
}

/** The hash of the element's key. */
export function elementHash(arena: Arena, ref: Ref, layout: ElementLayout, seed: number): number {
  return layout === ENTRIES ? entryHash(arena, ref, seed) : memberHash(arena, ref, seed);
}

/** 1 when the element has a TTL, else 0. */
export function elementTtls(arena: Arena, ref: Ref, layout: ElementLayout): number {
  if (layout === ENTRIES) return entryExpires(arena, ref) ? 1 : 0;
  return arena.i32[ref >>> REF_SEGMENT_SHIFT][((ref & REF_GRANULE_MASK) << 1) + layout] & HAS_TTL;
}

assert(((HAS_TTL | MEMBER_HAS_TTL) & ~1) === 0, 'the TTL flag is bit 0 of its word');
assert(ENTRIES === ENTRY_HEAD_BYTES / 4 - 1, 'an entry has its flags in the last word of its head');
