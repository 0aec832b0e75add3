// The judge judged: histories by hand, some that a single-threaded Redis could have given and some that it could not.
//
//   A > SET k 1      client A has sent a request      A >| ...  to several shards      A >~ ...  a move between shards
//   A < OK           ... and reads its reply: OK, queued, 1 (an integer), nil, nil*, "bulk", ["bulk",null], !an error
//   clock 10         the clock moves on by 10 ms
//   quiet            everything stands still
//   A gone           client A's connection breaks

import { describe, expect, it } from 'vitest';
import { Checker, Violation, type Operation } from './checker.js';
import { Connection } from './model.js';
import { array, bulk, NIL, NIL_ARRAY, OK, QUEUED } from './replies.js';

type Json = string | number | null | Json[];

function replyOf(text: string): string {
  if (text === 'OK') return OK;
  if (text === 'queued') return QUEUED;
  if (text === 'nil') return NIL;
  if (text === 'nil*') return NIL_ARRAY;
  if (text.startsWith('!')) return `-${text.slice(1)}\r\n`;
  return encode(JSON.parse(text) as Json);
}

function encode(value: Json): string {
  if (value === null) return NIL;
  if (typeof value === 'number') return `:${value}\r\n`;
  if (value === 'OK') return OK;
  return typeof value === 'string' ? bulk(value) : array(value.map(encode));
}

class Client {
  readonly connection = new Connection();
  readonly asked: (Operation | string)[] = [];
}

/** Plays a history to the judge; throws its Violation. */
function play(lines: readonly string[]): Checker {
  const checker = new Checker();
  const clients = new Map<string, Client>();
  let nowMs = 0;
  for (const [step, line] of lines.entries()) {
    checker.history.step = step;
    const [who, what, ...rest] = line.split(' ');
    if (who === 'clock') checker.advance((nowMs += Number(what)));
    else if (who === 'quiet') checker.quiesce();
    else {
      const client = clients.get(who) ?? new Client();
      clients.set(who, client);
      act(checker, client, [...clients.keys()].indexOf(who), what, rest.join(' '));
    }
  }
  checker.judge();
  return checker;
}

function act(checker: Checker, client: Client, number: number, what: string, text: string): void {
  if (what === 'gone') {
    checker.abandon(number);
    return;
  }
  if (what === '<') {
    const asked = client.asked.shift();
    if (asked === undefined) throw new Error(`a reply to nothing: ${text}`);
    if (typeof asked === 'string') expect(asked).toBe(replyOf(text));
    else checker.respond(asked, replyOf(text));
    return;
  }
  const step = client.connection.take(text.split(' '));
  const traits = { isBarrier: what === '>|', isLate: what === '>~', text };
  client.asked.push(typeof step === 'string' ? step : checker.invoke(number, step, traits));
}

interface History {
  readonly name: string;
  readonly lines: readonly string[];
}

const GOOD: readonly History[] = [
  { name: 'one after the other', lines: ['A > SET k 1', 'A < OK', 'B > GET k', 'B < "1"', 'quiet'] },
  {
    name: 'a read beside a write sees either',
    lines: ['A > SET k 1', 'B > GET k', 'C > GET k', 'B < "1"', 'C < nil', 'A < OK', 'D > GET k', 'D < "1"'],
  },
  {
    name: 'a write whose reply is still out may be seen by one and then by all',
    lines: ['A > SET k 1', 'B > GET k', 'B < nil', 'C > GET k', 'C < "1"', 'D > GET k', 'D < "1"', 'A < OK'],
  },
  {
    name: 'increments get distinct numbers in any order',
    lines: ['A > INCR n', 'B > INCR n', 'C > INCR n', 'B < 3', 'C < 1', 'A < 2', 'quiet'],
  },
  {
    name: 'MSET is seen whole',
    lines: ['A >| MSET a 1 b 1', 'B >| MGET a b', 'C >| MGET b a', 'B < [null,null]', 'C < ["1","1"]', 'A < OK'],
  },
  {
    name: 'pipelined operations on different keys take effect in any order',
    lines: ['A > SET a 1', 'A > SET b 1', 'B > GET b', 'B < "1"', 'B > GET a', 'B < nil', 'A < OK', 'A < OK'],
  },
  {
    name: 'BLPOP is served by the push that follows',
    lines: ['A > BLPOP l 0', 'quiet', 'B > RPUSH l x y', 'B < 2', 'A < ["l","x"]', 'B > LLEN l', 'B < 1', 'quiet'],
  },
  {
    name: 'those who come at the same time get in line in any order',
    lines: ['A > BLPOP l 0', 'B > BLPOP l 0', 'quiet', 'C > RPUSH l x', 'C < 1', 'B < ["l","x"]', 'quiet'],
  },
  {
    name: 'first come, first served',
    lines: ['A > BLPOP l 0', 'quiet', 'B > BLPOP l 0', 'quiet', 'C > RPUSH l x', 'A < ["l","x"]', 'C < 1', 'quiet'],
  },
  {
    name: 'a transaction that takes back what it pushed serves nobody',
    lines: [
      ...['A > BLPOP l 0', 'quiet', 'B > MULTI', 'B < OK', 'B > RPUSH l x', 'B > DEL l', 'B < queued', 'B < queued'],
      ...['B > EXEC', 'B < [1,1]', 'quiet'],
    ],
  },
  {
    name: 'EXEC is one instant',
    lines: [
      ...['A > MULTI', 'A < OK', 'A > INCR a', 'A < queued', 'A > INCR b', 'A < queued', 'A >| EXEC', 'B >| MGET a b'],
      ...['B < ["1","1"]', 'A < [1,1]'],
    ],
  },
  {
    name: 'EXEC does nothing when a watched key has changed',
    lines: [
      ...['A > WATCH k', 'A < OK', 'B > SET k 2', 'B < OK', 'A > MULTI', 'A < OK', 'A > SET k 1', 'A < queued'],
      ...['A > EXEC', 'A < nil*', 'B > GET k', 'B < "2"'],
    ],
  },
  {
    name: 'EXEC beside a change of a watched key goes either way',
    lines: [
      ...['A > WATCH k', 'A < OK', 'A > MULTI', 'A < OK', 'A > SET k 1', 'A < queued', 'B > SET k 2', 'A > EXEC'],
      ...['A < ["OK"]', 'B < OK', 'B > GET k', 'B < "2"'],
    ],
  },
  {
    name: 'a key may live on until somebody asks who began after its deadline',
    lines: ['A > SET k 1 PX 10', 'A < OK', 'B > GET k', 'clock 11', 'B < "1"', 'C > GET k', 'C < nil'],
  },
  {
    name: 'of two reads beside a deadline one may come before it and the other behind',
    lines: ['A > SET k 1 PX 10', 'A < OK', 'B > GET k', 'C > GET k', 'clock 11', 'C < nil', 'B < "1"'],
  },
  {
    name: 'a deadline counts from when the command ran',
    lines: [
      'A > SET k 1 PX 10',
      'clock 9',
      'A < OK',
      'clock 9',
      'B > GET k',
      'B < "1"',
      'clock 2',
      'C > GET k',
      'C < nil',
    ],
  },
  {
    name: 'a timeout is a reply after its time',
    lines: ['A > BLPOP l 0.01', 'clock 10', 'A < nil*', 'B > RPUSH l x', 'B < 1', 'B > LLEN l', 'B < 1', 'quiet'],
  },
  {
    name: 'one whose time is up may leave before the next push, or just be served by it',
    lines: [
      ...['A > BLPOP l 0.01', 'quiet', 'B > BLPOP l 0', 'quiet', 'clock 20', 'C > RPUSH l x', 'C < 1'],
      ...['A < nil*', 'B < ["l","x"]', 'quiet'],
    ],
  },
  {
    name: 'what stands behind a timeout that nobody has read may have happened',
    lines: [
      ...['A > BLPOP l 0.01', 'A > RPUSH m x', 'B > LPOP m', 'clock 10', 'B < "x"', 'A < nil*', 'A < 1', 'quiet'],
    ],
  },
  {
    name: 'whoever is served goes on, and serves others',
    lines: [
      ...['A > BLPOP l 0', 'A > RPUSH m x', 'B > BLPOP m 0', 'quiet', 'C > RPUSH l y', 'B < ["m","x"]', 'C < 1'],
      ...['A < ["l","y"]', 'A < 1', 'quiet'],
    ],
  },
  {
    name: 'the time of one behind another begins when that one is over',
    lines: ['A > BLPOP l 0.01', 'A > BLPOP l 0.01', 'quiet', 'clock 11', 'A < nil*', 'quiet', 'clock 11', 'A < nil*'],
  },
  {
    name: 'a move between shards may come too late',
    lines: [
      ...['A >~ BLMOVE s d LEFT RIGHT 0', 'quiet', 'B > RPUSH s x', 'B < 1', 'C > LPOP s', 'C < "x"', 'quiet'],
      ...['B > RPUSH s y', 'B < 1', 'A < "y"', 'C > LRANGE d 0 -1', 'C < ["y"]', 'quiet'],
    ],
  },
  {
    name: 'who stands behind a move between shards may be served as late',
    lines: [
      ...['A >~ BLMOVE s d LEFT RIGHT 0', 'quiet', 'B > BLPOP s 0', 'quiet', 'C > RPUSH s x y z', 'C < 3'],
      ...['D > LPOP s', 'D < "x"', 'A < "y"', 'B < ["s","z"]', 'quiet'],
    ],
  },
  {
    name: 'who stands behind a move between shards is served when that one has left',
    lines: [
      ...['A >~ BLMOVE s d LEFT RIGHT 0.01', 'quiet', 'B > BLPOP s 0', 'quiet', 'C > RPUSH s x', 'C < 1'],
      ...['clock 10', 'B < ["s","x"]', 'A < nil*', 'quiet'],
    ],
  },
  {
    name: 'a chain of moves',
    lines: [
      ...['A > BLMOVE a b LEFT LEFT 0', 'quiet', 'B > BLMOVE b c LEFT LEFT 0', 'quiet', 'C > LPUSH a x', 'C < 1'],
      ...['B < "x"', 'A < "x"', 'C > LRANGE c 0 -1', 'C < ["x"]', 'quiet'],
    ],
  },
  {
    name: 'a list that moves its only element to itself keeps its deadline',
    lines: [
      ...['A > RPUSH l x', 'A < 1', 'A > PEXPIRE l 10', 'A < 1', 'A > LMOVE l l LEFT LEFT', 'A < "x"', 'clock 11'],
      ...['A > LLEN l', 'A < 0'],
    ],
  },
  {
    name: 'what a lost client asked for may happen late, or never',
    lines: ['A > SET k 1', 'A gone', 'B > GET k', 'B < nil', 'B > GET k', 'B < "1"', 'quiet', 'B > GET k', 'B < "1"'],
  },
  {
    name: 'a lost client leaves the line',
    lines: ['A > BLPOP l 0', 'quiet', 'A gone', 'quiet', 'B > RPUSH l x', 'B < 1', 'B > LLEN l', 'B < 1', 'quiet'],
  },
  {
    name: 'SWAPDB takes along what nobody has asked for since',
    lines: [
      ...['A > SET k 1', 'A < OK', 'A >| SWAPDB 0 1', 'A < OK', 'A > GET k', 'A < nil'],
      ...['A >| SWAPDB 0 1', 'A < OK', 'A > GET k', 'A < "1"'],
    ],
  },
  {
    name: 'SWAPDB beside keys that are new',
    lines: [
      ...['A >| SWAPDB 0 1', 'B > SET k 1', 'C >| MSET k 2 m 2', 'A < OK', 'B < OK', 'C < OK'],
      ...['B >| SWAPDB 0 1', 'B < OK', 'C >| MGET k m', 'C < ["1",null]'],
    ],
  },
  {
    name: 'FLUSHALL among the rest',
    lines: [
      'A > SET a 1',
      'B >| FLUSHALL',
      'C > SET b 1',
      'C < OK',
      'B < OK',
      'A < OK',
      'D >| DBSIZE',
      'D < 1',
      'quiet',
    ],
  },
];

const BAD: readonly History[] = [
  { name: 'a stale read after a completed write', lines: ['A > SET k 1', 'A < OK', 'B > GET k', 'B < nil'] },
  {
    name: 'a read that goes back in time',
    lines: ['A > SET k 1', 'B > GET k', 'B < "1"', 'B > GET k', 'B < nil'],
  },
  { name: 'a lost increment', lines: ['A > INCR n', 'B > INCR n', 'A < 1', 'B < 1'] },
  { name: 'a value from nowhere', lines: ['A > SET k 1', 'B > GET k', 'B < "2"'] },
  {
    name: 'a torn MSET',
    lines: ['A >| MSET a 1 b 1', 'B >| MGET a b', 'B < ["1",null]'],
  },
  {
    name: 'a torn MSET seen by two reads',
    lines: ['A >| MSET a 1 b 1', 'B > GET a', 'B < "1"', 'B > GET b', 'B < nil'],
  },
  {
    name: 'two MSETs that each win one key',
    lines: ['A >| MSET a 1 b 1', 'B >| MSET a 2 b 2', 'A < OK', 'B < OK', 'C >| MGET a b', 'C < ["1","2"]'],
  },
  {
    name: 'a transaction seen half-way',
    lines: [
      ...['A > MULTI', 'A < OK', 'A > INCR a', 'A < queued', 'A > INCR b', 'A < queued', 'A >| EXEC', 'B >| MGET a b'],
      ...['B < ["1",null]'],
    ],
  },
  {
    name: 'EXEC in spite of a completed change',
    lines: [
      ...[
        'A > WATCH k',
        'A < OK',
        'B > SET k 2',
        'B < OK',
        'A > MULTI',
        'A < OK',
        'A > GET k',
        'A < queued',
        'A > EXEC',
      ],
      ...['A < ["2"]'],
    ],
  },
  {
    name: 'EXEC that fails without a reason',
    lines: ['A > WATCH k', 'A < OK', 'A > MULTI', 'A < OK', 'B > GET k', 'B < nil', 'A > EXEC', 'A < nil*'],
  },
  {
    name: 'one client, one key, the wrong order',
    lines: ['A > SET k 1', 'A > SET k 2', 'A < OK', 'A < OK', 'B > GET k', 'B < "1"'],
  },
  {
    name: 'past a barrier of its own client',
    lines: ['A > SET a 1', 'A >| MSET b 1 c 1', 'B > GET b', 'B < "1"', 'B > GET a', 'B < nil'],
  },
  {
    name: 'a double pop',
    lines: ['A > RPUSH l x', 'A < 1', 'B > LPOP l', 'C > LPOP l', 'B < "x"', 'C < "x"'],
  },
  {
    name: 'a double pop by two who wait',
    lines: ['A > BLPOP l 0', 'B > BLPOP l 0', 'quiet', 'C > RPUSH l x', 'C < 1', 'A < ["l","x"]', 'B < ["l","x"]'],
  },
  {
    name: 'out of line',
    lines: ['A > BLPOP l 0', 'quiet', 'B > BLPOP l 0', 'quiet', 'C > RPUSH l x', 'B < ["l","x"]'],
  },
  {
    name: 'an element that a waiting client should have got is taken by another',
    lines: ['A > BLPOP l 0', 'quiet', 'B > RPUSH l x', 'B < 1', 'C > LPOP l', 'C < "x"'],
  },
  {
    name: 'past a move between shards that came first',
    lines: [
      ...['A >~ BLMOVE s d LEFT RIGHT 0', 'quiet', 'B > BLPOP s 0', 'quiet', 'C > RPUSH s x', 'C < 1'],
      ...['B < ["s","x"]'],
    ],
  },
  {
    name: 'what stands behind one that waits has happened',
    lines: ['A > BLPOP l 0.01', 'A > RPUSH m x', 'B > LPOP m', 'clock 9', 'B < "x"'],
  },
  {
    name: 'SWAPDB that loses a key',
    lines: ['A > SET k 1', 'A < OK', 'A >| SWAPDB 0 1', 'A < OK', 'A >| SWAPDB 1 0', 'A < OK', 'A > GET k', 'A < nil'],
  },
  { name: 'a lost wake-up', lines: ['A > BLPOP l 0', 'quiet', 'B > RPUSH l x', 'B < 1', 'quiet'] },
  {
    name: 'a lost wake-up of a move between shards',
    lines: ['A >~ BLMOVE s d LEFT RIGHT 0', 'quiet', 'B > RPUSH s x', 'B < 1', 'quiet'],
  },
  { name: 'no reply at all', lines: ['A > SET k 1', 'quiet'] },
  {
    name: 'a move that takes and does not give',
    lines: ['A > RPUSH s x', 'A < 1', 'B > LMOVE s d LEFT LEFT', 'C > LLEN s', 'C < 0', 'C > LLEN d', 'C < 0'],
  },
  { name: 'a timeout before its time', lines: ['A > BLPOP l 0.01', 'clock 9', 'A < nil*'] },
  { name: 'a timeout that never comes', lines: ['A > BLPOP l 0.01', 'quiet', 'clock 11', 'quiet'] },
  {
    name: 'a key beyond its deadline',
    lines: ['A > SET k 1 PX 10', 'A < OK', 'clock 11', 'B > GET k', 'B < "1"'],
  },
  {
    name: 'a key gone before its deadline',
    lines: ['A > SET k 1 PX 10', 'A < OK', 'clock 10', 'B > GET k', 'B < nil'],
  },
  {
    name: 'a key that comes back after its deadline',
    lines: [
      'A > SET k 1 PX 10',
      'A < OK',
      'B > GET k',
      'C > GET k',
      'clock 11',
      'D > GET k',
      'D < nil',
      'E > GET k',
      'E < "1"',
    ],
  },
  {
    name: 'FLUSHALL that forgets a key',
    lines: ['A > SET a 1', 'A < OK', 'B >| FLUSHALL', 'B < OK', 'C > GET a', 'C < "1"'],
  },
];

describe('histories that may be', () => {
  it.each(GOOD)('$name', ({ lines }) => {
    expect(() => play(lines)).not.toThrow();
  });
});

describe('histories that may not be', () => {
  it.each(BAD)('$name', ({ lines }) => {
    expect(() => play(lines.slice(0, -1))).not.toThrow();
    expect(() => play(lines)).toThrow(Violation);
  });
});

it('a report names the operation, the step and what the clients saw', () => {
  const lines = ['A > SET k 1', 'A < OK', 'B > GET k', 'B < nil'];
  expect(() => play(lines)).toThrow(
    /no order of operations gives '\$-1' for #2 GET k\nstep 3, keys 0:k(.|\n)*A?client 0 asks {4}#1 SET k 1/,
  );
});

it('independent keys do not multiply', () => {
  const names = Array.from({ length: 20 }, (_, i) => i);
  const checker = play(names.flatMap((i) => [`A${i} > SET k${i} 1`, `B${i % 8} > GET k${i}`]).slice(0, 16));
  expect(checker.stats.configurationsMax).toBeLessThan(2);
  expect(checker.stats.operations).toBe(16);
});
