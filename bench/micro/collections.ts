// Micro benchmark of what large sets, hashes and sorted sets are made of: `node dist/bench/micro/collections.js [members]`.
//
// One arena, no commands. CPU nanoseconds per operation of this process (other load on the machine does not count, though
// what it does to the caches does), and bytes per member: block, dict, tree.

import { xxh32 } from '../../src/base/hash.js';
import { SeededRandom } from '../../src/base/prng.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { MEMBERS } from '../../src/structures/dict-element.js';
import { Dict } from '../../src/structures/dict.js';
import { IntSet } from '../../src/structures/int-set.js';
import { initMember, memberBytes, setMemberScore } from '../../src/structures/member.js';
import { orderTreeBytes } from '../../src/structures/order-tree-walk.js';
import { OrderTree } from '../../src/structures/order-tree.js';

const HASH_SEED = 12345;
const OPERATIONS = 200_000;
const RANGE = 100;
const ROUNDS = 3;

/** CPU nanoseconds of this process per operation. */
function cost(operations: number, run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / operations;
}

function best(operations: number, run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) least = Math.min(least, cost(operations, run));
  return least;
}

/** Keys of a fixed length that end in a number. */
class Keys {
  readonly bytes: Uint8Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length).fill(0x6d);
  }

  name(i: number): void {
    for (let at = this.bytes.length - 1; at >= Math.max(0, this.bytes.length - 8); at--) {
      const rest = (i / 10) | 0;
      this.bytes[at] = 0x30 + (i - rest * 10);
      i = rest;
    }
  }

  hash(): number {
    return xxh32(this.bytes, 0, this.bytes.length, HASH_SEED);
  }
}

function makeMember(arena: Arena, keys: Keys, hasSlot: boolean, valueBytes: number): Ref {
  const length = keys.bytes.length;
  const ref = arena.alloc(memberBytes(length, false, hasSlot, valueBytes));
  initMember(arena, ref, false, hasSlot, keys.bytes, 0, length, valueBytes);
  return ref;
}

// ---------------------------------------------------------------------- dict of members

function measureDict(name: string, members: number, keyBytes: number, valueBytes: number): void {
  const arena = new Arena();
  const dict = new Dict(arena, HASH_SEED, 0, MEMBERS);
  const keys = new Keys(keyBytes);
  const random = new SeededRandom(2);
  const order = Int32Array.from({ length: OPERATIONS }, () => random.below(members));
  const add = cost(members, () => {
    for (let i = 0; i < members; i++) {
      keys.name(i);
      const hash = keys.hash();
      if (dict.find(hash, keys.bytes, 0, keyBytes) === 0)
        dict.insert(hash, makeMember(arena, keys, false, valueBytes), false);
    }
  });
  const bytes = arena.usedBytes / members;
  const find = best(OPERATIONS, () => {
    for (let i = 0; i < OPERATIONS; i++) {
      keys.name(order[i]);
      if (dict.find(keys.hash(), keys.bytes, 0, keyBytes) === 0) throw new Error('a member is lost');
    }
  });
  const remove = cost(members, () => {
    for (let i = 0; i < members; i++) {
      keys.name(i);
      const ref = dict.find(keys.hash(), keys.bytes, 0, keyBytes);
      dict.removeFound();
      arena.free(ref);
    }
  });
  line(name, members, { add, find, remove }, { bytes });
}

// ---------------------------------------------------------------------- order tree

type Scores = 'random' | 'rising' | 'equal';

function scoreOf(scores: Scores, random: SeededRandom, i: number): number {
  if (scores === 'random') return random.next32();
  return scores === 'rising' ? 1.7e12 + i : 1;
}

function measureTree(members: number, scores: Scores): void {
  const arena = new Arena();
  const dict = new Dict(arena, HASH_SEED, 0, MEMBERS);
  const tree = new OrderTree(arena);
  const keys = new Keys(16);
  const random = new SeededRandom(2);
  const refs = new Int32Array(members);
  for (let i = 0; i < members; i++) {
    keys.name(i);
    refs[i] = makeMember(arena, keys, true, 0);
    setMemberScore(arena, refs[i], scoreOf(scores, random, i));
    dict.insert(keys.hash(), refs[i], false);
  }
  if (scores !== 'rising') shuffle(refs, random);
  const picks = Int32Array.from({ length: OPERATIONS }, () => random.below(members));
  const insert = cost(members, () => {
    for (let i = 0; i < members; i++) tree.insert(refs[i]);
  });
  const treeBytes = orderTreeBytes(tree) / members;
  const bytes = arena.usedBytes / members;
  let sink = 0;
  const rank = best(OPERATIONS, () => {
    for (let i = 0; i < OPERATIONS; i++) {
      tree.seekMember(refs[picks[i]]);
      sink ^= tree.rank;
    }
  });
  const at = best(OPERATIONS, () => {
    for (let i = 0; i < OPERATIONS; i++) {
      tree.seekRank(picks[i]);
      sink ^= tree.ref;
    }
  });
  const range = best(OPERATIONS / 20, () => {
    for (let i = 0; i < OPERATIONS / 20; i++) {
      tree.seekRank(Math.min(picks[i], members - RANGE));
      for (let n = 0; n < RANGE; n++) {
        sink ^= tree.ref;
        tree.next();
      }
    }
  });
  const near = best(OPERATIONS, () => {
    for (let i = 0; i < OPERATIONS; i++) tree.rescore(refs[picks[i]], 1.7e12 + picks[i] + (i & 1) * 0.5);
  });
  const far = cost(OPERATIONS, () => {
    for (let i = 0; i < OPERATIONS; i++) tree.rescore(refs[picks[i]], random.next32());
  });
  const remove = cost(members, () => {
    for (let i = 0; i < members; i++) tree.remove(refs[i]);
  });
  if (sink === 0x7fffffff) console.log('');
  line(`zset, scores ${scores}`, members, { insert, rank, at, range, near, far, remove }, { bytes, tree: treeBytes });
}

function shuffle(refs: Int32Array, random: SeededRandom): void {
  for (let i = refs.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const other = refs[j];
    refs[j] = refs[i];
    refs[i] = other;
  }
}

// ---------------------------------------------------------------------- set of integers

/** Numbers of a set at Redis's default limit. */
const INT_COUNT = 512;

function measureIntSet(name: string, spread: number): void {
  const arena = new Arena();
  const set = new IntSet(arena);
  const random = new SeededRandom(2);
  const numbers = Float64Array.from({ length: INT_COUNT }, () => Math.floor((random.next32() / 2 ** 32) * spread));
  const rounds = Math.ceil(OPERATIONS / INT_COUNT);
  const fill = (): void => {
    for (const number of numbers) set.add(number);
  };
  const add = best(rounds * INT_COUNT, () => {
    for (let round = 0; round < rounds; round++) {
      set.free();
      fill();
    }
  });
  const bytes = arena.usedBytes / set.count;
  const find = best(rounds * INT_COUNT, () => {
    for (let round = 0; round < rounds; round++) {
      for (const number of numbers) if (!set.has(number)) throw new Error('a number is lost');
    }
  });
  line(name, INT_COUNT, { add, find }, { bytes });
}

// ---------------------------------------------------------------------- print

function line(name: string, members: number, times: Record<string, number>, bytes: Record<string, number>): void {
  const cells = [
    name.padEnd(22) + members.toLocaleString('en').padStart(10),
    ...Object.entries(times).map(([what, ns]) => `${what} ${ns.toFixed(0)} ns`.padStart(16)),
    ...Object.entries(bytes).map(([what, count]) => `${what} ${count.toFixed(1)}`.padStart(12)),
  ];
  console.log(cells.join(''));
}

measureIntSet('int set, 16 bits', 2 ** 15);
measureIntSet('int set, 32 bits', 2 ** 31);
measureIntSet('int set, 53 bits', 2 ** 53);
const sizes = process.argv.slice(2).map(Number);
for (const members of sizes.length > 0 ? sizes : [1000, 100_000, 1_000_000]) {
  measureDict('set 16', members, 16, 0);
  measureDict('set 10', members, 10, 0);
  measureDict('hash 12 + 12', members, 12, 12);
  for (const scores of ['random', 'rising', 'equal'] as const) measureTree(members, scores);
}
