// Blocked clients on one shard: who waits for which key, and serving them when a key has something for them.
//
//   key -> waiter, waiter, ...      oldest first; a waiter stands in the line of every key that it waits for here
//
// A command that makes a key ready runs to its end, and so does the whole transaction around it; then the oldest waiter
// is claimed and its command run for it, in the same turn. The claim is a word in shared memory: other shards, the client's
// timeout and CLIENT UNBLOCK want the same client, and one of them gets it.
//
// (1) A line is served in order. A waiter whose command also needs keys of other shards is tried by its own core, as a
//     transaction; until that is decided the line stands still behind it. Its claim tells the outcome with the end of that
//     transaction, before its core's message comes: a line that stands still stays ready, and is looked at again.
// (2) A ready key is looked at again when it is served: it may be gone, or hold another type by then.
// (3) A waiter that only reads (XREAD), or takes what its group has not had yet (XREADGROUP), leaves the others what there is:
//     all of a line are looked at. It answers from all its keys, so that it is tried by its core if they are on several shards.

import { assert } from '../base/assert.js';
import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import type { BlockingSpec } from '../contract/spec.js';
import type { Db } from './db.js';
import { KeyTable, type KeyRow } from './key-table.js';
import type { RemoteClient } from './watch.js';

/** What serving needs of the world outside the shard. */
export interface WaiterPort {
  /** True: the caller answers that wait, nobody else will. */
  claim(place: number, value: number): boolean;
  /** False: that wait is over, or about to be answered. */
  isOpen(place: number, value: number): boolean;
  /** Where the answer to a claimed waiter is written. */
  answer(protocol: 2 | 3): Reply;
  /** Sends what was written since `answer`. */
  send(client: RemoteClient): void;
  /** The client's core shall try its command again. */
  tryAgain(client: RemoteClient): void;
}

export interface Waiter {
  readonly client: RemoteClient;
  readonly blocking: BlockingSpec;
  readonly db: number;
  /** A copy that is the waiter's own. */
  readonly args: Args;
  readonly protocol: 2 | 3;
  /** Its command needs keys of other shards. */
  readonly elsewhere: boolean;
  /** Hashes of the keys of this shard that its command touches besides those it waits for. */
  readonly touches: readonly number[];
}

interface InLine extends Waiter {
  /** Its core is trying; the line waits for the outcome, unless it takes nothing away. */
  trying: boolean;
  /** It waits no longer for a key that is gone. */
  readonly endsWithKey: boolean;
  readonly places: { readonly row: KeyRow<InLine>; readonly keyIndex: number }[];
}

export class Waiters {
  readonly #dbs: readonly Db[];
  readonly #port: WaiterPort;
  readonly #keys: KeyTable<InLine>;
  readonly #byPlace = new Map<number, InLine>();
  /** Keys that may have something for their waiters. */
  readonly #ready = new Set<KeyRow<InLine>>();
  /** Clients here that wait no longer for a key that is gone; 0: nobody need be told of one. */
  losers = 0;

  /** @param counted told how many keys are waited for, when that has changed */
  constructor(dbs: readonly Db[], port: WaiterPort, counted?: (keys: number) => void) {
    this.#dbs = dbs;
    this.#port = port;
    this.#keys = new KeyTable(counted);
  }

  /** Keys that somebody waits for; 0: nobody needs to be told that a key is ready. */
  get size(): number {
    return this.#keys.size;
  }

  /** Keys that are to be served; 0: nothing to do. */
  get ready(): number {
    return this.#ready.size;
  }

  /** Puts `waiter` into the lines of the keys at arguments `keyIndices`, all of this shard. */
  add(waiter: Waiter, keyIndices: readonly number[]): void {
    const { client, args, db } = waiter;
    assert(!this.#byPlace.has(client.place), 'a client waits once');
    const endsWithKey = waiter.blocking.endsWithKey ?? false;
    const inLine: InLine = { ...waiter, trying: false, endsWithKey, places: [] };
    this.#byPlace.set(client.place, inLine);
    if (endsWithKey) this.losers++;
    for (const i of keyIndices) {
      const row = this.#keys.ensure(db, args.hash(i), args.bytes, args.starts[i], args.ends[i]);
      if (row.members.includes(inLine)) continue;
      row.members.push(inLine);
      inLine.places.push({ row, keyIndex: i });
    }
  }

  /** The client waits here no more. What it may have kept waiting behind it is looked at again. */
  remove(place: number): void {
    const waiter = this.#byPlace.get(place);
    if (waiter === undefined) return;
    this.#leave(waiter);
    if (waiter.trying) this.#lookAgain(waiter);
  }

  /** The client's core found nothing for it: it goes on waiting where it stands. */
  keepWaiting(place: number): void {
    const waiter = this.#byPlace.get(place);
    if (waiter === undefined) return;
    waiter.trying = false;
    this.#lookAgain(waiter);
  }

  /** Something was put at a key: whoever waits for it is served when the command, or its transaction, is over. */
  keyReady(db: number, hash: number, bytes: Uint8Array, start: number, end: number): void {
    const row = this.#keys.find(db, hash, bytes, start, end);
    if (row !== undefined) this.#ready.add(row);
  }

  /** Every key of the database may have come into being: it was swapped. */
  databaseReady(db: number): void {
    for (const row of this.#keys.rows()) if (row.db === db) this.#ready.add(row);
  }

  /** Serves what is ready, except where a key that this needs `isHeld`: that stays ready until the transaction is over. */
  serve(isHeld: (hash: number) => boolean): void {
    const held: KeyRow<InLine>[] = [];
    // Serving one may make another key ready: a set hands it out behind the others.
    for (const row of this.#ready) {
      this.#ready.delete(row);
      if (isHeld(row.hash) || !this.#serveLine(row, isHeld)) held.push(row);
    }
    for (const row of held) this.#ready.add(row);
  }

  /** False: the next waiter is being tried, or its command touches another key, which is held. */
  #serveLine(row: KeyRow<InLine>, isHeld: (hash: number) => boolean): boolean {
    if (row.members.length > 0 && this.#standsStill(row.members[0])) return false;
    const db = this.#dbs[row.db];
    // A copy: serving takes members out.
    for (const waiter of [...row.members]) {
      const type = db.typeOfKey(row.hash, row.key, 0, row.key.length);
      if (type < 0 && this.losers === 0) return true;
      const { blocking } = waiter;
      if (type !== blocking.type && !waiter.endsWithKey) continue;
      const goesOn = blocking.takesAll === true;
      if (waiter.trying && !this.#isOpen(waiter)) {
        this.#leave(waiter);
        continue;
      }
      if (waiter.trying) {
        if (goesOn) continue;
        return false;
      }
      const keyIndex = placeOf(waiter, row);
      if (blocking.isServed?.(db, waiter.args, keyIndex) === false) continue;
      if (waiter.elsewhere) {
        waiter.trying = true;
        this.#port.tryAgain(waiter.client);
        if (goesOn) continue;
        return false;
      }
      if (waiter.touches.some(isHeld)) return false;
      this.#serve(waiter, keyIndex, db);
    }
    return true;
  }

  /** Nobody behind the waiter is served before it is decided whether it is. */
  #standsStill(waiter: InLine): boolean {
    return waiter.trying && waiter.blocking.takesAll !== true && this.#isOpen(waiter);
  }

  #isOpen({ client }: InLine): boolean {
    return this.#port.isOpen(client.place, client.value);
  }

  #serve(waiter: InLine, keyIndex: number, db: Db): void {
    const { client, args, blocking, protocol } = waiter;
    this.#leave(waiter);
    if (!this.#port.claim(client.place, client.value)) return;
    const served = blocking.attempt(db, args, keyIndex, this.#port.answer(protocol));
    assert(served, 'a ready key of the right type has something to give');
    this.#port.send(client);
  }

  #leave(waiter: InLine): void {
    this.#byPlace.delete(waiter.client.place);
    if (waiter.endsWithKey) this.losers--;
    for (const { row } of waiter.places) this.#keys.remove(row, waiter);
  }

  #lookAgain(waiter: InLine): void {
    for (const { row } of waiter.places) if (row.members.length > 0) this.#ready.add(row);
  }

  /** Nobody waits here (tests, at rest). */
  get isIdle(): boolean {
    return this.#byPlace.size === 0 && this.#keys.size === 0 && this.#ready.size === 0;
  }
}

/** The argument that is the key of `row`. */
function placeOf(waiter: InLine, row: KeyRow<InLine>): number {
  const keyIndex = waiter.places.find((place) => place.row === row)?.keyIndex;
  assert(keyIndex !== undefined, 'a waiter stands in the line that is served');
  return keyIndex;
}
