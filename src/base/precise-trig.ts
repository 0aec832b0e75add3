// Sine, cosine and arc sine to the last bit. V8's own are off by one bit now and then, which C's (glibc's) nearly never are,
// and a distance that is stored as a score shows it.
//
// Numbers are pairs of doubles, high + low, about 106 bits (T. J. Dekker, A floating-point technique for extending the
// available precision, 1971). The results of a step stand in `hi` and `lo`. Angles are within ±pi.

let hi = 0;
let lo = 0;

const SPLITTER = 2 ** 27 + 1;

/** a + b, exactly. */
function addExact(a: number, b: number): void {
  const sum = a + b;
  const part = sum - a;
  lo = a - (sum - part) + (b - part);
  hi = sum;
}

/** a * b, exactly. */
function multiplyExact(a: number, b: number): void {
  const product = a * b;
  const aBig = a * SPLITTER;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * SPLITTER;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  lo = aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
  hi = product;
}

/** (aHi + aLo) * (bHi + bLo). */
function multiply(aHi: number, aLo: number, bHi: number, bLo: number): void {
  multiplyExact(aHi, bHi);
  addExact(hi, lo + (aHi * bLo + aLo * bHi));
}

/** (aHi + aLo) + (bHi + bLo). */
function add(aHi: number, aLo: number, bHi: number, bLo: number): void {
  addExact(aHi, bHi);
  addExact(hi, lo + (aLo + bLo));
}

/** Half of pi in three parts. */
const HALF_PI = [1.5707963267948966, 6.123233995736766e-17, -1.4973849048591833e-33] as const;

/** Terms of the series of sine and cosine. */
const TERMS = 14;
/** 1/n! as pairs. */
const INVERSE_HI = new Float64Array(2 * TERMS);
const INVERSE_LO = new Float64Array(2 * TERMS);
{
  const scale = 2n ** 200n;
  let factorial = 1n;
  for (let n = 0; n < 2 * TERMS; n++) {
    if (n > 0) factorial *= BigInt(n);
    const exact = scale / factorial;
    INVERSE_HI[n] = Number(exact) / Number(scale);
    INVERSE_LO[n] = Number(exact - BigInt(INVERSE_HI[n] * Number(scale))) / Number(scale);
  }
}

/** The series of sine (`first` 1) or cosine (0) at an angle within ±pi/4. */
function series(angleHi: number, angleLo: number, first: 0 | 1): void {
  multiply(angleHi, angleLo, angleHi, angleLo);
  const squareHi = hi;
  const squareLo = lo;
  const last = first + 2 * (TERMS - 1);
  let sumHi = 0;
  let sumLo = 0;
  let sign = TERMS % 2 === 0 ? -1 : 1;
  for (let n = last; n >= 0; n -= 2, sign = -sign) {
    multiply(sumHi, sumLo, squareHi, squareLo);
    add(hi, lo, sign * INVERSE_HI[n], sign * INVERSE_LO[n]);
    sumHi = hi;
    sumLo = lo;
  }
  if (first === 1) multiply(sumHi, sumLo, angleHi, angleLo);
}

/** The sine of angle + turns * pi/2. */
function sineOf(angle: number, turns: number): void {
  const quarter = Math.round(angle / HALF_PI[0]);
  // The first difference is exact: the angle and its quarters are near each other, or there are none.
  addExact(angle, -quarter * HALF_PI[0]);
  add(hi, lo, -quarter * HALF_PI[1], -quarter * HALF_PI[2]);
  const phase = (((quarter + turns) % 4) + 4) % 4;
  series(hi, lo, phase % 2 === 0 ? 1 : 0);
  if (phase < 2) return;
  hi = -hi;
  lo = -lo;
}

export function preciseSin(angle: number): number {
  sineOf(angle, 0);
  return hi;
}

export function preciseCos(angle: number): number {
  sineOf(angle, 1);
  return hi;
}

/** The arc sine of a number from 0 to 1. */
export function preciseAsin(sine: number): number {
  const near = Math.asin(sine);
  sineOf(near, 0);
  // One step of Newton's method from what is right to 52 bits.
  const rest = sine - hi - lo;
  const slope = Math.cos(near);
  return slope < 1e-8 ? near : near + rest / slope;
}
