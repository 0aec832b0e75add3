// String commands with odd inputs: every option in every order that matters, limits of int64, empty and binary strings.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const FAR = '33177117420';

/** What is and what is not an integer to Redis. */
export const INTEGERS: readonly string[] = [
  '0', '1', '-1', '-0', '+1', '00', '01', '-01', '', ' ', ' 1', '1 ', '1.0', '1e3', '0x10', 'abc', '-', '--1', '9', '10',
  '9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740991', '-9007199254740992',
  '9999999999999999', '10000000000000000', '999999999999999', '1000000000000000',
  '9223372036854775806', INT64_MAX, '9223372036854775808', '-9223372036854775807', INT64_MIN, '-9223372036854775809',
  '18446744073709551615', '18446744073709551616', '99999999999999999999', '100000000000000000000', '1\0', '\0',
]; // prettier-ignore

/** Spellings of floating point numbers, good and bad. */
export const FLOATS: readonly string[] = [
  '0', '-0', '+0', '0.0', '-0.0', '1', '+1', '-1', '1.', '.5', '-.5', '+.5', '.', '-', '+', '', ' ', ' 1', '1 ', '\t1',
  '1.5', '0.1', '0.2', '0.3', '10.50', '3.0e3', '5.0e3', '2.0e2', '1e', '1e+', '1e-', '1e5', '1E5', '1e+5', '1e-5', 'e5',
  '1e17', '1e18', '1e19', '1e20', '1e-17', '1e-18', '5e-18', '4.9e-18', '1.5e-17', '2.5e-17', '123456789.123456789',
  '0x10', '0X1F', '0x1p4', '0x1.8p1', '0x.8', '0x', '0x.', '0xp1', '0x1p', '0x1p-3', '-0x1p-70', '0xg', '0x1.fp+3',
  'inf', '+inf', '-inf', 'INF', 'Infinity', '-infinity', 'infinit', 'nan', '-nan', 'NaN', 'nan(1)', 'NAN()',
  '1e308', '1e309', '1e4931', '1e4932', '1.18973149535723176502e4932', '1.2e4932', '1e4933', '-1e4933', '1e99999999999999',
  '1e-4931', '1e-4950', '3.7e-4951', '1.8e-4951', '1e-4952', '1e-99999999999999', '0e99999999999999', '0x1p16383',
  '0x1p16384', '0x1p-16445', '0x1p-16446', '0x1.8p-16446', '0x0p99999999', '9223372036854775807', '9223372036854775808',
  '-9223372036854775808', '18446744073709551615', '18446744073709551616', '18446744073709551617',
  '36893488147419103233', '36893488147419103235', '999999999999999999999999', '0.00000000000000001', '0.000000000000000001',
  '100.1', '1000000.1', '99999999999.99', '3.14159265358979323846264338327950288', 'abc', '1a', '1.5.5', '1,5', '1\0',
  '0001', '-0001.50', '1_000', '1e1.5', '--1', '+-1', '00x1',
]; // prettier-ignore

const SET_TAILS: readonly string[] = [
  '', 'NX', 'XX', 'nx', 'xX', 'GET', 'KEEPTTL', 'NX XX', 'XX NX', 'NX NX', 'NX GET', 'GET NX', 'XX GET', 'GET GET',
  'GET XX KEEPTTL', 'KEEPTTL GET NX', 'EX 10 KEEPTTL', 'KEEPTTL EX 10', 'KEEPTTL KEEPTTL', 'EX', 'PX', 'EXAT', 'PXAT',
  'EX 10 PX 10', 'EX 10 EX 20', 'EX 10 EXAT 20', 'PX 10 PXAT 20', 'PXAT 10 EXAT 10', 'EX NX', 'EX NX 10', 'EX 10 NX',
  'NX EX 10', 'NX EX', 'PERSIST', 'FOO', '""', 'EX 10 FOO', 'NX FOO', 'EX ""', 'GETX', 'G', 'EXA 10', 'IFE v',
]; // prettier-ignore

const GETEX_TAILS: readonly string[] = [
  '', 'PERSIST', 'persist', 'PERSIST PERSIST', 'EX 10 PERSIST', 'PERSIST EX 10', 'NX', 'XX', 'GET', 'KEEPTTL', 'EX',
  'PXAT', 'EX 10 PX 10', 'EX 10 EX 10', 'FOO', 'EX foo', 'EX 0', 'PX 0', 'EXAT 0', 'PXAT 0', 'EX -1', 'PXAT -1', 'PXAT 1',
  'EXAT 1', `EXAT ${FAR}`, `PXAT ${FAR}000`, `EXAT ${INT64_MAX}`, `PXAT ${INT64_MAX}`,
]; // prettier-ignore

function flat(...lists: readonly (readonly Request[])[]): Request[] {
  return lists.flat();
}

const RANGES: readonly string[] = [
  '0', '1', '2', '3', '4', '5', '6', '-1', '-2', '-4', '-5', '-6', '-7', '100', '-100', '4294967296', '-4294967296',
  INT64_MAX, INT64_MIN, '-9223372036854775807', '9223372036854775808', '9007199254740993', 'x', '', '1.5',
]; // prettier-ignore

export const STRING_CASES: readonly Case[] = [
  ['arity', ...'GET SET GETEX GETDEL GETSET SETNX SETEX PSETEX APPEND STRLEN GETRANGE SUBSTR SETRANGE INCR DECR INCRBY DECRBY INCRBYFLOAT LCS MGET MSET MSETNX'
    .split(' ')
    .flatMap((name) => [name, `${name} k`, `${name} k 1`, `${name} k 1 2`, `${name} k 1 2 3`, `${name} k 1 2 3 4`].filter(
      // SETEX and friends with fitting counts set TTLs; they have cases of their own.
      (request) => !/^P?SETEX k 1 2$/.test(request),
    ))],
  ['SET on nothing', ...SET_TAILS.flatMap((tail) => ['DEL k', `SET k v ${tail}`, 'GET k', 'EXISTS k'])],
  ['SET on a string', ...SET_TAILS.flatMap((tail) => ['SET k old', `SET k v ${tail}`, 'GET k', 'EXISTS k'])],
  ['SET on a key with a deadline', ...SET_TAILS.filter((tail) => !/EX \d|PX \d|XAT \d/.test(tail)).flatMap((tail) => [
    `SET k old PXAT ${FAR}123`, `SET k v ${tail}`, 'GET k', 'PEXPIRETIME k',
  ])],
  ['times of SET', ...['EX', 'PX', 'EXAT', 'PXAT'].flatMap((option) => INTEGERS.flatMap((amount): Request[] => [
    'SET k old', ['SET', 'k', 'v', option, amount], 'GET k', 'EXISTS k',
    ['SET', 'k', 'w', option, amount, 'GET'], ['SET', 'k', 'w', 'NX', option, amount], 'GET k',
  ]))],
  ['deadlines of SET', ...[FAR, '9223372036854775', '9007199254741', '9223372036854774', '1', '9223372036854776'].flatMap((at) => [
    `SET k v EXAT ${at}`, 'PEXPIRETIME k', `SET k v PXAT ${at}807`, 'PEXPIRETIME k', 'SET k w KEEPTTL', 'PEXPIRETIME k',
    `GETEX k EXAT ${at}`, 'PEXPIRETIME k', `GETEX k PXAT ${at}807`, 'PEXPIRETIME k', 'GETEX k PERSIST', 'PEXPIRETIME k',
  ])],
  ['deadlines out of reach', `SET k v PX ${INT64_MAX}`, `SET k v EX 9223372036854775`, 'SET k v EX 9223372036854776',
    `SET k v PXAT ${INT64_MAX}`, 'PEXPIRETIME k', 'SETEX k 9223372036854775 v', `PSETEX k ${INT64_MAX} v`, 'GET k',
    'PSETEX k 9223370000000000000 v', 'GETEX k PX 9223372036854775807', 'SETEX k 9223370000000000 v', 'GET k'],
  ['SETEX and PSETEX', ...['SETEX', 'PSETEX'].flatMap((name) => INTEGERS.flatMap((amount): Request[] => [
    'SET k old', [name, 'k', amount, 'v'], 'GET k',
  ]))],
  ['GETEX', ...flat(
    GETEX_TAILS.flatMap((tail) => [`GETEX none ${tail}`, 'EXISTS none']),
    GETEX_TAILS.flatMap((tail) => ['SET k old', `GETEX k ${tail}`, 'GET k', 'EXISTS k']),
    GETEX_TAILS.filter((tail) => !/[EP]X 10/.test(tail)).flatMap((tail) => [`SET k old EXAT ${FAR}`, `GETEX k ${tail}`, 'PEXPIRETIME k']),
  )],
  ['GETDEL GETSET SETNX', 'GETDEL k', 'GETSET k a', 'GETSET k b', 'SETNX k c', 'GETDEL k', 'SETNX k d', 'GETSET k 12', 'GETDEL k',
    `SET k v PXAT ${FAR}1`, 'GETSET k w', 'PEXPIRETIME k', 'SETNX k x', 'GET k', 'SETNX k "" ', 'GETSET "" ""', 'GETDEL ""'],
  ['APPEND', 'APPEND k ""', 'EXISTS k', 'GET k', 'APPEND k 1', 'APPEND k 2', 'INCR k', 'APPEND k ""', 'GET k', 'INCR k',
    'APPEND k "\\x00\\xff"', 'STRLEN k', 'GET k', `SET e v PXAT ${FAR}5`, 'APPEND e w', 'PEXPIRETIME e', 'GET e',
    ...Array.from({ length: 60 }, (_, i): Request => ['APPEND', 'long', 'x'.repeat(i * 7)]), 'STRLEN long', 'GET long'],
  ['GETRANGE', ...['', 'a', 'hello', '1234567'].flatMap((value) => [
    ['SET', 'k', value] as Request,
    ...RANGES.flatMap((start) => RANGES.map((end): Request => ['GETRANGE', 'k', start, end])),
  ]), 'GETRANGE none 0 -1', 'SUBSTR k 1 -2', 'SUBSTR none x 0'],
  ['SETRANGE', ...RANGES.filter((at) => !/^\d{6,}$/.test(at)).flatMap((at): Request[] => [
    ['SETRANGE', 'none', at, ''], 'EXISTS none', ['SETRANGE', 'k', at, 'ab'], 'GET k', ['SETRANGE', 'k', at, ''],
    'SET i 12345', ['SETRANGE', 'i', at, 'X'], 'GET i', 'DEL none',
  ]), 'SETRANGE k 536870911 ab', 'SETRANGE k 536870912 a', 'SETRANGE k 536870912 ""', `SETRANGE k ${INT64_MAX} a`,
    `SETRANGE none ${INT64_MAX} ""`, 'SETRANGE none 4294967296 a', 'SETRANGE none 9007199254740993 a', 'EXISTS none',
    `SET e vvv PXAT ${FAR}5`, 'SETRANGE e 1 w', 'PEXPIRETIME e', 'GET e'],
  ['INCR of every spelling', ...INTEGERS.flatMap((value): Request[] => [
    ['SET', 'k', value], 'INCR k', ['SET', 'k', value], 'DECR k', 'GET k', 'DEL k', ['APPEND', 'k', value], 'INCR k',
  ])],
  ['INCRBY of every pair', ...INTEGERS.flatMap((value) => INTEGERS.flatMap((by): Request[] => [
    ['SET', 'k', value], ['INCRBY', 'k', by], ['SET', 'k', value], ['DECRBY', 'k', by],
  ]))],
  ['INCR of nothing', ...INTEGERS.flatMap((by): Request[] => ['DEL k', ['INCRBY', 'k', by], 'GET k', 'DEL k', ['DECRBY', 'k', by], 'GET k'])],
  ['INCR keeps a deadline', `SET k 5 PXAT ${FAR}1`, 'INCR k', 'PEXPIRETIME k', 'INCRBYFLOAT k 1.5', 'PEXPIRETIME k', 'GET k'],
  ['INCRBYFLOAT of every spelling', ...FLOATS.flatMap((value): Request[] => [
    ['SET', 'k', value], 'INCRBYFLOAT k 0', ['SET', 'k', value], 'INCRBYFLOAT k 1.25', 'GET k', 'DEL k',
    ['INCRBYFLOAT', 'k', value], 'GET k', ['SET', 'k', value], ['INCRBYFLOAT', 'k', value], ['INCRBYFLOAT', 'k', value],
  ])],
  ['INCRBYFLOAT with long texts', ['SET', 'k', '1'.repeat(5119)], 'INCRBYFLOAT k 1', ['SET', 'k', '0'.repeat(5119)],
    'INCRBYFLOAT k 1', ['SET', 'k', '0'.repeat(5120)], 'INCRBYFLOAT k 1', ['INCRBYFLOAT', 'n', `0.${'3'.repeat(5117)}`],
    ['INCRBYFLOAT', 'n', `0.${'0'.repeat(4900)}1`], ['INCRBYFLOAT', 'm', `1${'0'.repeat(4931)}`], 'INCRBYFLOAT m 1e4900',
    'INCRBYFLOAT m -1e-4900', 'STRLEN m'],
  ['LCS', 'MSET a ohmytext b mynewtext', 'LCS a b', 'LCS a b LEN', 'LCS a b IDX', 'LCS a b IDX WITHMATCHLEN',
    'LCS a b IDX MINMATCHLEN 4', 'LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN', 'LCS a b idx minmatchlen 5', 'LCS a b MINMATCHLEN 2',
    'LCS a b LEN MINMATCHLEN 2', 'LCS a b LEN WITHMATCHLEN', 'LCS a b LEN IDX', 'LCS a b IDX LEN FOO', 'LCS a b FOO',
    'LCS a b MINMATCHLEN', 'LCS a b IDX MINMATCHLEN x', 'LCS a b IDX MINMATCHLEN -5', `LCS a b IDX MINMATCHLEN ${INT64_MAX}`,
    'LCS a a IDX', 'LCS a none', 'LCS none none IDX', 'LCS none none LEN', 'MSET n 12345 m 2345', 'LCS n m IDX WITHMATCHLEN',
    'LCS n m', 'LCS m n IDX', 'MSET x ABCBDAB y BDCABA', 'LCS x y', 'LCS y x', 'LCS x y IDX WITHMATCHLEN', 'LCS y x IDX WITHMATCHLEN',
    'MSET x "" y abc', 'LCS x y', 'LCS x y IDX', 'MSET x abc y xyz', 'LCS x y', 'LCS x y IDX', 'LCS x y LEN'],
  ['LCS too large', ['SET', 'a', 'x'.repeat(20000)], ['SET', 'b', 'y'.repeat(20000)], 'LCS a b', 'LCS a b LEN FOO', 'LCS a b LEN IDX',
    'SETRANGE c 2000000 x', 'LCS c none LEN', 'LCS c c', 'LCS none c IDX', 'DEL c'],
  ['MGET MSET MSETNX', 'MGET a', 'MGET a a a', 'MSET a 1 b two c ""', 'MGET a b c d a', 'MSET a 1 b', 'MSET a', 'MSET a 1 a 2 a 3',
    'GET a', 'MSETNX a 1 z 2', 'EXISTS z', 'MSETNX y 1 z 2 y 3', 'MGET y z', 'MSETNX y', 'MSETNX y 1 z', `SET t v PXAT ${FAR}1`,
    'MSET t w', 'PEXPIRETIME t', ['MSET', '\0', '\xff', '', 'empty'], ['MGET', '\0', '']],
]; // prettier-ignore
