// THE gate: every request passes here and nowhere else. In this order: does the command exist, is its argument count
// right, may this client call it, is the server paused; then it is run in place, sent to its shard, spread over all
// shards, or run beside the connection.

import { assert } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { CommandCounters } from '../observability/command-counters.js';
import type { ClientOp } from '../contract/spec.js';
import { ReplyTooLong, RespEncoder } from '../protocol/resp-encoder.js';
import { unknownCommand } from './command-table.js';
import { ERROR_BYTE, type Executor } from './executor.js';
import type { PauseState } from './pause.js';
import type { RequestWindow } from './request-window.js';
import { ROUTE_ANYWHERE, ROUTE_CROSS_SHARD, type Router } from './router.js';
import type { Session } from './session.js';

/** What became of a request. */
export const OUTCOME = {
  /** Its reply is written, or owed by a shard. */
  done: 0,
  /** The connection waits for its reply before anything else of it runs. */
  held: 1,
  /** It was not run: the connection waits for the end of a pause and tries again. */
  postponed: 2,
  /** It was not run: it looks beyond its connection, and replies of foreign shards are owed to the connection. */
  behind: 3,
} as const;
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** The ways out of the gate that need the front. */
export interface DispatchRoutes {
  /** Closes a connection whose peer speaks HTTP, without a reply. */
  turnAwayHttp(session: Session): void;
  /** Sends the command to a foreign shard; its reply is owed. */
  toShard(session: Session, shard: number, command: Command, args: Args, drop: boolean): void;
  /** Runs the command on every shard and holds the session until the merged reply stands. */
  toEveryShard(session: Session, command: Command, args: Args, drop: boolean): void;
  /** Holds the session until `settled`; then `reply` is its answer. */
  hold(session: Session, reply: RespEncoder, settled: Promise<void>, drop: boolean): void;
}

export interface DispatchOptions {
  readonly table: CommandTable;
  readonly router: Router;
  readonly counters: CommandCounters;
  readonly pause: PauseState;
  readonly clock: Clock;
  readonly routes: DispatchRoutes;
  /** This thread's own shard; undefined on a thread that only does I/O. */
  readonly executor: Executor | undefined;
  readonly shardCount: number;
}

/** What only a browser made to attack a server on its own network would send (cross-protocol scripting). */
const POST = bytesOf('POST');
const HOST = bytesOf('HOST:');

export class Dispatcher {
  readonly #table: CommandTable;
  readonly #router: Router;
  readonly #counters: CommandCounters;
  readonly #pause: PauseState;
  readonly #clock: Clock;
  readonly #routes: DispatchRoutes;
  readonly #executor: Executor | undefined;
  readonly #ownShard: number;
  readonly #shardCount: number;
  readonly #noAuth: boolean[];
  readonly #writes: boolean[];
  readonly #fast: boolean[];

  constructor(options: DispatchOptions) {
    this.#table = options.table;
    this.#router = options.router;
    this.#counters = options.counters;
    this.#pause = options.pause;
    this.#clock = options.clock;
    this.#routes = options.routes;
    this.#executor = options.executor;
    this.#ownShard = options.executor === undefined ? -1 : options.executor.shard.id;
    this.#shardCount = options.shardCount;
    const flagged = (flag: string): boolean[] =>
      options.table.all.map((command) => (command.spec.flags as readonly string[]).includes(flag));
    this.#noAuth = flagged('no_auth');
    this.#writes = flagged('write');
    this.#fast = flagged('fast');
  }

  /** Has the executor bring closer what the window's keys need, as far as they are this thread's own. */
  warm(window: RequestWindow): void {
    const executor = this.#executor;
    if (executor === undefined) return;
    const { requests, count } = window;
    for (let i = 0; i < count; i++) {
      const request = requests[i];
      request.keyIndex = this.#router.ownKeyIndex(request.command, request.args, this.#ownShard);
    }
    executor.warm(requests, count);
  }

  /**
   * Passes one request through the gate; `command` is what the table resolved it to. What is answered at once stands in
   * `out` afterwards.
   */
  dispatch(session: Session, command: Command | undefined, args: Args, out: RespEncoder): Outcome {
    if (command === undefined) return this.#unknown(session, args, out);
    const { spec, id } = command;
    const { arity } = spec;
    if (arity >= 0 ? args.count !== arity : args.count < -arity) {
      this.#counters.rejected(id);
      return this.#refuse(session, out, wrongArity(command.fullName));
    }
    if (!session.authenticated && !this.#noAuth[id]) {
      this.#counters.rejected(id);
      return this.#refuse(session, out, ERRORS.noAuth);
    }
    if (this.#pause.active && this.#pause.stops(this.#writes[id])) return OUTCOME.postponed;
    // What goes over the control bus, or reads other threads' counters, must not overtake what is on its way in the rings.
    if (session.batches.length > 0 && spec.onClient !== undefined && !this.#fast[id]) return OUTCOME.behind;
    session.lastCommandId = id;
    session.commandsTotal++;
    if (session.replyMode === 'on') return this.#run(session, command, args, out, false);
    return this.#runMuted(session, command, args, out);
  }

  #unknown(session: Session, args: Args, out: RespEncoder): Outcome {
    if (args.is(0, POST) || args.is(0, HOST)) {
      this.#routes.turnAwayHttp(session);
      return OUTCOME.done;
    }
    return this.#refuse(session, out, unknownCommand(this.#table, args));
  }

  #run(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const { spec } = command;
    if (spec.onShard !== undefined) return this.#runOnShard(session, command, args, out, drop);
    if (spec.onClient !== undefined) return this.#runOnClient(session, command, args, out, drop);
    assert(spec.onEveryShard !== undefined, 'a resolved command can be run');
    if (this.#shardCount === 1 && this.#ownShard === 0) return this.#runHere(session, command, args, out);
    this.#routes.toEveryShard(session, command, args, drop);
    return OUTCOME.held;
  }

  #runOnShard(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    let shard = this.#router.route(command, args, session.db);
    if (shard < 0) {
      if (shard === ROUTE_CROSS_SHARD) {
        this.#counters.rejected(command.id);
        return this.#refuse(session, out, ERRORS.crossShard);
      }
      assert(shard === ROUTE_ANYWHERE, 'a route is a shard or one of the named answers');
      shard = this.#ownShard >= 0 ? this.#ownShard : 0;
    }
    if (shard === this.#ownShard) return this.#runHere(session, command, args, out);
    this.#routes.toShard(session, shard, command, args, drop);
    return OUTCOME.done;
  }

  #runHere(session: Session, command: Command, args: Args, out: RespEncoder): Outcome {
    const executor = this.#executor;
    assert(executor !== undefined, 'a command runs in place only where there is a shard');
    out.protocol = session.protocol;
    executor.shard.touchOnAccess = !session.noTouch;
    executor.run(command.id, session.db, args, out);
    return OUTCOME.done;
  }

  /** Commands beside the connection. What may take long writes to an encoder of its own. */
  #runOnClient(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const op = command.spec.onClient;
    assert(op !== undefined, 'the command runs beside the connection');
    if (this.#fast[command.id]) {
      const mark = out.length;
      out.protocol = session.protocol;
      const result = op(session, args, out);
      assert(result === undefined, 'a fast command answers at once');
      this.#countBeside(command, out, mark);
      return OUTCOME.done;
    }
    const reply = new RespEncoder();
    reply.protocol = session.protocol;
    const startUs = this.#clock.monotonicUs();
    const ended = (): void => {
      this.#counters.took(command.id, this.#clock.monotonicUs() - startUs);
      this.#countBeside(command, reply, 0);
    };
    const settled = this.#startOnClient(op, session, args, reply);
    if (settled === undefined) {
      ended();
      out.raw(reply.bytes, 0, reply.length);
      return OUTCOME.done;
    }
    this.#routes.hold(session, reply, settled.then(ended), drop);
    return OUTCOME.held;
  }

  #startOnClient(op: ClientOp, session: Session, args: Args, reply: RespEncoder): void | Promise<void> {
    try {
      return op(session, args, reply);
    } catch (error) {
      if (!(error instanceof ReplyTooLong)) throw error;
      reply.rewind(0);
      reply.error(ERRORS.replyTooLong);
      return undefined;
    }
  }

  /** CLIENT REPLY OFF or SKIP: the command runs, its reply goes nowhere, unless it switches replies on again. */
  #runMuted(session: Session, command: Command, args: Args, out: RespEncoder): Outcome {
    const mark = out.length;
    const before = session.replyMode;
    // The command may set the mode anew, for itself (ON) or for the next one (SKIP); otherwise a skip ends with it.
    session.replyMode = before === 'skip' ? 'skipping' : before;
    const outcome = this.#run(session, command, args, out, true);
    // What stood in `out` before may have moved to a batch: then there is nothing to take back.
    if (session.replyMode !== 'on' && out.length > mark) out.rewind(mark);
    if (session.replyMode === 'skipping') session.replyMode = 'on';
    return outcome;
  }

  #refuse(session: Session, out: RespEncoder, message: string): Outcome {
    const mark = out.length;
    out.error(message);
    this.#counters.errorReply(out.bytes, mark, out.length);
    if (session.replyMode !== 'on') {
      out.rewind(mark);
      if (session.replyMode === 'skip') session.replyMode = 'on';
    }
    return OUTCOME.done;
  }

  /** Counts a command that ran beside the connection, and the error that it may have given. */
  #countBeside(command: Command, reply: RespEncoder, mark: number): void {
    this.#counters.called(command.id);
    this.#counters.add('commandsProcessed', 1);
    if (reply.length > mark && reply.bytes[mark] === ERROR_BYTE) {
      this.#counters.failed(command.id, reply.bytes, mark, reply.length);
    }
  }
}
