// `npm run sim -- --seed 1 --steps 200000 --profile mixed [--cores N] [--clients C] [--runs R] [--record FILE]`
// `npm run sim -- breaks [--record FILE]`
//
// Runs seeds `seed`, `seed + 1`, ... of so many steps each (`--runs 0`: for ever), some profiles (`a,b`) or all in turn, and
// prints what was checked. A violation is printed with the command that replays it; the exit code is 1 then. `breaks` shows
// what the judge is worth (breaks.ts). `--record` appends the outcome to a file, as a line of JSON.

import { parseArgs } from 'node:util';
import { capabilities } from './capabilities.js';
import { isProfile, PROFILE_NAMES, type ProfileName } from './profiles.js';
import { record } from './record.js';
import { simulate, type RunOptions, type RunReport } from './simulation.js';

const PROGRESS_MS = 2000;
const US_PER_MS = 1000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '100000' },
    runs: { type: 'string', default: '1' },
    cores: { type: 'string' },
    clients: { type: 'string' },
    profile: { type: 'string', default: 'all' },
    record: { type: 'string' },
  },
});

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) usage(`not a number: ${text}`);
  return value;
}

function usage(problem: string): never {
  console.error(`${problem}\nprofiles: all ${PROFILE_NAMES.join(' ')}`);
  process.exit(2);
}

function profilesOf(names: string): readonly ProfileName[] {
  if (names === 'all') return PROFILE_NAMES;
  return names.split(',').map((name) => (isProfile(name) ? name : usage(`no such profile: ${name}`)));
}

function replayCommand({ seed, steps, profile, cores, clients }: RunOptions): string {
  const fixed = [cores === undefined ? '' : ` --cores ${cores}`, clients === undefined ? '' : ` --clients ${clients}`];
  return `npm run sim -- --seed ${seed} --steps ${steps} --profile ${profile}${fixed.join('')}`;
}

function describe(report: RunReport): string {
  const { seed, profile, cores, clients, steps, operations, transactions, configurationsMax } = report;
  const counts = `${steps} steps, ${operations} operations, ${transactions} transactions`;
  return `seed ${seed} ${profile}: ${cores} cores, ${clients} clients, ${counts}, at most ${configurationsMax} states`;
}

async function main(): Promise<void> {
  const able = await capabilities();
  if (able.broken.length > 0) console.error(`these stop the server and are left out: ${able.broken.join(' ')}`);
  const seed = numberOf(values.seed) ?? 1;
  const steps = numberOf(values.steps) ?? 0;
  const runs = numberOf(values.runs) ?? 1;
  const cores = numberOf(values.cores);
  const clients = numberOf(values.clients);
  const profiles = profilesOf(values.profile);
  const totals = { steps: 0, operations: 0, transactions: 0, configurationsMax: 0, undecided: 0 };
  const startMs = performance.now();
  for (let run = 0; runs === 0 || run < runs; run++) {
    for (const profile of profiles) {
      const options: RunOptions = {
        seed: seed + run,
        steps,
        profile,
        capabilities: able,
        ...(cores === undefined ? {} : { cores }),
        ...(clients === undefined ? {} : { clients }),
        onProgress: progressPrinter(),
      };
      const report = await judged(options);
      console.log(describe(report) + (report.isUndecided ? ' (undecided: too many states)' : ''));
      totals.steps += report.steps;
      totals.operations += report.operations;
      totals.transactions += report.transactions;
      totals.configurationsMax = Math.max(totals.configurationsMax, report.configurationsMax);
      if (report.isUndecided) totals.undecided++;
    }
  }
  const seconds = (performance.now() - startMs) / US_PER_MS;
  console.log(
    `no violation: ${totals.operations} operations, ${totals.transactions} transactions, at most ` +
      `${totals.configurationsMax} states, ${totals.undecided} runs undecided, ` +
      `${Math.round(totals.operations / seconds)} operations per second`,
  );
  if (values.record === undefined) return;
  const what = { seeds: [seed, seed + runs - 1], profiles, stepsPerRun: steps, cores, clients };
  record(values.record, { test: 'sim', ...what, ...totals, seconds: Math.round(seconds) });
}

/** Runs one seed; a violation, or a failed assertion of the server, ends the process. */
async function judged(options: RunOptions): Promise<RunReport> {
  const fail = (error: unknown): never => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    console.error(`\nreplay: ${replayCommand(options)}`);
    process.exit(1);
  };
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', fail);
  try {
    return await simulate(options);
  } catch (error) {
    return fail(error);
  }
}

function progressPrinter(): (report: RunReport) => void {
  let lastMs = performance.now();
  return (report) => {
    if (performance.now() - lastMs < PROGRESS_MS) return;
    lastMs = performance.now();
    console.log(`  ... ${describe(report)}`);
  };
}

if (positionals.includes('breaks')) (await import('./breaks.js')).showBreaks(values.record);
else await main();
