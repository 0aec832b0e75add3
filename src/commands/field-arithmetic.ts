// What becomes of a number that does not fit its bit field, BITFIELD's OVERFLOW.
//
//   wrap   the low bits count                 sat   the nearest limit                 fail   nothing is written
//
// Narrow fields and numbers go through doubles, which are exact there; the rest through BigInt with the wrap-around of
// C's 64-bit integers, the odd corners included: SAT of a far negative number in a narrow signed field gives the upper
// limit, because Redis's distance to it overflows.

import { FIELD_BITS_MAX } from '../base/bits.js';

export const OVERFLOW = { wrap: 0, sat: 1, fail: 2 } as const;
export type Overflow = (typeof OVERFLOW)[keyof typeof OVERFLOW];

/** Numbers up to here may be added to a narrow field without losing a digit. */
export const NARROW_AMOUNT_MAX = 2 ** FIELD_BITS_MAX;

/** The field with `width` bits read as `raw` (unsigned), as a number with or without sign. */
export function signedField(raw: number, width: number): number {
  const half = 2 ** (width - 1);
  return raw >= half ? raw - 2 * half : raw;
}

/** old + amount as it fits the field, NaN where OVERFLOW FAIL refuses. Both within ±NARROW_AMOUNT_MAX. */
export function fitNarrow(old: number, amount: number, signed: boolean, width: number, overflow: Overflow): number {
  const size = 2 ** width;
  const max = signed ? size / 2 - 1 : size - 1;
  const min = signed ? -size / 2 : 0;
  const sum = old + amount;
  if (sum >= min && sum <= max) return sum;
  if (overflow === OVERFLOW.fail) return NaN;
  if (overflow === OVERFLOW.sat) return sum > max ? max : min;
  const low = ((sum % size) + size) % size;
  return low > max ? low - size : low;
}

/** The same for any field (up to 64 bits signed, 63 unsigned) and any int64; undefined where OVERFLOW FAIL refuses. */
export function fitWide(
  old: bigint,
  amount: bigint,
  signed: boolean,
  width: number,
  overflow: Overflow,
): bigint | undefined {
  const side = signed ? signedSide(old, amount, width) : unsignedSide(old, amount, width);
  const sum = BigInt.asIntN(64, old + amount);
  if (side === 0) return sum;
  if (overflow === OVERFLOW.fail) return undefined;
  const max = (1n << BigInt(signed ? width - 1 : width)) - 1n;
  if (overflow === OVERFLOW.sat) return side > 0 ? max : signed ? -max - 1n : 0n;
  return signed ? BigInt.asIntN(width, sum) : BigInt.asUintN(width, sum);
}

/** On which side old + amount leaves the signed field: 1 above, -1 below, 0 neither. */
function signedSide(old: bigint, amount: bigint, width: number): number {
  const max = (1n << BigInt(width - 1)) - 1n;
  const min = -max - 1n;
  const up = BigInt.asIntN(64, max - old);
  const down = BigInt.asIntN(64, min - old);
  if (old > max || (width < 64 && amount > up) || (old >= 0n && amount > 0n && amount > up)) return 1;
  if (old < min || (width < 64 && amount < down) || (old < 0n && amount < 0n && amount < down)) return -1;
  return 0;
}

/** The same for an unsigned field; a negative `old` counts as its 64 bits without a sign. */
function unsignedSide(old: bigint, amount: bigint, width: number): number {
  const max = (1n << BigInt(width)) - 1n;
  const value = BigInt.asUintN(64, old);
  if (value > max || (amount > 0n && amount > max - value)) return 1;
  return amount < 0n && amount < -value ? -1 : 0;
}
