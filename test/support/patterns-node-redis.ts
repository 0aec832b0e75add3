// The patterns of patterns.ts with node-redis.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, WatchError, type RespVersions } from 'redis';
import { BUILD_MS_MAX, RETRY_MS, type Entry, type Patterns } from './patterns.js';

interface Message {
  readonly id: string;
  readonly message: Readonly<Record<string, string>>;
}

function entries(list: readonly (Message | null)[]): Entry[] {
  return list.flatMap((entry) => (entry === null ? [] : [{ id: entry.id, what: entry.message['what'] }]));
}

/** False when a watched key was changed; node-redis throws then. */
async function took(transaction: Promise<unknown>): Promise<boolean> {
  try {
    await transaction;
    return true;
  } catch (error) {
    if (error instanceof WatchError) return false;
    throw error;
  }
}

export async function openNodeRedisPatterns(port: number, RESP: RespVersions): Promise<Patterns> {
  const client = createClient({ RESP, socket: { port, host: '127.0.0.1' } });
  /** For commands that wait: what stands behind one on a connection waits too. */
  const waiting = client.duplicate();
  await Promise.all([client.connect(), waiting.connect()]);
  const forMs = (ms: number) => ({ expiration: { type: 'PX', value: ms }, condition: 'NX' }) as const;

  async function unlock(key: string, token: string): Promise<boolean> {
    await client.watch(key);
    if ((await client.get(key)) !== token) {
      await client.unwatch();
      return false;
    }
    return await took(client.multi().del(key).exec());
  }

  return {
    async cached(key, seconds, build) {
      const token = randomUUID();
      for (;;) {
        const found = await client.get(key);
        if (found !== null) return found;
        if ((await client.set(`${key}:building`, token, forMs(BUILD_MS_MAX))) !== 'OK') {
          await sleep(RETRY_MS);
          continue;
        }
        // Another may have built it between the look and the lock.
        const value = (await client.get(key)) ?? (await build());
        await client.set(key, value, { expiration: { type: 'EX', value: seconds } });
        await unlock(`${key}:building`, token);
        return value;
      }
    },

    async allowInWindow(user, window, max) {
      const key = `rate:${user}:${window}`;
      const count = await client.incr(key);
      if (count === 1) await client.expire(key, 60);
      return count <= max;
    },
    async allowSliding(user, call, now, ms, max) {
      const key = `sliding:${user}`;
      const transaction = client
        .multi()
        .zRemRangeByScore(key, '-inf', now - ms)
        .zAdd(key, { score: now, value: call })
        .zCard(key)
        .pExpire(key, ms);
      const replies = await transaction.exec();
      if (Number(replies[2]) <= max) return true;
      await client.zRem(key, call);
      return false;
    },
    async takeToken(user, now, perSecond, max) {
      const key = `bucket:${user}`;
      for (;;) {
        await client.watch(key);
        const [tokens, at] = await client.hmGet(key, ['tokens', 'at']);
        const level = Math.min(max, Number(tokens ?? max) + ((now - Number(at ?? now)) / 1000) * perSecond);
        if (level < 1) {
          await client.unwatch();
          return false;
        }
        const written = client.multi().hSet(key, { tokens: level - 1, at: now });
        if (await took(written.expire(key, 3600).exec())) return true;
      }
    },

    addPoints: async (board, member, points) => await client.zIncrBy(board, points, member),
    async top(board, count) {
      const found = await client.zRangeWithScores(board, 0, count - 1, { REV: true });
      return found.map(({ value, score }) => ({ member: value, points: score }));
    },
    place: async (board, member) => await client.zRevRank(board, member),

    async heartbeat(user, now, ms) {
      const beat = client.multi().set(`online:${user}`, String(now), { expiration: { type: 'PX', value: ms } });
      await beat.zAdd('heartbeats', { score: now, value: user }).exec();
    },
    isOnline: async (user) => (await client.exists(`online:${user}`)) === 1,
    async online(now, ms) {
      await client.zRemRangeByScore('heartbeats', '-inf', `(${now - ms}`);
      return await client.zRange('heartbeats', 0, -1);
    },

    holdSeat: async (seat, token, ms) => (await client.set(`seat:${seat}`, token, forMs(ms))) === 'OK',
    seatOf: async (seat) => await client.get(`seat:${seat}`),

    async lock(resource, token, ms) {
      if ((await client.set(`lock:${resource}`, token, forMs(ms))) !== 'OK') return null;
      return await client.incr(`fence:${resource}`);
    },
    unlock: async (resource, token) => await unlock(`lock:${resource}`, token),

    async pushJob(queue, job) {
      await client.lPush(queue, job);
    },
    popJob: async (queue, seconds) => (await waiting.brPop(queue, seconds))?.element ?? null,
    reserveJob: async (queue, worker, seconds) =>
      await waiting.blMove(queue, `working:${worker}`, 'RIGHT', 'LEFT', seconds),
    finishJob: async (worker, job) => (await client.lRem(`working:${worker}`, 1, job)) === 1,
    async schedule(queue, job, at) {
      await client.zAdd(queue, { score: at, value: job });
    },
    async takeDue(queue, now) {
      const mine: string[] = [];
      for (const job of await client.zRangeByScore(queue, '-inf', now)) {
        if ((await client.zRem(queue, job)) === 1) mine.push(job);
      }
      return mine;
    },

    async follow(user, others) {
      await client.sAdd(`follows:${user}`, [...others]);
    },
    follows: async (user, other) => (await client.sIsMember(`follows:${user}`, other)) === 1,
    mutual: async (a, b) => await client.sInter([`follows:${a}`, `follows:${b}`]),

    async openLog(log, group) {
      await client.xGroupCreate(log, group, '$', { MKSTREAM: true });
    },
    append: async (log, what) =>
      await client.xAdd(log, '*', { what }, { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: 1000 } }),
    async consume(log, group, consumer, ms) {
      const found = await waiting.xReadGroup(group, consumer, { key: log, id: '>' }, { COUNT: 10, BLOCK: ms });
      return entries((found?.[0].messages ?? []) as Message[]);
    },
    acknowledge: async (log, group, id) => await client.xAck(log, group, id),
    takeOver: async (log, group, consumer) => entries((await client.xAutoClaim(log, group, consumer, 0, '0')).messages),
    tail: async (log, id) => entries(((await client.xRead({ key: log, id }))?.[0].messages ?? []) as Message[]),

    async visit(day, user) {
      await client.pfAdd(`visitors:${day}`, user);
    },
    visitors: async (days) => await client.pfCount(days.map((day) => `visitors:${day}`)),

    async markActive(day, user) {
      await client.setBit(`active:${day}`, user, 1);
    },
    activeOn: async (day) => await client.bitCount(`active:${day}`),
    async activeOnAll(days) {
      const sources = days.map((day) => `active:${day}`);
      await client.bitOp('AND', 'active:all', sources);
      return await client.bitCount('active:all');
    },

    async listen(channel, heard) {
      const subscriber = client.duplicate();
      await subscriber.connect();
      await subscriber.subscribe(channel, heard);
      return async () => {
        await subscriber.unsubscribe(channel);
        await subscriber.close();
      };
    },
    tell: async (channel, message) => await client.publish(channel, message),

    async openSession(id, fields, seconds) {
      await client.multi().hSet(`session:${id}`, fields).expire(`session:${id}`, seconds).exec();
    },
    session: async (id) => ({ ...(await client.hGetAll(`session:${id}`)) }),

    async moveRider(rider, longitude, latitude) {
      await client.geoAdd('riders', { member: rider, longitude, latitude });
    },
    ridersWithin: async (longitude, latitude, km) =>
      await client.geoSearch('riders', { longitude, latitude }, { radius: km, unit: 'km' }, { SORT: 'ASC' }),

    async fillCart(user, sku, quantity) {
      const cart = client.multi().hIncrBy(`cart:{${user}}:items`, sku, quantity);
      await cart.hSet(`cart:{${user}}:meta`, 'changed', sku).exec();
    },
    async checkOut(user) {
      const taken = client.multi().hGetAll(`cart:{${user}}:items`);
      const replies = await taken.unlink([`cart:{${user}}:items`, `cart:{${user}}:meta`]).execTyped();
      return { ...replies[0] };
    },

    ttlMs: async (key) => await client.pTTL(key),
    async close() {
      await Promise.all([client.close(), waiting.close()]);
    },
  };
}
