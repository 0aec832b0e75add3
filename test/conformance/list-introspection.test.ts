// What DEBUG tells of lists beside a live redis-server: digests of every form of list, and the nodes of a quick list.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeObject, digestKeys, digestValues } from '../../src/commands/shard-answers.js';
import { hexOf } from '../../src/commands/dataset-digest.js';
import { LIST_COMMANDS } from '../../src/commands/list.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = [...LIST_COMMANDS, ...GENERIC_COMMANDS, ...EXPIRE_COMMANDS];
const FILL = 3;

const LISTS: readonly (readonly [key: string, ...requests: Request[]])[] = [
  ['few', 'RPUSH few a b'],
  ['integers', ['RPUSH', 'integers', ...INTEGERS]],
  ['many', ['RPUSH', 'many', ...Array.from({ length: 1000 }, (_, i) => `element ${i}`)]],
  ['bytes', ['RPUSH', 'bytes', '\0', '', 'x'.repeat(300), 'y'.repeat(5000)]],
  ['mortal', 'RPUSH mortal a b c', 'PEXPIREAT mortal 33177117420123'],
];

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  let h: ShardHarness;
  beforeAll(async () => {
    const options = ['--enable-debug-command', 'yes', '--list-max-listpack-size', String(FILL)];
    oracle = await RedisOracle.start([...options, '--rdbcompression', 'no']);
    h = await ShardHarness.create(COMMANDS);
    h.shard.limits.listMaxListpackSize = FILL;
    for (const [, ...requests] of LISTS) {
      for (const one of requests)
        expect(h.run(one).toString('latin1')).toBe((await oracle.run(one)).toString('latin1'));
    }
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(LISTS.map(([key]) => key))('DEBUG DIGEST-VALUE %s', async (key) => {
    const [ours] = digestValues(h.shard, 0, [Buffer.from(key)]);
    const theirs = (await oracle.run(['DEBUG', 'DIGEST-VALUE', key])).toString('latin1');
    expect(ours === undefined ? '' : `*1\r\n+${hexOf(ours)}\r\n`).toBe(theirs);
  });

  it('knows all keys', () => {
    expect(digestKeys(h.shard).length).toBe(1);
  });

  it.each(['integers', 'many'])('DEBUG OBJECT %s', async (key) => {
    const facts = (line: string): string[] => line.match(/(encoding|serializedlength|ql_\w+):[^ \r]+/g) ?? [];
    const theirs = (await oracle.run(['DEBUG', 'OBJECT', key])).toString('latin1');
    const ours = facts(describeObject(h.shard, 0, Buffer.from(key)));
    expect(ours).toEqual(facts(theirs));
    expect(ours.length).toBe(7);
  });

  it('a listpack has no nodes', () => {
    expect(describeObject(h.shard, 0, Buffer.from('few'))).toMatch(/encoding:listpack serializedlength:14 .*idle:\d+$/);
  });
});
