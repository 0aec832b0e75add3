// The records of transactions between the core that coordinates one and the shards it touches.
//
//   hop        | txn | word | value | nowLow | nowHigh | flags | session | place | claim | watch |
//              | holds | (hash, exclusive) x holds | commands | command ... |          a command: command-record.ts
//   hopReplies | RESP bytes | end x commands | commands | ready | txn |                 no commands: a watched key has changed
//   forget     | place | what |
//   unblocked  | RESP bytes | session | claim |                                         no bytes: try again, as a transaction
//
// Every field is a little-endian int32, unaligned; offsets in `end` count from the record's first byte. `now` is the wall time
// at which all parts of the transaction run, Unix ms. `word` and `value` name the transaction to the shards that hold
// keys for it (fabric/txn-words.ts); a solo hop is the whole of its transaction and holds nothing. `ready` is not 0 where clients
// wait for what the transaction may have brought: a hop without commands has them served before its end.

import { readWord, writeWord } from '../base/bytes.js';
import type { GrowingBytes } from '../base/growing-bytes.js';
import type { HeldKey } from './footprint.js';

const WORD = 4;
const TWO_32 = 4294967296;

export const HOP_SOLO = 1;
export const HOP_WHOLE_SHARED = 2;
export const HOP_WHOLE_EXCLUSIVE = 4;
/** The client's watched keys are looked at first, and watched no longer; if one has changed, nothing runs. */
export const HOP_WATCHED = 8;
/** The transaction has run all its commands: whoever waits for what it brought is served. */
export const HOP_SERVE = 16;

export const HOP_REPLIES_TAIL_BYTES = 3 * WORD;
/** Where the fields of that tail begin, counted back from its end. */
export const HOP_REPLIES_COMMANDS = 3 * WORD;
export const HOP_REPLIES_READY = 2 * WORD;
export const HOP_REPLIES_TXN = WORD;
export const UNBLOCKED_TAIL_BYTES = 2 * WORD;
export const FORGET_BYTES = 2 * WORD;

/** What a `forget` is about. */
export const FORGET_WATCH = 0;
export const FORGET_WAIT = 1;
/** The client's core tried and found nothing: the wait goes on. */
export const KEEP_WAITING = 2;

/** A client for whom a hop may wait or watch; all 0 when it does neither. */
export interface HopClient {
  session: number;
  place: number;
  claim: number;
  watch: number;
}

/** The head of a hop. */
export interface HopHead extends HopClient {
  txn: number;
  word: number;
  value: number;
  nowMs: number;
  flags: number;
}

export function newHopHead(): HopHead {
  return { txn: 0, word: 0, value: 0, nowMs: 0, flags: 0, session: 0, place: 0, claim: 0, watch: 0 };
}

/** Begins a hop record: its head and the keys to hold. The number of commands and the commands follow. */
export function appendHopHead(record: GrowingBytes, head: HopHead, holds: readonly HeldKey[]): void {
  record.appendWord(head.txn);
  record.appendWord(head.word);
  record.appendWord(head.value);
  record.appendWord(head.nowMs % TWO_32);
  record.appendWord(Math.floor(head.nowMs / TWO_32));
  record.appendWord(head.flags);
  record.appendWord(head.session);
  record.appendWord(head.place);
  record.appendWord(head.claim);
  record.appendWord(head.watch);
  record.appendWord(holds.length);
  for (const { hash, exclusive } of holds) {
    record.appendWord(hash);
    record.appendWord(exclusive ? 1 : 0);
  }
}

/** Reads a head into `head` and the keys to hold into `holds`; returns the offset of the number of commands. */
export function readHopHead(bytes: Uint8Array, start: number, head: HopHead, holds: HeldKey[]): number {
  let at = start;
  const next = (): number => {
    const value = readWord(bytes, at);
    at += WORD;
    return value;
  };
  head.txn = next();
  head.word = next();
  head.value = next();
  head.nowMs = (next() >>> 0) + next() * TWO_32;
  head.flags = next();
  head.session = next();
  head.place = next();
  head.claim = next();
  head.watch = next();
  holds.length = 0;
  for (let left = next(); left > 0; left--) holds.push({ hash: next(), exclusive: next() !== 0 });
  return at;
}

/** Fills a `forget` record. */
export function writeForget(bytes: Uint8Array, place: number, what: number): void {
  writeWord(bytes, 0, place);
  writeWord(bytes, WORD, what);
}
