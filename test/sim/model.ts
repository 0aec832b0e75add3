// The model: a plain single-threaded Redis in memory, as far as the workload goes, with the exact RESP2 replies of redis 7.
//
//   request -> Connection.take -> Step       what the connection alone decides (MULTI's queue, SELECT), or work on the keys
//   work    -> perform(draft, ...)           runs it at one instant: one command, a whole EXEC, WATCH, UNWATCH
//   ready keys -> who waits for them         strictly in Redis's order here (Model); as a choice in the checker
//
// The checker puts the same pieces together differently: it does not know the order in which work takes effect.

import { Draft, keyId, NO_CELLS, type Cells, type KeyId } from './cells.js';
import {
  DATABASES,
  KEY_AND_STRING_COMMANDS,
  parseDb,
  type Context,
  type ModelCommand,
  type Outcome,
  type Wait,
} from './model-commands.js';
import { LIST_COMMANDS, serve } from './model-lists.js';
import { array, DB_OUT_OF_RANGE, error, NIL_ARRAY, OK, QUEUED, wrongArity } from './replies.js';

export { DATABASES, type Outcome, type Wait };

const SELECT: ModelCommand = {
  arity: 2,
  readOnly: true,
  keys: () => [],
  run: (_context, args) => selected(args[1]).reply,
};

export const MODEL_COMMANDS: ReadonlyMap<string, ModelCommand> = new Map(
  Object.entries({ ...KEY_AND_STRING_COMMANDS, ...LIST_COMMANDS, SELECT }),
);

/** One command with what it runs in. */
export interface Call {
  readonly command: ModelCommand;
  readonly args: readonly string[];
  readonly db: number;
}

/** What takes effect on the keys at one instant. */
export type Work =
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'exec'; readonly calls: readonly Call[]; readonly watched: readonly KeyId[] }
  | { readonly kind: 'watch'; readonly keys: readonly KeyId[] }
  | { readonly kind: 'unwatch'; readonly keys: readonly KeyId[]; readonly reply: string };

/** What a request comes to: a reply that stands fixed, or work. */
export type Step = string | Work;

function selected(text: string): { db: number | undefined; reply: string } {
  const db = parseDb(text);
  if (db === 'no number') return { db: undefined, reply: error('ERR value is not an integer or out of range') };
  return { db, reply: db === undefined ? DB_OUT_OF_RANGE : OK };
}

/** One client's own state: its database, the queue of its MULTI, what it watches. */
export class Connection {
  #db = 0;
  /** Undefined: no MULTI. */
  #queue: Call[] | undefined;
  /** The database for the next command in the queue. */
  #queueDb = 0;
  #failed = false;
  #watched: KeyId[] = [];

  get inTransaction(): boolean {
    return this.#queue !== undefined;
  }

  get watching(): boolean {
    return this.#watched.length > 0;
  }

  get db(): number {
    return this.#db;
  }

  /** EXEC ran its commands: a SELECT among them lasts. */
  executed(work: Work): void {
    if (work.kind !== 'exec') return;
    for (const { args } of work.calls) {
      if (args[0].toUpperCase() === 'SELECT') this.#db = selected(args[1]).db ?? this.#db;
    }
  }

  /** The next request of the client. */
  take(words: readonly string[]): Step {
    const name = words[0].toUpperCase();
    switch (name) {
      case 'MULTI':
      case 'EXEC':
      case 'DISCARD':
      case 'UNWATCH':
      case 'PING':
        if (words.length !== 1) return this.#refuse(wrongArity(name));
        break;
      case 'WATCH':
        if (words.length < 2) return this.#refuse(wrongArity(name));
        break;
      default:
        return this.#takeCommand(name, words);
    }
    return this.#takeControl(name, words);
  }

  #takeControl(name: string, words: readonly string[]): Step {
    switch (name) {
      case 'MULTI':
        if (this.#queue !== undefined) return error('ERR MULTI calls can not be nested');
        this.#queue = [];
        this.#queueDb = this.#db;
        this.#failed = false;
        return OK;
      case 'EXEC':
        return this.#exec();
      case 'DISCARD':
        if (this.#queue === undefined) return error('ERR DISCARD without MULTI');
        this.#queue = undefined;
        return this.#unwatch(OK);
      case 'WATCH':
        return this.#watch(words);
      case 'UNWATCH':
        return this.#queue === undefined ? this.#unwatch(OK) : this.#enqueue(UNWATCH, words);
      default:
        return this.#queue === undefined ? '+PONG\r\n' : this.#enqueue(PING, words);
    }
  }

  #takeCommand(name: string, words: readonly string[]): Step {
    const command = MODEL_COMMANDS.get(name);
    if (command === undefined) {
      const echoed = words.slice(1).map((word) => `'${word}' `);
      return this.#refuse(error(`ERR unknown command '${words[0]}', with args beginning with: ${echoed.join('')}`));
    }
    const { arity } = command;
    if (arity >= 0 ? words.length !== arity : words.length < -arity) return this.#refuse(wrongArity(name));
    if (this.#queue !== undefined) return this.#enqueue(command, words);
    if (command !== SELECT) return { kind: 'call', call: { command, args: words, db: this.#db } };
    const { db, reply } = selected(words[1]);
    this.#db = db ?? this.#db;
    return reply;
  }

  #enqueue(command: ModelCommand, args: readonly string[]): Step {
    this.#queue?.push({ command, args, db: this.#queueDb });
    if (command === SELECT) this.#queueDb = selected(args[1]).db ?? this.#queueDb;
    return QUEUED;
  }

  /** A request that is never run; it spoils the transaction that it was to be part of. */
  #refuse(reply: string): string {
    this.#failed = true;
    return reply;
  }

  #exec(): Step {
    const calls = this.#queue;
    if (calls === undefined) return error('ERR EXEC without MULTI');
    this.#queue = undefined;
    if (this.#failed) return this.#unwatch(error('EXECABORT Transaction discarded because of previous errors.'));
    const watched = this.#watched;
    this.#watched = [];
    return { kind: 'exec', calls, watched };
  }

  #watch(words: readonly string[]): Step {
    if (this.#queue !== undefined) return error('ERR WATCH inside MULTI is not allowed');
    const keys = words.slice(1).map((name) => keyId(this.#db, name));
    this.#watched = [...new Set([...this.#watched, ...keys])];
    return { kind: 'watch', keys };
  }

  #unwatch(reply: string): Step {
    const keys = this.#watched;
    this.#watched = [];
    return keys.length === 0 ? reply : { kind: 'unwatch', keys, reply };
  }
}

const PING: ModelCommand = { arity: 1, readOnly: true, keys: () => [], run: () => '+PONG\r\n' };
/** Within a transaction: EXEC has ended the watching already. */
const UNWATCH: ModelCommand = { arity: 1, readOnly: true, keys: () => [], run: () => OK };

/** The clock as far as it is known: its reading when the work runs lies between the two. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** All keys that the work may touch. */
export function keysOf(work: Work): readonly KeyId[] | 'all' {
  switch (work.kind) {
    case 'call':
      return work.call.command.keys(work.call.args, work.call.db);
    case 'exec': {
      const keys = new Set<KeyId>(work.watched);
      for (const { command, args, db } of work.calls) {
        const used = command.keys(args, db);
        if (used === 'all') return 'all';
        for (const key of used) keys.add(key);
      }
      return [...keys];
    }
    case 'watch':
    case 'unwatch':
      return work.keys;
  }
}

/** Runs the work of `client` (0 to 30) on the draft. */
export function perform(draft: Draft, work: Work, client: number, span: Span): Outcome {
  switch (work.kind) {
    case 'call':
      return run(draft, work.call, span, false);
    case 'exec': {
      const dirty = work.watched.some((key) => draft.isDirty(key, client));
      for (const key of work.watched) draft.unwatch(key, 1 << client);
      if (dirty) return NIL_ARRAY;
      return array(work.calls.map((call) => run(draft, call, span, true) as string));
    }
    case 'watch':
      for (const key of work.keys) draft.watch(key, client);
      return OK;
    case 'unwatch':
      for (const key of work.keys) draft.unwatch(key, 1 << client);
      return work.reply;
  }
}

function run(draft: Draft, { command, args, db }: Call, { fromMs, toMs }: Span, inTransaction: boolean): Outcome {
  const context: Context = { draft, db, fromMs, toMs, inTransaction };
  return command.run(context, args);
}

/** A reply to somebody. */
export interface Served {
  readonly client: number;
  readonly reply: string;
}

/** The whole model for requests that come one at a time: what the differential test compares with redis-server. */
export class Model {
  nowMs = 0;
  readonly #connections: readonly Connection[];
  #cells: Cells = NO_CELLS;
  /** Who waits, in the order in which they came. */
  #line: { readonly client: number; readonly wait: Wait }[] = [];

  constructor(clients: number) {
    this.#connections = Array.from({ length: clients }, () => new Connection());
  }

  isWaiting(client: number): boolean {
    return this.#line.some((one) => one.client === client);
  }

  get waiting(): number {
    return this.#line.length;
  }

  connection(client: number): Connection {
    return this.#connections[client];
  }

  /** The replies to a request of `client`, who does not wait: its own first, if it has one, and of those it served. */
  request(client: number, words: readonly string[]): Served[] {
    const step = this.#connections[client].take(words);
    if (typeof step === 'string') return [{ client, reply: step }];
    const draft = new Draft(this.#cells);
    const outcome = perform(draft, step, client, { fromMs: this.nowMs, toMs: this.nowMs });
    const served: Served[] = [];
    if (typeof outcome === 'string') served.push({ client, reply: outcome });
    else this.#line.push({ client, wait: outcome });
    if (step.kind === 'exec' && outcome !== NIL_ARRAY) this.#connections[client].executed(step);
    this.#serveAll(draft, served);
    this.#cells = draft.finish();
    return served;
  }

  /** The client's time is up. */
  timeOut(client: number): string {
    const one = this.#line.find((waiting) => waiting.client === client);
    this.#line = this.#line.filter((waiting) => waiting !== one);
    return one?.wait.timeoutReply ?? '';
  }

  /** Redis's order: keys as they became ready, for each of them who came first; a move may make another one ready. */
  #serveAll(draft: Draft, served: Served[]): void {
    for (let key = draft.ready.shift(); key !== undefined; key = draft.ready.shift()) {
      for (const one of [...this.#line]) {
        if (draft.list(key) === undefined) break;
        if (!one.wait.keys.includes(key)) continue;
        this.#line.splice(this.#line.indexOf(one), 1);
        served.push({ client: one.client, reply: serve(draft, one.wait, key) });
      }
    }
  }
}
