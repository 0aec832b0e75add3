// Hash commands with odd inputs: every bound and option, empty and binary fields, integers in every spelling, values that
// are too long for a packed hash.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { FLOATS, INTEGERS } from './string-cases.js';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const LONG = 'L'.repeat(65);

const NAMES =
  'HSET HMSET HSETNX HGET HMGET HGETALL HKEYS HVALS HLEN HEXISTS HDEL HSTRLEN HINCRBY HINCRBYFLOAT HRANDFIELD HSCAN'.split(
    ' ',
  );

const FILL: readonly Request[] = ['DEL k', ['HSET', 'k', 'a', '1', 'b', 'two', '12', '', '', 'empty', 'n', '-5']];
/** What a hash holds, whatever its order. */
const SHOW: readonly Request[] = ['HMGET k a b 12 "" n x 012 c', 'HLEN k', 'EXISTS k'];

function each(values: readonly string[], make: (value: string) => readonly Request[]): Request[] {
  return values.flatMap((value) => [...FILL, ...make(value), ...SHOW]);
}

export const HASH_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['DEL k', ...['', ' k', ' k 1', ' k 1 2', ' k 1 2 3', ' k 1 2 3 4', ' k 1 2 3 4 5']
    .map((rest) => name + rest), 'HLEN k', 'HMGET k 1 2 3 4'])],
  ['wrong type', 'SET s v', ...NAMES.flatMap((name) => ['s', 's 1', 's a', 's 0', 's a 1', 's a x', 's a 1 b 2', 's x y z', 's 1 WITHVALUES', 's 2 x'].map((rest) =>
    `${name} ${rest}`)), 'HSET h a 1', 'GET h', 'INCR h', 'APPEND h x', 'STRLEN h', 'MGET h s', 'TYPE h', 'SET h v', 'HLEN h', 'HSET h a 1', 'DEL h', 'HSET h a 1', 'HLEN h'],
  ['nothing there', ...['HGET none a', 'HMGET none a b', 'HGETALL none', 'HKEYS none', 'HVALS none', 'HLEN none', 'HEXISTS none a', 'HDEL none a b', 'HSTRLEN none a',
    'HRANDFIELD none', 'HRANDFIELD none 3', 'HRANDFIELD none -3', 'HRANDFIELD none 0', 'HRANDFIELD none 3 WITHVALUES', 'HRANDFIELD none x', 'HRANDFIELD none 3 x', 'HSCAN none 0',
    'HSCAN none 5', 'HSCAN none 0 COUNT x', 'HSCAN none x', 'HSCAN none 0 FOO'], 'EXISTS none'],
  ['setting', 'HSET k a 1', 'HSET k a 2 b 3 a 4', 'HMSET k c 5 a 6', 'HSETNX k d 7', 'HSETNX k a 8', ['HSET', 'k', '', ''], ['HSET', 'k', '\0', '\xff\r\n', ' ', '\0\0'],
    'HMGET k a b c d "" " "', ['HGET', 'k', '\0'], 'HLEN k', 'HSTRLEN k ""', 'HEXISTS k ""', 'HSET k a', 'HMSET k a', 'HSET k a 1 b', 'HMSET k a 1 b', 'HSET none a 1 b', 'EXISTS none',
    'HSETNX n a 1', 'HLEN n'],
  ['integers in every spelling', ...INTEGERS.flatMap((value): Request[] => [['HSET', 'k', value, value], ['HGET', 'k', value], ['HSTRLEN', 'k', value], ['HEXISTS', 'k', value]]), 'HLEN k',
    ...INTEGERS.map((value): Request => ['HGET', 'k', value]), ...INTEGERS.map((value): Request => ['HDEL', 'k', value]), 'EXISTS k'],
  ['lengths of fields and values', ...[0, 1, 20, 62, 63, 64, 65, 127, 128, 255, 256, 257, 4094, 4095, 4096, 70000].flatMap((length): Request[] => [
    ['HSET', `v${length}`, 'f', 'v'.repeat(length), 'g', '1'], ['HGET', `v${length}`, 'f'], ['HSTRLEN', `v${length}`, 'f'], ['OBJECT', 'ENCODING', `v${length}`],
    ['HSET', `f${length}`, 'f'.repeat(length), 'v', 'g', '1'], ['HGET', `f${length}`, 'f'.repeat(length)], ['OBJECT', 'ENCODING', `f${length}`], ['HDEL', `f${length}`, 'f'.repeat(length)],
    ['OBJECT', 'ENCODING', `f${length}`], ['HSETNX', `n${length}`, 'f', 'v'.repeat(length)], ['OBJECT', 'ENCODING', `n${length}`], ['HSET', 'k', 'one', 'w'.repeat(length)], 'HGET k one',
    'OBJECT ENCODING k', ['HINCRBY', `i${length}`, 'f'.repeat(length), '1'], ['OBJECT', 'ENCODING', `i${length}`],
  ])],
  ['growing and shrinking a value', ...[1, 60, 5, 64, 0, 3000, 10, 200, 199, 20000, 1].flatMap((length): Request[] => [['HSET', 'k', 'f', 'v'.repeat(length), 'g', 'w'.repeat(length % 60)], 'HGET k f',
    'HGET k g', 'OBJECT ENCODING k'])],
  ['deleting', ...each(['a', 'b', '12', '012', '', 'x', 'n'], (field) => [['HDEL', 'k', field], ['HDEL', 'k', field, 'a', 'a', 'x', field]]), ...FILL, 'HDEL k a b 12 "" n x', 'EXISTS k', ...FILL,
    'HDEL k a a a', 'HDEL k n b 12 ""', 'EXISTS k', 'HSET k a 1', ...SHOW],
  ['HINCRBY', ...each(INTEGERS, (n) => [['HINCRBY', 'k', 'a', n], ['HINCRBY', 'k', 'n', n], ['HINCRBY', 'k', 'b', n], ['HINCRBY', 'k', '', n], ['HINCRBY', 'k', 'x', n], ['HINCRBY', 'new', 'x', n],
    'HGET new x', 'DEL new']), ...INTEGERS.flatMap((value) => INTEGERS.filter((_, i) => i % 3 === 0).flatMap((n): Request[] => [['HSET', 'k', 'v', value], ['HINCRBY', 'k', 'v', n], 'HGET k v'])),
    `HSET k v ${INT64_MAX}`, 'HINCRBY k v 1', 'HINCRBY k v -1', `HSET k v ${INT64_MIN}`, 'HINCRBY k v -1', 'HINCRBY k v 1', 'HGET k v', `HINCRBY k v ${INT64_MAX}`, 'OBJECT ENCODING k'],
  ['HINCRBYFLOAT', ...each(FLOATS, (n) => [['HINCRBYFLOAT', 'k', 'a', n], ['HINCRBYFLOAT', 'k', 'n', n], ['HINCRBYFLOAT', 'k', 'b', n], ['HINCRBYFLOAT', 'k', '', n], ['HINCRBYFLOAT', 'k', 'x', n],
    ['HINCRBYFLOAT', 'new', 'x', n], 'HGET new x', 'DEL new']), ...FLOATS.flatMap((value) => FLOATS.filter((_, i) => i % 9 === 0).flatMap((n): Request[] => [['HSET', 'k', 'v', value],
    ['HINCRBYFLOAT', 'k', 'v', n], 'HGET k v']))],
  ['HRANDFIELD', 'HSET k a 1', 'HRANDFIELD k', ...['0', '1', '2', '-1', '-3', '1 WITHVALUES', '2 withvalues', '-2 WITHVALUES', '0 WITHVALUES', 'x', '1 x', '1 WITHVALUES x', 'x x', '1.5', '',
    INT64_MIN, '9223372036854775808', INT64_MAX, `${INT64_MAX} WITHVALUES`, '4611686018427387903 WITHVALUES', '4611686018427387904 WITHVALUES', '-4611686018427387905 WITHVALUES', `${INT64_MIN} WITHVALUES`,
    '01', '+1'].map((rest) => `HRANDFIELD k ${rest}`)],
  ['deadlines of keys', 'HSET k a 1', 'PEXPIREAT k 33177117420123', 'HSET k a 2 b 3', 'HSETNX k c 4', 'HINCRBY k a 5', 'HINCRBYFLOAT k a 0.5', 'HDEL k b', ['HSET', 'k', 'long', LONG], 'PEXPIRETIME k',
    'RENAME k n', 'PEXPIRETIME n', 'COPY n m', 'PEXPIRETIME m', 'HMGET m a b c long', 'PERSIST n', 'PEXPIRETIME n', 'HDEL n a c long', 'EXISTS n', 'HSET n a 1', 'PEXPIRETIME n'],
  ['other commands on hashes', 'HSET k a 1 b 2', 'TYPE k', 'OBJECT ENCODING k', 'COPY k k2', 'HSET k a 9', 'HGET k2 a', 'OBJECT ENCODING k2', 'RENAME k k2', 'HGET k2 a', 'EXISTS k', 'HMGET k2 a b', 'RENAMENX k2 k',
    'HMGET k a b', 'COPY k k3', 'COPY k k3 REPLACE', 'DEL k k3', 'EXISTS k3', ['HSET', 'k', 'a', LONG], 'OBJECT ENCODING k', 'COPY k k2', 'HDEL k a', 'HSTRLEN k2 a', 'OBJECT ENCODING k2', 'UNLINK k2', 'DBSIZE',
    'HSET k a 1', 'SET k v', 'GET k', 'SCAN 0 TYPE hash', 'HSET h a 1', 'SCAN 0 TYPE hash'],
]; // prettier-ignore

/** The order of a packed hash is that of its making: these replies are the same to the byte. */
export const PACKED_HASH_CASES: readonly Case[] = [
  ['HSCAN', 'HSET k a 1 b 2 c 3 12 4', ...['0', '1', '99999', 'x', '1.5', '', ' 0', '+0', '18446744073709551615', '18446744073709551616', '0 MATCH *', '0 MATCH a', '0 MATCH [ab]', '0 MATCH 1*',
    '0 MATCH z', '0 COUNT 1', '0 COUNT 0', '0 COUNT -1', '0 COUNT x', '0 COUNT', '0 MATCH', '0 FOO', '0 FOO 1', '0 MATCH a COUNT 1 MATCH b', '0 TYPE hash', '0 COUNT 9223372036854775807'
  ].map((rest) => `HSCAN k ${rest}`)],
  ['order', 'HSET k c 1 a 2 b 3', 'HGETALL k', 'HKEYS k', 'HVALS k', 'HSET k a 9 d 4', 'HGETALL k', 'HDEL k c', 'HGETALL k', 'HSET k c 5', 'HGETALL k', 'HINCRBY k b 100000', 'HGETALL k', 'HSCAN k 0',
    'HSCAN k 0 MATCH [bc]', 'HRANDFIELD k 9', 'HRANDFIELD k 9 WITHVALUES', 'HRANDFIELD k 4 WITHVALUES', ['HSET', 'k', '', '', '12', '12'], 'HGETALL k', 'COPY k k2', 'HGETALL k2', 'RENAME k2 k3', 'HVALS k3'],
  ['nothing to give', 'HGETALL none', 'HKEYS none', 'HVALS none', 'HSCAN none 0', 'HRANDFIELD none', 'HRANDFIELD none 1', 'HGET none a', 'HMGET none a b', 'HSET k a 1', 'HGET k b', 'HMGET k b a'],
]; // prettier-ignore
