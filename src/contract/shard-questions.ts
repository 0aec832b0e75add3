// What DEBUG and MEMORY ask of every core over the control channel, and what they are answered (the types of the topics
// `memory` and `debug-...` of control.ts). src/commands/shard-answers.ts is the shard's side.

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

/** Keys are looked up in database `db` and asked of every core, of which one owns them. */
export type ShardQuestion =
  | { readonly topic: 'memory' }
  | { readonly topic: 'debug-sleep'; readonly ms: number }
  | { readonly topic: 'debug-object'; readonly db: number; readonly key: Uint8Array }
  | { readonly topic: 'debug-digest' }
  | { readonly topic: 'debug-digest-value'; readonly db: number; readonly keys: readonly Uint8Array[] };

export interface ShardAnswers {
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
