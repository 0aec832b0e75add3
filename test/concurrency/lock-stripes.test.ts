// Real threads that want the same stripes: writers are alone, readers among readers, everybody has its turn.
import { afterEach, describe, expect, it } from 'vitest';
import { createLockStripes, LockStripes } from '../../src/fabric/lock-stripes.js';
import { startMembers, type MemberThreads } from '../support/member-threads.js';

const seed = Number(process.env['ANAX_TEST_SEED'] ?? Date.now() % 1_000_000);

let members: MemberThreads | undefined;
afterEach(async () => {
  await members?.end();
  members = undefined;
});

interface Report {
  readonly added: readonly number[];
  readonly stats: { readonly atOnce: number; readonly inTurn: number; readonly slept: number };
}

describe('lock stripes of threads', () => {
  it.each([
    { threads: 2, keys: 2, under: 2, wholeOneIn: 1_000_000, rounds: 40_000 },
    { threads: 2, keys: 8, under: 4, wholeOneIn: 20, rounds: 40_000 },
    { threads: 3, keys: 4, under: 3, wholeOneIn: 5, rounds: 20_000 },
    { threads: 4, keys: 12, under: 8, wholeOneIn: 50, rounds: 15_000 },
  ])('$threads threads, $keys keys, the whole one in $wholeOneIn', async ({ threads, ...options }) => {
    const stripesPlan = createLockStripes();
    const wakes = new SharedArrayBuffer(threads * Int32Array.BYTES_PER_ELEMENT);
    const guarded = new SharedArrayBuffer(options.keys * Int32Array.BYTES_PER_ELEMENT);
    members = startMembers(threads, 'lock-hammer.mjs', (self) => ({
      stripesPlan,
      wakes,
      guarded,
      self,
      seed,
      ...options,
    }));
    await members.next();
    members.post('begin');
    const reports = (await members.next()) as Report[];
    const sums = Array.from({ length: options.keys }, (_, key) =>
      reports.reduce((sum, { added }) => sum + added[key], 0),
    );
    expect([...new Int32Array(guarded)], `seed ${seed}`).toEqual(sums);
    expect(new LockStripes(stripesPlan, threads).isIdle(), `seed ${seed}`).toBe(true);
    for (const { stats } of reports) expect(stats.atOnce, `seed ${seed}`).toBeGreaterThan(0);
    expect(
      reports.reduce((sum, { stats }) => sum + stats.inTurn, 0),
      `seed ${seed}`,
    ).toBeGreaterThan(0);
  });
});
