// List commands with odd inputs: every bound and option, empty and binary elements, integers in every spelling, elements
// that need a node of their own.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const LONG = 'L'.repeat(9000);

/** Indices and counts, good and bad. */
const NUMBERS: readonly string[] = [
  '0', '1', '2', '4', '5', '6', '7', '-1', '-2', '-5', '-6', '-7', '100', '-100', '4294967296', '-4294967296', INT64_MAX,
  '-9223372036854775807', INT64_MIN, '9223372036854775808', '9007199254740993', 'x', '', '1.5', '+1', ' 1', '01',
]; // prettier-ignore

const NAMES =
  'LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LLEN LINDEX LINSERT LPOS LRANGE LREM LSET LTRIM LMPOP LMOVE RPOPLPUSH'.split(
    ' ',
  );

/** A list of six, one of them long, in `k`. */
const FILL: readonly Request[] = ['DEL k', ['RPUSH', 'k', 'a', 'b', '12', LONG, 'a', '']];
const SHOW = 'LRANGE k 0 -1';

function each(values: readonly string[], make: (value: string) => readonly Request[]): Request[] {
  return values.flatMap((value) => [...FILL, ...make(value), SHOW]);
}

export const LIST_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['', ' k', ' k 1', ' k 1 2', ' k 1 2 3', ' k 1 2 3 4', ' k 1 2 3 4 5', ' 1 k LEFT COUNT 1 COUNT']
    .map((rest) => name + rest)), 'LRANGE k 0 -1', 'LRANGE 1 0 -1'],
  ['wrong type', 'SET s v', ...NAMES.flatMap((name) => ['s', 's 1', 's a', 's 0 1', 's BEFORE a b', 's s', 's s LEFT RIGHT', 's 0 a', 's a RANK 0',
    's -1', 's x', 's x 1', 's 1 x'].map((rest) => `${name} ${rest}`)), 'LMPOP 1 s LEFT', 'LMPOP 2 none s RIGHT COUNT 3', 'RPUSH k a b',
    'LMPOP 2 k s LEFT', 'RPOPLPUSH k s', 'RPOPLPUSH s k', 'LMOVE none s LEFT LEFT', 'LMOVE k s LEFT RIGHT', 'LMOVE s none LEFT RIGHT',
    SHOW, 'GET s', 'INCR k', 'GET k', 'APPEND k x', 'MGET k s', 'SET k v', 'LLEN k', 'GET k'],
  ['nothing there', ...NAMES.flatMap((name) => ['none', 'none 0', 'none 1', 'none a', 'none 0 1', 'none BEFORE a b', 'none none LEFT RIGHT', 'none 0 a',
    'none x', 'none -1', 'none x 1', 'none 1 x'].filter((rest) => !(/PUSH$/.test(name) && name !== 'RPOPLPUSH' && rest !== 'none')).map((rest) => `${name} ${rest}`)),
    'LMPOP 1 none LEFT', 'LMPOP 2 none none RIGHT COUNT 3', 'LPOS none a COUNT 0', 'LPOS none a COUNT 1 RANK 2', 'EXISTS none'],
  ['pushing', 'LPUSH k a', 'LPUSH k b c d', 'RPUSH k e', 'RPUSH k f g h', 'LPUSHX k i j', 'RPUSHX k l m', 'LPUSHX n a', 'RPUSHX n a', SHOW,
    'LLEN k', 'LPUSH "" ""', 'LRANGE "" 0 -1', ['RPUSH', 'bin', '\0', '\xff\r\n', '', ' ', '\0\0'], 'LRANGE bin 0 -1', 'LPOP bin', 'RPOP bin', 'LLEN bin',
    ['RPUSH', 'k', ...Array.from({ length: 300 }, (_, i) => `item-${i}`)], 'LLEN k', SHOW],
  ['integers in every spelling', ['RPUSH', 'k', ...INTEGERS], SHOW, ...INTEGERS.flatMap((value): Request[] => [
    ['LPOS', 'k', value], ['LPOS', 'k', value, 'COUNT', '0'], ['LREM', 'k', '1', value], ['LPUSH', 'k', value], 'LINDEX k 0', ['RPUSH', 'k', value], 'LINDEX k -1',
  ]), SHOW],
  ['lengths of elements', ...[0, 1, 62, 63, 64, 127, 128, 4094, 4095, 4096, 8180, 8190, 8191, 8192, 8193, 8200, 20000, 70000].flatMap((length): Request[] => [
    ['RPUSH', 'k', 'e'.repeat(length)], ['LPUSH', 'k', 'f'.repeat(length)], 'LINDEX k 0', 'LINDEX k -1', ['LPOS', 'k', 'e'.repeat(length)], 'LLEN k',
  ]), SHOW, 'LPOP k 7', 'RPOP k 9', 'RPOPLPUSH k k', 'LMOVE k k LEFT RIGHT', SHOW],
  ['popping', ...each(NUMBERS, (n) => [['LPOP', 'k', n], ['RPOP', 'k', n]]), ...FILL, 'LPOP k', 'RPOP k', 'LPOP k', 'RPOP k', 'LPOP k', 'RPOP k',
    'LPOP k', 'EXISTS k', ...FILL, 'LPOP k 6', 'EXISTS k', ...FILL, 'RPOP k 5', SHOW, 'LPOP k 0', 'LPOP none 0', 'RPOP none 0'],
  ['LINDEX', ...FILL, ...NUMBERS.map((n): Request => ['LINDEX', 'k', n])],
  ['LRANGE', ...FILL, ...NUMBERS.flatMap((start) => NUMBERS.map((stop): Request => ['LRANGE', 'k', start, stop]))],
  ['LTRIM', ...NUMBERS.flatMap((start) => NUMBERS.filter((_, i) => i % 2 === 0).flatMap((stop): Request[] => [
    ...FILL, ['LTRIM', 'k', start, stop], SHOW, 'EXISTS k',
  ]))],
  ['LSET', ...each(NUMBERS, (n) => [['LSET', 'k', n, 'new'], ['LSET', 'k', n, LONG], ['LSET', 'k', n, '7']]), 'LSET none 0 a', 'LSET none x a'],
  ['LREM', ...each(NUMBERS, (n) => [['LREM', 'k', n, 'a']]), ...each(['a', 'b', '12', '012', '', LONG, 'zz'], (value) => [['LREM', 'k', '0', value],
    ['LREM', 'k', '-1', value], ['LREM', 'k', '1', value]]), 'DEL k', 'RPUSH k a a a a', 'LREM k -2 a', SHOW, 'LREM k 0 a', 'EXISTS k'],
  ['LINSERT', ...each(['a', 'b', '12', '012', '', LONG, 'zz'], (pivot) => [['LINSERT', 'k', 'BEFORE', pivot, 'x'], ['LINSERT', 'k', 'after', pivot, 'y'],
    ['LINSERT', 'k', 'before', pivot, LONG], ['LINSERT', 'k', 'AFTER', pivot, '5']]), 'LINSERT k BETWEEN a b', 'LINSERT none BETWEEN a b', 'LINSERT k "" a b'],
  ['LPOS', 'RPUSH k a b c 1 2 3 c c a', ...['', 'RANK 1', 'RANK 2', 'RANK 3', 'RANK 4', 'RANK -1', 'RANK -2', 'RANK -4', 'RANK 0', 'RANK x', 'RANK',
    `RANK ${INT64_MAX}`, 'RANK -9223372036854775807', 'COUNT 0', 'COUNT 1', 'COUNT 2', 'COUNT 9', 'COUNT -1', 'COUNT x', 'COUNT', 'MAXLEN 0', 'MAXLEN 1',
    'MAXLEN 3', 'MAXLEN 9', 'MAXLEN 99', 'MAXLEN -1', 'MAXLEN x', 'MAXLEN', 'FOO', 'FOO 1', 'RANK 1 RANK 2', 'COUNT 0 RANK 2', 'COUNT 0 RANK -2',
    'RANK -1 COUNT 2', 'RANK 2 COUNT 2 MAXLEN 7', 'RANK -1 COUNT 0 MAXLEN 2', 'MAXLEN 7 COUNT 0', 'rank 1 count 0 maxlen 8', `COUNT ${INT64_MAX}`,
    'RANK 0 COUNT x', 'COUNT x RANK 0', 'COUNT 1 COUNT', 'RANK 1 x',
  ].flatMap((tail) => ['a', 'c', '1', '01', 'zz', '""'].map((element) => `LPOS k ${element} ${tail}`)), 'LPOS none a', 'LPOS none a COUNT 0', 'LPOS none a RANK 0'],
  ['LMPOP', ...['0 k LEFT', '1 k LEFT', '1 k right', '1 k UP', '2 k LEFT', '2 none k LEFT', '2 k none RIGHT COUNT 2', '1 k LEFT COUNT 0', '1 k LEFT COUNT -1',
    '1 k LEFT COUNT x', '1 k LEFT COUNT', '1 k LEFT FOO', '1 k LEFT COUNT 1 COUNT 2', '1 k LEFT COUNT 99', '1 k RIGHT COUNT 6', `1 k LEFT COUNT ${INT64_MAX}`,
    'x k LEFT', '-1 k LEFT', '1.5 k LEFT', '99999999999 k LEFT', `${INT64_MAX} k LEFT`, '3 none none2 k RIGHT COUNT 3', '1 none LEFT', '1 k LEFT RIGHT'].flatMap((rest) => [...FILL,
    `LMPOP ${rest}`, SHOW, 'EXISTS k'])],
  ['LMOVE', ...['LEFT', 'RIGHT', 'left', 'UP', ''].flatMap((wherefrom) => ['LEFT', 'RIGHT', 'right', 'DOWN'].flatMap((whereto): Request[] => [
    ...FILL, 'DEL to', ['LMOVE', 'k', 'to', wherefrom, whereto], ['LMOVE', 'k', 'to', wherefrom, whereto], ['LMOVE', 'k', 'k', wherefrom, whereto],
    ['LMOVE', 'k', 'k', wherefrom, whereto], ['LMOVE', 'k', 'to', wherefrom, whereto], SHOW, 'LRANGE to 0 -1', ['LMOVE', 'none', 'to', wherefrom, whereto],
    ['LMOVE', 'none', 'none', wherefrom, whereto],
  ])), 'DEL k to', 'RPUSH k a', 'LMOVE k to LEFT LEFT', 'EXISTS k', 'LMOVE to to LEFT RIGHT', 'LMOVE to to LEFT LEFT', 'LRANGE to 0 -1'],
  ['RPOPLPUSH', ...FILL, ...Array.from({ length: 8 }, () => 'RPOPLPUSH k k'), SHOW, ...Array.from({ length: 8 }, () => 'RPOPLPUSH k to'), 'EXISTS k', 'LRANGE to 0 -1',
    'RPOPLPUSH to k', 'RPOPLPUSH none to', 'DEL k', ['RPUSH', 'k', LONG], 'RPOPLPUSH k k', ['RPUSH', 'k', LONG.replace('L', 'M')], 'RPOPLPUSH k k', 'RPOPLPUSH k k', SHOW],
  ['deadlines', 'RPUSH k a b c', 'PEXPIREAT k 33177117420123', 'LPUSH k x', 'LPOP k', 'LSET k 0 z', 'LREM k 0 b', 'LINSERT k BEFORE c w', 'LTRIM k 0 1', 'PEXPIRETIME k',
    'RENAME k n', 'PEXPIRETIME n', 'COPY n m', 'PEXPIRETIME m', 'RPOPLPUSH n o', 'PEXPIRETIME o', 'LRANGE m 0 -1', 'RPUSH n a', 'PERSIST n', 'PEXPIRETIME n', 'LPOP n 9', 'RPUSH n a', 'PEXPIRETIME n',
    'SET m v', 'PEXPIRETIME m', 'RPUSH o x', 'PEXPIREAT o 1', 'EXISTS o', 'LLEN o'],
  ['any type', ...FILL, 'TYPE k', 'OBJECT REFCOUNT k', 'RENAME k n', 'LRANGE n 0 -1', 'TYPE n', 'COPY n m', 'COPY n m', 'RPUSH m x', 'LRANGE n 0 -1', 'LRANGE m 0 -1', 'COPY m n REPLACE',
    'LRANGE n 0 -1', 'COPY n n DB 1', 'MOVE n 1', 'MOVE m 1', 'EXISTS m', 'RENAMENX n k', 'SCAN 0 TYPE list COUNT 100', 'SCAN 0 TYPE string COUNT 100', 'DEL k', 'UNLINK k', 'SET k v', 'RENAME k n', 'TYPE n', 'DBSIZE'],
]; // prettier-ignore
