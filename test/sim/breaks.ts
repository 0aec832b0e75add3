// Shows that the judge can fail: breaks the scheme of transactions on purpose, one small change of the source at a time, and
// lists the seeds that catch it.
//
//   src, test/sim -> transpiled once -> a copy for each break, one file of it changed -> seed after seed in a process of its own

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import typescript from 'typescript';
import type { ProfileName } from './profiles.js';
import { record } from './record.js';

export interface Break {
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** Where it shows best. */
  readonly profile: ProfileName;
  /** A seed that catches it. */
  readonly seed: number;
}

/** Steps of a run. */
const STEPS = 4000;
const CORES = 3;
const CLIENTS = 6;
/** Seeds that are tried. */
export const SEEDS = 40;
const RUN_MS_MAX = 120_000;

export const BREAKS: readonly Break[] = [
  {
    name: 'release before the last ack',
    file: 'src/txn/coordinator.ts',
    from: `    if (--txn.owed > 0) return;
    // Replies come`,
    to: `    if (--txn.owed > 0) {
      if (txn.stripes !== undefined) this.#end(txn, txn.stripes);
      txn.stripes = undefined;
      return;
    }
    // Replies come`,
    profile: 'multi-key',
    seed: 3,
  },
  {
    name: 'read without holding',
    file: 'src/txn/holds.ts',
    from: 'for (const { hash, exclusive } of keys) this.#holdKey(',
    to: 'for (const { hash, exclusive } of keys) if (exclusive) this.#holdKey(',
    profile: 'readers',
    seed: 1,
  },
  {
    name: 'skip a parked command',
    file: 'src/txn/holds.ts',
    from: 'line[i].proceed();',
    to: 'if (i !== 1) line[i].proceed();',
    profile: 'multi-key',
    seed: 1,
  },
  {
    name: 'lose a wake-up',
    file: 'src/txn/coordinator.ts',
    from: 'const awaited = words.end(txn.word);',
    to: 'const awaited = words.end(txn.word) && false;',
    profile: 'multi-key',
    seed: 3,
  },
  {
    name: 'wrong FIFO of waiters',
    file: 'src/shard/waiters.ts',
    from: 'row.members.push(inLine);',
    to: 'row.members.unshift(inLine);',
    profile: 'blocking',
    seed: 3,
  },
];

/** Transpiles server and simulator to `directory`. */
export function transpileAll(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
  for (const folder of ['src', 'test/sim']) {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (/(?<!\.test|\.d)\.ts$/.test(file)) transpile(directory, file, readFileSync(file, 'utf8'));
    }
  }
}

function transpile(directory: string, file: string, source: string): void {
  const target = join(directory, file.replace(/ts$/, 'js'));
  mkdirSync(dirname(target), { recursive: true });
  const compilerOptions = { target: typescript.ScriptTarget.ES2022, module: typescript.ModuleKind.ESNext };
  writeFileSync(target, typescript.transpileModule(source, { compilerOptions }).outputText);
}

/** A copy of what stands in `whole`, broken. */
export function breakCopy(whole: string, directory: string, { name, file, from, to }: Break): void {
  const source = readFileSync(file, 'utf8');
  if (source.split(from).length !== 2) throw new Error(`'${name}' does not fit ${file} any more`);
  cpSync(whole, directory, { recursive: true });
  transpile(
    directory,
    file,
    source.replace(from, () => to),
  );
}

/** What the simulator in `directory` says about one seed; undefined: nothing is wrong. */
export function verdict(directory: string, profile: ProfileName, seed: number): string | undefined {
  const options = { seed, profile, steps: STEPS, cores: CORES, clients: CLIENTS };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const { status, stderr } = spawnSync(process.execPath, [join(directory, 'test/sim/main.js'), ...args], {
    encoding: 'utf8',
    env: { ...process.env, ANAX_VERIFY: '1' },
    timeout: RUN_MS_MAX,
  });
  if (status === 0) return undefined;
  return stderr.split('\n').find((line) => /^\w+: /.test(line)) ?? `it ends with ${String(status)}`;
}

/** Prints for each break how many of the seeds catch it, and which. */
export function showBreaks(file: string | undefined): void {
  const root = 'dist/breaks';
  const whole = join(root, 'whole');
  transpileAll(whole);
  for (const one of BREAKS) {
    const directory = join(root, one.name.replaceAll(' ', '-'));
    breakCopy(whole, directory, one);
    const caught: number[] = [];
    let said: string | undefined;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const problem = verdict(directory, one.profile, seed);
      if (problem === undefined) continue;
      caught.push(seed);
      said ??= problem;
    }
    console.log(
      `${one.name}: ${caught.length} of ${SEEDS} seeds (${one.profile}): ${caught.join(' ')}\n  ${said ?? '-'}`,
    );
    const run = { profile: one.profile, seeds: [1, SEEDS], stepsPerRun: STEPS, cores: CORES, clients: CLIENTS };
    if (file !== undefined) record(file, { test: 'break', name: one.name, ...run, caught });
  }
}
