// The digest by which two datasets are compared (DEBUG DIGEST, DIGEST-VALUE), after Redis's definition, so that Anax
// and Redis give the same one for the same data:
//
//   value    = mix(mix(0, type), content), then xor SHA1("!!expire!!") when the key has a TTL
//   key      = the same, begun with mix(0, name) instead of 0
//   database = xor of SHA1(key) over its keys
//   dataset  = for every database with keys: mix(dataset, number), then xor database
//
// where mix(digest, data) = SHA1(digest xor SHA1(data)). Types and database numbers count as four bytes, big-endian.

import { createHash } from 'node:crypto';

const DIGEST_BYTES = 20;

export function emptyDigest(): Uint8Array {
  return new Uint8Array(DIGEST_BYTES);
}

export function sha1(data: Uint8Array): Uint8Array {
  return createHash('sha1').update(data).digest();
}

/** The next link of a chain that depends on the order of what is mixed in. Overwrites `digest`, returns another. */
export function mixDigest(digest: Uint8Array, data: Uint8Array): Uint8Array {
  xorDigest(digest, sha1(data));
  return sha1(digest);
}

/** Folds `other` into `digest`: a sum that does not depend on the order. */
export function xorDigest(digest: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] ^= other[i];
}

/** `value` as four bytes, most significant first. */
export function bigEndian32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** 40 hex digits. */
export function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString('hex');
}
