// The sets of a command that combines several: opened together, and walked for what all or only the first of them have.
//
// Operands stand in `operands[0, count)` until the next command opens others; nothing changes them meanwhile.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import type { Db, Ref } from '../shard/db.js';
import { SetValue } from '../values/set.js';
import { isSetOrNone } from './set-values.js';

/** Operands kept from one command to the next. */
const KEPT_MAX = 64;

/** What stands under the keys of a command, those without a set left out. */
export class Operands {
  readonly sets: SetValue[] = [];
  readonly #entries: Ref[] = [];
  /** Operands. */
  count = 0;
  /** Keys under which nothing stands. */
  missing = 0;
  /** The first key holds a set: it is operand 0. */
  hasFirst = false;
  /** The first key was given a second time. */
  firstAgain = false;

  /** Opens the sets at arguments [from, to); false: one of them is something else, which has been replied. */
  open(db: Db, args: Args, from: number, to: number, reply: Reply): boolean {
    const { sets } = this;
    if (sets.length > KEPT_MAX) sets.length = KEPT_MAX;
    this.count = 0;
    this.missing = 0;
    this.firstAgain = false;
    for (let i = from; i < to; i++) {
      const entry = db.lookupRead(args, i);
      if (!isSetOrNone(db, entry, reply)) return false;
      if (i === from) this.hasFirst = entry !== 0;
      if (entry === 0) {
        this.missing++;
        continue;
      }
      if (i > from && this.hasFirst && entry === this.#entries[0]) this.firstAgain = true;
      if (this.count === sets.length) sets.push(new SetValue());
      const set = sets[this.count];
      set.open(db.arena, entry);
      this.#entries[this.count++] = entry;
    }
    return true;
  }

  /** Puts the operands from `from` on into the order of their sizes. */
  sort(from: number, largestFirst: boolean): void {
    const { sets } = this;
    const before = (a: SetValue, b: SetValue): boolean => (largestFirst ? a.count > b.count : a.count < b.count);
    for (let i = from + 1; i < this.count; i++) {
      const set = sets[i];
      let at = i;
      for (; at > from && before(set, sets[at - 1]); at--) sets[at] = sets[at - 1];
      sets[at] = set;
    }
  }

  /** Puts operand 0's cursor on its next member that all others have; false: there is none. Begins after a `rewind`. */
  stepCommon(): boolean {
    const { sets, count } = this;
    while (sets[0].step()) if (this.#having(true) === count) return true;
    return false;
  }

  /** The same for one that no other has. */
  stepOwn(): boolean {
    const { sets, count } = this;
    while (sets[0].step()) if (this.#having(false) === count) return true;
    return false;
  }

  /** The first operand behind 0 of which it is not true that it has (or, unless `wanted`, has not) operand 0's member. */
  #having(wanted: boolean): number {
    const { sets, count } = this;
    const first = sets[0];
    let i = 1;
    while (i < count && sets[i].hasCurrentOf(first) === wanted) i++;
    return i;
  }
}

export const operands = new Operands();
