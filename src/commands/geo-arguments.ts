// Arguments that several geo commands share: positions, units, distances.

import { LATITUDE_MAX, LONGITUDE_MAX, type Position } from '../base/geo.js';
import { bytesOf } from '../base/bytes.js';
import { formatFixed } from '../base/doubles.js';
import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import { readDouble } from './zset-arguments.js';

const UNKNOWN_UNIT = 'ERR unsupported unit provided. please use M, KM, FT, MI';
const BAD_RADIUS = 'ERR need numeric radius';
const NEGATIVE_RADIUS = 'ERR radius cannot be negative';
const BAD_WIDTH = 'ERR need numeric width';
const BAD_HEIGHT = 'ERR need numeric height';
const NEGATIVE_BOX = 'ERR height or width cannot be negative';

/** Metres of each unit. */
const UNITS: readonly (readonly [name: Uint8Array, metres: number])[] = [
  [bytesOf('M'), 1],
  [bytesOf('KM'), 1000],
  [bytesOf('FT'), 0.3048],
  [bytesOf('MI'), 1609.34],
];

/** Metres of the unit at argument `i`; NaN: the error has been replied. */
export function readUnit(args: Args, i: number, reply: Reply): number {
  for (const [name, metres] of UNITS) if (args.is(i, name)) return metres;
  reply.error(UNKNOWN_UNIT);
  return NaN;
}

/** Reads longitude and latitude at argument `i` and behind it; false: the error has been replied. */
export function readPosition(args: Args, i: number, position: Position, reply: Reply): boolean {
  position.longitude = readDouble(args, i, reply);
  if (Number.isNaN(position.longitude)) return false;
  position.latitude = readDouble(args, i + 1, reply);
  if (Number.isNaN(position.latitude)) return false;
  const { longitude, latitude } = position;
  if (Math.abs(longitude) <= LONGITUDE_MAX && Math.abs(latitude) <= LATITUDE_MAX) return true;
  reply.error(`ERR invalid longitude,latitude pair ${sixPlaces(longitude)},${sixPlaces(latitude)}`);
  return false;
}

/** C's %f. */
function sixPlaces(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  return formatFixed(value, 6);
}

/** A radius, or width and height, and metres of the unit that they are in. */
export const lengths = { first: 0, second: 0, metres: 1 };

/** Reads a radius and its unit into `lengths`; false: the error has been replied. */
export function readRadius(args: Args, i: number, reply: Reply): boolean {
  lengths.first = readDouble(args, i, reply, BAD_RADIUS);
  if (Number.isNaN(lengths.first)) return false;
  if (lengths.first < 0) {
    reply.error(NEGATIVE_RADIUS);
    return false;
  }
  lengths.metres = readUnit(args, i + 1, reply);
  return !Number.isNaN(lengths.metres);
}

/** Reads width, height and their unit into `lengths`; false: the error has been replied. */
export function readBox(args: Args, i: number, reply: Reply): boolean {
  lengths.first = readDouble(args, i, reply, BAD_WIDTH);
  if (Number.isNaN(lengths.first)) return false;
  lengths.second = readDouble(args, i + 1, reply, BAD_HEIGHT);
  if (Number.isNaN(lengths.second)) return false;
  if (lengths.first < 0 || lengths.second < 0) {
    reply.error(NEGATIVE_BOX);
    return false;
  }
  lengths.metres = readUnit(args, i + 2, reply);
  return !Number.isNaN(lengths.metres);
}

// ---------------------------------------------------------------------- replies

const DISTANCE_PLACES = 4;
const COORDINATE_PLACES = 17;

/** A distance as geo commands tell it: four decimal places. */
export function replyDistance(distance: number, reply: Reply): void {
  reply.bulkText(formatFixed(distance, DISTANCE_PLACES));
}

/** A pair of coordinates: up to 17 decimal places, none of them a zero at the end. */
export function replyPosition({ longitude, latitude }: Position, reply: Reply): void {
  reply.array(2);
  reply.doubleText(coordinateText(longitude));
  reply.doubleText(coordinateText(latitude));
}

function coordinateText(coordinate: number): string {
  const text = formatFixed(coordinate, COORDINATE_PLACES);
  let end = text.length;
  while (text.endsWith('0', end)) end--;
  if (text.endsWith('.', end)) end--;
  return text.slice(0, end);
}
