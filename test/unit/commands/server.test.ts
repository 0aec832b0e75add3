// INFO, TIME, LOLWUT and SHUTDOWN against a server that records what it is asked.

import { beforeAll, describe, expect, it } from 'vitest';
import { unixMicroseconds } from '../../../src/base/clock.js';
import type { CommandTable } from '../../../src/contract/command-table.js';
import { FakeServer, fullTable } from '../../support/fake-client.js';
import { RedisOracle } from '../../support/redis-oracle.js';
import { respMap, respValue } from '../../support/resp-value.js';

let table: CommandTable;
beforeAll(() => {
  table = fullTable();
});

describe('CONFIG', () => {
  it('GET spells names as they were asked for, patterns as they are', async () => {
    const client = new FakeServer(table).connect();
    const get = async (request: string): Promise<unknown> => respMap(respValue(await client.run(request)));
    expect(await get('CONFIG GET MaxMemory')).toEqual({ MaxMemory: '0' });
    expect(await get('CONFIG GET MAXMEMORY*')).toEqual({ maxmemory: '0', 'maxmemory-policy': 'noeviction' });
    expect(await get('CONFIG GET hz MAXMEMORY nosuch')).toEqual({ hz: '10', MAXMEMORY: '0' });
    client.protocol = 3;
    expect(await client.text('CONFIG GET hz')).toBe('%1\r\n$2\r\nhz\r\n$2\r\n10');
  });

  it('SET hands over the pairs as the client spelt them', async () => {
    const server = new FakeServer(table);
    const client = server.connect();
    expect(await client.text('CONFIG SET hz 20 TIMEOUT 5')).toBe('+OK');
    expect([server.config.value('hz'), server.config.value('timeout')]).toEqual(['20', '5']);
    expect(await client.text('CONFIG SET hz 30 NoSuch 1')).toBe(
      "-ERR Unknown option or number of arguments for CONFIG SET - 'NoSuch'",
    );
    expect(await client.text('CONFIG SET requirepass "p\\xc3\\xa4ss"')).toBe('+OK');
    expect(server.config.value('requirepass')).toBe('päss');
    expect((await client.run('CONFIG GET requirepass')).toString('utf8')).toContain('$5\r\npäss\r\n');
  });

  it('REWRITE and RESETSTAT', async () => {
    const server = new FakeServer(table);
    const client = server.connect();
    expect(await client.text('CONFIG REWRITE')).toBe('-ERR The server is running without a config file');
    server.config.rewriteError = undefined;
    expect(await client.text('CONFIG REWRITE')).toBe('+OK');
    expect(await client.text('CONFIG RESETSTAT')).toBe('+OK');
    expect(server.asked).toEqual([{ topic: 'reset-stats' }]);
  });
});

describe('INFO', () => {
  it('asks for its sections in lower case', async () => {
    const client = new FakeServer(table, { info: (sections) => sections.join('+') }).connect();
    expect(await client.text('INFO')).toBe('$0\r\n');
    expect(await client.text('INFO Server ALL')).toBe('$10\r\nserver+all');
    client.protocol = 3;
    expect(await client.text('INFO x')).toBe('=5\r\ntxt:x');
  });
});

describe('TIME', () => {
  it('is the wall clock with microseconds', async () => {
    const server = new FakeServer(table);
    server.clock.set(1_700_000_000_123);
    expect(respValue(await server.connect().run('TIME'))).toEqual(['1700000000', '123000']);
  });

  it('runs with the monotonic clock and follows the wall clock when that is set', () => {
    const clock = {
      ms: 1000,
      us: 77.5,
      nowMs(): number {
        return this.ms;
      },
      monotonicUs(): number {
        return this.us;
      },
    };
    expect(unixMicroseconds(clock)).toBe(1_000_000);
    clock.us += 250.25;
    expect(unixMicroseconds(clock)).toBe(1_000_250);
    clock.us += 1000;
    clock.ms += 1;
    expect(unixMicroseconds(clock)).toBe(1_001_250);
    clock.ms = 500;
    expect(unixMicroseconds(clock)).toBe(500_000);
  });
});

describe('LOLWUT', () => {
  it('draws within the asked span and names the versions', async () => {
    const client = new FakeServer(table).connect();
    for (const [request, span] of [
      ['LOLWUT', 26],
      ['LOLWUT VERSION 5', 26],
      ['LOLWUT VERSION 6 40', 40],
      ['LOLWUT 1', 6],
      ['LOLWUT 100000', 120],
    ] as const) {
      const lines = String(respValue(await client.run(request))).split('\n');
      expect(lines.at(-2)).toMatch(/^Redis ver\. 7\.4\.\d+, Anax ver\. \d+\.\d+\.\d+$/);
      expect(Math.max(...lines.slice(0, -3).map((line) => line.length)), request).toBe(2 * span + 7);
      expect(lines).toHaveLength(14);
    }
    expect(await client.text('LOLWUT VERSION')).toBe('-ERR value is not an integer or out of range');
  });
});

describe('SHUTDOWN', () => {
  it('hands over the mode and tells why it failed', async () => {
    const server = new FakeServer(table);
    const client = server.connect();
    expect(await client.text('SHUTDOWN')).toBe('-ERR Errors trying to SHUTDOWN. Check logs.');
    expect(server.shutdownMode).toEqual({ save: 'default', now: false, force: false });
    await client.text('SHUTDOWN nosave NOW force');
    expect(server.shutdownMode).toEqual({ save: 'nosave', now: true, force: true });
    await client.text('SHUTDOWN SAVE');
    expect(server.shutdownMode).toEqual({ save: 'save', now: false, force: false });
  });
});

describe.runIf(RedisOracle.available)('against redis-server', () => {
  const requests = [
    'CONFIG',
    'CONFIG NOSUCH',
    'CONFIG GET',
    'CONFIG GET nosuch',
    'CONFIG GET HZ',
    'CONFIG GET hz HZ',
    'CONFIG SET',
    'CONFIG SET hz',
    'CONFIG SET hz 10 port',
    'CONFIG SET Foo bar',
    'CONFIG REWRITE',
    'CONFIG REWRITE x',
    'CONFIG RESETSTAT',
    'TIME x',
    'INFO nosuch',
    'LOLWUT VERSION x',
    'SHUTDOWN x',
    'SHUTDOWN SAVE NOSAVE',
    'SHUTDOWN ABORT',
    'SHUTDOWN ABORT NOW',
    'SHUTDOWN ABORT SAVE',
  ];

  it('gives the same replies', async () => {
    const oracle = await RedisOracle.start();
    try {
      const client = new FakeServer(table).connect();
      for (const request of requests) {
        const expected = (await oracle.run(request)).toString('latin1');
        expect((await client.run(request)).toString('latin1'), request).toBe(expected);
      }
    } finally {
      await oracle.close();
    }
  });
});
