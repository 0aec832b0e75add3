// Sorted set commands with odd inputs: every bound and option, scores in every spelling, empty and binary members.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { INTEGERS } from './string-cases.js';

const INT64_MAX = '9223372036854775807';
const INT64_MIN = '-9223372036854775808';
const LONG = 'L'.repeat(100);

/** Ranks and counts, good and bad. */
const NUMBERS: readonly string[] = [
  '0', '1', '2', '4', '5', '6', '-1', '-2', '-5', '-6', '-7', '100', '-100', INT64_MAX, INT64_MIN, '9223372036854775808', 'x', '', '1.5', '+1', ' 1', '01',
]; // prettier-ignore

/** What may stand where a score is expected, and where a limit is. */
export const SCORES: readonly string[] = [
  '0', '-0', '1', '-1', '+1', '1.5', '.5', '5.', '-.5', '.', '', ' ', ' 1', '1 ', '1x', 'x', '1e3', '1E3', '1e', '1e+', '1e-1', '0.5e1', 'e1', 'inf', '-inf', '+inf',
  'INF', 'infinity', '-Infinity', 'infi', 'nan', '-nan', 'NaN', 'nan(1)', '0x10', '-0x1.8p1', '0x', '0x.8', '0x1p', '0xg', '1e400', '-1e400', '1e-400', '0e-400', '4503599627370496',
  '9007199254740992', '-9007199254740992', '1_000', '1,5', '١', '1\0', '1\0x', '\0', '00012', '123456789.5', '1.5.5', '--1', '+-1', '1-1', '0b1', '\t1', '\n1', '\v-2',
  '(1', '((1', '(', '(inf', '[1', '-', '+', '000000000000000000000000000000001.5', '1000000000000000.5',
]; // prettier-ignore

const LEX_LIMITS: readonly string[] = [
  '-',
  '+',
  '[a',
  '(a',
  '[c',
  '(c',
  '[',
  '(',
  'a',
  '',
  '[b\xff',
  '(zz',
  '-a',
  '+a',
  '[-',
  '[+',
  '( ',
  '[aa',
];

const NAMES =
  'ZADD ZINCRBY ZREM ZCARD ZSCORE ZMSCORE ZCOUNT ZLEXCOUNT ZRANGE ZREVRANGE ZRANGEBYSCORE ZREVRANGEBYSCORE ZRANGEBYLEX ZREVRANGEBYLEX ZRANGESTORE ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX ZPOPMIN ZPOPMAX ZMPOP ZRANDMEMBER ZSCAN'.split(
    ' ',
  );

const FILL: readonly Request[] = ['DEL k', 'ZADD k 1 a 2 b 2 c 3.5 d -inf e inf f'];
const EQUAL: readonly Request[] = [
  'DEL k',
  ['ZADD', 'k', '0', 'a', '0', 'b', '0', 'aa', '0', 'b\xff', '0', 'c', '0', '', '0', 'd', '0', '12'],
];
const SHOW = 'ZRANGE k 0 -1 WITHSCORES';

function each(values: readonly string[], make: (value: string) => readonly Request[]): Request[] {
  return values.flatMap((value) => [...FILL, ...make(value), SHOW]);
}

export const ZSET_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['', ' k', ' k 1', ' k 1 2', ' k 1 2 3', ' k 1 2 3 4', ' k 1 2 3 4 5', ' 1 k MIN COUNT 1 COUNT'].map((rest) => name + rest)),
    'ZRANK', 'ZRANK k', 'ZREVRANK k', 'ZRANGE 1 0 -1'],
  ['wrong type', 'SET s v', ...[...NAMES, 'ZRANK', 'ZREVRANK'].flatMap((name) => ['s', 's 1', 's a', 's 0 1', 's 1 a', 's NX 1 a', 's [a [b', 's x', 's x 1', 's 1 x', 's s 0 1',
    's -1', 's 0 0', 's 3 WITHSCORES', 's s s s'].map((rest) => `${name} ${rest}`)).filter((request) => !/^(Z(REV)?RANK s \S+ |ZSCAN s -1)/.test(request)), 'ZMPOP 1 s MIN', 'ZMPOP 2 none s MAX COUNT 3',
    'ZADD k 1 a', 'ZMPOP 2 k s MIN', 'ZRANGESTORE s k 0 1', 'GET s', 'TYPE s', 'ZADD k 1 a', 'INCR k', 'GET k', 'LPUSH k x', 'SET k v', 'ZCARD k', 'GET k'],
  ['nothing there', ...[...NAMES, 'ZRANK', 'ZREVRANK'].flatMap((name) => ['none', 'none 0', 'none a', 'none 0 1', 'none [a [b', 'none -1', 'none x', 'none x 1', 'none 3 WITHSCORES', 'none none 0 1']
    .filter((rest) => !(/^(ZADD|ZINCRBY)$/.test(name) && rest.length > 6) && !(/RANK$/.test(name) && !/BYRANK/.test(name) && rest.split(' ').length > 2) && !(name === 'ZSCAN' && rest === 'none -1')).map((rest) => `${name} ${rest}`)),
    'ZMPOP 1 none MIN', 'ZMPOP 2 none none MAX COUNT 3', 'ZADD none XX 1 a', 'ZADD none XX INCR 1 a', 'ZSCAN none 17 FOO', 'EXISTS none'],
  ['ZADD', ...['', 'NX', 'XX', 'GT', 'LT', 'CH', 'INCR', 'NX XX', 'NX GT', 'NX LT', 'GT LT', 'XX GT', 'XX LT', 'NX CH', 'XX CH', 'GT CH', 'LT CH', 'XX GT CH', 'xx lt ch', 'NX INCR', 'XX INCR', 'GT INCR',
    'LT INCR', 'XX GT INCR', 'CH INCR', 'NX NX', 'INCR INCR', 'FOO', 'NX XX GT LT'].flatMap((options) => ['1 a', '0 a', '5 a', '-5 b', '2 c', '1 new', '7 a 8 b 9 new', '3 a 1 a 2 a', '1', '', '1 a 2', 'x a',
    '1 a x b', 'inf f', '-inf f', 'nan a', '1.5 d'].flatMap((pairs): Request[] => [...FILL, `ZADD k ${options} ${pairs}`, SHOW]))],
  ['scores in every spelling', ...SCORES.flatMap((score): Request[] => ['DEL k', ['ZADD', 'k', score, 'a'], ['ZADD', 'k', 'CH', score, 'b', '0.5', 'a'], ['ZINCRBY', 'k', score, 'a'], ['ZINCRBY', 'k', score, 'b'],
    ['ZADD', 'k', 'INCR', score, 'c'], SHOW, 'ZMSCORE k a b c'])],
  ['scores as limits', ...FILL, ...SCORES.flatMap((a) => ['-inf', '2', '(2', '+inf', a].flatMap((b): Request[] => [['ZCOUNT', 'k', a, b], ['ZCOUNT', 'k', b, a], ['ZRANGEBYSCORE', 'k', a, b],
    ['ZREVRANGEBYSCORE', 'k', b, a, 'WITHSCORES']])), ...SCORES.flatMap((a): Request[] => [...FILL, ['ZREMRANGEBYSCORE', 'k', a, '2'], SHOW])],
  ['infinite sums', ...FILL, 'ZINCRBY k inf e', 'ZINCRBY k -inf f', 'ZINCRBY k inf f', 'ZADD k INCR -inf f', 'ZINCRBY k -inf a', 'ZINCRBY k 1e308 d', 'ZINCRBY k 1e308 d', 'ZSCORE k e', SHOW],
  ['minus zero', 'ZADD k -0 a 0 b', SHOW, 'ZADD k CH 0 a', SHOW, 'ZINCRBY k -0 c', 'ZINCRBY k 0 c', 'ZRANGEBYSCORE k -0 0', 'ZCOUNT k (0 0', 'ZCOUNT k (-0 inf', 'ZADD k 1 a', 'ZADD k CH -0 a', SHOW, 'ZRANK k a', 'ZRANK k b'],
  ['members', ['ZADD', 'k', ...INTEGERS.flatMap((value, i) => [String(i % 7), value])], SHOW, ...INTEGERS.flatMap((value): Request[] => [['ZSCORE', 'k', value], ['ZRANK', 'k', value], ['ZREVRANK', 'k', value]]),
    ...INTEGERS.flatMap((value): Request[] => [['ZINCRBY', 'k', '3', value], ['ZREM', 'k', value], 'ZCARD k']), ['ZADD', 'k', '1', '', '1', '\0', '1', '\xff\r\n', '1', LONG, '1', ' '], SHOW, ['ZREM', 'k', LONG, '', 'zz'], SHOW],
  ['big whole scores', 'ZADD k 9007199254740991 a 9007199254740992 b -9007199254740992 c 4503599627370497 d', SHOW, 'ZRANK k b', 'ZINCRBY k 1 a', 'ZRANGEBYSCORE k 9007199254740992 inf'],
  ['ZREM', ...FILL, 'ZREM k a', 'ZREM k a', 'ZREM k b c b zz', SHOW, 'ZREM k d e f x', 'EXISTS k', ...FILL, 'ZREM k a b c d e f a', 'EXISTS k'],
  ['ranks', ...NUMBERS.flatMap((start) => NUMBERS.map((stop): Request => ['ZRANGE', 'k', start, stop])).flatMap((one, i) => (i === 0 ? [...FILL, one] : [one])),
    ...NUMBERS.flatMap((start) => NUMBERS.filter((_, i) => i % 2 === 0).flatMap((stop): Request[] => [['ZREVRANGE', 'k', start, stop, 'WITHSCORES'], ['ZRANGE', 'k', stop, start, 'REV']])),
    ...NUMBERS.flatMap((start) => NUMBERS.filter((_, i) => i % 3 === 0).flatMap((stop): Request[] => [...FILL, ['ZREMRANGEBYRANK', 'k', start, stop], SHOW, 'EXISTS k']))],
  ['options of ranges', ...FILL, ...['', 'REV', 'BYSCORE', 'BYLEX', 'BYSCORE BYLEX', 'REV REV', 'WITHSCORES', 'WITHSCORES WITHSCORES', 'LIMIT 0 1', 'LIMIT 0 -1', 'LIMIT 1 -1', 'LIMIT', 'LIMIT 0', 'LIMIT 0 x', 'LIMIT x 0',
    'BYSCORE LIMIT 1 2', 'BYSCORE LIMIT -1 2', 'BYSCORE LIMIT 1 -7', 'BYSCORE LIMIT 0 0', 'BYSCORE LIMIT 2 100', 'BYSCORE LIMIT 100 1', `BYSCORE LIMIT 0 ${INT64_MAX}`, `BYSCORE LIMIT ${INT64_MAX} 1`, 'BYSCORE REV LIMIT 1 2',
    'REV BYSCORE LIMIT 1 2 WITHSCORES', 'BYLEX LIMIT 1 1', 'BYLEX WITHSCORES', 'BYLEX REV', 'LIMIT 1 2 BYLEX', 'BYSCORE LIMIT 0 1 LIMIT 1 1', 'FOO', 'limit 0 1 byscore rev withscores'].flatMap((options) =>
    ['0 -1', '-inf +inf', '+inf -inf', '(1 3', '3 (1', '- +', '+ -', '[a [c', '[c [a', 'x y'].flatMap((limits) => ['ZRANGE k', 'ZREVRANGE k', 'ZRANGEBYSCORE k', 'ZREVRANGEBYSCORE k', 'ZRANGEBYLEX k', 'ZREVRANGEBYLEX k',
      'ZRANGESTORE to k'].map((name) => `${name} ${limits} ${options}`)))],
  ['members as limits, equal scores', ...EQUAL, ...LEX_LIMITS.flatMap((a) => LEX_LIMITS.flatMap((b): Request[] => [['ZRANGEBYLEX', 'k', a, b], ['ZREVRANGEBYLEX', 'k', b, a], ['ZLEXCOUNT', 'k', a, b],
    ['ZRANGE', 'k', a, b, 'BYLEX', 'REV', 'LIMIT', '1', '2']])), ...LEX_LIMITS.flatMap((a) => ['[b', '+', '(c'].flatMap((b): Request[] => [...EQUAL, ['ZREMRANGEBYLEX', 'k', a, b], SHOW]))],
  ['ZRANGESTORE', ...FILL, 'SET to v EX 100', 'ZRANGESTORE to k 1 2', 'TTL to', 'ZRANGE to 0 -1 WITHSCORES', 'ZRANGESTORE to none 0 -1', 'EXISTS to', 'ZRANGESTORE k k 1 -2', SHOW, 'ZRANGESTORE k k 5 9', 'EXISTS k', 'LPUSH l a',
    'ZRANGESTORE to l 0 1', 'ZRANGESTORE l none 0 1', 'EXISTS l', ...FILL, 'ZRANGESTORE to k (1 +inf BYSCORE LIMIT 1 2', 'ZRANGE to 0 -1 WITHSCORES', 'ZRANGESTORE to k 0 0 REV', 'ZRANGE to 0 -1', 'ZRANGESTORE to k 0 1 WITHSCORES',
    ['ZADD', 'k', '9', LONG], 'ZRANGESTORE to k -1 -1', 'OBJECT ENCODING to', 'ZRANGESTORE to k -3 -2', 'OBJECT ENCODING to', 'ZRANGESTORE to k 0 -1', 'OBJECT ENCODING to', 'ZRANGESTORE to k 0 100 BYSCORE', 'OBJECT ENCODING to'],
  ['unions and their kin', ...['ZUNION', 'ZINTER', 'ZDIFF', 'ZINTERCARD', 'ZUNIONSTORE to', 'ZINTERSTORE to', 'ZDIFFSTORE to'].flatMap((name) => ['0 k', '-1 k', 'x k', '1.5 k', '3 k l', '1', '1 k', '2 k l', '2 l k', '3 k l m', '3 m l k', '2 k none', '2 none k', '1 none', '2 k k',
    '3 k k k', '2 k s', '2 none s', '2 s k FOO', '2 k l FOO', '2 k l WEIGHTS 2', '2 k l WEIGHTS 2 3', '2 k l WEIGHTS 2 x', '2 k l WEIGHTS -1 0', '2 k l WEIGHTS inf -inf', '2 k l WEIGHTS 0 0', '2 k l WEIGHTS nan 1', '2 k l WEIGHTS 1 2 3', '2 k l WEIGHTS 0.5 1e2',
    '2 k l AGGREGATE SUM', '2 k l aggregate min', '2 k l AGGREGATE MAX', '2 k l AGGREGATE AVG', '2 k l AGGREGATE', '3 k l m WEIGHTS 1 2 3 AGGREGATE MIN', '3 k l m AGGREGATE MAX WEIGHTS -1 -2 -3', '2 k l WITHSCORES', '3 m l k WITHSCORES WEIGHTS inf 0 -inf', '3 k l m WITHSCORES WITHSCORES',
    '3 k l m WEIGHTS 0 inf 2 AGGREGATE MIN WITHSCORES', '3 k l m WEIGHTS 0 -inf 2 AGGREGATE MAX WITHSCORES', '2 k l LIMIT 1', '2 k l LIMIT 0', '2 k l LIMIT -1', '2 k l LIMIT x', '2 k l LIMIT', '1 k LIMIT 3', '1 k LIMIT 100', '2 k l WEIGHTS 1 1 WEIGHTS 2 2', `2 k l LIMIT ${INT64_MAX}`]
    .flatMap((rest) => [...FILL, 'DEL l m to s', 'ZADD l -1 a 3 b inf d -inf f 7 l', 'ZADD m 5 d 6 a inf e 1 m 2 f', 'SET s v', `${name} ${rest}`, 'ZRANGE to 0 -1 WITHSCORES', 'OBJECT ENCODING to'])), ...FILL, 'SET to v EX 100', 'ZUNIONSTORE to 1 k', 'TTL to', 'ZUNIONSTORE k 2 k to',
    SHOW, 'ZINTERSTORE k 2 k none', 'EXISTS k', 'LPUSH li a', 'ZUNIONSTORE li 1 none', 'EXISTS li', 'ZUNION 1 li', 'LPUSH li a', 'ZUNION 1 li', 'ZUNIONSTORE to 2 to li', ['ZADD', 'w', '1', LONG], 'ZUNIONSTORE x 1 w', 'OBJECT ENCODING x',
    ['ZADD', 'big', ...Array.from({ length: 300 }, (_, i) => [String(i % 17), `b${i}`]).flat()], 'ZUNIONSTORE x 2 big w', 'OBJECT ENCODING x', 'ZUNION 2 big x WITHSCORES', 'ZINTERSTORE x 2 big x WEIGHTS 1 0', 'ZDIFF 2 big x', 'ZINTERCARD 2 big x', 'ZREMRANGEBYSCORE x 5 99',
    'ZINTERSTORE y 2 x big', 'OBJECT ENCODING y', 'ZINTER 2 x big WITHSCORES'],
  ['plain sets take part', 'SADD ints 1 2 3 44', ['SADD', 'words', 'a', 'b', 'x', LONG], ['SADD', 'many', ...Array.from({ length: 600 }, (_, i) => `b${i}`)], ...FILL, 'ZADD n 5 1 7 44 9 a 2 b3', ...['ZUNION', 'ZINTER', 'ZDIFF'].flatMap((name) => ['1 ints', '2 k words', '2 words k', '2 n ints', '2 ints n', '3 n many ints',
    '2 many n', '3 k words n WEIGHTS 2 3 4', '2 n words AGGREGATE MAX', '2 words words', '3 many many n'].flatMap((rest) => [`${name} ${rest} WITHSCORES`.replace('ZDIFF 3 k words n WEIGHTS 2 3 4', 'ZDIFF 3 k words n'), `${name}STORE to ${rest}`, 'ZRANGE to 0 -1 WITHSCORES', 'OBJECT ENCODING to'])), 'ZINTERCARD 2 n ints', 'ZINTERCARD 2 many n LIMIT 1',
    'ZUNIONSTORE words 2 words k', 'TYPE words', 'ZADD ints 1 a', 'ZSCORE ints 1'],
  ['popping', ...['ZPOPMIN', 'ZPOPMAX'].flatMap((name) => [...each(NUMBERS, (n) => [[name, 'k', n]]), ...FILL, ...Array.from({ length: 7 }, () => `${name} k`), 'EXISTS k', ...FILL, `${name} k 6`, 'EXISTS k', ...FILL, `${name} k 5`, SHOW,
    `${name} k 0`, `${name} none 0`, `${name} k 1 2`])],
  ['ZMPOP', ...['0 k MIN', '1 k MIN', '1 k max', '1 k UP', '2 k MIN', '2 none k MIN', '2 k none MAX COUNT 2', '1 k MIN COUNT 0', '1 k MIN COUNT -1', '1 k MIN COUNT x', '1 k MIN COUNT', '1 k MIN FOO', '1 k MIN COUNT 1 COUNT 2',
    '1 k MIN COUNT 99', '1 k MAX COUNT 6', `1 k MIN COUNT ${INT64_MAX}`, 'x k MIN', '-1 k MIN', '1.5 k MIN', '99999999999 k MIN', '3 none none2 k MAX COUNT 3', '1 none MIN', '1 k MIN MAX', '1 k LEFT'].flatMap((rest) => [...FILL,
    `ZMPOP ${rest}`, SHOW, 'EXISTS k'])],
  ['ZRANDMEMBER', 'ZADD k 1 a', 'ZRANDMEMBER k', ...['0', '1', '5', '-1', '-3', 'x', '', INT64_MIN, '4611686018427387903', '4611686018427387904', INT64_MAX].flatMap((n): Request[] => [['ZRANDMEMBER', 'k', n === '-9223372036854775807' ? '1' : n],
    ['ZRANDMEMBER', 'none', n], ['ZRANDMEMBER', 'k', n, 'WITHSCORES'], ['ZRANDMEMBER', 'k', n, 'FOO'], ['ZRANDMEMBER', 'k', n, 'WITHSCORES', 'x']]), 'ZRANDMEMBER none -4611686018427387904 WITHSCORES', 'ZRANDMEMBER none -4611686018427387903 WITHSCORES',
    'ZRANDMEMBER none -9223372036854775807', ...FILL, 'ZRANDMEMBER k 6', 'ZRANDMEMBER k 6 WITHSCORES', 'ZRANDMEMBER k 100 WITHSCORES'],
  ['ZSCAN', 'ZADD k 1.5 a', ...['0', '1', '17', 'x', '18446744073709551615', '18446744073709551616'].flatMap((cursor): Request[] => [['ZSCAN', 'none', cursor], ['ZSCAN', 'none', cursor, 'FOO']]),
    ...['', 'MATCH a', 'MATCH b', 'MATCH *', 'COUNT 20', 'COUNT 100', 'COUNT 0', 'COUNT x', 'COUNT', 'MATCH', 'FOO', 'MATCH a COUNT 5', 'TYPE zset'].map((options) => `ZSCAN k 0 ${options}`), 'ZADD k 0.25 a', 'ZSCAN k 0', 'ZADD k inf a', 'ZSCAN k 0',
    'ZADD k -2 a', 'ZSCAN k 0'],
  ['deadlines', 'ZADD k 1 a 2 b 3 c', 'PEXPIREAT k 33177117420123', 'ZADD k 4 d', 'ZREM k a', 'ZINCRBY k 1 b', 'ZPOPMIN k', 'ZREMRANGEBYRANK k 0 0', 'PEXPIRETIME k', 'RENAME k n', 'PEXPIRETIME n', 'COPY n m', 'PEXPIRETIME m', 'ZRANGE m 0 -1',
    'PERSIST n', 'PEXPIRETIME n', 'ZRANGESTORE m n 0 -1', 'PEXPIRETIME m', 'PEXPIREAT m 1', 'EXISTS m', 'ZCARD m'],
  ['any type', ...FILL, 'TYPE k', 'OBJECT REFCOUNT k', 'OBJECT ENCODING k', 'RENAME k n', 'ZRANGE n 0 -1', 'COPY n m', 'COPY n m', 'ZADD m 9 x', 'ZRANGE n 0 -1', 'ZRANGE m 0 -1', 'COPY m n REPLACE', 'ZRANGE n 0 -1 WITHSCORES', 'COPY n n DB 1', 'MOVE n 1',
    'MOVE m 1', 'EXISTS m', 'RENAMENX n k', 'SCAN 0 TYPE zset COUNT 100', 'SCAN 0 TYPE string COUNT 100', 'DEL k', 'UNLINK k', 'SET k v', 'RENAME k n', 'TYPE n', 'DBSIZE'],
  ['encodings', ['ZADD', 'k', ...Array.from({ length: 128 }, (_, i) => [String(i), `m${i}`]).flat()], 'OBJECT ENCODING k', 'ZADD k 1 m1', 'OBJECT ENCODING k', 'ZADD k 1 m128', 'OBJECT ENCODING k', 'ZREM k m128 m1', 'OBJECT ENCODING k',
    ['ZADD', 'l', '1', 'x'.repeat(64)], 'OBJECT ENCODING l', ['ZADD', 'l', '1', 'x'.repeat(65)], 'OBJECT ENCODING l', ['ZADD', 'm', '1', 'x'.repeat(65)], 'OBJECT ENCODING m', ['ZADD', 'o', '1', 'a', '1', 'x'.repeat(65)], 'OBJECT ENCODING o',
    'ZRANGESTORE p k 0 -1', 'OBJECT ENCODING p', 'ZRANGESTORE p k 0 10', 'OBJECT ENCODING p', ['ZADD', 'q', ...Array.from({ length: 200 }, (_, i) => [String(i), 'same']).flat()], 'OBJECT ENCODING q', 'ZRANGE k 0 -1 WITHSCORES'],
]; // prettier-ignore
