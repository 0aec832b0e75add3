// One thread's counters with names: what the executor, the gate and the front count, written to this thread's row only.
// The catalogue is counters.ts; the shared rows are fabric/counters.ts.

import type { Command } from '../contract/command-table.js';
import type { Counters } from '../fabric/counters.js';
import type { ShardCounters } from '../shard/shard.js';
import { latin1Of } from '../base/bytes.js';
import { COUNTER_SLOTS, type CounterLayout, type CounterName } from './counters.js';

const CALLS = 0;
const USEC = 1;
const REJECTED = 2;
const FAILED = 3;
/** The longest error code, and the bytes in which it ends. */
const CODE_BYTES_MAX = 16;
const SPACE = 0x20;
const CR = 0x0d;

export class CommandCounters {
  readonly rows: Counters;
  readonly layout: CounterLayout;
  /** First slot of each command. */
  readonly #slots: Int32Array;

  constructor(rows: Counters, layout: CounterLayout, commands: readonly Command[]) {
    this.rows = rows;
    this.layout = layout;
    this.#slots = Int32Array.from(commands, (command) => layout.command(command.id));
  }

  /** Adds `n` to a counter of the catalogue. */
  add(name: CounterName, n: number): void {
    this.rows.add(COUNTER_SLOTS[name], n);
  }

  set(name: CounterName, value: number): void {
    this.rows.set(COUNTER_SLOTS[name], value);
  }

  /** Command `id` has run. */
  called(id: number): void {
    this.rows.add(this.#slots[id] + CALLS, 1);
  }

  /** Command `id` took `us` microseconds, over one or several calls. */
  took(id: number, us: number): void {
    this.rows.add(this.#slots[id] + USEC, us);
    this.rows.add(COUNTER_SLOTS.commandUs, us);
  }

  /** A batch of `commands` has run, and the arena uses `usedBytes`: told then, so that INFO is never behind a reply. */
  batchDone(commands: number, usedBytes: number): void {
    this.rows.add(COUNTER_SLOTS.commandsProcessed, commands);
    this.rows.set(COUNTER_SLOTS.usedMemoryBytes, usedBytes);
  }

  /** Commands that ran on this thread. */
  commandsHere(): number {
    return this.rows.get(COUNTER_SLOTS.commandsProcessed);
  }

  /** The gate refused command `id`. */
  rejected(id: number): void {
    this.rows.add(this.#slots[id] + REJECTED, 1);
  }

  /** Command `id` answered with the error in `bytes[start, end)`. */
  failed(id: number, bytes: Uint8Array, start: number, end: number): void {
    this.rows.add(this.#slots[id] + FAILED, 1);
    this.errorReply(bytes, start, end);
  }

  /** An error reply left: counted as a whole and by its code. */
  errorReply(bytes: Uint8Array, start: number, end: number): void {
    this.rows.add(COUNTER_SLOTS.errorReplies, 1);
    const codeStart = start + 1;
    let codeEnd = codeStart;
    const limit = Math.min(end, codeStart + CODE_BYTES_MAX);
    while (codeEnd < limit && bytes[codeEnd] !== SPACE && bytes[codeEnd] !== CR) codeEnd++;
    this.rows.add(this.layout.error(latin1Of(bytes, codeStart, codeEnd)), 1);
  }

  /** CONFIG RESETSTAT on this thread. */
  reset(): void {
    for (let slot = 0; slot < this.layout.slots; slot++) {
      if (this.layout.kind(slot) === 'total') this.rows.set(slot, 0);
    }
  }

  /** What a shard counts. */
  forShard(): ShardCounters {
    const { rows, layout } = this;
    return {
      keyspaceHit: () => {
        rows.add(COUNTER_SLOTS.keyspaceHits, 1);
      },
      keyspaceMiss: () => {
        rows.add(COUNTER_SLOTS.keyspaceMisses, 1);
      },
      expiredKey: () => {
        rows.add(COUNTER_SLOTS.expiredKeys, 1);
      },
      expiredParts: (n) => {
        rows.add(COUNTER_SLOTS.expiredFields, n);
      },
      sizeChanged: (db, keys, expires, subexpiry) => {
        rows.set(layout.db(db), keys);
        rows.set(layout.db(db) + 1, expires);
        rows.set(layout.db(db) + 2, subexpiry);
      },
      watchedKeysChanged: (keys) => {
        rows.set(COUNTER_SLOTS.watchedKeys, keys);
      },
      awaitedKeysChanged: (keys) => {
        rows.set(COUNTER_SLOTS.awaitedKeys, keys);
      },
      topicsChanged: (channels, shardChannels, patterns) => {
        rows.set(COUNTER_SLOTS.channels, channels);
        rows.set(COUNTER_SLOTS.shardChannels, shardChannels);
        rows.set(COUNTER_SLOTS.patterns, patterns);
      },
      lazyFreed: (objects) => {
        rows.add(COUNTER_SLOTS.lazyFreedObjects, objects);
      },
      expiryRan: (us, cutShort) => {
        rows.add(COUNTER_SLOTS.expireCycleUs, us);
        if (cutShort) rows.add(COUNTER_SLOTS.expireTimeCaps, 1);
      },
    };
  }
}
