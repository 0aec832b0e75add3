// The records that carry single commands of one connection to the shard of another thread, and their replies back.
//
//   commands  | session:i32 | batch:i32 | count:i32 | command ... |               (a command: txn/command-record.ts)
//   replies   | RESP bytes | end:i32 x count | count:i32 | batch:i32 | session:i32 |
//
// All integers are little-endian and unaligned. Replies carry their directory behind them, because the shard knows it only
// after it has run the commands; `end` counts from the record's first byte. One batch may be answered by several reply
// records, each covering the next commands in order.

const WORD = 4;
export const COMMANDS_HEAD_BYTES = 3 * WORD;
export const REPLIES_TAIL_BYTES = 3 * WORD;

/** A batch record that has grown to this size is sent and a new one begun: it stays below a ring's largest record. */
export const BATCH_BYTES_MAX = 32 * 1024;
