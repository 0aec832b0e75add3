// Positions on the earth as one number each, and distances between them.
//
//   score   52 bits: 26 of the latitude within ±85.05112878 degrees, 26 of the longitude within ±180, by turns, the
//           longitude's first. It is exact in a double, and positions near each other mostly have near scores.
//
// What a score stands for is a cell of some centimetres; a decoded position is its middle. The formulas and their order of
// operations are Redis's (geohash.c, geohash_helper.c), because every digit of a reply shows them.

import { preciseAsin, preciseCos, preciseSin } from './precise-trig.js';

export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;
/** Bits of each coordinate. */
export const STEP_MAX = 26;
export const EARTH_RADIUS_M = 6372797.560856;

const CELLS = 2 ** STEP_MAX;
const DEGREE = Math.PI / 180;
const TWO_16 = 65536;
const TWO_32 = 4294967296;

/** A position that a function fills. */
export interface Position {
  longitude: number;
  latitude: number;
}

// ---------------------------------------------------------------------- scores

/** Puts the bits of a half word to the even places of a word. */
function spread(half: number): number {
  let bits = half & 0xffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** The even bits of a word as a half word. */
function gather(word: number): number {
  let bits = word & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0xffff;
}

/** The number whose bits are those of both by turns; each has at most 27. */
export function interleave(latitudeBits: number, longitudeBits: number): number {
  const low = spread(latitudeBits) | (spread(longitudeBits) << 1);
  const high = spread(latitudeBits / TWO_16) | (spread(longitudeBits / TWO_16) << 1);
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** The cell of a coordinate, of `cells` between `-max` and `max`. */
export function cellOf(coordinate: number, max: number, cells: number): number {
  return Math.floor(((coordinate + max) / (max + max)) * cells);
}

/** The score of a position within the limits. */
export function scoreOfPosition(longitude: number, latitude: number): number {
  return interleave(cellOf(latitude, LATITUDE_MAX, CELLS), cellOf(longitude, LONGITUDE_MAX, CELLS));
}

/** The lower edge of a cell; that of the one behind it is the upper edge. */
export function edgeOf(cell: number, max: number, cells: number): number {
  return -max + (cell / cells) * (max + max);
}

function middleOf(cell: number, max: number): number {
  const middle = (edgeOf(cell, max, CELLS) + edgeOf(cell + 1, max, CELLS)) / 2;
  return middle > max ? max : middle < -max ? -max : middle;
}

/** The position that a score stands for. */
export function positionOfScore(score: number, position: Position): void {
  const low = score | 0;
  const high = Math.floor(score / TWO_32) | 0;
  position.latitude = middleOf(gather(low) + gather(high) * TWO_16, LATITUDE_MAX);
  position.longitude = middleOf(gather(low >>> 1) + gather(high >>> 1) * TWO_16, LONGITUDE_MAX);
}

const ALPHABET = '0123456789bcdefghjkmnpqrstuvwxyz';
const POLE = 90;
const LETTER_BITS = 5;
const LETTERS = 10;

/** The geohash of a position, as it is written elsewhere (latitudes up to the poles): ten letters, and a 0. */
export function geohashText(longitude: number, latitude: number): string {
  const bits = interleave(cellOf(latitude, POLE, CELLS), cellOf(longitude, LONGITUDE_MAX, CELLS));
  let text = '';
  for (let i = 1; i <= LETTERS; i++) {
    text += ALPHABET[Math.floor(bits / 2 ** (2 * STEP_MAX - LETTER_BITS * i)) % ALPHABET.length];
  }
  return `${text}0`;
}

// ---------------------------------------------------------------------- distances

export function radians(degrees: number): number {
  return degrees * DEGREE;
}

export function degrees(angle: number): number {
  return angle / DEGREE;
}

/** Metres between two latitudes. */
export function latitudeDistance(latitude1: number, latitude2: number): number {
  return EARTH_RADIUS_M * Math.abs(radians(latitude2) - radians(latitude1));
}

/** Metres between two positions, on a sphere. */
export function distance(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  const v = Math.sin((radians(longitude2) - radians(longitude1)) / 2);
  if (v === 0) return latitudeDistance(latitude1, latitude2);
  const lat1 = radians(latitude1);
  const lat2 = radians(latitude2);
  const u = Math.sin((lat2 - lat1) / 2);
  const a = u * u + Math.cos(lat1) * Math.cos(lat2) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(a));
}

/** The same to the last bit, which a stored distance shows; some ten times slower. */
export function preciseDistance(longitude1: number, latitude1: number, longitude2: number, latitude2: number): number {
  const v = preciseSin((radians(longitude2) - radians(longitude1)) / 2);
  if (v === 0) return latitudeDistance(latitude1, latitude2);
  const lat1 = radians(latitude1);
  const lat2 = radians(latitude2);
  const u = preciseSin((lat2 - lat1) / 2);
  const a = u * u + preciseCos(lat1) * preciseCos(lat2) * v * v;
  return 2 * EARTH_RADIUS_M * preciseAsin(Math.sqrt(a));
}
