// One database (0..15) of one shard: the keyspace dict, lazy expiry, and the string values as commands use them.
// Everything here runs on the shard's thread to completion.
//
// (1) A Ref of an entry is valid until the next call that may write; whoever keeps one across a write asks again.
// (2) An entry whose time has passed is never given out: the lookup that meets it removes it.
// (3) Every change of the number of keys or TTLs is told to the counters before the method returns.

import { assert, VERIFY } from '../base/assert.js';
import { compareBytes, copyBytes, NO_BYTES } from '../base/bytes.js';
import { INT64_CHARS_MAX, parseInt64, parseSafeInteger } from '../base/integers.js';
import type { Random } from '../base/prng.js';
import type { Args } from '../contract/args.js';
import { BLOCK_BYTES_MAX, REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import { checkDict, DictDrain, randomDictEntry, scanDict } from '../structures/dict-walk.js';
import { Dict } from '../structures/dict.js';
import { ENCODING_SHIFT, HAS_SLOT, PARTS_EXPIRE } from '../structures/entry-layout.js';
import {
  entryBytes,
  entryClock,
  entryEncoding,
  entryExpireAt,
  entryExpireAtBig,
  entryExpires,
  entryHash,
  entryHasSlot,
  entryHasTtl,
  entryKind,
  entryPartsExpire,
  entryType,
  initEntry,
  inlineLength,
  inlineStart,
  keyLength,
  keyStart,
  setEntryClock,
  setEntryExpireAt,
  setEntryKind,
  setInlineLength,
  setSlotRef,
  writeBytes,
} from '../structures/entry.js';
import {
  copyEntryValue,
  entryReshaped,
  entryWithKey,
  entryWithParts,
  type EntryKeeper,
} from '../structures/entry-copy.js';
import {
  BLOB_KIND,
  blobLength,
  blobOf,
  grownCapacity,
  INLINE_KIND,
  INLINE_RAW_KIND,
  INLINE_VALUE_BYTES_MAX,
  INT_KIND,
  isInline,
  overwriteInline,
  readString,
  stringBigint,
  stringInteger,
  stringLength,
  type StringView,
  writeBigint,
  writeBlob,
  writeInt,
} from '../values/string.js';
import { STRING_ENCODING, TYPE } from '../values/types.js';
import { valueTypeOf } from '../values/value-types.js';
import { lfuClock, lfuInitialClock, lfuTouched, lruClock } from './access-clock.js';
import { factsOf, memoryOf, type EntryFacts } from './entry-facts.js';
import { PartExpiryCount } from './part-expiry.js';
import type { Shard } from './shard.js';

export type { Ref } from '../memory/arena.js';
export type { StringView } from '../values/string.js';
export type { EntryFacts } from './entry-facts.js';

export const NO_EXPIRY = -1;
export const KEEP_TTL = -2;

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Digits that parseSafeInteger may refuse although they spell an int64. */
const UNSAFE_CHARS_MIN = 16;
/** A block is given up for a smaller one when the string fills less than this share of it. */
const SLACK_SHARE_MIN = 0.25;

const key: StringView = { bytes: NO_BYTES, start: 0, end: 0 };

export class Db implements EntryKeeper {
  readonly index: number;
  readonly shard: Shard;
  readonly arena: Arena;
  readonly dict: Dict;

  /** The block of the blob that the last `#place` took from the entry it replaced; 0: none. The caller uses or frees it. */
  #oldBlob: Ref = 0;
  readonly #partExpiry = new PartExpiryCount();

  constructor(index: number, shard: Shard, arena: Arena) {
    this.index = index;
    this.shard = shard;
    this.arena = arena;
    this.dict = new Dict(arena, shard.hashSeed);
  }

  /** Keys that stand in the dict, expired ones not yet removed included. */
  get size(): number {
    return this.dict.count;
  }

  /** Keys with a TTL. */
  get expiresSize(): number {
    return this.dict.ttlCount - this.#partExpiry.keysWithoutTtl;
  }

  /** Keys whose values have parts with deadlines. */
  get subexpirySize(): number {
    return this.#partExpiry.keys;
  }

  /** Keys that active expiry looks at: with a TTL, or parts with deadlines. */
  get expiringSize(): number {
    return this.dict.ttlCount;
  }

  /** Bytes of the index over the keys. */
  get indexBytes(): number {
    return this.dict.indexBytes;
  }

  // ------------------------------------------------------------------ lookups: the key is argument `i`

  /** The live entry for a read: counts a keyspace hit or miss, touches the access clock. 0: no such key. */
  lookupRead(args: Args, i: number): Ref {
    const entry = this.peek(args, i);
    if (entry === 0) {
      this.shard.counters.keyspaceMiss();
      return 0;
    }
    this.shard.counters.keyspaceHit();
    if (this.shard.touchOnAccess) this.#touch(entry);
    return entry;
  }

  /** As lookupRead, statistics included, but leaves the access clock alone (EXISTS, TYPE, OBJECT, the TTL family). */
  lookupNoTouch(args: Args, i: number): Ref {
    const entry = this.peek(args, i);
    if (entry === 0) this.shard.counters.keyspaceMiss();
    else this.shard.counters.keyspaceHit();
    return entry;
  }

  /** The live entry for a write: no hit statistics. 0: no such key. */
  lookupWrite(args: Args, i: number): Ref {
    const entry = this.peek(args, i);
    if (entry !== 0 && this.shard.touchOnAccess) this.#touch(entry);
    return entry;
  }

  /** As lookupRead, but leaves clock and statistics alone (MEMORY USAGE, DEBUG). */
  peek(args: Args, i: number): Ref {
    return this.#peekKey(args.hash(i), args.bytes, args.starts[i], args.ends[i]);
  }

  #peekKey(hash: number, bytes: Uint8Array, start: number, end: number): Ref {
    const entry = this.dict.find(hash, bytes, start, end);
    if (entry === 0 || !this.#isExpired(entry)) return entry;
    this.#expireFound(entry);
    return 0;
  }

  /** One of TYPE's numbers. */
  typeOf(entry: Ref): number {
    return entryType(this.arena, entry);
  }

  /** The type of the live value at a key given by its bytes; -1: no such key. */
  typeOfKey(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const entry = this.#peekKey(hash, bytes, start, end);
    return entry === 0 ? -1 : entryType(this.arena, entry);
  }

  /** Removes the key if its time has passed. */
  expireIfDue(hash: number, bytes: Uint8Array, start: number, end: number): void {
    this.#peekKey(hash, bytes, start, end);
  }

  // ------------------------------------------------------------------ strings (the entry must be of type string)

  /** Points `view` at the content. */
  readString(entry: Ref, view: StringView): void {
    readString(this.arena, entry, view);
  }

  stringLength(entry: Ref): number {
    return stringLength(this.arena, entry);
  }

  /** The value as a safe integer when it spells one (either encoding); NaN otherwise. */
  stringInteger(entry: Ref): number {
    return stringInteger(this.arena, entry);
  }

  /** The value as an int64 when it spells one; undefined otherwise. */
  stringBigint(entry: Ref): bigint | undefined {
    return stringBigint(this.arena, entry);
  }

  /**
   * Sets the key at argument `i` to `bytes[start, end)`, whatever stood there; `bytes` is not this arena's memory.
   * What spells an int64 is stored as an integer. `expireAtMs`: Unix ms, NO_EXPIRY (-1) for none, KEEP_TTL (-2).
   */
  setString(args: Args, i: number, bytes: Uint8Array, start: number, end: number, expireAtMs: number): void {
    const length = end - start;
    if (length > 0 && length <= INT64_CHARS_MAX && bytes[end - 1] >= DIGIT_0 && bytes[end - 1] <= DIGIT_9) {
      const value = parseSafeInteger(bytes, start, end);
      if (!Number.isNaN(value)) {
        this.#setInt(args, i, value, expireAtMs);
        return;
      }
      const big = length >= UNSAFE_CHARS_MIN ? parseInt64(bytes, start, end) : undefined;
      if (big !== undefined) {
        this.#setInt(args, i, big, expireAtMs);
        return;
      }
    }
    const arena = this.arena;
    const old = this.peek(args, i);
    this.changed(args, i);
    if (length <= INLINE_VALUE_BYTES_MAX) {
      if (old !== 0 && expireAtMs !== KEEP_TTL) {
        if (overwriteInline(arena, old, this.#freshClock(old), expireAtMs, bytes, start, end)) return;
      }
      const entry = this.#place(args, i, old, INLINE_KIND, length, expireAtMs);
      this.#freeOldBlob();
      writeBytes(arena, entry >>> REF_SEGMENT_SHIFT, inlineStart(arena, entry), bytes, start, end);
      return;
    }
    const entry = this.#place(args, i, old, BLOB_KIND, 0, expireAtMs);
    let blob = this.#oldBlob;
    if (blob === 0 || arena.sizeOf(blob) !== Arena.roundedSize(length)) {
      this.#freeOldBlob();
      blob = arena.alloc(length);
    }
    this.#oldBlob = 0;
    copyBytes(arena.u8[blob >>> REF_SEGMENT_SHIFT], (blob & REF_GRANULE_MASK) << 3, bytes, start, end);
    writeBlob(arena, entry, blob, length);
  }

  /** Sets the key to an integer; an existing TTL stays. */
  setInteger(args: Args, i: number, value: number): void {
    assert(Number.isSafeInteger(value), 'an integer value is exact');
    this.#setInt(args, i, value, KEEP_TTL);
  }

  /** The same for any int64. */
  setBigint(args: Args, i: number, value: bigint): void {
    this.#setInt(args, i, value, KEEP_TTL);
  }

  /**
   * Makes the string at argument `i` exactly `length` bytes in raw encoding (created when absent, cut or zero-filled,
   * TTL kept) and points `view` at the whole of it for writing in place. Grows with head-room, so that appending is
   * amortised O(1).
   */
  resizeString(args: Args, i: number, length: number, view: StringView): void {
    this.changed(args, i);
    this.openString(args, i, length, view);
  }

  /** The same for who may leave the bytes as they are: where the length stays, it is the caller who says `changed`. */
  openString(args: Args, i: number, length: number, view: StringView): void {
    // Not `stringBytesMax`: a string that was longer before the limit was lowered is still written within.
    assert(length >= 0 && length <= BLOCK_BYTES_MAX, 'a string fits a block');
    const arena = this.arena;
    const old = this.peek(args, i);
    let oldLength = 0;
    let entry = old;
    if (old === 0) {
      const inline = length <= INLINE_VALUE_BYTES_MAX;
      entry = this.#place(args, i, 0, inline ? INLINE_RAW_KIND : BLOB_KIND, inline ? length : 0, NO_EXPIRY);
      if (!inline) writeBlob(arena, entry, arena.alloc(length), length);
    } else {
      assert(entryType(arena, old) === TYPE.string, 'only a string is resized');
      readString(arena, old, view);
      oldLength = view.end - view.start;
      if (entryEncoding(arena, old) === STRING_ENCODING.blob) this.#resizeBlob(old, length);
      else if (length <= INLINE_VALUE_BYTES_MAX) entry = this.#resizeInline(old, length, view);
      else entry = this.#moveToBlob(old, length, view);
      setEntryClock(arena, entry, this.#freshClock(entry));
    }
    readString(arena, entry, view);
    if (old === 0 || length !== oldLength) this.changed(args, i);
    if (length > oldLength) view.bytes.fill(0, view.start + oldLength, view.end);
  }

  /** Resizes the found inline or int string, whose content is `view`, within or into an inline entry. */
  #resizeInline(old: Ref, length: number, view: StringView): Ref {
    const arena = this.arena;
    const head = entryBytes(keyLength(arena, old), entryHasTtl(arena, old), false, 0);
    const size = arena.sizeOf(old);
    const inline = isInline(entryEncoding(arena, old));
    if (inline && head + length <= size && head + length >= size * SLACK_SHARE_MIN) {
      setInlineLength(arena, old, length);
      setEntryKind(arena, old, INLINE_RAW_KIND);
      return old;
    }
    // Only a string that was modified before is likely to grow on.
    const grows = entryEncoding(arena, old) === STRING_ENCODING.inlineRaw && length > inlineLength(arena, old);
    const room = grows ? Math.min(grownCapacity(length), Math.max(length, INLINE_VALUE_BYTES_MAX)) : length;
    const entry = entryWithParts(arena, old, INLINE_RAW_KIND, entryHasTtl(arena, old), length, head + room);
    const kept = Math.min(length, view.end - view.start);
    copyBytes(
      arena.u8[entry >>> REF_SEGMENT_SHIFT],
      inlineStart(arena, entry),
      view.bytes,
      view.start,
      view.start + kept,
    );
    this.#replaceFound(old, entry);
    return entry;
  }

  /** Moves the found inline or int string, whose content is `view`, to a block of its own of at least `length` bytes. */
  #moveToBlob(old: Ref, length: number, view: StringView): Ref {
    const arena = this.arena;
    const grows = entryEncoding(arena, old) === STRING_ENCODING.inlineRaw;
    const blob = arena.alloc(grows ? grownCapacity(length) : length);
    const bytes = arena.u8[blob >>> REF_SEGMENT_SHIFT];
    copyBytes(bytes, (blob & REF_GRANULE_MASK) << 3, view.bytes, view.start, view.end);
    const hasTtl = entryHasTtl(arena, old);
    const entry = entryWithParts(arena, old, BLOB_KIND, hasTtl, 0, entryBytes(keyLength(arena, old), hasTtl, true, 0));
    writeBlob(arena, entry, blob, length);
    this.#replaceFound(old, entry);
    return entry;
  }

  #resizeBlob(entry: Ref, length: number): void {
    const arena = this.arena;
    const old = blobOf(arena, entry);
    const oldLength = blobLength(arena, entry);
    const size = arena.sizeOf(old);
    let blob = old;
    if (length > size || length < size * SLACK_SHARE_MIN) {
      blob = arena.alloc(length > oldLength ? grownCapacity(length) : Math.max(length, 1));
      arena.copy(blob, 0, old, 0, Math.min(length, oldLength));
      arena.free(old);
    }
    writeBlob(arena, entry, blob, length);
  }

  #setInt(args: Args, i: number, value: number | bigint, expireAtMs: number): void {
    const entry = this.#place(args, i, this.peek(args, i), INT_KIND, 0, expireAtMs);
    this.changed(args, i);
    this.#freeOldBlob();
    if (typeof value === 'number') writeInt(this.arena, entry, value);
    else writeBigint(this.arena, entry, value);
  }

  // ------------------------------------------------------------------ collections (values/value-type.ts)

  /**
   * Makes the key at argument `i`, which is free, an entry of `kind` without a TTL. Its slot is empty, or its inline value of
   * `inlineBytes` unwritten: the caller fills it at once, and deletes the key when the value has become empty.
   */
  create(args: Args, i: number, kind: number, inlineBytes = 0): Ref {
    if (VERIFY) assert(this.peek(args, i) === 0, 'a new key is free');
    const entry = this.#place(args, i, 0, kind, inlineBytes, NO_EXPIRY);
    if (entryHasSlot(this.arena, entry)) setSlotRef(this.arena, entry, 0);
    this.changed(args, i);
    return entry;
  }

  /**
   * An entry of `kind` for the key at argument `i` that stands in no dict yet, without a TTL and with an empty slot, or
   * `inlineBytes` unwritten: a value is built in it while the key keeps what it has. `adopt` puts it in its place,
   * `shard.freeEntry` gives it up.
   */
  makeEntry(args: Args, i: number, kind: number, inlineBytes = 0): Ref {
    const arena = this.arena;
    const start = args.starts[i];
    const end = args.ends[i];
    const hasSlot = (kind & HAS_SLOT) !== 0;
    const entry = arena.alloc(entryBytes(end - start, false, hasSlot, inlineBytes));
    initEntry(arena, entry, kind, this.#freshClock(0), false, args.bytes, start, end, inlineBytes);
    if (hasSlot) setSlotRef(arena, entry, 0);
    return entry;
  }

  /** Puts what `makeEntry` made, filled by now, under its key, argument `i`, which is free. Tells who waits for it. */
  adopt(args: Args, i: number, entry: Ref): void {
    const taken = this.peek(args, i);
    assert(taken === 0, 'an entry is adopted where nothing stands');
    this.dict.insert(args.hash(i), entry, entryExpires(this.arena, entry));
    this.#partExpiry.entered(this.arena, entry);
    this.#sizeChanged();
    this.arrived(entry, args, i);
  }

  /** As values ask for it that stand in their entries (EntryKeeper). */
  reshape(old: Ref, kind: number, inlineBytes: number): Ref {
    const found = this.dict.findRef(entryHash(this.arena, old, this.shard.hashSeed), old);
    assert(found, 'an entry that changes its shape stands in its dict');
    const entry = entryReshaped(this.arena, old, kind, inlineBytes);
    this.#replaceFound(old, entry);
    return entry;
  }

  /** Tells who watches the key at argument `i` that it has changed. Every operation that changes a value in place says so. */
  changed(args: Args, i: number): void {
    const { watch } = this.shard;
    if (watch.size !== 0) watch.changed(this.index, args.hash(i), args.bytes, args.starts[i], args.ends[i]);
  }

  /** The value at argument `i` has grown, and changed: who waits for something to take from it is told as well. */
  grew(args: Args, i: number): void {
    this.changed(args, i);
    this.ready(args, i);
  }

  /** Who waits for the key at argument `i` looks at it again; nothing is said to those who watch it. */
  ready(args: Args, i: number): void {
    const { waiters } = this.shard;
    if (waiters.size !== 0) waiters.keyReady(this.index, args.hash(i), args.bytes, args.starts[i], args.ends[i]);
  }

  /** What stood at the key at argument `i` is gone, or is something else now: some wait for no longer than that. */
  #lost(args: Args, i: number): void {
    if (this.shard.waiters.losers !== 0) this.ready(args, i);
  }

  /** An entry of any type has got the key at argument `i`. */
  arrived(entry: Ref, args: Args, i: number): void {
    if (valueTypeOf(this.arena, entry).isAwaited) this.grew(args, i);
    else this.changed(args, i);
  }

  /** Notes that parts of the entry's value have deadlines, or that none has any more. */
  markParts(entry: Ref, expire: boolean): void {
    const found = this.dict.findRef(entryHash(this.arena, entry, this.shard.hashSeed), entry);
    assert(found, 'a marked entry stands in its dict');
    this.#partExpiry.left(this.arena, entry);
    const kind = entryKind(this.arena, entry);
    setEntryKind(this.arena, entry, expire ? kind | PARTS_EXPIRE : kind & ~PARTS_EXPIRE);
    this.dict.replaceFound(entry, entryExpires(this.arena, entry));
    this.#partExpiry.entered(this.arena, entry);
    this.#sizeChanged();
  }

  /**
   * Takes up to `most` parts out of the live entry's value whose time has passed, and returns how many. Others are left,
   * or the whole key would be gone (`removeExpired`).
   */
  removeDueParts(entry: Ref, most: number): number {
    const { arena, shard } = this;
    const { parts } = valueTypeOf(arena, entry);
    assert(parts !== undefined, 'a value with deadlines has parts');
    const removed = parts.removeDue(arena, entry, shard.nowMs, most);
    if (removed === 0) return 0;
    shard.counters.expiredParts(removed);
    this.#entryChanged(entry);
    if (parts.firstDeadline(arena, entry) === Infinity) this.markParts(entry, false);
    return removed;
  }

  // ------------------------------------------------------------------ any type

  /** Removes the key; true when a live one was there. A large value is freed in slices later. */
  delete(args: Args, i: number): boolean {
    const entry = this.peek(args, i);
    if (entry === 0) return false;
    this.dict.removeFound();
    this.#partExpiry.left(this.arena, entry);
    this.shard.freeEntry(entry);
    this.#sizeChanged();
    this.changed(args, i);
    this.#lost(args, i);
    return true;
  }

  /** Unix ms, or -1 without a TTL. Exact up to 2^53; beyond, the nearest double (`expireAtBig` is exact). */
  expireAt(entry: Ref): number {
    return entryHasTtl(this.arena, entry) ? entryExpireAt(this.arena, entry) : NO_EXPIRY;
  }

  expireAtBig(entry: Ref): bigint {
    return entryHasTtl(this.arena, entry) ? entryExpireAtBig(this.arena, entry) : -1n;
  }

  /** Gives the live key at argument `i` a TTL (Unix ms, any int64). The caller deletes keys with a past time. */
  setExpireAt(args: Args, i: number, expireAtMs: number | bigint): void {
    const old = this.peek(args, i);
    assert(old !== 0, 'a key that gets a TTL exists');
    const entry = entryHasTtl(this.arena, old) ? old : this.#changeTtl(old, true);
    setEntryExpireAt(this.arena, entry, expireAtMs);
    this.changed(args, i);
  }

  /** Takes the TTL away; true when there was one. */
  persist(args: Args, i: number): boolean {
    const old = this.peek(args, i);
    if (old === 0 || !entryHasTtl(this.arena, old)) return false;
    this.#changeTtl(old, false);
    this.changed(args, i);
    return true;
  }

  /** Renames within this shard: moves value and TTL of argument `from` over argument `to` (db `target`). */
  rename(args: Args, from: number, to: number, target: Db): void {
    if (target === this && sameArgument(args, from, to)) return;
    target.delete(args, to);
    const old = this.peek(args, from);
    assert(old !== 0, 'a renamed key exists');
    this.dict.removeFound();
    const entry = entryWithKey(this.arena, old, this.#freshClock(0), args.bytes, args.starts[to], args.ends[to]);
    setEntryClock(this.arena, entry, entryClock(this.arena, old));
    this.#partExpiry.left(this.arena, old);
    this.arena.free(old);
    target.dict.insert(args.hash(to), entry, entryExpires(this.arena, entry));
    target.#partExpiry.entered(this.arena, entry);
    this.#sizeChanged();
    target.#sizeChanged();
    this.changed(args, from);
    this.#lost(args, from);
    target.arrived(entry, args, to);
  }

  /** Copies value and TTL of argument `from` to argument `to` of db `target`, which must not exist there. */
  copy(args: Args, from: number, to: number, target: Db): void {
    const arena = this.arena;
    const existing = target.peek(args, to);
    assert(existing === 0, 'the target of a copy is free');
    const old = this.peek(args, from);
    assert(old !== 0, 'a copied key exists');
    const entry = entryWithKey(this.arena, old, this.#freshClock(0), args.bytes, args.starts[to], args.ends[to]);
    if (entryHasSlot(arena, entry)) valueTypeOf(arena, entry).duplicate(arena, entry);
    target.dict.insert(args.hash(to), entry, entryExpires(arena, entry));
    target.#partExpiry.entered(arena, entry);
    target.#sizeChanged();
    target.arrived(entry, args, to);
  }

  /** Takes the entry, wherever it was met, out if its time has passed; true: it has. */
  expire(entry: Ref): boolean {
    if (!this.#isExpired(entry)) return false;
    this.removeExpired(entry);
    return true;
  }

  /** Takes the expired entry out, wherever it was met; its time must have passed. */
  removeExpired(entry: Ref): void {
    const found = this.dict.findRef(entryHash(this.arena, entry, this.shard.hashSeed), entry);
    assert(found, 'an expired entry stands in its dict');
    this.#expireFound(entry);
  }

  /** Makes the live entry look as if it had been used `idleMs` ago, if the access clock dates. */
  setIdle(entry: Ref, idleMs: number): void {
    if (!this.shard.lfu) setEntryClock(this.arena, entry, lruClock(this.shard.nowMs - idleMs));
  }

  /** Sets how often the live entry was used (0 to 255), if the access clock counts. */
  setFrequency(entry: Ref, counter: number): void {
    if (this.shard.lfu) setEntryClock(this.arena, entry, lfuClock(this.shard.nowMs, counter));
  }

  // ------------------------------------------------------------------ the key of an entry, walking

  /** Points `view` at the entry's key. */
  readKey(entry: Ref, view: StringView): void {
    view.bytes = this.arena.u8[entry >>> REF_SEGMENT_SHIFT];
    view.start = keyStart(this.arena, entry);
    view.end = view.start + keyLength(this.arena, entry);
  }

  facts(entry: Ref): EntryFacts {
    return factsOf(this, entry);
  }

  /** Bytes that the key takes, its share of the index included (MEMORY USAGE); judges large values by `samples`. */
  memoryUsage(entry: Ref, samples: number): number {
    return memoryOf(this, entry, samples);
  }

  /**
   * One SCAN step: calls `visit` for live entries from `cursor` on until at least `count` were looked at, and returns the
   * next cursor (an integer in [0, 2^32); 0: done). Every key that is present from start to end is visited exactly once,
   * whatever growth happens in between. `visit` must not write.
   */
  scan(cursor: number, count: number, visit: (entry: Ref) => void): number {
    const expired: Ref[] = [];
    const next = scanDict(this.dict, cursor, count, (entry) => {
      if (this.#isExpired(entry)) expired.push(entry);
      else visit(entry);
    });
    for (const entry of expired) this.removeExpired(entry);
    return next;
  }

  /** A random live entry, 0 when there is none. Ends because every expired one that it meets is removed. */
  randomEntry(random: Random): Ref {
    for (;;) {
      const entry = randomDictEntry(this.dict, random);
      if (entry === 0 || !this.#isExpired(entry)) return entry;
      this.removeExpired(entry);
    }
  }

  /** Removes everything. `async` detaches now and frees in slices. */
  flush(async: boolean): void {
    if (this.dict.count === 0) return;
    this.#watchedKeysGo();
    if (this.shard.waiters.losers !== 0) this.shard.waiters.databaseReady(this.index);
    const drain = new DictDrain(this.dict);
    this.#partExpiry.clear();
    if (async) this.shard.lazyFree.add(drain);
    else drain.step(Infinity, this.shard.freeEntryNow);
    this.#sizeChanged();
  }

  /** Swaps all keys with another database. */
  swapWith(other: Db): void {
    assert(other !== this && other.shard === this.shard, 'two databases of one shard are swapped');
    const { watch, waiters } = this.shard;
    for (const db of [this, other]) {
      const sibling = db === this ? other : this;
      watch.changedWhere(db.index, ({ hash, key }) => db.#holds(hash, key) || sibling.#holds(hash, key));
    }
    const root = this.dict.root;
    this.dict.root = other.dict.root;
    other.dict.root = root;
    this.#partExpiry.swapWith(other.#partExpiry);
    this.#sizeChanged();
    other.#sizeChanged();
    waiters.databaseReady(this.index);
    waiters.databaseReady(other.index);
  }

  /** Whole-structure check of the dict and every value (VERIFY, tests). */
  check(): void {
    checkDict(this.dict);
    scanDict(this.dict, 0, Infinity, (entry) => {
      valueTypeOf(this.arena, entry).check(this.arena, entry);
    });
  }

  // ------------------------------------------------------------------ helpers

  #watchedKeysGo(): void {
    const { watch } = this.shard;
    if (watch.size !== 0) watch.changedWhere(this.index, ({ hash, key }) => this.#holds(hash, key));
  }

  #holds(hash: number, key: Uint8Array): boolean {
    return this.dict.find(hash, key, 0, key.length) !== 0;
  }

  #isExpired(entry: Ref): boolean {
    if (!entryExpires(this.arena, entry)) return false;
    return this.#isPast(entry) || this.#isGone(entry);
  }

  /** The entry's own time has passed. */
  #isPast(entry: Ref): boolean {
    return entryHasTtl(this.arena, entry) && entryExpireAt(this.arena, entry) < this.shard.nowMs;
  }

  /** The time of every part of its value has passed. */
  #isGone(entry: Ref): boolean {
    if (!entryPartsExpire(this.arena, entry)) return false;
    return valueTypeOf(this.arena, entry).parts?.isGone(this.arena, entry, this.shard.nowMs) === true;
  }

  /** Removes the entry that the dict has just found. */
  #expireFound(entry: Ref): void {
    const { arena } = this;
    const { counters } = this.shard;
    this.#entryChanged(entry);
    this.#entryLost(entry);
    if (this.#isPast(entry)) counters.expiredKey();
    else counters.expiredParts(valueTypeOf(arena, entry).parts?.count(arena, entry) ?? 0);
    this.dict.removeFound();
    this.#partExpiry.left(arena, entry);
    this.shard.freeEntry(entry);
    this.#sizeChanged();
  }

  /** `changed` for the key of an entry. */
  #entryChanged(entry: Ref): void {
    const { watch } = this.shard;
    if (watch.size === 0) return;
    this.readKey(entry, key);
    const hash = entryHash(this.arena, entry, this.shard.hashSeed);
    watch.changed(this.index, hash, key.bytes, key.start, key.end);
  }

  /** `#lost` for the key of an entry. */
  #entryLost(entry: Ref): void {
    const { waiters } = this.shard;
    if (waiters.losers === 0) return;
    this.readKey(entry, key);
    const hash = entryHash(this.arena, entry, this.shard.hashSeed);
    waiters.keyReady(this.index, hash, key.bytes, key.start, key.end);
  }

  #sizeChanged(): void {
    this.shard.counters.sizeChanged(this.index, this.dict.count, this.expiresSize, this.subexpirySize);
  }

  #touch(entry: Ref): void {
    const shard = this.shard;
    const clock = entryClock(this.arena, entry);
    const now = shard.lfu ? lfuTouched(clock, shard.nowMs, shard.random) : shard.lruClock;
    if (now !== clock) setEntryClock(this.arena, entry, now);
  }

  /** The clock of a value just written; a frequency survives the overwriting of `old`. */
  #freshClock(old: Ref): number {
    const shard = this.shard;
    if (!shard.lfu) return shard.lruClock;
    return old === 0 ? lfuInitialClock(shard.nowMs) : entryClock(this.arena, old);
  }

  /**
   * Makes the key at argument `i`, where peek just found `old`, an entry of `kind` with room for `inlineBytes`, the expiry
   * as for setString, and the value unwritten. What stood there is freed, except a blob: #oldBlob, for the caller to use
   * or free.
   */
  #place(args: Args, i: number, old: Ref, kind: number, inlineBytes: number, expireAtMs: number): Ref {
    const arena = this.arena;
    const dict = this.dict;
    const hash = args.hash(i);
    const start = args.starts[i];
    const end = args.ends[i];
    const oldHasTtl = old !== 0 && entryHasTtl(arena, old);
    const hasTtl = expireAtMs === KEEP_TTL ? oldHasTtl : expireAtMs !== NO_EXPIRY;
    const clock = this.#freshClock(old);
    if (old !== 0 && oldHasTtl === hasTtl && this.#fits(old, kind, inlineBytes)) {
      this.#oldBlob = entryKind(arena, old) === BLOB_KIND ? blobOf(arena, old) : 0;
      setEntryKind(arena, old, kind);
      setEntryClock(arena, old, clock);
      if (inlineLength(arena, old) !== inlineBytes) setInlineLength(arena, old, inlineBytes);
      if (hasTtl && expireAtMs !== KEEP_TTL) setEntryExpireAt(arena, old, expireAtMs);
      return old;
    }
    const hasSlot = !isInline(kind >>> ENCODING_SHIFT);
    const entry = arena.alloc(entryBytes(end - start, hasTtl, hasSlot, inlineBytes));
    initEntry(arena, entry, kind, clock, hasTtl, args.bytes, start, end, inlineBytes);
    if (hasTtl) {
      if (expireAtMs !== KEEP_TTL) setEntryExpireAt(arena, entry, expireAtMs);
      else setEntryExpireAt(arena, entry, entryExpireAtBig(arena, old));
    }
    this.#oldBlob = 0;
    if (old === 0) {
      dict.insert(hash, entry, entryExpires(arena, entry));
      this.#partExpiry.entered(arena, entry);
      this.#sizeChanged();
      return entry;
    }
    dict.replaceFound(entry, hasTtl);
    const oldPartsExpire = entryPartsExpire(arena, old);
    this.#partExpiry.left(arena, old);
    if (entryType(arena, old) !== TYPE.string) {
      this.shard.freeEntry(old);
      this.#lost(args, i);
    } else {
      if (entryKind(arena, old) === BLOB_KIND) this.#oldBlob = blobOf(arena, old);
      arena.free(old);
    }
    if (oldHasTtl !== hasTtl || oldPartsExpire) this.#sizeChanged();
    return entry;
  }

  /** True when the string entry can take a value of `kind` where it stands, in the block that a new entry would get. */
  #fits(old: Ref, kind: number, inlineBytes: number): boolean {
    const arena = this.arena;
    if (entryType(arena, old) !== TYPE.string) return false;
    const hasSlot = !isInline(kind >>> ENCODING_SHIFT);
    if (hasSlot !== entryHasSlot(arena, old)) return false;
    if (hasSlot || (entryKind(arena, old) === kind && inlineLength(arena, old) === inlineBytes)) return true;
    const bytes = entryBytes(keyLength(arena, old), entryHasTtl(arena, old), false, inlineBytes);
    return arena.sizeOf(old) === Arena.roundedSize(bytes);
  }

  #freeOldBlob(): void {
    if (this.#oldBlob === 0) return;
    this.arena.free(this.#oldBlob);
    this.#oldBlob = 0;
  }

  /** Puts `entry` in the place of the found entry `old` and frees that block. */
  #replaceFound(old: Ref, entry: Ref): void {
    this.dict.replaceFound(entry, entryExpires(this.arena, entry));
    this.#partExpiry.left(this.arena, old);
    this.#partExpiry.entered(this.arena, entry);
    this.arena.free(old);
  }

  /** Moves the found entry to a block with or without room for a TTL. */
  #changeTtl(old: Ref, hasTtl: boolean): Ref {
    const arena = this.arena;
    const inlineBytes = inlineLength(arena, old);
    const bytes = entryBytes(keyLength(arena, old), hasTtl, entryHasSlot(arena, old), inlineBytes);
    const entry = entryWithParts(arena, old, entryKind(arena, old), hasTtl, inlineBytes, bytes);
    copyEntryValue(arena, old, entry);
    this.#replaceFound(old, entry);
    this.#sizeChanged();
    return entry;
  }
}

function sameArgument(args: Args, a: number, b: number): boolean {
  return compareBytes(args.bytes, args.starts[a], args.ends[a], args.bytes, args.starts[b], args.ends[b]) === 0;
}
