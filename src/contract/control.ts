// Rare questions between cores (CLIENT LIST, CONFIG SET, ...). They travel as structured clones beside the rings and
// are answered between two commands of the asked core.

import type { ShardAnswers, ShardQuestion } from './shard-questions.js';

export type ClientType = 'normal' | 'master' | 'replica' | 'pubsub';

/** The filters of CLIENT LIST and CLIENT KILL; all given ones must match. */
export interface ClientFilter {
  readonly ids?: readonly number[];
  readonly notIds?: readonly number[];
  readonly type?: ClientType;
  readonly user?: string;
  readonly address?: string;
  readonly localAddress?: string;
  /** A client that never matches: the one that asks (CLIENT KILL judges that one itself, after its reply). */
  readonly skipId?: number;
  /** CLIENT KILL's MAXAGE, seconds. */
  readonly maxAgeS?: number;
}

/** What a filter looks at. */
export interface FilterableClient {
  readonly id: number;
  readonly type: ClientType;
  readonly user: string;
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAtMs: number;
}

/** True when `client` passes every given filter at wall time `nowMs`. Ages count in whole seconds, as Redis's do. */
export function matchesFilter(filter: ClientFilter, client: FilterableClient, nowMs: number): boolean {
  if (filter.skipId === client.id) return false;
  if (filter.ids !== undefined && !filter.ids.includes(client.id)) return false;
  if (filter.notIds?.includes(client.id) === true) return false;
  if (filter.type !== undefined && filter.type !== client.type) return false;
  if (filter.user !== undefined && filter.user !== client.user) return false;
  if (filter.address !== undefined && filter.address !== client.address) return false;
  if (filter.localAddress !== undefined && filter.localAddress !== client.localAddress) return false;
  if (filter.maxAgeS === undefined) return true;
  return Math.floor(nowMs / 1000) - Math.floor(client.connectedAtMs / 1000) >= filter.maxAgeS;
}

export type ControlRequest =
  | ShardQuestion
  | { readonly topic: 'client-list'; readonly filter: ClientFilter }
  | { readonly topic: 'client-kill'; readonly filter: ClientFilter }
  | { readonly topic: 'client-pause'; readonly mode: 'all' | 'write'; readonly untilMs: number }
  | { readonly topic: 'client-unpause' }
  | { readonly topic: 'client-unblock'; readonly id: number; readonly withError: boolean }
  | { readonly topic: 'config-set'; readonly pairs: readonly (readonly [string, string])[] }
  | { readonly topic: 'reset-stats' }
  | { readonly topic: 'set-active-expire'; readonly on: boolean };

/** Answer of one core, by topic. */
export interface ControlAnswers extends ShardAnswers {
  /** One line per matching client with its id, unordered. */
  'client-list': { readonly id: number; readonly line: string }[];
  /** Clients closed. */
  'client-kill': number;
  'client-pause': true;
  'client-unpause': true;
  /** The client was blocked here, and is not any more. */
  'client-unblock': boolean;
  /** '' or the error text. */
  'config-set': string;
  'reset-stats': true;
  'set-active-expire': true;
}
