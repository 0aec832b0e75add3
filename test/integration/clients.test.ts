// The client libraries that people use: ioredis and node-redis, in every wiring.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, freePort, withAnax, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft } from '../support/leaks.js';

const BINARY = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterEach(async () => {
    anax.assertAlive();
    await expectNothingLeft(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  test('ioredis: commands, binary values, errors', async () => {
    const redis = new Redis({ port: anax.port, host: '127.0.0.1', connectionName: 'tester' });
    expect(await redis.set('name', 'anax', 'EX', 100)).toBe('OK');
    expect(await redis.get('name')).toBe('anax');
    expect(await redis.ttl('name')).toBe(100);
    expect(await redis.get('missing')).toBeNull();
    expect(await redis.set('name', 'x', 'NX')).toBeNull();
    expect(await redis.incrby('counter', 5)).toBe(5);
    expect(await redis.incrbyfloat('float', 1.5)).toBe('1.5');
    expect(await redis.mget('{t}a', '{t}b')).toEqual([null, null]);
    await redis.mset('{t}a', '1', '{t}b', '2');
    expect(await redis.mget('{t}a', '{t}b')).toEqual(['1', '2']);
    await redis.set(BINARY, BINARY);
    expect(await redis.getBuffer(BINARY)).toEqual(BINARY);
    expect(await redis.client('GETNAME')).toBe('tester');
    await expect(redis.incr('name')).rejects.toThrow('ERR value is not an integer or out of range');
    await expect(redis.call('NOSUCH', 'x')).rejects.toThrow(/^ERR unknown command 'NOSUCH'/);
    expect(await redis.info('server')).toContain('redis_version:');
    expect(await redis.dbsize()).toBe(6);
    expect(await redis.flushall()).toBe('OK');
    await redis.quit();
  });

  test('ioredis: pipelines, and the automatic ones', async () => {
    const redis = new Redis({ port: anax.port, host: '127.0.0.1', enableAutoPipelining: true });
    const pipeline = redis.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.set(`p:${i}`, i).get(`p:${i}`).incr('p:count');
    const results = (await pipeline.exec()) ?? [];
    expect(results.length).toBe(3000);
    for (let i = 0; i < 1000; i++) {
      expect(results.slice(i * 3, i * 3 + 3)).toEqual([
        [null, 'OK'],
        [null, String(i)],
        [null, i + 1],
      ]);
    }
    const values = await Promise.all(Array.from({ length: 1000 }, async (_, i) => await redis.get(`p:${i}`)));
    expect(values).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
    const mixed = await redis.pipeline().set('p:text', 'abc').incr('p:text').get('p:text').exec();
    expect(mixed?.[1][0]?.message).toBe('ERR value is not an integer or out of range');
    expect(mixed?.[2]).toEqual([null, 'abc']);
    await redis.flushall();
    await redis.quit();
  });

  test('ioredis: scanning finds every key once it is there', async () => {
    const redis = new Redis({ port: anax.port, host: '127.0.0.1' });
    const pipeline = redis.pipeline();
    for (let i = 0; i < 2000; i++) pipeline.set(`scan:${i}`, i);
    await pipeline.exec();
    const found = new Set<string>();
    for await (const keys of redis.scanStream({ match: 'scan:*', count: 100 }) as AsyncIterable<string[]>) {
      for (const key of keys) found.add(key);
    }
    expect(found.size).toBe(2000);
    expect((await redis.keys('scan:1?')).length).toBe(10);
    await redis.flushall();
    await redis.quit();
  });

  test.each([2, 3] as const)('node-redis in RESP%i: commands, binary values, errors', async (RESP) => {
    const client = createClient({ RESP, name: 'node-tester', socket: { port: anax.port, host: '127.0.0.1' } });
    await client.connect();
    expect(await client.set('name', 'anax', { expiration: { type: 'EX', value: 100 } })).toBe('OK');
    expect(await client.get('name')).toBe('anax');
    expect(await client.get('missing')).toBeNull();
    expect(await client.ttl('name')).toBe(100);
    expect(await client.incrBy('counter', 5)).toBe(5);
    expect(await client.clientGetName()).toBe('node-tester');
    expect(await client.configGet('maxmemory')).toMatchObject({ maxmemory: '0' });
    expect(await client.mGet(['{t}a', '{t}b'])).toEqual([null, null]);
    expect(await client.bitField('bits', [{ operation: 'SET', encoding: 'u8', offset: 0, value: 200 }])).toEqual([0]);
    const reply = await client.sendCommand(['SET', BINARY, BINARY]);
    expect(reply).toBe('OK');
    await expect(client.incr('name')).rejects.toThrow('ERR value is not an integer or out of range');
    const values = await Promise.all(Array.from({ length: 500 }, async (_, i) => await client.incrBy('sum', i)));
    expect(values[499]).toBe((499 * 500) / 2);
    expect(await client.flushAll()).toBe('OK');
    await client.close();
  });

  test('node-redis: scanning, databases, COMMAND', async () => {
    const client = createClient({ RESP: 3, socket: { port: anax.port, host: '127.0.0.1' } });
    await client.connect();
    for (let i = 0; i < 300; i++) await client.set(`s:${i}`, String(i));
    const found = new Set<string>();
    for await (const keys of client.scanIterator({ MATCH: 's:*', COUNT: 50 })) for (const key of keys) found.add(key);
    expect(found.size).toBe(300);
    await client.select(5);
    expect(await client.dbSize()).toBe(0);
    expect((await client.commandInfo(['get', 'set'])).length).toBe(2);
    expect(await client.commandCount()).toBeGreaterThan(50);
    await client.flushAll();
    await client.close();
  });

  test('clients find their way back after a restart of the server', async () => {
    const port = await freePort();
    const first = await AnaxProcess.start({ wiring, port });
    const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
    redis.on('error', () => undefined);
    const client = createClient({ RESP: 3, socket: { port, host: '127.0.0.1', reconnectStrategy: () => 50 } });
    client.on('error', () => undefined);
    await client.connect();
    await redis.set('k', 'before');
    expect(await client.get('k')).toBe('before');
    const ready = [
      new Promise((resolve) => redis.once('ready', resolve)),
      new Promise((resolve) => client.once('ready', resolve)),
    ];
    await first.stop();
    const second = await AnaxProcess.start({ wiring, port });
    await Promise.all(ready);
    expect(await redis.get('k')).toBeNull();
    await redis.set('k', 'after');
    expect(await client.get('k')).toBe('after');
    await redis.quit();
    await client.close();
    await expectNothingLeft(second.address);
    await second.stop();
  });
});

test('both clients over a Unix socket, behind a password', async () => {
  const options = { unixSocket: true, args: ['--requirepass', 'sesame'], password: 'sesame' };
  await withAnax(options, async (anax) => {
    const path = 'path' in anax.address ? anax.address.path : '';
    const redis = new Redis({ path, password: 'sesame' });
    await redis.set('k', 'v');
    const client = createClient({ RESP: 3, password: 'sesame', socket: { path, tls: false } });
    await client.connect();
    expect(await client.get('k')).toBe('v');
    const wrong = createClient({ password: 'wrong', socket: { path, tls: false, reconnectStrategy: false } });
    wrong.on('error', () => undefined);
    await expect(wrong.connect()).rejects.toThrow('WRONGPASS');
    await redis.quit();
    await client.close();
    await sleep(0);
  });
});
