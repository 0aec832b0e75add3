// What a record on a lane of the mesh is: the one list of everything that one core says to another about data.

export const KIND = {
  // requests
  /** Commands of one connection (engine/batch-layout.ts). */
  commands: 1,
  /** One shard's part of a hop of a transaction (hop-layout.ts). */
  hop: 2,
  /** A client does not watch or wait any more (hop-layout.ts). */
  forget: 3,
  // replies
  /** Replies to `commands`. */
  replies: 16,
  /** Replies to a hop. */
  hopReplies: 17,
  /** A transaction has ended that the receiver waits for. Empty. */
  ended: 18,
  /** Stripes have been given back that the receiver waits for, or it is its turn (fabric/lock-stripes.ts). Empty. */
  retry: 19,
  /** What a blocked client waited for has come (hop-layout.ts). */
  unblocked: 20,
  /** A message for those of the receiver's clients who listen to its channel (message-layout.ts). */
  message: 21,
} as const;
