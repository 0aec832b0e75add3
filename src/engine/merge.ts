// One reply out of the replies of all shards. Works on encoded RESP: a head is read, bodies are joined as they are.

import { assert } from '../base/assert.js';
import type { Merge } from '../contract/spec.js';
import { readHead, ReplyHead, RESP } from '../protocol/reply-scanner.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { ERROR_BYTE } from './executor.js';

const head = new ReplyHead();

/** Merges `replies` (one complete reply each, by shard). The first error, if any shard gave one, is the answer. */
export function mergeReplies(merge: Merge, replies: readonly RespEncoder[]): RespEncoder {
  const failed = replies.find((reply) => reply.bytes[0] === ERROR_BYTE);
  if (failed !== undefined) return failed;
  switch (merge) {
    case 'all-ok':
    case 'first':
      return replies[0];
    case 'sum':
      return sum(replies);
    case 'concat':
      return concat(replies);
  }
}

function sum(replies: readonly RespEncoder[]): RespEncoder {
  let total = 0;
  for (const reply of replies) total += headOf(reply, RESP.integer).value;
  const merged = new RespEncoder();
  merged.integer(total);
  return merged;
}

function concat(replies: readonly RespEncoder[]): RespEncoder {
  let length = 0;
  for (const reply of replies) length += headOf(reply, RESP.array).value;
  const merged = new RespEncoder();
  merged.array(length);
  for (const reply of replies) merged.raw(reply.bytes, headOf(reply, RESP.array).next, reply.length);
  return merged;
}

/** What the first line of a reply of `type` says; good until the next call. */
function headOf(reply: RespEncoder, type: number): ReplyHead {
  const complete = readHead(reply.bytes, 0, reply.length, head);
  assert(complete && head.type === type, 'all shards give a complete reply of the same type');
  return head;
}
