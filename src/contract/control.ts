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

/** What one core holds. The figures of the process are the same from every core. All in bytes unless named otherwise. */
export interface CoreMemory {
  /** The process's resident set, now and when the server had just started. */
  readonly residentBytes: number;
  readonly startupResidentBytes: number;
  /** V8 heap in use on this thread, now and when the server had just started. */
  readonly heapBytes: number;
  readonly startupHeapBytes: number;
  /** Client connections and their buffers. */
  readonly clients: number;
  readonly clientBytes: number;
  /** The shard's arena: in use, the most that was in use, really touched. */
  readonly usedBytes: number;
  readonly peakBytes: number;
  readonly committedBytes: number;
  /** Databases that hold keys. */
  readonly databases: readonly DatabaseMemory[];
}

export interface DatabaseMemory {
  readonly db: number;
  readonly keys: number;
  /** The hash index, entries not counted. */
  readonly indexBytes: number;
}

/** Questions of DEBUG; keys are looked up in database `db` and asked of every core, of which one owns them. */
export type DebugRequest =
  | { readonly topic: 'debug-sleep'; readonly ms: number }
  | { readonly topic: 'debug-object'; readonly db: number; readonly key: Uint8Array }
  | { readonly topic: 'debug-digest' }
  | { readonly topic: 'debug-digest-value'; readonly db: number; readonly keys: readonly Uint8Array[] };

export type ControlRequest =
  | DebugRequest
  | { readonly topic: 'memory' }
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
  memory: CoreMemory;
  /** Given after the core has stood still for that long. */
  'debug-sleep': true;
  /** The line of DEBUG OBJECT, '' without the key. */
  'debug-object': string;
  /** By database: the digests of all its keys, exclusive-or'ed; databases without keys are left out. */
  'debug-digest': { readonly db: number; readonly digest: Uint8Array }[];
  /** By key: the digest of its value; undefined without the key. */
  'debug-digest-value': (Uint8Array | undefined)[];
}
