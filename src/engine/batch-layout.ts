// The records that carry commands to the shard of another thread and their replies back.
//
//   commands  | session:i32 | batch:i32 | count:i32 | command ... |
//   command   | id:12 db:16 flags:4 (bits) | keyHash:i32 | argc:i32 | length:i32 x (argc - 1) | bytes of arguments 1.. |
//   replies   | RESP bytes | end:i32 x count | count:i32 | batch:i32 | session:i32 |
//
// All integers are little-endian and unaligned. The name (argument 0) does not travel: the id says it. Replies carry
// their directory behind them, because the shard knows it only after it has run the commands; `end` counts from the
// record's first byte. One batch may be answered by several reply records, each covering the next commands in order.

/** Record kinds on a mesh lane. */
export const KIND = { commands: 1, replies: 2 } as const;

const WORD = 4;
export const COMMANDS_HEAD_BYTES = 3 * WORD;
export const COMMAND_HEAD_BYTES = 3 * WORD;
export const REPLIES_TAIL_BYTES = 3 * WORD;

/** The first word of a command: its id in the lowest bits, the database, and the flags on top. */
export const COMMAND_ID_BITS = 12;
export const DB_BITS = 16;
export const FLAGS_SHIFT = COMMAND_ID_BITS + DB_BITS;

/** Command flags on the ring. */
export const RING_RESP3 = 1;
export const RING_NO_TOUCH = 2;

/** A batch record that has grown to this size is sent and a new one begun: it stays below a ring's largest record. */
export const BATCH_BYTES_MAX = 32 * 1024;

export function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

export function writeWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}
