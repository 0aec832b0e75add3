// Things with names of any bytes, found by the name's hash without making garbage.

import { equalBytes } from './bytes.js';

export interface Named {
  readonly hash: number;
  readonly name: Uint8Array;
}

export class NameTable<T extends Named> {
  size = 0;
  /** By hash: nearly always one, which then costs no list. */
  readonly #things = new Map<number, T | T[]>();

  /** The thing of that name, `bytes[start, end)` with its hash. */
  find(hash: number, bytes: Uint8Array, start: number, end: number): T | undefined {
    const found = this.#things.get(hash);
    if (found === undefined) return undefined;
    if (!Array.isArray(found)) return isNamed(found, bytes, start, end) ? found : undefined;
    for (const thing of found) if (isNamed(thing, bytes, start, end)) return thing;
    return undefined;
  }

  /** Adds a thing whose name is not there yet. */
  add(thing: T): void {
    const found = this.#things.get(thing.hash);
    if (found === undefined) this.#things.set(thing.hash, thing);
    else if (Array.isArray(found)) found.push(thing);
    else this.#things.set(thing.hash, [found, thing]);
    this.size++;
  }

  /** Takes out a thing that is there. */
  remove(thing: T): void {
    const found = this.#things.get(thing.hash);
    if (!Array.isArray(found)) this.#things.delete(thing.hash);
    else if (found.length === 2) this.#things.set(thing.hash, found[0] === thing ? found[1] : found[0]);
    else found.splice(found.indexOf(thing), 1);
    this.size--;
  }

  /** Everything; the table must not change meanwhile. */
  *all(): IterableIterator<T> {
    for (const found of this.#things.values()) {
      if (Array.isArray(found)) yield* found;
      else yield found;
    }
  }
}

function isNamed({ name }: Named, bytes: Uint8Array, start: number, end: number): boolean {
  return equalBytes(name, 0, name.length, bytes, start, end);
}
