// How the waiting of a client ends: by a shard, by time, by CLIENT UNBLOCK, by leaving; and what becomes of these while its
// command is being tried as a transaction.

import { beforeEach, describe, expect, it } from 'vitest';
import type { EventLoop } from '../../../src/base/event-loop.js';
import { ALL_COMMANDS } from '../../../src/commands/index.js';
import { BlockedClients } from '../../../src/engine/blocked.js';
import { buildCommandTable } from '../../../src/engine/command-table.js';
import { ReplyBatch } from '../../../src/engine/reply-batch.js';
import type { Session } from '../../../src/engine/session.js';
import { ClientWords, createClientWords } from '../../../src/fabric/client-words.js';
import { RespEncoder } from '../../../src/protocol/resp-encoder.js';
import { FORGET_WAIT, KEEP_WAITING } from '../../../src/txn/hop-layout.js';
import type { Txn } from '../../../src/txn/txn.js';
import { present } from '../../support/present.js';
import { request } from '../../support/shards.js';

const command = present(buildCommandTable(ALL_COMMANDS).byName('BLMOVE'));
const args = request('from', 'to', 'LEFT', 'LEFT', '1');
const ANSWER = Buffer.from('$1\r\nx\r\n');

let words: ClientWords;
let session: Session;
let claim: number;
let blocked: BlockedClients;
let events: string[];
let timers: Set<() => void>;

const loop: EventLoop = {
  soon: (callback) => {
    callback();
  },
  after: (_ms, callback) => {
    timers.add(callback);
    return { cancel: () => timers.delete(callback) };
  },
  activeUs: () => 0,
};

beforeEach(() => {
  words = new ClientWords(createClientWords(1), 0);
  const place = words.takePlace();
  // What of a session is looked at.
  session = { place, protocol: 2, blocked: undefined } as unknown as Session;
  claim = words.openClaim(place);
  events = [];
  timers = new Set();
  blocked = new BlockedClients({
    loop,
    counted: (clients, timed) => events.push(`count ${clients} (${timed})`),
    claim: (at, value) => words.claim(at, value),
    tell: (shards, _place, what) => {
      const said = what === KEEP_WAITING ? 'keep waiting' : what === FORGET_WAIT ? 'forget' : '?';
      events.push(`${said} ${shards.join()}`);
    },
    attempt: () => events.push('try'),
    answer: (_session, _batch, reply) => {
      events.push(Buffer.from(reply.bytes.subarray(0, reply.length)).toString().replaceAll('\r\n', ' ').trim());
    },
  });
});

function block(shards: readonly number[] = [0, 2], ms = 1000): void {
  blocked.block(session, { command, args, batch: new ReplyBatch(3), claim, shards }, ms);
  expect(events.splice(0)).toEqual([`count 1 (${ms > 0 ? 1 : 0})`]);
}

const timeIsOver = (): void => {
  for (const timer of [...timers]) {
    timers.delete(timer);
    timer();
  }
};
const shardAnswers = (of = claim): void => {
  blocked.onShard(session, of, ANSWER, 0, ANSWER.length);
};
const shardSaysTry = (): void => {
  blocked.onShard(session, claim, ANSWER, 0, 0);
};
/** The end of a try; '' for one that found nothing. */
const tried = (text: string): void => {
  const reply = new RespEncoder();
  if (text !== '') reply.simple(text);
  const txn = { reply } as unknown as Txn;
  blocked.decided(session, txn);
  blocked.tried(session, txn);
};
const seen = (): string[] => events.splice(0);

describe('a wait', () => {
  it('is answered by a shard that has claimed it, and forgotten by the others', () => {
    block();
    expect(words.claim(session.place, claim)).toBe(true);
    shardAnswers();
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '$1 x']);
    expect([session.blocked, timers.size]).toEqual([undefined, 0]);
    shardAnswers();
    timeIsOver();
    expect(seen()).toEqual([]);
  });

  it('on one shard leaves nobody to be told', () => {
    block([1]);
    words.claim(session.place, claim);
    shardAnswers();
    expect(seen()).toEqual(['count 0 (0)', '$1 x']);
  });

  it('ends with its time', () => {
    block();
    timeIsOver();
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '*-1']);
    expect(words.claim(session.place, claim), 'no shard can have it any more').toBe(false);
  });

  it('for ever has no time', () => {
    block([0], 0);
    expect(timers.size).toBe(0);
  });

  it('whose time ends when a shard has just claimed it gets what that sends', () => {
    block();
    words.claim(session.place, claim);
    timeIsOver();
    expect(seen()).toEqual([]);
    expect(blocked.unblock(session, false)).toBe(false);
    shardAnswers();
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '$1 x']);
  });

  it('ends by CLIENT UNBLOCK, once', () => {
    block();
    expect(blocked.unblock(session, true)).toBe(true);
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '-UNBLOCKED client unblocked via CLIENT UNBLOCK']);
    expect(blocked.unblock(session, true)).toBe(false);
    claim = words.openClaim(session.place);
    block();
    expect(blocked.unblock(session, false)).toBe(true);
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '*-1']);
  });

  it('ends when the client leaves', () => {
    block();
    blocked.leave(session);
    expect(seen()).toEqual(['count 0 (0)', 'forget 0,2']);
    expect(words.claim(session.place, claim)).toBe(false);
    blocked.leave(session);
    timeIsOver();
    expect(seen()).toEqual([]);
  });

  it('does not take what belonged to an earlier one', () => {
    const earlier = claim;
    claim = words.openClaim(session.place);
    block();
    shardAnswers(earlier);
    expect(seen()).toEqual([]);
  });
});

describe('a try', () => {
  beforeEach(() => {
    block();
    shardSaysTry();
    expect(seen()).toEqual(['try']);
  });

  it('is made once at a time', () => {
    shardSaysTry();
    expect(seen()).toEqual([]);
  });

  it('that has an answer ends the wait', () => {
    tried('done');
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '+done']);
    expect(words.claim(session.place, claim)).toBe(false);
  });

  it('that finds nothing lets it go on, and may come again', () => {
    tried('');
    expect(seen()).toEqual(['keep waiting 0,2']);
    shardSaysTry();
    expect(seen()).toEqual(['try']);
  });

  it('outlasts the time, which ends the wait afterwards', () => {
    timeIsOver();
    expect(seen()).toEqual([]);
    tried('');
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '*-1']);
  });

  it('outlasts the time, and may still bring something', () => {
    timeIsOver();
    tried('late');
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '+late']);
  });

  it('outlasts CLIENT UNBLOCK', () => {
    expect(blocked.unblock(session, true)).toBe(true);
    expect(blocked.unblock(session, false), 'it is unblocked already').toBe(false);
    tried('');
    expect(seen()).toEqual(['forget 0,2', 'count 0 (0)', '-UNBLOCKED client unblocked via CLIENT UNBLOCK']);
  });

  it('of a client that has left is nobody’s', () => {
    blocked.leave(session);
    expect(seen()).toEqual(['count 0 (0)', 'forget 0,2']);
    tried('done');
    expect(seen()).toEqual([]);
  });
});
