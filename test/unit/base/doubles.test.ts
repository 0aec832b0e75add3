// Doubles in Redis's spelling.

import { describe, expect, it } from 'vitest';
import { parseDouble, parseDoubleLoosely } from '../../../src/base/double-parser.js';
import { formatDouble, formatDouble17, formatFixed, writeDouble } from '../../../src/base/doubles.js';
import { SeededRandom } from '../../../src/base/prng.js';

describe('formatDouble', () => {
  it.each<[number, string]>([
    [0, '0'],
    [-0, '-0'],
    [3, '3'],
    [-17, '-17'],
    [0.1, '0.1'],
    [0.1 + 0.2, '0.30000000000000004'],
    [3.25, '3.25'],
    [-2.5, '-2.5'],
    [1e15 + 0.5, '1000000000000000.5'],
    [2 ** 53, '9007199254740992'],
    [2 ** 62, '4611686018427387904'],
    [-(2 ** 62), '-4611686018427387904'],
    // Beyond half the int64 range: shortest digits, zeros behind.
    [2 ** 62 + 1024, '4611686018427389000'],
    [2 ** 63, '9223372036854776000'],
    [1e17, '100000000000000000'],
    [1e19, '1e+19'],
    [1.5e20, '1.5e+20'],
    [123456789012345680000, '123456789012345680000'],
    [1e21, '1e+21'],
    [0.001, '0.001'],
    [1e-6, '0.000001'],
    [1e-7, '1e-7'],
    [1.5e-5, '0.000015'],
    [1.5e-7, '1.5e-7'],
    [0.00012345678, '1.2345678e-4'],
    [0.0012345678, '0.0012345678'],
    [1.7976931348623157e308, '1.7976931348623157e+308'],
    [5e-324, '5e-324'],
    [Infinity, 'inf'],
    [-Infinity, '-inf'],
    [NaN, 'nan'],
  ])('%d is %s', (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  it('reads back the same', () => {
    const random = new SeededRandom(3);
    const view = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < 20_000; i++) {
      view.setUint32(0, random.next32());
      view.setUint32(4, random.next32());
      const value = view.getFloat64(0);
      if (!Number.isFinite(value)) continue;
      const text = formatDouble(value);
      expect(Number(text)).toBe(value);
      expect(text.length).toBeLessThanOrEqual(25);
    }
  });
});

/** Any double: bits at random, short decimals, whole numbers. */
function* doubles(count: number): IterableIterator<number> {
  const random = new SeededRandom(11);
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < count; i++) {
    view.setUint32(0, random.next32());
    view.setUint32(4, random.next32());
    const value = view.getFloat64(0);
    if (Number.isFinite(value)) yield value;
    yield (random.below(2_000_001) - 1_000_000) / 10 ** random.below(9);
    yield random.next32() * random.next32() - 2 ** 62;
  }
  yield* [0, -0, 0.5, -0.5, 1e-6, 1e-7, 123456.5, 999999999999.25, 1e15, 1e15 + 0.5, 2 ** 53, Infinity, -Infinity];
}

describe('writeDouble', () => {
  it('writes what formatDouble says', () => {
    const bytes = Buffer.alloc(40);
    for (const value of doubles(5000)) {
      const end = writeDouble(bytes, 3, value);
      expect(bytes.toString('latin1', 3, end)).toBe(formatDouble(value));
    }
  });
});

describe('formatDouble17', () => {
  it.each<[number, string]>([
    [0.1, '0.10000000000000001'],
    [1e17, '1e+17'],
    [12345678901234568, '12345678901234568'],
    [1e-5, '1.0000000000000001e-05'],
    [-2.5, '-2.5'],
    [-0, '-0'],
    [1.5e300, '1.5000000000000001e+300'],
    [0.0001, '0.0001'],
    [-Infinity, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(formatDouble17(value)).toBe(text);
  });
});

describe('formatFixed', () => {
  it.each<[number, number, string]>([
    [0.03125, 4, '0.0312'],
    [0.09375, 4, '0.0938'],
    [-0.03125, 4, '-0.0312'],
    [2 ** -18, 17, '0.00000381469726562'],
    [3 * 2 ** -18, 17, '0.00001144409179688'],
    [166274.15156960033, 4, '166274.1516'],
    [0, 4, '0.0000'],
  ])('%d with %i places is %s', (value, places, text) => {
    expect(formatFixed(value, places)).toBe(text);
  });
});

describe('parseDouble', () => {
  it('reads back what was written, and what JavaScript writes', () => {
    for (const value of doubles(5000)) {
      for (const text of [formatDouble(value), formatDouble17(value)]) {
        const bytes = Buffer.from(`<${text}>`);
        expect(parseDouble(bytes, 1, bytes.length - 1)).toBe(value);
        expect(parseDoubleLoosely(bytes, 1, bytes.length - 1)).toBe(value);
      }
    }
  });

  it('takes any number of digits, and no more than a number', () => {
    const read = (text: string): number => parseDouble(Buffer.from(text), 0, text.length);
    expect(read('000000000000000000000000001.5')).toBe(1.5);
    expect(read('0x1.8p1')).toBe(3);
    expect(read('-0x10')).toBe(-16);
    for (const wrong of ['', ' 1', '1 ', '.', 'e1', '1e', 'nan', '0x', '1e400', '1e-400', '1,5'])
      expect(read(wrong)).toBeNaN();
  });
});
