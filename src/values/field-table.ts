// The large form of a hash: a dict of members (structures/member.ts), one for each field.
//
//   dict    field -> member: field, value and, in its slot, the deadline when the field has one
//   tree    members with a deadline, by deadline (structures/order-tree.ts); 0 while no field has one
//
// A deadline is Unix ms as a double: what the tree calls a score. So the fields that are due are the first of the tree, and
// their number is a rank.
//
// (1) A member has a slot exactly while it stands in the tree.
// (2) Due members stay until somebody takes them out: who reads looks at the deadline.

import { assert } from '../base/assert.js';
import { copyBytes, type ByteView } from '../base/bytes.js';
import { keyHash } from '../base/hash.js';
import type { Random } from '../base/prng.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import { MEMBERS } from '../structures/dict-element.js';
import { DictCursor } from '../structures/dict-cursor.js';
import { randomDictEntry, scanDict } from '../structures/dict-walk.js';
import { Dict } from '../structures/dict.js';
import {
  initMember,
  memberBytes,
  memberHash,
  memberHasSlot,
  memberKeyLength,
  memberKeyStart,
  memberScore,
  memberValueLength,
  memberValueStart,
  setMemberScore,
  setMemberValueLength,
} from '../structures/member.js';
import { OrderTree } from '../structures/order-tree.js';

/** The deadline of a field that has none: later than any. */
export const NO_DEADLINE = Infinity;

/** A value gives its block up for a smaller one when that takes less than this share of it. */
const SLACK_SHARE_MIN = 0.5;

export class FieldTable {
  readonly arena: Arena;
  readonly dict: Dict;
  readonly tree: OrderTree;
  readonly #cursor = new DictCursor();

  constructor(arena: Arena) {
    this.arena = arena;
    this.dict = new Dict(arena, arena.hashSeed, 0, MEMBERS);
    this.tree = new OrderTree(arena);
  }

  /** Points at another table. */
  open(dictRoot: Ref, treeRoot: Ref): void {
    this.dict.root = dictRoot;
    this.tree.root = treeRoot;
  }

  /** Fields, due ones included. */
  get count(): number {
    return this.dict.count;
  }

  /** The field's member, due or not; 0: none. */
  find(bytes: Uint8Array, start: number, end: number): Ref {
    return this.dict.find(keyHash(bytes, start, end, this.arena.hashSeed), bytes, start, end);
  }

  deadlineOf(member: Ref): number {
    return memberHasSlot(this.arena, member) ? memberScore(this.arena, member) : NO_DEADLINE;
  }

  readField(member: Ref, view: ByteView): void {
    view.bytes = this.arena.u8[member >>> REF_SEGMENT_SHIFT];
    view.start = memberKeyStart(this.arena, member);
    view.end = view.start + memberKeyLength(this.arena, member);
  }

  readValue(member: Ref, view: ByteView): void {
    view.bytes = this.arena.u8[member >>> REF_SEGMENT_SHIFT];
    view.start = memberValueStart(this.arena, member);
    view.end = view.start + memberValueLength(this.arena, member);
  }

  /** Adds a field that is not there. The bytes are not of this table. */
  insert(
    bytes: Uint8Array,
    start: number,
    end: number,
    valueBytes: Uint8Array,
    valueStart: number,
    valueEnd: number,
    deadline: number,
  ): Ref {
    const { arena } = this;
    const hasSlot = deadline !== NO_DEADLINE;
    const length = valueEnd - valueStart;
    const member = arena.alloc(memberBytes(end - start, false, hasSlot, length));
    initMember(arena, member, false, hasSlot, bytes, start, end, length);
    this.#writeValue(member, valueBytes, valueStart, valueEnd);
    this.dict.insert(keyHash(bytes, start, end, arena.hashSeed), member, false);
    if (hasSlot) {
      setMemberScore(arena, member, deadline);
      this.tree.insert(member);
    }
    return member;
  }

  /** Gives the member that `find` has just found another value; its deadline stays. Returns the field's member. */
  replaceValue(member: Ref, bytes: Uint8Array, start: number, end: number): Ref {
    const { arena } = this;
    const hasSlot = memberHasSlot(arena, member);
    const wanted = Arena.roundedSize(memberBytes(memberKeyLength(arena, member), false, hasSlot, end - start));
    const keeps = wanted >= arena.sizeOf(member) * SLACK_SHARE_MIN && setMemberValueLength(arena, member, end - start);
    const target = keeps ? member : this.#renew(member, hasSlot, end - start);
    this.#writeValue(target, bytes, start, end);
    if (target !== member) this.#replace(member, target);
    return target;
  }

  /** Gives the member that `find` has just found a deadline, or none. Returns the field's member. */
  setDeadline(member: Ref, deadline: number): Ref {
    const { arena } = this;
    const hasSlot = deadline !== NO_DEADLINE;
    if (memberHasSlot(arena, member) === hasSlot) {
      if (hasSlot) this.tree.rescore(member, deadline);
      return member;
    }
    if (!hasSlot) this.tree.remove(member);
    const target = this.#renew(member, hasSlot, memberValueLength(arena, member));
    const from = memberValueStart(arena, member);
    const source = arena.u8[member >>> REF_SEGMENT_SHIFT];
    this.#writeValue(target, source, from, from + memberValueLength(arena, member));
    this.dict.replaceFound(target, false);
    arena.free(member);
    if (hasSlot) {
      setMemberScore(arena, target, deadline);
      this.tree.insert(target);
    }
    return target;
  }

  /** A new member with the field of `member`, its deadline if both have one, and an unwritten value. */
  #renew(member: Ref, hasSlot: boolean, valueLength: number): Ref {
    const { arena } = this;
    const keyLength = memberKeyLength(arena, member);
    const target = arena.alloc(memberBytes(keyLength, false, hasSlot, valueLength));
    const start = memberKeyStart(arena, member);
    const source = arena.u8[member >>> REF_SEGMENT_SHIFT];
    initMember(arena, target, false, hasSlot, source, start, start + keyLength, valueLength);
    if (hasSlot && memberHasSlot(arena, member)) setMemberScore(arena, target, memberScore(arena, member));
    return target;
  }

  #writeValue(member: Ref, bytes: Uint8Array, start: number, end: number): void {
    copyBytes(this.arena.u8[member >>> REF_SEGMENT_SHIFT], memberValueStart(this.arena, member), bytes, start, end);
  }

  /** Puts `target` in the place of the found member, which is the same field with the same deadline. */
  #replace(member: Ref, target: Ref): void {
    this.dict.replaceFound(target, false);
    if (memberHasSlot(this.arena, target)) this.tree.replaceRef(member, target);
    this.arena.free(member);
  }

  /** Takes out the member that `find` has just found. */
  removeFound(member: Ref): void {
    if (memberHasSlot(this.arena, member)) this.tree.remove(member);
    this.dict.removeFound();
    this.arena.free(member);
  }

  // ------------------------------------------------------------------ deadlines

  /** Fields whose deadline is before `nowMs`. */
  dueBefore(nowMs: number): number {
    if (this.tree.root === 0) return 0;
    this.tree.seekScore(nowMs, false);
    return this.tree.rank;
  }

  /** The earliest deadline; NO_DEADLINE when there is none. */
  get firstDeadline(): number {
    if (this.tree.root === 0) return NO_DEADLINE;
    this.tree.seekRank(0);
    return memberScore(this.arena, this.tree.ref);
  }

  /** Takes the `n` members with the earliest deadlines out. */
  removeFirst(n: number): void {
    this.tree.removeRange(0, n, this.#dropMember);
  }

  readonly #dropMember = (member: Ref): void => {
    const found = this.dict.findRef(memberHash(this.arena, member, this.arena.hashSeed), member);
    assert(found, 'a member with a deadline stands in the dict');
    this.dict.removeFound();
    this.arena.free(member);
  };

  // ------------------------------------------------------------------ walking

  /** One step of HSCAN (dict-walk.ts). */
  scan(cursor: number, count: number, visit: (member: Ref) => void): number {
    return scanDict(this.dict, cursor, count, visit);
  }

  /** Calls `visit`, which must not change the table, for every member. */
  each(visit: (member: Ref) => void): void {
    const cursor = this.#cursor;
    cursor.start(this.dict);
    for (let member = cursor.next(); member !== 0; member = cursor.next()) visit(member);
  }

  random(random: Random): Ref {
    return randomDictEntry(this.dict, random);
  }
}
