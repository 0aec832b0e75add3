// Transactions on live servers, in every wiring: many connections at once, and what must hold at every moment whatever they do.

import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';

const RUN_MS = 1500;
const ACCOUNTS = 20;
const START = 100;

function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
}

function anyOf(list: readonly string[]): string {
  return list[Math.floor(Math.random() * list.length)];
}

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
