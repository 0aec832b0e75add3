// What DEBUG tells of sorted sets beside a live redis-server: digests and lengths of both forms.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeObject, digestValues } from '../../src/commands/shard-answers.js';
import { hexOf } from '../../src/commands/dataset-digest.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { GEO_COMMANDS } from '../../src/commands/geo.js';
import { ZSET_COMMANDS } from '../../src/commands/zset.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = [...ZSET_COMMANDS, ...GEO_COMMANDS, ...GENERIC_COMMANDS, ...EXPIRE_COMMANDS];

const SETS: readonly (readonly [key: string, ...requests: Request[]])[] = [
  ['few', 'ZADD few 1 a 2.5 b -inf c inf d 1e20 e'],
  ['integers', ['ZADD', 'integers', ...INTEGERS.flatMap((value, i) => [String(i * 1000), value])]],
  ['many', ['ZADD', 'many', ...Array.from({ length: 400 }, (_, i) => [String(i / 3), `member ${i}`]).flat()]],
  [
    'numbers',
    ['ZADD', 'numbers', ...Array.from({ length: 400 }, (_, i) => [String(-i), String(i * i * i * 100)]).flat()],
  ],
  ['bytes', ['ZADD', 'bytes', '-0', '\0', '0', '', '0.1', 'x'.repeat(300), '5', 'y'.repeat(20_000)]],
  ['places', 'GEOADD places 13.361389 38.115556 Palermo 15.087269 37.502669 Catania'],
  ['mortal', 'ZADD mortal 1 a', 'PEXPIREAT mortal 33177117420123'],
];

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  let h: ShardHarness;
  beforeAll(async () => {
    oracle = await RedisOracle.start(['--enable-debug-command', 'yes', '--rdbcompression', 'no']);
    h = await ShardHarness.create(COMMANDS);
    for (const [, ...requests] of SETS) {
      for (const one of requests)
        expect(h.run(one).toString('latin1')).toBe((await oracle.run(one)).toString('latin1'));
    }
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(SETS.map(([key]) => key))('DEBUG DIGEST-VALUE %s', async (key) => {
    const [ours] = digestValues(h.shard, 0, [Buffer.from(key)]);
    const theirs = (await oracle.run(['DEBUG', 'DIGEST-VALUE', key])).toString('latin1');
    expect(ours === undefined ? '' : `*1\r\n+${hexOf(ours)}\r\n`).toBe(theirs);
  });

  it.each(['few', 'integers', 'many', 'numbers', 'bytes', 'places'])('DEBUG OBJECT %s', async (key) => {
    const facts = (line: string): string[] => line.match(/(encoding|serializedlength):[^ \r]+/g) ?? [];
    const theirs = (await oracle.run(['DEBUG', 'OBJECT', key])).toString('latin1');
    expect(facts(describeObject(h.shard, 0, Buffer.from(key)))).toEqual(facts(theirs));
  });
});
