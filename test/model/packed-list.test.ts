// A packed list against an array of strings: elements of every form, changes everywhere, walks both ways; and the bytes
// that the form promises.

import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Arena } from '../../src/memory/arena.js';
import {
  NOWHERE,
  PACKED_COUNT_MAX,
  PACKED_HEAD_BYTES,
  PackedList,
  StagedElement,
} from '../../src/structures/packed-list.js';
import { must } from '../support/must.js';

const view = { bytes: new Uint8Array(0), start: 0, end: 0 };

function staged(text: string): StagedElement {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  const element = new StagedElement();
  element.stage(bytes, 1, bytes.length - 1);
  return element;
}

function read(list: PackedList, at: number): string {
  list.read(at, view);
  const text = Buffer.from(view.bytes.subarray(view.start, view.end)).toString('latin1');
  must(list.length(at) === text.length, 'an element knows its length');
  return text;
}

function readAll(list: PackedList): string[] {
  const found: string[] = [];
  for (let at = list.first(); at !== NOWHERE; at = list.next(at)) found.push(read(list, at));
  return found;
}

/** [text, bytes of its element] */
const FORMS: readonly (readonly [text: string, bytes: number])[] = [
  ['', 2], ['0', 2], ['123', 2], ['127', 2], ['128', 3], ['-1', 3], ['4095', 3], ['-4096', 3], ['4096', 4], ['-4097', 4],
  ['32767', 4], ['-32768', 4], ['32768', 5], ['8388607', 5], ['-8388608', 5], ['8388608', 6], ['-2147483648', 6],
  ['2147483648', 10], ['9007199254740991', 10], ['9007199254740993', 10], ['-9223372036854775808', 10],
  ['9223372036854775807', 10], ['9223372036854775808', 21], ['-0', 4], ['01', 4], ['+1', 4], ['1.5', 5], ['abc', 5],
  ['a'.repeat(16), 18], ['a'.repeat(63), 65], ['a'.repeat(64), 67], ['a'.repeat(125), 128], ['a'.repeat(126), 130],
  ['a'.repeat(4095), 4099], ['a'.repeat(4096), 4103], ['a'.repeat(16377), 16384], ['a'.repeat(16378), 16386],
]; // prettier-ignore

describe('an element', () => {
  it.each(FORMS)('%j takes its bytes and reads as written', (text, bytes) => {
    const list = new PackedList(new Arena());
    list.create(0);
    list.append(staged(text));
    expect(list.bytes).toBe(bytes);
    expect(read(list, list.first())).toBe(text);
    const integer = /^(0|-?[1-9]\d*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
    expect(list.isInteger(list.first())).toBe(integer);
    expect(list.number(list.first())).toBe(integer && Number.isSafeInteger(Number(text)) ? Number(text) : NaN);
    expect(list.last()).toBe(list.first());
    for (const [other] of FORMS) expect(list.equals(list.first(), staged(other))).toBe(other === text);
    list.check();
    list.free();
    expect(list.arena.usedBytes).toBe(0);
  });

  it('is staged from a number as from its digits', () => {
    const list = new PackedList(new Arena());
    list.create(0);
    const element = new StagedElement();
    for (let power = 0; power < 53; power++) {
      for (const value of [2 ** power - 1, 2 ** power, -(2 ** power), -(2 ** power) - 1]) {
        element.stageInteger(value);
        list.append(element);
        expect(list.equals(list.last(), staged(String(value)))).toBe(true);
        expect(list.number(list.last())).toBe(value);
      }
    }
    list.check();
  });

  it('of any length reads from both sides', () => {
    const list = new PackedList(new Arena());
    list.create(0);
    const lengths = [0, 1, 62, 63, 64, 65, 4094, 4095, 4096, 4097, 70_000, 2_097_140, 2_097_160];
    for (const length of lengths) list.append(staged('x'.repeat(length)));
    list.check();
    const backwards: number[] = [];
    for (let at = list.last(); at !== NOWHERE; at = list.previous(at)) backwards.push(list.length(at));
    expect(backwards.reverse()).toEqual(lengths);
    list.free();
  });
});

function anyElement(random: Random): string {
  const kind = random.below(20);
  if (kind < 6) return String(random.below(300) - 100);
  if (kind < 8) return String((random.next32() - 2 ** 31) * random.below(2 ** 21));
  if (kind < 9) return String(BigInt.asIntN(64, (BigInt(random.next32()) << 32n) | BigInt(random.next32())));
  const length = kind < 18 ? random.below(20) : random.below(kind === 19 && random.below(4) === 0 ? 5000 : 140);
  return String.fromCharCode(97 + random.below(26)).repeat(length);
}

describe('a packed list against an array', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`agrees after any changes, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const arena = new Arena();
      const list = new PackedList(arena);
      const other = new PackedList(arena);
      list.create(random.below(100));
      let twin: string[] = [];
      const bias = random.below(8);
      for (let step = 0; step < 3000; step++) {
        const text = anyElement(random);
        const element = staged(text);
        const i = twin.length === 0 ? 0 : random.below(twin.length);
        const what = twin.length > 400 ? 6 + random.below(3) : random.below(10 + bias) % 10;
        if (what < 3) {
          list.append(element);
          twin.push(text);
        } else if (what < 5) {
          list.prepend(element);
          twin.unshift(text);
        } else if (twin.length === 0) {
          must(list.first() === NOWHERE && list.last() === NOWHERE, 'an empty list has no ends');
        } else if (what === 5) {
          const at = list.insert(list.at(i), element);
          twin.splice(i, 0, text);
          must(read(list, at) === text, 'insert tells where the element stands');
        } else if (what === 6) {
          const at = list.replace(list.at(i), element);
          twin[i] = text;
          must(read(list, at) === text, 'replace tells where the element stands');
        } else if (what === 7) {
          const n = 1 + random.below(Math.min(twin.length - i, twin.length > 300 ? 200 : 5));
          const at = list.remove(list.at(i), n);
          twin.splice(i, n);
          must(at === NOWHERE ? i === twin.length : read(list, at) === twin[i], 'remove tells what follows');
        } else if (what === 8) {
          const end = random.below(2) === 0;
          list.remove(end ? list.last() : list.first(), 1);
          if (end) twin.pop();
          else twin.shift();
        } else if (random.below(10) === 0) {
          // Split, and join the other way round.
          other.create(0);
          list.moveTail(list.at(i), twin.length - i, other);
          list.check();
          if (i > 0) list.moveTail(list.first(), i, other);
          twin = [...twin.slice(i), ...twin.slice(0, i)];
          list.free();
          list.ref = other.ref;
        }
        must(list.count === twin.length, 'the count is right');
        if (twin.length > 0) must(read(list, list.at(i % twin.length)) === twin[i % twin.length], 'at finds it');
        const found = list.find(list.first(), element);
        must(found === NOWHERE ? !twin.includes(text) : read(list, found) === text, 'find finds it');
        if (step % 50 === 0) {
          list.check();
          arena.check();
          must(readAll(list).join('|') === twin.join('|'), 'the same elements');
          const size = arena.sizeOf(list.ref);
          must(size <= 112 || size <= 2.6 * (list.bytes + PACKED_HEAD_BYTES), 'no more than half of it is free');
        }
      }
      expect(readAll(list)).toEqual(twin);
      list.free();
      expect(arena.usedBytes).toBe(0);
    });
  }

  it('finds fields and not values', () => {
    const list = new PackedList(new Arena());
    list.create(0);
    for (const text of ['a', 'b', 'b', '7', '7', 'a']) list.append(staged(text));
    expect(list.find(list.first(), staged('b'), 2)).toBe(list.at(2));
    expect(list.find(list.first(), staged('7'), 2)).toBe(list.at(4));
    expect(list.find(list.next(list.first()), staged('a'), 2)).toBe(list.at(5));
    expect(list.find(list.at(3), staged('b'), 2)).toBe(NOWHERE);
    expect(list.find(NOWHERE, staged('a'))).toBe(NOWHERE);
  });

  it('knows its limit of elements', () => {
    const list = new PackedList(new Arena());
    list.create(0);
    const element = staged('1');
    for (let i = 0; i < PACKED_COUNT_MAX; i++) {
      must(list.hasRoom(element.bytes), 'there is room');
      list.append(element);
    }
    expect(list.hasRoom(element.bytes)).toBe(false);
    expect(() => {
      list.append(element);
    }).toThrow('keeps its limit');
  });

  it('takes elements at either end without moving the rest each time', () => {
    const arena = new Arena();
    const list = new PackedList(arena);
    list.create(0);
    const element = staged('0123456789abcdef');
    for (let i = 0; i < 200; i++) list.append(element);
    let moved = 0;
    let last = list.first();
    for (let i = 0; i < 400; i++) {
      list.prepend(element);
      if (list.first() !== last - element.bytes) moved++;
      last = list.first();
    }
    expect(moved).toBeLessThan(20);
    for (let i = 0; i < 2000; i++) {
      list.remove(list.last(), 1);
      list.prepend(element);
    }
    list.check();
    expect(list.count).toBe(600);
  });
});
