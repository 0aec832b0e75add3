// MurmurHash64A (Austin Appleby's MurmurHash2 with 64 bits, https://github.com/aappleby/smhasher) as two halves of 32 bits.
//
// A product of 64 bits is put together from products of 16-bit halves; nothing allocates.

/** The multiplier, 0xc6a4a7935bd1e995, in parts. */
const M_HIGH = 0xc6a4a793 | 0;
const M_LOW = 0x5bd1e995;
const M_LOW_0 = M_LOW & 0xffff;
const M_LOW_1 = M_LOW >>> 16;
/** The shift of 47 moves the high half, by 15, into the low one. */
const HIGH_SHIFT = 15;
const BLOCK_BYTES = 8;

/** The hash that `murmur64` made last: bits 0 to 31, and 32 to 63. */
export let murmurLow = 0;
export let murmurHigh = 0;

/** The high half of `low` times M_LOW; the low half is what Math.imul gives. */
function highProduct(low: number): number {
  const low0 = low & 0xffff;
  const low1 = low >>> 16;
  const middle = (Math.imul(low1, M_LOW_0) + (Math.imul(low0, M_LOW_0) >>> 16)) | 0;
  const other = (Math.imul(low0, M_LOW_1) + (middle & 0xffff)) | 0;
  return (Math.imul(low1, M_LOW_1) + (middle >>> 16) + (other >>> 16)) | 0;
}

/** The high half of `high:low` times the multiplier. */
function highTimesM(low: number, high: number): number {
  return (highProduct(low) + Math.imul(high, M_LOW) + Math.imul(low, M_HIGH)) | 0;
}

/** Hashes `bytes[start, end)` into `murmurLow` and `murmurHigh`; `seed` is 32 bits wide. */
export function murmur64(bytes: Uint8Array, start: number, end: number, seed: number): void {
  const length = end - start;
  let low = seed ^ Math.imul(length, M_LOW);
  let high = highTimesM(length, 0);
  let at = start;
  for (const blocksEnd = start + (length & ~(BLOCK_BYTES - 1)); at < blocksEnd; at += BLOCK_BYTES) {
    let blockLow = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    let blockHigh = bytes[at + 4] | (bytes[at + 5] << 8) | (bytes[at + 6] << 16) | (bytes[at + 7] << 24);
    blockHigh = highTimesM(blockLow, blockHigh);
    blockLow = Math.imul(blockLow, M_LOW);
    blockLow ^= blockHigh >>> HIGH_SHIFT;
    blockHigh = highTimesM(blockLow, blockHigh);
    blockLow = Math.imul(blockLow, M_LOW);
    low ^= blockLow;
    high ^= blockHigh;
    high = highTimesM(low, high);
    low = Math.imul(low, M_LOW);
  }
  if (at < end) {
    for (let i = 0; at + i < end; i++) {
      if (i < 4) low ^= bytes[at + i] << (8 * i);
      else high ^= bytes[at + i] << (8 * (i - 4));
    }
    high = highTimesM(low, high);
    low = Math.imul(low, M_LOW);
  }
  low ^= high >>> HIGH_SHIFT;
  high = highTimesM(low, high);
  low = Math.imul(low, M_LOW);
  low ^= high >>> HIGH_SHIFT;
  murmurLow = low;
  murmurHigh = high;
}
