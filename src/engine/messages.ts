// Messages of publish and subscribe on their way to the clients of one thread.
//
// (1) A message that a command of the running pass has published is handed out as soon as that command has returned: behind
//     what the pass wrote before it and, for the publisher itself, before the command's reply. All others are handed out at once.
// (2) A client whose subscriptions have changed gets no message before the confirmation of that has left; it is kept.

import { readWord } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { Subscriptions } from '../contract/pubsub.js';
import type { CommandCounters } from '../observability/command-counters.js';
import type { RespEncoder } from '../protocol/resp-encoder.js';
import type { Coordinator } from '../txn/coordinator.js';
import type { Txn } from '../txn/txn.js';
import type { Replies } from './replies.js';
import type { Session } from './session.js';
import { Subscribers } from './subscribers.js';

const SCRATCH_BYTES = 4096;
/**
 * Messages that are handed out leave before the cycle is over when there are so many bytes: enough for many listeners to get
 * several messages in one write.
 */
const FLUSH_MESSAGES_BYTES = 4 * 1024 * 1024;

export interface MessagesOptions {
  readonly replies: Replies;
  readonly counters: CommandCounters;
  readonly coordinator: Coordinator;
  readonly shardCount: number;
  /** The transaction that ends all subscriptions of a client that has left. */
  readonly leave: (session: Session) => Txn;
}

export class Messages {
  readonly #options: MessagesOptions;
  readonly #replies: Replies;
  readonly #subscribers: Subscribers<Session>;
  /** Transactions that end the subscriptions of clients that have left. */
  readonly #leaving = new Set<Txn>();
  /** Messages that the running command has published: (length, record) each; and its reply while they are handed out. */
  readonly #published = new GrowingBytes(SCRATCH_BYTES);
  readonly #replyAside = new GrowingBytes(SCRATCH_BYTES);

  constructor(options: MessagesOptions) {
    this.#options = options;
    this.#replies = options.replies;
    this.#subscribers = new Subscribers<Session>({
      shardCount: options.shardCount,
      deliver: (session, push) => {
        this.#deliver(session, push);
      },
      counted: (clients) => {
        options.counters.set('pubsubClients', clients);
      },
    });
  }

  open(session: Session): Subscriptions {
    return this.#subscribers.open(session);
  }

  /** A message for clients of this thread, from a shard of another one. */
  take(bytes: Uint8Array, start: number, end: number): void {
    this.#subscribers.handOut(bytes, start, end);
  }

  /** The same from this thread's shard, possibly out of a command of the running pass. */
  takeHere(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#replies.isPassing) {
      this.#subscribers.handOut(bytes, start, end);
      return;
    }
    this.#published.appendWord(end - start);
    this.#published.append(bytes, start, end);
  }

  /** The running command has published something that is still to be handed out. */
  get hasPublished(): boolean {
    return this.#published.length > 0;
  }

  /** Hands out what the pass's last command has published; its reply stands in `out` from `replyAt` on. */
  handOutPublished(session: Session, replyAt: number): void {
    const replies = this.#replies;
    const { out } = replies;
    const reply = this.#replyAside;
    const published = this.#published;
    reply.clear();
    if (replyAt < out.length) {
      reply.append(out.bytes, replyAt, out.length);
      out.rewind(replyAt);
    }
    replies.layDown(session);
    for (let at = 0; at < published.length;) {
      const start = at + 4;
      at = start + readWord(published.bytes, at);
      this.#subscribers.handOut(published.bytes, start, at);
    }
    published.clear();
    replies.mark = out.length;
    out.raw(reply.bytes, 0, reply.length);
  }

  /** Gives a message to one client. */
  #deliver(session: Session, push: RespEncoder): void {
    if (session.closing) return;
    if (session.confirming) {
      session.keepMessage(push.bytes, push.length);
      return;
    }
    const { out } = this.#replies;
    const mark = out.length;
    out.raw(push.bytes, 0, push.length);
    this.#replies.queue(session, mark);
    if (out.length >= FLUSH_MESSAGES_BYTES) this.#replies.flush();
  }

  /** A confirmation has left: what was kept follows it. */
  confirmed(session: Session): void {
    const { lateMessages } = session;
    session.confirming = false;
    if (lateMessages === undefined) return;
    session.lateMessages = undefined;
    this.#replies.out.raw(lateMessages.bytes, 0, lateMessages.length);
  }

  /** A client that has left listens to nothing any more. */
  end(session: Session): void {
    const txn = this.#options.leave(session);
    this.#leaving.add(txn);
    if (this.#options.coordinator.start(txn)) this.#leaving.delete(txn);
  }

  /** True for a transaction that `end` has begun and that is over now. */
  ended(txn: Txn): boolean {
    return this.#leaving.delete(txn);
  }

  /** No client listens, or is about to stop (tests, at rest). */
  get isSilent(): boolean {
    return this.#subscribers.isIdle && this.#leaving.size === 0 && this.#published.length === 0;
  }
}
