import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { distinctIndices } from '../../../src/base/sample.js';

describe('distinct indices', () => {
  it('are as many as asked for, ascending and in range', () => {
    const random = new SeededRandom(1);
    for (let n = 0; n < 40; n++) {
      for (let count = 0; count <= n; count++) {
        const indices = distinctIndices(random, n, count);
        expect(indices).toHaveLength(count);
        expect(new Set(indices).size).toBe(count);
        expect(indices).toEqual([...indices].sort((a, b) => a - b));
        expect(indices.every((index) => index >= 0 && index < n)).toBe(true);
      }
    }
  });

  it('come out alike often', () => {
    const random = new SeededRandom(2);
    const pairs = new Map<string, number>();
    const rounds = 30_000;
    for (let i = 0; i < rounds; i++) {
      const pair = distinctIndices(random, 6, 2).join();
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    expect(pairs.size).toBe(15);
    // Five standard deviations of a count whose mean is 2000.
    for (const count of pairs.values()) expect(Math.abs(count - rounds / 15)).toBeLessThan(220);
  });
});
