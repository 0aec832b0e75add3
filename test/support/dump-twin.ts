// A shard of this process and a live redis-server that give each other values by DUMP and RESTORE, and compare them by
// DEBUG DIGEST-VALUE.

import { ALL_COMMANDS } from '../../src/commands/index.js';
import { emptyDigest, hexOf } from '../../src/commands/dataset-digest.js';
import { valueDigest } from '../../src/commands/value-digest.js';
import { RedisOracle } from './redis-oracle.js';
import { showRequest, type Request } from './requests.js';
import { ShardHarness } from './shard-harness.js';
import { request as argsOf, TEST_HASH_SEED } from './shards.js';

export function dumpHarness(): Promise<ShardHarness> {
  return ShardHarness.create(ALL_COMMANDS.flat(), { hashSeed: TEST_HASH_SEED, nowMs: Date.now() });
}

export function dumpOracle(options: readonly string[] = []): Promise<RedisOracle> {
  return RedisOracle.start(['--enable-debug-command', 'yes', ...options]);
}

/** The content of a bulk reply. */
export function bulkOf(reply: Buffer): Buffer {
  const head = reply.indexOf('\r\n');
  return reply.subarray(head + 2, reply.length - 2);
}

/** DEBUG DIGEST-VALUE of a key of the shard. */
export function ourDigest(h: ShardHarness, key: string): string {
  const db = h.shard.dbs[0];
  const entry = db.peek(argsOf(key), 1);
  return entry === 0 ? '0'.repeat(40) : hexOf(valueDigest(db, entry, emptyDigest()));
}

export async function theirDigest(oracle: RedisOracle, key: string): Promise<string> {
  const reply = (await oracle.run(['DEBUG', 'DIGEST-VALUE', key])).toString('latin1');
  return reply.split('\r\n')[1].slice(1);
}

/** What differs when `key`, made by the same requests on both sides, crosses over in both directions; '' for nothing. */
export async function crossOver(h: ShardHarness, oracle: RedisOracle, key: string, story: Request): Promise<string> {
  const told = showRequest(story);
  const digest = ourDigest(h, key);
  const there = await theirDigest(oracle, key);
  if (digest !== there) return `${told}: the values differ to begin with`;
  const theirs = bulkOf(await oracle.run(['DUMP', key]));
  const ours = bulkOf(h.run(['DUMP', key]));
  const taken = h.text(['RESTORE', 'crossed', '0', theirs, 'REPLACE']);
  if (taken !== '+OK') return `${told}: we say ${taken} to ${theirs.toString('hex')}`;
  if (ourDigest(h, 'crossed') !== digest) return `${told}: it came to us changed from ${theirs.toString('hex')}`;
  const given = (await oracle.run(['RESTORE', 'crossed', '0', ours, 'REPLACE'])).toString('latin1').trim();
  if (given !== '+OK') return `${told}: they say ${given} to ${ours.toString('hex')}`;
  if ((await theirDigest(oracle, 'crossed')) !== digest)
    return `${told}: it came to them changed from ${ours.toString('hex')}`;
  h.shard.check();
  return '';
}
