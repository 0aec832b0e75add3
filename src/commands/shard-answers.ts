// The shard's side of the control topics that DEBUG and MEMORY ask: the core calls these between two commands.

import { NO_BYTES } from '../base/bytes.js';
import { Args } from '../contract/args.js';
import type { CoreMemory, DatabaseMemory, ShardAnswers } from '../contract/shard-questions.js';
import type { Db, Ref, StringView } from '../shard/db.js';
import { debugDetailsOf, serializedLengthOf } from '../shard/entry-facts.js';
import type { Shard } from '../shard/shard.js';
import { emptyDigest, mixDigest, sha1, xorDigest } from './dataset-digest.js';
import { referenceCount } from './object.js';
import { valueDigest } from './value-digest.js';

/** The access clock as Redis prints it: seconds in 24 bits. */
const CLOCK_MASK = 0xffffff;
const SCAN_BATCH = 1 << 16;

const view: StringView = { bytes: NO_BYTES, start: 0, end: 0 };

/** The live entry of `key`, its clock and the statistics untouched; 0 when this shard does not have it. */
function lookup(db: Db, key: Uint8Array): Ref {
  const args = new Args(db.shard.hashSeed);
  args.reset(key);
  // Argument 0 is a request's name and never a key.
  args.push(0, 0);
  args.push(0, key.length);
  return db.peek(args, 1);
}

/** DEBUG OBJECT: the line, '' when this shard does not have the key. */
export function describeObject(shard: Shard, db: number, key: Uint8Array): ShardAnswers['debug-object'] {
  const owner = shard.dbs[db];
  const entry = lookup(owner, key);
  if (entry === 0) return '';
  const facts = owner.facts(entry);
  const idleSeconds = Math.floor(facts.idleMs / 1000);
  const clock = Math.floor((shard.nowMs - facts.idleMs) / 1000) % (CLOCK_MASK + 1);
  return (
    `Value at:0x${(entry >>> 0).toString(16)} refcount:${referenceCount(owner, entry)} encoding:${facts.encoding} ` +
    `serializedlength:${serializedLengthOf(owner, entry)} lru:${clock} lru_seconds_idle:${idleSeconds}` +
    debugDetailsOf(owner, entry)
  );
}

/** DEBUG DIGEST-VALUE: a digest for every key that this shard has. */
export function digestValues(
  shard: Shard,
  db: number,
  keys: readonly Uint8Array[],
): ShardAnswers['debug-digest-value'] {
  const owner = shard.dbs[db];
  return keys.map((key) => {
    const entry = lookup(owner, key);
    return entry === 0 ? undefined : valueDigest(owner, entry, emptyDigest());
  });
}

/** DEBUG DIGEST: the sum over the keys of each database that has keys here. */
export function digestKeys(shard: Shard): ShardAnswers['debug-digest'] {
  const parts: { db: number; digest: Uint8Array }[] = [];
  for (const db of shard.dbs) {
    if (db.size === 0) continue;
    const sum = emptyDigest();
    const visit = (entry: Ref): void => {
      db.readKey(entry, view);
      const ofKey = mixDigest(emptyDigest(), view.bytes.subarray(view.start, view.end));
      xorDigest(sum, sha1(valueDigest(db, entry, ofKey)));
    };
    let position = 0;
    do {
      position = db.scan(position, SCAN_BATCH, visit);
    } while (position !== 0);
    parts.push({ db: db.index, digest: sum });
  }
  return parts;
}

/** The shard's part of the memory figures; the rest is the core's. */
export function shardMemory(
  shard: Shard,
): Pick<CoreMemory, 'usedBytes' | 'peakBytes' | 'committedBytes' | 'databases'> {
  const databases: DatabaseMemory[] = [];
  for (const db of shard.dbs) {
    if (db.size > 0) databases.push({ db: db.index, keys: db.size, indexBytes: db.indexBytes });
  }
  const { usedBytes, peakBytes, committedBytes } = shard.arena;
  return { usedBytes, peakBytes, committedBytes, databases };
}
