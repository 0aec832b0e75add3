// Requests that are made to break the server: each of them once did, or gave a wrong reply.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { clientList, expectNothingLeft, infoFields } from '../support/leaks.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';

const MIB = 1024 * 1024;
const TOO_LONG = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n';

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let client: RawClient;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring, args: ['--proto-max-bulk-len', '2gb', '--databases', '300'] });
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

  test('CLIENT REPLY SKIP before commands of other shards: nothing is said twice', async () => {
    let expected = '';
    for (let i = 0; i < 8; i++) {
      client.write(
        Buffer.concat([
          encodeRequest('PING'),
          encodeRequest('CLIENT', 'REPLY', 'SKIP'),
          encodeRequest('SET', `key:${i}`, 'v'),
          encodeRequest('ECHO', String(i)),
        ]),
      );
      expected += `+PONG\r\n$1\r\n${i}\r\n`;
    }
    expect(Buffer.concat(await client.replies(16)).toString('latin1')).toBe(expected);
  });

  test('CLIENT REPLY SKIP before CLIENT REPLY and before a command over all shards', async () => {
    const requests = [
      ['CLIENT', 'REPLY', 'SKIP'],
      ['CLIENT', 'REPLY', 'sometimes'],
      ['ECHO', '1'],
      ['CLIENT', 'REPLY', 'SKIP'],
      ['CLIENT', 'REPLY', 'ON'],
      ['CLIENT', 'REPLY', 'SKIP'],
      ['DBSIZE'],
      ['CLIENT', 'REPLY', 'SKIP'],
      ['CONFIG', 'SET', 'maxclients', '9999'],
      ['ECHO', '2'],
    ];
    client.write(Buffer.concat(requests.map((words) => encodeRequest(...words))));
    expect((await client.replies(3)).join('')).toBe('$1\r\n1\r\n+OK\r\n$1\r\n2\r\n');
    expect(await client.text('PING')).toBe('+PONG\r\n');
  });

  test('a command beside the data does not overtake the pipeline before it', async () => {
    for (let round = 0; round < 5; round++) {
      const sets = Array.from({ length: 200 }, (_, i) => encodeRequest('SET', `key:${i}`, 'v'));
      client.write(Buffer.concat([...sets, encodeRequest('INFO', 'keyspace')]));
      const replies = await client.replies(201);
      expect(String(replies[200])).toContain('db0:keys=200,');
      await client.call('FLUSHALL');
    }
  });

  test('the output limit counts replies that wait for others', async () => {
    const admin = await RawClient.connect(anax.address);
    await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 8mb 0 0');
    for (let i = 0; i < 6; i++) await admin.call('SETRANGE', `big:${i}`, 2 * MIB, 'x');
    const slow = await RawClient.connect(anax.address);
    slow.socket.pause();
    slow.write(Buffer.concat(Array.from({ length: 200 }, (_, i) => encodeRequest('GET', `big:${i % 6}`))));
    const deadline = Date.now() + 10_000;
    while ((await clientList(admin)).length > 2) {
      if (Date.now() > deadline) throw new Error('the server keeps the client');
      await sleep(20);
    }
    expect((await infoFields(admin, 'stats')).get('client_output_buffer_limit_disconnections')).toBe('1');
    slow.socket.destroy();
    await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
    await admin.end();
  });

  test('databases above 255 are databases of their own on every shard', async () => {
    for (const db of [1, 257, 299]) {
      await client.call('SELECT', db);
      for (let i = 0; i < 10; i++) await client.call('SET', `key:${i}`, db);
    }
    for (const db of [1, 257, 299]) {
      await client.call('SELECT', db);
      expect(await client.text('DBSIZE')).toBe(':10\r\n');
      for (let i = 0; i < 10; i++) expect(await client.bulk('GET', `key:${i}`)).toBe(String(db));
    }
    await client.call('SELECT', 0);
  });

  test('a maxmemory-policy with frequencies, set while running, reaches the shards', async () => {
    await client.call('SET', 'k', 'v');
    expect(await client.text('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lfu')).toBe('+OK\r\n');
    expect(await client.text('OBJECT', 'FREQ', 'k')).toMatch(/^:\d+\r\n$/);
    await client.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
    expect(await client.text('OBJECT', 'IDLETIME', 'k')).toMatch(/^:\d+\r\n$/);
  });
});
