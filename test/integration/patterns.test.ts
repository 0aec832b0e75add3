// What people build on Redis, built on Anax, through the client libraries that they use and in every wiring
// (../support/patterns.ts): each with what it must never do when many want the same thing at once.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft, expectNothingStored } from '../support/leaks.js';
import { openIoredisPatterns } from '../support/patterns-ioredis.js';
import { openNodeRedisPatterns } from '../support/patterns-node-redis.js';
import type { Patterns } from '../support/patterns.js';

/** How many want the same thing at once, each on connections of its own. */
const RIVALS = 6;
const MINUTE_MS = 60_000;
/** An instant to count from: patterns get theirs handed in. */
const NOW = 1_900_000_000_000;

const KINDS = [
  { name: 'ioredis', open: openIoredisPatterns },
  { name: 'node-redis in RESP2', open: async (port: number) => await openNodeRedisPatterns(port, 2) },
  { name: 'node-redis in RESP3', open: async (port: number) => await openNodeRedisPatterns(port, 3) },
] as const;

/** Asks again until it is true; the test's own limit ends it otherwise. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(2);
}

function count<T>(list: readonly T[], value: T): number {
  return list.filter((one) => one === value).length;
}

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterAll(async () => {
    await anax.stop();
  });

  describe.each(KINDS)('$name', ({ open }) => {
    let rivals: Patterns[];
    let one: Patterns;
    beforeEach(async () => {
      rivals = await Promise.all(Array.from({ length: RIVALS }, async () => await open(anax.port)));
      one = rivals[0];
    });
    afterEach(async () => {
      await Promise.all(
        rivals.map(async (rival) => {
          await rival.close();
        }),
      );
      anax.assertAlive();
      await expectNothingLeft(anax.address);
      await expectNothingStored(anax.address);
    });

    test('cache-aside: a stampede builds once', async () => {
      for (let round = 0; round < 5; round++) {
        let built = 0;
        const build = async (): Promise<string> => {
          built++;
          await sleep(5);
          return JSON.stringify({ product: round });
        };
        const key = `product:${round}`;
        const found = await Promise.all(rivals.map(async (rival) => await rival.cached(key, 300 + round, build)));
        expect(new Set(found)).toEqual(new Set([`{"product":${round}}`]));
        expect(built).toBe(1);
        expect(await one.ttlMs(key)).toBeGreaterThan(200_000);
        expect(await one.ttlMs(`${key}:building`)).toBe(-2);
      }
    });

    test('limiter, fixed window: a hundred, whoever counts', async () => {
      const calls = rivals.flatMap((rival) => Array.from({ length: 20 }, () => rival.allowInWindow('42', 7, 100)));
      expect(count(await Promise.all(calls), true)).toBe(100);
      expect(await one.allowInWindow('42', 8, 100)).toBe(true);
      expect(await one.ttlMs('rate:42:7')).toBeLessThanOrEqual(60_000);
      expect(await one.ttlMs('rate:42:7')).toBeGreaterThan(0);
    });

    test('limiter, sliding window: no burst around a boundary', async () => {
      const burst = async (at: number): Promise<number> => {
        const calls = rivals.map(async (rival, who) => {
          const allowed: boolean[] = [];
          for (let i = 0; i < 4; i++)
            allowed.push(await rival.allowSliding('42', `${at}:${who}:${i}`, at, MINUTE_MS, 10));
          return allowed;
        });
        return count((await Promise.all(calls)).flat(), true);
      };
      expect(await burst(NOW + 59_000)).toBe(10);
      expect(await burst(NOW + 61_000)).toBe(0);
      expect(await burst(NOW + 119_001)).toBe(10);
    });

    test('limiter, token bucket: what is in it and what flows in', async () => {
      const drain = async (at: number): Promise<number> => {
        const calls = rivals.map(async (rival) => {
          const taken = [];
          for (let i = 0; i < 3; i++) taken.push(await rival.takeToken('42', at, 2, 10));
          return taken;
        });
        return count((await Promise.all(calls)).flat(), true);
      };
      expect(await drain(NOW)).toBe(10);
      expect(await drain(NOW)).toBe(0);
      expect(await drain(NOW + 2500)).toBe(5);
      expect(await drain(NOW + MINUTE_MS)).toBe(10);
    });

    test('leaderboard: the top, places, and points added from all sides', async () => {
      await one.addPoints('leaderboard:weekly', 'user:9', 1842);
      await one.addPoints('leaderboard:weekly', 'user:12', 2210);
      expect(await one.top('leaderboard:weekly', 10)).toEqual([
        { member: 'user:12', points: 2210 },
        { member: 'user:9', points: 1842 },
      ]);
      expect(await one.place('leaderboard:weekly', 'user:9')).toBe(1);
      expect(await one.place('leaderboard:weekly', 'user:7')).toBeNull();
      const added = rivals.map(async (rival) => {
        for (let i = 0; i < 200; i++) await rival.addPoints('leaderboard:weekly', `user:${i}`, i === 9 ? 100 : 1);
      });
      await Promise.all(added);
      expect(await one.top('leaderboard:weekly', 3)).toEqual([
        { member: 'user:9', points: 2442 },
        { member: 'user:12', points: 2216 },
        { member: 'user:99', points: RIVALS },
      ]);
      expect(await one.place('leaderboard:weekly', 'user:0')).toBe(199);
    });

    test('presence: gone when the heartbeats stop', async () => {
      await one.heartbeat('riya', NOW, MINUTE_MS);
      await one.heartbeat('asha', NOW, 20);
      expect(await one.isOnline('riya')).toBe(true);
      await eventually(async () => !(await one.isOnline('asha')));
      await one.heartbeat('rahul', NOW + 30_000, MINUTE_MS);
      expect(await one.online(NOW + 30_000, MINUTE_MS)).toEqual(['asha', 'riya', 'rahul']);
      expect(await one.online(NOW + 70_000, MINUTE_MS)).toEqual(['rahul']);
      expect(await one.isOnline('riya')).toBe(true);
    });

    test('seat hold: one holder, and free again by itself', async () => {
      const tries = rivals.map(async (rival, who) => await rival.holdSeat('show123:A7', `hold_${who}`, 300_000));
      const held = await Promise.all(tries);
      expect(count(held, true)).toBe(1);
      expect(await one.seatOf('show123:A7')).toBe(`hold_${held.indexOf(true)}`);
      expect(await one.holdSeat('show123:A7', 'late', 300_000)).toBe(false);
      expect(await one.holdSeat('show123:B1', 'left', 20)).toBe(true);
      await eventually(async () => await rivals[1].holdSeat('show123:B1', 'next', 300_000));
      expect(await one.seatOf('show123:B1')).toBe('next');
    });

    test('lock with a token: one at a time, fenced, and not given back by another', async () => {
      let inside = 0;
      let most = 0;
      const fences: number[] = [];
      const work = rivals.map(async (rival, who) => {
        for (let i = 0; i < 5; i++) {
          const token = `${who}:${i}`;
          let fence = await rival.lock('stock', token, MINUTE_MS);
          for (; fence === null; fence = await rival.lock('stock', token, MINUTE_MS)) await sleep(1);
          most = Math.max(most, ++inside);
          fences.push(fence);
          expect(await rivals[(who + 1) % RIVALS].seatOf('none')).toBeNull();
          inside--;
          expect(await rival.unlock('stock', token)).toBe(true);
          expect(await rival.unlock('stock', token)).toBe(false);
        }
      });
      await Promise.all(work);
      expect(most).toBe(1);
      expect(fences).toEqual(Array.from({ length: RIVALS * 5 }, (_, i) => i + 1));

      expect(await one.lock('short', 'first', 20)).toBe(1);
      await eventually(async () => (await rivals[1].lock('short', 'second', MINUTE_MS)) !== null);
      expect(await one.unlock('short', 'first')).toBe(false);
      expect(await one.lock('short', 'third', MINUTE_MS)).toBeNull();
    });

    test('queues: every job done once, by who waits and who comes back', async () => {
      const done: string[] = [];
      const workers = rivals.slice(1).map(async (rival) => {
        for (let job = await rival.popJob('jobs', 10); job !== 'end'; job = await rival.popJob('jobs', 10)) {
          done.push(job ?? 'none came');
        }
      });
      for (let i = 0; i < 100; i++) await one.pushJob('jobs', `job ${i}`);
      for (let i = 1; i < RIVALS; i++) await one.pushJob('jobs', 'end');
      await Promise.all(workers);
      expect([...done].sort()).toEqual(Array.from({ length: 100 }, (_, i) => `job ${i}`).sort());

      await one.pushJob('mail', 'a');
      expect(await rivals[1].reserveJob('mail', 'w1', 10)).toBe('a');
      expect(await rivals[1].finishJob('w1', 'a')).toBe(true);
      expect(await rivals[1].finishJob('w1', 'a')).toBe(false);
      const next = rivals[2].reserveJob('mail', 'w2', 10);
      await one.pushJob('mail', 'b');
      expect(await next).toBe('b');
      expect(await one.popJob('working:w2', 1)).toBe('b');
    });

    test('jobs for later: due ones go to one worker each', async () => {
      for (let i = 0; i < 40; i++) await one.schedule('later', `job ${i}`, NOW + i * 1000);
      const taken = await Promise.all(rivals.map(async (rival) => await rival.takeDue('later', NOW + 19_999)));
      expect(taken.flat().sort()).toEqual(Array.from({ length: 20 }, (_, i) => `job ${i}`).sort());
      expect((await one.takeDue('later', NOW + MINUTE_MS)).length).toBe(20);
    });

    test('sets: who follows whom, and whom both follow', async () => {
      await one.follow('riya', ['asha', 'rahul', 'priya']);
      await one.follow(
        'dev',
        Array.from({ length: 500 }, (_, i) => `user ${i}`),
      );
      await one.follow('dev', ['rahul', 'priya']);
      expect(await one.follows('riya', 'asha')).toBe(true);
      expect(await one.follows('dev', 'asha')).toBe(false);
      expect((await one.mutual('riya', 'dev')).sort()).toEqual(['priya', 'rahul']);
      expect(await one.mutual('riya', 'nobody')).toEqual([]);
    });

    test('event log: shared out to a group, taken over, and read again by the audit', async () => {
      await one.openLog('orders', 'billing');
      const first = rivals[1].consume('orders', 'billing', 'c1', 10_000);
      const sent = [];
      for (let i = 0; i < 30; i++) sent.push(await one.append('orders', `order ${i}`));
      const got = [...(await first)];
      while (got.length < 30) {
        got.push(...(await rivals[2].consume('orders', 'billing', 'c2', 10_000)));
      }
      expect(got.map(({ id }) => id)).toEqual(sent);
      expect(got.map(({ what }) => what)).toEqual(sent.map((_, i) => `order ${i}`));
      expect(await one.consume('orders', 'billing', 'c1', 1)).toEqual([]);
      for (const { id } of got.slice(0, 25)) expect(await one.acknowledge('orders', 'billing', id)).toBe(1);
      expect(await one.acknowledge('orders', 'billing', sent[0])).toBe(0);
      const orphans = await rivals[3].takeOver('orders', 'billing', 'c3');
      expect(orphans.map(({ what }) => what)).toEqual([25, 26, 27, 28, 29].map((i) => `order ${i}`));
      expect((await one.tail('orders', sent[26])).map(({ what }) => what)).toEqual([
        'order 27',
        'order 28',
        'order 29',
      ]);
      expect(await one.tail('orders', sent[29])).toEqual([]);
    });

    test('unique visitors of days, and of all days together', async () => {
      const visits = Array.from({ length: 300 }, async (_, i) => {
        await one.visit('mon', `user ${i}`);
        await one.visit('tue', `user ${i + 150}`);
      });
      await Promise.all(visits);
      expect(Math.abs((await one.visitors(['mon'])) - 300)).toBeLessThan(15);
      expect(Math.abs((await one.visitors(['mon', 'tue', 'wed'])) - 450)).toBeLessThan(22);
    });

    test('daily active flags, and who came every day', async () => {
      for (const user of [1, 5, 9, 100_000]) await one.markActive('mon', user);
      for (const user of [5, 8, 100_000]) await one.markActive('tue', user);
      expect(await one.activeOn('mon')).toBe(4);
      expect(await one.activeOnAll(['mon', 'tue'])).toBe(2);
      expect(await one.activeOnAll(['mon', 'tue', 'wed'])).toBe(0);
    });

    test('notifications reach everybody who listens, in order', async () => {
      const heard: string[][] = rivals.map(() => []);
      const leave = await Promise.all(
        rivals.map(async (rival, i) => await rival.listen('chan:order', (text) => heard[i].push(text))),
      );
      for (let i = 0; i < 20; i++) expect(await one.tell('chan:order', `order ${i}`)).toBe(RIVALS);
      await eventually(async () => await Promise.resolve(heard.every((list) => list.length === 20)));
      for (const list of heard) expect(list).toEqual(Array.from({ length: 20 }, (_, i) => `order ${i}`));
      await Promise.all(
        leave.map(async (stop) => {
          await stop();
        }),
      );
      expect(await one.tell('chan:order', 'nobody')).toBe(0);
    });

    test('sessions end; riders are found by distance; a cart is checked out as a whole', async () => {
      await one.openSession('abc', { user: '42', csrf: 'tok' }, 1800);
      expect(await one.session('abc')).toEqual({ user: '42', csrf: 'tok' });
      expect(await one.ttlMs('session:abc')).toBeGreaterThan(1_700_000);
      await one.openSession('short', { user: '43' }, 1);
      await eventually(async () => (await one.ttlMs('session:short')) === -2);
      expect(await one.session('short')).toEqual({});

      await one.moveRider('near', 77.5947, 12.9717);
      await one.moveRider('nearer', 77.5946, 12.9716);
      await one.moveRider('far', 77.7, 13.1);
      expect(await one.ridersWithin(77.5945, 12.9715, 2)).toEqual(['nearer', 'near']);

      const filled = rivals.map(async (rival) => {
        for (let i = 0; i < 10; i++) await rival.fillCart('user42', `SKU${i}`, 1);
      });
      const taken = [await one.checkOut('user42'), await one.checkOut('user42')];
      await Promise.all(filled);
      taken.push(await one.checkOut('user42'));
      const total = taken.flatMap((items) => Object.values(items)).reduce((sum, quantity) => sum + Number(quantity), 0);
      expect(total).toBe(RIVALS * 10);
      expect(await one.checkOut('user42')).toEqual({});
    });
  });
});
