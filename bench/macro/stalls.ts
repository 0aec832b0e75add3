// Stalls: while ten million keys are filled in over pipelined connections, another client's PINGs are timed, one every
// millisecond; afterwards every thread of a Node server runs one full garbage collection and says how long it took.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './client.js';
import type { GcReport } from './gc-probe.js';
import { generateLoad } from './load-generator.js';
import { Prober } from './prober.js';
import { Figures, type Bench, type Goal, type Scenario } from './scenario.js';
import { contestants, REDIS, start, type Contestant } from './servers.js';
import { digits3, summarize } from './statistics.js';

const FILL_CONNECTIONS = 4;
const FILL_PIPELINE = 64;
/** Before the fill: what the machine itself does to a prober. */
const BASELINE_MS = 2000;
const GC_ANSWER_MS_MAX = 20_000;

const STALL = 'max ms';
const FULL_GC = 'full GC ms';
const STALL_GOAL_MS = 20;
const FULL_GC_GOAL_MS = 10;

export const stalls: Scenario = {
  name: 'stalls',
  summary: 'latency of PING every millisecond while 10 M keys are filled in; a full GC on every thread after that',
  rounds: [1, 1],
  async run(bench) {
    const figures = new Figures();
    const all = contestants(bench.anaxCommand, bench.threads);
    bench.progress.plan(bench.rounds * all.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const contestant of all) {
        bench.progress.step(`round ${round}: ${contestant.label}, ${bench.stallKeys} keys`);
        await measure(bench, figures, contestant);
      }
    }
    return {
      contestants: all,
      figures: figures.all,
      compared: [],
      goals: all.filter((one) => one.id.startsWith('anax')).flatMap((one) => goals(figures, one)),
      chart: {
        title: `Latency of PING while ${bench.stallKeys / 1e6} M keys are filled in`,
        subtitle: 'milliseconds, one PING every millisecond beside 4 filling connections; lower is better',
        groups: ['p50 ms', 'p99 ms', 'p99.9 ms', STALL].map((name) => ({
          label: name.replace(' ms', ''),
          sublabel: '',
          values: all.map((one) => summarize(figures.rounds('fill', one.id, name)).median),
        })),
        series: all.map(({ id, label }) => ({ label, muted: id === REDIS })),
        reference: undefined,
        format: digits3,
      },
    };
  },
};

async function measure(bench: Bench, figures: Figures, contestant: Contestant): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'anax-bench-'));
  const probe = new URL('./gc-probe.js', import.meta.url).href;
  const server = await start(contestant, { NODE_OPTIONS: `--import=${probe}`, ANAX_BENCH_GC_DIR: directory });
  try {
    const before = await Prober.start(server.address);
    await sleep(BASELINE_MS);
    const baseline = await before.finish();

    const prober = await Prober.start(server.address);
    const fill = await generateLoad(server.address, {
      operation: 'SET',
      connections: FILL_CONNECTIONS,
      pipeline: FILL_PIPELINE,
      requests: bench.stallKeys,
      keySpace: bench.stallKeys,
      valueBytes: 16,
      sequential: true,
      seed: 1,
      onProgress: (answered) => {
        bench.progress.detail(`${answered} keys`);
      },
    });
    const seen = await prober.finish();
    const size = Number(await ask(server.address, 'DBSIZE'));
    if (size !== bench.stallKeys) throw new Error(`${contestant.label} holds ${size} keys, not ${bench.stallKeys}`);

    const at = { test: 'fill', server: contestant.id, unit: 'ms', better: 'less' } as const;
    figures.add({ ...at, name: 'fill ops/s', unit: '1/s', better: 'more' }, fill.perSecond);
    figures.add({ ...at, name: 'p50 ms' }, seen.p50);
    figures.add({ ...at, name: 'p99 ms' }, seen.p99);
    figures.add({ ...at, name: 'p99.9 ms' }, seen.p999);
    figures.add({ ...at, name: STALL }, seen.max);
    figures.add({ ...at, name: "prober's gap ms" }, seen.ownGapMax);
    figures.add({ ...at, name: 'idle max ms' }, baseline.max);

    const reports = await collectEverywhere(directory);
    if (reports.length === 0) return;
    figures.add({ ...at, name: FULL_GC }, Math.max(...reports.map((report) => report.full)));
    figures.add({ ...at, name: 'minor GC ms' }, Math.max(...reports.map((report) => report.longestMinor)));
    figures.add({ ...at, name: 'major GC ms' }, Math.max(...reports.map((report) => report.longestMajor)));
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Asks every thread of the server for a full collection. Resolves to [] for a server that is no Node process. */
async function collectEverywhere(directory: string): Promise<GcReport[]> {
  writeFileSync(join(directory, 'go'), '');
  const reports = (): string[] => readdirSync(directory).filter((file) => /^gc-\d+\.json$/.test(file));
  const deadline = Date.now() + GC_ANSWER_MS_MAX;
  // The number of threads is the server's own business: wait until no more reports arrive.
  for (let seen = -1; Date.now() < deadline && (seen === -1 || reports().length > seen);) {
    seen = reports().length;
    await sleep(2000);
  }
  if (!existsSync(directory)) return [];
  return reports().map((file) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as GcReport);
}

function goals(figures: Figures, contestant: Contestant): Goal[] {
  const found: Goal[] = [];
  const check = (name: string, wanted: number, text: string): void => {
    const rounds = figures.rounds('fill', contestant.id, name);
    if (rounds.length === 0) return;
    const measured = summarize(rounds).median;
    found.push({
      text: `${text}, ${contestant.label}`,
      wanted: `at most ${wanted} ms`,
      measured: `${digits3(measured)} ms`,
      met: measured <= wanted,
    });
  };
  check(STALL, STALL_GOAL_MS, 'longest wait of a PING while filling');
  check(FULL_GC, FULL_GC_GOAL_MS, 'a full GC on the slowest thread');
  return found;
}
