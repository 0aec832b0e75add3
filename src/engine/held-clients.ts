// Clients of one thread whose answer comes later: from a transaction, from keys that are held, from what they wait for, or
// from a promise. A held session is not parsed further; its answer lets it go on.
//
//   transact   the coordinator runs it -> its answer             park    the way is free -> it runs -> its answer
//   block      a shard, the clock or an administrator answers    hold    the promise settles -> the answer

import { assert } from '../base/assert.js';
import { readWord } from '../base/bytes.js';
import type { EventLoop } from '../base/event-loop.js';
import { shardOf } from '../base/hash.js';
import { copyArgs, type Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import type { ClientWords } from '../fabric/client-words.js';
import type { CommandCounters } from '../observability/command-counters.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import type { Coordinator } from '../txn/coordinator.js';
import { UNBLOCKED_TAIL_BYTES } from '../txn/hop-layout.js';
import type { ParkedWork } from '../txn/holds.js';
import { FREE, type ShardPart } from '../txn/shard-part.js';
import type { Txn } from '../txn/txn.js';
import { BlockedClients } from './blocked.js';
import { OUTCOME, type HeldRoutes, type Outcome } from './dispatch.js';
import type { Executor } from './executor.js';
import type { Messages } from './messages.js';
import type { Replies } from './replies.js';
import type { ReplyBatch } from './reply-batch.js';
import type { Session } from './session.js';

/** A command whose client waits where there is nothing for it, so many milliseconds; 0: for ever. */
interface Waiting {
  readonly command: Command;
  readonly args: Args;
  readonly ms: number;
}

/** A connection that is held by a transaction. */
interface HeldByTxn {
  readonly session: Session;
  readonly batch: ReplyBatch;
  /** undefined: it never waits. */
  readonly wait: Waiting | undefined;
}

/** An answer to a blocked client that came in the middle of a pass. */
interface LateAnswer {
  readonly session: number;
  readonly claim: number;
  readonly bytes: Uint8Array;
}

export interface HeldClientsOptions {
  readonly replies: Replies;
  readonly messages: Messages;
  readonly loop: EventLoop;
  readonly counters: CommandCounters;
  readonly coordinator: Coordinator;
  readonly clientWords: ClientWords;
  readonly shardCount: number;
  /** This thread among all. */
  readonly core: number;
  readonly own: { readonly executor: Executor; readonly part: ShardPart } | undefined;
  readonly sessions: ReadonlyMap<number, Session>;
  /** The transaction that tries a blocked client's command once more. */
  readonly retry: (session: Session, command: Command, args: Args) => Txn;
  /** The session has its answer: it is parsed on. */
  readonly goOn: (session: Session) => void;
  /** The client has left, and no transaction needs what it had any more. */
  readonly giveBack: (session: Session) => void;
  /** A cycle must come. */
  readonly kick: () => void;
}

export class HeldClients implements HeldRoutes {
  readonly #options: HeldClientsOptions;
  readonly #replies: Replies;
  readonly #held = new Map<Txn, HeldByTxn>();
  readonly #blocked: BlockedClients;
  /** Transactions that try the commands of blocked clients again. */
  readonly #tries = new Map<Txn, Session>();
  /** At the top of the next cycle: answers to blocked clients, and sessions that go on. */
  #lateAnswers: LateAnswer[] = [];
  #goingOn: Session[] = [];

  constructor(options: HeldClientsOptions) {
    const { loop, counters, coordinator, clientWords } = options;
    this.#options = options;
    this.#replies = options.replies;
    this.#blocked = new BlockedClients({
      loop,
      counted: (clients, timed) => {
        counters.set('blockedClients', clients);
        counters.set('timedClients', timed);
      },
      claim: (place, claim) => clientWords.claim(place, claim),
      tell: (shards, place, what) => {
        coordinator.forget(shards, place, what);
      },
      attempt: (session, command, args) => {
        this.#tryAgain(session, command, args);
      },
      answer: (session, batch, reply) => {
        this.#settle(session, batch, reply);
      },
    });
  }

  // ------------------------------------------------------------------ by a transaction

  transact(session: Session, txn: Txn, drop: boolean): Outcome {
    return this.#start(session, txn, undefined, drop);
  }

  transactOrBlock(session: Session, txn: Txn, command: Command, args: Args, ms: number, drop: boolean): Outcome {
    return this.#start(session, txn, { command, args: txn.args ?? copyArgs(args), ms }, drop);
  }

  #start(session: Session, txn: Txn, wait: Waiting | undefined, drop: boolean): Outcome {
    if (this.#options.coordinator.start(txn) && !txn.waits) {
      txn.onAnswer();
      return OUTCOME.done;
    }
    // Redis as well sends what it has answered before a transaction together with its answer. Only where a message may come
    // in between, or the client wait for long, it leaves now.
    const batch = this.#replies.hold(session, drop, wait !== undefined || session.subscribed);
    if (txn.waits) {
      this.#wait(session, txn, batch, wait);
    } else {
      session.inTransaction = true;
      this.#held.set(txn, { session, batch, wait });
    }
    return OUTCOME.held;
  }

  /** A transaction has its answer, or waits on its shards. */
  onTransaction(txn: Txn): void {
    if (this.#options.messages.ended(txn)) return;
    const held = this.#held.get(txn);
    if (held === undefined) {
      this.#tried(txn);
      return;
    }
    this.#held.delete(txn);
    const { session, batch, wait } = held;
    session.inTransaction = false;
    if (txn.waits) {
      this.#wait(session, txn, batch, wait);
      if (session.gone) this.leave(session);
    } else {
      txn.onAnswer();
      this.#settle(session, batch, txn.reply);
      txn.releaseReply();
    }
    if (session.gone) this.#options.giveBack(session);
  }

  // ------------------------------------------------------------------ by what they wait for

  #wait(session: Session, txn: Txn, batch: ReplyBatch, wait: Waiting | undefined): void {
    assert(wait !== undefined, 'only a command that can wait does');
    txn.onAnswer();
    this.#startWaiting(session, batch, wait, txn.hopClient.claim);
  }

  block(session: Session, command: Command, args: Args, ms: number, drop: boolean): void {
    const { own, core } = this.#options;
    assert(own !== undefined, 'a client waits where there is a shard');
    const batch = this.#replies.hold(session, drop);
    const wait = { command, args: copyArgs(args), ms };
    const claim = session.openClaim();
    const client = { core, session: session.id, place: session.place, value: claim };
    own.part.wait(command, session.db, wait.args, session.protocol, client);
    this.#startWaiting(session, batch, wait, claim);
  }

  #startWaiting(session: Session, batch: ReplyBatch, { command, args, ms }: Waiting, claim: number): void {
    const { shardCount } = this.#options;
    const keys = command.spec.blocking?.waitKeys(args) ?? [];
    const shards = [...new Set(keys.map((i) => shardOf(args.shardHash(i), shardCount)))];
    session.connection.resume(); // it is read on, so that its leaving is seen
    this.#blocked.block(session, { command, args, batch, claim, shards }, ms);
  }

  /** CLIENT UNBLOCK; true: the client was blocked. */
  unblock(session: Session, withError: boolean): boolean {
    return this.#blocked.unblock(session, withError);
  }

  /** The client leaves: nothing is taken for it any more. */
  leave(session: Session): void {
    this.#blocked.leave(session);
  }

  /** A shard has something for a blocked client whose command needs several shards. */
  #tryAgain(session: Session, command: Command, args: Args): void {
    const txn = this.#options.retry(session, command, args);
    this.#tries.set(txn, session);
    txn.beforeEnd = () => {
      this.#blocked.decided(session, txn);
    };
    if (this.#options.coordinator.start(txn)) this.#tried(txn);
  }

  #tried(txn: Txn): void {
    const session = this.#tries.get(txn);
    assert(session !== undefined, 'a transaction belongs to a connection');
    this.#tries.delete(txn);
    this.#blocked.tried(session, txn);
  }

  /** The answer to a blocked client, or a call to try again, from a shard of another thread. */
  onUnblocked(bytes: Uint8Array, start: number, end: number): void {
    const tail = end - UNBLOCKED_TAIL_BYTES;
    this.#answerBlocked(readWord(bytes, tail), readWord(bytes, tail + 4), bytes, start, tail);
  }

  /** The same from this thread's shard, possibly in the middle of a pass: it waits for the top of a cycle. */
  onUnblockedHere(session: number, claim: number, bytes: Uint8Array, start: number, end: number): void {
    this.#lateAnswers.push({ session, claim, bytes: bytes.slice(start, end) });
    this.#options.kick();
  }

  #answerBlocked(id: number, claim: number, bytes: Uint8Array, start: number, end: number): void {
    const session = this.#options.sessions.get(id);
    if (session !== undefined) this.#blocked.onShard(session, claim, bytes, start, end);
  }

  // ------------------------------------------------------------------ by held keys, or a promise

  park(session: Session, obstacle: number, command: Command, args: Args, drop: boolean): void {
    const { own } = this.#options;
    assert(own !== undefined, 'a command parks where there is a shard');
    const { part, executor } = own;
    const batch = this.#replies.hold(session, drop);
    const copy = copyArgs(args);
    const { db, noTouch } = session;
    const reply = new RespEncoder();
    reply.protocol = session.protocol;
    const work: ParkedWork = {
      proceed: () => {
        const next = part.holds.active === 0 ? FREE : part.obstacle(command, copy);
        if (next !== FREE) {
          part.park(next, work);
          return;
        }
        executor.begin();
        executor.shard.touchOnAccess = !noTouch;
        executor.run(command.id, db, copy, reply);
        executor.end();
        this.#settleLater(session, batch, reply);
      },
    };
    part.park(obstacle, work);
  }

  hold(session: Session, reply: RespEncoder, settled: Promise<void>, drop: boolean): void {
    const batch = this.#replies.hold(session, drop);
    settled.then(
      () => {
        this.#settle(session, batch, reply);
      },
      (error: unknown) => {
        throw error instanceof Error ? error : new Error(String(error));
      },
    );
  }

  // ------------------------------------------------------------------ going on

  /** A held command has its answer: the connection goes on. */
  #settle(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    if (session.gone) return;
    this.#answer(session, batch, reply);
    this.#options.goOn(session);
  }

  /** The same from within work that must not be interrupted: the connection goes on at the top of the cycle. */
  #settleLater(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    if (session.gone) return;
    this.#answer(session, batch, reply);
    this.#goingOn.push(session);
    this.#options.kick();
  }

  #answer(session: Session, batch: ReplyBatch, reply: RespEncoder): void {
    const replies = this.#replies;
    replies.settle(session, batch, reply);
    if (!session.confirming || session.closing) return;
    const mark = replies.out.length;
    this.#options.messages.confirmed(session);
    replies.queue(session, mark);
  }

  /** At the top of a cycle: answers and sessions that could not go on in the middle of something else. Returns the work done. */
  work(): number {
    const answers = this.#lateAnswers;
    const goingOn = this.#goingOn;
    if (answers.length + goingOn.length === 0) return 0;
    this.#lateAnswers = [];
    this.#goingOn = [];
    for (const { session, claim, bytes } of answers) this.#answerBlocked(session, claim, bytes, 0, bytes.length);
    for (const session of goingOn) this.#options.goOn(session);
    return answers.length + goingOn.length;
  }
}
