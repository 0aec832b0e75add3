// A database against a Map of strings and times, and its edges: integers, long keys, the limits between the encodings,
// resizing, renaming and copying, expiry by lookup and by sweep, emptying. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { KEEP_TTL, NO_EXPIRY, type Db, type StringView } from '../../src/shard/db.js';
import { INLINE_VALUE_BYTES_MAX } from '../../src/values/string.js';
import { must } from '../support/must.js';
import { makeShard, request, type TestShard } from '../support/shards.js';

const view: StringView = { bytes: new Uint8Array(0), start: 0, end: 0 };

function set(db: Db, key: string, value: string, expireAtMs = NO_EXPIRY): void {
  const args = request(key, value);
  db.setString(args, 1, args.bytes, args.starts[2], args.ends[2], expireAtMs);
}

function text(): string {
  return Buffer.from(view.bytes.subarray(view.start, view.end)).toString('latin1');
}

function get(db: Db, key: string): string | undefined {
  const entry = db.lookupRead(request(key), 1);
  if (entry === 0) return undefined;
  db.readString(entry, view);
  const value = text();
  must(db.stringLength(entry) === value.length, 'the length is that of the content');
  return value;
}

function encoding(db: Db, key: string): string {
  return db.facts(db.peek(request(key), 1)).encoding;
}

function resize(db: Db, key: string, length: number): void {
  db.resizeString(request(key), 1, length, view);
  must(view.end - view.start === length, 'the view is the whole string');
}

function append(db: Db, key: string, more: string): void {
  const entry = db.lookupWrite(request(key), 1);
  const before = entry === 0 ? 0 : db.stringLength(entry);
  resize(db, key, before + more.length);
  view.bytes.set(Buffer.from(more, 'latin1'), view.start + before);
}

function emptyAndCheck({ shard }: TestShard): void {
  shard.check();
  for (const db of shard.dbs) db.flush(false);
  shard.check();
  expect(shard.arena.usedBytes).toBe(0);
}

describe('a string', () => {
  const values = [
    '', '0', '-1', '-0', '00', '1', '12345', '9007199254740991', '9007199254740992', '-9007199254740993',
    '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809', '-', '1 ', ' 1', '1.5',
    '12345678901234567890', '123456789012345678901', 'a', 'a'.repeat(44), 'a'.repeat(45), '1'.repeat(45),
    'a'.repeat(INLINE_VALUE_BYTES_MAX - 1), 'a'.repeat(INLINE_VALUE_BYTES_MAX), 'a'.repeat(INLINE_VALUE_BYTES_MAX + 1),
    'b'.repeat(100_000), '\0\r\n\xff',
  ]; // prettier-ignore

  it('reads as it was set, whatever stood there before, under keys of every form', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    for (const key of ['', 'k', 'k'.repeat(255), 'k'.repeat(256), 'k'.repeat(70_000)]) {
      for (const first of values) {
        for (const [i, second] of values.entries()) {
          set(db, key, first, i % 3 === 0 ? test.clock.ms + 1000 : NO_EXPIRY);
          set(db, key, second, [NO_EXPIRY, KEEP_TTL, test.clock.ms + 2000][i % 2]);
          must(get(db, key) === second, 'a string reads as it was set');
        }
      }
    }
    expect(db.size).toBe(5);
    emptyAndCheck(test);
  });

  it('tells its encoding as Redis does', () => {
    const db = makeShard().shard.dbs[0];
    const expected: [value: string, name: string][] = [
      ['12345', 'int'],
      ['-9223372036854775808', 'int'],
      ['9223372036854775807', 'int'],
      ['9223372036854775808', 'embstr'],
      ['0123', 'embstr'],
      ['', 'embstr'],
      ['a'.repeat(44), 'embstr'],
      ['a'.repeat(45), 'raw'],
      ['a'.repeat(INLINE_VALUE_BYTES_MAX + 1), 'raw'],
    ];
    for (const [value, name] of expected) {
      set(db, 'k', value);
      expect(encoding(db, 'k')).toBe(name);
    }
    set(db, 'k', 'short');
    append(db, 'k', 'er');
    expect(encoding(db, 'k')).toBe('raw');
    set(db, 'k', '12');
    append(db, 'k', '3');
    expect(encoding(db, 'k')).toBe('raw');
    expect(db.stringInteger(db.peek(request('k'), 1))).toBe(123);
    db.setInteger(request('k'), 1, 124);
    expect(encoding(db, 'k')).toBe('int');
  });

  it('gives integers back exactly', () => {
    const db = makeShard().shard.dbs[0];
    const whole = [
      0n,
      1n,
      -1n,
      255n,
      1n << 31n,
      1n << 32n,
      (1n << 53n) - 1n,
      1n << 53n,
      -(1n << 53n),
      (1n << 63n) - 1n,
    ];
    for (const value of [...whole, -(1n << 63n)]) {
      const safe = value > -(1n << 53n) && value < 1n << 53n;
      for (const how of ['text', 'number', 'bigint']) {
        if (how === 'text') set(db, 'k', value.toString());
        else if (how === 'bigint') db.setBigint(request('k'), 1, value);
        else if (safe) db.setInteger(request('k'), 1, Number(value));
        const entry = db.peek(request('k'), 1);
        expect(db.stringBigint(entry)).toBe(value);
        expect(db.stringInteger(entry)).toBe(safe ? Number(value) : NaN);
        expect(get(db, 'k')).toBe(value.toString());
      }
    }
    set(db, 'k', 'x1');
    expect(db.stringInteger(db.peek(request('k'), 1))).toBe(NaN);
    expect(db.stringBigint(db.peek(request('k'), 1))).toBe(undefined);
    expect(() => {
      db.setInteger(request('k'), 1, 2 ** 53);
    }).toThrow();
  });

  it('keeps the spelling of several integers apart', () => {
    const db = makeShard().shard.dbs[0];
    set(db, 'a', '111');
    set(db, 'b', '222');
    const other = { ...view };
    db.readString(db.peek(request('a'), 1), view);
    db.readString(db.peek(request('b'), 1), other);
    expect(text()).toBe('111');
  });

  it('takes the room of a value of the same class', () => {
    const { shard } = makeShard();
    set(shard.dbs[0], 'key', 'value-1');
    const before = shard.dbs[0].peek(request('key'), 1);
    set(shard.dbs[0], 'key', 'value-2');
    set(shard.dbs[0], 'key', 'value-no3');
    expect(shard.dbs[0].peek(request('key'), 1)).toBe(before);
    set(shard.dbs[0], 'key', 'x'.repeat(5000));
    const used = shard.arena.usedBytes;
    set(shard.dbs[0], 'key', 'y'.repeat(5000));
    expect(shard.arena.usedBytes).toBe(used);
    shard.check();
  });
});

describe('resizing', () => {
  it('grows and cuts over every boundary and fills with zeros', () => {
    const limit = INLINE_VALUE_BYTES_MAX;
    const lengths = [0, 1, 7, 44, 45, limit - 1, limit, limit + 1, 3 * limit, 40_000];
    for (const expiry of [false, true]) {
      const test = makeShard();
      const db = test.shard.dbs[0];
      for (const from of lengths) {
        for (const to of lengths) {
          set(db, 'k', 'v'.repeat(from), expiry ? test.clock.ms + 5 : NO_EXPIRY);
          resize(db, 'k', to);
          const expected = 'v'.repeat(Math.min(from, to)) + '\0'.repeat(Math.max(0, to - from));
          must(text() === expected, 'the content is kept, the rest is zero');
          must(get(db, 'k') === expected, 'and stands in the key');
          must((db.expireAt(db.peek(request('k'), 1)) !== -1) === expiry, 'the TTL is kept');
        }
      }
      resize(db, 'new', 3);
      expect(get(db, 'new')).toBe('\0\0\0');
      resize(db, 'big', 100_000);
      expect(get(db, 'big')).toBe('\0'.repeat(100_000));
      emptyAndCheck(test);
    }
  });

  it('appends in amortised constant time: few blocks change', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    let expected = '';
    let moves = 0;
    let last = 0;
    for (let i = 0; i < 3000; i++) {
      append(db, 'k', `${i},`);
      expected += `${i},`;
      const at = view.start;
      if (at !== last) moves++;
      last = at;
    }
    expect(get(db, 'k')).toBe(expected);
    expect(moves).toBeLessThan(25);
    emptyAndCheck(test);
  });
});

describe('a time to live', () => {
  it('ends a key after its instant, not at it', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    set(db, 'k', 'v', test.clock.ms + 100);
    expect(db.expiresSize).toBe(1);
    test.clock.ms += 100;
    test.shard.tick();
    expect(get(db, 'k')).toBe('v');
    test.clock.ms += 1;
    test.shard.tick();
    expect(db.size).toBe(1);
    expect(get(db, 'k')).toBe(undefined);
    expect(db.size).toBe(0);
    expect(test.counters.expired).toBe(1);
    expect([test.counters.hits, test.counters.misses]).toEqual([1, 1]);
    expect([test.counters.keys[0], test.counters.expires[0]]).toEqual([0, 0]);
    emptyAndCheck(test);
  });

  it('is set, changed and taken away in every encoding', () => {
    for (const value of ['v', '12', 'v'.repeat(INLINE_VALUE_BYTES_MAX), 'v'.repeat(5000)]) {
      for (const key of ['k', 'k'.repeat(300)]) {
        const test = makeShard();
        const db = test.shard.dbs[0];
        const args = request(key);
        set(db, key, value);
        expect(db.expireAt(db.peek(args, 1))).toBe(-1);
        expect(db.persist(args, 1)).toBe(false);
        db.setExpireAt(args, 1, test.clock.ms + 7);
        expect(db.expireAt(db.peek(args, 1))).toBe(test.clock.ms + 7);
        db.setExpireAt(args, 1, (1n << 62n) + 3n);
        expect(db.expireAtBig(db.peek(args, 1))).toBe((1n << 62n) + 3n);
        expect(test.counters.expires[0]).toBe(1);
        set(db, key, 'other', KEEP_TTL);
        set(db, key, value, KEEP_TTL);
        expect(db.expireAtBig(db.peek(args, 1))).toBe((1n << 62n) + 3n);
        expect(db.persist(args, 1)).toBe(true);
        expect(db.expiresSize).toBe(0);
        expect(get(db, key)).toBe(value);
        db.setExpireAt(args, 1, test.clock.ms + 7);
        set(db, key, value);
        expect(db.expireAt(db.peek(args, 1))).toBe(-1);
        emptyAndCheck(test);
      }
    }
  });

  it('does not survive in a key that is set again after its end', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    set(db, 'k', 'v', test.clock.ms + 1);
    test.clock.ms += 10;
    test.shard.tick();
    set(db, 'k', 'w', KEEP_TTL);
    expect(db.expireAt(db.peek(request('k'), 1))).toBe(-1);
    expect(test.counters.expired).toBe(1);
    set(db, 'k', 'v', test.clock.ms + 1);
    test.clock.ms += 10;
    test.shard.tick();
    expect(db.delete(request('k'), 1)).toBe(false);
    set(db, 'k', 'v', test.clock.ms + 1);
    test.clock.ms += 10;
    test.shard.tick();
    resize(db, 'k', 2);
    expect(get(db, 'k')).toBe('\0\0');
    emptyAndCheck(test);
  });
});

describe('background work', () => {
  it('removes what has expired without anybody asking, in slices', () => {
    const test = makeShard();
    const { shard, clock, counters } = test;
    const db = shard.dbs[3];
    expect(shard.idleMs()).toBe(Infinity);
    for (let i = 0; i < 4000; i++) set(db, `k${i}`, 'v', i % 4 === 0 ? NO_EXPIRY : clock.ms + 1 + (i % 3));
    expect(shard.idleMs()).toBeLessThanOrEqual(100);
    shard.background(1000);
    expect(db.size).toBe(4000);
    clock.ms += 200;
    shard.tick();
    expect(shard.idleMs()).toBe(0);
    let slices = 1;
    while (shard.background(100)) slices++;
    expect(slices).toBeGreaterThan(1);
    for (let cycle = 0; cycle < 50 && db.expiresSize > 0; cycle++) {
      clock.ms += 100;
      shard.tick();
      while (shard.background(100)) slices++;
    }
    expect(db.size).toBe(1000);
    expect(counters.expired).toBe(3000);
    expect([counters.keys[3], counters.expires[3]]).toEqual([1000, 0]);
    expect(shard.idleMs()).toBe(Infinity);
    emptyAndCheck(test);
  });

  it('leaves expired keys alone while active expiry is off', () => {
    const { shard, clock } = makeShard();
    set(shard.dbs[0], 'k', 'v', clock.ms + 1);
    shard.activeExpire = false;
    clock.ms += 1000;
    shard.tick();
    expect(shard.background(1000)).toBe(false);
    expect(shard.idleMs()).toBe(Infinity);
    expect(shard.dbs[0].size).toBe(1);
  });

  it('frees a flushed database in slices while it is in use again', () => {
    const test = makeShard();
    const { shard, counters } = test;
    const db = shard.dbs[0];
    for (let i = 0; i < 3000; i++) set(db, `k${i}`, i % 10 === 0 ? 'v'.repeat(3000) : 'v');
    db.flush(true);
    expect(db.size).toBe(0);
    expect(shard.lazyFreePending()).toBe(3000);
    expect(shard.idleMs()).toBe(0);
    set(db, 'new', 'value');
    let slices = 1;
    while (shard.background(20)) slices++;
    expect(slices).toBeGreaterThan(2);
    expect(shard.lazyFreePending()).toBe(0);
    expect(counters.freed).toBe(3000);
    expect(get(db, 'new')).toBe('value');
    expect(db.delete(request('new'), 1)).toBe(true);
    expect(shard.arena.usedBytes).toBe(0);
    emptyAndCheck(test);
  });
});

describe('the defragmenter', () => {
  it('moves what is left of many keys together and gives the pages back', () => {
    const test = makeShard();
    const { shard, clock } = test;
    const random = new SeededRandom(6);
    const kept = new Map<string, string>();
    const keys = 120_000;
    for (let i = 0; i < keys; i++) {
      const value = i % 50 === 0 ? 'b'.repeat(INLINE_VALUE_BYTES_MAX + random.below(3000)) : `value-${i}`;
      set(shard.dbs[i & 1], `key-${i}`, value, i % 3 === 0 ? clock.ms + 1e9 : NO_EXPIRY);
      kept.set(`key-${i}`, value);
    }
    for (let i = 0; i < keys; i++) {
      if (random.below(8) === 0) continue;
      shard.dbs[i & 1].delete(request(`key-${i}`), 1);
      kept.delete(`key-${i}`);
    }
    const before = shard.arena.sparseBytes;
    expect(shard.idleMs()).toBeLessThan(1000);
    for (let cycle = 0; cycle < 10_000 && shard.idleMs() <= 10; cycle++) {
      clock.ms += 10;
      shard.tick();
      shard.background(500);
      if (cycle % 100 === 0) shard.arena.check();
    }
    expect(shard.defragMoved).toBeGreaterThan(keys / 20);
    expect(shard.arena.sparseBytes).toBeLessThan(before / 4);
    for (const [key, value] of kept) {
      must(get(shard.dbs[Number(key.slice(4)) & 1], key) === value, 'a moved key reads as before');
    }
    emptyAndCheck(test);
  });

  it('leaves a dense arena alone', () => {
    const { shard, clock } = makeShard();
    for (let i = 0; i < 20_000; i++) set(shard.dbs[0], `key-${i}`, 'value');
    expect(shard.idleMs()).toBe(Infinity);
    clock.ms += 5000;
    shard.tick();
    shard.background(1000);
    expect(shard.defragMoved).toBe(0);
  });
});

describe('renaming and copying', () => {
  const values = ['v', '12', 'v'.repeat(5000), ''];
  it('moves value and TTL, over what is there, within and between databases', () => {
    for (const value of values) {
      for (const target of [0, 5]) {
        for (const existing of [undefined, 'old', 'o'.repeat(4000)]) {
          const test = makeShard();
          const { dbs } = test.shard;
          set(dbs[0], 'from', value, test.clock.ms + 50);
          if (existing !== undefined) set(dbs[target], 'to'.repeat(150), existing);
          dbs[0].rename(request('from', 'to'.repeat(150)), 1, 2, dbs[target]);
          expect(get(dbs[0], 'from')).toBe(undefined);
          expect(get(dbs[target], 'to'.repeat(150))).toBe(value);
          expect(dbs[target].expireAt(dbs[target].peek(request('to'.repeat(150)), 1))).toBe(test.clock.ms + 50);
          expect(test.counters.keys[target]).toBe(1);
          expect(test.counters.expires[target]).toBe(1);
          emptyAndCheck(test);
        }
      }
    }
  });

  it('renames a key to itself', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    set(db, 'k', 'v'.repeat(3000));
    db.rename(request('k', 'k'), 1, 2, db);
    expect(get(db, 'k')).toBe('v'.repeat(3000));
    emptyAndCheck(test);
  });

  it('copies so that neither changes with the other', () => {
    for (const value of values) {
      const test = makeShard();
      const { dbs } = test.shard;
      set(dbs[0], 'a', value, test.clock.ms + 50);
      dbs[0].copy(request('a', 'b'), 1, 2, dbs[0]);
      dbs[0].copy(request('a', 'a'), 1, 2, dbs[1]);
      append(dbs[0], 'b', 'more');
      expect(get(dbs[0], 'a')).toBe(value);
      expect(get(dbs[0], 'b')).toBe(`${value}more`);
      expect(get(dbs[1], 'a')).toBe(value);
      expect(dbs[1].expireAt(dbs[1].peek(request('a'), 1))).toBe(test.clock.ms + 50);
      emptyAndCheck(test);
    }
  });
});

describe('what OBJECT tells', () => {
  it('dates the last use in LRU mode', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    set(db, 'k', 'v');
    test.clock.ms += 12_500;
    test.shard.tick();
    const idle = db.facts(db.peek(request('k'), 1)).idleMs;
    expect(idle === 12_000 || idle === 13_000).toBe(true);
    test.shard.touchOnAccess = false;
    get(db, 'k');
    expect(db.facts(db.peek(request('k'), 1)).idleMs).toBe(idle);
    test.shard.touchOnAccess = true;
    get(db, 'k');
    expect(db.facts(db.peek(request('k'), 1)).idleMs).toBe(0);
  });

  it('counts uses in LFU mode, fewer with time', () => {
    const test = makeShard(1, true);
    const db = test.shard.dbs[0];
    set(db, 'k', 'v');
    expect(db.facts(db.peek(request('k'), 1)).frequency).toBe(5);
    for (let i = 0; i < 1000; i++) get(db, 'k');
    const used = db.facts(db.peek(request('k'), 1)).frequency;
    expect(used > 8 && used < 40).toBe(true);
    set(db, 'k', 'w');
    expect(db.facts(db.peek(request('k'), 1)).frequency).toBe(used);
    test.clock.ms += 3 * 60_000;
    test.shard.tick();
    expect(db.facts(db.peek(request('k'), 1)).frequency).toBe(used - 3);
  });

  it('counts the bytes that a key takes', () => {
    const { shard } = makeShard();
    const db = shard.dbs[0];
    set(db, 'k'.repeat(16), 'v'.repeat(16));
    expect(db.memoryUsage(db.peek(request('k'.repeat(16)), 1), 5)).toBe(shard.arena.usedBytes);
    set(db, 'k'.repeat(16), 'v'.repeat(9000));
    expect(db.memoryUsage(db.peek(request('k'.repeat(16)), 1), 5)).toBe(shard.arena.usedBytes);
  });
});

describe('walking', () => {
  it('scans live keys, each once, and removes what expired', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    for (let i = 0; i < 2000; i++) set(db, `k${i}`, 'v', i % 2 === 0 ? NO_EXPIRY : test.clock.ms + 1);
    test.clock.ms += 10;
    test.shard.tick();
    const seen: string[] = [];
    let cursor = 0;
    do {
      cursor = db.scan(cursor, 10, (entry) => {
        db.readKey(entry, view);
        seen.push(text());
      });
    } while (cursor !== 0);
    expect(seen.length).toBe(1000);
    expect(new Set(seen).size).toBe(1000);
    expect(db.size).toBe(1000);
    emptyAndCheck(test);
  });

  it('picks a random live key, and none when all have expired', () => {
    const test = makeShard();
    const db = test.shard.dbs[0];
    const random = new SeededRandom(4);
    expect(db.randomEntry(random)).toBe(0);
    for (let i = 0; i < 500; i++) set(db, `k${i}`, 'v', i === 77 ? NO_EXPIRY : test.clock.ms + 1);
    test.clock.ms += 10;
    test.shard.tick();
    db.readKey(db.randomEntry(random), view);
    expect(text()).toBe('k77');
    db.delete(request('k77'), 1);
    expect(db.randomEntry(random)).toBe(0);
    expect(db.size).toBe(0);
    emptyAndCheck(test);
  });
});

describe('a database against a map', () => {
  for (let seed = 1; seed <= 10; seed++) {
    it(`agrees after any sequence of writes, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const test = makeShard(seed);
      const { shard, clock } = test;
      const twin = [new Map<string, [string, number]>(), new Map<string, [string, number]>()];
      const live = (db: number, key: string): [string, number] | undefined => {
        const found = twin[db].get(key);
        if (found !== undefined && found[1] !== -1 && found[1] < clock.ms) twin[db].delete(key);
        return twin[db].get(key);
      };
      const anyKey = (): string => 'key'.repeat(1 + (random.below(40) === 0 ? 100 : 0)) + String(random.below(60));
      const anyValue = (): string => {
        const kind = random.below(10);
        if (kind < 3) return String(random.next32() - random.next32());
        return String.fromCharCode(97 + random.below(26)).repeat(random.below(kind === 9 ? 4000 : 60));
      };
      for (let step = 0; step < 6000; step++) {
        const d = random.below(2);
        const db = shard.dbs[d];
        const key = anyKey();
        const args = request(key);
        const now = live(d, key);
        const what = random.below(12);
        if (what < 4) {
          const value = anyValue();
          const expiry = [NO_EXPIRY, KEEP_TTL, clock.ms + random.below(50)][random.below(3)];
          set(db, key, value, expiry);
          twin[d].set(key, [value, expiry === KEEP_TTL ? (now?.[1] ?? -1) : expiry]);
        } else if (what < 6) {
          must(db.delete(args, 1) === (now !== undefined), 'delete finds what is there');
          twin[d].delete(key);
        } else if (what === 6) {
          const more = anyValue();
          append(db, key, more);
          twin[d].set(key, [(now?.[0] ?? '') + more, now?.[1] ?? -1]);
        } else if (what === 7 && now !== undefined) {
          const ms = clock.ms + random.below(100);
          db.setExpireAt(args, 1, ms);
          twin[d].set(key, [now[0], ms]);
        } else if (what === 8 && now !== undefined) {
          must(db.persist(args, 1) === (now[1] !== -1), 'persist tells of the TTL');
          twin[d].set(key, [now[0], -1]);
        } else if (what === 9 && now !== undefined) {
          const to = anyKey();
          const other = random.below(2);
          db.rename(request(key, to), 1, 2, shard.dbs[other]);
          twin[d].delete(key);
          twin[other].set(to, now);
        } else if (what === 10 && now !== undefined) {
          const to = anyKey();
          const other = random.below(2);
          if (live(other, to) === undefined) {
            db.copy(request(key, to), 1, 2, shard.dbs[other]);
            twin[other].set(to, now);
          }
        } else if (what === 11) {
          const integer = random.below(1 << 30);
          db.setInteger(args, 1, integer);
          twin[d].set(key, [String(integer), now?.[1] ?? -1]);
        }
        must(get(db, key) === live(d, key)?.[0], `the same value after step ${step}`);
        if (random.below(20) === 0) {
          clock.ms += random.below(30);
          shard.tick();
          shard.background(50);
        }
        if (step % 2000 === 1999) shard.check();
      }
      for (const [d, map] of twin.entries()) {
        for (const key of [...map.keys()]) {
          must(get(shard.dbs[d], key) === live(d, key)?.[0], 'the same at the end');
          const entry = shard.dbs[d].peek(request(key), 1);
          if (entry !== 0) must(shard.dbs[d].expireAt(entry) === live(d, key)?.[1], 'with the same TTL');
        }
        expect(shard.dbs[d].size).toBe(map.size);
        expect(test.counters.keys[d]).toBe(map.size);
      }
      emptyAndCheck(test);
    });
  }
});
