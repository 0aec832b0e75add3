// The set commands: their examples, and beside a live redis-server cases by hand and requests made at random, each at
// Redis's limits of the encodings and at small ones. Redis 7.0 has no packed sets: its encodings are intset and hashtable.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { SET_COMMANDS } from '../../src/commands/set.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import {
  checkExamples,
  compareCase,
  compareRandom,
  pick,
  randomBytes,
  type ReplyView,
  type Tuning,
} from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { parseReply, sortedText, type RespNode } from '../support/resp-tree.js';
import { INTEGERS } from './string-cases.js';
import { SET_CASES } from './set-cases.js';

const COMMANDS = [
  ...SET_COMMANDS,
  ...LIST_COMMANDS.filter((spec) => spec.blocking === undefined),
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 3000;

/** set-max-intset-entries, set-max-listpack-entries, set-max-listpack-value. */
const LIMITS: readonly (readonly [ints: number, entries: number, value: number])[] = [
  [512, 128, 64],
  [6, 4, 6],
  [0, 0, 0],
];

function limited([ints, entries, value]: (typeof LIMITS)[number]): Tuning {
  return ({ limits }) => {
    limits.setMaxIntsetEntries = ints;
    limits.setMaxListpackEntries = entries;
    limits.setMaxListpackValue = value;
  };
}

/** Bulks that stand side by side are members, whose order nobody promises. */
function withoutOrder(node: RespNode): string {
  if (node.content !== undefined) return sortedText(node);
  const isMembers = node.items.every(({ content }) => content !== undefined);
  return isMembers ? sortedText(node) : [node.head, ...node.items.map(withoutOrder)].join('\r\n');
}

const unordered: ReplyView = (reply) => {
  const text = withoutOrder(parseReply(reply));
  const known = RedisOracle.atLeast(7, 2) ? text : text.replace('$8\r\nlistpack', '$9\r\nhashtable');
  return Buffer.from(known, 'latin1');
};

describe('examples', () => {
  it.each(SET_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

const KEYS = ['a', 'b', 'c', 'd'];
const LONG = ['x'.repeat(65), 'y'.repeat(300), 'z'.repeat(64)];

function anyMember(random: Random): string | Uint8Array {
  const kind = random.below(20);
  if (kind < 6) return pick(random, ['a', 'b', 'c', '1', '2', '']);
  if (kind < 12) return String(random.below(30));
  if (kind < 14) return pick(random, INTEGERS);
  if (kind < 15) return pick(random, LONG);
  if (kind < 18) return `m${random.below(40)}`;
  return randomBytes(random, random.below(kind < 19 ? 3 : 100));
}

function randomSetRequest(random: Random): Request {
  const key = (): string => pick(random, KEYS);
  const keys = (): string[] => Array.from({ length: 1 + random.below(4) }, key);
  const members = (): (string | Uint8Array)[] => Array.from({ length: 1 + random.below(6) }, () => anyMember(random));
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return ['SADD', key(), ...members()];
    case 4:
      return ['SADD', key(), ...Array.from({ length: 1 + random.below(9) }, () => String(random.below(40)))];
    case 5:
    case 6:
      return ['SREM', key(), ...members()];
    case 7:
      return ['SMISMEMBER', key(), ...members()];
    case 8:
    case 9:
      return ['SMOVE', key(), key(), anyMember(random)];
    case 10:
      return [pick(random, ['SINTER', 'SUNION', 'SDIFF']), ...keys()];
    case 11:
      return [pick(random, ['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE']), ...keys(), key()];
    case 12:
      return ['SINTERCARD', '2', key(), key(), 'LIMIT', String(random.below(5))];
    case 13:
      return pick(random, [
        ['COPY', key(), key(), 'REPLACE'],
        ['RENAME', key(), key()],
        ['DEL', key()],
        ['SET', key(), 'v'],
        ['SPOP', key(), '10000'],
      ]);
    case 14:
      return pick(random, [
        ['SCARD', key()],
        ['SISMEMBER', key(), anyMember(random)],
        ['SRANDMEMBER', key(), '10000'],
      ]);
    default:
      return ['SMEMBERS', key()];
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

  it.each(SET_COMMANDS.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    await compareCase(
      [spec.name, ...spec.examples.map(([request]) => request)],
      COMMANDS,
      oracle,
      undefined,
      unordered,
    );
  });

  describe.each(LIMITS)('limits %i %i %i', (ints, entries, value) => {
    const tune = limited([ints, entries, value]);

    it.each(SET_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
      await compareCase(one, COMMANDS, oracle, tune, unordered);
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      await compareRandom(COMMANDS, oracle, seed, RUNS, randomSetRequest, tune, unordered);
    });
  });

  it('sets of 20,000 are the same everywhere', async () => {
    const add = (key: string, make: (i: number) => string): Request[] =>
      Array.from({ length: 20 }, (_, i): Request => [
        'SADD',
        key,
        ...Array.from({ length: 1000 }, (__, j) => make(i * 1000 + j)),
      ]);
    await compareCase(
      [
        'big',
        ...add('a', (i) => `member:${i}`),
        ...add('b', (i) => `member:${i * 3}`),
        ...add('c', (i) => String(i * 7)),
        'SCARD a',
        'SINTERCARD 2 a b',
        'SINTER a b',
        'SDIFF a b',
        'SUNION a b c',
        'SDIFFSTORE d b a',
        'SCARD d',
        'SINTERSTORE d a b',
        'SCARD d',
        'SUNIONSTORE d a c',
        'SCARD d',
        'SMISMEMBER d member:5 7 8 member:19999',
        'COPY a e',
        'SDIFF a e',
        'SINTERCARD 2 a e LIMIT 7000',
        'SPOP e 200000',
        'EXISTS e',
      ],
      COMMANDS,
      oracle,
      undefined,
      unordered,
    );
  });
});

it('knows every command of the group', () => {
  expect(SET_COMMANDS.length).toBe(17);
});
