// The key hash: seeded XXH32 (xxHash specification, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
// Short keys are hashed inline; long ones go to xxhash-wasm, which gives the same value (bench/micro measures where
// the two cross). One 32-bit hash serves the dict (all of it) and the shard choice (a remix of it).

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
