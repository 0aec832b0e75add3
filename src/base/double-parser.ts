// Doubles from text, as C's strtod reads them in the C locale: decimals, hexadecimals (0x1.8p3), inf, infinity.
//
// Short decimals, which nearly all are, take no garbage: up to 15 digits are an exact integer, and dividing that by a power
// of ten rounds once. The rest becomes a string and goes the general way.

import { latin1Of } from './bytes.js';

const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;

/** So many digits are exact in a double, and so is the power of ten behind them. */
const EXACT_DIGITS_MAX = 15;
const POWERS_OF_TEN: readonly number[] = Array.from({ length: EXACT_DIGITS_MAX + 1 }, (_, i) => 10 ** i);

const NUMBER =
  /^([+-]?)(?:(inf(?:inity)?)|0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?[0-9]+))?|([0-9]*)(?:\.([0-9]*))?(?:e[+-]?[0-9]+)?)$/i;

/** The double that the whole range spells; NaN when it spells none (`nan` included), overflows, or underflows to zero. */
export function parseDouble(bytes: Uint8Array, start: number, end: number): number {
  const short = parseShortDecimal(bytes, start, end);
  if (short === short || start === end) return short;
  const text = latin1Of(bytes, start, end);
  const value = valueOf(text);
  const isInfinite = value === Infinity || value === -Infinity;
  if (isInfinite && !/i/i.test(text)) return NaN;
  return value === 0 && hasDigits(text) ? NaN : value;
}

/**
 * The same in the manner of a C string: white space may stand in front, a NUL ends it, nothing at all is 0, and what is out
 * of range is infinite or 0. NaN when it spells no number.
 */
export function parseDoubleLoosely(bytes: Uint8Array, start: number, end: number): number {
  const short = parseShortDecimal(bytes, start, end);
  if (short === short) return short;
  const [text] = latin1Of(bytes, start, end).split('\0');
  if (text === '') return 0;
  return valueOf(text.replace(/^[ \t\n\v\f\r]+/, ''));
}

/** The value of an optional sign and up to 15 digits with a point among them; NaN for anything else. */
function parseShortDecimal(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  const first = bytes[at];
  if (first === MINUS || first === PLUS) at++;
  if (end - at > EXACT_DIGITS_MAX + 1 || at >= end) return NaN;
  let value = 0;
  let digits = 0;
  let point = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (bytes[at] === POINT && point < 0) {
      point = digits;
    } else {
      return NaN;
    }
  }
  if (digits === 0 || digits > EXACT_DIGITS_MAX) return NaN;
  if (point >= 0) value /= POWERS_OF_TEN[digits - point];
  return first === MINUS ? -value : value;
}

function valueOf(text: string): number {
  const match = NUMBER.exec(text);
  if (match === null) return NaN;
  // Groups that took no part are undefined, whatever the type of RegExpExecArray says.
  const [, sign, infinity, hexWhole, hexFraction, exponent, whole, fraction] = match as (string | undefined)[];
  if (infinity !== undefined) return sign === '-' ? -Infinity : Infinity;
  if (hexWhole !== undefined) {
    const value = hexValue(hexWhole, hexFraction ?? '', Number(exponent ?? 0));
    return sign === '-' ? -value : value;
  }
  return (whole ?? '') + (fraction ?? '') === '' ? NaN : Number(text);
}

function hexValue(whole: string, fraction: string, exponent: number): number {
  const digits = whole + fraction;
  if (digits === '') return NaN;
  const mantissa = Number(BigInt(`0x${digits}`));
  if (mantissa === 0) return 0;
  // In two steps: one power of two may be out of range where the product is not.
  const shift = Math.max(-4000, Math.min(4000, exponent - 4 * fraction.length));
  const half = Math.trunc(shift / 2);
  return mantissa * 2 ** half * 2 ** (shift - half);
}

/** True when the mantissa has a digit that is not 0. */
function hasDigits(text: string): boolean {
  return /^[+-]?0x/i.test(text) ? /x[^p]*[1-9a-f]/i.test(text) : /^[^e]*[1-9]/i.test(text);
}
