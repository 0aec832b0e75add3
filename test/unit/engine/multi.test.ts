// What a connection keeps for EXEC.

import { describe, expect, it } from 'vitest';
import { ALL_COMMANDS } from '../../../src/commands/index.js';
import { buildCommandTable } from '../../../src/engine/command-table.js';
import { MultiQueue, Watching } from '../../../src/engine/multi.js';
import { present } from '../../support/present.js';
import { request } from '../../support/shards.js';

const set = present(buildCommandTable(ALL_COMMANDS).byName('SET'));

describe('the queue of MULTI', () => {
  it('keeps requests whose buffer goes on to other uses', () => {
    const queue = new MultiQueue();
    const args = request('key', 'value');
    queue.add(set, args);
    args.bytes.fill(0);
    args.reset(new Uint8Array(0));
    const [{ command, args: kept }] = queue.commands;
    expect([command, kept.count, kept.latin1(1), kept.latin1(2)]).toEqual([set, 3, 'key', 'value']);
    expect(queue.bytes).toBe('*keyvalue'.length);
    expect(queue.aborted).toBe(false);
  });
});

describe('what is watched', () => {
  it('counts a key of a database once', () => {
    const watching = new Watching(4);
    watching.add(0, 1, -5);
    watching.add(0, 1, -5);
    watching.add(1, 1, -5);
    watching.add(0, 2, 5);
    expect(watching.count).toBe(3);
    expect([...watching.shards].sort()).toEqual([1, 2]);
    expect(watching.isElsewhere(1)).toBe(true);
  });

  it('is on one shard, or is not', () => {
    const watching = new Watching(4);
    expect(watching.isElsewhere(0)).toBe(false);
    watching.add(0, 1, 7);
    watching.add(3, 1, 8);
    expect([watching.isElsewhere(0), watching.isElsewhere(1)]).toEqual([true, false]);
  });
});
