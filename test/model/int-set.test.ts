// The set of integers against a sorted array of bigints: every width and the borders between them, numbers beyond 2^53,
// growing and shrinking blocks, nothing left when it is empty.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { Arena } from '../../src/memory/arena.js';
import { INT16, INT32, INT64 } from '../../src/structures/int-set-layout.js';
import { checkIntSet, IntSet } from '../../src/structures/int-set.js';
import { must } from '../support/must.js';

class Twin {
  readonly arena = new Arena();
  readonly set = new IntSet(this.arena);
  readonly numbers: bigint[] = [];

  place(value: bigint): number {
    let low = 0;
    let high = this.numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.numbers[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(value: bigint): boolean {
    return this.numbers[this.place(value)] === value;
  }

  add(value: bigint): void {
    const isNew = !this.has(value);
    must(this.set.has(given(value)) === !isNew, 'the set has what the array has');
    must(this.set.add(given(value)) === isNew, 'the set takes what it does not have');
    if (isNew) this.numbers.splice(this.place(value), 0, value);
  }

  remove(value: bigint): void {
    const isThere = this.has(value);
    must(this.set.remove(given(value)) === isThere, 'the set gives what it has');
    if (isThere) this.numbers.splice(this.place(value), 1);
  }

  check(): void {
    checkIntSet(this.set);
    this.arena.check();
    must(this.set.count === this.numbers.length, 'the set counts its numbers');
    for (let i = 0; i < this.numbers.length; i++) {
      must(this.set.bigAt(i) === this.numbers[i], 'the set has the order of the array');
      must(this.set.at(i) === Number(this.numbers[i]), 'and its numbers as doubles');
    }
  }
}

/** Safe integers go in as numbers, the others as bigint. */
function given(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const BORDERS = [0n, 15n, 16n, 31n, 32n, 53n, 62n, 63n].map((bits) => 1n << bits);
const INT64_MAX = (1n << 63n) - 1n;

function randomNumber(random: SeededRandom, bits: number): bigint {
  const words = (BigInt(random.next32()) << 32n) | BigInt(random.next32());
  return BigInt.asIntN(bits, words);
}

describe('the set of integers', () => {
  for (let seed = 1; seed <= 24; seed++) {
    it(`holds what a sorted array holds, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const twin = new Twin();
      const sizeMax = [10, 200, 3000][seed % 3];
      let grows = true;
      let bits = [8, 16, 32, 64][seed % 4];
      for (let step = 0; step < 6000; step++) {
        if (twin.numbers.length >= sizeMax) grows = false;
        if (twin.numbers.length === 0) {
          grows = true;
          bits = [8, 16, 32, 54, 64][random.below(5)];
        }
        if (random.below(2000) === 0) bits = Math.min(64, bits * 2);
        const isUp = random.below(100) < (grows ? 75 : 25);
        if (isUp || twin.numbers.length === 0) twin.add(randomNumber(random, bits));
        else if (random.below(4) === 0) twin.remove(randomNumber(random, 64));
        else twin.remove(twin.numbers[random.below(twin.numbers.length)]);
        if (step % 100 === 0) twin.check();
      }
      twin.check();
      for (const value of [...twin.numbers]) twin.remove(value);
      expect(twin.set.root).toBe(0);
      expect(twin.arena.usedBytes).toBe(0);
    });
  }

  it('keeps apart the numbers around every border of its widths', () => {
    const around = BORDERS.flatMap((border) => [border - 1n, border, border + 1n, -border - 1n, -border, 1n - border]);
    const numbers = [...new Set(around)].filter((value) => BigInt.asIntN(64, value) === value);
    for (const first of numbers) {
      const twin = new Twin();
      twin.add(first);
      for (const value of numbers) must(twin.set.has(given(value)) === (value === first), 'only the first is there');
      for (const value of numbers) {
        twin.add(value);
        twin.check();
      }
      for (const value of numbers) twin.remove(value);
      expect(twin.arena.usedBytes).toBe(0);
    }
  });

  it('is as wide as its widest number ever', () => {
    const set = new IntSet(new Arena());
    const widthWith = (value: number | bigint): number => {
      set.add(value);
      return set.width;
    };
    expect(set.width).toBe(INT16);
    expect([32767, -32768].map(widthWith)).toEqual([INT16, INT16]);
    expect([32768, -2147483648].map(widthWith)).toEqual([INT32, INT32]);
    expect([2147483648, INT64_MAX].map(widthWith)).toEqual([INT64, INT64]);
    set.remove(INT64_MAX);
    set.remove(2147483648);
    expect(set.width).toBe(INT64);
  });

  it('takes 2, 4 and 8 bytes a number', () => {
    for (const [base, bytesEach] of [
      [0, 2],
      [100_000, 4],
      [2 ** 40, 8],
    ]) {
      const arena = new Arena();
      const set = new IntSet(arena);
      for (let i = 0; i < 512; i++) set.add(base + i);
      expect(arena.usedBytes / 512).toBeLessThan(bytesEach * 1.13);
      set.free();
      expect(arena.usedBytes).toBe(0);
    }
  });

  it('holds a hundred thousand numbers in a block of its own', () => {
    const twin = new Twin();
    for (let i = 0; i < 100_000; i++) {
      twin.set.add(2 ** 40 + i * 3);
      twin.numbers.push(2n ** 40n + BigInt(i) * 3n);
    }
    twin.check();
    while (twin.numbers.length > 1) {
      const value = twin.numbers.pop();
      if (value !== undefined) twin.set.remove(Number(value));
    }
    twin.check();
    expect(twin.arena.usedBytes).toBeLessThan(32);
  });

  it('meets every number when asked for random ones', () => {
    const random = new SeededRandom(1);
    const set = new IntSet(new Arena());
    for (let i = 0; i < 50; i++) set.add(i * 1000);
    const met = new Set<number>();
    for (let i = 0; i < 2000; i++) met.add(set.at(set.randomIndex(random)));
    expect(met.size).toBe(50);
  });

  it('refuses what is no 64-bit integer', () => {
    const set = new IntSet(new Arena());
    for (const value of [0.5, NaN, 2 ** 53, 2n ** 63n]) expect(() => set.add(value)).toThrow();
    expect(set.root).toBe(0);
  });
});
