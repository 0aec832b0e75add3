// What DEBUG tells of sets beside a live redis-server: digests of every form, and lengths in an RDB file of the forms that
// Redis 7.0 has as well.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from '../../src/commands/dataset-digest.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { SET_COMMANDS } from '../../src/commands/set.js';
import { describeObject, digestKeys, digestValues } from '../../src/commands/shard-answers.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = [...SET_COMMANDS, ...GENERIC_COMMANDS, ...EXPIRE_COMMANDS];

const SETS: readonly (readonly [key: string, ...requests: Request[]])[] = [
  ['small', 'SADD small 1 2 3 -7'],
  ['wide', 'SADD wide 1 70000'],
  ['widest', 'SADD widest 1 9223372036854775807'],
  ['narrowed', 'SADD narrowed 1 70000', 'SREM narrowed 70000'],
  ['numbers', ['SADD', 'numbers', ...Array.from({ length: 500 }, (_, i) => String(i * i))]],
  ['few', 'SADD few a b 1'],
  ['spellings', ['SADD', 'spellings', ...INTEGERS]],
  ['many', ['SADD', 'many', ...Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? String(i * 99) : `member ${i}`))]],
  ['bytes', ['SADD', 'bytes', '\0', '', 'x'.repeat(300), 'y'.repeat(20_000)]],
  ['mortal', 'SADD mortal a b c', 'PEXPIREAT mortal 33177117420123'],
];

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  let h: ShardHarness;
  beforeAll(async () => {
    oracle = await RedisOracle.start(['--enable-debug-command', 'yes', '--rdbcompression', 'no']);
    h = await ShardHarness.create(COMMANDS);
    for (const [, ...requests] of SETS) {
      for (const one of requests) expect(h.run(one).toString()).toBe((await oracle.run(one)).toString());
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

  it('knows all keys', () => {
    expect(digestKeys(h.shard).length).toBe(1);
  });

  it.each(['small', 'wide', 'widest', 'narrowed', 'numbers', 'many', 'bytes'])('DEBUG OBJECT %s', async (key) => {
    const facts = (line: string): string[] => line.match(/(encoding|serializedlength):[^ \r]+/g) ?? [];
    const theirs = facts((await oracle.run(['DEBUG', 'OBJECT', key])).toString('latin1'));
    const ours = facts(describeObject(h.shard, 0, Buffer.from(key)));
    expect(ours).toEqual(theirs);
    expect(ours.length).toBe(2);
  });
});
