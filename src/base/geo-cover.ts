// Which ranges of scores cover an area: a cell and up to eight neighbours of it, of a size by the area's (geo.ts).
//
// Cells are squares of a grid of 2^step by 2^step. The cell that has the area's middle and its neighbours are looked through in
// Redis's order, which a reply without ASC or DESC shows (geo.c, geohash_helper.c); neighbours that the area does not reach
// are left out.

import {
  cellOf,
  degrees,
  distance,
  EARTH_RADIUS_M,
  edgeOf,
  interleave,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  radians,
  STEP_MAX,
} from './geo.js';

/** Half the length of the equator in the projection that decides about the size of cells. */
const MERCATOR_MAX_M = 20037726.37;
/** Cells get larger towards the poles. */
const LATITUDE_FAR = 66;
const LATITUDE_FARTHEST = 80;

/** The middle of an area, how far it reaches and what it lies within, in degrees. */
export interface Extent {
  longitude: number;
  latitude: number;
  /** Metres from the middle to the farthest point. */
  radius: number;
  west: number;
  south: number;
  east: number;
  north: number;
}

/** Steps to the north and to the east of the cells, in the order in which they are looked through. */
const NORTH = [0, 1, -1, 0, 0, 1, 1, -1, -1] as const;
const EAST = [0, 0, 0, 1, -1, 1, -1, 1, -1] as const;
const CELLS_MAX = NORTH.length;

/** The ranges that `cover` found: scores from `from[i]` on below `to[i]`, `count` of them. */
export const covered = { count: 0, from: new Float64Array(CELLS_MAX), to: new Float64Array(CELLS_MAX) };

/** How far a circle or box reaches: `height` and `width` are metres to either side. */
export function setBounds(extent: Extent, width: number, height: number): void {
  const { longitude, latitude } = extent;
  const latitudeDelta = degrees(height / EARTH_RADIUS_M);
  // The edge that is nearer to the pole is longer in degrees.
  const edge = latitude < 0 ? latitude - latitudeDelta : latitude + latitudeDelta;
  const longitudeDelta = degrees(width / EARTH_RADIUS_M / Math.cos(radians(edge)));
  extent.west = longitude - longitudeDelta;
  extent.east = longitude + longitudeDelta;
  extent.south = latitude - latitudeDelta;
  extent.north = latitude + latitudeDelta;
}

/** The middle and the bounds of a polygon: longitudes and latitudes of its corners by turns. */
export function setPolygon(extent: Extent, corners: Float64Array): void {
  let x = 0;
  let y = 0;
  let z = 0;
  extent.west = LONGITUDE_MAX;
  extent.east = -LONGITUDE_MAX;
  extent.south = LATITUDE_MAX;
  extent.north = -LATITUDE_MAX;
  for (let i = 0; i < corners.length; i += 2) {
    const longitude = corners[i];
    const latitude = corners[i + 1];
    extent.west = Math.min(extent.west, longitude);
    extent.east = Math.max(extent.east, longitude);
    extent.south = Math.min(extent.south, latitude);
    extent.north = Math.max(extent.north, latitude);
    x += Math.cos(radians(latitude)) * Math.cos(radians(longitude));
    y += Math.cos(radians(latitude)) * Math.sin(radians(longitude));
    z += Math.sin(radians(latitude));
  }
  const longitude = degrees(Math.atan2(y, x));
  const latitude = degrees(Math.atan2(z, Math.sqrt(x * x + y * y)));
  extent.longitude = longitude;
  extent.latitude = latitude;
  extent.radius = Math.max(
    distance(longitude, latitude, extent.west, extent.north),
    distance(longitude, latitude, extent.east, extent.north),
    distance(longitude, latitude, extent.west, extent.south),
    distance(longitude, latitude, extent.east, extent.south),
  );
}

function stepFor({ radius, latitude }: Extent): number {
  if (radius === 0) return STEP_MAX;
  let step = -1;
  for (let reach = radius; reach < MERCATOR_MAX_M; reach *= 2) step++;
  if (Math.abs(latitude) > LATITUDE_FAR) step--;
  if (Math.abs(latitude) > LATITUDE_FARTHEST) step--;
  return Math.min(Math.max(step, 1), STEP_MAX);
}

/** True when the cells around the one in the middle do not reach to the bounds. */
function isTooFine(extent: Extent, row: number, column: number, cells: number): boolean {
  const north = edgeOf(wrapped(row + 1, cells) + 1, LATITUDE_MAX, cells);
  const south = edgeOf(wrapped(row - 1, cells), LATITUDE_MAX, cells);
  const east = edgeOf(wrapped(column + 1, cells) + 1, LONGITUDE_MAX, cells);
  const west = edgeOf(wrapped(column - 1, cells), LONGITUDE_MAX, cells);
  return north < extent.north || south > extent.south || east < extent.east || west > extent.west;
}

function wrapped(cell: number, cells: number): number {
  return (cell + cells) % cells;
}

/** Finds the ranges that cover an area: `covered` has them. */
export function cover(extent: Extent): void {
  const { longitude, latitude } = extent;
  let step = stepFor(extent);
  let cells = 2 ** step;
  let row = cellOf(latitude, LATITUDE_MAX, cells);
  let column = cellOf(longitude, LONGITUDE_MAX, cells);
  if (step > 1 && isTooFine(extent, row, column, cells)) {
    step--;
    cells = 2 ** step;
    row = cellOf(latitude, LATITUDE_MAX, cells);
    column = cellOf(longitude, LONGITUDE_MAX, cells);
  }
  // A coordinate at its limit has a cell of its own behind the last.
  const size = 2 ** (2 * (STEP_MAX - step));
  const leavesOut = step >= 2;
  const noSouth = leavesOut && edgeOf(row, LATITUDE_MAX, cells) < extent.south;
  const noNorth = leavesOut && edgeOf(row + 1, LATITUDE_MAX, cells) > extent.north;
  const noWest = leavesOut && edgeOf(column, LONGITUDE_MAX, cells) < extent.west;
  const noEast = leavesOut && edgeOf(column + 1, LONGITUDE_MAX, cells) > extent.east;
  let count = 0;
  let last = 0;
  let lastIndex = 0;
  for (let i = 0; i < CELLS_MAX; i++) {
    const north = NORTH[i];
    const east = EAST[i];
    if ((noSouth && north < 0) || (noNorth && north > 0) || (noWest && east < 0) || (noEast && east > 0)) continue;
    // The middle stays where it is, even behind the last cell.
    const bits = interleave(
      north === 0 ? row : wrapped(row + north, cells),
      east === 0 ? column : wrapped(column + east, cells),
    );
    // Neighbours may be the same cell where cells are large. Redis compares with the one before, but not with the middle.
    if (lastIndex !== 0 && bits === last) continue;
    covered.from[count] = bits * size;
    covered.to[count] = (bits + 1) * size;
    count++;
    last = bits;
    lastIndex = i;
  }
  covered.count = count;
}
