// Clients that behave badly: cut requests, vanish, stop reading, come in thousands. Nobody else notices, nothing leaks.
import { spawnSync } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, connectTo, WIRINGS } from '../support/anax-process.js';
import { clientList, expectNothingLeft, infoFields, whileOthersAreServed } from '../support/leaks.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';

const MIB = 1024 * 1024;
/** File descriptors that a process may have, as far as they are asked for here; the server has the same limit. */
const DESCRIPTORS = descriptorLimit();
/** Ten thousand where the limit allows, else what it allows: the rest is for the process itself. */
const MANY = Math.min(10_000, DESCRIPTORS - 400);

function descriptorLimit(): number {
  const text = spawnSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).stdout.trim();
  return text === 'unlimited' ? 1_000_000 : Number(text);
}

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  const sockets: Socket[] = [];
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring, args: ['--maxclients', String(MANY + 200)] });
  });
  afterEach(async () => {
    RawClient.destroyAll();
    for (const socket of sockets.splice(0)) socket.destroy();
    anax.assertAlive();
    await expectNothingLeft(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  test('requests cut at every byte', async () => {
    const bytes = Buffer.concat([
      encodeRequest('SET', 'cut', 'a\r\nb'),
      Buffer.from('GET cut\r\n'),
      encodeRequest('APPEND', 'cut', '!'),
      Buffer.from('\r\nECHO "x y"\r\n'),
      encodeRequest('STRLEN', 'cut'),
    ]);
    const expected = '+OK\r\n$4\r\na\r\nb\r\n:5\r\n$3\r\nx y\r\n:5\r\n';
    const client = await RawClient.connect(anax.address);
    for (let cut = 1; cut < bytes.length; cut++) {
      client.write(bytes.subarray(0, cut));
      await sleep(1);
      client.write(bytes.subarray(cut));
      expect(Buffer.concat(await client.replies(5)).toString('latin1'), `cut at ${cut}`).toBe(expected);
    }
    for (const byte of bytes) {
      client.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    expect(Buffer.concat(await client.replies(5)).toString('latin1')).toBe(expected);
    await client.end();
  });

  test('a pipeline of 10 000 commands over all shards', async () => {
    const client = await RawClient.connect(anax.address, 30_000);
    const requests: Buffer[] = [];
    const expected: string[] = [];
    for (let i = 0; i < 2500; i++) {
      requests.push(encodeRequest('SET', `pipe:${i}`, i), encodeRequest('GET', `pipe:${i}`));
      requests.push(encodeRequest('INCR', `pipe:${i}`), encodeRequest('ECHO', `e${i}`));
      expected.push('+OK\r\n', `$${String(i).length}\r\n${i}\r\n`, `:${i + 1}\r\n`, `$${`e${i}`.length}\r\ne${i}\r\n`);
    }
    client.write(Buffer.concat(requests));
    const replies = await client.replies(10_000);
    expect(replies.map(String)).toEqual(expected);
    expect(await client.text('DBSIZE')).not.toBe(':0\r\n');
    await client.call('FLUSHALL');
    await client.end();
  });

  test('clients that vanish in the middle of a request, a pipeline, a large value', async () => {
    await whileOthersAreServed(anax.address, async () => {
      const starts = [
        Buffer.from('*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nabc'),
        Buffer.from('*2\r\n$3\r\nGE'),
        Buffer.from('SET k v'),
        Buffer.concat([encodeRequest('SET', 'gone', 'v'), Buffer.from('*1')]),
        Buffer.concat([Buffer.from('*3\r\n$3\r\nSET\r\n$4\r\nhalf\r\n$10000000\r\n'), Buffer.alloc(3_000_000, 120)]),
        Buffer.concat(Array.from({ length: 5000 }, (_, i) => encodeRequest('SET', `vanish:${i}`, i))),
      ];
      for (const start of starts) {
        const rude = connectTo(anax.address);
        await new Promise((resolve) => rude.write(start, resolve));
        await sleep(20);
        rude.resetAndDestroy();
      }
    });
    const client = await RawClient.connect(anax.address);
    expect(await client.text('EXISTS', 'half')).toBe(':0\r\n');
    await client.call('FLUSHALL');
    await client.end();
  });

  test('half-open sockets: the client has ended its side and still gets its replies', async () => {
    const client = await RawClient.connect(anax.address);
    const requests = Array.from({ length: 30 }, (_, i) => [
      encodeRequest('SET', `half:${i}`, i),
      encodeRequest('GET', `half:${i}`),
    ]);
    client.socket.end(Buffer.concat(requests.flat()));
    const expected = requests.flatMap((_, i) => ['+OK\r\n', `$${String(i).length}\r\n${i}\r\n`]);
    expect((await client.replies(60)).map(String)).toEqual(expected);
    await client.closed();
  });

  test('a slow reader of 100 MB', async () => {
    const size = MIB;
    const count = 100;
    const setup = await RawClient.connect(anax.address);
    await setup.call('SET', 'big', Buffer.alloc(size, 'v'));
    const slow = connectTo(anax.address);
    slow.pause();
    slow.write(Buffer.concat(Array.from({ length: count }, () => encodeRequest('GET', 'big'))));
    await whileOthersAreServed(anax.address, async () => {
      await sleep(300);
    });
    const expectedBytes = count * (size + `$${size}\r\n\r\n`.length);
    let received = 0;
    await new Promise<void>((resolve, reject) => {
      slow.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received >= expectedBytes) resolve();
      });
      slow.on('close', () => {
        reject(new Error(`the server closed a slow reader after ${received} bytes`));
      });
      slow.resume();
    });
    expect(received).toBe(expectedBytes);
    slow.destroy();
    await setup.call('DEL', 'big');
    await setup.end();
  });

  test('a slow reader that goes away with 100 MB unread', async () => {
    const setup = await RawClient.connect(anax.address);
    await setup.call('SET', 'big', Buffer.alloc(MIB, 'v'));
    const slow = connectTo(anax.address);
    slow.pause();
    slow.write(Buffer.concat(Array.from({ length: 100 }, () => encodeRequest('GET', 'big'))));
    await sleep(200);
    slow.resetAndDestroy();
    await setup.call('DEL', 'big');
    await setup.end();
  });

  test('one value of 100 MB there and back', async () => {
    const value = Buffer.alloc(100 * MIB);
    for (let i = 0; i < value.length; i += 4093) value[i] = i & 0xff;
    const client = await RawClient.connect(anax.address, 30_000);
    expect(String(await client.call('SET', 'huge', value))).toBe('+OK\r\n');
    expect(await client.text('STRLEN', 'huge')).toBe(`:${value.length}\r\n`);
    const reply = await client.call('GET', 'huge');
    const head = `$${value.length}\r\n`.length;
    expect(reply.length).toBe(head + value.length + 2);
    expect(reply.subarray(head, head + value.length).equals(value)).toBe(true);
    await client.call('DEL', 'huge');
    await client.end();
  });

  test('memory that values took is free again', async () => {
    const client = await RawClient.connect(anax.address);
    const used = async (): Promise<number> => Number((await infoFields(client, 'memory')).get('used_memory'));
    /** The figure is brought up to date a few times a second. */
    const eventually = async (holds: (bytes: number) => boolean): Promise<boolean> => {
      const deadline = Date.now() + 5000;
      while (!holds(await used()) && Date.now() < deadline) await sleep(20);
      return holds(await used());
    };
    await sleep(300);
    const before = await used();
    for (let i = 0; i < 40; i++) await client.call('SET', `chunk:${i}`, Buffer.alloc(MIB, 'v'));
    expect(await eventually((bytes) => bytes > before + 39 * MIB)).toBe(true);
    await client.call('FLUSHALL');
    expect(await eventually((bytes) => bytes < before + 4 * MIB)).toBe(true);
    await client.end();
  });

  test(`${MANY} connections at once`, async () => {
    const batch = 500;
    for (let opened = 0; opened < MANY; opened += batch) {
      const size = Math.min(batch, MANY - opened);
      sockets.push(
        ...(await Promise.all(Array.from({ length: size }, async () => await served(connectTo(anax.address))))),
      );
    }
    const client = await RawClient.connect(anax.address, 30_000);
    expect((await clientList(client)).length).toBe(MANY + 1);
    // Every one of them still works.
    await Promise.all(sockets.map(ping));
    await client.end();
  });
});

async function served(socket: Socket): Promise<Socket> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  await ping(socket);
  return socket;
}

async function ping(socket: Socket): Promise<void> {
  const reply = new Promise<string>((resolve, reject) => {
    socket.once('data', (chunk) => {
      resolve(chunk.toString());
    });
    socket.once('close', () => {
      reject(new Error('a connection was closed'));
    });
  });
  socket.write('PING\r\n');
  expect(await reply).toBe('+PONG\r\n');
  socket.removeAllListeners('close');
}
