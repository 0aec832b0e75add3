// Several shards in one process behind a plain router: what an engine does with a command, in the fewest lines. For
// commands that look at more than one shard (SCAN, KEYS, FLUSHALL) or run beside the connection (DEBUG, MEMORY).
//
//   const server = new KeyspaceServer([...SCAN_COMMANDS, ...], { shards: 3 });
//   await server.text('SCAN 0')
//
// Time stands still unless `clock` is moved.

import { assert } from '../../src/base/assert.js';
import { shardOf, taggedKeyHash } from '../../src/base/hash.js';
import { SeededRandom } from '../../src/base/prng.js';
import { describeObject, digestKeys, digestValues, shardMemory } from '../../src/commands/shard-answers.js';
import { Args } from '../../src/contract/args.js';
import type { Client, ConfigPort, ServerPort } from '../../src/contract/client.js';
import type { ControlAnswers, ControlRequest } from '../../src/contract/control.js';
import { wrongArity } from '../../src/contract/errors.js';
import type { CommandSpec, Merge, ShardOp, Topology } from '../../src/contract/spec.js';
import { RespEncoder } from '../../src/protocol/resp-encoder.js';
import { Shard } from '../../src/shard/shard.js';
import { wordsOf, type Request } from './requests.js';
import { FakeClock } from './shard-harness.js';
import { CountingCounters } from './shards.js';

const HASH_SEED = 0x5eed;
const START_MS = 1_767_225_600_000;

/** The answer where a command would need a plan over several shards, which are the engine's business. */
export const SEVERAL_SHARDS = 'SEVERALSHARDS';

export interface KeyspaceOptions {
  readonly shards?: number;
  readonly lfu?: boolean;
  /** The option of that name; `yes` unless given. */
  readonly enableDebugCommand?: string;
  readonly address?: string;
  readonly nowMs?: number;
}

export class KeyspaceServer {
  readonly clock: FakeClock;
  readonly counters = new CountingCounters();
  readonly shards: readonly Shard[];
  /** Milliseconds that DEBUG SLEEP asked for, in all. */
  sleptMs = 0;
  dbIndex = 0;
  protocol: 2 | 3 = 2;
  /** Overrides of what cores report to MEMORY. */
  memory: Partial<ControlAnswers['memory']> = {};

  readonly #specs = new Map<string, CommandSpec>();
  readonly #options: KeyspaceOptions;
  readonly #random = new SeededRandom(7);

  constructor(specs: readonly CommandSpec[], options: KeyspaceOptions = {}) {
    this.#options = options;
    this.clock = new FakeClock(options.nowMs ?? START_MS);
    for (const spec of specs) this.#specs.set(spec.name, spec);
    const shardCount = options.shards ?? 1;
    this.shards = Array.from(
      { length: shardCount },
      (_, id) =>
        new Shard({
          id,
          shardCount,
          databases: 16,
          hashSeed: HASH_SEED,
          clock: this.clock,
          random: new SeededRandom(id + 1),
          counters: this.counters,
          stringBytesMax: 512 * 1024 * 1024,
          lfu: options.lfu ?? false,
        }),
    );
  }

  get topology(): Topology {
    return {
      shardCount: this.shards.length,
      keyCount: (shard, db) => this.shards[shard].dbs[db].size,
      randomBelow: (bound) => this.#random.below(bound),
    };
  }

  /** Runs one request; the reply as raw RESP. */
  async run(request: Request): Promise<Buffer> {
    for (const shard of this.shards) shard.tick();
    const words = wordsOf(request);
    const reply = this.#newReply();
    const [spec, fullName] = this.#resolve(words);
    if (spec === undefined) {
      reply.error(`ERR unknown subcommand '${words[1].toString('latin1')}'. Try ${fullName.toUpperCase()} HELP.`);
    } else if (spec.arity >= 0 ? words.length !== spec.arity : words.length < -spec.arity) {
      reply.error(wrongArity(fullName));
    } else if (spec.onEveryShard !== undefined) {
      const { op, merge } = spec.onEveryShard;
      return mergeReplies(
        this.shards.map((shard) => this.#onShard(shard, op, words)),
        merge,
      );
    } else if (spec.onShard !== undefined) {
      const owner = this.#owner(spec, words);
      if (owner !== undefined) return this.#onShard(owner, spec.onShard, words);
      reply.error(SEVERAL_SHARDS);
    } else {
      assert(spec.onClient !== undefined, 'the command runs somewhere');
      await spec.onClient(this.#client(), argsOf(words), reply);
    }
    return Buffer.from(reply.bytes.subarray(0, reply.length));
  }

  /** The reply as text of one character per byte, without its last line break. */
  async text(request: Request): Promise<string> {
    return (await this.run(request)).toString('latin1').slice(0, -2);
  }

  #newReply(): RespEncoder {
    const reply = new RespEncoder();
    reply.protocol = this.protocol;
    return reply;
  }

  #resolve(words: readonly Buffer[]): [CommandSpec | undefined, string] {
    const name = words[0].toString('latin1').toUpperCase();
    const spec = this.#specs.get(name);
    if (spec === undefined) throw new Error(`the test server was given no command ${name}`);
    if (spec.subcommands === undefined || words.length < 2) return [spec, name.toLowerCase()];
    const sub = words[1].toString('latin1').toUpperCase();
    const found = spec.subcommands.find((each) => each.name === sub);
    return [found, found === undefined ? name : `${name}|${sub}`.toLowerCase()];
  }

  /** The one shard of the request; undefined when its keys are on several. */
  #owner(spec: CommandSpec, words: readonly Buffer[]): Shard | undefined {
    if (spec.pickShard !== undefined) return this.shards[spec.pickShard(argsOf(words), this.topology, this.dbIndex)];
    const owners = new Set<number>();
    for (const { begin, find } of spec.keys ?? []) {
      assert('index' in begin && 'last' in find, 'the key specification is a range from an index');
      const last = find.last < 0 ? words.length + find.last : begin.index + find.last;
      for (let i = begin.index; i <= last; i += find.step) {
        owners.add(shardOf(taggedKeyHash(words[i], 0, words[i].length, HASH_SEED), this.shards.length));
      }
    }
    const [first] = owners;
    return owners.size === 1 ? this.shards[first] : undefined;
  }

  #onShard(shard: Shard, op: ShardOp, words: readonly Buffer[]): Buffer {
    const reply = this.#newReply();
    op(shard.dbs[this.dbIndex], argsOf(words), reply);
    return Buffer.from(reply.bytes.subarray(0, reply.length));
  }

  #answer(shard: Shard, request: ControlRequest): unknown {
    switch (request.topic) {
      case 'debug-sleep':
        this.sleptMs += request.ms;
        return true;
      case 'debug-object':
        return describeObject(shard, request.db, request.key);
      case 'debug-digest':
        return digestKeys(shard);
      case 'debug-digest-value':
        return digestValues(shard, request.db, request.keys);
      case 'set-active-expire':
        shard.activeExpire = request.on;
        return true;
      case 'memory':
        return {
          residentBytes: 100e6,
          startupResidentBytes: 90e6,
          heapBytes: 8e6,
          startupHeapBytes: 6e6,
          clients: 1,
          clientBytes: 1000,
          ...shardMemory(shard),
          ...this.memory,
        };
      default:
        throw new Error(`no core answers ${request.topic} here`);
    }
  }

  #client(): Client {
    const config: ConfigPort = {
      get: () => [],
      value: () => this.#options.enableDebugCommand ?? 'yes',
      set: () => Promise.resolve(undefined),
      rewrite: () => Promise.resolve(undefined),
    };
    const port: Partial<ServerPort> = {
      config,
      everyCore: <T extends keyof ControlAnswers>(request: ControlRequest & { topic: T }) =>
        Promise.resolve(this.shards.map((shard) => this.#answer(shard, request) as ControlAnswers[T])),
    };
    const address = this.#options.address ?? '127.0.0.1:5000';
    return { db: this.dbIndex, protocol: this.protocol, address, server: port as ServerPort } as Client;
  }
}

/** The words one behind the other, with strangers before and behind them. */
function argsOf(words: readonly Buffer[]): Args {
  const args = new Args(HASH_SEED);
  args.reset(Buffer.concat([Buffer.from('<<<'), ...words, Buffer.from('>>>')]));
  let at = 3;
  for (const word of words) {
    args.push(at, at + word.length);
    at += word.length;
  }
  return args;
}

function mergeReplies(replies: readonly Buffer[], merge: Merge): Buffer {
  const texts = replies.map((reply) => reply.toString('latin1'));
  const error = texts.find((text) => text.startsWith('-'));
  if (error !== undefined) return Buffer.from(error, 'latin1');
  if (merge === 'sum') return Buffer.from(`:${texts.reduce((sum, text) => sum + Number(text.slice(1)), 0)}\r\n`);
  if (merge !== 'concat') return replies[0];
  const heads = texts.map((text) => text.indexOf('\r\n'));
  const count = texts.reduce((sum, text, i) => sum + Number(text.slice(1, heads[i])), 0);
  return Buffer.concat([Buffer.from(`*${count}\r\n`), ...replies.map((reply, i) => reply.subarray(heads[i] + 2))]);
}
