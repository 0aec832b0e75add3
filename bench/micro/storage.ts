// Micro benchmark of the storage engine: `node dist/bench/micro/storage.js [keys ...]`.
//
// One shard, 16-byte keys and values, no sockets, no protocol. Prints, per number of keys, CPU nanoseconds per operation
// (of this process: other load on the machine does not count) as the best of five rounds, and bytes per key.

import { SeededRandom } from '../../src/base/prng.js';
import { systemClock } from '../../src/base/clock.js';
import { Args } from '../../src/contract/args.js';
import { NO_EXPIRY, type StringView } from '../../src/shard/db.js';
import { Shard } from '../../src/shard/shard.js';

const HASH_SEED = 12345;
const KEY_BYTES = 16;
const VALUE_BYTES = 16;
const ROUNDS = 5;
const OPERATIONS = 300_000;
const KEY_AT = 8;
const VALUE_AT = KEY_AT + KEY_BYTES;
const TTL_MS = 10_000_000;

const nothing = (): void => undefined;

class Bench {
  readonly shard = new Shard({
    id: 0,
    shardCount: 1,
    databases: 16,
    hashSeed: HASH_SEED,
    clock: systemClock,
    random: new SeededRandom(1),
    counters: {
      keyspaceHit: nothing,
      keyspaceMiss: nothing,
      expiredKey: nothing,
      expiredParts: nothing,
      sizeChanged: nothing,
      topicsChanged: nothing,
      watchedKeysChanged: nothing,
      awaitedKeysChanged: nothing,
      lazyFreed: nothing,
      expiryRan: nothing,
    },
    stringBytesMax: 512 * 1024 * 1024,
    lfu: false,
  });
  readonly db = this.shard.dbs[0];
  readonly bytes = new Uint8Array(64).fill(0x6b);
  readonly args = new Args(HASH_SEED);
  readonly view: StringView = { bytes: this.bytes, start: 0, end: 0 };
  readonly keys: number;
  readonly expireAtMs: number;
  /** The keys of a round, drawn beforehand. */
  readonly order: Int32Array;

  constructor(keys: number, withTtl: boolean) {
    this.keys = keys;
    this.expireAtMs = withTtl ? Date.now() + TTL_MS : NO_EXPIRY;
    this.args.reset(this.bytes);
    this.args.push(0, 3);
    this.args.push(KEY_AT, KEY_AT + KEY_BYTES);
    const random = new SeededRandom(2);
    this.order = new Int32Array(OPERATIONS);
    for (let i = 0; i < OPERATIONS; i++) this.order[i] = random.below(keys);
  }

  /** Writes the name of key `i` into the argument. */
  name(i: number): void {
    for (let at = KEY_AT + KEY_BYTES - 1; at >= KEY_AT + 8; at--) {
      const rest = (i / 10) | 0;
      this.bytes[at] = 0x30 + (i - rest * 10);
      i = rest;
    }
  }

  set(): void {
    this.db.setString(this.args, 1, this.bytes, VALUE_AT, VALUE_AT + VALUE_BYTES, this.expireAtMs);
  }

  fill(): void {
    for (let i = 0; i < this.keys; i++) {
      this.name(i);
      this.set();
    }
  }

  round(operation: () => void): void {
    for (let i = 0; i < OPERATIONS; i++) {
      this.name(this.order[i]);
      operation();
    }
  }
}

/** CPU nanoseconds of this process per operation. */
function cost(operations: number, run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / operations;
}

function best(run: () => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) least = Math.min(least, cost(OPERATIONS, run));
  return least;
}

function measure(keys: number, withTtl: boolean): void {
  const bench = new Bench(keys, withTtl);
  const { db, args, view } = bench;
  const insert = cost(keys, () => {
    bench.fill();
  });
  const arena = bench.shard.arena;
  const bytes = arena.usedBytes / keys;
  const index = db.indexBytes / keys;
  const committed = arena.committedBytes / keys;
  const naming = best(() => {
    bench.round(nothing);
  });
  const hash = best(() => {
    bench.round(() => args.hash(1));
  });
  const get = best(() => {
    bench.round(() => {
      db.readString(db.lookupRead(args, 1), view);
    });
  });
  const set = best(() => {
    bench.round(() => {
      bench.set();
    });
  });
  const remove = cost(keys, () => {
    for (let i = 0; i < keys; i++) {
      bench.name(i);
      db.delete(args, 1);
    }
  });
  const cells = [
    keys.toLocaleString('en').padStart(10),
    (withTtl ? 'TTL' : '').padStart(4),
    ...[get - naming, set - naming, insert - naming, remove - naming, hash - naming].map((ns) =>
      ns.toFixed(0).padStart(8),
    ),
    bytes.toFixed(1).padStart(9),
    index.toFixed(1).padStart(7),
    committed.toFixed(1).padStart(11),
  ];
  console.log(cells.join(''));
}

const sizes = process.argv.slice(2).map(Number);
console.log('      keys        get     set  insert  delete    hash  bytes/key  index  committed');
for (const keys of sizes.length > 0 ? sizes : [10_000, 100_000, 1_000_000]) {
  measure(keys, false);
  measure(keys, true);
}
