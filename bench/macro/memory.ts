// Bytes per key and item: what a million of them add to an empty server, by its own account (INFO used_memory) and by the
// system's (resident bytes): string keys of 16 bytes with 16-byte values, without and with a time to live, the 16-byte
// elements of one list, the fields of one hash (12 bytes with values of 12), and small hashes of five fields.
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, info } from './client.js';
import { generateLoad, HASH_KEY, LIST_KEY, type LoadPlan } from './load-generator.js';
import { residentBytes } from './process-usage.js';
import { Figures, type Bench, type Goal, type Scenario } from './scenario.js';
import { contestants, REDIS, start, type Contestant } from './servers.js';
import { digits3, summarize } from './statistics.js';
import type { ServerProcess } from './server-process.js';

const KEYS = 1_000_000;
const QUICK_KEYS = 200_000;
const TTL_SECONDS = 1_000_000;
/** After the last client is gone, buffers return and counters are refreshed. */
const SETTLE_MS = 1500;

const USED = 'used B/key';
const RESIDENT = 'RSS B/key';
const RSS_OVER_USED = 'RSS/used';
const PLAIN = 'plain';
const WITH_TTL = 'with TTL';
const LIST_ITEM = 'list item';
const HASH_FIELD = 'hash field';
const SMALL_HASH = 'small hash';

interface MemoryTest {
  readonly name: string;
  readonly load: Pick<LoadPlan, 'operation' | 'ttlSeconds'> & Partial<Pick<LoadPlan, 'valueBytes'>>;
  /** Says how many there are in the end. */
  readonly count: readonly string[];
  /** Bytes of each beyond an empty server that the project asks of itself. */
  readonly usedGoal: number;
  /** Resident bytes per counted byte are judged too: there are enough of them to stand out. */
  readonly judgesResident: boolean;
}

const TESTS: readonly MemoryTest[] = [
  { name: PLAIN, load: { operation: 'SET' }, count: ['DBSIZE'], usedGoal: 60, judgesResident: true },
  {
    name: WITH_TTL,
    load: { operation: 'SET', ttlSeconds: TTL_SECONDS },
    count: ['DBSIZE'],
    usedGoal: 68,
    judgesResident: true,
  },
  { name: LIST_ITEM, load: { operation: 'RPUSH' }, count: ['LLEN', LIST_KEY], usedGoal: 19, judgesResident: false },
  {
    name: HASH_FIELD,
    load: { operation: 'HSET', valueBytes: 12 },
    count: ['HLEN', HASH_KEY],
    usedGoal: 46,
    judgesResident: false,
  },
  { name: SMALL_HASH, load: { operation: 'HSET-small' }, count: ['DBSIZE'], usedGoal: 130, judgesResident: false },
];

const RSS_OVER_USED_GOAL = 1.25;

export const memory: Scenario = {
  name: 'memory',
  summary:
    'bytes per key of a million 16-byte keys with 16-byte values, per item of a list, field of a hash, small hash',
  rounds: [3, 1],
  async run(bench) {
    const figures = new Figures();
    const all = contestants(bench.anaxCommand, bench.threads);
    bench.progress.plan(bench.rounds * all.length * TESTS.length);
    for (let round = 1; round <= bench.rounds; round++) {
      for (const contestant of all) {
        for (const test of TESTS) {
          bench.progress.step(`round ${round}: ${contestant.label}, ${test.name}`);
          const server = await start(contestant);
          await measure(bench, figures, contestant, server, test);
          await server.stop();
        }
      }
    }
    return {
      contestants: all,
      figures: figures.all,
      compared: [USED, RESIDENT],
      goals: goals(figures),
      chart: {
        title: 'Memory per key and item',
        subtitle: 'bytes added by a 16-byte key with a 16-byte value, by items of collections; lower is better',
        groups: TESTS.flatMap(({ name: test }) =>
          [USED, RESIDENT].map((name) => ({
            label: test,
            sublabel: name === USED ? 'by its own count' : 'resident',
            values: all.map((one) => summarize(figures.rounds(test, one.id, name)).median),
          })),
        ),
        series: all.map(({ id, label }) => ({ label, muted: id === REDIS })),
        reference: undefined,
        format: (value) => value.toFixed(0),
      },
    };
  },
};

async function measure(
  bench: Bench,
  figures: Figures,
  contestant: Contestant,
  server: ServerProcess,
  test: MemoryTest,
): Promise<void> {
  const keys = bench.quick ? QUICK_KEYS : KEYS;
  await sleep(SETTLE_MS);
  const before = await usage(server);
  await generateLoad(server.address, {
    valueBytes: 16,
    ...test.load,
    connections: 8,
    pipeline: 64,
    requests: keys,
    keySpace: keys,
    sequential: true,
    seed: 1,
    onProgress: (answered) => {
      bench.progress.detail(`${answered} keys`);
    },
  });
  await sleep(SETTLE_MS);
  const size = Number(await ask(server.address, ...test.count));
  if (size !== keys) throw new Error(`${contestant.label} holds ${size} keys after ${keys} were set`);
  const after = await usage(server);

  const at = { test: test.name, server: contestant.id } as const;
  const used = after.used - before.used;
  const resident = after.resident - before.resident;
  figures.add({ ...at, name: USED, unit: 'B', better: 'less' }, used / keys);
  figures.add({ ...at, name: RESIDENT, unit: 'B', better: 'less' }, resident / keys);
  figures.add({ ...at, name: RSS_OVER_USED, unit: 'x', better: 'less' }, resident / used);
  figures.add({ ...at, name: 'empty RSS MiB', unit: 'MiB', better: 'less' }, before.resident / 1_048_576);
}

async function usage(server: ServerProcess): Promise<{ used: number; resident: number }> {
  const used = Number((await info(server.address, 'memory')).get('used_memory'));
  if (!Number.isInteger(used)) throw new Error('INFO memory has no used_memory');
  return { used, resident: residentBytes(server.pid) };
}

function goals(figures: Figures): Goal[] {
  const found: Goal[] = [];
  for (const { name: test, usedGoal, judgesResident } of TESTS) {
    const measured = summarize(figures.rounds(test, 'anax-1', USED)).median;
    const text = `bytes per key or item, ${test}, 1 thread`;
    found.push({ text, wanted: `at most ${usedGoal}`, measured: digits3(measured), met: measured <= usedGoal });
    if (!judgesResident) continue;
    const overhead = summarize(figures.rounds(test, 'anax-1', RSS_OVER_USED)).median;
    found.push({
      text: `resident bytes to counted bytes, ${test}, 1 thread`,
      wanted: `at most ${RSS_OVER_USED_GOAL}x`,
      measured: `${digits3(overhead)}x`,
      met: overhead <= RSS_OVER_USED_GOAL,
    });
  }
  return found;
}
