// Is this history one that a single-threaded Redis could have given? A judge that sees only what clients see: requests as
// their last byte is sent, replies as they are read, the clock, and when everything stands still.
//
//   invoke, respond, abandon, advance, quiesce     in the order in which they happened, as they happen
//
// It judges when everything stands still, or when `judge` is called: by then nearly all replies are known, and no order has to
// be followed in which an operation gets another reply than it will (that keeps the orders few).
//
// Just-in-time linearization (Lowe, "Testing for linearizability", 2017): the judge follows all configurations that may be
// (configuration.ts), in components that do not depend on each other (component.ts). A response that no configuration
// can give is a violation. Expiry, blocking pops and their rules: configuration.ts.
//
// What one client may rely on: operations on a common key take effect in the order of its requests; `isBarrier` ones, and
// whatever comes behind a blocking one, in the order of all its requests.

import { dbOf, keyId, nameOf, type KeyId } from './cells.js';
import { Component, TooManyConfigurations } from './component.js';
import { replyIn, type Operation } from './configuration.js';
import { History, shown } from './history.js';
import { keysOf, type Call, type Work } from './model.js';

/** Clients that the masks of WATCH tell apart. */
export const CLIENT_SLOTS = 31;

const CONFIGURATIONS_MAX = 3000;
const SHOWN_CONFIGURATIONS = 6;
/** Commands and options that set a deadline. */
const DEADLINE = /^PEXPIRE$/i;
const TTL = /^[EP]X$/i;
const SWAPDB = /^SWAPDB$/i;

/** The history cannot have come from a correct server. */
export class Violation extends Error {
  override readonly name = 'Violation';
  readonly step: number;

  constructor(message: string, step: number) {
    super(message);
    this.step = step;
  }
}

/** What the judge must be told about an operation because it depends on where keys live. */
export interface Traits {
  /** It goes to several shards: its client's earlier operations come before it, and its later ones behind. */
  readonly isBarrier: boolean;
  /** A blocking move between shards. */
  readonly isLate: boolean;
  /** For reports. */
  readonly text: string;
}

/** Something that clients saw, to be judged. */
interface Event {
  readonly step: number;
  /** The history up to it. */
  readonly length: number;
  readonly ms: number;
  readonly judge: () => void;
}

export class Checker {
  readonly history = new History();
  /** A transaction: an EXEC, or something over several shards. */
  readonly stats = { operations: 0, transactions: 0, configurationsMax: 0, blocked: 0 };
  readonly #componentOf = new Map<KeyId, Component>();
  /** The component with a global operation on its way: all keys belong to it. */
  #whole: Component | undefined;
  /** Operations without a reply, by client. */
  readonly #outstanding: Operation[][] = Array.from({ length: CLIENT_SLOTS }, () => []);
  readonly #barriers = new Set<Operation>();
  #nextId = 1;
  #nowMs = 0;
  /** What has happened since it last judged. */
  #events: Event[] = [];
  /** What is judged. */
  #event: Event | undefined;
  #deadClients = 0;
  #usesDeadlines = false;
  /** Databases that some SWAPDB has named. */
  readonly #swapped = new Set<number>();

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The clock stands at `nowMs` from here on. */
  advance(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** A client has sent all of a request that comes to `work`. */
  invoke(client: number, work: Work, traits: Traits): Operation {
    const used = keysOf(work);
    const isGlobal = used === 'all';
    // What touches no key is still in order with its client's other operations.
    const keys = isGlobal || used.length === 0 ? [`c:${client}`] : used;
    const calls = callsOf(work);
    const setsDeadlines = calls.some(({ args }) => DEADLINE.test(args[0]) || args.some((word) => TTL.test(word)));
    const operation: Operation = {
      id: this.#nextId++,
      client,
      work,
      text: traits.text,
      keys,
      isGlobal,
      isReadOnly: calls.length > 0 && !watches(work) && calls.every(({ command }) => command.readOnly === true),
      isBlocking: work.kind === 'call' && /^BL|^BR/i.test(work.call.args[0]),
      isLate: traits.isLate,
      setsDeadlines,
      after: this.#outstanding[client].filter(
        (earlier) => traits.isBarrier || isGlobal || this.#precedes(earlier, keys),
      ),
      invokedMs: this.#nowMs,
      wait: undefined,
      reply: undefined,
      isSettled: false,
      isOrphan: false,
      inLineMs: Infinity,
    };
    if (traits.isBarrier) this.#barriers.add(operation);
    this.#usesDeadlines ||= setsDeadlines;
    this.#outstanding[client].push(operation);
    this.stats.operations++;
    if (work.kind === 'exec' || traits.isBarrier) this.stats.transactions++;
    this.history.add(this.#nowMs, `client ${client} asks    #${operation.id} ${shown(traits.text)}`, operation);
    this.#happens(() => {
      this.#place(operation);
    });
    return operation;
  }

  /** A client has read the reply to an operation. */
  respond(operation: Operation, reply: string): void {
    operation.reply = reply;
    this.#forget(operation);
    this.history.add(this.#nowMs, `client ${operation.client} gets    #${operation.id} ${shown(reply)}`, operation);
    this.#happens(() => {
      this.#judgeReply(operation, reply);
    });
  }

  #judgeReply(operation: Operation, reply: string): void {
    const component = this.#at(operation);
    const before = [...component.configurations.values()];
    component.respond(operation, this.#judgedMs);
    if (component.configurations.size === 0) {
      const told = `no order of operations gives '${shown(reply)}' for #${operation.id} ${shown(operation.text)}`;
      throw this.#violation(told, component, before);
    }
    this.stats.configurationsMax = Math.max(this.stats.configurationsMax, component.configurations.size);
    this.#fallApart(component);
  }

  /** A client's connection is gone: what it asked for last may happen or not. Its number is free after `quiesce`. */
  abandon(client: number): void {
    this.history.add(this.#nowMs, `client ${client} leaves`);
    const lost = [...this.#outstanding[client]];
    this.#happens(() => {
      this.#deadClients |= 1 << client;
      for (const operation of lost) operation.isOrphan = true;
    });
  }

  #happens(judge: () => void): void {
    const { step, length } = this.history;
    this.#events.push({ step, length, ms: this.#nowMs, judge });
  }

  /** Judges what has happened so far. */
  judge(): void {
    const events = this.#events;
    this.#events = [];
    for (const event of events) {
      this.#event = event;
      event.judge();
    }
    this.#event = undefined;
  }

  get #judgedMs(): number {
    return this.#event?.ms ?? this.#nowMs;
  }

  /**
   * Nothing is on its way any more: every operation has its reply, or waits in line for something that is not there.
   */
  quiesce(): void {
    this.judge();
    for (const ofClient of [...this.#outstanding]) {
      for (const operation of [...ofClient]) {
        if (operation.isOrphan) {
          this.#forget(operation);
          continue;
        }
        this.#mustRest(operation);
        break; // what stands behind one that waits is not answered, rightly
      }
    }
    for (const component of new Set(this.#componentOf.values())) {
      const before = [...component.configurations.values()];
      component.quiesce(this.#nowMs, this.#deadClients);
      if (component.configurations.size === 0) {
        throw this.#violation(
          'everything stands still, and somebody waits who should have been served',
          component,
          before,
        );
      }
      this.#fallApart(component);
    }
    this.#deadClients = 0;
  }

  /** Only who may wait is without a reply. */
  #mustRest(operation: Operation): void {
    const { work, inLineMs } = operation;
    const component = this.#at(operation);
    if (!operation.isBlocking || work.kind !== 'call') {
      throw this.#violation(`no reply to #${operation.id} ${shown(operation.text)}`, component);
    }
    const { wait } = operation;
    if (wait !== undefined && inLineMs + wait.timeoutMs < this.#nowMs) {
      throw this.#violation(`#${operation.id} ${shown(operation.text)} waits beyond its timeout`, component);
    }
  }

  /** True when an operation of the same client that uses `keys` takes effect after `earlier`. */
  #precedes(earlier: Operation, keys: readonly KeyId[]): boolean {
    if (earlier.isGlobal || earlier.isBlocking || this.#barriers.has(earlier)) return true;
    return keys.some((key) => earlier.keys.includes(key));
  }

  // ------------------------------------------------------------------ components

  #place(operation: Operation): void {
    // First all keys get their components: a new one may be joined to others at once.
    for (const key of operation.keys) this.#ofKey(key);
    for (const { args } of callsOf(operation.work)) if (SWAPDB.test(args[0])) this.#swaps(args.slice(1).map(Number));
    const parts = new Set<Component>();
    if (operation.isGlobal) for (const component of this.#componentOf.values()) parts.add(component);
    for (const key of operation.keys) parts.add(this.#ofKey(key));
    for (const earlier of operation.after) parts.add(this.#at(earlier));
    const component = parts.size === 1 ? [...parts][0] : this.#join([...parts]);
    if (operation.isGlobal) this.#whole = component;
    if (this.#usesDeadlines) component.expirePassed(this.#judgedMs);
    component.invoke(operation);
  }

  #join(parts: readonly Component[]): Component {
    const joined = Component.join(parts, CONFIGURATIONS_MAX);
    for (const key of joined.keys) this.#componentOf.set(key, joined);
    if (this.#whole !== undefined && parts.includes(this.#whole)) this.#whole = joined;
    return joined;
  }

  #at(operation: Operation): Component {
    return this.#ofKey(operation.keys[0]);
  }

  #ofKey(key: KeyId): Component {
    const known = this.#componentOf.get(key);
    if (known !== undefined) return known;
    const fresh = Component.ofKey(key, CONFIGURATIONS_MAX);
    this.#componentOf.set(key, fresh);
    this.#mirror(key);
    return this.#whole === undefined ? fresh : this.#join([this.#whole, fresh]);
  }

  /** Databases are exchanged from here on: what stands at a key of one may come to stand in another. */
  #swaps(databases: readonly number[]): void {
    for (const db of databases) this.#swapped.add(db);
    for (const key of [...this.#componentOf.keys()]) this.#mirror(key);
  }

  /** Makes the places where a SWAPDB may put what stands at a key. */
  #mirror(key: KeyId): void {
    if (!this.#swapped.has(dbOf(key))) return;
    for (const db of this.#swapped) this.#ofKey(keyId(db, nameOf(key)));
  }

  #fallApart(component: Component): void {
    if (component === this.#whole) {
      if (component.pending.some((operation) => operation.isGlobal)) return;
      this.#whole = undefined;
    }
    const parts = component.split();
    if (parts.length === 1) return;
    for (const part of parts) for (const key of part.keys) this.#componentOf.set(key, part);
  }

  #forget(operation: Operation): void {
    const mine = this.#outstanding[operation.client];
    mine.splice(mine.indexOf(operation), 1);
    this.#barriers.delete(operation);
  }

  // ------------------------------------------------------------------ reports

  #violation(told: string, component: Component, before = [...component.configurations.values()]): Violation {
    const { step, length } = this.#event ?? this.history;
    const lines = [told, `step ${step}, keys ${component.keys.join(' ')}; what the clients saw:`];
    lines.push(this.history.excerpt(component.keys, length));
    lines.push(`${before.length} possible ${before.length === 1 ? 'state' : 'states'} before that:`);
    for (const configuration of before.slice(0, SHOWN_CONFIGURATIONS)) {
      const cells = [...configuration.cells].map(([key, cell]) => `${key}=${shown(cell.text)}`).join('  ');
      const line = configuration.line.map((operation) => `#${operation.id}`).join(' ');
      const done = component.pending
        .filter((operation) => replyIn(configuration, operation) !== undefined)
        .map((operation) => `#${operation.id} -> ${shown(replyIn(configuration, operation) ?? '')}`);
      lines.push(`  ${cells === '' ? 'no keys' : cells}   in line: ${line}   done: ${done.join(', ')}`);
    }
    return new Violation(lines.join('\n'), step);
  }
}

function callsOf(work: Work): readonly Call[] {
  if (work.kind === 'call') return [work.call];
  return work.kind === 'exec' ? work.calls : [];
}

function watches(work: Work): boolean {
  return work.kind === 'exec' && work.watched.length > 0;
}

export { TooManyConfigurations, type Operation };
