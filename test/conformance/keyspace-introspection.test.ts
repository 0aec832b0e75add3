// OBJECT, MEMORY and DEBUG: what they tell of keys and of the server, and who may ask.

import { describe, expect, test } from 'vitest';
import { KEYSPACE_AND_STRINGS } from '../support/keyspace-commands.js';
import { KeyspaceServer, type KeyspaceOptions } from '../support/keyspace-server.js';

function serverWith(options: KeyspaceOptions = {}): KeyspaceServer {
  return new KeyspaceServer(KEYSPACE_AND_STRINGS, options);
}

describe('statistics and the access clock', () => {
  /** What Redis counts: [request, hits, misses]; the key k is there, n is not. */
  const COUNTED: readonly (readonly [request: string, hits: number, misses: number])[] = [
    ['TTL k', 1, 0],
    ['PTTL n', 0, 1],
    ['EXPIRETIME k', 1, 0],
    ['EXISTS k n k', 2, 1],
    ['TYPE k', 1, 0],
    ['TYPE n', 0, 1],
    ['TOUCH k n', 1, 1],
    ['OBJECT ENCODING k', 1, 0],
    ['OBJECT ENCODING n', 0, 1],
    ['OBJECT IDLETIME k', 1, 0],
    ['COPY k k2', 1, 0],
    ['COPY n k2', 0, 1],
    ['MEMORY USAGE k', 0, 0],
    ['MEMORY USAGE n', 0, 0],
    ['DEBUG OBJECT k', 0, 0],
    ['DEBUG DIGEST-VALUE k n', 0, 0],
    ['EXPIRE n 1', 0, 0],
    ['PERSIST n', 0, 0],
    ['RENAME k k', 0, 0],
    ['MOVE n 1', 0, 0],
    ['KEYS *', 0, 0],
    ['RANDOMKEY', 0, 0],
    ['DEL n', 0, 0],
  ];

  test.each(COUNTED)('%s: %i hits, %i misses', async (request, hits, misses) => {
    const server = serverWith();
    await server.run('SET k v');
    await server.run(request);
    expect([server.counters.hits, server.counters.misses]).toEqual([hits, misses]);
  });

  test.each([
    'TTL k',
    'EXISTS k',
    'TYPE k',
    'OBJECT ENCODING k',
    'OBJECT IDLETIME k',
    'MEMORY USAGE k',
    'DEBUG OBJECT k',
  ])('%s is no use of the key', async (request) => {
    const server = serverWith();
    await server.run('SET k v');
    server.clock.advance(100_000);
    await server.run(request);
    expect(await server.text('OBJECT IDLETIME k')).toBe(':100');
  });

  test.each(['TOUCH k', 'GET k', 'COPY k k2', 'EXPIRE k 1000', 'PERSIST k'])(
    '%s is a use of the key',
    async (request) => {
      const server = serverWith();
      await server.run('SET k v');
      server.clock.advance(100_000);
      await server.run(request);
      expect(await server.text('OBJECT IDLETIME k')).toBe(':0');
    },
  );

  test('an LFU policy counts uses and does not date them', async () => {
    const server = serverWith({ lfu: true });
    await server.run('SET k v');
    expect(await server.text('OBJECT FREQ k')).toBe(':5');
    expect(await server.text('OBJECT IDLETIME k')).toMatch(/^-ERR An LFU maxmemory policy is selected, idle time not/);
    expect(await server.text('OBJECT FREQ n')).toBe('$-1');
    expect(await server.text('OBJECT IDLETIME n')).toBe('$-1');
  });
});

describe('expiry', () => {
  test('a key lives through its last millisecond', async () => {
    const server = serverWith();
    await server.run('SET k v');
    expect(await server.text('PEXPIRE k 100')).toBe(':1');
    server.clock.advance(100);
    expect(await server.text('PTTL k')).toBe(':0');
    expect(await server.text('EXISTS k')).toBe(':1');
    server.clock.advance(1);
    expect(await server.text('PTTL k')).toBe(':-2');
    expect(await server.text('PERSIST k')).toBe(':0');
    expect(await server.text('EXPIRE k 10')).toBe(':0');
    expect(await server.text('RENAME k k2')).toBe('-ERR no such key');
  });

  test('a deadline of now or before deletes', async () => {
    const server = serverWith();
    const now = server.clock.nowMs();
    await server.run('SET k v');
    expect(await server.text(`PEXPIREAT k ${now}`)).toBe(':1');
    expect(await server.text('DBSIZE')).toBe(':0');
    await server.run('SET k v');
    expect(await server.text(`PEXPIREAT k ${now + 1}`)).toBe(':1');
    expect(await server.text('DBSIZE')).toBe(':1');
  });

  test('seconds are rounded to the nearest', async () => {
    const server = serverWith();
    await server.run('SET k v PX 1499');
    expect(await server.text('TTL k')).toBe(':1');
    await server.run('SET k v PX 1500');
    expect(await server.text('TTL k')).toBe(':2');
    await server.run('SET k v PX 499');
    expect(await server.text('TTL k')).toBe(':0');
  });

  test('an expired key makes room for a name', async () => {
    const server = serverWith();
    await server.run('SET a 1');
    await server.run('SET b 2 PX 10');
    server.clock.advance(11);
    expect(await server.text('RENAMENX a b')).toBe(':1');
    await server.run('SET a 1 PX 10');
    server.clock.advance(11);
    expect(await server.text('COPY b a')).toBe(':1');
    expect(await server.text('MOVE a 3')).toBe(':1');
  });
});

describe('DEBUG', () => {
  const REFUSED =
    '-ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.';

  test.each([
    ['no', '127.0.0.1:5000', false],
    ['yes', '10.0.0.1:5000', true],
    ['local', '127.0.0.1:5000', true],
    ['local', '127.3.4.5:1', true],
    ['local', '[::1]:5000', true],
    ['local', '/tmp/anax.sock:0', true],
    ['local', '10.0.0.1:5000', false],
    ['local', '[2001:db8::1]:5000', false],
  ])('enable-debug-command %s from %s', async (enableDebugCommand, address, allowed) => {
    const server = serverWith({ enableDebugCommand, address });
    expect(await server.text('DEBUG CHANGE-REPL-ID')).toBe(allowed ? '+OK' : REFUSED);
    expect(await server.text('DEBUG')).toBe("-ERR wrong number of arguments for 'debug' command");
  });

  test('SLEEP stops every core', async () => {
    const server = serverWith({ shards: 3 });
    expect(await server.text('DEBUG SLEEP 0.25')).toBe('+OK');
    expect(server.sleptMs).toBe(750);
    for (const none of ['-1', 'x', 'inf', 'nan']) await server.run(`DEBUG SLEEP ${none}`);
    expect(server.sleptMs).toBe(750);
  });

  test('SET-ACTIVE-EXPIRE reaches every shard', async () => {
    const server = serverWith({ shards: 3 });
    await server.run('DEBUG SET-ACTIVE-EXPIRE 0');
    expect(server.shards.map((shard) => shard.activeExpire)).toEqual([false, false, false]);
    await server.run('DEBUG SET-ACTIVE-EXPIRE 1');
    expect(server.shards.map((shard) => shard.activeExpire)).toEqual([true, true, true]);
  });

  test('OBJECT describes a key of any shard', async () => {
    const server = serverWith({ shards: 3 });
    for (const [value, encoding] of [
      ['123', 'int'],
      ['abc', 'embstr'],
      ['x'.repeat(100), 'raw'],
    ]) {
      await server.run(['SET', 'k', value]);
      server.clock.advance(7_000);
      expect(await server.text('DEBUG OBJECT k')).toMatch(
        new RegExp(
          `^\\+Value at:0x[0-9a-f]+ refcount:\\d+ encoding:${encoding} serializedlength:\\d+ lru:\\d+ lru_seconds_idle:7$`,
        ),
      );
    }
    expect(await server.text('DEBUG OBJECT nope')).toBe('-ERR no such key');
  });

  test('DIGEST does not depend on the number of shards', async () => {
    const digests = new Set<string>();
    for (const shards of [1, 2, 5]) {
      const server = serverWith({ shards });
      for (let i = 0; i < 50; i++) {
        server.dbIndex = i % 3;
        await server.run(`SET key:${i} value:${i}`);
      }
      digests.add(await server.text('DEBUG DIGEST'));
    }
    expect(digests.size).toBe(1);
  });

  test('STRINGMATCH-LEN and STRINGMATCH-TEST', async () => {
    const server = serverWith();
    expect(await server.text('DEBUG STRINGMATCH-LEN a*a*b 100000')).toBe(':0');
    expect(await server.text('DEBUG STRINGMATCH-LEN a*a*a 100000')).toBe(':1');
    expect(await server.text('DEBUG STRINGMATCH-LEN a x')).toBe('-ERR value is not an integer or out of range');
    expect(await server.text('DEBUG STRINGMATCH-LEN a 99999999999')).toBe('-ERR value is out of range');
    expect(await server.text('DEBUG STRINGMATCH-TEST')).toBe('+Apparently Redis did not crash: test passed');
  });

  test('HELP lists the subcommands as status lines', async () => {
    const lines = (await serverWith().text('DEBUG HELP')).split('\r\n');
    expect(lines[0]).toBe(`*${lines.length - 1}`);
    expect(lines[1]).toBe('+DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:');
    expect(lines).toContain('+SLEEP <seconds>');
  });
});

describe('MEMORY', () => {
  const FIELDS = [
    'peak.allocated',
    'total.allocated',
    'startup.allocated',
    'replication.backlog',
    'clients.slaves',
    'clients.normal',
    'cluster.links',
    'aof.buffer',
    'lua.caches',
    'functions.caches',
    'db.0',
    'db.9',
    'overhead.db.hashtable.lut',
    'overhead.db.hashtable.rehashing',
    'overhead.total',
    'db.dict.rehashing.count',
    'keys.count',
    'keys.bytes-per-key',
    'dataset.bytes',
    'dataset.percentage',
    'peak.percentage',
    'allocator.allocated',
    'allocator.active',
    'allocator.resident',
    'allocator.muzzy',
    'allocator-fragmentation.ratio',
    'allocator-fragmentation.bytes',
    'allocator-rss.ratio',
    'allocator-rss.bytes',
    'rss-overhead.ratio',
    'rss-overhead.bytes',
    'fragmentation',
    'fragmentation.bytes',
  ];

  test('STATS is a map of Redis 7.4 fields in its order', async () => {
    const server = serverWith({ shards: 3 });
    for (let i = 0; i < 30; i++) {
      server.dbIndex = i % 2 === 0 ? 0 : 9;
      await server.run(`SET key:${i} v`);
    }
    server.protocol = 3;
    const lines = (await server.text('MEMORY STATS')).split('\r\n');
    expect(lines[0]).toBe(`%${FIELDS.length}`);
    const names = lines.filter((line) => /^[a-z][a-z.-]*\d?$/.test(line) && !line.startsWith('overhead.hashtable'));
    expect(names).toEqual(FIELDS);
    expect(lines[lines.indexOf('keys.count') + 1]).toBe(':30');
    expect(lines[lines.indexOf('db.9') + 1]).toBe('%2');
    expect(lines[lines.indexOf('startup.allocated') + 1]).toBe(':18000000');
    expect(lines[lines.indexOf('fragmentation') + 1]).toMatch(/^,\d/);
    server.protocol = 2;
    expect(await server.text('MEMORY STATS')).toMatch(new RegExp(`^\\*${FIELDS.length * 2}\r\n`));
  });

  test('STATS of an empty server divides by nothing', async () => {
    const reply = await serverWith().text('MEMORY STATS');
    expect(reply).not.toMatch(/nan|inf/);
    expect(reply).toContain('keys.bytes-per-key\r\n:0');
  });

  const MB = 1024 * 1024;
  test.each([
    ['an empty server', {}, /^\$\d+\r\nHi Sam, this instance is empty or is using very little memory/],
    [
      'health',
      { usedBytes: 50 * MB, peakBytes: 50 * MB, committedBytes: 51 * MB, heapBytes: 60 * MB },
      /can't find any/,
    ],
    ['a past peak', { usedBytes: 50 * MB, peakBytes: 80 * MB, committedBytes: 51 * MB }, / \* Peak memory: /],
    ['fragmentation', { usedBytes: 50 * MB, peakBytes: 50 * MB, committedBytes: 70 * MB }, / \* High allocator frag/],
    [
      'much RSS',
      { usedBytes: 50 * MB, peakBytes: 50 * MB, committedBytes: 51 * MB, residentBytes: 250 * MB },
      / \* High total/,
    ],
    [
      'big buffers',
      { usedBytes: 50 * MB, peakBytes: 50 * MB, committedBytes: 51 * MB, clientBytes: MB },
      / \* Big client/,
    ],
  ])('DOCTOR on %s', async (_case, memory, report) => {
    const server = serverWith();
    server.memory = memory;
    expect(await server.text('MEMORY DOCTOR')).toMatch(report);
  });

  test('USAGE counts key, value and index', async () => {
    const server = serverWith();
    await server.run('SET k v');
    const small = Number((await server.text('MEMORY USAGE k')).slice(1));
    await server.run(['SET', 'k', 'v'.repeat(10_000)]);
    const large = Number((await server.text('MEMORY USAGE k SAMPLES 0')).slice(1));
    expect(small).toBeGreaterThan(16);
    expect(large).toBeGreaterThan(small + 9_000);
  });

  test('MALLOC-STATS is a verbatim text with a line for every core', async () => {
    const server = serverWith({ shards: 2 });
    server.protocol = 3;
    const reply = await server.text('MEMORY MALLOC-STATS');
    expect(reply).toMatch(/^=\d+\r\ntxt:/);
    expect(reply.match(/core \d: arena used/g)).toHaveLength(2);
  });
});
