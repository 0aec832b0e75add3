// Doubles in Redis's spelling, which since 7.2 is the shortest that reads back the same: 0.1, 3, -2.5e-11, inf, nan.
//
// Whole numbers up to 2^62 are spelt out. Otherwise the shortest digits d (n of them, value = d * 10^k) stand
//   as an integer     when k >= 0 and the value is below 10^(n+7),
//   as a decimal      when k < 0, and k > -7 or the value is within 10^-3 .. 10^4,
//   with an exponent  else: 1.5e-10, 1e+30.
// Redis 7.0 and older print 17 significant digits instead (0.10000000000000001). Same number, longer: `formatDouble17`.

import { writeInteger } from './integers.js';

/** Whole numbers up to here (half the int64 range) are written as integers. */
const WHOLE_MAX = 2 ** 62;
/** Integers take up to this many zeros behind the shortest digits. */
const TRAILING_ZEROS_BELOW = 7;

/** The longest spelling. */
export const DOUBLE_CHARS_MAX = 25;

/** Decimals up to so many places are written without a string in between, if they have at most 15 digits. */
const SHORT_PLACES_MAX = 6;
const SHORT_UNITS_MAX = 1e15;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** Writes the spelling of `value` at `at` (DOUBLE_CHARS_MAX bytes at most) and returns its end. */
export function writeDouble(bytes: Uint8Array, at: number, value: number): number {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return writeInteger(bytes, at, value);
  const magnitude = Math.abs(value);
  let scale = 10;
  for (let places = 1; places <= SHORT_PLACES_MAX; places++, scale *= 10) {
    const units = Math.round(magnitude * scale);
    if (units >= SHORT_UNITS_MAX || units === 0) continue;
    if (units / scale === magnitude) return writePlaces(bytes, at, value < 0, units, places);
  }
  const text = formatDouble(value);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Writes `units` with a point before its last `places` digits. */
function writePlaces(bytes: Uint8Array, at: number, isNegative: boolean, units: number, places: number): number {
  const scale = 10 ** places;
  if (isNegative) bytes[at++] = MINUS;
  const whole = Math.floor(units / scale);
  let rest = units - whole * scale;
  const point = writeInteger(bytes, at, whole);
  bytes[point] = POINT;
  for (let i = point + places; i > point; i--) {
    const tens = Math.floor(rest / 10);
    bytes[i] = ZERO + (rest - tens * 10);
    rest = tens;
  }
  return point + places + 1;
}

/** The spelling of `value`, ASCII, at most DOUBLE_CHARS_MAX characters. Allocates. */
export function formatDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (Number.isNaN(value)) return 'nan';
  if (value === Infinity) return 'inf';
  if (value === -Infinity) return '-inf';
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) <= WHOLE_MAX) return String(BigInt(value));
  return formatShortest(value);
}

function formatShortest(value: number): string {
  // V8 gives the shortest digits as d.ddde±x.
  const scientific = Math.abs(value).toExponential();
  const split = scientific.indexOf('e');
  const digits = scientific[0] + scientific.slice(2, split);
  const exponent = Number(scientific.slice(split + 1));
  const sign = value < 0 ? '-' : '';
  const n = digits.length;
  const k = exponent - n + 1;
  const magnitude = Math.abs(exponent);
  if (k >= 0 && magnitude < n + TRAILING_ZEROS_BELOW) return sign + digits + '0'.repeat(k);
  if (k < 0 && (k > -7 || magnitude < 4)) {
    const point = n + k;
    if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`;
    return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
  }
  const mantissa = n === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${magnitude}`;
}

const DIGITS_17 = 17;

/** The spelling of C's `%.17g`: up to 17 significant digits, without zeros at their end. Allocates. */
export function formatDouble17(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return formatDouble(value);
  const scientific = Math.abs(value).toExponential(DIGITS_17 - 1);
  const split = scientific.indexOf('e');
  const exponent = Number(scientific.slice(split + 1));
  const digits = (scientific[0] + scientific.slice(2, split)).replace(/0+$/, '');
  const sign = value < 0 ? '-' : '';
  if (exponent < -4 || exponent >= DIGITS_17) {
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? sign + whole : `${sign}${whole}.${fraction}`;
}

/**
 * The spelling of C's `%.<places>f`, which rounds what lies half-way to the even digit, where JavaScript rounds up. The value
 * is below 10^21. Allocates.
 */
export function formatFixed(value: number, places: number): string {
  const text = value.toFixed(places);
  // Half-way between two spellings is what has just one binary digit more than decimal places.
  if (Math.abs(value * 2 ** (places + 1)) % 2 !== 1) return text;
  const exact = value.toFixed(places + 1);
  const isEven = exact.charCodeAt(exact.length - 2) % 2 === 0;
  return isEven ? exact.slice(0, -1) : text;
}
