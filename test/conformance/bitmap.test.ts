// The bitmap commands: their examples, against plain models, and beside a live redis-server cases by hand and requests
// made at random.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { BITMAP_COMMANDS } from '../../src/commands/bitmap.js';
import { STRING_COMMANDS } from '../../src/commands/string.js';
import { checkExamples, compareCase, compareRandom, pick, randomBytes } from '../support/conformance.js';
import { PROBES } from '../support/probes.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';
import { ShardHarness } from '../support/shard-harness.js';
import { BITMAP_CASES, NEWER_MISTAKES } from './bitmap-cases.js';

const COMMANDS = [...BITMAP_COMMANDS, ...STRING_COMMANDS, ...PROBES];
const RUNS = 2500;

describe('examples', () => {
  it.each(BITMAP_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

describe('mistakes that Redis finds since 7.4', () => {
  it.each(NEWER_MISTAKES)('%s', async (request, reply) => {
    const h = await ShardHarness.create(COMMANDS);
    expect(h.text(request)).toBe(reply);
  });
});

/** BITOP's newer operations, one bit at a time. */
const MODELS: Readonly<Record<string, (x: number, ys: readonly number[]) => number>> = {
  DIFF: (x, ys) => (x === 1 && !ys.includes(1) ? 1 : 0),
  DIFF1: (x, ys) => (x === 0 && ys.includes(1) ? 1 : 0),
  ANDOR: (x, ys) => (x === 1 && ys.includes(1) ? 1 : 0),
  ONE: (x, ys) => (x + ys.reduce((sum, y) => sum + y, 0) === 1 ? 1 : 0),
};

describe('BITOP DIFF DIFF1 ANDOR ONE', () => {
  it.each(Object.keys(MODELS))('%s', async (operation) => {
    const model = MODELS[operation];
    for (let seed = 1; seed <= 12; seed++) {
      const random = new SeededRandom(seed);
      const h = await ShardHarness.create(COMMANDS);
      const sources = Array.from({ length: 2 + random.below(3) }, () => randomBytes(random, random.below(90)));
      sources.forEach((source, i) => {
        if (source.length > 0) h.run(['SET', `s${i}`, source]);
      });
      const length = Math.max(...sources.map((source) => source.length));
      const expected = Buffer.alloc(length);
      for (let bit = 0; bit < length * 8; bit++) {
        const bits = sources.map((s) => (bit < s.length * 8 ? (s[bit >> 3] >> (7 - (bit & 7))) & 1 : 0));
        expected[bit >> 3] |= model(bits[0], bits.slice(1)) << (7 - (bit & 7));
      }
      const reply = h.text(['BITOP', operation, 'd', ...sources.map((_, i) => `s${i}`)]);
      expect(reply, `seed ${seed}`).toBe(`:${length}`);
      const stored = h.run('GET d');
      const whole = length === 0 ? '$-1\r\n' : `$${length}\r\n${expected.toString('latin1')}\r\n`;
      expect(stored.toString('latin1'), `seed ${seed}`).toBe(whole);
      h.shard.check();
    }
  });
});

function randomFieldOperation(random: Random): string[] {
  const signed = random.below(2) === 0;
  const type = `${signed ? 'i' : 'u'}${1 + random.below(signed ? 64 : 63)}`;
  const offset = random.below(4) === 0 ? `#${random.below(6)}` : String(random.below(200));
  const bits = random.below(64);
  const magnitude = (BigInt(random.next32()) * 4294967296n + BigInt(random.next32())) >> BigInt(bits);
  const value = String(BigInt.asIntN(64, random.below(2) === 0 ? magnitude : -magnitude));
  switch (random.below(4)) {
    case 0:
      return ['GET', type, offset];
    case 1:
      return ['SET', type, offset, value];
    case 2:
      return ['INCRBY', type, offset, value];
    default:
      return ['OVERFLOW', pick(random, ['WRAP', 'SAT', 'FAIL']), 'INCRBY', type, offset, value];
  }
}

function randomBitmapRequest(random: Random): Request {
  const keys = ['a', 'b', 'c', 'd'];
  const key = pick(random, keys);
  const near = (): string => String(random.below(40) - 20);
  switch (random.below(12)) {
    case 0:
      return ['SET', key, randomBytes(random, random.below(random.below(4) === 0 ? 400 : 12))];
    case 1:
      return ['SET', key, pick(random, ['\xff', '\0', '\xff\xff\0']).repeat(random.below(100))];
    case 2:
      return ['SETBIT', key, String(random.below(300)), String(random.below(2))];
    case 3:
      return ['GETBIT', key, String(random.below(300))];
    case 4:
      return [
        'BITCOUNT',
        key,
        ...(random.below(3) === 0 ? [] : [near(), near(), ...pick(random, [[], ['BIT'], ['BYTE']])]),
      ];
    case 5:
    case 6: {
      const range = [near(), String(random.below(800) - 300), pick(random, ['BIT', 'BYTE'])];
      return ['BITPOS', key, String(random.below(2)), ...range.slice(0, random.below(4))];
    }
    case 7:
      return ['BITOP', pick(random, ['AND', 'OR', 'XOR']), key, pick(random, keys), pick(random, keys), 'none'];
    case 8:
      return ['BITOP', 'NOT', key, pick(random, keys)];
    case 9:
      return ['GET', key];
    default:
      return [
        'BITFIELD',
        key,
        ...Array.from({ length: 1 + random.below(4) }, () => randomFieldOperation(random)).flat(),
      ];
  }
}

describe.runIf(RedisOracle.available)('beside redis-server', () => {
  let oracle: RedisOracle;
  beforeAll(async () => {
    oracle = await RedisOracle.start();
  });
  afterAll(async () => {
    await oracle.close();
  });

  it.each(BITMAP_COMMANDS.map((spec) => [spec.name, spec] as const))('examples of %s', async (_name, spec) => {
    const known = spec.examples
      .map(([request]) => request)
      .filter((request) => RedisOracle.atLeast(8, 2) || !/^BITOP (ONE|DIFF1?|ANDOR) /.test(request));
    await compareCase([spec.name, ...known], COMMANDS, oracle);
  });

  it.each(BITMAP_CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
    await compareCase(one, COMMANDS, oracle);
  });

  it.each([41, 42, 43])('any commands, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, RUNS, randomBitmapRequest);
  });

  it.each([51, 52])('BITFIELD, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, RUNS, (random) => [
      'BITFIELD',
      'k',
      ...Array.from({ length: 1 + random.below(5) }, () => randomFieldOperation(random)).flat(),
    ]);
  });
});
