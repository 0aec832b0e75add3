// Doubles in Redis's spelling, which since 7.2 is the shortest that reads back the same: 0.1, 3, -2.5e-11, inf, nan.
//
// Whole numbers up to 2^62 are spelt out. Otherwise the shortest digits d (n of them, value = d * 10^k) stand
//   as an integer     when k >= 0 and the value is below 10^(n+7),
//   as a decimal      when k < 0, and k > -7 or the value is within 10^-3 .. 10^4,
//   with an exponent  else: 1.5e-10, 1e+30.
// Redis 7.0 and older print 17 significant digits instead (0.10000000000000001). Same number, longer.

/** Whole numbers up to here (half the int64 range) are written as integers. */
const WHOLE_MAX = 2 ** 62;
/** Integers take up to this many zeros behind the shortest digits. */
const TRAILING_ZEROS_BELOW = 7;

/** The spelling of `value`, ASCII, at most 25 characters. Allocates. */
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
