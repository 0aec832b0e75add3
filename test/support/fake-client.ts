// Commands that run beside the connection, without a connection: a server of several cores whose clients are plain
// objects, a request line in, the raw reply out.
//
//   const server = new FakeServer({ cores: 2, options: { requirepass: 'secret' } });
//   const client = server.connect();
//   await client.text('CLIENT SETNAME worker')      -> '+OK'
//
// It does of the gate what these commands rely on: lookup, arity, and nothing else (no authentication, no CLIENT REPLY).

import { SeededRandom } from '../../src/base/prng.js';
import { ALL_COMMANDS } from '../../src/commands/index.js';
import { Args } from '../../src/contract/args.js';
import type { Client, ConfigPort, ServerPort, ShutdownMode } from '../../src/contract/client.js';
import type { CommandTable } from '../../src/contract/command-table.js';
import {
  matchesFilter,
  type ClientType,
  type ControlAnswers,
  type ControlRequest,
} from '../../src/contract/control.js';
import { wrongArity } from '../../src/contract/errors.js';
import type { Plan, PlanPort } from '../../src/contract/plan.js';
import type { Subscriptions } from '../../src/contract/pubsub.js';
import { buildCommandTable, unknownCommand } from '../../src/engine/command-table.js';
import { Subscribers } from '../../src/engine/subscribers.js';
import { RespEncoder } from '../../src/protocol/resp-encoder.js';

import { wordsOf, type Request } from './requests.js';
import { FakeClock } from './shard-harness.js';

const START_MS = 1_767_225_600_000;
const FIRST_ID = 5;

const DEFAULT_OPTIONS: Readonly<Record<string, string>> = {
  databases: '16',
  hz: '10',
  maxclients: '10000',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  port: '6379',
  'repl-backlog-size': '1048576',
  requirepass: '',
  timeout: '0',
};

export interface FakeServerOptions {
  readonly cores?: number;
  readonly options?: Readonly<Record<string, string>>;
  readonly info?: (sections: readonly string[]) => string;
}

let table: CommandTable | undefined;

/** The table of all families, built once. */
export function fullTable(): CommandTable {
  table ??= buildCommandTable(ALL_COMMANDS);
  return table;
}

/** Patterns of names and stars. */
function patternTest(pattern: string): RegExp {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i');
}

/** Options that a test sets and reads; only the errors that CONFIG's own code must pass on are imitated. */
export class FakeConfig implements ConfigPort {
  readonly options: Map<string, string>;
  rewriteError: string | undefined = 'ERR The server is running without a config file';

  constructor(options: Readonly<Record<string, string>>) {
    this.options = new Map(Object.entries({ ...DEFAULT_OPTIONS, ...options }));
  }

  get(patterns: readonly string[]): [string, string][] {
    const pairs: [string, string][] = [];
    for (const [name, value] of this.options) {
      const pattern = patterns.find((one) => patternTest(one).test(name));
      if (pattern !== undefined) pairs.push([pattern.includes('*') ? name : pattern, value]);
    }
    return pairs;
  }

  value(name: string): string {
    const value = this.options.get(name);
    if (value === undefined) throw new Error(`no option ${name}`);
    return value;
  }

  set(pairs: readonly (readonly [string, string])[]): Promise<string | undefined> {
    const unknown = pairs.find(([name]) => !this.options.has(name.toLowerCase()));
    if (unknown !== undefined) {
      return Promise.resolve(`ERR Unknown option or number of arguments for CONFIG SET - '${unknown[0]}'`);
    }
    for (const [name, value] of pairs) this.options.set(name.toLowerCase(), value);
    return Promise.resolve(undefined);
  }

  rewrite(): Promise<string | undefined> {
    return Promise.resolve(this.rewriteError);
  }
}

export class FakeServer implements ServerPort {
  readonly clock = new FakeClock(START_MS);
  readonly config: FakeConfig;
  readonly commands: CommandTable;
  readonly runId = '0123456789'.repeat(4);
  readonly startedAtMs = START_MS;
  readonly clients: FakeClient[] = [];
  /** Requests to the cores, in order. */
  readonly asked: ControlRequest[] = [];
  shutdownMode: ShutdownMode | undefined;

  readonly subscribers = new Subscribers<FakeClient>({
    shardCount: 1,
    deliver: () => undefined,
    counted: () => undefined,
  });
  readonly #cores: number;
  readonly #info: (sections: readonly string[]) => string;
  readonly #random = new SeededRandom(1);
  #nextId = FIRST_ID;

  constructor(commands: CommandTable, options: FakeServerOptions = {}) {
    this.commands = commands;
    this.config = new FakeConfig(options.options ?? {});
    this.#cores = options.cores ?? 1;
    this.#info = options.info ?? (() => '');
  }

  get topology(): ServerPort['topology'] {
    return { shardCount: this.#cores, keyCount: () => 0, randomBelow: (bound) => this.#random.below(bound) };
  }

  /** A new connection; connections go round the cores. */
  connect(address = `127.0.0.1:${40000 + this.#nextId}`): FakeClient {
    const client = new FakeClient(this, this.#nextId, address);
    this.#nextId++;
    this.clients.push(client);
    return client;
  }

  everyCore<T extends keyof ControlAnswers>(request: ControlRequest & { topic: T }): Promise<ControlAnswers[T][]> {
    this.asked.push(request);
    const answers: ControlAnswers[T][] = [];
    for (let core = 0; core < this.#cores; core++) answers.push(this.#answer(core, request) as ControlAnswers[T]);
    return Promise.resolve(answers);
  }

  info(sections: readonly string[]): string {
    return this.#info(sections);
  }

  total(): number {
    return 0;
  }

  shutdown(mode: ShutdownMode): Promise<string> {
    this.shutdownMode = mode;
    return Promise.resolve('ERR Errors trying to SHUTDOWN. Check logs.');
  }

  #answer(core: number, request: ControlRequest): unknown {
    const here = this.clients.filter((client) => client.id % this.#cores === core && !client.closed);
    switch (request.topic) {
      case 'client-list': {
        const found = here.filter((client) => matchesFilter(request.filter, client, this.clock.nowMs()));
        return found.map((client) => ({ id: client.id, line: client.describe() }));
      }
      case 'client-kill': {
        const found = here.filter((client) => matchesFilter(request.filter, client, this.clock.nowMs()));
        for (const client of found) client.closed = true;
        return found.length;
      }
      case 'client-unblock':
        return false;
      default:
        return true;
    }
  }
}

export class FakeClient implements Client {
  readonly id: number;
  readonly server: FakeServer;
  readonly subscriptions: Subscriptions;
  subscribed = false;
  confirming = false;
  readonly address: string;
  readonly localAddress = '127.0.0.1:6379';
  readonly connectedAtMs: number;
  type: ClientType = 'normal';
  db = 0;
  protocol: 2 | 3 = 2;
  name = '';
  libName = '';
  libVersion = '';
  user = 'default';
  authenticated: boolean;
  noEvict = false;
  noTouch = false;
  replyMode: 'on' | 'off' | 'skip' = 'on';
  closed = false;

  constructor(server: FakeServer, id: number, address: string) {
    this.server = server;
    this.id = id;
    this.subscriptions = server.subscribers.open(this);
    this.address = address;
    this.connectedAtMs = server.clock.nowMs();
    this.authenticated = server.config.value('requirepass') === '';
  }

  multi = false;

  beginMulti(): boolean {
    const began = !this.multi;
    this.multi = true;
    return began;
  }

  discardMulti(): boolean {
    const had = this.multi;
    this.multi = false;
    return had;
  }

  unwatch(): void {
    // it watches nothing
  }

  closeAfterReply(): void {
    this.closed = true;
  }

  reset(): void {
    this.db = 0;
    this.protocol = 2;
    this.name = '';
    this.authenticated = this.server.config.value('requirepass') === '';
  }

  describe(): string {
    return `id=${this.id} addr=${this.address} name=${this.name}`;
  }

  /** Runs one request; the reply as raw RESP. */
  async run(request: Request): Promise<Buffer> {
    const args = argsOf(wordsOf(request));
    const reply = new RespEncoder();
    reply.protocol = this.protocol;
    const command = this.server.commands.resolve(args);
    if (command === undefined) {
      reply.error(unknownCommand(this.server.commands, args));
    } else if (command.spec.arity > 0 ? args.count !== command.spec.arity : args.count < -command.spec.arity) {
      reply.error(wrongArity(command.fullName));
    } else {
      const { onClient, across } = command.spec;
      if (onClient !== undefined) await onClient(this, args, reply);
      else if (across !== undefined && 'plan' in across) this.#runPlan(across.plan, args, reply);
      else throw new Error(`${command.fullName} does not run beside the client`);
    }
    return Buffer.from(reply.bytes.subarray(0, reply.length));
  }

  /** A plan that has nothing to do on any shard. */
  #runPlan(plan: Plan, args: Args, reply: RespEncoder): void {
    const run = plan({ args, reply, client: this } as unknown as PlanPort);
    while (run.next().done !== true);
  }

  /** The reply as text of one character per byte, without its last line break. */
  async text(request: Request): Promise<string> {
    return (await this.run(request)).toString('latin1').slice(0, -2);
  }
}

/** The words as spans that begin neither at 0 nor end with the buffer. */
export function argsOf(words: readonly Uint8Array[]): Args {
  const args = new Args(0);
  args.reset(Buffer.concat([Buffer.from('<<<'), ...words, Buffer.from('>>>')]));
  let at = 3;
  for (const word of words) {
    args.push(at, at + word.length);
    at += word.length;
  }
  return args;
}
