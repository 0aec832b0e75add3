// Geo commands about given members: adding positions, asking for them, for distances and geohashes. A geo index is a sorted
// set whose scores are positions (base/geo.ts). Searches: geo-search.ts.

import { bytesOf } from '../base/bytes.js';
import { distance, geohashText, positionOfScore, scoreOfPosition, type Position } from '../base/geo.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { keyAt, type CommandSpec } from '../contract/spec.js';
import type { Db } from '../shard/db.js';
import { readPosition, readUnit, replyDistance, replyPosition } from './geo-arguments.js';
import { GEO_SEARCH_COMMANDS } from './geo-radius.js';
import { NO_ZSET, openZSet, WRONG_TYPE, zset } from './zset-values.js';
import { addWithScores, findMember } from './zset.js';

const NX = bytesOf('NX');
const XX = bytesOf('XX');
const CH = bytesOf('CH');

const position: Position = { longitude: 0, latitude: 0 };
const other: Position = { longitude: 0, latitude: 0 };

// ---------------------------------------------------------------------- GEOADD

const adding = { nx: false, xx: false, ch: false };

/** The score for the member at argument `i`, whose position stands before it. */
function readScore(args: Args, i: number, reply: Reply): number {
  if (!readPosition(args, i - 2, position, reply)) return NaN;
  return scoreOfPosition(position.longitude, position.latitude);
}

function opGeoAdd(db: Db, args: Args, reply: Reply): void {
  adding.nx = adding.xx = adding.ch = false;
  let first = 2;
  for (; first < args.count; first++) {
    if (args.is(first, NX)) adding.nx = true;
    else if (args.is(first, XX)) adding.xx = true;
    else if (args.is(first, CH)) adding.ch = true;
    else break;
  }
  const words = args.count - first;
  if (words === 0 || words % 3 !== 0 || (adding.nx && adding.xx)) {
    reply.error(ERRORS.syntax);
    return;
  }
  addWithScores(db, args, first + 2, 3, adding, readScore, reply);
}

// ---------------------------------------------------------------------- GEOPOS, GEOHASH, GEODIST

/** Reads the position of the member at argument `i` of the open set; false: the set does not have it. */
function locate(args: Args, i: number, into: Position): boolean {
  if (!findMember(args, i)) return false;
  positionOfScore(zset.score, into);
  return true;
}

function opGeoPos(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (length !== NO_ZSET && locate(args, i, position)) replyPosition(position, reply);
    else reply.nilArray();
  }
}

function opGeoHash(db: Db, args: Args, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  reply.array(args.count - 2);
  for (let i = 2; i < args.count; i++) {
    if (length !== NO_ZSET && locate(args, i, position)) {
      reply.bulkText(geohashText(position.longitude, position.latitude));
    } else {
      reply.nil();
    }
  }
}

function opGeoDist(db: Db, args: Args, reply: Reply): void {
  if (args.count > 5) {
    reply.error(ERRORS.syntax);
    return;
  }
  const metres = args.count === 5 ? readUnit(args, 4, reply) : 1;
  if (Number.isNaN(metres)) return;
  const length = openZSet(db, db.lookupRead(args, 1), reply);
  if (length === WRONG_TYPE) return;
  if (length === NO_ZSET || !locate(args, 2, position) || !locate(args, 3, other)) {
    reply.nil();
    return;
  }
  const { longitude, latitude } = other;
  replyDistance(distance(position.longitude, position.latitude, longitude, latitude) / metres, reply);
}

// ---------------------------------------------------------------------- declarations

const EACH = 'O(m * log n), n = members of the set, m = members given';
const SICILY = 'GEOADD k 13.361389 38.115556 Palermo 15.087269 37.502669 Catania';

export const GEO_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'GEOADD',
    since: '3.2.0',
    arity: -5,
    flags: ['write', 'denyoom'],
    group: 'geo',
    summary: 'Adds members with a position each, or moves them.',
    complexity: EACH,
    usage: 'key [NX | XX]@6.2.0 change=[CH]@6.2.0 longitude latitude member [longitude latitude member ...]',
    keys: [keyAt(1, 'RW', 'update')],
    history: [['6.2.0', 'Added the `CH`, `NX` and `XX` options.']],
    examples: [
      [SICILY, ':2'],
      ['GEOADD k CH 13.5 38 Palermo', ':1'],
      ['GEOADD k 181 0 x', '-ERR invalid longitude,latitude pair 181.000000,0.000000'],
      ['GEOADD k NX XX 1 2 x', '-ERR syntax error'],
    ],
    onShard: opGeoAdd,
  },
  {
    name: 'GEOPOS',
    since: '3.2.0',
    arity: -2,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Tells the positions of members.',
    complexity: 'O(m), m = members given',
    usage: 'key [member ...]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      [SICILY, ':2'],
      ['GEOPOS k Palermo z', '*2\r\n*2\r\n$20\r\n13.36138933897018433\r\n$20\r\n38.11555639549629859\r\n*-1'],
    ],
    onShard: opGeoPos,
  },
  {
    name: 'GEODIST',
    since: '3.2.0',
    arity: -4,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Tells how far two members are from each other.',
    complexity: 'O(1)',
    usage: 'key member1 member2 [M | KM | FT | MI]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      [SICILY, ':2'],
      ['GEODIST k Palermo Catania', '$11\r\n166274.1516'],
      ['GEODIST k Palermo Catania km', '$8\r\n166.2742'],
      ['GEODIST k Palermo z', '$-1'],
    ],
    onShard: opGeoDist,
  },
  {
    name: 'GEOHASH',
    since: '3.2.0',
    arity: -2,
    flags: ['readonly'],
    group: 'geo',
    summary: 'Tells the positions of members as geohashes of eleven letters.',
    complexity: 'O(m), m = members given',
    usage: 'key [member ...]',
    keys: [keyAt(1, 'RO', 'access')],
    examples: [
      [SICILY, ':2'],
      ['GEOHASH k Palermo z', '*2\r\n$11\r\nsqc8b49rny0\r\n$-1'],
    ],
    onShard: opGeoHash,
  },
  ...GEO_SEARCH_COMMANDS,
];
