// The stream commands: their examples, and beside a live redis-server cases by hand and requests made at random, with nodes of
// Redis's default size and with small ones, at whose ends trimming stops.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Random } from '../../src/base/prng.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { OBJECT_COMMANDS } from '../../src/commands/object.js';
import { SCAN_COMMANDS } from '../../src/commands/scan.js';
import { STREAM_GROUP_COMMANDS } from '../../src/commands/stream-groups.js';
import { STREAM_INFO_COMMANDS } from '../../src/commands/stream-info.js';
import { STREAM_PENDING_COMMANDS } from '../../src/commands/stream-pending.js';
import { STREAM_READING_COMMANDS } from '../../src/commands/stream-reading.js';
import { STREAM_REFERENCE_COMMANDS } from '../../src/commands/stream-references.js';
import { STREAM_COMMANDS } from '../../src/commands/stream.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { checkExamples, compareCase, compareRandom, pick, type Tuning } from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { STREAM_CASES } from './stream-cases.js';

const ALL_STREAM_COMMANDS = [
  ...STREAM_COMMANDS,
  ...STREAM_READING_COMMANDS,
  ...STREAM_GROUP_COMMANDS,
  ...STREAM_PENDING_COMMANDS,
  ...STREAM_REFERENCE_COMMANDS,
  ...STREAM_INFO_COMMANDS,
];
const COMMANDS = [
  ...ALL_STREAM_COMMANDS,
  ...LIST_COMMANDS,
  ...STRING_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
  ...SCAN_COMMANDS,
  ...OBJECT_COMMANDS,
];
const RUNS = 3000;

/** stream-node-max-bytes and stream-node-max-entries. */
const LIMITS = [
  [4096, 100],
  [4096, 3],
  [200, 0],
  [0, 7],
] as const;

function limited(bytes: number, entries: number): Tuning {
  return ({ limits }) => {
    limits.streamNodeMaxBytes = bytes;
    limits.streamNodeMaxEntries = entries;
  };
}

/** Leaves out times, and what Redis 7.2 tells besides of consumers. */
function mask(reply: Buffer): Buffer {
  const text = reply.toString('latin1');
  if (!/idle|time|pending|\*4\r\n\$\d+\r\n\d+-\d+\r\n/.test(text)) return reply;
  const masked = text
    .replace(/(\*4\r\n\$\d+\r\n\d+-\d+\r\n\$\d+\r\n[^\r]*\r\n):\d+/g, '$1:ms')
    .replace(/(\*3\r\n\$\d+\r\n\d+-\d+\r\n):\d+/g, '$1:ms')
    .replace(/(\$9\r\nseen-time\r\n):\d+/g, '$1:ms')
    .replace(/\$11\r\nactive-time\r\n:-?\d+\r\n/g, '')
    .replace(/\*10(\r\n\$4\r\nname\r\n\$\d+\r\n[^\r]*\r\n\$9\r\nseen-time)/g, '*8$1')
    .replace(/%5(\r\n\$4\r\nname\r\n\$\d+\r\n[^\r]*\r\n\$9\r\nseen-time)/g, '%4$1');
  return Buffer.from(masked, 'latin1');
}

describe('examples', () => {
  it.each(ALL_STREAM_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
    for (const sub of (spec.subcommands ?? []).filter((one) => one.name !== 'HELP')) await checkExamples(sub, COMMANDS);
  });
});

const KEYS = ['a', 'b'];
const GROUPS = ['g', 'h'];
const CONSUMERS = ['c', 'd', 'e'];

/** IDs come in order: requests keep a count of them. */
function requestsOf(): (random: Random) => Request {
  let ms = 1;
  const anyId = (random: Random): string => `${Math.max(1, ms - random.below(60))}-${random.below(3)}`;
  const bound = (random: Random): string =>
    pick(random, [anyId(random), `(${anyId(random)}`, `${ms - random.below(40)}`, '-', '+']);
  const some = (random: Random, make: (random: Random) => string): string[] =>
    Array.from({ length: 1 + random.below(4) }, () => make(random));
  const fields = (random: Random): string[] => {
    const kind = random.below(10);
    if (kind < 7) return ['f', String(random.below(100_000)), 'g', pick(random, ['v', 'value', ''])];
    if (kind < 9) return ['f', String(random.below(10))];
    return ['x'.repeat(random.below(80)), 'y'.repeat(random.below(400)), 'f', 'g', 'h', '-17'];
  };
  return (random) => {
    const key = pick(random, KEYS);
    const group = pick(random, GROUPS);
    const consumer = pick(random, CONSUMERS);
    switch (random.below(30)) {
      case 0:
        return ['XDEL', key, ...some(random, anyId)];
      case 1:
        return pick<Request>(random, [
          ['XTRIM', key, 'MAXLEN', String(random.below(60))],
          ['XTRIM', key, 'MAXLEN', '~', String(random.below(40))],
          ['XTRIM', key, 'MINID', anyId(random)],
          ['XTRIM', key, 'MINID', '~', anyId(random)],
          ['XTRIM', key, 'MINID', '~', anyId(random), 'LIMIT', String(random.below(12))],
        ]);
      case 2:
        return ['XRANGE', key, bound(random), bound(random), 'COUNT', String(random.below(12))];
      case 3:
        return ['XREVRANGE', key, bound(random), bound(random)];
      case 4:
      case 5:
        return ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', String(1 + random.below(5)), 'STREAMS', key, '>'];
      case 6:
        return [
          'XREADGROUP',
          'GROUP',
          group,
          consumer,
          ...(random.below(2) === 0 ? ['NOACK'] : []),
          'STREAMS',
          ...KEYS,
          '>',
          '>',
        ];
      case 7:
        return ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', '3', 'STREAMS', key, anyId(random)];
      case 8:
      case 9:
        return ['XACK', key, group, ...some(random, anyId)];
      case 10:
        return [
          'XPENDING',
          key,
          group,
          bound(random),
          bound(random),
          '20',
          ...(random.below(2) === 0 ? [consumer] : []),
        ];
      case 11:
        return [
          'XCLAIM',
          key,
          group,
          consumer,
          '0',
          ...some(random, anyId),
          ...(random.below(3) === 0 ? ['FORCE'] : []),
          ...(random.below(3) === 0 ? ['JUSTID'] : []),
        ];
      case 12:
        return [
          'XAUTOCLAIM',
          key,
          group,
          consumer,
          '0',
          anyId(random),
          'COUNT',
          String(1 + random.below(6)),
          ...(random.below(2) === 0 ? ['JUSTID'] : []),
        ];
      case 13:
        return ['XINFO', 'STREAM', key, 'FULL', 'COUNT', '0'];
      case 14:
        return ['XINFO', 'STREAM', key];
      case 15:
        return ['XINFO', 'GROUPS', key];
      case 16:
        return ['XPENDING', key, group];
      case 17:
        return ['XREAD', 'COUNT', '4', 'STREAMS', ...KEYS, anyId(random), anyId(random)];
      case 18:
        return pick<Request>(random, [
          ['XGROUP', 'SETID', key, group, anyId(random)],
          ['XGROUP', 'DESTROY', key, pick(random, ['none', group])],
          ['XGROUP', 'DELCONSUMER', key, group, pick(random, ['none', consumer])],
          ['COPY', key, 'copy', 'REPLACE'],
          ['XINFO', 'STREAM', 'copy', 'FULL'],
          ['RENAME', 'copy', key],
          ['DEL', key],
        ]);
      case 19:
      case 20:
        return ['XGROUP', 'CREATE', key, group, pick(random, ['0', '$', anyId(random)])];
      case 21:
      case 22:
        return ['XGROUP', 'CREATECONSUMER', key, group, consumer];
      default: {
        if (random.below(3) > 0) ms++;
        const trim = random.below(12);
        const options =
          trim === 0
            ? ['MAXLEN', '~', '20']
            : trim === 1
              ? ['MAXLEN', '50']
              : trim === 2
                ? ['MINID', anyId(random)]
                : [];
        return ['XADD', key, ...options, `${ms}-*`, ...fields(random)];
      }
    }
  };
}

/** Redis 7.0 makes a consumer only when it gets something; Redis 7.2, and so Anax, whenever it asks. So it is made before. */
function withConsumers(generate: (random: Random) => Request): (random: Random) => Request {
  const waiting: Request[] = [];
  return (random) => {
    const next = waiting.shift();
    if (next !== undefined) return next;
    const request = generate(random);
    const words = typeof request === 'string' ? request.split(' ') : request.map(String);
    const keys =
      words[0] === 'XREADGROUP' && words.includes('NOACK') ? KEYS : KEYS.filter((key) => words.includes(key));
    const [group, consumer] = words[0] === 'XREADGROUP' ? [words[2], words[3]] : [words[2], words[3]];
    if (!['XREADGROUP', 'XCLAIM', 'XAUTOCLAIM'].includes(words[0])) return request;
    waiting.push(...keys.slice(1).map((key) => ['XGROUP', 'CREATECONSUMER', key, group, consumer]), request);
    return ['XGROUP', 'CREATECONSUMER', keys[0], group, consumer];
  };
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  describe.each(LIMITS)('nodes of %i bytes, %i entries', (bytes, entries) => {
    let oracle: RedisOracle;
    beforeAll(async () => {
      oracle = await RedisOracle.start([
        '--stream-node-max-bytes',
        String(bytes),
        '--stream-node-max-entries',
        String(entries),
      ]);
    });
    afterAll(async () => {
      await oracle.close();
    });

    it.each(STREAM_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
      await compareCase(one, COMMANDS, oracle, limited(bytes, entries), mask);
    });

    it.each([1, 2, 3, 4])('any commands, seed %i', async (seed) => {
      const generate = withConsumers(requestsOf());
      await compareRandom(COMMANDS, oracle, seed, RUNS, generate, limited(bytes, entries), mask);
    });

    it('a stream of 20,000 is the same everywhere', async () => {
      const requests: Request[] = [];
      for (let i = 1; i <= 20_000; i++)
        requests.push(['XADD', 'k', `${i}-0`, 'field', `value-${i}`, 'n', String(i * i)]);
      requests.push(
        'XINFO STREAM k',
        'XRANGE k 7000 7010',
        'XREVRANGE k 15000 14995',
        'XTRIM k MAXLEN ~ 15050',
        'XLEN k',
      );
      requests.push(
        'XTRIM k MINID ~ 6789',
        'XINFO STREAM k',
        'XTRIM k MAXLEN 10001',
        'XINFO STREAM k',
        'XDEL k 15000 16000',
        'XLEN k',
      );
      requests.push(
        'XGROUP CREATE k g 12000',
        'XGROUP CREATECONSUMER k g c',
        'XREADGROUP GROUP g c COUNT 2000 STREAMS k >',
        'XPENDING k g',
      );
      for (let i = 12_001; i < 14_000; i += 3) requests.push(['XACK', 'k', 'g', `${i}-0`]);
      requests.push(
        'XPENDING k g',
        'XPENDING k g 13000 13020 100',
        'XAUTOCLAIM k g c 0 13500 COUNT 20 JUSTID',
        'COPY k m',
        'XINFO STREAM m',
        'XTRIM k MAXLEN 0',
        'XINFO STREAM k',
      );
      await compareCase(['big', ...requests], COMMANDS, oracle, limited(bytes, entries), mask);
    });
  });
});

it('knows every command of the group', () => {
  expect(ALL_STREAM_COMMANDS.map((spec) => spec.name).sort()).toEqual(
    'XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX XGROUP XINFO XLEN XPENDING XRANGE XREAD XREADGROUP XREVRANGE XSETID XTRIM'.split(
      ' ',
    ),
  );
});
