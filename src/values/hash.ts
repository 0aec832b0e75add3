// The hash value: packed while it is small (OBJECT ENCODING calls it listpack, or listpackex once a field has had a
// deadline), a table of fields above (hashtable). A packed hash that fits its entry stands there.
//
//   inline     entry's inline value                 | field | value | ...     without back lengths (inline-list.ts)
//   packed     entry slot = Ref of a packed list     | field | value | field | value | ...
//   packedEx   the same                              | field | value | deadline | ...      0: no deadline
//   table      entry slot = Refs of dict and tree    (field-table.ts)
//
// The limits are `hash-max-listpack-entries` and `hash-max-listpack-value`. A hash that has outgrown them once stays a
// table, and one whose fields have had deadlines keeps room for them, as in Redis (t_hash.c).
//
// An inline hash becomes a packed one when it grows beyond INLINE_LIST_BYTES_MAX, and never inline again.
//
// HashValue is a flyweight with a cursor. Open it on an entry; it keeps the entry's slot and encoding right by itself. A
// change may move the entry of an inline hash, through `keeper`: `entry` tells where to.
//
// (1) A packedEx hash has its fields in the order of their deadlines, those without one last: the due ones are the first.
// (2) A field whose deadline has passed (`nowMs` is beyond it) is not found, not walked and not counted by `length`, though
//     it may still stand there, and is replaced by a new one of its name. `removeDue` takes such fields out.
// (3) `isMarked` tells what the entry says of deadlines, `hasDeadlines` what is the case. Whoever changes a hash brings the
//     two together (shard/hash-entry.ts), and deletes the key of one that has become empty.

import { assert } from '../base/assert.js';
import { copyBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import type { Random } from '../base/prng.js';
import type { Arena, Ref } from '../memory/arena.js';
import { ENCODING_SHIFT, PARTS_EXPIRE } from '../structures/entry-layout.js';
import { entryKind, setEntryKind, setSlotRefs, slotRef, slotRef2 } from '../structures/entry.js';
import type { EntryKeeper } from '../structures/entry-copy.js';
import { InlineList, INLINE_LIST_BYTES_MAX } from '../structures/inline-list.js';
import { ELEMENT_OVERHEAD_MAX } from '../structures/packed-layout.js';
import { NOWHERE, PackedList, StagedElement, type ElementSink } from '../structures/packed-list.js';
import { FieldTable, NO_DEADLINE } from './field-table.js';
import type { StructureLimits } from './limits.js';
import { HASH_ENCODING, TYPE } from './types.js';

export { INLINE_LIST_BYTES_MAX } from '../structures/inline-list.js';
export { NO_DEADLINE } from './field-table.js';

/** The head byte of hashes without deadlines, by encoding: type | encoding << 4. */
export const INLINE_HASH_KIND = TYPE.hash | (HASH_ENCODING.inline << ENCODING_SHIFT);
export const PACKED_HASH_KIND = TYPE.hash | (HASH_ENCODING.packed << ENCODING_SHIFT);
export const PACKED_EX_HASH_KIND = TYPE.hash | (HASH_ENCODING.packedEx << ENCODING_SHIFT);
export const TABLE_HASH_KIND = TYPE.hash | (HASH_ENCODING.table << ENCODING_SHIFT);

/** What `walk` gives. */
export const FIELDS = 1;
export const VALUES = 2;

/** Elements of a field in a packed hash. */
const PAIR = 2;
const TRIPLE = 3;
/** A deadline of 0 in a packed hash takes so many bytes. */
const NO_DEADLINE_BYTES = 2;
/** A copy of a value is kept up to this size. */
const KEPT_COPY_BYTES_MAX = 64 * 1024;

export class HashValue {
  readonly #packed = new PackedList();
  readonly #inline = new InlineList();
  /** The one of them that is open, unless it is a table. */
  #list: PackedList | InlineList = this.#packed;
  readonly #field = new StagedElement();
  readonly #value = new StagedElement();
  readonly #deadline = new StagedElement();
  readonly #view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
  #table: FieldTable | undefined = undefined;
  #arena!: Arena;
  #entry: Ref = 0;
  #limits!: StructureLimits;
  #nowMs = 0;
  #isTable = false;
  #isInline = false;
  #stride = PAIR;
  /** The cursor: the offset of a field in a packed hash, a member in a table. */
  #at = NOWHERE;
  #member: Ref = 0;
  #copy = new Uint8Array(256);

  // What a walk over a table gives, and to whom.
  #walkWhat = 0;
  #walkSink!: ElementSink;

  /** Points at the hash that `entry` holds, as it is at `nowMs`. */
  open(arena: Arena, entry: Ref, limits: StructureLimits, nowMs: number): void {
    this.#arena = arena;
    this.#entry = entry;
    this.#limits = limits;
    this.#nowMs = nowMs;
    const kind = entryKind(arena, entry) & ~PARTS_EXPIRE;
    this.#isTable = kind === TABLE_HASH_KIND;
    this.#isInline = kind === INLINE_HASH_KIND;
    if (this.#isInline) {
      this.#inline.open(arena, entry);
      this.#list = this.#inline;
      this.#stride = PAIR;
    } else if (this.#isTable) {
      this.#tableOf(arena).open(slotRef(arena, entry), slotRef2(arena, entry));
    } else {
      this.#packed.arena = arena;
      this.#packed.ref = slotRef(arena, entry);
      this.#list = this.#packed;
      this.#stride = kind === PACKED_EX_HASH_KIND ? TRIPLE : PAIR;
    }
  }

  /**
   * Gives a new entry an empty hash, which the caller fills at once: one of INLINE_HASH_KIND, whose inline value is the room
   * for it, or one of PACKED_HASH_KIND, with room for elements of `bytes`.
   */
  create(arena: Arena, entry: Ref, limits: StructureLimits, nowMs: number, bytes: number): void {
    this.open(arena, entry, limits, nowMs);
    if (this.#isInline) {
      this.#inline.create(arena, entry);
      return;
    }
    this.#packed.create(bytes);
    this.#save();
  }

  /** Who the entry belongs to: set before a hash is changed. */
  set keeper(keeper: EntryKeeper) {
    this.#inline.keeper = keeper;
  }

  /** The entry, where it is now. */
  get entry(): Ref {
    return this.#entry;
  }

  /** Bytes that `bytes[start, end)` takes as an element of an inline hash. */
  inlineBytes(bytes: Uint8Array, start: number, end: number): number {
    this.#field.stage(bytes, start, end);
    return this.#field.bareBytes;
  }

  /** The table's flyweight for this arena. */
  #tableOf(arena: Arena): FieldTable {
    if (this.#table?.arena !== arena) this.#table = new FieldTable(arena);
    return this.#table;
  }

  get #fields(): FieldTable {
    assert(this.#table !== undefined, 'a table was opened');
    return this.#table;
  }

  #save(): void {
    if (this.#isInline) this.#entry = this.#inline.entry;
    else if (this.#isTable) setSlotRefs(this.#arena, this.#entry, this.#fields.dict.root, this.#fields.tree.root);
    else setSlotRefs(this.#arena, this.#entry, this.#packed.ref, 0);
  }

  /** Changes the encoding, not the mark. What an inline hash held is gone. */
  #setKind(kind: number): void {
    if (!this.#isInline) {
      setEntryKind(this.#arena, this.#entry, kind | (entryKind(this.#arena, this.#entry) & PARTS_EXPIRE));
      return;
    }
    const { keeper, entry } = this.#inline;
    assert(keeper !== undefined, 'a hash that changes has a keeper');
    this.#entry = keeper.reshape(entry, kind, 0);
    this.#isInline = false;
  }

  // ------------------------------------------------------------------ counts

  get isTable(): boolean {
    return this.#isTable;
  }

  /** Fields that stand here, due ones included. */
  get total(): number {
    return this.#isTable ? this.#fields.count : this.#list.count / this.#stride;
  }

  /** No field is there. */
  get isEmpty(): boolean {
    return this.#isInline ? this.#inline.bytes === 0 : this.length === 0;
  }

  /** More fields than a packed hash may have. A field of an inline one takes a byte for each of its elements at least. */
  get #hasTooMany(): boolean {
    const most = this.#limits.hashMaxListpackEntries;
    return (!this.#isInline || this.#inline.bytes > PAIR * most) && this.total > most;
  }

  /** Fields that are there. */
  get length(): number {
    return this.isMarked ? this.total - this.due : this.total;
  }

  /** Fields whose deadline has passed. O(log n), or O(due) in a packed hash. */
  get due(): number {
    if (this.#isTable) return this.#fields.dueBefore(this.#nowMs);
    if (this.#stride === PAIR) return 0;
    let due = 0;
    for (
      let at = this.#packed.first();
      at !== NOWHERE && this.#deadlineAt(at) < this.#nowMs;
      at = this.#nextField(at)
    ) {
      due++;
    }
    return due;
  }

  /** The entry says that fields have deadlines. */
  get isMarked(): boolean {
    return (entryKind(this.#arena, this.#entry) & PARTS_EXPIRE) !== 0;
  }

  /** Fields have deadlines. */
  get hasDeadlines(): boolean {
    return this.firstDeadline !== NO_DEADLINE;
  }

  /** The earliest deadline, NO_DEADLINE when there is none. */
  get firstDeadline(): number {
    if (this.#isTable) return this.#fields.firstDeadline;
    const first = this.#stride === PAIR ? NOWHERE : this.#packed.first();
    return first === NOWHERE ? NO_DEADLINE : this.#deadlineAt(first);
  }

  /** True when every field is due: there is nothing left to see. Cheap. */
  get isGone(): boolean {
    if (this.#isTable) {
      const { tree, count } = this.#fields;
      return count > 0 && tree.count === count && this.due === count;
    }
    if (this.#stride === PAIR) return false;
    const last = this.#packed.last();
    return last !== NOWHERE && this.#readDeadline(last) < this.#nowMs;
  }

  // ------------------------------------------------------------------ packed fields

  #nextField(at: number): number {
    const list = this.#list;
    const value = list.next(at);
    return list.next(this.#stride === PAIR ? value : list.next(value));
  }

  /** The deadline of the packed field at `at`. */
  #deadlineAt(at: number): number {
    const packed = this.#packed;
    return this.#stride === PAIR ? NO_DEADLINE : this.#readDeadline(packed.next(packed.next(at)));
  }

  /** The deadline that stands at `at`. */
  #readDeadline(at: number): number {
    const ms = this.#packed.number(at);
    return ms === 0 ? NO_DEADLINE : ms;
  }

  #stageDeadline(deadline: number): void {
    this.#deadline.stageInteger(deadline === NO_DEADLINE ? 0 : deadline);
  }

  /** Adds the staged field and value, with `deadline` where the hash has room for one. */
  #addPacked(deadline: number): void {
    const packed = this.#packed;
    const behind = deadline === NO_DEADLINE ? NOWHERE : this.#firstAfter(deadline);
    if (behind === NOWHERE) {
      this.#list.append(this.#field);
      this.#list.append(this.#value);
      if (this.#stride === PAIR) return;
      this.#stageDeadline(deadline);
      packed.append(this.#deadline);
      return;
    }
    this.#stageDeadline(deadline);
    // From behind: each stands before the one that was written last.
    packed.insert(packed.insert(packed.insert(behind, this.#deadline), this.#value), this.#field);
  }

  /** The first packed field with a later deadline, or none. */
  #firstAfter(deadline: number): number {
    let at = this.#packed.first();
    while (at !== NOWHERE && this.#deadlineAt(at) <= deadline) at = this.#nextField(at);
    return at;
  }

  // ------------------------------------------------------------------ the encoding

  /** Makes an inline hash a packed one. The cursor is gone. */
  #toPacked(): void {
    const view = this.#view;
    const packed = this.#packed;
    this.#inline.readAll(view);
    packed.arena = this.#arena;
    packed.adoptBare(view.bytes, view.start, view.end);
    this.#list = packed;
    this.#setKind(PACKED_HASH_KIND);
    this.#save();
  }

  /** Makes room for deadlines. */
  #toTriples(): void {
    if (this.#isInline) this.#toPacked();
    const old = this.#packed;
    const packed = new PackedList(this.#arena);
    packed.create(old.bytes + (old.count / PAIR) * NO_DEADLINE_BYTES);
    const view = this.#view;
    this.#stageDeadline(NO_DEADLINE);
    for (let at = old.first(); at !== NOWHERE; at = old.next(at)) {
      old.read(at, view);
      this.#field.stage(view.bytes, view.start, view.end);
      packed.append(this.#field);
      at = old.next(at);
      old.read(at, view);
      this.#field.stage(view.bytes, view.start, view.end);
      packed.append(this.#field);
      packed.append(this.#deadline);
    }
    old.free();
    old.ref = packed.ref;
    this.#stride = TRIPLE;
    this.#setKind(PACKED_EX_HASH_KIND);
    this.#save();
  }

  /** Becomes a table, if it is none. The cursor is gone. */
  toTable(): void {
    if (this.#isTable) return;
    const list = this.#list;
    const table = this.#tableOf(this.#arena);
    table.open(0, 0);
    const field = this.#view;
    const value: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
    for (let at = list.first(); at !== NOWHERE; at = this.#nextField(at)) {
      list.read(at, field);
      list.read(list.next(at), value);
      const deadline = this.#deadlineAt(at);
      table.insert(field.bytes, field.start, field.end, value.bytes, value.start, value.end, deadline);
    }
    if (!this.#isInline) this.#packed.free();
    this.#isTable = true;
    this.#setKind(TABLE_HASH_KIND);
    this.#save();
  }

  /** Becomes a table when an element of `bytes` may not be packed. */
  reserve(bytes: number): void {
    if (bytes > this.#limits.hashMaxListpackValue) this.toTable();
  }

  // ------------------------------------------------------------------ one field

  /** Puts the cursor on the field; false: there is none. */
  find(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#locate(bytes, start, end) && (!this.isMarked || this.deadline >= this.#nowMs);
  }

  /** The same, due fields included. */
  #locate(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isTable) {
      this.#member = this.#fields.find(bytes, start, end);
      return this.#member !== 0;
    }
    this.#field.stage(bytes, start, end);
    this.#at = this.#list.find(this.#list.first(), this.#field, this.#stride);
    return this.#at !== NOWHERE;
  }

  /** Points `view` at the name of the cursor's field (as packed-list.ts has it: an integer's digits do not stay long). */
  readField(view: ByteView): void {
    if (this.#isTable) this.#fields.readField(this.#member, view);
    else this.#list.read(this.#at, view);
  }

  /** Points `view` at the value of the cursor's field. */
  readValue(view: ByteView): void {
    if (this.#isTable) this.#fields.readValue(this.#member, view);
    else this.#list.read(this.#list.next(this.#at), view);
  }

  /** The deadline of the cursor's field, NO_DEADLINE when it has none. */
  get deadline(): number {
    return this.#isTable ? this.#fields.deadlineOf(this.#member) : this.#deadlineAt(this.#at);
  }

  /**
   * Gives the field `bytes[start, end)` a value; the bytes are not of this hash. A deadline goes, unless `keepsDeadline`.
   * True: the field is new. The cursor is gone.
   */
  set(
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    keepsDeadline: boolean,
  ): boolean {
    if (!this.#isTable) this.#reserveField(end - start, valueEnd - valueStart);
    const stands = this.#locate(bytes, start, end);
    const deadline = stands ? this.deadline : NO_DEADLINE;
    const isNew = !stands || deadline < this.#nowMs;
    const loses = deadline !== NO_DEADLINE && (isNew || !keepsDeadline);
    if (this.#isTable) {
      const table = this.#fields;
      if (stands) {
        if (loses) this.#member = table.setDeadline(this.#member, NO_DEADLINE);
        table.replaceValue(this.#member, valueBytes, valueStart, valueEnd);
      } else {
        table.insert(bytes, start, end, valueBytes, valueStart, valueEnd, NO_DEADLINE);
      }
    } else {
      this.#value.stage(valueBytes, valueStart, valueEnd);
      if (this.#isInline) this.#reserveInline(stands);
      if (loses) this.#packed.remove(this.#at, TRIPLE);
      if (!stands || loses) this.#addPacked(NO_DEADLINE);
      else this.#list.replace(this.#list.next(this.#at), this.#value);
      if (this.#hasTooMany) this.toTable();
    }
    this.#save();
    return isNew;
  }

  /** Becomes a table when a packed one has no place for such a field. */
  #reserveField(fieldBytes: number, valueBytes: number): void {
    const longest = Math.max(fieldBytes, valueBytes);
    const room = fieldBytes + valueBytes + TRIPLE * ELEMENT_OVERHEAD_MAX;
    const fits = this.#isInline || this.#packed.hasRoom(room, TRIPLE);
    if (longest > this.#limits.hashMaxListpackValue || !fits) this.toTable();
  }

  /** Makes room in an inline hash for the staged value of the staged field, which the cursor is on if it `stands` there. */
  #reserveInline(stands: boolean): void {
    const inline = this.#inline;
    const bytes = this.#value.bareBytes;
    const more = bytes + (stands ? -inline.bytesOf(inline.next(this.#at)) : this.#field.bareBytes);
    if (inline.bytes + more <= INLINE_LIST_BYTES_MAX) {
      if (!stands) inline.reserve(more);
      return;
    }
    this.#toPacked();
    this.#at = this.#packed.find(this.#packed.first(), this.#field, PAIR);
  }

  /** Gives the field `bytes[start, end)`, which the cursor is on, a deadline, or none. The cursor is gone. */
  setDeadline(bytes: Uint8Array, start: number, end: number, deadline: number): void {
    if (this.#isTable) {
      this.#fields.setDeadline(this.#member, deadline);
    } else if (this.deadline !== deadline) {
      if (this.#stride === PAIR) {
        const room = this.total * NO_DEADLINE_BYTES + ELEMENT_OVERHEAD_MAX;
        if (!this.#isInline && !this.#packed.hasRoom(room, this.total)) {
          this.toTable();
          this.#locate(bytes, start, end);
          this.setDeadline(bytes, start, end, deadline);
          return;
        }
        this.#toTriples();
        this.#locate(bytes, start, end);
      }
      this.#stageCopyOfValue();
      this.#field.stage(bytes, start, end);
      this.#packed.remove(this.#at, TRIPLE);
      this.#addPacked(deadline);
    }
    this.#save();
  }

  /** Stages the value of the packed field at the cursor, from a copy. */
  #stageCopyOfValue(): void {
    const view = this.#view;
    this.readValue(view);
    const length = view.end - view.start;
    if (length > this.#copy.length) this.#copy = new Uint8Array(length);
    copyBytes(this.#copy, 0, view.bytes, view.start, view.end);
    this.#value.stage(this.#copy, 0, length);
    if (this.#copy.length > KEPT_COPY_BYTES_MAX) this.#copy = new Uint8Array(256);
  }

  /** Takes the cursor's field out. The hash may be empty then. */
  remove(): void {
    if (this.#isTable) this.#fields.removeFound(this.#member);
    else this.#list.remove(this.#at, this.#stride);
    this.#save();
  }

  /** Takes up to `most` due fields out and returns how many. The hash may be empty then. */
  removeDue(most: number): number {
    const n = Math.min(this.due, most);
    if (n === 0) return 0;
    if (this.#isTable) this.#fields.removeFirst(n);
    else this.#packed.remove(this.#packed.first(), n * this.#stride);
    this.#save();
    return n;
  }

  /** Gives room up that an inline hash was created with and does not need. */
  trim(): void {
    if (!this.#isInline) return;
    this.#inline.trim();
    this.#save();
  }

  // ------------------------------------------------------------------ walking; the hash must not change

  /** Gives fields, values or both by turns (FIELDS, VALUES) of every field to `sink`. */
  walk(what: number, sink: ElementSink): void {
    if (this.#isTable) {
      this.#walkWhat = what;
      this.#walkSink = sink;
      this.#fields.each(this.#walkMember);
      return;
    }
    const list = this.#list;
    if (this.#stride === PAIR && what === (FIELDS | VALUES)) {
      list.walkAll(sink);
      return;
    }
    const view = this.#view;
    for (let at = list.first(); at !== NOWHERE; at = this.#nextField(at)) {
      if (this.#stride === TRIPLE && this.#deadlineAt(at) < this.#nowMs) continue;
      if ((what & FIELDS) !== 0) {
        list.read(at, view);
        sink.bulk(view.bytes, view.start, view.end);
      }
      if ((what & VALUES) !== 0) {
        list.read(list.next(at), view);
        sink.bulk(view.bytes, view.start, view.end);
      }
    }
  }

  readonly #walkMember = (member: Ref): void => {
    const table = this.#fields;
    if (table.deadlineOf(member) < this.#nowMs) return;
    const view = this.#view;
    if ((this.#walkWhat & FIELDS) !== 0) {
      table.readField(member, view);
      this.#walkSink.bulk(view.bytes, view.start, view.end);
    }
    if ((this.#walkWhat & VALUES) !== 0) {
      table.readValue(member, view);
      this.#walkSink.bulk(view.bytes, view.start, view.end);
    }
  };

  /** Calls `visit` with the cursor on every field in turn. */
  each(visit: () => void): void {
    this.scan(0, Infinity, visit);
  }

  /**
   * One step of HSCAN: calls `visit` with the cursor on each of about `count` fields from `cursor` on and returns the next
   * one, 0 at the end. A packed hash is walked in one step. (What is promised: dict-walk.ts.)
   */
  scan(cursor: number, count: number, visit: () => void): number {
    if (this.#isTable) {
      const table = this.#fields;
      return table.scan(cursor, count, (member) => {
        if (table.deadlineOf(member) < this.#nowMs) return;
        this.#member = member;
        visit();
      });
    }
    for (let at = this.#list.first(); at !== NOWHERE; at = this.#nextField(at)) {
      if (this.#deadlineAt(at) < this.#nowMs) continue;
      this.#at = at;
      visit();
    }
    return 0;
  }

  /** Puts the cursor on a field at random; no field may be due. */
  seekRandom(random: Random): void {
    if (this.#isTable) this.#member = this.#fields.random(random);
    else this.seek(random.below(this.total));
  }

  /** Puts the cursor on field number `index` of a packed hash. */
  seek(index: number): void {
    this.#at = this.#list.at(index * this.#stride);
  }

  /** The block of the cursor's field in a table, to come back to by `seekMember` while the hash does not change. */
  get member(): Ref {
    return this.#member;
  }

  seekMember(member: Ref): void {
    this.#member = member;
  }
}
