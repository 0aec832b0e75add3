// Lines of waiting clients on one shard: who is served when a key is ready, and who is not.

import { beforeEach, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/base/prng.js';
import { LIST_BLOCKING_COMMANDS } from '../../../src/commands/list-blocking.js';
import { LIST_COMMANDS } from '../../../src/commands/list.js';
import { STREAM_GROUP_COMMANDS } from '../../../src/commands/stream-groups.js';
import { STREAM_READING_COMMANDS } from '../../../src/commands/stream-reading.js';
import { STREAM_COMMANDS } from '../../../src/commands/stream.js';
import { STRING_COMMANDS } from '../../../src/commands/string.js';
import type { CommandSpec } from '../../../src/contract/spec.js';
import { RespEncoder } from '../../../src/protocol/resp-encoder.js';
import { Shard } from '../../../src/shard/shard.js';
import type { Waiter } from '../../../src/shard/waiters.js';
import { present } from '../../support/present.js';
import { CountingCounters, HandClock, request, TEST_HASH_SEED } from '../../support/shards.js';

const SPECS: readonly CommandSpec[] = [
  ...LIST_COMMANDS,
  ...LIST_BLOCKING_COMMANDS,
  ...STRING_COMMANDS,
  ...STREAM_COMMANDS,
  ...STREAM_READING_COMMANDS,
  ...present(STREAM_GROUP_COMMANDS[0].subcommands),
];
const nobody = (): boolean => false;

let shard: Shard;
let answers: [place: number, reply: string][];
let tries: number[];
/** Places that somebody else has claimed. */
let claimed: Set<number>;

beforeEach(() => {
  answers = [];
  tries = [];
  claimed = new Set();
  const answer = new RespEncoder();
  shard = new Shard({
    id: 0,
    shardCount: 1,
    databases: 2,
    hashSeed: TEST_HASH_SEED,
    clock: new HandClock(),
    random: new SeededRandom(1),
    counters: new CountingCounters(),
    stringBytesMax: 1024,
    lfu: false,
    clients: {
      markDirty: () => undefined,
      claim: (place) => !claimed.has(place) && claimed.add(place).has(place),
      isOpen: (place) => !claimed.has(place),
      answer: (protocol) => {
        answer.reset();
        answer.protocol = protocol;
        return answer;
      },
      send: ({ place }) => {
        answers.push([place, Buffer.from(answer.bytes.subarray(0, answer.length)).toString().replaceAll('\r\n', ' ')]);
      },
      tryAgain: ({ place }) => tries.push(place),
      sendMessage: () => undefined,
    },
  });
});

const specOf = (name: string): CommandSpec => present(SPECS.find((spec) => spec.name === name));

function run(name: string, ...words: string[]): void {
  const op = present(specOf(name).onShard);
  op(shard.dbs[0], request(...words), new RespEncoder());
}

/** Client `place` waits with a command. */
function wait(place: number, name: string, words: string[], more: Partial<Waiter> = {}): void {
  const blocking = present(specOf(name).blocking);
  const args = request(...words);
  const client = { core: 0, session: place, place, value: 2 };
  const waiter = { client, blocking, db: 0, args, protocol: 2, elsewhere: false, touches: [], ...more } as const;
  shard.waiters.add(waiter, blocking.waitKeys(args));
}

const serve = (isHeld: (hash: number) => boolean = nobody): void => {
  shard.waiters.serve(isHeld);
};

describe('a line', () => {
  it('is served in order, as far as there is something', () => {
    wait(1, 'BLPOP', ['q', '0']);
    wait(2, 'BRPOP', ['q', '0']);
    wait(3, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a', 'b');
    expect(answers).toEqual([]);
    serve();
    expect(answers.splice(0)).toEqual([
      [1, '*2 $1 q $1 a '],
      [2, '*2 $1 q $1 b '],
    ]);
    run('RPUSH', 'q', 'c', 'd');
    serve();
    expect(answers).toEqual([[3, '*2 $1 q $1 c ']]);
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('is not served by what has gone, or has become something else, by then', () => {
    wait(1, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a');
    run('LPOP', 'q');
    serve();
    run('RPUSH', 'q', 'a');
    run('SET', 'q', 'text');
    serve();
    expect(answers).toEqual([]);
    expect(shard.waiters.ready).toBe(0);
  });

  it('goes on behind a client that somebody else has claimed, or that has left', () => {
    wait(1, 'BLPOP', ['q', '0']);
    wait(2, 'BLPOP', ['q', '0']);
    wait(3, 'BLPOP', ['q', '0']);
    claimed.add(1);
    shard.waiters.remove(2);
    run('RPUSH', 'q', 'a');
    serve();
    expect(answers).toEqual([[3, '*2 $1 q $1 a ']]);
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('is left at all keys by who was served at one', () => {
    wait(1, 'BLPOP', ['a', 'b', 'a', 'c', '0']);
    wait(2, 'BLPOP', ['b', '0']);
    expect(shard.waiters.size).toBe(3);
    run('RPUSH', 'c', 'x');
    serve();
    run('RPUSH', 'b', 'y');
    run('RPUSH', 'a', 'z');
    serve();
    expect(answers).toEqual([
      [1, '*2 $1 c $1 x '],
      [2, '*2 $1 b $1 y '],
    ]);
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('feeds the next one: moves make other keys ready in the same turn', () => {
    wait(1, 'BLMOVE', ['a', 'b', 'LEFT', 'RIGHT', '0']);
    wait(2, 'BRPOPLPUSH', ['b', 'c', '0']);
    wait(3, 'BLMPOP', ['0', '2', 'none', 'c', 'LEFT']);
    run('RPUSH', 'a', 'x');
    serve();
    expect(answers).toEqual([
      [1, '$1 x '],
      [2, '$1 x '],
      [3, '*2 $1 c *1 $1 x '],
    ]);
  });

  it('may move a list into itself', () => {
    wait(1, 'BLMOVE', ['q', 'q', 'LEFT', 'RIGHT', '0']);
    wait(2, 'BLMOVE', ['q', 'q', 'LEFT', 'RIGHT', '0']);
    run('RPUSH', 'q', '1', '2', '3');
    serve();
    expect(answers).toEqual([
      [1, '$1 1 '],
      [2, '$1 2 '],
    ]);
    expect(shard.waiters.isIdle).toBe(true);
  });
});

describe('keys that a running transaction holds', () => {
  it('stay ready until it is over', () => {
    const hash = request('q').hash(1);
    wait(1, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a');
    serve((held) => held === hash);
    expect(answers).toEqual([]);
    expect(shard.waiters.ready).toBe(1);
    serve();
    expect(answers).toEqual([[1, '*2 $1 q $1 a ']]);
  });

  it('are not written by a move that waits for another key', () => {
    const target = request('target').hash(1);
    wait(1, 'BLMOVE', ['q', 'target', 'LEFT', 'LEFT', '0'], { touches: [target] });
    wait(2, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a', 'b');
    serve((held) => held === target);
    expect(answers, 'nor does anybody overtake it').toEqual([]);
    serve();
    expect(answers).toEqual([
      [1, '$1 a '],
      [2, '*2 $1 q $1 b '],
    ]);
  });
});

describe('a client that needs keys of other shards', () => {
  it('is told to try, once, and holds up those behind it until it has', () => {
    wait(1, 'BLMOVE', ['q', 'far', 'LEFT', 'LEFT', '0'], { elsewhere: true });
    wait(2, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a', 'b');
    serve();
    run('RPUSH', 'q', 'c');
    serve();
    expect(tries).toEqual([1]);
    expect(answers).toEqual([]);
    // It got the first.
    run('LPOP', 'q');
    serve();
    shard.waiters.remove(1);
    expect(shard.waiters.ready).toBe(1);
    serve();
    expect(answers).toEqual([[2, '*2 $1 q $1 b ']]);
  });

  it('that found nothing keeps its place, and is told again', () => {
    wait(1, 'BLMOVE', ['q', 'far', 'LEFT', 'LEFT', '0'], { elsewhere: true });
    wait(2, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a');
    serve();
    run('LPOP', 'q'); // somebody else was quicker
    run('RPUSH', 'q', 'b');
    serve();
    expect(tries).toEqual([1]);
    shard.waiters.keepWaiting(1);
    serve();
    expect(tries, 'what has come meanwhile').toEqual([1, 1]);
    expect(answers).toEqual([]);
  });

  it('that has what it tried for lets those behind it have the rest, before its core says so', () => {
    wait(1, 'BLMOVE', ['q', 'far', 'LEFT', 'LEFT', '0'], { elsewhere: true });
    wait(2, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a', 'b');
    serve();
    run('LPOP', 'q'); // by the transaction that tries
    serve();
    expect(answers, 'it is not decided yet').toEqual([]);
    claimed.add(1);
    serve();
    expect(answers).toEqual([[2, '*2 $1 q $1 b ']]);
    shard.waiters.remove(1);
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('that leaves while it tries lets those behind it have what is there', () => {
    wait(1, 'BLMOVE', ['q', 'far', 'LEFT', 'LEFT', '0'], { elsewhere: true });
    wait(2, 'BLPOP', ['q', '0']);
    run('RPUSH', 'q', 'a');
    serve();
    shard.waiters.remove(1);
    serve();
    expect(answers).toEqual([[2, '*2 $1 q $1 a ']]);
    shard.waiters.keepWaiting(1);
    expect(shard.waiters.isIdle).toBe(true);
  });
});

describe('databases', () => {
  it('have lines of their own, and may be swapped', () => {
    wait(1, 'BLPOP', ['q', '0'], { db: 1 });
    run('RPUSH', 'q', 'a');
    serve();
    expect(answers).toEqual([]);
    shard.dbs[0].swapWith(shard.dbs[1]);
    serve();
    expect(answers).toEqual([[1, '*2 $1 q $1 a ']]);
  });
});

describe('a line for a stream', () => {
  const entry = (id: string): string => `*1 *2 $1 s *1 *2 $3 ${id} *2 $1 f $1 v `;

  it('is served as a whole: reading takes nothing away', () => {
    wait(1, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', '0']);
    wait(2, 'XREAD', ['BLOCK', '0', 'STREAMS', 'other', 's', '0', '5']);
    wait(3, 'BLPOP', ['s', '0']);
    wait(4, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', '1']);
    run('XADD', 's', '2-1', 'f', 'v');
    serve();
    expect(answers.splice(0)).toEqual([
      [1, entry('2-1')],
      [4, entry('2-1')],
    ]);
    run('XADD', 's', '6-1', 'f', 'v');
    run('XDEL', 's', '6-1');
    serve();
    expect(answers).toEqual([]);
    run('XADD', 's', '7-1', 'f', 'v');
    serve();
    expect(answers).toEqual([[2, entry('7-1')]]);
    shard.waiters.remove(3);
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('goes on behind a client whose core is trying', () => {
    wait(1, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', 'far', '0', '0'], { elsewhere: true });
    wait(2, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', '0']);
    run('XADD', 's', '1-1', 'f', 'v');
    serve();
    run('XADD', 's', '1-2', 'f', 'v');
    serve();
    expect(tries).toEqual([1]);
    expect(answers).toEqual([[2, entry('1-1')]]);
    shard.waiters.keepWaiting(1);
    serve();
    expect(tries).toEqual([1, 1]);
    shard.waiters.remove(1);
    serve();
    expect(shard.waiters.isIdle).toBe(true);
  });

  it('waits for keys that are held', () => {
    wait(1, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', '0'], { touches: [17] });
    run('XADD', 's', '1-1', 'f', 'v');
    serve((hash) => hash === 17);
    expect(answers).toEqual([]);
    expect(shard.waiters.ready).toBe(1);
    serve();
    expect(answers).toEqual([[1, entry('1-1')]]);
  });

  it('is told when what a group waits for is gone, and only then', () => {
    const gone = "-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option ";
    const group = (place: number): void => {
      wait(place, 'XREADGROUP', ['GROUP', 'g', 'c', 'BLOCK', '0', 'STREAMS', 's', '>']);
    };
    expect(shard.waiters.losers).toBe(0);
    run('CREATE', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    group(1);
    wait(2, 'XREAD', ['BLOCK', '0', 'STREAMS', 's', '0']);
    expect(shard.waiters.losers).toBe(1);
    run('SETID', 'SETID', 's', 'g', '0');
    serve();
    expect(answers).toEqual([]);
    run('DESTROY', 'DESTROY', 's', 'g');
    serve();
    expect(answers.splice(0)).toEqual([[1, gone]]);
    run('CREATE', 'CREATE', 's', 'g', '$');
    group(3);
    run('SET', 's', 'text');
    serve();
    expect(answers.splice(0)).toEqual([[3, '-WRONGTYPE Operation against a key holding the wrong kind of value ']]);
    shard.dbs[0].delete(request('s'), 1);
    run('CREATE', 'CREATE', 's', 'g', '$', 'MKSTREAM');
    group(4);
    shard.dbs[0].flush(false);
    serve();
    expect(answers.splice(0)).toEqual([[4, gone]]);
    expect(shard.waiters.losers).toBe(0);
    shard.waiters.remove(2);
    expect(shard.waiters.isIdle).toBe(true);
  });
});
