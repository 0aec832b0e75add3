// A client for tests that want to see bytes: it sends what it is told, cuts replies out of what comes back, and waits
// with a limit. No reconnecting, no interpretation.
import type { Socket } from 'node:net';
import { connectTo, type Address } from './anax-process.js';
import { escapeReply, replyEnd } from './resp-tree.js';

const WAIT_MS = 10_000;

export type Word = string | number | Uint8Array;

/** A request in RESP: strings one byte per character. */
export function encodeRequest(...words: readonly Word[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) {
    const bytes = word instanceof Uint8Array ? Buffer.from(word) : Buffer.from(String(word), 'latin1');
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'));
  }
  return Buffer.concat(parts);
}

/** Connections that are open: a test that fails leaves some behind. */
const open = new Set<RawClient>();

export class RawClient {
  readonly socket: Socket;
  readonly #waitMs: number;
  /** `#bytes[#start, #end)` arrived and was not handed out. */
  #bytes = Buffer.alloc(16 * 1024);
  #start = 0;
  #end = 0;
  #total = 0;
  #closed = false;
  #error: Error | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket, waitMs: number) {
    this.socket = socket;
    this.#waitMs = waitMs;
    open.add(this);
    socket.on('data', (chunk) => {
      this.#append(chunk);
      this.#wake();
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => {
      this.#closed = true;
      open.delete(this);
      this.#wake();
    });
  }

  /** Connects; rejects when that fails. `waitMs` is the limit of every later wait. */
  static async connect(address: Address, waitMs = WAIT_MS): Promise<RawClient> {
    const socket = connectTo(address);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket, waitMs);
  }

  /** Closes whatever connections a failed test has left open, so that the next test is judged by what it does itself. */
  static destroyAll(): void {
    for (const client of open) client.destroy();
  }

  /** Bytes received so far, handed out or not. */
  get bytesReceived(): number {
    return this.#total;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Sends bytes as they are; a string one byte per character. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** The next reply's bytes. Rejects when none is complete in time, or the connection ends before. */
  async reply(): Promise<Buffer> {
    let found: Buffer | undefined;
    await this.#until('a reply', () => {
      found = this.#takeReply();
      return found !== undefined;
    });
    return found ?? Buffer.alloc(0);
  }

  async replies(count: number): Promise<Buffer[]> {
    const all: Buffer[] = [];
    for (let i = 0; i < count; i++) all.push(await this.reply());
    return all;
  }

  /** Sends one request; resolves to its reply's bytes. */
  async call(...words: readonly Word[]): Promise<Buffer> {
    this.write(encodeRequest(...words));
    return await this.reply();
  }

  /** Like `call`, as text of one character per byte. */
  async text(...words: readonly Word[]): Promise<string> {
    return (await this.call(...words)).toString('latin1');
  }

  /** The content of a bulk (or verbatim) reply. Rejects on any other reply. */
  async bulk(...words: readonly Word[]): Promise<string> {
    const text = await this.text(...words);
    if (!/^[$=]\d/.test(text)) throw new Error(`no bulk reply to ${String(words[0])}: ${text.slice(0, 200)}`);
    return text.slice(text.indexOf('\r\n') + 2, -2).replace(/^txt:/, '');
  }

  /** Waits until the server has closed the connection; resolves to what came before and was not taken. */
  async closed(): Promise<Buffer> {
    await this.#until('the end of the connection', () => this.#closed, true);
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** Ends this side in order and waits for the other. */
  async end(): Promise<void> {
    this.socket.end();
    this.socket.resume();
    if (!this.#closed) await this.closed();
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #until(what: string, done: () => boolean, evenClosed = false): Promise<void> {
    const deadline = Date.now() + this.#waitMs;
    while (!done()) {
      const left = deadline - Date.now();
      if ((this.#closed && !evenClosed) || left <= 0) {
        const why = this.#closed ? `the connection ended (${this.#error?.message ?? 'in order'})` : 'time is up';
        const rest = escapeReply(this.#bytes.subarray(this.#start, Math.min(this.#end, this.#start + 200)));
        throw new Error(`waiting for ${what}: ${why}; not taken yet: ${this.#end - this.#start} bytes '${rest}'`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #takeReply(): Buffer | undefined {
    if (this.#start === this.#end) return undefined;
    const end = replyEnd(this.#bytes, this.#start, this.#end);
    if (end < 0) return undefined;
    const reply = Buffer.from(this.#bytes.subarray(this.#start, end));
    this.#start = end;
    return reply;
  }

  #append(chunk: Buffer): void {
    this.#total += chunk.length;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end + chunk.length > this.#bytes.length) {
      const kept = this.#end - this.#start;
      const grown = Buffer.alloc(Math.max(kept + chunk.length, kept * 2, 16 * 1024));
      this.#bytes.copy(grown, 0, this.#start, this.#end);
      this.#bytes = grown;
      this.#start = 0;
      this.#end = kept;
    }
    chunk.copy(this.#bytes, this.#end);
    this.#end += chunk.length;
  }
}
