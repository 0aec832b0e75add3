// The list commands: their examples, and beside a live redis-server cases by hand and requests made at random, each with
// lists that stay packed, lists of many small nodes, and lists of single elements.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { checkExamples, compareCase, compareRandom, pick, randomBytes, type Tuning } from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';
import { LIST_CASES } from './list-cases.js';

/** One shard alone has nobody to wait: what can is tried over sockets (examples.test.ts). */
const WITHOUT_WAITING = LIST_COMMANDS.filter((spec) => spec.blocking === undefined);

const COMMANDS = [
  ...LIST_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 3000;

/** list-max-listpack-size: packed lists and quick ones, nodes of a few elements, nodes of one. */
const FILLS = [-2, 3, 1] as const;

function filled(fill: number): Tuning {
  return (shard) => (shard.limits.listMaxListpackSize = fill);
}

describe('examples', () => {
  it.each(WITHOUT_WAITING.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

const KEYS = ['a', 'b', 'c'];
const LONG = ['x'.repeat(8193), 'y'.repeat(9000), 'z'.repeat(8192), 'w'.repeat(500)];

function anyElement(random: Random): string | Uint8Array {
  const kind = random.below(20);
  if (kind < 8) return pick(random, ['a', 'b', 'c', '1', '2', '']);
  if (kind < 11) return String(random.below(200_000) - 100_000);
  if (kind < 13) return pick(random, INTEGERS);
  if (kind < 14) return pick(random, LONG);
  return randomBytes(random, random.below(kind < 19 ? 30 : 200));
}

function randomListRequest(random: Random): Request {
  const key = pick(random, KEYS);
  const side = (): string => pick(random, ['LEFT', 'RIGHT']);
  const index = (): string => String(random.below(60) - 30);
  const elements = (): (string | Uint8Array)[] => Array.from({ length: 1 + random.below(6) }, () => anyElement(random));
  switch (random.below(22)) {
    case 0:
    case 1:
    case 2:
      return ['RPUSH', key, ...elements()];
    case 3:
    case 4:
      return ['LPUSH', key, ...elements()];
    case 5:
      return [pick(random, ['LPUSHX', 'RPUSHX']), key, anyElement(random)];
    case 6:
      return [pick(random, ['LPOP', 'RPOP']), key];
    case 7:
      return [pick(random, ['LPOP', 'RPOP']), key, String(random.below(8))];
    case 8:
      return ['LINSERT', key, pick(random, ['BEFORE', 'AFTER']), anyElement(random), anyElement(random)];
    case 9:
    case 10:
      return ['LSET', key, index(), anyElement(random)];
    case 11:
    case 12:
      return ['LREM', key, String(random.below(7) - 3), anyElement(random)];
    case 13:
      return random.below(4) === 0 ? ['LTRIM', key, index(), index()] : ['LTRIM', key, '0', '80'];
    case 14:
      return ['LMPOP', '2', key, pick(random, KEYS), side(), 'COUNT', String(1 + random.below(4))];
    case 15:
    case 16:
      return ['LMOVE', key, pick(random, KEYS), side(), side()];
    case 17:
      return ['RPOPLPUSH', key, pick(random, KEYS)];
    case 18:
      return [
        'LPOS',
        key,
        anyElement(random),
        'RANK',
        pick(random, ['1', '2', '-1', '-2']),
        'COUNT',
        String(random.below(4)),
      ];
    case 19:
      return ['LINDEX', key, index()];
    case 20:
      return pick(random, [
        ['COPY', key, pick(random, KEYS), 'REPLACE'],
        ['RENAME', key, pick(random, KEYS)],
        ['DEL', key],
        ['SET', key, 'v'],
      ]);
    default:
      return ['LRANGE', key, '0', '-1'];
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
    await compareCase([spec.name, ...spec.examples.map(([request]) => request)], COMMANDS, oracle);
  });

  describe.each(FILLS)('list-max-listpack-size %i', (fill) => {
    it.each(LIST_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
      await compareCase(one, COMMANDS, oracle, filled(fill));
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle, seed, RUNS, randomListRequest, filled(fill));
    });
  });

  it('a list of 200,000 is the same everywhere', async () => {
    const requests: Request[] = [];
    for (let i = 0; i < 200; i++) {
      requests.push([
        'RPUSH',
        'k',
        ...Array.from({ length: 1000 }, (_, j) => (j % 7 === 0 ? String(i * j) : `item-${i}-${j}`)),
      ]);
    }
    requests.push('LLEN k', 'LINDEX k 0', 'LINDEX k 99999', 'LINDEX k 100001', 'LINDEX k -1', 'LINDEX k -70000');
    requests.push(
      'LRANGE k 54321 54400',
      'LPOS k item-150-3',
      'LPOS k item-150-3 RANK -1',
      'LPOS k 0 COUNT 0 MAXLEN 90000',
    );
    requests.push(
      'LINSERT k BEFORE item-100-1 here',
      'LPOS k here',
      'LSET k 123456 there',
      'LPOS k there',
      'LREM k 0 0',
    );
    requests.push(
      'LTRIM k 1000 -1001',
      'LLEN k',
      'LPOP k 3',
      'RPOP k 3',
      'LTRIM k 150000 -1',
      'LLEN k',
      'LRANGE k 0 3',
    );
    requests.push('COPY k copy', 'LTRIM k 0 9', 'LRANGE k 0 -1', 'LLEN copy', 'LRANGE copy -5 -1', 'DEL copy');
    await compareCase(['big', ...requests], COMMANDS, oracle);
  });
});

it('knows every command of the group', () => {
  expect(WITHOUT_WAITING.length).toBe(17);
  expect(LIST_COMMANDS.length).toBe(22);
});
