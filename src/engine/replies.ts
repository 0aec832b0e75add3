// What the clients of one thread are owed: replies in request order, and the limits of what may wait.
//
//   a pass writes to `out` from `mark` on; nothing owed before it -> that is queued for its session
//                                          something owed         -> it joins the pass's batch and waits its turn
//   replies of foreign shards -> their batch -> complete batches leave in order
//
// (1) Everything is written to the outbox (outbox.ts); between two passes every byte there has a receiver.
// (2) A session whose batches are all gone has nothing more to come: `emptied` is told.

import { readWord } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { EventLoop } from '../base/event-loop.js';
import type { LiveValues } from '../config/live.js';
import type { CommandCounters } from '../observability/command-counters.js';
import type { Log } from '../observability/log.js';
import { BLOCK_BYTES_KEPT, REPLY_BYTES_MAX, type RespEncoder } from '../protocol/resp-encoder.js';
import { REPLIES_TAIL_BYTES } from './batch-layout.js';
import { Outbox } from './outbox.js';
import { ReplyBatch } from './reply-batch.js';
import type { Session } from './session.js';

/**
 * Replies that have grown to this size leave before the cycle is over. Half of what the outbox keeps of its block: with the
 * reply that goes beyond, it is still a block that is used again, and not one to be made anew each time.
 */
export const FLUSH_OUT_BYTES = BLOCK_BYTES_KEPT / 2;
/** Batch ids count to here and begin anew: they travel as int32. */
const ID_MASK = 0x7fffffff;
/** Batches kept for reuse. */
const SPARE_BATCHES_MAX = 256;

export interface RepliesOptions {
  readonly loop: EventLoop;
  readonly counters: CommandCounters;
  readonly live: LiveValues;
  readonly log: Log;
  readonly clock: Clock;
  readonly shardCount: number;
  readonly sessions: ReadonlyMap<number, Session>;
  /** The client is owed more than it may be. */
  readonly kill: (session: Session) => void;
  /** The client is owed nothing any more. */
  readonly emptied: (session: Session) => void;
}

export class Replies {
  /** Where everything is written. */
  readonly out: RespEncoder;
  /** Where the running pass began in `out`. */
  mark = 0;
  /** A pass runs. */
  isPassing = false;
  /** Replies that foreign shards owe. */
  owed = 0;
  readonly #options: RepliesOptions;
  readonly #outbox: Outbox<Session>;
  readonly #spareBatches: ReplyBatch[] = [];

  constructor(options: RepliesOptions) {
    const { counters } = options;
    this.#options = options;
    this.#outbox = new Outbox(options.loop, {
      onBacklog: (session) => {
        this.checkLimit(session);
      },
      onWrite: () => {
        counters.add('writes', 1);
      },
      onFlush: () => {
        counters.add('cycles', 1);
      },
    });
    this.out = this.#outbox.encoder;
  }

  // ------------------------------------------------------------------ what a pass has written

  /** What `out` holds from `mark` on is for `session` and leaves at the end of the cycle. */
  queue(session: Session, mark: number): void {
    const bytes = this.#outbox.queue(session, mark);
    session.outputBytesTotal += bytes;
    this.#options.counters.add('netOutputBytes', bytes);
  }

  /** Sends what the cycle has written so far. */
  flush(): void {
    this.#outbox.flush();
  }

  /** The batch that the running pass adds to. */
  batchOf(session: Session): ReplyBatch {
    return session.openBatch ?? this.#openBatch(session);
  }

  #openBatch(session: Session): ReplyBatch {
    const batch = this.#spareBatches.pop() ?? new ReplyBatch(this.#options.shardCount);
    batch.id = session.nextBatchId;
    session.nextBatchId = (batch.id + 1) & ID_MASK;
    session.batches.push(batch);
    return batch;
  }

  /** The next reply of the running pass comes from `shard`. Its batch. */
  expect(session: Session, shard: number, drop: boolean): ReplyBatch {
    const batch = this.batchOf(session);
    batch.addHere(this.out, this.mark);
    batch.addShard(shard, drop);
    this.owed++;
    return batch;
  }

  /** What the pass has written so far gets its receiver, so that something else may be written. */
  layDown(session: Session): void {
    if (session.batches.length === 0) this.queue(session, this.mark);
    else this.batchOf(session).addHere(this.out, this.mark);
  }

  /** Long replies leave before the cycle is over; behind replies that are still owed they at least count. */
  leaveEarly(session: Session): void {
    this.layDown(session);
    if (session.batches.length > 0) {
      this.checkLimit(session);
      return;
    }
    this.flush();
    this.mark = this.out.length;
  }

  /**
   * The next reply comes later; the session is read no further.
   * @param leavesNow what was answered before leaves now: the client may wait for it
   */
  hold(session: Session, drop: boolean, leavesNow = true): ReplyBatch {
    if (leavesNow && session.batches.length === 0) {
      this.queue(session, this.mark);
      this.mark = this.out.length;
    }
    const batch = this.batchOf(session);
    batch.addHere(this.out, this.mark);
    batch.addHeld(drop);
    session.held = true;
    session.connection.pause();
    return batch;
  }

  /** The pass is over: what it wrote in place leaves, or joins its batch. True: something is owed. */
  endPass(session: Session): boolean {
    const { out } = this;
    if (session.batches.length === 0) {
      this.queue(session, this.mark);
      return false;
    }
    if (session.openBatch !== undefined || out.length > this.mark) {
      const batch = this.batchOf(session);
      batch.addHere(out, this.mark);
      if (!session.held) batch.closed = true;
    }
    return true;
  }

  // ------------------------------------------------------------------ what comes later

  /** Takes a record of replies that `shard` sent. */
  take(shard: number, bytes: Uint8Array, start: number, end: number): void {
    const count = readWord(bytes, end - REPLIES_TAIL_BYTES);
    const batchId = readWord(bytes, end - REPLIES_TAIL_BYTES + 4);
    const sessionId = readWord(bytes, end - REPLIES_TAIL_BYTES + 8);
    this.owed -= count;
    const session = this.#options.sessions.get(sessionId);
    if (session === undefined || session.killed) return; // its client left meanwhile
    const batch = session.batches[(batchId - session.batches[0].id) & ID_MASK];
    if (batch.heldBytes + end - start > REPLY_BYTES_MAX) {
      this.#options.kill(session);
      return;
    }
    batch.settleShard(shard, bytes, start, end);
    this.emitComplete(session);
    if (batch.heldBytes >= FLUSH_OUT_BYTES) this.checkLimit(session);
  }

  /** The answer that `hold` has promised is there. */
  settle(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    batch.settleHeld(reply.bytes, 0, reply.length);
    batch.closed = true;
    session.held = false;
    this.emitComplete(session);
  }

  /** Sends the replies of all complete batches at the head of the line. */
  emitComplete(session: Session): void {
    const { batches } = session;
    const { out } = this;
    const mark = out.length;
    while (batches.length > 0 && batches[0].complete) {
      const batch = batches[0];
      batches.shift();
      batch.emit(out);
      batch.clear();
      if (this.#spareBatches.length < SPARE_BATCHES_MAX) this.#spareBatches.push(batch);
    }
    // Long replies leave as far as they have come: a pass may ask for more than memory holds.
    if (batches.length > 0 && batches[0].heldBytes >= FLUSH_OUT_BYTES) batches[0].emitReady(out);
    this.queue(session, mark);
    if (out.length >= FLUSH_OUT_BYTES && !this.isPassing) this.flush();
    if (batches.length === 0) this.#options.emptied(session);
  }

  // ------------------------------------------------------------------ limits

  /** Ends the connection of a client that is owed more than its class may be (client-output-buffer-limit). */
  checkLimit(session: Session): void {
    const { live, log, clock, counters, kill } = this.#options;
    const { hardBytes, softBytes, softSeconds } = live.outputLimits[session.type];
    if (session.killed) return;
    let waiting = 0;
    for (const batch of session.batches) waiting += batch.heldBytes;
    const queued = session.connection.queuedBytes + waiting;
    const nowMs = clock.nowMs();
    if (softBytes > 0 && queued > softBytes) session.overSoftLimitSinceMs ||= nowMs;
    else session.overSoftLimitSinceMs = 0;
    const overSoft = session.overSoftLimitSinceMs !== 0 && nowMs - session.overSoftLimitSinceMs > softSeconds * 1000;
    const overHard = (hardBytes > 0 && queued > hardBytes) || waiting > REPLY_BYTES_MAX - FLUSH_OUT_BYTES;
    if (!overHard && !overSoft) return;
    counters.add('outputBufferDisconnections', 1);
    log.warn(`Client ${session.describe()} closed for overcoming of output buffer limits.`);
    kill(session);
  }
}
