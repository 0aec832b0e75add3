// Finding one's way in replies that are encoded already: where one ends, what its head says. The engine merges the
// replies of several shards with it (sums integers, joins arrays) without decoding them.
//
// Replies come from our own encoder: malformed ones are bugs and fail assertions; incomplete ones are a normal case.
// Walking is a loop with a count of values still to come, so that nesting costs no stack and every byte is seen once;
// the content of bulks is stepped over.

import { assert, unreachable } from '../base/assert.js';

const CR = 0x0d;
const ZERO = 0x30;
const MINUS = 0x2d;

/** Type bytes of RESP, by name. */
export const RESP = {
  simple: 0x2b, // +
  error: 0x2d, // -
  integer: 0x3a, // :
  bulk: 0x24, // $
  array: 0x2a, // *
  null: 0x5f, // _
  double: 0x2c, // ,
  boolean: 0x23, // #
  bigNumber: 0x28, // (
  bulkError: 0x21, // !
  verbatim: 0x3d, // =
  map: 0x25, // %
  set: 0x7e, // ~
  push: 0x3e, // >
  attribute: 0x7c, // |
} as const;

/** What the first line of a reply says. */
export class ReplyHead {
  /** One of RESP's type bytes. */
  type = 0;
  /** An integer's value, a bulk's length, an aggregate's count as written (a map's pairs); -1: absent. Other types: 0. */
  value = 0;
  /** The offset behind the line: a bulk's content, an aggregate's first element. */
  next = 0;

  /** Values that follow the head as its own. */
  get elements(): number {
    switch (this.type) {
      case RESP.array:
      case RESP.set:
      case RESP.push:
        return this.value < 0 ? 0 : this.value;
      case RESP.map:
        return this.value * 2;
      default:
        return 0;
    }
  }

  get isError(): boolean {
    return this.type === RESP.error || this.type === RESP.bulkError;
  }

  /** True for an absent value of either protocol: `$-1`, `*-1`, `_`. */
  get isNull(): boolean {
    return this.type === RESP.null || ((this.type === RESP.bulk || this.type === RESP.array) && this.value < 0);
  }
}

const scratch = new ReplyHead();

/** Reads the line at `at` into `head`; false: it is not complete. An integer beyond 2^53 loses its last digits. */
export function readHead(bytes: Uint8Array, at: number, end: number, head: ReplyHead): boolean {
  if (at >= end) return false;
  const type = bytes[at];
  let p = at + 1;
  let value = 0;
  switch (type) {
    case RESP.integer:
    case RESP.bulk:
    case RESP.array:
    case RESP.map:
    case RESP.set:
    case RESP.push:
    case RESP.attribute:
    case RESP.verbatim:
    case RESP.bulkError: {
      const negative = p < end && bytes[p] === MINUS;
      if (negative) p++;
      for (; p < end && bytes[p] !== CR; p++) {
        const digit = bytes[p] - ZERO;
        assert(digit >= 0 && digit <= 9, 'a reply head counts in digits');
        value = value * 10 + digit;
      }
      if (negative) value = -value;
      break;
    }
    case RESP.simple:
    case RESP.error:
    case RESP.null:
    case RESP.double:
    case RESP.boolean:
    case RESP.bigNumber:
      while (p < end && bytes[p] !== CR) p++;
      break;
    default:
      unreachable('a reply begins with a RESP type byte');
  }
  if (p + 2 > end) return false;
  head.type = type;
  head.value = value;
  head.next = p + 2;
  return true;
}

/** The offset behind the reply that begins at `at`; -1: `bytes[at, end)` does not hold all of it. */
export function endOfReply(bytes: Uint8Array, at: number, end: number): number {
  return skipValues(bytes, at, end, 1);
}

/** The offset behind `count` values that begin at `at`; -1: they are not all there. */
export function skipValues(bytes: Uint8Array, at: number, end: number, count: number): number {
  const head = scratch;
  let p = at;
  for (let pending = count; pending > 0; pending--) {
    if (!readHead(bytes, p, end, head)) return -1;
    p = head.next;
    switch (head.type) {
      case RESP.bulk:
      case RESP.verbatim:
      case RESP.bulkError:
        if (head.value >= 0) p += head.value + 2;
        if (p > end) return -1;
        break;
      case RESP.attribute:
        // Attributes stand before the value that they describe, which is still to come.
        pending += head.value * 2 + 1;
        break;
      default:
        pending += head.elements;
    }
  }
  return p;
}
