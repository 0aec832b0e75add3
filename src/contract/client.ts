// What a command that runs beside the connection may see and change: its client, and the server through ports.
// The session (engine/session.ts) implements Client, the core (engine/core.ts) implements ServerPort; tests hand in fakes.

import type { Clock } from '../base/clock.js';
import type { CommandTable } from './command-table.js';
import type { ClientType, ControlAnswers, ControlRequest } from './control.js';
import type { Subscriptions } from './pubsub.js';
import type { Topology } from './spec.js';

/** One connected client. Fields without `readonly` are the client's own state, changed by its commands only. */
export interface Client {
  readonly id: number;
  readonly server: ServerPort;
  /** Peer and own address as CLIENT LIST prints them: `ip:port`, `path:0` on a Unix socket. */
  readonly address: string;
  readonly localAddress: string;
  /** Unix milliseconds. */
  readonly connectedAtMs: number;
  readonly type: ClientType;
  /** It has subscriptions: in RESP2 it may do little else then. */
  readonly subscribed: boolean;
  readonly subscriptions: Subscriptions;

  db: number;
  protocol: 2 | 3;
  /** ASCII without spaces, '' when none was set. */
  name: string;
  libName: string;
  libVersion: string;
  user: string;
  authenticated: boolean;
  noEvict: boolean;
  noTouch: boolean;
  /** CLIENT REPLY: `skip` suppresses the reply of the next command only; `skipping` while that command runs. */
  replyMode: 'on' | 'off' | 'skip' | 'skipping';

  /** MULTI; false: one is open already. */
  beginMulti(): boolean;
  /** DISCARD, with the end of all watching; false: there is no MULTI. */
  discardMulti(): boolean;
  /** UNWATCH. */
  unwatch(): void;
  /** Closes the connection once everything written so far has left. */
  closeAfterReply(): void;
  /** RESET: back to the state of a new connection (name, db 0, RESP2, unauthenticated where a password is set). */
  reset(): void;
  /** This client's line of CLIENT LIST and CLIENT INFO, without a line break. */
  describe(): string;
}

/** The server as seen from one core. */
export interface ServerPort {
  readonly clock: Clock;
  readonly config: ConfigPort;
  readonly commands: CommandTable;
  readonly topology: Topology;
  /** 40 hex digits, new at every start. */
  readonly runId: string;
  readonly startedAtMs: number;

  /** Asks every core (this one included) and gives their answers by core number. */
  everyCore<T extends keyof ControlAnswers>(request: ControlRequest & { topic: T }): Promise<ControlAnswers[T][]>;
  /** The text of INFO for the named sections (lower case; `default`, `all` and `everything` included). */
  info(sections: readonly string[]): string;
  /** Totals over all threads of one counter of observability/counters.ts. */
  total(counter: string): number;
  /** Ends the server in order; resolves only when it cannot (the error text). */
  shutdown(mode: ShutdownMode): Promise<string>;
}

export interface ShutdownMode {
  readonly save: 'default' | 'save' | 'nosave';
  readonly now: boolean;
  readonly force: boolean;
}

/** The configuration as CONFIG sees it. Names are Redis's, lower case; values are in CONFIG GET's spelling. */
export interface ConfigPort {
  /**
   * Pairs whose name matches one of the glob patterns in any case, each once, in table order. What was asked for by its
   * full name comes back under the name as it was spelt.
   */
  get(patterns: readonly string[]): readonly (readonly [name: string, value: string])[];
  /** One value; asserts that the option exists. */
  value(name: string): string;
  /**
   * Sets all or none, on every core. Names come in any case, as the client spelt them: error texts repeat the spelling.
   * Resolves to the error text for the client, or undefined. `isLocal`: the client is on this host, as protected options
   * may ask for.
   */
  set(pairs: readonly (readonly [name: string, value: string])[], isLocal: boolean): Promise<string | undefined>;
  /** Writes the configuration file. Resolves to the error text, or undefined. */
  rewrite(): Promise<string | undefined>;
}
