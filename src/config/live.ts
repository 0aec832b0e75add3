// The options that running code reads often, as plain fields: no look-up, no parsing. Config keeps them up to date; all
// others only read.

import { assert } from '../base/assert.js';
import { bytesOf, NO_BYTES } from '../base/bytes.js';
import type { OptionValue, OutputLimits } from './kind.js';

const NO_LIMIT = { hardBytes: 0, softBytes: 0, softSeconds: 0 };

/** What the storage takes in one string, whatever proto-max-bulk-len allows. */
const STRING_BYTES_MAX = 512 * 1024 * 1024;

/** Where collections change their encoding; the shard's view of it is values/limits.ts. */
export class LiveLimits {
  hashMaxListpackEntries = 0;
  hashMaxListpackValue = 0;
  listMaxListpackSize = 0;
  setMaxIntsetEntries = 0;
  setMaxListpackEntries = 0;
  setMaxListpackValue = 0;
  zsetMaxListpackEntries = 0;
  zsetMaxListpackValue = 0;
  hllSparseMaxBytes = 0;
  streamNodeMaxBytes = 0;
  streamNodeMaxEntries = 0;
}

export class LiveValues {
  maxclients = 0;
  /** Longest argument and string value: proto-max-bulk-len, at most STRING_BYTES_MAX. */
  bulkBytesMax = 0;
  queryBufferBytesMax = 0;
  outputLimits: OutputLimits = { normal: NO_LIMIT, replica: NO_LIMIT, pubsub: NO_LIMIT };
  /** 0: idle clients are left alone. */
  idleTimeoutSeconds = 0;
  /** 0: no probes. */
  tcpKeepaliveSeconds = 0;
  protectedMode = true;
  /** UTF-8 bytes of requirepass; empty: no password. */
  password: Uint8Array = NO_BYTES;
  /** maxmemory-policy is one of the LFU ones. */
  lfu = false;
  /** FLUSHALL and FLUSHDB work as with ASYNC. */
  lazyUserFlush = false;
  readonly limits = new LiveLimits();
}

type Feed = (live: LiveValues, value: OptionValue) => void;

const FEEDS: Readonly<Partial<Record<string, Feed>>> = {
  maxclients: (live, value) => (live.maxclients = numberIn(value)),
  'proto-max-bulk-len': (live, value) => (live.bulkBytesMax = Math.min(numberIn(value), STRING_BYTES_MAX)),
  'client-query-buffer-limit': (live, value) => (live.queryBufferBytesMax = numberIn(value)),
  'client-output-buffer-limit': (live, value) => {
    assert(typeof value === 'object' && 'normal' in value, 'output limits decode to their own shape');
    live.outputLimits = value;
  },
  timeout: (live, value) => (live.idleTimeoutSeconds = numberIn(value)),
  'tcp-keepalive': (live, value) => (live.tcpKeepaliveSeconds = numberIn(value)),
  'protected-mode': (live, value) => (live.protectedMode = value === true),
  requirepass: (live, value) => (live.password = bytesOf(textIn(value))),
  'maxmemory-policy': (live, value) => (live.lfu = textIn(value).endsWith('-lfu')),
  'lazyfree-lazy-user-flush': (live, value) => (live.lazyUserFlush = value === true),
  'hash-max-listpack-entries': (live, value) => (live.limits.hashMaxListpackEntries = numberIn(value)),
  'hash-max-listpack-value': (live, value) => (live.limits.hashMaxListpackValue = numberIn(value)),
  'list-max-listpack-size': (live, value) => (live.limits.listMaxListpackSize = numberIn(value)),
  'set-max-intset-entries': (live, value) => (live.limits.setMaxIntsetEntries = numberIn(value)),
  'set-max-listpack-entries': (live, value) => (live.limits.setMaxListpackEntries = numberIn(value)),
  'set-max-listpack-value': (live, value) => (live.limits.setMaxListpackValue = numberIn(value)),
  'zset-max-listpack-entries': (live, value) => (live.limits.zsetMaxListpackEntries = numberIn(value)),
  'zset-max-listpack-value': (live, value) => (live.limits.zsetMaxListpackValue = numberIn(value)),
  'hll-sparse-max-bytes': (live, value) => (live.limits.hllSparseMaxBytes = numberIn(value)),
  'stream-node-max-bytes': (live, value) => (live.limits.streamNodeMaxBytes = numberIn(value)),
  'stream-node-max-entries': (live, value) => (live.limits.streamNodeMaxEntries = numberIn(value)),
};

/** The options that running code reads from here. */
export const LIVE_OPTIONS: readonly string[] = Object.keys(FEEDS);

function numberIn(value: OptionValue): number {
  assert(typeof value === 'number', 'a numeric option decodes to a number');
  return value;
}

function textIn(value: OptionValue): string {
  assert(typeof value === 'string', 'an option of text decodes to text');
  return value;
}

/** Brings the field behind option `name` up to date, if it has one. */
export function feedLive(live: LiveValues, name: string, value: OptionValue): void {
  FEEDS[name]?.(live, value);
}
