// CLIENT against a server that records what it is asked.

import { beforeAll, describe, expect, it } from 'vitest';
import type { CommandTable } from '../../../src/contract/command-table.js';
import { FakeServer, type FakeClient, fullTable } from '../../support/fake-client.js';
import { RedisOracle } from '../../support/redis-oracle.js';

let table: CommandTable;
beforeAll(() => {
  table = fullTable();
});

/** A server of three cores with `count` connections; ids count from 5. */
function crowd(count: number): { server: FakeServer; clients: FakeClient[] } {
  const server = new FakeServer(table, { cores: 3 });
  return { server, clients: Array.from({ length: count }, () => server.connect()) };
}

describe('CLIENT LIST and INFO', () => {
  it('puts the lines of all cores in the order of the ids', async () => {
    const { clients } = crowd(7);
    const text = await clients[2].text('CLIENT LIST');
    expect([...text.matchAll(/id=(\d+)/g)].map((m) => Number(m[1]))).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(text.endsWith('name=\n')).toBe(true);
  });

  it('filters by type and by ids, in the order asked for', async () => {
    const { clients } = crowd(4);
    clients[1].type = 'replica';
    const ids = async (request: string): Promise<string[]> =>
      [...(await clients[0].text(request)).matchAll(/id=(\d+)/g)].map((m) => m[1]);
    expect(await ids('CLIENT LIST TYPE slave')).toEqual(['6']);
    expect(await ids('CLIENT LIST TYPE Normal')).toEqual(['5', '7', '8']);
    expect(await ids('CLIENT LIST ID 8 5 99 8')).toEqual(['8', '5', '8']);
    expect(await clients[0].text('CLIENT LIST ID 9223372036854775807')).toBe('$0\r\n');
  });

  it('is a verbatim text in RESP3', async () => {
    const [client] = crowd(1).clients;
    client.protocol = 3;
    expect(await client.text('CLIENT INFO')).toMatch(/^=\d+\r\ntxt:id=5 .*\n$/);
  });
});

describe('CLIENT KILL', () => {
  it('closes the connection of an address, also the own one', async () => {
    const { clients } = crowd(3);
    expect(await clients[0].text(`CLIENT KILL ${clients[1].address}`)).toBe('+OK');
    expect(clients.map((client) => client.closed)).toEqual([false, true, false]);
    expect(await clients[0].text(`CLIENT KILL ${clients[1].address}`)).toBe('-ERR No such client');
    expect(await clients[0].text(`CLIENT KILL ${clients[0].address}`)).toBe('+OK');
    expect(clients[0].closed).toBe(true);
  });

  it('skips the asking connection unless told otherwise', async () => {
    const { clients } = crowd(5);
    expect(await clients[0].text('CLIENT KILL TYPE normal')).toBe(':4');
    expect(clients[0].closed).toBe(false);
    expect(await clients[0].text('CLIENT KILL TYPE normal SKIPME no')).toBe(':1');
    expect(clients[0].closed).toBe(true);
  });

  it('joins filters; the last of a kind counts', async () => {
    const { clients } = crowd(4);
    expect(await clients[0].text(`CLIENT KILL ID 6 ADDR ${clients[2].address}`)).toBe(':0');
    expect(await clients[0].text('CLIENT KILL ID 6 ID 7 USER default LADDR 127.0.0.1:6379')).toBe(':1');
    expect(clients.map((client) => client.closed)).toEqual([false, false, true, false]);
  });

  it('knows the age of connections', async () => {
    const { server, clients } = crowd(2);
    server.clock.advance(9_999);
    server.connect();
    expect(await clients[0].text('CLIENT KILL MAXAGE 10')).toBe(':0');
    server.clock.advance(1);
    expect(await clients[0].text('CLIENT KILL MAXAGE 10')).toBe(':1');
    expect(clients[1].closed).toBe(true);
    expect(await clients[0].text('CLIENT KILL MAXAGE x')).toBe('-ERR maxage is not an integer or out of range');
    expect(await clients[0].text('CLIENT KILL MAXAGE -1')).toBe('-ERR maxage should be greater than 0');
  });
});

describe('the state of the client', () => {
  it('is set by its own commands', async () => {
    const [client] = crowd(1).clients;
    await client.text('CLIENT SETINFO LIB-NAME ioredis');
    await client.text('CLIENT SETINFO lib-ver 5.4.1');
    expect([client.libName, client.libVersion]).toEqual(['ioredis', '5.4.1']);
    await client.text('CLIENT SETINFO lib-ver ""');
    expect(client.libVersion).toBe('');
    await client.text('CLIENT NO-EVICT on');
    await client.text('CLIENT NO-TOUCH on');
    expect([client.noEvict, client.noTouch]).toEqual([true, true]);
    await client.text('CLIENT NO-TOUCH off');
    expect(client.noTouch).toBe(false);
    expect(await client.text('CLIENT NO-TOUCH no')).toBe('-ERR syntax error');
    expect(await client.text('CLIENT ID')).toBe(':5');
  });

  it('REPLY says nothing for OFF and SKIP, and SKIP does not undo OFF', async () => {
    const [client] = crowd(1).clients;
    expect((await client.run('CLIENT REPLY skip')).length).toBe(0);
    expect(client.replyMode).toBe('skip');
    expect((await client.run('CLIENT REPLY off')).length).toBe(0);
    expect((await client.run('CLIENT REPLY skip')).length).toBe(0);
    expect(client.replyMode).toBe('off');
    expect(await client.text('CLIENT REPLY on')).toBe('+OK');
    expect(client.replyMode).toBe('on');
  });

  it('PAUSE tells every core until when', async () => {
    const { server, clients } = crowd(1);
    const now = server.clock.nowMs();
    expect(await clients[0].text('CLIENT PAUSE 100')).toBe('+OK');
    expect(await clients[0].text('CLIENT PAUSE 0 write')).toBe('+OK');
    expect(await clients[0].text('CLIENT UNPAUSE')).toBe('+OK');
    expect(await clients[0].text('CLIENT PAUSE 9223372036854775807')).toBe('-ERR timeout is out of range');
    expect(server.asked).toEqual([
      { topic: 'client-pause', mode: 'all', untilMs: now + 100 },
      { topic: 'client-pause', mode: 'write', untilMs: now },
      { topic: 'client-unpause' },
    ]);
  });
});

describe.runIf(RedisOracle.available)('against redis-server', () => {
  const requests = [
    'CLIENT',
    'CLIENT NOSUCH',
    'CLIENT GETNAME',
    'CLIENT SETNAME "a b"',
    'CLIENT SETNAME "a\\nb"',
    'CLIENT SETNAME me',
    'CLIENT GETNAME',
    'CLIENT GETNAME x',
    'CLIENT SETNAME ""',
    'CLIENT GETNAME',
    'CLIENT LIST x',
    'CLIENT LIST ID',
    'CLIENT LIST TYPE',
    'CLIENT LIST TYPE x',
    'CLIENT LIST TYPE normal x',
    'CLIENT LIST TYPE master',
    'CLIENT LIST ID x',
    'CLIENT LIST ID 99999 1.5',
    'CLIENT LIST ID 99999',
    'CLIENT KILL',
    'CLIENT KILL nosuch',
    'CLIENT KILL a b',
    'CLIENT KILL a b c',
    'CLIENT KILL ID x',
    'CLIENT KILL ID 0',
    'CLIENT KILL ID -1',
    'CLIENT KILL ID 9223372036854775807',
    'CLIENT KILL ID 9223372036854775808',
    'CLIENT KILL TYPE x',
    'CLIENT KILL TYPE master',
    'CLIENT KILL USER x',
    'CLIENT KILL USER default ID 99999',
    'CLIENT KILL SKIPME x',
    'CLIENT KILL SKIPME yes ID',
    'CLIENT KILL ADDR x LADDR y SKIPME NO',
    'CLIENT PAUSE',
    'CLIENT PAUSE x',
    'CLIENT PAUSE -1',
    'CLIENT PAUSE 1 x',
    'CLIENT pause 1 ALL x',
    'CLIENT NO-EVICT on x',
    'CLIENT PAUSE x WRITE',
    'CLIENT PAUSE x y',
    'CLIENT UNPAUSE x',
    'CLIENT UNPAUSE',
    'CLIENT REPLY x',
    'CLIENT REPLY',
    'CLIENT REPLY on',
    'CLIENT NO-EVICT',
    'CLIENT NO-EVICT x',
    'CLIENT NO-EVICT on',
    'CLIENT NO-EVICT off',
  ];

  it('gives the same replies', async () => {
    const oracle = await RedisOracle.start();
    try {
      const [client] = crowd(1).clients;
      for (const request of requests) {
        const expected = (await oracle.run(request)).toString('latin1');
        expect((await client.run(request)).toString('latin1'), request).toBe(expected);
      }
    } finally {
      await oracle.close();
    }
  });
});
