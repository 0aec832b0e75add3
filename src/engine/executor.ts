// Runs commands on this thread's shard and counts them: the one place where a command's function is called, whether the
// request came from a connection of this thread or over a ring.
//
// Time is taken per run of equal commands, not per command: a pipeline of a hundred GETs reads the clock twice.

import type { Clock } from '../base/clock.js';
import type { Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import type { Reply } from '../contract/reply.js';
import type { ShardOp } from '../contract/spec.js';
import { unreachable } from '../base/assert.js';
import type { CommandCounters } from '../observability/command-counters.js';
import type { Shard } from '../shard/shard.js';

/** The first byte of an error reply, '-'. */
export const ERROR_BYTE = 0x2d;

/** A decoded request that is about to run here. */
export interface Request {
  readonly args: Args;
  readonly db: number;
  /** The argument that is its first key, its hash remembered in `args`; 0: no key, or not one of this shard. */
  readonly keyIndex: number;
}

/** A reply buffer as the executor sees it: the encoder of protocol/. */
export interface ReplyBuffer extends Reply {
  readonly length: number;
}

export class Executor {
  readonly shard: Shard;
  readonly #ops: ShardOp[];
  readonly #counters: CommandCounters;
  readonly #clock: Clock;
  #runId = -1;
  #runStartUs = 0;
  /** Commands run since `begin`. */
  #ran = 0;
  /** What `warm` read: kept, so that the reads are not optimised away. */
  touched = 0;

  constructor(shard: Shard, commands: readonly Command[], counters: CommandCounters, clock: Clock) {
    this.shard = shard;
    this.#counters = counters;
    this.#clock = clock;
    this.#ops = commands.map((command) => command.spec.onShard ?? command.spec.onEveryShard?.op ?? notOnShard);
  }

  /** A batch begins: all its commands see the same wall time. */
  begin(): void {
    this.shard.tick();
  }

  /**
   * Brings what the keys of `requests[0, count)` need closer to the processor, before the first of them runs. Two random
   * memory accesses (bucket, entry) dominate the cost of a small command; for many keys at once they overlap.
   */
  warm(requests: readonly Request[], count: number): void {
    const { dbs } = this.shard;
    let words = 0;
    for (let i = 0; i < count; i++) {
      const { args, keyIndex, db } = requests[i];
      if (keyIndex !== 0) words ^= dbs[db].dict.touchBucket(args.hash(keyIndex));
    }
    for (let i = 0; i < count; i++) {
      const { args, keyIndex, db } = requests[i];
      if (keyIndex !== 0) words ^= dbs[db].dict.touchEntry(args.hash(keyIndex));
    }
    this.touched = words;
  }

  /** Runs command `id` on database `db`; its reply goes to `reply`. */
  run(id: number, db: number, args: Args, reply: ReplyBuffer): void {
    if (id !== this.#runId) this.#switchRun(id);
    const mark = reply.length;
    this.#ops[id](this.shard.dbs[db], args, reply);
    this.#ran++;
    this.#counters.called(id);
    if (reply.length > mark && reply.bytes[mark] === ERROR_BYTE) {
      this.#counters.failed(id, reply.bytes, mark, reply.length);
    }
  }

  /** The batch is over: accounts for its last run. */
  end(): void {
    if (this.#runId >= 0) this.#switchRun(-1);
    this.#counters.batchDone(this.#ran, this.shard.arena.usedBytes);
    this.#ran = 0;
  }

  #switchRun(id: number): void {
    const nowUs = this.#clock.monotonicUs();
    if (this.#runId >= 0) this.#counters.took(this.#runId, nowUs - this.#runStartUs);
    this.#runId = id;
    this.#runStartUs = nowUs;
  }
}

const notOnShard: ShardOp = () => unreachable('a command that runs beside the connection was sent to a shard');
