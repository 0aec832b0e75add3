// HyperLogLogs beside a live redis-server: the bytes of every value, and every count, are the same; with several limits of
// the sparse form, elements by the thousand, broken values, and values that other servers wrote.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { BITMAP_COMMANDS } from '../../src/commands/bitmap.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { HYPERLOGLOG_COMMANDS } from '../../src/commands/hyperloglog.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import {
  checkExamples,
  compareCase,
  compareRandom,
  pick,
  randomBytes,
  type Case,
  type Tuning,
} from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';

const COMMANDS = [
  ...HYPERLOGLOG_COMMANDS,
  ...STRING_COMMANDS,
  ...BITMAP_COMMANDS,
  ...LIST_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...OBJECT_COMMANDS,
];

/** hll-sparse-max-bytes: Redis's default, and values that make a sparse one dense soon, at once, or never. */
const SPARSE_BYTES = [3000, 100, 18, 0, 5000] as const;

function tuned(bytes: number): Tuning {
  return (shard) => (shard.limits.hllSparseMaxBytes = bytes);
}

function elements(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `element:${from + i}`);
}

const HEAD = Buffer.from('HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80', 'latin1');
const FRESH_HEAD = Buffer.from('HYLL\x01\0\0\0\x07\0\0\0\0\0\0\0', 'latin1');
const DENSE_HEAD = Buffer.from('HYLL\0\0\0\0\0\0\0\0\0\0\0\x80', 'latin1');
const FULL = Buffer.alloc(12288, 0xff);

function value(head: Buffer, ...runs: number[]): Buffer {
  return Buffer.concat([head, Buffer.from(runs)]);
}

/** Values of every kind that SET may bring: good, broken in their runs, broken in their heads. */
const VALUES: readonly (Buffer | string)[] = [
  value(HEAD, 0x7f, 0xff),
  value(FRESH_HEAD, 0x7f, 0xff),
  value(HEAD),
  value(HEAD, 0x7f),
  value(HEAD, 0x3f),
  value(HEAD, 0x7f, 0xfe),
  value(HEAD, 0x7f, 0xfe, 0x80),
  value(HEAD, 0x7f, 0xfe, 0x83),
  value(HEAD, 0x7f, 0xff, 0x00),
  value(HEAD, 0x40, 0x00, 0x7f, 0xfe),
  value(HEAD, 0x84, 0x84, 0x84, 0x84, 0x7f, 0xfb),
  value(HEAD, 0x87, 0x87, 0x00, 0x87, 0x7f, 0xf2),
  value(HEAD, ...new Array<number>(4096).fill(0xff)),
  value(HEAD, ...new Array<number>(256).fill(0x3f)),
  value(HEAD, ...new Array<number>(16384).fill(0)),
  Buffer.concat([DENSE_HEAD, Buffer.alloc(12288)]),
  Buffer.concat([DENSE_HEAD, FULL]),
  Buffer.concat([DENSE_HEAD, Buffer.alloc(12288, 0x33)]),
  Buffer.concat([DENSE_HEAD, Buffer.alloc(12287)]),
  Buffer.concat([DENSE_HEAD, Buffer.alloc(12289)]),
  value(Buffer.from('HYLL\x02\0\0\0\0\0\0\0\0\0\0\x80', 'latin1'), 0x7f, 0xff),
  'HYLL',
  'HYLX\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff',
  'HYLL\x01\0\0\0\0\0\0\0\0\0\0',
  '12',
  '',
];

const CASES: readonly Case[] = [
  ['arity', ...['PFADD', 'PFCOUNT', 'PFMERGE', 'PFDEBUG', 'PFDEBUG a', 'PFDEBUG encoding a b', 'PFSELFTEST x']],
  ['other types', 'RPUSH l a', 'SET s v', ...['l', 's'].flatMap((key) => [`PFADD ${key} a`, `PFADD ${key}`, `PFCOUNT ${key}`, `PFCOUNT none ${key}`, `PFMERGE ${key} none`, `PFMERGE d ${key}`,
    `PFDEBUG encoding ${key}`, 'EXISTS d']), 'PFADD h a', 'PFCOUNT h s', 'PFMERGE h s', 'PFMERGE h h l', 'GET h'],
  ['nothing there', 'PFCOUNT a b', 'PFCOUNT a', 'PFMERGE d', 'GET d', 'OBJECT ENCODING d', 'PFMERGE d a b', 'PFCOUNT d', 'GET d', 'PFADD e', 'GET e', 'OBJECT ENCODING e', 'PFADD e', 'PFCOUNT e', 'GET e',
    'PFDEBUG encoding none', 'PFDEBUG nosuch none'],
  ['debugging', 'PFADD k a b c', 'PFDEBUG nosuch k', 'PFDEBUG DECODE k', 'PFDEBUG Encoding k', 'GET k', 'PFDEBUG toDense k', 'GET k', 'PFDEBUG TODENSE k', 'PFDEBUG DECODE k', 'PFADD j a', 'PFDEBUG GETREG j', 'GET j',
    'PFDEBUG ENCODING j', 'PFCOUNT j', 'PFDEBUG GETREG j'],
  ['thousands of elements', ...Array.from({ length: 60 }, (_, i): Request[] => [['PFADD', 'k', ...elements(i * i * 7, 1 + i)], 'GET k', 'PFCOUNT k', 'PFDEBUG ENCODING k']).flat(), 'OBJECT ENCODING k'],
  ['runs that meet', ...Array.from({ length: 400 }, (_, i): Request[] => [['PFADD', 'k', `${i}`], 'PFDEBUG DECODE k']).flat(), 'GET k', 'PFCOUNT k'],
  ['deadlines', 'PFADD k a', 'PEXPIREAT k 33177117420123', 'PFADD k b', 'PFCOUNT k', 'PFMERGE k none', 'PFDEBUG todense k', 'PEXPIRETIME k', 'GET k'],
  ['merging', ['PFADD', 'a', ...elements(0, 40)], ['PFADD', 'b', ...elements(20, 400)], ['PFADD', 'c', ...elements(5000, 4000)], 'PFMERGE d a', 'GET d', 'PFMERGE d b', 'GET d', 'PFMERGE d c a', 'GET d', 'PFCOUNT d',
    'PFCOUNT a b c', 'PFCOUNT a b', 'PFCOUNT a a none', 'PFMERGE a b', 'GET a', 'PFMERGE b', 'GET b', 'PFCOUNT b', 'PFMERGE e a b', 'GET e', 'PFCOUNT e'],
  ['values that clients wrote', ...VALUES.flatMap((one): Request[] => [...['PFADD k', 'PFADD k a', 'PFADD k b c d e f g', 'PFCOUNT k', 'PFCOUNT k none', 'PFMERGE d k', 'PFMERGE k', 'PFDEBUG DECODE k', 'PFDEBUG ENCODING k',
    'PFDEBUG TODENSE k'].flatMap((then): Request[] => ['DEL d', ['SET', 'k', one], then, 'GET k', 'GET d'])])],
  ['edited in place', 'PFADD k a b c', 'SETRANGE k 15 \\x80', 'PFCOUNT k', 'APPEND k x', 'PFCOUNT k', 'PFADD k z', 'SETBIT k 33 1', 'PFCOUNT k', 'COPY k j', 'PFADD j y', 'RENAME j k', 'PFCOUNT k'],
]; // prettier-ignore

/** Redis reads past the end of these: what it answers is not promised to anybody. */
function isDefined(request: Request): boolean {
  return typeof request === 'string' || !request.some((word) => typeof word !== 'string' && word.length === 17);
}

describe('examples', () => {
  it.each(HYPERLOGLOG_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

const KEYS = ['a', 'b', 'c', 'd'];

function randomRequest(random: Random): Request {
  const key = pick(random, KEYS);
  switch (random.below(12)) {
    case 0:
      return ['PFCOUNT', key];
    case 1:
      return ['PFCOUNT', key, pick(random, KEYS), pick(random, KEYS)];
    case 2:
      return ['PFMERGE', key, pick(random, KEYS), pick(random, KEYS)];
    case 3:
      return random.below(4) === 0 ? ['DEL', key] : ['PFDEBUG', 'DECODE', key];
    case 4:
    case 5:
      return ['GET', key];
    case 6:
      return ['PFADD', key, ...Array.from({ length: random.below(200) }, () => String(random.below(100_000)))];
    default:
      return ['PFADD', key, ...Array.from({ length: random.below(6) }, () => randomBytes(random, random.below(40)))];
  }
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  const oracles = new Map<number, RedisOracle>();
  beforeAll(async () => {
    for (const bytes of SPARSE_BYTES) {
      oracles.set(bytes, await RedisOracle.start(['--hll-sparse-max-bytes', String(bytes)]));
    }
  });
  afterAll(async () => {
    for (const oracle of oracles.values()) await oracle.close();
  });

  describe.each(SPARSE_BYTES)('hll-sparse-max-bytes %i', (bytes) => {
    const oracle = (): RedisOracle => oracles.get(bytes) as RedisOracle;

    it.each(CASES.map((one) => [one[0], one] as const))('%s', async (_title, [title, ...requests]) => {
      await compareCase([title, ...requests.filter(isDefined)], COMMANDS, oracle(), tuned(bytes));
    });

    it.each([1, 2])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle(), seed, 800, randomRequest, tuned(bytes));
    });
  });
});

it('knows every command of the group', () => {
  expect(HYPERLOGLOG_COMMANDS.length).toBe(5);
});
