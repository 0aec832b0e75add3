// A connection without sockets: the server's end is net/transport.ts's Connection, the client's end sends and takes bytes.
//
//   client --send--> | on the way |  --arrive--> handler.onData            (not while the server has paused it)
//   client <--take-- | kernel's buffer, `room` bytes | <--drain-- | queued | <-- connection.write
//
// What the transport promises is kept to the letter, and no more: the buffer of `onData` is overwritten after the call; a
// block whose write gave false is read when it really leaves; an end or a reset is not seen while reading is paused.

import type { Connection, ConnectionAcceptor, ConnectionHandler } from '../../src/net/transport.js';
import { ownedBy, type SimThread, type Source } from './world.js';

const GARBAGE = 0xa5;
/** As node-net.ts reads. */
export const READ_BUFFER_BYTES = 64 * 1024;

interface Queued {
  readonly bytes: Uint8Array;
  start: number;
  readonly end: number;
}

/** Both ends of one connection. */
export class Wire implements Connection {
  readonly remoteAddress: string;
  readonly localAddress = '127.0.0.1:6379';
  readonly fd = -1;
  readonly #thread: SimThread;
  readonly #readBuffer: Uint8Array;
  readonly #room: number;
  #handler: ConnectionHandler | undefined;

  readonly #toServer: Uint8Array[] = [];
  #clientEnded = false;
  #clientReset = false;
  #isPaused = false;
  #endSeen = false;

  readonly #queued: Queued[] = [];
  #kernel: Uint8Array[] = [];
  #kernelBytes = 0;
  #awaitingDrain = false;
  #closing = false;
  #destroyed = false;
  #closed = false;

  /** @param room bytes that the kernel takes of what the client has not read */
  constructor(name: string, thread: SimThread, readBuffer: Uint8Array, room: number) {
    this.remoteAddress = name;
    this.#thread = thread;
    this.#readBuffer = readBuffer;
    this.#room = room;
  }

  /** The server accepts it, or not. */
  open(accept: ConnectionAcceptor): void {
    this.#handler = accept(this);
    if (this.#handler === undefined) this.close();
  }

  sources(): Source[] {
    const { isFree } = { isFree: () => this.#thread.isFree };
    return [
      ownedBy(this.#thread, {
        isReady: () => isFree() && this.#canArrive(),
        run: () => {
          this.#arrive();
        },
      }),
      ownedBy(this.#thread, {
        isReady: () => isFree() && this.#canDrain(),
        run: () => {
          this.#drain();
        },
      }),
      ownedBy(this.#thread, {
        isReady: () => isFree() && this.#mustClose(),
        run: () => {
          this.#closed = true;
          this.#queued.length = 0;
          this.#handler?.onClose();
        },
      }),
    ];
  }

  // ------------------------------------------------------------------ the server's end

  get queuedBytes(): number {
    let bytes = 0;
    for (const { start, end } of this.#queued) bytes += end - start;
    return bytes;
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#closed || this.#destroyed || this.#clientReset) {
      this.#destroyed = true; // EPIPE
      return true;
    }
    this.#queued.push({ bytes, start, end });
    this.#moveQueued();
    if (this.#queued.length === 0) return true;
    this.#awaitingDrain = true;
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  close(): void {
    this.#isPaused = true;
    this.#closing = true;
  }

  destroy(): void {
    this.#destroyed = true;
  }

  #canArrive(): boolean {
    if (this.#isPaused || this.#destroyed || this.#closed || this.#handler === undefined) return false;
    return this.#toServer.length > 0 || this.#clientReset || (this.#clientEnded && !this.#endSeen);
  }

  #arrive(): void {
    const chunk = this.#toServer.shift();
    if (chunk !== undefined) {
      const buffer = this.#readBuffer;
      buffer.set(chunk);
      this.#handler?.onData(buffer, chunk.length);
      buffer.fill(GARBAGE, 0, chunk.length);
    } else if (this.#clientReset) {
      this.#destroyed = true;
    } else {
      this.#endSeen = true;
      this.#handler?.onEnd();
    }
  }

  #canDrain(): boolean {
    if (this.#closed || this.#destroyed) return false;
    return this.#awaitingDrain && (this.#queued.length === 0 || this.#kernelBytes < this.#room);
  }

  #drain(): void {
    this.#moveQueued();
    if (this.#queued.length > 0) return;
    this.#awaitingDrain = false;
    this.#handler?.onDrained();
  }

  #moveQueued(): void {
    while (this.#queued.length > 0 && this.#kernelBytes < this.#room) {
      const first = this.#queued[0];
      const end = Math.min(first.end, first.start + this.#room - this.#kernelBytes);
      this.#kernel.push(first.bytes.slice(first.start, end));
      this.#kernelBytes += end - first.start;
      first.start = end;
      if (end === first.end) this.#queued.shift();
    }
  }

  #mustClose(): boolean {
    if (this.#closed) return false;
    return this.#destroyed || (this.#closing && this.#queued.length === 0);
  }

  // ------------------------------------------------------------------ the client's end

  /** The client sends bytes, at most READ_BUFFER_BYTES at a time. */
  send(bytes: Uint8Array): void {
    this.#toServer.push(bytes);
  }

  /** There are bytes to read. */
  get hasOutput(): boolean {
    return this.#kernelBytes > 0;
  }

  /** The client reads at most `limit` bytes. */
  take(limit: number): Uint8Array {
    const [first, ...rest] = this.#kernel;
    const taken = first.subarray(0, limit);
    this.#kernel = taken.length === first.length ? rest : [first.subarray(limit), ...rest];
    this.#kernelBytes -= taken.length;
    return taken;
  }

  /** The server has closed it and everything is read. */
  get isOver(): boolean {
    return this.#closed && this.#kernelBytes === 0;
  }

  /** The server's end is closed. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** The client sends no more, but reads on. */
  end(): void {
    this.#clientEnded = true;
  }

  /** The client is gone at once. What it sent may still arrive. */
  reset(losesInput: boolean): void {
    this.#clientReset = true;
    if (losesInput) this.#toServer.length = 0;
    this.#kernel = [];
    this.#kernelBytes = 0;
  }
}
