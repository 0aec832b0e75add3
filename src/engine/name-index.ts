// Names to numbers without a string: the lookup of a command by the bytes of a request, in any case.
//
//   short   | word, word, length and position | ... |     names of up to 8 letters, folded into two words: one compare
//   long    [ -1 | position ]*                            all other names, compared byte by byte
//           names   FLUSHALLASYNC...                      the names in capitals, end to end
//
// Both tables are open addressing, at most a quarter full. The short one hashes the words, the long one the length and
// three bytes; each multiplier is searched when the index is built, for the one with the fewest collisions.
//
// Folding clears 0x20. For a letter that joins its two cases and nothing else, so a name of letters needs no second look;
// a name with a digit, '-' or '_' does, and is a long one whatever its length.
//
// (1) A name stands in one of the tables, once.   Limit: 1 to 255 ASCII bytes, no lower-case letters.

import { assert } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';

const NAME_BYTES_MAX = 255;
const SHORT_BYTES_MAX = 8;
const FOLD = 0xdf;

/** Fields of a slot of the short table; the last is 0 in an empty slot. */
const SLOT_FIELDS = 3;
const CODE = 2;
const LENGTH_SHIFT = 16;
const POSITION_MASK = 0xffff;

const NONE = -1;
const SPARSENESS = 4;
const TABLE_SLOTS_MIN = 8;
const MULTIPLIER_TRIES = 200;
const FIRST_MULTIPLIER = 0x9e3779b1 | 0;

export class NameIndex {
  readonly #short: Int32Array;
  readonly #shortMask: number;
  #shortMultiplier = FIRST_MULTIPLIER;

  readonly #long: Int16Array;
  readonly #longMask: number;
  #longMultiplier = FIRST_MULTIPLIER;
  /** Name i is `#names[#starts[i], #starts[i + 1])`. */
  readonly #names: Uint8Array;
  readonly #starts: Int32Array;

  /** `find` gives positions in `names`, which are in capitals and differ from each other. */
  constructor(names: readonly string[]) {
    assert(new Set(names).size === names.length && names.length < POSITION_MASK, 'command names differ');
    this.#names = bytesOf(names.join(''));
    this.#starts = new Int32Array(names.length + 1);
    const short: number[] = [];
    const long: number[] = [];
    names.forEach((name, i) => {
      assert(/^[\x21-\x60\x7b-\x7e]+$/.test(name) && name.length <= NAME_BYTES_MAX, 'a command name is ASCII capitals');
      this.#starts[i + 1] = this.#starts[i] + name.length;
      (/^[A-Z]{1,8}$/.test(name) ? short : long).push(i);
    });
    const shortSlots = slotsFor(short.length);
    const longSlots = slotsFor(long.length);
    this.#short = new Int32Array(shortSlots * SLOT_FIELDS);
    this.#shortMask = shortSlots - 1;
    this.#long = new Int16Array(longSlots);
    this.#longMask = longSlots - 1;
    this.#shortMultiplier = bestMultiplier((multiplier) => this.#fillShort(short, multiplier));
    this.#fillShort(short, this.#shortMultiplier);
    this.#longMultiplier = bestMultiplier((multiplier) => this.#fillLong(long, multiplier));
    this.#fillLong(long, this.#longMultiplier);
  }

  /** The position of the name that `bytes[start, end)` spells in any case; -1 when there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    if (length > SHORT_BYTES_MAX) return this.#findLong(bytes, start, end);
    if (length <= 0) return NONE;
    const middle = length > 4 ? start + 4 : end;
    let low = 0;
    for (let i = start; i < middle; i++) low = (low << 8) | (bytes[i] & FOLD);
    let high = 0;
    for (let i = middle; i < end; i++) high = (high << 8) | (bytes[i] & FOLD);
    const table = this.#short;
    let slot = shortHash(low, high, this.#shortMultiplier) & this.#shortMask;
    for (;;) {
      const at = slot * SLOT_FIELDS;
      const code = table[at + CODE];
      if (code === 0) return this.#findLong(bytes, start, end);
      if (table[at] === low && table[at + 1] === high && code >>> LENGTH_SHIFT === length) {
        return (code & POSITION_MASK) - 1;
      }
      slot = (slot + 1) & this.#shortMask;
    }
  }

  #findLong(bytes: Uint8Array, start: number, end: number): number {
    let slot = longHash(bytes, start, end, this.#longMultiplier) & this.#longMask;
    for (;;) {
      const position = this.#long[slot];
      if (position < 0 || this.#spells(position, bytes, start, end)) return position;
      slot = (slot + 1) & this.#longMask;
    }
  }

  #spells(position: number, bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#names;
    let at = this.#starts[position];
    if (this.#starts[position + 1] - at !== end - start) return false;
    for (let i = start; i < end; i++, at++) {
      let byte = bytes[i];
      if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
      if (byte !== names[at]) return false;
    }
    return true;
  }

  /** Fills the short table anew; the number of slots that had to be passed over. */
  #fillShort(positions: readonly number[], multiplier: number): number {
    const table = this.#short.fill(0);
    let passed = 0;
    for (const position of positions) {
      const start = this.#starts[position];
      const end = this.#starts[position + 1];
      let low = 0;
      let high = 0;
      for (let i = start; i < end; i++) {
        if (i < start + 4) low = (low << 8) | this.#names[i];
        else high = (high << 8) | this.#names[i];
      }
      let slot = shortHash(low, high, multiplier) & this.#shortMask;
      for (; table[slot * SLOT_FIELDS + CODE] !== 0; slot = (slot + 1) & this.#shortMask) passed++;
      table[slot * SLOT_FIELDS] = low;
      table[slot * SLOT_FIELDS + 1] = high;
      table[slot * SLOT_FIELDS + CODE] = ((end - start) << LENGTH_SHIFT) | (position + 1);
    }
    return passed;
  }

  /** The same for the long table. */
  #fillLong(positions: readonly number[], multiplier: number): number {
    const table = this.#long.fill(NONE);
    let passed = 0;
    for (const position of positions) {
      const start = this.#starts[position];
      let slot = longHash(this.#names, start, this.#starts[position + 1], multiplier) & this.#longMask;
      for (; table[slot] !== NONE; slot = (slot + 1) & this.#longMask) passed++;
      table[slot] = position;
    }
    return passed;
  }
}

function shortHash(low: number, high: number, multiplier: number): number {
  return Math.imul(low ^ Math.imul(high, FIRST_MULTIPLIER), multiplier) >>> 16;
}

function longHash(bytes: Uint8Array, start: number, end: number, multiplier: number): number {
  const length = end - start;
  const sample = (bytes[start] & FOLD) | ((bytes[start + (length >> 1)] & FOLD) << 8) | ((bytes[end - 1] & FOLD) << 16);
  return Math.imul(sample ^ (length << 24), multiplier) >>> 16;
}

function slotsFor(names: number): number {
  let slots = TABLE_SLOTS_MIN;
  while (slots < names * SPARSENESS) slots *= 2;
  return slots;
}

/** The multiplier for which `fill` passes over the fewest slots. */
function bestMultiplier(fill: (multiplier: number) => number): number {
  let best = FIRST_MULTIPLIER;
  let fewest = Infinity;
  let multiplier = FIRST_MULTIPLIER;
  for (let attempt = 0; attempt < MULTIPLIER_TRIES && fewest > 0; attempt++) {
    const passed = fill(multiplier);
    if (passed < fewest) {
      fewest = passed;
      best = multiplier;
    }
    multiplier = (Math.imul(multiplier, 0x2c1b3c6d) + 0x297a2d39) | 1;
  }
  return best;
}
