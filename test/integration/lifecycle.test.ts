// Beginning and end of the server: signals, SHUTDOWN, exit codes, the Unix socket, configuration files.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EXIT } from '../../src/base/fatal.js';
import { AnaxProcess, freePort, layoutOf, runToEnd, TESTING_ANAX, withAnax, WIRINGS } from '../support/anax-process.js';
import { encodeRequest, RawClient } from '../support/raw-client.js';

const OPTIONS = ['--save', '', '--appendonly', 'no'];

describe.each(WIRINGS)('$name', (wiring) => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it in order, with clients connected', async (signal) => {
    const anax = await AnaxProcess.start({ wiring });
    const clients = await Promise.all(Array.from({ length: 10 }, async () => await RawClient.connect(anax.address)));
    for (const client of clients) await client.call('SET', 'k', 'v');
    anax.signal(signal);
    const status = await anax.exit;
    for (const client of clients) await client.closed();
    await anax.kill();
    expect(status).toEqual({ code: EXIT.ok, signal: null });
  });

  test('what was sent before SIGTERM and read by the server is answered', async () => {
    const anax = await AnaxProcess.start({ wiring });
    const client = await RawClient.connect(anax.address);
    const count = 200;
    client.write(Buffer.concat(Array.from({ length: count }, (_, i) => encodeRequest('SET', `k${i}`, i))));
    const first = await client.reply();
    anax.signal('SIGTERM');
    const rest = await client.replies(count - 1);
    expect([first, ...rest].every((reply) => reply.toString() === '+OK\r\n')).toBe(true);
    const status = await anax.exit;
    await anax.kill();
    expect(status.code).toBe(EXIT.ok);
  });

  test('a second signal ends it at once, whatever it is at', async () => {
    const anax = await AnaxProcess.start({ wiring, args: ['--enable-debug-command', 'yes'] });
    const client = await RawClient.connect(anax.address);
    client.write(encodeRequest('DEBUG', 'SLEEP', 60));
    await sleep(100);
    anax.signal('SIGTERM');
    await sleep(200);
    anax.signal('SIGTERM');
    const status = await Promise.race([anax.exit, sleep(10_000)]);
    client.destroy();
    await anax.kill();
    expect(status, 'still running 10 s after the second signal').toBeDefined();
  });

  test('SHUTDOWN ends it, NOSAVE too', async () => {
    for (const words of [['SHUTDOWN'], ['SHUTDOWN', 'NOSAVE'], ['shutdown', 'now', 'force']]) {
      const anax = await AnaxProcess.start({ wiring });
      const client = await RawClient.connect(anax.address);
      client.write(encodeRequest(...words));
      expect((await client.closed()).length).toBe(0);
      const status = await anax.exit;
      await anax.kill();
      expect(status).toEqual({ code: EXIT.ok, signal: null });
    }
  });

  test('a Unix socket serves like TCP and is removed at the end', async () => {
    let path = '';
    await withAnax({ wiring, unixSocket: true }, async (anax) => {
      path = 'path' in anax.address ? anax.address.path : '';
      const clients = await Promise.all(Array.from({ length: 20 }, async () => await RawClient.connect(anax.address)));
      for (const [i, client] of clients.entries()) {
        expect(await client.text('SET', `k${i}`, i)).toBe('+OK\r\n');
        expect(await client.text('GET', `k${i}`)).toBe(`$${String(i).length}\r\n${i}\r\n`);
      }
      expect(await clients[0].bulk('CLIENT', 'INFO')).toContain(` addr=${path}:0 laddr=${path}:0 `);
      for (const client of clients) await client.end();
    });
    expect(existsSync(path)).toBe(false);
  });

  test('it listens on TCP and a Unix socket at the same time', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'anax-test-'));
    const path = join(directory, 'both.sock');
    await withAnax({ wiring, args: ['--unixsocket', path] }, async (anax) => {
      const one = await RawClient.connect(anax.address);
      const two = await RawClient.connect({ path });
      await one.call('SET', 'k', 'v');
      expect(await two.text('GET', 'k')).toBe('$1\r\nv\r\n');
      await one.end();
      await two.end();
    });
    rmSync(directory, { recursive: true });
  });

  test('the socket of a killed server is taken over, that of a living one is not', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'anax-test-')), 'left.sock');
    const killed = await AnaxProcess.start({ wiring, args: ['--unixsocket', path] });
    await killed.kill();
    expect(existsSync(path)).toBe(true);
    await withAnax({ wiring, args: ['--unixsocket', path] }, async () => {
      const client = await RawClient.connect({ path });
      expect(await client.text('PING')).toBe('+PONG\r\n');
      if (TESTING_ANAX) {
        const args = ['--port', '0', '--unixsocket', path, ...layoutOf(wiring), ...OPTIONS];
        expect((await runToEnd(args)).status.code).toBe(EXIT.listen);
      }
      expect(await client.text('PING')).toBe('+PONG\r\n');
      await client.end();
    });
    rmSync(dirname(path), { recursive: true });
  });

  test('a taken port is one line and its exit code', async () => {
    const taken = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    const { status, output } = await runToEnd(['--port', String(port), ...layoutOf(wiring), ...OPTIONS]);
    taken.close();
    expect(output).toContain(String(port));
    expect(status.code).toBe(TESTING_ANAX ? EXIT.listen : 1);
  });
});

describe('start-ups that fail, each with its exit code and one clear line', () => {
  test.each([
    ['an unknown option', ['--nosuchoption', '1'], /nosuchoption/, [EXIT.usage]],
    ['an option without its value', ['--port'], /port/, [EXIT.usage, EXIT.configValue]],
    ['a value that is no number', ['--port', 'abc'], /port/, [EXIT.configValue]],
    ['a value out of range', ['--port', '70000'], /port/, [EXIT.configValue]],
    ['a word that is none of the choices', ['--maxmemory-policy', 'nope'], /maxmemory-policy/, [EXIT.configValue]],
    ['a placement that does not exist', ['--io', 'nowhere'], /io/, [EXIT.configValue]],
    ['no threads', ['--threads', '0'], /threads/, [EXIT.configValue]],
    ['a file that is not there', ['/nonexistent/redis.conf'], /\/nonexistent\/redis\.conf/, [EXIT.configFile]],
    ['an address that is not this machine', ['--bind', '203.0.113.1'], /203\.0\.113\.1/, [EXIT.listen]],
  ] as const)('%s', async (_, args, line, codes) => {
    const { status, output } = await runToEnd(args);
    expect(output).toMatch(line);
    expect(output, 'a stack trace is not for users').not.toMatch(/^\s+at .*\.js:\d+/m);
    expect(TESTING_ANAX ? codes : [1]).toContain(status.code);
  });

  test('a directory as configuration (Redis takes it for an empty file)', async () => {
    const { status, output } = await runToEnd([tmpdir(), ...(TESTING_ANAX ? [] : ['--port', 'none'])]);
    expect(output).toContain(TESTING_ANAX ? tmpdir() : 'port');
    expect(status.code).toBe(TESTING_ANAX ? EXIT.configFile : 1);
  });

  test('a file that may not be read (a bad line in it where nothing is forbidden to us)', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'anax-test-'));
    const file = join(directory, 'redis.conf');
    // root reads everything: there the file's content is what fails
    writeFileSync(file, 'no-such-directive yes\n');
    chmodSync(file, 0o000);
    const { status, output } = await runToEnd([file]);
    rmSync(directory, { recursive: true });
    expect(output).toContain(process.getuid?.() === 0 ? 'no-such-directive' : 'redis.conf');
    expect(TESTING_ANAX ? [EXIT.configFile, EXIT.configValue, EXIT.usage] : [1]).toContain(status.code);
  });
});

test("an ordinary redis.conf starts it, with includes, quotes, units, and the command line's last word", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'anax-test-'));
  mkdirSync(join(directory, 'more'));
  writeFileSync(join(directory, 'more', 'extra.conf'), 'maxmemory 100mb\nhz 50\n');
  const file = join(directory, 'redis.conf');
  writeFileSync(
    file,
    [
      '# a comment',
      'bind 127.0.0.1 -::1',
      'protected-mode yes',
      'tcp-backlog 511',
      'timeout 0',
      'tcp-keepalive 300',
      'daemonize no',
      'loglevel notice',
      'logfile ""',
      'databases 4',
      'always-show-logo no',
      'save 900 1',
      'save 300 10',
      `dir "${directory}"`,
      'replica-serve-stale-data yes',
      'maxmemory-policy allkeys-lru',
      'lazyfree-lazy-eviction no',
      'appendonly no',
      'slowlog-log-slower-than 10000',
      'hash-max-listpack-entries 512',
      'client-output-buffer-limit normal 0 0 0',
      'client-output-buffer-limit pubsub 32mb 8mb 60',
      `include ${join(directory, 'more', 'extra.conf')}`,
    ].join('\n'),
  );
  const port = await freePort();
  const anax = await AnaxProcess.start({ configFile: file, port, args: ['--hz', '20'] });
  const client = await RawClient.connect(anax.address);
  expect(await client.text('CONFIG', 'GET', 'maxmemory')).toContain('104857600');
  expect(await client.text('CONFIG', 'GET', 'databases')).toContain('\r\n4\r\n');
  expect(await client.text('CONFIG', 'GET', 'hz')).toContain('\r\n20\r\n');
  expect(await client.text('CONFIG', 'GET', 'maxmemory-policy')).toContain('allkeys-lru');
  expect(await client.text('SELECT', 4)).toBe('-ERR DB index is out of range\r\n');
  await client.end();
  await anax.stop();
  rmSync(directory, { recursive: true });
});
