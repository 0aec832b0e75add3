import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { nthSmallest } from '../../../src/base/select.js';

describe('the n-th smallest', () => {
  it('is what sorting finds, for any length, order and number of equals', () => {
    for (let seed = 1; seed <= 400; seed++) {
      const random = new SeededRandom(seed);
      const length = 1 + random.below(300);
      const kinds = 1 + random.below(length);
      const values = Float64Array.from({ length }, () => random.below(kinds) - kinds / 2);
      if (seed % 5 === 0) values.sort();
      if (seed % 10 === 0) values.reverse();
      const sorted = values.slice().sort();
      const n = random.below(length);
      expect(nthSmallest(values.slice(), n), `seed ${seed}`).toBe(sorted[n]);
      expect(nthSmallest(values.slice(), 0), `seed ${seed}`).toBe(sorted[0]);
      expect(nthSmallest(values.slice(), length - 1), `seed ${seed}`).toBe(sorted[length - 1]);
    }
  });

  it('takes infinities', () => {
    expect(nthSmallest(Float64Array.of(1, -Infinity, Infinity, 0), 1)).toBe(0);
  });
});
