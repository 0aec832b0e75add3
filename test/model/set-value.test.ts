// The set value against a Set of strings: random members in every form, at Redis's limits and at small ones; walks, picks,
// copies, the portable form, moves of every block. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { latin1Of, NO_BYTES, type ByteView } from '../../src/base/bytes.js';
import { GrowingBytes } from '../../src/base/growing-bytes.js';
import { SeededRandom } from '../../src/base/prng.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { entryBytes, entryEncoding, initEntry, setSlotRef } from '../../src/structures/entry.js';
import { defaultLimits, type StructureLimits } from '../../src/values/limits.js';
import { SET_TYPE } from '../../src/values/set-type.js';
import { encodingFor, setKind, SetValue, type SetEncoding } from '../../src/values/set.js';
import { SET_ENCODING } from '../../src/values/types.js';
import { must } from '../support/must.js';

const SEED = 77;
const KEY = Buffer.from('key');
const ENCODINGS = Object.values(SET_ENCODING);

function newArena(): Arena {
  const arena = new Arena(SEED);
  return arena;
}

function newEntry(arena: Arena, encoding: SetEncoding): Ref {
  const entry = arena.alloc(entryBytes(KEY.length, false, true, 0));
  initEntry(arena, entry, setKind(encoding), 0, false, KEY, 0, KEY.length, 0);
  setSlotRef(arena, entry, 0);
  return entry;
}

function readAll(set: SetValue): string[] {
  const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
  const members: string[] = [];
  set.rewind();
  while (set.next(view)) members.push(latin1Of(view.bytes, view.start, view.end));
  return members;
}

/** A set under an entry and a Set of strings that must agree. */
class Twin {
  readonly arena = newArena();
  readonly set = new SetValue();
  readonly members = new Set<string>();
  readonly limits: StructureLimits;
  entry: Ref = 0;

  constructor(limits: StructureLimits) {
    this.limits = limits;
  }

  add(member: string): void {
    const bytes = Buffer.from(member, 'latin1');
    if (this.members.size === 0) {
      this.entry = newEntry(this.arena, encodingFor(bytes, 0, bytes.length, 1, this.limits));
      this.set.create(this.arena, this.entry);
    }
    const isNew = !this.members.has(member);
    must(this.set.has(bytes, 0, bytes.length) === !isNew, 'the set has what the other has');
    must(this.set.add(bytes, 0, bytes.length, this.limits) === isNew, 'the set takes what it does not have');
    this.members.add(member);
    if (isNew) must(this.set.has(bytes, 0, bytes.length), 'and has it then');
  }

  remove(member: string): void {
    if (this.members.size === 0) return;
    const bytes = Buffer.from(member, 'latin1');
    must(this.set.remove(bytes, 0, bytes.length) === this.members.delete(member), 'the set gives what it has');
    this.#deleteWhenEmpty();
  }

  removePicked(random: SeededRandom): void {
    if (this.members.size === 0) return;
    const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
    this.set.pick(random, view);
    must(this.members.delete(latin1Of(view.bytes, view.start, view.end)), 'a member is picked');
    this.set.removePicked();
    this.#deleteWhenEmpty();
  }

  #deleteWhenEmpty(): void {
    if (this.members.size !== 0) return;
    SET_TYPE.free(this.arena, this.entry);
    this.arena.free(this.entry);
  }

  /** Takes the members out one after the other. */
  empty(): void {
    for (const member of [...this.members]) this.remove(member);
  }

  check(): void {
    must(this.members.size === 0 || this.set.count === this.members.size, 'the set counts its members');
    if (this.members.size === 0) return;
    SET_TYPE.check(this.arena, this.entry);
    this.arena.check();
    const all = readAll(this.set);
    must(all.length === this.members.size, 'every member is met once');
    for (const member of all) must(this.members.has(member), 'and no other is');
  }
}

type Make = (random: SeededRandom) => string;

const MAKERS: Record<string, Make> = {
  integers: (random) => String(random.below(300) - 150),
  'wide integers': (random) => String((BigInt(random.below(2000)) << BigInt(random.below(50))) - 1000n),
  words: (random) => `w${random.below(700)}`,
  'integers and words': (random) => (random.below(40) === 0 ? `w${random.below(9)}` : String(random.below(600))),
  'long members': (random) => `${random.below(200)}`.repeat(1 + random.below(120)),
  bytes: (random) => String.fromCharCode(...Array.from({ length: random.below(3) }, () => random.below(256))),
};

const LIMITS: readonly (readonly [ints: number, entries: number, value: number])[] = [
  [512, 128, 64],
  [10, 5, 8],
  [0, 20, 3],
  [3, 0, 64],
];

describe.each(Object.entries(MAKERS))('%s', (_name, make) => {
  it.each(LIMITS)('agree with a Set, limits %i %i %i', (ints, entries, value) => {
    const limits = {
      ...defaultLimits(),
      setMaxIntsetEntries: ints,
      setMaxListpackEntries: entries,
      setMaxListpackValue: value,
    };
    for (let seed = 1; seed <= 3; seed++) {
      const random = new SeededRandom(seed);
      const twin = new Twin(limits);
      let grows = true;
      for (let step = 0; step < 2500; step++) {
        if (random.below(400) === 0) grows = !grows;
        const kind = random.below(10);
        if (kind < (grows ? 7 : 2)) twin.add(make(random));
        else if (kind < 8) twin.remove(make(random));
        else twin.removePicked(random);
        if (step % 125 === 0) twin.check();
      }
      twin.check();
      twin.empty();
      expect(twin.arena.usedBytes).toBe(0);
    }
  });
});

/** A set of each form, and one large. */
function filled(encoding: SetEncoding, count: number): Twin {
  const twin = new Twin({ ...defaultLimits(), setMaxListpackEntries: encoding === SET_ENCODING.dict ? 0 : 128 });
  const word = encoding === SET_ENCODING.ints ? (i: number) => String(i * i * 7 - 1000) : (i: number) => `member:${i}`;
  for (let i = 0; i < count; i++) twin.add(word(i));
  must(entryEncoding(twin.arena, twin.entry) === encoding, 'the set has the form that is wanted');
  return twin;
}

const SIZES: readonly (readonly [SetEncoding, number])[] = [
  ...ENCODINGS.map((encoding) => [encoding, 100] as const),
  [SET_ENCODING.ints, 1],
  [SET_ENCODING.packed, 1],
  [SET_ENCODING.dict, 1],
  [SET_ENCODING.dict, 20_000],
];

describe.each(SIZES)('a set of encoding %i with %i members', (encoding, count) => {
  it('is copied', () => {
    const twin = filled(encoding, count);
    const copy = twin.arena.alloc(entryBytes(KEY.length, false, true, 0));
    twin.arena.copy(copy, 0, twin.entry, 0, entryBytes(KEY.length, false, true, 0));
    SET_TYPE.duplicate(twin.arena, copy);
    SET_TYPE.check(twin.arena, copy);
    const other = new SetValue();
    other.open(twin.arena, copy);
    expect(readAll(other)).toEqual(readAll(twin.set));
    twin.empty();
    SET_TYPE.check(twin.arena, copy);
    expect(other.count).toBe(count);
    SET_TYPE.free(twin.arena, copy);
    twin.arena.free(copy);
    expect(twin.arena.usedBytes).toBe(0);
  });

  it('is carried to another arena', () => {
    const twin = filled(encoding, count);
    const sink = new GrowingBytes(64);
    SET_TYPE.exportContent(twin.arena, twin.entry, sink);
    const arena = newArena();
    const entry = newEntry(arena, encoding);
    SET_TYPE.importContent(arena, entry, sink.bytes, 0, sink.length);
    SET_TYPE.check(arena, entry);
    const other = new SetValue();
    other.open(arena, entry);
    expect(readAll(other).sort()).toEqual([...twin.members].sort());
    SET_TYPE.free(arena, entry);
    arena.free(entry);
    expect(arena.usedBytes).toBe(0);
    twin.empty();
  });

  it('may have every block moved', () => {
    const twin = filled(encoding, count);
    const before = readAll(twin.set);
    const used = twin.arena.usedBytes;
    const { arena, entry } = twin;
    let moved = 0;
    const parts = Math.ceil(count / 1000) + 1;
    for (let pass = 0; pass < parts; pass++) {
      SET_TYPE.moveBlocks(arena, entry, {
        pass,
        move: (block, bytes) => {
          const target = arena.alloc(bytes);
          arena.copy(target, 0, block, 0, bytes);
          arena.free(block);
          moved++;
          return target;
        },
      });
      SET_TYPE.check(arena, entry);
    }
    expect(arena.usedBytes).toBe(used);
    expect(moved).toBeGreaterThanOrEqual(encoding === SET_ENCODING.dict ? count : 1);
    expect(moved).toBeLessThan(6 * parts + 3 * count);
    twin.set.open(arena, entry);
    expect(readAll(twin.set)).toEqual(before);
    twin.empty();
    expect(arena.usedBytes).toBe(0);
  });

  it('is given from nobody to a key, and freed', () => {
    const arena = newArena();
    const set = new SetValue();
    set.createFree(arena, encoding);
    for (let i = 0; i < count; i++) {
      const bytes = Buffer.from(String(i));
      set.add(bytes, 0, bytes.length, { ...defaultLimits(), setMaxIntsetEntries: 200 });
    }
    const entry = newEntry(arena, SET_ENCODING.ints);
    set.moveTo(entry);
    SET_TYPE.check(arena, entry);
    set.toIntegers(defaultLimits());
    expect(set.encoding === SET_ENCODING.ints).toBe(count <= 512);
    SET_TYPE.check(arena, entry);
    SET_TYPE.free(arena, entry);
    arena.free(entry);
    set.createFree(arena, encoding);
    if (count > 1) set.add(KEY, 0, KEY.length, defaultLimits());
    set.free();
    expect(arena.usedBytes).toBe(0);
  });
});

/** Pearson's chi-square of the counts against all being alike. */
function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0;
  for (const count of counts) sum += (count - expected) ** 2 / expected;
  return sum;
}

describe('picking', () => {
  it.each(SIZES.slice(0, 3).concat([[SET_ENCODING.dict, 3000]]))(
    'encoding %i, %i members: all are as likely',
    (encoding, count) => {
      const twin = filled(encoding, count);
      const random = new SeededRandom(4);
      const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
      const counts = new Map<string, number>([...twin.members].map((member) => [member, 0]));
      const picks = count * 200;
      for (let i = 0; i < picks; i++) {
        twin.set.pick(random, view);
        const member = latin1Of(view.bytes, view.start, view.end);
        counts.set(member, (counts.get(member) ?? NaN) + 1);
      }
      // Its mean is count - 1, its deviation the root of 2 * (count - 1): five of them are nearly never exceeded.
      expect(chiSquare(counts.values(), 200)).toBeLessThan(count - 1 + 5 * Math.sqrt(2 * (count - 1)));
      twin.empty();
    },
  );
});

describe('a walk in steps', () => {
  it('meets every member that is there all the time once, whatever comes and goes', () => {
    const twin = filled(SET_ENCODING.dict, 5000);
    const kept = new Set(twin.members);
    const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
    const random = new SeededRandom(5);
    const met = new Map<string, number>();
    let added = 0;
    let cursor = 0;
    do {
      cursor = twin.set.scan(cursor, 10, (member) => {
        twin.set.readMember(member, view);
        const word = latin1Of(view.bytes, view.start, view.end);
        met.set(word, (met.get(word) ?? 0) + 1);
      });
      if (met.size < 2500) for (let i = 0; i < 100; i++) twin.add(`extra:${added++}`);
      else for (let i = 0; i < 300; i++) twin.remove(`extra:${random.below(added)}`);
    } while (cursor !== 0);
    for (const member of kept) must(met.get(member) === 1, 'a member that stays is met once');
    twin.check();
    twin.empty();
    expect(twin.arena.usedBytes).toBe(0);
  });
});
