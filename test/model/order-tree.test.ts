// The order tree against a sorted array: the same order, ranks and ranges whatever was inserted, removed, given another
// score and moved to another block in between; scores that are hard to order; growth at either end; freeing in slices.

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/base/bytes.js';
import { SeededRandom } from '../../src/base/prng.js';
import { REF_SEGMENT_SHIFT } from '../../src/memory/arena-layout.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { MEMBERS } from '../../src/structures/dict-element.js';
import { checkDict, DictDrain, moveDictEntries } from '../../src/structures/dict-walk.js';
import { Dict } from '../../src/structures/dict.js';
import {
  initMember,
  memberBytes,
  memberKeyLength,
  memberKeyStart,
  memberScore,
  memberUsedBytes,
  setMemberScore,
} from '../../src/structures/member.js';
import { INNER_CAPACITY, LEAF_CAPACITY } from '../../src/structures/order-tree-layout.js';
import { levelOf } from '../../src/structures/order-tree-nodes.js';
import {
  checkOrderTree,
  moveOrderTreeNodes,
  OrderTreeDrain,
  orderTreeBytes,
} from '../../src/structures/order-tree-walk.js';
import { OrderTree } from '../../src/structures/order-tree.js';
import { HASH_SEED, hashOf } from '../support/entries.js';
import { must } from '../support/must.js';

interface Item {
  score: number;
  readonly key: Uint8Array;
  ref: Ref;
}

function compare(a: Item, b: Item): number {
  if (a.score < b.score) return -1;
  if (a.score > b.score) return 1;
  return Buffer.compare(a.key, b.key);
}

function makeMember(arena: Arena, score: number, key: Uint8Array): Ref {
  const ref = arena.alloc(memberBytes(key.length, false, true, 0));
  initMember(arena, ref, false, true, key, 0, key.length, 0);
  setMemberScore(arena, ref, score);
  return ref;
}

class Twin {
  readonly arena = new Arena();
  readonly tree = new OrderTree(this.arena);
  /** All items, in order. */
  readonly items: Item[] = [];

  /** Where an item belongs, or stands. */
  place(item: Item): number {
    let low = 0;
    let high = this.items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.items[middle], item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(score: number, key: Uint8Array): Item {
    const item = { score, key, ref: makeMember(this.arena, score, key) };
    this.items.splice(this.place(item), 0, item);
    this.tree.insert(item.ref);
    return item;
  }

  append(score: number, key: Uint8Array): void {
    const item = { score, key, ref: makeMember(this.arena, score, key) };
    this.items.push(item);
    this.tree.append(item.ref);
  }

  removeAt(place: number): void {
    const [item] = this.items.splice(place, 1);
    this.tree.remove(item.ref);
    this.arena.free(item.ref);
  }

  rescoreAt(place: number, score: number): void {
    const [item] = this.items.splice(place, 1);
    item.score = score;
    this.items.splice(this.place(item), 0, item);
    this.tree.rescore(item.ref, score);
  }

  /** Moves a member to another block, as a defragmenter does. */
  moveAt(place: number): void {
    const item = this.items[place];
    const bytes = memberUsedBytes(this.arena, item.ref);
    const block = this.arena.alloc(bytes);
    this.arena.copy(block, 0, item.ref, 0, bytes);
    this.arena.free(item.ref);
    this.tree.replaceRef(item.ref, block);
    item.ref = block;
  }

  removeRange(rank: number, count: number): void {
    const gone = this.items.splice(rank, count);
    let i = 0;
    this.tree.removeRange(rank, count, (ref) => {
      must(ref === gone[i++].ref, 'a range is handed out in order');
      this.arena.free(ref);
    });
    must(i === gone.length, 'a whole range is handed out');
  }

  check(): void {
    checkOrderTree(this.tree);
    this.arena.check();
    must(this.tree.count === this.items.length, 'the tree counts its members');
    this.tree.seekRank(0);
    for (const item of this.items) {
      must(this.tree.ref === item.ref, 'the tree has the order of the array');
      this.tree.next();
    }
    must(this.tree.ref === 0, 'the tree ends with the array');
    for (let i = this.items.length - 1; i >= 0; i--) {
      must(this.tree.previous() && this.tree.ref === this.items[i].ref, 'and backwards');
    }
    must(!this.tree.previous(), 'nothing comes before the first');
  }

  /** Looks things up around a random place. */
  probe(random: SeededRandom): void {
    const { tree, items } = this;
    const place = random.below(items.length);
    const item = items[place];
    tree.seekMember(item.ref);
    must(tree.rank === place && tree.ref === item.ref, 'a member has its rank');
    tree.seekRank(place);
    must(tree.rank === place && tree.ref === item.ref, 'a rank has its member');
    const score = random.below(3) === 0 ? item.score + random.below(3) - 1 : item.score;
    for (const after of [false, true]) {
      tree.seekScore(score, after);
      let below = this.place({ score, key: new Uint8Array(0), ref: 0 });
      while (after && below < items.length && items[below].score === score) below++;
      must(tree.rank === below, 'a score has its rank');
      must(tree.ref === (items[below]?.ref ?? 0), 'a score leads to the first member from there on');
    }
  }

  empty(): void {
    for (const { ref } of this.items.splice(0)) {
      this.tree.remove(ref);
      this.arena.free(ref);
    }
    expect(this.tree.root).toBe(0);
    expect(this.arena.usedBytes).toBe(0);
  }
}

/** Kinds of scores: all different, many equal, all equal, hard ones. */
const HARD_SCORES = [0, -0, 1, -1, 0.1, -0.1, 5e-324, -5e-324, 2 ** 53, -(2 ** 53), 1e308, -1e308, Infinity, -Infinity];
const SCORES: readonly ((random: SeededRandom) => number)[] = [
  (random) => random.next32() * 2 ** random.below(40) * (random.below(2) === 0 ? 1 : -1),
  (random) => random.below(30) - 15,
  () => 7,
  (random) => HARD_SCORES[random.below(HARD_SCORES.length)],
  (random) => 1.7e12 + random.below(1_000_000),
];

function randomKey(random: SeededRandom, unique: number): Uint8Array {
  const kind = random.below(50);
  if (kind === 0) return bytesOf(`${'x'.repeat(300 + random.below(3))}${unique}`);
  if (kind < 10) return Uint8Array.of(random.below(256), unique >> 16, (unique >> 8) & 0xff, unique & 0xff);
  return bytesOf(`member:${random.below(1000)}:${unique}`);
}

describe('the order tree', () => {
  for (let seed = 1; seed <= 20; seed++) {
    it(`orders as a sorted array does, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const scoreOf = SCORES[seed % SCORES.length];
      const twin = new Twin();
      const sizeMax = [40, 700, 5000, 9000][seed % 4];
      let grows = true;
      for (let step = 0; step < 16_000; step++) {
        if (twin.items.length >= sizeMax) grows = false;
        if (twin.items.length === 0) grows = true;
        const action = random.below(100);
        if (twin.items.length === 0 || action < (grows ? 65 : 20))
          twin.insert(scoreOf(random), randomKey(random, step));
        else if (action < 85) twin.removeAt(random.below(twin.items.length));
        else if (action < 93) twin.rescoreAt(random.below(twin.items.length), scoreOf(random));
        else twin.moveAt(random.below(twin.items.length));
        if (twin.items.length > 0 && step % 5 === 0) twin.probe(random);
        if (random.below(sizeMax) < 3) twin.check();
      }
      twin.check();
      twin.empty();
    });
  }

  for (let seed = 1; seed <= 8; seed++) {
    it(`takes ranges out, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const twin = new Twin();
      for (let round = 0; round < 12; round++) {
        const more = round === 0 ? 16_000 : random.below(3000);
        for (let i = 0; i < more; i++) twin.insert(SCORES[seed % 3](random), bytesOf(`${round}:${i}`));
        for (let cuts = 0; cuts < 9; cuts++) {
          const rank = random.below(twin.items.length + 1);
          const count = random.below(Math.min(twin.items.length - rank, [5, 250, 5000][cuts % 3]) + 1);
          twin.removeRange(rank, count);
          twin.check();
        }
      }
      twin.removeRange(0, twin.items.length);
      expect(twin.tree.root).toBe(0);
      expect(twin.arena.usedBytes).toBe(0);
    });
  }

  it('takes whole leaves out, the first and last of their parents among them', () => {
    // Appended members stand in leaves of all places but one, and leaves likewise in their parents.
    const perLeaf = LEAF_CAPACITY - 1;
    const perParent = INNER_CAPACITY - 1;
    for (const leaf of [0, 1, perParent - 1, perParent, perParent + 1, 2 * perParent, 3 * perParent - 1]) {
      const twin = new Twin();
      for (let i = 0; i < 16_000; i++) twin.append(i, bytesOf(`m${i}`));
      twin.removeRange(leaf * perLeaf, perLeaf);
      twin.check();
      twin.removeRange(0, twin.items.length);
      expect(twin.arena.usedBytes).toBe(0);
    }
  });

  it('takes away again what stands alone below a chain of new nodes', () => {
    const twin = new Twin();
    for (let i = 0; twin.tree.root === 0 || levelOf(twin.arena, twin.tree.root) < 3; i++) {
      twin.append(i, bytesOf(`m${i}`));
    }
    twin.check();
    for (let i = 0; i < 300; i++) {
      twin.removeAt(twin.items.length - 1);
      if (i % 85 < 2) checkOrderTree(twin.tree);
    }
    twin.removeRange(0, twin.items.length);
    expect(twin.arena.usedBytes).toBe(0);
  });

  it('stays in order at every size from 1 to 300 and back, at either end', () => {
    for (const atEnd of [true, false]) {
      const twin = new Twin();
      for (let i = 0; i < 300; i++) {
        twin.insert(atEnd ? i : -i, bytesOf(`m${i}`));
        twin.check();
      }
      while (twin.items.length > 0) {
        twin.removeAt(atEnd ? 0 : twin.items.length - 1);
        twin.check();
      }
      expect(twin.arena.usedBytes).toBe(0);
    }
  });

  it('is a queue: in at one end, out at the other, thousands of times over', () => {
    for (const direction of [1, -1]) {
      const twin = new Twin();
      for (let i = 0; i < 20_000; i++) {
        twin.insert(i * direction, bytesOf(`m${i}`));
        if (i >= 500) twin.removeAt(direction === 1 ? 0 : twin.items.length - 1);
        if (i % 997 === 0) twin.check();
      }
      twin.check();
      expect(orderTreeBytes(twin.tree) / 500).toBeLessThan(20);
      twin.empty();
    }
  });

  it('is a stack: in and out at the end, over and over', () => {
    const random = new SeededRandom(4);
    const twin = new Twin();
    for (let i = 0; i < 20_000; i++) {
      const run = random.below(4) === 0 ? 200 : 3;
      const out = random.below(2) === 0;
      for (let n = 0; n < run; n++) {
        if (out && twin.items.length > 0) twin.removeAt(twin.items.length - 1);
        else if (!out && twin.items.length < 6000) twin.insert(twin.items.length, bytesOf(`m${twin.items.length}`));
      }
      if (i % 499 === 0) twin.check();
    }
    twin.empty();
  });
});

describe('scores', () => {
  it('order as Redis orders them: by value, -0 as 0, then by bytes', () => {
    const twin = new Twin();
    const inOrder: [number, string][] = [
      [-Infinity, 'x'],
      [-1e308, 'x'],
      [-1, 'x'],
      [-5e-324, 'x'],
      [-0, ''],
      [0, 'a'],
      [-0, 'a\0'],
      [0, 'aa'],
      [-0, 'b'],
      [0, '\u00ff'],
      [5e-324, 'x'],
      [1, 'x'],
      [1.0000000000000002, 'x'],
      [2 ** 53 - 1, 'x'],
      [2 ** 53, 'x'],
      [Infinity, 'x'],
    ];
    for (let i = 0; i < inOrder.length; i++) {
      const [score, key] = inOrder[(i * 7) % inOrder.length];
      twin.insert(score, bytesOf(key));
    }
    twin.check();
    const { arena, tree } = twin;
    tree.seekRank(0);
    for (const [score, key] of inOrder) {
      const start = memberKeyStart(arena, tree.ref);
      const bytes = arena.u8[tree.ref >>> REF_SEGMENT_SHIFT].subarray(start, start + memberKeyLength(arena, tree.ref));
      expect([memberScore(arena, tree.ref), Buffer.from(bytes).toString()]).toEqual([score, key]);
      tree.next();
    }
    tree.seekScore(0, false);
    expect(tree.rank).toBe(4);
    tree.seekScore(-0, true);
    expect(tree.rank).toBe(10);
    tree.seekScore(-Infinity, false);
    expect(tree.rank).toBe(0);
    tree.seekScore(Infinity, true);
    expect(tree.rank).toBe(inOrder.length);
    expect(tree.ref).toBe(0);
  });

  it('change from 0 to -0 without a change of place', () => {
    const twin = new Twin();
    const item = twin.insert(0, bytesOf('a'));
    twin.tree.rescore(item.ref, -0);
    expect(memberScore(twin.arena, item.ref)).toBe(-0);
    twin.check();
  });

  it('that are no number are refused', () => {
    const twin = new Twin();
    const item = twin.insert(0, bytesOf('a'));
    expect(() => {
      twin.tree.rescore(item.ref, NaN);
    }).toThrow('a score is a number');
  });
});

describe('members of one score', () => {
  it('are found by their bytes, from or after any of them', () => {
    const twin = new Twin();
    const names = Array.from({ length: 3000 }, (_, i) => `n${i * 2}`).sort();
    for (let i = 0; i < names.length; i++) twin.insert(1, bytesOf(names[(i * 1009) % names.length]));
    twin.check();
    const random = new SeededRandom(2);
    for (let i = 0; i < 3000; i++) {
      const name = `n${random.below(6010)}`;
      const key = bytesOf(name);
      for (const after of [false, true]) {
        const expected = names.filter((each) => each < name || (after && each === name)).length;
        twin.tree.seekKey(key, 0, key.length, after);
        must(twin.tree.rank === expected, 'a key has its rank');
      }
    }
    twin.tree.seekKey(bytesOf(''), 0, 0, false);
    expect(twin.tree.rank).toBe(0);
  });
});

describe('an empty tree', () => {
  it('holds no memory and answers everything with nothing', () => {
    const { tree, arena } = new Twin();
    expect(tree.count).toBe(0);
    tree.seekRank(0);
    tree.seekScore(1, false);
    tree.seekKey(bytesOf('a'), 0, 1, false);
    expect([tree.ref, tree.rank, tree.next(), tree.previous()]).toEqual([0, 0, false, false]);
    tree.removeRange(0, 0, () => undefined);
    expect(new OrderTreeDrain(tree).step(1)).toBe(false);
    expect(arena.usedBytes).toBe(0);
  });
});

describe('a drain', () => {
  for (const size of [1, LEAF_CAPACITY, LEAF_CAPACITY + 1, 700, 60_000]) {
    it(`frees the nodes over ${size} members in slices`, () => {
      const twin = new Twin();
      for (let i = 0; i < size; i++) twin.append(i, bytesOf(`m${i}`));
      twin.check();
      const { arena, tree } = twin;
      const drain = new OrderTreeDrain(tree);
      expect(tree.root).toBe(0);
      let before = arena.blockCount;
      let steps = 1;
      while (drain.step(16)) {
        must(before - arena.blockCount <= 16, 'a slice frees no more than it may');
        before = arena.blockCount;
        steps++;
      }
      expect(steps).toBeGreaterThan(size / LEAF_CAPACITY / 16);
      expect(arena.blockCount).toBe(size);
      for (const { ref } of twin.items) arena.free(ref);
      expect(arena.usedBytes).toBe(0);
    });
  }
});

describe('a sorted set under the defragmenter', () => {
  it('stays whole while its members and its nodes move to other blocks', () => {
    for (const scoreOf of SCORES) {
      const random = new SeededRandom(11);
      const arena = new Arena();
      const tree = new OrderTree(arena);
      const dict = new Dict(arena, HASH_SEED, 0, MEMBERS);
      const count = 9000;
      for (let i = 0; i < count; i++) {
        const key = bytesOf(`member:${i}`);
        const ref = makeMember(arena, scoreOf(random), key);
        dict.insert(hashOf(key), ref, false);
        tree.insert(ref);
      }
      const moved = (old: Ref, bytes: number): Ref => {
        const block = arena.alloc(bytes);
        arena.copy(block, 0, old, 0, bytes);
        arena.free(old);
        return block;
      };
      let position = 0;
      do {
        position = moveDictEntries(dict, position, 50, (old) => {
          const block = moved(old, memberUsedBytes(arena, old));
          tree.replaceRef(old, block);
          return block;
        });
      } while (position !== 0);
      const nodes = new Set<Ref>();
      do {
        position = moveOrderTreeNodes(tree, position, 7, (old) => {
          must(!nodes.has(old), 'a node moves once');
          const block = moved(old, arena.sizeOf(old));
          nodes.add(block);
          return block;
        });
      } while (position !== 0);
      expect(nodes.size).toBeGreaterThan(count / LEAF_CAPACITY);
      checkDict(dict);
      checkOrderTree(tree);
      expect(tree.count).toBe(count);
      const drain = new OrderTreeDrain(tree);
      while (drain.step(10));
      const members = new DictDrain(dict);
      while (
        members.step(100, (ref) => {
          arena.free(ref);
        })
      );
      expect(arena.usedBytes).toBe(0);
    }
  });
});

describe('a million members', () => {
  it('cost at most 15 bytes of tree each in random order, 13 in order', () => {
    const arena = new Arena();
    const tree = new OrderTree(arena);
    const random = new SeededRandom(5);
    const count = 1_000_000;
    const refs = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      refs[i] = makeMember(arena, random.next32(), bytesOf(`m${i}`));
      tree.insert(refs[i]);
    }
    checkOrderTree(tree);
    expect(orderTreeBytes(tree) / count).toBeLessThan(15);
    const drain = new OrderTreeDrain(tree);
    while (drain.step(100));
    expect(arena.blockCount).toBe(count);
    for (let i = 0; i < count; i++) {
      setMemberScore(arena, refs[i], i);
      tree.append(refs[i]);
    }
    checkOrderTree(tree);
    expect(orderTreeBytes(tree) / count).toBeLessThan(13);
    tree.removeRange(0, count, (ref) => {
      arena.free(ref);
    });
    expect(arena.usedBytes).toBe(0);
  }, 120_000);
});
