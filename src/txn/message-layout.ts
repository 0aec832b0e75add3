// A published message on its way from the shard of its channel to a core whose clients receive it:
//
//   message   | kind | hash | channelBytes | channel | content |
//
// The first three fields are little-endian int32, unaligned. `kind` is TOPIC.channel or TOPIC.shardChannel, `hash` the key hash
// of the channel.

import { NO_BYTES, readWord } from '../base/bytes.js';
import type { GrowingBytes } from '../base/growing-bytes.js';
import type { Args } from '../contract/args.js';
import { TOPIC, type TopicKind } from '../contract/pubsub.js';

const WORD = 4;
const MESSAGE_HEAD_BYTES = 3 * WORD;

/** Appends the message at arguments 1 (channel) and 2 (content). */
export function appendMessage(record: GrowingBytes, kind: TopicKind, args: Args): void {
  record.appendWord(kind);
  record.appendWord(args.hash(1));
  record.appendWord(args.length(1));
  record.append(args.bytes, args.starts[1], args.ends[1]);
  record.append(args.bytes, args.starts[2], args.ends[2]);
}

/** A message as spans over its record. */
export class Message {
  bytes: Uint8Array = NO_BYTES;
  kind: TopicKind = TOPIC.channel;
  hash = 0;
  /** The channel is `bytes[channelStart, channelEnd)`, the content `bytes[channelEnd, end)`. */
  channelStart = 0;
  channelEnd = 0;
  end = 0;

  read(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.kind = readWord(bytes, start) as TopicKind;
    this.hash = readWord(bytes, start + WORD);
    this.channelStart = start + MESSAGE_HEAD_BYTES;
    this.channelEnd = this.channelStart + readWord(bytes, start + 2 * WORD);
    this.end = end;
  }
}
