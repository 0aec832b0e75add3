// Sets in a database: the encoding after every way to make one, as Redis has it from 7.2 on; random members; what large sets
// cost, and that they go away in slices; the defragmenter. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SET_COMMANDS } from '../../src/commands/set.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { must } from '../support/must.js';
import type { Request } from '../support/requests.js';
import { parseReply } from '../support/resp-tree.js';
import { ShardHarness } from '../support/shard-harness.js';
import { request, TEST_HASH_SEED } from '../support/shards.js';

const COMMANDS = [
  ...SET_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...OBJECT_COMMANDS,
  ...MEMORY_COMMANDS,
  ...FLUSH_COMMANDS,
];

function create(): Promise<ShardHarness> {
  return ShardHarness.create(COMMANDS, { hashSeed: TEST_HASH_SEED });
}

function encoding(h: ShardHarness, key = 'k'): string {
  return h.text(['OBJECT', 'ENCODING', key]).split('\r\n')[1];
}

function members(h: ShardHarness, asked: Request): string[] {
  return parseReply(h.run(asked)).items.map(({ content }) => content ?? '');
}

/** Words, or numbers with an empty prefix, from `from` on. */
function some(count: number, prefix = 'w', from = 0): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${from + i}`);
}

function add(h: ShardHarness, key: string, words: readonly string[]): void {
  for (let i = 0; i < words.length; i += 50) h.run(['SADD', key, ...words.slice(i, i + 50)]);
}

function flushed(h: ShardHarness): void {
  h.shard.check();
  expect(h.text('FLUSHALL SYNC')).toBe('+OK');
  h.shard.check();
  expect(h.shard.arena.usedBytes).toBe(0);
  expect(h.shard.lazyFreePending()).toBe(0);
}

describe('the encoding', () => {
  const cases: readonly (readonly [what: string, encoding: string, ...requests: Request[]])[] = [
    ['a number', 'intset', 'SADD k 1'],
    ['the least and greatest number', 'intset', 'SADD k 9223372036854775807 -9223372036854775808'],
    ['what is no number', 'listpack', 'SADD k 1 01'],
    ['a word first', 'listpack', 'SADD k a 1 2'],
    ['512 numbers', 'intset', ['SADD', 'k', ...some(512, '')]],
    ['one number more', 'hashtable', ['SADD', 'k', ...some(512, '')], 'SADD k 1000'],
    ['a number that is there', 'intset', ['SADD', 'k', ...some(512, '')], 'SADD k 7'],
    ['more arguments than numbers are allowed', 'hashtable', ['SADD', 'k', ...new Array<string>(513).fill('1')]],
    ['128 words', 'listpack', ['SADD', 'k', ...some(128)]],
    ['one word more', 'hashtable', ['SADD', 'k', ...some(128)], 'SADD k x'],
    ['a word that is there', 'listpack', ['SADD', 'k', ...some(128)], 'SADD k w7'],
    ['more arguments than words are allowed', 'hashtable', ['SADD', 'k', ...new Array<string>(129).fill('a')]],
    ['the same announced to a small set', 'hashtable', 'SADD k a', ['SADD', 'k', ...new Array<string>(129).fill('a')]],
    ['numbers announced to a small set', 'intset', 'SADD k 1', ['SADD', 'k', ...new Array<string>(512).fill('1')]],
    ['a member of 64 bytes', 'listpack', ['SADD', 'k', 'x'.repeat(64)]],
    ['a member of 65 bytes', 'hashtable', ['SADD', 'k', 'x'.repeat(65)]],
    ['a long member among numbers', 'hashtable', 'SADD k 1 2', ['SADD', 'k', 'x'.repeat(65)]],
    ['a word among 127 numbers', 'listpack', ['SADD', 'k', ...some(127, '')], 'SADD k x'],
    ['a word among 128 numbers', 'hashtable', ['SADD', 'k', ...some(128, '')], 'SADD k x'],
    ['a set that shrank', 'hashtable', ['SADD', 'k', ...some(200)], ['SREM', 'k', ...some(199)]],
    ['numbers whose word has gone', 'listpack', 'SADD k 1 x', 'SREM k x'],
    ['the target of SMOVE', 'intset', 'SADD a 1 x', 'SMOVE a k 1'],
    ['the target of SMOVE, a word', 'listpack', 'SADD a 1 x', 'SMOVE a k x'],
    ['SINTERSTORE of numbers among words', 'intset', 'SADD a 1 2 x', 'SADD b 1 2 y', 'SINTERSTORE k a b'],
    ['SINTERSTORE of words', 'listpack', 'SADD a 1 2 x', 'SADD b 1 2 x', 'SINTERSTORE k a b'],
    ['SINTERSTORE of 300 numbers', 'intset', ['SADD', 'a', 'x', ...some(300, '')], ['SADD', 'b', 'y', ...some(300, '')], 'SINTERSTORE k a b'],
    ['SINTERSTORE of 600 numbers', 'hashtable', ['SADD', 'a', 'x', ...some(600, '')], ['SADD', 'b', 'y', ...some(600, '')], 'SINTERSTORE k a b'],
    ['SINTERSTORE of 129 words', 'hashtable', ['SADD', 'a', ...some(129)], 'SINTERSTORE k a a'],
    ['SINTERSTORE of 128 words', 'listpack', ['SADD', 'a', ...some(200)], ['SADD', 'b', ...some(128)], 'SINTERSTORE k a b'],
    ['SUNIONSTORE of numbers', 'intset', 'SADD a 1 2', 'SADD b 3', 'SUNIONSTORE k a b'],
    ['SUNIONSTORE of words', 'listpack', 'SADD a 1 2', 'SADD b 3 x', 'SUNIONSTORE k a b'],
    ['SUNIONSTORE of many', 'hashtable', ['SADD', 'a', ...some(100)], ['SADD', 'b', ...some(29, 'v')], 'SUNIONSTORE k a b'],
    ['SDIFFSTORE of numbers', 'intset', 'SADD a 1 2 x', 'SADD b x', 'SDIFFSTORE k a b'],
    ['SDIFFSTORE by taking out of many', 'hashtable', ['SADD', 'a', ...some(150)], ['SADD', 'b', ...some(30)], 'SDIFFSTORE k a b b b b b b'],
    ['SPOP of a few', 'hashtable', ['SADD', 'k', ...some(200)], 'SPOP k 100'],
    ['SPOP of nearly all', 'listpack', ['SADD', 'k', ...some(200)], 'SPOP k 190'],
    ['SPOP of nearly all, many left', 'hashtable', ['SADD', 'k', ...some(1200)], 'SPOP k 1001'],
    ['SPOP of numbers', 'intset', ['SADD', 'k', ...some(200, '')], 'SPOP k 190'],
    ['COPY', 'hashtable', ['SADD', 'a', ...some(200)], 'COPY a k'],
  ]; // prettier-ignore
  it.each(cases)('%s: %s', async (_what, expected, ...requests) => {
    const h = await create();
    for (const one of requests) h.run(one);
    expect(encoding(h)).toBe(expected);
    flushed(h);
  });

  it('follows the limits as they change', async () => {
    const h = await create();
    h.run('SADD k 1 2 3');
    h.run('SADD w a b c');
    h.shard.limits.setMaxIntsetEntries = 3;
    h.shard.limits.setMaxListpackEntries = 3;
    expect(encoding(h)).toBe('intset');
    h.run('SADD k 4');
    h.run('SADD w d');
    expect([encoding(h), encoding(h, 'w')]).toEqual(['hashtable', 'hashtable']);
    h.shard.limits.setMaxIntsetEntries = 512;
    h.run('SADD k 5');
    expect(encoding(h)).toBe('hashtable');
    h.shard.limits.setMaxListpackValue = 2;
    h.run('SADD v 123');
    h.run('SADD v x');
    expect(encoding(h, 'v')).toBe('hashtable');
    flushed(h);
  });
});

describe('random members', () => {
  const sets: readonly (readonly [form: string, words: string[]])[] = [
    ['intset', some(100, '')],
    ['listpack', some(100)],
    ['hashtable', some(1000)],
  ];

  it.each(sets)('SPOP takes each member of a %s out once', async (form, words) => {
    const h = await create();
    for (const step of [1, 2, 3, 7, 50, 99, 830]) {
      if (step >= words.length) continue;
      add(h, 'k', words);
      expect(encoding(h)).toBe(form);
      const popped: string[] = [];
      while (h.text('EXISTS k') === ':1') {
        const some = members(h, ['SPOP', 'k', String(step)]);
        must(some.length === step || h.text('EXISTS k') === ':0', 'as many as asked for, or the last');
        popped.push(...some);
        h.shard.check();
      }
      expect(popped.sort()).toEqual([...words].sort());
      h.shard.lazyFree.finish();
      expect(h.shard.arena.usedBytes).toBe(0);
    }
  });

  it.each(sets)('SRANDMEMBER gives different members of a %s', async (form, words) => {
    const h = await create();
    add(h, 'k', words);
    expect(encoding(h)).toBe(form);
    for (const count of [1, 2, 10, 33, 50, 99, words.length - 1, words.length, words.length + 5]) {
      const sample = members(h, ['SRANDMEMBER', 'k', String(count)]);
      expect(new Set(sample).size).toBe(Math.min(count, words.length));
      expect(sample.length).toBe(Math.min(count, words.length));
      for (const word of sample) must(words.includes(word), 'a member of the set');
    }
    expect(members(h, ['SRANDMEMBER', 'k', '-3000']).length).toBe(3000);
    expect(h.text('SRANDMEMBER k -9223372036854775807')).toMatch(/^-ERR the reply is longer/);
    expect(h.text('SCARD k')).toBe(`:${words.length}`);
    flushed(h);
  });

  /** How often each member comes up, against all being alike (chi-square; its mean is n - 1, its variance 2 (n - 1)). */
  const draws: readonly (readonly [name: string, make: (n: number) => Request, perRound: (n: number) => number])[] = [
    ['SRANDMEMBER', () => 'SRANDMEMBER k', () => 1],
    ['SRANDMEMBER of a tenth', (n) => ['SRANDMEMBER', 'k', String(n / 10)], (n) => n / 10],
    ['SRANDMEMBER of half', (n) => ['SRANDMEMBER', 'k', String(n / 2)], (n) => n / 2],
    ['SRANDMEMBER with repetition', (n) => ['SRANDMEMBER', 'k', String(-n)], (n) => n],
    ['SPOP', () => 'SPOP k', () => 1],
    ['SPOP of a tenth', (n) => ['SPOP', 'k', String(n / 10)], (n) => n / 10],
    ['SPOP of nine tenths', (n) => ['SPOP', 'k', String((n * 9) / 10)], (n) => (n * 9) / 10],
  ];
  describe.each(sets)('of a %s', (_form, words) => {
    it.each(draws)('%s: all are as likely', async (_name, make, perRound) => {
      const h = await create();
      const n = words.length;
      const rounds = Math.ceil((n * 40) / perRound(n));
      const counts = new Map<string, number>(words.map((word) => [word, 0]));
      add(h, 'k', words);
      for (let round = 0; round < rounds; round++) {
        const reply = parseReply(h.run(make(n)));
        const drawn = reply.content === undefined ? reply.items.map(({ content }) => content ?? '') : [reply.content];
        for (const word of drawn) counts.set(word, (counts.get(word) ?? NaN) + 1);
        if (h.text('SCARD k') !== `:${n}`) h.run(['SADD', 'k', ...drawn]);
      }
      const expected = (rounds * perRound(n)) / n;
      let sum = 0;
      for (const count of counts.values()) sum += (count - expected) ** 2 / expected;
      expect(sum).toBeLessThan(n - 1 + 5 * Math.sqrt(2 * (n - 1)));
      flushed(h);
    });
  });
});

describe('SSCAN', () => {
  it('gives every member that stays once or more, whatever comes and goes, by all forms that the set takes', async () => {
    const h = await create();
    const kept = some(100, 'kept');
    add(h, 'k', kept);
    const met = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, given] = parseReply(h.run(['SSCAN', 'k', cursor, 'COUNT', '7'])).items;
      for (const { content } of given.items) met.add(content ?? '');
      cursor = next.content ?? '';
      if (round < 20) add(h, 'k', some(100, 'more', round * 100));
      else h.run(['SREM', 'k', ...some(150, 'more', (round - 20) * 150)]);
      round++;
    } while (cursor !== '0');
    for (const word of kept) must(met.has(word), 'a member that stays is given');
    flushed(h);
  });

  it('gives a large set piece by piece, each member once', async () => {
    const h = await create();
    const words = some(5000);
    add(h, 'k', words);
    const given: string[] = [];
    let cursor = '0';
    let calls = 0;
    do {
      const [next, found] = parseReply(h.run(['SSCAN', 'k', cursor, 'COUNT', '100'])).items;
      must(found.items.length < 300, 'a call gives about as many as asked for');
      given.push(...found.items.map(({ content }) => content ?? ''));
      cursor = next.content ?? '';
      calls++;
    } while (cursor !== '0');
    expect(calls).toBeGreaterThan(20);
    expect(given.sort()).toEqual([...words].sort());
    flushed(h);
  });
});

describe('large sets', () => {
  const COUNT = 200_000;
  const fill = (h: ShardHarness, key: string): void => {
    for (let i = 0; i < COUNT; i += 1000) h.run(['SADD', key, ...some(1000, 'm', 100_000_000_000_000 + i)]);
  };

  it('cost at most 34 bytes for a member of 16', async () => {
    const h = await create();
    fill(h, 'k');
    expect(h.shard.arena.usedBytes / COUNT).toBeLessThan(34);
    const said = Number(h.text('MEMORY USAGE k SAMPLES 0').slice(1));
    expect(Math.abs(said - h.shard.arena.usedBytes)).toBeLessThan(1000);
    expect(Math.abs(Number(h.text('MEMORY USAGE k').slice(1)) - said)).toBeLessThan(said / 50);
    flushed(h);
  });

  const ends: readonly (readonly [how: string, ...requests: string[]])[] = [
    ['DEL', 'DEL k'],
    ['UNLINK', 'UNLINK k'],
    ['overwriting', 'SET k v', 'DEL k'],
    ['renaming over it', 'SET n v', 'RENAME n k', 'DEL k'],
    ['COPY over it', 'SET n v', 'COPY n k REPLACE', 'DEL k n'],
    ['storing over it', 'SADD n 1', 'SUNIONSTORE k n', 'DEL k n'],
    ['storing nothing', 'SINTERSTORE k k none'],
    ['SPOP of nearly all', 'SPOP k 199999', 'DEL k'],
    ['SPOP of all', 'SPOP k 200000'],
    ['FLUSHALL ASYNC', 'FLUSHALL ASYNC'],
  ];
  it.each(ends)('are freed in slices after %s', async (_how, ...requests) => {
    const h = await create();
    fill(h, 'k');
    const { shard } = h;
    for (const one of requests) h.run(one);
    expect(shard.arena.blockCount).toBeGreaterThan(COUNT);
    expect(shard.lazyFreePending()).toBe(1);
    expect(shard.idleMs()).toBe(0);
    shard.check();
    h.run('SADD other 1 a');
    let slices = 0;
    let most = 0;
    for (let more = true; more; slices++) {
      const before = shard.arena.blockCount;
      more = shard.lazyFree.step();
      most = Math.max(most, before - shard.arena.blockCount);
    }
    // A slice is 256 blocks, and ends with the partition of the dict that it is in.
    expect(most).toBeLessThan(1024);
    expect(slices).toBeGreaterThan(COUNT / 1024);
    expect(shard.lazyFreePending()).toBe(0);
    h.run('DEL other');
    expect(shard.arena.usedBytes).toBe(0);
    shard.check();
  });

  it('are freed in slices when they expire', async () => {
    const h = await create();
    fill(h, 'k');
    h.shard.dbs[0].setExpireAt(request('k'), 1, h.clock.nowMs() + 5);
    h.clock.advance(10);
    expect(h.text('EXISTS k')).toBe(':0');
    expect(h.shard.lazyFreePending()).toBe(1);
    expect(h.shard.arena.blockCount).toBeGreaterThan(COUNT);
    h.shard.lazyFree.finish();
    expect(h.shard.arena.usedBytes).toBe(0);
  });
});

describe('the defragmenter', () => {
  it('moves sets and their members and leaves them right', async () => {
    const h = await create();
    const random = new SeededRandom(9);
    const kept = new Map<string, string[]>();
    for (let i = 0; i < 20_000; i++) {
      const words = some(i % 50 === 0 ? 300 : 1 + random.below(30), i % 3 === 0 ? `${i}` : `value-${i}-`);
      h.run(['SADD', `k${i}`, ...words]);
      kept.set(`k${i}`, words);
    }
    for (const key of [...kept.keys()]) {
      if (random.below(8) === 0) continue;
      h.run(`DEL ${key}`);
      kept.delete(key);
    }
    const { shard } = h;
    shard.lazyFree.finish();
    const before = shard.arena.sparseBytes;
    for (let cycle = 0; cycle < 2000 && shard.idleMs() < Infinity; cycle++) {
      h.clock.advance(10);
      shard.tick();
      shard.background(500);
    }
    expect(shard.defragMoved).toBeGreaterThan(500);
    expect(shard.arena.sparseBytes).toBeLessThan(before / 2);
    shard.check();
    for (const [key, words] of kept) {
      expect(members(h, ['SMEMBERS', key]).sort()).toEqual([...words].sort());
    }
    flushed(h);
  });
});
