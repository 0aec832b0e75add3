// What a ring has no room for waits here: a first-in-first-out queue of records in private memory, copied once.
//
//   first block -> block -> last block          block = | record ... |
//   record = | length:u32 | kind:i32 | payload | unused up to a multiple of 8 |
//
// Small records share blocks of 64 KiB; a larger one has a block to itself, from which it is streamed in pieces: `start`
// of the front record moves on, nothing is copied twice. A block is dropped when its last record has gone.
//
// Limits: a record is below 4 GiB. The queue itself has none: the producer must stop while its lane is congested (Mesh.congested); `waitingBytes` tells how much waits.

import { assert } from '../base/assert.js';
import { copyBytes, NO_BYTES } from '../base/bytes.js';
import { ALIGNMENT, HEADER_BYTES, KIND_WORD } from './ring-layout.js';

const BLOCK_BYTES = 64 * 1024;

interface Block {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  read: number;
  written: number;
  next: Block | undefined;
}

function createBlock(length: number): Block {
  const bytes = unzeroedBytes(length);
  return { bytes, words: new Int32Array(bytes.buffer), read: 0, written: 0, next: undefined };
}

/** Private memory whose content is arbitrary: the caller writes all of it. */
export function unzeroedBytes(length: number): Uint8Array {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
}

/** Block bytes of a record; unlike a ring's it may exceed 2 GiB, where 32-bit arithmetic ends. */
function framedBytes(length: number): number {
  return Math.ceil((length + HEADER_BYTES) / ALIGNMENT) * ALIGNMENT;
}

export class Overflow {
  /** The front record, valid after `front()` returned true: `bytes[start, end)`. */
  kind = 0;
  bytes: Uint8Array = NO_BYTES;
  start = 0;
  end = 0;
  /** Payload bytes that wait. */
  waitingBytes = 0;
  #first: Block | undefined;
  #last: Block | undefined;
  /** The fields above describe the front record. */
  #loaded = false;

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Appends a copy of `bytes[start, end)`. */
  push(kind: number, bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const needed = framedBytes(length);
    let block = this.#last;
    if (block === undefined || block.written + needed > block.bytes.length) {
      block = this.#append(Math.max(needed, BLOCK_BYTES));
    }
    const at = block.written;
    block.words[at >>> 2] = length;
    block.words[(at >>> 2) + KIND_WORD] = kind;
    copyBytes(block.bytes, at + HEADER_BYTES, bytes, start, end);
    block.written = at + needed;
    this.waitingBytes += length;
  }

  /** Points at the oldest record; false: there is none. */
  front(): boolean {
    if (this.#loaded) return true;
    const block = this.#first;
    if (block === undefined) return false;
    const at = block.read;
    this.kind = block.words[(at >>> 2) + KIND_WORD];
    this.bytes = block.bytes;
    this.start = at + HEADER_BYTES;
    this.end = this.start + (block.words[at >>> 2] >>> 0);
    this.#loaded = true;
    return true;
  }

  /** The front record has been passed on up to `start`; the rest is to go on as `kind`. */
  advance(start: number, kind: number): void {
    assert(this.#loaded && start >= this.start && start <= this.end, 'the front record moves forward');
    this.waitingBytes -= start - this.start;
    this.start = start;
    this.kind = kind;
  }

  /** Drops the front record. */
  shift(): void {
    const block = this.#first;
    assert(block !== undefined && this.#loaded, 'a front record to drop');
    this.waitingBytes -= this.end - this.start;
    this.#loaded = false;
    this.bytes = NO_BYTES;
    block.read += framedBytes(block.words[block.read >>> 2] >>> 0);
    if (block.read < block.written) return;
    this.#first = block.next;
    if (this.#first === undefined) this.#last = undefined;
  }

  #append(length: number): Block {
    const block = createBlock(length);
    if (this.#last === undefined) this.#first = block;
    else this.#last.next = block;
    this.#last = block;
    return block;
  }
}
