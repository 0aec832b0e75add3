// AUTH, HELLO, SELECT, RESET and QUIT on one connection.

import { beforeAll, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { ANAX_VERSION, REDIS_VERSION } from '../../../src/base/version.js';
import type { CommandTable } from '../../../src/contract/command-table.js';
import { FakeServer, fullTable } from '../../support/fake-client.js';
import { RedisOracle } from '../../support/redis-oracle.js';

let table: CommandTable;
beforeAll(() => {
  table = fullTable();
});

const WRONG = '-WRONGPASS invalid username-password pair or user is disabled.';

describe('versions', () => {
  it('are those of the package and of the promise', () => {
    const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
    expect(ANAX_VERSION).toBe((JSON.parse(file) as { version: string }).version);
    expect(REDIS_VERSION).toMatch(/^7\.4\.\d+$/);
  });
});

describe('AUTH', () => {
  it('compares with requirepass', async () => {
    const client = new FakeServer(table, { options: { requirepass: 'secret' } }).connect();
    expect(client.authenticated).toBe(false);
    expect(await client.text('AUTH secre')).toBe(WRONG);
    expect(await client.text('AUTH ""')).toBe(WRONG);
    expect(await client.text('AUTH nobody secret')).toBe(WRONG);
    expect(client.authenticated).toBe(false);
    expect(await client.text('AUTH secret')).toBe('+OK');
    expect(client.authenticated).toBe(true);
    expect(await client.text('AUTH default wrong')).toBe(WRONG);
    expect(await client.text('AUTH default secret')).toBe('+OK');
    expect(client.user).toBe('default');
  });

  it('lets any password of the default user in where none is set', async () => {
    const client = new FakeServer(table).connect();
    expect(await client.text('AUTH anything')).toContain('-ERR AUTH <password> called without any password');
    expect(await client.text('AUTH default anything')).toBe('+OK');
    expect(await client.text('AUTH Default anything')).toBe(WRONG);
  });

  it('takes passwords of any bytes', async () => {
    const client = new FakeServer(table, { options: { requirepass: 'pässwörd' } }).connect();
    expect(await client.text(['AUTH', Buffer.from('pässwörd', 'latin1')])).toBe(WRONG);
    expect(await client.text(['AUTH', Buffer.from('pässwörd')])).toBe('+OK');
  });
});

describe('HELLO', () => {
  it('logs in, names and switches in one go, or not at all', async () => {
    const client = new FakeServer(table, { options: { requirepass: 'secret' } }).connect();
    expect(await client.text('HELLO 3')).toContain(
      '-NOAUTH HELLO must be called with the client already authenticated',
    );
    expect(await client.text('HELLO 3 AUTH default no SETNAME me')).toBe(WRONG);
    expect([client.protocol, client.name]).toEqual([2, '']);
    const reply = await client.text('HELLO 3 setname me auth default secret');
    expect(reply.startsWith('%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n')).toBe(true);
    expect(reply).toContain('$5\r\nproto\r\n:3\r\n');
    expect([client.protocol, client.name, client.authenticated]).toEqual([3, 'me', true]);
  });

  it('tells the state without arguments, in the version that is in force', async () => {
    const client = new FakeServer(table).connect();
    expect(await client.text('HELLO')).toContain('*14\r\n');
    await client.text('HELLO 3');
    expect(await client.text('HELLO')).toContain('%7\r\n');
    expect(await client.text('HELLO 2')).toContain('*14\r\n');
    expect(client.protocol).toBe(2);
  });
});

describe('SELECT, QUIT, RESET', () => {
  it('change the client', async () => {
    const client = new FakeServer(table, { options: { databases: '4' } }).connect();
    expect(await client.text('SELECT 3')).toBe('+OK');
    expect(client.db).toBe(3);
    expect(await client.text('SELECT 4')).toBe('-ERR DB index is out of range');
    await client.text('HELLO 3 SETNAME x');
    expect(await client.text('RESET')).toBe('+RESET');
    expect([client.db, client.protocol, client.name]).toEqual([0, 2, '']);
    expect(await client.text('QUIT now')).toBe('+OK');
    expect(client.closed).toBe(true);
  });
});

describe.runIf(RedisOracle.available)('against redis-server', () => {
  const requests = [
    'PING',
    'PING "a b"',
    'PING a b',
    'ECHO ""',
    'ECHO',
    'SELECT 15',
    'SELECT 16',
    'SELECT -1',
    'SELECT x',
    'SELECT 01',
    'SELECT 2147483647',
    'SELECT 2147483648',
    'SELECT -2147483649',
    'SELECT 9223372036854775807',
    'AUTH x',
    'AUTH a b',
    'AUTH default b',
    'AUTH a b c',
    'AUTH',
    'HELLO x',
    'HELLO 1',
    'HELLO 4',
    'HELLO 9223372036854775807',
    'HELLO 9223372036854775808',
    'HELLO 2 AUTH',
    'HELLO 2 AUTH a',
    'HELLO 2 AUTH a b',
    'HELLO 2 SETNAME',
    'HELLO 2 SETNAME "a b"',
    'HELLO 2 SETNAME "\\xff"',
    'HELLO 2 FOO BAR',
    'HELLO FOO 2',
    'RESET x',
    'RESET',
    'NOSUCH a b c',
    'NOSUCH',
    ['NOSUCH', 'line\r\nbreak', 'x'.repeat(200), 'y'],
    'QUIT a b',
  ];

  it('gives the same replies', async () => {
    const oracle = await RedisOracle.start();
    try {
      const client = new FakeServer(table).connect();
      for (const request of requests) {
        const expected = (await oracle.run(request)).toString('latin1');
        expect((await client.run(request)).toString('latin1'), String(request)).toBe(expected);
      }
    } finally {
      await oracle.close();
    }
  });

  it('greets alike but for version and id', async () => {
    const oracle = await RedisOracle.start();
    try {
      const client = new FakeServer(table).connect();
      for (const request of ['HELLO', 'HELLO 2 AUTH default x', 'HELLO 3 SETNAME me', 'HELLO']) {
        const plain = (reply: Buffer): string =>
          reply
            .toString('latin1')
            .replace(/\$\d\r\n7\.\d+\.\d+/, 'version')
            .replace(/id\r\n:\d+/, 'id');
        expect(plain(await client.run(request)), request).toBe(plain(await oracle.run(request)));
      }
    } finally {
      await oracle.close();
    }
  });
});
