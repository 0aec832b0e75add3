// What others see of a client that waits for a key or has a MULTI open, and what they can do to it; in every wiring.

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS, withAnax } from '../support/anax-process.js';
import { clientList, expectNothingLeft, infoFields } from '../support/leaks.js';
import { encodeRequest, RawClient, type Word } from '../support/raw-client.js';

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let admin: RawClient;
  const open = (): Promise<RawClient> => RawClient.connect(anax.address);
  /** Commands that wait for keys of several shards, of one, and for a move over shards. */
  const waits: readonly (readonly [name: string, words: readonly Word[]])[] = [
    ['BLPOP of one key', ['BLPOP', 'q', 0]],
    ['BRPOP of many keys', ['BRPOP', 'q', ...Array.from({ length: 10 }, (_, i) => `q:${i}`), 0]],
    ['BLMPOP', ['BLMPOP', 0, 3, 'q', 'q:1', 'q:2', 'LEFT']],
    ['BLMOVE', ['BLMOVE', 'q', 'target', 'LEFT', 'RIGHT', 0]],
    ['BLMOVE over other shards', ['BLMOVE', 'q', 'other target', 'LEFT', 'RIGHT', 0]],
    ['BRPOPLPUSH', ['BRPOPLPUSH', 'q', 'third target', 0]],
  ];

  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  beforeEach(async () => {
    admin = await open();
    await admin.call('FLUSHALL');
  });
  afterEach(async () => {
    RawClient.destroyAll();
    anax.assertAlive();
    await expectNothingLeft(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  const idOf = async (client: RawClient): Promise<number> => Number((await client.text('CLIENT', 'ID')).slice(1));
  const fieldsOf = async (id: number): Promise<Map<string, string>> => {
    const found = (await clientList(admin)).find((one) => one.get('id') === String(id));
    if (found === undefined) throw new Error(`no client ${id}`);
    return found;
  };
  const blockedClients = async (): Promise<number> =>
    Number((await infoFields(admin, 'clients')).get('blocked_clients'));
  /** Waits until that many clients are seen to wait. */
  const untilBlocked = async (count: number): Promise<void> => {
    const deadline = Date.now() + 5000;
    while ((await blockedClients()) !== count) {
      if (Date.now() > deadline) throw new Error(`${await blockedClients()} clients wait, not ${count}`);
      await sleep(5);
    }
  };
  /** Waits until a pause is seen to hold back that many clients. */
  const untilPostponed = async (count: number): Promise<void> => {
    const postponed = async (): Promise<number> =>
      (await clientList(admin)).filter((client) => client.get('flags')?.includes('b') === true).length;
    const deadline = Date.now() + 5000;
    while ((await postponed()) !== count) {
      if (Date.now() > deadline) throw new Error(`${await postponed()} clients are held back, not ${count}`);
      await sleep(5);
    }
  };
  /** A client that waits now. */
  const waiting = async (words: readonly Word[]): Promise<{ client: RawClient; id: number }> => {
    const client = await open();
    const id = await idOf(client);
    const before = await blockedClients();
    client.write(encodeRequest(...words));
    await untilBlocked(before + 1);
    return { client, id };
  };

  test.each(waits)('%s: seen in CLIENT LIST and INFO', async (_name, words) => {
    const { client, id } = await waiting(words);
    const fields = await fieldsOf(id);
    expect(fields.get('flags')).toBe('b');
    expect(fields.get('cmd')).toBe(String(words[0]).toLowerCase());
    await admin.call('RPUSH', 'q', 'x');
    expect(await client.reply().then(String)).toContain('$1\r\nx\r\n');
    expect((await fieldsOf(id)).get('flags')).toBe('N');
    expect(await blockedClients()).toBe(0);
  });

  test.each(waits)('%s: ended by CLIENT UNBLOCK', async (_name, words) => {
    const { client, id } = await waiting(words);
    expect(await admin.text('CLIENT', 'UNBLOCK', id)).toBe(':1\r\n');
    expect(String(await client.reply())).toBe('*-1\r\n');
    expect(await admin.text('CLIENT', 'UNBLOCK', id)).toBe(':0\r\n');
    client.write(encodeRequest(...words));
    await untilBlocked(1);
    expect(await admin.text('CLIENT', 'UNBLOCK', id, 'error')).toBe(':1\r\n');
    expect(String(await client.reply())).toBe('-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n');
    client.write(encodeRequest(...words));
    await untilBlocked(1);
    expect(await admin.text('CLIENT', 'UNBLOCK', id, 'TIMEOUT')).toBe(':1\r\n');
    expect(String(await client.reply())).toBe('*-1\r\n');
    expect(await client.text('PING')).toBe('+PONG\r\n');
    await admin.call('RPUSH', 'q', 'x');
    expect(await admin.text('LLEN', 'q')).toBe(':1\r\n');
  });

  test.each(waits)('%s: of who is killed, or leaves, or hangs up half, nothing is left', async (_name, words) => {
    const killed = await waiting(words);
    expect(await admin.text('CLIENT', 'KILL', 'ID', killed.id)).toBe(':1\r\n');
    await killed.client.closed();
    const left = await waiting(words);
    left.client.socket.resetAndDestroy();
    await untilBlocked(0);
    const half = await waiting(words);
    half.client.socket.end();
    await half.client.closed();
    await untilBlocked(0);
    // At once, in one write with what makes it wait.
    const hasty = await open();
    hasty.socket.end(encodeRequest(...words));
    await hasty.closed();
    await untilBlocked(0);
    await admin.call('RPUSH', 'q', 'x');
    await sleep(20);
    expect(await admin.text('LRANGE', 'q', 0, -1)).toBe('*1\r\n$1\r\nx\r\n');
  });

  test.each(waits)('%s: one that is killed does not keep those behind it waiting', async (_name, words) => {
    const first = await waiting(words);
    const second = await waiting(['BLPOP', 'q', 0]);
    await admin.call('CLIENT', 'KILL', 'ID', first.id);
    await admin.call('RPUSH', 'q', 'x');
    expect(String(await second.client.reply())).toBe('*2\r\n$1\r\nq\r\n$1\r\nx\r\n');
  });

  test('its requests wait as well, and its input is read on', async () => {
    const { client, id } = await waiting(['BLPOP', 'q', 'q:1', 'q:2', 0]);
    client.write(encodeRequest('SET', 'k', 'x'.repeat(1000)));
    client.write(encodeRequest('GET', 'q'));
    await sleep(30);
    expect(await admin.text('EXISTS', 'k')).toBe(':0\r\n');
    expect(Number((await fieldsOf(id)).get('qbuf'))).toBeGreaterThan(1000);
    await admin.call('RPUSH', 'q:2', 'x');
    expect((await client.replies(3)).map(String)).toEqual(['*2\r\n$3\r\nq:2\r\n$1\r\nx\r\n', '+OK\r\n', '$-1\r\n']);
  });

  test('MULTI and WATCH in CLIENT LIST', async () => {
    const client = await open();
    const id = await idOf(client);
    expect((await fieldsOf(id)).get('multi')).toBe('-1');
    await client.call('WATCH', 'a', 'b', 'c');
    await client.call('WATCH', 'a', 'd');
    expect((await fieldsOf(id)).get('watch')).toBe('4');
    await client.call('MULTI');
    let fields = await fieldsOf(id);
    expect([fields.get('flags'), fields.get('multi')]).toEqual(['x', '0']);
    await client.call('SET', 'a', 'x');
    await client.call('MGET', 'a', 'b');
    fields = await fieldsOf(id);
    expect([fields.get('flags'), fields.get('multi'), fields.get('cmd')]).toEqual(['x', '2', 'mget']);
    expect(Number(fields.get('multi-mem'))).toBeGreaterThan(0);
    await client.call('EXEC');
    fields = await fieldsOf(id);
    expect([fields.get('flags'), fields.get('multi'), fields.get('watch')]).toEqual(['N', '-1', '0']);
  });

  test('CLIENT LIST within MULTI shows the client as it is', async () => {
    const client = await open();
    await client.call('MULTI');
    await client.call('SET', 'a', 'b');
    await client.call('CLIENT', 'INFO');
    expect(await client.text('EXEC')).toMatch(/^\*2\r\n\+OK\r\n\$\d+\r\nid=\d+ /);
  });

  test('CLIENT PAUSE WRITE holds back an EXEC that writes, and what makes others be served', async () => {
    const reader = await open();
    const writer = await open();
    await admin.call('MSET', 'a', '1', 'b', '2', 'c', '3');
    for (const client of [reader, writer]) await client.call('MULTI');
    for (const key of ['a', 'b', 'c']) await reader.call('GET', key);
    for (const key of ['a', 'b', 'c']) await writer.call('INCR', key);
    const { client } = await waiting(['BLPOP', 'q', 'q:1', 'q:2', 0]);
    const pusher = await open();
    expect(await admin.text('CLIENT', 'PAUSE', 10_000, 'WRITE')).toBe('+OK\r\n');
    writer.write(encodeRequest('EXEC'));
    pusher.write(encodeRequest('RPUSH', 'q', 'x'));
    expect(await reader.text('EXEC')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n');
    await sleep(50);
    expect([writer.bytesReceived, pusher.bytesReceived]).toEqual([5 + 3 * 9, 0]);
    expect(await admin.text('MGET', 'a', 'b', 'c')).toBe('*3\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n');
    expect(await admin.text('CLIENT', 'UNPAUSE')).toBe('+OK\r\n');
    expect(String(await writer.reply())).toBe('*3\r\n:2\r\n:3\r\n:4\r\n');
    expect(String(await pusher.reply())).toBe(':1\r\n');
    expect(String(await client.reply())).toBe('*2\r\n$1\r\nq\r\n$1\r\nx\r\n');
  });

  test.each(['closes', 'ends its side'])('what a client asked for that %s during a pause does not run', async (how) => {
    const leaving = await open();
    const staying = await open();
    await admin.call('CLIENT', 'PAUSE', 10_000, 'WRITE');
    leaving.write(encodeRequest('SET', 'left', 'x'));
    staying.write(encodeRequest('SET', 'stayed', 'x'));
    await untilPostponed(2);
    staying.write(encodeRequest('APPEND', 'stayed', 'y'));
    if (how === 'closes') leaving.destroy();
    else await leaving.end();
    await untilPostponed(1);
    expect(await admin.text('CLIENT', 'UNPAUSE')).toBe('+OK\r\n');
    expect((await staying.replies(2)).map(String)).toEqual(['+OK\r\n', ':2\r\n']);
    expect(await admin.text('MGET', 'left', 'stayed')).toBe('*2\r\n$-1\r\n$2\r\nxy\r\n');
  });

  test('many clients wait, are all served, in order of arrival at each key', async () => {
    const clients = await Promise.all(Array.from({ length: 60 }, open));
    for (const [i, client] of clients.entries()) {
      client.write(encodeRequest('BLPOP', `many:${i % 6}`, `none:${i}`, 0));
      if (i % 6 === 5) await untilBlocked(i + 1); // each key's line is in this order
    }
    for (let key = 0; key < 6; key++) {
      admin.write(encodeRequest('RPUSH', `many:${key}`, ...Array.from({ length: 10 }, (_, i) => `item ${i}`)));
    }
    await admin.replies(6);
    const replies = await Promise.all(clients.map(async (client) => String(await client.reply())));
    expect(replies).toEqual(clients.map((_, i) => `*2\r\n$6\r\nmany:${i % 6}\r\n$6\r\nitem ${Math.floor(i / 6)}\r\n`));
  });

  test('a wait that has its time over and its key filled at one moment is answered once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const [client, pusher] = [await open(), await open()];
        let got = 0;
        for (let round = 0; round < 30; round++) {
          client.write(
            encodeRequest(
              ...(round % 2 === 0 ? ['BLPOP', `t:${i}`, 0.01] : ['BLPOP', `t:${i}`, `u:${i}`, `w:${i}`, 0.01]),
            ),
          );
          await sleep(9 + (round % 3));
          await pusher.call('RPUSH', `t:${i}`, 'x');
          const reply = String(await client.reply());
          if (reply !== '*-1\r\n') got++;
          const rest = Number((await pusher.text('LLEN', `t:${i}`)).slice(1));
          expect(got + rest).toBe(round + 1);
          expect(await client.text('ECHO', `round ${round}`)).toContain(`round ${round}`);
        }
      }),
    );
  });

  test('clients that wait are not idle', async () => {
    await withAnax({ wiring, args: ['--timeout', '1'] }, async (other) => {
      const client = await RawClient.connect(other.address);
      client.write(encodeRequest('BLPOP', 'q', 0));
      await sleep(2500);
      const pusher = await RawClient.connect(other.address);
      await pusher.call('RPUSH', 'q', 'x');
      expect(String(await client.reply())).toBe('*2\r\n$1\r\nq\r\n$1\r\nx\r\n');
    });
  });
});
