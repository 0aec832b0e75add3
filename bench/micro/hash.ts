// The key hash: inline TypeScript against xxhash-wasm by key length, view and copy included, to find where they cross
// (WASM_BYTES_MIN in src/base/hash.ts); and the cost of choosing a shard.

import { hashTagRange, keyHash, shardOf, taggedKeyHash, xxh32, xxh32Wasm } from '../../src/base/hash.js';
import { SeededRandom } from '../../src/base/prng.js';
import { nanosecondsPer, ns, report } from './measure.js';

const KEYS = 256;
const LENGTHS = [8, 16, 24, 32, 64, 96, 128, 192, 256, 384, 512, 1024, 4096, 65536];

type Hash = (bytes: Uint8Array, start: number, end: number, seed: number) => number;

function keysOf(length: number): Uint8Array {
  const random = new SeededRandom(length);
  return Uint8Array.from({ length: KEYS * length }, () => 0x61 + random.below(26));
}

function hashing(hash: Hash, bytes: Uint8Array, length: number): number {
  const keys = bytes.length / length;
  return nanosecondsPer(keys, () => {
    let sum = 0;
    for (let at = 0; at < bytes.length; at += length) sum = (sum + hash(bytes, at, at + length, 7)) | 0;
    return sum;
  });
}

report('key length', 'inline', 'wasm', 'keyHash');
for (const length of LENGTHS) {
  const bytes = keysOf(length);
  const figures = [xxh32, xxh32Wasm, keyHash].map((hash) => ns(hashing(hash, bytes, length)));
  report(String(length), ...figures);
}

const short = keysOf(16);
const range = { start: 0, end: 0 };
report('16-byte key: find the tag', ns(hashing((b, s, e) => Number(hashTagRange(b, s, e, range)), short, 16)));
report(
  '16-byte key: tag, hash, shard of 4',
  ns(hashing((b, s, e, seed) => shardOf(taggedKeyHash(b, s, e, seed), 4), short, 16)),
);
