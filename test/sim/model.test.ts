// The model against redis-server: random requests, every reply equal. First on one connection, then on several that take
// turns and may block, so that who is served by whom, and in what order, is compared as well.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { startOracle, ORACLE_VERSION, type Oracle } from '../support/oracle.js';
import { encodeRequest as encode, RawClient } from '../support/raw-client.js';
import { comparable } from './comparable.js';
import { Model } from './model.js';
import { randomRequest } from './random-requests.js';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);
const REQUESTS_PER_SEED = 1500;
const CLIENTS = 4;

describe.runIf(ORACLE_VERSION !== undefined && ORACLE_VERSION[0] === 7)('the model against redis-server', () => {
  let oracle: Oracle;

  beforeAll(async () => {
    oracle = await startOracle();
  });
  afterAll(async () => {
    RawClient.destroyAll();
    await oracle.stop();
  });

  it.each(SEEDS)('one connection, seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    const model = new Model(1);
    const client = await RawClient.connect(oracle.address);
    await client.call('FLUSHALL');
    const requests: string[][] = [];
    const expected: string[] = [];
    for (let i = 0; i < REQUESTS_PER_SEED; i++) {
      const words = requestOf(random, model, 0, false);
      requests.push(words);
      const served = model.request(0, words).at(0);
      expected.push(served?.reply ?? model.timeOut(0));
    }
    client.write(Buffer.concat(requests.map((words) => encode(...words))));
    const replies = await client.replies(requests.length);
    for (const [i, words] of requests.entries()) {
      const seen = comparable(words, replies[i].toString('latin1'));
      expect(seen, `request ${i}, ${words.join(' ')}, after ${context(requests, i)}`).toBe(expected[i]);
    }
    client.destroy();
  });

  it.each(SEEDS)('several connections that may block, seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    const model = new Model(CLIENTS);
    const control = await RawClient.connect(oracle.address);
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => RawClient.connect(oracle.address)));
    await control.call('FLUSHALL');
    const history: string[][] = [];
    for (let i = 0; i < REQUESTS_PER_SEED / 3; i++) {
      const free = clients.map((_, n) => n).filter((n) => !model.isWaiting(n));
      const n = free[random.below(free.length)];
      let words = requestOf(random, model, n, true);
      // Somebody must stay free to push.
      if (free.length === 1 && words[0].startsWith('B')) words = ['PING'];
      history.push([`client ${n}:`, ...words]);
      clients[n].write(encode(...words));
      for (const { client, reply } of model.request(n, words)) {
        const seen = comparable(client === n ? words : [], (await clients[client].reply()).toString('latin1'));
        expect(seen, `client ${client} after ${context(history, history.length)}`).toBe(reply);
      }
      await settled(control, model.waiting);
    }
    for (const client of [control, ...clients]) client.destroy();
  });
});

/** A request that the comparison can judge: only plain commands in a queue, blocking ones that end at once or not at all. */
function requestOf(random: Random, model: Model, client: number, blocking: boolean): string[] {
  const { inTransaction } = model.connection(client);
  const words = randomRequest(random, blocking);
  return inTransaction && ['PTTL', 'KEYS'].includes(words[0]) ? ['PING'] : words;
}

function context(requests: readonly string[][], end: number): string {
  const lines = requests
    .slice(Math.max(0, end - 12), end)
    .map((words) => words.map((w) => JSON.stringify(w)).join(' '));
  return `\n${lines.join('\n')}\n`;
}

/** Waits until the server has come to the same number of waiting clients as the model. */
async function settled(control: RawClient, waiting: number): Promise<void> {
  for (;;) {
    const info = await control.bulk('INFO', 'clients');
    if (Number(/blocked_clients:(\d+)/.exec(info)?.[1]) === waiting) return;
  }
}
