// One element of a packed list (packed-layout.ts): made ready to be written, and read where it stands.
//
// (1) What spells an int64 as Redis does is an integer, in the shortest form that holds it; everything else is bytes.
//     So equal elements are equal bytes, and an element is compared without being decoded.
// (2) Nothing allocates: integers beyond 2^53 go by two halves.

import { assert } from '../base/assert.js';
import { copyBytes, type ByteView } from '../base/bytes.js';
import { HIGH, LOW, parseInt64Halves, safeOfHalves, writeInt64 } from '../base/int64.js';
import { INT64_CHARS_MAX, parseSafeInteger, writeInteger } from '../base/integers.js';
import {
  BACK_BITS,
  BACK_MASK,
  BACK_MORE,
  backBytes,
  INT13,
  INT13_END,
  INT13_LIMIT,
  INT16,
  INT24,
  INT32,
  INT64,
  STRING12,
  STRING12_END,
  STRING12_MAX,
  STRING32,
  STRING6,
  STRING6_END,
  STRING6_MAX,
  UINT7_MAX,
} from './packed-layout.js';

/** Takes elements one after the other; a reply does. The span is good until the call returns. */
export interface ElementSink {
  /** @param data the memory of `bytes` at the same offsets: who copies short spans does it by words then */
  bulk(bytes: Uint8Array, start: number, end: number, data?: DataView): void;
}

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Characters that parseSafeInteger may refuse although they spell an int64. */
const UNSAFE_CHARS_MIN = 16;
const HEAD_BYTES_MAX = 9;
const TWO_32 = 4294967296;

const halves = new Int32Array(2);

/** An element ready to be written: its head in a buffer of its own, its content still where it came from. */
export class StagedElement {
  /** Bytes of the whole element. */
  bytes = 0;
  readonly #head = new Uint8Array(HEAD_BYTES_MAX);
  #headBytes = 0;
  #source: Uint8Array = this.#head;
  #start = 0;
  #end = 0;

  /** Makes `source[start, end)` ready; the span must stay as it is until the element is written. */
  stage(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length > 0 && length <= INT64_CHARS_MAX && source[end - 1] >= DIGIT_0 && source[end - 1] <= DIGIT_9) {
      const value = parseSafeInteger(source, start, end);
      if (value === value) {
        this.stageInteger(value);
        return;
      }
      if (length >= UNSAFE_CHARS_MIN && parseInt64Halves(source, start, end, halves)) {
        this.#stageHalves(halves[LOW], halves[HIGH]);
        return;
      }
    }
    const head = this.#head;
    let headBytes = 1;
    if (length <= STRING6_MAX) {
      head[0] = STRING6 | length;
    } else if (length <= STRING12_MAX) {
      head[0] = STRING12 | (length >>> 8);
      head[1] = length;
      headBytes = 2;
    } else {
      head[0] = STRING32;
      writeLittleEndian(head, length, 4);
      headBytes = 5;
    }
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#headBytes = headBytes;
    this.bytes = headBytes + length + backBytes(headBytes + length);
  }

  /** Makes a safe integer ready. */
  stageInteger(value: number): void {
    assert(Number.isSafeInteger(value), 'an integer element is exact');
    const head = this.#head;
    if (value >= 0 && value <= UINT7_MAX) {
      head[0] = value;
      this.#stagedHead(1);
    } else if (value >= -INT13_LIMIT && value < INT13_LIMIT) {
      head[0] = INT13 | ((value >> 8) & 0x1f);
      head[1] = value;
      this.#stagedHead(2);
    } else if (value >= -0x8000 && value <= 0x7fff) {
      this.#stageBehind(INT16, value, 2);
    } else if (value >= -0x800000 && value <= 0x7fffff) {
      this.#stageBehind(INT24, value, 3);
    } else if (value >= -0x80000000 && value <= 0x7fffffff) {
      this.#stageBehind(INT32, value, 4);
    } else {
      this.#stageHalves(value | 0, Math.floor(value / TWO_32));
    }
  }

  #stageBehind(code: number, value: number, bytes: number): void {
    this.#head[0] = code;
    writeLittleEndian(this.#head, value, bytes);
    this.#stagedHead(1 + bytes);
  }

  #stageHalves(low: number, high: number): void {
    const head = this.#head;
    head[0] = INT64;
    writeLittleEndian(head, low, 4);
    head[5] = high;
    head[6] = high >>> 8;
    head[7] = high >>> 16;
    head[8] = high >>> 24;
    this.#stagedHead(HEAD_BYTES_MAX);
  }

  /** The element is all head: an integer. */
  #stagedHead(bytes: number): void {
    this.#source = this.#head;
    this.#start = 0;
    this.#end = 0;
    this.#headBytes = bytes;
    this.bytes = bytes + 1;
  }

  /** Writes the element to `target` from `at` on and returns its end. */
  write(target: Uint8Array, at: number): number {
    const head = this.#head;
    const headBytes = this.#headBytes;
    for (let i = 0; i < headBytes; i++) target[at + i] = head[i];
    copyBytes(target, at + headBytes, this.#source, this.#start, this.#end);
    const bytes = headBytes + (this.#end - this.#start);
    return writeBack(target, at + bytes, bytes);
  }

  /** Bytes of the element without its back length. */
  get bareBytes(): number {
    return this.#headBytes + (this.#end - this.#start);
  }

  /** Writes the element without its back length from `at` on and returns its end. */
  writeBare(target: Uint8Array, at: number): number {
    const head = this.#head;
    const headBytes = this.#headBytes;
    for (let i = 0; i < headBytes; i++) target[at + i] = head[i];
    copyBytes(target, at + headBytes, this.#source, this.#start, this.#end);
    return at + headBytes + (this.#end - this.#start);
  }

  /** True when the element at `at` is this one. */
  equals(bytes: Uint8Array, at: number): boolean {
    const head = this.#head;
    if (bytes[at] !== head[0]) return false;
    const headBytes = this.#headBytes;
    for (let i = 1; i < headBytes; i++) if (bytes[at + i] !== head[i]) return false;
    const source = this.#source;
    const end = this.#end;
    for (let i = this.#start, j = at + headBytes; i < end; i++, j++) if (bytes[j] !== source[i]) return false;
    return true;
  }
}

/** Writes the low `count` bytes of `value` behind the head's first byte. */
function writeLittleEndian(head: Uint8Array, value: number, count: number): void {
  for (let i = 1, rest = value; i <= count; i++, rest >>= 8) head[i] = rest;
}

/** Writes the back length of an element of `bytes` and returns its end. */
export function writeBack(target: Uint8Array, at: number, bytes: number): number {
  if (bytes <= BACK_MASK) {
    target[at] = bytes;
    return at + 1;
  }
  const count = backBytes(bytes);
  let rest = bytes;
  for (let i = at + count - 1; i >= at; i--) {
    target[i] = (rest & BACK_MASK) | (i === at ? 0 : BACK_MORE);
    rest >>>= BACK_BITS;
  }
  return at + count;
}

// ---------------------------------------------------------------------- reading

/** Bytes of the element at `at`. */
export function elementBytes(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head <= UINT7_MAX) return 2;
  if (head < STRING6_END) return head - STRING6 + 2;
  return longElementBytes(bytes, at, head);
}

function longElementBytes(bytes: Uint8Array, at: number, head: number): number {
  if (head < INT13_END) return 3;
  if (head > STRING32) return head === INT64 ? 10 : head - INT16 + 4;
  const size = headBytesOf(head) + contentBytes(bytes, at, head);
  return size + backBytes(size);
}

/** Bytes of the element at `at` without its back length. */
export function bareElementBytes(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head <= UINT7_MAX) return 1;
  if (head < STRING6_END) return head - STRING6 + 1;
  if (head < INT13_END) return 2;
  if (head > STRING32) return head === INT64 ? HEAD_BYTES_MAX : head - INT16 + 3;
  return headBytesOf(head) + contentBytes(bytes, at, head);
}

/** Bytes, back length included, of the element that holds the integer nearest to `value`. */
export function integerElementBytes(value: number): number {
  if (value >= 0 && value <= UINT7_MAX) return 2;
  if (value >= -INT13_LIMIT && value < INT13_LIMIT) return 3;
  if (value >= -0x8000 && value <= 0x7fff) return 4;
  if (value >= -0x800000 && value <= 0x7fffff) return 5;
  return value >= -0x80000000 && value <= 0x7fffffff ? 6 : 10;
}

/** Bytes of the element that ends before `end`. */
export function elementBytesBefore(bytes: Uint8Array, end: number): number {
  let at = end - 1;
  if (bytes[at] <= BACK_MASK) return bytes[at] + 1;
  let size = 0;
  for (let shift = 0; ; shift += BACK_BITS, at--) {
    size += (bytes[at] & BACK_MASK) << shift;
    if ((bytes[at] & BACK_MORE) === 0) break;
  }
  return size + (end - at);
}

export function isInteger(head: number): boolean {
  return head <= UINT7_MAX || (head >= INT13 && head < INT13_END) || (head > STRING32 && head <= INT64);
}

/** Bytes before the content of an element of bytes. */
function headBytesOf(head: number): number {
  if (head < STRING6_END) return 1;
  return head < STRING12_END ? 2 : 5;
}

/** Content bytes of an element of bytes. */
function contentBytes(bytes: Uint8Array, at: number, head: number): number {
  if (head < STRING6_END) return head - STRING6;
  if (head < STRING12_END) return ((head & 0x0f) << 8) | bytes[at + 1];
  return word(bytes, at + 1) >>> 0;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The integer at `at` when it is a safe one; NaN when it is another, or the element is bytes. */
export function elementNumber(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (head <= UINT7_MAX) return head;
  if (head >= INT13 && head < INT13_END) return (((head & 0x1f) << 27) >> 19) | bytes[at + 1];
  if (head === INT16) return ((bytes[at + 1] | (bytes[at + 2] << 8)) << 16) >> 16;
  if (head === INT24) return ((bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16)) << 8) >> 8;
  if (head === INT32) return word(bytes, at + 1);
  if (head === INT64) return safeOfHalves(word(bytes, at + 1), word(bytes, at + 5));
  return NaN;
}

/** Spelt-out integers: a few, so that a command may look at several elements. */
const SCRATCH_SLOTS = 8;
const SCRATCH_BYTES = 24;
const scratch = new Uint8Array(SCRATCH_SLOTS * SCRATCH_BYTES);
let scratchSlot = 0;

/** Points `view` at the content of the element; an integer's spelling stays until eight more were read. */
export function readElement(bytes: Uint8Array, at: number, view: ByteView): void {
  const head = bytes[at];
  if (head >= STRING6 && head < STRING6_END) {
    view.bytes = bytes;
    view.start = at + 1;
    view.end = at + 1 + (head - STRING6);
    return;
  }
  if (!isInteger(head)) {
    view.bytes = bytes;
    view.start = at + headBytesOf(head);
    view.end = view.start + contentBytes(bytes, at, head);
    return;
  }
  scratchSlot = (scratchSlot + 1) % SCRATCH_SLOTS;
  const start = scratchSlot * SCRATCH_BYTES;
  view.bytes = scratch;
  view.start = start;
  if (head === INT64) {
    view.end = writeInt64(scratch, start, word(bytes, at + 1), word(bytes, at + 5));
    return;
  }
  const value = elementNumber(bytes, at);
  view.end = writeInteger(scratch, start, value);
}

/** Bytes of the content as it reads: an integer's digits. */
export function elementLength(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  if (!isInteger(head)) return contentBytes(bytes, at, head);
  readElement(bytes, at, measured);
  return measured.end - measured.start;
}

const measured: ByteView = { bytes: scratch, start: 0, end: 0 };
