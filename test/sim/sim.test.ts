// A bounded number of seeds of the simulator: whole servers of one to four cores in one thread, every step chosen by the seed,
// every history judged by linearization. `npm run sim` runs more.

import { describe, expect, test } from 'vitest';
import { capabilities } from './capabilities.js';
import { PROFILE_NAMES } from './profiles.js';
import { simulate } from './simulation.js';

const STEPS = 3000;
const SEEDS = 4;
/** Profiles in which every command stays on its shard. */
const LOCAL: readonly string[] = ['single', 'expiry'];

describe('what clients see is what one thread would have shown them', () => {
  test.each(PROFILE_NAMES)('%s', async (profile) => {
    const able = await capabilities();
    let operations = 0;
    let transactions = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const report = await simulate({ seed, steps: STEPS, profile, cores: seed, capabilities: able });
      expect(report.isUndecided, `seed ${seed} is decided`).toBe(false);
      operations += report.operations;
      transactions += report.transactions;
    }
    expect(operations).toBeGreaterThan(50 * SEEDS);
    if (!LOCAL.includes(profile)) expect(transactions).toBeGreaterThan(10 * SEEDS);
  });
});
