// A small web shop that keeps six of its features in one server, one data type each, written with ioredis and with
// node-redis as their users would. Days, hours and minutes are handed in, so that no test meets the end of one.
import { Redis } from 'ioredis';
import { createClient, type RespVersions } from 'redis';

export const PRODUCT_SECONDS = 300;
export const CART_SECONDS = 7 * 86_400;
export const RECENT_SECONDS = 30 * 86_400;
export const RECENT_MAX = 10;
export const SALES_SECONDS = 3 * 86_400;
export const ACTIVE_SECONDS = 7200;
export const ADDS_PER_MINUTE = 30;

export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly price: number;
}

export interface Seller {
  readonly sku: string;
  readonly sold: number;
}

export interface Shop {
  /** (1) Product cache: a string with a TTL. What is not there is assembled and kept. */
  product(sku: string, assemble: () => Promise<Product>): Promise<Product>;
  /** (2) Cart: a hash for each user, quantity by SKU. */
  addToCart(user: number, sku: string, quantity: number): Promise<number>;
  viewCart(user: number): Promise<Record<string, string>>;
  /** (3) Recently viewed: a list that is trimmed to the newest ten. */
  viewed(user: number, sku: string): Promise<void>;
  recentViews(user: number): Promise<string[]>;
  /** (4) Top sellers: a sorted set for each day, units sold by SKU. */
  recordSale(day: string, sku: string, quantity: number): Promise<void>;
  topSellers(day: string, count: number): Promise<Seller[]>;
  /** (5) Active users: a HyperLogLog for each hour. */
  sawUser(hour: number, user: number): Promise<void>;
  activeUsers(hour: number): Promise<number>;
  /** (6) Rate limit: a counter for each user and minute. */
  allowAddToCart(user: number, minute: number): Promise<boolean>;
  ttl(key: string): Promise<number>;
  close(): Promise<void>;
}

export interface ShopKind {
  readonly name: string;
  readonly open: (port: number) => Promise<Shop>;
}

export const SHOPS: readonly ShopKind[] = [
  { name: 'ioredis', open: openWithIoredis },
  { name: 'node-redis in RESP2', open: async (port) => await openWithNodeRedis(port, 2) },
  { name: 'node-redis in RESP3', open: async (port) => await openWithNodeRedis(port, 3) },
];

async function openWithIoredis(port: number): Promise<Shop> {
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
  await redis.connect();
  return {
    async product(sku, assemble) {
      const cached = await redis.get(`product:${sku}`);
      if (cached !== null) return JSON.parse(cached) as Product;
      const product = await assemble();
      await redis.setex(`product:${sku}`, PRODUCT_SECONDS, JSON.stringify(product));
      return product;
    },
    async addToCart(user, sku, quantity) {
      const total = await redis.hincrby(`cart:${user}`, sku, quantity);
      await redis.expire(`cart:${user}`, CART_SECONDS);
      return total;
    },
    viewCart: async (user) => await redis.hgetall(`cart:${user}`),
    async viewed(user, sku) {
      const key = `recent:${user}`;
      await redis.lpush(key, sku);
      await redis.ltrim(key, 0, RECENT_MAX - 1);
      await redis.expire(key, RECENT_SECONDS);
    },
    recentViews: async (user) => await redis.lrange(`recent:${user}`, 0, RECENT_MAX - 1),
    async recordSale(day, sku, quantity) {
      await redis.zincrby(`sales:${day}`, quantity, sku);
      await redis.expire(`sales:${day}`, SALES_SECONDS);
    },
    async topSellers(day, count) {
      const flat = await redis.zrange(`sales:${day}`, '0', String(count - 1), 'REV', 'WITHSCORES');
      return Array.from({ length: flat.length / 2 }, (_, i) => ({ sku: flat[2 * i], sold: Number(flat[2 * i + 1]) }));
    },
    async sawUser(hour, user) {
      await redis.pfadd(`active:${hour}`, String(user));
      await redis.expire(`active:${hour}`, ACTIVE_SECONDS);
    },
    activeUsers: async (hour) => await redis.pfcount(`active:${hour}`),
    async allowAddToCart(user, minute) {
      const key = `rl:atc:${user}:${minute}`;
      const count = await redis.incr(key);
      if (count === 1) await redis.expire(key, 60);
      return count <= ADDS_PER_MINUTE;
    },
    ttl: async (key) => await redis.ttl(key),
    async close() {
      await redis.quit();
    },
  };
}

async function openWithNodeRedis(port: number, RESP: RespVersions): Promise<Shop> {
  const client = createClient({ RESP, socket: { port, host: '127.0.0.1' } });
  await client.connect();
  return {
    async product(sku, assemble) {
      const cached = await client.get(`product:${sku}`);
      if (cached !== null) return JSON.parse(cached) as Product;
      const product = await assemble();
      await client.setEx(`product:${sku}`, PRODUCT_SECONDS, JSON.stringify(product));
      return product;
    },
    async addToCart(user, sku, quantity) {
      const total = await client.hIncrBy(`cart:${user}`, sku, quantity);
      await client.expire(`cart:${user}`, CART_SECONDS);
      return total;
    },
    viewCart: async (user) => ({ ...(await client.hGetAll(`cart:${user}`)) }),
    async viewed(user, sku) {
      const key = `recent:${user}`;
      await client.lPush(key, sku);
      await client.lTrim(key, 0, RECENT_MAX - 1);
      await client.expire(key, RECENT_SECONDS);
    },
    recentViews: async (user) => await client.lRange(`recent:${user}`, 0, RECENT_MAX - 1),
    async recordSale(day, sku, quantity) {
      await client.zIncrBy(`sales:${day}`, quantity, sku);
      await client.expire(`sales:${day}`, SALES_SECONDS);
    },
    async topSellers(day, count) {
      const found = await client.zRangeWithScores(`sales:${day}`, 0, count - 1, { REV: true });
      return found.map(({ value, score }) => ({ sku: value, sold: score }));
    },
    async sawUser(hour, user) {
      await client.pfAdd(`active:${hour}`, String(user));
      await client.expire(`active:${hour}`, ACTIVE_SECONDS);
    },
    activeUsers: async (hour) => await client.pfCount(`active:${hour}`),
    async allowAddToCart(user, minute) {
      const key = `rl:atc:${user}:${minute}`;
      const count = await client.incr(key);
      if (count === 1) await client.expire(key, 60);
      return count <= ADDS_PER_MINUTE;
    },
    ttl: async (key) => await client.ttl(key),
    async close() {
      await client.close();
    },
  };
}
