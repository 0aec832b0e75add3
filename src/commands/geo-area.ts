// The area of a search: a circle, a box along the meridians, or a polygon. Says of a position whether it lies within, and how
// far it is from the middle.
//
// (1) Distances are worked out as Redis does (base/geo.ts). What is surely outside is told apart before, without the costly
//     functions and with a margin that their rounding stays below.

import { EARTH_RADIUS_M, distance, latitudeDistance, radians, type Position } from '../base/geo.js';
import { setBounds, setPolygon, type Extent } from '../base/geo-cover.js';
import { lengths } from './geo-arguments.js';

const CIRCLE = 0;
const BOX = 1;
const POLYGON = 2;

const MARGIN = 1 + 1e-9;
/** The sine of half an angle cannot tell more. */
const HALF_TURN = Math.PI / 2;

/** The area of the search that runs. */
export const area = {
  kind: CIRCLE as typeof CIRCLE | typeof BOX | typeof POLYGON,
  /** Metres of the unit that the request is in. */
  metres: 1,
  radius: 0,
  width: 0,
  height: 0,
  /** Longitudes and latitudes of a polygon's corners by turns. */
  corners: new Float64Array(0) as Float64Array,
};

export const extent: Extent = { longitude: 0, latitude: 0, radius: 0, west: 0, south: 0, east: 0, north: 0 };

/** Metres from the middle to the position that `isInside` found inside. */
export const found = { distance: 0 };

// For the first look: the middle in radians, the cosine of its latitude, the square of the sine of half the radius.
let middleLongitude = 0;
let middleLatitude = 0;
let middleCosine = 1;
let chordMax = 1;

/** The area is a circle, whose radius is in `lengths`. */
export function setCircle(): void {
  area.kind = CIRCLE;
  area.metres = lengths.metres;
  area.radius = lengths.first * lengths.metres;
}

/** The area is a box, whose width and height are in `lengths`. */
export function setBox(): void {
  area.kind = BOX;
  area.metres = lengths.metres;
  area.width = lengths.first * lengths.metres;
  area.height = lengths.second * lengths.metres;
}

export function setCorners(corners: Float64Array): void {
  area.kind = POLYGON;
  area.metres = 1;
  area.corners = corners;
}

/** Makes ready to search around `middle` (a polygon has its own): `extent` is the area's. */
export function measure(middle: Position): void {
  extent.longitude = middle.longitude;
  extent.latitude = middle.latitude;
  if (area.kind === CIRCLE) {
    extent.radius = area.radius;
    setBounds(extent, area.radius, area.radius);
  } else if (area.kind === BOX) {
    const { metres } = area;
    const width = lengths.first / 2;
    const height = lengths.second / 2;
    extent.radius = Math.sqrt(width * width + height * height) * metres;
    setBounds(extent, metres * width, metres * height);
  } else {
    setPolygon(extent, area.corners);
  }
  middleLongitude = radians(extent.longitude);
  middleLatitude = radians(extent.latitude);
  middleCosine = Math.cos(middleLatitude);
  const chord = Math.sin(Math.min(area.radius / (2 * EARTH_RADIUS_M), HALF_TURN));
  chordMax = chord * chord * MARGIN + Number.EPSILON;
}

/** True when the position lies within the area. */
export function isInside({ longitude, latitude }: Position): boolean {
  if (area.kind === CIRCLE) return isInCircle(longitude, latitude);
  if (area.kind === BOX ? !isInBox(longitude, latitude) : !isInPolygon(longitude, latitude)) return false;
  found.distance = distance(extent.longitude, extent.latitude, longitude, latitude);
  return true;
}

function isInCircle(longitude: number, latitude: number): boolean {
  const latitudeRadians = radians(latitude);
  const u = Math.sin((latitudeRadians - middleLatitude) / 2);
  if (u * u > chordMax) return false;
  const v = Math.sin((radians(longitude) - middleLongitude) / 2);
  if (u * u + middleCosine * Math.cos(latitudeRadians) * v * v > chordMax) return false;
  found.distance = distance(extent.longitude, extent.latitude, longitude, latitude);
  return found.distance <= area.radius;
}

function isInBox(longitude: number, latitude: number): boolean {
  if (latitudeDistance(latitude, extent.latitude) > area.height / 2) return false;
  return distance(longitude, latitude, extent.longitude, latitude) <= area.width / 2;
}

/** A ray to the west crosses an odd number of edges. (https://wrfranklin.org/Research/Short_Notes/pnpoly.html) */
function isInPolygon(longitude: number, latitude: number): boolean {
  const { corners } = area;
  let inside = false;
  let x2 = corners[corners.length - 2];
  let y2 = corners[corners.length - 1];
  for (let i = 0; i < corners.length; i += 2) {
    const x1 = corners[i];
    const y1 = corners[i + 1];
    const crosses = y1 > latitude !== y2 > latitude;
    if (crosses && longitude < ((x2 - x1) * (latitude - y1)) / (y2 - y1) + x1) inside = !inside;
    x2 = x1;
    y2 = y1;
  }
  return inside;
}
