// Hashes in a database beside a Map with deadlines: any commands in any encoding, what happens to fields whose time has
// passed, large hashes that go away, moves by the defragmenter, copies, the portable form. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/base/bytes.js';
import { GrowingBytes } from '../../src/base/growing-bytes.js';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { DUMP_COMMANDS } from '../../src/commands/dump.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { HASH_COMMANDS } from '../../src/commands/hash.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { importValue } from '../../src/shard/import-value.js';
import { Arena } from '../../src/memory/arena.js';
import { entryKind } from '../../src/structures/entry.js';
import { PackedList, StagedElement } from '../../src/structures/packed-list.js';
import { INLINE_HASH_KIND, INLINE_LIST_BYTES_MAX, PACKED_HASH_KIND } from '../../src/values/hash.js';
import { exportValue } from '../../src/values/portable.js';
import { must } from '../support/must.js';
import type { Request } from '../support/requests.js';
import { respValue, type RespValue } from '../support/resp-value.js';
import { ShardHarness } from '../support/shard-harness.js';
import { request, TEST_HASH_SEED } from '../support/shards.js';

const COMMANDS = [
  ...HASH_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...DUMP_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
  ...MEMORY_COMMANDS,
  ...FLUSH_COMMANDS,
];

async function create(entries = 512, value = 64): Promise<ShardHarness> {
  const h = await ShardHarness.create(COMMANDS, { hashSeed: TEST_HASH_SEED });
  h.shard.limits.hashMaxListpackEntries = entries;
  h.shard.limits.hashMaxListpackValue = value;
  return h;
}

function encoding(h: ShardHarness, key = 'k'): string {
  return h.text(['OBJECT', 'ENCODING', key]).split('\r\n')[1];
}

function value(h: ShardHarness, asked: Request): RespValue {
  return respValue(h.run(asked));
}

function flushed(h: ShardHarness): void {
  h.shard.check();
  expect(h.text('FLUSHALL SYNC')).toBe('+OK');
  h.shard.check();
  expect(h.shard.arena.usedBytes).toBe(0);
  expect(h.shard.lazyFreePending()).toBe(0);
  expect(h.counters.subexpiry[0]).toBe(0);
  expect(h.counters.expires[0]).toBe(0);
}

function advance(h: ShardHarness, ms: number): void {
  h.clock.advance(ms);
  h.shard.tick();
}

/** Runs background work until there is none. */
function settleBackground(h: ShardHarness): void {
  for (let i = 0; i < 2000 && h.shard.idleMs() < Infinity; i++) {
    advance(h, 50);
    h.shard.background(1000);
  }
}

/** Makes a packed hash of many fields at once: one by one, each would be looked for among all before it. */
function importPacked(h: ShardHarness, key: string, fields: number): void {
  const list = new PackedList(new Arena());
  const element = new StagedElement();
  list.create(0);
  for (let i = 0; i < 2 * fields; i++) {
    const text = bytesOf(i % 2 === 0 ? `f${i / 2}` : 'v');
    element.stage(text, 0, text.length);
    list.append(element);
  }
  const sink = new GrowingBytes(64);
  const content = { bytes: sink.bytes, start: 0, end: 0 };
  list.readAll(content);
  sink.appendWord(PACKED_HASH_KIND);
  sink.appendWord(list.count);
  sink.append(content.bytes, content.start, content.end);
  importValue(h.shard.dbs[0], request(key), 1, sink.bytes, 0, sink.length);
}

// ---------------------------------------------------------------------- beside a Map

interface Field {
  value: string;
  /** Infinity: none. */
  deadline: number;
}

/** The hashes of some keys, as they should be. */
class Model {
  readonly hashes = new Map<string, Map<string, Field>>();

  /** The hash as it is at `nowMs`: what has passed is gone. */
  at(key: string, nowMs: number): Map<string, Field> {
    const hash = this.hashes.get(key) ?? new Map<string, Field>();
    for (const [name, { deadline }] of hash) if (deadline < nowMs) hash.delete(name);
    return hash;
  }

  put(key: string, hash: Map<string, Field>): void {
    if (hash.size === 0) this.hashes.delete(key);
    else this.hashes.set(key, hash);
  }
}

const KEYS = ['k', 'l', 'm'];
const FIELDS = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? String(i) : `field-${i}`));

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)];
}

function anyValue(random: Random): string {
  const kind = random.below(4);
  if (kind === 0) return String(random.below(100_000) - 50_000);
  return 'v'.repeat(random.below(kind === 1 ? 300 : 12));
}

/** One random command on both; fails when they answer differently. */
function step(h: ShardHarness, model: Model, random: Random): void {
  const now = h.clock.nowMs();
  const key = pick(random, KEYS);
  const field = pick(random, FIELDS);
  const hash = model.at(key, now);
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2: {
      const names = [field, pick(random, FIELDS), pick(random, FIELDS)];
      const values = names.map(() => anyValue(random));
      const isNew = new Set(names.filter((name) => !hash.has(name))).size;
      expect(value(h, ['HSET', key, ...names.flatMap((name, i) => [name, values[i]])])).toBe(isNew);
      names.forEach((name, i) => hash.set(name, { value: values[i], deadline: Infinity }));
      break;
    }
    case 3: {
      const expected = hash.has(field) ? 1 : 0;
      expect(value(h, ['HDEL', key, field])).toBe(expected);
      hash.delete(field);
      break;
    }
    case 4:
    case 5: {
      const deadline = now + random.below(400) - 20;
      const had = hash.get(field);
      const expected = had === undefined ? -2 : deadline <= now ? 2 : 1;
      expect(value(h, ['HPEXPIREAT', key, String(deadline), 'FIELDS', '1', field])).toEqual([expected]);
      if (expected === 2) hash.delete(field);
      else if (had !== undefined) had.deadline = deadline;
      break;
    }
    case 6: {
      const had = hash.get(field);
      const expected = had === undefined ? -2 : had.deadline === Infinity ? -1 : 1;
      expect(value(h, ['HPERSIST', key, 'FIELDS', '1', field])).toEqual([expected]);
      if (had !== undefined) had.deadline = Infinity;
      break;
    }
    case 7: {
      const had = hash.get(field);
      const kept = anyValue(random);
      expect(value(h, ['HSETEX', key, 'KEEPTTL', 'FIELDS', '1', field, kept])).toBe(1);
      hash.set(field, { value: kept, deadline: had?.deadline ?? Infinity });
      break;
    }
    case 8: {
      const other = pick(random, KEYS);
      const copied = hash.size > 0 && other !== key;
      if (other !== key) {
        expect(value(h, ['COPY', key, other, 'REPLACE'])).toBe(copied ? 1 : 0);
        if (copied) model.put(other, new Map([...hash].map(([name, was]) => [name, { ...was }])));
      }
      break;
    }
    case 9: {
      const other = pick(random, KEYS);
      if (hash.size > 0 && other !== key) {
        expect(h.text(['RENAME', key, other])).toBe('+OK');
        model.put(other, hash);
        model.put(key, new Map());
        return;
      }
      break;
    }
    case 10:
      h.clock.advance(random.below(60));
      h.shard.tick();
      if (random.below(3) === 0) h.shard.background(1000);
      break;
    default:
      expect(value(h, ['HPEXPIRETIME', key, 'FIELDS', '1', field])).toEqual([
        hash.has(field) ? (hash.get(field)?.deadline === Infinity ? -1 : hash.get(field)?.deadline) : -2,
      ]);
  }
  model.put(key, hash);
}

/** Compares everything that can be seen of every hash. */
function compareAll(h: ShardHarness, model: Model): void {
  for (const key of KEYS) {
    const hash = model.at(key, h.clock.nowMs());
    model.put(key, hash);
    expect(value(h, ['EXISTS', key])).toBe(hash.size > 0 ? 1 : 0);
    expect(value(h, ['HLEN', key])).toBe(hash.size);
    const flat = value(h, ['HGETALL', key]) as string[];
    const seen = new Map<string, string>();
    for (let i = 0; i < flat.length; i += 2) seen.set(flat[i], flat[i + 1]);
    expect(seen).toEqual(new Map([...hash].map(([name, was]) => [name, was.value])));
    expect((value(h, ['HKEYS', key]) as string[]).sort()).toEqual([...hash.keys()].sort());
    expect((value(h, ['HVALS', key]) as string[]).sort()).toEqual([...hash.values()].map((was) => was.value).sort());
    const [, scanned] = value(h, ['HSCAN', key, '0', 'COUNT', '1000', 'NOVALUES']) as [string, string[]];
    expect(scanned.sort()).toEqual([...hash.keys()].sort());
    const random = value(h, ['HRANDFIELD', key, '100']) as string[];
    expect(random.sort()).toEqual([...hash.keys()].sort());
  }
}

describe.each([
  ['packed', 512, 1000],
  ['tables from nine fields on', 8, 1000],
  ['tables from long values on', 512, 64],
  ['tables', 0, 64],
] as const)('beside a map: %s', (_title, entries, longest) => {
  it.each([1, 2, 3])('seed %i', async (seed) => {
    const h = await create(entries, longest);
    const model = new Model();
    const random = new SeededRandom(seed);
    for (let i = 0; i < 1500; i++) {
      step(h, model, random);
      if (i % 50 !== 0) continue;
      h.shard.check();
      compareAll(h, model);
    }
    flushed(h);
  });
});

// ---------------------------------------------------------------------- deadlines

describe('fields whose time has passed', () => {
  it.each([512, 0])('are seen by nobody, whoever looks first (up to %i fields packed)', async (entries) => {
    const looks: readonly (readonly [Request, RespValue])[] = [
      ['HGET k a', null],
      ['HMGET k a b', [null, '2']],
      ['HLEN k', 1],
      ['HEXISTS k a', 0],
      ['HSTRLEN k a', 0],
      ['HGETALL k', ['b', '2']],
      ['HKEYS k', ['b']],
      ['HVALS k', ['2']],
      ['HDEL k a', 0],
      ['HSCAN k 0', ['0', ['b', '2']]],
      ['HRANDFIELD k 5', ['b']],
      ['HRANDFIELD k -2', ['b', 'b']],
      ['HTTL k FIELDS 1 a', [-2]],
      ['HEXPIRE k 9 FIELDS 1 a', [-2]],
      ['HPERSIST k FIELDS 1 a', [-2]],
      ['HGETEX k FIELDS 1 a', [null]],
      ['HGETDEL k FIELDS 1 a', [null]],
      ['HSETNX k a 5', 1],
      ['HINCRBY k a 5', 5],
      ['HSET k a 5', 1],
      ['HSETEX k FNX FIELDS 1 a 5', 1],
      ['HSETEX k FXX FIELDS 1 a 5', 0],
    ];
    for (const [look, expected] of looks) {
      const h = await create(entries);
      h.run('HSET k a 1 b 2');
      h.run('HPEXPIRE k 100 FIELDS 1 a');
      advance(h, 100);
      expect(value(h, 'HGET k a')).toBe('1');
      advance(h, 1);
      expect(value(h, look), String(look)).toEqual(expected);
      expect(h.counters.expiredFields).toBe(1);
      expect(h.counters.subexpiry[0]).toBe(0);
      flushed(h);
    }
  });

  it.each([512, 0])('leave no key when they were the last (up to %i fields packed)', async (entries) => {
    const h = await create(entries);
    for (const key of ['a', 'b', 'c', 'd']) {
      h.run(['HSET', key, 'x', '1', 'y', '2']);
      h.run(['HPEXPIRE', key, '100', 'FIELDS', '2', 'x', 'y']);
    }
    expect(h.counters.subexpiry[0]).toBe(4);
    expect(h.counters.expires[0]).toBe(0);
    advance(h, 101);
    expect(h.text('EXISTS a')).toBe(':0');
    expect(h.text('HLEN b')).toBe(':0');
    expect(h.text('TYPE c')).toBe('+none');
    expect(h.counters.keys[0]).toBe(1);
    expect(h.text('HSET d x 5')).toBe(':1');
    expect(h.text('HLEN d')).toBe(':1');
    expect(h.counters.expiredFields).toBe(8);
    expect(h.counters.expired).toBe(0);
    expect(h.counters.subexpiry[0]).toBe(0);
    flushed(h);
  });

  it('are taken out by active expiry, and their hashes with the last', async () => {
    const h = await create(8);
    for (let i = 0; i < 200; i++) {
      h.run(['HSET', `k${i}`, ...Array.from({ length: 12 }, (_, j) => [`f${j}`, 'v']).flat()]);
      h.run(['HPEXPIRE', `k${i}`, String(1000 + i), 'FIELDS', '3', 'f1', 'f2', 'f3']);
      h.run(['HSET', `gone${i}`, 'a', '1']);
      h.run(['HPEXPIRE', `gone${i}`, '500', 'FIELDS', '1', 'a']);
      h.run(['SET', `s${i}`, 'v', 'PX', '700']);
    }
    expect(h.counters.subexpiry[0]).toBe(400);
    expect(h.counters.expires[0]).toBe(200);
    settleBackground(h);
    expect(h.counters.keys[0]).toBe(200);
    expect(h.counters.subexpiry[0]).toBe(0);
    expect(h.counters.expires[0]).toBe(0);
    expect(h.counters.expiredFields).toBe(800);
    expect(h.counters.expired).toBe(200);
    expect(h.text('HLEN k7')).toBe(':9');
    expect(h.shard.idleMs()).toBe(Infinity);
    flushed(h);
  });

  it('go in slices when a hash has many of them, and cannot be seen meanwhile', async () => {
    const h = await create();
    const fields = Array.from({ length: 20_000 }, (_, i) => `field-${i}`);
    for (let i = 0; i < fields.length; i += 500) {
      const part = fields.slice(i, i + 500);
      h.run(['HSET', 'k', ...part.flatMap((name) => [name, 'v'])]);
      h.run(['HPEXPIRE', 'k', '100', 'FIELDS', String(part.length), ...part]);
    }
    h.run('HSET k stays 1');
    advance(h, 101);
    expect(h.text('HLEN k')).toBe(':1');
    expect(h.counters.expiredFields).toBeLessThan(1000);
    expect(value(h, 'HGETALL k')).toEqual(['stays', '1']);
    expect(value(h, 'HGET k field-19999')).toBe(null);
    h.shard.check();
    settleBackground(h);
    expect(h.counters.expiredFields).toBe(20_000);
    expect(encoding(h)).toBe('hashtable');
    flushed(h);
  });

  it('count a key once, whatever becomes of it', async () => {
    const h = await create();
    const counts = (): number[] => [h.counters.keys[0], h.counters.expires[0], h.counters.subexpiry[0]];
    h.run('HSET k a 1 b 2');
    h.run('HEXPIRE k 100 FIELDS 1 a');
    expect(counts()).toEqual([1, 0, 1]);
    h.run('EXPIRE k 500');
    expect(counts()).toEqual([1, 1, 1]);
    h.run('PERSIST k');
    h.run('RENAME k n');
    expect(counts()).toEqual([1, 0, 1]);
    h.run('COPY n m');
    expect(counts()).toEqual([2, 0, 2]);
    h.run('HPERSIST n FIELDS 1 a');
    expect(counts()).toEqual([2, 0, 1]);
    h.run('SET m v');
    expect(counts()).toEqual([2, 0, 0]);
    h.run('HSETEX m2 EX 5 FIELDS 1 a 1');
    h.run('MOVE m2 1');
    expect(h.counters.subexpiry[1]).toBe(1);
    h.run('HSETEX m3 EX 5 FIELDS 1 a 1');
    h.run('HDEL m3 a');
    expect(counts()).toEqual([2, 0, 0]);
    expect(encoding(h, 'n')).toBe('listpackex');
    h.run('FLUSHALL');
    expect(h.counters.subexpiry[1]).toBe(0);
    flushed(h);
  });
});

// ---------------------------------------------------------------------- large ones, moves, copies

/** Sets `count` fields, every third with a deadline when there are to be any. */
function fill(h: ShardHarness, key: string, count: number, deadlines: boolean, valueBytes = 0): void {
  for (let i = 0; i < count; i += 300) {
    const names = Array.from({ length: Math.min(300, count - i) }, (_, j) => `f${i + j}`);
    h.run(['HSET', key, ...names.flatMap((name) => [name, `value-of-${name}`.padEnd(valueBytes, '.')])]);
    const some = names.filter((_, j) => j % 3 === 0);
    if (deadlines) h.run(['HEXPIRE', key, String(1000 + i), 'FIELDS', String(some.length), ...some]);
  }
}

describe.each([false, true])('large hashes, deadlines: %s', (deadlines) => {
  it('are freed in slices when they go, and at once when they are small', async () => {
    const h = await create();
    fill(h, 'big', 5000, deadlines);
    fill(h, 'small', 20, deadlines);
    h.run('DEL small');
    expect(h.shard.lazyFreePending()).toBe(0);
    h.run('UNLINK big');
    expect(h.shard.lazyFreePending()).toBe(1);
    expect(h.shard.arena.usedBytes).toBeGreaterThan(100_000);
    settleBackground(h);
    expect(h.shard.arena.usedBytes).toBe(0);
    fill(h, 'big', 5000, deadlines);
    h.run('SET big v');
    h.shard.lazyFree.finish();
    flushed(h);
  });

  it('are copied whole, and live apart', async () => {
    const h = await create();
    fill(h, 'k', 3000, deadlines);
    h.run('COPY k copy');
    expect(h.text('HLEN copy')).toBe(':3000');
    expect(value(h, 'HTTL copy FIELDS 2 f0 f1')).toEqual(value(h, 'HTTL k FIELDS 2 f0 f1'));
    h.run('HDEL k f0 f1');
    expect(value(h, 'HMGET copy f0 f1')).toEqual(['value-of-f0', 'value-of-f1']);
    flushed(h);
  });

  it('are scanned without a miss while they grow and shrink', async () => {
    const h = await create();
    fill(h, 'k', 2000, deadlines);
    const seen = new Set<string>();
    let cursor = '0';
    let round = 0;
    do {
      const [next, part] = value(h, ['HSCAN', 'k', cursor, 'COUNT', '50', 'NOVALUES']) as [string, string[]];
      for (const name of part) seen.add(name);
      cursor = next;
      round++;
      h.run(['HSET', 'k', ...Array.from({ length: 200 }, (_, j) => [`new-${round}-${j}`, 'v']).flat()]);
      if (round % 5 === 0)
        h.run(['HDEL', 'k', ...Array.from({ length: 400 }, (_, j) => `new-${round - 1 - (j % 2)}-${j % 200}`)]);
    } while (cursor !== '0');
    for (let i = 0; i < 2000; i++) must(seen.has(`f${i}`), `f${i} was seen`);
    flushed(h);
  });

  it('give random fields, all of them in time', async () => {
    const h = await create();
    fill(h, 'k', 700, deadlines);
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const some = value(h, ['HRANDFIELD', 'k', i % 2 === 0 ? '100' : '500']) as string[];
      expect(new Set(some).size).toBe(i % 2 === 0 ? 100 : 500);
      for (const name of some) seen.add(name);
    }
    expect(seen.size).toBe(700);
    const pairs = value(h, 'HRANDFIELD k -50 WITHVALUES') as string[];
    for (let i = 0; i < pairs.length; i += 2) expect(pairs[i + 1]).toBe(`value-of-${pairs[i]}`);
    flushed(h);
  });

  it('are moved by the defragmenter, field by field', async () => {
    const h = await create();
    const { shard } = h;
    for (let i = 0; i < 30; i++) fill(h, `k${i}`, 600, deadlines, 300);
    for (let i = 0; i < 30; i++) {
      const names = Array.from({ length: 600 }, (_, j) => `f${j}`).filter((_, j) => (j + i) % 12 !== 0);
      h.run(['HDEL', `k${i}`, ...names]);
    }
    shard.lazyFree.finish();
    const before = shard.arena.sparseBytes;
    expect(before).toBeGreaterThan(4 * 1024 * 1024);
    const content = (key: string): string => JSON.stringify((value(h, ['HGETALL', key]) as string[]).sort());
    const kept = Array.from({ length: 30 }, (_, i) => content(`k${i}`));
    for (let cycle = 0; cycle < 3000 && shard.idleMs() < Infinity; cycle++) {
      advance(h, 10);
      shard.background(500);
    }
    expect(shard.defragMoved).toBeGreaterThan(500);
    expect(shard.arena.sparseBytes).toBeLessThan(before / 2);
    shard.check();
    kept.forEach((was, i) => {
      must(content(`k${i}`) === was, 'a moved hash reads as before');
    });
    flushed(h);
  });

  it('are measured by samples', async () => {
    const h = await create();
    fill(h, 'k', 3000, deadlines);
    const all = value(h, 'MEMORY USAGE k SAMPLES 0') as number;
    expect(all).toBeGreaterThan(3000 * 32);
    expect(Math.abs((value(h, 'MEMORY USAGE k') as number) - all)).toBeLessThan(all / 10);
    flushed(h);
  });
});

describe('the portable form', () => {
  it('carries any hash to another shard, with its deadlines', async () => {
    const from = await create(16);
    const to = await create(512);
    fill(from, 'small', 5, false);
    fill(from, 'smallex', 10, true);
    fill(from, 'table', 400, false);
    fill(from, 'tableex', 400, true);
    from.run('HSET emptied a 1 b 2');
    from.run('HEXPIRE emptied 5 FIELDS 1 a');
    from.run('HPERSIST emptied FIELDS 1 a');
    const sink = new GrowingBytes(64);
    for (const key of ['small', 'smallex', 'table', 'tableex', 'emptied']) {
      sink.clear();
      const db = from.shard.dbs[0];
      sink.appendWord(0);
      exportValue(db.arena, db.peek(request(key), 1), sink);
      importValue(to.shard.dbs[0], request(key), 1, sink.bytes, 4, sink.length);
      const content = (h: ShardHarness): string => JSON.stringify((value(h, ['HGETALL', key]) as string[]).sort());
      expect(content(to)).toBe(content(from));
      expect(value(to, ['HPEXPIRETIME', key, 'FIELDS', '2', 'f0', 'f1'])).toEqual(
        value(from, ['HPEXPIRETIME', key, 'FIELDS', '2', 'f0', 'f1']),
      );
      expect(encoding(to, key)).toBe(encoding(from, key));
      to.shard.check();
    }
    expect(to.counters.subexpiry[0]).toBe(2);
    to.run('HSET smallex more 1');
    flushed(to);
    flushed(from);
  });
});

// ---------------------------------------------------------------------- in the entry

/** The block of a key's entry, if its hash stands in it; 0: it stands elsewhere. */
function inlineBlock(h: ShardHarness, key: string): number {
  const entry = h.shard.dbs[0].peek(request(key), 1);
  return entryKind(h.shard.arena, entry) === INLINE_HASH_KIND ? h.shard.arena.sizeOf(entry) : 0;
}

/** The key's value as DUMP gives it. */
function payload(h: ShardHarness, key: string): Buffer {
  return Buffer.from(value(h, ['DUMP', key]) as string, 'latin1');
}

const SMALL = ['name-1', 'of name-1 ', 'name--2', 'of name--2', 'name--3', '17', 'name---4', '-100000', 'name-5', ''];

describe('the smallest hashes', () => {
  it('take no block but the entry, of the size that is needed, however they are made', async () => {
    const h = await create();
    h.run(['HSET', 'at-once', ...SMALL]);
    for (let i = 0; i < SMALL.length; i += 2) h.run(['HSET', 'by-fields', SMALL[i], SMALL[i + 1]]);
    h.run(['HSETEX', 'by-fields2', 'FIELDS', '5', ...SMALL]);
    h.run(['HSETNX', 'by-fields3', SMALL[0], SMALL[1]]);
    h.run(['HINCRBY', 'by-fields3', SMALL[4], SMALL[5]]);
    h.run(['HINCRBYFLOAT', 'by-fields3', SMALL[6], SMALL[7]]);
    h.run(['HSET', 'by-fields3', SMALL[8], SMALL[9], SMALL[2], SMALL[3]]);
    h.run(['RESTORE', 'by-dump', '0', payload(h, 'at-once')]);
    h.run(['RESTORE', 'by-dump2', '0', payload(h, 'by-fields3')]);
    // Heads and digits: 5 + 34 for the names, 11 + 11 + 1 + 4 + 1 for the values.
    for (const key of ['at-once', 'by-fields', 'by-fields2', 'by-fields3', 'by-dump', 'by-dump2']) {
      expect(inlineBlock(h, key), key).toBe(Arena.roundedSize(8 + key.length + 39 + 28));
      expect(encoding(h, key)).toBe('listpack');
      expect(h.text(`HLEN ${key}`)).toBe(':5');
    }
    expect(value(h, 'HGETALL by-dump')).toEqual(SMALL);
    flushed(h);
  });

  it.each([
    [INLINE_LIST_BYTES_MAX - 1, true],
    [INLINE_LIST_BYTES_MAX, true],
    [INLINE_LIST_BYTES_MAX + 1, false],
  ])('have up to %i bytes: %s', async (bytes, fits) => {
    // A field of one byte takes two, a value of 64 and more two beside its own.
    const long = 'v'.repeat(bytes - 4);
    const shorter = long.slice(5);
    const ways: readonly (readonly [fields: readonly string[], ...requests: Request[]])[] = [
      [
        ['f', long],
        ['HSET', 'k', 'f', long],
      ],
      [
        ['f', long],
        ['HSETNX', 'k', 'f', long],
      ],
      [['f', long], 'HSET k f 1', ['HSET', 'k', 'f', long]],
      [['f', shorter, 'g', 'v5'], ['HSET', 'k', 'f', shorter], 'HSET k g v5'],
    ];
    for (const [fields, ...requests] of ways) {
      const h = await create(512, 1000);
      for (const one of requests) h.run(one);
      h.shard.check();
      expect(inlineBlock(h, 'k') > 0).toBe(fits);
      expect(encoding(h)).toBe('listpack');
      expect(value(h, 'HGETALL k')).toEqual(fields);
      h.run(['HSET', 'k', 'f', '1']);
      expect(inlineBlock(h, 'k') > 0).toBe(fits);
      h.run(['RESTORE', 'l', '0', payload(h, 'k')]);
      expect(inlineBlock(h, 'l') > 0).toBe(true);
      flushed(h);
    }
  });

  it('keep what their keys have, and their keys what they have', async () => {
    const h = await create();
    h.run(['HSET', 'k', ...SMALL]);
    h.run('EXPIRE k 100');
    expect(value(h, 'HGETALL k')).toEqual(SMALL);
    h.run('HSET k more 0123456789');
    expect(h.text('TTL k')).toBe(':100');
    h.run('PERSIST k');
    h.run(`RENAME k ${'long'.repeat(100)}`);
    h.run(`COPY ${'long'.repeat(100)} l`);
    h.run('HDEL l more name-1 name--2 name--3 name---4');
    expect(inlineBlock(h, 'l')).toBe(Arena.roundedSize(8 + 1 + 7 + 1));
    expect(value(h, `HGETALL ${'long'.repeat(100)}`)).toEqual([...SMALL, 'more', '0123456789']);
    h.run('HSET l a 1 b 2');
    h.run('HEXPIRE l 5 FIELDS 1 b');
    expect(encoding(h, 'l')).toBe('listpackex');
    expect(value(h, 'HGETALL l')).toEqual(['b', '2', 'name-5', '', 'a', '1']);
    h.run('SET l v');
    expect(h.text(`HDEL ${'long'.repeat(100)} name-1 name--2 name--3 name---4 name-5 more`)).toBe(':6');
    expect(h.text('DBSIZE')).toBe(':1');
    flushed(h);
  });

  it('are carried to another shard as they are', async () => {
    const from = await create();
    const to = await create();
    from.run(['HSET', 'k', ...SMALL]);
    const sink = new GrowingBytes(64);
    exportValue(from.shard.arena, from.shard.dbs[0].peek(request('k'), 1), sink);
    importValue(to.shard.dbs[0], request('k'), 1, sink.bytes, 0, sink.length);
    expect(inlineBlock(to, 'k')).toBe(inlineBlock(from, 'k'));
    expect(value(to, 'HGETALL k')).toEqual(SMALL);
    flushed(to);
    flushed(from);
  });

  it('are moved by the defragmenter with their keys', async () => {
    const h = await create();
    const { shard } = h;
    const COUNT = 50_000;
    for (let i = 0; i < COUNT; i++) h.run(['HSET', `k${i}`, ...SMALL, 'i', String(i)]);
    for (let i = 0; i < COUNT; i++) if (i % 12 !== 0) h.run(['DEL', `k${i}`]);
    const before = shard.arena.sparseBytes;
    expect(before).toBeGreaterThan(4 * 1024 * 1024);
    for (let cycle = 0; cycle < 3000 && shard.idleMs() < Infinity; cycle++) {
      advance(h, 10);
      shard.background(500);
    }
    expect(shard.defragMoved).toBeGreaterThan(500);
    expect(shard.arena.sparseBytes).toBeLessThan(before / 2);
    for (let i = 0; i < COUNT; i += 12) must(value(h, `HGET k${i} i`) === String(i), 'a moved hash reads as before');
    h.run('HSET k0 i 1234567 j 5');
    expect(h.text('HLEN k0')).toBe(':7');
    flushed(h);
  });
});

describe('the encoding', () => {
  it('follows the limits as they change, and never goes back', async () => {
    const h = await create(4, 10);
    h.run('HSET k a 1 b 2 c 3 d 4');
    expect(encoding(h)).toBe('listpack');
    h.run('HSET k e 5');
    expect(encoding(h)).toBe('hashtable');
    h.run('HDEL k a b c d');
    expect(encoding(h)).toBe('hashtable');
    h.run('HSET l a 0123456789');
    expect(encoding(h, 'l')).toBe('listpack');
    h.shard.limits.hashMaxListpackValue = 9;
    h.run('HSET l b 1');
    expect(encoding(h, 'l')).toBe('listpack');
    h.run('HSET l b 0123456789');
    expect(encoding(h, 'l')).toBe('hashtable');
    h.run('HSET m a 1');
    h.run('HEXPIRE m 10 FIELDS 1 a');
    expect(encoding(h, 'm')).toBe('listpackex');
    h.run('HSET m b 2 c 3 d 4 e 5');
    expect(encoding(h, 'm')).toBe('hashtable');
    expect(value(h, 'HTTL m FIELDS 2 a b')).toEqual([10, -1]);
    flushed(h);
  });

  it('is a table beyond what a packed list can count, whatever the limit', async () => {
    const h = await create(1_000_000);
    importPacked(h, 'k', 32_767);
    expect(encoding(h)).toBe('listpack');
    h.run('HSET k more 1');
    expect(encoding(h)).toBe('hashtable');
    expect(h.text('HLEN k')).toBe(':32768');
    importPacked(h, 'l', 21_845);
    h.run('HEXPIRE l 10 FIELDS 1 f3');
    expect(encoding(h, 'l')).toBe('listpackex');
    importPacked(h, 'm', 21_846);
    h.run('HEXPIRE m 10 FIELDS 1 f3');
    expect(encoding(h, 'm')).toBe('hashtable');
    for (const key of ['l', 'm']) expect(value(h, ['HTTL', key, 'FIELDS', '2', 'f3', 'f4'])).toEqual([10, -1]);
    flushed(h);
  });

  it('keeps packed fields in the order of their deadlines', async () => {
    const h = await create();
    h.run('HSET k a 1 b 2 c 3 d 4');
    h.run('HEXPIRE k 30 FIELDS 1 c');
    h.run('HEXPIRE k 20 FIELDS 1 d');
    h.run('HEXPIRE k 40 FIELDS 1 a');
    expect(value(h, 'HKEYS k')).toEqual(['d', 'c', 'a', 'b']);
    h.run('HEXPIRE k 35 FIELDS 1 d');
    expect(value(h, 'HKEYS k')).toEqual(['c', 'd', 'a', 'b']);
    h.run('HSET k c 9');
    expect(value(h, 'HKEYS k')).toEqual(['d', 'a', 'b', 'c']);
    h.run('HINCRBY k d 1');
    expect(value(h, 'HGETALL k')).toEqual(['d', '5', 'a', '1', 'b', '2', 'c', '9']);
    flushed(h);
  });
});
