// What searches by position are called: GEOSEARCH and its older forms (geo-search.ts does the work).

import { ERRORS } from '../contract/errors.js';
import { keyAt, type CommandSpec, type KeySpec, type ShardOp } from '../contract/spec.js';
import { searchReply, type SearchForm } from './geo-search.js';

function searching(form: SearchForm): ShardOp {
  return (db, args, reply) => {
    searchReply(db, args, form, reply);
  };
}

const SEARCHED = 'O(n + m * log m), n = members in the cells around the area, m = members in the area';
const UNITS = '(M | KM | FT | MI)';
const FROM = 'from=(FROMMEMBER member | FROMLONLAT longitude latitude)';
const BY = `by=(circle=<(BYRADIUS radius) ${UNITS}> | box=<(BYBOX width) height ${UNITS}>)`;
const FOUND = '[WITHCOORD] [WITHDIST] [WITHHASH]';
const ORDER = '[ASC | DESC]';
const COUNT = '[count=<COUNT count [ANY]>]';
const COUNT_SINCE = '[count=<COUNT count [ANY]@6.2.0>]';
const STORE = '[STORE key] [STOREDIST key]';
const UPPERCASE = [['7.0.0', 'Added support for uppercase unit names.']] as const;
const ANY_SINCE = ['6.2.0', 'Added the `ANY` option for `COUNT`.'] as const;

const SICILY = 'GEOADD {k} 13.361389 38.115556 Palermo 15.087269 37.502669 Catania';

function storeKeys(startFrom: number): readonly KeySpec[] {
  const find = { last: 0, step: 1, limit: 0 };
  return [
    keyAt(1, 'RO', 'access'),
    { flags: ['OW', 'update'], begin: { keyword: 'STORE', startFrom }, find },
    { flags: ['OW', 'update'], begin: { keyword: 'STOREDIST', startFrom }, find },
  ];
}

export const GEO_SEARCH_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'GEOSEARCH',
    since: '6.2.0',
    arity: -7,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Finds the members within a circle, a box or a polygon.',
    complexity: SEARCHED,
    usage: `key ${FROM} ${BY} ${ORDER} ${COUNT} ${FOUND}`,
    keys: [keyAt(1, 'RO', 'access')],
    history: UPPERCASE,
    examples: [
      [SICILY, ':2'],
      ['GEOSEARCH {k} FROMLONLAT 15 37 BYRADIUS 200 km ASC', '*2\r\n$7\r\nCatania\r\n$7\r\nPalermo'],
      ['GEOSEARCH {k} FROMMEMBER Palermo BYBOX 400 1 KM WITHDIST', '*1\r\n*2\r\n$7\r\nPalermo\r\n$6\r\n0.0000'],
      ['GEOSEARCH {k} BYPOLYGON 3 12 37 15 37 13 40', '*1\r\n$7\r\nPalermo'],
      ['GEOSEARCH {k} FROMLONLAT 15 37 BYRADIUS 200 ly', '-ERR unsupported unit provided. please use M, KM, FT, MI'],
    ],
    onShard: searching({ source: 1, options: 2, middle: 'options', stores: 'never' }),
  },
  {
    name: 'GEOSEARCHSTORE',
    since: '6.2.0',
    arity: -8,
    flags: ['write', 'denyoom'],
    group: 'geo',
    summary: 'Makes a sorted set of the members within a circle, a box or a polygon.',
    complexity: SEARCHED,
    usage: `destination source ${FROM} ${BY} ${ORDER} ${COUNT} [STOREDIST]`,
    keys: [keyAt(1, 'OW', 'update'), keyAt(2, 'RO', 'access')],
    history: UPPERCASE,
    examples: [
      [SICILY, ':2'],
      ['GEOSEARCHSTORE {k}2 {k} FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1', ':1'],
      ['ZRANGE {k}2 0 -1 WITHSCORES', '*2\r\n$7\r\nCatania\r\n$16\r\n3479447370796909'],
    ],
    onShard: searching({ source: 2, options: 3, middle: 'options', stores: 'always' }),
    across: { gather: true },
  },
  {
    name: 'GEORADIUS',
    since: '3.2.0',
    arity: -6,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'geo',
    summary: 'Finds the members within a circle, and tells or stores them.',
    complexity: SEARCHED,
    usage: `key longitude latitude radius ${UNITS} ${FOUND} ${COUNT_SINCE} ${ORDER} ${STORE}`,
    keys: storeKeys(6),
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument' },
    history: [ANY_SINCE, ...UPPERCASE],
    examples: [
      [SICILY, ':2'],
      ['GEORADIUS {k} 15 37 200 km WITHDIST COUNT 1', '*1\r\n*2\r\n$7\r\nCatania\r\n$7\r\n56.4413'],
      ['GEORADIUS {k} 15 37 200 km STORE {k}2', ':2'],
      [
        'GEORADIUS {k} 15 37 200 km STORE {k}2 WITHDIST',
        '-ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options',
      ],
    ],
    onShard: searching({ source: 1, options: 6, middle: 'position', stores: 'option' }),
    across: { gather: true },
  },
  {
    name: 'GEORADIUS_RO',
    since: '3.2.10',
    arity: -6,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Finds the members within a circle.',
    complexity: SEARCHED,
    usage: `key longitude latitude radius ${UNITS} ${FOUND} ${COUNT_SINCE} ${ORDER}`,
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` argument' },
    history: [ANY_SINCE],
    examples: [
      [SICILY, ':2'],
      ['GEORADIUS_RO {k} 15 37 100 km', '*1\r\n$7\r\nCatania'],
      ['GEORADIUS_RO {k} 15 37 100 km STORE x', `-${ERRORS.syntax}`],
    ],
    onShard: searching({ source: 1, options: 6, middle: 'position', stores: 'never' }),
  },
  {
    name: 'GEORADIUSBYMEMBER',
    since: '3.2.0',
    arity: -5,
    flags: ['write', 'denyoom', 'movablekeys'],
    group: 'geo',
    summary: 'Finds the members within a circle around another, and tells or stores them.',
    complexity: SEARCHED,
    usage: `key member radius ${UNITS} ${FOUND} ${COUNT} ${ORDER} ${STORE}`,
    keys: storeKeys(5),
    deprecated: {
      since: '6.2.0',
      replacedBy: '`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments',
    },
    history: UPPERCASE,
    examples: [
      [SICILY, ':2'],
      ['GEORADIUSBYMEMBER {k} Palermo 200 km DESC', '*2\r\n$7\r\nCatania\r\n$7\r\nPalermo'],
      ['GEORADIUSBYMEMBER {k} z 200 km', '-ERR could not decode requested zset member'],
    ],
    onShard: searching({ source: 1, options: 5, middle: 'member', stores: 'option' }),
    across: { gather: true },
  },
  {
    name: 'GEORADIUSBYMEMBER_RO',
    since: '3.2.10',
    arity: -5,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Finds the members within a circle around another.',
    complexity: SEARCHED,
    usage: `key member radius ${UNITS} ${FOUND} ${COUNT} ${ORDER}`,
    keys: [keyAt(1, 'RO', 'access')],
    deprecated: { since: '6.2.0', replacedBy: '`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments' },
    examples: [
      [SICILY, ':2'],
      ['GEORADIUSBYMEMBER_RO {k} Palermo 100 km', '*1\r\n$7\r\nPalermo'],
    ],
    onShard: searching({ source: 1, options: 5, middle: 'member', stores: 'never' }),
  },
];
