// Lists in a database: where the encoding changes, what happens to large lists that go away, moves by the defragmenter,
// copies, the portable form, and who is told of a key that was made or has grown. No byte may stay behind.

import { latin1Of } from '../../src/base/bytes.js';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { FLUSH_COMMANDS } from '../../src/commands/flush.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { MEMORY_COMMANDS } from '../../src/commands/memory.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { GrowingBytes } from '../../src/base/growing-bytes.js';
import { importValue } from '../../src/shard/import-value.js';
import { exportValue } from '../../src/values/portable.js';
import { ShardHarness } from '../support/shard-harness.js';
import { request } from '../support/shards.js';
import { must } from '../support/must.js';
import { TEST_HASH_SEED } from '../support/shards.js';
import type { Request } from '../support/requests.js';

const COMMANDS = [
  ...LIST_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...OBJECT_COMMANDS,
  ...MEMORY_COMMANDS,
  ...FLUSH_COMMANDS,
];

function create(fill = -2): Promise<ShardHarness> {
  return ShardHarness.create(COMMANDS, { hashSeed: TEST_HASH_SEED }).then((h) => {
    h.shard.limits.listMaxListpackSize = fill;
    return h;
  });
}

function encoding(h: ShardHarness, key = 'k'): string {
  return h.text(['OBJECT', 'ENCODING', key]).split('\r\n')[1];
}

/** Pushes `count` elements of 16 bytes. */
function fill(h: ShardHarness, key: string, count: number): void {
  for (let i = 0; i < count; i += 500) {
    const words = Array.from({ length: Math.min(500, count - i) }, (_, j) => `e${i + j}`.padEnd(16, '.'));
    h.run(['RPUSH', key, ...words]);
  }
}

function flushed(h: ShardHarness): void {
  h.shard.check();
  expect(h.text('FLUSHALL SYNC')).toBe('+OK');
  h.shard.check();
  expect(h.shard.arena.usedBytes).toBe(0);
  expect(h.shard.lazyFreePending()).toBe(0);
}

describe('the encoding', () => {
  it('turns at the bytes of the limit and back at half of them', async () => {
    const h = await create(-1);
    // Redis counts 7 bytes for a listpack, what it has, and the bare bytes of what is to come.
    const word = 'x'.repeat(98); // 101 bytes as an element
    for (let i = 0; i < 39; i++) h.run(['RPUSH', 'k', word]);
    expect(encoding(h)).toBe('listpack');
    h.run(['RPUSH', 'k', 'x'.repeat(4096 - 7 - 39 * 101 + 1)]);
    expect(encoding(h)).toBe('quicklist');
    h.run('RPOP k');
    expect(encoding(h)).toBe('quicklist');
    h.run('LTRIM k 0 20');
    expect(encoding(h)).toBe('quicklist');
    h.run('LPOP k');
    expect(encoding(h)).toBe('listpack');
    for (let i = 0; i < 19; i++) h.run(['RPUSH', 'k', word]);
    h.run(['RPUSH', 'k', 'x'.repeat(4096 - 7 - 39 * 101)]);
    expect(encoding(h)).toBe('listpack');
    flushed(h);
  });

  it('turns at the elements of the limit and back at half of them', async () => {
    const h = await create(10);
    fill(h, 'k', 10);
    expect(encoding(h)).toBe('listpack');
    h.run('LPUSH k x');
    expect(encoding(h)).toBe('quicklist');
    h.run('LPOP k 5');
    expect(encoding(h)).toBe('quicklist');
    h.run('RPOP k');
    expect(encoding(h)).toBe('listpack');
    h.run(['RPUSH', 'big', 'x'.repeat(8192 - 7)]);
    expect(encoding(h, 'big')).toBe('listpack');
    h.run(['RPUSH', 'bigger', 'x'.repeat(8192 - 6)]);
    expect(encoding(h, 'bigger')).toBe('quicklist');
    h.shard.limits.listMaxListpackSize = -2;
    h.run('LPUSH k x y z');
    expect(encoding(h)).toBe('listpack');
    flushed(h);
  });

  it('is quicklist for what any command makes too large, and listpack again when that is gone', async () => {
    const large = 'L'.repeat(9000);
    const makes: readonly Request[] = [
      ['LPUSH', 'k', large],
      ['LSET', 'k', '1', large],
      ['LINSERT', 'k', 'BEFORE', 'b', large],
      ['LINSERT', 'k', 'AFTER', 'none', large],
    ];
    for (const make of makes) {
      const h = await create();
      h.run('RPUSH k a b c');
      h.run(make);
      expect(encoding(h)).toBe('quicklist');
      const length = h.text('LLEN k');
      h.run(['LREM', 'k', '0', large]);
      // A list of one packed node returns as soon as something shrinks it.
      h.run('RPOP k');
      if (length !== ':3') expect(h.text('LPOS k ' + large)).toBe('$-1');
      h.run('RPUSH other z');
      expect(encoding(h, 'other')).toBe('listpack');
      flushed(h);
    }
  });

  it('holds a million empty elements pushed at once', async () => {
    const h = await create();
    h.run(['RPUSH', 'k', ...new Array<string>(100_000).fill('')]);
    expect(encoding(h)).toBe('quicklist');
    expect(h.text('LLEN k')).toBe(':100000');
    h.run('LTRIM k 0 3');
    expect(h.text('LRANGE k 0 -1')).toBe('*4\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n\r\n$0\r\n');
    flushed(h);
  });
});

describe('large lists', () => {
  it('cost at most 19 bytes for an element of 16', async () => {
    const h = await create();
    for (const side of ['RPUSH', 'LPUSH']) {
      h.run('FLUSHALL');
      const before = h.shard.arena.usedBytes;
      for (let i = 0; i < 100_000; i += 100) {
        h.run([side, 'k', ...Array.from({ length: 100 }, (_, j) => `e${i + j}`.padEnd(16, '.'))]);
      }
      const perItem = (h.shard.arena.usedBytes - before) / 100_000;
      expect(perItem).toBeLessThan(18.3);
      expect(Number(h.text('MEMORY USAGE k SAMPLES 0').slice(1))).toBeGreaterThan(18 * 100_000);
      expect(Number(h.text('MEMORY USAGE k').slice(1))).toBeGreaterThan(17 * 100_000);
      expect(Number(h.text('MEMORY USAGE k').slice(1))).toBeLessThan(19 * 100_000);
    }
    flushed(h);
  });

  const ends: readonly (readonly [how: string, ...requests: string[]])[] = [
    ['DEL', 'DEL k'],
    ['UNLINK', 'UNLINK k'],
    ['overwriting', 'SET k v', 'DEL k'],
    ['renaming over it', 'SET n v', 'RENAME n k', 'DEL k'],
    ['COPY over it', 'SET n v', 'COPY n k REPLACE', 'DEL k n'],
    ['LTRIM to nothing', 'LTRIM k 1 0'],
    ['LTRIM to one', 'LTRIM k 0 0', 'DEL k'],
    ['FLUSHALL ASYNC', 'FLUSHALL ASYNC'],
  ];
  it.each(ends)('are freed in slices after %s', async (_how, ...requests) => {
    const h = await create();
    fill(h, 'k', 200_000);
    const full = h.shard.arena.usedBytes;
    for (const one of requests) h.run(one);
    expect(h.shard.arena.usedBytes).toBeGreaterThan(full * 0.8);
    expect(h.shard.lazyFreePending()).toBe(1);
    expect(h.shard.idleMs()).toBe(0);
    h.shard.check();
    h.run('RPUSH other a b');
    let slices = 0;
    while (h.shard.lazyFree.step()) slices++;
    expect(slices).toBeGreaterThan(0);
    expect(h.counters.freed).toBe(1);
    expect(h.shard.lazyFreePending()).toBe(0);
    h.run('DEL other');
    expect(h.shard.arena.usedBytes).toBe(0);
    h.shard.check();
  });

  it('are freed in slices when they expire', async () => {
    const h = await create();
    fill(h, 'k', 200_000);
    h.shard.dbs[0].setExpireAt(request('k'), 1, h.clock.nowMs() + 5);
    h.clock.advance(10);
    expect(h.text('EXISTS k')).toBe(':0');
    expect(h.shard.lazyFreePending()).toBe(1);
    h.shard.lazyFree.finish();
    expect(h.shard.arena.usedBytes).toBe(0);
  });

  it('are gone after FLUSHALL SYNC, those that wait to be freed as well', async () => {
    const h = await create();
    for (const key of ['a', 'b', 'c']) fill(h, key, 100_000);
    h.run('DEL a');
    h.dbIndex = 3;
    fill(h, 'd', 100_000);
    h.run('FLUSHDB ASYNC');
    flushed(h);
  });

  it('hold elements of 100 KB and of 10 MB, which move, copy and go', async () => {
    const h = await create();
    const some = Buffer.alloc(100_000, 's');
    const much = Buffer.alloc(10 * 1024 * 1024, 'm');
    for (let i = 0; i < 50; i++) h.run(['RPUSH', 'k', some, `after ${i}`]);
    h.run(['LPUSH', 'k', much]);
    h.run(['LINSERT', 'k', 'AFTER', 'after 24', much]);
    h.run(['LSET', 'k', '1', much]);
    h.shard.check();
    must(h.run('LINDEX k 0').length === much.length + 13, 'the first is large');
    h.run('COPY k k2');
    h.run('RPOPLPUSH k2 k2');
    for (let i = 0; i < 3; i++) must(h.run('LMOVE k k LEFT RIGHT').length > 5, 'an element was moved');
    for (let i = 0; i < 60; i++) h.run('LMOVE k to RIGHT LEFT');
    h.shard.check();
    expect(h.text('LLEN k')).toBe(':42');
    expect(h.text('LLEN to')).toBe(':60');
    expect(h.text(['LPOS', 'to', much, 'COUNT', '0'])).toMatch(/^\*[1-3]\r\n/);
    expect(h.text(['LREM', 'k2', '0', much])).toBe(':3');
    expect(h.text(['LREM', 'k2', '0', some])).toBe(':49');
    h.shard.check();
    flushed(h);
  });

  it('rotate without growing', async () => {
    const h = await create();
    fill(h, 'k', 20_000);
    const before = h.shard.arena.usedBytes;
    for (let i = 0; i < 50_000; i++) h.run('RPOPLPUSH k k');
    expect(h.text('LINDEX k 10000')).toBe('$16\r\ne0..............');
    expect(h.shard.arena.usedBytes).toBeLessThan(before * 1.02);
    flushed(h);
  });
});

describe('the defragmenter', () => {
  it('moves lists and their nodes and leaves them right', async () => {
    const h = await create(20);
    const random = new SeededRandom(9);
    const kept = new Map<string, string>();
    for (let i = 0; i < 40_000; i++) {
      const count = i % 100 === 0 ? 300 : 1 + random.below(30);
      const words = Array.from({ length: count }, (_, j) => `value-${i}-${j}`);
      h.run(['RPUSH', `k${i}`, ...words]);
    }
    for (let i = 0; i < 40_000; i++) {
      if (random.below(8) === 0) kept.set(`k${i}`, h.text(`LRANGE k${i} 0 -1`));
      else h.run(`DEL k${i}`);
    }
    h.shard.lazyFree.finish();
    const { shard } = h;
    const before = shard.arena.sparseBytes;
    for (let cycle = 0; cycle < 2000 && shard.idleMs() < Infinity; cycle++) {
      h.clock.advance(10);
      shard.tick();
      shard.background(500);
    }
    expect(shard.defragMoved).toBeGreaterThan(500);
    expect(shard.arena.sparseBytes).toBeLessThan(before / 2);
    shard.check();
    for (const [key, content] of kept) must(h.text(`LRANGE ${key} 0 -1`) === content, 'a moved list reads as before');
    flushed(h);
  });
});

describe('the portable form', () => {
  it('carries any string and list to another shard', async () => {
    const from = await create(20);
    const to = await create(-2);
    const made: readonly (readonly [key: string, ...requests: Request[]])[] = [
      ['empty', 'SET empty ""'],
      ['int', 'SET int 12345'],
      ['big', 'SET big 9223372036854775807'],
      ['embstr', 'SET embstr abc'],
      ['raw', 'APPEND raw 12', 'APPEND raw 3'],
      ['blob', ['SET', 'blob', 'b'.repeat(5000)]],
      ['cut', ['SET', 'cut', 'b'.repeat(5000)], 'SETRANGE cut 4999 x'],
      ['small', 'RPUSH small a 1 "" bb'],
      ['nodes', ...Array.from({ length: 100 }, (_, i): Request => ['RPUSH', 'nodes', `n${i}`, String(i * i)])],
      [
        'plain',
        ['RPUSH', 'plain', 'x'.repeat(9000), 'between', 'y'.repeat(50_000)],
        ['LPUSH', 'plain', 'z'.repeat(100_000)],
      ],
    ];
    const sink = new GrowingBytes(64);
    for (const [key, ...requests] of made) {
      for (const one of requests) from.run(one);
      sink.clear();
      const db = from.shard.dbs[0];
      sink.appendWord(0);
      exportValue(db.arena, db.peek(request(key), 1), sink);
      importValue(to.shard.dbs[0], request(key), 1, sink.bytes, 4, sink.length);
      const read = from.text(['TYPE', key]) === '+list' ? ['LRANGE', key, '0', '-1'] : ['GET', key];
      must(to.run(read).equals(from.run(read)), `the same content: ${key}`);
      expect(encoding(to, key), key).toBe(encoding(from, key));
      to.shard.check();
    }
    to.run('RPUSH nodes more');
    to.run('LPUSH small more');
    flushed(to);
    flushed(from);
  });
});

describe('who waits for keys', () => {
  it('is told of every key that was made or has grown, and only while somebody waits', async () => {
    const h = await create();
    const told: string[] = [];
    const { waiters } = h.shard;
    let waiting = 0;
    Object.defineProperty(waiters, 'size', { get: () => waiting });
    waiters.keyReady = (db, _hash, bytes, start, end) => told.push(`${db}:${latin1Of(bytes, start, end)}`);
    const after = (...requests: Request[]): string[] => {
      told.length = 0;
      for (const one of requests) h.run(one);
      return [...told];
    };
    expect(after('RPUSH k a', 'LPUSH k b')).toEqual([]);
    waiting = 1;
    expect(after('RPUSH k a b c')).toEqual(['0:k']);
    expect(after('LPUSH k a', 'LPUSHX k b', 'RPUSHX none b')).toEqual(['0:k', '0:k']);
    expect(after('LINSERT k BEFORE b x', 'LINSERT k BEFORE none x')).toEqual(['0:k']);
    expect(after('LMOVE k to LEFT RIGHT', 'RPOPLPUSH k k', 'RPOPLPUSH none k')).toEqual(['0:to', '0:k']);
    expect(after('LPOP k', 'LSET k 0 x', 'LREM k 0 zz', 'LTRIM k 0 10', 'SET s v', 'RENAME s s2')).toEqual([]);
    expect(after('RENAME k n', 'COPY n m', 'COPY n k DB 2', 'MOVE m 1')).toEqual(['0:n', '0:m', '2:k', '1:m']);
    const sink = new GrowingBytes(64);
    const db = h.shard.dbs[0];
    exportValue(db.arena, db.peek(request('n'), 1), sink);
    told.length = 0;
    importValue(db, request('imported'), 1, sink.bytes, 0, sink.length);
    expect(told).toEqual(['0:imported']);
    flushed(h);
  });
});
