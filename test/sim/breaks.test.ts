// The judge notices when the scheme of transactions is broken, in each of several ways (breaks.ts lists all seeds that do).

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { breakCopy, BREAKS, SEEDS, transpileAll, verdict } from './breaks.js';

const TRANSPILE_MS_MAX = 180_000;
// Within the project, so that its packages are found.
const root = mkdtempSync(join('dist', 'breaks-'));
const whole = join(root, 'whole');

beforeAll(() => {
  transpileAll(whole);
}, TRANSPILE_MS_MAX);

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('a server that is broken on purpose', () => {
  it.each(BREAKS)('$name', (one) => {
    const directory = join(root, one.name.replaceAll(' ', '-'));
    breakCopy(whole, directory, one);
    // A seed that caught it once comes first; where other steps have become possible since, others do.
    const seeds = [one.seed, ...Array.from({ length: SEEDS }, (_, i) => i + 1)];
    let problem: string | undefined;
    for (let i = 0; problem === undefined && i < seeds.length; i++) problem = verdict(directory, one.profile, seeds[i]);
    expect(problem).toMatch(/^(Violation|AssertionError): /);
  });

  it('and one that is not', () => {
    const [{ profile, seed }] = BREAKS;
    expect(verdict(whole, profile, seed)).toBeUndefined();
  });
});
