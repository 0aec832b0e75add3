// The key hash: seeded XXH32 (xxHash specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md), and
// what is made of it: the shard that owns a key.
//
//   key ──> hash tag, if any ──> XXH32 ──> shardOf: multiply, high bits ──> shard
//   key ─────────────────────> XXH32 ──> the dict: top bits choose the slot, low bits are the tag
//
// (1) keyHash gives the same value for the same bytes and seed on every thread and way of computing it: short keys are
//     hashed inline, long ones by xxhash-wasm.
// (2) The shard does not depend on the dict's bits alone in any way that would crowd a shard's dict: within a shard, top
//     and low bits of the hash are as even as overall (test/unit/base/hash.test.ts).
// (3) Keys with the same non-empty {hash tag} have the same shard.

import xxhash from 'xxhash-wasm';

const wasm = await xxhash();

/**
 * From this length on the call into wasm beats the inline hash, the view and the copy into its memory included.
 * bench/micro/hash.ts, Node 20 on x64, inline / wasm: 192 B 157 / 185 ns, 256 B 158 / 154 ns, 384 B 237 / 183 ns.
 */
const WASM_BYTES_MIN = 256;
/** Longer keys stay inline: wasm memory never shrinks, and one key of 512 MB would keep as much on every thread. */
const WASM_BYTES_MAX = 1024 * 1024;

const P1 = 0x9e3779b1 | 0;
const P2 = 0x85ebca77 | 0;
const P3 = 0xc2b2ae3d | 0;
const P4 = 0x27d4eb2f | 0;
const P5 = 0x165667b1 | 0;

/** XXH32 of `bytes[start, end)` with `seed`, as a signed 32-bit integer, in plain TypeScript. */
export function xxh32(bytes: Uint8Array, start: number, end: number, seed: number): number {
  const length = end - start;
  let at = start;
  let h: number;
  if (length >= 16) {
    let v1 = (seed + P1 + P2) | 0;
    let v2 = (seed + P2) | 0;
    let v3 = seed | 0;
    let v4 = (seed - P1) | 0;
    const limit = end - 16;
    do {
      v1 = round(v1, word(bytes, at));
      v2 = round(v2, word(bytes, at + 4));
      v3 = round(v3, word(bytes, at + 8));
      v4 = round(v4, word(bytes, at + 12));
      at += 16;
    } while (at <= limit);
    h = (rotate(v1, 1) + rotate(v2, 7) + rotate(v3, 12) + rotate(v4, 18)) | 0;
  } else {
    h = (seed + P5) | 0;
  }
  h = (h + length) | 0;
  for (; at + 4 <= end; at += 4) h = Math.imul(rotate((h + Math.imul(word(bytes, at), P3)) | 0, 17), P4);
  for (; at < end; at++) h = Math.imul(rotate((h + Math.imul(bytes[at], P5)) | 0, 11), P1);
  return finish(h);
}

/** `xxh32` of `length` bytes that stand in little-endian words from `word` on: half the loads. */
export function xxh32Words(words: Int32Array, word: number, length: number, seed: number): number {
  let at = word;
  let left = length;
  let h: number;
  if (length >= 16) {
    let v1 = (seed + P1 + P2) | 0;
    let v2 = (seed + P2) | 0;
    let v3 = seed | 0;
    let v4 = (seed - P1) | 0;
    for (; left >= 16; left -= 16, at += 4) {
      v1 = round(v1, words[at]);
      v2 = round(v2, words[at + 1]);
      v3 = round(v3, words[at + 2]);
      v4 = round(v4, words[at + 3]);
    }
    h = (rotate(v1, 1) + rotate(v2, 7) + rotate(v3, 12) + rotate(v4, 18)) | 0;
  } else {
    h = (seed + P5) | 0;
  }
  h = (h + length) | 0;
  for (; left >= 4; left -= 4, at++) h = Math.imul(rotate((h + Math.imul(words[at], P3)) | 0, 17), P4);
  for (let shift = 0; left > 0; left--, shift += 8) {
    h = Math.imul(rotate((h + Math.imul((words[at] >>> shift) & 0xff, P5)) | 0, 11), P1);
  }
  return finish(h);
}

/** The last step: every bit of the input has its part in every bit of the hash. */
function finish(h: number): number {
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return h ^ (h >>> 16);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, P2)) | 0, 13), P1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** XXH32 of `bytes[start, end)` with `seed`, as a signed 32-bit integer, by whichever way is faster for the length. */
export function keyHash(bytes: Uint8Array, start: number, end: number, seed: number): number {
  const length = end - start;
  if (length < WASM_BYTES_MIN || length > WASM_BYTES_MAX) return xxh32(bytes, start, end, seed);
  return xxh32Wasm(bytes, start, end, seed);
}

/** The same by xxhash-wasm, whatever the length; allocates a view. */
export function xxh32Wasm(bytes: Uint8Array, start: number, end: number, seed: number): number {
  return wasm.h32Raw(bytes.subarray(start, end), seed) | 0;
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** A part of a buffer. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * The part of a key that decides about its shard, by the rule of Redis Cluster: what stands between the first `{` and the
 * first `}` behind it, if that is not empty; the whole key otherwise. True: there is a tag; `out` is filled either way.
 */
export function hashTagRange(bytes: Uint8Array, start: number, end: number, out: ByteRange): boolean {
  out.start = start;
  out.end = end;
  let open = start;
  while (open < end && bytes[open] !== OPEN_BRACE) open++;
  let close = open + 1;
  while (close < end && bytes[close] !== CLOSE_BRACE) close++;
  if (close >= end || close === open + 1) return false;
  out.start = open + 1;
  out.end = close;
  return true;
}

const tag: ByteRange = { start: 0, end: 0 };

/** The hash that decides about the shard of a key: that of its hash tag, or of the whole key. */
export function taggedKeyHash(bytes: Uint8Array, start: number, end: number, seed: number): number {
  hashTagRange(bytes, start, end, tag);
  return keyHash(bytes, tag.start, tag.end, seed);
}

/** The shard, 0 to shardCount - 1, of a key whose `taggedKeyHash` is `hash`. */
export function shardOf(hash: number, shardCount: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), P1) >>> 0;
  return Math.floor((mixed * shardCount) / 4294967296);
}
