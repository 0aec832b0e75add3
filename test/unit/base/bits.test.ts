// Bit routines against one bit at a time, at every alignment and around the lengths where words begin to be used.

import { describe, expect, it } from 'vitest';
import { countBitRange, countBits, FIELD_BITS_MAX, findBit, readField, writeField } from '../../../src/base/bits.js';
import { SeededRandom } from '../../../src/base/prng.js';

/** Random bytes, mostly uniform so that searches run far. */
function bytesFor(random: SeededRandom, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const mood = random.below(4);
  if (mood === 0) for (let i = 0; i < length; i++) bytes[i] = random.below(256);
  else if (mood === 1) bytes.fill(0xff);
  if (mood > 0 && length > 0) bytes[random.below(length)] ^= 1 << random.below(8);
  return bytes;
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >> 3] >> (7 - (bit & 7))) & 1;
}

function countSlowly(bytes: Uint8Array, first: number, last: number): number {
  let count = 0;
  for (let bit = first; bit <= last; bit++) count += bitAt(bytes, bit);
  return count;
}

describe('bits', () => {
  it('counts and finds like a loop over bits', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = new SeededRandom(seed);
      const bytes = bytesFor(random, 1 + random.below(300));
      const start = random.below(Math.min(bytes.length, 9));
      const bits = (bytes.length - start) * 8;
      const first = random.below(bits);
      const last = first + random.below(bits - first);
      const from = start * 8;
      const context = `seed ${seed}`;
      expect(countBits(bytes, start, bytes.length), context).toBe(countSlowly(bytes, from, from + bits - 1));
      expect(countBitRange(bytes, start, first, last), context).toBe(countSlowly(bytes, from + first, from + last));
      for (const bit of [0, 1]) {
        let expected = -1;
        for (let i = last; i >= first; i--) if (bitAt(bytes, from + i) === bit) expected = i;
        expect(findBit(bytes, start, first, last, bit), context).toBe(expected);
      }
    }
  });

  it('finds the odd bit out of a long range, wherever it stands', () => {
    const random = new SeededRandom(7);
    for (const uniform of [0, 0xff]) {
      const bytes = new Uint8Array(100_000).fill(uniform);
      for (let i = 0; i < 200; i++) {
        const start = random.below(50);
        const last = (bytes.length - start) * 8 - 1;
        const odd = random.below(last + 1);
        bytes[start + (odd >> 3)] ^= 0x80 >> (odd & 7);
        expect(findBit(bytes, start, 0, last, uniform === 0 ? 1 : 0)).toBe(odd);
        bytes[start + (odd >> 3)] = uniform;
        expect(findBit(bytes, start, 0, last, uniform === 0 ? 1 : 0)).toBe(-1);
      }
    }
  });

  it('counts nothing in an empty range', () => {
    expect(countBits(new Uint8Array(4).fill(255), 2, 2)).toBe(0);
  });

  it('reads back fields of every width at every offset, and leaves the rest alone', () => {
    for (let width = 1; width <= FIELD_BITS_MAX; width++) {
      for (let offset = 0; offset < 9; offset++) {
        const random = new SeededRandom(width * 16 + offset);
        const bytes = Uint8Array.from({ length: 12 }, () => random.below(256));
        const before = bytes.slice();
        const value = Math.floor((random.next32() / 2 ** 32) * 2 ** width);
        const start = 2;
        writeField(bytes, start, offset, width, value);
        expect(readField(bytes, start, bytes.length, offset, width)).toBe(value);
        const first = start * 8 + offset;
        for (let bit = 0; bit < bytes.length * 8; bit++) {
          if (bit < first || bit >= first + width) expect(bitAt(bytes, bit)).toBe(bitAt(before, bit));
        }
      }
    }
  });

  it('reads zeros behind the end', () => {
    const bytes = Uint8Array.of(0xff, 0xff);
    expect(readField(bytes, 0, 1, 4, 8)).toBe(0xf0);
    expect(readField(bytes, 0, 2, 100, 40)).toBe(0);
  });
});
