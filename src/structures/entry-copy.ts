// Entries made out of entries: the same key with other parts, the same value under another key. The caller puts the new one
// into the dict and frees the old block; a blob or collection behind the slot is shared by both until then.

import { assert } from '../base/assert.js';
import { GRANULE_SHIFT, REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { ENTRY_PART_BYTES, HAS_SLOT } from './entry-layout.js';
import {
  entryBytes,
  entryClock,
  entryExpireAtBig,
  entryHasSlot,
  entryHasTtl,
  entryKind,
  initEntry,
  inlineLength,
  inlineStart,
  keyLength,
  keyStart,
  setEntryExpireAt,
} from './entry.js';

/**
 * A new entry in a block of `bytes`, with the key, clock and expiry of `old` and the given kind and parts. Slot and inline
 * value are unwritten, and so is the expiry when `old` has none.
 */
export function entryWithParts(
  arena: Arena,
  old: Ref,
  kind: number,
  hasTtl: boolean,
  inlineBytes: number,
  bytes: number,
): Ref {
  const entry = arena.alloc(bytes);
  const source = arena.u8[old >>> REF_SEGMENT_SHIFT];
  const start = keyStart(arena, old);
  const end = start + keyLength(arena, old);
  initEntry(arena, entry, kind, entryClock(arena, old), hasTtl, source, start, end, inlineBytes);
  if (hasTtl && entryHasTtl(arena, old)) setEntryExpireAt(arena, entry, entryExpireAtBig(arena, old));
  return entry;
}

/** A copy of `old`, value and expiry included, with `clock` and under the key `bytes[start, end)`. */
export function entryWithKey(
  arena: Arena,
  old: Ref,
  clock: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): Ref {
  const hasTtl = entryHasTtl(arena, old);
  const inlineBytes = inlineLength(arena, old);
  const entry = arena.alloc(entryBytes(end - start, hasTtl, entryHasSlot(arena, old), inlineBytes));
  initEntry(arena, entry, entryKind(arena, old), clock, hasTtl, bytes, start, end, inlineBytes);
  if (hasTtl) setEntryExpireAt(arena, entry, entryExpireAtBig(arena, old));
  copyEntryValue(arena, old, entry);
  return entry;
}

/** Whoever an entry belongs to, as a value that stands in it sees them. */
export interface EntryKeeper {
  /**
   * Puts the entry into a block for `kind` and an inline value of `inlineBytes` and returns its new Ref. Key, clock and
   * expiry stay, and of an inline value as much as both have room for; a slot is unwritten. No parts of it have deadlines.
   */
  reshape(entry: Ref, kind: number, inlineBytes: number): Ref;
}

/** The new entry of `EntryKeeper.reshape`; the old one stays as it is. */
export function entryReshaped(arena: Arena, old: Ref, kind: number, inlineBytes: number): Ref {
  const hasTtl = entryHasTtl(arena, old);
  const hasSlot = (kind & HAS_SLOT) !== 0;
  const bytes = entryBytes(keyLength(arena, old), hasTtl, hasSlot, inlineBytes);
  const entry = entryWithParts(arena, old, kind, hasTtl, inlineBytes, bytes);
  if (!hasSlot && !entryHasSlot(arena, old)) {
    const kept = Math.min(inlineLength(arena, old), inlineBytes);
    // Both have the same parts before the value.
    const offset = inlineStart(arena, old) - ((old & REF_GRANULE_MASK) << GRANULE_SHIFT);
    arena.copy(entry, offset, old, offset, kept);
  }
  return entry;
}

/** Copies slot or inline bytes between entries of the same kind and inline length. */
export function copyEntryValue(arena: Arena, old: Ref, entry: Ref): void {
  assert(entryKind(arena, old) === entryKind(arena, entry), 'a value is copied between entries of one kind');
  const from = keyStart(arena, old) - ((old & REF_GRANULE_MASK) << 3);
  const to = keyStart(arena, entry) - ((entry & REF_GRANULE_MASK) << 3);
  if (entryHasSlot(arena, old)) {
    arena.copy(entry, to - ENTRY_PART_BYTES, old, from - ENTRY_PART_BYTES, ENTRY_PART_BYTES);
  } else {
    arena.copy(entry, to + keyLength(arena, entry), old, from + keyLength(arena, old), inlineLength(arena, old));
  }
}
