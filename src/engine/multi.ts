// What a connection has queued between MULTI and EXEC.

import { copyArgs, type Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';

export interface QueuedCommand {
  readonly command: Command;
  /** A copy of the request. */
  readonly args: Args;
}

export class MultiQueue {
  readonly commands: QueuedCommand[] = [];
  /** A command could not be queued: EXEC will refuse. */
  aborted = false;
  /** Bytes of the queued requests. */
  bytes = 0;

  add(command: Command, args: Args): void {
    const copy = copyArgs(args);
    this.commands.push({ command, args: copy });
    this.bytes += copy.bytes.length;
  }
}

/** A key that is watched. */
export interface WatchedKey {
  readonly shard: number;
  readonly hash: number;
}

/** What a connection watches: the keys that an EXEC over several shards holds besides its own. */
export class Watching {
  /** Names the watching among the words that all threads share. */
  readonly value: number;
  readonly #keys = new Map<number, WatchedKey>();

  constructor(value: number) {
    this.value = value;
  }

  /** Keys of all databases. One that is watched twice counts once. */
  get count(): number {
    return this.#keys.size;
  }

  add(db: number, shard: number, hash: number): void {
    this.#keys.set(db * 2 ** 32 + (hash >>> 0), { shard, hash });
  }

  keys(): Iterable<WatchedKey> {
    return this.#keys.values();
  }

  /** True when some of the keys stand on other shards than `shard`. */
  isElsewhere(shard: number): boolean {
    for (const key of this.keys()) if (key.shard !== shard) return true;
    return false;
  }

  get shards(): Set<number> {
    return new Set(Array.from(this.keys(), ({ shard }) => shard));
  }
}
