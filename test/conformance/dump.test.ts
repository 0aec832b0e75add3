// DUMP and RESTORE beside a live redis-server: values of every type and size cross over in both directions and stay what they
// are; payloads of all ages are read alike; options and errors are the same.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { DUMP_COMMANDS } from '../../src/commands/dump.js';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { RDB } from '../../src/persistence/rdb/rdb-format.js';
import { checkExamples, compareCase, pick, randomBytes, type Case } from '../support/conformance.js';
import { bulkOf, crossOver, dumpHarness, dumpOracle, ourDigest, theirDigest } from '../support/dump-twin.js';
import {
  double,
  int64,
  intset,
  length,
  listpack,
  payload,
  string,
  strings,
  ziplist,
  zipmap,
} from '../support/payloads.js';
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
  set: [
    ['SADD', 'k', '1', '2', '-300'],
    ['SADD', 'k', '1', '70000'],
    ['SADD', 'k', '1', '-9223372036854775808', '9223372036854775807'],
    ['SADD', 'k', ...many(1000, (i) => String(i * 7))],
    ['SADD', 'k', ...MIXED],
    ['SADD', 'k', ...many(3000, (i) => `member-${i}`), ...INTEGERS],
    ['SADD', 'k', LONG, 'a'],
  ],
  hash: [
    ['HSET', 'k', 'f', 'v'],
    ['HSET', 'k', ...MIXED.flatMap((word) => [word, word])],
    ['HSET', 'k', ...many(1000, (i) => (i % 2 === 0 ? `field-${i}` : String(i)))],
    ['HSET', 'k', 'a', LONG, LONG, 'b', '', ''],
  ],
  zset: [
    ['ZADD', 'k', '1', 'a'],
    ['ZADD', 'k', ...MIXED.flatMap((word, i) => [String(i / 3 - 1), word])],
    ['ZADD', 'k', 'inf', 'a', '-inf', 'b', '0', 'c', '1e300', 'd', '-1e-300', 'e', '9007199254740993', 'f', '3.0000000000000004', 'g'],
    ['ZADD', 'k', ...many(600, (i) => (i % 2 === 0 ? String((i * 37) % 100) : `member-${i}`))],
    ['ZADD', 'k', '1', LONG, '2', 'a'],
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
  ['a plain set', payload(RDB.set, strings(MIXED))],
  ['a plain set of numbers', payload(RDB.set, strings(['5', '-7', '70000']))],
  ['numbers of 16 bits', payload(RDB.setIntset, string(intset([-5n, 1n, 300n])))],
  ['numbers of 32 bits', payload(RDB.setIntset, string(intset([-70000n, 1n])))],
  ['numbers of 64 bits', payload(RDB.setIntset, string(intset([-9223372036854775808n, 0n, 2n ** 40n, 9223372036854775807n])))],
  ['many numbers', payload(RDB.setIntset, string(intset(Array.from({ length: 900 }, (_, i) => BigInt(i)))))],
  ['a plain hash', payload(RDB.hash, Buffer.concat([length(2), ...['a', '1', 'b', LONG].map(string)]))],
  ['a hash in a zipmap', payload(RDB.hashZipmap, string(zipmap(['a', '1', 'long', LONG, '', '', '7', 'x'.repeat(253)], 2)))],
  ['a hash in a ziplist', payload(RDB.hashZiplist, string(ziplist(MIXED)))],
  ['a hash in a listpack', payload(RDB.hashListpack, string(listpack(MIXED)), 10)],
  ['scores as text', payload(RDB.zset, Buffer.concat([length(5), string('a'), string('1.5'), string('b'), string('-3e-7'), string('c'), Buffer.from([254]), string('d'), Buffer.from([255]), string('e'), string('7')]))],
  ['scores as doubles', payload(RDB.zset2, Buffer.concat([length(3), string('a'), double(1.5), string('b'), double(-Infinity), string('c'), double(0.1)]))],
  ['a sorted set in a ziplist', payload(RDB.zsetZiplist, string(ziplist(['a', '-1', 'b', '1.5', 'c', '300'])))],
  ['a sorted set in a listpack', payload(RDB.zsetListpack, string(listpack(['a', '-1', 'b', '1.5', 'c', '300'])), 10)],
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
  ['an empty set', payload(RDB.set, strings([]))],
  ['a member twice', payload(RDB.set, strings(['a', 'b', 'a']))],
  ['an empty hash', payload(RDB.hash, strings([]))],
  ['an empty sorted set', payload(RDB.zset2, strings([]))],
  ['a member twice with scores', payload(RDB.zset2, Buffer.concat([length(2), string('a'), double(1), string('a'), double(2)]))],
  ['a score that is none', payload(RDB.zset2, Buffer.concat([length(1), string('a'), double(NaN)]))],
  ['an empty set of numbers', payload(RDB.setIntset, string(intset([])))],
  ['an encoding of strings that is none', payload(RDB.string, Buffer.from([0xc9, 1, 1]))],
]; // prettier-ignore

/** Payloads of servers since 7.2, which an older one does not read: the kind, and what HGETALL or SMEMBERS then say. */
const NEWER: readonly (readonly [name: string, payload: Buffer, ask: string, reply: string])[] = [
  ['a set in a listpack', payload(RDB.setListpack, string(listpack(['a', '12', 'b'])), 11), 'SMEMBERS k', '*3 $1 a $2 12 $1 b'],
  ['fields with deadlines', payload(RDB.hashMetadata, Buffer.concat([int64(40_000_000_000_000n), length(3), length(0), string('a'), string('1'), length(1), string('b'), string('2'), length(1001), string('c'), string('3')]), 12),
    'HPEXPIRETIME k FIELDS 3 a b c', '*3 :-1 :40000000000000 :40000000001000'],
  ['fields with deadlines of a release candidate', payload(RDB.hashMetadataPreGa, Buffer.concat([length(2), length(0), string('a'), string('1'), length(40_000_000_000_000, '64'), string('b'), string('2')]), 12),
    'HPEXPIRETIME k FIELDS 2 a b', '*2 :-1 :40000000000000'],
  ['packed fields with deadlines', payload(RDB.hashListpackEx, Buffer.concat([int64(40_000_000_000_000n), string(listpack(['b', '2', '40000000000000', 'a', '1', '0']))]), 12),
    'HPEXPIRETIME k FIELDS 2 a b', '*2 :-1 :40000000000000'],
  ['packed fields of a release candidate', payload(RDB.hashListpackExPreGa, string(listpack(['b', '2', '40000000000000', 'a', '1', '0'])), 12),
    'HPEXPIRETIME k FIELDS 2 a b', '*2 :-1 :40000000000000'],
  ['fields that are all due', payload(RDB.hashListpackEx, Buffer.concat([int64(1n), string(listpack(['b', '2', '1']))]), 12), 'EXISTS k', ':0'],
]; // prettier-ignore

/** Redis takes what stands in the footer for a part of these, and looks for equal fields only when told to. */
const REFUSED_HERE: readonly (readonly [name: string, payload: Buffer])[] = [
  ['a field twice', payload(RDB.hash, Buffer.concat([length(2), ...['a', '1', 'a', '2'].map(string)]))],
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
    ['SADD', 'k', ...words()],
    ['HSET', 'k', ...words().flatMap((word) => [word, bytes()])],
    ['ZADD', 'k', ...words().flatMap((word) => [String((random.below(2000) - 1000) / pick(random, [1, 8, 3])), word])],
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

/** Streams, made there: what comes back from here must be what it was. */
const STREAMS: Readonly<Record<string, readonly Request[]>> = {
  'of one entry': ['XADD k 1-1 f v'],
  'without entries': ['XADD k 5-5 f v', 'XDEL k 5-5'],
  'of entries with the same fields': many(300, (i) => `XADD k ${1000 + i * 3}-${i % 5} name ${i} city c${i % 7}`),
  'of entries with other fields': many(300, (i) => `XADD k ${1000 + i}-0 ${Array.from({ length: 1 + (i % 4) }, (_, j) => `f${i % 3}${j} ${i * j}`).join(' ')}`),
  'with holes': [...many(250, (i) => `XADD k ${i + 1}-1 a ${i} b x`), ...many(120, (i) => `XDEL k ${i * 2 + 1}-1`), 'XTRIM k MAXLEN 90'],
  'with far IDs': ['XADD k 0-1 f v', 'XADD k 18446744073709551614-18446744073709551615 f v', 'XADD k 18446744073709551615-1 g w', 'XDEL k 0-1'],
  'with long values': [['XADD', 'k', '1-1', 'f', LONG], ['XADD', 'k', '1-2', LONG, ''], ['XADD', 'k', '2-1', '', 'x'.repeat(200)]],
  'with groups': [...many(20, (i) => `XADD k ${i + 1}-0 f ${i}`), 'XGROUP CREATE k g1 0', 'XGROUP CREATE k g2 $', 'XGROUP CREATE k g3 3-0 ENTRIESREAD 3', 'XGROUP CREATECONSUMER k g1 idle', 'XREADGROUP GROUP g1 alice COUNT 5 STREAMS k >',
    'XREADGROUP GROUP g1 bob COUNT 3 STREAMS k >', 'XACK k g1 2-0', 'XCLAIM k g1 bob 0 3-0 TIME 12345 RETRYCOUNT 77', 'XREADGROUP GROUP g3 carol COUNT 100 STREAMS k >', 'XDEL k 4-0', 'XSETID k 99-9 ENTRIESADDED 1000 MAXDELETEDID 50-1'],
}; // prettier-ignore

describe.runIf(RedisOracle.available)('streams beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await dumpOracle();
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(Object.entries(STREAMS))('%s come back as they were', async (_title, requests) => {
    const h = await dumpHarness();
    await oracle.run('FLUSHALL');
    for (const reply of await oracle.runAll(requests)) expect(reply.toString('latin1')).not.toMatch(/^-/);
    const asked: readonly Request[] = ['XRANGE k - +', 'XLEN k', 'XINFO STREAM k FULL COUNT 0'];
    const facts = async (): Promise<string[]> =>
      (await oracle.runAll(asked)).map((reply) =>
        reply.toString('latin1').replace(/radix-tree-(keys|nodes)\r\n:\d+/g, ''),
      );
    const before = await facts();
    const digest = await theirDigest(oracle, 'k');
    for (let round = 0; round < 2; round++) {
      const theirs = bulkOf(await oracle.run('DUMP k'));
      expect(h.text(['RESTORE', 'k', '0', theirs, 'REPLACE'])).toBe('+OK');
      h.shard.check();
      const ours = bulkOf(h.run('DUMP k'));
      expect((await oracle.run(['RESTORE', 'k', '0', ours, 'REPLACE'])).toString('latin1')).toBe('+OK\r\n');
      expect(await theirDigest(oracle, 'k')).toBe(digest);
      expect(await facts()).toEqual(before);
    }
    h.run('FLUSHALL SYNC');
    expect(h.shard.arena.usedBytes).toBe(0);
  });
});

describe('payloads of newer servers', () => {
  it.each(NEWER)('%s', async (_name, bytes, ask, reply) => {
    const h = await dumpHarness();
    for (let round = 0; round < 2; round++) {
      const given = round === 0 ? bytes : bulkOf(h.run('DUMP k'));
      if (given.length <= 3) return; // the key is gone
      expect(h.text(['RESTORE', 'k', '0', given, 'REPLACE'])).toBe('+OK');
      expect(h.text(ask).replaceAll('\r\n', ' ')).toBe(reply);
      h.shard.check();
    }
  });

  it('carry large hashes with deadlines', async () => {
    const h = await dumpHarness();
    h.run(['HSET', 'k', ...many(2000, (i) => `x${i}`)]);
    h.run('HPEXPIREAT k 40000000000000 FIELDS 2 x0 x10');
    h.run('HPEXPIREAT k 39000000000000 FIELDS 1 x20');
    const before = ourDigest(h, 'k');
    expect(h.text(['RESTORE', 'other', '0', bulkOf(h.run('DUMP k'))])).toBe('+OK');
    expect(ourDigest(h, 'other')).toBe(before);
    expect(h.text('HPEXPIRETIME other FIELDS 3 x0 x20 x2')).toBe('*3\r\n:40000000000000\r\n:39000000000000\r\n:-1');
  });
});

describe('broken payloads', () => {
  it.each([...BROKEN, ...REFUSED_HERE])('%s', async (_name, bytes) => {
    const h = await dumpHarness();
    expect(h.text(['RESTORE', 'k', '0', bytes])).toBe('-ERR Bad data format');
    expect(h.shard.arena.usedBytes).toBe(0);
  });
});
