// DUMP and RESTORE beside a live redis-server: values of every type and size cross over in both directions and stay what they
// are; payloads of all ages are read alike; options and errors are the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { DUMP_COMMANDS } from '../../src/commands/dump.js';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { RDB } from '../../src/persistence/rdb/rdb-format.js';
import { checkExamples, compareCase, pick, randomBytes, type Case } from '../support/conformance.js';
import { crossOver, dumpHarness, dumpOracle, ourDigest, theirDigest } from '../support/dump-twin.js';
import { length, listpack, payload, string, strings, ziplist } from '../support/payloads.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = ALL_COMMANDS.flat();

function many(count: number, make: (i: number) => string): string[] {
  return Array.from({ length: count }, (_, i) => make(i));
}

const LONG = 'L'.repeat(9000);
const MIXED = [
  '',
  'a',
  '12',
  '-1',
  '9223372036854775807',
  '-9223372036854775808',
  '1.5',
  'x'.repeat(63),
  'y'.repeat(64),
  'z'.repeat(300),
];

/** Requests that make the key `k`, by type. */
const VALUES: Readonly<Record<string, readonly Request[]>> = {
  string: [
    ...INTEGERS.map((value): Request => ['SET', 'k', value]),
    ...[0, 1, 20, 21, 63, 64, 1024, 1025, 16383, 16384, 100_000].flatMap((n): Request[] => [
      ['SET', 'k', 'r'.repeat(n)],
      ['SET', 'k', Buffer.from(many(n, (i) => String.fromCharCode((i * i * 31 + 7) % 256)).join(''), 'latin1')],
    ]),
    ['SETRANGE', 'k', '5000', 'x'],
    ['PFADD', 'k', ...many(50, String)],
    ['PFADD', 'k', ...many(5000, String)],
  ],
  list: [
    ['RPUSH', 'k', ...MIXED],
    ['RPUSH', 'k', 'one'],
    ['RPUSH', 'k', LONG],
    ['RPUSH', 'k', 'a', LONG, 'b'],
    ['RPUSH', 'k', ...many(3000, (i) => (i % 3 === 0 ? String(i) : `item-${i}`))],
    ['RPUSH', 'k', ...many(20, (i) => `${i}-`.repeat(400))],
    ['RPUSH', 'k', ...INTEGERS],
  ],
}; // prettier-ignore

/** Payloads of forms that servers of today read and no longer write, and odd ones of today's; all are good. */
const PAYLOADS: readonly (readonly [name: string, payload: Buffer])[] = [
  ['a string, length of 32 bits', payload(RDB.string, Buffer.concat([length(3, '32'), Buffer.from('abc')]))],
  ['a string, length of 64 bits', payload(RDB.string, Buffer.concat([length(3, '64'), Buffer.from('abc')]))],
  ['an integer of 8 bits', payload(RDB.string, Buffer.from([0xc0, 0x85]))],
  ['an integer of 16 bits', payload(RDB.string, Buffer.from([0xc1, 0x85, 0xff]))],
  ['an integer of 32 bits', payload(RDB.string, Buffer.from([0xc2, 0x85, 0xff, 0, 0x80]))],
  ['a compressed string', payload(RDB.string, Buffer.from([0xc3, 5, 11, 0, 0x61, 0xe0, 1, 0]))],
  ['a version of long ago', payload(RDB.string, string('old'), 1)],
  ['a plain list', payload(RDB.list, strings(MIXED))],
  ['a list in a ziplist', payload(RDB.listZiplist, string(ziplist([...MIXED, ...INTEGERS, LONG.repeat(2)])))],
  ['a quicklist of ziplists', payload(RDB.quicklist, strings([ziplist(MIXED), ziplist(['a', '300']), ziplist([]), ziplist(many(300, String))]))],
  ['a quicklist of listpacks', payload(RDB.quicklist2, Buffer.concat([length(3), length(2), string(listpack(MIXED)), length(1), string(LONG), length(2), string(listpack(['z']))]), 10)],
]; // prettier-ignore

/** Payloads that are not: their reply is an error. */
const BROKEN: readonly (readonly [name: string, payload: Buffer])[] = [
  ['no kind', payload(8, string('x'))],
  ['an unknown kind', payload(99, string('x'))],
  ['a module', payload(RDB.module2, string('x'))],
  ['an empty list', payload(RDB.list, strings([]))],
  ['a list of fewer elements', payload(RDB.list, Buffer.concat([length(3), string('a')]))],
  ['a list of endless elements', payload(RDB.list, Buffer.concat([length(2 ** 40, '64'), string('a')]))],
  ['an empty node', payload(RDB.quicklist2, Buffer.concat([length(1), length(2), string('')]), 10)],
  ['an empty listpack', payload(RDB.quicklist2, Buffer.concat([length(1), length(2), string(listpack([]))]), 10)],
  ['a node of an unknown kind', payload(RDB.quicklist2, Buffer.concat([length(1), length(3), string(listpack(['a']))]), 10)],
  ['a string that is cut off', payload(RDB.string, Buffer.concat([length(40), Buffer.from('abc')]))],
  ['a compressed string that claims too much', payload(RDB.string, Buffer.from([0xc3, 1, 0x80, 0x7f, 0xff, 0xff, 0xff, 0]))],
  ['an encoding of strings that is none', payload(RDB.string, Buffer.from([0xc9, 1, 1]))],
]; // prettier-ignore

/** Redis takes what stands in the footer for a part of these. */
const CUT_SHORT: readonly (readonly [name: string, payload: Buffer])[] = [
  ['nothing', payload(RDB.string, Buffer.alloc(0))],
  ['a string that reaches into the footer', payload(RDB.string, Buffer.concat([length(9), Buffer.from('abc')]))],
];

const GOOD = payload(RDB.string, string('hello'));
const TOO_NEW = payload(RDB.string, string('hello'), 99);
const DAMAGED = Buffer.from(GOOD);
DAMAGED[2] ^= 1;

const CASES: readonly Case[] = [
  ['arguments', 'DUMP', 'DUMP a b', 'RESTORE', 'RESTORE k', 'RESTORE k 0', ['RESTORE', 'k', '0', GOOD, 'FOO'], ['RESTORE', 'k', 'x', GOOD], ['RESTORE', 'k', '-1', GOOD],
    ['RESTORE', 'k', '0', GOOD, 'IDLETIME'], ['RESTORE', 'k', '0', GOOD, 'FREQ'], ['RESTORE', 'k', '0', GOOD, 'IDLETIME', 'x'], ['RESTORE', 'k', '0', GOOD, 'IDLETIME', '-1'],
    ['RESTORE', 'k', '0', GOOD, 'FREQ', '256'], ['RESTORE', 'k', '0', GOOD, 'FREQ', '-1'], ['RESTORE', 'k', '0', GOOD, 'FREQ', 'x'], ['RESTORE', 'k', '0', GOOD, 'IDLETIME', '1', 'FREQ', '1'],
    ['RESTORE', 'k', '0', GOOD, 'FREQ', '1', 'IDLETIME', '1'], ['RESTORE', 'k', 'x', DAMAGED, 'REPLACE'], ['RESTORE', 'k', '0', GOOD, 'REPLACE', 'REPLACE', 'ABSTTL', 'absttl'], 'GET k', 'EXISTS k'],
  ['order of checks', 'SET k v', ['RESTORE', 'k', 'x', DAMAGED], ['RESTORE', 'k', 'x', DAMAGED, 'NOSUCH'], ['RESTORE', 'k', '-1', DAMAGED, 'REPLACE'], ['RESTORE', 'k', '0', DAMAGED, 'REPLACE'],
    ['RESTORE', 'k', '0', TOO_NEW, 'REPLACE'], ['RESTORE', 'k', '0', '', 'REPLACE'], ['RESTORE', 'k', '0', 'short', 'REPLACE'], 'GET k'],
  ['keys that are there', 'SET k v', ['RESTORE', 'k', '0', GOOD], 'GET k', ['RESTORE', 'k', '0', GOOD, 'replace'], 'GET k', 'RPUSH l a', ['RESTORE', 'l', '0', GOOD, 'REPLACE'], 'TYPE l', 'PEXPIREAT k 33177117420123',
    ['RESTORE', 'k', '0', GOOD, 'REPLACE'], 'PTTL k', ['RESTORE', 'k', '33177117420123', GOOD, 'REPLACE', 'ABSTTL'], 'PEXPIRETIME k', ['RESTORE', 'k', '1', GOOD, 'REPLACE', 'ABSTTL'], 'EXISTS k',
    ['RESTORE', 'k', '1', GOOD, 'ABSTTL'], 'EXISTS k', 'SET k v', ['RESTORE', 'k', '0', payload(RDB.list, strings([])), 'REPLACE'], 'GET k', ['RESTORE', 'k', '0', GOOD, 'ABSTTL', 'REPLACE'], 'PTTL k', 'GET k'],
  ['clocks', ['RESTORE', 'k', '0', GOOD, 'IDLETIME', '1000'], 'OBJECT IDLETIME k', ['RESTORE', 'j', '0', GOOD, 'FREQ', '7'], 'OBJECT IDLETIME j'],
  ['broken payloads', ...BROKEN.flatMap(([, one]): Request[] => [['RESTORE', 'k', '0', one], 'EXISTS k'])],
]; // prettier-ignore

describe('examples', () => {
  it.each(DUMP_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

function randomValue(random: Random): Request {
  const bytes = (): Buffer =>
    randomBytes(random, random.below(random.below(8) === 0 ? 400 : 20), pick(random, [2, 256]));
  const words = (): (string | Buffer)[] =>
    Array.from({ length: 1 + random.below(pick(random, [4, 60, 400])) }, () =>
      random.below(3) === 0 ? String(random.below(100_000) - 50_000) : bytes(),
    );
  return pick(random, [
    ['SET', 'k', bytes()],
    ['RPUSH', 'k', ...words()],
  ]);
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await dumpOracle();
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
    await compareCase(one, COMMANDS, oracle);
  });

  it.each(Object.entries(VALUES))('%s values cross over', async (_type, requests) => {
    const h = await dumpHarness();
    for (const request of requests) {
      await oracle.runAll(['FLUSHALL', request]);
      h.runAll('FLUSHALL', request);
      expect(await crossOver(h, oracle, 'k', request)).toBe('');
    }
    h.run('FLUSHALL SYNC');
    expect(h.shard.arena.usedBytes).toBe(0);
  });

  it.each([1, 2])('any values cross over, seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    const h = await dumpHarness();
    for (let round = 0; round < 150; round++) {
      const request = randomValue(random);
      await oracle.runAll(['FLUSHALL', request]);
      h.runAll('FLUSHALL', request);
      expect(await crossOver(h, oracle, 'k', request)).toBe('');
    }
  });

  it.each(PAYLOADS)('%s', async (_name, bytes) => {
    const h = await dumpHarness();
    await oracle.run('FLUSHALL');
    const request = ['RESTORE', 'k', '0', bytes];
    expect((await oracle.run(request)).toString('latin1')).toBe('+OK\r\n');
    expect(h.text(request)).toBe('+OK');
    expect(ourDigest(h, 'k')).toBe(await theirDigest(oracle, 'k'));
    expect(await crossOver(h, oracle, 'k', request)).toBe('');
  });
});

describe('broken payloads', () => {
  it.each([...BROKEN, ...CUT_SHORT])('%s', async (_name, bytes) => {
    const h = await dumpHarness();
    expect(h.text(['RESTORE', 'k', '0', bytes])).toBe('-ERR Bad data format');
    expect(h.shard.arena.usedBytes).toBe(0);
  });
});
