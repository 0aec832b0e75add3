// The patterns of patterns.ts with ioredis.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { BUILD_MS_MAX, RETRY_MS, type Entry, type Patterns, type Score } from './patterns.js';

type StreamReply = [log: string, entries: [id: string, fields: string[]][]][] | null;

function pairs(flat: readonly string[]): Score[] {
  return Array.from({ length: flat.length / 2 }, (_, i) => ({ member: flat[2 * i], points: Number(flat[2 * i + 1]) }));
}

function entries(list: readonly [string, string[]][]): Entry[] {
  return list.map(([id, fields]) => ({ id, what: fields[1] }));
}

export async function openIoredisPatterns(port: number): Promise<Patterns> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
  /** For commands that wait: what stands behind one on a connection waits too. */
  const waiting = redis.duplicate();
  await Promise.all([redis.connect(), waiting.connect()]);

  async function unlock(key: string, token: string): Promise<boolean> {
    await redis.watch(key);
    if ((await redis.get(key)) !== token) {
      await redis.unwatch();
      return false;
    }
    return (await redis.multi().del(key).exec()) !== null;
  }

  return {
    async cached(key, seconds, build) {
      const token = randomUUID();
      for (;;) {
        const found = await redis.get(key);
        if (found !== null) return found;
        if ((await redis.set(`${key}:building`, token, 'PX', BUILD_MS_MAX, 'NX')) !== 'OK') {
          await sleep(RETRY_MS);
          continue;
        }
        // Another may have built it between the look and the lock.
        const value = (await redis.get(key)) ?? (await build());
        await redis.set(key, value, 'EX', seconds);
        await unlock(`${key}:building`, token);
        return value;
      }
    },

    async allowInWindow(user, window, max) {
      const key = `rate:${user}:${window}`;
      const count = await redis.incr(key);
      if (count === 1) await redis.expire(key, 60);
      return count <= max;
    },
    async allowSliding(user, call, now, ms, max) {
      const key = `sliding:${user}`;
      const replies = await redis
        .multi()
        .zremrangebyscore(key, '-inf', now - ms)
        .zadd(key, now, call)
        .zcard(key)
        .pexpire(key, ms)
        .exec();
      if (Number(replies?.[2][1]) <= max) return true;
      await redis.zrem(key, call);
      return false;
    },
    async takeToken(user, now, perSecond, max) {
      const key = `bucket:${user}`;
      for (;;) {
        await redis.watch(key);
        const [tokens, at] = await redis.hmget(key, 'tokens', 'at');
        const level = Math.min(max, Number(tokens ?? max) + ((now - Number(at ?? now)) / 1000) * perSecond);
        if (level < 1) {
          await redis.unwatch();
          return false;
        }
        const written = redis.multi().hset(key, { tokens: level - 1, at: now });
        if ((await written.expire(key, 3600).exec()) !== null) return true;
      }
    },

    addPoints: async (board, member, points) => Number(await redis.zincrby(board, points, member)),
    top: async (board, count) => pairs(await redis.zrevrange(board, 0, count - 1, 'WITHSCORES')),
    place: async (board, member) => await redis.zrevrank(board, member),

    async heartbeat(user, now, ms) {
      await redis.multi().set(`online:${user}`, now, 'PX', ms).zadd('heartbeats', now, user).exec();
    },
    isOnline: async (user) => (await redis.exists(`online:${user}`)) === 1,
    async online(now, ms) {
      await redis.zremrangebyscore('heartbeats', '-inf', `(${now - ms}`);
      return await redis.zrange('heartbeats', '0', '-1');
    },

    holdSeat: async (seat, token, ms) => (await redis.set(`seat:${seat}`, token, 'PX', ms, 'NX')) === 'OK',
    seatOf: async (seat) => await redis.get(`seat:${seat}`),

    async lock(resource, token, ms) {
      if ((await redis.set(`lock:${resource}`, token, 'PX', ms, 'NX')) !== 'OK') return null;
      return await redis.incr(`fence:${resource}`);
    },
    unlock: async (resource, token) => await unlock(`lock:${resource}`, token),

    async pushJob(queue, job) {
      await redis.lpush(queue, job);
    },
    popJob: async (queue, seconds) => (await waiting.brpop(queue, seconds))?.[1] ?? null,
    reserveJob: async (queue, worker, seconds) =>
      await waiting.blmove(queue, `working:${worker}`, 'RIGHT', 'LEFT', seconds),
    finishJob: async (worker, job) => (await redis.lrem(`working:${worker}`, 1, job)) === 1,
    async schedule(queue, job, at) {
      await redis.zadd(queue, at, job);
    },
    async takeDue(queue, now) {
      const mine: string[] = [];
      for (const job of await redis.zrangebyscore(queue, '-inf', now)) {
        if ((await redis.zrem(queue, job)) === 1) mine.push(job);
      }
      return mine;
    },

    async follow(user, others) {
      await redis.sadd(`follows:${user}`, ...others);
    },
    follows: async (user, other) => (await redis.sismember(`follows:${user}`, other)) === 1,
    mutual: async (a, b) => await redis.sinter(`follows:${a}`, `follows:${b}`),

    async openLog(log, group) {
      await redis.xgroup('CREATE', log, group, '$', 'MKSTREAM');
    },
    append: async (log, what) => (await redis.xadd(log, 'MAXLEN', '~', 1000, '*', 'what', what)) ?? '',
    async consume(log, group, consumer, ms) {
      const options = ['GROUP', group, consumer, 'COUNT', 10, 'BLOCK', ms, 'STREAMS', log, '>'] as const;
      return entries(((await waiting.xreadgroup(...options)) as StreamReply)?.[0][1] ?? []);
    },
    acknowledge: async (log, group, id) => await redis.xack(log, group, id),
    async takeOver(log, group, consumer) {
      const reply = await redis.xautoclaim(log, group, consumer, 0, '0');
      return entries(reply[1] as [string, string[]][]);
    },
    tail: async (log, id) => entries((await redis.xread('STREAMS', log, id))?.[0][1] ?? []),

    async visit(day, user) {
      await redis.pfadd(`visitors:${day}`, user);
    },
    visitors: async (days) => await redis.pfcount(...days.map((day) => `visitors:${day}`)),

    async markActive(day, user) {
      await redis.setbit(`active:${day}`, user, 1);
    },
    activeOn: async (day) => await redis.bitcount(`active:${day}`),
    async activeOnAll(days) {
      await redis.bitop('AND', 'active:all', ...days.map((day) => `active:${day}`));
      return await redis.bitcount('active:all');
    },

    async listen(channel, heard) {
      const subscriber = redis.duplicate();
      subscriber.on('message', (_, message: string) => {
        heard(message);
      });
      await subscriber.subscribe(channel);
      return async () => {
        await subscriber.unsubscribe(channel);
        await subscriber.quit();
      };
    },
    tell: async (channel, message) => await redis.publish(channel, message),

    async openSession(id, fields, seconds) {
      await redis.multi().hset(`session:${id}`, fields).expire(`session:${id}`, seconds).exec();
    },
    session: async (id) => await redis.hgetall(`session:${id}`),

    async moveRider(rider, longitude, latitude) {
      await redis.geoadd('riders', longitude, latitude, rider);
    },
    ridersWithin: async (longitude, latitude, km) =>
      (await redis.geosearch('riders', 'FROMLONLAT', longitude, latitude, 'BYRADIUS', km, 'km', 'ASC')) as string[],

    async fillCart(user, sku, quantity) {
      const cart = redis.multi().hincrby(`cart:{${user}}:items`, sku, quantity);
      await cart.hset(`cart:{${user}}:meta`, 'changed', sku).exec();
    },
    async checkOut(user) {
      const taken = redis.multi().hgetall(`cart:{${user}}:items`);
      const replies = await taken.unlink(`cart:{${user}}:items`, `cart:{${user}}:meta`).exec();
      return (replies?.[0][1] ?? {}) as Record<string, string>;
    },

    ttlMs: async (key) => await redis.pttl(key),
    async close() {
      await Promise.all([redis.quit(), waiting.quit()]);
    },
  };
}
