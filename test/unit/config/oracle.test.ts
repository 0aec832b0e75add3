// CONFIG GET and CONFIG SET beside a live redis-server: the same names, defaults, values and error texts, apart from the
// differences that are listed here with their reasons.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { Config } from '../../../src/config/config.js';
import { OPTIONS } from '../../../src/config/options.js';
import { RedisOracle } from '../../support/redis-oracle.js';

/** The strings of a reply: an error or a status as itself, an array as its bulk strings. */
function stringsOf(reply: Buffer): string[] {
  // One character per byte, because lengths count bytes.
  const text = reply.toString('latin1');
  if (!text.startsWith('*')) return [text.slice(1, -2)];
  const parts: string[] = [];
  let at = text.indexOf('\r\n') + 2;
  while (at < text.length) {
    const head = text.indexOf('\r\n', at);
    const length = Number(text.slice(at + 1, head));
    parts.push(reply.toString('utf8', head + 2, head + 2 + length));
    at = head + 2 + length + 2;
  }
  return parts;
}

/** Options whose default is another one in Anax, or that the oracle was started with. */
const OTHER_DEFAULT = new Set([
  'save', // Anax does not save yet, and says so
  'dir', // where it was started
  'port',
  'unixsocket',
  'loglevel', // set by the start of the oracle
]);

/** Accepted by Redis 7.0 and refused by Anax, with the reason in the error text. */
const REFUSED = new Set(['tls-port', 'activedefrag']);

const NUMBERS = [
  ...['', '0', '1', '-1', '2', '99', '100', '101', '600', '1000', '1001', '+1', '007', '-0', ' 1', '1 ', '1.5', '1e3'],
  ...['0x10', 'x', '2147483647', '2147483648', '4294967296', '-2147483649', '9223372036854775807'],
  ...['9223372036854775808', '-9223372036854775808', '18446744073709551616', '99999999999999999999999'],
];
const SIZES = [
  ...NUMBERS,
  ...['1b', '1k', '1kb', '1KB', '1m', '1Mb', '3g', '1gB', '1t', '1tb', '1kbb', 'kb', 'b', '1 kb', '-1kb', '5%', '0%'],
  ...['101%', '-5%', '05%', '%', '5.5%', '1k%', '18446744073709551615', '18446744073709551611', '17179869184gb'],
  ...['17179869183gb', '0'.repeat(127) + '1', '0'.repeat(128) + '1', '9999999999999999999999gb'],
];
const WORDS = ['', 'yes', 'NO', 'Yes ', '1', 'true', 'noeviction', 'ALLKEYS-LRU', 'volatile-ttl', 'allkeys-lru '];

/** Values for each option; kinds repeat, so that a representative of each is enough. */
const TRIED: Readonly<Record<string, readonly string[]>> = {
  hz: [...NUMBERS, '500', '501'],
  maxclients: NUMBERS.filter((text) => !(Number(text) > 1001 && Number(text) < 2 ** 32)), // Redis makes room for that many
  timeout: NUMBERS,
  'slowlog-log-slower-than': NUMBERS,
  'list-max-listpack-size': NUMBERS,
  'active-defrag-cycle-min': ['0', '1', '99', '100'],
  'maxmemory-eviction-tenacity': ['-1', '0', '100', '101'],
  'active-expire-effort': ['0', '1', '10', '11'],
  'key-load-delay': ['-5', '-2147483649', '0'],
  maxmemory: SIZES,
  'client-query-buffer-limit': SIZES,
  'repl-backlog-size': ['0', '20000', '9223372036854775808'],
  'cluster-link-sendbuf-limit': ['9223372036854775808', '18446744073709551615', '0'],
  'maxmemory-clients': SIZES,
  'protected-mode': WORDS,
  'maxmemory-policy': WORDS,
  loglevel: ['', 'Debug', 'VERBOSE', 'warning'],
  'oom-score-adj': ['', 'x', 'relative', 'no'],
  appendfsync: ['always', 'Everysec', 'x'],
  'shutdown-on-sigterm': [
    ...[
      '',
      'default',
      'save',
      'nosave',
      'save now',
      'nosave force',
      'now force',
      'default save',
      'save nosave',
      'SAVE',
    ],
    ...['save save', 'foo', 'save  now', ' now', 'now ', 'force now save', 'default default'],
  ],
  save: [
    ...['', '900 1', '900 1 300 10', '900', '900 0', '900 -1', '0 1', '-1 5', '900  1', ' 900 1', '900 1 ', '"900 1"'],
    ...['1.5 1', 'a 1', '1 a', '2147483648 1', '99999999999999999999 1', '1 99999999999', '1 2147483648', '+9 1'],
    ...['900 1\t', '900 1 ""', '" "', ' ', '900 ', '\t9 1', '1 99999999999999999999', '08 1'],
  ],
  'client-output-buffer-limit': [
    ...[
      '',
      'normal',
      'normal 1 2 3',
      'normal 1mb 2kb 3',
      'slave 1 1 1',
      'replica 2 2 2',
      'pubsub 1 1',
      'pubsub 1 1 -1',
    ],
    ...['pubsub 1 1 1.5', 'master 1 1 1', 'foo 1 1 1', 'normal 1 1 a', 'normal a 1 1', 'normal -1 1 1', 'NORMAL 9 9 9'],
    ...['normal 1 2 3 pubsub 4 5 6', 'normal 1 2 3 bogus 4 5 6', 'normal 1  2 3', 'normal 1 2 3 normal 7 8 9'],
    ...['normal 1 1 99999999999', 'normal 1 1 +5', 'normal 18446744073709551615 1 1', 'normal 1 1 007', 'normal 1 1 '],
    ...['normal  1 1', 'normal 1 1  5', 'normal 1 1 2147483648', 'normal 1 1 -4294967295', ' 1 1 1'],
  ],
  'oom-score-adj-values': [
    ...['', '1 2 3', '3 2 1', '-2001 0 0', '0 0 2001', 'a 1 2', '1 2', '1 2 3 4', '-2000 0 2000', '1 2 3x', '1  2 3'],
    ...['007 8 9', '+1 2 3', '1 2 +', '0 0 99999999999999999999', '1 2 '],
  ],
  'notify-keyspace-events': [
    ...[
      '',
      'A',
      'KEA',
      'AKE',
      'Kg',
      'K',
      'x',
      '$',
      'KE$lshzxetdmn',
      'Ag$lshzxeKEtmdn',
      'lllKK',
      'q',
      ' ',
      'KEn',
      'KEmn',
    ],
    ...['g$lshzxetd', 'a', 'gg'],
  ],
  'latency-tracking-info-percentiles': [
    ...['', '50', '50 99', '50 99 99.9', '101', '-1', 'a', '0 100', '50  99', '5e1', '0x10', '+5', '99.99999', '100.0'],
    ...['  ', '1e-5', 'nan', 'inf', '-inf', '99 50', '33.333333333', '0.0000001', '123456789', '.5', '5.', '.', 'e5'],
    ...['99.9999999', '100.0000001', '5e', '1e400', '-0'],
  ],
  bind: [
    ...['127.0.0.1', '127.0.0.1  ::1', '', ' ', '""', 'no-such-host', '127.0.0.1 '],
    Array(16).fill('127.0.0.1').join(' '),
    Array(17).fill('127.0.0.1').join(' '),
  ],
  requirepass: ['a', '\u00e9 "x"', ''],
  'proc-title-template': ['{foo}', '', '{', 'x', 'x {title} {port}', '{title'],
  'cluster-announce-hostname': ['a_b', 'a'.repeat(256), 'a'.repeat(255), 'a.b-c', '-', ''],
  dbfilename: ['x'],
  dir: ['/'],
  logfile: ['x'],
  databases: ['16'],
  unixsocketperm: ['700'],
  slaveof: ['h 1'],
  'slave-priority': ['5', 'x'],
  'no-such-option': ['1'],
  '': [''],
};

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(() => oracle.close());

  const get = async (pattern: string): Promise<Map<string, string>> => {
    const strings = stringsOf(await oracle.run(['CONFIG', 'GET', Buffer.from(pattern)]));
    return new Map(strings.flatMap((name, i) => (i % 2 === 0 ? [[name, strings[i + 1]] as const] : [])));
  };

  it('has every option of it, with the same default', async () => {
    const ours = new Map(new Config().get(['*']));
    const theirs = await get('*');
    for (const [name, value] of theirs) {
      expect(ours.has(name), name).toBe(true);
      if (!OTHER_DEFAULT.has(name)) expect(`${name} ${ours.get(name) ?? ''}`).toBe(`${name} ${value}`);
    }
    // Names of later versions; the older spelling of the four lists of processors is the alias here.
    const newer = Array.from(ours.keys()).filter((name) => !theirs.has(name));
    const expected = OPTIONS.filter(({ since }) => since !== undefined).map(({ name }) => name);
    expect(newer.filter((name) => !name.endsWith('-cpulist')).sort()).toEqual(
      RedisOracle.atLeast(7, 4) ? ['io', 'threads'] : expected.sort(),
    );
  });

  it('hides the same options', async () => {
    for (const { name, hidden } of OPTIONS) {
      if (hidden === true) expect((await get(name)).has(name)).toBe(true);
    }
  });

  it('lets the same options be set, with the same error where not', async () => {
    const config = new Config();
    for (const [name, value] of await get('*')) {
      if (OTHER_DEFAULT.has(name) && name !== 'dir') continue;
      const theirs = stringsOf(await oracle.run(['CONFIG', 'SET', name, value]))[0];
      const ours = (await config.set([[name, value]])) ?? 'OK';
      expect(ours).toBe(theirs);
    }
  });

  it.each(Object.entries(TRIED))('sets %s alike', async (name, values) => {
    if (!RedisOracle.atLeast(7, 2)) values = values.filter((value) => value !== 'nothing');
    const config = new Config();
    // Both start from the same value, which options of several parts merge with.
    const before = await get(name);
    config.adopt(Array.from(before));
    for (const value of values) {
      const theirs = stringsOf(await oracle.run(['CONFIG', 'SET', name, Buffer.from(value)]))[0];
      const ours = (await config.set([[name, value]])) ?? 'OK';
      expect(`[${value}] ${ours}`).toBe(
        `[${value}] ${theirs}`.replace('debug, verbose, notice, warning', '$&, nothing'),
      );
      expect([value, ...config.get([name])]).toEqual([value, ...(await get(name))]);
    }
    for (const [option, text] of before) await oracle.run(['CONFIG', 'SET', option, text]);
  });

  it.each([
    [['maxmemory', '1mb', 'MAXMEMORY', '2mb']],
    [['hz', 'a', 'maxmemory', 'q']],
    [['maxmemory', '9mb', 'hz', 'q']],
    [['min-slaves-to-write', '1', 'min-replicas-to-write', '2']],
    [['foo', '1', 'foo', '1']],
    [['databases', '1', 'foo', '1']],
    [['foo', '1', 'databases', '1']],
    [['maxmemory', 'q', 'maxmemory', '1']],
    [['hz', '11', 'dir', '/', 'hz', '12']],
    [['save', '9 1', 'hz', '11', 'timeout', '-1']],
  ])('answers CONFIG SET %j alike', async (words) => {
    const config = new Config();
    for (const name of ['maxmemory', 'save', 'hz', 'timeout']) config.adopt(Array.from(await get(name)));
    const pairs = words.flatMap((name, i) => (i % 2 === 0 ? [[name, words[i + 1]] as const] : []));
    const theirs = stringsOf(await oracle.run(['CONFIG', 'SET', ...words]))[0];
    expect((await config.set(pairs)) ?? 'OK').toBe(theirs);
    for (const name of ['maxmemory', 'save', 'hz', 'timeout']) {
      expect(config.get([name])).toEqual(Array.from(await get(name)));
    }
  });

  it('finds the same names by pattern', async () => {
    const config = new Config();
    const known = new Set((await get('*')).keys());
    for (const pattern of [
      '*',
      'h*',
      'MAX*',
      '[h]z',
      '*max?*',
      'HZ',
      'use-*',
      'Use-exit-on-panic',
      'x',
      '\\hz',
      'h\\*',
    ]) {
      const ours = config.get([pattern]).map(([name]) => name);
      const theirs = Array.from((await get(pattern)).keys());
      expect(ours.filter((name) => known.has(name) || theirs.includes(name) || !/[*?[]/.test(pattern)).sort()).toEqual(
        theirs.sort(),
      );
    }
  });

  it('refuses in Anax what Redis would do', async () => {
    const config = new Config();
    for (const name of REFUSED) {
      expect(await config.set([[name, name === 'tls-port' ? '7' : 'yes']])).toContain(`'${name}') - `);
    }
  });
});
