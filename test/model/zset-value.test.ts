// The sorted set value against a sorted array, in both encodings and across the change between them: members, scores, ranks,
// ranges, removal; freeing in slices, moving by the defragmenter, carrying to another shard; nothing left in the arena.

import { describe, expect, it } from 'vitest';
import { GrowingBytes } from '../../src/base/growing-bytes.js';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { ZSET_COMMANDS } from '../../src/commands/zset.js';
import { importValue } from '../../src/shard/import-value.js';
import { exportValue } from '../../src/values/portable.js';
import { must } from '../support/must.js';
import { ShardHarness } from '../support/shard-harness.js';
import { request, TEST_HASH_SEED } from '../support/shards.js';

const COMMANDS = [
  ...ZSET_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...FLUSH_COMMANDS,
  ...OBJECT_COMMANDS,
  ...MEMORY_COMMANDS,
];

function create(entries = 128): Promise<ShardHarness> {
  return ShardHarness.create(COMMANDS, { hashSeed: TEST_HASH_SEED }).then((h) => {
    h.shard.limits.zsetMaxListpackEntries = entries;
    return h;
  });
}

function encoding(h: ShardHarness, key = 'k'): string {
  return h.text(['OBJECT', 'ENCODING', key]).split('\r\n')[1];
}

/** Adds `count` members of 16 bytes with scores at random. */
function fill(h: ShardHarness, key: string, count: number, random: Random = new SeededRandom(5)): void {
  for (let i = 0; i < count; i += 500) {
    const pairs = Array.from({ length: Math.min(500, count - i) }, (_, j) => [
      String(random.below(1_000_000)),
      `m${i + j}`.padEnd(16, '.'),
    ]);
    h.run(['ZADD', key, ...pairs.flat()]);
  }
}

function flushed(h: ShardHarness): void {
  h.shard.check();
  expect(h.text('FLUSHALL SYNC')).toBe('+OK');
  h.shard.check();
  expect(h.shard.arena.usedBytes).toBe(0);
  expect(h.shard.lazyFreePending()).toBe(0);
}

/** What Redis would hold: pairs in order. */
class Model {
  readonly scores = new Map<string, number>();

  get sorted(): [member: string, score: number][] {
    return [...this.scores].sort(([a, x], [b, y]) => x - y || Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }
}

function bulks(values: readonly string[]): string {
  return `*${values.length}${values.map((value) => `\r\n$${value.length}\r\n${value}`).join('')}`;
}

const SCORES = [0, -0, 1, 2, 3, 0.5, -7.25, 1e9, -(2 ** 52), Infinity, -Infinity];

function spell(score: number): string {
  if (Math.abs(score) === Infinity) return score > 0 ? 'inf' : '-inf';
  return String(score);
}

/** One random change or question; the reply must be the model's. */
function step(h: ShardHarness, model: Model, random: Random): void {
  const member = `m${random.below(60)}`;
  const score = random.below(3) === 0 ? SCORES[random.below(SCORES.length)] : random.below(40) - 20;
  const { sorted } = model;
  const at = sorted.findIndex(([one]) => one === member);
  switch (random.below(8)) {
    case 0:
    case 1:
    case 2:
      must(h.text(['ZADD', 'k', spell(score), member]) === `:${at < 0 ? 1 : 0}`, 'ZADD says what was new');
      model.scores.set(member, score);
      return;
    case 3:
      must(h.text(['ZREM', 'k', member]) === `:${at < 0 ? 0 : 1}`, 'ZREM says what was there');
      model.scores.delete(member);
      return;
    case 4:
      must(h.text(['ZRANK', 'k', member]) === (at < 0 ? '$-1' : `:${at}`), 'a rank is the place in order');
      return;
    case 5: {
      const low = score;
      const high = low + random.below(20);
      const within = sorted.filter(([, one]) => one >= low && one <= high).map(([one]) => one);
      must(h.text(['ZRANGEBYSCORE', 'k', spell(low), spell(high)]) === bulks(within), 'a range is what lies within');
      return;
    }
    case 6: {
      const start = random.below(70);
      const stop = start + random.below(4);
      must(h.text(['ZREMRANGEBYRANK', 'k', String(start), String(stop)]).startsWith(':'), 'a range is taken out');
      for (const [one] of sorted.slice(start, stop + 1)) model.scores.delete(one);
      return;
    }
    default:
      must(h.text('ZRANGE k 0 -1') === bulks(sorted.map(([one]) => one)), 'members stand in order');
  }
}

describe('against a sorted array', () => {
  it.each([
    [1, 128],
    [2, 0],
    [3, 20],
    [4, 20],
  ])('seed %i, packed up to %i members', async (seed, entries) => {
    const h = await create(entries);
    const random = new SeededRandom(seed);
    const model = new Model();
    for (let i = 0; i < 4000; i++) {
      step(h, model, random);
      if (i % 200 === 0) h.shard.check();
    }
    expect(h.text('ZCARD k')).toBe(`:${model.scores.size}`);
    flushed(h);
  });
});

describe('large sets', () => {
  it('cost at most 64 bytes for a member of 16', async () => {
    const h = await create();
    const before = h.shard.arena.usedBytes;
    fill(h, 'k', 100_000);
    const perMember = (h.shard.arena.usedBytes - before) / 100_000;
    expect(perMember).toBeLessThan(57);
    const exact = Number(h.text('MEMORY USAGE k SAMPLES 0').slice(1));
    expect(exact / 100_000).toBeGreaterThan(perMember * 0.98);
    expect(exact / 100_000).toBeLessThan(perMember * 1.02);
    expect(Number(h.text('MEMORY USAGE k').slice(1))).toBe(exact);
    flushed(h);
  });

  const ends: readonly (readonly [how: string, ...requests: string[]])[] = [
    ['DEL', 'DEL k'],
    ['overwriting', 'SET k v', 'DEL k'],
    ['storing nothing over it', 'ZUNIONSTORE k 1 none'],
    ['taking all out', 'ZREMRANGEBYRANK k 0 -1'],
    ['FLUSHALL ASYNC', 'FLUSHALL ASYNC'],
  ];
  it.each(ends)('are freed in slices after %s', async (_how, ...requests) => {
    const h = await create();
    fill(h, 'k', 50_000);
    const full = h.shard.arena.usedBytes;
    for (const one of requests) h.run(one);
    expect(h.shard.arena.usedBytes).toBeGreaterThan(full * 0.8);
    expect(h.shard.lazyFreePending()).toBe(1);
    h.shard.check();
    let slices = 0;
    while (h.shard.lazyFree.step()) slices++;
    expect(slices).toBeGreaterThan(50);
    expect(h.shard.arena.usedBytes).toBe(0);
    h.shard.check();
  });

  it('copy, and both go their own way', async () => {
    const h = await create();
    fill(h, 'k', 5000);
    h.run('COPY k copy');
    h.shard.check();
    must(h.run('ZRANGE k 0 -1 WITHSCORES').equals(h.run('ZRANGE copy 0 -1 WITHSCORES')), 'a copy is the same');
    h.run('ZREMRANGEBYRANK copy 10 -1');
    expect(h.text('ZCARD k')).toBe(':5000');
    flushed(h);
  });

  it('are scanned whole while they change', async () => {
    const h = await create();
    fill(h, 'k', 3000);
    const seen = new Set<string>();
    let cursor = '0';
    do {
      const lines = h.text(['ZSCAN', 'k', cursor, 'COUNT', '50']).split('\r\n');
      cursor = lines[2];
      for (let i = 5; i < lines.length; i += 4) seen.add(lines[i]);
      h.run(['ZADD', 'k', '5', `other ${seen.size}`]);
      h.run(['ZREM', 'k', `other ${seen.size - 200}`]);
    } while (cursor !== '0');
    for (let i = 0; i < 3000; i++) must(seen.has(`m${i}`.padEnd(16, '.')), 'a member that stays is seen');
    flushed(h);
  });
});

describe('the defragmenter', () => {
  it('moves members and nodes and leaves them right', async () => {
    const h = await create();
    const random = new SeededRandom(9);
    fill(h, 'big', 200_000);
    for (let i = 0; i < 3000; i++) fill(h, `k${i}`, 1 + random.below(150), random);
    for (let i = 0; i < 200_000; i++) {
      if (random.below(6) !== 0) h.run(['ZREM', 'big', `m${i}`.padEnd(16, '.')]);
    }
    for (let i = 0; i < 3000; i++) if (random.below(4) !== 0) h.run(`DEL k${i}`);
    h.shard.lazyFree.finish();
    const kept = h.run('ZRANGE big 0 -1 WITHSCORES');
    const { shard } = h;
    for (let cycle = 0; cycle < 3000 && shard.idleMs() < Infinity; cycle++) {
      h.clock.advance(10);
      shard.tick();
      shard.background(500);
    }
    expect(shard.defragMoved).toBeGreaterThan(300);
    shard.check();
    must(h.run('ZRANGE big 0 -1 WITHSCORES').equals(kept), 'a moved set reads as before');
    flushed(h);
  });
});

describe('the portable form', () => {
  it.each([128, 0])('carries sets to another shard, packed up to %i', async (entries) => {
    const from = await create(entries);
    const to = await create();
    from.run(['ZADD', 'small', '1', 'a', '2.5', '', '-inf', '12', 'inf', 'x'.repeat(50), '9007199254740993', 'big']);
    fill(from, 'large', 3000);
    const sink = new GrowingBytes(64);
    for (const key of ['small', 'large']) {
      sink.clear();
      const db = from.shard.dbs[0];
      sink.appendWord(0);
      exportValue(db.arena, db.peek(request(key), 1), sink);
      importValue(to.shard.dbs[0], request(key), 1, sink.bytes, 4, sink.length);
      must(
        to.run(['ZRANGE', key, '0', '-1', 'WITHSCORES']).equals(from.run(['ZRANGE', key, '0', '-1', 'WITHSCORES'])),
        key,
      );
      expect(encoding(to, key)).toBe(encoding(from, key));
      to.shard.check();
    }
    to.run('ZADD small 3 more');
    flushed(to);
    flushed(from);
  });
});
