// KEYS, SCAN, RANDOMKEY and DBSIZE over one shard and over several.

import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { Args } from '../../src/contract/args.js';
import type { Topology } from '../../src/contract/spec.js';
import { pickRandomKeyShard, pickScanShard } from '../../src/commands/scan.js';
import { KEYSPACE_AND_STRINGS } from '../support/keyspace-commands.js';
import { KeyspaceServer } from '../support/keyspace-server.js';

/** The cursor and the keys of a SCAN reply. */
function scanned(reply: string): [cursor: string, keys: string[]] {
  const lines = reply.split('\r\n');
  const keys: string[] = [];
  for (let i = 5; i < lines.length; i += 2) keys.push(lines[i]);
  return [lines[2], keys];
}

async function walk(
  server: KeyspaceServer,
  options: string,
  between: (cursor: string) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const keys: string[] = [];
  let cursor = '0';
  do {
    const [next, found] = scanned(await server.text(`SCAN ${cursor} ${options}`));
    keys.push(...found);
    cursor = next;
    await between(cursor);
  } while (cursor !== '0');
  return keys;
}

function serverWith(shards: number): KeyspaceServer {
  return new KeyspaceServer(KEYSPACE_AND_STRINGS, { shards });
}

describe('SCAN', () => {
  test.each([1, 2, 3, 7])('walks %i shards and gives every key once', async (shards) => {
    const server = serverWith(shards);
    const keys = Array.from({ length: 500 }, (_, i) => `key:${i}`);
    for (const key of keys) await server.run(`SET ${key} v`);
    for (const count of [1, 3, 10, 1000]) {
      expect((await walk(server, `COUNT ${count}`)).sort()).toEqual([...keys].sort());
    }
    expect(await walk(server, 'MATCH key:7?')).toHaveLength(10);
    expect(await walk(server, 'TYPE list')).toEqual([]);
  });

  test('walks empty shards and empty servers to the end', async () => {
    const server = serverWith(5);
    expect(await walk(server, '')).toEqual([]);
    await server.run('SET one v');
    expect(await walk(server, '')).toEqual(['one']);
  });

  test('a key that stays is given exactly once while others come and go', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new SeededRandom(seed);
      const server = serverWith(3);
      const staying = Array.from({ length: 200 + random.below(400) }, (_, i) => `stay:${i}`);
      for (const key of staying) await server.run(`SET ${key} v`);
      let coming = 0;
      let gone = 0;
      // More and more keys come at first, then they all go: every shard's dict grows and shrinks under the walk.
      const grow = 40 + random.below(80);
      const churn = async (): Promise<void> => {
        for (let n = random.below(30); n > 0 && coming < grow * 30; n--) await server.run(`SET move:${coming++} v`);
        for (let n = random.below(20); n > 0 && gone < coming; n--) await server.run(`DEL move:${gone++}`);
        for (const shard of server.shards) shard.check();
      };
      const seen = (await walk(server, `COUNT ${1 + random.below(8)}`, churn)).filter((key) => key.startsWith('stay:'));
      expect(seen.length, `seed ${seed}: no key twice`).toBe(new Set(seen).size);
      expect(seen.sort(), `seed ${seed}: no key left out`).toEqual([...staying].sort());
    }
  });

  test('expired keys are not given', async () => {
    const server = serverWith(2);
    for (let i = 0; i < 20; i++) await server.run(`SET old:${i} v PX 100`);
    await server.run('SET young v');
    server.clock.advance(101);
    expect(await walk(server, 'COUNT 1')).toEqual(['young']);
    expect(await server.text('KEYS *')).toBe('*1\r\n$5\r\nyoung');
    expect(await server.text('DBSIZE')).toBe(':1');
  });

  test('any unsigned 64-bit number leads to a shard and a reply', async () => {
    const server = serverWith(3);
    await server.run('SET k v');
    for (const cursor of ['1', '2', '3', '4294967296', '9007199254740993', '18446744073709551615', '+7', ' 7']) {
      expect(await server.text(['SCAN', cursor]), cursor).toMatch(/^\*2\r\n\$\d+\r\n\d+\r\n\*/);
    }
  });

  test('a cursor names its shard', () => {
    const topology: Topology = { shardCount: 3, keyCount: () => 1, randomBelow: () => 0 };
    const shardOfCursor = (cursor: string): number => {
      const args = new Args(0);
      args.reset(Buffer.from(cursor));
      args.push(0, 0);
      args.push(0, cursor.length);
      return pickScanShard(args, topology);
    };
    expect(['0', '1', '2', '3', '7', '18446744073709551614', 'x'].map(shardOfCursor)).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });
});

describe('RANDOMKEY', () => {
  test('draws from every shard by its share of the keys', async () => {
    const server = serverWith(3);
    for (let i = 0; i < 60; i++) await server.run(`SET key:${i} v`);
    const drawn = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const key = (await server.text('RANDOMKEY')).split('\r\n')[1];
      drawn.set(key, (drawn.get(key) ?? 0) + 1);
    }
    expect(drawn.size).toBe(60);
    expect(Math.max(...drawn.values())).toBeLessThan(400);
  });

  test('weighs shards by their keys', () => {
    const keyCount = (shard: number): number => [2, 0, 3][shard];
    const shards = [0, 1, 2, 3, 4].map((n) =>
      pickRandomKeyShard(new Args(0), { shardCount: 3, keyCount, randomBelow: () => n }, 0),
    );
    expect(shards).toEqual([0, 0, 2, 2, 2]);
    expect(pickRandomKeyShard(new Args(0), { shardCount: 3, keyCount: () => 0, randomBelow: () => 0 }, 0)).toBe(0);
  });
});

test('FLUSHDB empties one database, FLUSHALL all of them, on every shard', async () => {
  for (const mode of ['', ' SYNC', ' ASYNC']) {
    const server = serverWith(3);
    for (const db of [0, 5]) {
      server.dbIndex = db;
      for (let i = 0; i < 50; i++) await server.run(`SET key:${i} v`);
    }
    expect(await server.text(`FLUSHDB${mode}`)).toBe('+OK');
    expect(await server.text('DBSIZE')).toBe(':0');
    server.dbIndex = 0;
    expect(await server.text('DBSIZE')).toBe(':50');
    expect(await server.text(`FLUSHALL${mode}`)).toBe('+OK');
    expect(await server.text('DBSIZE')).toBe(':0');
    for (const shard of server.shards) {
      while (shard.lazyFreePending() > 0) shard.background(1000);
      expect(shard.arena.usedBytes).toBe(0);
      shard.check();
    }
  }
});
