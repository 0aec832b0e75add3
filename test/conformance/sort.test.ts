// SORT and SORT_RO beside a live redis-server: every option and mixture of options, patterns of every shape, numbers in every
// spelling, requests made at random.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/base/bytes.js';
import type { Random } from '../../src/base/prng.js';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { numberOf } from '../../src/commands/sort-job.js';
import { SORT_COMMANDS } from '../../src/commands/sort.js';
import { checkExamples, compareCase, compareRandom, pick, type Case } from '../support/conformance.js';
import { RedisOracle } from '../support/redis-oracle.js';
import type { Request } from '../support/requests.js';

const COMMANDS = ALL_COMMANDS.flat();

const NUMBERS = ['0', '-0', '10', '9', '1.5', '-1.5', '1e3', '1E-3', '.5', '5.', '+7', ' 8', '0x10', '-0x1p4', 'inf', '-inf', 'Infinity', '9007199254740993', '9223372036854775807',
  '-9223372036854775808', '123456789012345678901234567890', ''] as const; // prettier-ignore
/** Not what is out of range: Redis 7.0 then takes later numbers for out of range as well. */
const NOT_NUMBERS = ['x', '1x', '1 ', 'nan', '1e', 'e1', '.', '-', '0x', '--1', '1,5', 'infx', '1\0', '\0'] as const; // prettier-ignore

const OPTIONS: readonly string[] = ['', 'ASC', 'DESC', 'ALPHA', 'ALPHA DESC', 'LIMIT 0 3', 'LIMIT 1 2', 'LIMIT 2 -1', 'LIMIT -5 3', 'LIMIT 0 0', 'LIMIT 9 9', 'LIMIT 4 100', 'DESC LIMIT 1 3',
  'LIMIT 9223372036854775807 1', 'LIMIT 0 -9', 'GET #', 'GET # GET #', 'BY nosort', 'BY nosort DESC', 'BY nosort LIMIT 1 2', 'BY nosort DESC LIMIT 1 2', 'BY nosort DESC LIMIT 3 9', 'BY w*',
  'BY w* DESC', 'BY w* LIMIT 1 3', 'BY w* ALPHA', 'BY none*', 'BY none* DESC', 'BY w* GET o*', 'BY w* GET # GET o* GET none*', 'GET nostar', 'GET o* DESC', 'GET *', 'BY *', 'BY nosort BY w*',
  'BY w* BY nosort', 'GET w*-*', 'GET w*->', 'GET *->x', 'GET h*->f', 'BY h*->f GET h*->g', 'GET h->*', 'GET h*->f->g', 'ASC DESC', 'LIMIT 0 1 LIMIT 0 2', 'alpha desc get # limit 0 2']; // prettier-ignore
const WRONG: readonly string[] = [
  'FOO',
  'LIMIT',
  'LIMIT 1',
  'LIMIT x 1',
  'LIMIT 1 x',
  'LIMIT 1 1.5',
  'BY',
  'GET',
  'STORE',
  'ASC 1',
  'LIMIT 1 2 3',
  'BY w* GET',
  'LIMIT 9223372036854775808 1',
];

const FILL: readonly Request[] = [
  'RPUSH l 3 10 1 2 7',
  'MSET w3 5 w10 1 w1 5 w2 -3 w7 2.5',
  'MSET o1 one o2 two o3 three o10 ten',
  'MSET wa-b x 7 seven',
];

const CASES: readonly Case[] = [
  ['arity', 'SORT', 'SORT_RO', 'SORT none', 'SORT_RO none', 'SORT none STORE d', 'EXISTS d', 'SORT none GET # GET x', 'SORT none BY w* DESC'],
  ['options', ...FILL, ...OPTIONS.flatMap((options) => [`SORT l ${options}`, `SORT_RO l ${options}`, `SORT l ${options} STORE d`, 'LRANGE d 0 -1'])],
  ['wrong options', ...FILL, ...WRONG.flatMap((options) => [`SORT l ${options}`, `SORT_RO l ${options}`, `SORT none ${options}`]), 'SORT_RO l STORE d', 'SORT_RO l STORE'],
  ['other types', 'SET s 1', 'SORT s', 'SORT s FOO', 'SORT_RO s', 'SORT s STORE d', 'RPUSH l 1 2', 'SORT l BY l*', 'SORT l GET l*', 'RPUSH x1 a', 'SORT l GET x*', 'SORT l BY x*', 'GET s'],
  ['numbers', ...NUMBERS.flatMap((number): Request[] => [['RPUSH', 'l', number], 'SORT l', 'SORT l DESC']), ...NUMBERS.map((number, i): Request => ['SET', `w${i}`, number]),
    ['RPUSH', 'n', ...NUMBERS.map((_, i) => String(i))], 'SORT n BY w*', 'SORT n BY w* DESC GET # GET w*'],
  ['no numbers', ...NOT_NUMBERS.flatMap((text): Request[] => ['DEL l w', ['RPUSH', 'l', '1', text], 'SORT l', 'SORT l STORE d', ['SET', 'wx', text], 'RPUSH w x', 'SORT w BY w*', 'SORT w BY w* STORE d', 'EXISTS d'])],
  ['alphabet', ['RPUSH', 'l', 'b', 'a', 'B', '', 'ab', 'aa', '\xff', '\xe4', '10', '9', 'a'], 'SORT l ALPHA', 'SORT l ALPHA DESC', 'SORT l ALPHA LIMIT 2 3', 'SORT l ALPHA STORE d', 'LRANGE d 0 -1'],
  ['by strings', 'RPUSH l 1 2 3 4', 'MSET w1 c w2 b w3 a', 'SORT l BY w* ALPHA', 'SORT l BY w* ALPHA DESC', 'SORT l BY w*', 'SET w4 bb', 'SORT l BY w* ALPHA GET w*', 'SORT l BY w* ALPHA STORE l', 'LRANGE l 0 -1'],
  ['storing', ...FILL, 'SORT l STORE l', 'LRANGE l 0 -1', 'SET d v', 'PEXPIREAT d 33177117420123', 'SORT l DESC STORE d', 'LRANGE d 0 -1', 'PTTL d', 'SORT none STORE d', 'EXISTS d', 'SORT l GET none* STORE d', 'LRANGE d 0 -1',
    'SORT l LIMIT 0 0 STORE d', 'EXISTS d', 'SORT l STORE a STORE b', 'EXISTS a', 'LRANGE b 0 -1', 'SORT l BY STORE STORE e', 'LRANGE e 0 -1', 'SORT l GET STORE STORE f', 'LRANGE f 0 -1'],
  ['equal numbers', 'RPUSH l c a b a', 'MSET wa 1 wb 1 wc 1', 'SORT l BY w*', 'SORT l BY w* DESC', 'SORT l BY none*', 'SORT l BY none* DESC'],
  ['patterns', 'RPUSH l a b', 'MSET *a 1 a* 2 aa 3 p:a:s 4 p:b:s 5 ** 6', 'SORT l ALPHA GET **', 'SORT l ALPHA GET p:*:s', 'SORT l ALPHA GET *a', 'SORT l ALPHA GET *->', 'SORT l ALPHA GET p:*->s', ['SORT', 'l', 'ALPHA', 'GET', ''],
    ['SORT', 'l', 'BY', ''], ['SORT', 'l', 'BY', '#']],
  ['sets', 'SADD s 3 1 2 10 -5', 'SORT s', 'SORT s DESC LIMIT 1 2', 'SORT s BY nosort STORE d', 'LRANGE d 0 -1', 'SORT s BY nosort DESC STORE d', 'LRANGE d 0 -1', 'SADD t b a c', 'SORT t', 'SORT t ALPHA', 'SORT t ALPHA STORE t',
    'TYPE t', 'LRANGE t 0 -1', ['SADD', 'big', ...Array.from({ length: 600 }, (_, i) => `m${i}`)], 'SORT big ALPHA', 'SORT big BY nosort ALPHA STORE d', 'LRANGE d 0 -1'],
  ['sorted sets', 'ZADD z 3 1 2 2 1 3 10 0', 'SORT z', 'SORT z BY nosort', 'SORT z BY nosort DESC', 'SORT z BY nosort LIMIT 1 2', 'SORT z BY nosort DESC LIMIT 1 2', 'SORT z BY nosort DESC LIMIT 2 9 STORE d', 'LRANGE d 0 -1',
    ['ZADD', 'big', ...Array.from({ length: 600 }, (_, i) => (i % 2 === 0 ? String((i * 7) % 100) : `m${i}`))], 'SORT big ALPHA LIMIT 20 30', 'SORT big BY nosort', 'SORT big BY nosort DESC LIMIT 10 5'],
  ['hashes', 'RPUSH l 1 2 3', 'HSET h1 w 9 n one', 'HSET h2 w 1 n two', 'HSET h3 n three', 'SORT l BY h*->w GET h*->n GET # GET h*->w', 'SORT l BY h*->w DESC', 'SORT l BY h*->none', 'SET h4 x', 'RPUSH l 4', 'SORT l BY h*->w GET h*->n',
    'SORT l GET h*', 'SORT l BY h*', 'SORT h1', 'SORT l BY h*->n ALPHA GET h*->n LIMIT 1 3', 'HSET h1 -> arrow', 'SORT l GET h*->->', 'HSET 1 f v', 'SORT l GET *->f', 'SORT l BY h*->w GET h*->n STORE d', 'LRANGE d 0 -1'],
  ['deadlines', 'RPUSH l 1 2', 'MSET w1 2 w2 1', 'SORT l BY w*', 'PEXPIREAT w1 1', 'SORT l BY w* GET w*'],
  ['long lists', ['RPUSH', 'l', ...Array.from({ length: 3000 }, (_, i) => String((i * 7919) % 5003))], 'SORT l', 'SORT l DESC LIMIT 100 50', 'SORT l ALPHA', 'SORT l ALPHA DESC STORE d', 'LRANGE d 0 -1', 'LLEN d'],
]; // prettier-ignore

describe('examples', () => {
  it.each(SORT_COMMANDS.map((spec) => [spec.name, spec] as const))('%s', async (_name, spec) => {
    await checkExamples(spec, COMMANDS);
  });
});

function randomRequest(random: Random): Request {
  const key = pick(random, ['a', 'b']);
  switch (random.below(8)) {
    case 0:
      return ['RPUSH', key, ...Array.from({ length: 1 + random.below(5) }, () => String(random.below(20)))];
    case 1:
      return ['SET', `w${random.below(20)}`, pick(random, ['1', '2', '3.5', '-1', String(random.below(1000))])];
    case 2:
      return random.below(4) === 0 ? ['DEL', key, `w${random.below(20)}`] : ['LRANGE', key, '0', '-1'];
    default: {
      const words: string[] = ['SORT', key];
      if (random.below(2) === 0) words.push('BY', pick(random, ['w*', 'nosort', '*']));
      if (random.below(3) === 0) words.push('LIMIT', String(random.below(6) - 1), String(random.below(12) - 2));
      for (let n = random.below(3); n > 0; n--) words.push('GET', pick(random, ['#', 'w*', 'none*', 'x']));
      if (random.below(2) === 0) words.push(pick(random, ['ASC', 'DESC']));
      // Equal strings of a BY come in any order in Redis.
      if (random.below(3) === 0 && !words.includes('w*') && !words.includes('*')) words.push('ALPHA');
      if (random.below(4) === 0) words.push('STORE', pick(random, ['a', 'c']));
      return words;
    }
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

  it.each(CASES.map((one) => [one[0], one] as const))('%s', async (_title, one) => {
    await compareCase(one, COMMANDS, oracle);
  });

  it.each([1, 2, 3])('any requests, seed %i', async (seed) => {
    await compareRandom(COMMANDS, oracle, seed, 3000, randomRequest);
  });
});

it.each([
  ['1e400', NaN],
  ['-1e400', NaN],
  ['1e-400', NaN],
  ['0e-400', 0],
  ['0x1p-3', 0.125],
  ['1e308', 1e308],
])('takes %s for %f', (text, value) => {
  expect(numberOf(bytesOf(text), 0, text.length)).toBe(value);
});

it('knows both commands', () => {
  expect(SORT_COMMANDS.map((spec) => spec.name)).toEqual(['SORT', 'SORT_RO']);
});
