// A bounded number of seeds of the simulator: whole servers of one to four cores in one thread, every step chosen by the seed,
// every history judged by linearization. `npm run sim` runs more, and the profiles that are not yet gated here.

import { describe, expect, test } from 'vitest';
import { capabilities } from './capabilities.js';
import type { ProfileName } from './profiles.js';
import { simulate } from './simulation.js';

const STEPS = 3000;
/** Few enough clients for every history to be decided. */
const CLIENTS = 3;

const RUNS: readonly (readonly [profile: ProfileName, cores: number, seeds: number])[] = [
  ['single', 3, 3],
  ['multi-key', 2, 4],
  ['multi-key', 4, 4],
  ['multi-exec', 1, 2],
  ['multi-exec', 2, 4],
  ['multi-exec', 3, 4],
  ['watch', 3, 4],
];

describe('what clients see is what one thread would have shown them', () => {
  test.each(RUNS)('%s, %i cores, %i seeds', async (profile, cores, seeds) => {
    const able = await capabilities();
    let operations = 0;
    let transactions = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const report = await simulate({ seed, steps: STEPS, profile, cores, clients: CLIENTS, capabilities: able });
      operations += report.operations;
      transactions += report.transactions;
    }
    expect(operations).toBeGreaterThan(50 * seeds);
    if (profile === 'multi-exec' || profile === 'watch') expect(transactions).toBeGreaterThan(0);
  });
});
