// Feeds bytes to a decoder as a connection would: pieces appended to a buffer, finished requests taken from its front.

import type { Args } from '../../src/contract/args.js';
import {
  COMPLETE,
  EMPTY,
  FAILED,
  INCOMPLETE,
  type DecodeProgress,
  type RequestDecoder,
} from '../../src/protocol/request-decoder.js';

/** A request as its words (one character per byte), or what ended the decoding: an error text or 'incomplete'. */
export type Decoded = string[] | string;

/** Everything that `pieces` decode to, in order. An error is the last element; 'incomplete' too, when bytes are left. */
export function decodeAll(
  decoder: RequestDecoder,
  args: Args,
  progress: DecodeProgress,
  pieces: readonly Uint8Array[],
): Decoded[] {
  const found: Decoded[] = [];
  let buffer = new Uint8Array(0);
  for (const piece of pieces) {
    // A fresh buffer each time: nothing may rely on its identity or on where the request stands in it. The bytes behind
    // the end are such as a reused buffer would hold.
    const end = buffer.length + piece.length;
    const bytes = new Uint8Array(end + 32).fill(0x39);
    bytes.set(buffer);
    bytes.set(piece, buffer.length);
    let at = 0;
    for (;;) {
      const result = decoder.decode(bytes, at, end, args, progress);
      if (result === INCOMPLETE) break;
      if (result === FAILED) return [...found, decoder.error];
      if (result === COMPLETE) found.push(Array.from({ length: args.count }, (_, i) => args.latin1(i)));
      if (decoder.next <= at) throw new Error(`result ${result} without progress (EMPTY is ${EMPTY})`);
      at = decoder.next;
    }
    buffer = bytes.slice(at, end);
  }
  return buffer.length === 0 ? found : [...found, 'incomplete'];
}
