// The arguments of one request as spans over the bytes they arrived in: the input buffer of a connection or the memory
// of a ring. Valid until the command returns; nothing here is copied, and nothing allocates unless its name says
// string, bigint or copy. Index 0 is the command's name.

import { copyBytes, equalsIgnoreCase, latin1Of, NO_BYTES } from '../base/bytes.js';
import { hashTagRange, keyHash, type ByteRange } from '../base/hash.js';
import { parseInt64, parseSafeInteger } from '../base/integers.js';

const INITIAL_SPANS = 64;
/** Arrays of so many spans live on the V8 heap and cost next to nothing to make; longer ones are made outside of it. */
const SPANS_ON_HEAP = 16;
/** Spans kept from one request to the next: a request of a million arguments gives its memory back. */
const KEPT_SPANS_MAX = 64 * 1024;
/** What of an argument becomes a string at most: any name or number, and far from what a string can hold. */
export const TEXT_BYTES_MAX = 1024 * 1024;

export class Args {
  /** The buffer that all spans point into. */
  bytes: Uint8Array = NO_BYTES;
  /** Arguments, with the name. */
  count = 0;
  /** Span i is `bytes[starts[i], ends[i])`. */
  starts: Int32Array;
  ends: Int32Array;

  /** Seed of the key hash: one per server start, the same on every thread. */
  readonly hashSeed: number;
  /** The router's work: argument `hashedIndex` has hash `hashedValue` (0: none yet). */
  hashedIndex = 0;
  hashedValue = 0;

  readonly #tag: ByteRange = { start: 0, end: 0 };

  /** @param spans how many arguments are expected: for one that is made for a single request */
  constructor(hashSeed: number, spans = INITIAL_SPANS) {
    this.hashSeed = hashSeed;
    const room = Math.max(spans, SPANS_ON_HEAP);
    this.starts = new Int32Array(room);
    this.ends = new Int32Array(room);
  }

  /** Forgets the spans and points at another buffer. */
  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.count = 0;
    this.hashedIndex = 0;
    if (this.starts.length > KEPT_SPANS_MAX) this.#shrink();
  }

  /** Appends a span. */
  push(start: number, end: number): void {
    const i = this.count;
    if (i === this.starts.length) this.#grow();
    this.starts[i] = start;
    this.ends[i] = end;
    this.count = i + 1;
  }

  /** Bytes of argument `i`. */
  length(i: number): number {
    return this.ends[i] - this.starts[i];
  }

  /** The key hash of argument `i`. */
  hash(i: number): number {
    if (i === this.hashedIndex) return this.hashedValue;
    return keyHash(this.bytes, this.starts[i], this.ends[i], this.hashSeed);
  }

  /**
   * The hash that decides about the shard of the key at argument `i` (base/hash.ts, shardOf): that of its {hash tag}, or
   * of the whole key, which is then remembered for `hash(i)`.
   */
  shardHash(i: number): number {
    const tag = this.#tag;
    const tagged = hashTagRange(this.bytes, this.starts[i], this.ends[i], tag);
    if (tagged) return keyHash(this.bytes, tag.start, tag.end, this.hashSeed);
    const value = this.hash(i);
    this.hashedIndex = i;
    this.hashedValue = value;
    return value;
  }

  /** True when argument `i` spells `upper` (ASCII capitals) in any mixture of cases. */
  is(i: number, upper: Uint8Array): boolean {
    return equalsIgnoreCase(this.bytes, this.starts[i], this.ends[i], upper);
  }

  /** Argument `i` as a safe integer; NaN when it is none (it may still be an int64: ask `bigint`). */
  integer(i: number): number {
    return parseSafeInteger(this.bytes, this.starts[i], this.ends[i]);
  }

  /** Argument `i` as an int64, exact over the whole range; undefined when it spells none. Allocates. */
  bigint(i: number): bigint | undefined {
    return parseInt64(this.bytes, this.starts[i], this.ends[i]);
  }

  /**
   * Argument `i`, or its first TEXT_BYTES_MAX bytes, as a string of one character per byte: names, options, messages.
   * Allocates: not for the hot path.
   */
  latin1(i: number): string {
    const start = this.starts[i];
    return latin1Of(this.bytes, start, Math.min(this.ends[i], start + TEXT_BYTES_MAX));
  }

  /** A copy of argument `i`'s bytes. Allocates: not for the hot path. */
  copy(i: number): Uint8Array {
    return this.bytes.slice(this.starts[i], this.ends[i]);
  }

  #shrink(): void {
    this.starts = new Int32Array(INITIAL_SPANS);
    this.ends = new Int32Array(INITIAL_SPANS);
  }

  #grow(): void {
    const starts = new Int32Array(this.starts.length * 2);
    const ends = new Int32Array(starts.length);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}

/** A copy whose bytes are its own: the arguments one behind the other, without what stood around them. */
export function copyArgs(args: Args): Args {
  const copy = new Args(args.hashSeed, args.count);
  let length = 0;
  for (let i = 0; i < args.count; i++) length += args.length(i);
  const bytes = new Uint8Array(length);
  copy.reset(bytes);
  let at = 0;
  for (let i = 0; i < args.count; i++) {
    copyBytes(bytes, at, args.bytes, args.starts[i], args.ends[i]);
    copy.push(at, at + args.length(i));
    at += args.length(i);
  }
  return copy;
}

/** Puts `bytes[start, end)` in place of argument `i` of a copy, whose bytes become others. */
export function replaceArgument(args: Args, i: number, bytes: Uint8Array, start: number, end: number): void {
  const at = args.bytes.length;
  const grown = new Uint8Array(at + end - start);
  grown.set(args.bytes);
  copyBytes(grown, at, bytes, start, end);
  args.bytes = grown;
  args.starts[i] = at;
  args.ends[i] = grown.length;
}
