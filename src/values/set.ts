// The set value: whole numbers in one sorted block (OBJECT ENCODING says intset), else a packed list while it is small
// (listpack), else a dict of members (hashtable).
//
//   entry slot = Ref of the block (int-set.ts), the packed list (packed-list.ts) or the dict's root (dict.ts); 0 when it is
//                empty in the first and the last
//
// The forms change as in Redis from 7.2 on (t_set.c; 7.0 has no packed form and never looks ahead): a set moves to a
// larger form when a member or the number of members does not fit, or when a command announces so many; it never moves
// back, except that what a command stores anew begins in the form that fits.
//
// SetValue is a flyweight with a cursor:
//
//   set.open(arena, entry)                                    or `create`, or `createFree` for a value under no key yet
//   set.has(bytes, start, end)                                or `hasCurrentOf` another set's cursor
//   set.rewind(); while (set.next(view)) ...                  all members (`step` and `read` apart, as well); the set must not change meanwhile
//   set.pick(random, view); set.removePicked()                one member, each as likely as any other
//
// (1) All sets of an arena hash by the arena's seed, so what one dict knows of a member's hash tells where it is in another.
// (2) A view over a member is good until the cursor moves or the set changes. Other sets may change.
// (3) A set under a key never stays empty: who takes the last member deletes the key.

import { assert } from '../base/assert.js';
import { NO_BYTES, type ByteView } from '../base/bytes.js';
import { keyHash } from '../base/hash.js';
import { HIGH, LOW, parseInt64Halves, writeInt64 } from '../base/int64.js';
import { INT64_CHARS_MAX, parseSafeInteger } from '../base/integers.js';
import type { Random } from '../base/prng.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { DictCursor } from '../structures/dict-cursor.js';
import { MEMBERS } from '../structures/dict-element.js';
import { randomDictEntry, scanDict } from '../structures/dict-walk.js';
import { Dict, MORE_BITS } from '../structures/dict.js';
import { entryEncoding, setEntryKind, setSlotRef, slotRef } from '../structures/entry.js';
import { INT_COUNT_MAX } from '../structures/int-set-layout.js';
import { IntSet } from '../structures/int-set.js';
import { initMember, memberBytes, memberHash, memberKeyLength, memberKeyStart } from '../structures/member.js';
import { NOWHERE, PackedList, StagedElement, type ElementSink } from '../structures/packed-list.js';
import type { StructureLimits } from './limits.js';
import { freeMembers, MembersDrain } from './members.js';
import { SET_ENCODING, TYPE } from './types.js';
import type { ValueDrain } from './value-type.js';

/** One of SET_ENCODING's numbers. */
export type SetEncoding = (typeof SET_ENCODING)[keyof typeof SET_ENCODING];

const { ints: INTS, packed: PACKED, dict: DICT } = SET_ENCODING;

const TWO_32 = 4294967296;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Characters that parseSafeInteger may refuse although they spell an int64. */
const UNSAFE_CHARS_MIN = 16;
/** Redis's bound on the option set-max-intset-entries, and that of a block. */
const INT_ENTRIES_MAX = Math.min(2 ** 30, INT_COUNT_MAX);

const halves = new Int32Array(2);

/** True when the bytes spell an int64, which `halves` then hold. */
function readInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (length === 0 || length > INT64_CHARS_MAX) return false;
  if (bytes[end - 1] < DIGIT_0 || bytes[end - 1] > DIGIT_9) return false;
  const value = parseSafeInteger(bytes, start, end);
  if (value === value) {
    halves[LOW] = value | 0;
    halves[HIGH] = Math.floor(value / TWO_32) | 0;
    return true;
  }
  return length >= UNSAFE_CHARS_MIN && parseInt64Halves(bytes, start, end, halves);
}

/** True when the bytes spell an int64, as a set of numbers holds them. */
export function spellsInteger(bytes: Uint8Array, start: number, end: number): boolean {
  return readInteger(bytes, start, end);
}

/** The head byte of an entry that holds a set: type | encoding << 4. */
export function setKind(encoding: SetEncoding): number {
  return TYPE.set | (encoding << 4);
}

/** How many numbers a set of them may hold. */
function intEntriesMax(limits: StructureLimits): number {
  return Math.min(limits.setMaxIntsetEntries, INT_ENTRIES_MAX);
}

/** The form in which a set begins whose first member is `bytes[start, end)`, of about `hint` members (setTypeCreate). */
export function encodingFor(
  bytes: Uint8Array,
  start: number,
  end: number,
  hint: number,
  limits: StructureLimits,
): SetEncoding {
  if (hint <= limits.setMaxIntsetEntries && readInteger(bytes, start, end)) return INTS;
  return hint <= limits.setMaxListpackEntries ? PACKED : DICT;
}

export class SetValue {
  readonly #packed = new PackedList();
  readonly #element = new StagedElement();
  readonly #cursor = new DictCursor();
  /** The digits of the number under the cursor. */
  readonly #digits = new Uint8Array(INT64_CHARS_MAX);
  #arena!: Arena;
  #ints!: IntSet;
  #dict!: Dict;
  #entry: Ref = 0;
  #encoding: SetEncoding = INTS;
  /** What `next` gives next: an index (ints) or an offset (packed). */
  #ahead = 0;
  /** Where a walk over numbers ends. */
  #walkEnd = 0;
  /** What `next` or `pick` gave last: an index, an offset, or a member's Ref. */
  #current = 0;

  /** Points at the set that `entry` holds. */
  open(arena: Arena, entry: Ref): void {
    this.#point(arena, entry, entryEncoding(arena, entry) as SetEncoding, slotRef(arena, entry));
  }

  /** Gives a new entry of a set's kind an empty set, which the caller fills at once, and points at it. */
  create(arena: Arena, entry: Ref): void {
    this.#point(arena, entry, entryEncoding(arena, entry) as SetEncoding, 0);
    if (this.#encoding === PACKED) this.#packed.create(0);
    this.#save();
  }

  /** Points at an empty set that belongs to no entry: `moveTo` gives it to one, `free` gives it back. */
  createFree(arena: Arena, encoding: SetEncoding): void {
    this.#point(arena, 0, encoding, 0);
    if (encoding === PACKED) this.#packed.create(0);
  }

  /** Gives a free set to a new entry of any set's kind, whose slot is empty. */
  moveTo(entry: Ref): void {
    assert(this.#entry === 0, 'a set is given to one entry');
    this.#entry = entry;
    setEntryKind(this.#arena, entry, setKind(this.#encoding));
    this.#save();
  }

  #point(arena: Arena, entry: Ref, encoding: SetEncoding, root: Ref): void {
    if (arena !== this.#arena) {
      this.#arena = arena;
      this.#packed.arena = arena;
      this.#ints = new IntSet(arena);
      this.#dict = new Dict(arena, arena.hashSeed, 0, MEMBERS);
    }
    this.#entry = entry;
    this.#encoding = encoding;
    if (encoding === DICT) this.#dict.root = root;
    else if (encoding === INTS) this.#ints.root = root;
    else this.#packed.ref = root;
  }

  #save(): void {
    if (this.#entry !== 0) setSlotRef(this.#arena, this.#entry, this.#root);
  }

  get #root(): Ref {
    if (this.#encoding === DICT) return this.#dict.root;
    return this.#encoding === INTS ? this.#ints.root : this.#packed.ref;
  }

  get encoding(): SetEncoding {
    return this.#encoding;
  }

  /** Members. */
  get count(): number {
    if (this.#encoding === DICT) return this.#dict.count;
    return this.#encoding === INTS ? this.#ints.count : this.#packed.count;
  }

  // ------------------------------------------------------------------ members

  /** The hash of a member in every set of the arena. */
  hashOf(bytes: Uint8Array, start: number, end: number): number {
    return keyHash(bytes, start, end, this.#dict.seed);
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#encoding === DICT) return this.hasHashed(this.hashOf(bytes, start, end), bytes, start, end);
    return this.#smallHas(bytes, start, end);
  }

  /** As `has`, for a caller who knows the member's hash. */
  hasHashed(hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#encoding === DICT) return this.#dict.find(hash, bytes, start, end) !== 0;
    return this.#smallHas(bytes, start, end);
  }

  #smallHas(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#encoding === INTS) {
      return readInteger(bytes, start, end) && this.#ints.hasWords(halves[HIGH], halves[LOW]);
    }
    this.#element.stage(bytes, start, end);
    return this.#packed.find(this.#packed.first(), this.#element) !== NOWHERE;
  }

  /** Becomes a dict when `count` members would not fit its form, which a command announces (setTypeMaybeConvert). */
  reserve(count: number, limits: StructureLimits): void {
    if (this.#encoding === DICT) return;
    if (count > (this.#encoding === PACKED ? limits.setMaxListpackEntries : limits.setMaxIntsetEntries)) this.#toDict();
  }

  /** True when the set has the member under the cursor of `other`. */
  hasCurrentOf(other: SetValue): boolean {
    if (this.#encoding === DICT && other.#encoding === DICT) {
      const twin = this.#dict.findTwin(other.#cursor.hash, other.#cursor.hashBits, other.#current);
      return twin === MORE_BITS ? this.#dict.findTwin(other.#currentHash(), 32, other.#current) !== 0 : twin !== 0;
    }
    if (this.#encoding === INTS && other.#encoding === INTS) {
      return this.#ints.hasNumberOf(other.#ints, other.#current);
    }
    other.read(member);
    return this.has(member.bytes, member.start, member.end);
  }

  #currentHash(): number {
    return memberHash(this.#arena, this.#current, this.#dict.seed);
  }

  /** Adds a member that is not there, whose bytes are not of this set. */
  addNew(bytes: Uint8Array, start: number, end: number, limits: StructureLimits): void {
    if (this.#encoding === DICT) {
      this.#insert(this.hashOf(bytes, start, end), bytes, start, end);
    } else if (this.#encoding === INTS) {
      this.#addToInts(bytes, start, end, limits);
    } else {
      this.#element.stage(bytes, start, end);
      this.#append(bytes, start, end, limits);
    }
    this.#save();
  }

  /** Adds a member, whose bytes are not of this set; false: it was there. */
  add(bytes: Uint8Array, start: number, end: number, limits: StructureLimits): boolean {
    if (this.#encoding === DICT) {
      const hash = this.hashOf(bytes, start, end);
      if (this.#dict.find(hash, bytes, start, end) !== 0) return false;
      this.#insert(hash, bytes, start, end);
    } else if (this.#encoding === INTS) {
      if (!this.#addToInts(bytes, start, end, limits)) return false;
    } else {
      this.#element.stage(bytes, start, end);
      if (this.#packed.find(this.#packed.first(), this.#element) !== NOWHERE) return false;
      this.#append(bytes, start, end, limits);
    }
    this.#save();
    return true;
  }

  #addToInts(bytes: Uint8Array, start: number, end: number, limits: StructureLimits): boolean {
    const ints = this.#ints;
    if (readInteger(bytes, start, end)) {
      if (ints.count < intEntriesMax(limits)) return ints.addWords(halves[HIGH], halves[LOW]);
      if (ints.hasWords(halves[HIGH], halves[LOW])) return false;
      this.#toDict();
      this.#insert(this.hashOf(bytes, start, end), bytes, start, end);
      return true;
    }
    const { count } = ints;
    const longest = count === 0 ? 0 : Math.max(this.#spell(0), this.#spell(count - 1), end - start);
    if (count < limits.setMaxListpackEntries && longest <= limits.setMaxListpackValue) this.#toPacked();
    this.#element.stage(bytes, start, end);
    this.#append(bytes, start, end, limits);
    return true;
  }

  /** Adds a staged member that is not there: to a packed set, if it fits, or to the dict that the set then becomes. */
  #append(bytes: Uint8Array, start: number, end: number, limits: StructureLimits): void {
    const packed = this.#packed;
    if (
      this.#encoding === PACKED &&
      packed.count < limits.setMaxListpackEntries &&
      end - start <= limits.setMaxListpackValue &&
      packed.hasRoom(this.#element.bytes)
    ) {
      packed.append(this.#element);
      return;
    }
    this.#toDict();
    this.#insert(this.hashOf(bytes, start, end), bytes, start, end);
  }

  #insert(hash: number, bytes: Uint8Array, start: number, end: number): void {
    const member = this.#arena.alloc(memberBytes(end - start, false, false, 0));
    initMember(this.#arena, member, false, false, bytes, start, end, 0);
    this.#dict.insert(hash, member, false);
  }

  /** Takes a member out; false: it was not there. */
  remove(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#encoding === DICT) {
      const member = this.#dict.find(this.hashOf(bytes, start, end), bytes, start, end);
      if (member === 0) return false;
      this.#dict.removeFound();
      this.#arena.free(member);
    } else if (this.#encoding === INTS) {
      if (!readInteger(bytes, start, end) || !this.#ints.removeWords(halves[HIGH], halves[LOW])) return false;
    } else {
      this.#element.stage(bytes, start, end);
      const at = this.#packed.find(this.#packed.first(), this.#element);
      if (at === NOWHERE) return false;
      this.#packed.remove(at, 1);
    }
    this.#save();
    return true;
  }

  // ------------------------------------------------------------------ walking

  /** Puts the cursor before the first member. */
  rewind(): void {
    if (this.#encoding === DICT) {
      this.#cursor.start(this.#dict);
    } else if (this.#encoding === INTS) {
      this.#ahead = 0;
      this.#walkEnd = this.#ints.count;
    } else {
      this.#ahead = this.#packed.first();
    }
  }

  /** Moves the cursor on; false: there is no more member. */
  step(): boolean {
    if (this.#encoding === DICT) {
      this.#current = this.#cursor.next();
      return this.#current !== 0;
    }
    this.#current = this.#ahead;
    if (this.#encoding === INTS) {
      this.#ahead++;
      return this.#current !== this.#walkEnd;
    }
    if (this.#current === NOWHERE) return false;
    this.#ahead = this.#packed.next(this.#current);
    return true;
  }

  /** Points `view` at the member under the cursor. */
  read(view: ByteView): void {
    if (this.#encoding === DICT) this.readMember(this.#current, view);
    else if (this.#encoding === INTS) this.#readNumber(this.#current, view);
    else this.#packed.read(this.#current, view);
  }

  /** Gives the member under the cursor to `sink`. */
  give(sink: ElementSink): void {
    if (this.#encoding !== DICT) {
      this.read(member);
      sink.bulk(member.bytes, member.start, member.end);
      return;
    }
    const arena = this.#arena;
    const current = this.#current;
    const segment = current >>> REF_SEGMENT_SHIFT;
    const start = memberKeyStart(arena, current);
    sink.bulk(arena.u8[segment], start, start + memberKeyLength(arena, current), arena.data[segment]);
  }

  /** Points `view` at the next member; false: there is none. */
  next(view: ByteView): boolean {
    if (!this.step()) return false;
    this.read(view);
    return true;
  }

  /** Points `view` at a member, each as likely as any other; the set is not empty. */
  pick(random: Random, view: ByteView): void {
    if (this.#encoding === DICT) {
      this.#current = randomDictEntry(this.#dict, random);
      this.readMember(this.#current, view);
    } else if (this.#encoding === INTS) {
      this.#current = this.#ints.randomIndex(random);
      this.#readNumber(this.#current, view);
    } else {
      this.#current = this.#packed.at(random.below(this.#packed.count));
      this.#packed.read(this.#current, view);
    }
  }

  /** Something that tells the member of the last `pick` or `next` from all others, until the set changes. */
  get place(): number {
    return this.#current;
  }

  /**
   * Takes the member out that `pick` gave last, or `next`; `next` then goes on with the one behind it, except in a dict,
   * which must not change on the way.
   */
  removePicked(): void {
    if (this.#encoding === DICT) {
      const found = this.#dict.findRef(this.#currentHash(), this.#current);
      assert(found, 'a member that was picked is there');
      this.#dict.removeFound();
      this.#arena.free(this.#current);
    } else if (this.#encoding === INTS) {
      this.#ints.removeAt(this.#current);
      this.#ahead = this.#current;
      this.#walkEnd = this.#ints.count;
    } else {
      this.#ahead = this.#packed.remove(this.#current, 1);
    }
    this.#save();
  }

  /**
   * One SCAN step over a dict, as Db.scan over keys: Refs of members, which `readMember` reads. Sets of the other forms
   * are walked whole.
   */
  scan(cursor: number, count: number, visit: (member: Ref) => void): number {
    assert(this.#encoding === DICT, 'only a dict is walked step by step');
    return scanDict(this.#dict, cursor, count, visit);
  }

  /** Points `view` at a member of the dict. */
  readMember(member: Ref, view: ByteView): void {
    const arena = this.#arena;
    view.bytes = arena.u8[member >>> REF_SEGMENT_SHIFT];
    view.start = memberKeyStart(arena, member);
    view.end = view.start + memberKeyLength(arena, member);
  }

  #readNumber(index: number, view: ByteView): void {
    view.bytes = this.#digits;
    view.start = 0;
    view.end = this.#spell(index);
  }

  /** Writes the number at `index` to the digits and returns their number. */
  #spell(index: number): number {
    return writeInt64(this.#digits, 0, this.#ints.lowAt(index), this.#ints.highAt(index));
  }

  // ------------------------------------------------------------------ other forms

  #become(encoding: SetEncoding): void {
    this.#encoding = encoding;
    if (this.#entry !== 0) setEntryKind(this.#arena, this.#entry, setKind(encoding));
    this.#save();
  }

  #toPacked(): void {
    const packed = this.#packed;
    const ints = this.#ints;
    packed.create(0);
    for (let i = 0; i < ints.count; i++) {
      this.#element.stage(this.#digits, 0, this.#spell(i));
      packed.append(this.#element);
    }
    ints.free();
    this.#become(PACKED);
  }

  #toDict(): void {
    this.#dict.root = 0;
    this.rewind();
    while (this.next(member)) {
      this.#insert(this.hashOf(member.bytes, member.start, member.end), member.bytes, member.start, member.end);
    }
    if (this.#encoding === INTS) this.#ints.free();
    else this.#packed.free();
    this.#become(DICT);
  }

  /** Becomes a set of numbers, which all its members spell, unless there are too many (maybeConvertToIntset). */
  toIntegers(limits: StructureLimits): void {
    if (this.#encoding === INTS || this.count > intEntriesMax(limits)) return;
    const ints = this.#ints;
    ints.root = 0;
    this.rewind();
    while (this.next(member)) {
      const isInteger = readInteger(member.bytes, member.start, member.end);
      assert(isInteger, 'every member spells a number');
      ints.addWords(halves[HIGH], halves[LOW]);
    }
    if (this.#encoding === PACKED) this.#packed.free();
    else freeMembers(this.#dict);
    this.#become(INTS);
  }

  // ------------------------------------------------------------------ the whole

  /**
   * Takes over what `other`, a set that belongs to no entry, holds. What is returned is this set's own dict, too much to be
   * freed at once: it is to be handed to the shard's lazy freeing.
   */
  replaceWith(other: SetValue): ValueDrain {
    assert(other.#entry === 0 && this.#encoding === DICT, 'a dict is replaced by what nobody has');
    const drain = new MembersDrain(this.#dict);
    const root = other.#root;
    if (other.#encoding === DICT) this.#dict.root = root;
    else if (other.#encoding === INTS) this.#ints.root = root;
    else this.#packed.ref = root;
    this.#become(other.#encoding);
    return drain;
  }

  /** Frees a set that belongs to no entry. */
  free(): void {
    assert(this.#entry === 0, 'the set of an entry goes with it');
    if (this.#encoding === DICT) freeMembers(this.#dict);
    else if (this.#encoding === INTS) this.#ints.free();
    else this.#packed.free();
  }
}

/** The member that a change of form is at, or that is given. */
const member: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
