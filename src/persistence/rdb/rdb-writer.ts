// Writes the parts of RDB values (rdb-format.ts) behind each other into a block that grows. Whoever writes a file takes the
// block away and clears it between values.

import { GrowingBytes } from '../../base/growing-bytes.js';
import { parseSafeInteger } from '../../base/integers.js';
import { compressLzf } from '../../base/lzf.js';
import {
  ENCODED,
  LENGTH_14,
  LENGTH_32,
  LENGTH_64,
  LENGTH_BITS_MASK,
  LENGTH_KIND_SHIFT,
  LISTPACK_COUNT_UNKNOWN,
  LISTPACK_END,
  LISTPACK_HEAD_BYTES,
  STRING_INT16,
  STRING_INT32,
  STRING_INT8,
  STRING_LZF,
} from './rdb-format.js';

const TWO_32 = 4294967296;
const INITIAL_BYTES = 4096;
/** Strings of at most this length are tried as integers. */
const INTEGER_CHARS_MAX = 11;
/** Shorter strings are not worth compressing. */
const COMPRESSED_BYTES_MIN = 21;
/** What compressing must save. */
const SAVED_BYTES_MIN = 4;

export class RdbWriter {
  readonly out = new GrowingBytes(INITIAL_BYTES);
  /** Compress strings that become smaller by it (rdbcompression). */
  compress = true;
  readonly #compressed = new GrowingBytes(INITIAL_BYTES);
  readonly #listpack = new GrowingBytes(INITIAL_BYTES);
  readonly #double = new DataView(new ArrayBuffer(8));

  byte(value: number): void {
    const { out } = this;
    out.reserve(1);
    out.bytes[out.length++] = value;
  }

  /** A length, or any integer from 0 to 2^53. */
  length(value: number): void {
    if (value <= LENGTH_BITS_MASK) {
      this.byte(value);
    } else if (value < 1 << 14) {
      this.byte((LENGTH_14 << LENGTH_KIND_SHIFT) | (value >>> 8));
      this.byte(value & 0xff);
    } else if (value < TWO_32) {
      this.byte(LENGTH_32);
      this.#bigEndian(value);
    } else {
      this.byte(LENGTH_64);
      this.#bigEndian(Math.floor(value / TWO_32));
      this.#bigEndian(value);
    }
  }

  /** A length of 64 bits. */
  longLength(value: bigint): void {
    if (value < BigInt(TWO_32)) {
      this.length(Number(value));
      return;
    }
    this.byte(LENGTH_64);
    this.#bigEndian(Number(value >> 32n));
    this.#bigEndian(Number(value & 0xffffffffn));
  }

  #bigEndian(value: number): void {
    for (let shift = 24; shift >= 0; shift -= 8) this.byte((value >>> shift) & 0xff);
  }

  /** Eight bytes of an integer, least significant first. */
  int64(value: bigint): void {
    this.out.appendWord(Number(BigInt.asIntN(32, value)));
    this.out.appendWord(Number(BigInt.asIntN(32, value >> 32n)));
  }

  double(value: number): void {
    this.#double.setFloat64(0, value, true);
    this.out.appendWord(this.#double.getInt32(0, true));
    this.out.appendWord(this.#double.getInt32(4, true));
  }

  /** Bytes without a length in front. */
  raw(bytes: Uint8Array, start: number, end: number): void {
    this.out.append(bytes, start, end);
  }

  /** A string: as an integer if it spells one of up to 32 bits, compressed if that helps, or as it is. */
  string(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (length <= INTEGER_CHARS_MAX && this.#integer(parseSafeInteger(bytes, start, end))) return;
    this.blob(bytes, start, end);
  }

  #integer(value: number): boolean {
    if (value >= -0x80 && value <= 0x7f) this.#encoded(STRING_INT8, value, 1);
    else if (value >= -0x8000 && value <= 0x7fff) this.#encoded(STRING_INT16, value, 2);
    else if (value >= -0x80000000 && value <= 0x7fffffff) this.#encoded(STRING_INT32, value, 4);
    else return false;
    return true;
  }

  #encoded(encoding: number, value: number, bytes: number): void {
    this.byte((ENCODED << LENGTH_KIND_SHIFT) | encoding);
    for (let i = 0; i < bytes; i++) this.byte((value >> (8 * i)) & 0xff);
  }

  /** A string that is not tried as an integer. */
  blob(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.compress && length >= COMPRESSED_BYTES_MIN) {
      const into = this.#compressed;
      into.clear();
      into.reserve(length);
      const used = compressLzf(bytes, start, end, into.bytes, 0, length - SAVED_BYTES_MIN);
      if (used > 0) {
        this.byte((ENCODED << LENGTH_KIND_SHIFT) | STRING_LZF);
        this.length(used);
        this.length(length);
        this.out.append(into.bytes, 0, used);
        return;
      }
    }
    this.length(length);
    this.out.append(bytes, start, end);
  }

  /** A listpack of `count` elements, which are `bytes[start, end)`. */
  listpack(bytes: Uint8Array, start: number, end: number, count: number): void {
    const pack = this.#listpack;
    pack.clear();
    pack.appendWord(LISTPACK_HEAD_BYTES + (end - start) + 1);
    const halfCount = Math.min(count, LISTPACK_COUNT_UNKNOWN);
    pack.reserve(3);
    pack.bytes[pack.length++] = halfCount & 0xff;
    pack.bytes[pack.length++] = halfCount >>> 8;
    pack.append(bytes, start, end);
    pack.reserve(1);
    pack.bytes[pack.length++] = LISTPACK_END;
    this.blob(pack.bytes, 0, pack.length);
  }
}
