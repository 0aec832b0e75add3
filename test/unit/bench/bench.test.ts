// The benchmark's own parts: figures are only worth as much as what counts and divides them.
import { createServer, type Server } from 'node:net';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { drawChart, type Chart } from '../../../bench/macro/chart.js';
import { ask } from '../../../bench/macro/client.js';
import { generateLoad, type LoadPlan } from '../../../bench/macro/load-generator.js';
import { cpuSeconds, residentBytes } from '../../../bench/macro/process-usage.js';
import { parseReport } from '../../../bench/macro/redis-benchmark.js';
import { ReplyCounter } from '../../../bench/macro/reply-counter.js';
import { ANY, encode, loadRequests, SAME } from '../../../bench/macro/request-load.js';
import { recordOutcome } from '../../../bench/macro/report.js';
import { Figures, type Bench, type Outcome } from '../../../bench/macro/scenario.js';
import { freePort, ServerProcess, type Address } from '../../../bench/macro/server-process.js';
import { anax, DEFAULT_ANAX_COMMAND } from '../../../bench/macro/servers.js';
import { digits3, short, summarize, withSpread } from '../../../bench/macro/statistics.js';

describe('the reply counter', () => {
  const stream = Buffer.from('+OK\r\n$5\r\na\r\nbc\r\n:12\r\n$-1\r\n-ERR no\r\n$0\r\n\r\n-ERR later\r\n+PONG\r\n');

  test('counts the same however the stream is cut', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const counter = new ReplyCounter();
      counter.push(stream.subarray(0, cut));
      counter.push(stream.subarray(cut));
      expect([counter.replies, counter.errors, counter.nils, counter.firstError]).toEqual([8, 2, 1, 'ERR no']);
    }
    const counter = new ReplyCounter();
    for (const byte of stream) counter.push(Buffer.from([byte]));
    expect(counter.replies).toBe(8);
  });

  test('an array is one reply with all that is in it', () => {
    const nested = Buffer.from('*3\r\n+OK\r\n*2\r\n$1\r\na\r\n*0\r\n*-1\r\n*0\r\n*1\r\n-ERR in it\r\n:1\r\n');
    for (let cut = 0; cut <= nested.length; cut++) {
      const counter = new ReplyCounter();
      counter.push(nested.subarray(0, cut));
      counter.push(nested.subarray(cut));
      expect([counter.replies, counter.errors, counter.nils, counter.firstError]).toEqual([4, 1, 1, 'ERR in it']);
    }
  });

  test('refuses what it cannot count', () => {
    expect(() => {
      new ReplyCounter().push(Buffer.from('%1\r\n'));
    }).toThrow('unexpected type %');
  });
});

describe('statistics', () => {
  test('median, least and greatest, of odd and even counts', () => {
    expect(summarize([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
    expect(summarize([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
  });

  test('numbers for the eye', () => {
    expect([1_234_567, 45_678, 999, 12.34, 1.234, 0].map(short)).toEqual([
      '1.23 M',
      '45.7 k',
      '999',
      '12.3',
      '1.23',
      '0.00',
    ]);
    expect(digits3(Number.NaN)).toBe('-');
    expect(withSpread([1, 2, 3])).toBe('2.00 (1.00..3.00)');
    expect(withSpread([2])).toBe('2.00');
  });

  test('ratios are taken round by round', () => {
    const figures = new Figures();
    for (const [server, values] of Object.entries({ a: [10, 40], redis: [10, 20] })) {
      for (const value of values) figures.add({ test: 't', server, name: 'f', unit: '', better: 'more' }, value);
    }
    expect(figures.ratios('t', 'a', 'redis', 'f')).toEqual([1, 2]);
    expect(figures.ratios('t', 'b', 'redis', 'f')).toEqual([]);
  });
});

test("redis-benchmark's report", () => {
  const text = [
    '====== SET ======',
    '50.000% <= 1.191 milliseconds (cumulative count 100736)',
    '99.805% <= 4.143 milliseconds (cumulative count 199632)',
    '99.902% <= 4.359 milliseconds (cumulative count 199808)',
    '100.000% <= 4.615 milliseconds (cumulative count 200000)',
    'Summary:',
    '  throughput summary: 586510.25 requests per second',
    '  latency summary (msec):',
    '          avg       min       p50       p95       p99       max',
    '        1.238     0.272     1.191     2.199     2.839     4.615',
  ].join('\n');
  expect(parseReport(text, 200_000)).toMatchObject({ perSecond: 586_510.25, p50: 1.191, p99: 2.839, p999: 4.359 });
  expect(() => parseReport('nothing', 1)).toThrow('printed no report');
});

describe('the load generator', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
  });

  /** A server that answers every `*` request with `answer`. */
  async function serve(answer: string): Promise<{ address: Address; requests: string[] }> {
    const requests: string[] = [];
    server = createServer((socket) => {
      let text = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        for (let end = text.indexOf('*', 1); text !== ''; end = text.indexOf('*', 1)) {
          const request = end < 0 ? text : text.slice(0, end);
          if (!request.endsWith('x\r\n')) break;
          requests.push(request);
          text = text.slice(request.length);
          socket.write(answer);
        }
      });
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    return { address: { host: '127.0.0.1', port }, requests };
  }

  const plan: LoadPlan = {
    operation: 'SET',
    connections: 3,
    pipeline: 7,
    requests: 100,
    keySpace: 100,
    valueBytes: 4,
    sequential: true,
    seed: 1,
  };

  test('sends every key once, whole requests only, and measures', async () => {
    const { address, requests } = await serve('+OK\r\n');
    const result = await generateLoad(address, plan);
    const keys = requests.map((request) => /key:\d{12}/.exec(request)?.[0]);
    expect(new Set(keys).size).toBe(100);
    expect(requests[0]).toMatch(/^\*3\r\n\$3\r\nSET\r\n\$16\r\nkey:\d{12}\r\n\$4\r\nxxxx\r\n$/);
    expect(result.requests).toBe(100);
    expect(result.perSecond).toBeGreaterThan(0);
    expect(result.p999).toBeGreaterThanOrEqual(result.p50);
  });

  test('requests have random numbers, or one all over, and every client its fair part', async () => {
    const { address, requests } = await serve('+OK\r\n');
    const one = [['SET', `key:${ANY}`, `${ANY}x`]];
    const other = [['MGET', `{${SAME}}:a`, `{${SAME}}:x`]];
    expect(encode(one).any.length).toBe(2);
    const result = await loadRequests(address, {
      requests: [one, other],
      clients: 4,
      count: 200,
      numbers: 50,
      seed: 1,
    });
    expect(requests.length).toBe(200);
    const numbers = requests.map((request) => request.match(/\d{12}/g)?.map(Number) ?? []);
    const pairs = numbers.filter((_pair, i) => requests[i].includes('MGET'));
    expect(pairs.length).toBeGreaterThan(20);
    for (const [a, b] of pairs) expect(a).toBe(b);
    expect(numbers.some(([a, b]) => a !== b)).toBe(true);
    expect(Math.max(...numbers.flat())).toBeLessThan(50);
    expect(result.leastServed).toBeGreaterThan(0);
    expect(result.mostServed).toBeGreaterThanOrEqual(1);
    expect(result.max).toBeGreaterThanOrEqual(result.p50);
  });

  test('fails loudly on an error reply, and when nobody listens', async () => {
    const { address } = await serve('-OOM no memory\r\n');
    await expect(generateLoad(address, plan)).rejects.toThrow('OOM no memory');
    await expect(generateLoad({ host: '127.0.0.1', port: await freePort() }, plan)).rejects.toThrow('ECONNREFUSED');
    await expect(ask({ host: '127.0.0.1', port: await freePort() }, 'PING')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('servers', () => {
  test('a wiring fills in the template', () => {
    expect(anax(['x', '--threads', '{threads}', '--io', '{io}'], 4, 'main').command.slice(0, 5)).toEqual(
      'x --threads 4 --io main'.split(' '),
    );
    expect(anax(DEFAULT_ANAX_COMMAND, 1, 'cores').id).toBe('anax-1');
  });

  test('one that ends before it answers is an error with its output', async () => {
    const command = [process.execPath, '-e', 'console.log("no luck"); process.exit(7)'];
    await expect(ServerProcess.start({ command })).rejects.toThrow(/exit code 7[\s\S]*no luck/);
    await expect(ServerProcess.start({ command: ['/nonexistent/program'] })).rejects.toThrow('ENOENT');
  });

  test('CPU time and resident memory of a process', () => {
    const before = cpuSeconds(process.pid);
    const deadline = Date.now() + 5000;
    while (cpuSeconds(process.pid) === before && Date.now() < deadline) continue;
    expect(cpuSeconds(process.pid)).toBeGreaterThan(before);
    expect(residentBytes(process.pid)).toBeGreaterThan(10_000_000);
  });
});

describe('results', () => {
  const chart: Chart = {
    title: 'A & B',
    subtitle: 'less < more',
    groups: [
      { label: 'one', sublabel: 'first', values: [1, 2.5] },
      { label: 'two', sublabel: 'second', values: [0, Number.NaN] },
    ],
    series: [
      { label: 'x', muted: false },
      { label: 'Redis', muted: true },
    ],
    reference: { value: 1, label: 'Redis' },
    format: (value) => value.toFixed(1),
  };

  test('a chart has a bar and a label per value, and is well-formed text', () => {
    const svg = drawChart(chart);
    expect(svg.match(/<path /g)?.length).toBe(3);
    expect(svg).toContain('>2.5</text>');
    expect(svg).toContain('A &amp; B');
    expect(svg).toContain('less &lt; more');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg.match(/<text/g)?.length).toBe(svg.match(/<\/text>/g)?.length);
  });

  test('a run is one JSON line with every round, and a chart', () => {
    const directory = mkdtempSync(join(tmpdir(), 'anax-bench-test-'));
    const figure = { test: 't', name: 'ops/s', unit: '1/s', better: 'more' } as const;
    const outcome: Outcome = {
      contestants: [anax(['x'], 1, 'cores'), { id: 'redis', label: 'Redis', threads: 1, command: [] }],
      figures: [
        { ...figure, server: 'anax-1', rounds: [20, 30, 10] },
        { ...figure, server: 'redis', rounds: [10, 10, 10] },
      ],
      compared: ['ops/s'],
      goals: [],
      chart,
    };
    const scenario = {
      name: 'sample',
      summary: '',
      rounds: [1, 1],
      run: async () => await Promise.resolve(outcome),
    } as const;
    const bench = { rounds: 3, generator: { name: 'none' } } as unknown as Bench;
    recordOutcome(directory, scenario, bench, outcome);
    const files = recordOutcome(directory, scenario, bench, outcome);
    const lines = readFileSync(files[0], 'utf8').trim().split('\n');
    rmSync(directory, { recursive: true });
    expect(lines.length).toBe(2);
    const { rows } = JSON.parse(lines[0]) as { rows: { rounds: number[]; median: number; ratioToRedis?: object }[] };
    expect(rows[0]).toMatchObject({ rounds: [20, 30, 10], median: 20, ratioToRedis: { median: 2, min: 1, max: 3 } });
    expect(rows[1].ratioToRedis).toBeUndefined();
  });
});
