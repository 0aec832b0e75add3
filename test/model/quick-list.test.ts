// A quick list against an array of strings: pushes, cuts, insertions, replacements and removals at a cursor, under every
// kind of node limit, with elements that need nodes of their own.

import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { PackedList, StagedElement } from '../../src/structures/packed-list.js';
import { nodeBytesMax, nodeCountMax, QuickList } from '../../src/structures/quick-list.js';
import { must } from '../support/must.js';

const view = { bytes: new Uint8Array(0), start: 0, end: 0 };

function text(): string {
  return Buffer.from(view.bytes.subarray(view.start, view.end)).toString('latin1');
}

function read(list: QuickList): string {
  list.read(view);
  return text();
}

function readAll(list: QuickList, backwards = false): string[] {
  const found: string[] = [];
  if (list.count === 0) return found;
  list.seek(backwards ? list.count - 1 : 0);
  do found.push(read(list));
  while (backwards ? list.previous() : list.next());
  return found;
}

function push(list: QuickList, atHead: boolean, value: string): void {
  const bytes = Buffer.from(value, 'latin1');
  list.push(atHead, bytes, 0, bytes.length);
}

function make(fill: number): QuickList {
  const list = new QuickList(new Arena());
  list.open(list.arena, 0, fill);
  list.create();
  return list;
}

function free(list: QuickList): void {
  list.freeSome(Infinity);
  expect(list.arena.usedBytes).toBe(0);
  list.arena.check();
}

function anyElement(random: Random, longShare: number): string {
  if (random.below(longShare) === 0) return 'L'.repeat(random.below(14_000));
  const kind = random.below(4);
  if (kind === 0) return String(random.below(100_000) - 50_000);
  return String.fromCharCode(97 + random.below(26)).repeat(random.below(kind === 1 ? 300 : 20));
}

describe('node limits', () => {
  it('are those of list-max-listpack-size', () => {
    expect([-1, -2, -3, -4, -5, -6, -100].map(nodeBytesMax)).toEqual([4096, 8192, 16384, 32768, 65536, 65536, 65536]);
    expect([0, 1, 128, 100_000].map(nodeBytesMax)).toEqual([8192, 8192, 8192, 8192]);
    expect([0, 1, 128, 100_000, -2].map(nodeCountMax)).toEqual([1, 1, 128, 65535, 65535]);
  });

  it('are kept by pushes at either end, and a 16-byte element costs little more', () => {
    for (const atHead of [false, true]) {
      const list = make(-2);
      for (let i = 0; i < 200_000; i++) push(list, atHead, `element-${String(i).padStart(8, 'x')}`);
      expect(list.nodes).toBe(Math.ceil(200_000 / 454));
      expect(list.arena.usedBytes / 200_000).toBeLessThan(18.2);
      list.check();
      free(list);
    }
    const few = make(3);
    for (let i = 0; i < 10; i++) push(few, false, 'x');
    expect(few.nodes).toBe(4);
    free(few);
  });
});

describe('a quick list against an array', () => {
  for (let seed = 1; seed <= 24; seed++) {
    const fill = [-2, -1, 5, 1, 0, -5, 40, -2][seed % 8];
    it(`agrees after any changes, fill ${fill}, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const list = make(fill);
      let twin: string[] = [];
      const longShare = seed % 3 === 0 ? 5 : 200;
      const drains: QuickList[] = [];
      for (let step = 0; step < 3000; step++) {
        const value = anyElement(random, longShare);
        const bytes = Buffer.from(value, 'latin1');
        const i = twin.length === 0 ? 0 : random.below(twin.length);
        const what = random.below(twin.length > 1500 ? 24 : 20);
        if (what < 5 || twin.length === 0) {
          push(list, false, value);
          twin.push(value);
        } else if (what < 9) {
          push(list, true, value);
          twin.unshift(value);
        } else if (what < 13) {
          const before = random.below(2) === 0;
          list.seek(i);
          list.insert(before, bytes, 0, bytes.length);
          twin.splice(before ? i : i + 1, 0, value);
        } else if (what < 16) {
          list.replace(i, bytes, 0, bytes.length);
          twin[i] = value;
        } else if (what < 19) {
          const forward = random.below(2) === 0;
          let at = i;
          list.seek(i);
          for (let n = random.below(4); n >= 0; n--) {
            twin.splice(at, 1);
            if (!forward) at--;
            const more = list.remove(forward);
            must(more === (at >= 0 && at < twin.length), 'remove tells whether there is more');
            if (!more) break;
            must(read(list) === twin[at], 'remove stands on the neighbour');
          }
        } else if (twin.length > 1) {
          const n = 1 + random.below(Math.min(twin.length - 1, what < 23 ? 10 : 2000));
          const atHead = random.below(2) === 0;
          const rest: Ref = list.cut(atHead, n);
          twin = atHead ? twin.slice(n) : twin.slice(0, -n);
          if (rest !== 0) drains.push(new QuickList(list.arena, rest));
        }
        must(list.count === twin.length, 'the count is right');
        if (twin.length > 0) {
          list.seek(i % twin.length);
          must(read(list) === twin[i % twin.length], 'seek finds it');
        }
        if (step % 100 === 0) {
          list.check();
          list.arena.check();
          for (const drain of drains) drain.check();
          must(readAll(list).join('|') === twin.join('|'), 'the same elements');
          must(readAll(list, true).join('|') === twin.toReversed().join('|'), 'backwards as well');
        }
      }
      expect(readAll(list)).toEqual(twin);
      const copy = new QuickList(list.arena, list.copy());
      copy.check();
      expect(readAll(copy)).toEqual(twin);
      copy.freeSome(Infinity);
      for (const drain of drains) while (drain.freeSome(10));
      free(list);
    });
  }

  it('hands the nodes of a large cut over', () => {
    for (const atHead of [true, false]) {
      const list = make(-2);
      for (let i = 0; i < 100_000; i++) push(list, false, `element-${i}`);
      const rest = list.cut(atHead, 99_990);
      expect(rest).not.toBe(0);
      expect(list.count).toBe(10);
      expect(readAll(list)[0]).toBe(atHead ? 'element-99990' : 'element-0');
      list.check();
      const drain = new QuickList(list.arena, rest);
      drain.check();
      let steps = 1;
      while (drain.freeSome(32)) steps++;
      expect(steps).toBeGreaterThan(3);
      free(list);
    }
  });

  it('becomes a list out of a packed one and back', () => {
    const list = make(-2);
    for (let i = 0; i < 20; i++) push(list, false, `e${i}`);
    const packed = list.releaseOnly();
    expect(list.root).toBe(0);
    const alone = new PackedList(list.arena, packed);
    alone.check();
    expect(alone.count).toBe(20);
    list.createOf(packed);
    list.check();
    expect(readAll(list)[19]).toBe('e19');
    free(list);
  });

  it('compares elements of every form', () => {
    const list = make(-2);
    const values = ['', '12', 'abc', 'x'.repeat(9000), 'x'.repeat(8999) + 'y'];
    for (const value of values) push(list, false, value);
    const element = new StagedElement();
    for (const other of values) {
      const bytes = Buffer.from(other, 'latin1');
      element.stage(bytes, 0, bytes.length);
      list.seek(0);
      for (const value of values) {
        expect(list.equals(element, bytes, 0, bytes.length)).toBe(value === other);
        list.next();
      }
    }
    free(list);
  });

  it('holds elements of megabytes', () => {
    const list = make(-2);
    const bytes = Buffer.alloc(10 * 1024 * 1024, 'm');
    for (let i = 0; i < 5; i++) list.push(i % 2 === 0, bytes, 0, bytes.length);
    push(list, false, 'small');
    list.seek(3);
    list.read(view);
    expect(view.end - view.start).toBe(bytes.length);
    expect(list.nodes).toBe(6);
    list.replace(2, bytes, 0, 3);
    list.check();
    list.seek(2);
    expect(read(list)).toBe('mmm');
    free(list);
  });

  it('lets its blocks be moved', () => {
    const list = make(5);
    const twin: string[] = [];
    for (let i = 0; i < 1000; i++) {
      push(list, false, `value-${i}`);
      twin.push(`value-${i}`);
    }
    const move = (block: Ref, bytes: number): Ref => {
      const moved = list.arena.alloc(bytes);
      list.arena.copy(moved, 0, block, 0, bytes);
      list.arena.free(block);
      return moved;
    };
    list.moveBlocks(150, 120, move);
    list.moveBlocks(7, 100_000, move);
    list.check();
    expect(readAll(list)).toEqual(twin);
    free(list);
  });
});
