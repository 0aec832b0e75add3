// Requests that are made to break the server: each of them once did, or gave a wrong reply.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft, infoFields } from '../support/leaks.js';
import { RawClient } from '../support/raw-client.js';

const MIB = 1024 * 1024;
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let client: RawClient;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring, args: ['--proto-max-bulk-len', '2gb'] });
    client = await RawClient.connect(anax.address);
  });
  afterEach(async () => {
    anax.assertAlive();
    await client.call('FLUSHALL');
  });
  afterAll(async () => {
    await client.end();
    await expectNothingLeft(anax.address);
    await anax.stop();
  });

  test('keys expire on a server that nobody talks to', async () => {
    for (let i = 0; i < 100; i++) await client.call('SET', `key:${i}`, 'v', 'PX', 50);
    // INFO reads counters: it wakes no shard.
    const deadline = Date.now() + 10_000;
    while ((await infoFields(client, 'keyspace')).get('db0') !== undefined) {
      if (Date.now() > deadline) throw new Error('the keys are still there');
      await sleep(50);
    }
  });

  test('a proto-max-bulk-len beyond what a string can be', async () => {
    const far = 700_000_000;
    expect(await client.text('SETRANGE', 'k', far, 'x')).toBe(TOO_LONG);
    expect(await client.text('SETBIT', 'k', far * 8, 1)).toBe('-ERR bit offset is not an integer or out of range\r\n');
    expect(await client.text('EXISTS', 'k')).toBe(':0\r\n');
  });

  test('a change of proto-max-bulk-len reaches the shards; what is longer already is still written within', async () => {
    for (const key of ['a', 'b', 'c', 'd']) {
      expect(await client.text('CONFIG', 'SET', 'proto-max-bulk-len', '4mb')).toBe('+OK\r\n');
      expect(await client.text('SETRANGE', key, 3 * MIB - 1, 'x')).toBe(`:${3 * MIB}\r\n`);
      expect(await client.text('CONFIG', 'SET', 'proto-max-bulk-len', '1mb')).toBe('+OK\r\n');
      expect(await client.text('APPEND', key, 'x')).toBe(TOO_LONG);
      expect(await client.text('SETRANGE', key, MIB, 'x')).toBe(TOO_LONG);
      expect(await client.text('SETRANGE', key, 10, 'x')).toBe(`:${3 * MIB}\r\n`);
      expect(await client.text('SETBIT', key, 8, 1)).toBe(':0\r\n');
      expect(await client.text('STRLEN', key)).toBe(`:${3 * MIB}\r\n`);
    }
    await client.call('CONFIG', 'SET', 'proto-max-bulk-len', '2gb');
  });

  test('a maxmemory-policy with frequencies, set while running, reaches the shards', async () => {
    await client.call('SET', 'k', 'v');
    expect(await client.text('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')).toBe('+OK\r\n');
    expect(await client.text('OBJECT', 'FREQ', 'k')).toMatch(/^:\d+\r\n$/);
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(await client.text('OBJECT', 'IDLETIME', 'k')).toMatch(/^:\d+\r\n$/);
  });
});
