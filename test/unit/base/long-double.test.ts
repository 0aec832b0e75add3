// Long doubles: values as Redis 7.0 on x86-64 prints them, and against doubles where these are exact.
// (test/conformance/string.test.ts compares thousands more with a live redis-server.)

import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../src/base/bytes.js';
import { addLongDoubles, formatLongDouble, parseLongDouble, type LongDouble } from '../../../src/base/long-double.js';
import { SeededRandom } from '../../../src/base/prng.js';

function parse(text: string): LongDouble | undefined {
  const bytes = bytesOf(`<${text}>`);
  return parseLongDouble(bytes, 1, bytes.length - 1);
}

function mustParse(text: string): LongDouble {
  const value = parse(text);
  if (value === undefined) throw new Error(`no number: ${text}`);
  return value;
}

describe('long doubles', () => {
  it.each([
    ['3.0e3', '3000'],
    ['.5', '0.5'],
    ['1.', '1'],
    ['-0.0', '0'],
    ['-1e-20', '0'],
    ['0x1.8p1', '3'],
    ['0x.8', '0.5'],
    ['0.1', '0.1'],
    ['100.1', '100.1'],
    ['1000000.1', '1000000.10000000000002274'],
    ['18446744073709551615', '18446744073709551615'],
    ['18446744073709551617', '18446744073709551616'],
    ['36893488147419103235', '36893488147419103236'],
    ['5e-18', '0'],
    ['1.5e-17', '0.00000000000000002'],
    ['1e20', '100000000000000000000'],
  ])('%s is printed as %s', (text, printed) => {
    expect(formatLongDouble(mustParse(text))).toBe(printed);
  });

  it.each([
    '',
    ' 1',
    '1 ',
    '.',
    '+',
    '1e',
    '1e+',
    '0x',
    '0x.',
    '0xp1',
    '0x1p',
    'nan',
    '-nan',
    'nan(1)',
    '1a',
    '1e4933',
    '1e-4952',
    '1_0',
  ])('"%s" is no number', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  it('knows infinities of both signs', () => {
    expect(mustParse('INF').infinite).toBe(1);
    expect(mustParse('-infinity').infinite).toBe(-1);
    expect(addLongDoubles(mustParse('inf'), mustParse('1')).infinite).toBe(1);
    expect(addLongDoubles(mustParse('inf'), mustParse('-inf')).infinite).toBe(2);
    expect(addLongDoubles(mustParse('1.18e4932'), mustParse('1.18e4932')).infinite).toBe(1);
  });

  it('reads exponents of any size without making numbers of that size', () => {
    expect(parse('1e999999999999999999999')).toBeUndefined();
    expect(parse('1e-999999999999999999999')).toBeUndefined();
    expect(parse('0x1p99999999999')).toBeUndefined();
    expect(formatLongDouble(mustParse('0e999999999999999999999'))).toBe('0');
  });

  it('adds like doubles where these are exact', () => {
    const random = new SeededRandom(7);
    for (let i = 0; i < 2000; i++) {
      const scale = 2 ** random.below(10);
      const a = (random.below(2 ** 30) - 2 ** 29) / scale;
      const b = (random.below(2 ** 30) - 2 ** 29) / scale;
      expect(formatLongDouble(addLongDoubles(mustParse(String(a)), mustParse(String(b))))).toBe(String(a + b));
    }
  });
});
