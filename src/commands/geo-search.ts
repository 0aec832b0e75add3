// GEOSEARCH, GEOSEARCHSTORE and the older GEORADIUS family: all are one search with other ways of saying it.

import { bytesOf } from '../base/bytes.js';
import { positionOfScore, preciseDistance, type Position } from '../base/geo.js';
import { cover, covered } from '../base/geo-cover.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import type { Db } from '../shard/db.js';
import { ZSetValue } from '../values/zset.js';
import { int64Near, newView } from './arguments.js';
import { readBox, readPosition, readRadius, replyDistance, replyPosition } from './geo-arguments.js';
import { area, extent, found, isInside, measure, setBox, setCircle, setCorners } from './geo-area.js';
import { GeoMatches } from './geo-matches.js';
import { memberHashOf, NO_ZSET, openZSet, replyMember, storeZSet, WRONG_TYPE, zset } from './zset-values.js';
import { findMember } from './zset.js';

const word = (text: string): Uint8Array => bytesOf(text);
const WITHDIST = word('WITHDIST');
const WITHHASH = word('WITHHASH');
const WITHCOORD = word('WITHCOORD');
const ANY = word('ANY');
const ASC = word('ASC');
const DESC = word('DESC');
const COUNT = word('COUNT');
const STORE = word('STORE');
const STOREDIST = word('STOREDIST');
const FROMMEMBER = word('FROMMEMBER');
const FROMLONLAT = word('FROMLONLAT');
const BYRADIUS = word('BYRADIUS');
const BYBOX = word('BYBOX');
const BYPOLYGON = word('BYPOLYGON');

const UNKNOWN_MEMBER = 'ERR could not decode requested zset member';
const BAD_COUNT = 'ERR COUNT must be > 0';
const ANY_WITHOUT_COUNT = 'ERR the ANY argument requires COUNT argument';
const BAD_VERTICES = 'ERR invalid number of vertices';
const FEW_VERTICES = 'ERR GEOSEARCH BYPOLYGON must have at least 3 vertices';
const CORNERS_MIN = 3;
const INT32_LIMIT = 2 ** 31;

/** How a command says what it wants. */
export interface SearchForm {
  /** The argument with the key that is searched. */
  readonly source: number;
  /** Where the options begin. */
  readonly options: number;
  /** What stands before them: GEORADIUS's position, GEORADIUSBYMEMBER's member, or nothing (GEOSEARCH). */
  readonly middle: 'position' | 'member' | 'options';
  /** STORE and STOREDIST name a key; the key is argument 1 (GEOSEARCHSTORE); nothing is stored. */
  readonly stores: 'option' | 'always' | 'never';
}

const UNSORTED = 0;
const ASCENDING = 1;
const DESCENDING = -1;

/** What the running search is asked for. */
const wanted = {
  withDistance: false,
  withHash: false,
  withPosition: false,
  any: false,
  order: UNSORTED as -1 | 0 | 1,
  /** 0: all. */
  count: 0,
  /** The argument with the key to store at, 0 for none. */
  storeAt: 0,
  storesDistance: false,
  hasMiddle: false,
  hasShape: false,
  hasPolygon: false,
};

const middle: Position = { longitude: 0, latitude: 0 };
const position: Position = { longitude: 0, latitude: 0 };

// ---------------------------------------------------------------------- reading a request

function clear(form: SearchForm): void {
  wanted.withDistance = wanted.withHash = wanted.withPosition = false;
  wanted.any = wanted.storesDistance = wanted.hasMiddle = wanted.hasShape = wanted.hasPolygon = false;
  wanted.order = UNSORTED;
  wanted.count = 0;
  wanted.storeAt = form.stores === 'always' ? 1 : 0;
}

/** Reads what stands before the options; false: the error has been replied. */
function readFront(args: Args, form: SearchForm, exists: boolean, reply: Reply): boolean {
  if (form.middle === 'position') {
    if (!readPosition(args, 2, middle, reply) || !readRadius(args, 4, reply)) return false;
    setCircle();
  } else if (form.middle === 'member' && exists) {
    if (!readMember(args, 2, reply) || !readRadius(args, 3, reply)) return false;
    setCircle();
  }
  return true;
}

/** The middle is where the member at argument `i` is; false: the error has been replied. */
function readMember(args: Args, i: number, reply: Reply): boolean {
  if (!findMember(args, i)) {
    reply.error(UNKNOWN_MEMBER);
    return false;
  }
  positionOfScore(zset.score, middle);
  return true;
}

/** Reads the options; false: the error has been replied. */
function readOptions(args: Args, form: SearchForm, exists: boolean, reply: Reply): boolean {
  for (let i = form.options; i < args.count; i++) {
    const behind = args.count - 1 - i;
    if (args.is(i, WITHDIST)) wanted.withDistance = true;
    else if (args.is(i, WITHHASH)) wanted.withHash = true;
    else if (args.is(i, WITHCOORD)) wanted.withPosition = true;
    else if (args.is(i, ANY)) wanted.any = true;
    else if (args.is(i, ASC)) wanted.order = ASCENDING;
    else if (args.is(i, DESC)) wanted.order = DESCENDING;
    else if (behind >= 1 && args.is(i, COUNT)) {
      if (!readCount(args, ++i, reply)) return false;
    } else if (behind >= 1 && form.stores === 'option' && (args.is(i, STORE) || args.is(i, STOREDIST))) {
      wanted.storesDistance = args.is(i, STOREDIST);
      wanted.storeAt = ++i;
    } else if (form.stores === 'always' && args.is(i, STOREDIST)) {
      wanted.storesDistance = true;
    } else {
      const taken = form.middle === 'options' ? readSearchOption(args, i, behind, exists, reply) : UNKNOWN;
      if (taken === FAILED) return false;
      if (taken === UNKNOWN) {
        reply.error(ERRORS.syntax);
        return false;
      }
      i += taken;
    }
  }
  return true;
}

function readCount(args: Args, i: number, reply: Reply): boolean {
  wanted.count = int64Near(args, i);
  if (wanted.count > 0) return true;
  reply.error(Number.isNaN(wanted.count) ? ERRORS.notInteger : BAD_COUNT);
  return false;
}

/** `readSearchOption`: it is no such option, or the error has been replied. */
const UNKNOWN = -1;
const FAILED = -2;

/** What only GEOSEARCH knows, at argument `i`; returns how many arguments behind it were read. */
function readSearchOption(args: Args, i: number, behind: number, exists: boolean, reply: Reply): number {
  const { hasMiddle, hasShape, hasPolygon } = wanted;
  if (behind >= 1 && !hasPolygon && args.is(i, FROMMEMBER) && fromWhat !== FROMLONLAT) {
    if (exists && !readMember(args, i + 1, reply)) return FAILED;
    wanted.hasMiddle = true;
    fromWhat = FROMMEMBER;
    return 1;
  }
  if (behind >= 2 && !hasPolygon && args.is(i, FROMLONLAT) && fromWhat !== FROMMEMBER) {
    if (!readPosition(args, i + 1, middle, reply)) return FAILED;
    wanted.hasMiddle = true;
    fromWhat = FROMLONLAT;
    return 2;
  }
  if (behind >= 2 && !hasPolygon && args.is(i, BYRADIUS) && byWhat !== BYBOX) {
    if (!readRadius(args, i + 1, reply)) return FAILED;
    setCircle();
    wanted.hasShape = true;
    byWhat = BYRADIUS;
    return 2;
  }
  if (behind >= 3 && !hasPolygon && args.is(i, BYBOX) && byWhat !== BYRADIUS) {
    if (!readBox(args, i + 1, reply)) return FAILED;
    setBox();
    wanted.hasShape = true;
    byWhat = BYBOX;
    return 3;
  }
  if (behind >= 2 && !hasShape && !hasMiddle && args.is(i, BYPOLYGON)) return readPolygon(args, i, behind, reply);
  return UNKNOWN;
}

/** The option that gave the middle, and the one that gave the shape. */
let fromWhat = BYPOLYGON;
let byWhat = BYPOLYGON;

function readPolygon(args: Args, i: number, behind: number, reply: Reply): number {
  const corners = int64Near(args, i + 1);
  if (!(Math.abs(corners) < INT32_LIMIT)) {
    reply.error(BAD_VERTICES);
    return FAILED;
  }
  if (corners < CORNERS_MIN || (behind - 1) / 2 < corners) {
    reply.error(FEW_VERTICES);
    return FAILED;
  }
  const coordinates = new Float64Array(2 * corners);
  for (let k = 0; k < 2 * corners; k += 2) {
    if (!readPosition(args, i + 2 + k, position, reply)) return FAILED;
    coordinates[k] = position.longitude;
    coordinates[k + 1] = position.latitude;
  }
  setCorners(coordinates);
  wanted.hasPolygon = true;
  return 1 + 2 * corners;
}

/** What is wrong with the options as a whole; undefined when nothing is. */
function mistakeOf(args: Args, form: SearchForm): string | undefined {
  const { withDistance, withHash, withPosition, storeAt } = wanted;
  if (storeAt !== 0 && (withDistance || withHash || withPosition)) {
    const what = form.stores === 'always' ? 'GEOSEARCHSTORE' : 'STORE option in GEORADIUS';
    return `ERR ${what} is not compatible with WITHDIST, WITHHASH and WITHCOORD options`;
  }
  if (form.middle === 'options' && !wanted.hasPolygon) {
    const name = args.latin1(0);
    if (!wanted.hasMiddle) return `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${name}`;
    if (!wanted.hasShape) return `ERR exactly one of BYRADIUS and BYBOX can be specified for ${name}`;
  }
  return wanted.any && wanted.count === 0 ? ANY_WITHOUT_COUNT : undefined;
}

// ---------------------------------------------------------------------- searching

const matches = new GeoMatches();

/** Finds the members of the open set within the area, up to `limit` of them (0: all). */
function search(limit: number): void {
  matches.clear();
  measure(middle);
  cover(extent);
  for (let i = 0; i < covered.count && (limit === 0 || matches.count < limit); i++) {
    const end = covered.to[i];
    for (let more = zset.seekScore(covered.from[i], false); more; more = zset.next()) {
      const { score } = zset;
      if (score >= end) break;
      positionOfScore(score, position);
      if (isInside(position)) matches.add(zset.place, score, found.distance, position);
      if (limit !== 0 && matches.count >= limit) break;
    }
  }
}

/** Runs the search that the request describes. */
export function searchReply(db: Db, args: Args, form: SearchForm, reply: Reply): void {
  const length = openZSet(db, db.lookupRead(args, form.source), reply);
  if (length === WRONG_TYPE) return;
  const exists = length !== NO_ZSET;
  clear(form);
  fromWhat = byWhat = BYPOLYGON;
  if (!readFront(args, form, exists, reply) || !readOptions(args, form, exists, reply)) return;
  const mistake = mistakeOf(args, form);
  if (mistake !== undefined) {
    reply.error(mistake);
    return;
  }
  const { count, any, storeAt } = wanted;
  matches.clear();
  if (exists) search(any ? count : 0);
  const n = count === 0 ? matches.count : Math.min(count, matches.count);
  // The nearest ones are meant where nothing else is said.
  const order = wanted.order === UNSORTED && count !== 0 && !any ? ASCENDING : wanted.order;
  if (order !== UNSORTED) matches.sort(n, order);
  if (storeAt === 0) replyMatches(n, reply);
  else storeMatches(db, args, n, reply);
}

function replyMatches(n: number, reply: Reply): void {
  const { withDistance, withHash, withPosition } = wanted;
  const options = Number(withDistance) + Number(withHash) + Number(withPosition);
  reply.array(n);
  for (let k = 0; k < n; k++) {
    const i = matches.at(k);
    if (options > 0) reply.array(options + 1);
    zset.hold(matches.places[i]);
    replyMember(reply);
    if (withDistance) replyDistance(matches.distances[i] / area.metres, reply);
    if (withHash) replyHash(matches.scores[i], reply);
    if (!withPosition) continue;
    position.longitude = matches.longitudes[i];
    position.latitude = matches.latitudes[i];
    replyPosition(position, reply);
  }
}

/** A score as an integer. */
function replyHash(score: number, reply: Reply): void {
  const whole = Math.trunc(score);
  if (Number.isSafeInteger(whole)) reply.integer(whole);
  else reply.bigInteger(BigInt(whole));
}

const made = new ZSetValue();
const view = newView();

/** How far match `i` is from the middle, to the last bit. */
function storedDistance(i: number): number {
  const { longitude, latitude } = extent;
  return preciseDistance(longitude, latitude, matches.longitudes[i], matches.latitudes[i]) / area.metres;
}

function storeMatches(db: Db, args: Args, n: number, reply: Reply): void {
  made.begin(db.arena, true);
  for (let k = 0; k < n; k++) {
    const i = matches.at(k);
    zset.hold(matches.places[i]);
    zset.read(view);
    const score = wanted.storesDistance ? storedDistance(i) : matches.scores[i];
    const { bytes, start, end } = view;
    const hash = memberHashOf(db, bytes, start, end);
    if (made.find(hash, bytes, start, end)) continue; // cells that are looked through twice
    made.addUnordered(hash, bytes, start, end, score);
  }
  made.arrange();
  made.pack(db.shard.limits);
  storeZSet(db, args, wanted.storeAt, made, reply);
}
