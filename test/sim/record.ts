// Outcomes of the simulator, kept as lines of JSON beside those of the benchmarks.

import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Appends `outcome` to `file`, with when and with what it came about. */
export function record(file: string, outcome: object): void {
  const run = { date: new Date().toISOString(), commit: commit(), node: process.version, cpu: cpus()[0].model };
  appendFileSync(file, `${JSON.stringify({ ...run, ...outcome })}\n`);
}

/** The commit of the tree; `+`: the tree has changes. */
function commit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '-uno') === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
