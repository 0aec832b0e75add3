// The string commands: their examples, and beside a live redis-server cases by hand and requests made at random.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { BITMAP_COMMANDS } from '../../src/commands/bitmap.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { checkExamples, compareCase, compareRandom, pick, randomBytes, Twin } from '../support/conformance.js';
import { PROBES } from '../support/probes.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { FLOATS, INTEGERS, STRING_CASES } from './string-cases.js';

const COMMANDS = [...STRING_COMMANDS, ...BITMAP_COMMANDS, ...PROBES];
const RUNS = 2500;
/** What Redis does not have. */
const VALKEYS = /IFEQ/;

describe('examples', () => {
  it.each(STRING_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

describe('time', () => {
  it.each([
    ['SET k v EX 10', 10_000],
    ['SET k v PX 1500', 1500],
    ['SETEX k 2 v', 2000],
    ['PSETEX k 7 v', 7],
  ])('%s lives that long', async (request, ms) => {
    const h = await ShardHarness.create(COMMANDS);
    h.run(request);
    h.clock.advance(ms - 1);
    expect(h.text('GET k')).toBe('$1\r\nv');
    h.clock.advance(2);
    expect(h.text('GET k')).toBe('$-1');
    expect(h.shard.arena.usedBytes).toBe(0);
  });

  it('a deadline that is now or past deletes', async () => {
    const h = await ShardHarness.create(COMMANDS);
    const now = h.clock.nowMs();
    h.run('SET k v');
    expect(h.text(`SET k w PXAT ${now}`)).toBe('+OK');
    expect(h.text('EXISTS k')).toBe(':0');
    h.run('SET k v');
    expect(h.text(`GETEX k PXAT ${now}`)).toBe('$1\r\nv');
    expect(h.text('EXISTS k')).toBe(':0');
    h.run('SET k v');
    expect(h.text(`GETEX k PXAT ${now + 1}`)).toBe('$1\r\nv');
    expect(h.text('EXISTS k')).toBe(':1');
  });

  it('relative times run over exactly beyond int64', async () => {
    const h = await ShardHarness.create(COMMANDS);
    const rest = (1n << 63n) - 1n - BigInt(h.clock.nowMs());
    expect(h.text(`SET k v PX ${rest}`)).toBe('+OK');
    expect(h.text('PEXPIRETIME k')).toBe(':9223372036854775807');
    expect(h.text(`SET k v PX ${rest + 1n}`)).toBe("-ERR invalid expire time in 'set' command");
    expect(h.text(`GETEX k PX ${rest + 1n}`)).toBe("-ERR invalid expire time in 'getex' command");
  });
});

describe('limits', () => {
  it('strings grow up to proto-max-bulk-len', async () => {
    const tooLong = '-ERR string exceeds maximum allowed size (proto-max-bulk-len)';
    const h = await ShardHarness.create(COMMANDS, { stringBytesMax: 1000 });
    expect(h.text('SETRANGE k 999 x')).toBe(':1000');
    expect(h.text('SETRANGE k 1000 x')).toBe(tooLong);
    expect(h.text('SETRANGE k 999 xy')).toBe(tooLong);
    expect(h.text('APPEND k ""')).toBe(':1000');
    expect(h.text('APPEND k x')).toBe(tooLong);
    expect(h.text('SETBIT k 7999 1')).toBe(':0');
    expect(h.text('SETBIT k 8000 1')).toBe('-ERR bit offset is not an integer or out of range');
    expect(h.text('BITFIELD k SET u8 7992 1')).toBe('*1\r\n:121');
    expect(h.text('BITFIELD k SET u8 7993 1')).toBe('-ERR bit offset is not an integer or out of range');
    expect(h.text('STRLEN k')).toBe(':1000');
  });

  it('LCS takes a table up to proto-max-bulk-len', async () => {
    const h = await ShardHarness.create(COMMANDS, { stringBytesMax: 400 });
    h.run('MSET a 123456789 b 123456789 c 1234567890');
    expect(h.text('LCS a b LEN')).toBe(':9');
    expect(h.text('LCS a c LEN')).toMatch(/^-ERR Insufficient memory, transient memory for LCS exceeds/);
  });
});

/** A handful of keys, so that commands meet; words, so that values meet commands. */
const KEYS = ['a', 'b', 'c', '{x}1', '\0'];
const WORDS = [
  '',
  'v',
  'hello',
  '10',
  '-3',
  '3.5',
  '\xff\xfe',
  '9223372036854775807',
  'x'.repeat(50),
  'y'.repeat(2000),
];

function randomDecimal(random: Random): string {
  const whole = String(random.next32()).slice(0, random.below(10));
  const fraction = String(random.next32()) + String(random.next32());
  const sign = pick(random, ['', '', '-', '+']);
  const text = `${sign}${whole === '' ? '0' : whole}`;
  const kind = random.below(10);
  if (kind < 2) return text;
  if (kind < 8) return `${text}.${fraction.slice(0, 1 + random.below(19))}`;
  if (kind === 8) return `${text}.${fraction.slice(0, 4)}e${random.below(60) - 30}`;
  return `${text}e${random.below(9000) - 4500}`;
}

function randomStringRequest(random: Random): Request {
  const key = pick(random, KEYS);
  const word = random.below(4) === 0 ? randomBytes(random, random.below(40)) : pick(random, WORDS);
  const small = String(random.below(20) - 8);
  switch (random.below(24)) {
    case 0:
      return [
        'SET',
        key,
        word,
        ...pick(random, [[], ['NX'], ['XX'], ['GET'], ['NX', 'GET'], ['XX', 'GET'], ['KEEPTTL']]),
      ];
    case 1:
      return ['SET', key, pick(random, INTEGERS)];
    case 2:
      return [
        'SET',
        key,
        word,
        'PXAT',
        String(33177117420000 + random.below(1000)),
        ...pick(random, [[], ['GET'], ['NX']]),
      ];
    case 3:
      return ['GETEX', key, ...pick(random, [[], ['PERSIST'], ['EXAT', '33177117420'], ['PXAT', '1']])];
    case 4:
      return [pick(random, ['GETDEL', 'DEL', 'STRLEN']), key];
    case 5:
      return ['GETSET', key, word];
    case 6:
      return ['SETNX', key, word];
    case 7:
    case 8:
      return ['APPEND', key, word];
    case 9:
    case 10:
      return ['GETRANGE', key, small, String(random.below(60) - 30)];
    case 11:
    case 12:
      return ['SETRANGE', key, small, word];
    case 13:
      return [pick(random, ['INCR', 'DECR']), key];
    case 14:
    case 15:
      return [pick(random, ['INCRBY', 'DECRBY']), key, random.below(3) === 0 ? pick(random, INTEGERS) : small];
    case 16:
      return ['INCRBYFLOAT', key, random.below(3) === 0 ? pick(random, FLOATS) : randomDecimal(random)];
    case 17:
      return ['MGET', ...KEYS];
    case 18:
      return ['MSET', key, word, pick(random, KEYS), pick(random, WORDS)];
    case 19:
      return ['MSETNX', key, word, pick(random, KEYS), pick(random, WORDS)];
    case 20:
      return ['LCS', key, pick(random, KEYS), ...pick(random, [[], ['LEN'], ['IDX'], ['IDX', 'MINMATCHLEN', '2']])];
    case 21:
      return ['PEXPIRETIME', key];
    default:
      return ['GET', key];
  }
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(STRING_COMMANDS.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    const requests = spec.examples.map(([request]) => request).filter((request) => !VALKEYS.test(request));
    await compareCase([spec.name, ...requests], COMMANDS, oracle);
  });

  it.each(STRING_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
    await compareCase(one, COMMANDS, oracle);
  });

  it.each([11, 12, 13])('any commands, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, RUNS, randomStringRequest);
  });

  it.each([21, 22])('INCRBYFLOAT, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, RUNS, (random) =>
      random.below(3) === 0
        ? ['SET', 'k', random.below(2) === 0 ? randomDecimal(random) : pick(random, FLOATS)]
        : ['INCRBYFLOAT', 'k', randomDecimal(random)],
    );
  });

  it.each([31, 32])('LCS, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, RUNS / 2, (random) => {
      if (random.below(3) > 0) {
        const options = [
          [],
          ['LEN'],
          ['IDX'],
          ['IDX', 'WITHMATCHLEN'],
          ['IDX', 'MINMATCHLEN', String(random.below(5))],
        ];
        return ['LCS', pick(random, ['a', 'b']), pick(random, ['a', 'b', 'c']), ...pick(random, options)];
      }
      return ['SET', pick(random, ['a', 'b']), randomBytes(random, random.below(30), 1 + random.below(6))];
    });
  });

  it('one stream of requests in RESP3', async () => {
    const twin = await Twin.create(COMMANDS, oracle, 3);
    await twin.compare(['GET a', 'MGET a b', 'SET a v', 'SET a v NX', 'GETEX b', 'LCS a a IDX'], 'RESP3');
  });
});

it('compares before it sets or deletes, where Valkey does', async () => {
  const h = await ShardHarness.create([...STRING_COMMANDS, ...LIST_COMMANDS]);
  const story: readonly (readonly [request: Request, reply: string])[] = [
    ['SET k v IFEQ', '-ERR syntax error'],
    ['SET k v IFEQ v', '$-1'],
    ['SET k v IFEQ v GET', '$-1'],
    ['SET k 12', '+OK'],
    ['SET k 13 IFEQ 012', '$-1'],
    ['SET k 13 IFEQ 12 EX 100', '+OK'],
    ['SET k 14 ifeq 13 KEEPTTL get', '$2\r\n13'],
    ['SET k 15 IFEQ 13 GET', '$2\r\n14'],
    ['SET k 15 XX IFEQ 14', '-ERR syntax error'],
    ['SET k 15 IFEQ 14 NX', '-ERR syntax error'],
    ['SET k 15 IFEQ 14 EX 0', "-ERR invalid expire time in 'set' command"],
    ['SETNX k 1', ':0'],
    ['GETEX k IFEQ 14', '-ERR syntax error'],
    ['DELIFEQ k 13', ':0'],
    ['DELIFEQ k 14', ':1'],
    ['DELIFEQ k 14', ':0'],
    ['RPUSH k v', ':1'],
    ['SET k v IFEQ v', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['SET k v IFEQ v GET', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['DELIFEQ k v', '-WRONGTYPE Operation against a key holding the wrong kind of value'],
  ];
  for (const [request, reply] of story) expect([request, h.text(request)]).toEqual([request, reply]);
});
