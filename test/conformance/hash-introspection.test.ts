// What DEBUG tells of hashes beside a live redis-server: digests of every form of hash, and their length in an RDB file.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeObject, digestValues } from '../../src/commands/shard-answers.js';
import { hexOf } from '../../src/commands/dataset-digest.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { HASH_COMMANDS } from '../../src/commands/hash.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = [...HASH_COMMANDS, ...EXPIRE_COMMANDS];

const HASHES: readonly (readonly [key: string, ...requests: Request[]])[] = [
  ['few', 'HSET few a 1 b two'],
  ['integers', ['HSET', 'integers', ...INTEGERS.flatMap((text) => [text, text])]],
  ['many', ['HSET', 'many', ...Array.from({ length: 1000 }, (_, i) => [`field ${i}`, String(i * i)]).flat()]],
  ['bytes', ['HSET', 'bytes', '\0', '', '', '\xff', 'x'.repeat(300), 'y'.repeat(20_000)]],
  ['mortal', 'HSET mortal a 1 b 2', 'PEXPIREAT mortal 33177117420123'],
];

it('tells fields with a deadline apart', async () => {
  const h = await ShardHarness.create(COMMANDS);
  h.run('HSET a x 1 y 2');
  h.run('HSET b x 1 y 2');
  const digest = (key: string): string => hexOf(digestValues(h.shard, 0, [Buffer.from(key)])[0] ?? Buffer.alloc(0));
  expect(digest('a')).toBe(digest('b'));
  h.run('HEXPIRE a 10 FIELDS 1 x');
  expect(digest('a')).not.toBe(digest('b'));
  h.run('HEXPIRE b 99 FIELDS 1 x');
  expect(digest('a')).toBe(digest('b'));
  h.run('HEXPIRE b 99 FIELDS 1 y');
  expect(digest('a')).not.toBe(digest('b'));
});

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  let h: ShardHarness;
  beforeAll(async () => {
    oracle = await RedisOracle.start(['--enable-debug-command', 'yes', '--rdbcompression', 'no']);
    h = await ShardHarness.create(COMMANDS);
    for (const [, ...requests] of HASHES) {
      for (const one of requests)
        expect(h.run(one).toString('latin1')).toBe((await oracle.run(one)).toString('latin1'));
    }
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(HASHES.map(([key]) => key))('DEBUG DIGEST-VALUE %s', async (key) => {
    const [ours] = digestValues(h.shard, 0, [Buffer.from(key)]);
    const theirs = (await oracle.run(['DEBUG', 'DIGEST-VALUE', key])).toString('latin1');
    expect(ours === undefined ? '' : `*1\r\n+${hexOf(ours)}\r\n`).toBe(theirs);
  });

  it.each(HASHES.map(([key]) => key))('DEBUG OBJECT %s', async (key) => {
    const facts = (line: string): string[] => line.match(/(encoding|serializedlength):[^ \r]+/g) ?? [];
    const theirs = (await oracle.run(['DEBUG', 'OBJECT', key])).toString('latin1');
    const ours = facts(describeObject(h.shard, 0, Buffer.from(key)));
    expect(ours).toEqual(facts(theirs));
    expect(ours.length).toBe(2);
  });
});
