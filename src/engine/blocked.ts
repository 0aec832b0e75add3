// The blocked clients of one core: until when they wait, and how their waiting ends.
//
//   waits on shards --+-- a shard claims the client and answers it       -> its reply
//                     +-- the time is over, CLIENT UNBLOCK, it leaves    -> claimed here, the shards are told to forget it
//                     +-- its command needs several shards: a shard says that its key is ready; it is tried as a
//                         transaction, and where that finds nothing it goes on waiting in its old place
//
// (1) Whoever claims the client's word answers it, once. When a shard was faster than the clock its answer is on the way.
// (2) While it is being tried nobody else ends the wait; a time that is over meanwhile ends it afterwards.

import { longTimer, type EventLoop, type Timer } from '../base/event-loop.js';
import type { Args } from '../contract/args.js';
import type { Command } from '../contract/command-table.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { FORGET_WAIT, KEEP_WAITING } from '../txn/hop-layout.js';
import type { Txn } from '../txn/txn.js';
import type { ReplyBatch } from './reply-batch.js';
import type { Session } from './session.js';

const UNBLOCKED_BY_ADMIN = 'UNBLOCKED client unblocked via CLIENT UNBLOCK';

/** A client that waits. */
export interface Blocked {
  readonly command: Command;
  readonly args: Args;
  readonly batch: ReplyBatch;
  /** Names the wait. */
  readonly claim: number;
  /** Where it stands in line. */
  readonly shards: readonly number[];
  timer: Timer | undefined;
  /** Its command is being tried as a transaction. */
  trying: boolean;
  /** How it ends once the try is over. */
  over: 'no' | 'time' | 'admin';
}

/** What the front does for it. */
export interface BlockedHost {
  readonly loop: EventLoop;
  /** So many clients wait now, `timed` of them for a limited time. */
  counted(clients: number, timed: number): void;
  claim(place: number, claim: number): boolean;
  /** Tells shards about the client's wait; `what` as in txn/hop-layout.ts. */
  tell(shards: readonly number[], place: number, what: number): void;
  /** Runs the client's command as a transaction that does not wait; `tried` is told its outcome. */
  attempt(session: Session, command: Command, args: Args): void;
  /** Gives the client its answer, and lets it go on. */
  answer(session: Session, batch: ReplyBatch, reply: RespEncoder): void;
}

export class BlockedClients {
  #count = 0;
  #timed = 0;
  readonly #host: BlockedHost;

  constructor(host: BlockedHost) {
    this.#host = host;
  }

  /** `session` waits from now on, for `ms` milliseconds; 0: for ever. */
  block(session: Session, waiting: Pick<Blocked, 'command' | 'args' | 'batch' | 'claim' | 'shards'>, ms: number): void {
    const blocked: Blocked = { ...waiting, timer: undefined, trying: false, over: 'no' };
    session.blocked = blocked;
    if (ms > 0) this.#timed++;
    this.#host.counted(++this.#count, this.#timed);
    if (ms === 0) return;
    blocked.timer = longTimer(this.#host.loop, ms, () => {
      this.#end(session, blocked, 'time');
    });
  }

  /** A shard has claimed the client of wait `claim` and answers it; no bytes: it shall try again. */
  onShard(session: Session, claim: number, bytes: Uint8Array, start: number, end: number): void {
    const { blocked } = session;
    if (blocked?.claim !== claim) return;
    if (start === end) {
      if (blocked.trying) return;
      blocked.trying = true;
      this.#host.attempt(session, blocked.command, blocked.args);
      return;
    }
    const reply = new RespEncoder();
    reply.raw(bytes, start, end);
    if (blocked.shards.length > 1) this.#host.tell(blocked.shards, session.place, FORGET_WAIT);
    this.#answer(session, blocked, reply);
  }

  /**
   * The try has its outcome, and its transaction is about to end. One that has the answer claims the client: the shards know
   * by that, with the end of the transaction, that those behind it in line have their turn.
   */
  decided(session: Session, txn: Txn): void {
    const { blocked } = session;
    if (blocked !== undefined && txn.reply.length > 0) this.#host.claim(session.place, blocked.claim);
  }

  /** A try is over: `txn` has the answer, or found nothing. */
  tried(session: Session, txn: Txn): void {
    const { blocked } = session;
    if (blocked === undefined) return; // it has left meanwhile
    blocked.trying = false;
    if (txn.reply.length > 0) {
      this.#host.tell(blocked.shards, session.place, FORGET_WAIT);
      this.#answer(session, blocked, txn.reply);
    } else if (blocked.over === 'no') {
      this.#host.tell(blocked.shards, session.place, KEEP_WAITING);
    } else {
      this.#end(session, blocked, blocked.over);
    }
  }

  /** CLIENT UNBLOCK; true: the client was blocked and is not any more. */
  unblock(session: Session, withError: boolean): boolean {
    const { blocked } = session;
    if (blocked === undefined || blocked.over !== 'no') return false;
    return this.#end(session, blocked, withError ? 'admin' : 'time');
  }

  /** The client leaves: nobody shall serve it. */
  leave(session: Session): void {
    const { blocked } = session;
    if (blocked === undefined) return;
    this.#forget(session, blocked);
    this.#host.claim(session.place, blocked.claim);
    this.#host.tell(blocked.shards, session.place, FORGET_WAIT);
  }

  #end(session: Session, blocked: Blocked, how: 'time' | 'admin'): boolean {
    blocked.over = how;
    if (blocked.trying) return true;
    if (!this.#host.claim(session.place, blocked.claim)) return false; // a shard was faster: its answer is on the way
    this.#host.tell(blocked.shards, session.place, FORGET_WAIT);
    const reply = new RespEncoder();
    reply.protocol = session.protocol;
    if (how === 'admin') reply.error(UNBLOCKED_BY_ADMIN);
    else reply.nilArray(); // whatever the command would have replied
    this.#answer(session, blocked, reply);
    return true;
  }

  #answer(session: Session, blocked: Blocked, reply: RespEncoder): void {
    this.#forget(session, blocked);
    this.#host.answer(session, blocked.batch, reply);
  }

  #forget(session: Session, blocked: Blocked): void {
    if (blocked.timer !== undefined) this.#timed--;
    blocked.timer?.cancel();
    session.blocked = undefined;
    this.#host.counted(--this.#count, this.#timed);
  }
}
