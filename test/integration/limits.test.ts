// Every limit on what a client may send, hold back or be: reached, and crossed.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, connectTo, withAnax, WIRINGS } from '../support/anax-process.js';
import { clientList, expectNothingLeft, infoFields } from '../support/leaks.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';

const MIB = 1024 * 1024;

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  let admin: RawClient;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring, args: ['--proto-max-bulk-len', '2mb', '--maxclients', '50'] });
  });
  afterEach(async () => {
    RawClient.destroyAll();
    anax.assertAlive();
    await expectNothingLeft(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  /** Runs with a second connection that must not notice anything. */
  async function withAdmin(use: () => Promise<void>): Promise<void> {
    admin = await RawClient.connect(anax.address);
    await use();
    expect(await admin.text('PING')).toBe('+PONG\r\n');
    await admin.call('FLUSHALL');
    await admin.end();
  }

  /** Waits until no client but admin is connected. */
  async function onlyAdminLeft(): Promise<void> {
    const deadline = Date.now() + 10_000;
    while ((await clientList(admin)).length > 1) {
      if (Date.now() > deadline) throw new Error('the server keeps the client');
      await sleep(20);
    }
  }

  /** A client that has asked for 64 MiB of the key `big` and reads none of it. */
  function askWithoutReading(): ReturnType<typeof connectTo> {
    const slow = connectTo(anax.address);
    slow.on('error', () => undefined);
    slow.pause();
    slow.write(Buffer.concat(Array.from({ length: 64 }, () => encodeRequest('GET', 'big'))));
    return slow;
  }

  test('proto-max-bulk-len: a bulk of that size, and one byte more', async () => {
    await withAdmin(async () => {
      const client = await RawClient.connect(anax.address);
      expect(await client.text('SET', 'k', Buffer.alloc(2 * MIB, 'x'))).toBe('+OK\r\n');
      expect(await client.text('APPEND', 'k', 'x')).toBe(
        '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n',
      );
      expect(await client.text('SETRANGE', 'k', 2 * MIB, 'x')).toBe(
        '-ERR string exceeds maximum allowed size (proto-max-bulk-len)\r\n',
      );
      expect(await client.text('SETRANGE', 'k', 2 * MIB - 1, 'y')).toBe(`:${2 * MIB}\r\n`);
      client.write(`*2\r\n$4\r\nECHO\r\n$${2 * MIB + 1}\r\n`);
      expect(String(await client.reply())).toBe('-ERR Protocol error: invalid bulk length\r\n');
      await client.closed();
    });
  });

  test('an inline request, a count and a length that never end', async () => {
    await withAdmin(async () => {
      const cases: [start: string, error: string][] = [
        ['', 'too big inline request'],
        ['*1', 'too big mbulk count string'],
        ['*1\r\n$1', 'too big bulk count string'],
      ];
      for (const [start, error] of cases) {
        const client = await RawClient.connect(anax.address);
        client.write(start + '1'.repeat(64 * 1024 + 100));
        expect(String(await client.reply())).toBe(`-ERR Protocol error: ${error}\r\n`);
        await client.closed();
      }
      const client = await RawClient.connect(anax.address);
      client.write(`ECHO ${'x'.repeat(60_000)}\r\n`);
      expect((await client.reply()).length).toBe(60_000 + '$60000\r\n\r\n'.length);
      await client.end();
    });
  });

  test('client-query-buffer-limit closes the client that sends more without an end', async () => {
    await withAdmin(async () => {
      expect(await admin.text('CONFIG', 'SET', 'client-query-buffer-limit', '1mb')).toBe('+OK\r\n');
      const socket = connectTo(anax.address);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.on('error', () => undefined);
      socket.resume();
      const words = 100_000;
      socket.write(
        `*${words}\r\n${'$100\r\n'
          .padEnd(108, 'x')
          .concat('\r\n')
          .repeat(words - 1)}`,
      );
      await closed;
      await onlyAdminLeft();
      await admin.call('CONFIG', 'SET', 'client-query-buffer-limit', '1gb');
    });
  });

  test('client-output-buffer-limit, hard: the client that does not read is closed', async () => {
    await withAdmin(async () => {
      await admin.call('SET', 'big', Buffer.alloc(MIB, 'v'));
      expect(await admin.text('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 8mb 0 0')).toBe('+OK\r\n');
      const slow = askWithoutReading();
      await sleep(50);
      await onlyAdminLeft();
      slow.destroy();
      // One that reads gets all of it.
      const reader = await RawClient.connect(anax.address);
      for (let i = 0; i < 20; i++) expect((await reader.call('GET', 'big')).length).toBe(MIB + 12);
      await reader.end();
      await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
    });
  });

  test('client-output-buffer-limit, soft: closed when it stays above for the given seconds', async () => {
    await withAdmin(async () => {
      await admin.call('SET', 'big', Buffer.alloc(MIB, 'v'));
      expect(await admin.text('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 4mb 1')).toBe('+OK\r\n');
      const slow = askWithoutReading();
      await sleep(50);
      await onlyAdminLeft();
      slow.destroy();
      await admin.call('CONFIG', 'SET', 'client-output-buffer-limit', 'normal 0 0 0');
    });
  });

  test('maxclients: one more is told so and closed, a place that falls free is given away', async () => {
    await withAdmin(async () => {
      const before = Number((await infoFields(admin, 'stats')).get('rejected_connections'));
      const clients: RawClient[] = [];
      for (let i = 0; i < 49; i++) {
        const client = await RawClient.connect(anax.address);
        expect(await client.text('PING')).toBe('+PONG\r\n');
        clients.push(client);
      }
      const extra = await RawClient.connect(anax.address);
      expect(String(await extra.reply())).toBe('-ERR max number of clients reached\r\n');
      await extra.closed();
      expect(Number((await infoFields(admin, 'stats')).get('rejected_connections'))).toBe(before + 1);
      await clients[0].end();
      const deadline = Date.now() + 5000;
      while ((await clientList(admin)).length > 49 && Date.now() < deadline) await sleep(10);
      const next = await RawClient.connect(anax.address);
      expect(await next.text('PING')).toBe('+PONG\r\n');
      for (const client of [...clients.slice(1), next]) client.destroy();
    });
  });

  test('timeout closes idle clients and spares busy ones', async () => {
    await withAdmin(async () => {
      const idle = await RawClient.connect(anax.address);
      await idle.call('PING');
      await admin.call('CONFIG', 'SET', 'timeout', '1');
      const busy = await RawClient.connect(anax.address);
      const deadline = Date.now() + 8000;
      while (!idle.isClosed && Date.now() < deadline) {
        expect(await busy.text('PING')).toBe('+PONG\r\n');
        expect(await admin.text('PING')).toBe('+PONG\r\n');
        await sleep(100);
      }
      expect(idle.isClosed).toBe(true);
      await admin.call('CONFIG', 'SET', 'timeout', '0');
      await busy.end();
    });
  });
});

test('requirepass from the command line', async () => {
  await withAnax({ args: ['--requirepass', 'sesame'], password: 'sesame' }, async (anax) => {
    const client = await RawClient.connect(anax.address);
    expect(await client.text('GET', 'k')).toBe('-NOAUTH Authentication required.\r\n');
    expect(await client.text('AUTH', 'wrong')).toBe(
      '-WRONGPASS invalid username-password pair or user is disabled.\r\n',
    );
    expect(await client.text('AUTH', 'sesame')).toBe('+OK\r\n');
    expect(await client.text('GET', 'k')).toBe('$-1\r\n');
    await client.end();
  });
});

test('what is protected stays so: DEBUG, and options that hold paths', async () => {
  await withAnax({}, async (anax) => {
    const client = await RawClient.connect(anax.address);
    expect(await client.text('DEBUG', 'JMAP')).toMatch(/^-ERR DEBUG command not allowed\./);
    expect(await client.text('CONFIG', 'SET', 'dir', '/')).toBe(
      "-ERR CONFIG SET failed (possibly related to argument 'dir') - can't set protected config\r\n",
    );
    expect(await client.text('CONFIG', 'SET', 'port', 'x')).toMatch(/^-ERR CONFIG SET failed/);
    await client.end();
  });
});
