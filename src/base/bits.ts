// Bits of byte ranges, most significant bit of the first byte first, as Redis's bitmaps number them.
//
// Long ranges are walked in 32-bit words on a view of the same memory from the first address that is a multiple of four;
// what stands before and behind is done byte by byte. Counting adds eight words at a time through carry-save adders
// (Harley and Seal; Hacker's Delight, chapter 5), so that seven in eight words cost five operations instead of twelve.

/** Shorter ranges are not worth a view of words. */
const WORDS_BYTES_MIN = 64;
const WORD_BYTES = 4;
/** Blocks of equal bits. */
const BLOCK_BYTES = 16 * 1024;
const ZEROS = new Uint8Array(BLOCK_BYTES);
const ONES = new Uint8Array(BLOCK_BYTES).fill(0xff);

/** Set bits by byte. */
const COUNTS = new Uint8Array(256);
for (let byte = 1; byte < 256; byte++) COUNTS[byte] = COUNTS[byte >> 1] + (byte & 1);

/** Bytes from `start` to the next address in the buffer that is a multiple of four. */
function bytesToAligned(bytes: Uint8Array, start: number): number {
  return -(bytes.byteOffset + start) & (WORD_BYTES - 1);
}

/** The whole words of `bytes[start, end)`, whose start is aligned. */
function wordsOf(bytes: Uint8Array, start: number, end: number): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset + start, Math.floor((end - start) / WORD_BYTES));
}

/** Set bits in `bytes[start, end)`. */
export function countBits(bytes: Uint8Array, start: number, end: number): number {
  let total = 0;
  let at = start;
  if (end - start >= WORDS_BYTES_MIN) {
    const aligned = start + bytesToAligned(bytes, start);
    while (at < aligned) total += COUNTS[bytes[at++]];
    const words = wordsOf(bytes, aligned, end);
    total += countWords(words);
    at = aligned + words.length * WORD_BYTES;
  }
  while (at < end) total += COUNTS[bytes[at++]];
  return total;
}

function countWords(words: Int32Array): number {
  const whole = words.length - (words.length % 8);
  let total = 0;
  let ones = 0;
  let twos = 0;
  let fours = 0;
  for (let i = 0; i < whole; i += 8) {
    // Each pair of lines is a full adder: of three words of weight n, one of weight n and one of weight 2n.
    let u = ones ^ words[i];
    const twosA = (ones & words[i]) | (u & words[i + 1]);
    ones = u ^ words[i + 1];
    u = ones ^ words[i + 2];
    const twosB = (ones & words[i + 2]) | (u & words[i + 3]);
    ones = u ^ words[i + 3];
    u = twos ^ twosA;
    const foursA = (twos & twosA) | (u & twosB);
    twos = u ^ twosB;
    u = ones ^ words[i + 4];
    const twosC = (ones & words[i + 4]) | (u & words[i + 5]);
    ones = u ^ words[i + 5];
    u = ones ^ words[i + 6];
    const twosD = (ones & words[i + 6]) | (u & words[i + 7]);
    ones = u ^ words[i + 7];
    u = twos ^ twosC;
    const foursB = (twos & twosC) | (u & twosD);
    twos = u ^ twosD;
    u = fours ^ foursA;
    const eights = (fours & foursA) | (u & foursB);
    fours = u ^ foursB;
    total += countWord(eights);
  }
  total = 8 * total + 4 * countWord(fours) + 2 * countWord(twos) + countWord(ones);
  for (let i = whole; i < words.length; i++) total += countWord(words[i]);
  return total;
}

function countWord(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/** Set bits among the bits `first` to `last`, both included, of the bytes from `start` on. */
export function countBitRange(bytes: Uint8Array, start: number, first: number, last: number): number {
  const firstByte = start + Math.floor(first / 8);
  const lastByte = start + Math.floor(last / 8);
  const before = bytes[firstByte] & ~headMask(first);
  const behind = bytes[lastByte] & ~tailMask(last);
  return countBits(bytes, firstByte, lastByte + 1) - COUNTS[before & 0xff] - COUNTS[behind & 0xff];
}

/** In the byte that holds bit `first`: that bit and those after it. */
function headMask(first: number): number {
  return 0xff >>> (first % 8);
}

/** In the byte that holds bit `last`: that bit and those before it. */
function tailMask(last: number): number {
  return (0xff << (7 - (last % 8))) & 0xff;
}

/** The first bit equal to `bit` (0 or 1) among the bits `first` to `last` of the bytes from `start` on; -1: none. */
export function findBit(bytes: Uint8Array, start: number, first: number, last: number, bit: number): number {
  // Looking for a 0 is looking for a 1 in the complement.
  const flip = bit === 1 ? 0 : 0xff;
  const firstByte = Math.floor(first / 8);
  const lastByte = Math.floor(last / 8);
  let at = firstByte;
  let byte = (bytes[start + at] ^ flip) & headMask(first);
  while (byte === 0 && at < lastByte) {
    at = skipBytes(bytes, start + at + 1, start + lastByte, flip) - start;
    byte = bytes[start + at] ^ flip;
  }
  if (at === lastByte) byte &= tailMask(last);
  return byte === 0 ? -1 : at * 8 + Math.clz32(byte) - 24;
}

/** The offset in `[start, end]` of the first byte that is not `uniform` (0 or 0xff); `end` when there is none before. */
function skipBytes(bytes: Uint8Array, start: number, end: number, uniform: number): number {
  return skipShort(bytes, skipBlocks(bytes, start, end, uniform), end, uniform);
}

/** Skips whole blocks, which the system compares faster than any loop here. */
function skipBlocks(bytes: Uint8Array, start: number, end: number, uniform: number): number {
  let at = start;
  if (end - at < BLOCK_BYTES) return at;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const block = uniform === 0 ? ZEROS : ONES;
  while (end - at >= BLOCK_BYTES && buffer.compare(block, 0, BLOCK_BYTES, at, at + BLOCK_BYTES) === 0)
    at += BLOCK_BYTES;
  return at;
}

function skipShort(bytes: Uint8Array, start: number, end: number, uniform: number): number {
  let at = start;
  if (end - start >= WORDS_BYTES_MIN) {
    const aligned = start + bytesToAligned(bytes, start);
    while (at < aligned && bytes[at] === uniform) at++;
    if (at < aligned) return at;
    const words = wordsOf(bytes, aligned, end);
    const skipped = uniform === 0 ? 0 : -1;
    let i = 0;
    while (i < words.length && words[i] === skipped) i++;
    at = aligned + i * WORD_BYTES;
  }
  while (at < end && bytes[at] === uniform) at++;
  return at;
}

/** Fields up to this width are read and written as exact doubles. */
export const FIELD_BITS_MAX = 52;

/**
 * The unsigned number in `width` bits (1 to FIELD_BITS_MAX) from bit `offset` of `bytes[start, end)`; bits behind the end
 * are 0.
 */
export function readField(bytes: Uint8Array, start: number, end: number, offset: number, width: number): number {
  let value = 0;
  let at = start + Math.floor(offset / 8);
  let bit = offset % 8;
  for (let left = width; left > 0; at++) {
    const take = Math.min(8 - bit, left);
    const byte = at < end ? bytes[at] : 0;
    value = value * 2 ** take + ((byte >> (8 - bit - take)) & (0xff >> (8 - take)));
    left -= take;
    bit = 0;
  }
  return value;
}

/** Writes the low `width` bits (1 to FIELD_BITS_MAX) of a non-negative integer from bit `offset` of the bytes from `start`. */
export function writeField(bytes: Uint8Array, start: number, offset: number, width: number, value: number): void {
  let at = start + Math.floor(offset / 8);
  let bit = offset % 8;
  let rest = value;
  for (let left = width; left > 0; at++) {
    const take = Math.min(8 - bit, left);
    const unit = 2 ** (left - take);
    const part = Math.floor(rest / unit);
    rest -= part * unit;
    const shift = 8 - bit - take;
    const mask = (0xff >> (8 - take)) << shift;
    bytes[at] = (bytes[at] & ~mask) | (part << shift);
    left -= take;
    bit = 0;
  }
}
