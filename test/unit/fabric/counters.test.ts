// Rows of counters in shared memory.

import { describe, expect, it } from 'vitest';
import { Counters, createCounters } from '../../../src/fabric/counters.js';

describe('counters', () => {
  it.each([1, 15, 16, 17])('keeps rows of %i slots apart and adds them up', (slots) => {
    const plan = createCounters(3, slots);
    const ends = [0, 1, 2].map((self) => new Counters(plan, self));
    for (let slot = 0; slot < slots; slot++) {
      ends[0].add(slot, 1);
      ends[0].add(slot, slot);
      ends[1].set(slot, 2 ** 50);
      ends[2].add(slot, -5);
    }
    for (let slot = 0; slot < slots; slot++) {
      expect(ends[0].get(slot)).toBe(slot + 1);
      expect(ends[2].of(1, slot)).toBe(2 ** 50);
      expect(ends[1].total(slot)).toBe(slot + 1 + 2 ** 50 - 5);
    }
  });

  it('gives every thread a cache line pair of its own', () => {
    expect(createCounters(4, 1).memory.byteLength).toBe(4 * 128);
    expect(createCounters(2, 17).memory.byteLength).toBe(2 * 256);
  });

  it('knows its limits', () => {
    const counters = new Counters(createCounters(2, 2), 0);
    expect(() => counters.of(2, 0)).toThrow('existing counter');
    expect(() => counters.of(0, 2)).toThrow('existing counter');
    expect(() => new Counters(createCounters(2, 2), 2)).toThrow('row');
  });
});
