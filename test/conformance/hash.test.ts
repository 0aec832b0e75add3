// The hash commands: their examples, and beside a live redis-server cases by hand and requests made at random, each with
// hashes that stay packed and hashes that become tables early.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { HASH_COMMANDS } from '../../src/commands/hash.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { checkExamples, compareCase, compareRandom, pick, randomBytes, type Tuning } from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { FLOATS, INTEGERS } from './string-cases.js';
import { HASH_CASES, PACKED_HASH_CASES } from './hash-cases.js';

const COMMANDS = [
  ...HASH_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 3000;

/** hash-max-listpack-entries and -value: Redis's defaults, tables from the fourth field or six bytes on, tables only. */
const LIMITS = [
  [512, 64],
  [3, 5],
  [0, 64],
] as const;

function limited(entries: number, value: number): Tuning {
  return (shard) => {
    shard.limits.hashMaxListpackEntries = entries;
    shard.limits.hashMaxListpackValue = value;
  };
}

describe('examples', () => {
  it.each(HASH_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

const KEYS = ['k1', 'k2', 'k3'];
const FIELDS = ['a', 'b', 'c', 'd', '1', '22', '', 'long-name-of-a-field'];
const ALL_FIELDS = ['HMGET', ...KEYS.slice(0, 1), ...FIELDS, ...INTEGERS];

function anyValue(random: Random): string | Uint8Array {
  const kind = random.below(20);
  if (kind < 8) return pick(random, ['x', '1', '-7', '', 'value']);
  if (kind < 12) return String(random.below(200_000) - 100_000);
  if (kind < 14) return pick(random, INTEGERS);
  if (kind < 15) return pick(random, FLOATS);
  return randomBytes(random, random.below(kind < 19 ? 40 : 400));
}

function randomHashRequest(random: Random): Request {
  const key = pick(random, KEYS);
  const field = (): string => (random.below(8) === 0 ? pick(random, INTEGERS) : pick(random, FIELDS));
  const pairs = (): (string | Uint8Array)[] =>
    Array.from({ length: 1 + random.below(5) }, () => [field(), anyValue(random)]).flat();
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
      return ['HSET', key, ...pairs()];
    case 3:
      return ['HMSET', key, ...pairs()];
    case 4:
      return ['HSETNX', key, field(), anyValue(random)];
    case 5:
      return ['HGET', key, field()];
    case 6:
    case 7:
      return ['HDEL', key, ...Array.from({ length: 1 + random.below(4) }, field)];
    case 8:
      return ['HINCRBY', key, field(), random.below(3) === 0 ? pick(random, INTEGERS) : String(random.below(50) - 25)];
    case 9:
      return ['HINCRBYFLOAT', key, field(), random.below(3) === 0 ? pick(random, FLOATS) : '0.25'];
    case 10:
      return pick(random, [
        ['HLEN', key],
        ['HEXISTS', key, field()],
        ['HSTRLEN', key, field()],
      ]);
    case 11:
      return ['OBJECT', 'ENCODING', key];
    case 12:
      return pick(random, [
        ['COPY', key, pick(random, KEYS), 'REPLACE'],
        ['RENAME', key, pick(random, KEYS)],
        ['DEL', key],
        ['HSET', key, 'a', 'b'],
      ]);
    default:
      return ['HMGET', key, ...ALL_FIELDS.slice(2)];
  }
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(async () => {
    await oracle.close();
  });

  const OF_REDIS_7 = HASH_COMMANDS.filter(({ since }) => Number(since.split('.')[0]) < 7);
  it.each(OF_REDIS_7.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    await compareCase([spec.name, ...spec.examples.map(([request]) => request)], COMMANDS, oracle);
  });

  it.each(PACKED_HASH_CASES.map((one) => [one[0], one] as const))('packed: %s', async (_title, one) => {
    await compareCase(one, COMMANDS, oracle);
  });

  describe.each(LIMITS)('up to %i fields, %i bytes', (entries, value) => {
    beforeAll(async () => {
      await oracle.runAll([
        `CONFIG SET hash-max-listpack-entries ${entries}`,
        `CONFIG SET hash-max-listpack-value ${value}`,
      ]);
    });

    it.each(HASH_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
      await compareCase(one, COMMANDS, oracle, limited(entries, value));
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle, seed, RUNS, randomHashRequest, limited(entries, value));
    });
  });
});

it('knows every command of the group', () => {
  expect(HASH_COMMANDS.length).toBe(28);
});
