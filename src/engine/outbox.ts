// The replies of one cycle of the event loop, for all connections of a thread, in one block.
//
//   encoder   | replies for A ... | replies for B ... | replies for A ... | the running pass writes here
//   ends                          ^ 0                 ^ 1                 ^ 2      receivers: A, B, A
//
// All of it leaves at the end of the cycle and not each reply behind its request: a peer that is woken by the first finds
// the others there, and is not woken for each of them (decisions/0008).
//
// (1) Bytes behind the last end belong to the pass that runs; between two passes there are none.
// (2) A block that a connection has not handed to the kernel yet is left to it, and the outbox goes on in a fresh one.

import type { EventLoop } from '../base/event-loop.js';
import type { Connection } from '../net/transport.js';
import { RespEncoder } from '../protocol/resp-encoder.js';

const INITIAL_RECEIVERS = 64;

/** Whom replies are for. */
export interface Receiver {
  readonly connection: Connection;
}

export interface OutboxObserver<R> {
  /** The kernel did not take all that `receiver` was sent. */
  onBacklog(receiver: R): void;
  /** A write to a connection. */
  onWrite(): void;
  /** A cycle that sent something. */
  onFlush(): void;
}

export class Outbox<R extends Receiver> {
  /** Where passes write. */
  readonly encoder = new RespEncoder();
  readonly #loop: EventLoop;
  readonly #observer: OutboxObserver<R>;
  readonly #receivers: R[] = [];
  #ends = new Int32Array(INITIAL_RECEIVERS);
  #count = 0;

  constructor(loop: EventLoop, observer: OutboxObserver<R>) {
    this.#loop = loop;
    this.#observer = observer;
  }

  /** What the encoder holds from `mark` on is for `receiver`. Returns its bytes. */
  queue(receiver: R, mark: number): number {
    const { length } = this.encoder;
    if (length === mark) return 0;
    const last = this.#count - 1;
    if (last >= 0 && this.#receivers[last] === receiver) {
      this.#ends[last] = length; // it is the same receiver's bytes that stand right before
    } else {
      if (this.#count === this.#ends.length) this.#grow();
      this.#receivers[this.#count] = receiver;
      this.#ends[this.#count++] = length;
      if (this.#count === 1) this.#loop.soon(this.#flushLater);
    }
    return length - mark;
  }

  /** Sends everything that is queued, connection by connection. */
  flush(): void {
    const count = this.#count;
    if (count === 0) return;
    this.#observer.onFlush();
    const { encoder } = this;
    this.#count = 0;
    let start = 0;
    let taken = true;
    for (let i = 0; i < count; i++) {
      const end = this.#ends[i];
      if (!this.#send(this.#receivers[i], start, end)) taken = false;
      start = end;
    }
    this.#receivers.length = 0;
    if (taken) encoder.reset();
    else encoder.take();
  }

  /** False: the block must stay as it is until the kernel has it. */
  #send(receiver: R, start: number, end: number): boolean {
    const { connection } = receiver;
    const { bytes } = this.encoder;
    this.#observer.onWrite();
    if (connection.queuedBytes > 0) {
      // A slow reader queues a copy: a block of everybody's replies shall not stay for the sake of one's few bytes.
      connection.write(bytes.slice(start, end), 0, end - start);
      this.#observer.onBacklog(receiver);
      return true;
    }
    const taken = connection.write(bytes, start, end);
    if (!taken) this.#observer.onBacklog(receiver);
    return taken;
  }

  #grow(): void {
    const ends = new Int32Array(this.#ends.length * 2);
    ends.set(this.#ends);
    this.#ends = ends;
  }

  readonly #flushLater = (): void => {
    this.flush();
  };
}
