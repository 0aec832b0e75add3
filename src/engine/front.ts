// The client connections of one thread: reads, parses, and passes requests through the gate.
//
//   onData -> decode -> dispatch -> replies (in place) | proxies (foreign shards) | held clients (answers later)
//
// What comes back is `replies.ts`, who waits for an answer `held-clients.ts`, what is published `messages.ts`.
//
// (1) While a session is held its socket is paused, and its input is kept; one that is postponed or blocked is read on, so
//     that its leaving is seen.

import { assert } from '../base/assert.js';
import { isLocalAddress } from '../base/addresses.js';
import type { Clock } from '../base/clock.js';
import type { EventLoop } from '../base/event-loop.js';
import type { Args } from '../contract/args.js';
import type { ServerPort } from '../contract/client.js';
import type { Subscriptions } from '../contract/pubsub.js';
import type { Command, CommandTable } from '../contract/command-table.js';
import type { AcceptBalance } from '../fabric/accept-balance.js';
import { LANE_REQUEST, type Mesh } from '../fabric/mesh.js';
import type { Connection, ConnectionHandler } from '../net/transport.js';
import type { CommandCounters } from '../observability/command-counters.js';
import { FAILED, INCOMPLETE, RequestDecoder } from '../protocol/request-decoder.js';
import type { LiveValues } from '../config/live.js';
import type { Log } from '../observability/log.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { describeSession } from './client-list.js';
import { Dispatcher, OUTCOME, type DispatchRoutes } from './dispatch.js';
import type { Executor } from './executor.js';
import { HeldClients } from './held-clients.js';
import { Messages } from './messages.js';
import type { Watching } from './multi.js';
import { PauseState } from './pause.js';
import { FLUSH_OUT_BYTES, Replies } from './replies.js';
import { RequestWindow } from './request-window.js';
import { Router } from './router.js';
import { Session, type SessionHost } from './session.js';
import { ShardProxy } from './shard-proxy.js';
import { FORGET_WATCH } from '../txn/hop-layout.js';
import type { Coordinator } from '../txn/coordinator.js';
import type { ShardPart } from '../txn/shard-part.js';
import type { TxnWorld } from '../txn/txn.js';
import type { ClientWords } from '../fabric/client-words.js';

const CLOSE_POLL_MS = 10;
/** Batches of a connection that may wait for replies; then it is not read until some have come. */
const BATCHES_MAX = 64;
export interface FrontOptions {
  readonly server: ServerPort;
  readonly table: CommandTable;
  readonly counters: CommandCounters;
  readonly live: LiveValues;
  readonly log: Log;
  readonly clock: Clock;
  readonly loop: EventLoop;
  readonly hashSeed: number;
  /** This thread's shard; undefined on a thread that only does I/O. */
  readonly own: { readonly executor: Executor; readonly part: ShardPart } | undefined;
  readonly world: TxnWorld;
  readonly coordinator: Coordinator;
  readonly clientWords: ClientWords;
  readonly mesh: Mesh;
  readonly balance: AcceptBalance;
  /** A new id, unique over all threads. */
  readonly nextClientId: () => number;
  /** Commands were queued on the mesh: a cycle must come. */
  readonly kick: () => void;
}

const PROTECTED_MODE =
  'DENIED Anax is running in protected mode because protected mode is enabled and no password is set for the default ' +
  'user. In this mode connections are only accepted from the loopback interface. To connect from other machines set a ' +
  "password ('requirepass'), or switch protected mode off with 'CONFIG SET protected-mode no' from this machine or with " +
  "'--protected-mode no' at start, and make sure that the server is not reachable from outside.";

export class Front implements SessionHost, DispatchRoutes {
  readonly server: ServerPort;
  readonly pause: PauseState;
  readonly sessions = new Map<number, Session>();
  readonly replies: Replies;
  readonly messages: Messages;
  readonly held: HeldClients;

  readonly #options: FrontOptions;
  readonly #decoder: RequestDecoder;
  readonly #window: RequestWindow;
  readonly #dispatcher: Dispatcher;
  readonly #proxies: (ShardProxy | undefined)[] = [];
  /** Sessions whose sockets stand still because a ring is full. */
  readonly #congested = new Set<Session>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.server = options.server;
    this.#decoder = new RequestDecoder(options.live);
    this.#window = new RequestWindow(options.hashSeed);
    this.pause = new PauseState(options.loop, (session) => {
      session.postponed = false;
      this.#continue(session);
    });
    const { own, world, mesh } = options;
    const { shardCount } = world;
    const { sessions } = this;
    this.replies = new Replies({
      ...options,
      shardCount,
      sessions,
      kill: (session) => {
        this.kill(session);
      },
      emptied: (session) => {
        this.#emptied(session);
      },
    });
    this.messages = new Messages({
      ...options,
      shardCount,
      replies: this.replies,
      leave: (session) => this.#dispatcher.leave(session),
    });
    this.held = new HeldClients({
      ...options,
      shardCount,
      sessions,
      core: mesh.self,
      replies: this.replies,
      messages: this.messages,
      retry: (session, command, args) => this.#dispatcher.retry(session, command, args),
      goOn: (session) => {
        this.#continue(session);
      },
      giveBack: (session) => {
        this.#giveBack(session);
      },
    });
    const ownShard = own === undefined ? -1 : own.executor.shard.id;
    for (let shard = 0; shard < shardCount; shard++) {
      this.#proxies.push(shard === ownShard ? undefined : new ShardProxy(mesh, shard));
    }
    this.#dispatcher = new Dispatcher({
      table: options.table,
      router: new Router(options.table, options.server.topology),
      counters: options.counters,
      pause: this.pause,
      clock: options.clock,
      routes: this,
      held: this.held,
      own,
      world,
    });
  }

  // ------------------------------------------------------------------ connections come and go

  /** Takes an accepted connection; undefined when `maxclients` stand already. */
  accept(connection: Connection): ConnectionHandler | undefined {
    const { balance, counters, live, clock } = this.#options;
    if (balance.total() >= live.maxclients) {
      counters.add('connectionsRejected', 1);
      this.#turnAway(connection, 'ERR max number of clients reached');
      return undefined;
    }
    if (live.protectedMode && live.password.length === 0 && !isLocalAddress(connection.remoteAddress)) {
      this.#turnAway(connection, PROTECTED_MODE);
      return undefined;
    }
    const session = new Session(this.#options.nextClientId(), connection, this, clock.nowMs());
    this.sessions.set(session.id, session);
    counters.add('connectionsReceived', 1);
    counters.add('connectedClients', 1);
    balance.accepted();
    return {
      onData: (bytes, length) => {
        this.#onData(session, bytes, length);
      },
      onEnd: () => {
        this.#onEnd(session);
      },
      onDrained: () => {
        session.overSoftLimitSinceMs = 0;
      },
      onClose: () => {
        this.#onClose(session);
      },
    };
  }

  /** Tells a connection why it is not taken; the listener closes it when that has left. */
  #turnAway(connection: Connection, message: string): void {
    const reply = new RespEncoder();
    reply.error(message);
    connection.write(reply.bytes, 0, reply.length);
  }

  /** Ends a connection at once. */
  kill(session: Session): void {
    session.closing = true;
    session.killed = true;
    this.held.leave(session);
    session.connection.destroy();
  }

  describe(session: Session): string {
    return describeSession(session, this.#options.table, this.#options.clock.nowMs());
  }

  /** CLIENT UNBLOCK; true: the client was blocked. */
  unblock(id: number, withError: boolean): boolean {
    const session = this.sessions.get(id);
    return session !== undefined && this.held.unblock(session, withError);
  }

  takePlace(): number {
    return this.#options.clientWords.takePlace();
  }

  openClaim(place: number): number {
    return this.#options.clientWords.openClaim(place);
  }

  openWatch(place: number): number {
    this.#options.counters.add('watchingClients', 1);
    return this.#options.clientWords.openWatch(place);
  }

  openSubscriptions(session: Session): Subscriptions {
    return this.messages.open(session);
  }

  endWatching(session: Session, { shards }: Watching): void {
    this.#options.counters.add('watchingClients', -1);
    this.#options.coordinator.forget(shards, session.place, FORGET_WATCH);
  }

  startsAuthenticated(): boolean {
    return this.#options.live.password.length === 0;
  }

  /** The peer has ended its side: what it asked for is still answered, then the connection closes. */
  #onEnd(session: Session): void {
    // Who waits for a key, or for the end of a pause, and hangs up does not wait any more.
    if (session.blocked !== undefined || session.postponed) {
      this.kill(session);
      return;
    }
    session.closing = true;
    if (session.batches.length === 0) this.#close(session);
  }

  #onClose(session: Session): void {
    session.gone = true;
    session.closing = true;
    this.sessions.delete(session.id);
    this.#congested.delete(session);
    this.pause.forget(session);
    this.#options.balance.closed();
    this.#options.counters.add('connectedClients', -1);
    session.batches.length = 0;
    this.held.leave(session);
    // What a transaction of its own still needs is given back when that is over.
    if (!session.inTransaction) this.#giveBack(session);
  }

  #giveBack(session: Session): void {
    session.multi = undefined;
    session.unwatch();
    if (session.subscribed) this.messages.end(session);
    if (session.hasPlace) this.#options.clientWords.givePlace(session.place);
  }

  // ------------------------------------------------------------------ a pass over the input

  #onData(session: Session, bytes: Uint8Array, length: number): void {
    const { counters, clock } = this.#options;
    counters.add('reads', 1);
    counters.add('netInputBytes', length);
    session.inputBytesTotal += length;
    session.lastActiveMs = clock.nowMs();
    if (session.closing) return;
    if (session.inputLength === 0 && !session.held && !session.postponed && !session.behind) {
      this.#pass(session, bytes, 0, length, false);
      return;
    }
    session.keepInput(bytes, 0, length, session.progress.bytesNeeded);
    if (session.inputLength > this.#options.live.queryBufferBytesMax) {
      counters.add('queryBufferDisconnections', 1);
      this.kill(session);
      return;
    }
    this.#continue(session);
  }

  /** Parses what the session has kept. */
  #continue(session: Session): void {
    if (session.held || session.postponed || session.behind || session.closing) return;
    session.connection.resume();
    if (session.inputLength > 0) this.#pass(session, session.input, session.inputStart, session.inputEnd, true);
  }

  /** Runs the requests in `bytes[start, end)`; `kept`: they are the session's own input. */
  #pass(session: Session, bytes: Uint8Array, start: number, end: number, kept: boolean): void {
    const { replies, messages } = this;
    const { out } = replies;
    const window = this.#window;
    const dispatcher = this.#dispatcher;
    replies.mark = out.length;
    replies.isPassing = true;
    this.#options.own?.executor.begin();
    let at = start;
    let going = true;
    while (at < end) {
      window.fill(this.#decoder, this.#options.table, session, bytes, at, end);
      if (window.count > 1) dispatcher.warm(window);
      at = window.end;
      for (let i = 0; i < window.count; i++) {
        const { command, args, start: requestStart, next } = window.requests[i];
        const replyAt = out.length;
        const outcome = dispatcher.dispatch(session, command, args, out);
        if (messages.hasPublished) messages.handOutPublished(session, replyAt);
        if (session.confirming && outcome === OUTCOME.done) messages.confirmed(session);
        if (outcome === OUTCOME.postponed) this.#postpone(session);
        else if (outcome === OUTCOME.behind) this.#waitBehind(session);
        going = outcome === OUTCOME.done && !session.closing;
        if (!going) {
          const ran = outcome === OUTCOME.done || outcome === OUTCOME.held;
          at = ran ? next : requestStart;
          session.progress.reset();
          break;
        }
        if (out.length >= FLUSH_OUT_BYTES) replies.leaveEarly(session);
      }
      if (!going || window.status === INCOMPLETE) break;
      if (window.status === FAILED) {
        this.#failProtocol(session);
        break;
      }
    }
    this.#options.own?.executor.end();
    replies.isPassing = false;
    if (kept) session.consumeInput(at);
    else if (at < end && !session.closing) session.keepInput(bytes, at, end, session.progress.bytesNeeded);
    this.#endPass(session);
  }

  /** A request against the protocol: an error, and the end of the connection. */
  #failProtocol(session: Session): void {
    const { out } = this.replies;
    const mark = out.length;
    out.error(`ERR ${this.#decoder.error}`);
    this.#options.counters.errorReply(out.bytes, mark, out.length);
    session.closing = true;
  }

  #endPass(session: Session): void {
    if (!this.replies.endPass(session)) {
      if (session.closing) this.#close(session);
      return;
    }
    for (const proxy of this.#proxies) proxy?.send();
    this.#options.kick();
    this.replies.emitComplete(session);
    this.#minding(session);
  }

  /** Nothing is owed to the client any more. */
  #emptied(session: Session): void {
    if (session.behind) {
      session.behind = false;
      this.#continue(session);
    }
    if (session.closing) this.#close(session);
  }

  /** The next command runs when the replies that are owed to this connection have left. */
  #waitBehind(session: Session): void {
    session.behind = true;
    session.connection.pause();
  }

  #postpone(session: Session): void {
    session.postponed = true;
    this.pause.wait(session);
  }

  // ------------------------------------------------------------------ ways out of the gate (DispatchRoutes)

  turnAwayHttp(session: Session): void {
    this.#options.log.warn(
      `Possible SECURITY ATTACK detected: a POST or Host: line from ${session.address}. It looks like somebody sends HTTP ` +
        'to Anax, probably to run commands on it from a browser. The connection is closed.',
    );
    this.replies.out.rewind(this.replies.mark);
    this.kill(session);
  }

  toShard(session: Session, shard: number, command: Command, args: Args, drop: boolean): void {
    const proxy = this.#proxies[shard];
    assert(proxy !== undefined, 'a foreign shard has a proxy');
    const batch = this.replies.expect(session, shard, drop);
    this.#options.counters.add('remoteCommands', 1);
    const { hashedArgument } = command;
    const hash = hashedArgument > 0 && hashedArgument < args.count ? args.hash(hashedArgument) : 0;
    proxy.append(command.id, args, hash, session, batch.id);
  }

  // ------------------------------------------------------------------ output and back-pressure

  /** Ends a connection in order: what is written for it leaves first. */
  #close(session: Session): void {
    this.replies.flush();
    session.connection.close();
  }

  /** A session stops reading while a ring on its way is full. */
  #minding(session: Session): void {
    if (session.held) return;
    if (session.batches.length < BATCHES_MAX && !this.#isCongested) return;
    session.connection.pause();
    this.#congested.add(session);
  }

  /** Requests, or messages that this thread's shard has published, wait for room in a ring. */
  get #isCongested(): boolean {
    return this.#options.mesh.anyCongested(LANE_REQUEST) || this.#options.own?.part.messagesWait === true;
  }

  /** Called once per cycle: lets paused sessions read again when the rings have room. */
  relieve(): void {
    if (this.#congested.size === 0 || this.#isCongested) return;
    for (const session of [...this.#congested]) {
      if (session.batches.length >= BATCHES_MAX) continue;
      this.#congested.delete(session);
      if (!session.held && !session.postponed && !session.behind) session.connection.resume();
    }
  }

  /** Called once a second: idle clients and clients over the soft output limit are closed. */
  everySecond(): void {
    const { live, clock } = this.#options;
    const idleMsMax = live.idleTimeoutSeconds * 1000;
    const nowMs = clock.nowMs();
    for (const session of this.sessions.values()) {
      if (session.overSoftLimitSinceMs !== 0) this.replies.checkLimit(session);
      // Who waits or listens is not idle.
      const waits = session.blocked !== undefined || session.postponed;
      const isIdle = !waits && !session.subscribed && nowMs - session.lastActiveMs > idleMsMax;
      if (idleMsMax > 0 && isIdle) this.kill(session);
    }
  }

  /** Bytes that wait in buffers of this thread's connections, in all and at the largest one. */
  bufferBytes(): { input: number; output: number; largestInput: number; largestOutput: number } {
    const sums = { input: 0, output: 0, largestInput: 0, largestOutput: 0 };
    for (const session of this.sessions.values()) {
      const input = session.input.length;
      const output = session.connection.queuedBytes;
      sums.input += input;
      sums.output += output;
      sums.largestInput = Math.max(sums.largestInput, input);
      sums.largestOutput = Math.max(sums.largestOutput, output);
    }
    return sums;
  }

  /** Sends what is queued and closes all connections; resolves when they are gone. */
  async closeAll(): Promise<void> {
    for (const session of this.sessions.values()) {
      session.closing = true;
      // Who waits for an answer that only this server's life could bring is not waited for.
      if (session.batches.length === 0 || session.held) this.#close(session);
    }
    while (this.sessions.size > 0) {
      await new Promise<void>((resolve) => this.#options.loop.after(CLOSE_POLL_MS, resolve));
    }
  }
}
