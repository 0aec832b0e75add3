// What a transaction touches, and what that says about how it may run.

import { describe, expect, it } from 'vitest';
import { shardOf } from '../../../src/base/hash.js';
import { ALL_COMMANDS } from '../../../src/commands/index.js';
import { buildCommandTable } from '../../../src/engine/command-table.js';
import { Footprint } from '../../../src/txn/footprint.js';
import { FakeServer } from '../../support/fake-client.js';
import { present } from '../../support/present.js';
import { request } from '../../support/shards.js';

const SHARDS = 4;
const table = buildCommandTable(ALL_COMMANDS);

function footprintOf(name: string, ...words: string[]): { footprint: Footprint; found: boolean } {
  const footprint = new Footprint(SHARDS);
  const client = new FakeServer(table).connect();
  const found = footprint.addRequest(table, present(table.byName(name)), request(...words), client);
  return { footprint, found };
}

describe('footprints', () => {
  it('put keys where they are, with the mode in which they are used', () => {
    const args = request('a', 'b');
    const { footprint } = footprintOf('LMOVE', 'a', 'b', 'LEFT', 'LEFT');
    for (const i of [1, 2]) {
      const shard = shardOf(args.shardHash(i), SHARDS);
      expect(footprint.keys[shard]).toContainEqual({ hash: args.hash(i), exclusive: true });
    }
    const readers = footprintOf('MGET', 'a', 'b', 'c').footprint;
    expect(readers.keys.flatMap((keys) => keys ?? []).map(({ exclusive }) => exclusive)).toEqual([false, false, false]);
    const copy = footprintOf('COPY', '{t}a', '{t}b').footprint;
    expect(copy.keys.flatMap((keys) => keys ?? []).map(({ exclusive }) => exclusive)).toEqual([false, true]);
  });

  it('need no locks on one shard, unless there are several hops', () => {
    const { footprint } = footprintOf('MSET', '{t}a', '1', '{t}b', '2', '{t}c', '3');
    expect(footprint.onlyShard).toBe(shardOf(request('{t}a').shardHash(1), SHARDS));
    expect(footprint.needsLocks).toBe(false);
    footprint.severalHops = true;
    expect(footprint.needsLocks).toBe(true);
  });

  it('need locks over several shards, and over the whole keyspace', () => {
    const { footprint } = footprintOf('MGET', ...Array.from({ length: 20 }, (_, i) => `key ${i}`));
    expect([footprint.onlyShard, footprint.needsLocks]).toEqual([-1, true]);
    const whole = new Footprint(SHARDS);
    expect(whole.isEmpty).toBe(true);
    whole.addWhole(false);
    expect([whole.whole, whole.needsLocks, whole.isEmpty]).toEqual(['shared', true, false]);
    whole.addWhole(true);
    whole.addWhole(false);
    expect(whole.whole).toBe('exclusive');
  });

  it('take a shard on which a mistake is told', () => {
    const { footprint, found } = footprintOf('LMPOP', '0', 'a', 'LEFT');
    expect([found, footprint.isEmpty]).toEqual([false, true]);
    footprint.addShard(2);
    expect([footprint.isEmpty, footprint.onlyShard, footprint.needsLocks]).toEqual([false, 2, false]);
    footprint.addHash(2, 7, true);
    expect(footprint.onlyShard).toBe(2);
    footprint.addHash(3, 7, true);
    expect(footprint.needsLocks).toBe(true);
  });

  it('lock every stripe once', () => {
    const { footprint } = footprintOf('MSET', 'a', '1', 'b', '2', 'a', '3');
    expect(footprint.stripes().size).toBe(3); // the keyspace as such, and two keys
    const whole = new Footprint(SHARDS);
    whole.addWhole(false);
    expect(whole.stripes().isExclusive(0), 'others may write').toBe(true);
  });
});
