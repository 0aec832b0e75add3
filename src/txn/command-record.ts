// A command on its way to another thread's shard, as a part of a record:
//
//   | id:12 db:16 flags:4 (bits) | keyHash:i32 | argc:i32 | length:i32 x (argc - 1) | bytes of arguments 1.. |
//
// All integers are little-endian and unaligned. The name (argument 0) does not travel: the id says it. `keyHash` is the
// hash of the argument that is the first key or channel, 0 without one.

import { readWord, writeWord } from '../base/bytes.js';
import type { GrowingBytes } from '../base/growing-bytes.js';
import { Args } from '../contract/args.js';

const WORD = 4;
const COMMAND_HEAD_BYTES = 3 * WORD;
const COMMAND_ID_BITS = 12;
const DB_BITS = 16;
const FLAGS_SHIFT = COMMAND_ID_BITS + DB_BITS;
const COMMAND_ID_MASK = (1 << COMMAND_ID_BITS) - 1;
const DB_MASK = (1 << DB_BITS) - 1;

/** Command flags on the ring. */
export const RING_RESP3 = 1;
export const RING_NO_TOUCH = 2;
/** Part of a command that is counted where the whole of it is known. */
export const RING_PART = 4;
/** Wait when there is nothing to answer with: the record says for whom. */
export const RING_BLOCKS = 8;

/** What a command must know of the connection it comes from. */
export interface CommandOrigin {
  readonly id: number;
  readonly db: number;
  readonly protocol: 2 | 3;
  readonly noTouch: boolean;
}

/** The flags that say how the replies to `origin` are written. */
export function flagsOf(origin: CommandOrigin): number {
  return (origin.protocol === 3 ? RING_RESP3 : 0) | (origin.noTouch ? RING_NO_TOUCH : 0);
}

/** Appends a command to `record`. */
export function appendCommand(
  record: GrowingBytes,
  id: number,
  db: number,
  flags: number,
  keyHash: number,
  args: Args,
): void {
  const { bytes, starts, ends, count } = args;
  record.reserve(COMMAND_HEAD_BYTES + WORD * count);
  const out = record.bytes;
  let at = record.length;
  writeWord(out, at, id | (db << COMMAND_ID_BITS) | (flags << FLAGS_SHIFT));
  writeWord(out, at + WORD, keyHash);
  writeWord(out, at + 2 * WORD, count);
  at += COMMAND_HEAD_BYTES;
  for (let i = 1; i < count; i++, at += WORD) writeWord(out, at, ends[i] - starts[i]);
  record.length = at;
  for (let i = 1; i < count; i++) record.append(bytes, starts[i], ends[i]);
}

/** A command taken from a record; its arguments are spans over the record. */
export class RecordedCommand {
  readonly args: Args;
  id = 0;
  db = 0;
  flags = 0;
  /** The argument that is the first key, its hash remembered in `args`; 0: none. */
  keyIndex = 0;
  /** The offset behind it. */
  end = 0;
  readonly #hashedArguments: readonly number[];

  /** @param hashedArguments by command id: the argument whose hash came along */
  constructor(hashSeed: number, hashedArguments: readonly number[]) {
    this.args = new Args(hashSeed);
    this.#hashedArguments = hashedArguments;
  }

  /** Reads the command at `start`; returns the offset behind it. */
  read(bytes: Uint8Array, start: number): number {
    const { args } = this;
    const head = readWord(bytes, start);
    const argc = readWord(bytes, start + 2 * WORD);
    this.id = head & COMMAND_ID_MASK;
    this.db = (head >>> COMMAND_ID_BITS) & DB_MASK;
    this.flags = head >>> FLAGS_SHIFT;
    args.reset(bytes);
    args.push(start, start); // the name does not travel
    let lengthAt = start + COMMAND_HEAD_BYTES;
    let at = lengthAt + WORD * (argc - 1);
    for (let i = 1; i < argc; i++, lengthAt += WORD) {
      const end = at + readWord(bytes, lengthAt);
      args.push(at, end);
      at = end;
    }
    const hashed = this.#hashedArguments[this.id];
    this.keyIndex = hashed < argc ? hashed : 0;
    args.hashedIndex = hashed;
    args.hashedValue = readWord(bytes, start + WORD);
    this.end = at;
    return at;
  }
}
