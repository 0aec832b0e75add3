// Glob patterns over bytes, as KEYS, SCAN, PSUBSCRIBE, CONFIG GET and ACL rules use them.
//
//   *        any bytes, none included          [abc]    one of these bytes
//   ?        one byte                          [a-z]    one byte of the range, its ends in either order
//   \x       the byte x itself                 [^...]   one byte that is none of these; \] is a bracket in a class
//
// What Redis does with odd patterns is part of the interface and is kept: a class may end with the pattern instead of
// `]`, a lone backslash at the end stands for itself, `*` does not match an empty string (KEYS * is short-cut by its
// caller), and bytes in ranges compare as signed (`[a-\xff]` is the range from -1 to 97).
//
// (1) Only the last `*` is ever retried: if what follows it fits nowhere, no other placing of an earlier `*` helps. So
//     a match takes at most pattern * string steps and no stack.
// (2) A pattern whose match gets past STARS_MAX stars fits nothing, as in Redis since 7.2.6 and 7.4.1, where
//     it bounds the recursion. A `*` that ends the pattern is not counted.

import { lowerCase } from './bytes.js';

/** Stars with something behind them that one match may pass. */
export const STARS_MAX = 1000;

const STAR = 0x2a;
const QUESTION = 0x3f;
const OPEN = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE = 0x5d;
const CARET = 0x5e;
const DASH = 0x2d;

/** Where the class that `matchClass` read ends: its last byte. */
let classLast = 0;

/** True when `bytes[start, end)` is the pattern `*`, which callers treat as "everything" before they match. */
export function isMatchAll(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 1 && bytes[start] === STAR;
}

/**
 * True when `pattern[patternStart, patternEnd)` matches the whole of `text[textStart, textEnd)`. `ignoreCase` folds
 * ASCII letters. Allocates nothing.
 */
export function matchGlob(
  pattern: Uint8Array,
  patternStart: number,
  patternEnd: number,
  text: Uint8Array,
  textStart: number,
  textEnd: number,
  ignoreCase = false,
): boolean {
  let p = patternStart;
  let t = textStart;
  let stars = 0;
  /** Behind the last star passed, -1 before the first; and where in the text its present attempt began. */
  let retryPattern = -1;
  let retryText = 0;
  while (true) {
    let fits = true;
    while (fits && p < patternEnd && t < textEnd) {
      const byte = pattern[p];
      if (byte === STAR) {
        while (p + 1 < patternEnd && pattern[p + 1] === STAR) p++;
        if (++p === patternEnd) return true;
        if (++stars > STARS_MAX) return false;
        retryPattern = p;
        retryText = t;
        continue;
      }
      if (byte === OPEN) {
        fits = matchClass(pattern, p, patternEnd, text[t], ignoreCase);
        p = classLast;
      } else if (byte !== QUESTION) {
        if (byte === BACKSLASH && p + 1 < patternEnd) p++;
        fits = ignoreCase ? lowerCase(pattern[p]) === lowerCase(text[t]) : pattern[p] === text[t];
      }
      p++;
      t++;
    }
    if (fits) {
      if (t === textEnd && t > textStart) while (p < patternEnd && pattern[p] === STAR) p++;
      if (p === patternEnd && t === textEnd) return true;
      // Every element but a star takes one byte: too little text now is too little for any later beginning.
      if (p < patternEnd) return false;
    }
    if (retryPattern < 0 || ++retryText >= textEnd) return false;
    p = retryPattern;
    t = retryText;
  }
}

/** Does the class that opens at `open` contain `byte`? Leaves the class's last position in `classLast`. */
function matchClass(pattern: Uint8Array, open: number, end: number, byte: number, ignoreCase: boolean): boolean {
  let p = open + 1;
  const negated = p < end && pattern[p] === CARET;
  if (negated) p++;
  let found = false;
  for (; p < end && pattern[p] !== CLOSE; p++) {
    if (pattern[p] === BACKSLASH && p + 1 < end) {
      p++;
      if (pattern[p] === byte) found = true;
    } else if (p + 2 < end && pattern[p + 1] === DASH) {
      if (inRange(pattern[p], pattern[p + 2], byte, ignoreCase)) found = true;
      p += 2;
    } else if (ignoreCase ? lowerCase(pattern[p]) === lowerCase(byte) : pattern[p] === byte) {
      found = true;
    }
  }
  classLast = p < end ? p : end - 1;
  return found !== negated;
}

/** Ends are put in order before they are folded, as Redis does. */
function inRange(from: number, to: number, byte: number, ignoreCase: boolean): boolean {
  const first = signed(from);
  const last = signed(to);
  let low = first < last ? first : last;
  let high = first < last ? last : first;
  let value = signed(byte);
  if (ignoreCase) {
    low = lowerCase(low);
    high = lowerCase(high);
    value = lowerCase(value);
  }
  return value >= low && value <= high;
}

function signed(byte: number): number {
  return (byte << 24) >> 24;
}
