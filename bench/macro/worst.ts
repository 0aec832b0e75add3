// The slowest single requests: how long one of them takes on large values, beside Redis on the same data. A core does
// nothing else meanwhile, so this is how long everybody else waits.
import { encodeRequest } from './client.js';
import { Filler } from './filler.js';
import { Figures, type Outcome, type Scenario } from './scenario.js';
import { connectTo, type Address } from './server-process.js';
import { anax, redis, start } from './servers.js';

const STALL = 'ms';
const ITEMS = 1_000_000;
const ITEMS_QUICK = 50_000;
/** Bytes of the long string for each item of the others. */
const BYTES_PER_ITEM = 64;
/** Each request is made so often on small values first: nobody's server is cold. */
const WARM_UP_ROUNDS = 30;
const WARM_UP_ITEMS = 1000;
const MARKER = 'the end of it';
const TAIL_CHARS = 64;
const ERROR_BYTE = 0x2d;

interface Case {
  readonly name: string;
  readonly fill: (filler: Filler, items: number) => Promise<void>;
  /** What is measured, once: it may use up what it was given. */
  readonly request: (items: number) => readonly string[];
}

const tenth = (items: number): number => Math.floor(items / 10);

const list = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('RPUSH list', items, (i) => [`element:${i}`]);
};
const set = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('SADD set', items, (i) => [`member:${i}`]);
};
const hash = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('HSET hash', items, (i) => [`field:${i}`, 'value']);
};
const zset = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('ZADD zset', items, (i) => [String((i * 7919) % items), `member:${i}`]);
};
const twoSets = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('SADD one', tenth(items), (i) => [`member:${i}`]);
  await filler.add('SADD other', tenth(items), (i) => [`member:${i + tenth(items) / 2}`]);
};
const twoZSets = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('ZADD one', tenth(items), (i) => [String(i), `member:${i}`]);
  await filler.add('ZADD other', tenth(items), (i) => [String(i), `member:${i + tenth(items) / 2}`]);
};
const bits = async (filler: Filler, items: number): Promise<void> => {
  await filler.ask('SETBIT', 'bits', String(items * BYTES_PER_ITEM * 8 - 1), '1');
};
const numbers = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('RPUSH numbers', tenth(items), (i) => [String((i * 7919) % tenth(items))]);
};
const keys = async (filler: Filler, items: number): Promise<void> => {
  await filler.add('MSET', items, (i) => [`key:${i}`, 'value']);
};
const stream = async (filler: Filler, items: number): Promise<void> => {
  await filler.each(items, (i) => ['XADD', 'stream', `1-${i + 1}`, 'field', 'value']);
};

const fixed = (text: string) => (): readonly string[] => text.split(' ');

const CASES: readonly Case[] = [
  {
    name: 'LINSERT in the middle',
    fill: list,
    request: (n) => ['LINSERT', 'list', 'BEFORE', `element:${n >> 1}`, 'new'],
  },
  { name: 'LREM of nothing', fill: list, request: fixed('LREM list 0 none') },
  { name: 'LPOS of nothing', fill: list, request: fixed('LPOS list none') },
  { name: 'LTRIM to half', fill: list, request: (n) => ['LTRIM', 'list', '0', String(n >> 1)] },
  { name: 'LRANGE 100k', fill: list, request: (n) => `LRANGE list 0 ${tenth(n) - 1}`.split(' ') },
  { name: 'DEL list', fill: list, request: fixed('DEL list') },
  { name: 'SMEMBERS', fill: set, request: fixed('SMEMBERS set') },
  { name: 'SPOP 100k', fill: set, request: (n) => `SPOP set ${tenth(n)}`.split(' ') },
  { name: 'SRANDMEMBER 100k', fill: set, request: (n) => `SRANDMEMBER set ${tenth(n)}`.split(' ') },
  { name: 'SINTERSTORE 100k', fill: twoSets, request: fixed('SINTERSTORE target one other') },
  { name: 'SUNIONSTORE 100k', fill: twoSets, request: fixed('SUNIONSTORE target one other') },
  { name: 'SDIFFSTORE 100k', fill: twoSets, request: fixed('SDIFFSTORE target one other') },
  { name: 'DEL set', fill: set, request: fixed('DEL set') },
  { name: 'UNLINK set', fill: set, request: fixed('UNLINK set') },
  { name: 'HGETALL', fill: hash, request: fixed('HGETALL hash') },
  { name: 'HKEYS', fill: hash, request: fixed('HKEYS hash') },
  { name: 'COPY hash', fill: hash, request: fixed('COPY hash copy') },
  { name: 'DEL hash', fill: hash, request: fixed('DEL hash') },
  { name: 'ZRANGE 100k', fill: zset, request: (n) => `ZRANGE zset 0 ${tenth(n) - 1} WITHSCORES`.split(' ') },
  { name: 'ZREMRANGEBYRANK 100k', fill: zset, request: (n) => `ZREMRANGEBYRANK zset 0 ${tenth(n) - 1}`.split(' ') },
  { name: 'ZPOPMIN 100k', fill: zset, request: (n) => `ZPOPMIN zset ${tenth(n)}`.split(' ') },
  { name: 'ZUNIONSTORE 100k', fill: twoZSets, request: fixed('ZUNIONSTORE target 2 one other') },
  { name: 'ZINTERSTORE 100k', fill: twoZSets, request: fixed('ZINTERSTORE target 2 one other') },
  { name: 'DEL zset', fill: zset, request: fixed('DEL zset') },
  { name: 'XRANGE 100k', fill: stream, request: (n) => `XRANGE stream - + COUNT ${tenth(n)}`.split(' ') },
  { name: 'XTRIM to half', fill: stream, request: (n) => ['XTRIM', 'stream', 'MAXLEN', String(n >> 1)] },
  { name: 'DEL stream', fill: stream, request: fixed('DEL stream') },
  { name: 'SORT 100k', fill: numbers, request: fixed('SORT numbers LIMIT 0 10') },
  { name: 'BITCOUNT 64 MB', fill: bits, request: fixed('BITCOUNT bits') },
  { name: 'BITPOS 64 MB', fill: bits, request: fixed('BITPOS bits 1') },
  { name: 'BITOP NOT 64 MB', fill: bits, request: fixed('BITOP NOT target bits') },
  { name: 'GET 64 MB', fill: bits, request: fixed('GET bits') },
  { name: 'KEYS of nothing', fill: keys, request: fixed('KEYS none*') },
  { name: 'FLUSHALL', fill: keys, request: fixed('FLUSHALL') },
  { name: 'FLUSHALL ASYNC', fill: keys, request: fixed('FLUSHALL ASYNC') },
];

export const worst: Scenario = {
  name: 'worst',
  summary: 'the slowest single requests on large values, one thread beside Redis',
  rounds: [3, 1],
  async run(bench): Promise<Outcome> {
    const oracle = redis();
    const all = [anax(bench.anaxCommand, 1, 'cores'), ...(oracle === undefined ? [] : [oracle])];
    const figures = new Figures();
    const cases = CASES.filter(({ name }) => bench.only === undefined || name.includes(bench.only));
    bench.progress.plan(bench.rounds * cases.length * all.length);
    const items = bench.quick ? ITEMS_QUICK : ITEMS;
    for (let round = 1; round <= bench.rounds; round++) {
      for (const { name, fill, request } of cases) {
        for (const contestant of all) {
          bench.progress.step(`round ${round}: ${name}, ${contestant.label}`);
          const server = await start(contestant);
          const filler = new Filler(server.address);
          for (let i = 0; i < WARM_UP_ROUNDS; i++) {
            await fill(filler, WARM_UP_ITEMS);
            await timed(server.address, request(WARM_UP_ITEMS));
          }
          await filler.ask('FLUSHALL');
          await fill(filler, items);
          const ms = await timed(server.address, request(items));
          figures.add({ test: name, server: contestant.id, name: STALL, unit: 'ms', better: 'less' }, ms);
          await server.stop();
        }
      }
    }
    return { contestants: all, figures: figures.all, compared: [STALL], goals: [], chart: undefined };
  },
};

/** Milliseconds from the request to the end of the answer to a PING behind it: the reply of the request is read as well. */
async function timed(address: Address, words: readonly string[]): Promise<number> {
  const socket = connectTo(address);
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  const begun = performance.now();
  socket.write(encodeRequest(words) + encodeRequest(['PING', MARKER]), 'latin1');
  let tail = '';
  return await new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (tail === '' && chunk[0] === ERROR_BYTE) reject(new Error(chunk.toString('latin1')));
      tail = (tail + chunk.toString('latin1', Math.max(0, chunk.length - TAIL_CHARS))).slice(-TAIL_CHARS);
      if (!tail.endsWith(`${MARKER}\r\n`)) return;
      resolve(performance.now() - begun);
      socket.destroy();
    });
  });
}
