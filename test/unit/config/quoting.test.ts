// Words and quotes of a configuration line, there and back.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { quote, splitWords } from '../../../src/config/quoting.js';

describe('words of a configuration line', () => {
  it.each([
    ['', []],
    ['  a  b\tc ', ['a', 'b', 'c']],
    ['a "" \'\'', ['a', '', '']],
    ['"a b" \'c d\'', ['a b', 'c d']],
    ['"\\n\\r\\t\\b\\a\\\\\\"\\q"', ['\n\r\t\b\x07\\"q']],
    ['"\\x41\\x4g\\x4"', ['Ax4gx4']],
    ['"\\xc3\\xa9"', ['\u00e9']],
    ["'it\\'s \\n'", ["it's \\n"]],
    ['a"b c"', ['ab c']],
    ['\u00e9 \u{1f600}', ['\u00e9', '\u{1f600}']],
  ])('%j', (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });

  it.each(['"a', "'a", '"a"b', "'a'b", 'a"b', '"a\\"', '"'])('%j is not balanced', (line) => {
    expect(splitWords(line)).toBeUndefined();
  });

  it('reads back what it quotes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(...Array.from('ab \\"\'\n\r\t\v\x07\x08\0\x7f\u00e9\u{1f600}')) })),
        (words) => {
          const line = words.map(quote).join(' ');
          expect(line).toMatch(/^[\x20-\x7e]*$/);
          expect(splitWords(line)).toEqual(words);
        },
      ),
      { seed: 20260131 },
    );
  });
});
