// Many clients that want the same keys of several shards at once, and clients that leave in the middle of it: what must hold
// at every moment, and that nothing of it is left behind.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { AnaxProcess, TESTING_ANAX, type Wiring } from '../support/anax-process.js';
import { expectNothingLeft, infoFields, whileOthersAreServed } from '../support/leaks.js';
import { encodeRequest, RawClient, type Word } from '../support/raw-client.js';
import { respValue, type RespValue } from '../support/resp-value.js';

const SEED = Number(process.env['ANAX_TEST_SEED'] ?? Date.now() % 1_000_000);
const RUN_MS = 800;
const MIB = 1024 * 1024;
/** Nobody waits longer for keys that everybody wants. A small machine, shared with other tests. */
const WAIT_MS_MAX = 5000;

const WIRINGS: readonly Wiring[] = [
  { name: '2 threads, io cores', threads: 2, io: 'cores' },
  { name: '4 threads, io cores', threads: 4, io: 'cores' },
  { name: '3 threads, io main', threads: 3, io: 'main' },
];

/** Keys of one prefix: enough to lie on all shards. */
function names(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
}

function list(value: RespValue): RespValue[] {
  if (!Array.isArray(value)) throw new Error(`no array: ${JSON.stringify(value)}`);
  return value;
}

describe.each(WIRINGS)(`$name, seed ${SEED}`, (wiring) => {
  let anax: AnaxProcess;
  let admin: RawClient;
  const random = new SeededRandom(SEED);
  const anyOf = <T>(choices: readonly T[]): T => choices[random.below(choices.length)];
  const open = (): Promise<RawClient> => RawClient.connect(anax.address, 30_000);
  const ask = async (client: RawClient, ...words: readonly Word[]): Promise<RespValue> =>
    respValue(await client.call(...words));

  /** The replies to requests that go out in one write; the last one's value. */
  const askAll = async (client: RawClient, ...requests: readonly (readonly Word[])[]): Promise<RespValue> => {
    client.write(Buffer.concat(requests.map((words) => encodeRequest(...words))));
    const replies = await client.replies(requests.length);
    return respValue(replies[replies.length - 1]);
  };

  /** `work` over and over on connections of its own, until the time is over. */
  const crowd = async (clients: number, work: (client: RawClient, index: number) => Promise<void>): Promise<void> => {
    const end = Date.now() + RUN_MS;
    await Promise.all(
      Array.from({ length: clients }, async (_, index) => {
        const client = await open();
        while (Date.now() < end) await work(client, index);
        await client.end();
      }),
    );
  };

  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  beforeEach(async () => {
    admin = await open();
    await ask(admin, 'FLUSHALL');
  });
  afterEach(async () => {
    RawClient.destroyAll();
    anax.assertAlive();
    await expectNothingLeft(anax.address);
    await expectAtRest();
  });
  afterAll(async () => {
    await anax.stop();
  });

  /** No lock, hold or waiter is left: the whole keyspace can be had at once, takes no memory, and no thread does anything. */
  const expectAtRest = async (): Promise<void> => {
    const client = await open();
    expect(await ask(client, 'FLUSHALL')).toBe('OK');
    const keys = names('rest', 50);
    expect(await ask(client, 'MSET', ...keys.flatMap((key) => [key, key]))).toBe('OK');
    expect(await ask(client, 'MGET', ...keys)).toEqual(keys);
    for (const key of keys) {
      await ask(client, 'DEL', key);
      expect(await ask(client, 'RPUSH', key, 'x')).toBe(1);
      expect(await ask(client, 'LPOP', key)).toBe('x');
    }
    expect(await ask(client, 'FLUSHALL', 'SYNC')).toBe('OK');
    const deadline = Date.now() + 5000;
    const used = async (): Promise<string | undefined> => (await infoFields(client, 'memory')).get('used_memory');
    while (TESTING_ANAX && (await used()) !== '0' && Date.now() < deadline) await sleep(50);
    if (TESTING_ANAX) expect(await used()).toBe('0');
    const before = cpuTicks(anax.pid);
    await sleep(300);
    expect(cpuTicks(anax.pid) - before, 'hundredths of a second of processor time while nobody asks').toBeLessThan(10);
    await client.end();
  };

  test('transfers by MULTI, by WATCH, and all at once by MSET keep the sum', async () => {
    const accounts = names('account', 16);
    const sum = async (client: RawClient): Promise<number> =>
      list(await ask(client, 'MGET', ...accounts)).reduce((total: number, value) => total + Number(value), 0);
    await ask(admin, 'MSET', ...accounts.flatMap((key) => [key, 100]));
    let [transfers, collisions] = [0, 0];
    const work = [
      async (client: RawClient) => {
        await askAll(client, ['MULTI'], ['DECRBY', anyOf(accounts), 7], ['INCRBY', anyOf(accounts), 7], ['EXEC']);
      },
      async (client: RawClient) => {
        const [from, to] = [anyOf(accounts), anyOf(accounts)];
        if (from === to) return;
        await ask(client, 'WATCH', from, to);
        const [a, b] = list(await ask(client, 'MGET', from, to)).map(Number);
        const amount = random.below(50);
        // Either one MSET, or two commands.
        const writes: Word[][] =
          random.below(2) === 0
            ? [['MSET', from, a - amount, to, b + amount]]
            : [
                ['SET', from, a - amount],
                ['SET', to, b + amount],
              ];
        if ((await askAll(client, ['MULTI'], ...writes, ['EXEC'])) === null) collisions++;
        else transfers++;
      },
      async (client: RawClient) => {
        expect(await sum(client)).toBe(1600);
      },
      async (client: RawClient) => {
        const replies = await askAll(client, ['MULTI'], ...accounts.map((key) => ['GET', key]), ['EXEC']);
        expect(list(replies).reduce((total: number, value) => total + Number(value), 0)).toBe(1600);
      },
    ];
    await crowd(100, async (client, index) => {
      await work[index % work.length](client);
    });
    expect(await sum(admin)).toBe(1600);
    expect(transfers).toBeGreaterThan(5);
    expect(collisions).toBeGreaterThan(0);
  });

  test('MGET, MULTI and single GETs never see a part of an MSET', async () => {
    const keys = names('equal', 12);
    await ask(admin, 'MSET', ...keys.flatMap((key) => [key, 0]));
    let written = 0;
    await crowd(100, async (client, index) => {
      if (index % 4 === 0) {
        const value = ++written;
        await ask(client, 'MSET', ...keys.flatMap((key) => [key, value]));
      } else if (index % 4 === 1) {
        // What one connection reads one after the other never goes back behind what it has seen of another key, and
        // a GET alone sees an MSET that the MGET before it has seen.
        const all = list(await ask(client, 'MGET', ...keys));
        expect(new Set(all).size).toBe(1);
      } else if (index % 4 === 2) {
        const all = list(await askAll(client, ['MULTI'], ...keys.map((key) => ['GET', key]), ['EXEC']));
        expect(new Set(all).size).toBe(1);
      } else {
        const key = anyOf(keys);
        const mine = `${index}:${written++}`;
        await ask(client, 'MSET', ...keys.flatMap((one) => [one, mine]));
        expect(await ask(client, 'GET', key)).not.toBeNull();
      }
    });
  });

  test('optimistic counters lose nothing, on one shard and over several', async () => {
    let [single, several] = [0, 0];
    await crowd(40, async (client, index) => {
      const keys = index % 2 === 0 ? ['count'] : ['left', 'right', 'middle'];
      await ask(client, 'WATCH', ...keys);
      const value = Number(await ask(client, 'GET', keys[0])) + 1;
      const done = await askAll(client, ['MULTI'], ...keys.map((key) => ['SET', key, value]), ['EXEC']);
      if (done === null) return;
      if (index % 2 === 0) single++;
      else several++;
    });
    expect(await ask(admin, 'MGET', 'count', 'left', 'right', 'middle')).toEqual(
      [single, several, several, several].map(String),
    );
    expect(Math.min(single, several)).toBeGreaterThan(0);
  });

  test('items are popped once although consumers are killed, hang up or are unblocked', async () => {
    const queues = names('queue', 6);
    const popped: string[] = [];
    let [pushed, lostAtMost] = [0, 0];
    const end = Date.now() + RUN_MS;
    const consumers = Array.from({ length: 60 }, async (_, index) => {
      const control = await open();
      while (Date.now() < end) {
        const client = await open();
        const id = await ask(client, 'CLIENT', 'ID');
        const doomed = index % 3 === 0;
        for (let i = 0; Date.now() < end && i < 20; i++) {
          const few = queues.slice(random.below(3), 4 + random.below(3));
          const request = encodeRequest(anyOf(['BLPOP', 'BRPOP']), ...few, index % 2 === 0 ? '0.05' : '0.2');
          client.write(request);
          if (doomed && i === 10) {
            // Its last wait may get an item that nobody reads.
            if (random.below(2) === 0) client.socket.resetAndDestroy();
            else await ask(control, 'CLIENT', 'KILL', 'ID', Number(id));
            lostAtMost++;
            break;
          }
          if (random.below(4) === 0) await ask(control, 'CLIENT', 'UNBLOCK', Number(id));
          const found = respValue(await client.reply());
          if (found !== null) popped.push(String(list(found)[1]));
        }
        client.destroy();
      }
      await control.end();
    });
    const producers = Array.from({ length: 10 }, async (_, index) => {
      const client = await open();
      while (Date.now() < end) {
        const items = Array.from({ length: 1 + random.below(3) }, () => `item ${pushed++}`);
        if (index % 2 === 0) await ask(client, 'RPUSH', anyOf(queues), ...items);
        else
          await askAll(
            client,
            ['MULTI'],
            ...items.map((item) => ['LPUSH', anyOf(queues), item]),
            ['SET', 'x', 1],
            ['EXEC'],
          );
        await sleep(1);
      }
      await client.end();
    });
    await Promise.all([...consumers, ...producers]);
    for (const queue of queues) popped.push(...list(await ask(admin, 'LRANGE', queue, 0, -1)).map(String));
    expect(new Set(popped).size, 'an item was popped twice').toBe(popped.length);
    expect(pushed - popped.length).toBeLessThanOrEqual(lostAtMost);
    expect(popped.length).toBeGreaterThan(100);
  });

  test('chains of BLMOVE over shards conserve what goes round', async () => {
    const stations = names('station', 7);
    const items = names('item', 25);
    for (const item of items) await ask(admin, 'RPUSH', anyOf(stations), item);
    let moves = 0;
    const everything = async (client: RawClient): Promise<string[]> =>
      list(await askAll(client, ['MULTI'], ...stations.map((key) => ['LRANGE', key, 0, -1]), ['EXEC']))
        .flatMap(list)
        .map(String)
        .sort();
    await crowd(60, async (client, index) => {
      if (index % 10 === 9) {
        expect(await everything(client)).toEqual([...items].sort());
        return;
      }
      const from = index % stations.length;
      const to = stations[(from + 1 + random.below(2)) % stations.length];
      const side = (): string => anyOf(['LEFT', 'RIGHT']);
      const requests: readonly Word[][] = [
        ['BLMOVE', stations[from], to, side(), side(), '0.05'],
        ['BRPOPLPUSH', stations[from], to, '0.05'],
        ['LMOVE', stations[from], to, side(), side()],
      ];
      if ((await ask(client, ...anyOf(requests))) !== null) moves++;
    });
    expect(await everything(admin)).toEqual([...items].sort());
    expect(moves).toBeGreaterThan(100);
  });

  test('RENAME to and fro: the value is in exactly one place', async () => {
    const places = names('place', 6);
    await ask(admin, 'SET', places[0], 'ball');
    let moved = 0;
    await crowd(40, async (client, index) => {
      if (index % 2 === 0) {
        const reply = (await client.call('RENAME', anyOf(places), anyOf(places))).toString();
        if (reply === '+OK\r\n') moved++;
        else expect(reply).toBe('-ERR no such key\r\n');
      } else {
        expect(await ask(client, 'EXISTS', ...places)).toBe(1);
        expect(list(await ask(client, 'MGET', ...places)).filter((value) => value === 'ball').length).toBe(1);
      }
    });
    expect(moved).toBeGreaterThan(20);
  });

  test('DBSIZE, KEYS, FLUSHALL and SWAPDB against MSET of many keys', async () => {
    const groups = Array.from({ length: 5 }, (_, group) => names(`group:${group}`, 8));
    await crowd(50, async (client, index) => {
      const [db0, db1] = [0, 1];
      switch (index % 7) {
        case 0:
        case 1:
          await ask(client, 'MSET', ...anyOf(groups).flatMap((key) => [key, 'v']));
          break;
        case 2:
          await ask(client, 'DEL', ...anyOf(groups));
          break;
        case 3:
          expect(Number(await ask(client, 'DBSIZE')) % 8).toBe(0);
          break;
        case 4:
          expect(list(await ask(client, 'KEYS', '*')).length % 8).toBe(0);
          break;
        case 5:
          if (random.below(4) === 0) await ask(client, 'FLUSHALL');
          else await ask(client, 'SWAPDB', db0, db1);
          break;
        default:
          expect([0, 8]).toContain(await ask(client, 'EXISTS', ...anyOf(groups)));
      }
    });
  });

  test('twenty keys that everybody wants: nobody starves', async () => {
    const keys = names('hot', 20);
    const longest = new Map<string, number>();
    const counts = new Map<string, number>();
    const some = (): string[] => keys.filter(() => random.below(3) === 0).concat(anyOf(keys));
    const kinds: readonly (readonly [string, (client: RawClient) => Promise<unknown>])[] = [
      ['MGET of all', (client) => ask(client, 'MGET', ...keys)],
      ['MSET of all', (client) => ask(client, 'MSET', ...keys.flatMap((key) => [key, 'v']))],
      ['MSET of some', (client) => ask(client, 'MSET', ...some().flatMap((key) => [key, 'w']))],
      ['MGET of some', (client) => ask(client, 'MGET', ...some())],
      ['SET', (client) => ask(client, 'SET', anyOf(keys), 'x')],
      ['GET', (client) => ask(client, 'GET', anyOf(keys))],
      ['MULTI', (client) => askAll(client, ['MULTI'], ...some().map((key) => ['APPEND', key, 'y']), ['EXEC'])],
      ['DBSIZE', (client) => ask(client, 'DBSIZE')],
      ['SCAN', (client) => ask(client, 'SCAN', 0)],
      ['RENAME', (client) => client.call('RENAME', anyOf(keys), anyOf(keys))],
    ];
    await crowd(50, async (client, index) => {
      const [name, work] = kinds[index % kinds.length];
      const start = performance.now();
      await work(client);
      longest.set(name, Math.max(longest.get(name) ?? 0, performance.now() - start));
      counts.set(name, (counts.get(name) ?? 0) + 1);
    });
    const report = kinds
      .map(([name]) => `${name}: ${counts.get(name)}, ${longest.get(name)?.toFixed(0)} ms`)
      .join('; ');
    if (process.env['ANAX_TEST_REPORT'] === '1') console.log(`${wiring.name}: longest waits: ${report}`);
    expect(Math.max(...longest.values()), report).toBeLessThan(WAIT_MS_MAX);
    expect(Math.min(...kinds.map(([name]) => counts.get(name) ?? 0)), report).toBeGreaterThan(0);
  });

  test('readers that overlap without end do not keep a writer waiting', async () => {
    const keys = names('read', 10);
    await ask(admin, 'MSET', ...keys.flatMap((key) => [key, 0]));
    let longest = 0;
    let writes = 0;
    await crowd(80, async (client, index) => {
      if (index !== 0) {
        await ask(client, 'MGET', ...keys);
        return;
      }
      const start = performance.now();
      await ask(client, 'INCR', anyOf(keys));
      longest = Math.max(longest, performance.now() - start);
      writes++;
    });
    expect(writes).toBeGreaterThan(3);
    expect(longest).toBeLessThan(WAIT_MS_MAX);
  });

  test('pipelines that mix everything, cut at odd bytes: every reply in its place', async () => {
    const clients = Array.from({ length: 12 }, async (_, index) => {
      const client = await open();
      const keys = names(`mix:${index}`, 9);
      const model = new Map<string, number>();
      for (let round = 0; round < 6; round++) {
        const requests: Buffer[] = [];
        const expected: string[] = [];
        const add = (reply: string, ...words: Word[]): void => {
          requests.push(encodeRequest(...words));
          expected.push(reply);
        };
        for (let i = 0; i < 40; i++) {
          const key = anyOf(keys);
          const others = keys.filter(() => random.below(2) === 0).concat(key);
          const valueOf = (one: string): string => {
            const value = model.get(one);
            return value === undefined ? '$-1\r\n' : `$${String(value).length}\r\n${value}\r\n`;
          };
          switch (random.below(9)) {
            case 0:
              model.set(key, i);
              add('+OK\r\n', 'SET', key, i);
              break;
            case 1:
              add(valueOf(key), 'GET', key);
              break;
            case 2:
              for (const one of others) model.set(one, i);
              add('+OK\r\n', 'MSET', ...others.flatMap((one) => [one, i]));
              break;
            case 3:
              add(`*${others.length}\r\n${others.map(valueOf).join('')}`, 'MGET', ...others);
              break;
            case 4: {
              add('+OK\r\n', 'MULTI');
              const replies: string[] = [];
              for (const one of others) {
                const value = (model.get(one) ?? 0) + 1;
                model.set(one, value);
                add('+QUEUED\r\n', 'INCR', one);
                replies.push(`:${value}\r\n`);
              }
              add('+QUEUED\r\n', 'MGET', ...others);
              replies.push(`*${others.length}\r\n${others.map(valueOf).join('')}`);
              add(`*${replies.length}\r\n${replies.join('')}`, 'EXEC');
              break;
            }
            case 5: {
              const there = new Set(others.filter((one) => model.has(one))).size;
              for (const one of others) model.delete(one);
              add(`:${there}\r\n`, 'DEL', ...others);
              break;
            }
            case 6:
              add('*-1\r\n', 'BLPOP', `${key}:none`, `${anyOf(keys)}:none`, '0.001');
              break;
            case 7:
              add(`$${`e${i}`.length}\r\ne${i}\r\n`, 'ECHO', `e${i}`);
              break;
            default: {
              const to = anyOf(keys);
              const value = model.get(key);
              if (value === undefined) {
                add('-ERR no such key\r\n', 'RENAME', key, to);
              } else {
                model.delete(key);
                model.set(to, value);
                add('+OK\r\n', 'RENAME', key, to);
              }
            }
          }
        }
        const bytes = Buffer.concat(requests);
        let at = 0;
        while (at < bytes.length) {
          const next = Math.min(bytes.length, at + 1 + random.below(random.below(8) === 0 ? 2000 : 60));
          client.write(bytes.subarray(at, next));
          at = next;
          if (random.below(3) === 0) await new Promise(setImmediate);
        }
        const replies = await client.replies(expected.length);
        expect(replies.map((reply) => reply.toString('latin1'))).toEqual(expected);
      }
      await client.end();
    });
    await Promise.all(clients);
  });

  test('replies come at once although the client waits right behind them', async () => {
    for (let round = 0; round < 10; round++) {
      const client = await open();
      const [a, b] = [`front:${round}`, `front:${round}:b`];
      client.write(
        Buffer.concat([
          encodeRequest('SET', a, '1'),
          encodeRequest('GET', a),
          encodeRequest('MSET', a, '2', b, '3'),
          encodeRequest('BLPOP', `wait:${round}`, `wait:${round}:b`, '0'),
          encodeRequest('GET', b),
        ]),
      );
      expect((await client.replies(3)).map(String)).toEqual(['+OK\r\n', '$1\r\n1\r\n', '+OK\r\n']);
      await ask(admin, 'RPUSH', `wait:${round}:b`, 'x');
      expect(respValue(await client.reply())).toEqual([`wait:${round}:b`, 'x']);
      expect(respValue(await client.reply())).toBe('3');
      await client.end();
    }
  });

  test('values of several megabytes go over shards and back', async () => {
    const values = names('v', 6).map((_, i) => Buffer.alloc(3 * MIB + i * 1001, 97 + i));
    const keys = names('huge', 6);
    await whileOthersAreServed(anax.address, async () => {
      expect(await ask(admin, 'MSET', ...keys.flatMap((key, i) => [key, values[i]]))).toBe('OK');
      for (let i = 0; i < keys.length; i++) {
        const to = keys[(i + 1) % keys.length];
        expect(await ask(admin, 'RENAME', keys[i], 'spare')).toBe('OK');
        expect(await ask(admin, 'COPY', 'spare', keys[i], 'REPLACE')).toBe(1);
        expect(await ask(admin, 'COPY', keys[i], to)).toBe(0);
      }
      const found = await admin.call('MGET', ...keys);
      const expected = Buffer.concat([
        Buffer.from('*6\r\n'),
        ...values.flatMap((value) => [Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')]),
      ]);
      expect(found.equals(expected)).toBe(true);
      const inTransaction = await askAll(admin, ['MULTI'], ['MGET', ...keys], ['STRLEN', keys[0]], ['EXEC']);
      expect(list(list(inTransaction)[0]).map((value) => String(value).length)).toEqual(values.map((v) => v.length));
      expect(await ask(admin, 'BITOP', 'XOR', 'xor', keys[0], keys[0])).toBe(values[0].length);
      const longList = names('element', 100_000);
      for (let i = 0; i < longList.length; i += 5000) await ask(admin, 'RPUSH', 'long', ...longList.slice(i, i + 5000));
      for (const to of names('long', 5)) {
        expect(await ask(admin, 'COPY', 'long', to)).toBe(1);
        expect(await ask(admin, 'LRANGE', to, -1, -1)).toEqual(longList.slice(-1));
        expect(await ask(admin, 'LLEN', to)).toBe(100_000);
      }
    });
  });

  test('slow readers of a large MGET stall nobody, and hold no keys', async () => {
    const keys = names('large', 6);
    await ask(admin, 'MSET', ...keys.flatMap((key) => [key, Buffer.alloc(2 * MIB, 'x')]));
    const slow = await Promise.all(Array.from({ length: 4 }, open));
    for (const client of slow) {
      client.socket.pause();
      client.write(Buffer.concat(Array.from({ length: 4 }, () => encodeRequest('MGET', ...keys))));
    }
    await sleep(200);
    await whileOthersAreServed(anax.address, async () => {
      const start = Date.now();
      expect(await ask(admin, 'MSET', ...keys.flatMap((key) => [key, 'new']))).toBe('OK');
      expect(await ask(admin, 'DEL', ...keys)).toBe(6);
      expect(Date.now() - start).toBeLessThan(WAIT_MS_MAX);
    });
    slow[0].socket.resetAndDestroy();
    const size = 6 * (2 * MIB + `$${2 * MIB}\r\n\r\n`.length) + '*6\r\n'.length;
    for (const client of slow.slice(1)) {
      client.socket.resume();
      expect((await client.reply()).length).toBe(size);
      client.destroy();
    }
  });

  test('clients that leave in the middle of everything', async () => {
    const keys = names('leave', 10);
    const queues = names('leaving', 5);
    const requests: readonly (() => readonly (readonly Word[])[])[] = [
      () => [['MSET', ...keys.flatMap((key) => [key, 'v'])]],
      () => [['MULTI'], ...keys.map((key): Word[] => ['INCR', `n:${key}`]), ['EXEC']],
      () => [['WATCH', ...keys], ['MULTI'], ['SET', keys[0], 'w']],
      () => [['WATCH', ...keys]],
      () => [['BLPOP', ...queues, 0]],
      () => [['BLMOVE', anyOf(queues), anyOf(queues), 'LEFT', 'RIGHT', 0]],
      () => [
        ['BLMOVE', anyOf(queues), anyOf(queues), 'LEFT', 'RIGHT', '0.01'],
        ['BRPOPLPUSH', anyOf(queues), 'end', 0],
      ],
      () => [['BLMPOP', 0, queues.length, ...queues, 'LEFT', 'COUNT', 3]],
      () => [
        ['RENAME', anyOf(keys), anyOf(keys)],
        ['COPY', anyOf(keys), anyOf(keys)],
      ],
      () => [['DBSIZE'], ['KEYS', '*'], ['SELECT', 5], ['FLUSHDB']],
      () => [
        ['MSET', ...keys.flatMap((key) => [key, Buffer.alloc(100_000, 'v')])],
        ['MGET', ...keys],
        ['MGET', ...keys],
      ],
      () => [['RPUSH', anyOf(queues), 'a', 'b', 'c']],
    ];
    await whileOthersAreServed(anax.address, async () => {
      const end = Date.now() + RUN_MS;
      await Promise.all(
        Array.from({ length: 60 }, async () => {
          while (Date.now() < end) {
            const client = await open();
            const bytes = Buffer.concat(
              [anyOf(requests)(), anyOf(requests)()].flat().map((one) => encodeRequest(...one)),
            );
            const whole = random.below(3) !== 0;
            client.write(whole ? bytes : bytes.subarray(0, random.below(bytes.length)));
            if (random.below(2) === 0) await sleep(random.below(8));
            switch (random.below(3)) {
              case 0:
                client.socket.resetAndDestroy();
                break;
              case 1:
                client.socket.end();
                await sleep(5);
                client.destroy();
                break;
              default:
                client.destroy();
            }
          }
        }),
      );
    });
    await ask(admin, 'FLUSHALL');
  });

  test('wake-ups between an empty queue and a waiter are not lost', async () => {
    // One item goes round between pairs: each wait begins at about the moment at which its item is pushed.
    const rounds = 150;
    await Promise.all(
      names('pair', 8).map(async (pair) => {
        const player = async (mine: string, other: string, first: boolean): Promise<void> => {
          const client = await open();
          if (first) await ask(client, 'RPUSH', other, 'ball');
          for (let i = 0; i < rounds; i++) {
            const pause = random.below(4);
            if (pause === 1) await new Promise(setImmediate);
            if (pause === 2) await sleep(1);
            const request = anyOf<readonly Word[]>([
              ['BLPOP', mine, 0],
              ['BLPOP', `${mine}:none`, mine, `${mine}:none2`, 0],
              ['BLMPOP', 0, 2, `${mine}:none`, mine, 'LEFT'],
            ]);
            expect(await ask(client, ...request)).not.toBeNull();
            if (i < rounds - 1 || !first) await ask(client, 'RPUSH', other, 'ball');
          }
          await client.end();
        };
        await Promise.all([player(`${pair}:a`, `${pair}:b`, true), player(`${pair}:b`, `${pair}:a`, false)]);
      }),
    );
  });
});

/** Processor time that a process has taken, hundredths of a second; 0 where the system does not tell. */
function cpuTicks(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}
