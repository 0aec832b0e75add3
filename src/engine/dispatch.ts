// THE gate: every request passes here and nowhere else. In this order: does the command exist, is its argument count
// right, may this client call it, is the server paused, is a MULTI open that takes it; then it is run in place, sent to its
// shard, run beside the connection, or made a transaction (transactions.ts).
//
// A transaction is a barrier for its connection: it begins when all earlier replies have come, and nothing runs behind it
// before it is over.

import { assert } from '../base/assert.js';
import { bytesOf } from '../base/bytes.js';
import type { Clock } from '../base/clock.js';
import type { Args } from '../contract/args.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import { ERRORS, wrongArity } from '../contract/errors.js';
import type { CommandCounters } from '../observability/command-counters.js';
import {
  DOES_NOT_WAIT,
  type BlockingSpec,
  type ClientOp,
  type CommandFlag,
  type CommandSpec,
} from '../contract/spec.js';
import { ReplyTooLong, RespEncoder } from '../protocol/resp-encoder.js';
import { FREE, type ShardPart } from '../txn/shard-part.js';
import type { Txn, TxnWorld } from '../txn/txn.js';
import { unknownCommand } from './command-table.js';
import { ERROR_BYTE, type Executor } from './executor.js';
import type { PauseState } from './pause.js';
import type { RequestWindow } from './request-window.js';
import type { MultiQueue, QueuedCommand } from './multi.js';
import { ROUTE_ANYWHERE, ROUTE_SEVERAL, type Router } from './router.js';
import { NO_COMMAND, type Session } from './session.js';
import { Transactions } from './transactions.js';

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
}

/** Ways by which an answer comes later: the session is held until then. */
export interface HeldRoutes {
  /** Runs the transaction and holds the session until its answer stands; done: it stands in `txn.reply` already. */
  transact(session: Session, txn: Txn, drop: boolean): Outcome;
  /** The command must wait for keys of this thread's shard: holds the session until it has run. */
  park(session: Session, obstacle: number, command: Command, args: Args, drop: boolean): void;
  /** The client waits on this thread's shard (with `txn`: where that has put it) for `ms` milliseconds, 0: for ever. */
  block(session: Session, command: Command, args: Args, ms: number, drop: boolean): void;
  /** Runs a blocking command as a transaction; where there is nothing, its client waits as with `block`. */
  transactOrBlock(session: Session, txn: Txn, command: Command, args: Args, ms: number, drop: boolean): Outcome;
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
  readonly held: HeldRoutes;
  /** This thread's own shard; undefined on a thread that only does I/O. */
  readonly own: { readonly executor: Executor; readonly part: ShardPart } | undefined;
  readonly world: TxnWorld;
}

/** What runs at once although a MULTI is open. */
const CONTROLS_MULTI = ['MULTI', 'EXEC', 'DISCARD', 'WATCH', 'QUIT', 'RESET'];

/** What a client with subscriptions may do in RESP2, where a reply and a message look alike. */
const WHILE_SUBSCRIBED = [
  ...['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'UNSUBSCRIBE', 'PUNSUBSCRIBE', 'SUNSUBSCRIBE'],
  ...['PING', 'QUIT', 'RESET'],
];

const ONLY_WHILE_SUBSCRIBED =
  'only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context';

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
  readonly #held: HeldRoutes;
  readonly #executor: Executor | undefined;
  readonly #part: ShardPart | undefined;
  readonly #ownShard: number;
  readonly #shardCount: number;
  readonly #transactions: Transactions;
  readonly #noAuth: boolean[];
  readonly #writes: boolean[];
  readonly #fast: boolean[];
  readonly #noMulti: boolean[];
  readonly #controlsMulti: boolean[];
  readonly #whileSubscribed: boolean[];
  /** A pause of writes stops it. */
  readonly #pausable: boolean[];
  /** Its answers are no replies, or begin the connection anew: CLIENT REPLY leaves them alone. */
  readonly #pushes: boolean[];
  /** Always a transaction, wherever the keys are. */
  readonly #alone: boolean[];

  constructor(options: DispatchOptions) {
    this.#table = options.table;
    this.#router = options.router;
    this.#counters = options.counters;
    this.#pause = options.pause;
    this.#clock = options.clock;
    this.#routes = options.routes;
    this.#held = options.held;
    this.#executor = options.own?.executor;
    this.#part = options.own?.part;
    this.#ownShard = options.own === undefined ? -1 : options.own.executor.shard.id;
    this.#shardCount = options.world.shardCount;
    this.#transactions = new Transactions({
      world: options.world,
      router: options.router,
      ownShard: this.#ownShard,
      exec: {
        runClient: (session, command, args, reply) => this.#runQueuedClient(session, command, args, reply),
        count: (command, reply) => {
          this.#countBeside(command, reply, 0);
        },
      },
    });
    const { all } = options.table;
    const flagged = (flag: CommandFlag): boolean[] => all.map(({ spec }) => spec.flags.includes(flag));
    this.#noAuth = flagged('no_auth');
    this.#writes = flagged('write');
    this.#fast = flagged('fast');
    this.#noMulti = flagged('no_multi');
    this.#controlsMulti = all.map(({ spec, parent }) => parent === undefined && CONTROLS_MULTI.includes(spec.name));
    this.#whileSubscribed = all.map(({ spec, parent }) => parent === undefined && WHILE_SUBSCRIBED.includes(spec.name));
    this.#pausable = all.map(({ spec, id }) => this.#writes[id] || publishes(spec));
    this.#pushes = all.map(({ spec }) => spec.across !== undefined && 'pushes' in spec.across && spec.across.pushes);
    this.#alone = all.map(({ spec }) => spec.across !== undefined && 'alone' in spec.across && spec.across.alone);
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
    session.lastCommandId = id;
    if (arity >= 0 ? args.count !== arity : args.count < -arity) {
      return this.#reject(session, command, out, wrongArity(command.fullName));
    }
    if (!session.authenticated && !this.#noAuth[id]) {
      return this.#reject(session, command, out, ERRORS.noAuth);
    }
    if (session.subscribed && session.protocol === 2 && !this.#whileSubscribed[id]) {
      return this.#refuseSubscribed(session, command, out);
    }
    // What waits for EXEC is held back as well, as Redis does it.
    if (this.#pause.active && this.#pause.stops(this.#pausable[id] || this.#execWrites(session, command))) {
      return OUTCOME.postponed;
    }
    if (session.multi !== undefined && !this.#controlsMulti[id])
      return this.#queue(session, session.multi, command, args, out);
    // What goes over the control bus, or reads other threads' counters, must not overtake what is on its way in the rings.
    if (session.batches.length > 0 && spec.onClient !== undefined && !this.#fast[id]) return OUTCOME.behind;
    session.commandsTotal++;
    if (session.replyMode === 'on') return this.#run(session, command, args, out, false);
    return this.#runMuted(session, command, args, out);
  }

  /** A client with subscriptions asks for what RESP2 does not let it. An EXEC is over with that. */
  #refuseSubscribed(session: Session, { id, fullName, spec }: Command, out: RespEncoder): Outcome {
    this.#counters.rejected(id);
    const reason = `Can't execute '${fullName}': ${ONLY_WHILE_SUBSCRIBED}`;
    if (spec.name !== 'EXEC') return this.#refuse(session, out, `ERR ${reason}`);
    session.discardMulti();
    return this.#refuse(session, out, `EXECABORT Transaction discarded because of: ${reason}`);
  }

  /** MULTI is open: the command waits for EXEC. */
  #queue(session: Session, multi: MultiQueue, command: Command, args: Args, out: RespEncoder): Outcome {
    if (this.#noMulti[command.id]) {
      return this.#reject(session, command, out, 'ERR Command not allowed inside a transaction');
    }
    multi.add(command, args);
    session.commandsTotal++;
    if (session.replyMode === 'on') out.simple('QUEUED');
    return OUTCOME.done;
  }

  /** The transaction that ends all subscriptions of a client that has left. */
  leave(session: Session): Txn {
    return this.#transactions.leave(session);
  }

  /** The transaction that tries a blocked client's command once more. */
  retry(session: Session, command: Command, args: Args): Txn {
    return this.#transactions.again(session, command, args);
  }

  #unknown(session: Session, args: Args, out: RespEncoder): Outcome {
    session.lastCommandId = NO_COMMAND;
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
    if (spec.blocking?.takesAll === true && doesNotWait(spec.blocking, args, out)) {
      return this.#runOnShard(session, command, args, out, drop);
    }
    if (session.batches.length > 0) return OUTCOME.behind;
    if (spec.onEveryShard !== undefined) {
      if (this.#shardCount === 1 && this.#ownShard === 0) return this.#runHere(session, command, args, out, drop);
      return this.#transact(session, command, this.#transactions.everyShard(session, command, args), out, drop);
    }
    if (command.isPlanned) return this.#runAcross(session, command, args, out, drop);
    if (spec.blocking !== undefined) return this.#runBlocking(session, command, args, out, drop);
    assert(spec.across !== undefined && 'queue' in spec.across, 'a resolved command can be run');
    return this.#runExec(session, command, out, drop);
  }

  #runOnShard(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const shard = this.#router.route(command, args, session.db);
    if (shard === ROUTE_ANYWHERE) return this.#runWhereItFails(session, command, args, out, drop);
    if (shard === ROUTE_SEVERAL || this.#alone[command.id]) return this.#runAcross(session, command, args, out, drop);
    if (shard === this.#ownShard) return this.#runHere(session, command, args, out, drop);
    this.#routes.toShard(session, shard, command, args, drop);
    return OUTCOME.done;
  }

  #runHere(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const executor = this.#executor;
    const part = this.#part;
    assert(executor !== undefined && part !== undefined, 'a command runs in place only where there is a shard');
    if (part.holds.active !== 0) {
      const obstacle = part.obstacle(command, args);
      if (obstacle !== FREE) {
        this.#held.park(session, obstacle, command, args, drop);
        return OUTCOME.held;
      }
    }
    out.protocol = session.protocol;
    executor.shard.touchOnAccess = !session.noTouch;
    executor.run(command.id, session.db, args, out);
    return OUTCOME.done;
  }

  // ------------------------------------------------------------------ transactions

  #runAcross(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    if (session.multi !== undefined && !command.isPlanned) {
      // The one such command that MULTI lets through.
      out.error('ERR WATCH inside MULTI is not allowed');
      return OUTCOME.done;
    }
    if (session.batches.length > 0) return OUTCOME.behind;
    return this.#transact(session, command, this.#transactions.across(session, command, args), out, drop);
  }

  #transact(
    session: Session,
    command: Command,
    txn: Txn,
    out: RespEncoder,
    drop: boolean,
    endsWatching = false,
  ): Outcome {
    txn.onAnswer = () => {
      this.#countBeside(command, txn.reply, 0);
      if (endsWatching) session.unwatch();
    };
    const outcome = this.#held.transact(session, txn, drop);
    if (outcome === OUTCOME.done) {
      out.raw(txn.reply.bytes, 0, txn.reply.length);
      txn.releaseReply();
    }
    return outcome;
  }

  #runBlocking(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const { blocking } = command.spec;
    assert(blocking !== undefined, 'the command can wait');
    const mark = out.length;
    out.protocol = session.protocol;
    const ms = blocking.timeoutMs(args, out);
    const shard = Number.isNaN(ms) ? ROUTE_ANYWHERE : this.#router.route(command, args, session.db);
    if (shard === ROUTE_ANYWHERE) {
      out.rewind(mark);
      return this.#runWhereItFails(session, command, args, out, drop);
    }
    const isFree = this.#part?.holds.active === 0;
    if (shard === this.#ownShard && isFree) return this.#blockHere(session, command, args, out, ms, drop);
    const txn = this.#transactions.blocking(session, command, args);
    txn.onAnswer = () => {
      this.#countBeside(command, txn.reply, 0);
    };
    const outcome = this.#held.transactOrBlock(session, txn, command, args, ms, drop);
    if (outcome === OUTCOME.done) out.raw(txn.reply.bytes, 0, txn.reply.length);
    return outcome;
  }

  /** A request that is wrong in itself: any shard says what is wrong. */
  #runWhereItFails(session: Session, command: Command, args: Args, out: RespEncoder, drop: boolean): Outcome {
    const shard = this.#transactions.anywhere;
    if (shard === this.#ownShard) return this.#runHere(session, command, args, out, drop);
    this.#routes.toShard(session, shard, command, args, drop);
    return OUTCOME.done;
  }

  /** A blocking command whose keys are all this thread's: answered at once, or its client waits. */
  #blockHere(session: Session, command: Command, args: Args, out: RespEncoder, ms: number, drop: boolean): Outcome {
    const { blocking } = command.spec;
    const executor = this.#executor;
    assert(blocking !== undefined && executor !== undefined, 'a command that can wait, and a shard');
    const mark = out.length;
    const db = executor.shard.dbs[session.db];
    executor.shard.touchOnAccess = !session.noTouch;
    const keys = blocking.waitKeys(args);
    const tried = blocking.takesAll === true ? keys.slice(0, 1) : keys;
    for (const i of tried) {
      if (!blocking.attempt(db, args, i, out)) continue;
      this.#countBeside(command, out, mark);
      executor.serve();
      return OUTCOME.done;
    }
    this.#held.block(session, command, args, ms, drop);
    this.#countBeside(command, out, out.length);
    return OUTCOME.held;
  }

  #runExec(session: Session, command: Command, out: RespEncoder, drop: boolean): Outcome {
    const { multi } = session;
    if (multi === undefined) return this.#refuse(session, out, 'ERR EXEC without MULTI');
    if (multi.aborted) {
      session.discardMulti();
      return this.#refuse(session, out, 'EXECABORT Transaction discarded because of previous errors.');
    }
    session.multi = undefined;
    if (this.#canExecHere(session, multi)) {
      const mark = out.length;
      this.#execHere(session, multi, out);
      this.#countBeside(command, out, mark);
      session.unwatch();
      return OUTCOME.done;
    }
    const txn = this.#transactions.exec(session, multi);
    return this.#transact(session, command, txn, out, drop, true);
  }

  /** True when all of the queue runs on this thread's shard, at once, and nothing stands in its way. */
  #canExecHere(session: Session, { commands }: MultiQueue): boolean {
    const part = this.#part;
    if (part === undefined || session.watching?.isElsewhere(this.#ownShard) === true) return false;
    return commands.every((queued) => this.#runsHere(session, queued, part));
  }

  #runsHere(session: Session, { command, args }: QueuedCommand, part: ShardPart): boolean {
    const { spec, id } = command;
    if (command.isPlanned) return false;
    if (spec.onClient !== undefined) return this.#fast[id];
    const isFree = part.holds.active === 0;
    // What looks at a shard as a whole.
    if (spec.keys === undefined && spec.channels === undefined) return this.#shardCount === 1 && isFree;
    if (this.#router.route(command, args, session.db) !== this.#ownShard) return false;
    return isFree || part.obstacle(command, args) === FREE;
  }

  /** EXEC on this thread's shard: atomic because nothing else runs meanwhile. */
  #execHere(session: Session, { commands }: MultiQueue, out: RespEncoder): void {
    const { watching } = session;
    const part = this.#part;
    const executor = this.#executor;
    assert(part !== undefined && executor !== undefined, 'the shard is here');
    out.protocol = session.protocol;
    if (watching !== undefined && !part.checkWatched(session.place, watching.value)) {
      out.nilArray();
      return;
    }
    out.array(commands.length);
    for (const queued of commands) this.#runQueuedHere(session, queued, executor, out);
    executor.serve();
  }

  #runQueuedHere(session: Session, { command, args }: QueuedCommand, executor: Executor, out: RespEncoder): void {
    out.protocol = session.protocol;
    executor.shard.touchOnAccess = !session.noTouch;
    const op = command.spec.onClient;
    if (op === undefined) {
      executor.runPart(command.id, session.db, args, out, true);
      return;
    }
    const mark = out.length;
    const settled = op(session, args, out);
    assert(settled === undefined, 'a fast command answers at once');
    this.#countBeside(command, out, mark);
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
    this.#held.hold(session, reply, settled.then(ended), drop);
    return OUTCOME.held;
  }

  /** A command beside the connection as a part of EXEC; `reply` is its own. */
  #runQueuedClient(session: Session, command: Command, args: Args, reply: RespEncoder): void | Promise<void> {
    const op = command.spec.onClient;
    assert(op !== undefined, 'the command runs beside the connection');
    const settled = this.#startOnClient(op, session, args, reply);
    if (settled === undefined) {
      this.#countBeside(command, reply, 0);
      return undefined;
    }
    return settled.then(() => {
      this.#countBeside(command, reply, 0);
    });
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
    // RESET ends what is off; a skip it does not outlive, and its answer falls to that.
    const skipsReset = before === 'skip' && command.spec.name === 'RESET';
    const drop = !this.#pushes[command.id] || skipsReset;
    const outcome = this.#run(session, command, args, out, drop);
    if (outcome === OUTCOME.behind) {
      session.replyMode = before; // it comes again
      return outcome;
    }
    // What stood in `out` before may have moved to a batch: then there is nothing to take back.
    if (drop && (session.replyMode !== 'on' || skipsReset) && out.length > mark) out.rewind(mark);
    if (session.replyMode === 'skipping') session.replyMode = 'on';
    return outcome;
  }

  /** The command exists and is not run. An EXEC ends its transaction even so. */
  #reject(session: Session, command: Command, out: RespEncoder, message: string): Outcome {
    this.#counters.rejected(command.id);
    if (!this.#isExec(command)) return this.#refuse(session, out, message);
    session.discardMulti();
    return this.#refuse(session, out, `EXECABORT Transaction discarded because of: ${message.replace(/^ERR /, '')}`);
  }

  #refuse(session: Session, out: RespEncoder, message: string): Outcome {
    if (session.multi !== undefined) session.multi.aborted = true;
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

  /** True for an EXEC that would run a command that writes. */
  #execWrites({ multi }: Session, command: Command): boolean {
    if (multi === undefined || !this.#isExec(command)) return false;
    return multi.commands.some(({ command }) => this.#pausable[command.id]);
  }

  #isExec({ spec }: Command): boolean {
    return spec.across !== undefined && 'queue' in spec.across;
  }
}

/** PUBLISH and SPUBLISH, which Redis takes for a write when writes are paused. */
function publishes({ channels, onShard, internal }: CommandSpec): boolean {
  return channels?.writes === true && onShard !== undefined && internal !== true;
}

/** The request of a command that can wait does not ask to. */
function doesNotWait(blocking: BlockingSpec, args: Args, out: RespEncoder): boolean {
  const mark = out.length;
  const ms = blocking.timeoutMs(args, out);
  out.rewind(mark);
  return ms === DOES_NOT_WAIT;
}
