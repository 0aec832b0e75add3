// A load of requests that redis-benchmark has no way to make: blocks of several commands with many random keys, and what each
// client gets of the server. One Node thread over raw sockets, a closed loop: every client sends one request and waits for
// all its replies.
//
//   a request   MULTI SET key:<number> ... EXEC, encoded once for each client; before each write its numbers are overwritten
//
// (1) A client's bytes are rewritten only after all replies arrived.
// (2) Latency is from the write to the last reply of the request.
import { build } from 'hdr-histogram-js';
import type { Socket } from 'node:net';
import { SeededRandom } from '../../src/base/prng.js';
import { ReplyCounter } from './reply-counter.js';
import { connectTo, type Address } from './server-process.js';

/** Stands in a word for a number of 12 digits: one of its own wherever it stands, or the same all over the request. */
export const ANY = '__ANY_KEY___';
export const SAME = '__SAME_KEY__';

const DIGITS = 12;
const LATENCY_US_MAX = 60_000_000;
const SILENCE_MS_MAX = 20_000;

/** One command, or several that go out in one write. */
export type Request = readonly (readonly string[])[];

export interface RequestLoad {
  /** Client i sends the request i modulo their number, over and over. */
  readonly requests: readonly Request[];
  readonly clients: number;
  /** In all, by whichever clients come to it. */
  readonly count: number;
  /** Numbers are below this one. */
  readonly numbers: number;
  readonly seed: number;
}

/** Latencies in milliseconds. */
export interface RequestResult {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /**
   * How many requests the least and the most served client got answered, as a part of the mean of those that send the same
   * request: the least and the greatest of all kinds.
   */
  readonly leastServed: number;
  readonly mostServed: number;
}

/** Runs a load. Rejects on an error reply, a lost connection, or 20 s without any reply. */
export async function loadRequests(address: Address, load: RequestLoad): Promise<RequestResult> {
  const sockets = await Promise.all(Array.from({ length: load.clients }, () => connected(connectTo(address))));
  const run = new Run(load);
  const begun = performance.now();
  try {
    await run.over(sockets);
  } finally {
    for (const socket of sockets) socket.destroy();
  }
  return run.result((performance.now() - begun) / 1000);
}

async function connected(socket: Socket): Promise<Socket> {
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

class Run {
  readonly #load: RequestLoad;
  readonly #random: SeededRandom;
  readonly #latencies = build({ highestTrackableValue: LATENCY_US_MAX, numberOfSignificantValueDigits: 3 });
  readonly #served: number[];
  #answered = 0;
  #sent = 0;
  #running: number;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(load: RequestLoad) {
    this.#load = load;
    this.#random = new SeededRandom(load.seed);
    this.#served = new Array<number>(load.clients).fill(0);
    this.#running = load.clients;
  }

  async over(sockets: readonly Socket[]): Promise<void> {
    let seen = -1;
    const watchdog = setInterval(() => {
      if (this.#answered === seen) this.#reject(new Error(`no reply for ${SILENCE_MS_MAX} ms`));
      seen = this.#answered;
    }, SILENCE_MS_MAX);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        sockets.forEach((socket, client) => {
          this.#drive(socket, client);
        });
      });
    } finally {
      clearInterval(watchdog);
    }
  }

  result(seconds: number): RequestResult {
    const ms = (percentile: number): number => this.#latencies.getValueAtPercentile(percentile) / 1000;
    const parts = this.#parts();
    return {
      perSecond: this.#answered / seconds,
      p50: ms(50),
      p99: ms(99),
      max: this.#latencies.maxValue / 1000,
      leastServed: Math.min(...parts),
      mostServed: Math.max(...parts),
    };
  }

  /** What each client got, as a part of the mean of its kind. */
  #parts(): number[] {
    const kinds = this.#load.requests.length;
    return Array.from({ length: kinds }, (_, kind) => {
      const served = this.#served.filter((_count, client) => client % kinds === kind);
      const mean = served.reduce((sum, count) => sum + count, 0) / served.length;
      return served.map((count) => count / mean);
    }).flat();
  }

  /** The whole life of one client. */
  #drive(socket: Socket, client: number): void {
    const { requests, count, numbers } = this.#load;
    const request = requests[client % requests.length];
    const { bytes, any, same } = encode(request);
    const counter = new ReplyCounter();
    let sentAt = 0;
    let finished = false;
    const send = (): void => {
      if (this.#sent >= count) {
        finished = true;
        socket.end();
        if (--this.#running === 0) this.#resolve();
        return;
      }
      this.#sent++;
      for (const offset of any) writeDigits(bytes, offset, this.#random.below(numbers));
      if (same.length > 0) {
        const number = this.#random.below(numbers);
        for (const offset of same) writeDigits(bytes, offset, number);
      }
      sentAt = performance.now();
      socket.write(bytes);
    };
    socket.on('data', (chunk: Buffer) => {
      counter.push(chunk);
      if (counter.errors > 0) this.#reject(new Error(`the server answered with an error: ${counter.firstError}`));
      if (counter.replies < request.length || finished) return;
      counter.replies = 0;
      this.#answered++;
      this.#served[client]++;
      const micros = Math.max(1, Math.round((performance.now() - sentAt) * 1000));
      this.#latencies.recordValue(Math.min(micros, LATENCY_US_MAX));
      send();
    });
    socket.on('error', (error) => {
      this.#reject(error);
    });
    socket.on('close', () => {
      if (!finished) this.#reject(new Error('the server closed a connection under load'));
    });
    send();
  }
}

/** A request's bytes, and where its numbers stand. */
export function encode(request: Request): { bytes: Buffer; any: number[]; same: number[] } {
  const text = request
    .map((words) => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`)
    .join('');
  return { bytes: Buffer.from(text, 'latin1'), any: placesOf(text, ANY), same: placesOf(text, SAME) };
}

function placesOf(text: string, mark: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + DIGITS)) places.push(at);
  return places;
}

function writeDigits(bytes: Uint8Array, offset: number, value: number): void {
  for (let i = offset + DIGITS - 1; i >= offset; i--) {
    bytes[i] = 0x30 + (value % 10);
    value = Math.floor(value / 10);
  }
}
