// The scripts of this folder, in every wiring of Anax, and against redis-server where it is installed: a script that
// does not hold there is wrong. New scripts take their replies from it: write `<?` where a reply belongs and run
// `ANAX_RECORD_SCRIPTS=1 npx vitest run test/conformance`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, TESTING_ANAX, WIRINGS } from '../support/anax-process.js';
import { ORACLE_VERSION, oracleKnows, startOracle, type Oracle } from '../support/oracle.js';
import { parseScript, runScript, showDifferences, type Step } from '../support/script.js';

const FOLDER = join(import.meta.dirname, 'scripts');
const RECORD = process.env['ANAX_RECORD_SCRIPTS'] === '1';

const scripts = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .sort()
  .map((file) => ({ file, steps: parseScript(readFileSync(join(FOLDER, file), 'utf8')) }));

if (ORACLE_VERSION !== undefined) {
  describe(`redis-server ${ORACLE_VERSION.join('.')} answers as the scripts say`, () => {
    let oracle: Oracle;
    beforeAll(async () => {
      oracle = await startOracle(['--enable-debug-command', 'yes']);
    });
    afterAll(async () => {
      await oracle.stop();
    });
    test.each(scripts)('$file', async ({ file, steps }) => {
      const run = await runScript(steps, oracle.address, oracleKnows);
      if (RECORD) record(file, steps, run.replies);
      expect(showDifferences(file, run.differences)).toBe('');
    });
  });
}

if (!RECORD) {
  describe.each(WIRINGS)('$name', (wiring) => {
    let anax: AnaxProcess;
    beforeAll(async () => {
      anax = await AnaxProcess.start({ wiring, args: ['--enable-debug-command', 'yes'] });
    });
    afterAll(async () => {
      await anax.stop();
    });
    test.each(scripts)('$file', async ({ file, steps }) => {
      const run = await runScript(steps, anax.address, TESTING_ANAX ? () => true : oracleKnows);
      expect(showDifferences(file, run.differences)).toBe('');
      anax.assertAlive();
    });
  });
}

test('every reply in the scripts is recorded', () => {
  const open = scripts.flatMap(({ file, steps }) =>
    steps.filter((step) => step.kind === 'expect' && step.how.open).map((step) => `${file}:${step.line}`),
  );
  expect(RECORD ? [] : open).toEqual([]);
});

/** Replaces every `<?` that the run has a reply for. */
function record(file: string, steps: readonly Step[], replies: ReadonlyMap<number, string>): void {
  const path = join(FOLDER, file);
  const lines = readFileSync(path, 'utf8').split('\n');
  for (const step of steps) {
    const reply = replies.get(step.line);
    if (step.kind !== 'expect' || !step.how.open || reply === undefined) continue;
    const name = /^[a-z]*/.exec(lines[step.line - 1].trim())?.[0] ?? '';
    lines[step.line - 1] = `${name}<${step.how.mode === 'exact' ? '' : step.how.mode} ${reply}`;
  }
  writeFileSync(path, lines.join('\n'));
}
