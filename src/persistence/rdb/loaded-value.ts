// A value that was read and belongs to no key yet. Collections stand in an entry that is in no dict, so that a value that turns
// out to be broken, or unwanted, leaves nothing behind and nothing changed.

import { assert } from '../../base/assert.js';
import type { Args } from '../../contract/args.js';
import type { Ref } from '../../memory/arena.js';
import { NO_EXPIRY, type Db } from '../../shard/db.js';
import { entryReshaped, type EntryKeeper } from '../../structures/entry-copy.js';
import { valueTypeOf } from '../../values/value-types.js';
import { newView } from './packed-sources.js';

export class LoadedValue implements EntryKeeper {
  readonly db: Db;
  /** The collection's entry; 0: a string. */
  entry: Ref = 0;
  /** The string. */
  readonly text = newView();
  readonly #args: Args;
  readonly #key: number;

  /** For the key at argument `key` of `args`. */
  constructor(db: Db, args: Args, key: number) {
    this.db = db;
    this.#args = args;
    this.#key = key;
  }

  /** Makes the entry of a collection of `kind`, whose slot is empty, or its `inlineBytes` unwritten. */
  begin(kind: number, inlineBytes = 0): Ref {
    assert(this.entry === 0, 'a value begins once');
    this.entry = this.db.makeEntry(this.#args, this.#key, kind, inlineBytes);
    return this.entry;
  }

  reshape(old: Ref, kind: number, inlineBytes: number): Ref {
    assert(old === this.entry, 'the entry that changes its shape is the one that was made');
    const { arena } = this.db;
    this.entry = entryReshaped(arena, old, kind, inlineBytes);
    arena.free(old);
    return this.entry;
  }

  /** All parts of the value have had their time: it is not to be seen any more. */
  get isGone(): boolean {
    if (this.entry === 0) return false;
    const { arena, shard } = this.db;
    return valueTypeOf(arena, this.entry).parts?.isGone(arena, this.entry, shard.nowMs) ?? false;
  }

  /** Gives back what was made. */
  discard(): void {
    if (this.entry !== 0) this.db.shard.freeEntry(this.entry);
    this.entry = 0;
  }

  /** Puts the value under its key, which is free, without a TTL. */
  place(): void {
    const { text } = this;
    if (this.entry === 0) {
      this.db.setString(this.#args, this.#key, text.bytes, text.start, text.end, NO_EXPIRY);
      return;
    }
    this.db.adopt(this.#args, this.#key, this.entry);
    this.entry = 0;
  }
}
