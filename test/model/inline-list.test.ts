// An inline list against an array of strings, in entries of every shape: elements of every form, changes everywhere; where
// the entry moves to, and that no byte stays behind.

import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { entryReshaped, type EntryKeeper } from '../../src/structures/entry-copy.js';
import {
  entryBytes,
  entryClock,
  entryExpireAt,
  entryHasKey,
  entryKind,
  inlineLength,
  initEntry,
  setEntryExpireAt,
} from '../../src/structures/entry.js';
import { INLINE_LIST_BYTES_MAX, InlineList } from '../../src/structures/inline-list.js';
import { NOWHERE, PackedList, StagedElement } from '../../src/structures/packed-list.js';
import { must } from '../support/must.js';

const KIND = 4;
const CLOCK = 0x123456;
const EXPIRE_AT = 1_700_000_000_000;

const view = { bytes: new Uint8Array(0), start: 0, end: 0 };

function staged(text: string): StagedElement {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  const element = new StagedElement();
  element.stage(bytes, 1, bytes.length - 1);
  return element;
}

/** One entry with a list. */
class Entry implements EntryKeeper {
  readonly arena = new Arena();
  readonly list = new InlineList();
  readonly key: Uint8Array;
  readonly hasTtl: boolean;
  moves = 0;

  constructor(keyBytes: number, hasTtl: boolean, room = 0) {
    this.key = new Uint8Array(keyBytes).fill(0x6b);
    this.hasTtl = hasTtl;
    const entry = this.arena.alloc(entryBytes(keyBytes, hasTtl, false, room));
    initEntry(this.arena, entry, KIND, CLOCK, hasTtl, this.key, 0, keyBytes, room);
    if (hasTtl) setEntryExpireAt(this.arena, entry, EXPIRE_AT);
    this.list.keeper = this;
    this.list.create(this.arena, entry);
  }

  reshape(old: Ref, kind: number, inlineBytes: number): Ref {
    must(old === this.list.entry, 'the list knows where its entry is');
    const entry = entryReshaped(this.arena, old, kind, inlineBytes);
    this.arena.free(old);
    this.moves++;
    return entry;
  }

  get size(): number {
    return this.arena.sizeOf(this.list.entry);
  }

  /** What the block must hold. */
  get needed(): number {
    return entryBytes(this.key.length, this.hasTtl, false, this.list.bytes);
  }

  /** Verifies all that the list must leave alone, and that it is `texts`. */
  compare(texts: readonly string[]): void {
    const { arena, list } = this;
    list.check();
    must(inlineLength(arena, list.entry) === list.bytes, 'the entry knows the length of its list');
    must(entryHasKey(arena, list.entry, this.key, 0, this.key.length), 'the key stays');
    must(entryKind(arena, list.entry) === KIND && entryClock(arena, list.entry) === CLOCK, 'kind and clock stay');
    must(!this.hasTtl || entryExpireAt(arena, list.entry) === EXPIRE_AT, 'the expiry stays');
    must(arena.usedBytes === this.size, 'there is no block but the entry');
    expect(readAll(list)).toEqual(texts);
    must(list.count === texts.length, 'the elements are counted');
  }
}

function read(list: InlineList | PackedList, at: number): string {
  list.read(at, view);
  const text = Buffer.from(view.bytes.subarray(view.start, view.end)).toString('latin1');
  must(list.length(at) === text.length, 'an element knows its length');
  return text;
}

function readAll(list: InlineList | PackedList): string[] {
  const found: string[] = [];
  for (let at = list.first(); at !== NOWHERE; at = list.next(at)) found.push(read(list, at));
  return found;
}

/** [text, bytes of its element without a back length] */
const FORMS: readonly (readonly [text: string, bytes: number])[] = [
  ['', 1], ['0', 1], ['127', 1], ['128', 2], ['-1', 2], ['4095', 2], ['-4096', 2], ['4096', 3], ['-32768', 3],
  ['32768', 4], ['-8388608', 4], ['8388608', 5], ['-2147483648', 5], ['2147483648', 9], ['9007199254740993', 9],
  ['-9223372036854775808', 9], ['9223372036854775808', 20], ['-0', 3], ['01', 3], ['a', 2], ['a'.repeat(63), 64],
  ['a'.repeat(64), 66], ['a'.repeat(200), 202],
]; // prettier-ignore

describe('an element', () => {
  it.each(FORMS)('%j takes its bytes and reads as written', (text, bytes) => {
    const entry = new Entry(3, false);
    const { list } = entry;
    const element = staged(text);
    expect(element.bareBytes).toBe(bytes);
    list.append(element);
    expect(list.bytes).toBe(bytes);
    expect(list.bytesOf(list.first())).toBe(bytes);
    entry.compare([text]);
    list.append(staged('behind'));
    expect(list.find(list.first(), staged('behind'), 1)).toBe(list.next(list.first()));
    list.remove(list.first(), 1);
    entry.compare(['behind']);
  });

  it('gets the back length that a packed list has', () => {
    const { list } = new Entry(3, false);
    for (const [text] of FORMS) list.append(staged(text));
    list.readAll(view);
    const packed = new PackedList(new Arena());
    packed.adoptBare(view.bytes, view.start, view.end);
    packed.check();
    expect(readAll(packed)).toEqual(FORMS.map(([text]) => text));
    const twin = new PackedList(new Arena());
    twin.create(0);
    for (const [text] of FORMS) twin.append(staged(text));
    expect(packed.bytes).toBe(twin.bytes);
  });
});

function anyText(random: Random): string {
  switch (random.below(4)) {
    case 0:
      return String(random.below(200_000) - 100_000);
    case 1:
      return 'x'.repeat(random.below(70));
    default:
      return `e${random.below(20)}`;
  }
}

describe.each([
  [0, false],
  [5, false],
  [16, true],
  [255, true],
  [256, false],
  [300, true],
])('a key of %i bytes, TTL: %s', (keyBytes, hasTtl) => {
  it.each([1, 2])('does as an array does: seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const entry = new Entry(keyBytes, hasTtl);
    const { list } = entry;
    const model: string[] = [];
    for (let step = 0; step < 2000; step++) {
      const text = anyText(random);
      const element = staged(text);
      const i = random.below(Math.max(model.length, 1));
      const fits = list.bytes + element.bareBytes <= INLINE_LIST_BYTES_MAX;
      switch (random.below(5)) {
        case 0:
        case 1:
          if (!fits) break;
          list.append(element);
          model.push(text);
          break;
        case 2:
          if (!fits || model.length === 0) break;
          list.replace(list.at(i), element);
          model[i] = text;
          break;
        case 3:
          if (model.length === 0 || random.below(2) === 0) break;
          list.remove(list.at(i), Math.min(2, model.length - i));
          model.splice(i, 2);
          break;
        default: {
          const stride = 1 + random.below(2);
          const expected = model.findIndex((one, index) => index % stride === 0 && one === text);
          const at = list.find(list.first(), element, stride);
          must(at === (expected < 0 ? NOWHERE : list.at(expected)), 'find gives the first of its stride');
        }
      }
      must(entry.size <= Math.max(2 * entry.needed, Arena.roundedSize(entry.needed)), 'a block is half full');
      if (step % 20 === 0) entry.compare(model);
    }
    entry.compare(model);
    const walked: string[] = [];
    list.walkAll({
      bulk: (bytes, start, end) => walked.push(Buffer.from(bytes.subarray(start, end)).toString('latin1')),
    });
    expect(walked).toEqual(model);
    entry.arena.check();
    entry.arena.free(list.entry);
    expect(entry.arena.usedBytes).toBe(0);
  });
});

describe('the room of a list', () => {
  it('is used before the entry moves, reserved at once, and given up', () => {
    const entry = new Entry(16, false, 60);
    const { list } = entry;
    for (let i = 0; i < 6; i++) list.append(staged('123456789a'.slice(0, 9)));
    expect(entry.moves).toBe(0);
    expect(list.bytes).toBe(30);
    list.trim();
    expect(entry.moves).toBe(1);
    expect(entry.size).toBe(Arena.roundedSize(entry.needed));
    list.trim();
    list.reserve(2);
    expect(entry.moves).toBe(1);
    list.reserve(40);
    expect(entry.moves).toBe(2);
    const { length } = readAll(list);
    for (let i = 0; i < 20; i++) list.append(staged('y'));
    expect(entry.moves).toBe(2);
    expect(readAll(list)).toHaveLength(length + 20);
  });
});
