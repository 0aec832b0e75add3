// What counts as a change of a watched key, on one shard.

import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { NO_EXPIRY } from '../../../src/shard/db.js';
import { Shard } from '../../../src/shard/shard.js';
import { unreachable } from '../../../src/base/assert.js';
import { CountingCounters, HandClock, request, TEST_HASH_SEED } from '../../support/shards.js';

let shard: Shard;
let clock: HandClock;
let dirty: [place: number, value: number][];

beforeEach(() => {
  clock = new HandClock();
  dirty = [];
  shard = new Shard({
    id: 0,
    shardCount: 1,
    databases: 3,
    hashSeed: TEST_HASH_SEED,
    clock,
    random: new SeededRandom(1),
    counters: new CountingCounters(),
    stringBytesMax: 1024,
    lfu: false,
    clients: {
      markDirty: (place, value) => dirty.push([place, value]),
      claim: () => false,
      isOpen: () => false,
      answer: () => unreachable('nobody waits'),
      send: () => undefined,
      tryAgain: () => undefined,
      sendMessage: () => undefined,
    },
  });
});

const client = (place: number, value = 2) => ({ core: 0, session: place, place, value });

function watch(place: number, key: string, { db = 0, value = 2 } = {}): void {
  shard.watch.add(client(place, value), shard.dbs[db], request(key), 1);
}

function set(key: string, { db = 0, expireAt = NO_EXPIRY } = {}): void {
  shard.dbs[db].setString(request(key), 1, Buffer.from('v'), 0, 1, expireAt);
}

describe('watching', () => {
  it('tells all who watch a key, and nobody else', () => {
    watch(1, 'k');
    watch(2, 'k');
    watch(3, 'other');
    watch(4, 'k', { db: 1 });
    set('k');
    expect(dirty).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  it('ends for one client, whatever it watches', () => {
    watch(1, 'a');
    watch(1, 'b');
    watch(1, 'b');
    watch(2, 'b');
    expect(shard.watch.size).toBe(2);
    shard.watch.remove(1);
    shard.watch.remove(1);
    set('a');
    set('b');
    expect(dirty).toEqual([[2, 2]]);
    shard.watch.remove(2);
    expect(shard.watch.size).toBe(0);
  });

  it('begins anew under another value', () => {
    watch(1, 'a');
    watch(1, 'b', { value: 4 });
    set('a');
    expect(dirty).toEqual([]);
    set('b');
    expect(dirty).toEqual([[1, 4]]);
  });

  it('sees a key expire that was there, when it is met or looked at again', () => {
    set('k', { expireAt: clock.ms + 5 });
    watch(1, 'k');
    shard.watch.lookAgain(1, shard.dbs);
    expect(dirty).toEqual([]);
    clock.ms += 10;
    shard.tick();
    shard.watch.lookAgain(1, shard.dbs);
    expect(dirty).toEqual([[1, 2]]);
    expect(shard.dbs[0].size).toBe(0);
  });

  it('does not see one expire that had expired before', () => {
    set('k', { expireAt: clock.ms + 5 });
    clock.ms += 10;
    shard.tick();
    watch(1, 'k');
    shard.watch.lookAgain(1, shard.dbs);
    shard.dbs[0].peek(request('k'), 1);
    expect(dirty).toEqual([]);
  });

  it('sees databases flushed and swapped where the key is, or comes from', () => {
    set('k');
    watch(1, 'k');
    watch(2, 'none');
    watch(3, 'k', { db: 1 });
    shard.dbs[1].flush(false);
    expect(dirty).toEqual([]);
    shard.dbs[0].flush(true);
    expect(dirty.splice(0)).toEqual([[1, 2]]);
    set('k');
    dirty.length = 0;
    shard.dbs[0].swapWith(shard.dbs[1]);
    expect(dirty.splice(0).sort()).toEqual([
      [1, 2],
      [3, 2],
    ]);
    shard.dbs[0].swapWith(shard.dbs[2]);
    expect(dirty).toEqual([]);
  });
});
