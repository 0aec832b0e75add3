// The replies of one cycle of the event loop, for all connections of a thread, in one block.
//
//   encoder   | replies for A ... | replies for B ... | replies for A ... | the running pass writes here
//   ends                          ^ 0                 ^ 1                 ^ 2      receivers: A, B, A
//   next                            2                  -1                  -1      the receiver's next segment
//
// All of it leaves at the end of the cycle and not each reply behind its request: a peer that is woken by the first finds
// the others there, and is not woken for each of them (decisions/0008). Segments of one receiver leave in one write.
//
// (1) Bytes behind the last end belong to the pass that runs; between two passes there are none.
// (2) A block that a connection has not handed to the kernel yet is left to it, and the outbox goes on in a fresh one.
// (3) Between two flushes a receiver's `outboxSegment` is its last segment, -1 without one.

import { GrowingBytes } from '../base/growing-bytes.js';
import type { EventLoop } from '../base/event-loop.js';
import type { Connection } from '../net/transport.js';
import { RespEncoder } from '../protocol/resp-encoder.js';

const INITIAL_RECEIVERS = 64;
const GATHER_BYTES = 4096;
const NONE = -1;

/** Whom replies are for. */
export interface Receiver {
  readonly connection: Connection;
  /** The outbox's own: see (3). */
  outboxSegment: number;
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
  #next = new Int32Array(INITIAL_RECEIVERS);
  #count = 0;
  /** Where the segments of one receiver are put together. */
  #gathered = new GrowingBytes(GATHER_BYTES);

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
      const segment = this.#count++;
      this.#receivers[segment] = receiver;
      this.#ends[segment] = length;
      this.#next[segment] = NONE;
      if (receiver.outboxSegment !== NONE) this.#next[receiver.outboxSegment] = segment;
      receiver.outboxSegment = segment;
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
    let taken = true;
    for (let i = 0; i < count; i++) {
      const receiver = this.#receivers[i];
      // Sent already, with an earlier segment of the same receiver.
      if (receiver.outboxSegment === NONE) continue;
      const alone = this.#next[i] === NONE;
      receiver.outboxSegment = NONE;
      if (!alone) this.#sendGathered(receiver, i);
      else if (!this.#send(receiver, encoder.bytes, this.#startOf(i), this.#ends[i])) taken = false;
    }
    this.#receivers.length = 0;
    if (taken) encoder.reset();
    else encoder.take();
  }

  #startOf(segment: number): number {
    return segment === 0 ? 0 : this.#ends[segment - 1];
  }

  /** Sends the segments of one receiver from `first` on. */
  #sendGathered(receiver: R, first: number): void {
    const gathered = this.#gathered;
    gathered.clear();
    for (let i = first; i !== NONE; i = this.#next[i]) {
      gathered.append(this.encoder.bytes, this.#startOf(i), this.#ends[i]);
    }
    if (!this.#send(receiver, gathered.bytes, 0, gathered.length)) this.#gathered = new GrowingBytes(GATHER_BYTES);
  }

  /** False: the block must stay as it is until the kernel has it. */
  #send(receiver: R, bytes: Uint8Array, start: number, end: number): boolean {
    const { connection } = receiver;
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
    const next = new Int32Array(ends.length);
    next.set(this.#next);
    this.#next = next;
  }

  readonly #flushLater = (): void => {
    this.flush();
  };
}
