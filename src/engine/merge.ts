// One reply out of the replies of all shards. Works on encoded RESP: a head is read, bodies are joined as they are.

import { assert } from '../base/assert.js';
import { parseSafeInteger } from '../base/integers.js';
import type { Merge } from '../contract/spec.js';
import { RespEncoder } from '../protocol/resp-encoder.js';
import { ERROR_BYTE } from './executor.js';

const CR = 0x0d;
const ARRAY_BYTE = 0x2a;
const INTEGER_BYTE = 0x3a;

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
  for (const reply of replies) total += headNumber(reply, INTEGER_BYTE);
  const merged = new RespEncoder();
  merged.integer(total);
  return merged;
}

function concat(replies: readonly RespEncoder[]): RespEncoder {
  let length = 0;
  for (const reply of replies) length += headNumber(reply, ARRAY_BYTE);
  const merged = new RespEncoder();
  merged.array(length);
  for (const reply of replies) merged.raw(reply.bytes, headEnd(reply) + 2, reply.length);
  return merged;
}

/** Offset of the CR that ends the reply's first line. */
function headEnd(reply: RespEncoder): number {
  const end = reply.bytes.indexOf(CR);
  assert(end > 0 && end < reply.length, 'a reply has a first line');
  return end;
}

function headNumber(reply: RespEncoder, type: number): number {
  assert(reply.bytes[0] === type, 'all shards give the same type of reply');
  return parseSafeInteger(reply.bytes, 1, headEnd(reply));
}
