// Client requests as spans: RESP arrays of bulks, and inline commands (one line of words).
//
//   *3\r\n $3\r\n SET\r\n $3\r\n key\r\n $5\r\n value\r\n          SET key "a value"\r\n
//
// The decoder belongs to a thread and keeps nothing between requests; what is known of an unfinished request lives in
// the connection's DecodeProgress. The caller offers the same request again, from its first byte, with more bytes behind.
//
// (1) The input is never written to, so offering a complete request twice gives the same arguments twice. The words of
//     an inline command with quotes are unescaped into a scratch buffer, and then all spans point there.
// (2) No byte is parsed twice, in however many pieces a request comes: lines, bulks and spans are taken up where they
//     were left, by offsets relative to the request's first byte (the connection may move its buffer in between).
// (3) Nothing allocates for a request that is complete and has no more arguments than any before it.
//
// Redis is followed where it is peculiar: a line ends at CR, whatever byte comes after it is skipped, and so are the two
// bytes behind a bulk; a NUL hides the rest of a line, which then never ends until it is too long; the next word of an
// inline command may follow a closing quote after any white space, but only blank, tab, CR and LF end a bare word.
//
// Limits: a line 64 KiB (INLINE_BYTES_MAX), a bulk `bulkBytesMax`, 2^31 - 1 arguments; for a client that has yet to
// authenticate 10 arguments of 16 KiB. A request stays below 2 GiB in all (REQUEST_BYTES_MAX): spans are 32-bit, and the
// connection begins a request that large near the front of its buffer.

import { INT64_CHARS_MAX, parseInt64, parseSafeInteger } from '../base/integers.js';
import type { Args } from '../contract/args.js';
import { InlineSplitter } from './inline-splitter.js';

/** What `decode` found at the front of the bytes. */
export const INCOMPLETE = 0;
/** A request: its arguments are filled in, `next` stands behind it. */
export const COMPLETE = 1;
/** Nothing to run (an empty line, `*0`, `*-1`): `next` stands behind it. */
export const EMPTY = 2;
/** Against the protocol: `error` says how; the connection is to be closed after the error was sent. */
export const FAILED = 3;

/** Longest line: an inline command, or the digits of a count. */
export const INLINE_BYTES_MAX = 64 * 1024;
const ARGUMENTS_MAX = 2147483647;
/** Longest request: its offsets in the buffer are 32-bit, with some room for where it starts there. */
export const REQUEST_BYTES_MAX = 2 ** 31 - 2 ** 20;
export const UNAUTHENTICATED_ARGUMENTS_MAX = 10;
export const UNAUTHENTICATED_BULK_BYTES_MAX = 16384;

const STAR = 0x2a;
const DOLLAR = 0x24;
const ZERO = 0x30;
const CR = 0x0d;
const LF = 0x0a;
/** Digits that the fast path reads: whatever they spell is far from the limits of a double or an int32 sum. */
const FAST_DIGITS_MAX = 9;
/** Line lookups: not there yet, and never to come. */
const NO_LINE_YET = -1;
const LINE_TOO_LONG = -2;
/** Results of one step of the exact parser besides COMPLETE, INCOMPLETE, FAILED. */
const UNKNOWN = -1;

export interface DecoderLimits {
  /** proto-max-bulk-len, bytes. May change while running. */
  bulkBytesMax: number;
}

/** Span arrays above this length are given back once their request is done. */
const KEPT_SPANS_MAX = 1024;
const INITIAL_SPANS = 16;
const NO_SPANS = new Int32Array(0);

/**
 * What a connection knows of the request that it has in part. One per connection, handed to every `decode` of its bytes.
 * All offsets count from the request's first byte.
 */
export class DecodeProgress {
  /** False: the limits for clients that still have to authenticate apply. */
  authenticated = true;
  /** Bytes that the unfinished request takes at least, counted from its first byte. 0: no request is unfinished. */
  bytesNeeded = 0;

  /** Arguments still to come, the one under way included; -1: the first line is not complete. */
  remaining = UNKNOWN;
  /** Where the unparsed part begins: a line's first byte, or with `bulkBytes` known the bulk's first byte. */
  parsed = 0;
  /** Where the search for the end of the line at `parsed` goes on. */
  searched = 0;
  /** Length of the bulk at `parsed`; -1: its line is not complete. */
  bulkBytes = UNKNOWN;
  /** Spans of the complete arguments. */
  count = 0;
  starts = NO_SPANS;
  ends = NO_SPANS;

  /** Forgets the unfinished request. */
  reset(): void {
    this.bytesNeeded = 0;
    this.remaining = UNKNOWN;
    this.parsed = 0;
    this.searched = 0;
    this.bulkBytes = UNKNOWN;
    this.count = 0;
    if (this.starts.length > KEPT_SPANS_MAX) {
      this.starts = NO_SPANS;
      this.ends = NO_SPANS;
    }
  }

  push(start: number, end: number): void {
    const i = this.count;
    if (i === this.starts.length) this.#grow();
    this.starts[i] = start;
    this.ends[i] = end;
    this.count = i + 1;
  }

  #grow(): void {
    const capacity = Math.max(INITIAL_SPANS, this.starts.length * 2);
    const starts = new Int32Array(capacity);
    const ends = new Int32Array(capacity);
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}

export class RequestDecoder {
  readonly limits: DecoderLimits;
  /** After COMPLETE and EMPTY: the offset behind the request. */
  next = 0;
  /**
   * After FAILED: what is wrong, as Redis words it ("Protocol error: ..."), without the code ERR; one character per byte.
   */
  error = '';

  readonly #splitter = new InlineSplitter();
  /** Set by the exact parser: the offset of the CR that ends the line. */
  #lineEnd = 0;

  constructor(limits: DecoderLimits) {
    this.limits = limits;
  }

  /**
   * Looks for one request in `bytes[at, end)`; `at` is its first byte, also when it was INCOMPLETE before. Returns one of
   * COMPLETE, INCOMPLETE, EMPTY and FAILED. The spans in `args` are valid until `bytes` change or the next call.
   */
  decode(bytes: Uint8Array, at: number, end: number, args: Args, progress: DecodeProgress): number {
    if (progress.bytesNeeded !== 0) return this.#resume(bytes, at, end, args, progress);
    args.reset(bytes);
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== STAR) return this.#inline(bytes, at, end, args, progress);

    // The fast path takes plain digits and complete arguments only. Digits that it finds beyond `end` are left-overs in
    // the buffer; no harm comes of them, since the bulk they promise then ends beyond `end` as well.
    let p = at + 1;
    let byte = bytes[p];
    let count = byte - ZERO;
    if (!(count > 0 && count <= 9)) return this.#exact(bytes, at, end, args, progress);
    byte = bytes[++p];
    while (byte >= ZERO && byte <= ZERO + 9) {
      count = count * 10 + byte - ZERO;
      byte = bytes[++p];
    }
    const mayRun = progress.authenticated && count <= args.starts.length && p + 2 <= end;
    if (byte !== CR || !mayRun) return this.#exact(bytes, at, end, args, progress);
    p += 2;
    const { starts, ends } = args;
    const bulkBytesMax = this.limits.bulkBytesMax;
    for (let i = 0; i < count; i++) {
      if (bytes[p] !== DOLLAR) return this.#leaveFastPath(bytes, at, p, end, args, i, count, progress);
      let q = p + 1;
      let length = bytes[q] - ZERO;
      // A leading zero is the whole number or a mistake.
      if (length === 0 && bytes[q + 1] !== CR) return this.#leaveFastPath(bytes, at, p, end, args, i, count, progress);
      byte = bytes[++q];
      while (byte >= ZERO && byte <= ZERO + 9) {
        length = length * 10 + byte - ZERO;
        byte = bytes[++q];
      }
      const stop = q + 2 + length;
      const plain = byte === CR && q - p <= FAST_DIGITS_MAX && length >= 0 && length <= bulkBytesMax && stop + 2 <= end;
      if (!plain) return this.#leaveFastPath(bytes, at, p, end, args, i, count, progress);
      starts[i] = q + 2;
      ends[i] = stop;
      p = stop + 2;
    }
    args.count = count;
    this.next = p;
    return COMPLETE;
  }

  /** Hands the request over to the exact parser: `i` of `count` arguments are in `args`, the next line stands at `p`. */
  #leaveFastPath(
    bytes: Uint8Array,
    at: number,
    p: number,
    end: number,
    args: Args,
    i: number,
    count: number,
    progress: DecodeProgress,
  ): number {
    for (let k = 0; k < i; k++) progress.push(args.starts[k] - at, args.ends[k] - at);
    progress.remaining = count - i;
    progress.parsed = p - at;
    progress.searched = p - at;
    return this.#exact(bytes, at, end, args, progress);
  }

  #resume(bytes: Uint8Array, at: number, end: number, args: Args, progress: DecodeProgress): number {
    if (end - at < progress.bytesNeeded) return INCOMPLETE;
    if (bytes[at] !== STAR) {
      args.reset(bytes);
      return this.#inline(bytes, at, end, args, progress);
    }
    return this.#exact(bytes, at, end, args, progress);
  }

  /** The whole protocol of arrays, step by step, with its state in `progress`. */
  #exact(bytes: Uint8Array, at: number, end: number, args: Args, progress: DecodeProgress): number {
    if (progress.remaining === UNKNOWN) {
      const result = this.#countLine(bytes, at, end, progress);
      if (result !== COMPLETE) return result;
    }
    while (progress.remaining > 0) {
      if (progress.bulkBytes === UNKNOWN) {
        const result = this.#bulkLine(bytes, at, end, progress);
        if (result !== COMPLETE) return result;
      }
      const start = progress.parsed;
      const stop = start + progress.bulkBytes;
      if (at + stop + 2 > end) {
        // Each argument after this one takes six bytes at least, but what a client only promises is not worth memory.
        progress.bytesNeeded = stop + 2;
        return INCOMPLETE;
      }
      progress.push(start, stop);
      progress.parsed = stop + 2;
      progress.searched = stop + 2;
      progress.bulkBytes = UNKNOWN;
      progress.remaining--;
    }
    args.reset(bytes);
    const { starts, ends, count } = progress;
    for (let i = 0; i < count; i++) args.push(at + starts[i], at + ends[i]);
    this.next = at + progress.parsed;
    progress.reset();
    return COMPLETE;
  }

  /** `*count`: COMPLETE when arguments follow. */
  #countLine(bytes: Uint8Array, at: number, end: number, progress: DecodeProgress): number {
    const found = this.#findLineEnd(bytes, at, end, progress);
    if (found === LINE_TOO_LONG) return this.#fail(progress, 'too big mbulk count string');
    if (found === NO_LINE_YET) return INCOMPLETE;
    const count = integerOf(bytes, at + 1, this.#lineEnd);
    if (!(count <= ARGUMENTS_MAX)) return this.#fail(progress, 'invalid multibulk length');
    if (count > UNAUTHENTICATED_ARGUMENTS_MAX && !progress.authenticated) {
      return this.#fail(progress, 'unauthenticated multibulk length');
    }
    if (count <= 0) {
      this.next = this.#lineEnd + 2;
      progress.reset();
      return EMPTY;
    }
    progress.remaining = count;
    this.#nextLine(at, progress);
    return COMPLETE;
  }

  /** `$length`: COMPLETE when the bulk begins at `parsed`. */
  #bulkLine(bytes: Uint8Array, at: number, end: number, progress: DecodeProgress): number {
    const found = this.#findLineEnd(bytes, at, end, progress);
    if (found === LINE_TOO_LONG) return this.#fail(progress, 'too big bulk count string');
    if (found === NO_LINE_YET) return INCOMPLETE;
    const start = at + progress.parsed;
    if (bytes[start] !== DOLLAR) {
      return this.#fail(progress, `expected '$', got '${String.fromCharCode(bytes[start])}'`);
    }
    const length = integerOf(bytes, start + 1, this.#lineEnd);
    const fits = length <= this.limits.bulkBytesMax && this.#lineEnd - at + length <= REQUEST_BYTES_MAX;
    if (!(length >= 0 && fits)) return this.#fail(progress, 'invalid bulk length');
    if (length > UNAUTHENTICATED_BULK_BYTES_MAX && !progress.authenticated) {
      return this.#fail(progress, 'unauthenticated bulk length');
    }
    progress.bulkBytes = length;
    this.#nextLine(at, progress);
    return COMPLETE;
  }

  #nextLine(at: number, progress: DecodeProgress): void {
    progress.parsed = this.#lineEnd + 2 - at;
    progress.searched = progress.parsed;
  }

  /** Finds the CR of the line at `parsed` and the byte behind it; `#lineEnd` becomes its offset in `bytes`. */
  #findLineEnd(bytes: Uint8Array, at: number, end: number, progress: DecodeProgress): number {
    const start = at + progress.parsed;
    const last = Math.min(end, start + INLINE_BYTES_MAX + 1);
    let p = at + progress.searched;
    while (p < last && bytes[p] !== CR && bytes[p] !== 0) p++;
    progress.searched = p - at;
    if (p === last || bytes[p] === 0) {
      if (end - start > INLINE_BYTES_MAX) return LINE_TOO_LONG;
      progress.bytesNeeded = end - at + 1;
      return NO_LINE_YET;
    }
    if (p + 2 > end) {
      progress.bytesNeeded = p + 2 - at;
      return NO_LINE_YET;
    }
    this.#lineEnd = p;
    return p;
  }

  /** One line of words. */
  #inline(bytes: Uint8Array, at: number, end: number, args: Args, progress: DecodeProgress): number {
    const last = Math.min(end, at + INLINE_BYTES_MAX + 1);
    let p = at + progress.searched;
    while (p < last && bytes[p] !== LF && bytes[p] !== 0) p++;
    if (p === last || bytes[p] === 0) {
      if (end - at > INLINE_BYTES_MAX) return this.#fail(progress, 'too big inline request');
      progress.searched = p - at;
      progress.bytesNeeded = end - at + 1;
      return INCOMPLETE;
    }
    progress.reset();
    this.next = p + 1;
    const lineEnd = p > at && bytes[p - 1] === CR ? p - 1 : p;
    if (!this.#splitter.split(bytes, at, lineEnd, args)) return this.#fail(progress, 'unbalanced quotes in request');
    return args.count === 0 ? EMPTY : COMPLETE;
  }

  #fail(progress: DecodeProgress, what: string): number {
    this.error = `Protocol error: ${what}`;
    progress.reset();
    return FAILED;
  }
}

/** The int64 that the range spells; one beyond ±2^53 is only good for comparing. NaN: none. */
function integerOf(bytes: Uint8Array, start: number, end: number): number {
  const value = parseSafeInteger(bytes, start, end);
  if (!Number.isNaN(value) || end - start > INT64_CHARS_MAX) return value;
  const big = parseInt64(bytes, start, end);
  return big === undefined ? NaN : Number(big);
}
