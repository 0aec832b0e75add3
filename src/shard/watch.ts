// WATCH on one shard: which clients watch which keys. A change of a watched key sets the client's word in shared memory, no
// message; EXEC looks at the word.
//
// (1) A watcher stays registered until its client ends the watching (EXEC, DISCARD, UNWATCH, or leaves). Its word tells
//     whether it still counts, so a registration that is a moment late in going does no harm.
// (2) A key that expires has changed; one that had expired before it was watched is not there, and is gone by then.

import type { Args } from '../contract/args.js';
import type { Db } from './db.js';
import { KeyTable, type KeyRow } from './key-table.js';

/** A client of some core, as a shard knows it. */
export interface RemoteClient {
  readonly core: number;
  readonly session: number;
  /** Its place among the words that all threads share, and the generation of its watching or waiting there. */
  readonly place: number;
  readonly value: number;
}

interface Watcher {
  readonly client: RemoteClient;
  readonly rows: KeyRow<Watcher>[];
}

export class WatchTable {
  readonly #keys: KeyTable<Watcher>;
  readonly #watchers = new Map<number, Watcher>();
  readonly #markDirty: (place: number, value: number) => void;

  /** @param counted told how many keys are watched, when that has changed */
  constructor(markDirty: (place: number, value: number) => void, counted?: (keys: number) => void) {
    this.#markDirty = markDirty;
    this.#keys = new KeyTable(counted);
  }

  /** Keys that are watched; 0: a change is nobody's business. */
  get size(): number {
    return this.#keys.size;
  }

  /** `client` watches the key at argument `i`. */
  add(client: RemoteClient, db: Db, args: Args, i: number): void {
    db.peek(args, i); // what has expired goes now, so that its going is no change later
    const watcher = this.#watcherOf(client);
    const row = this.#keys.ensure(db.index, args.hash(i), args.bytes, args.starts[i], args.ends[i]);
    if (row.members.includes(watcher)) return;
    row.members.push(watcher);
    watcher.rows.push(row);
  }

  #watcherOf(client: RemoteClient): Watcher {
    const known = this.#watchers.get(client.place);
    if (known?.client.value === client.value) return known;
    this.remove(client.place); // of an earlier WATCH
    const watcher = { client, rows: [] };
    this.#watchers.set(client.place, watcher);
    return watcher;
  }

  /** The client watches nothing here any more. */
  remove(place: number): void {
    const watcher = this.#watchers.get(place);
    if (watcher === undefined) return;
    for (const row of watcher.rows) this.#keys.remove(row, watcher);
    this.#watchers.delete(place);
  }

  /** A key has changed: it was written, deleted, or has expired. */
  changed(db: number, hash: number, bytes: Uint8Array, start: number, end: number): void {
    const row = this.#keys.find(db, hash, bytes, start, end);
    if (row !== undefined) this.#markAll(row);
  }

  /** Every watched key of the database for which `touches` is true has changed: it was flushed, or swapped. */
  changedWhere(db: number, touches: (row: KeyRow<unknown>) => boolean): void {
    for (const row of this.#keys.rows()) if (row.db === db && touches(row)) this.#markAll(row);
  }

  /** Looks at all keys that the client watches, so that one whose time has passed is seen to have changed. */
  lookAgain(place: number, dbs: readonly Db[]): void {
    const watcher = this.#watchers.get(place);
    if (watcher === undefined) return;
    for (const { db, hash, key } of [...watcher.rows]) dbs[db].expireIfDue(hash, key, 0, key.length);
  }

  #markAll(row: KeyRow<Watcher>): void {
    for (const watcher of row.members) this.#markDirty(watcher.client.place, watcher.client.value);
  }
}
