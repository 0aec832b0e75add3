// The geo commands: their examples, and beside a live redis-server cases by hand and searches made at random.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GEO_COMMANDS } from '../../src/commands/geo.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { ZSET_COMMANDS } from '../../src/commands/zset.js';
import {
  checkExamples,
  compareCase,
  compareRandom,
  pick,
  type Tuning,
  type ReplyView,
  withShortDoubles,
} from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { GEO_CASES } from './geo-cases.js';

const COMMANDS = [
  ...GEO_COMMANDS,
  ...ZSET_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 2000;

/**
 * Distances that are stored, without their last digits: ours are right to the last bit, those of the C library that Redis is
 * linked with are off by one in a few of a thousand.
 */
const withRoundedDoubles: ReplyView = (reply) => {
  const text = reply.toString('latin1').replace(/\$\d+\r\n(-?\d+\.\d+(?:e[+-]\d+)?)\r\n/g, (_found, digits: string) => {
    return `$${Number(digits).toPrecision(14)}\r\n`;
  });
  return Buffer.from(text, 'latin1');
};

const ENTRIES = [128, 0] as const;

function limited(entries: number): Tuning {
  return (shard) => (shard.limits.zsetMaxListpackEntries = entries);
}

describe('examples', () => {
  it.each(GEO_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

/** No two alike: members at one distance from a middle come in an order of their own where COUNT cuts them off. */
function ownCoordinate(random: Random, max: number): string {
  const share = random.below(2 ** 31) / 2 ** 31 - 0.5;
  return (random.below(2) === 0 ? share * 2 * max : 10 + share * 4).toFixed(9);
}

function coordinate(random: Random, max: number): string {
  const share = random.below(2 ** 31) / 2 ** 31 - 0.5;
  const kind = random.below(8);
  if (kind < 4) return (share * 2 * max).toFixed(6);
  if (kind < 7) return (10 + share * 4).toFixed(5 + random.below(4));
  return pick(random, ['0', String(max), String(-max), '-0', '0.5', '45']);
}

const longitude = (random: Random): string => coordinate(random, 180);
const latitude = (random: Random): string => coordinate(random, 85.05112878);
const member = (random: Random): string => `m${random.below(400)}`;
const unit = (random: Random): string => pick(random, ['m', 'km', 'ft', 'mi']);

function length(random: Random): string {
  return pick(random, ['0', '1', '10', '250.5', '1000', '20000', '300000', '5000000', '123456.789', '30000000']);
}

function shape(random: Random): string[] {
  if (random.below(2) === 0) return ['BYRADIUS', length(random), unit(random)];
  return ['BYBOX', length(random), length(random), unit(random)];
}

function randomGeoRequest(random: Random): Request {
  const middle = (): string[] =>
    random.below(3) === 0 ? ['FROMMEMBER', member(random)] : ['FROMLONLAT', longitude(random), latitude(random)];
  const options = (): string[] => [
    ...pick(random, [[], ['ASC'], ['DESC'], ['ASC', 'COUNT', '7'], ['COUNT', '3'], ['COUNT', '5', 'ANY']]),
    ...pick(random, [[], ['WITHDIST'], ['WITHHASH', 'WITHCOORD'], ['WITHDIST', 'WITHCOORD']]),
  ];
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return [
        'GEOADD',
        'k',
        ...Array.from({ length: 4 }, () => [
          ownCoordinate(random, 180),
          ownCoordinate(random, 85),
          member(random),
        ]).flat(),
      ];
    case 3:
      return ['GEODIST', 'k', member(random), member(random), unit(random)];
    case 4:
      return [pick(random, ['GEOPOS', 'GEOHASH']), 'k', member(random), member(random)];
    case 5:
    case 6:
    case 7:
      return ['GEOSEARCH', 'k', ...middle(), ...shape(random), ...options()];
    case 8:
      return pick(random, [
        ['GEORADIUS', 'k', longitude(random), latitude(random), length(random), unit(random), ...options()],
        ['GEORADIUSBYMEMBER', 'k', member(random), length(random), unit(random), ...options()],
      ]);
    default:
      return pick(random, [
        ['GEOSEARCHSTORE', 'to', 'k', ...middle(), ...shape(random), 'STOREDIST'],
        ['GEOSEARCHSTORE', 'to', 'k', ...middle(), ...shape(random)],
        ['ZRANGE', 'to', '0', '-1', 'WITHSCORES'],
      ]);
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

  it.each(GEO_COMMANDS.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    const asked = spec.examples.filter(([request]) => !request.includes('BYPOLYGON'));
    await compareCase([spec.name, ...asked.map(([request]) => request)], COMMANDS, oracle);
  });

  describe.each(ENTRIES)('zset-max-listpack-entries %i', (entries) => {
    beforeAll(async () => {
      await oracle.run(['CONFIG', 'SET', 'zset-max-listpack-entries', String(entries)]);
    });

    it.each(GEO_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
      await compareCase(one, COMMANDS, oracle, limited(entries), withShortDoubles);
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle, seed, RUNS, randomGeoRequest, limited(entries), withRoundedDoubles);
    });
  });
});

it('knows every command of the group', () => {
  expect(GEO_COMMANDS.length).toBe(10);
});
