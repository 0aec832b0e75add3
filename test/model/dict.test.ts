// The dict against a Map: the same keys, the same flags, whatever was inserted, removed and replaced in between; the
// promises of SCAN while the dict grows and shrinks under it; sampling, sweeps, colliding hashes, taking apart.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/base/bytes.js';
import { SeededRandom } from '../../src/base/prng.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { ENTRIES, MEMBERS, type ElementLayout } from '../../src/structures/dict-element.js';
import { checkDict, DictDrain, randomDictEntry, scanDict, sweepTtl } from '../../src/structures/dict-walk.js';
import { Dict } from '../../src/structures/dict.js';
import { must } from '../support/must.js';
import { alikeKeys, HASH_SEED, hashOf, hashOfElement, keyOf, makeElement } from '../support/entries.js';

class Twin {
  readonly arena = new Arena();
  readonly dict: Dict;
  readonly keys = new Map<string, boolean>();

  constructor(layout: ElementLayout = ENTRIES) {
    this.dict = new Dict(this.arena, HASH_SEED, 0, layout);
  }

  /** The key of an element. */
  keyOf(ref: Ref): string {
    return keyOf(this.arena, ref, this.dict.layout);
  }

  has(key: Uint8Array): Ref {
    return this.dict.find(hashOf(key), key, 0, key.length);
  }

  /** Inserts the key, or gives it the flag when it is there. */
  put(key: Uint8Array, hasTtl: boolean): void {
    const name = Buffer.from(key).toString('latin1');
    const old = this.has(key);
    must((old !== 0) === this.keys.has(name), 'the dict finds what the map has');
    const entry = makeElement(this.arena, key, hasTtl, this.dict.layout);
    if (old === 0) {
      this.dict.insert(hashOf(key), entry, hasTtl);
    } else {
      this.dict.replaceFound(entry, hasTtl);
      this.arena.free(old);
    }
    this.keys.set(name, hasTtl);
  }

  remove(key: Uint8Array): void {
    const name = Buffer.from(key).toString('latin1');
    const old = this.has(key);
    must((old !== 0) === this.keys.has(name), 'the dict finds what the map has');
    if (old === 0) return;
    must(this.keyOf(old) === name, 'the found entry has the key');
    this.dict.removeFound();
    this.arena.free(old);
    this.keys.delete(name);
  }

  check(): void {
    checkDict(this.dict);
    this.arena.check();
    expect(this.dict.count).toBe(this.keys.size);
    let ttls = 0;
    for (const hasTtl of this.keys.values()) if (hasTtl) ttls++;
    expect(this.dict.ttlCount).toBe(ttls);
    for (const name of this.keys.keys()) {
      const key = Buffer.from(name, 'latin1');
      const entry = this.has(key);
      if (entry === 0 || this.keyOf(entry) !== name) throw new Error(`lost ${name}`);
    }
  }

  /** Everything that one full scan visits, with repetitions. */
  scanAll(count: number): string[] {
    const seen: string[] = [];
    let cursor = 0;
    do {
      cursor = scanDict(this.dict, cursor, count, (entry) => seen.push(this.keyOf(entry)));
    } while (cursor !== 0);
    return seen;
  }

  empty(): void {
    for (const name of [...this.keys.keys()]) this.remove(Buffer.from(name, 'latin1'));
    expect(this.dict.root).toBe(0);
    expect(this.dict.count).toBe(0);
    expect(this.arena.usedBytes).toBe(0);
  }
}

function key(i: number): Uint8Array {
  return bytesOf(`key:${i}`);
}

/** Odd seeds test a keyspace, even ones a collection's members. */
function layoutOf(seed: number): ElementLayout {
  return seed % 2 === 1 ? ENTRIES : MEMBERS;
}

describe('the dict', () => {
  for (let seed = 1; seed <= 12; seed++) {
    it(`holds what a map holds, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const twin = new Twin(layoutOf(seed));
      const range = [20, 300, 4000][seed % 3];
      for (let step = 0; step < 12_000; step++) {
        const grows = Math.floor(step / 3000) % 2 === 0 ? 80 : 20;
        const at = key(random.below(range));
        if (random.below(100) < grows) twin.put(at, random.below(3) === 0);
        else twin.remove(at);
        if (step % 3000 === 2999) twin.check();
      }
      const seen = twin.scanAll(1 + random.below(50));
      expect(seen.length).toBe(twin.keys.size);
      expect(new Set(seen)).toEqual(new Set(twin.keys.keys()));
      twin.empty();
    });
  }

  it('holds 0, 1, 10 and 11 entries, and no memory when empty', () => {
    const twin = new Twin();
    expect(twin.has(key(1))).toBe(0);
    expect(scanDict(twin.dict, 0, 10, () => undefined)).toBe(0);
    expect(twin.arena.usedBytes).toBe(0);
    for (let i = 0; i < 11; i++) {
      twin.put(key(i), i % 2 === 0);
      twin.check();
    }
    twin.empty();
  });

  it('stays within ten bytes of index per key at every size, and gives the memory back on the way down', () => {
    const twin = new Twin();
    const perKey: number[] = [];
    for (let i = 0; i < 60_000; i++) {
      twin.put(key(i), false);
      if (i > 500 && i % 97 === 0) perKey.push(twin.dict.indexBytes / (i + 1));
    }
    twin.check();
    expect(Math.max(...perKey)).toBeLessThan(10.5);
    expect(perKey.reduce((sum, bytes) => sum + bytes) / perKey.length).toBeLessThan(9.2);
    const full = twin.dict.indexBytes;
    for (let i = 0; i < 54_000; i++) twin.remove(key(i));
    twin.check();
    expect(twin.dict.indexBytes).toBeLessThan(full / 3);
    twin.empty();
  }, 20_000);
});

describe('hashes that are alike', () => {
  it('share a tag: the same home in every partition', () => {
    const twin = new Twin();
    const keys = alikeKeys(700, 0x7fff);
    for (const each of keys) twin.put(each, false);
    twin.check();
    expect(new Set(twin.scanAll(7)).size).toBe(700);
    for (const each of keys.slice(0, 650)) twin.remove(each);
    twin.check();
    twin.empty();
  });

  it('share the directory bits: splitting would not help', () => {
    const twin = new Twin();
    const keys = alikeKeys(1500, 0xffc00000 | 0);
    for (const each of keys) twin.put(each, false);
    twin.check();
    expect(twin.scanAll(10).length).toBe(1500);
    for (const each of keys.slice(0, 1400)) twin.remove(each);
    twin.check();
    twin.empty();
  });
});

describe('a scan', () => {
  for (let seed = 1; seed <= 24; seed++) {
    it(`visits what stays exactly once under growth and shrinking, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const twin = new Twin(layoutOf(seed));
      const stay = 200 + random.below(1500);
      for (let i = 0; i < stay; i++) twin.put(key(i), false);
      // What comes and goes during the scan: up to forty times as many.
      const others = random.below(8) === 0 ? 25_000 : 1 + random.below(6000);
      for (let i = 0; i < others; i += 2) twin.put(key(10_000 + i), false);
      const visits = new Map<string, number>();
      let cursor = 0;
      let steps = 0;
      let grows = random.below(2) === 0;
      do {
        cursor = scanDict(twin.dict, cursor, 1 + random.below(40), (entry) => {
          const name = twin.keyOf(entry);
          visits.set(name, (visits.get(name) ?? 0) + 1);
        });
        if (random.below(12) === 0) grows = !grows;
        const changes = random.below(Math.min(others / 4, 1500));
        for (let i = 0; i < changes; i++) {
          const at = key(10_000 + random.below(others));
          if (grows) twin.put(at, false);
          else twin.remove(at);
        }
        must(++steps < 20_000, 'a scan ends');
      } while (cursor !== 0);
      for (let i = 0; i < stay; i++) must(visits.get(`key:${i}`) === 1, `one visit of key:${i}`);
      twin.empty();
    });
  }

  it('survives any cursor that a client makes up', () => {
    const random = new SeededRandom(3);
    const twin = new Twin();
    for (let i = 0; i < 3000; i++) twin.put(key(i), false);
    for (let i = 0; i < 500; i++) {
      let cursor = random.below(3) === 0 ? random.below(70_000) : random.next32();
      for (let step = 0; step < 3; step++) {
        cursor = scanDict(twin.dict, cursor, 10, () => undefined);
        must(cursor >= 0 && cursor < 2 ** 32 && Number.isInteger(cursor), 'a cursor is an unsigned word');
      }
    }
  });

  it('takes about as many entries per step as asked', () => {
    const twin = new Twin();
    for (let i = 0; i < 20_000; i++) twin.put(key(i), false);
    let cursor = 0;
    do {
      let visited = 0;
      cursor = scanDict(twin.dict, cursor, 10, () => visited++);
      must(visited < 10 + 30, 'a step overshoots by a few buckets');
    } while (cursor !== 0);
  });
});

describe('sampling', () => {
  it('finds every entry about as often', () => {
    const twin = new Twin();
    const random = new SeededRandom(9);
    for (const size of [1, 2, 9, 40, 700]) {
      for (let i = twin.keys.size; i < size; i++) twin.put(key(i), false);
      const hits = new Map<string, number>();
      const draws = size * 200;
      for (let i = 0; i < draws; i++) {
        const name = twin.keyOf(randomDictEntry(twin.dict, random));
        hits.set(name, (hits.get(name) ?? 0) + 1);
      }
      expect(hits.size).toBe(size);
      for (const count of hits.values()) must(count > 100 && count < 340, 'an entry is met about 200 times');
    }
  });

  it('finds the one entry that is left of many', () => {
    const twin = new Twin();
    for (let i = 0; i < 5000; i++) twin.put(key(i), false);
    for (let i = 1; i < 5000; i++) twin.remove(key(i));
    expect(twin.keyOf(randomDictEntry(twin.dict, new SeededRandom(1)))).toBe('key:0');
    twin.empty();
    expect(randomDictEntry(twin.dict, new SeededRandom(1))).toBe(0);
  });
});

describe('the sweep', () => {
  it('meets every entry with a TTL and no other, while it removes them', () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new SeededRandom(seed);
      const twin = new Twin(layoutOf(seed));
      const size = [5, 100, 2000, 9000][seed % 4];
      for (let i = 0; i < size; i++) twin.put(key(i), random.below(4) === 0);
      const expected = [...twin.keys].filter(([, hasTtl]) => hasTtl).map(([name]) => name);
      const met = new Set<string>();
      let position = 0;
      let passes = 0;
      // Removing shrinks partitions under the sweep, which may make it skip; the next pass meets what is left.
      do {
        position = sweepTtl(twin.dict, position, 1 + random.below(20), (entry) => {
          const name = twin.keyOf(entry);
          met.add(name);
          must(twin.dict.findRef(hashOfElement(twin.arena, entry, twin.dict.layout), entry), 'a swept entry is found');
          twin.dict.removeFound();
          twin.arena.free(entry);
          twin.keys.delete(name);
        });
        if (position === 0) passes++;
      } while (twin.dict.ttlCount > 0);
      expect(met).toEqual(new Set(expected));
      expect(passes).toBeLessThan(6);
      twin.check();
      twin.empty();
    }
  });

  it('does not find a ref that is not there', () => {
    const twin = new Twin();
    twin.put(key(1), false);
    const stray = makeElement(twin.arena, key(2), false, ENTRIES);
    expect(twin.dict.findRef(hashOf(key(2)), stray)).toBe(false);
  });
});

describe('taking apart', () => {
  for (const size of [0, 1, 700, 12_000]) {
    it(`frees ${size} entries in slices`, () => {
      const twin = new Twin(size === 700 ? ENTRIES : MEMBERS);
      for (let i = 0; i < size; i++) twin.put(key(i), i % 3 === 0);
      const drain = new DictDrain(twin.dict);
      expect(twin.dict.root).toBe(0);
      expect(drain.remaining).toBe(size);
      // The emptied dict is in use again meanwhile.
      twin.keys.clear();
      for (let i = 0; i < 50; i++) twin.put(key(i), false);
      let freed = 0;
      let most = 0;
      for (let more = true; more;) {
        const before = freed;
        more = drain.step(100, (entry) => {
          twin.arena.free(entry);
          freed++;
        });
        most = Math.max(most, freed - before);
        must(drain.remaining === size - freed, 'a drain knows what is left');
      }
      expect(freed).toBe(size);
      expect(most).toBeLessThan(100 + 640);
      twin.check();
      twin.empty();
    });
  }
});
