// Collections that are large, in every wiring: elements of many megabytes and many elements, copied and renamed over
// shards, expired, read by clients that leave in the middle; and requests of all types that arrive in pieces.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { arenaBytesUsed, expectNothingLeft, expectNothingStored } from '../support/leaks.js';
import { encodeRequest, RawClient, type Word } from '../support/raw-client.js';

const HUGE = Buffer.alloc(6 << 20, 'huge');
const MANY = 15_000;
/** Keys without a tag in common, so that copies and renames meet every shard. */
const NAMES = ['one', 'two', 'three', 'four'];
const WAIT_MS = 50_000;

/** One request of each type that makes a key with one huge element and a small one. */
const WITH_HUGE_ELEMENT: readonly (readonly Word[])[] = [
  ['RPUSH', 'source', HUGE, 'small'],
  ['HSET', 'source', 'field', HUGE, HUGE, 'value'],
  ['SADD', 'source', HUGE, 'small'],
  ['ZADD', 'source', 1, HUGE, 2, 'small'],
  ['XADD', 'source', '1-1', 'field', HUGE, 'other', 'small'],
];

/** Requests that fill a key with MANY elements, a thousand at a time. */
function many(command: string, element: (i: number) => readonly Word[]): Buffer {
  const requests: Buffer[] = [];
  for (let i = 0; i < MANY; i += 1000) {
    const elements = Array.from({ length: 1000 }, (_, j) => element(i + j)).flat();
    requests.push(encodeRequest(command, 'source', ...elements));
  }
  return Buffer.concat(requests);
}

const WITH_MANY_ELEMENTS = [
  { name: 'list', requests: many('RPUSH', (i) => [`element ${i}`]), all: ['LRANGE', 'source', 0, -1] },
  { name: 'hash', requests: many('HSET', (i) => [`field ${i}`, `value ${i}`]), all: ['HGETALL', 'source'] },
  { name: 'set', requests: many('SADD', (i) => [`member ${i}`]), all: ['SMEMBERS', 'source'] },
  {
    name: 'sorted set',
    requests: many('ZADD', (i) => [i / 2, `member ${i}`]),
    all: ['ZRANGE', 'source', 0, -1, 'WITHSCORES'],
  },
  {
    name: 'stream',
    requests: Buffer.concat(
      Array.from({ length: MANY }, (_, i) => encodeRequest('XADD', 'source', `1-${i + 1}`, 'f', i)),
    ),
    all: ['XRANGE', 'source', '-', '+'],
  },
] as const;
/** Requests that the filling above takes, and so replies that it gives. */
const FILLS: Readonly<Record<string, number>> = { stream: MANY };

/** Every type, in requests that answer the same whenever they run on an empty server. */
const OF_ALL_TYPES: readonly (readonly Word[])[] = [
  ['RPUSH', 'list', 'a', 'b', 'c'],
  ['LMOVE', 'list', 'other-list', 'LEFT', 'RIGHT'],
  ['LMPOP', 2, 'none', 'list', 'LEFT', 'COUNT', 2],
  ['HSET', 'hash', 'a', 1, 'b', 2],
  ['HRANDFIELD', 'hash', 0, 'WITHVALUES'],
  ['HGETALL', 'hash'],
  ['SADD', 'set', 1, 2, 3],
  ['SADD', 'other-set', 2, 3, 4],
  ['SINTERCARD', 2, 'set', 'other-set'],
  ['SMOVE', 'set', 'other-set', 1],
  ['SINTERSTORE', 'set-sum', 'set', 'other-set'],
  ['ZADD', 'board', 1, 'a', 2.5, 'b', 'inf', 'c'],
  ['ZUNIONSTORE', 'sum', 3, 'board', 'set', 'other-set'],
  ['ZRANGE', 'sum', 0, -1, 'WITHSCORES'],
  ['ZMPOP', 2, 'none', 'board', 'MIN', 'COUNT', 2],
  ['BZPOPMIN', 'none', 'board', 0],
  ['GEOADD', 'places', 13.361389, 38.115556, 'Palermo', 15.087269, 37.502669, 'Catania'],
  ['GEOSEARCHSTORE', 'near', 'places', 'FROMLONLAT', 15, 37, 'BYRADIUS', 200, 'km'],
  ['GEOPOS', 'near', 'Palermo', 'nowhere'],
  ['XADD', 'log', '1-1', 'f', 'v'],
  ['XGROUP', 'CREATE', 'log', 'group', 0],
  ['XREADGROUP', 'GROUP', 'group', 'consumer', 'STREAMS', 'log', '>'],
  ['XREAD', 'STREAMS', 'log', 'other-log', 0, 0],
  ['PFADD', 'visitors', 'a', 'b'],
  ['PFMERGE', 'all-visitors', 'visitors', 'none'],
  ['PFCOUNT', 'visitors', 'all-visitors'],
  ['SETBIT', 'bits', 7, 1],
  ['BITOP', 'NOT', 'not-bits', 'bits'],
  ['SORT', 'other-set', 'DESC', 'STORE', 'sorted'],
  ['COPY', 'log', 'log-copy'],
  ['RENAME', 'places', 'towns'],
  ['MGET', 'bits', 'not-bits', 'list'],
  ['LPUSH', 'hash', 'wrong type'],
  ['ZADD', 'board'],
];

/** Writes `bytes` in pieces of 1, 2, 3, ... up to 17 and again 1 bytes, each on its own. */
async function writeInPieces(client: RawClient, bytes: Buffer): Promise<void> {
  client.socket.setNoDelay(true);
  for (let at = 0, length = 1; at < bytes.length; at += length, length = (length % 17) + 1) {
    client.write(bytes.subarray(at, at + length));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring, args: ['--enable-debug-command', 'yes'] });
  });
  afterEach(async () => {
    anax.assertAlive();
    await expectNothingLeft(anax.address);
    await expectNothingStored(anax.address);
  });
  afterAll(async () => {
    await anax.stop();
  });

  test.each(WITH_HUGE_ELEMENT.map((request) => [request[0], request] as const))(
    'an element of 6 MiB by %s: copied, renamed, dumped and restored over shards',
    async (_, request) => {
      const client = await RawClient.connect(anax.address, WAIT_MS);
      expect(await client.text(...request)).not.toMatch(/^-/);
      const digest = await client.text('DEBUG', 'DIGEST-VALUE', 'source');
      for (const name of NAMES) {
        expect(await client.text('COPY', 'source', name)).toBe(':1\r\n');
        expect(await client.text('RENAME', name, `${name} renamed`)).toBe('+OK\r\n');
        expect(await client.text('DEBUG', 'DIGEST-VALUE', `${name} renamed`)).toBe(digest);
      }
      const dump = await client.call('DUMP', 'source');
      const payload = dump.subarray(dump.indexOf('\r\n') + 2, -2);
      expect(await client.text('RESTORE', 'one renamed', 0, payload, 'REPLACE')).toBe('+OK\r\n');
      expect(await client.text('DEBUG', 'DIGEST-VALUE', 'one renamed')).toBe(digest);
      expect(await client.text('UNLINK', 'source', ...NAMES.map((name) => `${name} renamed`))).toBe(':5\r\n');
      await client.end();
    },
  );

  test.each(WITH_MANY_ELEMENTS)(
    'a $name of 15 000: a reader leaves in the middle, copies over shards expire, nothing stays',
    async ({ name, requests, all }) => {
      const client = await RawClient.connect(anax.address, WAIT_MS);
      client.write(requests);
      for (const reply of await client.replies(FILLS[name] ?? MANY / 1000))
        expect(reply[0]).not.toBe('-'.charCodeAt(0));
      for (let i = 0; i < 5; i++) {
        const reader = await RawClient.connect(anax.address);
        reader.write(Buffer.concat([encodeRequest('HELLO', 3), encodeRequest(...all), encodeRequest(...all)]));
        while (reader.bytesReceived === 0) await sleep(1);
        reader.destroy();
      }
      const digest = await client.text('DEBUG', 'DIGEST-VALUE', 'source');
      for (const copy of NAMES) {
        expect(await client.text('COPY', 'source', copy)).toBe(':1\r\n');
        expect(await client.text('DEBUG', 'DIGEST-VALUE', copy)).toBe(digest);
        expect(await client.text('PEXPIRE', copy, 1)).toBe(':1\r\n');
      }
      expect(await client.text('PEXPIRE', 'source', 1)).toBe(':1\r\n');
      while ((await client.text('DBSIZE')) !== ':0\r\n') await sleep(5);
      while ((await arenaBytesUsed(client)) !== 0) await sleep(5);
      await client.end();
    },
  );

  test.each(['pipelined', 'in a transaction'])('requests of all types, %s, in pieces of odd lengths', async (how) => {
    const wrapped = how === 'pipelined' ? OF_ALL_TYPES : [['MULTI'], ...OF_ALL_TYPES, ['EXEC'], ['DISCARD']];
    const bytes = Buffer.concat(wrapped.map((request) => encodeRequest(...request)));
    const client = await RawClient.connect(anax.address);
    await client.call('HELLO', 3);
    client.write(bytes);
    const whole = (await client.replies(wrapped.length)).map(String);
    expect(await client.text('FLUSHALL')).toBe('+OK\r\n');
    await writeInPieces(client, bytes);
    expect((await client.replies(wrapped.length)).map(String)).toEqual(whole);
    expect(whole.some((reply) => reply.startsWith('-'))).toBe(true);
    await client.end();
  });
});
