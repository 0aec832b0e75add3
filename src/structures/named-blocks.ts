// Blocks with a name, in the order of their names: the consumer groups of a stream, the consumers of a group.
//
//   handle   | table Ref |                      a word in a block of the owner's; 0: there are none
//   table    | count:u32 | block Ref ... |      sorted by name, byte by byte
//   block    | name bytes:u32 | ... | name |    the name begins at an offset that all blocks of a table share
//
// A name is found by halving; one that comes or goes moves the references behind it, four bytes each. There are few groups,
// and rarely more than thousands of consumers.

import { compareBytes, copyBytes, type ByteView } from '../base/bytes.js';
import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';

const HEAD_WORDS = 1;
const CAPACITY_MIN = 3;

export class NamedBlocks {
  arena!: Arena;
  readonly #nameOffset: number;
  #segment = 0;
  #handleAt = 0;
  /** Where `find` found the name, or where it belongs. */
  index = 0;

  /** @param nameOffset bytes of a block before its name */
  constructor(nameOffset: number) {
    this.#nameOffset = nameOffset;
  }

  /** Points at the table whose handle is word `word` of `block`. */
  open(arena: Arena, block: Ref, word: number): void {
    this.arena = arena;
    this.#segment = block >>> REF_SEGMENT_SHIFT;
    this.#handleAt = ((block & REF_GRANULE_MASK) << 1) + word;
  }

  get #table(): Ref {
    return this.arena.i32[this.#segment][this.#handleAt];
  }

  #setTable(table: Ref): void {
    this.arena.i32[this.#segment][this.#handleAt] = table;
  }

  get count(): number {
    const table = this.#table;
    return table === 0 ? 0 : this.arena.i32[table >>> REF_SEGMENT_SHIFT][(table & REF_GRANULE_MASK) << 1];
  }

  /** Block number `index`, in the order of names. */
  at(index: number): Ref {
    const table = this.#table;
    return this.arena.i32[table >>> REF_SEGMENT_SHIFT][((table & REF_GRANULE_MASK) << 1) + HEAD_WORDS + index];
  }

  readName(block: Ref, view: ByteView): void {
    const { arena } = this;
    const length = arena.i32[block >>> REF_SEGMENT_SHIFT][(block & REF_GRANULE_MASK) << 1];
    view.bytes = arena.u8[block >>> REF_SEGMENT_SHIFT];
    view.start = ((block & REF_GRANULE_MASK) << 3) + this.#nameOffset;
    view.end = view.start + length;
  }

  /** The block with this name, 0 for none; `index` is where it stands, or would. */
  find(bytes: Uint8Array, start: number, end: number): Ref {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const block = this.at(middle);
      this.readName(block, named);
      const order = compareBytes(named.bytes, named.start, named.end, bytes, start, end);
      if (order === 0) {
        this.index = middle;
        return block;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    this.index = low;
    return 0;
  }

  /** Makes a block with this name where `find` has just found none. Its words before the name are 0 but for the first. */
  add(bytes: Uint8Array, start: number, end: number): Ref {
    const { arena } = this;
    const block = arena.alloc(this.#nameOffset + end - start);
    const at = (block & REF_GRANULE_MASK) << 1;
    const words = arena.i32[block >>> REF_SEGMENT_SHIFT];
    words.fill(0, at, at + (this.#nameOffset >>> 2));
    words[at] = end - start;
    copyBytes(arena.u8[block >>> REF_SEGMENT_SHIFT], (at << 2) + this.#nameOffset, bytes, start, end);
    this.#insert(block);
    return block;
  }

  #insert(block: Ref): void {
    const { arena } = this;
    const { count } = this;
    const old = this.#table;
    let table = old;
    if (old === 0 || arena.sizeOf(old) < (HEAD_WORDS + count + 1) * 4) {
      table = arena.alloc((HEAD_WORDS + Math.max(CAPACITY_MIN, count * 2)) * 4);
      if (old !== 0) {
        arena.copy(table, 0, old, 0, (HEAD_WORDS + count) * 4);
        arena.free(old);
      }
      this.#setTable(table);
    }
    const words = arena.i32[table >>> REF_SEGMENT_SHIFT];
    const at = (table & REF_GRANULE_MASK) << 1;
    const place = at + HEAD_WORDS + this.index;
    words.copyWithin(place + 1, place, at + HEAD_WORDS + count);
    words[place] = block;
    words[at] = count + 1;
  }

  /** Takes the block number `index` out and frees it. */
  remove(index: number): void {
    const { arena } = this;
    const count = this.count - 1;
    const table = this.#table;
    arena.free(this.at(index));
    if (count === 0) {
      arena.free(table);
      this.#setTable(0);
      return;
    }
    const words = arena.i32[table >>> REF_SEGMENT_SHIFT];
    const at = (table & REF_GRANULE_MASK) << 1;
    const place = at + HEAD_WORDS + index;
    words.copyWithin(place, place + 1, at + HEAD_WORDS + count + 1);
    words[at] = count;
  }

  /** Bytes of the table and its blocks. */
  get bytes(): number {
    const table = this.#table;
    if (table === 0) return 0;
    let bytes = this.arena.sizeOf(table);
    for (let i = 0; i < this.count; i++) bytes += this.arena.sizeOf(this.at(i));
    return bytes;
  }

  /** Verifies the order. */
  check(): void {
    const before: ByteView = { bytes: named.bytes, start: 0, end: 0 };
    for (let i = 1; i < this.count; i++) {
      this.readName(this.at(i - 1), before);
      this.readName(this.at(i), named);
      const order = compareBytes(before.bytes, before.start, before.end, named.bytes, named.start, named.end);
      assert(order < 0, 'names ascend');
    }
  }
}

const named: ByteView = { bytes: new Uint8Array(0), start: 0, end: 0 };
