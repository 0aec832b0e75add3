// Requests run on a shard of this process and on a live redis-server, replies compared byte by byte.
//
//   examples    of the specs: what the declaration promises, checked here and, where Redis is old enough to know, there
//   cases       written by hand: lists of requests that begin with an empty database
//   random      made by a seeded generator; a difference is reported with its seed and the requests that led to it

import { expect } from 'vitest';
import { formatDouble } from '../../src/base/doubles.js';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import type { CommandSpec } from '../../src/contract/spec.js';
import { RedisOracle } from './redis-oracle.js';
import { exampleReply, showRequest, type Request } from './requests.js';
import { ShardHarness } from './shard-harness.js';

/** Sets a shard up before the first request: limits at which collections change their encoding. */
export type Tuning = (shard: ShardHarness['shard']) => void;

const untuned: Tuning = () => undefined;

/** What of a reply is compared. */
export type ReplyView = (reply: Buffer) => Buffer;

const whole: ReplyView = (reply) => reply;

const DOUBLE = /(?:\$\d+\r\n|,)(-?\d+(?:\.\d+)?(?:e[+-]\d+)?)\r\n/g;

/** Respells doubles, which Redis before 7.2 prints with 17 digits, by the shortest digits that read back the same. */
export const withShortDoubles: ReplyView = (reply) => {
  if (RedisOracle.atLeast(7, 2)) return reply;
  const text = reply.toString('latin1').replace(DOUBLE, (found, digits: string) => {
    if (!/[.e]/.test(digits)) return found;
    const short = formatDouble(Number(digits));
    return found.startsWith(',') ? `,${short}\r\n` : `$${short.length}\r\n${short}\r\n`;
  });
  return Buffer.from(text, 'latin1');
};

/** Requests of a case that begin with an empty database. */
export type Case = readonly [title: string, ...requests: Request[]];

/** Runs the examples of `spec` on an empty shard that knows `specs`. */
export async function checkExamples(spec: CommandSpec, specs: readonly CommandSpec[]): Promise<void> {
  const harness = await ShardHarness.create(specs);
  for (const [request, reply] of spec.examples) {
    const got = harness.run(request);
    expect({ request, reply: got.toString('latin1') }).toEqual({
      request,
      reply: exampleReply(reply).toString('latin1'),
    });
  }
  harness.shard.check();
}

/** Both servers, at the same time of day. */
export class Twin {
  readonly #harness: ShardHarness;
  readonly #oracle: RedisOracle;

  private constructor(harness: ShardHarness, oracle: RedisOracle) {
    this.#harness = harness;
    this.#oracle = oracle;
  }

  /** An empty shard beside an emptied Redis; `protocol` is the RESP version of both. */
  static async create(
    specs: readonly CommandSpec[],
    oracle: RedisOracle,
    protocol: 2 | 3 = 2,
    tune: Tuning = untuned,
  ): Promise<Twin> {
    const harness = await ShardHarness.create(specs, { nowMs: Date.now() });
    tune(harness.shard);
    harness.protocol = protocol;
    await oracle.runAll([`HELLO ${protocol}`, 'FLUSHALL']);
    return new Twin(harness, oracle);
  }

  /** Sends the same requests to both; fails on the first reply that differs, with the requests before it. */
  async compare(requests: readonly Request[], context: string, view: ReplyView = whole): Promise<void> {
    const theirs = await this.#oracle.runAll(requests);
    requests.forEach((request, i) => {
      const ours = this.#harness.run(request);
      if (ours.equals(theirs[i]) || view(ours).equals(view(theirs[i]))) return;
      const story = requests.slice(Math.max(0, i - 12), i + 1).map(showRequest);
      expect.fail([context, ...story, `  anax:  ${show(ours)}`, `  redis: ${show(theirs[i])}`].join('\n'));
    });
    this.#harness.shard.check();
  }

  /** Empties the shard; no byte may stay behind. */
  empty(): void {
    const { shard } = this.#harness;
    for (const db of shard.dbs) db.flush(false);
    shard.lazyFree.finish();
    shard.check();
    expect(shard.arena.usedBytes).toBe(0);
  }
}

function show(reply: Buffer): string {
  return JSON.stringify(reply.toString('latin1').slice(0, 400));
}

/** Compares one case in both protocols. */
export async function compareCase(
  [title, ...requests]: Case,
  specs: readonly CommandSpec[],
  oracle: RedisOracle,
  tune: Tuning = untuned,
  view: ReplyView = whole,
): Promise<void> {
  for (const protocol of [2, 3] as const) {
    const twin = await Twin.create(specs, oracle, protocol, tune);
    await twin.compare(requests, `${title}, RESP${protocol}`, view);
    twin.empty();
  }
}

/** Compares `count` requests that `generate` makes from `seed`. */
export async function compareRandom(
  specs: readonly CommandSpec[],
  oracle: RedisOracle,
  seed: number,
  count: number,
  generate: (random: Random) => Request,
  tune: Tuning = untuned,
  view: ReplyView = whole,
): Promise<void> {
  const twin = await Twin.create(specs, oracle, 2, tune);
  const random = new SeededRandom(seed);
  const requests = Array.from({ length: count }, () => generate(random));
  await twin.compare(requests, `seed ${seed}`, view);
  twin.empty();
}

/** One of the items. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)];
}

/** `count` random bytes below `bound`. */
export function randomBytes(random: Random, count: number, bound = 256): Buffer {
  return Buffer.from(Array.from({ length: count }, () => random.below(bound)));
}
