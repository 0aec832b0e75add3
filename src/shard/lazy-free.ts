// What was taken out of the keyspace and is still to be freed: dicts of FLUSHALL ASYNC, freed slice by slice.

import type { Ref } from '../memory/arena.js';
import type { DictDrain } from '../structures/dict-walk.js';

/** Entries freed between two looks at the clock: some 20 µs. */
const ENTRIES_PER_SLICE = 256;

export class LazyFree {
  readonly #queue: DictDrain[] = [];
  readonly #freeEntry: (entry: Ref) => void;
  readonly #freed: (objects: number) => void;

  /** `freeEntry` frees an entry with its value; `freed` is told how many were. */
  constructor(freeEntry: (entry: Ref) => void, freed: (objects: number) => void) {
    this.#freeEntry = freeEntry;
    this.#freed = freed;
  }

  /** Entries waiting. */
  get pending(): number {
    let entries = 0;
    for (const drain of this.#queue) entries += drain.remaining;
    return entries;
  }

  get idle(): boolean {
    return this.#queue.length === 0;
  }

  add(drain: DictDrain): void {
    this.#queue.push(drain);
  }

  /** Frees one slice; true while more is waiting. */
  step(): boolean {
    if (this.#queue.length === 0) return false;
    const drain = this.#queue[0];
    const before = drain.remaining;
    const more = drain.step(ENTRIES_PER_SLICE, this.#freeEntry);
    this.#freed(before - drain.remaining);
    if (!more) this.#queue.shift();
    return this.#queue.length > 0;
  }
}
