// A byte block that grows as it is written and gives memory back when one huge record has passed.

import { copyBytes, writeWord } from './bytes.js';

/** What is kept between uses. */
const KEEP_BYTES_MAX = 256 * 1024;

export class GrowingBytes {
  bytes: Uint8Array;
  length = 0;
  readonly #initialBytes: number;

  constructor(initialBytes: number) {
    this.#initialBytes = initialBytes;
    this.bytes = new Uint8Array(initialBytes);
  }

  /** Makes room for `extra` more bytes behind `length`. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.bytes.length) return;
    const doubled = this.bytes.length * 2;
    const grown = new Uint8Array(needed > doubled ? needed : doubled);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  append(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start);
    copyBytes(this.bytes, this.length, source, start, end);
    this.length += end - start;
  }

  appendWord(value: number): void {
    this.reserve(4);
    writeWord(this.bytes, this.length, value);
    this.length += 4;
  }

  /** Empties the block; memory of an unusually large use is dropped. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > KEEP_BYTES_MAX) this.bytes = new Uint8Array(this.#initialBytes);
  }
}
