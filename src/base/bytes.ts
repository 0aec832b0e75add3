// Small byte routines for the hot path. A range is always `(bytes, start, end)` with `end` exclusive; nothing here
// allocates except where the name says so.

/** A span over somebody's bytes. Who fills one says how long it is good. */
export interface ByteView {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** An empty array to point at when there is nothing to point at. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Above this length `TypedArray.set` on a view beats a byte loop (the view costs about 50 ns of garbage). */
const LOOP_COPY_BYTES_MAX = 128;
/** Shorter moves go byte by byte. */
const LOOP_MOVE_BYTES_MAX = 48;

const WORD_BYTES = 4;

const encoder = new TextEncoder();

/** The UTF-8 bytes of `text`; allocates. */
export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Copies `source[start, end)` to `target` at `at`. The ranges must not overlap within one buffer. */
export function copyBytes(target: Uint8Array, at: number, source: Uint8Array, start: number, end: number): void {
  const length = end - start;
  if (length <= LOOP_COPY_BYTES_MAX) {
    for (let i = 0; i < length; i++) target[at + i] = source[start + i];
  } else {
    target.set(source.subarray(start, end), at);
  }
}

/**
 * Copies `length` bytes by words, which need not be aligned: 10 ns for 16 bytes, which take a loop over bytes 24. For short
 * ranges (`set` costs a view of 50 ns) that do not overlap within one buffer.
 */
export function copyWords(target: DataView, at: number, source: DataView, start: number, length: number): void {
  if (length < WORD_BYTES) {
    for (let i = 0; i < length; i++) target.setInt8(at + i, source.getInt8(start + i));
    return;
  }
  const last = length - WORD_BYTES;
  for (let i = 0; i < last; i += WORD_BYTES) target.setInt32(at + i, source.getInt32(start + i, true), true);
  // The last word may copy some bytes a second time.
  target.setInt32(at + last, source.getInt32(start + last, true), true);
}

/** Moves `count` bytes of one buffer from `from` to `to`; the ranges may overlap. */
export function moveBytes(bytes: Uint8Array, to: number, from: number, count: number): void {
  if (count === 0 || to === from) return;
  if (count > LOOP_MOVE_BYTES_MAX) bytes.copyWithin(to, from, from + count);
  else if (to < from) for (let i = 0; i < count; i++) bytes[to + i] = bytes[from + i];
  else for (let i = count - 1; i >= 0; i--) bytes[to + i] = bytes[from + i];
}

/** True when `a[aStart, aEnd)` and `b[bStart, bEnd)` hold the same bytes. */
export function equalBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): boolean {
  const length = aEnd - aStart;
  if (bEnd - bStart !== length) return false;
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** memcmp order of two ranges: negative, 0 or positive; a prefix sorts before the longer range. */
export function compareBytes(
  a: Uint8Array,
  aStart: number,
  aEnd: number,
  b: Uint8Array,
  bStart: number,
  bEnd: number,
): number {
  const aLength = aEnd - aStart;
  const bLength = bEnd - bStart;
  const shared = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < shared; i++) {
    const difference = a[aStart + i] - b[bStart + i];
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}

/** True when the range spells `upper` (ASCII capitals) in any mixture of cases. */
export function equalsIgnoreCase(bytes: Uint8Array, start: number, end: number, upper: Uint8Array): boolean {
  const length = upper.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) {
    let byte = bytes[start + i];
    if (byte >= 0x61 && byte <= 0x7a) byte -= 0x20;
    if (byte !== upper[i]) return false;
  }
  return true;
}

/** The little-endian 32-bit integer at `at`, which need not be aligned. */
export function readWord(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Writes the low 32 bits of `value`, little-endian. */
export function writeWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
  bytes[at + 2] = value >> 16;
  bytes[at + 3] = value >> 24;
}

/** An ASCII letter in lower case; any other number is returned as it is. */
export function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** The range as a string of one character per byte (latin1); allocates. For names, options and messages. */
export function latin1Of(bytes: Uint8Array, start: number, end: number): string {
  // Not TextDecoder: what it calls latin1 is windows-1252, which maps 0x80 to 0x9f elsewhere.
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
