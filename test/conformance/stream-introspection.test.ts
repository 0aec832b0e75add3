// What DEBUG tells of streams beside a live redis-server: digests, which know entries and no groups, and the bytes that a
// stream takes in a file: those of Redis's listpacks for its nodes.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from '../../src/commands/dataset-digest.js';
import { EXPIRE_COMMANDS } from '../../src/commands/expire.js';
import { GENERIC_COMMANDS } from '../../src/commands/generic.js';
import { describeObject, digestValues } from '../../src/commands/shard-answers.js';
import { STREAM_GROUP_COMMANDS } from '../../src/commands/stream-groups.js';
import { STREAM_READING_COMMANDS } from '../../src/commands/stream-reading.js';
import { STREAM_COMMANDS } from '../../src/commands/stream.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { INTEGERS } from './string-cases.js';

const COMMANDS = [
  ...STREAM_COMMANDS,
  ...STREAM_READING_COMMANDS,
  ...STREAM_GROUP_COMMANDS,
  ...GENERIC_COMMANDS,
  ...EXPIRE_COMMANDS,
];

/** Entries with IDs from `from` on, `step` apart. */
function entries(key: string, from: number, step: number, count: number): Request[] {
  return Array.from({ length: count }, (_, i) => [
    'XADD',
    key,
    `${from + i * step}-${i % 3}`,
    'f',
    `value ${i}`,
    'g',
    String(i * i),
  ]);
}

const STREAMS: readonly (readonly [key: string, ...requests: Request[]])[] = [
  ['few', 'XADD few 1-1 a b', 'XADD few 1-2 c d e f'],
  ['many', ...entries('many', 1_526_985_054_069, 37, 1000)],
  ['deleted', ...entries('deleted', 1, 1, 300), 'XDEL deleted 7-0 8-1 200-1', 'XTRIM deleted MAXLEN 150'],
  ['values', ['XADD', 'values', '5-5', ...INTEGERS, ...(INTEGERS.length % 2 === 0 ? [] : ['odd'])]],
  [
    'bytes',
    ['XADD', 'bytes', '1-1', '\0', '', 'x'.repeat(300), 'y'.repeat(5000)],
    'XADD bytes 18446744073709551615-7 a b',
  ],
  ['empty', 'XGROUP CREATE empty g $ MKSTREAM'],
  ['groups', ...entries('groups', 1, 1, 20), 'XGROUP CREATE groups g 0', 'XGROUP CREATE groups h 12-2 ENTRIESREAD 12'],
  ['mortal', 'XADD mortal 1-1 a b', 'PEXPIREAT mortal 33177117420123'],
];

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  let h: ShardHarness;
  beforeAll(async () => {
    oracle = await RedisOracle.start(['--enable-debug-command', 'yes', '--rdbcompression', 'no']);
    h = await ShardHarness.create(COMMANDS);
    for (const [, ...requests] of STREAMS) {
      const theirs = await oracle.runAll(requests);
      requests.forEach((one, i) => {
        expect(h.run(one).toString('latin1')).toBe(theirs[i].toString('latin1'));
      });
    }
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(STREAMS.map(([key]) => key))('DEBUG DIGEST-VALUE %s', async (key) => {
    const [ours] = digestValues(h.shard, 0, [Buffer.from(key)]);
    const theirs = (await oracle.run(['DEBUG', 'DIGEST-VALUE', key])).toString('latin1');
    expect(ours === undefined ? '' : `*1\r\n+${hexOf(ours)}\r\n`).toBe(theirs);
  });

  it.each(STREAMS.map(([key]) => key))('DEBUG OBJECT %s', async (key) => {
    const facts = (line: string): string[] => line.match(/(encoding|serializedlength):[^ \r]+/g) ?? [];
    const theirs = (await oracle.run(['DEBUG', 'OBJECT', key])).toString('latin1');
    expect(facts(describeObject(h.shard, 0, Buffer.from(key)))).toEqual(facts(theirs));
  });
});
