// Trees of stream IDs beside a sorted array: additions and removals in every order, seeks, walks both ways, leaves dropped,
// nodes moved. No byte may stay behind.

import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Arena } from '../../src/memory/arena.js';
import { HANDLE_WORDS } from '../../src/structures/id-tree-layout.js';
import { IdTree } from '../../src/structures/id-tree.js';
import { StreamId } from '../../src/structures/stream-id.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../../src/memory/arena-layout.js';

const id = new StreamId();
const other = new StreamId();

/** IDs as bigints of 128 bits. */
function setId(into: StreamId, value: bigint): StreamId {
  const word = (shift: bigint): number => Number(BigInt.asIntN(32, value >> shift));
  return into.set(word(96n), word(64n), word(32n), word(0n));
}

function valueOf(from: StreamId): bigint {
  const words = [from.msHigh, from.msLow, from.seqHigh, from.seqLow];
  return words.reduce((sum, word) => (sum << 32n) | BigInt(word >>> 0), 0n);
}

class Twin {
  readonly arena = new Arena();
  readonly tree: IdTree;
  readonly model = new Map<bigint, number>();
  readonly #block: number;
  readonly #payloadWords: number;

  constructor(payloadWords: number) {
    this.#payloadWords = payloadWords;
    this.#block = this.arena.alloc(HANDLE_WORDS * 4);
    const at = (this.#block & REF_GRANULE_MASK) << 1;
    this.arena.i32[this.#block >>> REF_SEGMENT_SHIFT].fill(0, at, at + HANDLE_WORDS);
    this.tree = new IdTree(payloadWords);
    this.tree.open(this.arena, this.#block, 0);
  }

  sorted(): bigint[] {
    return [...this.model.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  insert(value: bigint, payload: number): void {
    expect(this.tree.insert(setId(id, value))).toBe(!this.model.has(value));
    expect(valueOf(this.tree.readId(other))).toBe(value);
    if (this.#payloadWords > 0) this.tree.words[this.tree.payload + this.#payloadWords - 1] = payload;
    this.model.set(value, payload);
  }

  remove(value: bigint): void {
    const found = this.tree.find(setId(id, value));
    expect(found).toBe(this.model.delete(value));
    if (found) this.tree.remove();
  }

  #here(): bigint {
    const value = valueOf(this.tree.readId(other));
    if (this.#payloadWords > 0) {
      expect(this.tree.words[this.tree.payload + this.#payloadWords - 1]).toBe(this.model.get(value));
    }
    return value;
  }

  look(value: bigint): void {
    const sorted = this.sorted();
    expect(this.tree.find(setId(id, value))).toBe(this.model.has(value));
    const above = sorted.find((one) => one >= value);
    expect(this.tree.seekAtLeast(setId(id, value)) ? this.#here() : undefined).toBe(above);
    const below = sorted.filter((one) => one <= value).at(-1);
    expect(this.tree.seekAtMost(setId(id, value)) ? this.#here() : undefined).toBe(below);
  }

  check(): void {
    const { tree } = this;
    tree.check();
    const sorted = this.sorted();
    expect(tree.count).toBe(sorted.length);
    const forward: bigint[] = [];
    for (let more = tree.first(); more; more = tree.next()) forward.push(this.#here());
    expect(forward).toEqual(sorted);
    const backward: bigint[] = [];
    for (let more = tree.last(); more; more = tree.previous()) backward.push(this.#here());
    expect(backward).toEqual(sorted.reverse());
  }

  end(): void {
    this.tree.clear();
    this.arena.free(this.#block);
    this.arena.check();
    expect(this.arena.usedBytes).toBe(0);
  }
}

/** IDs that share words, so that every word decides somewhere. */
function anyId(random: Random): bigint {
  const ms = [1n, 2n, 1n << 31n, 1n << 32n, (1n << 64n) - 1n][random.below(5)];
  return (
    (((ms + BigInt(random.below(3))) << 64n) & ((1n << 128n) - 1n)) |
    (BigInt(random.below(200)) << BigInt(random.below(2) * 25))
  );
}

describe.each([0, 1, 5])('with a payload of %i words', (payloadWords) => {
  it.each([1, 2, 3])('random additions and removals, seed %i', (seed) => {
    const random = new SeededRandom(seed);
    const twin = new Twin(payloadWords);
    for (let round = 0; round < 6; round++) {
      const adds = round % 2 === 0 ? 8 : 3;
      for (let i = 0; i < 1500; i++) {
        const value = anyId(random);
        if (random.below(11) < adds) twin.insert(value, i);
        else twin.remove(value);
        if (i % 100 === 0) twin.look(anyId(random));
      }
      twin.check();
    }
    for (const value of twin.sorted()) twin.remove(value);
    twin.check();
    twin.end();
  });

  it('in order, then from the front, the back and the middle', () => {
    const twin = new Twin(payloadWords);
    for (let i = 1; i <= 6000; i++) twin.insert(BigInt(i) << 70n, i);
    twin.check();
    // Full nodes are left behind: a KiB for every leaf, and hardly any more.
    const words = 4 + payloadWords;
    expect(twin.tree.bytes).toBeLessThan(6000 * words * 4 * 1.1);
    for (let i = 1; i <= 2000; i++) twin.remove(BigInt(i) << 70n);
    for (let i = 6000; i > 5000; i--) twin.remove(BigInt(i) << 70n);
    for (let i = 2001; i <= 5000; i++) if (i % 7 !== 0) twin.remove(BigInt(i) << 70n);
    twin.check();
    // What is left does not hold the memory of what is gone.
    expect(twin.tree.bytes).toBeLessThan(twin.tree.count * words * 4 * 6 + 4096);
    twin.end();
  });

  it('drops leaf by leaf and moves its nodes', () => {
    const twin = new Twin(payloadWords);
    const { tree, arena } = twin;
    for (let i = 1; i <= 4000; i++) twin.insert(BigInt(i), i);
    for (let turn = 0; turn < 200; turn++) {
      const moved = tree.moveNodes(turn, (block, bytes) => {
        const to = arena.alloc(bytes);
        arena.copy(to, 0, block, 0, bytes);
        arena.free(block);
        return to;
      });
      expect(moved).toBe(true);
      let items = 1;
      while (tree.nextInLeaf()) items++;
      expect(items).toBeGreaterThan(1);
    }
    twin.check();
    let dropped = 0;
    while (tree.count > 2000) expect(tree.dropLeaf(() => dropped++)).toBe(true);
    tree.check();
    expect(dropped + tree.count).toBe(4000);
    twin.model.clear();
    tree.clear();
    expect(tree.dropLeaf()).toBe(false);
    twin.end();
  });
});

it('IDs count up and down over all their words', () => {
  for (const value of [0n, 0xffff_ffffn, (1n << 64n) - 1n, (1n << 96n) - 1n, (1n << 128n) - 2n]) {
    setId(id, value);
    expect(id.increment()).toBe(true);
    expect(valueOf(id)).toBe(value + 1n);
    expect(id.decrement()).toBe(true);
    expect(valueOf(id)).toBe(value);
  }
  expect(id.setMax().increment()).toBe(false);
  expect(id.isMin).toBe(true);
  expect(id.decrement()).toBe(false);
  expect(id.isMax).toBe(true);
  const bytes = new Uint8Array(64);
  expect(Buffer.from(bytes.subarray(0, id.spell(bytes, 0))).toString()).toBe(
    '18446744073709551615-18446744073709551615',
  );
  id.setMs(1_526_985_054_069);
  expect(Buffer.from(bytes.subarray(0, id.spell(bytes, 0))).toString()).toBe('1526985054069-0');
});
