// The sorted set commands: their examples, and beside a live redis-server cases by hand and requests made at random, each
// with sets that stay packed and with sets that are large from the start.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { SET_COMMANDS } from '../../src/commands/set.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { ZSET_COMMANDS } from '../../src/commands/zset.js';
import {
  withShortDoubles,
  checkExamples,
  compareCase,
  compareRandom,
  pick,
  randomBytes,
  type Case,
  type Tuning,
} from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';
import { ZSET_CASES } from './zset-cases.js';

/** One shard alone has nobody to wait: what can is tried over sockets (examples.test.ts). */
const WITHOUT_WAITING = ZSET_COMMANDS.filter((spec) => spec.blocking === undefined);

const COMMANDS = [
  ...ZSET_COMMANDS,
  ...SET_COMMANDS,
  ...STRING_COMMANDS,
  ...LIST_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 3000;

/** zset-max-listpack-entries: Redis's own, sets that are large from the start, sets that turn large on the way. */
const ENTRIES = [128, 0, 10] as const;

function limited(entries: number): Tuning {
  return (shard) => (shard.limits.zsetMaxListpackEntries = entries);
}

/** What has one answer only among sets of this size: a large set has no order by member where scores differ. */
function isDefinite(request: Request, entries: number): boolean {
  const words = typeof request === 'string' ? request.split(' ') : request.map(String);
  return entries > 100 || !words.some((word) => /LEX/i.test(word));
}

describe('examples', () => {
  it.each(WITHOUT_WAITING.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

const KEYS = ['a', 'b', 'c'];
/** Only members with one score: the set that is asked for ranges of members. */
const EQUAL = 'equal';

function anyMember(random: Random): string | Uint8Array {
  const kind = random.below(20);
  if (kind < 10) return `m${random.below(30)}`;
  if (kind < 13) return String(random.below(200_000) - 100_000);
  if (kind < 15) return pick(random, INTEGERS);
  return randomBytes(random, random.below(kind < 19 ? 6 : 80));
}

function anyScore(random: Random): string {
  const kind = random.below(12);
  if (kind < 5) return String(random.below(10));
  if (kind < 8) return String(random.below(2_000_000) - 1_000_000);
  if (kind < 10) return String((random.below(4000) - 2000) / 8);
  return pick(random, ['inf', '-inf', '0', '-0', '9007199254740993', '1e15', '4294967296.5']);
}

function anyLimit(random: Random): string {
  return pick(random, ['-inf', '+inf', '(', '', '']).replace(/^\(?$/, (open) => open + anyScore(random));
}

function lexLimit(random: Random): string {
  return pick(random, ['-', '+', `[m${random.below(30)}`, `(m${random.below(30)}`, '[1', '(']);
}

function randomZSetRequest(random: Random): Request {
  const key = pick(random, KEYS);
  const rank = (): string => String(random.below(60) - 30);
  const pairs = (): (string | Uint8Array)[] =>
    Array.from({ length: 1 + random.below(5) }, () => [anyScore(random), anyMember(random)]).flat();
  const limit = (): string[] =>
    random.below(2) === 0 ? [] : ['LIMIT', String(random.below(5)), String(random.below(8) - 1)];
  switch (random.below(28)) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return ['ZADD', key, ...pairs()];
    case 5:
    case 6:
      return ['ZADD', key, pick(random, ['NX', 'XX', 'GT', 'LT', 'CH']), ...pairs()];
    case 7:
      return ['ZADD', key, pick(random, ['NX', 'XX', 'GT', 'CH']), 'INCR', anyScore(random), anyMember(random)];
    case 8:
      return ['ZINCRBY', key, anyScore(random), anyMember(random)];
    case 9:
    case 10:
      return ['ZREM', key, anyMember(random), anyMember(random)];
    case 11:
      return ['ZMSCORE', key, anyMember(random), anyMember(random), anyMember(random)];
    case 12:
    case 13:
      return [pick(random, ['ZRANK', 'ZREVRANK']), key, anyMember(random)];
    case 14:
      return ['ZCOUNT', key, anyLimit(random), anyLimit(random)];
    case 15:
      return [pick(random, ['ZRANGE', 'ZREVRANGE']), key, rank(), rank(), 'WITHSCORES'];
    case 16:
      return [pick(random, ['ZRANGEBYSCORE', 'ZREVRANGEBYSCORE']), key, anyLimit(random), anyLimit(random), ...limit()];
    case 17:
      return ['ZRANGE', key, anyLimit(random), anyLimit(random), 'BYSCORE', 'REV', 'WITHSCORES', ...limit()];
    case 18:
      return pick<Request>(random, [
        ['ZADD', EQUAL, '0', anyMember(random), '0', anyMember(random), '0', anyMember(random)],
        [pick(random, ['ZRANGEBYLEX', 'ZREVRANGEBYLEX']), EQUAL, lexLimit(random), lexLimit(random), ...limit()],
      ]);
    case 19:
      return pick<Request>(random, [
        ['ZLEXCOUNT', EQUAL, lexLimit(random), lexLimit(random)],
        ['ZREMRANGEBYLEX', EQUAL, `[m${random.below(30)}`, `(m${random.below(30)}`],
        ['ZRANGE', EQUAL, lexLimit(random), lexLimit(random), 'BYLEX', 'REV', ...limit()],
      ]);
    case 20:
      return random.below(3) === 0
        ? ['ZREMRANGEBYSCORE', key, anyScore(random), anyScore(random)]
        : ['ZREMRANGEBYRANK', key, String(random.below(30)), String(random.below(30))];
    case 21:
      return [pick(random, ['ZPOPMIN', 'ZPOPMAX']), key, String(random.below(4))];
    case 22:
      return [
        'ZMPOP',
        '2',
        key,
        pick(random, KEYS),
        pick(random, ['MIN', 'MAX']),
        'COUNT',
        String(1 + random.below(4)),
      ];
    case 23:
      return ['ZRANGESTORE', pick(random, KEYS), key, '-inf', anyLimit(random), 'BYSCORE', ...limit()];
    case 24:
    case 25: {
      const keys = Array.from({ length: 1 + random.below(3) }, () => pick(random, KEYS));
      const name = pick(random, [
        'ZUNION',
        'ZINTER',
        'ZDIFF',
        'ZINTERCARD',
        'ZUNIONSTORE',
        'ZINTERSTORE',
        'ZDIFFSTORE',
      ]);
      const request = [name, ...(name.endsWith('STORE') ? [pick(random, KEYS)] : []), String(keys.length), ...keys];
      if (/UNION|INTER(?!CARD)/.test(name)) {
        if (random.below(2) === 0)
          request.push('WEIGHTS', ...keys.map(() => pick(random, ['1', '2', '-0.5', '0', 'inf'])));
        if (random.below(2) === 0) request.push('AGGREGATE', pick(random, ['SUM', 'MIN', 'MAX']));
      }
      if (!/STORE|CARD/.test(name)) request.push('WITHSCORES');
      return request;
    }
    case 26:
      return pick(random, [
        ['COPY', key, pick(random, KEYS), 'REPLACE'],
        ['RENAME', key, pick(random, KEYS)],
        ['OBJECT', 'ENCODING', key],
        ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
        ['SET', key, 'v'],
        ['DEL', key],
      ]);
    default:
      return ['ZRANGE', key, '0', '-1', 'WITHSCORES'];
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

  it.each(WITHOUT_WAITING.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    const asked = spec.examples.filter(([request]) => RedisOracle.atLeast(7, 2) || !/ WITHSCORE$/.test(request));
    await compareCase([spec.name, ...asked.map(([request]) => request)], COMMANDS, oracle);
  });

  describe.each(ENTRIES)('zset-max-listpack-entries %i', (entries) => {
    beforeAll(async () => {
      await oracle.run(['CONFIG', 'SET', 'zset-max-listpack-entries', String(entries)]);
    });

    it.each(ZSET_CASES.map((one) => [one[0], one] as const))('%s', async (_title, [title, ...requests]) => {
      const mixed = title === 'options of ranges';
      const one: Case = [title, ...requests.filter((request) => !mixed || isDefinite(request, entries))];
      await compareCase(one, COMMANDS, oracle, limited(entries), withShortDoubles);
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle, seed, RUNS, randomZSetRequest, limited(entries), withShortDoubles);
    });
  });
});

it('knows every command of the group', () => {
  expect(WITHOUT_WAITING.length).toBe(32);
  expect(ZSET_COMMANDS.length).toBe(35);
});
