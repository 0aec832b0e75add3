// A load generator in one Node thread over raw sockets: closed loop, every connection sends one pipeline and waits for
// its replies. It fills servers with known keys, and stands in for redis-benchmark where that is not installed.
//
//   batch buffer of a connection: `pipeline` requests of the same length, encoded once; before each write only the 12
//   digits of each key are overwritten.     *3 $3 SET $16 key:000000001234 $16 xxxxxxxxxxxxxxxx
//
// (1) A connection's buffer is rewritten only after all its replies arrived, so no byte in flight changes.
// (2) Latency is that of a whole pipeline, from its write to its last reply, and counts once per request in it
//     (redis-benchmark does the same).
import { build, type Histogram } from 'hdr-histogram-js';
import type { Socket } from 'node:net';
import { SeededRandom } from '../../src/base/prng.js';
import { ReplyCounter } from './reply-counter.js';
import { connectTo, type Address } from './server-process.js';

/** The list that RPUSH fills. */
export const LIST_KEY = 'list';
/** The hash that HSET fills. */
export const HASH_KEY = 'hash';
/** What HSET-small puts into every key: names of 6 to 8 bytes, values of 10. */
const SMALL_HASH = ['name-1', 'name--2', 'name--3', 'name---4', 'name-5'].flatMap((name) => [
  name,
  `of ${name}`.padEnd(10),
]);

const KEY_DIGITS = 12;
const LATENCY_US_MAX = 60_000_000;
const SILENCE_MS_MAX = 20_000;

export interface LoadPlan {
  /**
   * RPUSH: the keys become the elements of one list, LIST_KEY. HSET: their digits become the fields of one hash, HASH_KEY.
   * HSET-small: every key becomes a hash of five fields.
   */
  readonly operation: 'SET' | 'GET' | 'RPUSH' | 'HSET' | 'HSET-small';
  readonly connections: number;
  readonly pipeline: number;
  /** Rounded up to whole pipelines, but never past the key space of a `sequential` run. */
  readonly requests: number;
  /** Keys are `key:` and 12 digits below this number. */
  readonly keySpace: number;
  readonly valueBytes: number;
  /** Every key once, in order, instead of random ones. */
  readonly sequential?: boolean;
  /** SET with EX. */
  readonly ttlSeconds?: number;
  readonly seed: number;
  /** Called about ten times a second with the requests answered so far. */
  readonly onProgress?: (answered: number) => void;
}

/** Latencies in milliseconds. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** Runs a plan. Rejects on an error reply, a lost connection, or 20 s without any reply. */
export async function generateLoad(address: Address, plan: LoadPlan): Promise<LoadResult> {
  const run = new LoadRun(plan);
  const sockets = await Promise.all(
    Array.from({ length: plan.connections }, async () => await connected(connectTo(address))),
  );
  const begun = performance.now();
  let watched = -1;
  const watchdog = setInterval(() => {
    if (run.answered === watched) run.fail(new Error(`no reply for ${SILENCE_MS_MAX} ms`));
    watched = run.answered;
  }, SILENCE_MS_MAX);
  const ticker = setInterval(() => plan.onProgress?.(run.answered), 100);
  try {
    await run.over(sockets);
  } finally {
    clearInterval(watchdog);
    clearInterval(ticker);
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

class LoadRun {
  answered = 0;
  readonly #plan: LoadPlan;
  readonly #random: SeededRandom;
  readonly #latencies: Histogram = build({ highestTrackableValue: LATENCY_US_MAX, numberOfSignificantValueDigits: 3 });
  #sent = 0;
  #nextKey = 0;
  #resolve: () => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  constructor(plan: LoadPlan) {
    this.#plan = plan;
    this.#random = new SeededRandom(plan.seed);
  }

  async over(sockets: readonly Socket[]): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    for (const socket of sockets) this.#drive(socket);
    await done;
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  result(seconds: number): LoadResult {
    const ms = (percentile: number): number => this.#latencies.getValueAtPercentile(percentile) / 1000;
    const perSecond = this.answered / seconds;
    return { requests: this.answered, seconds, perSecond, p50: ms(50), p99: ms(99), p999: ms(99.9) };
  }

  /** The whole life of one connection. */
  #drive(socket: Socket): void {
    const batch = encodeBatch(this.#plan);
    const counter = new ReplyCounter();
    let outstanding = 0;
    let sentAt = 0;
    let finished = false;
    const send = (): void => {
      outstanding = Math.min(this.#plan.pipeline, this.#plan.requests - this.#sent);
      if (outstanding <= 0) {
        finished = true;
        socket.end();
        return;
      }
      this.#sent += outstanding;
      for (let i = 0; i < outstanding; i++) {
        const key = this.#plan.sequential === true ? this.#nextKey++ : this.#random.below(this.#plan.keySpace);
        writeDigits(batch.bytes, i * batch.stride + batch.keyOffset, key);
      }
      sentAt = performance.now();
      socket.write(
        outstanding === this.#plan.pipeline ? batch.bytes : batch.bytes.subarray(0, outstanding * batch.stride),
      );
    };
    socket.on('data', (chunk: Buffer) => {
      const before = counter.replies;
      counter.push(chunk);
      const arrived = counter.replies - before;
      this.answered += arrived;
      outstanding -= arrived;
      if (counter.errors > 0) this.fail(new Error(`the server answered with an error: ${counter.firstError}`));
      if (outstanding > 0 || finished) return;
      const micros = Math.max(1, Math.round((performance.now() - sentAt) * 1000));
      this.#latencies.recordValueWithCount(Math.min(micros, LATENCY_US_MAX), this.#plan.pipeline);
      if (this.answered >= this.#plan.requests) this.#resolve();
      send();
    });
    socket.on('error', (error) => {
      this.fail(error);
    });
    socket.on('close', () => {
      if (!finished) this.fail(new Error('the server closed a connection under load'));
    });
    send();
  }
}

interface Batch {
  readonly bytes: Buffer;
  /** Bytes of one request. */
  readonly stride: number;
  /** Where a request's 12 key digits stand. */
  readonly keyOffset: number;
}

function encodeBatch(plan: LoadPlan): Batch {
  const digits = '0'.repeat(KEY_DIGITS);
  const words = requestWords(plan, digits);
  const request = `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  return {
    bytes: Buffer.from(request.repeat(plan.pipeline), 'latin1'),
    stride: request.length,
    keyOffset: request.indexOf(digits),
  };
}

/** One request; `digits` are those of its key. */
function requestWords(plan: LoadPlan, digits: string): string[] {
  const key = `key:${digits}`;
  const value = 'x'.repeat(plan.valueBytes);
  switch (plan.operation) {
    case 'SET':
      return ['SET', key, value, ...(plan.ttlSeconds === undefined ? [] : ['EX', String(plan.ttlSeconds)])];
    case 'GET':
      return ['GET', key];
    case 'RPUSH':
      return ['RPUSH', LIST_KEY, key];
    case 'HSET':
      return ['HSET', HASH_KEY, digits, value];
    case 'HSET-small':
      return ['HSET', key, ...SMALL_HASH];
  }
}

function writeDigits(bytes: Uint8Array, offset: number, value: number): void {
  for (let i = offset + KEY_DIGITS - 1; i >= offset; i--) {
    bytes[i] = 0x30 + (value % 10);
    value = Math.floor(value / 10);
  }
}
