// Rare questions between cores (CLIENT LIST, CONFIG SET, ...). They travel as structured clones beside the rings and
// are answered between two commands of the asked core.

/** The filters of CLIENT LIST and CLIENT KILL; all given ones must match. */
export interface ClientFilter {
  readonly ids?: readonly number[];
  readonly notIds?: readonly number[];
  readonly type?: 'normal' | 'master' | 'replica' | 'pubsub';
  readonly user?: string;
  readonly address?: string;
  readonly localAddress?: string;
  /** CLIENT KILL's SKIPME yes: the id of the client that asks. */
  readonly skipId?: number;
  /** CLIENT KILL's MAXAGE, seconds. */
  readonly maxAgeS?: number;
}

export type ControlRequest =
  | { readonly topic: 'client-list'; readonly filter: ClientFilter }
  | { readonly topic: 'client-kill'; readonly filter: ClientFilter }
  | { readonly topic: 'client-pause'; readonly mode: 'all' | 'write'; readonly untilMs: number }
  | { readonly topic: 'client-unpause' }
  | { readonly topic: 'config-set'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly topic: 'reset-stats' }
  | { readonly topic: 'set-active-expire'; readonly on: boolean };

/** Answer of one core, by topic. */
export interface ControlAnswers {
  /** One line per matching client with its id, unordered. */
  'client-list': { readonly id: number; readonly line: string }[];
  /** Clients closed. */
  'client-kill': number;
  'client-pause': true;
  'client-unpause': true;
  /** '' or the error text. */
  'config-set': string;
  'reset-stats': true;
  'set-active-expire': true;
}
