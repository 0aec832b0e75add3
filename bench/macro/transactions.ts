// Commands over several keys and MULTI blocks, on one shard and over all of them; what an MSET over all shards costs in records
// and wake-ups when nobody else is there; and twenty keys that everybody wants.
//
// Redis has one shard: its figures for "one" and "all" differ by the keys' places in memory only.
import { ask, info } from './client.js';
import type { Chart } from './chart.js';
import { cpuSeconds } from './process-usage.js';
import { ANY, loadRequests, SAME, type Request, type RequestLoad } from './request-load.js';
import { Figures, type Bench, type Goal, type Outcome, type Scenario } from './scenario.js';
import type { Address, ServerProcess } from './server-process.js';
import { contestants, REDIS, start, type Contestant } from './servers.js';
import { digits3, summarize } from './statistics.js';

const CLIENTS = 50;
const NUMBERS = 100_000;
const HOT_KEYS = 20;
const KEYS_AT_ONCE = 10;
/** Far more code runs for a transaction than for a GET: it takes that many until all of it is compiled. */
const WARM_UP_REQUESTS = 20_000;
const WARM_UP_ALONE = 2000;
/** Runs of several hundred thousand requests tell nothing more. */
const REQUESTS_MAX = 200_000;
const VALUE = 'x'.repeat(16);

const THROUGHPUT = 'req/s';
const CPU = 'CPU µs/req';
const LONGEST = 'max ms';
const LEAST = 'least/mean';
const MESSAGES = 'records/req';

/** Over all shards: ten keys miss one of two shards once in five hundred times. */
const ALL = `key:${ANY}`;
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const oneShard = (i: number): string => `{${SAME}}:${i}`;
const allShards = (): string => ALL;

const mset = (key: (i: number) => string): Request => [
  ['MSET', ...range(KEYS_AT_ONCE).flatMap((i) => [key(i), VALUE])],
];
const mget = (key: (i: number) => string): Request => [['MGET', ...range(KEYS_AT_ONCE).map(key)]];
const inMulti = (...commands: readonly (readonly string[])[]): Request => [['MULTI'], ...commands, ['EXEC']];
const sets = (key: (i: number) => string): Request => inMulti(...range(5).map((i) => ['SET', key(i), VALUE]));
const mixed = (key: (i: number) => string): Request =>
  inMulti(
    ['SET', key(0), '10'],
    ['GET', key(1)],
    ['INCR', `n${key(2)}`],
    ['EXPIRE', key(3), '1000'],
    ['EXISTS', key(4)],
  );

interface Row {
  readonly name: string;
  readonly requests: readonly Request[];
  readonly clients?: number;
  readonly numbers?: number;
}

/** Keys that lie on all shards of a machine of ordinary size, the same in every request. */
const FIXED: Request = [['MSET', ...range(64).flatMap((i) => [`fixed:${i}`, VALUE])]];
const ALONE = 'MSET 64 all, 1 client';
const HOT = 'hot keys';

const ROWS: readonly Row[] = [
  { name: 'MSET 10 one', requests: [mset(oneShard)] },
  { name: 'MSET 10 all', requests: [mset(allShards)] },
  { name: 'MGET 10 one', requests: [mget(oneShard)] },
  { name: 'MGET 10 all', requests: [mget(allShards)] },
  { name: 'MULTI 5 SET one', requests: [sets(oneShard)] },
  { name: 'MULTI 5 SET all', requests: [sets(allShards)] },
  { name: 'MULTI 5 mixed one', requests: [mixed(oneShard)] },
  { name: 'MULTI 5 mixed all', requests: [mixed(allShards)] },
  { name: ALONE, requests: [FIXED], clients: 1 },
  {
    name: HOT,
    requests: [mset(allShards), mget(allShards), sets(allShards), [['SET', ALL, VALUE]], [['GET', ALL]]],
    numbers: HOT_KEYS,
  },
];

export const transactions: Scenario = {
  name: 'transactions',
  summary: 'MSET, MGET and MULTI on one shard and over all; records for an MSET; 20 hot keys under 50 clients',
  rounds: [5, 1],
  async run(bench): Promise<Outcome> {
    const all = contestants(bench.anaxCommand, bench.threads);
    const figures = new Figures();
    const rows = ROWS.filter(({ name }) => bench.only === undefined || name.includes(bench.only));
    bench.progress.plan(bench.rounds * rows.length * all.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const contestant of all) {
        const server = await start(contestant);
        for (const row of rows) {
          bench.progress.step(`round ${round}: ${contestant.label}, ${row.name}`);
          await measure(bench, figures, contestant, server, row, round);
        }
        await server.stop();
      }
    }
    return {
      contestants: all,
      figures: figures.all,
      compared: [THROUGHPUT, CPU],
      goals: all.flatMap((one) => [...messageGoals(figures, one), ...fairnessGoals(figures, one)]),
      chart: chart(figures, all),
    };
  },
};

async function measure(
  bench: Bench,
  figures: Figures,
  contestant: Contestant,
  server: ServerProcess,
  row: Row,
  round: number,
): Promise<void> {
  const { address } = server;
  await ask(address, 'FLUSHALL');
  const clients = row.clients ?? CLIENTS;
  const load = { requests: row.requests, clients, numbers: row.numbers ?? NUMBERS, seed: round };
  const warmUp: RequestLoad = { ...load, count: clients === 1 ? WARM_UP_ALONE : WARM_UP_REQUESTS };
  const { perSecond } = await loadRequests(address, warmUp);
  const count = Math.min(REQUESTS_MAX, Math.ceil(perSecond * bench.seconds));

  const trafficBefore = await traffic(address);
  const cpuBefore = cpuSeconds(server.pid);
  const result = await loadRequests(address, { ...load, count });
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  const trafficAfter = await traffic(address);

  const at = { test: row.name, server: contestant.id } as const;
  figures.add({ ...at, name: THROUGHPUT, unit: '1/s', better: 'more' }, result.perSecond);
  figures.add({ ...at, name: CPU, unit: 'µs', better: 'less' }, (cpu * 1e6) / count);
  figures.add({ ...at, name: 'p50 ms', unit: 'ms', better: 'less' }, result.p50);
  figures.add({ ...at, name: 'p99 ms', unit: 'ms', better: 'less' }, result.p99);
  figures.add({ ...at, name: LONGEST, unit: 'ms', better: 'less' }, result.max);
  figures.add({ ...at, name: LEAST, unit: '', better: 'more' }, result.leastServed);
  figures.add({ ...at, name: 'most/mean', unit: '', better: 'less' }, result.mostServed);
  if (contestant.id === REDIS) return;
  const messages = (trafficAfter.messages - trafficBefore.messages) / count;
  figures.add({ ...at, name: MESSAGES, unit: '', better: 'less' }, messages);
  figures.add(
    { ...at, name: 'wake-ups/req', unit: '', better: 'less' },
    (trafficAfter.wakeups - trafficBefore.wakeups) / count,
  );
}

/** Records that all threads have put on rings so far, and threads woken for them: INFO's section cores. */
async function traffic(address: Address): Promise<{ messages: number; wakeups: number }> {
  const sum = { messages: 0, wakeups: 0 };
  for (const [name, value] of await info(address, 'cores')) {
    if (!/^core\d+$/.test(name)) continue;
    sum.messages += Number(/messages=(\d+)/.exec(value)?.[1] ?? 0);
    sum.wakeups += Number(/wakeups=(\d+)/.exec(value)?.[1] ?? 0);
  }
  return sum;
}

/** An MSET over all shards that nobody stands in the way of is one record for each foreign shard, and its answer. */
function messageGoals(figures: Figures, contestant: Contestant): Goal[] {
  const rounds = figures.rounds(ALONE, contestant.id, MESSAGES);
  if (rounds.length === 0) return [];
  const foreign = contestant.id.endsWith('main') ? contestant.threads : contestant.threads - 1;
  const measured = summarize(rounds).median;
  return [
    {
      text: `records of an MSET over all shards, ${contestant.label}`,
      wanted: `${2 * foreign}: one for each foreign shard, and its answer`,
      measured: digits3(measured),
      met: Math.abs(measured - 2 * foreign) < 0.01,
    },
  ];
}

function fairnessGoals(figures: Figures, contestant: Contestant): Goal[] {
  const least = figures.rounds(HOT, contestant.id, LEAST);
  const longest = figures.rounds(HOT, contestant.id, LONGEST);
  if (least.length === 0 || contestant.id === REDIS) return [];
  return [
    {
      text: `${HOT_KEYS} hot keys, ${CLIENTS} clients: the least served to the mean of its kind, ${contestant.label}`,
      wanted: 'at least 0.5 in the worst round',
      measured: `${digits3(Math.min(...least))}; longest wait ${digits3(Math.max(...longest))} ms`,
      met: Math.min(...least) >= 0.5,
    },
  ];
}

function chart(figures: Figures, all: readonly Contestant[]): Chart {
  return {
    title: 'CPU time per transaction',
    subtitle: 'microseconds over all threads, lower is better; ten keys, or five commands in MULTI; 50 clients',
    groups: ROWS.filter(({ name }) => name !== ALONE && name !== HOT).map(({ name }) => ({
      label: name.replace(/ \w+$/, ''),
      sublabel: name.endsWith('one') ? 'one shard' : 'all shards',
      values: all.map((one) => summarize(figures.rounds(name, one.id, CPU)).median),
    })),
    series: all.map(({ id, label }) => ({ label, muted: id === REDIS })),
    reference: undefined,
    format: digits3,
  };
}
