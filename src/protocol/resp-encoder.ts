// Replies as RESP2 or RESP3, written straight into one growing block of bytes.
//
//   bytes   | written ... | free ... |
//                         ^ length            length <= bytes.length
//
// (1) Only `bytes[0, length)` means anything. `bytes` changes identity when it grows: nobody keeps it across a call.
// (2) A block grows by doubling while it is small; a large one grows to what is needed, or by a quarter if that is more,
//     so that a 512 MB bulk takes 512 MB and a long row of small replies still costs O(1) each.
// (3) The block is made at the first write: an idle connection holds none.
//
// Limit: REPLY_BYTES_MAX; beyond it bulks throw ReplyTooLong. `client-output-buffer-limit` acts long before.

import { copyBytes, copyWords, NO_BYTES } from '../base/bytes.js';
import { DOUBLE_CHARS_MAX, writeDouble } from '../base/doubles.js';
import { decimalDigits, writeInteger } from '../base/integers.js';
import type { Reply } from '../contract/reply.js';

/** A block starts at this size and is given back by `reset` when it outgrew BLOCK_BYTES_KEPT. */
const BLOCK_BYTES_FIRST = 4096;
export const BLOCK_BYTES_KEPT = 256 * 1024;
/** Blocks double up to here. */
const DOUBLING_BYTES_MAX = 1024 * 1024;
/** A type byte, 16 digits with sign, CRLF. */
const HEAD_BYTES_MAX = 20;
/** Texts up to this length are tried as ASCII in a loop before the general encoder is asked. */
const ASCII_LOOP_MAX = 64;

const CR = 0x0d;
const LF = 0x0a;
const ZERO = 0x30;
const SPACE = 0x20;
const MINUS = 0x2d;
const BULK = 0x24; // $
const INTEGER = 0x3a; // :
const ARRAY = 0x2a; // *
const MAP = 0x25; // %
const SET = 0x7e; // ~
const PUSH = 0x3e; // >
const DOUBLE = 0x2c; // ,
const BOOLEAN = 0x23; // #
const NULL = 0x5f; // _
const VERBATIM = 0x3d; // =

/**
 * The longest run of replies: their offsets are 32-bit numbers on their way between threads. The room that is left is for
 * what goes behind them there.
 */
export const REPLY_BYTES_MAX = 2 ** 31 - 2 ** 24;

/** A command has more to say than REPLY_BYTES_MAX allows. Whoever runs commands answers with an error in its place. */
export class ReplyTooLong extends Error {
  override readonly name = 'ReplyTooLong';

  constructor() {
    super(`a reply ends at ${REPLY_BYTES_MAX} bytes`);
  }
}

/** Bulks up to this length are copied by words when they can be. */
const SHORT_BULK_BYTES_MAX = 99;
/** Head, content and CRLF of a short bulk. */
const SHORT_BYTES_MAX = 5 + SHORT_BULK_BYTES_MAX + 2;
const CRLF_HALF = CR | (LF << 8);
/** The first four bytes of a bulk's head, by its length: with one digit that is all of it, with two the LF is missing. */
const SHORT_HEADS = Int32Array.from({ length: SHORT_BULK_BYTES_MAX + 1 }, (_, length) =>
  length <= 9
    ? BULK | ((ZERO + length) << 8) | (CRLF_HALF << 16)
    : BULK | ((ZERO + Math.floor(length / 10)) << 8) | ((ZERO + (length % 10)) << 16) | (CR << 24),
);

const VERBATIM_PREFIX = 'txt:';
const utf8 = new TextEncoder();
/** The double that is being written. */
const double = new Uint8Array(DOUBLE_CHARS_MAX);
const NO_DATA = new DataView(new ArrayBuffer(0));

export class RespEncoder implements Reply {
  protocol: 2 | 3 = 2;
  /** The block; `length` bytes of it are written. */
  bytes: Uint8Array = NO_BYTES;
  length = 0;
  /** `bytes` as words, as long as #dataBytes is the block. */
  #data: DataView = NO_DATA;
  #dataBytes: Uint8Array = NO_BYTES;

  /** Forgets what was written. A block that a huge reply blew up is let go. */
  reset(): void {
    this.length = 0;
    if (this.bytes.length > BLOCK_BYTES_KEPT) this.#replaceBlock(NO_BYTES);
  }

  /**
   * Hands over what was written, block and all, and goes on in `next` (an empty block that the caller has done with), or
   * in a fresh one when it is not given.
   */
  take(next: Uint8Array = NO_BYTES): Uint8Array {
    const taken = this.bytes.subarray(0, this.length);
    this.#replaceBlock(next);
    this.length = 0;
    return taken;
  }

  /** Lets the block go, and with it its other view. */
  #replaceBlock(next: Uint8Array): void {
    this.bytes = next;
    this.#dataBytes = NO_BYTES;
    this.#data = NO_DATA;
  }

  /** Appends bytes that are RESP already (a reply that came from another shard). */
  raw(bytes: Uint8Array, start: number, end: number): void {
    const at = this.#reserve(end - start);
    copyBytes(this.bytes, at, bytes, start, end);
    this.length = at + end - start;
  }

  ok(): void {
    const at = this.#reserve(5);
    const { bytes } = this;
    bytes[at] = 0x2b;
    bytes[at + 1] = 0x4f;
    bytes[at + 2] = 0x4b;
    bytes[at + 3] = CR;
    bytes[at + 4] = LF;
    this.length = at + 5;
  }

  simple(text: string): void {
    this.#line(0x2b, text, text.length);
  }

  error(message: string): void {
    let end = message.length;
    while (end > 0 && isLineBreak(message.charCodeAt(end - 1))) end--;
    this.#line(MINUS, message, end);
  }

  integer(value: number): void {
    this.#head(INTEGER, value);
  }

  bigInteger(value: bigint): void {
    const text = value.toString();
    this.#line(INTEGER, text, text.length);
  }

  double(value: number): void {
    const end = writeDouble(double, 0, value);
    if (this.protocol === 2) {
      this.bulk(double, 0, end);
      return;
    }
    const at = this.#reserve(end + 3);
    const { bytes } = this;
    bytes[at] = DOUBLE;
    for (let i = 0; i < end; i++) bytes[at + 1 + i] = double[i];
    bytes[at + 1 + end] = CR;
    bytes[at + 2 + end] = LF;
    this.length = at + end + 3;
  }

  doubleText(text: string): void {
    if (this.protocol === 2) this.bulkText(text);
    else this.#line(DOUBLE, text, text.length);
  }

  boolean(value: boolean): void {
    if (this.protocol === 2) {
      this.#head(INTEGER, value ? 1 : 0);
      return;
    }
    const at = this.#reserve(4);
    const { bytes } = this;
    bytes[at] = BOOLEAN;
    bytes[at + 1] = value ? 0x74 : 0x66;
    bytes[at + 2] = CR;
    bytes[at + 3] = LF;
    this.length = at + 4;
  }

  nil(): void {
    this.#nil(BULK);
  }

  nilArray(): void {
    this.#nil(ARRAY);
  }

  bulk(bytes: Uint8Array, start: number, end: number, data?: DataView): void {
    const length = end - start;
    if (data !== undefined && length <= SHORT_BULK_BYTES_MAX) {
      this.#shortBulk(data, start, length);
      return;
    }
    const at = this.bulkSpace(length);
    copyBytes(this.bytes, at, bytes, start, end);
  }

  /** Head and end go as words too. */
  #shortBulk(source: DataView, start: number, length: number): void {
    if (this.length + length > REPLY_BYTES_MAX) throw new ReplyTooLong();
    let at = this.#reserve(SHORT_BYTES_MAX);
    if (this.bytes !== this.#dataBytes) this.#viewBlock();
    const data = this.#data;
    data.setInt32(at, SHORT_HEADS[length], true);
    at += 4;
    if (length > 9) data.setInt8(at++, LF);
    copyWords(data, at, source, start, length);
    at += length;
    data.setInt16(at, CRLF_HALF, true);
    this.length = at + 2;
  }

  #viewBlock(): void {
    const { bytes } = this;
    this.#dataBytes = bytes;
    this.#data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  bulkText(text: string): void {
    const { length } = text;
    if (length <= ASCII_LOOP_MAX) {
      const before = this.length;
      const at = this.bulkSpace(length);
      const { bytes } = this;
      let i = 0;
      for (; i < length; i++) {
        const code = text.charCodeAt(i);
        if (code > 0x7f) break;
        bytes[at + i] = code;
      }
      if (i === length) return;
      this.length = before;
    }
    const size = Buffer.byteLength(text);
    const at = this.bulkSpace(size);
    utf8.encodeInto(text, this.bytes.subarray(at, at + size));
  }

  bulkInteger(value: number): void {
    const digits = value < 0 ? decimalDigits(-value) + 1 : decimalDigits(value);
    // The space first: it may change `bytes`.
    const at = this.bulkSpace(digits);
    writeInteger(this.bytes, at, value);
  }

  verbatim(text: string): void {
    if (this.protocol === 2) {
      this.bulkText(text);
      return;
    }
    const size = VERBATIM_PREFIX.length + Buffer.byteLength(text);
    const at = this.#space(VERBATIM, size);
    utf8.encodeInto(VERBATIM_PREFIX, this.bytes.subarray(at, at + VERBATIM_PREFIX.length));
    utf8.encodeInto(text, this.bytes.subarray(at + VERBATIM_PREFIX.length, at + size));
  }

  bulkSpace(length: number): number {
    return this.#space(BULK, length);
  }

  array(length: number): void {
    this.#head(ARRAY, length);
  }

  map(pairs: number): void {
    if (this.protocol === 2) this.#head(ARRAY, pairs * 2);
    else this.#head(MAP, pairs);
  }

  set(length: number): void {
    this.#head(this.protocol === 2 ? ARRAY : SET, length);
  }

  push(length: number): void {
    this.#head(this.protocol === 2 ? ARRAY : PUSH, length);
  }

  mark(): number {
    return this.length;
  }

  wrapArray(mark: number, length: number): void {
    this.#wrap(mark, ARRAY, length);
  }

  wrapMap(mark: number, pairs: number): void {
    if (this.protocol === 2) this.#wrap(mark, ARRAY, pairs * 2);
    else this.#wrap(mark, MAP, pairs);
  }

  wrapSet(mark: number, length: number): void {
    this.#wrap(mark, this.protocol === 2 ? ARRAY : SET, length);
  }

  rewind(mark: number): void {
    this.length = mark;
  }

  // ---------------------------------------------------------------------- writing

  /** Makes room for `size` more bytes and returns where they go. */
  #reserve(size: number): number {
    const at = this.length;
    if (at + size > this.bytes.length) this.#grow(at + size);
    return at;
  }

  #grow(needed: number): void {
    const { bytes } = this;
    let capacity = bytes.length < BLOCK_BYTES_FIRST ? BLOCK_BYTES_FIRST : bytes.length;
    while (capacity < needed && capacity < DOUBLING_BYTES_MAX) capacity *= 2;
    if (capacity < needed) capacity = Math.max(needed, Math.floor(bytes.length * 1.25));
    const grown = new Uint8Array(capacity);
    grown.set(bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** Type byte, integer, CRLF. */
  #head(type: number, value: number): void {
    let at = this.#reserve(HEAD_BYTES_MAX);
    const { bytes } = this;
    bytes[at++] = type;
    if (value >= 0 && value <= 9) bytes[at++] = ZERO + value;
    else at = writeInteger(bytes, at, value);
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.length = at + 2;
  }

  /** The head and the closing CRLF of `length` bytes to be filled in; returns where those go. */
  #space(type: number, length: number): number {
    if (this.length + length > REPLY_BYTES_MAX) throw new ReplyTooLong();
    let at = this.#reserve(HEAD_BYTES_MAX + length + 2);
    const { bytes } = this;
    bytes[at++] = type;
    if (length <= 9) {
      bytes[at++] = ZERO + length;
    } else if (length <= 99) {
      const tens = (length / 10) | 0;
      bytes[at++] = ZERO + tens;
      bytes[at++] = ZERO + length - tens * 10;
    } else {
      at = writeInteger(bytes, at, length);
    }
    bytes[at] = CR;
    bytes[at + 1] = LF;
    at += 2;
    const end = at + length;
    bytes[end] = CR;
    bytes[end + 1] = LF;
    this.length = end + 2;
    return at;
  }

  /** Type byte, the first `count` characters of `text` as a byte each, line breaks made spaces, CRLF. */
  #line(type: number, text: string, count: number): void {
    let at = this.#reserve(count + 3);
    const { bytes } = this;
    bytes[at++] = type;
    for (let i = 0; i < count; i++) {
      const code = text.charCodeAt(i);
      bytes[at++] = isLineBreak(code) ? SPACE : code;
    }
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.length = at + 2;
  }

  /** The null of RESP3, or RESP2's absent value of a kind. */
  #nil(type: number): void {
    let at = this.#reserve(5);
    const { bytes } = this;
    if (this.protocol === 3) {
      bytes[at++] = NULL;
    } else {
      bytes[at++] = type;
      bytes[at++] = MINUS;
      bytes[at++] = ZERO + 1;
    }
    bytes[at] = CR;
    bytes[at + 1] = LF;
    this.length = at + 2;
  }

  /** Writes a head behind what stands since `mark`, and turns the two round. */
  #wrap(mark: number, type: number, value: number): void {
    const end = this.length;
    this.#head(type, value);
    const size = this.length - end;
    const { bytes } = this;
    const head = bytes.slice(end, this.length);
    bytes.copyWithin(mark + size, mark, end);
    bytes.set(head, mark);
  }
}

function isLineBreak(code: number): boolean {
  return code === CR || code === LF;
}
