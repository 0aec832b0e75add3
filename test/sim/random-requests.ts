// Random requests over few keys for the differential test of the model: wrong types, wrong counts of arguments and bad
// numbers included.

import type { Random } from '../../src/base/prng.js';

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)];
}

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const VALUES = ['', '1', '-7', '9223372036854775807', '-9223372036854775808', 'x', 'hello', '01', '3.5', 'zz'];

type Maker = (random: Random) => string[];

const key: Maker = (random) => [pick(random, NAMES)];
const value: Maker = (random) => [pick(random, VALUES)];
const side: Maker = (random) => [pick(random, ['LEFT', 'RIGHT', 'left', 'Right'])];
const word =
  (...words: string[]): Maker =>
  (random) => [pick(random, words)];

function many(maker: Maker, from: number, to: number): Maker {
  return (random) => Array.from({ length: from + random.below(to - from + 1) }, () => maker(random)).flat();
}

function all(...makers: Maker[]): Maker {
  return (random) => makers.flatMap((maker) => maker(random));
}

function sometimes(maker: Maker): Maker {
  return (random) => (random.below(2) === 0 ? maker(random) : []);
}

const index = word('0', '1', '-1', '2', '-3', '9', 'x');
const ttl = word('EX 100', 'PX 100000', 'EX 0', 'PX -5', 'EX x');
const setOption: Maker = (random) =>
  pick(random, ['NX', 'XX', 'GET', 'KEEPTTL', ttl(random)[0], 'get', 'BAD']).split(' ');
const timeout = word('0.01', '0.01', '-1', 'x');
const db = word('0', '1', '2', '16', 'x');

/** What the arguments of each command look like. */
const SHAPES: Readonly<Record<string, Maker>> = {
  GET: key,
  SET: all(key, value, many(setOption, 0, 2)),
  GETDEL: key,
  APPEND: all(key, value),
  INCR: key,
  DECR: key,
  STRLEN: key,
  DEL: many(key, 1, 3),
  UNLINK: many(key, 1, 2),
  EXISTS: many(key, 1, 3),
  TOUCH: many(key, 1, 3),
  MGET: many(key, 1, 4),
  MSET: many(all(key, value), 1, 3),
  MSETNX: many(all(key, value), 1, 2),
  RENAME: all(key, key),
  RENAMENX: all(key, key),
  COPY: all(key, key, sometimes(word('REPLACE', 'replace')), sometimes(all(word('DB'), db))),
  MOVE: all(key, db),
  SWAPDB: all(db, db),
  SELECT: db,
  FLUSHDB: sometimes(word('ASYNC', 'SYNC', 'BAD')),
  FLUSHALL: sometimes(word('ASYNC', 'SYNC')),
  DBSIZE: () => [],
  KEYS: word('*', 'a*', 'b'),
  PEXPIRE: all(key, word('100000', '-1', '0', 'x')),
  PERSIST: key,
  PTTL: key,
  TYPE: key,
  BITOP: all(word('AND', 'OR', 'XOR', 'NOT', 'BAD'), many(key, 2, 3)),
  LPUSH: all(key, many(value, 1, 3)),
  RPUSH: all(key, many(value, 1, 3)),
  LPOP: all(key, sometimes(index)),
  RPOP: all(key, sometimes(index)),
  LLEN: key,
  LRANGE: all(key, index, index),
  LMOVE: all(key, key, side, side),
  BLPOP: all(many(key, 1, 3), timeout),
  BRPOP: all(many(key, 1, 2), timeout),
  BLMOVE: all(key, key, side, side, timeout),
  WATCH: many(key, 1, 2),
  UNWATCH: () => [],
  MULTI: () => [],
  EXEC: () => [],
  DISCARD: () => [],
  PING: () => [],
};

const NAMES_OF_COMMANDS = Object.keys(SHAPES);
/** Seldom, or nothing would ever be there. */
const RARE = ['FLUSHALL', 'FLUSHDB', 'SWAPDB', 'DISCARD', 'UNWATCH'];
const OFTEN = ['MULTI', 'EXEC', 'EXEC', 'WATCH', 'LPUSH', 'RPUSH', 'SET', 'LMOVE', 'MSET'];
const BLOCKING = ['BLPOP', 'BRPOP', 'BLMOVE'];

/** One request. `blocking`: blocking pops are wanted, and may wait for long. */
export function randomRequest(random: Random, blocking: boolean): string[] {
  let name = random.below(3) === 0 ? pick(random, OFTEN) : pick(random, NAMES_OF_COMMANDS);
  if (blocking && random.below(4) === 0) name = pick(random, BLOCKING);
  if (RARE.includes(name) && random.below(4) !== 0) name = 'GET';
  const args = SHAPES[name](random);
  if (blocking && BLOCKING.includes(name)) args[args.length - 1] = random.below(30) === 0 ? '-1' : '0';
  if (random.below(60) === 0) args.pop();
  if (random.below(200) === 0) name = 'NOSUCH';
  return [name, ...args];
}
