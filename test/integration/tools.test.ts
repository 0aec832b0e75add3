// Redis's own tools against Anax, where they are installed: redis-cli and redis-benchmark.
import { spawn, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft } from '../support/leaks.js';
import { encodeRequest } from '../support/raw-client.js';

const TOOLS = ['redis-cli', 'redis-benchmark'];
const installed = TOOLS.filter((tool) => spawnSync(tool, ['--version']).status === 0);
const TOOL_MS_MAX = 30_000;

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

async function run(program: string, args: readonly string[], input?: Buffer): Promise<Run> {
  const child = spawn(program, args, { timeout: TOOL_MS_MAX });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, out, err };
}

test(`tools found here: ${installed.join(', ') || 'none'}`, () => {
  expect(TOOLS).toEqual(expect.arrayContaining(installed));
});

describe.each(installed.length === 0 ? [] : WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterAll(async () => {
    await expectNothingLeft(anax.address);
    await anax.stop();
  });
  const cli = async (...args: string[]): Promise<Run> => await run('redis-cli', ['-p', String(anax.port), ...args]);

  if (installed.includes('redis-cli')) {
    test('redis-cli: single commands, both protocols, from standard input', async () => {
      expect((await cli('PING')).out).toBe('PONG\n');
      expect((await cli('SET', 'k', 'v w')).out).toBe('OK\n');
      expect((await cli('GET', 'k')).out).toBe('v w\n');
      expect((await cli('-3', 'CONFIG', 'GET', 'maxmemory')).out).toBe('maxmemory 0\n');
      expect((await cli('-3', '--json', 'CONFIG', 'GET', 'maxmemory')).out).toBe('{"maxmemory":"0"}\n');
      expect((await cli('-n', '3', 'DBSIZE')).out).toBe('0\n');
      expect((await cli('-e', 'INCR', 'k')).code).toBe(1);
      expect((await cli('INFO', 'server')).out).toContain('redis_version:');
      const script = Buffer.from('SET a 1\nINCR a\nGET a\n');
      expect((await run('redis-cli', ['-p', String(anax.port)], script)).out).toBe('OK\n2\n2\n');
      expect((await cli('FLUSHALL')).out).toBe('OK\n');
    });

    test('redis-cli: --pipe takes a mass of requests, --scan, --bigkeys and --memkeys walk them', async () => {
      const requests = Array.from({ length: 5000 }, (_, i) => encodeRequest('SET', `mass:${i}`, 'x'.repeat(i % 100)));
      const piped = await run('redis-cli', ['-p', String(anax.port), '--pipe'], Buffer.concat(requests));
      expect(piped.out).toContain('errors: 0, replies: 5000');
      expect(piped.code).toBe(0);
      const scanned = (await cli('--scan', '--pattern', 'mass:*')).out.trim().split('\n');
      expect(new Set(scanned).size).toBe(5000);
      const big = await cli('--bigkeys');
      expect(big.out).toContain('Sampled 5000 keys in the keyspace!');
      expect(big.out).toMatch(/Biggest string found .*mass:\d+.* has 99 bytes/);
      expect((await cli('--memkeys')).out).toContain('Sampled 5000 keys in the keyspace!');
      expect((await cli('FLUSHALL')).out).toBe('OK\n');
    });

    test('redis-cli: --latency style loops and CLIENT LIST', async () => {
      expect((await cli('-r', '20', 'PING')).out).toBe('PONG\n'.repeat(20));
      expect((await cli('CLIENT', 'LIST')).out).toContain('cmd=client|list');
      expect((await cli('COMMAND', 'COUNT')).out).toMatch(/^\d+\n$/);
      expect((await cli('COMMAND', 'DOCS', 'get')).out).toContain('summary');
    });
  }

  if (installed.includes('redis-benchmark')) {
    test.each([
      ['requests one by one', ['-c', '20', '-P', '1', '-n', '4000']],
      ['pipelines', ['-c', '20', '-P', '64', '-n', '60000']],
      ['several threads', ['-c', '20', '-P', '16', '-n', '20000', '--threads', '2']],
      ['RESP3', ['-c', '10', '-P', '8', '-n', '8000', '-3']],
    ] as const)('redis-benchmark: %s', async (_, args) => {
      const load = ['-p', String(anax.port), '-r', '1000', '-q', '-t', 'ping,set,get,incr', ...args];
      const { code, out, err } = await run('redis-benchmark', load);
      expect(out + err).not.toMatch(/^error|Error from server/im);
      expect(out).toMatch(/SET: [\d.]+ requests per second/);
      expect(out).toMatch(/GET: [\d.]+ requests per second/);
      expect(code).toBe(0);
    });
  }
});
