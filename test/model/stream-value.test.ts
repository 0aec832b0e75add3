// Streams in a database beside a plain model: entries, groups, what is pending with whom; then what databases do to values:
// freeing in slices, copies, moves by the defragmenter, the portable form. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { GrowingBytes } from '../../src/base/growing-bytes.js';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { STREAM_GROUP_COMMANDS } from '../../src/commands/stream-groups.js';
import { STREAM_INFO_COMMANDS } from '../../src/commands/stream-info.js';
import { STREAM_PENDING_COMMANDS } from '../../src/commands/stream-pending.js';
import { STREAM_READING_COMMANDS } from '../../src/commands/stream-reading.js';
import { STREAM_REFERENCE_COMMANDS } from '../../src/commands/stream-references.js';
import { STREAM_COMMANDS } from '../../src/commands/stream.js';
import { importValue } from '../../src/shard/import-value.js';
import { exportValue } from '../../src/values/portable.js';
import { valueTypeOf } from '../../src/values/value-types.js';
import { pick } from '../support/conformance.js';
import { present } from '../support/present.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { request, TEST_HASH_SEED } from '../support/shards.js';

const COMMANDS = [
  ...STREAM_COMMANDS,
  ...STREAM_READING_COMMANDS,
  ...STREAM_GROUP_COMMANDS,
  ...STREAM_PENDING_COMMANDS,
  ...STREAM_REFERENCE_COMMANDS,
  ...STREAM_INFO_COMMANDS,
  ...GENERIC_COMMANDS,
  ...OBJECT_COMMANDS,
  ...MEMORY_COMMANDS,
  ...FLUSH_COMMANDS,
];

async function create(entries = 100, bytes = 4096): Promise<ShardHarness> {
  const h = await ShardHarness.create(COMMANDS, { hashSeed: TEST_HASH_SEED });
  h.shard.limits.streamNodeMaxEntries = entries;
  h.shard.limits.streamNodeMaxBytes = bytes;
  return h;
}

function flushed(h: ShardHarness): void {
  h.shard.check();
  expect(h.text('FLUSHALL SYNC')).toBe('+OK');
  h.shard.check();
  expect(h.shard.arena.usedBytes).toBe(0);
  expect(h.shard.lazyFreePending()).toBe(0);
}

// ---------------------------------------------------------------------- the model

function bulk(text: string): string {
  return `$${text.length}\r\n${text}\r\n`;
}

function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

interface Pending {
  consumer: string;
  deliveries: number;
}

/** IDs are `n-0`, here n. */
class Model {
  readonly entries = new Map<number, readonly string[]>();
  readonly groups = new Map<string, { last: number; consumers: Set<string>; pending: Map<number, Pending> }>();
  last = 0;

  get ids(): number[] {
    return [...this.entries.keys()];
  }

  show(id: number): string {
    const fields = this.entries.get(id);
    if (fields === undefined) return array([bulk(`${id}-0`), '*-1\r\n']);
    return array([bulk(`${id}-0`), array(fields.map(bulk))]);
  }

  range(low: number, high: number, reverse: boolean): string {
    const found = this.ids.filter((id) => id >= low && id <= high);
    return array((reverse ? found.reverse() : found).map((id) => this.show(id)));
  }

  delete(id: number): boolean {
    return this.entries.delete(id);
  }

  read(group: string, consumer: string, count: number): string {
    const of = present(this.groups.get(group));
    of.consumers.add(consumer);
    const given = this.ids.filter((id) => id > of.last).slice(0, count);
    for (const id of given) {
      of.last = id;
      of.pending.set(id, { consumer, deliveries: 1 });
    }
    return given.length === 0 ? '*-1\r\n' : array([array([bulk('k'), array(given.map((id) => this.show(id)))])]);
  }

  history(group: string, consumer: string): string {
    const of = present(this.groups.get(group));
    of.consumers.add(consumer);
    const own = this.pendingIds(group).filter((id) => of.pending.get(id)?.consumer === consumer);
    for (const id of own) if (this.entries.has(id)) present(of.pending.get(id)).deliveries++;
    return array([array([bulk('k'), array(own.map((id) => this.show(id)))])]);
  }

  pendingIds(group: string): number[] {
    return [...present(this.groups.get(group)).pending.keys()].sort((a, b) => a - b);
  }

  /** XPENDING of all, at a time that stands still. */
  pending(group: string): string {
    const of = present(this.groups.get(group));
    return array(
      this.pendingIds(group).map((id) => {
        const { consumer, deliveries } = present(of.pending.get(id));
        return array([bulk(`${id}-0`), bulk(consumer), ':0\r\n', `:${deliveries}\r\n`]);
      }),
    );
  }

  isReferenced(id: number): boolean {
    return [...this.groups.values()].some((group) => id > group.last || group.pending.has(id));
  }
}

const CONSUMERS = ['c', 'd', 'e'];
const GROUPS = ['g', 'h'];

/** One step on both; fails where they differ. */
function step(h: ShardHarness, model: Model, random: Random): void {
  const same = (line: Request, expected: string): void => {
    expect({ line, reply: h.run(line).toString('latin1') }).toEqual({ line, reply: expected });
  };
  const anyId = (): number => Math.max(1, model.last - random.below(120));
  const group = pick(random, GROUPS);
  const consumer = pick(random, CONSUMERS);
  const of = model.groups.get(group);
  switch (random.below(of === undefined ? 8 : 18)) {
    case 0: {
      const id = anyId();
      same(['XDEL', 'k', `${id}-0`], `:${model.delete(id) ? 1 : 0}\r\n`);
      return;
    }
    case 1: {
      const low = anyId();
      const high = anyId();
      const reverse = random.below(2) === 0;
      same(reverse ? `XREVRANGE k ${high} ${low}` : `XRANGE k ${low} ${high}`, model.range(low, high, reverse));
      return;
    }
    case 2: {
      const keep = random.below(150);
      const gone = model.ids.slice(0, Math.max(0, model.entries.size - keep));
      for (const id of gone) model.delete(id);
      same(`XTRIM k MAXLEN ${keep}`, `:${gone.length}\r\n`);
      return;
    }
    case 3:
      same(
        `XGROUP CREATE k ${group} 0`,
        of === undefined ? '+OK\r\n' : '-BUSYGROUP Consumer Group name already exists\r\n',
      );
      if (of === undefined) model.groups.set(group, { last: 0, consumers: new Set(), pending: new Map() });
      return;
    case 4: {
      const ids = [anyId(), anyId(), anyId()].filter((id, i, all) => all.indexOf(id) === i);
      const how = pick(random, ['KEEPREF', 'DELREF', 'ACKED']);
      const results = ids.map((id) => {
        if (how === 'ACKED' && model.entries.has(id) && model.isReferenced(id)) return ':2\r\n';
        if (how === 'DELREF') for (const each of model.groups.values()) each.pending.delete(id);
        return model.delete(id) ? ':1\r\n' : ':-1\r\n';
      });
      same(`XDELEX k ${how} IDS ${ids.length} ${ids.map((id) => `${id}-0`).join(' ')}`, array(results));
      return;
    }
    case 5: {
      const from = anyId();
      const how = pick(random, ['DELREF', 'ACKED']);
      const gone = model.ids.filter((id) => id < from && (how === 'DELREF' || !model.isReferenced(id)));
      for (const id of gone) {
        model.delete(id);
        if (how === 'DELREF') for (const each of model.groups.values()) each.pending.delete(id);
      }
      same(`XTRIM k MINID ${from} ${how}`, `:${gone.length}\r\n`);
      return;
    }
    case 8:
    case 9: {
      const count = 1 + random.below(9);
      same(`XREADGROUP GROUP ${group} ${consumer} COUNT ${count} STREAMS k >`, model.read(group, consumer, count));
      return;
    }
    case 10:
      same(`XREADGROUP GROUP ${group} ${consumer} STREAMS k 0`, model.history(group, consumer));
      return;
    case 11:
    case 12: {
      const ids = [anyId(), anyId(), anyId(), anyId()].filter((id, i, all) => all.indexOf(id) === i);
      const acked = ids.filter((id) => present(of).pending.delete(id));
      same(['XACK', 'k', group, ...ids.map((id) => `${id}-0`)], `:${acked.length}\r\n`);
      return;
    }
    case 13: {
      const id = anyId();
      const { pending, consumers } = present(of);
      consumers.add(consumer);
      const known = pending.get(id);
      let reply = '*0\r\n';
      if (!model.entries.has(id)) pending.delete(id);
      else if (known !== undefined) {
        pending.set(id, { consumer, deliveries: known.deliveries + 1 });
        reply = array([model.show(id)]);
      }
      same(`XCLAIM k ${group} ${consumer} 0 ${id}-0`, reply);
      return;
    }
    case 14: {
      const own = model.pendingIds(group).filter((id) => present(of).pending.get(id)?.consumer === consumer);
      for (const id of own) present(of).pending.delete(id);
      present(of).consumers.delete(consumer);
      same(`XGROUP DELCONSUMER k ${group} ${consumer}`, `:${own.length}\r\n`);
      return;
    }
    case 15:
      if (random.below(8) > 0) return;
      model.groups.delete(group);
      same(`XGROUP DESTROY k ${group}`, ':1\r\n');
      return;
    case 16:
      same(`XPENDING k ${group} - + 100000`, model.pending(group));
      return;
    default: {
      model.last += 1 + random.below(2);
      const fields =
        random.below(4) > 0 ? ['f', String(random.below(1000)), 'g', 'value'] : ['x'.repeat(random.below(90)), ''];
      model.entries.set(model.last, fields);
      same(['XADD', 'k', `${model.last}-0`, ...fields], bulk(`${model.last}-0`));
    }
  }
}

describe('beside a plain model', () => {
  it.each([
    [1, 100, 4096],
    [2, 3, 4096],
    [3, 0, 150],
    [4, 1, 4096],
  ])('seed %i, nodes of %i entries and %i bytes', async (seed, entries, bytes) => {
    const h = await create(entries, bytes);
    const random = new SeededRandom(seed);
    const model = new Model();
    h.run('XADD k 1-0 f v');
    model.last = 1;
    model.entries.set(1, ['f', 'v']);
    for (let i = 0; i < 4000; i++) {
      step(h, model, random);
      if (i % 200 === 0) h.shard.check();
    }
    expect(h.run('XRANGE k - +').toString('latin1')).toBe(model.range(0, model.last, false));
    expect(h.run('XREVRANGE k + -').toString('latin1')).toBe(model.range(0, model.last, true));
    for (const group of model.groups.keys()) {
      expect(h.run(`XPENDING k ${group} - + 100000`).toString('latin1')).toBe(model.pending(group));
    }
    flushed(h);
  });
});

// ---------------------------------------------------------------------- as databases use them

/** A stream of `count` entries in `key`; a group whose two consumers have all of them, every third acknowledged. */
function fill(h: ShardHarness, key: string, count: number): void {
  h.run(['XGROUP', 'CREATE', key, 'group', '0', 'MKSTREAM']);
  for (let i = 1; i <= count; i++)
    h.run(['XADD', key, `${i * 7}-${i % 5}`, 'first', `value${i}`, 'second', String(i * i)]);
  h.run(['XREADGROUP', 'GROUP', 'group', 'one', 'COUNT', String(count >> 1), 'STREAMS', key, '>']);
  h.run(['XREADGROUP', 'GROUP', 'group', 'two', 'STREAMS', key, '>']);
  for (let i = 3; i <= count; i += 3) h.run(['XACK', key, 'group', `${i * 7}-${i % 5}`]);
  for (let i = 10; i <= count; i += 10) h.run(['XDEL', key, `${i * 7}-${i % 5}`]);
}

/** All that a stream says of itself. */
function story(h: ShardHarness, key: string): string {
  return h.text(['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0']) + h.text(['XINFO', 'CONSUMERS', key, 'group']);
}

it('cost at most 20 bytes for an entry of two short fields', async () => {
  const h = await create();
  const before = h.shard.arena.usedBytes;
  for (let i = 0; i < 100_000; i++) {
    if (i % 30 === 0) h.clock.advance(1);
    h.run('XADD k * field1 value1 field2 value2');
  }
  expect((h.shard.arena.usedBytes - before) / 100_000).toBeLessThan(20);
  flushed(h);
});

it('cost at most 60 bytes for an entry that is pending', async () => {
  const h = await create();
  for (let i = 1; i <= 20_000; i++) h.run(`XADD k ${i}-1 f v`);
  h.run('XGROUP CREATE k g 0');
  const before = h.shard.arena.usedBytes;
  h.run('XREADGROUP GROUP g c STREAMS k >');
  expect((h.shard.arena.usedBytes - before) / 20_000).toBeLessThan(60);
  for (let i = 1; i <= 20_000; i++) h.run(`XACK k g ${i}-1`);
  expect(h.shard.arena.usedBytes - before).toBeLessThan(500);
  flushed(h);
});

it('are freed in slices when they are large', async () => {
  const h = await create(10);
  fill(h, 'k', 5000);
  h.shard.check();
  h.run('DEL k');
  expect(h.shard.lazyFreePending()).toBe(1);
  const used = h.shard.arena.usedBytes;
  expect(used).toBeGreaterThan(100_000);
  expect(h.shard.lazyFree.step()).toBe(true);
  expect(h.shard.arena.usedBytes).toBeLessThan(used);
  h.shard.lazyFree.finish();
  expect(h.shard.arena.usedBytes).toBe(0);
  fill(h, 'small', 20);
  h.run('DEL small');
  expect(h.shard.lazyFreePending()).toBe(0);
  expect(h.shard.arena.usedBytes).toBe(0);
});

it('are measured as a whole', async () => {
  const h = await create();
  fill(h, 'k', 3000);
  const told = Number(h.text('MEMORY USAGE k SAMPLES 1000').slice(1));
  expect(told).toBeGreaterThan(h.shard.arena.usedBytes * 0.95);
  expect(told).toBeLessThan(h.shard.arena.usedBytes * 1.05);
  flushed(h);
});

it('have copies of their own', async () => {
  const h = await create(7);
  fill(h, 'k', 400);
  const before = story(h, 'k');
  expect(h.text('COPY k copy')).toBe(':1');
  expect(story(h, 'copy')).toBe(before);
  h.run('XADD copy * f v');
  h.run('XTRIM copy MAXLEN 10');
  h.run('XGROUP DELCONSUMER copy group one');
  h.run('XAUTOCLAIM copy group two 0 0');
  expect(story(h, 'k')).toBe(before);
  h.shard.check();
  h.run('DEL k');
  h.shard.lazyFree.finish();
  h.shard.check();
  flushed(h);
});

it('are moved block by block and read as before', async () => {
  const h = await create(20);
  fill(h, 'k', 3000);
  h.run('XGROUP CREATE k another 0');
  const before = story(h, 'k');
  const { arena } = h.shard;
  let moved = 0;
  const move = (block: number, bytes: number): number => {
    const to = arena.alloc(bytes);
    arena.copy(to, 0, block, 0, bytes);
    arena.free(block);
    moved++;
    return to;
  };
  const entry = (): number => h.shard.dbs[0].peek(request('k'), 1);
  for (let pass = 0; pass < 60; pass++) valueTypeOf(arena, entry()).moveBlocks(arena, entry(), { pass, move });
  expect(moved).toBeGreaterThan(1000);
  h.shard.check();
  expect(story(h, 'k')).toBe(before);
  for (let i = 0; i < 50; i++) h.run('XADD k * f v');
  h.run('XREADGROUP GROUP another c STREAMS k >');
  h.run('XTRIM k MAXLEN 100');
  flushed(h);
});

it('go to another shard in their portable form', async () => {
  const from = await create(9);
  const to = await create();
  fill(from, 'k', 500);
  from.run('XGROUP CREATE k another $ ENTRIESREAD 17');
  from.run('XGROUP CREATE empty group $ MKSTREAM');
  const sink = new GrowingBytes(64);
  for (const key of ['k', 'empty']) {
    sink.clear();
    const db = from.shard.dbs[0];
    exportValue(db.arena, db.peek(request(key), 1), sink);
    importValue(to.shard.dbs[0], request(key), 1, sink.bytes, 0, sink.length);
    expect(story(to, key)).toBe(story(from, key));
    to.shard.check();
  }
  to.run('XADD k * f v');
  to.run('XADD empty * f v');
  flushed(to);
  flushed(from);
});
