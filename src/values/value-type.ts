// What databases and shards must know of a type whose values they hold: how to free, copy, move, measure, carry away and
// check one. Commands work on values through the type's own module; everything that is done to values of any type goes
// through this interface, and `value-types.ts` has one object for each type.
//
// A new type: numbers for its encodings in types.ts (8 and up: the entry has a slot, where the value's root reference
// stands), a module with its flyweight and its ValueType object, one line in value-types.ts, its digest in
// commands/value-digest.ts, its commands.

import type { Arena, Ref } from '../memory/arena.js';
import type { StructureLimits } from './limits.js';

/** A value that belongs to no key any more, freed slice by slice. */
export interface ValueDrain {
  /** Frees about `blocksMax` blocks; true: something is left. */
  step(blocksMax: number): boolean;
}

/** Where a value's bytes are written for another shard (portable.ts). */
export interface ByteSink {
  append(source: Uint8Array, start: number, end: number): void;
  /** Four bytes, least significant first. */
  appendWord(value: number): void;
}

/** The defragmenter, as values see it. */
export interface BlockMover {
  /** Number of this pass: a value too large for one visit starts elsewhere in each. */
  readonly pass: number;
  /** The block's new reference, or the same when it stays; its first `bytes` bytes are kept. */
  move(block: Ref, bytes: number): Ref;
}

/** Of a type whose values may have parts with deadlines of their own: PARTS_EXPIRE is set in the entries of such values. */
export interface ExpiringParts {
  /** The time of every part has passed: there is no such key any more. Cheap. */
  isGone(arena: Arena, entry: Ref, nowMs: number): boolean;
  /** Takes up to `most` parts out whose time has passed, and returns how many. The value may be empty then. */
  removeDue(arena: Arena, entry: Ref, nowMs: number, most: number): number;
  /** The earliest deadline, Unix ms; Infinity when no part has one. */
  firstDeadline(arena: Arena, entry: Ref): number;
  /** Parts, those whose time has passed included. */
  count(arena: Arena, entry: Ref): number;
}

/** Every function is given the entry that holds the value. None of them frees the entry. */
export interface ValueType {
  /** Commands may wait for keys of this type (BLPOP and its kin): their databases tell when one becomes ready. */
  readonly isAwaited: boolean;
  readonly parts?: ExpiringParts;

  /** OBJECT ENCODING's name. */
  encodingName(arena: Arena, entry: Ref): string;
  /** Bytes of the value in an RDB file without compression, as DEBUG OBJECT tells. */
  serializedLength(arena: Arena, entry: Ref): number;
  /** What DEBUG OBJECT says besides, with a space in front; '' for nothing. */
  debugDetails(arena: Arena, entry: Ref, limits: StructureLimits): string;

  /** Blocks beside the entry, about: the work of freeing. O(1). */
  blocks(arena: Arena, entry: Ref): number;
  /** Bytes of the blocks beside the entry; may judge by `samples` of its parts. */
  bytes(arena: Arena, entry: Ref, samples: number): number;

  /** Frees the value at once. */
  free(arena: Arena, entry: Ref): void;
  /** Takes the value away from its entry, to be freed in slices. */
  drain(arena: Arena, entry: Ref): ValueDrain;
  /** The entry was copied with its slot: gives it a value of its own. */
  duplicate(arena: Arena, entry: Ref): void;
  /** Offers the value's blocks to the defragmenter and keeps the references right. Bounded work. */
  moveBlocks(arena: Arena, entry: Ref, mover: BlockMover): void;

  /** Appends the content to `sink`, for `importContent` of another arena. */
  exportContent(arena: Arena, entry: Ref, sink: ByteSink): void;
  /** Fills the new entry, of the kind that was exported, from the content in `bytes[start, end)`. */
  importContent(arena: Arena, entry: Ref, bytes: Uint8Array, start: number, end: number): void;

  /** Verifies the value (VERIFY, tests). */
  check(arena: Arena, entry: Ref): void;
}
