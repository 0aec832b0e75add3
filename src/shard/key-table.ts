// Who is interested in a key, whether it exists or not: watchers and waiters. On the V8 heap, because it holds what
// connections hold; found by the key's hash without making garbage.

import { equalBytes } from '../base/bytes.js';

/** Those interested in one key of one database, oldest first. */
export interface KeyRow<T> {
  readonly hash: number;
  readonly db: number;
  readonly key: Uint8Array;
  readonly members: T[];
}

export class KeyTable<T> {
  readonly #rows = new Map<number, KeyRow<T>[]>();
  readonly #counted: (keys: number) => void;
  /** Keys that somebody is interested in. */
  size = 0;

  /** @param counted told `size` when it has changed */
  constructor(counted: (keys: number) => void = () => undefined) {
    this.#counted = counted;
  }

  /** The row of a key; undefined when nobody is interested. */
  find(db: number, hash: number, bytes: Uint8Array, start: number, end: number): KeyRow<T> | undefined {
    const rows = this.#rows.get(hash);
    if (rows === undefined) return undefined;
    for (const row of rows) {
      if (row.db === db && equalBytes(row.key, 0, row.key.length, bytes, start, end)) return row;
    }
    return undefined;
  }

  /** The row of a key, made when it is not there. */
  ensure(db: number, hash: number, bytes: Uint8Array, start: number, end: number): KeyRow<T> {
    const found = this.find(db, hash, bytes, start, end);
    if (found !== undefined) return found;
    const row: KeyRow<T> = { hash, db, key: new Uint8Array(bytes.subarray(start, end)), members: [] };
    const rows = this.#rows.get(hash);
    if (rows === undefined) this.#rows.set(hash, [row]);
    else rows.push(row);
    this.#counted(++this.size);
    return row;
  }

  /** Takes a member out of its row, and the row away with the last one. */
  remove(row: KeyRow<T>, member: T): void {
    const at = row.members.indexOf(member);
    if (at < 0) return;
    row.members.splice(at, 1);
    if (row.members.length > 0) return;
    const rows = this.#rows.get(row.hash);
    if (rows === undefined) return;
    rows.splice(rows.indexOf(row), 1);
    if (rows.length === 0) this.#rows.delete(row.hash);
    this.#counted(--this.size);
  }

  /** All rows; the table must not change meanwhile. */
  *rows(): IterableIterator<KeyRow<T>> {
    for (const rows of this.#rows.values()) yield* rows;
  }
}
