// The 80-bit extended floating point of x87 (C's `long double` where Redis usually runs), for INCRBYFLOAT, whose result
// shows every rounding: 64 bits of mantissa, exponents down to -16445, round half to even.
//
// A finite value is mantissa * 2^exponent with a signed bigint; numbers of any precision are rounded to a value by
// `rounded`. The sign of zero is not kept: Redis prints both as 0.
//
//   parse    what strtold takes in the C locale: decimals, 0x hexadecimals, inf; not NaN, no white space
//   format   printf's %.17Lf without the zeros at its end
//
// Limit: texts up to LONG_DOUBLE_CHARS_MAX characters, as in Redis; exponents outside the range never make big numbers.

import { latin1Of } from './bytes.js';

/** A value. `mantissa` is 0 when `infinite` is not; it has at most 64 bits. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
  /** -1 or 1: minus or plus infinity; 2: not a number. */
  readonly infinite: -1 | 0 | 1 | 2;
}

/** Longest text that is read, and room for the longest that is written. */
export const LONG_DOUBLE_CHARS_MAX = 5 * 1024 - 1;

const MANTISSA_BITS = 64;
/** Exponent of the last bit of the smallest subnormal. */
const EXPONENT_MIN = -16445;
/** Finite values are below 2^EXPONENT_END. */
const EXPONENT_END = 16384;
/** A decimal d.ddd * 10^x is out of range for sure when x is beyond these (the range is 10^-4951 .. 10^4932). */
const DECIMAL_MAX = 4940;
const DECIMAL_MIN = -4960;
/** The same for 2^x. */
const BINARY_MAX = EXPONENT_END + 8;
const BINARY_MIN = EXPONENT_MIN - 8;
/** Bits of a quotient that make its rounding safe: the mantissa, the bit that decides, the rest. */
const QUOTIENT_BITS = MANTISSA_BITS + 2;

const FRACTION_DIGITS = 17;
const FRACTION_SCALE = 10n ** BigInt(FRACTION_DIGITS);

const ZERO: LongDouble = { mantissa: 0n, exponent: 0, infinite: 0 };
const NOT_A_NUMBER: LongDouble = { mantissa: 0n, exponent: 0, infinite: 2 };

const NUMBER =
  /^([+-]?)(?:(inf(?:inity)?)|0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?|([0-9]*)(?:\.([0-9]*))?(?:e([+-]?[0-9]+))?)$/i;

/** The value that the range spells; undefined when it spells none, or one that overflows or underflows to zero. */
export function parseLongDouble(bytes: Uint8Array, start: number, end: number): LongDouble | undefined {
  if (start === end || end - start > LONG_DOUBLE_CHARS_MAX) return undefined;
  const match = NUMBER.exec(latin1Of(bytes, start, end));
  if (match === null) return undefined;
  // Groups that took no part are undefined, whatever the type of RegExpExecArray says.
  const [, sign, infinity, hexWhole, hexFraction, binaryExponent, whole, fraction, exponent] = match as (
    string | undefined
  )[];
  const negative = sign === '-';
  if (infinity !== undefined) return { mantissa: 0n, exponent: 0, infinite: negative ? -1 : 1 };
  const value =
    hexWhole === undefined
      ? decimalValue(whole ?? '', fraction ?? '', Number(exponent ?? 0))
      : hexValue(hexWhole, hexFraction ?? '', Number(binaryExponent ?? 0));
  if (value === undefined || value.infinite !== 0) return undefined;
  return negative ? { ...value, mantissa: -value.mantissa } : value;
}

function decimalValue(whole: string, fraction: string, exponent: number): LongDouble | undefined {
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return whole === '' && fraction === '' ? undefined : ZERO;
  const ten = exponent - fraction.length;
  const magnitude = digits.length + ten;
  if (magnitude > DECIMAL_MAX || magnitude < DECIMAL_MIN) return undefined;
  const integer = BigInt(digits);
  if (ten >= 0) return nonZero(rounded(integer * 10n ** BigInt(ten), 0));
  const divisor = 10n ** BigInt(-ten);
  const shift = Math.max(0, QUOTIENT_BITS + bitLength(divisor) - bitLength(integer));
  const dividend = integer << BigInt(shift);
  const quotient = dividend / divisor;
  // A last bit that stands for everything behind it: enough for rounding half to even.
  const sticky = quotient * divisor === dividend ? quotient : quotient | 1n;
  return nonZero(rounded(sticky, -shift));
}

function hexValue(whole: string, fraction: string, exponent: number): LongDouble | undefined {
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return whole === '' && fraction === '' ? undefined : ZERO;
  const two = exponent - 4 * fraction.length;
  const magnitude = 4 * digits.length + two;
  if (magnitude > BINARY_MAX || magnitude < BINARY_MIN) return undefined;
  return nonZero(rounded(BigInt(`0x${digits}`), two));
}

/** Digits that are not zero but become zero have underflowed. */
function nonZero(value: LongDouble): LongDouble | undefined {
  return value.mantissa === 0n ? undefined : value;
}

/** The sum, rounded; infinite when it overflows, not a number for infinities of both signs. */
export function addLongDoubles(a: LongDouble, b: LongDouble): LongDouble {
  if (a.infinite !== 0 || b.infinite !== 0) {
    if (a.infinite !== 0 && b.infinite !== 0 && a.infinite !== b.infinite) return NOT_A_NUMBER;
    return a.infinite !== 0 ? a : b;
  }
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = (a.mantissa << BigInt(a.exponent - exponent)) + (b.mantissa << BigInt(b.exponent - exponent));
  return rounded(sum, exponent);
}

/** The value nearest to mantissa * 2^exponent, half to even. */
function rounded(mantissa: bigint, exponent: number): LongDouble {
  if (mantissa === 0n) return ZERO;
  const negative = mantissa < 0n;
  let magnitude = negative ? -mantissa : mantissa;
  let two = exponent;
  const excess = Math.max(bitLength(magnitude) - MANTISSA_BITS, EXPONENT_MIN - two);
  if (excess > 0) {
    magnitude = shiftedHalfEven(magnitude, excess);
    two += excess;
  }
  if (magnitude === 0n) return ZERO;
  // Rounding up may have carried into a 65th bit, which is a power of two then and just as exact.
  if (bitLength(magnitude) + two > EXPONENT_END) return { mantissa: 0n, exponent: 0, infinite: negative ? -1 : 1 };
  return { mantissa: negative ? -magnitude : magnitude, exponent: two, infinite: 0 };
}

/** magnitude / 2^bits, half to even. */
function shiftedHalfEven(magnitude: bigint, bits: number): bigint {
  const shift = BigInt(bits);
  const quotient = magnitude >> shift;
  const rest = magnitude - (quotient << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (quotient & 1n) === 1n);
  return up ? quotient + 1n : quotient;
}

function bitLength(magnitude: bigint): number {
  const hex = magnitude.toString(16);
  return 4 * hex.length - Math.clz32(Number.parseInt(hex[0], 16)) + 28;
}

/** A finite value with up to 17 digits behind the point, none of them a zero at the end; never "-0". */
export function formatLongDouble(value: LongDouble): string {
  const negative = value.mantissa < 0n;
  const scaled = (negative ? -value.mantissa : value.mantissa) * FRACTION_SCALE;
  const units = value.exponent >= 0 ? scaled << BigInt(value.exponent) : shiftedHalfEven(scaled, -value.exponent);
  if (units === 0n) return '0';
  const digits = units.toString().padStart(FRACTION_DIGITS + 1, '0');
  const point = digits.length - FRACTION_DIGITS;
  const fraction = digits.slice(point).replace(/0+$/, '');
  const whole = (negative ? '-' : '') + digits.slice(0, point);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
