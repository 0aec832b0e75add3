// One command after another, one thread beside Redis: everything that redis-benchmark does by default, and what users of
// collections do most. Every row fills the server anew, alike for all servers, before it is measured.
import { ask } from './client.js';
import { Filler } from './filler.js';
import { cpuSeconds } from './process-usage.js';
import { runCommandLoad } from './redis-benchmark.js';
import { Figures, type Bench, type Goal, type Outcome, type Scenario } from './scenario.js';
import type { Address, ServerProcess } from './server-process.js';
import { anax, redis, REDIS, start, type Contestant } from './servers.js';
import { digits3, summarize } from './statistics.js';

const PIPELINES = [1, 16] as const;
const CONNECTIONS = 50;
const KEY_SPACE = 100_000;
const WARM_UP_REQUESTS = 20_000;
const LEADERS = 1_000_000;
/** Distinct members of random ones: `KEY_SPACE_WIDE` is so large that few come twice. */
const KEY_SPACE_WIDE = 100_000_000;
const QUEUED_ENTRIES = 400_000;

const THROUGHPUT = 'ops/s';
const CPU = 'CPU µs/cmd';
/** Throughput of one thread to Redis, by pipeline. */
const GOALS: readonly (readonly [pipeline: number, ratio: number])[] = [
  [1, 0.85],
  [16, 1],
];

/** redis-benchmark replaces it by 12 random digits below the row's key space. */
const RANDOM = '__rand_int__';
const VALUE = 'x'.repeat(16);
const KEY = `key:${RANDOM}`;

type Fill = (address: Address) => Promise<void>;

interface Row {
  readonly name: string;
  readonly words: readonly string[];
  readonly keySpace?: number;
  /** How many plain commands it is worth: a heavy one is asked less often while the server warms up. */
  readonly weight?: number;
  /** At most so many requests: the row uses up what it was filled with. */
  readonly requestsMax?: number;
  readonly fill?: Fill;
}

const words = (text: string): string[] => text.split(' ');
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Adds items to a key. */
function filled(command: string, count: number, item: (i: number) => readonly string[]): Fill {
  return async (address) => {
    await new Filler(address).add(command, count, item);
  };
}

/** As many random members as there are requests, about. */
function filledAtRandom(request: string, count: number): Fill {
  return async (address) => {
    const load = { words: words(request), connections: 8, pipeline: 64, requests: count, keySpace: KEY_SPACE_WIDE };
    await runCommandLoad(address, load);
  };
}

function inTurn(...fills: Fill[]): Fill {
  return async (address) => {
    for (const fill of fills) await fill(address);
  };
}

const LIST_1000 = filled('RPUSH list', 1000, (i) => [`element:${i}`]);
const LEADERBOARD = filledAtRandom(`ZADD board ${RANDOM} player:${RANDOM}`, LEADERS);
/** A fixed place in a square of 10 by 10 degrees for every number. */
const PLACES = filled('GEOADD places', 100_000, (i) => [
  String(10 + ((i * 7919) % 10_000) / 1000),
  String(45 + ((i * 104_729) % 10_000) / 1000),
  `place:${i}`,
]);
const QUEUE = inTurn(filledAtRandom(`XADD queue * job ${VALUE} tries 1`, QUEUED_ENTRIES), async (address) => {
  await ask(address, ...words('XGROUP CREATE queue workers 0'));
});

const ROWS: readonly Row[] = [
  { name: 'PING', words: ['PING'] },
  { name: 'SET', words: ['SET', KEY, VALUE] },
  { name: 'GET', words: ['GET', KEY], fill: filled('MSET', KEY_SPACE, (i) => [paddedKey(i), VALUE]) },
  { name: 'INCR', words: ['INCR', `counter:${RANDOM}`] },
  { name: 'LPUSH', words: ['LPUSH', 'list', VALUE] },
  { name: 'RPUSH', words: ['RPUSH', 'list', VALUE] },
  { name: 'LPOP', words: ['LPOP', 'list'], fill: filledAtRandom(`RPUSH list element:${RANDOM}`, LEADERS) },
  { name: 'RPOP', words: ['RPOP', 'list'], fill: filledAtRandom(`RPUSH list element:${RANDOM}`, LEADERS) },
  { name: 'SADD', words: ['SADD', 'set', `element:${RANDOM}`] },
  { name: 'HSET', words: ['HSET', 'hash', `element:${RANDOM}`, VALUE] },
  {
    name: 'HGET',
    words: ['HGET', 'hash', `element:${RANDOM}`],
    fill: filled('HSET hash', KEY_SPACE, (i) => [`element:${padded(i)}`, VALUE]),
  },
  { name: 'SPOP', words: ['SPOP', 'set'], fill: filledAtRandom(`SADD set element:${RANDOM}`, LEADERS) },
  { name: 'ZADD', words: ['ZADD', 'zset', RANDOM, `element:${RANDOM}`] },
  {
    name: 'ZPOPMIN',
    words: ['ZPOPMIN', 'zset'],
    fill: filledAtRandom(`ZADD zset ${RANDOM} element:${RANDOM}`, LEADERS),
  },
  { name: 'LRANGE 100', words: words('LRANGE list 0 99'), weight: 10, fill: LIST_1000 },
  { name: 'LRANGE 300', words: words('LRANGE list 0 299'), weight: 20, fill: LIST_1000 },
  { name: 'LRANGE 600', words: words('LRANGE list 0 599'), weight: 40, fill: LIST_1000 },
  { name: 'MSET 10', words: ['MSET', ...range(10).flatMap(() => [KEY, VALUE])], weight: 5 },
  {
    name: 'ZADD 1M',
    words: ['ZADD', 'board', RANDOM, `player:${RANDOM}`],
    fill: LEADERBOARD,
    keySpace: KEY_SPACE_WIDE,
  },
  { name: 'ZRANGE 1M 10', words: words('ZRANGE board 500000 500009 WITHSCORES'), weight: 2, fill: LEADERBOARD },
  {
    name: 'ZRANK 1M',
    words: ['ZRANK', 'board', `player:${RANDOM}`],
    fill: filled('ZADD board', LEADERS, (i) => [String((i * 7919) % LEADERS), `player:${padded(i)}`]),
    keySpace: LEADERS,
  },
  {
    name: 'HGETALL 100',
    words: words('HGETALL hash'),
    weight: 20,
    fill: filled('HSET hash', 100, (i) => [`field:${i}`, VALUE]),
  },
  {
    name: 'SINTER 10k',
    words: words('SINTER one other'),
    weight: 2000,
    fill: inTurn(
      filled('SADD one', 10_000, (i) => [`member:${i}`]),
      filled('SADD other', 10_000, (i) => [`member:${i + 5000}`]),
    ),
  },
  { name: 'XADD', words: ['XADD', 'stream', '*', 'field', VALUE] },
  {
    name: 'XREADGROUP',
    words: words('XREADGROUP GROUP workers one COUNT 1 STREAMS queue >'),
    requestsMax: QUEUED_ENTRIES / 2,
    fill: QUEUE,
  },
  { name: 'PFADD', words: ['PFADD', 'visitors', `visitor:${RANDOM}`] },
  {
    name: 'GEOSEARCH',
    words: words('GEOSEARCH places FROMLONLAT 15 50 BYRADIUS 20 km ASC COUNT 10'),
    weight: 20,
    fill: PLACES,
  },
  {
    name: 'SORT 1000',
    words: words('SORT numbers LIMIT 0 10'),
    weight: 200,
    fill: filled('RPUSH numbers', 1000, (i) => [String((i * 7919) % 1000)]),
  },
];

function padded(number: number): string {
  return String(number).padStart(12, '0');
}

function paddedKey(number: number): string {
  return `key:${padded(number)}`;
}

export const commands: Scenario = {
  name: 'commands',
  summary: 'one command after another, pipelines 1 and 16, one thread beside Redis',
  rounds: [3, 1],
  async run(bench): Promise<Outcome> {
    const oracle = redis();
    const all = [anax(bench.anaxCommand, 1, 'cores'), ...(oracle === undefined ? [] : [oracle])];
    const figures = new Figures();
    const rows = ROWS.filter(({ name }) => bench.only === undefined || name.includes(bench.only));
    bench.progress.plan(bench.rounds * rows.length * all.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const row of rows) {
        for (const contestant of all) {
          bench.progress.step(`round ${round}: ${row.name}, ${contestant.label}`);
          const server = await start(contestant);
          for (const pipeline of PIPELINES) await measure(bench, figures, contestant, server, row, pipeline);
          await server.stop();
        }
      }
    }
    return {
      contestants: all,
      figures: figures.all,
      compared: [THROUGHPUT, CPU],
      goals: goals(figures),
      chart: undefined,
    };
  },
};

async function measure(
  bench: Bench,
  figures: Figures,
  contestant: Contestant,
  server: ServerProcess,
  row: Row,
  pipeline: number,
): Promise<void> {
  const { address } = server;
  await ask(address, 'FLUSHALL');
  await row.fill?.(address);
  const load = { words: row.words, connections: CONNECTIONS, pipeline, keySpace: row.keySpace ?? KEY_SPACE };
  const least = CONNECTIONS * pipeline;
  const warmUp = Math.max(least, Math.ceil((WARM_UP_REQUESTS * Math.min(pipeline, 8)) / (row.weight ?? 1)));
  const { perSecond } = await runCommandLoad(address, { ...load, requests: warmUp });
  const requests = Math.min(Math.max(least, Math.ceil(perSecond * bench.seconds)), row.requestsMax ?? Infinity);

  const cpuBefore = cpuSeconds(server.pid);
  const result = await runCommandLoad(address, { ...load, requests });
  const cpu = cpuSeconds(server.pid) - cpuBefore;

  const at = { test: `${row.name} P${pipeline}`, server: contestant.id } as const;
  figures.add({ ...at, name: THROUGHPUT, unit: '1/s', better: 'more' }, result.perSecond);
  figures.add({ ...at, name: 'p99 ms', unit: 'ms', better: 'less' }, result.p99);
  figures.add({ ...at, name: CPU, unit: 'µs', better: 'less' }, (cpu * 1e6) / result.requests);
}

function goals(figures: Figures): Goal[] {
  const found: Goal[] = [];
  for (const [pipeline, wanted] of GOALS) {
    for (const { name } of ROWS) {
      const ratios = figures.ratios(`${name} P${pipeline}`, 'anax-1', REDIS, THROUGHPUT);
      if (ratios.length === 0) continue;
      const measured = summarize(ratios).median;
      found.push({
        text: `${name}, pipeline ${pipeline}: throughput of 1 thread to Redis`,
        wanted: `at least ${digits3(wanted)}x`,
        measured: `${digits3(measured)}x`,
        met: measured >= wanted,
      });
    }
  }
  return found;
}
