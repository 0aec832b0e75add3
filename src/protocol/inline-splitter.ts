// The words of an inline command, split as Redis splits lines (also those of its configuration file).
//
//   bare words   end at blank, tab, CR or LF; a quote inside one opens a quoted part: a"b c" is  ab c
//   "..."        \n \r \t \b \a, \xHH, any other escaped byte stands for itself
//   '...'        \' is the only escape
//
// White space must follow a closing quote. A line without quotes gives spans over the line itself; one with quotes is
// unescaped into a scratch buffer of this object, and all spans point there until the next line.

import type { Args } from '../contract/args.js';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const DOUBLE_QUOTE = 0x22;
const SINGLE_QUOTE = 0x27;
const BACKSLASH = 0x5c;
const SMALL_X = 0x78;

export class InlineSplitter {
  #scratch = new Uint8Array(256);
  /** Bytes of the scratch in use. */
  #used = 0;
  /** Where the reading of a word ended. */
  #at = 0;

  /**
   * Fills `args`, which is reset, with the words of `bytes[start, end)`, a line without its line break and without NUL.
   * False: quotes that are not closed, or closed without white space behind.
   */
  split(bytes: Uint8Array, start: number, end: number, args: Args): boolean {
    args.reset(bytes);
    let at = start;
    for (;;) {
      while (at < end && isSpace(bytes[at])) at++;
      if (at === end) return true;
      const from = at;
      for (; at < end && !endsWord(bytes[at]); at++) {
        const byte = bytes[at];
        if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) return this.#splitQuoted(bytes, start, end, args);
      }
      args.push(from, at);
    }
  }

  /** The same for a line with quotes. Words never get longer by unescaping. */
  #splitQuoted(bytes: Uint8Array, start: number, end: number, args: Args): boolean {
    if (this.#scratch.length < end - start) this.#scratch = new Uint8Array(2 * (end - start));
    args.reset(this.#scratch);
    this.#used = 0;
    this.#at = start;
    for (;;) {
      while (this.#at < end && isSpace(bytes[this.#at])) this.#at++;
      if (this.#at === end) return true;
      const from = this.#used;
      if (!this.#word(bytes, end)) return false;
      args.push(from, this.#used);
    }
  }

  /** Reads one word into the scratch; false: the quotes do not balance. */
  #word(bytes: Uint8Array, end: number): boolean {
    const scratch = this.#scratch;
    while (this.#at < end) {
      const byte = bytes[this.#at];
      if (endsWord(byte)) return true;
      this.#at++;
      if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) {
        if (!this.#quoted(bytes, end, byte)) return false;
        return this.#at === end || isSpace(bytes[this.#at]);
      }
      scratch[this.#used++] = byte;
    }
    return true;
  }

  /** Reads up to the closing quote, the opening one having been read; false: there is none. */
  #quoted(bytes: Uint8Array, end: number, quote: number): boolean {
    const scratch = this.#scratch;
    while (this.#at < end) {
      const byte = bytes[this.#at++];
      if (byte === quote) return true;
      if (byte !== BACKSLASH || this.#at === end) scratch[this.#used++] = byte;
      else if (quote === DOUBLE_QUOTE) scratch[this.#used++] = this.#escaped(bytes, end);
      else if (bytes[this.#at] === SINGLE_QUOTE) scratch[this.#used++] = bytes[this.#at++];
      else scratch[this.#used++] = byte;
    }
    return false;
  }

  /** The byte that an escape in double quotes stands for, its backslash having been read. */
  #escaped(bytes: Uint8Array, end: number): number {
    const byte = bytes[this.#at++];
    if (byte === SMALL_X && this.#at + 2 <= end) {
      const high = hexDigit(bytes[this.#at]);
      const low = hexDigit(bytes[this.#at + 1]);
      if (high >= 0 && low >= 0) {
        this.#at += 2;
        return high * 16 + low;
      }
    }
    switch (byte) {
      case 0x6e: // n
        return LF;
      case 0x72: // r
        return CR;
      case 0x74: // t
        return TAB;
      case 0x62: // b
        return 0x08;
      case 0x61: // a
        return 0x07;
      default:
        return byte;
    }
  }
}

/** C's isspace: blank, and tab to CR (vertical tab and form feed included). */
function isSpace(byte: number): boolean {
  return byte === BLANK || (byte >= TAB && byte <= CR);
}

/** What ends a bare word: not all white space does. */
function endsWord(byte: number): boolean {
  return byte === BLANK || byte === LF || byte === CR || byte === TAB;
}

/** 0 to 15; -1 for what is no hexadecimal digit. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
