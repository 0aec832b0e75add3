// The plain kinds of option values and Redis's error text for each: yes/no, integers, memory sizes, percentages, octal
// permissions, one of several words, a set of words, text.
//
// Odd inputs are part of the interface and kept: a memory size without digits is 0 ("" and "kb" alike), sizes wrap at
// 2^64, integers take neither '+' nor leading zeros, words match in any case.

import { accept, reject, type Kind, type Parsed } from './kind.js';
import { quote } from './quoting.js';

export const INT32_MIN = -2147483648n;
export const INT32_MAX = 2147483647n;
export const UINT32_MAX = 4294967295n;
export const INT64_MAX = 9223372036854775807n;
export const UINT64_MAX = 18446744073709551615n;
const INT64_MIN = -9223372036854775808n;

/** Digits of a number that is read at all; more is not a number. */
const DIGITS_MAX = 127;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['', 1n],
  ['b', 1n],
  ['k', 1000n],
  ['kb', 1024n],
  ['m', 1000n ** 2n],
  ['mb', 1024n ** 2n],
  ['g', 1000n ** 3n],
  ['gb', 1024n ** 3n],
]);

const PATTERN_INTEGER = /^(?:0|-?[1-9][0-9]{0,18})$/;
const PATTERN_MEMORY = /^([0-9]*)([a-zA-Z]*)$/;
const PATTERN_OCTAL = /^\s*([+-]?)([0-7]+)$/;

/** An int64 in the one spelling that Redis takes; undefined for anything else. */
function int64Of(text: string): bigint | undefined {
  if (!PATTERN_INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  return value > INT64_MAX || value < INT64_MIN ? undefined : value;
}

/** Bytes of a size such as `64mb`, within [0, 2^64); undefined when it is none. */
export function memoryOf(text: string): bigint | undefined {
  const match = PATTERN_MEMORY.exec(text);
  if (match === null) return undefined;
  const digits = match[1];
  const factor = UNITS.get(match[2].toLowerCase());
  if (factor === undefined || digits.length > DIGITS_MAX) return undefined;
  const count = digits === '' ? 0n : BigInt(digits);
  return BigInt.asUintN(64, (count > UINT64_MAX ? UINT64_MAX : count) * factor);
}

/** A size as configuration files write it: in the largest binary unit that divides it. */
export function memoryText(bytes: bigint): string {
  for (const [unit, factor] of [
    ['gb', 1024n ** 3n],
    ['mb', 1024n ** 2n],
    ['kb', 1024n],
  ] as const) {
    if (bytes !== 0n && bytes % factor === 0n) return String(bytes / factor) + unit;
  }
  return String(bytes);
}

/** The one argument of a kind that takes one. */
function single(args: readonly string[], parse: (text: string) => Parsed): Parsed {
  return args.length === 1 ? parse(args[0]) : reject('wrong number of arguments');
}

function between(min: bigint | string, max: bigint | string): Parsed {
  return reject(`argument must be between ${String(min)} and ${String(max)} inclusive`);
}

/** A kind of one argument whose text goes to the file as it is, quoted where that is needed. */
function scalar(shape: string, parse: (text: string) => Parsed, lines?: (text: string) => readonly string[]): Kind {
  return {
    shape,
    multi: false,
    parse: (args) => single(args, parse),
    lines: lines ?? ((text) => [text]),
  };
}

export function bool(): Kind {
  return scalar('yes|no', (text) => {
    const word = text.toLowerCase();
    if (word === 'yes' || word === 'no') return accept(word, word === 'yes');
    return reject("argument must be 'yes' or 'no'");
  });
}

/**
 * An integer of [min, max]. `clamp` narrows what was accepted (hz takes 0 and makes 1 of it).
 */
export function integer(min: bigint, max: bigint, clamp?: readonly [number, number]): Kind {
  return scalar(rangeShape(min, max), (text) => {
    const value = int64Of(text);
    if (value === undefined) return reject("argument couldn't be parsed into an integer");
    if (value < min || value > max) return between(min, max);
    if (clamp === undefined) return accept(String(value), Number(value));
    const clamped = Math.min(Math.max(Number(value), clamp[0]), clamp[1]);
    return accept(String(clamped), clamped);
  });
}

function rangeShape(min: bigint, max: bigint): string {
  const open = max === INT32_MAX || max === INT64_MAX || max === UINT32_MAX;
  if (!open) return `${String(min)}-${String(max)}`;
  return min === 0n || min < -1n ? 'number' : `number from ${String(min)}`;
}

/** A size in bytes with an optional unit. */
export function memory(min: bigint, max: bigint): Kind {
  return scalar(
    'bytes',
    (text) => {
      const bytes = memoryOf(text);
      if (bytes === undefined) return reject('argument must be a memory value');
      if (bytes < min || bytes > max) return between(min, max);
      return accept(String(bytes), Number(bytes));
    },
    (text) => [memoryText(BigInt(text))],
  );
}

const PERCENT_MAX = 100n;

/**
 * A size, or a share of another size as `N%`. Decoded as bytes when positive, as minus the percentage when negative: one
 * signed number holds both, which is why sizes from 2^63 on come out as percentages.
 */
export function percentOrMemory(): Kind {
  return scalar(
    'bytes|N%',
    (text) => {
      const bytes = memoryOf(text);
      let value: bigint | undefined;
      if (bytes !== undefined) value = BigInt.asIntN(64, bytes);
      else if (text.endsWith('%')) {
        const percent = int64Of(text.slice(0, -1));
        if (percent !== undefined && percent >= 0n) value = -percent;
      }
      if (value === undefined) return reject('argument must be a memory or percent value');
      if (value < -PERCENT_MAX) return reject('percentage argument must be less or equal to 100');
      return accept(value < 0n ? `${String(-value)}%` : String(value), Number(value));
    },
    (text) => [text.endsWith('%') ? text : memoryText(BigInt(text))],
  );
}

/** An octal number of [0, max], as file permissions are written. */
export function octal(max: number): Kind {
  return scalar('octal', (text) => {
    const match = PATTERN_OCTAL.exec(text);
    if (text !== '' && (match === null || match[2].length > DIGITS_MAX)) {
      return reject("argument couldn't be parsed as an octal number");
    }
    const magnitude = match === null ? 0n : BigInt('0o' + match[2]);
    if (magnitude > INT64_MAX) return reject("argument couldn't be parsed as an octal number");
    if ((match?.[1] === '-' && magnitude !== 0n) || magnitude > BigInt(max)) return between('0', max.toString(8));
    return accept(magnitude.toString(8), Number(magnitude));
  });
}

function unknownWord(words: readonly string[]): Parsed {
  return reject('argument(s) must be one of the following: ' + words.join(', '));
}

/** One of `words`. */
export function oneOf(...words: string[]): Kind {
  return oneOfWithSynonyms(words, {});
}

/** One of `words`, where `synonyms` names those that are spelt as another one once they are set. */
export function oneOfWithSynonyms(words: readonly string[], synonyms: Readonly<Partial<Record<string, string>>>): Kind {
  return scalar(words.join('|'), (text) => {
    const word = text.toLowerCase();
    const spelt = synonyms[word] ?? word;
    return words.includes(word) ? accept(spelt, spelt) : unknownWord(words);
  });
}

/**
 * Any of `words` together; the first means none. Spelt in the order of `words`. `conflict` gives the error text for
 * words that exclude each other.
 */
export function anyOf(words: readonly string[], conflict: (chosen: ReadonlySet<string>) => string | undefined): Kind {
  return {
    shape: words.join('|'),
    multi: true,
    parse(args) {
      const chosen = new Set<string>();
      for (const arg of args) {
        const word = arg.toLowerCase();
        if (!words.includes(word)) return unknownWord(words);
        if (word !== words[0]) chosen.add(word);
      }
      if (args.length === 0) return unknownWord(words);
      const error = conflict(chosen);
      if (error !== undefined) return reject(error);
      const inOrder = words.filter((word) => chosen.has(word));
      return accept(inOrder.length === 0 ? words[0] : inOrder.join(' '), inOrder);
    },
    lines: (text) => [text],
  };
}

/**
 * Any text. `check` gives the error text for what must not be. `keepEmpty`: the empty text is a value that CONFIG REWRITE
 * writes, not the absence of one.
 */
export function text(options: { check?: (text: string) => string | undefined; keepEmpty?: boolean } = {}): Kind {
  return scalar(
    'text',
    (value) => {
      const error = options.check?.(value);
      return error === undefined ? accept(value, value) : reject(error);
    },
    (value) => (value === '' && options.keepEmpty !== true ? [] : [quote(value)]),
  );
}
