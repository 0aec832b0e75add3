// Payloads with random damage and a checksum that fits it: RESTORE takes them or refuses them, nothing else. What it takes is
// whole, what it refuses leaves nothing behind.

import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { RDB } from '../../src/persistence/rdb/rdb-format.js';
import { dumpHarness, bulkOf, ourDigest } from '../support/dump-twin.js';
import {
  length,
  listpack,
  payload,
  sealed,
  string,
  strings,
  ziplist,
  zipmap,
  intset,
  double,
  int64,
} from '../support/payloads.js';
import type { ShardHarness } from '../support/shard-harness.js';
import type { Request } from '../support/requests.js';

const FOOTER_BYTES = 10;
const ROUNDS = 6000;
const WORDS = [
  '',
  'a',
  'b',
  '12',
  '300',
  '-70000',
  '9223372036854775807',
  'x'.repeat(70),
  'repeated '.repeat(20),
  '1.5',
];

/** Requests that make the key `k` of our own. */
const MADE: readonly Request[] = [
  ['SET', 'k', 'x'.repeat(500)],
  ['RPUSH', 'k', ...WORDS],
  ['RPUSH', 'k', ...Array.from({ length: 2000 }, (_, i) => `item-${i}`)],
  ['RPUSH', 'k', 'L'.repeat(9000), 'a'],
  ['SADD', 'k', '1', '2', '70000'],
  ['SADD', 'k', ...WORDS],
  ['SADD', 'k', ...Array.from({ length: 600 }, (_, i) => `member-${i}`)],
  ['HSET', 'k', ...WORDS],
  ['HSET', 'k', ...Array.from({ length: 1200 }, (_, i) => `word-${i}`)],
  ['ZADD', 'k', '1', 'a', '2.5', 'b', '-inf', 'c'],
  ['ZADD', 'k', ...Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? String(i / 7) : `member-${i}`))],
];

/** Forms of other servers. */
const FORMS: readonly Buffer[] = [
  payload(RDB.list, strings(WORDS)),
  payload(RDB.listZiplist, string(ziplist(WORDS))),
  payload(RDB.quicklist, strings([ziplist(WORDS), ziplist(['a'])])),
  payload(RDB.quicklist2, Buffer.concat([length(2), length(2), string(listpack(WORDS)), length(1), string('plain')])),
  payload(RDB.set, strings(WORDS)),
  payload(RDB.setIntset, string(intset([-5n, 1n, 70000n]))),
  payload(RDB.setListpack, string(listpack(WORDS))),
  payload(RDB.hash, Buffer.concat([length(2), ...['a', 'b', 'c', 'd'].map(string)])),
  payload(RDB.hashZipmap, string(zipmap(['a', '1', 'b', '2'], 3))),
  payload(RDB.hashZiplist, string(ziplist(['a', '1', 'b', '2']))),
  payload(RDB.hashListpack, string(listpack(['a', '1', 'b', '2']))),
  payload(RDB.zset, Buffer.concat([length(1), string('a'), string('1.5')])),
  payload(RDB.zset2, Buffer.concat([length(2), string('a'), double(1.5), string('b'), double(-2)])),
  payload(RDB.zsetZiplist, string(ziplist(['a', '1', 'b', '2']))),
  payload(
    RDB.hashListpackEx,
    Buffer.concat([int64(40_000_000_000_000n), string(listpack(['a', '1', '40000000000000', 'b', '2', '0']))]),
  ),
  payload(
    RDB.hashMetadata,
    Buffer.concat([
      int64(40_000_000_000_000n),
      length(2),
      length(1),
      string('a'),
      string('1'),
      length(0),
      string('b'),
      string('2'),
    ]),
  ),
  payload(RDB.zsetListpack, string(listpack(['a', '1', 'b', '2.5']))),
];

/** A stream of three entries, one deleted, with a group of two consumers. */
function streamPayload(kind: number): Buffer {
  const id = (ms: number, seq: number): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.writeUInt32BE(ms, 4);
    bytes.writeUInt32BE(seq, 12);
    return bytes;
  };
  const entries = [
    '2',
    '1',
    '1',
    'f',
    '0',
    '2',
    '0',
    '0',
    'v',
    '4',
    '3',
    '1',
    '0',
    'w',
    '4',
    '0',
    '2',
    '7',
    '1',
    'g',
    'x',
    '6',
  ];
  const rest = kind === RDB.stream ? [] : [length(1), length(1), length(2), length(1), length(3)];
  const read = kind === RDB.stream ? [] : [length(2)];
  const times = kind === RDB.stream3 ? [int64(5n), int64(6n)] : [int64(5n)];
  return payload(
    kind,
    Buffer.concat([
      ...[length(1), string(id(1, 1)), string(listpack(entries))],
      ...[length(2), length(3), length(8), ...rest],
      ...[length(1), string('group'), length(3), length(8), ...read],
      ...[length(2), id(1, 1), int64(77n), length(1), id(3, 8), int64(78n), length(2)],
      ...[length(2), string('alice'), ...times, length(1), id(1, 1), string('bob'), ...times, length(1), id(3, 8)],
    ]),
  );
}

const STREAMS: readonly Buffer[] = [RDB.stream, RDB.stream2, RDB.stream3].map(streamPayload);

/** The body with a few bytes changed, cut out, repeated or put in. */
function damaged(random: Random, body: Buffer): Buffer {
  let bytes = Buffer.from(body);
  for (let n = 1 + random.below(4); n > 0; n--) {
    const at = random.below(Math.min(bytes.length, random.below(3) === 0 ? 12 : bytes.length));
    const some = 1 + random.below(4);
    switch (random.below(6)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] ^= 1 << random.below(8);
        break;
      case 2:
        bytes[at] = [0, 1, 0x7f, 0x80, 0x81, 0xc3, 0xf0, 0xfe, 0xff][random.below(9)];
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + some)]);
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at + some), bytes.subarray(at)]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.alloc(some, random.below(256)), bytes.subarray(at)]);
    }
    if (bytes.length === 0) return Buffer.from([random.below(30)]);
  }
  return bytes;
}

/** Restores damaged forms of `seeds`; returns how many were taken. */
function hammer(h: ShardHarness, random: Random, seeds: readonly Buffer[], rounds: number): number {
  let taken = 0;
  h.shard.activeExpire = false;
  for (let round = 0; round < rounds; round++) {
    const body = seeds[random.below(seeds.length)];
    const bytes = sealed(Buffer.concat([damaged(random, body.subarray(0, -FOOTER_BYTES)), Buffer.from([10, 0])]));
    const reply = h.text(['RESTORE', 'k', '0', bytes]);
    if (reply === '+OK') {
      taken++;
      h.shard.check();
      // What it holds can be read, given to others, and taken back.
      const isStream = h.text('TYPE k') === '+stream';
      const told = (key: string): string => (isStream ? h.run(['DUMP', key]).toString('hex') : ourDigest(h, key));
      const digest = told('k');
      expect(h.text(['RESTORE', 'again', '0', bulkOf(h.run('DUMP k')), 'REPLACE'])).toBe('+OK');
      expect(told('again')).toBe(digest);
      h.run('DEL k again');
    } else {
      expect(reply).toBe('-ERR Bad data format');
    }
    h.shard.lazyFree.finish();
    if (h.shard.arena.usedBytes !== 0) expect.fail(`round ${round} leaves something behind`);
  }
  return taken;
}

describe('damaged payloads', () => {
  it.each([1, 2, 3])('of our own, seed %i', async (seed) => {
    const h = await dumpHarness();
    const seeds = MADE.map((request) => {
      h.runAll('DEL k', request);
      return Buffer.from(bulkOf(h.run('DUMP k')));
    });
    h.run('DEL k');
    h.shard.lazyFree.finish();
    expect(hammer(h, new SeededRandom(seed), seeds, ROUNDS / 6)).toBeGreaterThan(0);
  });

  it.each([1, 2, 3])('of all forms, seed %i', async (seed) => {
    expect(hammer(await dumpHarness(), new SeededRandom(seed + 10), FORMS, ROUNDS)).toBeGreaterThan(0);
  });

  it.each([1, 2, 3])('of streams, seed %i', async (seed) => {
    const h = await dumpHarness();
    for (const one of STREAMS) {
      expect(h.text(['RESTORE', 'k', '0', one])).toBe('+OK');
      h.run('DEL k');
    }
    expect(hammer(h, new SeededRandom(seed + 20), STREAMS, ROUNDS / 2)).toBeGreaterThan(0);
  });
});
