// Names to numbers without a string: the lookup of a command by the bytes of a request, in any case.
//
//   slots   [ -1 | entry ]*            open addressing, at most a quarter full
//   names   SELECTGETSET...            the names in capitals, end to end; entry i is names[starts[i], starts[i + 1])
//
// The hash looks at the length and at four bytes only, with 0x20 masked away so that both cases of a letter agree; the
// comparison that follows decides. The multiplier is searched when the index is built, for the one with the fewest
// collisions.
//
// (1) A name is in the table at most once.   Limit: names of 1 to 255 ASCII bytes, no lower-case letters.

import { assert } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';

const NAME_BYTES_MAX = 255;
const EMPTY = -1;
const LOAD_SHIFT = 2;
const MULTIPLIER_TRIES = 200;

export class NameIndex {
  readonly #names: Uint8Array;
  readonly #starts: Int32Array;
  readonly #slots: Int16Array;
  readonly #mask: number;
  readonly #multiplier: number;

  /** `find` gives positions in `names`, which are in capitals and differ from each other. */
  constructor(names: readonly string[]) {
    this.#starts = new Int32Array(names.length + 1);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      assert(/^[\x21-\x60\x7b-\x7e]+$/.test(name) && name.length <= NAME_BYTES_MAX, 'a command name is ASCII capitals');
      this.#starts[i + 1] = this.#starts[i] + name.length;
    }
    assert(new Set(names).size === names.length, 'command names differ');
    this.#names = bytesOf(names.join(''));
    let size = 8;
    while (size < names.length << LOAD_SHIFT) size *= 2;
    this.#mask = size - 1;
    const best = this.#fewestCollisions(size);
    this.#multiplier = best.multiplier;
    this.#slots = best.slots;
  }

  /** The position of the name that `bytes[start, end)` spells in any case; -1 when there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    if (end <= start) return EMPTY;
    let slot = this.#slotOf(bytes, start, end, this.#multiplier);
    for (;;) {
      const entry = this.#slots[slot];
      if (entry < 0 || this.#spells(entry, bytes, start, end)) return entry;
      slot = (slot + 1) & this.#mask;
    }
  }

  #slotOf(bytes: Uint8Array, start: number, end: number, multiplier: number): number {
    const length = end - start;
    const sample =
      (bytes[start] & 0x5f) |
      ((bytes[start + (length >> 1)] & 0x5f) << 8) |
      ((bytes[end - 1] & 0x5f) << 16) |
      ((bytes[start + (length >> 2)] & 0x5f) << 24);
    return (Math.imul(sample ^ (length << 5), multiplier) >>> 16) & this.#mask;
  }

  #spells(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const names = this.#names;
    let at = this.#starts[entry];
    if (this.#starts[entry + 1] - at !== end - start) return false;
    for (let i = start; i < end; i++, at++) {
      let byte = bytes[i];
      if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
      if (byte !== names[at]) return false;
    }
    return true;
  }

  #fewestCollisions(size: number): { multiplier: number; slots: Int16Array } {
    let best = { multiplier: 0, slots: new Int16Array(0), steps: Infinity };
    let multiplier = 0x9e3779b1 | 0;
    for (let attempt = 0; attempt < MULTIPLIER_TRIES && best.steps > 0; attempt++) {
      const slots = new Int16Array(size).fill(EMPTY);
      let steps = 0;
      for (let i = 0; i + 1 < this.#starts.length; i++) {
        let slot = this.#slotOf(this.#names, this.#starts[i], this.#starts[i + 1], multiplier);
        for (; slots[slot] !== EMPTY; slot = (slot + 1) & this.#mask) steps++;
        slots[slot] = i;
      }
      if (steps < best.steps) best = { multiplier, slots, steps };
      multiplier = (Math.imul(multiplier, 0x2c1b3c6d) + 0x297a2d39) | 1;
    }
    return best;
  }
}
