// Random choice without repetition.

import type { Random } from './prng.js';

/**
 * `count` different integers of [0, n), ascending, every choice of them as likely as any other; `count` is at most n.
 * Takes O(count) steps and memory (Floyd's sampling), and a sort.
 */
export function distinctIndices(random: Random, n: number, count: number): number[] {
  const chosen = new Set<number>();
  for (let top = n - count; top < n; top++) {
    const index = random.below(top + 1);
    chosen.add(chosen.has(index) ? top : index);
  }
  return [...chosen].sort((a, b) => a - b);
}
