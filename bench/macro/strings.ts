// SET and GET at pipelines 1, 16 and 64: throughput, latency and the server's CPU time per command.
import { REDIS, anax, contestants, start, type Contestant } from './servers.js';
import type { LoadPlan } from './load-generator.js';
import { cpuSeconds, residentBytes } from './process-usage.js';
import { Figures, type Bench, type Goal, type Outcome, type Scenario } from './scenario.js';
import { digits3, summarize } from './statistics.js';
import type { Chart } from './chart.js';
import type { ServerProcess } from './server-process.js';

const OPERATIONS = ['SET', 'GET'] as const;
const PIPELINES = [1, 16, 64] as const;
const CONNECTIONS = 50;
const KEY_SPACE = 100_000;
const VALUE_BYTES = 16;
/** The warm-up run of each pipeline also tells how many requests fill the measured run's seconds. */
const WARM_UP_REQUESTS_PER_PIPELINE = 20_000;

const THROUGHPUT = 'ops/s';
const CPU = 'CPU µs/cmd';

/** Throughput of one thread to Redis that the project asks of itself, by pipeline. */
const THROUGHPUT_GOALS: readonly (readonly [pipeline: number, ratio: number])[] = [
  [1, 0.85],
  [16, 1],
  [64, 1.4],
];
/** CPU per command of two threads to one, at pipeline 16. */
const HOP_GOAL = 1.8;

export const strings: Scenario = {
  name: 'strings',
  summary: 'SET and GET at pipelines 1, 16 and 64: throughput, latency, CPU per command',
  rounds: [5, 1],
  async run(bench) {
    const all = contestants(bench.anaxCommand, bench.threads);
    const figures = await compare(bench, all, PIPELINES);
    const goals = [...throughputGoals(figures), ...hopGoals(figures, all)];
    const compared = [THROUGHPUT, CPU];
    return { contestants: all, figures: figures.all, compared, goals, chart: ratioChart(figures, all) };
  },
};

export const hop: Scenario = {
  name: 'hop',
  summary: 'what a second thread costs: CPU per command of 2 threads against 1, pipelines 16 and 64',
  rounds: [5, 1],
  async run(bench): Promise<Outcome> {
    const command = bench.anaxCommand;
    const all = [anax(command, 1, 'cores'), anax(command, 2, 'cores'), anax(command, 2, 'main')];
    const figures = await compare(bench, all, [16, 64]);
    return {
      contestants: all,
      figures: figures.all,
      compared: [],
      goals: hopGoals(figures, all),
      chart: cpuChart(figures, all),
    };
  },
};

async function compare(bench: Bench, all: readonly Contestant[], pipelines: readonly number[]): Promise<Figures> {
  const figures = new Figures();
  bench.progress.plan(bench.rounds * all.length * pipelines.length * OPERATIONS.length);
  for (let round = 1; round <= bench.rounds; round++) {
    for (const contestant of all) {
      const server = await start(contestant);
      for (const pipeline of pipelines) {
        for (const operation of OPERATIONS) {
          bench.progress.step(`round ${round}: ${contestant.label}, ${operation}, pipeline ${pipeline}`);
          await measure(bench, figures, contestant, server, operation, pipeline);
        }
      }
      await server.stop();
    }
  }
  return figures;
}

async function measure(
  bench: Bench,
  figures: Figures,
  contestant: Contestant,
  server: ServerProcess,
  operation: 'SET' | 'GET',
  pipeline: number,
): Promise<void> {
  const load = { operation, connections: CONNECTIONS, pipeline, keySpace: KEY_SPACE, valueBytes: VALUE_BYTES, seed: 1 };
  const warmUp: LoadPlan = { ...load, requests: WARM_UP_REQUESTS_PER_PIPELINE * Math.min(pipeline, 16) };
  const { perSecond } = await bench.generator.load(server.address, warmUp);
  const requests = Math.ceil(perSecond * bench.seconds);

  const cpuBefore = cpuSeconds(server.pid);
  const result = await bench.generator.load(server.address, { ...load, requests });
  const cpu = cpuSeconds(server.pid) - cpuBefore;

  const at = { test: `${operation} P${pipeline}`, server: contestant.id } as const;
  figures.add({ ...at, name: THROUGHPUT, unit: '1/s', better: 'more' }, result.perSecond);
  figures.add({ ...at, name: 'p50 ms', unit: 'ms', better: 'less' }, result.p50);
  figures.add({ ...at, name: 'p99 ms', unit: 'ms', better: 'less' }, result.p99);
  figures.add({ ...at, name: 'p99.9 ms', unit: 'ms', better: 'less' }, result.p999);
  figures.add({ ...at, name: CPU, unit: 'µs', better: 'less' }, (cpu * 1e6) / result.requests);
  figures.add({ ...at, name: 'RSS MiB', unit: 'MiB', better: 'less' }, residentBytes(server.pid) / 1_048_576);
}

function throughputGoals(figures: Figures): Goal[] {
  const goals: Goal[] = [];
  for (const [pipeline, wanted] of THROUGHPUT_GOALS) {
    for (const operation of OPERATIONS) {
      const ratios = figures.ratios(`${operation} P${pipeline}`, 'anax-1', REDIS, THROUGHPUT);
      if (ratios.length === 0) continue;
      const measured = summarize(ratios).median;
      const text = `${operation}, pipeline ${pipeline}: throughput of 1 thread to Redis`;
      goals.push({
        text,
        wanted: `at least ${digits3(wanted)}x`,
        measured: `${digits3(measured)}x`,
        met: measured >= wanted,
      });
    }
  }
  return goals;
}

function hopGoals(figures: Figures, all: readonly Contestant[]): Goal[] {
  const goals: Goal[] = [];
  for (const contestant of all.filter((one) => one.threads === 2)) {
    for (const operation of OPERATIONS) {
      const ratios = figures.ratios(`${operation} P16`, contestant.id, 'anax-1', CPU);
      if (ratios.length === 0) continue;
      const measured = summarize(ratios).median;
      goals.push({
        text: `${operation}, pipeline 16: CPU per command of ${contestant.label} to 1 thread`,
        wanted: `at most ${digits3(HOP_GOAL)}x`,
        measured: `${digits3(measured)}x`,
        met: measured <= HOP_GOAL,
      });
    }
  }
  return goals;
}

function ratioChart(figures: Figures, all: readonly Contestant[]): Chart | undefined {
  if (!all.some((contestant) => contestant.id === REDIS)) return undefined;
  const wirings = all.filter((contestant) => contestant.id !== REDIS);
  const tests = PIPELINES.flatMap((pipeline) => OPERATIONS.map((operation) => [operation, pipeline] as const));
  return {
    title: 'Throughput relative to Redis',
    subtitle: `${all.find((one) => one.id === REDIS)?.label ?? ''} = 1, higher is better; ${CONNECTIONS} clients, 16-byte keys and values`,
    groups: tests.map(([operation, pipeline]) => ({
      label: operation,
      sublabel: `pipeline ${pipeline}`,
      values: wirings.map(
        (wiring) => summarize(figures.ratios(`${operation} P${pipeline}`, wiring.id, REDIS, THROUGHPUT)).median,
      ),
    })),
    series: wirings.map(({ id, label }) => ({ label, muted: id === REDIS })),
    reference: { value: 1, label: 'Redis' },
    format: (value) => value.toFixed(2),
  };
}

function cpuChart(figures: Figures, all: readonly Contestant[]): Chart {
  const tests = [16, 64].flatMap((pipeline) => OPERATIONS.map((operation) => [operation, pipeline] as const));
  return {
    title: 'CPU time per command',
    subtitle: 'microseconds over all threads, lower is better; half the keys are on the other thread',
    groups: tests.map(([operation, pipeline]) => ({
      label: operation,
      sublabel: `pipeline ${pipeline}`,
      values: all.map((one) => summarize(figures.rounds(`${operation} P${pipeline}`, one.id, CPU)).median),
    })),
    series: all.map(({ id, label }) => ({ label, muted: id === REDIS })),
    reference: undefined,
    format: (value) => value.toFixed(2),
  };
}
