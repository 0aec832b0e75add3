// Six features of one web shop on one server, a data type each, through the client libraries that people use and in
// every wiring: product cache, cart, recently viewed, top sellers, active users, rate limit (../support/shop.ts).
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AnaxProcess, WIRINGS } from '../support/anax-process.js';
import { expectNothingLeft, expectNothingStored } from '../support/leaks.js';
import {
  ACTIVE_SECONDS,
  ADDS_PER_MINUTE,
  CART_SECONDS,
  PRODUCT_SECONDS,
  RECENT_SECONDS,
  SALES_SECONDS,
  SHOPS,
  type Product,
  type Shop,
} from '../support/shop.js';

/** What a TTL of `seconds` may have become by the time that it is looked at. */
const SLACK_SECONDS = 30;

function expectTtl(actual: number, seconds: number): void {
  expect(actual).toBeGreaterThan(seconds - SLACK_SECONDS);
  expect(actual).toBeLessThanOrEqual(seconds);
}

describe.each(WIRINGS)('$name', (wiring) => {
  let anax: AnaxProcess;
  beforeAll(async () => {
    anax = await AnaxProcess.start({ wiring });
  });
  afterAll(async () => {
    await anax.stop();
  });

  describe.each(SHOPS)('$name', ({ open }) => {
    let shop: Shop;
    beforeEach(async () => {
      shop = await open(anax.port);
    });
    afterEach(async () => {
      await shop.close();
      anax.assertAlive();
      await expectNothingLeft(anax.address);
      await expectNothingStored(anax.address);
    });

    test('a product is assembled once and then comes from the cache', async () => {
      let assembled = 0;
      const assemble = async (): Promise<Product> => {
        assembled++;
        return await Promise.resolve({ sku: 'SKU101', name: 'Basmati, 5 kg – बासमती', price: 649.5 });
      };
      const first = await shop.product('SKU101', assemble);
      const second = await shop.product('SKU101', assemble);
      expect(second).toEqual(first);
      expect(assembled).toBe(1);
      expectTtl(await shop.ttl('product:SKU101'), PRODUCT_SECONDS);
    });

    test('a cart adds up quantities, whoever adds at the same moment', async () => {
      expect(await shop.viewCart(42)).toEqual({});
      expect(await shop.addToCart(42, 'SKU101', 2)).toBe(2);
      await Promise.all(Array.from({ length: 20 }, async () => await shop.addToCart(42, 'SKU207', 1)));
      expect(await shop.addToCart(42, 'SKU101', -1)).toBe(1);
      await shop.addToCart(43, 'SKU555', 4);
      expect(await shop.viewCart(42)).toEqual({ SKU101: '1', SKU207: '20' });
      expect(await shop.viewCart(43)).toEqual({ SKU555: '4' });
      expectTtl(await shop.ttl('cart:42'), CART_SECONDS);
    });

    test('the ten products viewed last, the newest first', async () => {
      for (let i = 0; i < 25; i++) await shop.viewed(7, `SKU${i}`);
      expect(await shop.recentViews(7)).toEqual(Array.from({ length: 10 }, (_, i) => `SKU${24 - i}`));
      expect(await shop.recentViews(8)).toEqual([]);
      expectTtl(await shop.ttl('recent:7'), RECENT_SECONDS);
    });

    test('the top sellers of a day among more products than a packed list holds', async () => {
      const day = '2026-01-26';
      await Promise.all(
        Array.from({ length: 300 }, async (_, i) => {
          await shop.recordSale(day, `SKU${i}`, i);
        }),
      );
      await shop.recordSale(day, 'SKU5', 1000);
      await shop.recordSale(day, 'SKU298', 0.5);
      await shop.recordSale('2026-01-27', 'SKU5', 1);
      expect(await shop.topSellers(day, 4)).toEqual([
        { sku: 'SKU5', sold: 1005 },
        { sku: 'SKU299', sold: 299 },
        { sku: 'SKU298', sold: 298.5 },
        { sku: 'SKU297', sold: 297 },
      ]);
      expect((await shop.topSellers(day, 1000)).length).toBe(300);
      expect(await shop.topSellers('2026-01-27', 10)).toEqual([{ sku: 'SKU5', sold: 1 }]);
      expectTtl(await shop.ttl(`sales:${day}`), SALES_SECONDS);
    });

    test('active users of an hour, to about one in a hundred', async () => {
      await Promise.all(
        Array.from({ length: 2000 }, async (_, i) => {
          await shop.sawUser(1, i % 1000);
        }),
      );
      await shop.sawUser(2, 5);
      await shop.sawUser(2, 5);
      // The estimate of given users is a given number: six standard errors around a thousand.
      expect(Math.abs((await shop.activeUsers(1)) - 1000)).toBeLessThan(49);
      expect(await shop.activeUsers(2)).toBe(1);
      expect(await shop.activeUsers(3)).toBe(0);
      expectTtl(await shop.ttl('active:1'), ACTIVE_SECONDS);
    });

    test('thirty calls a minute and no more, however many come at once', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, async () => await shop.allowAddToCart(42, 1000)));
      expect(answers.filter((allowed) => allowed).length).toBe(ADDS_PER_MINUTE);
      expect(await shop.allowAddToCart(42, 1000)).toBe(false);
      expect(await shop.allowAddToCart(42, 1001)).toBe(true);
      expect(await shop.allowAddToCart(43, 1000)).toBe(true);
      expectTtl(await shop.ttl('rl:atc:42:1000'), 60);
    });
  });
});
