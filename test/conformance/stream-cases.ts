// Stream commands with odd inputs: every spelling of an ID, every option and bound, groups with all that can be wrong with them.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';

const U64_MAX = '18446744073709551615';
const I64_MAX = '9223372036854775807';

/** IDs, good and bad. */
export const IDS: readonly string[] = [
  '0', '0-0', '0-1', '1', '1-0', '1-1', '1-2', '2-0', '3', '3-1', '4-0', '5-5', '9', '10-1', '-', '+', '*', '$', '>', '', '1-', '-1', '1--1', '1-*', '9-*',
  '0-*', '*-1', 'x', '1-x', 'x-1', '007', '1-007', ' 1', '1 ', '+1', '1-+1', '1-1-1', '(1-1', '(2', '((1', '(', '(-', '(+', U64_MAX, `${U64_MAX}-${U64_MAX}`,
  `(${U64_MAX}-${U64_MAX}`, `1-${U64_MAX}`, `(1-${U64_MAX}`, '18446744073709551616', '(0-0', '(0', I64_MAX, '9223372036854775808', '9007199254740993-1',
  '4294967296-4294967295', '1.5', '0x1', '1'.repeat(127), '1'.repeat(128), '1-1'.padStart(127, '0'), '1-1'.padStart(128, '0'), '1\0', '1-1\0x',
]; // prettier-ignore

const NUMBERS: readonly string[] = [
  '0',
  '1',
  '2',
  '3',
  '10',
  '-1',
  '-2',
  I64_MAX,
  '9223372036854775808',
  'x',
  '',
  '1.5',
  '01',
];

const NAMES = 'XADD XLEN XRANGE XREVRANGE XDEL XTRIM XSETID XREAD XREADGROUP XACK XPENDING XCLAIM XAUTOCLAIM'.split(
  ' ',
);

/** Four entries, a group that has read two of them for two consumers. */
const FILL: readonly Request[] = [
  'DEL k', 'XADD k 1-1 a 1 b 2', 'XADD k 2-0 a 3 b 4', 'XADD k 3-1 c 5', 'XADD k 5-5 a 1 b 2', 'XGROUP CREATE k g 0', 'XGROUP CREATECONSUMER k g c',
  'XGROUP CREATECONSUMER k g d', 'XREADGROUP GROUP g c COUNT 1 STREAMS k >', 'XREADGROUP GROUP g d COUNT 1 STREAMS k >',
]; // prettier-ignore
const SHOW: readonly Request[] = [
  'XRANGE k - +',
  'XINFO STREAM k',
  'XINFO STREAM k FULL',
  'XINFO GROUPS k',
  'XPENDING k g',
  'XPENDING k g - + 10',
];

function each(values: readonly string[], make: (value: string) => readonly Request[]): Request[] {
  return values.flatMap((value) => [...FILL, ...make(value), ...SHOW]);
}

export const STREAM_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['', ' k', ' k 1', ' k 1 2', ' k 1-1 a b c', ' k * a', ' k MAXLEN 1 *', ' k MAXLEN', ' COUNT 1'].map((rest) => name + rest)),
    'XGROUP CREATE k', 'XGROUP CREATE k g', 'XGROUP CREATE k g 0 0', 'XGROUP SETID k g', 'XGROUP DESTROY k', 'XGROUP CREATECONSUMER k g', 'XINFO STREAM', 'XINFO GROUPS',
    'XINFO CONSUMERS k', 'XINFO STREAM k FULL COUNT', 'XINFO STREAM k x', 'XINFO GROUPS k x'],
  ['wrong type', 'SET s v', ...['XADD s 1-1 a b', 'XLEN s', 'XRANGE s - +', 'XREVRANGE s + -', 'XDEL s 1-1', 'XDEL s x', 'XTRIM s MAXLEN 1', 'XSETID s 1-1', 'XREAD STREAMS s 0',
    'XREAD STREAMS s $', 'XREADGROUP GROUP g c STREAMS s >', 'XACK s g 1-1', 'XPENDING s g', 'XPENDING s g - + 10', 'XCLAIM s g c 0 1-1', 'XAUTOCLAIM s g c 0 0', 'XGROUP CREATE s g 0',
    'XGROUP CREATE s g 0 MKSTREAM', 'XGROUP SETID s g 0', 'XGROUP DESTROY s g', 'XGROUP CREATECONSUMER s g c', 'XGROUP DELCONSUMER s g c', 'XINFO STREAM s', 'XINFO GROUPS s',
    'XINFO CONSUMERS s g', 'XADD s NOMKSTREAM 1-1 a b', 'XADD s 0-0 a b', 'XADD s x a b', 'XREAD STREAMS k s 0 0', 'XREAD STREAMS s k 0 x', 'XREAD STREAMS k s x 0'],
    'XADD k 1-1 a b', 'GET k', 'LPUSH k a', 'INCR k', 'APPEND k x', 'STRLEN k', 'TYPE k', 'OBJECT ENCODING k', 'SET k v', 'XLEN k'],
  ['nothing there', ...['XLEN n', 'XRANGE n - +', 'XRANGE n - + COUNT 0', 'XREVRANGE n + -', 'XDEL n 1-1', 'XDEL n x', 'XTRIM n MAXLEN 1', 'XTRIM n MINID x', 'XSETID n 1-1', 'XREAD STREAMS n 0',
    'XREAD STREAMS n $', 'XREAD STREAMS n x', 'XREADGROUP GROUP g c STREAMS n >', 'XACK n g 1-1', 'XACK n g x', 'XPENDING n g', 'XPENDING n g - + 10', 'XPENDING n g x + 10', 'XCLAIM n g c 0 1-1',
    'XCLAIM n g c x 1-1', 'XAUTOCLAIM n g c 0 0', 'XAUTOCLAIM n g c x 0', 'XAUTOCLAIM n g c 0 x', 'XGROUP CREATE n g 0', 'XGROUP CREATE n g x MKSTREAM', 'XGROUP SETID n g 0', 'XGROUP DESTROY n g',
    'XGROUP CREATECONSUMER n g c', 'XGROUP DELCONSUMER n g c', 'XINFO STREAM n', 'XINFO STREAM n FULL', 'XINFO GROUPS n', 'XINFO CONSUMERS n g', 'XADD n NOMKSTREAM 1-1 a b', 'EXISTS n'],
    'XADD k 1-1 a b', ...['XREADGROUP GROUP g c STREAMS k >', 'XACK k g 1-1', 'XPENDING k g', 'XPENDING k g - + 10', 'XCLAIM k g c 0 1-1', 'XAUTOCLAIM k g c 0 0', 'XGROUP SETID k g 0', 'XGROUP DESTROY k g',
    'XGROUP CREATECONSUMER k g c', 'XGROUP DELCONSUMER k g c', 'XINFO CONSUMERS k g', 'XINFO GROUPS k']],
  ['XADD: every ID', ...IDS.flatMap((id): Request[] => ['DEL k', ['XADD', 'k', id, 'f', 'v'].slice(0, id === '*' ? 0 : 5)].filter((r) => r.length > 0)
    .concat(id === '*' ? [] : [['XADD', 'k', '4-0', 'f', 'v'], ['XADD', 'k', id, 'f', 'v'], 'XRANGE k - +']))],
  ['XADD: in order', 'XADD k 1-1 a 1', 'XADD k 1-1 a 1', 'XADD k 1-0 a 1', 'XADD k 1-* a 1', 'XADD k 1-* b 2', 'XADD k 1 a 1', 'XADD k 2 a 1', 'XADD k 2-* a 1', `XADD k 2-${U64_MAX} a 1`,
    'XADD k 3-* a 1 b 2', 'XADD k 3-* c 1', `XADD k ${U64_MAX}-5 a 1`, 'XADD k * a 1', `XADD k ${U64_MAX}-* a 1`, 'XRANGE k - +', `XADD k ${U64_MAX}-${U64_MAX} a 1`, 'XADD k * a 1',
    'XADD k 1-1 a 1', 'XINFO STREAM k', 'XREVRANGE k + - COUNT 2', `XRANGE k ${U64_MAX}-6 +`],
  ['XADD: options', ...['MAXLEN', 'MAXLEN 1', 'MAXLEN x 7-7 a b', 'MAXLEN -1 7-7 a b', 'MAXLEN = 2 7-7 a b', 'MAXLEN ~ 2 7-7 a b', 'maxlen 2 7-7 a b', 'MINID 3 7-7 a b', 'MINID = 3 7-7 a b', 'MINID ~ 3 7-7 a b',
    'MINID x 7-7 a b', 'MINID - 7-7 a b', 'MAXLEN 2 MINID 3 7-7 a b', 'MINID 3 MAXLEN 2 7-7 a b', 'MAXLEN 2 MAXLEN 1 7-7 a b', 'LIMIT 10 7-7 a b', 'LIMIT 0 7-7 a b', 'MAXLEN 2 LIMIT 10 7-7 a b',
    'MAXLEN ~ 2 LIMIT 10 7-7 a b', 'MAXLEN ~ 2 LIMIT 0 7-7 a b', 'MAXLEN ~ 2 LIMIT -1 7-7 a b', 'MAXLEN ~ 2 LIMIT x 7-7 a b', 'LIMIT 10 MAXLEN ~ 2 7-7 a b', 'NOMKSTREAM 7-7 a b', 'NOMKSTREAM MAXLEN 0 7-7 a b',
    'MAXLEN 0 7-7 a b', 'MAXLEN = = 7-7 a b', 'MAXLEN ~ 7-7', 'nomkstream 7-7 a', '7-7 NOMKSTREAM a b', '7-7 a', '7-7', '7-7 a b c', 'MAXLEN 1 x a b', `MAXLEN ${I64_MAX} 7-7 a b`, 'MAXLEN 9223372036854775808 7-7 a b']
    .flatMap((rest) => [...FILL, `XADD k ${rest}`, `XADD n ${rest}`, 'XLEN n', 'DEL n', ...SHOW])],
  ['XTRIM: options', ...['', 'MAXLEN', 'MAXLEN 2', 'MAXLEN = 2', 'MAXLEN ~ 2', 'MAXLEN 0', 'MAXLEN ~ 0', 'MAXLEN -1', 'MAXLEN x', 'MINID 3', 'MINID ~ 3', 'MINID 6', 'MINID ~ 6', 'MINID = 5-5', 'MINID x', 'MINID +',
    'MAXLEN 2 LIMIT 1', 'MAXLEN ~ 0 LIMIT 1', 'MAXLEN ~ 0 LIMIT 4', 'MAXLEN ~ 0 LIMIT 0', 'LIMIT 1', 'MINID ~ 9 LIMIT 3', 'MINID 1 MAXLEN 2', 'NOMKSTREAM MAXLEN 1', 'MAXLEN 1 x', 'x 1']
    .flatMap((rest) => [...FILL, `XTRIM k ${rest}`, ...SHOW])],
  ['ranges', ...FILL, ...IDS.flatMap((a) => IDS.filter((_, i) => i % 3 === 0).flatMap((b): Request[] => [['XRANGE', 'k', a, b], ['XREVRANGE', 'k', a, b]])),
    ...NUMBERS.flatMap((n): Request[] => [['XRANGE', 'k', '-', '+', 'COUNT', n], ['XREVRANGE', 'k', '+', '-', 'COUNT', n]]), 'XRANGE k - + COUNT', 'XRANGE k - + x 1', 'XRANGE k - + COUNT 1 COUNT 2', 'XRANGE k x y COUNT z'],
  ['XDEL', ...each(IDS, (id) => [['XDEL', 'k', id]]), ...each(['1-1 2-0', '1-1 x', '1-1 1-1', '5-5 3-1 2-0 1-1', '3-1', '5-5', '9-9 5-5'], (rest) => [`XDEL k ${rest}`, 'XADD k 6-* a b', 'XREAD STREAMS k 3'])],
  ['XSETID', ...each(IDS, (id) => [['XSETID', 'k', id]]), ...each(['9', '9 ENTRIESADDED 3', '9 ENTRIESADDED 4', '9 ENTRIESADDED 100', `9 ENTRIESADDED ${I64_MAX}`, '9 ENTRIESADDED -1', '9 ENTRIESADDED x', '9 ENTRIESADDED',
    '9 MAXDELETEDID 8-1', '9 MAXDELETEDID 9-1', '9 MAXDELETEDID 0', '9 MAXDELETEDID x', '9 MAXDELETEDID 3 ENTRIESADDED 7', '9 x 1', '5-5', '5-4'], (rest) => [`XSETID k ${rest}`, 'XADD k 9-* a b', 'XREADGROUP GROUP g c STREAMS k >'])],
  ['XREAD', ...FILL, 'XADD j 2-2 x y', ...IDS.filter((id) => id !== '+').flatMap((id): Request[] => [['XREAD', 'STREAMS', 'k', id], ['XREAD', 'COUNT', '1', 'STREAMS', 'k', 'j', id, '0'], ['XREAD', 'STREAMS', 'n', 'j', '0', id]]),
    ...NUMBERS.flatMap((n): Request[] => [['XREAD', 'COUNT', n, 'STREAMS', 'k', '0'], ['XREAD', 'BLOCK', n, 'STREAMS', 'k', '0']]), ...['', 'STREAMS', 'STREAMS k', 'STREAMS k j 0', 'COUNT 1', 'COUNT 1 STREAMS', 'x STREAMS k 0',
    'GROUP g c STREAMS k 0', 'NOACK STREAMS k 0', 'STREAMS k 0 COUNT 1', 'COUNT 1 COUNT 2 STREAMS k 0', 'BLOCK x STREAMS k 0', 'BLOCK -1 STREAMS k 0', 'STREAMS k k 0 2', 'streams k j 9 0', 'STREAMS k j $ $'].map((rest) => `XREAD ${rest}`)],
  ['XREADGROUP', ...IDS.filter((id) => id !== '+').flatMap((id): Request[] => [...FILL, ['XREADGROUP', 'GROUP', 'g', 'c', 'STREAMS', 'k', id], ['XREADGROUP', 'GROUP', 'g', 'd', 'COUNT', '1', 'NOACK', 'STREAMS', 'k', id], ...SHOW]),
    ...['GROUP g c STREAMS k', 'GROUP g c STREAMS k >', 'GROUP g STREAMS k > x', 'GROUP x c STREAMS k >', 'GROUP g c STREAMS k n > >', 'GROUP g c STREAMS k k > >', 'GROUP g c COUNT 0 STREAMS k >', 'GROUP g c COUNT -5 STREAMS k >', 'GROUP g c NOACK STREAMS k >',
    'COUNT 1 BLOCK 5 NOACK STREAMS k >', 'GROUP g c BLOCK x STREAMS k >', 'GROUP g c COUNT x STREAMS k >', 'GROUP g c COUNT 2 STREAMS k 0', 'GROUP g c STREAMS k 1-1', 'NOACK GROUP g c STREAMS k >', 'GROUP g c GROUP g d STREAMS k >']
    .flatMap((rest) => [...FILL, `XREADGROUP ${rest}`, ...SHOW]), ...FILL, 'XDEL k 1-1', 'XREADGROUP GROUP g c STREAMS k 0', 'XREADGROUP GROUP g c STREAMS k >', 'XREADGROUP GROUP g c STREAMS k 0', 'XREADGROUP GROUP g c STREAMS k 3', ...SHOW],
  ['XGROUP', ...IDS.flatMap((id): Request[] => [...FILL, ['XGROUP', 'CREATE', 'k', 'h', id], ['XGROUP', 'SETID', 'k', 'g', id], 'XREADGROUP GROUP g c STREAMS k >', ...SHOW]), ...['k g 0', 'k h 0 MKSTREAM', 'n h $ MKSTREAM', 'n h 5-5 MKSTREAM',
    'n h x MKSTREAM', 'k h 0 ENTRIESREAD 2', 'k h 0 ENTRIESREAD -1', 'k h 0 ENTRIESREAD -2', 'k h 0 ENTRIESREAD x', 'k h 0 ENTRIESREAD', 'k h 0 MKSTREAM ENTRIESREAD 3', 'n h 0 ENTRIESREAD 3 MKSTREAM', 'k h 0 x', 'k h 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM']
    .flatMap((rest) => [...FILL, `XGROUP CREATE ${rest}`, 'EXISTS n', 'DEL n', ...SHOW]), ...['k g 3', 'k h 3', 'n g 3', 'k g $', 'k g 2-0 ENTRIESREAD 2', 'k g 2-0 ENTRIESREAD 2 ENTRIESREAD 3', 'k g 3 MKSTREAM', 'k g 3 x y']
    .flatMap((rest) => [...FILL, `XGROUP SETID ${rest}`, ...SHOW]), ...FILL, 'XGROUP DELCONSUMER k g c', 'XGROUP CREATECONSUMER k g c', 'XGROUP CREATECONSUMER k g c', 'XGROUP DELCONSUMER k g none', ...SHOW, 'XGROUP DESTROY k none',
    'XGROUP DESTROY k g', 'XGROUP DESTROY k g', 'XINFO GROUPS k', ...['b', 'a', 'c', 'B', '', 'ab'].flatMap((name): Request[] => [['XGROUP', 'CREATE', 'k', name, '0'], ['XGROUP', 'CREATECONSUMER', 'k', 'a', name], 'XINFO GROUPS k', 'XINFO STREAM k FULL'])],
  ['lag and entries read', 'XADD k 1-1 a 1', 'XADD k 2-1 a 1', 'XADD k 3-1 a 1', 'XADD k 4-1 a 1', 'XADD k 5-1 a 1', ...['0', '2-1', '1-1', '3-5', '$', '9-9', '0-1'].flatMap((id) => [`XGROUP CREATE k g${id} ${id}`, `XGROUP CREATECONSUMER k g${id} c`]),
    ...['XINFO GROUPS k', 'XDEL k 3-1', 'XINFO GROUPS k', 'XADD k 6-1 a 1', 'XINFO GROUPS k', 'XTRIM k MAXLEN 3', 'XINFO GROUPS k', 'XADD k 7-1 a 1', 'XDEL k 7-1', 'XINFO GROUPS k', 'XADD k 8-1 a 1', 'XTRIM k MAXLEN 0', 'XINFO GROUPS k', 'XADD k 20-1 a 1', 'XINFO GROUPS k']
    .flatMap((request) => [request, ...['0', '2-1', '1-1', '3-5', '$'].map((id) => `XREADGROUP GROUP g${id} c COUNT 1 STREAMS k >`), 'XINFO GROUPS k'])],
  ['XACK', ...each(IDS, (id) => [['XACK', 'k', 'g', id]]), ...each(['1-1 2-0', '1-1 x', '1-1 1-1', '3-1 2-0', '1-1'], (rest) => [`XACK k g ${rest}`, `XACK k none ${rest}`])],
  ['XPENDING', ...FILL, 'XREADGROUP GROUP g c STREAMS k >', ...IDS.flatMap((id): Request[] => [['XPENDING', 'k', 'g', id, '+', '10'], ['XPENDING', 'k', 'g', '-', id, '10', 'c']]), ...NUMBERS.map((n): Request => ['XPENDING', 'k', 'g', '-', '+', n]),
    ...['k none', 'k g -', 'k g - +', 'k g - + 10 c', 'k g - + 10 none', 'k g - + 10 c x', 'k g IDLE 0 - + 10', 'k g IDLE 10000000 - + 10', 'k g IDLE x - + 10', 'k g IDLE 0 - +', 'k g IDLE 0 -', 'k g IDLE 0 - + 10 c', 'k g IDLE 0 - + 10 c x', 'k g IDLE -5 - + 1',
    'k g (1-1 + 10', 'k g - (5-5 10', 'k g 2 3 10'].map((rest) => `XPENDING ${rest}`)],
  ['XCLAIM', ...each(IDS, (id) => [['XCLAIM', 'k', 'g', 'c', '0', id], ['XCLAIM', 'k', 'g', 'd', '0', id, 'FORCE', 'JUSTID']]), ...each(['0 1-1', '0 2-0 1-1', '0 1-1 JUSTID', '0 3-1 FORCE', '0 3-1 FORCE JUSTID', '0 9-9 FORCE', '10000000 1-1', '10000000 2-0 FORCE', 'x 1-1',
    '-5 2-0', '0 2-0 IDLE 500', '0 2-0 IDLE x', '0 2-0 IDLE', '0 2-0 TIME 1000', '0 2-0 TIME x', '0 2-0 TIME 99999999999999', '0 2-0 IDLE -5', '0 2-0 RETRYCOUNT 7', `0 2-0 RETRYCOUNT ${I64_MAX}`, '0 2-0 RETRYCOUNT x', '0 2-0 RETRYCOUNT -1', '0 2-0 RETRYCOUNT 0 JUSTID', '0 2-0 LASTID 3-1',
    '0 2-0 LASTID x', '0 2-0 LASTID 1-0', '0 2-0 x', '0 2-0 1-1 x 3-1', '0 2-0 FORCE JUSTID RETRYCOUNT 3 IDLE 5', '0 JUSTID', '0 2-0 2-0'], (rest) => [`XCLAIM k g c ${rest}`, `XCLAIM k none c ${rest}`]), ...FILL, 'XDEL k 1-1', 'XCLAIM k g d 0 1-1 2-0', ...SHOW],
  ['XAUTOCLAIM', ...each(IDS, (id) => [['XAUTOCLAIM', 'k', 'g', 'c', '0', id]]), ...each(['0 0', '0 0 COUNT 1', '0 (1-1', '0 2-0', '10000000 0', 'x 0', '-1 0', '0 0 COUNT 0', '0 0 COUNT -1', '0 0 COUNT x', '0 0 COUNT', '0 0 JUSTID', '0 0 COUNT 1 JUSTID', '0 0 x', '0 -', '0 +', `0 0 COUNT ${I64_MAX}`, '0 0 COUNT 576460752303423488', '0 0 COUNT 1000'],
    (rest) => [`XAUTOCLAIM k g c ${rest}`, `XAUTOCLAIM k none c ${rest}`]), ...FILL, 'XREADGROUP GROUP g c STREAMS k >', 'XDEL k 1-1 3-1', 'XAUTOCLAIM k g d 0 0 COUNT 1', 'XAUTOCLAIM k g d 0 0 COUNT 2', 'XAUTOCLAIM k g d 0 0', ...SHOW],
  ['copies and names', ...FILL, 'COPY k m', 'XINFO STREAM m FULL', 'XADD m 9-9 a b', 'XACK m g 1-1', ...SHOW, 'RENAME m k', ...SHOW, 'TYPE k', 'OBJECT ENCODING k', 'EXPIRE k 100', ...SHOW, 'PERSIST k', 'SCAN 0 TYPE stream', 'DEL k', 'EXISTS k'],
  ['fields and values', ['XADD', 'k', '1-1', '', ''], ['XADD', 'k', '1-2', '\0', '\xff\r\n'], ['XADD', 'k', '1-3', 'a'.repeat(63), 'b'.repeat(64)], ['XADD', 'k', '1-4', 'a'.repeat(4095), 'b'.repeat(4096)], ['XADD', 'k', '1-5', '12', '-5', '012', '1e3'],
    ['XADD', 'k', '1-6', I64_MAX, '-9223372036854775808', '9223372036854775808', '-0'], ['XADD', 'k', '1-7', ...Array.from({ length: 400 }, (_, i) => `f${i}`)], ['XADD', 'k', '1-8', ...Array.from({ length: 400 }, (_, i) => `f${i}`)], 'XRANGE k - +', 'XREVRANGE k + -', 'XINFO STREAM k',
    ['XADD', 'k', '2-1', 'f', 'x'.repeat(70_000)], 'XADD k 2-2 f y', 'XRANGE k 2 +', 'XINFO STREAM k', 'XDEL k 2-1', 'XINFO STREAM k', 'XREVRANGE k + - COUNT 2'],
]; // prettier-ignore
