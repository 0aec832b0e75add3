// A connection that sends a batch of requests and takes as many replies, as bytes.

import type { Socket } from 'node:net';
import { encodeRequest } from '../../bench/macro/client.js';
import { connectTo, type Address } from '../../bench/macro/server-process.js';
import { replyEnd } from '../support/resp-tree.js';

const SILENCE_MS_MAX = 30_000;

export class Line {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(address: Address) {
    this.#socket = connectTo(address);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.#socket.on('error', (error) => {
      this.#fail(error);
    });
    this.#socket.on('close', () => {
      this.#fail(new Error('the server closed the connection'));
    });
    this.#socket.setTimeout(SILENCE_MS_MAX, () => {
      this.#fail(new Error('no reply'));
    });
  }

  async ask(...words: readonly string[]): Promise<Buffer> {
    return (await this.askAll([words]))[0];
  }

  async askAll(requests: readonly (readonly string[])[]): Promise<Buffer[]> {
    this.#socket.write(requests.map(encodeRequest).join(''), 'latin1');
    const replies: Buffer[] = [];
    while (replies.length < requests.length) {
      let at = 0;
      while (replies.length < requests.length) {
        const end = replyEnd(this.#received, at, this.#received.length);
        if (end < 0) break;
        replies.push(this.#received.subarray(at, end));
        at = end;
      }
      this.#received = this.#received.subarray(at);
      if (replies.length < requests.length) await this.#more();
    }
    return replies;
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      this.#fail = reject;
    });
  }

  close(): void {
    this.#fail = () => undefined;
    this.#socket.destroy();
  }
}
