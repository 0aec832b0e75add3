// Bitmap commands with odd inputs: every unit and range form, fields of every width, limits of offsets and of int64.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';

const FAR = '33177117420';

const BITMAPS: readonly string[] = [
  '', '\0', '\xff', 'a', '\0\0\0', '\xff\xff\xff', '\xff\xf0\x00', '\x00\x0f\xff', '12345', '-7', '\0'.repeat(70) + '\x10',
  '\xff'.repeat(70) + '\xef', '\xff'.repeat(64), '\0'.repeat(131), 'foobar'.repeat(30),
]; // prettier-ignore

const EDGES: readonly string[] = ['0', '1', '2', '7', '8', '9', '-1', '-2', '-9', '560', '-1000', '9223372036854775807', '-9223372036854775808']; // prettier-ignore

const TAILS: readonly string[] = ['', 'BYTE', 'BIT', 'bit', 'Byte', 'BITS', 'BIT BIT'];

/** Field types, good and bad. */
const TYPES: readonly string[] = [
  'u1', 'u2', 'u7', 'u8', 'u9', 'u16', 'u31', 'u32', 'u33', 'u52', 'u53', 'u54', 'u63', 'i1', 'i2', 'i5', 'i8', 'i31', 'i32', 'i33',
  'i51', 'i52', 'i53', 'i63', 'i64', 'u64', 'i65', 'u0', 'i0', 'u-1', 'i', 'u', '', '8', 'U8', 'I8', 'x8', 'u08', 'u+8', 'i 8', 'u8 ', 'u9999999999999999999',
]; // prettier-ignore

const OFFSETS: readonly string[] = [
  '0', '1', '7', '8', '63', '100', '#0', '#1', '#7', '-1', '#-1', '#', '', 'x', '#x', '##1', '1.5', '4294967295', '4294967296',
  '9223372036854775807', '#9223372036854775807', '#4611686018427387904', '#288230376151711744', '9223372036854775808', '9007199254740993',
]; // prettier-ignore

const VALUES: readonly string[] = [
  '0', '1', '-1', '2', '15', '127', '128', '-128', '-129', '255', '256', '4294967295', '2147483648', '-2147483649',
  '4503599627370495', '4503599627370496', '4503599627370497', '-4503599627370496', '-4503599627370497', '9007199254740991', '9007199254740993',
  '9223372036854775807', '-9223372036854775808', '4611686018427387904', '-4611686018427387905', '9223372036854775808', 'x', '',
]; // prettier-ignore

/** Offsets that would make a value of half a gigabyte are only read. */
const isFar = (offset: string): boolean => Number(offset) > 1_000_000;

export const BITMAP_CASES: readonly Case[] = [
  ['arity', ...'SETBIT GETBIT BITCOUNT BITPOS BITFIELD BITFIELD_RO BITOP'
    .split(' ')
    .flatMap((name) => [name, `${name} k`, `${name} k 1`, `${name} k 1 1`, `${name} k 1 1 1`, `${name} k 1 1 1 1`])],
  ['SETBIT GETBIT', ...OFFSETS.flatMap((offset): Request[] => [
    ['GETBIT', 'k', offset], ...(isFar(offset) ? [] : ['0', '1', '1', '0', '2', '-1', 'x', ''].map((bit): Request => ['SETBIT', 'k', offset, bit])),
    ['SETBIT', 'none', offset, '2'], 'EXISTS none', 'STRLEN k', 'GET k',
  ]), 'SET i 12', 'SETBIT i 3 0', 'GET i', 'GETBIT i 100', 'SETBIT n 0 0', 'GET n', `SET e v PXAT ${FAR}5`, 'SETBIT e 100 1', 'PEXPIRETIME e'],
  ['SETBIT with every integer', ...INTEGERS.flatMap((value): Request[] => [['SETBIT', 'k', '3', value], ['GETBIT', 'k', value]])],
  ['BITCOUNT', ...BITMAPS.flatMap((value): Request[] => [
    ['SET', 'k', value], 'BITCOUNT k', 'BITCOUNT k 0',
    ...EDGES.flatMap((start) => EDGES.flatMap((end) => TAILS.slice(0, 3).map((tail) => `BITCOUNT k ${start} ${end} ${tail}`))),
  ]), ...TAILS.map((tail) => `BITCOUNT k 0 -1 ${tail}`), 'BITCOUNT k x 1', 'BITCOUNT k 1 x', 'BITCOUNT k x 1 FOO', 'BITCOUNT none', 'BITCOUNT none 0 -1 BIT'],
  ['BITPOS', ...BITMAPS.flatMap((value): Request[] => [
    ['SET', 'k', value], 'BITPOS k 0', 'BITPOS k 1',
    ...EDGES.flatMap((start) => [`BITPOS k 0 ${start}`, `BITPOS k 1 ${start}`,
      ...EDGES.flatMap((end) => TAILS.slice(0, 3).flatMap((tail) => [`BITPOS k 0 ${start} ${end} ${tail}`, `BITPOS k 1 ${start} ${end} ${tail}`]))]),
  ]), ...TAILS.map((tail) => `BITPOS k 0 0 -1 ${tail}`), 'BITPOS k 2', 'BITPOS k -1', 'BITPOS k x', 'BITPOS k 0 x', 'BITPOS k 0 0 x',
    'BITPOS k 0 x x FOO', 'BITPOS k 0 0 x FOO', 'BITPOS k 0 x 0 FOO', 'BITPOS none 0', 'BITPOS none 1', 'BITPOS none 0 5', 'BITPOS none 1 0 -1 BIT'],
  ['BITOP', ...['AND', 'OR', 'XOR', 'and'].flatMap((op) => BITMAPS.flatMap((a) => ['', '\x55\xaa', '7', '\xf0'.repeat(66)].flatMap((b): Request[] => [
    ['MSET', 'a', a, 'b', b], `BITOP ${op} d a b`, 'GET d', `BITOP ${op} d b a none`, 'GET d', `BITOP ${op} d a`, 'GET d',
    `BITOP ${op} a a b`, 'GET a',
  ]))), ...BITMAPS.flatMap((a): Request[] => [['SET', 'a', a], 'BITOP NOT d a', 'GET d', 'BITOP not a a', 'GET a']),
    'BITOP NOT d a b', 'BITOP FOO d a', 'BITOP NOT d none', 'EXISTS d', 'BITOP AND d none none', 'SET d v', 'BITOP OR d none', 'EXISTS d',
    `SET d v PXAT ${FAR}1`, 'SET a 1', 'BITOP OR d a', 'PEXPIRETIME d', 'INCR d', 'BITOP XOR a a a', 'GET a'],
  ['BITOP on long strings', ['SET', 'a', '\x5a'.repeat(70_001)], ['SET', 'b', '\x3c'.repeat(33_333)], 'BITOP AND d a b', 'BITCOUNT d',
    'BITOP OR d a b', 'BITCOUNT d', 'BITOP XOR d a b', 'BITCOUNT d', 'BITOP NOT d a', 'BITCOUNT d', 'BITPOS d 0', 'BITPOS d 1', 'STRLEN d'],
  ['BITFIELD types and offsets', ...TYPES.flatMap((type) => OFFSETS.flatMap((offset): Request[] => [
    ['BITFIELD', 'k', 'GET', type, offset], ['BITFIELD_RO', 'k', 'GET', type, offset],
    ...(isFar(offset) ? [] : [['BITFIELD', 'k', 'SET', type, offset, '-1'], ['BITFIELD', 'k', 'INCRBY', type, offset, '3']]),
  ])), 'GET k'],
  ['BITFIELD values', ...TYPES.slice(0, 25).flatMap((type) => VALUES.flatMap((value) => ['WRAP', 'SAT', 'FAIL'].flatMap((overflow): Request[] => [
    ['BITFIELD', 'k', 'OVERFLOW', overflow, 'SET', type, '3', value, 'GET', type, '3'],
    ['BITFIELD', 'k', 'OVERFLOW', overflow, 'INCRBY', type, '3', value, 'GET', type, '3'],
    ['BITFIELD', 'k', 'INCRBY', type, '3', '77', 'OVERFLOW', overflow, 'INCRBY', type, '3', value, 'INCRBY', type, '3', value],
  ]))), 'GET k'],
  ['BITFIELD syntax', 'BITFIELD k', 'BITFIELD_RO k', 'EXISTS k', 'BITFIELD k GET', 'BITFIELD k GET u8', 'BITFIELD k SET u8 0', 'BITFIELD k INCRBY u8 0',
    'BITFIELD k OVERFLOW', 'BITFIELD k OVERFLOW CLIP', 'BITFIELD k OVERFLOW wrap', 'BITFIELD k OVERFLOW sat overflow Fail', 'BITFIELD k FOO u8 0',
    'BITFIELD k GET u8 0 GET', 'BITFIELD k SET u8 0 1 GET u8 x', 'EXISTS k', 'BITFIELD k SET u8 0 1 SET u8 8 x', 'EXISTS k', 'BITFIELD_RO k SET u8 0 1',
    'BITFIELD_RO k SET u8 0 x', 'BITFIELD_RO k INCRBY u8 0 1', 'BITFIELD_RO k OVERFLOW SAT GET u8 0', 'BITFIELD_RO k GET u8 0', 'BITFIELD k OVERFLOW FAIL SET u8 0 256',
    'EXISTS k', 'GET k', 'BITFIELD k get u8 0 set u8 100 1 incrby i8 #2 1', 'STRLEN k', 'SET i 123', 'BITFIELD i GET u24 0', 'BITFIELD i SET u8 0 65', 'GET i',
    `SET e v PXAT ${FAR}1`, 'BITFIELD e SET u8 50 1', 'PEXPIRETIME e'],
]; // prettier-ignore

/** Redis 7.4 finds these mistakes although there is no such key; older ones answer as if there were none. */
export const NEWER_MISTAKES: readonly (readonly [request: string, reply: string])[] = [
  ['BITCOUNT none 0', '-ERR syntax error'],
  ['BITCOUNT none x 1', '-ERR value is not an integer or out of range'],
  ['BITCOUNT none 0 1 FOO', '-ERR syntax error'],
  ['BITPOS none 0 x', '-ERR value is not an integer or out of range'],
  ['BITPOS none 0 0 1 FOO', '-ERR syntax error'],
  ['BITPOS none 0 0 1 BIT BIT', '-ERR syntax error'],
];
