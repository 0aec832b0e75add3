// What transactions need of the executor (engine/executor.ts): running commands on this thread's shard.

import type { Args } from '../contract/args.js';
import type { Reply } from '../contract/reply.js';
import type { Shard } from '../shard/shard.js';

/** A reply buffer as those see it who run commands: the encoder of protocol/. */
export interface ReplyBuffer extends Reply {
  readonly length: number;
}

export interface Runner {
  readonly shard: Shard;
  /** A batch begins: all its commands see the same wall time. */
  begin(): void;
  /** The batch is over. */
  end(): void;
  /** Runs a command that is a transaction of its own: counted, and clients that wait for what it brought are served. */
  run(id: number, db: number, args: Args, reply: ReplyBuffer): void;
  /** Runs a part of a transaction; `counted`: it is a command of its own in the statistics. */
  runPart(id: number, db: number, args: Args, reply: ReplyBuffer, counted: boolean): void;
  /** Serves clients that wait for keys which are ready, as far as no running transaction holds these. */
  serve(): void;
}
