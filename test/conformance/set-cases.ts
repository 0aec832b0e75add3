// Set commands with odd inputs: every option, numbers in every spelling, empty and binary members, long ones, sources that
// are missing, of another type, or given more than once.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const LONG = 'L'.repeat(9000);
const SHOW = 'SMEMBERS k';

/** Counts and cursors, good and bad. */
const NUMBERS: readonly string[] = [
  '0', '1', '2', '5', '-1', '-2', '100', '4294967296', INT64_MAX, '-9223372036854775807', INT64_MIN, '9223372036854775808',
  '18446744073709551615', '18446744073709551616', '9007199254740993', 'x', '', '1.5', '+1', ' 1', '01', '-0', '0x1',
]; // prettier-ignore

/** Cursors of which Redis has thought the same in all versions. */
const CURSORS: readonly string[] = ['0', 'x', '1x', '1.5', '18446744073709551616', '0x1'];

const NAMES =
  'SADD SREM SISMEMBER SMISMEMBER SCARD SMEMBERS SPOP SRANDMEMBER SMOVE SSCAN SINTER SINTERCARD SINTERSTORE SUNION SUNIONSTORE SDIFF SDIFFSTORE'.split(
    ' ',
  );
const READS = ['SINTER', 'SUNION', 'SDIFF'];
const STORES = ['SINTERSTORE', 'SUNIONSTORE', 'SDIFFSTORE'];

const FILL: readonly Request[] = ['DEL k', ['SADD', 'k', 'a', 'b', '12', LONG, '', '-7']];

/** Sets of every form that overlap: few and many numbers, few and many words, long members, both kinds. */
const SETS: readonly (readonly [key: string, members: readonly string[]])[] = [
  ['i1', ['1', '2', '3', '40000', '-5000000000', INT64_MAX]],
  ['i2', ['2', '3', '4', '40000', INT64_MAX, INT64_MIN]],
  ['imany', Array.from({ length: 700 }, (_, i) => String(i))],
  ['ihalf', Array.from({ length: 300 }, (_, i) => String(2 * i))],
  ['w1', ['a', 'b', 'c', '', '2', LONG]],
  ['w2', ['b', 'c', 'd', '3', '2', '02']],
  ['wmany', Array.from({ length: 300 }, (_, i) => `word ${i}`).concat('1', '2', 'b', LONG)],
  ['one', ['b']],
];
const MAKE: readonly Request[] = SETS.map(([key, members]): Request => ['SADD', key, ...members]);
const KEYS = [...SETS.map(([key]) => key), 'none'];

export const SET_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['', ' k', ' k 1', ' k 1 2', ' k 1 2 3', ' k 1 k 3 4', ' k 0 COUNT 1 MATCH'].map((rest) => name + rest)), SHOW, 'SMEMBERS 1'],
  ['wrong type', 'SET s v', 'RPUSH l a', 'SADD k a', ...NAMES.filter((name) => name !== 'SSCAN').flatMap((name) => ['s', 's a', 's 1', 's -1', 's x', 's 0', 's k', 'k s', 's s', 's l', 'none s', 's none', 's k a', 'k s a',
    'k s zz', 's s a', 'none s a', 's none a', 'none none a', 's 0 COUNT x', 's x COUNT 1', 's 0 FOO', 'none s k', 'k none s', '1 s', '2 none s', '2 s none LIMIT 1', '2 k s LIMIT -1', '2 k s LIMIT 1']
    .filter((rest) => !STORES.includes(name) || !rest.startsWith('k ')).map((rest) => `${name} ${rest}`)), 'TYPE s', 'TYPE l', SHOW, 'GET k', 'LLEN k', 'INCR k', 'APPEND k x', 'SET k v', 'SCARD k', 'SSCAN s 0', 'SSCAN s 0 COUNT x', 'SSCAN s x', 'SSCAN s 0 FOO'],
  ['nothing there', ...NAMES.filter((name) => name !== 'SADD' && name !== 'SSCAN').flatMap((name) => ['none', 'none a', 'none 0', 'none 1', 'none -1', 'none x', 'none none', 'none none a', 'none 0 COUNT 5', 'none 0 COUNT x',
    'none 0 FOO', 'none x FOO', '1 none', '2 none none LIMIT 0'].map((rest) => `${name} ${rest}`)), 'SSCAN none 0 COUNT 5', 'SSCAN none 0 COUNT x',
    'SSCAN none 0 FOO', 'SSCAN none x FOO', 'EXISTS none'],
  ['members', 'SADD k a', 'SADD k a b c a', 'SADD k 1 2 3', SHOW, 'SCARD k', 'SREM k a x', 'SREM k a', 'SISMEMBER k b', 'SISMEMBER k B', 'SMISMEMBER k a b c d 1 01', 'SREM k b c 1 2 3 b',
    'EXISTS k', 'SADD "" ""', 'SMEMBERS ""', ['SADD', 'bin', '\0', '\xff\r\n', '', ' ', '\0\0'], 'SMEMBERS bin', ['SISMEMBER', 'bin', '\0'], ['SREM', 'bin', '\0', '\0\0'], 'SCARD bin',
    'SADD n 1 2 3', 'SADD n 3 4 x', 'SMEMBERS n', 'SREM n x', 'SMEMBERS n', 'SADD n 5', 'SREM n 1 2 3 4 5 6', 'EXISTS n'],
  ['integers in every spelling', ['SADD', 'k', ...INTEGERS], SHOW, 'SCARD k', ...INTEGERS.flatMap((value): Request[] => [
    ['SISMEMBER', 'k', value], ['SADD', 'one', value], ['SISMEMBER', 'one', value], 'SMEMBERS one', ['SREM', 'one', value], 'EXISTS one', ['SADD', 'n', '1', '70000', '-5000000000'],
    ['SADD', 'n', value], ['SMISMEMBER', 'n', ...INTEGERS], ['SREM', 'k', value], ['SADD', 'k', value],
  ]), SHOW, 'SMEMBERS n'],
  ['lengths of members', ...[0, 1, 62, 63, 64, 65, 127, 128, 255, 256, 257, 4095, 4096, 20000, 70000].flatMap((length): Request[] => [
    ['SADD', 'k', 'e'.repeat(length)], ['SADD', 'one', 'f'.repeat(length)], ['SISMEMBER', 'one', 'f'.repeat(length)], ['SMOVE', 'one', 'k', 'f'.repeat(length)], 'SCARD k', 'EXISTS one',
  ]), SHOW],
  ['growing', ...Array.from({ length: 40 }, (_, i): Request => ['SADD', 'k', ...Array.from({ length: 17 }, (__, j) => `m${i * 11 + j}`)]), 'SCARD k', SHOW,
    ...Array.from({ length: 40 }, (_, i): Request => ['SREM', 'k', ...Array.from({ length: 13 }, (__, j) => `m${i * 11 + j}`)]), 'SCARD k', SHOW],
  ['SPOP and SRANDMEMBER with counts', ...NUMBERS.filter((n) => !/^-\d/.test(n) && n !== '1' && n !== '2' && n !== '5').flatMap((n): Request[] => [...FILL, ['SPOP', 'k', n], SHOW, 'EXISTS k', ['SPOP', 'none', n]]),
    ...NUMBERS.filter((n) => !['1', '2', '5', '-1', '-2', '-9223372036854775807'].includes(n)).flatMap((n): Request[] => [...FILL, ['SRANDMEMBER', 'k', n], ['SRANDMEMBER', 'none', n], SHOW]), ...FILL,
    'SPOP k -1', 'SPOP k -5', `SPOP k ${INT64_MIN}`, 'SPOP k 1 2', 'SPOP k x y', 'SRANDMEMBER k 1 2', 'SRANDMEMBER k x y', 'SRANDMEMBER none -9223372036854775807', 'SPOP none -1',
    'DEL k', 'SADD k a', 'SPOP k', 'EXISTS k', 'SADD k a', 'SRANDMEMBER k', 'SRANDMEMBER k -3', 'SRANDMEMBER k 1', 'SPOP k 1', 'EXISTS k', 'SADD k 7', 'SPOP k', 'SADD k 7', 'SRANDMEMBER k -2', 'SPOP k 1',
    'SPOP k', 'SPOP k 3', 'SRANDMEMBER k', 'SRANDMEMBER k 3', 'SRANDMEMBER k -3'],
  ['SMOVE', ...FILL, 'SMOVE k to a', 'SMOVE k to a', 'SMOVE k k b', 'SMOVE k k zz', 'SMOVE k to 12', 'SMOVE k to ""', 'SMEMBERS to', SHOW, 'SADD to b', 'SMOVE k to b', ['SMOVE', 'k', 'to', LONG], 'SMOVE k to -7',
    'EXISTS k', 'SMEMBERS to', 'SMOVE none to a', 'SMOVE to none b', 'SMEMBERS none', 'SET s v', 'SMOVE s to a', 'SMOVE to s a', 'SMOVE to s zz', 'SMOVE gone s a', 'SADD n 1 2', 'SMOVE n n2 1', 'SMEMBERS n2',
    'SMOVE n n2 2', 'EXISTS n', 'SMOVE n2 to 1', 'SMOVE to n2 b', 'SMEMBERS n2'],
  ['SSCAN', 'SADD k 1 2 3 10 20', ...NUMBERS.flatMap((n): Request[] => [['SSCAN', 'k', '0', 'COUNT', n], ['SSCAN', 'none', '0', 'COUNT', n]]),
    ...CURSORS.flatMap((n): Request[] => [['SSCAN', 'k', n, 'COUNT', '100'], ['SSCAN', 'none', n]]), 'SSCAN k 0 MATCH 1*', 'SSCAN k 0 MATCH *', 'SSCAN k 0 MATCH', 'SSCAN k 0 COUNT', 'SSCAN k 0 MATCH [23] COUNT 1', 'SSCAN k 0 COUNT 100 MATCH x',
    'SSCAN k 0 MATCH a MATCH 2', 'SSCAN k 0 FOO 1', 'SSCAN k 0 TYPE set', 'SSCAN k 0 match ?0 count 3', 'SSCAN k 0 COUNT 1 x'],
  ...READS.map((name): Case => [name, ...MAKE, ...KEYS.flatMap((a) => [`${name} ${a}`, ...KEYS.flatMap((b) => [`${name} ${a} ${b}`, ...['i1', 'none'].map((c) => `${name} ${a} ${b} ${c}`)])]),
    `${name} ${KEYS.slice(0, 8).join(' ')}`, `${name} w1 w2 wmany one w1 w2`, `${name} wmany w1 wmany`, `${name} imany imany`]),
  ...STORES.map((name): Case => [name, ...MAKE, ...KEYS.flatMap((a) => [`${name} d ${a}`, 'SMEMBERS d', ...KEYS.flatMap((b) => [`${name} d ${a} ${b}`, 'SMEMBERS d'])]), `${name} d i1 i2 imany`, 'SMEMBERS d',
    'SET d v EX 1000', `${name} d i1`, 'TTL d', 'TYPE d', 'SET d v', `${name} d none`, 'EXISTS d', `${name} w1 w1 w2`, 'SMEMBERS w1', `${name} w2 w1 w2`, 'SMEMBERS w2', `${name} one none none`, 'EXISTS one', `${name} imany imany ihalf i1`, 'SMEMBERS imany',
    'SET s v', `${name} d s`, `${name} d none s`, `${name} s i1 i2`, 'TYPE s', `${name} i1 i1`, 'SMEMBERS i1']),
  ['SINTERCARD', ...MAKE, ...KEYS.flatMap((a) => KEYS.flatMap((b) => [`SINTERCARD 2 ${a} ${b}`, `SINTERCARD 2 ${a} ${b} LIMIT 2`, `SINTERCARD 3 ${a} ${b} i1 LIMIT 1`])), ...NUMBERS.flatMap((n): Request[] => [['SINTERCARD', n, 'imany', 'ihalf'],
    ['SINTERCARD', '2', 'imany', 'ihalf', 'LIMIT', n]]), 'SINTERCARD 1 i1', 'SINTERCARD 1 i1 i2', 'SINTERCARD 1 i1 LIMIT', 'SINTERCARD 1 i1 LIMIT 1 LIMIT 2', 'SINTERCARD 1 i1 FOO 1', 'SINTERCARD 2 i1 LIMIT 1', 'SINTERCARD 2 i1 i2 limit 1',
    'SINTERCARD 3 i1 LIMIT 1', 'SINTERCARD 4 i1 LIMIT 1', 'SET s v', 'SINTERCARD 2 none s', 'SINTERCARD 1 s LIMIT -1', 'SINTERCARD 1 s FOO'],
  ['deadlines', 'SADD k a b c', 'PEXPIREAT k 33177117420123', 'SADD k x', 'SREM k a', 'PEXPIRETIME k', 'SMOVE k to b', 'PEXPIRETIME k', 'PEXPIRETIME to', 'RENAME k n', 'PEXPIRETIME n', 'COPY n m', 'PEXPIRETIME m', 'SUNIONSTORE m n to', 'PEXPIRETIME m',
    'SUNIONSTORE n n', 'PEXPIRETIME n', 'PEXPIREAT m 1', 'EXISTS m', 'SADD m 1', 'PEXPIRETIME m', 'PEXPIREAT to 33177117420123', 'SINTERSTORE to to none', 'EXISTS to', 'PEXPIREAT n 33177117420123', 'SPOP n 100', 'SADD n 1', 'PEXPIRETIME n'],
  ['any type', ...FILL, 'TYPE k', 'OBJECT REFCOUNT k', 'RENAME k n', 'SMEMBERS n', 'COPY n m', 'COPY n m', 'SADD m x', 'SMEMBERS n', 'SMEMBERS m', 'COPY m n REPLACE', 'SMEMBERS n', 'MOVE n 1', 'MOVE m 1', 'EXISTS m', 'SCAN 0 TYPE set COUNT 100', ...MAKE,
    ...SETS.flatMap(([key]) => [`COPY ${key} c REPLACE`, 'SMEMBERS c', 'SCARD c', `RENAME ${key} r`, 'SMEMBERS r', 'DEL r']), 'DBSIZE', 'DEL c', 'UNLINK k', 'DBSIZE'],
]; // prettier-ignore
