// Geo commands with odd inputs: every option and error, positions at the edges of the world, areas of any size.

import type { Case } from '../support/conformance.js';
import type { Request } from '../support/requests.js';
import { SCORES } from './zset-cases.js';

const SICILY: readonly Request[] = [
  'DEL k',
  'GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.496365 41.902782 Rome 2.352222 48.856613 Paris 13.361389 38.115556 twin',
];
const WORLD: readonly Request[] = [
  'DEL k',
  'GEOADD k 0 0 null 180 85.05112878 ne -180 -85.05112878 sw 180 -85.05112878 se -180 85.05112878 nw 179.999 0 east -179.999 0 west 0 85 north 0 -85 south 10 70 high 90 81 higher -75.5 -66.5 low 0.000001 0.000001 near',
];
const SHAPES: readonly string[] = [
  'BYRADIUS 100 km', 'BYRADIUS 0 m', 'BYRADIUS 1 m', 'BYRADIUS 200000 m', 'BYRADIUS 1000 KM', 'BYRADIUS 5000 km', 'BYRADIUS 10000 km', 'BYRADIUS 25000 km', 'BYRADIUS 500 mi', 'BYRADIUS 1e6 ft', 'BYRADIUS 0.5 km', 'BYBOX 400 400 km',
  'BYBOX 0 0 m', 'BYBOX 2000 10 km', 'BYBOX 10 2000 km', 'BYBOX 40000 20000 km', 'BYBOX 300 300 mi', 'BYBOX 1e6 1e5 ft', 'BYRADIUS inf km', 'BYBOX 1 inf m', 'BYRADIUS 1e300 km',
]; // prettier-ignore
const MIDDLES: readonly string[] = [
  'FROMLONLAT 15 37',
  'FROMLONLAT 0 0',
  'FROMLONLAT 179.9 0',
  'FROMLONLAT -180 85',
  'FROMLONLAT 10 -70',
  'FROMLONLAT 45 83',
  'FROMLONLAT 180 -85.05112878',
  'FROMLONLAT -0.0001 0.0001',
];

const NAMES = [
  'GEOADD',
  'GEOPOS',
  'GEODIST',
  'GEOHASH',
  'GEOSEARCH',
  'GEOSEARCHSTORE',
  'GEORADIUS',
  'GEORADIUS_RO',
  'GEORADIUSBYMEMBER',
  'GEORADIUSBYMEMBER_RO',
];

export const GEO_CASES: readonly Case[] = [
  ['arity', ...NAMES.flatMap((name) => ['', ' k', ' k 1', ' k 1 2', ' k 1 2 3', ' k 1 2 3 4', ' k 1 2 3 km', ' k a 3 km', ' k 1 2 3 4 5 6'].map((rest) => name + rest))],
  ['wrong type', 'SET s v', 'GEOADD s 1 2 a', 'GEOPOS s a', 'GEODIST s a b', 'GEOHASH s a', 'GEODIST s a b x', ...['s FROMLONLAT 1 2 BYRADIUS 1 km', 's FROMMEMBER a BYRADIUS 1 km', 's x', 's FROMLONLAT x y BYBOX 1 1 km'].flatMap((rest) => [`GEOSEARCH ${rest}`,
    `GEOSEARCHSTORE to ${rest}`]), 'GEORADIUS s 1 2 3 km', 'GEORADIUS s x 2 3 km', 'GEORADIUSBYMEMBER s a 3 km', 'GEORADIUS_RO s 1 2 3 km', 'GEORADIUSBYMEMBER_RO s a 3 km'],
  ['nothing there', 'GEOPOS none a b', 'GEODIST none a b', 'GEODIST none a b x', 'GEODIST none a b km x', 'GEOHASH none a', 'GEOSEARCH none FROMLONLAT 1 2 BYRADIUS 1 km', 'GEOSEARCH none FROMMEMBER a BYRADIUS 1 km', 'GEOSEARCH none FROMMEMBER a BYRADIUS 1 km COUNT 0',
    'GEOSEARCH none FROMLONLAT x 2 BYRADIUS 1 km', 'SET to v', 'GEOSEARCHSTORE to none FROMMEMBER a BYRADIUS 1 km', 'EXISTS to', 'SET to v', 'GEORADIUS none 1 2 3 km STORE to', 'EXISTS to', 'GEORADIUSBYMEMBER none a x y', 'GEORADIUSBYMEMBER none a 3 km FOO', 'SET to v',
    'GEORADIUSBYMEMBER none a 3 km STOREDIST to', 'EXISTS to', 'GEOADD none XX 1 2 a', 'EXISTS none'],
  ['GEOADD', ...['', 'NX', 'XX', 'CH', 'NX CH', 'XX CH', 'NX XX', 'CH CH', 'GT', 'INCR', 'ch nx'].flatMap((options) => ['14 38 Palermo', '14 38 new', '14 38 a 15 39 b', '14 38 Palermo 13 37 Catania 1 1 new', '14 38', '14', '', '181 0 x', '-180.1 0 x', '0 85.06 x', '0 -86 x', 'x 0 a', '0 y a',
    '1 1 ok 200 0 bad', 'inf 0 a', '0 -inf a', '1e400 0 a', '1e30 -1e25 a', 'nan 0 a', '200.0000005 0.00000055 a'].flatMap((rest): Request[] => [...SICILY, `GEOADD k ${options} ${rest}`, 'ZRANGE k 0 -1 WITHSCORES']))],
  ['coordinates in every spelling', ...SCORES.filter((one) => !/^[-+(]*(nan|inf)/i.test(one)).flatMap((one): Request[] => [['GEOADD', 'k', one, '1', 'a'], ['GEOADD', 'k', '1', one, 'b'], 'GEOPOS k a b'])],
  ['the edges of the world', ...WORLD, 'ZRANGE k 0 -1 WITHSCORES', 'GEOPOS k null ne sw se nw east west north south near', 'GEOHASH k null ne sw se nw east west north south near', ...['ne', 'sw', 'east', 'north', 'near'].flatMap((a) => ['null', 'se', 'west', 'south', a].map((b) => `GEODIST k ${a} ${b} km`)),
    ...MIDDLES.flatMap((middle) => SHAPES.map((shape) => `GEOSEARCH k ${middle} ${shape} ASC WITHDIST`)), ...['null', 'east', 'high', 'low'].flatMap((member) => SHAPES.map((shape) => `GEOSEARCH k FROMMEMBER ${member} ${shape} WITHHASH`))],
  ['GEODIST', ...SICILY, ...['', 'm', 'km', 'MI', 'Ft', 'x', ''].flatMap((unit) => ['Palermo Catania', 'Palermo Palermo', 'Palermo twin', 'Rome Paris', 'none Rome', 'Rome none'].map((pair) => `GEODIST k ${pair} ${unit}`)), 'GEODIST k Rome Paris km km'],
  ['GEOPOS and GEOHASH', ...SICILY, 'GEOPOS k Palermo none Rome', 'GEOPOS k', 'GEOHASH k Palermo none Rome', 'GEOHASH k', 'ZADD k 0 zero 1.5 odd 4503599627370495 last 4503599627370496 behind -1 minus', 'GEOPOS k zero odd last behind', 'GEOHASH k zero odd last behind'],
  ['GEOSEARCH', ...SICILY, ...MIDDLES.flatMap((middle) => SHAPES.map((shape) => `GEOSEARCH k ${middle} ${shape}`)), ...['ASC', 'DESC', 'WITHDIST', 'WITHHASH', 'WITHCOORD', 'WITHCOORD WITHDIST WITHHASH ASC', 'COUNT 1', 'COUNT 2 DESC', 'COUNT 2 ASC', 'COUNT 100', 'COUNT 0', 'COUNT -1', 'COUNT x', 'COUNT', 'ANY',
    'COUNT 1 ANY', 'COUNT 2 ANY ASC', 'ANY COUNT 3', 'ASC DESC', 'desc asc', 'FOO', 'STORE x', 'STOREDIST x', 'STOREDIST', 'BYRADIUS 5 km', 'BYBOX 5 5 km', 'FROMLONLAT 0 0', 'FROMMEMBER Rome', 'BYRADIUS x km', 'BYRADIUS 5 ly', 'BYRADIUS -5 km', 'BYRADIUS 5'].map((options) =>
    `GEOSEARCH k FROMLONLAT 15 37 BYRADIUS 1000 km ${options}`), 'GEOSEARCH k FROMMEMBER none BYRADIUS 1 km', 'GEOSEARCH k FROMMEMBER Rome FROMMEMBER Paris BYRADIUS 1 km', 'GEOSEARCH k FROMMEMBER Rome FROMLONLAT 1 1 BYRADIUS 1 km', 'GEOSEARCH k BYRADIUS 1 km ASC DESC', 'GEOSEARCH k FROMMEMBER Rome ASC DESC ASC',
    'GEOSEARCH k FROMLONLAT 200 1 BYRADIUS 1 km', 'GEOSEARCH k FROMLONLAT x 1 BYRADIUS 1 km', 'geosearch k FROMMEMBER Rome ASC DESC ASC', 'GEOSEARCH k FROMMEMBER Rome BYBOX 1 x km', 'GEOSEARCH k FROMMEMBER Rome BYBOX x 1 km', 'GEOSEARCH k FROMMEMBER Rome BYBOX 1 -1 km', 'GEOSEARCH k FROMMEMBER Rome BYBOX 1 1 ly', 'GEOSEARCH k FROMMEMBER Rome BYBOX 1 1 km BYRADIUS 1 km'],
  ['GEOSEARCHSTORE', ...SICILY, ...['', 'STOREDIST', 'COUNT 1', 'COUNT 1 STOREDIST', 'DESC COUNT 2', 'ANY COUNT 2', 'WITHDIST', 'WITHHASH STOREDIST', 'STORE x', 'STOREDIST STOREDIST', 'FOO'].flatMap((options): Request[] => ['SET to v EX 100', `GEOSEARCHSTORE to k FROMLONLAT 15 37 BYRADIUS 1000 km ${options}`, 'TYPE to',
    'TTL to', 'ZRANGE to 0 -1', 'OBJECT ENCODING to']), 'GEOSEARCHSTORE to k FROMLONLAT 0 0 BYRADIUS 1 km', 'EXISTS to', 'GEOSEARCHSTORE k k FROMMEMBER Rome BYBOX 1000 1000 km', 'ZRANGE k 0 -1 WITHSCORES', 'GEOSEARCHSTORE k k BYRADIUS 1 km ASC DESC'],
  ['GEORADIUS and its kin', ...SICILY, ...['', 'WITHDIST WITHHASH WITHCOORD', 'COUNT 1 DESC', 'COUNT 2 ANY', 'STORE to', 'STOREDIST to', 'STORE to STOREDIST to2', 'STOREDIST to2 STORE to', 'STORE', 'STORE to WITHDIST', 'COUNT 0', 'FOO', 'FROMMEMBER Rome', 'ASC COUNT 1 STORE to'].flatMap((options) => ['GEORADIUS k 15 37 500 km',
    'GEORADIUS_RO k 15 37 500 km', 'GEORADIUSBYMEMBER k Palermo 500 km', 'GEORADIUSBYMEMBER_RO k Palermo 500 km'].flatMap((request) => ['DEL to to2', `${request} ${options}`, 'ZRANGE to 0 -1', 'EXISTS to2'])), 'GEORADIUS k 200 37 5 km', 'GEORADIUS k 15 37 x km', 'GEORADIUS k 15 37 -1 km', 'GEORADIUS k 15 37 1 ly',
    'GEORADIUSBYMEMBER k none 5 km', 'GEORADIUSBYMEMBER k Rome x km', 'GEORADIUSBYMEMBER k Rome 5 ly'],
]; // prettier-ignore
