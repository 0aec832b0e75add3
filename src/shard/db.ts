// One database (0..15) of one shard: the keyspace dict, lazy expiry, and the string values as commands use them.
// Everything here runs on the shard's thread to completion.
//
// A Ref of an entry is valid until the next call that may write; whoever keeps one across a write asks again.

import { unreachable } from '../base/assert.js';
import type { Args } from '../contract/args.js';
import type { Random } from '../base/prng.js';
import type { Arena, Ref } from '../memory/arena.js';
import type { Shard } from './shard.js';

/** The content of a string as a span. Integers are spelt out into a scratch buffer. Valid until the next use or write. */
export interface StringView {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** What OBJECT and DEBUG OBJECT tell of a key. */
export interface EntryFacts {
  readonly type: string;
  /** Redis's name: int, embstr (up to 44 bytes), raw, ... */
  readonly encoding: string;
  readonly idleMs: number;
  readonly frequency: number;
  /** Bytes of the serialized value as DEBUG OBJECT counts them. */
  readonly serializedBytes: number;
}

const TODO = 'storage';

export class Db {
  readonly index: number;
  readonly shard: Shard;
  readonly arena: Arena;

  constructor(index: number, shard: Shard, arena: Arena) {
    this.index = index;
    this.shard = shard;
    this.arena = arena;
  }

  /** Keys that stand in the dict, expired ones not yet removed included. */
  get size(): number {
    return unreachable(TODO);
  }

  /** Keys with a TTL. */
  get expiresSize(): number {
    return unreachable(TODO);
  }

  // ------------------------------------------------------------------ lookups: the key is argument `i`

  /** The live entry for a read: counts a keyspace hit or miss, touches the access clock. 0: no such key. */
  lookupRead(args: Args, i: number): Ref {
    return unreachable(TODO + String(args) + String(i));
  }

  /** The live entry for a write: no hit statistics. 0: no such key. */
  lookupWrite(args: Args, i: number): Ref {
    return unreachable(TODO + String(args) + String(i));
  }

  /** As lookupRead, but leaves clock and statistics alone (OBJECT, TTL family, DEBUG). */
  peek(args: Args, i: number): Ref {
    return unreachable(TODO + String(args) + String(i));
  }

  /** One of TYPE's numbers. */
  typeOf(entry: Ref): number {
    return unreachable(TODO + String(entry));
  }

  // ------------------------------------------------------------------ strings (the entry must be of type string)

  /** Points `view` at the content. */
  readString(entry: Ref, view: StringView): void {
    unreachable(TODO + String(entry) + String(view));
  }

  stringLength(entry: Ref): number {
    return unreachable(TODO + String(entry));
  }

  /** The value as a safe integer when it spells one (either encoding); NaN otherwise. */
  stringInteger(entry: Ref): number {
    return unreachable(TODO + String(entry));
  }

  /** The value as an int64 when it spells one; undefined otherwise. */
  stringBigint(entry: Ref): bigint | undefined {
    return unreachable(TODO + String(entry));
  }

  /**
   * Sets the key at argument `i` to `bytes[start, end)`, whatever stood there; `bytes` is not this arena's memory.
   * What spells an int64 is stored as an integer. `expireAtMs`: Unix ms, NO_EXPIRY (-1) for none, KEEP_TTL (-2).
   */
  setString(args: Args, i: number, bytes: Uint8Array, start: number, end: number, expireAtMs: number): void {
    unreachable(TODO + String([args, i, bytes, start, end, expireAtMs]));
  }

  /** Sets the key to an integer; an existing TTL stays. */
  setInteger(args: Args, i: number, value: number): void {
    unreachable(TODO + String([args, i, value]));
  }

  /** The same for any int64. */
  setBigint(args: Args, i: number, value: bigint): void {
    unreachable(TODO + String([args, i, value]));
  }

  /**
   * Makes the string at argument `i` exactly `length` bytes in raw encoding (created when absent, cut or zero-filled,
   * TTL kept) and points `view` at the whole of it for writing in place. Grows with head-room, so that appending is
   * amortised O(1).
   */
  resizeString(args: Args, i: number, length: number, view: StringView): void {
    unreachable(TODO + String([args, i, length, view]));
  }

  // ------------------------------------------------------------------ any type

  /** Removes the key; true when a live one was there. A large value is freed in slices later. */
  delete(args: Args, i: number): boolean {
    return unreachable(TODO + String([args, i]));
  }

  /** Unix ms, or -1 without a TTL. Exact up to 2^53; beyond, the nearest double (`expireAtBig` is exact). */
  expireAt(entry: Ref): number {
    return unreachable(TODO + String(entry));
  }

  expireAtBig(entry: Ref): bigint {
    return unreachable(TODO + String(entry));
  }

  /** Gives the live key at argument `i` a TTL (Unix ms, any int64). The caller deletes keys with a past time. */
  setExpireAt(args: Args, i: number, expireAtMs: number | bigint): void {
    unreachable(TODO + String([args, i, expireAtMs]));
  }

  /** Takes the TTL away; true when there was one. */
  persist(args: Args, i: number): boolean {
    return unreachable(TODO + String([args, i]));
  }

  /** Renames within this shard: moves value and TTL of argument `from` over argument `to` (db `target`). */
  rename(args: Args, from: number, to: number, target: Db): void {
    unreachable(TODO + String([args, from, to, target]));
  }

  /** Copies value and TTL of argument `from` to argument `to` of db `target`, which must not exist there. */
  copy(args: Args, from: number, to: number, target: Db): void {
    unreachable(TODO + String([args, from, to, target]));
  }

  // ------------------------------------------------------------------ the key of an entry, walking

  /** Points `view` at the entry's key. */
  readKey(entry: Ref, view: StringView): void {
    unreachable(TODO + String([entry, view]));
  }

  facts(entry: Ref): EntryFacts {
    return unreachable(TODO + String(entry));
  }

  /** Bytes that the key takes, its share of the index included (MEMORY USAGE); samples nested values. */
  memoryUsage(entry: Ref, samples: number): number {
    return unreachable(TODO + String([entry, samples]));
  }

  /**
   * One SCAN step: calls `visit` for live entries from `cursor` on until at least `count` were looked at, and returns the
   * next cursor (an integer in [0, 2^32); 0: done). Every key that is present from start to end is visited exactly once,
   * whatever growth happens in between.
   */
  scan(cursor: number, count: number, visit: (entry: Ref) => void): number {
    return unreachable(TODO + String([cursor, count, visit]));
  }

  /** A random live entry, 0 when there is none. */
  randomEntry(random: Random): Ref {
    return unreachable(TODO + String(random));
  }

  /** Removes everything. `async` detaches now and frees in slices. */
  flush(async: boolean): void {
    unreachable(TODO + String(async));
  }
}

export const NO_EXPIRY = -1;
export const KEEP_TTL = -2;
