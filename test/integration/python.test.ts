// redis-py, in every wiring, where a Python with the package `redis` is installed: the programs in python/, each of which
// gets a port, prints a line for each of its checks, and fails with the first that does not hold.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft, expectNothingStored } from '../support/leaks.js';

const FOLDER = join(import.meta.dirname, 'python');
const PROGRAM_MS_MAX = 50_000;
/** A Python of one's own in PATH does not see Debian's packages. */
const PYTHONS = ['python3', '/usr/bin/python3'];
const python = PYTHONS.find((program) => spawnSync(program, ['-c', 'import redis']).status === 0);
const programs = readdirSync(FOLDER).filter((name) => name.endsWith('.py'));

async function run(program: string, port: number): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(python ?? '', ['-B', join(FOLDER, program), String(port)], { timeout: PROGRAM_MS_MAX });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

test(`a Python with redis-py found here: ${python ?? 'none, its programs do not run'}`, () => {
  expect(programs.length).toBeGreaterThan(0);
});

describe.each(python === undefined ? [] : WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterEach(async () => {
    anax.assertAlive();
    await expectNothingLeft(anax.address);
    await expectNothingStored(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  test.each(programs)('%s', async (program) => {
    const { code, out, err } = await run(program, anax.port);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out.trim().split('\n').length).toBeGreaterThan(1);
  });
});
