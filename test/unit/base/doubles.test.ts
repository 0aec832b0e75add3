// Doubles in Redis's spelling.

import { describe, expect, it } from 'vitest';
import { formatDouble } from '../../../src/base/doubles.js';
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
