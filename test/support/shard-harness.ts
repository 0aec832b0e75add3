// Runs commands on one shard in this process, without sockets, rings or an engine: a request line in, the raw reply out.
//
//   const h = await ShardHarness.create(STRING_COMMANDS);
//   h.run('SET k v EX 10')            -> Buffer '+OK\r\n'
//   h.clock.advance(10_001);          time stands still otherwise
//   h.text('GET k')                   -> '$-1'
//
// It looks the command up among the given specs, checks the arity as the gate does, and calls `onShard` (or the op of
// `onEveryShard`: there is one shard; what can wait does not). Commands that run beside the connection (`onClient`) are not for this harness.

import type { Clock } from '../../src/base/clock.js';
import { SeededRandom } from '../../src/base/prng.js';
import { Args } from '../../src/contract/args.js';
import { wrongArity } from '../../src/contract/errors.js';
import type { CommandSpec, ShardOp } from '../../src/contract/spec.js';
import { blockingOp } from '../../src/engine/executor.js';
import { RespEncoder } from '../../src/protocol/resp-encoder.js';
import { Shard } from '../../src/shard/shard.js';
import { wordsOf, type Request } from './requests.js';
import { CountingCounters } from './shards.js';

/** A clock that moves only when it is told to. */
export class FakeClock implements Clock {
  #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  nowMs(): number {
    return this.#ms;
  }

  monotonicUs(): number {
    return this.#ms * 1000;
  }

  advance(ms: number): void {
    this.#ms += ms;
  }

  set(ms: number): void {
    this.#ms = ms;
  }
}

export interface HarnessOptions {
  readonly hashSeed?: number;
  readonly randomSeed?: number;
  readonly nowMs?: number;
  /** proto-max-bulk-len; Redis's 512 MB unless given. */
  readonly stringBytesMax?: number;
  readonly lfu?: boolean;
}

/** 2026-01-01T00:00:00Z, unless a test wants another. */
const START_MS = 1_767_225_600_000;

export class ShardHarness {
  readonly shard: Shard;
  readonly clock: FakeClock;
  readonly counters = new CountingCounters();
  /** Database that commands run in. */
  dbIndex = 0;
  /** RESP version of the replies. */
  protocol: 2 | 3 = 2;

  readonly #specs = new Map<string, CommandSpec>();
  readonly #args: Args;
  readonly #reply = new RespEncoder();

  private constructor(specs: readonly CommandSpec[], options: HarnessOptions) {
    const hashSeed = options.hashSeed ?? 0x5eed;
    this.clock = new FakeClock(options.nowMs ?? START_MS);
    this.#args = new Args(hashSeed);
    for (const spec of specs) this.#specs.set(spec.name, spec);
    this.shard = new Shard({
      id: 0,
      shardCount: 1,
      databases: 16,
      hashSeed,
      clock: this.clock,
      random: new SeededRandom(options.randomSeed ?? 1),
      counters: this.counters,
      stringBytesMax: options.stringBytesMax ?? 512 * 1024 * 1024,
      lfu: options.lfu ?? false,
    });
    this.shard.tick();
  }

  /** A shard with nothing in it and the commands that may be run on it. */
  static create(specs: readonly CommandSpec[], options: HarnessOptions = {}): Promise<ShardHarness> {
    return Promise.resolve(new ShardHarness(specs, options));
  }

  /** Runs one request at the clock's time; the reply as raw RESP. */
  run(request: Request): Buffer {
    const reply = this.#reply;
    reply.reset();
    reply.protocol = this.protocol;
    this.shard.tick();
    this.#execute(wordsOf(request));
    return Buffer.from(reply.bytes.subarray(0, reply.length));
  }

  /** The reply as text of one character per byte, without its last line break. */
  text(request: Request): string {
    return this.run(request).toString('latin1').slice(0, -2);
  }

  /** Runs the requests of one after the other and gives the last reply. */
  runAll(...requests: readonly Request[]): Buffer {
    let last: Buffer = Buffer.alloc(0);
    for (const request of requests) last = this.run(request);
    return last;
  }

  #execute(words: readonly Buffer[]): void {
    const name = words[0].toString('latin1').toUpperCase();
    const parent = this.#specs.get(name);
    if (parent === undefined) throw new Error(`the harness was given no command ${name}`);
    let spec = parent;
    let fullName = name.toLowerCase();
    if (parent.subcommands !== undefined && words.length > 1) {
      const sub = words[1].toString('latin1').toUpperCase();
      const found = parent.subcommands.find((one) => one.name === sub);
      if (found === undefined) throw new Error(`${name} has no subcommand ${sub}`);
      spec = found;
      fullName += `|${sub.toLowerCase()}`;
    }
    if (spec.arity >= 0 ? words.length !== spec.arity : words.length < -spec.arity) {
      this.#reply.error(wrongArity(fullName));
      return;
    }
    const op: ShardOp | undefined = spec.onShard ?? spec.onEveryShard?.op ?? blockingOp(spec);
    if (op === undefined) throw new Error(`${fullName} does not run on a shard`);
    op(this.shard.dbs[this.dbIndex], this.#fill(words), this.#reply);
  }

  /** Lays the words one behind the other, as a connection's input buffer holds them. */
  #fill(words: readonly Buffer[]): Args {
    const args = this.#args;
    // A few bytes before and behind: an op that trusts offset 0 or the end of the buffer is found out.
    const bytes = Buffer.concat([Buffer.from('<<<'), ...words, Buffer.from('>>>')]);
    args.reset(bytes);
    let at = 3;
    for (const word of words) {
      args.push(at, at + word.length);
      at += word.length;
    }
    return args;
  }
}
