// The keyspace as a whole, over all shards: walking it, counting it, growing it under a walk, writing from many clients.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';
import { parseReply } from '../support/resp-tree.js';

const SEED = 20_240_601;

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let client: RawClient;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
    client = await RawClient.connect(anax.address);
  });
  afterAll(async () => {
    await client.end();
    await anax.stop();
  });

  /** Sets keys `name:from` .. `name:to-1` in one pipeline. */
  async function fill(name: string, from: number, to: number): Promise<void> {
    const requests = Array.from({ length: to - from }, (_, i) => encodeRequest('SET', `${name}:${from + i}`, i));
    client.write(Buffer.concat(requests));
    await client.replies(to - from);
  }

  /** One whole walk; `between` runs after every step. */
  async function walk(options: readonly string[], between?: () => Promise<void>): Promise<string[]> {
    const keys: string[] = [];
    let cursor = '0';
    let steps = 0;
    do {
      const reply = parseReply(await client.call('SCAN', cursor, ...options));
      cursor = reply.items[0].content ?? '';
      expect(cursor).toMatch(/^\d+$/);
      keys.push(...reply.items[1].items.map((item) => item.content ?? ''));
      expect(++steps).toBeLessThan(100_000);
      await between?.();
    } while (cursor !== '0');
    return keys;
  }

  test('SCAN visits every key, with any COUNT, MATCH and TYPE', async () => {
    await client.call('FLUSHALL');
    expect(await walk([])).toEqual([]);
    await fill('key', 0, 3000);
    for (const count of ['1', '10', '1000', '100000']) {
      expect(new Set(await walk(['COUNT', count])).size, `COUNT ${count}`).toBe(3000);
    }
    const matched = new Set(await walk(['MATCH', 'key:1*9', 'COUNT', '100']));
    expect([...matched].every((key) => /^key:1.*9$/.test(key))).toBe(true);
    expect(matched.size).toBe(111);
    expect(new Set(await walk(['TYPE', 'string', 'COUNT', '500'])).size).toBe(3000);
    expect(await walk(['TYPE', 'list', 'COUNT', '500'])).toEqual([]);
  });

  test('SCAN misses no key that stays, while the keyspace grows and shrinks', async () => {
    await client.call('FLUSHALL');
    await fill('stays', 0, 2000);
    const random = new SeededRandom(SEED);
    let next = 0;
    let steps = 0;
    const found = await walk(['COUNT', '20'], async () => {
      // Grow for a while (several resizes), then shrink: the walk must end.
      if (++steps < 60) {
        await fill('comes', next, next + 200);
        next += 200;
      } else if (next > 0) {
        const keys = Array.from({ length: 20 }, () => encodeRequest('DEL', `comes:${random.below(next)}`));
        client.write(Buffer.concat(keys));
        await client.replies(20);
      }
    });
    const staying = new Set(found.filter((key) => key.startsWith('stays:')));
    expect(staying.size, `seed ${SEED}`).toBe(2000);
  });

  test('DBSIZE, KEYS, RANDOMKEY, FLUSHDB and databases see all shards', async () => {
    await client.call('FLUSHALL');
    await fill('all', 0, 500);
    expect(await client.text('DBSIZE')).toBe(':500\r\n');
    expect(parseReply(await client.call('KEYS', '*')).items.length).toBe(500);
    const seen = new Set<string>();
    for (let i = 0; i < 400; i++) seen.add(await client.bulk('RANDOMKEY'));
    expect(seen.size).toBeGreaterThan(100);
    await client.call('SELECT', 9);
    expect(await client.text('DBSIZE')).toBe(':0\r\n');
    await fill('nine', 0, 50);
    expect(await client.bulk('INFO', 'keyspace')).toMatch(/db0:keys=500,.*\r\ndb9:keys=50,/);
    await client.call('FLUSHDB');
    expect(await client.text('DBSIZE')).toBe(':0\r\n');
    await client.call('SELECT', 0);
    expect(await client.text('DBSIZE')).toBe(':500\r\n');
    await client.call('FLUSHALL');
    expect(await client.bulk('INFO', 'keyspace')).toBe('# Keyspace\r\n');
  });

  test('keys with a time to live go by themselves', async () => {
    await client.call('FLUSHALL');
    const count = 1000;
    const requests = Array.from({ length: count }, (_, i) =>
      encodeRequest('SET', `ttl:${i}`, i, 'PX', 100 + (i % 100)),
    );
    client.write(Buffer.concat(requests));
    await client.replies(count);
    const deadline = Date.now() + 10_000;
    while ((await client.text('DBSIZE')) !== ':0\r\n' && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await client.text('DBSIZE')).toBe(':0\r\n');
    expect(await client.bulk('INFO', 'stats')).toMatch(/expired_keys:[1-9]\d*\r\n/);
  });

  test('no increment of many clients on few keys is lost or doubled', async () => {
    await client.call('FLUSHALL');
    const random = new SeededRandom(SEED);
    const expected = new Map<string, number>();
    const batches = Array.from({ length: 20 }, () =>
      Array.from({ length: 500 }, () => {
        const key = `sum:${random.below(7)}`;
        const step = random.below(100);
        expected.set(key, (expected.get(key) ?? 0) + step);
        return encodeRequest('INCRBY', key, step);
      }),
    );
    const clients = await Promise.all(batches.map(async () => await RawClient.connect(anax.address)));
    await Promise.all(
      clients.map(async (one, i) => {
        one.write(Buffer.concat(batches[i]));
        const sums = new Map<string, number>();
        for (const [j, reply] of (await one.replies(500)).entries()) {
          // Sums never go down on one connection.
          const key = /sum:\d/.exec(batches[i][j].toString())?.[0] ?? '';
          const sum = Number(reply.toString().slice(1));
          expect(sum).toBeGreaterThanOrEqual(sums.get(key) ?? 0);
          sums.set(key, sum);
        }
        await one.end();
      }),
    );
    for (const [key, sum] of expected) expect(await client.bulk('GET', key), `seed ${SEED}`).toBe(String(sum));
  });
});
