// Glob patterns over bytes, and that none of them takes exponential time.

import { describe, expect, test } from 'vitest';
import { isMatchAll, matchGlob, STARS_MAX } from '../../../src/base/glob.js';
import { SeededRandom } from '../../../src/base/prng.js';

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The pattern and the text stand in the middle of larger buffers, as they do in a request. */
function match(pattern: string, text: string, ignoreCase = false): boolean {
  const p = bytes(`]*${pattern}*]`);
  const t = bytes(`a${text}a`);
  return matchGlob(p, 2, 2 + pattern.length, t, 1, 1 + text.length, ignoreCase);
}

const MATCHING: readonly (readonly [pattern: string, text: string])[] = [
  ['', ''],
  ['abc', 'abc'],
  ['*', 'abc'],
  ['**', 'a'],
  ['a*', 'a'],
  ['a**', 'a'],
  ['*c', 'abc'],
  ['a*b*c', 'a-b-b-c'],
  ['a*b*c', 'abc'],
  ['*ab', 'aab'],
  ['*aab', 'aaab'],
  ['?', '*'],
  ['a?c', 'a\0c'],
  ['[abc]', 'b'],
  ['[a-c]', 'b'],
  ['[c-a]', 'b'],
  ['[^a]', 'b'],
  ['[^]', 'x'],
  ['[a-]', 'a'],
  ['[a-]', '^'],
  ['[a-', '-'],
  ['[\\]]', ']'],
  ['[\\a-]', '-'],
  ['[a\\', '\\'],
  ['[a', 'a'],
  ['[^', 'x'],
  ['\\*', '*'],
  ['\\', '\\'],
  ['\\\\', '\\'],
  ['*[0-9]', 'key:7'],
  ['[a-\xff]', '\xff'],
  ['[a-\xff]', 'a'],
  ['[a-\xff]', 'A'],
  ['[\x80-\xff]', '\xc3'],
];

const DIFFERING: readonly (readonly [pattern: string, text: string])[] = [
  ['', 'a'],
  ['a', ''],
  ['*', ''],
  ['**', ''],
  ['?', ''],
  ['abc', 'abd'],
  ['abc', 'abcd'],
  ['abcd', 'abc'],
  ['a*b*c', 'a-b-b'],
  ['a?c', 'ac'],
  ['[abc]', 'd'],
  ['[^a]', 'a'],
  ['[]', ']'],
  ['[', '['],
  ['[a-', 'b'],
  ['[a-c]', '-'],
  ['\\*', 'x'],
  ['*[', 'a['],
  ['[a-\xff]', 'b'],
  ['[\x80-\xff]', 'a'],
  ['ABC', 'abc'],
];

describe('glob', () => {
  test.each(MATCHING)('%j matches %j', (pattern, text) => {
    expect(match(pattern, text)).toBe(true);
  });

  test.each(DIFFERING)('%j does not match %j', (pattern, text) => {
    expect(match(pattern, text)).toBe(false);
  });

  test('letters fold when case is ignored, in ranges too, escaped ones in classes not', () => {
    expect(match('ABC', 'abc', true)).toBe(true);
    expect(match('abc', 'aBC', true)).toBe(true);
    expect(match('[A-C]x', 'bX', true)).toBe(true);
    expect(match('[B]', 'b', true)).toBe(true);
    expect(match('\\B', 'b', true)).toBe(true);
    expect(match('[\\B]', 'b', true)).toBe(false);
    expect(match('\xc4', '\xe4', true)).toBe(false);
  });

  test('only the single star is the pattern that needs no matching', () => {
    expect(isMatchAll(bytes('*'), 0, 1)).toBe(true);
    expect(isMatchAll(bytes('**'), 0, 2)).toBe(false);
    expect(isMatchAll(bytes('a'), 0, 1)).toBe(false);
  });

  test('stars are counted up to their limit; one that ends the pattern is free', () => {
    const text = 'a'.repeat(STARS_MAX * 3);
    expect(match('*a'.repeat(STARS_MAX - 1), text)).toBe(true);
    expect(match('*a'.repeat(STARS_MAX), text)).toBe(true);
    expect(match('*a'.repeat(STARS_MAX) + '*', text)).toBe(true);
    expect(match('*a'.repeat(STARS_MAX + 1), text)).toBe(false);
  });

  test('a pattern made to blow up takes steps, not an eternity', () => {
    const text = 'a'.repeat(100_000);
    expect(match('a*'.repeat(500) + 'b', text)).toBe(false);
    expect(match('*?a*?a*?a*?[b]', text)).toBe(false);
  });
});

/** The textbook definition by recursion, without Redis's guards: what the fast matcher must agree with. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern.startsWith('*')) {
    return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)));
  }
  if (text === '') return false;
  const [head, rest] = firstElement(pattern);
  return head(text) && naive(rest, text.slice(1));
}

function firstElement(pattern: string): [(text: string) => boolean, string] {
  if (pattern.startsWith('?')) return [() => true, pattern.slice(1)];
  const set = /^\[(\^?)([a-c]+)\]/.exec(pattern);
  if (set !== null) {
    return [(text) => set[2].includes(text[0]) !== (set[1] === '^'), pattern.slice(set[0].length)];
  }
  return [(text) => text.startsWith(pattern[0]), pattern.slice(1)];
}

test('agrees with the textbook on well-formed patterns', () => {
  const elements = ['a', 'b', 'c', '*', '*', '?', '[ab]', '[^a]'];
  for (let seed = 1; seed <= 20_000; seed++) {
    const random = new SeededRandom(seed);
    let pattern = '';
    let text = '';
    for (let n = random.below(7); n > 0; n--) pattern += elements[random.below(elements.length)];
    for (let n = 1 + random.below(7); n > 0; n--) text += 'abc'[random.below(3)];
    if (match(pattern, text) !== naive(pattern, text)) {
      expect.fail(`seed ${seed}: ${pattern} on ${text} should be ${naive(pattern, text)}`);
    }
  }
});
