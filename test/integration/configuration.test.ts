// What CONFIG SET changes on a running server, on every core: keys of all shards, connections of all fronts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, TESTING_ANAX, WIRINGS } from '../support/anax-process.js';
import { RawClient } from '../support/raw-client.js';

const MIB = 1024 * 1024;
/** Enough for every shard to own some. */
const KEYS = Array.from({ length: 24 }, (_, i) => `key${i}`);
const OK = '+OK\r\n';

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let client: RawClient;
  beforeAll(async () => {
    const args = ['--enable-protected-configs', 'local', '--pidfile', 'anax.pid'];
    anax = await AnaxProcess.start({ wiring, args });
    client = await RawClient.connect(anax.address);
  });
  afterAll(async () => {
    await client.end();
    await anax.stop();
  });

  const set = async (name: string, value: string): Promise<string> => await client.text('CONFIG', 'SET', name, value);

  test('proto-max-bulk-len bounds strings on every shard', async () => {
    expect(await set('proto-max-bulk-len', '1mb')).toBe(OK);
    for (const key of KEYS) expect(await client.text('SETRANGE', key, MIB, 'x')).toMatch(/^-ERR string exceeds/);
    expect(await set('proto-max-bulk-len', '2mb')).toBe(OK);
    for (const key of KEYS) expect(await client.text('SETRANGE', key, MIB, 'x')).toBe(`:${MIB + 1}\r\n`);
    expect(await set('proto-max-bulk-len', '512mb')).toBe(OK);
    await client.call('FLUSHALL');
  });

  test('an LFU maxmemory-policy makes every shard count', async () => {
    expect(await set('maxmemory-policy', 'allkeys-lfu')).toBe(OK);
    for (const key of KEYS) {
      await client.call('SET', key, 'v');
      expect(await client.text('OBJECT', 'FREQ', key)).toMatch(/^:/);
    }
    expect(await set('maxmemory-policy', 'noeviction')).toBe(OK);
    for (const key of KEYS) expect(await client.text('OBJECT', 'FREQ', key)).toMatch(/^-ERR An LFU/);
  });

  test.runIf(TESTING_ANAX)('list-max-listpack-size says on every shard when a list grows large', async () => {
    await client.call('FLUSHALL');
    expect(await set('list-max-listpack-size', '4')).toBe(OK);
    for (const key of KEYS) {
      await client.call('RPUSH', key, 'a', 'b', 'c', 'd');
      expect(await client.text('OBJECT', 'ENCODING', key)).toBe('$8\r\nlistpack\r\n');
      await client.call('RPUSH', key, 'e');
      expect(await client.text('OBJECT', 'ENCODING', key)).toBe('$9\r\nquicklist\r\n');
    }
    expect(await set('list-max-listpack-size', '-2')).toBe(OK);
    for (const key of KEYS) {
      await client.call('RPOP', key);
      expect(await client.text('OBJECT', 'ENCODING', key)).toBe('$8\r\nlistpack\r\n');
    }
    await client.call('FLUSHALL');
  });

  test.runIf(TESTING_ANAX)('lazyfree-lazy-user-flush makes FLUSHALL lazy', async () => {
    const freed = async (): Promise<number> =>
      Number(/lazyfreed_objects:(\d+)/.exec(await client.text('INFO', 'memory'))?.[1]);
    for (const key of KEYS) await client.call('SET', key, 'v');
    expect(await set('lazyfree-lazy-user-flush', 'yes')).toBe(OK);
    const before = await freed();
    expect(await client.text('FLUSHALL')).toBe(OK);
    expect(await client.text('DBSIZE')).toBe(':0\r\n');
    expect(await set('lazyfree-lazy-user-flush', 'no')).toBe(OK);
    while ((await freed()) < before + KEYS.length) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  test('without a password again, who was shut out is in', async () => {
    expect(await set('requirepass', 'secret')).toBe(OK);
    const late = await Promise.all(Array.from({ length: 6 }, async () => await RawClient.connect(anax.address)));
    for (const each of late) expect(await each.text('GET', 'k')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await set('requirepass', '')).toBe(OK);
    for (const each of late) expect(await each.text('GET', 'k')).toBe('$-1\r\n');
    for (const each of late) await each.end();
  });

  test('protected options follow enable-protected-configs, and dir is entered', async () => {
    expect(await set('dir', join(anax.directory, 'nowhere'))).toMatch(/No such file or directory\r\n$/);
    expect(await set('dir', anax.directory)).toBe(OK);
  });

  test('maxclients stays within what the system has descriptors for', async () => {
    expect(await set('maxclients', '4000000000')).toMatch(/ not able to handle the specified number of clients, try/);
    expect(await set('maxclients', '100')).toBe(OK);
  });

  test.runIf(TESTING_ANAX)('addresses are those of the start', async () => {
    const port = /\$\d+\r\n(\d+)\r\n$/.exec(await client.text('CONFIG', 'GET', 'port'))?.[1] ?? '';
    expect(await set('port', port)).toBe(OK);
    expect(await set('port', '1')).toMatch(/restart Anax/);
    expect(await set('bind', '127.0.0.1 -::1')).toMatch(/restart Anax/);
    expect(await client.text('CONFIG', 'GET', 'port')).toContain(port);
  });
});

test('the pidfile holds the process id until the end', async () => {
  const anax = await AnaxProcess.start({ args: ['--pidfile', 'anax.pid'] });
  const client = await RawClient.connect(anax.address);
  const path = join(anax.directory, 'anax.pid');
  const pid = /process_id:(\d+)/.exec(await client.text('INFO', 'server'))?.[1];
  expect(readFileSync(path, 'utf8')).toBe(`${pid ?? ''}\n`);
  client.destroy();
  anax.signal('SIGTERM');
  await anax.exit;
  expect(existsSync(path)).toBe(false);
  await anax.kill();
});
