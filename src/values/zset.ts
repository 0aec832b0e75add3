// The sorted set value: a packed list of members and scores (OBJECT ENCODING calls it listpack) while it is small, a dict of
// members with an order tree over the same blocks (skiplist, by Redis's name) above.
//
//   packed   entry slot = Ref of the packed list | unused            zset-packed.ts
//   large    entry slot = root of the dict | root of the tree        dict.ts, order-tree.ts; a member's block has its score
//
// A set becomes large before a member is added that is longer than `zset-max-listpack-value` or one too many for
// `zset-max-listpack-entries`, and stays so; a set that a command makes as a whole (ZUNIONSTORE) may be packed again, `pack`.
//
// ZSetValue is a flyweight. Open it on an entry, and it keeps the entry's slot and kind right by itself; or `begin` one that
// no entry has yet and `attach` it later. Never empty under a key: who takes the last member deletes the key.
//
//   zset.open(arena, entry)
//   if (zset.find(hash, bytes, start, end)) zset.score, zset.rank       the member at hand
//   for (zset.seek(rank); ...; zset.next()) zset.read(view), zset.score the same by position; also seekScore, seekKey
//
// (1) The block of a large set's member belongs to the dict; it leaves the tree before it is freed.
// (2) Any change, and opening another set, ends what `find` and `seek` found.

import { assert } from '../base/assert.js';
import type { ByteView } from '../base/bytes.js';
import { REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import { DictCursor } from '../structures/dict-cursor.js';
import { MEMBERS } from '../structures/dict-element.js';
import { DictDrain, scanDict } from '../structures/dict-walk.js';
import { Dict } from '../structures/dict.js';
import { entryEncoding, setEntryKind, slotRef, slotWord } from '../structures/entry.js';
import {
  initMember,
  memberBytes,
  memberHash,
  memberKeyLength,
  memberKeyStart,
  memberScore,
  setMemberScore,
} from '../structures/member.js';
import { OrderTreeDrain } from '../structures/order-tree-walk.js';
import { OrderTree } from '../structures/order-tree.js';
import { NOWHERE, PACKED_COUNT_MAX, PackedList } from '../structures/packed-list.js';
import type { Random } from '../base/prng.js';
import type { StructureLimits } from './limits.js';
import { TYPE, ZSET_ENCODING } from './types.js';
import {
  findPacked,
  insertPacked,
  packedPairBytes,
  packedRank,
  packedScore,
  packedScoresBelow,
  rescorePacked,
} from './zset-packed.js';

/** The head byte of sorted sets, by encoding: type | encoding << 4. */
export const PACKED_ZSET_KIND = TYPE.zset | (ZSET_ENCODING.packed << 4);
export const LARGE_ZSET_KIND = TYPE.zset | (ZSET_ENCODING.large << 4);

/** A packed list holds a member and a score for each. */
const PACKED_MEMBERS_MAX = PACKED_COUNT_MAX >>> 1;

/** What the constructor points at until a set is opened. */
const NO_ARENA = new Arena();

const view: ByteView = { bytes: new Uint8Array(0), start: 0, end: 0 };

export class ZSetValue {
  #arena: Arena = NO_ARENA;
  /** 0: no entry has the set yet. */
  #entry: Ref = 0;
  #isLarge = false;
  readonly #packed = new PackedList(NO_ARENA);
  #dict = new Dict(NO_ARENA, 0, 0, MEMBERS);
  #tree = new OrderTree(NO_ARENA);
  /** The member at hand in a packed list, NOWHERE for none. */
  #at = NOWHERE;
  /** The same in a large set, 0 for none. */
  #ref: Ref = 0;
  /** The tree's position is at that member. */
  #isPlaced = false;

  /** Points at the set that `entry` holds. */
  open(arena: Arena, entry: Ref): void {
    this.#use(arena, entry);
    this.#isLarge = entryEncoding(arena, entry) === ZSET_ENCODING.large;
    if (this.#isLarge) {
      this.#dict.root = slotRef(arena, entry);
      this.#tree.root = arena.i32[entry >>> REF_SEGMENT_SHIFT][slotWord(arena, entry) + 1];
    } else {
      this.#packed.ref = slotRef(arena, entry);
    }
  }

  /** Makes an empty set that no entry has yet: to be filled, and attached or discarded. */
  begin(arena: Arena, isLarge: boolean): void {
    this.#use(arena, 0);
    this.#isLarge = isLarge;
    this.#dict.root = 0;
    this.#tree.root = 0;
    if (!isLarge) this.#packed.create(0);
  }

  /** Gives a set that was begun to the new `entry`, of either kind. */
  attach(entry: Ref): void {
    this.#entry = entry;
    setEntryKind(this.#arena, entry, this.#isLarge ? LARGE_ZSET_KIND : PACKED_ZSET_KIND);
    this.#save();
  }

  /** Frees a set that was begun. What is returned is too much to be freed at once: for the shard's lazy freeing. */
  discard(): ZSetDrain | undefined {
    if (this.#isLarge) return this.#dict.root === 0 ? undefined : new ZSetDrain(this.#dict, this.#tree);
    this.#packed.free();
    return undefined;
  }

  #use(arena: Arena, entry: Ref): void {
    if (arena !== this.#arena) {
      this.#arena = arena;
      this.#packed.arena = arena;
      this.#dict = new Dict(arena, arena.hashSeed, 0, MEMBERS);
      this.#tree = new OrderTree(arena);
    }
    this.#entry = entry;
    this.#at = NOWHERE;
    this.#ref = 0;
    this.#isPlaced = false;
  }

  #save(): void {
    if (this.#entry === 0) return;
    const words = this.#arena.i32[this.#entry >>> REF_SEGMENT_SHIFT];
    const at = slotWord(this.#arena, this.#entry);
    words[at] = this.#isLarge ? this.#dict.root : this.#packed.ref;
    words[at + 1] = this.#isLarge ? this.#tree.root : 0;
  }

  get length(): number {
    return this.#isLarge ? this.#dict.count : this.#packed.count >>> 1;
  }

  get isLarge(): boolean {
    return this.#isLarge;
  }

  // ------------------------------------------------------------------ the member at hand

  /** Looks for the member `bytes[start, end)` with that hash (`args.hash`, or `hashOf`); true: it is at hand. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#isLarge) {
      this.#ref = this.#dict.find(hash, bytes, start, end);
      this.#isPlaced = false;
      return this.#ref !== 0;
    }
    this.#at = findPacked(this.#packed, bytes, start, end);
    return this.#at !== NOWHERE;
  }

  get score(): number {
    return this.#isLarge ? memberScore(this.#arena, this.#ref) : packedScore(this.#packed, this.#at);
  }

  /** How many members come before the one at hand. */
  get rank(): number {
    if (!this.#isLarge) return packedRank(this.#packed, this.#at);
    if (!this.#isPlaced) this.#tree.seekMember(this.#ref);
    this.#isPlaced = true;
    return this.#tree.rank;
  }

  /** Points `into` at the member at hand: digits until eight more were read, other bytes until a change. */
  read(into: ByteView): void {
    if (!this.#isLarge) {
      this.#packed.read(this.#at, into);
      return;
    }
    const ref = this.#ref;
    into.bytes = this.#arena.u8[ref >>> REF_SEGMENT_SHIFT];
    into.start = memberKeyStart(this.#arena, ref);
    into.end = into.start + memberKeyLength(this.#arena, ref);
  }

  // ------------------------------------------------------------------ positions

  /** Puts the member at hand that `rank` others come before; false: there are no more than `rank`. */
  seek(rank: number): boolean {
    if (rank >= this.length) return false;
    if (this.#isLarge) {
      this.#tree.seekRank(rank);
      return this.#placed();
    }
    this.#at = this.#packed.at(rank << 1);
    return true;
  }

  /** How many scores are below `score`, with `orEqual` up to it. */
  scoresBelow(score: number, orEqual: boolean): number {
    if (!this.#isLarge) return packedScoresBelow(this.#packed, score, orEqual);
    this.#isPlaced = false;
    this.#tree.seekScore(score, orEqual);
    return this.#tree.rank;
  }

  /**
   * Puts the first member at hand whose score is not below `score`, with `after` whose score is above it; false: there is
   * none.
   */
  seekScore(score: number, after: boolean): boolean {
    if (!this.#isLarge) return this.seek(packedScoresBelow(this.#packed, score, after));
    this.#tree.seekScore(score, after);
    return this.#placed();
  }

  /**
   * How many members of a large set, whose scores are all the same, come before these bytes, with `orEqual` up to them.
   */
  keysBelow(bytes: Uint8Array, start: number, end: number, orEqual: boolean): number {
    assert(this.#isLarge, 'members of a packed set are compared one by one');
    this.#isPlaced = false;
    this.#tree.seekKey(bytes, start, end, orEqual);
    return this.#tree.rank;
  }

  /** Moves on to the next member; false: that was the last. */
  next(): boolean {
    if (this.#isLarge) return this.#tree.next() && this.#placed();
    this.#at = this.#packed.next(this.#packed.next(this.#at));
    return this.#at !== NOWHERE;
  }

  previous(): boolean {
    if (this.#isLarge) return this.#tree.previous() && this.#placed();
    const score = this.#packed.previous(this.#at);
    this.#at = score === NOWHERE ? NOWHERE : this.#packed.previous(score);
    return this.#at !== NOWHERE;
  }

  #placed(): boolean {
    this.#ref = this.#tree.ref;
    this.#isPlaced = true;
    return this.#ref !== 0;
  }

  // ------------------------------------------------------------------ walking without order

  /**
   * One step of ZSCAN over a large set: gives `visit` members, for `hold`, until about `count` were visited; returns the next
   * cursor, 0 at the end.
   */
  scan(cursor: number, count: number, visit: (member: Ref) => void): number {
    assert(this.#isLarge, 'a packed set is scanned in order');
    return scanDict(this.#dict, cursor, count, visit);
  }

  /** What tells the member at hand from all others, for `hold`, until the set changes. */
  get place(): Ref {
    return this.#isLarge ? this.#ref : this.#at;
  }

  /** Puts the member with that `place`, or one that `scan` gave, at hand; nothing has changed since. */
  hold(place: Ref): void {
    if (!this.#isLarge) this.#at = place;
    this.#ref = place;
    this.#isPlaced = false;
  }

  /** Puts a random member at hand. */
  seekRandom(random: Random): void {
    this.seek(random.below(this.length));
  }

  // ------------------------------------------------------------------ the encoding

  /** Becomes large if another member of `bytes` bytes would be too much for a packed list. */
  reserve(bytes: number, limits: StructureLimits): void {
    if (this.#isLarge) return;
    const { zsetMaxListpackEntries, zsetMaxListpackValue } = limits;
    const count = this.length + 1;
    if (count <= zsetMaxListpackEntries && bytes <= zsetMaxListpackValue && count <= PACKED_MEMBERS_MAX) return;
    this.#toLarge();
  }

  #toLarge(): void {
    const packed = this.#packed;
    const old = packed.ref;
    this.#dict.root = 0;
    this.#tree.root = 0;
    for (let at = packed.first(); at !== NOWHERE; at = packed.next(packed.next(at))) {
      packed.read(at, view);
      const ref = this.#newMember(view.bytes, view.start, view.end, packedScore(packed, at));
      this.#tree.append(ref);
      this.#dict.insert(memberHash(this.#arena, ref, this.#dict.seed), ref, false);
    }
    this.#arena.free(old);
    this.#isLarge = true;
    if (this.#entry !== 0) setEntryKind(this.#arena, this.#entry, LARGE_ZSET_KIND);
    this.#save();
  }

  /** A set that was made as a whole becomes packed if it fits the limits. */
  pack(limits: StructureLimits): void {
    const { length } = this;
    if (!this.#isLarge || length === 0 || length > Math.min(limits.zsetMaxListpackEntries, PACKED_MEMBERS_MAX)) return;
    const tree = this.#tree;
    tree.seekRank(0);
    do {
      if (memberKeyLength(this.#arena, tree.ref) > limits.zsetMaxListpackValue) return;
    } while (tree.next());
    const packed = this.#packed;
    packed.create(0);
    tree.seekRank(0);
    do {
      this.#ref = tree.ref;
      this.read(view);
      insertPacked(packed, this.score, view.bytes, view.start, view.end);
    } while (tree.next());
    new ZSetDrain(this.#dict, tree).step(Infinity);
    this.#ref = 0;
    this.#isLarge = false;
    if (this.#entry !== 0) setEntryKind(this.#arena, this.#entry, PACKED_ZSET_KIND);
    this.#save();
  }

  // ------------------------------------------------------------------ changes; bytes given are not of this set

  /** Adds a member that the set does not have; `reserve` has been asked. */
  add(hash: number, bytes: Uint8Array, start: number, end: number, score: number): void {
    assert(!Number.isNaN(score), 'a score is a number');
    if (this.#isLarge) {
      const ref = this.#newMember(bytes, start, end, score);
      this.#tree.insert(ref);
      this.#dict.insert(hash, ref, false);
    } else if (this.#packed.hasRoom(packedPairBytes(score, bytes, start, end), 2)) {
      insertPacked(this.#packed, score, bytes, start, end);
    } else {
      this.#toLarge();
      this.add(hash, bytes, start, end, score);
      return;
    }
    this.#save();
  }

  /** Gives the member at hand, which is `bytes[start, end)`, another score. */
  rescore(score: number, bytes: Uint8Array, start: number, end: number): void {
    assert(!Number.isNaN(score), 'a score is a number');
    if (this.#isLarge) this.#tree.rescore(this.#ref, score);
    else rescorePacked(this.#packed, this.#at, score, bytes, start, end);
    this.#save();
  }

  /** Takes out the member that `find` has just found. */
  removeFound(): void {
    if (this.#isLarge) {
      this.#tree.remove(this.#ref);
      this.#dict.removeFound();
      this.#arena.free(this.#ref);
      this.#ref = 0;
    } else {
      this.#packed.remove(this.#at, 2);
    }
    this.#save();
  }

  /** Takes out `count` members from `rank` on, not all. */
  removeRange(rank: number, count: number): void {
    if (this.#isLarge) this.#tree.removeRange(rank, count, this.#dropMember);
    else this.#packed.remove(this.#packed.at(rank << 1), count << 1);
    this.#save();
  }

  // ------------------------------------------------------------------ a large set that is begun, made without order first

  /** Adds a member that the set does not have, to be put into its place by `arrange`. */
  addUnordered(hash: number, bytes: Uint8Array, start: number, end: number, score: number): void {
    assert(this.#isLarge && this.#tree.root === 0, 'a set without order is large and has no tree yet');
    this.#dict.insert(hash, this.#newMember(bytes, start, end, score), false);
  }

  /** Gives the member that `find` has found another score. */
  rescoreUnordered(score: number): void {
    assert(this.#tree.root === 0, 'a set without order has no tree yet');
    setMemberScore(this.#arena, this.#ref, score);
  }

  /** Brings all members into order. */
  arrange(): void {
    assert(this.#tree.root === 0, 'a set is brought into order once');
    const cursor = new DictCursor();
    cursor.start(this.#dict);
    for (let ref = cursor.next(); ref !== 0; ref = cursor.next()) {
      assert(!Number.isNaN(memberScore(this.#arena, ref)), 'a score is a number');
      this.#tree.insert(ref);
    }
  }

  /** Frees a member that has left the tree. */
  readonly #dropMember = (ref: Ref): void => {
    const found = this.#dict.findRef(memberHash(this.#arena, ref, this.#dict.seed), ref);
    assert(found, 'a member of the tree stands in the dict');
    this.#dict.removeFound();
    this.#arena.free(ref);
  };

  #newMember(bytes: Uint8Array, start: number, end: number, score: number): Ref {
    const arena = this.#arena;
    const ref = arena.alloc(memberBytes(end - start, false, true, 0));
    initMember(arena, ref, false, true, bytes, start, end, 0);
    setMemberScore(arena, ref, score);
    return ref;
  }
}

/** A large set that belongs to no key any more, freed slice by slice: the tree, then the dict with the members. */
export class ZSetDrain {
  readonly #arena: Arena;
  readonly #tree: OrderTreeDrain;
  readonly #dict: DictDrain;

  /** Takes over both roots. */
  constructor(dict: Dict, tree: OrderTree) {
    this.#arena = dict.arena;
    this.#tree = new OrderTreeDrain(tree);
    this.#dict = new DictDrain(dict);
  }

  /** Frees about `blocksMax` blocks; true: something is left. */
  step(blocksMax: number): boolean {
    if (this.#tree.step(blocksMax)) return true;
    return this.#dict.step(blocksMax, this.#free);
  }

  readonly #free = (ref: Ref): void => {
    this.#arena.free(ref);
  };
}
