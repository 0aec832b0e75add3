// One client connection of this thread: its protocol state (what commands see as Client), its unparsed input, and the
// batches of replies it waits for.

import { NO_BYTES } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import type { Client, ServerPort } from '../contract/client.js';
import type { Subscriptions } from '../contract/pubsub.js';
import type { Connection } from '../net/transport.js';
import { DecodeProgress } from '../protocol/request-decoder.js';
import type { Blocked } from './blocked.js';
import { MultiQueue, Watching } from './multi.js';
import type { Receiver } from './outbox.js';
import type { ReplyBatch } from './reply-batch.js';
import type { Subscriber } from './subscribers.js';

/** An input buffer up to this size stays with its connection between requests. */
const KEEP_INPUT_BYTES_MAX = 4 * 1024;
const INPUT_BYTES_MIN = 1024;
/** What messages that must wait start with. */
const LATE_BYTES = 1024;

/** What the front does for a session's commands. */
export interface SessionHost {
  readonly server: ServerPort;
  describe(session: Session): string;
  /** True when clients start authenticated (no password is set). */
  startsAuthenticated(): boolean;
  /** A place among the words that all threads share. */
  takePlace(): number;
  openClaim(place: number): number;
  openWatch(place: number): number;
  /** Where the session's subscriptions are kept. */
  openSubscriptions(session: Session): Subscriptions;
  /** Tells the shards that the session watches nothing any more. */
  endWatching(session: Session, watching: Watching): void;
}

/** `lastCommandId` before the first command, and after an unknown one. */
export const NO_COMMAND = -1;

/** No place was taken. */
const NO_PLACE = -1;

export class Session implements Client, Receiver, Subscriber {
  readonly id: number;
  readonly connection: Connection;
  readonly connectedAtMs: number;
  db = 0;
  protocol: 2 | 3 = 2;
  name = '';
  libName = '';
  libVersion = '';
  user = 'default';
  authenticated: boolean;
  noEvict = false;
  noTouch = false;
  replyMode: 'on' | 'off' | 'skip' | 'skipping' = 'on';

  /** Id of the command that came last, NO_COMMAND where there is none of that name; when it came. */
  lastCommandId = NO_COMMAND;
  lastActiveMs: number;

  /** Unparsed bytes `input[inputStart, inputEnd)`. */
  input: Uint8Array = NO_BYTES;
  inputStart = 0;
  inputEnd = 0;
  /** Where the decoder stands within an unfinished request. */
  readonly progress = new DecodeProgress();

  /** What MULTI has opened. */
  multi: MultiQueue | undefined = undefined;
  watching: Watching | undefined = undefined;
  /** Waits for a key to have something for it. */
  blocked: Blocked | undefined = undefined;
  subscribed = false;
  confirming = false;
  #subscriptions: Subscriptions | undefined = undefined;
  /** Messages that came while it was confirming: they go out behind the confirmation. */
  lateMessages: GrowingBytes | undefined = undefined;
  /** A transaction of its own is under way. */
  inTransaction = false;
  /** Its place among the words that all threads share; NO_PLACE until it first watches or waits. */
  place = NO_PLACE;

  /** Waits for a reply before the rest of its pipeline runs; its socket is paused. */
  held = false;
  /** Waits for CLIENT UNPAUSE or the end of the pause. */
  postponed = false;
  /** Waits until all owed replies have left before its next command runs. */
  behind = false;
  /** Closes when all replies have left; parses nothing more. */
  closing = false;
  gone = false;
  /** Its connection is being destroyed: nothing more is written. */
  killed = false;

  /** Batches in the order in which their replies leave; the open one, if any, is last. */
  readonly batches: ReplyBatch[] = [];
  nextBatchId = 0;

  outboxSegment = -1;
  /** Since when the output stands above the soft limit, Unix ms; 0: it does not. */
  overSoftLimitSinceMs = 0;
  inputBytesTotal = 0;
  outputBytesTotal = 0;
  commandsTotal = 0;

  readonly #host: SessionHost;

  constructor(id: number, connection: Connection, host: SessionHost, nowMs: number) {
    this.id = id;
    this.connection = connection;
    this.#host = host;
    this.connectedAtMs = nowMs;
    this.lastActiveMs = nowMs;
    this.authenticated = host.startsAuthenticated();
  }

  get type(): 'normal' | 'pubsub' {
    return this.subscribed ? 'pubsub' : 'normal';
  }

  get subscriptions(): Subscriptions {
    this.#subscriptions ??= this.#host.openSubscriptions(this);
    return this.#subscriptions;
  }

  get server(): ServerPort {
    return this.#host.server;
  }

  get address(): string {
    return this.connection.remoteAddress;
  }

  get localAddress(): string {
    return this.connection.localAddress;
  }

  get hasPlace(): boolean {
    return this.place !== NO_PLACE;
  }

  #ensurePlace(): number {
    if (this.place === NO_PLACE) this.place = this.#host.takePlace();
    return this.place;
  }

  /** Names a wait that begins. */
  openClaim(): number {
    return this.#host.openClaim(this.#ensurePlace());
  }

  /** What the session watches; begun when it watches nothing yet. */
  beginWatching(): Watching {
    this.watching ??= new Watching(this.#host.openWatch(this.#ensurePlace()));
    return this.watching;
  }

  beginMulti(): boolean {
    if (this.multi !== undefined) return false;
    this.multi = new MultiQueue();
    return true;
  }

  discardMulti(): boolean {
    if (this.multi === undefined) return false;
    this.multi = undefined;
    this.unwatch();
    return true;
  }

  unwatch(): void {
    const { watching } = this;
    if (watching === undefined) return;
    this.watching = undefined;
    this.#host.endWatching(this, watching);
  }

  closeAfterReply(): void {
    this.closing = true;
  }

  reset(): void {
    this.multi = undefined;
    this.unwatch();
    this.db = 0;
    this.protocol = 2;
    this.name = '';
    this.noEvict = false;
    this.noTouch = false;
    this.replyMode = 'on';
    this.user = 'default';
    this.authenticated = this.#host.startsAuthenticated();
  }

  describe(): string {
    return this.#host.describe(this);
  }

  /** The batch that the running pass (or a held command) still adds to. */
  get openBatch(): ReplyBatch | undefined {
    const { batches } = this;
    if (batches.length === 0) return undefined;
    const last = batches[batches.length - 1];
    return last.closed ? undefined : last;
  }

  /** Bytes that wait to be parsed. */
  get inputLength(): number {
    return this.inputEnd - this.inputStart;
  }

  /** Keeps `bytes[start, end)` for later, behind what is already kept. `needed`: bytes the request is known to have in all. */
  keepInput(bytes: Uint8Array, start: number, end: number, needed: number): void {
    const kept = this.inputLength;
    const length = kept + end - start;
    const room = Math.max(length, needed, INPUT_BYTES_MIN);
    if (this.inputStart + room > this.input.length) {
      // A known size is taken exactly; an unknown one doubles, so that many pieces are not copied for each of them.
      const fits = room <= this.input.length;
      const grown = fits ? this.input : new Uint8Array(needed >= length ? room : length * 2);
      if (fits) grown.copyWithin(0, this.inputStart, this.inputEnd);
      else grown.set(this.input.subarray(this.inputStart, this.inputEnd));
      this.input = grown;
      this.inputStart = 0;
      this.inputEnd = kept;
    }
    this.input.set(bytes.subarray(start, end), this.inputEnd);
    this.inputEnd += end - start;
  }

  /** Keeps a push until the confirmation that is due has left. */
  keepMessage(push: Uint8Array, length: number): void {
    this.lateMessages ??= new GrowingBytes(LATE_BYTES);
    this.lateMessages.append(push, 0, length);
  }

  /** Everything up to `at` (an offset into `input`) is parsed. */
  consumeInput(at: number): void {
    this.inputStart = at;
    if (at < this.inputEnd) return;
    this.inputStart = 0;
    this.inputEnd = 0;
    if (this.input.length > KEEP_INPUT_BYTES_MAX) this.input = NO_BYTES;
  }
}
