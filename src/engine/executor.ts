// Runs commands on this thread's shard and counts them: the one place where a command's function is called, whether the
// request came from a connection of this thread or over a ring.
//
// Time is taken per run of equal commands, not per command: a pipeline of a hundred GETs reads the clock twice.

import type { Clock } from '../base/clock.js';
import type { Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import { ERRORS } from '../contract/errors.js';
import type { CommandSpec, ShardOp } from '../contract/spec.js';
import { unreachable } from '../base/assert.js';
import type { CommandCounters } from '../observability/command-counters.js';
import { ReplyTooLong } from '../protocol/resp-encoder.js';
import type { Shard } from '../shard/shard.js';
import type { ReplyBuffer, Runner } from '../txn/runner.js';

/** The first byte of an error reply, '-'. */
export const ERROR_BYTE = 0x2d;

/** A decoded request that is about to run here. */
export interface Request {
  readonly args: Args;
  readonly db: number;
  /** The argument that is its first key, its hash remembered in `args`; 0: no key, or not one of this shard. */
  readonly keyIndex: number;
}

export class Executor implements Runner {
  readonly shard: Shard;
  readonly #ops: ShardOp[];
  readonly #counters: CommandCounters;
  readonly #clock: Clock;
  readonly #isHeld: (hash: number) => boolean;
  #runId = -1;
  #runStartUs = 0;
  /** Commands run since `begin`. */
  #ran = 0;
  /** What `warm` read: kept, so that the reads are not optimised away. */
  touched = 0;

  /** @param isHeld a running transaction holds the key with this hash */
  constructor(
    shard: Shard,
    commands: readonly Command[],
    counters: CommandCounters,
    clock: Clock,
    isHeld: (hash: number) => boolean,
  ) {
    this.shard = shard;
    this.#isHeld = isHeld;
    this.#counters = counters;
    this.#clock = clock;
    this.#ops = commands.map(({ spec }) => spec.onShard ?? spec.onEveryShard?.op ?? blockingOp(spec) ?? notOnShard);
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

  /** Runs command `id` on database `db`; its reply goes to `reply`. Clients that wait for what it brought are served. */
  run(id: number, db: number, args: Args, reply: ReplyBuffer): void {
    const mark = reply.length;
    this.#call(id, db, args, reply);
    this.#count(id, reply, mark);
    if (this.shard.waiters.ready !== 0) this.serve();
  }

  /** Runs a part of a transaction; `counted`: it is a command of its own in the statistics. */
  runPart(id: number, db: number, args: Args, reply: ReplyBuffer, counted: boolean): void {
    const mark = reply.length;
    this.#call(id, db, args, reply);
    if (counted) this.#count(id, reply, mark);
  }

  /** Serves blocked clients whose keys are ready and not held by a running transaction. */
  serve(): void {
    const { waiters } = this.shard;
    if (waiters.ready !== 0) waiters.serve(this.#isHeld);
  }

  #call(id: number, db: number, args: Args, reply: ReplyBuffer): void {
    if (id !== this.#runId) this.#switchRun(id);
    const mark = reply.length;
    try {
      this.#ops[id](this.shard.dbs[db], args, reply);
    } catch (error) {
      // Only commands that read give long replies: nothing was changed half-way.
      if (!(error instanceof ReplyTooLong)) throw error;
      reply.rewind(mark);
      reply.error(ERRORS.replyTooLong);
    }
  }

  #count(id: number, reply: ReplyBuffer, mark: number): void {
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

/** A blocking command where it must not block: the first key that has something answers, or nothing does. */
export function blockingOp({ blocking }: CommandSpec): ShardOp | undefined {
  if (blocking === undefined) return undefined;
  const { attempt, nothing, timeoutMs, waitKeys, takesAll } = blocking;
  if (takesAll === true) {
    return (db, args, reply) => {
      if (!attempt(db, args, 0, reply)) nothing(args, reply);
    };
  }
  return (db, args, reply) => {
    if (Number.isNaN(timeoutMs(args, reply))) return;
    for (const i of waitKeys(args)) if (attempt(db, args, i, reply)) return;
    nothing(args, reply);
  };
}

const notOnShard: ShardOp = () => unreachable('a command that runs beside the connection was sent to a shard');
