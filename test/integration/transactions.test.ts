// Transactions on live servers, in every wiring: many connections at once, and what must hold at every moment whatever they do.

import { Redis } from 'ioredis';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { AnaxProcess, TESTING_ANAX, WIRINGS } from '../support/anax-process.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';
import { respValue } from '../support/resp-value.js';

const RUN_MS = 800;
const ACCOUNTS = 20;
const START = 100;

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
}

function anyIndex(list: readonly unknown[]): number {
  return Math.floor(Math.random() * list.length);
}

function anyOf<T>(list: readonly T[]): T {
  return list[anyIndex(list)];
}

/** A consumer that waits for an item, and what somebody else can do about it. */
interface Doomed {
  readonly socket: Socket;
  /** CLIENT KILL. */
  readonly kill: () => Promise<unknown>;
  /** Pushes an item that it waits for. */
  readonly push: () => Promise<unknown>;
}

/** Ways to end it. */
const DEATHS: readonly ((doomed: Doomed) => unknown)[] = [
  // Gone without a word, before or after its request has arrived.
  ({ socket }) => socket.resetAndDestroy(),
  // Gone while it waits, or when it has just been served.
  async ({ socket }) => {
    await sleep(Math.random() * 5);
    socket.destroy();
  },
  // At the moment of its reply, of which it reads nothing.
  async ({ socket }) => {
    socket.removeAllListeners('data');
    await new Promise<void>((resolve) => {
      socket.once('data', () => {
        resolve();
      });
      socket.once('close', () => {
        resolve();
      });
    });
    socket.resetAndDestroy();
  },
  ({ kill }) => kill(),
  // Something is pushed for it at the very moment.
  async ({ socket, push }) => {
    const pushing = push();
    socket.destroy();
    await pushing;
  },
  ({ kill, push }) => Promise.all([push(), kill()]),
];

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let admin: Redis;
  const open: Redis[] = [];

  const connect = (): Redis => {
    const redis = new Redis({ port: anax.port, host: '127.0.0.1' });
    open.push(redis);
    return redis;
  };

  /** Runs `work` over and over on `clients` connections of its own until `endMs`. */
  const crowd = (
    clients: number,
    endMs: number,
    work: (redis: Redis, client: number) => Promise<void>,
  ): Promise<void>[] =>
    Array.from({ length: clients }, async (_, client) => {
      const redis = connect();
      while (Date.now() < endMs) await work(redis, client);
    });

  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
    admin = connect();
  });
  beforeEach(async () => {
    await admin.flushall();
  });
  afterAll(async () => {
    for (const redis of open) redis.disconnect();
    await anax.stop();
  });

  test('transfers by MULTI and by WATCH keep the sum that MGET sees', async () => {
    const accounts = names('account', ACCOUNTS);
    await admin.mset(accounts.flatMap((key) => [key, START]));
    const sum = async (redis: Redis): Promise<number> =>
      (await redis.mget(accounts)).reduce((total, value) => total + Number(value), 0);
    const wrong: number[] = [];
    const end = Date.now() + RUN_MS;
    await Promise.all([
      ...crowd(20, end, async (redis) => {
        await redis.multi().decrby(anyOf(accounts), 3).incrby(anyOf(accounts), 3).exec();
      }),
      ...crowd(20, end, async (redis) => {
        const [from, to] = [anyOf(accounts), anyOf(accounts)];
        if (from === to) return;
        await redis.watch(from, to);
        const [a, b] = (await redis.mget(from, to)).map(Number);
        await redis
          .multi()
          .set(from, a - 1)
          .set(to, b + 1)
          .exec();
      }),
      ...crowd(20, end, async (redis) => {
        const seen = await sum(redis);
        if (seen !== ACCOUNTS * START) wrong.push(seen);
      }),
    ]);
    expect(wrong).toEqual([]);
    expect(await sum(admin)).toBe(ACCOUNTS * START);
  });

  test('transfers by MSET keep the sum that MGET sees', async () => {
    // Each banker moves money between accounts that nobody else writes, some of them always on other shards than the rest.
    const bankers = 25;
    const mine = (banker: number): string[] => names(`bank:${banker}`, 5);
    const everything = Array.from({ length: bankers }, (_, banker) => mine(banker)).flat();
    await admin.mset(everything.flatMap((key) => [key, START]));
    const sum = async (redis: Redis, keys: readonly string[]): Promise<number> =>
      (await redis.mget([...keys])).reduce((total, value) => total + Number(value), 0);
    let transfers = 0;
    const wrong: string[] = [];
    const end = Date.now() + RUN_MS;
    await Promise.all([
      ...Array.from({ length: bankers }, async (_, banker) => {
        const redis = connect();
        const keys = mine(banker);
        const balances = keys.map(() => START);
        while (Date.now() < end) {
          const [from, to] = [anyIndex(keys), anyIndex(keys)];
          const amount = anyIndex(balances) + 1;
          balances[from] -= amount;
          balances[to] += amount;
          const changed = [...new Set([from, to])];
          await redis.mset(changed.flatMap((i) => [keys[i], balances[i]]));
          transfers++;
        }
        const left = (await redis.mget(keys)).map(Number);
        if (left.join() !== balances.join()) wrong.push(`banker ${banker}: ${left.join()}, not ${balances.join()}`);
      }),
      ...crowd(25, end, async (redis, client) => {
        const keys = client % 2 === 0 ? everything : mine(client);
        const seen = await sum(redis, keys);
        if (seen !== keys.length * START) wrong.push(`${keys.length} accounts hold ${seen}`);
      }),
    ]);
    expect(wrong).toEqual([]);
    expect(await sum(admin, everything)).toBe(everything.length * START);
    expect(transfers).toBeGreaterThan(0);
  });

  test('MGET never sees a part of an MSET', async () => {
    const keys = names('equal', 10);
    await admin.mset(keys.flatMap((key) => [key, 'first']));
    let written = 0;
    const torn: string[] = [];
    const end = Date.now() + RUN_MS;
    await Promise.all([
      ...crowd(10, end, async (redis, client) => {
        const value = `${client}:${written++}`;
        await redis.mset(keys.flatMap((key) => [key, value]));
      }),
      ...crowd(20, end, async (redis) => {
        const values = await redis.mget(keys);
        if (new Set(values).size !== 1) torn.push(values.join());
      }),
    ]);
    expect(torn).toEqual([]);
    expect(written).toBeGreaterThan(50);
  });

  test('every item that is pushed is popped once', async () => {
    const queues = names('queue', 3);
    let pushed = 0;
    const popped: string[] = [];
    const end = Date.now() + RUN_MS;
    await Promise.all([
      ...crowd(6, end, async (redis) => {
        await redis.rpush(anyOf(queues), `item ${pushed++}`);
      }),
      ...crowd(20, end, async (redis) => {
        const found = await redis.blpop(...queues, 0.2);
        if (found !== null) popped.push(found[1]);
      }),
    ]);
    for (const queue of queues) popped.push(...(await admin.lrange(queue, 0, -1)));
    expect(popped.length).toBe(pushed);
    expect(new Set(popped).size).toBe(pushed);
    expect(await admin.info('clients')).toContain('blocked_clients:0');
  });

  test('an item is popped once, or was given to a consumer that was killed', async () => {
    // A pop is final: who is gone before it reads its item has had it all the same. That is one item at most.
    const queues = names('deadly', 3);
    let [pushed, killed] = [0, 0];
    const popped: string[] = [];
    const disorder: string[] = [];
    const end = Date.now() + RUN_MS;
    const isOver = (): boolean => Date.now() > end && Math.min(killed, popped.length) >= 20;
    const produce = async (redis: Redis, producer: number): Promise<void> => {
      const queue = anyOf(queues);
      const items = Array.from({ length: 1 + anyIndex(queues) }, () => `${producer} ${pushed++}`);
      if (producer % 2 === 0) await redis.rpush(queue, ...items);
      else
        await redis
          .multi()
          .rpush(queue, ...items)
          .incr('pushes')
          .exec();
    };
    /** One consumer's life: it ends in the middle of a wait, or with the time. */
    const consume = async (): Promise<void> => {
      const client = await RawClient.connect(anax.address);
      const id = Number(respValue(await client.call('CLIENT', 'ID')));
      /** By queue and producer: the last item that came from there. */
      const last = new Map<string, number>();
      for (let waits = 1 + Math.floor(Math.random() * 12); !isOver(); waits--) {
        const some = queues.slice(anyIndex(queues));
        client.write(encodeRequest('BLPOP', ...some, '0.2'));
        if (waits === 0) {
          killed++;
          await anyOf(DEATHS)({
            socket: client.socket,
            kill: () => admin.call('CLIENT', 'KILL', 'ID', id),
            push: () => admin.rpush(some[0], `admin ${pushed++}`),
          });
          return;
        }
        const found = respValue(await client.reply());
        if (found === null) continue;
        const [queue, item] = (found as string[]).map(String);
        popped.push(item);
        const [producer, number] = item.split(' ');
        const before = last.get(`${queue} ${producer}`) ?? -1;
        if (Number(number) <= before) disorder.push(`${item} of ${queue} after ${before}`);
        last.set(`${queue} ${producer}`, Number(number));
      }
      await client.end();
    };
    await Promise.all([
      ...Array.from({ length: 8 }, async (_, producer) => {
        const redis = connect();
        while (!isOver()) await produce(redis, producer);
      }),
      ...Array.from({ length: 60 }, async () => {
        while (!isOver()) await consume();
      }),
    ]);
    for (const queue of queues) popped.push(...(await admin.lrange(queue, 0, -1)));
    expect(new Set(popped).size, 'popped once').toBe(popped.length);
    expect(pushed - popped.length, 'lost').toBeLessThanOrEqual(killed);
    expect(pushed - popped.length).toBeGreaterThanOrEqual(0);
    expect(disorder).toEqual([]);
    await vi.waitFor(
      async () => {
        expect(await admin.info('clients')).toContain('blocked_clients:0');
      },
      { timeout: 5000 },
    );
  });

  test.runIf(TESTING_ANAX)(
    'what is not contended costs one record for each foreign shard, and its answer',
    async () => {
      const shards = wiring.threads;
      const foreign = wiring.io === 'main' ? shards : shards - 1;
      const client = connect();
      const records = async (): Promise<number> => {
        const text = await client.info('cores');
        return [...text.matchAll(/messages=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
      };
      const costOf = async (work: () => Promise<unknown>): Promise<number> => {
        const before = await records();
        await work();
        return (await records()) - before;
      };
      const everywhere = names('spread', 60);
      expect(await costOf(() => client.mset(everywhere.flatMap((key) => [key, 'x'])))).toBe(2 * foreign);
      expect(await costOf(() => client.mget(everywhere))).toBe(2 * foreign);
      const block = (keys: string[]): Promise<unknown> =>
        keys.reduce((multi, key) => multi.incr(key), client.multi()).exec();
      expect(await costOf(() => block(names('sum', 60)))).toBe(2 * foreign);
      // On one shard it is one record at most, and none where the client's own core has the shard.
      const costs = new Set<number>();
      for (const tag of names('tag', 30)) {
        costs.add(await costOf(() => block([`{${tag}}:a`, `{${tag}}:b`])));
        costs.add(await costOf(() => client.mget(`{${tag}}:a`, `{${tag}}:b`)));
      }
      const own = wiring.io === 'main' ? [] : [0];
      expect([...costs].sort()).toEqual(shards === 1 ? [0] : [...own, 2]);
    },
  );

  test('an optimistic counter loses nothing', async () => {
    let counted = 0;
    const end = Date.now() + RUN_MS;
    await Promise.all(
      crowd(20, end, async (redis) => {
        await redis.watch('counter', 'witness');
        const value = Number(await redis.get('counter'));
        const done = await redis
          .multi()
          .set('counter', value + 1)
          .set('witness', value + 1)
          .exec();
        if (done !== null) counted++;
      }),
    );
    expect(await admin.mget('counter', 'witness')).toEqual([String(counted), String(counted)]);
  });
});
