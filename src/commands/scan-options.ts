// The arguments that SCAN, HSCAN, SSCAN and ZSCAN share: the cursor and the options.

import { bytesOf, NO_BYTES } from '../base/bytes.js';
import { isMatchAll, matchGlob } from '../base/glob.js';
import { parseInt64 } from '../base/integers.js';
import type { Args } from '../contract/args.js';
import { ERRORS } from '../contract/errors.js';
import type { Reply } from '../contract/reply.js';
import { TYPE_NAMES } from '../values/types.js';

const MATCH = bytesOf('MATCH');
const COUNT = bytesOf('COUNT');
const TYPE = bytesOf('TYPE');
const NOVALUES = bytesOf('NOVALUES');
const TYPE_WORDS = TYPE_NAMES.map((name) => bytesOf(name.toUpperCase()));

const COUNT_DEFAULT = 10;
export const ANY_TYPE = -1;
const NO_TYPE = -2;

export const NOVALUES_ELSEWHERE = 'ERR NOVALUES option can only be used in HSCAN';

// ---------------------------------------------------------------------- the cursor

const NUL = 0;
const ZERO = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const CURSOR_END = 1n << 64n;

/**
 * Argument `i` as a cursor; undefined when it is none. Redis reads it with its own strict parser and falls back to C's
 * strtoull for the rest, which skips white space, takes a sign (a negated number wraps around) and stops at a NUL.
 * `-5`, as the strict parser understands it, is refused; `-0` is not.
 */
export function parseCursor(args: Args, i: number): number | bigint | undefined {
  const plain = args.integer(i);
  if (plain >= 0) return plain;
  const { bytes } = args;
  let at = args.starts[i];
  let end = args.ends[i];
  for (let j = at; j < end; j++) if (bytes[j] === NUL) end = j;
  const strict = parseInt64(bytes, at, end);
  if (strict !== undefined) return strict < 0n ? undefined : strict;

  while (at < end && (bytes[at] === 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0d))) at++;
  const negative = at < end && bytes[at] === MINUS;
  if (negative || (at < end && bytes[at] === PLUS)) at++;
  if (at === end) return undefined;
  let value = 0n;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10n + BigInt(digit);
    if (value >= CURSOR_END) return undefined;
  }
  return negative && value !== 0n ? CURSOR_END - value : value;
}

/** A cursor as a position of 32 bits, whatever the client sent. */
export function cursorPosition(cursor: number | bigint): number {
  return typeof cursor === 'number' ? cursor % 4294967296 : Number(BigInt.asUintN(32, cursor));
}

// ---------------------------------------------------------------------- the options

/** A MATCH pattern. Stands over the request: good while its command runs. */
export class Pattern {
  #bytes = NO_BYTES;
  #start = 0;
  /** -1: everything matches. */
  #end = -1;

  /** Takes the pattern at argument `i`. */
  set(args: Args, i: number): void {
    this.#bytes = args.bytes;
    this.#start = args.starts[i];
    this.#end = isMatchAll(args.bytes, this.#start, args.ends[i]) ? -1 : args.ends[i];
  }

  clear(): void {
    this.#end = -1;
  }

  get matchesAll(): boolean {
    return this.#end < 0;
  }

  matches(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#end < 0 || matchGlob(this.#bytes, this.#start, this.#end, bytes, start, end);
  }
}

/** What a command of the family has been asked for; `readScanOptions` fills it. */
export const scanOptions = {
  pattern: new Pattern(),
  /** At least 1. */
  count: COUNT_DEFAULT,
  /** A number of TYPE, ANY_TYPE, or one that no value has. */
  type: ANY_TYPE,
  /** HSCAN is to leave out the values. */
  noValues: false,
};

/**
 * Reads the options from argument `from` on into `scanOptions`; false: the error has been replied.
 * @param of what is walked: keys know TYPE, fields of a hash NOVALUES
 */
export function readScanOptions(args: Args, from: number, of: 'keys' | 'fields' | 'members', reply: Reply): boolean {
  const options = scanOptions;
  options.pattern.clear();
  options.count = COUNT_DEFAULT;
  options.type = ANY_TYPE;
  options.noValues = false;
  for (let i = from; i < args.count; i += 2) {
    const hasValue = i + 1 < args.count;
    if (hasValue && args.is(i, COUNT)) {
      options.count = readCount(args, i + 1, reply);
      if (Number.isNaN(options.count)) return false;
    } else if (hasValue && args.is(i, MATCH)) {
      options.pattern.set(args, i + 1);
    } else if (hasValue && of === 'keys' && args.is(i, TYPE)) {
      options.type = typeNumber(args, i + 1);
    } else if (args.is(i, NOVALUES)) {
      if (of !== 'fields') {
        reply.error(NOVALUES_ELSEWHERE);
        return false;
      }
      options.noValues = true;
      i--; // it has no value
    } else {
      reply.error(ERRORS.syntax);
      return false;
    }
  }
  return true;
}

/** A TYPE option's number; NO_TYPE for a name that no value has: it filters everything out, as in Redis up to 7.4. */
function typeNumber(args: Args, i: number): number {
  const type = TYPE_WORDS.findIndex((word) => args.is(i, word));
  return type < 0 ? NO_TYPE : type;
}

/** A COUNT option; NaN when the error has been replied. */
function readCount(args: Args, i: number, reply: Reply): number {
  let count = args.integer(i);
  if (Number.isNaN(count)) {
    const far = args.bigint(i);
    if (far === undefined) {
      reply.error(ERRORS.notInteger);
      return NaN;
    }
    count = far < 0n ? -1 : Number.MAX_SAFE_INTEGER;
  }
  if (count < 1) {
    reply.error(ERRORS.syntax);
    return NaN;
  }
  return count;
}
