// The key hash: reference values, inline against wasm, hash tags, and shards that fill evenly.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../src/base/bytes.js';
import { hashTagRange, keyHash, shardOf, taggedKeyHash, xxh32, xxh32Wasm, xxh32Words } from '../../../src/base/hash.js';
import { SeededRandom } from '../../../src/base/prng.js';
import { Args } from '../../../src/contract/args.js';

function tagOf(key: string): string {
  const range = { start: 0, end: 0 };
  const bytes = bytesOf(`..${key}..`);
  const found = hashTagRange(bytes, 2, bytes.length - 2, range);
  const part = Buffer.from(bytes.subarray(range.start, range.end)).toString();
  return found ? `tag ${part}` : part;
}

describe('the key hash', () => {
  it.each([
    // Values of the reference implementation.
    ['', 0, 0x02cc5d05],
    ['a', 0, 0x550d7456],
    ['abc', 0, 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0, 0xe2293b2f],
  ])('gives the reference value for %j', (text, seed, expected) => {
    const bytes = bytesOf(text);
    expect(xxh32(bytes, 0, bytes.length, seed) >>> 0).toBe(expected);
  });

  it('is the same inline, by wasm and combined, at every length and alignment', () => {
    const random = new SeededRandom(11);
    const bytes = Uint8Array.from({ length: 5000 }, () => random.below(256));
    const lengths = [...Array(300).keys(), 511, 512, 1000, 4096];
    for (const length of lengths) {
      const start = random.below(bytes.length - length);
      const seed = random.next32() | 0;
      const inline = xxh32(bytes, start, start + length, seed);
      expect(xxh32Wasm(bytes, start, start + length, seed)).toBe(inline);
      expect(keyHash(bytes, start, start + length, seed)).toBe(inline);
      const words = new Int32Array(Math.ceil(length / 4) + 3).fill(-1);
      new Uint8Array(words.buffer).set(bytes.subarray(start, start + length), 8);
      expect(xxh32Words(words, 2, length, seed)).toBe(inline);
    }
  });

  it('stays the same above what wasm is asked for', () => {
    for (const length of [1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1]) {
      const bytes = new Uint8Array(length).fill(7);
      expect(keyHash(bytes, 0, length, 3)).toBe(xxh32Wasm(bytes, 0, length, 3));
    }
  });
});

describe('hash tags', () => {
  it.each([
    ['plain', 'plain'],
    ['', ''],
    ['{user1000}.following', 'tag user1000'],
    ['foo{}{bar}', 'foo{}{bar}'],
    ['foo{{bar}}zap', 'tag {bar'],
    ['foo{bar}{zap}', 'tag bar'],
    ['foo{bar', 'foo{bar'],
    ['foo}bar{', 'foo}bar{'],
    ['{a}', 'tag a'],
    ['}{a}', 'tag a'],
    ['{}', '{}'],
  ])('%j -> %j', (key, expected) => {
    expect(tagOf(key)).toBe(expected);
  });

  it('never looks beyond the key', () => {
    const bytes = bytesOf('{ab}');
    expect(hashTagRange(bytes, 0, 3, { start: 0, end: 0 })).toBe(false);
  });

  it('co-locates, and Args remembers the hash of a key without one', () => {
    const args = new Args(99);
    const bytes = bytesOf('{u1}.a{u1}.bplain');
    args.reset(bytes);
    args.push(0, 0);
    args.push(0, 6);
    args.push(6, 12);
    args.push(12, 17);
    expect(args.shardHash(1)).toBe(args.shardHash(2));
    expect(args.shardHash(1)).toBe(taggedKeyHash(bytes, 0, 6, 99));
    expect(args.hash(1)).not.toBe(args.hash(2));
    expect(args.shardHash(3)).toBe(args.hash(3));
    expect(args.hashedIndex).toBe(3);
    expect(args.hash(3)).toBe(keyHash(bytes, 12, 17, 99));
  });
});

describe('the shard choice', () => {
  const KEYS = 60_000;
  const hashes = Int32Array.from({ length: KEYS }, (_, i) => {
    const bytes = bytesOf(`key:${String(i).padStart(12, '0')}`);
    return taggedKeyHash(bytes, 0, bytes.length, 1234);
  });

  /** Chi-squared of `counts` against an even spread, divided by its degrees of freedom: about 1 when even. */
  function unevenness(counts: Int32Array): number {
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    return counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0) / (counts.length - 1);
  }

  it.each([2, 3, 4, 7, 16])('is even over %d shards, and so are the bits of the dict within each', (shardCount) => {
    const shards = new Int32Array(shardCount);
    const top = Array.from({ length: shardCount }, () => new Int32Array(64));
    const middle = Array.from({ length: shardCount }, () => new Int32Array(64));
    const low = Array.from({ length: shardCount }, () => new Int32Array(64));
    for (const hash of hashes) {
      const shard = shardOf(hash, shardCount);
      shards[shard]++;
      top[shard][hash >>> 26]++;
      middle[shard][(hash >>> 15) & 63]++;
      low[shard][hash & 63]++;
    }
    // 3.5 is far beyond chance for one degree of freedom too, and these keys and this seed are fixed.
    expect(unevenness(shards)).toBeLessThan(3.5);
    for (const counts of [...top, ...middle, ...low]) expect(unevenness(counts)).toBeLessThan(1.8);
  });

  it('is even over sequential hashes as well, and always below the count', () => {
    for (const shardCount of [1, 2, 3, 4, 7, 16, 1000]) {
      const shards = new Int32Array(shardCount);
      for (let i = 0; i < 200_000; i++) shards[shardOf(Math.imul(i, 0x10001), shardCount)]++;
      expect(Math.min(...shards)).toBeGreaterThan((200_000 / shardCount) * 0.8);
    }
    expect(shardOf(-1, 16)).toBeLessThan(16);
    expect(shardOf(0, 16)).toBe(0);
  });
});
