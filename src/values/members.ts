// The members of a large set, hash or sorted set that has nothing beside its dict: freed at once, or in slices.

import { DictDrain } from '../structures/dict-walk.js';
import type { Dict } from '../structures/dict.js';
import type { Ref } from '../memory/arena.js';
import type { ValueDrain } from './value-type.js';

/** Frees the members of a dict and the dict itself, at once. */
export function freeMembers(dict: Dict): void {
  const { arena } = dict;
  new DictDrain(dict).step(Infinity, (ref) => {
    arena.free(ref);
  });
}

/** The members of a large set, freed in slices; takes over the dict's root. */
export class MembersDrain implements ValueDrain {
  readonly #drain: DictDrain;
  readonly #free: (ref: Ref) => void;

  constructor(dict: Dict) {
    const { arena } = dict;
    this.#drain = new DictDrain(dict);
    this.#free = (ref) => {
      arena.free(ref);
    };
  }

  step(blocksMax: number): boolean {
    return this.#drain.step(blocksMax, this.#free);
  }
}
