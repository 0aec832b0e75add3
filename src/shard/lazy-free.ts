// What was taken out of the keyspace and is still to be freed: dicts of FLUSHALL ASYNC, and values of so many blocks that
// freeing them would hold up the commands behind. Both are worked off slice by slice.

import type { Ref } from '../memory/arena.js';
import type { DictDrain } from '../structures/dict-walk.js';
import type { ValueDrain } from '../values/value-type.js';

/** Entries or blocks freed between two looks at the clock: some 20 µs. */
const ENTRIES_PER_SLICE = 256;

export class LazyFree {
  readonly #dicts: DictDrain[] = [];
  readonly #values: ValueDrain[] = [];
  readonly #freeEntry: (entry: Ref) => void;
  readonly #freed: (objects: number) => void;

  /** `freeEntry` frees an entry, or hands its value to `addValue`; `freed` is told how many objects were freed. */
  constructor(freeEntry: (entry: Ref) => void, freed: (objects: number) => void) {
    this.#freeEntry = freeEntry;
    this.#freed = freed;
  }

  /** Objects waiting: entries and values. */
  get pending(): number {
    let objects = this.#values.length;
    for (const drain of this.#dicts) objects += drain.remaining;
    return objects;
  }

  get idle(): boolean {
    return this.#dicts.length === 0 && this.#values.length === 0;
  }

  add(drain: DictDrain): void {
    this.#dicts.push(drain);
  }

  addValue(drain: ValueDrain): void {
    this.#values.push(drain);
  }

  /** Frees one slice; true while more is waiting. Values go first: the entries behind them may bring more of them. */
  step(): boolean {
    if (this.#values.length > 0) {
      if (!this.#values[this.#values.length - 1].step(ENTRIES_PER_SLICE)) {
        this.#values.pop();
        this.#freed(1);
      }
    } else if (this.#dicts.length > 0) {
      const drain = this.#dicts[0];
      const before = drain.remaining;
      const more = drain.step(ENTRIES_PER_SLICE, this.#freeEntry);
      // A value that waits now is counted when it has been freed.
      this.#freed(before - drain.remaining - this.#values.length);
      if (!more) this.#dicts.shift();
    }
    return !this.idle;
  }

  /** Frees all that is waiting, now. */
  finish(): void {
    while (this.step());
  }
}
