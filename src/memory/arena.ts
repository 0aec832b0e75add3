// The off-heap memory of one shard: blocks by 32-bit references, size classes, exact accounting.
//
//   small block (up to 32 KiB)   one of the blocks of a span; free ones are linked through their first word
//   large block (up to 16 MiB)   a run of pages of its own
//   huge block                   a segment slot and an ArrayBuffer of its own
//
// (1) A span is in its class's list exactly while it has a free block.
// (2) usedBytes is the sum of sizeOf over all blocks handed out; 0 once all are freed.
// (3) An empty span goes back to the page pool unless it is the last of its class in the list (against thrashing); when
//     the last block of the arena is freed, all but one segment goes back.
// Contents of a new block are arbitrary. Views are taken per access (`arena.u8[ref >>> 21]`), never kept over an alloc.
// VERIFY keeps a bitmap of live blocks, catches a double or stray free at once, and poisons freed memory.

import { assert, VERIFY } from '../base/assert.js';
import {
  BLOCK_BYTES_MAX,
  GRANULE_SHIFT,
  PAGE_BYTES,
  PAGE_SHIFT,
  REF_GRANULE_MASK,
  REF_PAGE_SHIFT,
  REF_SEGMENT_SHIFT,
  SEGMENT_BYTES,
  SEGMENT_PAGES,
  SEGMENT_PAGES_SHIFT,
  type Ref,
} from './arena-layout.js';
import { LiveMap } from './live-map.js';
import { PagePool, type PageTable } from './page-pool.js';
import { CLASS_BLOCKS, CLASS_BYTES, CLASS_COUNT, CLASS_PAGES, classOf, SMALL_BYTES_MAX } from './size-classes.js';

export type { Ref } from './arena-layout.js';

const LARGE = 254;
const HUGE = 255;
const POISON = 0xdb;

/** Spans filled below this share are evacuated by the defragmenter. */
const SPARSE_SHARE = 0.5;
/** Steps of fullness that sortSpans tells apart. */
const FILL_LEVELS = 8;

export class Arena {
  /** The views of every segment: `u8[ref >>> 21]` at byte `(ref & 0x1fffff) << 3`. */
  readonly u8: readonly Uint8Array[];
  readonly u16: readonly Uint16Array[];
  readonly i32: readonly Int32Array[];
  /** For words that stand anywhere: copyWords. */
  readonly data: readonly DataView[];
  /** Seed of the hashes of the elements that stand in it: that of its shard, which a value has no other way to know. */
  readonly hashSeed: number;

  readonly #pool = new PagePool();
  readonly #table: PageTable;
  /** Head page of the first span with a free block, by class; 0: none. */
  readonly #partial = new Int32Array(CLASS_COUNT + 1);
  /** Spans in the list, by class. */
  readonly #partialSpans = new Int32Array(CLASS_COUNT + 1);
  /** All spans, by class. */
  readonly #spans = new Int32Array(CLASS_COUNT + 1);
  /** Blocks handed out, by class. */
  readonly #blocks = new Int32Array(CLASS_COUNT + 1);
  /** [bytes of blocks handed out]: a cell, because it outgrows a small integer. */
  readonly #used = new Float64Array(1);
  #largeBlocks = 0;
  #peak = 0;
  readonly #live = VERIFY ? new LiveMap() : undefined;

  constructor(hashSeed = 0) {
    this.hashSeed = hashSeed;
    this.u8 = this.#pool.u8;
    this.u16 = this.#pool.u16;
    this.i32 = this.#pool.i32;
    this.data = this.#pool.data;
    this.#table = this.#pool.table;
  }

  /** Bytes of all blocks handed out, rounding to their classes included. */
  get usedBytes(): number {
    return this.#used[0];
  }

  /** The most that usedBytes was at a `notePeak`. */
  get peakBytes(): number {
    return Math.max(this.#peak, this.#used[0]);
  }

  /** Looks at usedBytes for the peak: the shard does so once per cycle. */
  notePeak(): void {
    if (this.#used[0] > this.#peak) this.#peak = this.#used[0];
  }

  /** Blocks handed out. */
  get blockCount(): number {
    let count = this.#largeBlocks;
    for (let c = 1; c <= CLASS_COUNT; c++) count += this.#blocks[c];
    return count;
  }

  /** Bytes of memory really touched, about this arena's share of the RSS. */
  get committedBytes(): number {
    return this.#pool.committedBytes;
  }

  /** Bytes of address space held. */
  get reservedBytes(): number {
    return this.#pool.reservedBytes;
  }

  /** Committed bytes per used byte; 1 when nothing is used. */
  get fragmentation(): number {
    const used = this.#used[0];
    return used === 0 ? 1 : this.#pool.committedBytes / used;
  }

  /** A block of at least `bytes` (1 to BLOCK_BYTES_MAX) with arbitrary contents. */
  alloc(bytes: number): Ref {
    if (bytes > SMALL_BYTES_MAX) return this.#allocLarge(bytes);
    assert(bytes > 0, 'a block has bytes');
    const sizeClass = classOf(bytes);
    let span = this.#partial[sizeClass];
    if (span === 0) span = this.#newSpan(sizeClass);
    const table = this.#table;
    const size = CLASS_BYTES[sizeClass];
    let ref = table.free[span];
    if (ref !== 0) {
      table.free[span] = this.i32[ref >>> REF_SEGMENT_SHIFT][(ref & REF_GRANULE_MASK) << 1];
    } else {
      ref = table.bump[span];
      table.bump[span] = ref + (size >>> GRANULE_SHIFT);
    }
    const used = table.used[span] + 1;
    table.used[span] = used;
    if (used === CLASS_BLOCKS[sizeClass]) this.#unlink(sizeClass, span);
    this.#used[0] += size;
    this.#blocks[sizeClass]++;
    this.#live?.add(ref);
    return ref;
  }

  /** Gives a block back. */
  free(ref: Ref): void {
    const table = this.#table;
    const span = table.owner[ref >>> REF_PAGE_SHIFT];
    const sizeClass = table.sizeClass[span];
    this.#live?.remove(ref);
    if (sizeClass >= LARGE) {
      this.#freeLarge(span, sizeClass);
      return;
    }
    assert(sizeClass !== 0, 'a freed block belongs to a span');
    const size = CLASS_BYTES[sizeClass];
    const segment = ref >>> REF_SEGMENT_SHIFT;
    const granule = ref & REF_GRANULE_MASK;
    if (VERIFY) this.u8[segment].fill(POISON, granule << GRANULE_SHIFT, (granule << GRANULE_SHIFT) + size);
    this.i32[segment][granule << 1] = table.free[span];
    table.free[span] = ref;
    const used = table.used[span] - 1;
    assert(used >= 0, 'a block is freed once');
    table.used[span] = used;
    this.#used[0] -= size;
    this.#blocks[sizeClass]--;
    if (used === CLASS_BLOCKS[sizeClass] - 1) this.#link(sizeClass, span);
    if (used === 0) this.#emptied(sizeClass, span);
  }

  /** Usable bytes of the block. */
  sizeOf(ref: Ref): number {
    const table = this.#table;
    const span = table.owner[ref >>> REF_PAGE_SHIFT];
    const sizeClass = table.sizeClass[span];
    if (sizeClass < LARGE) return CLASS_BYTES[sizeClass];
    return table.bump[span] * PAGE_BYTES;
  }

  /** What sizeOf would say of a block for `bytes`. */
  static roundedSize(bytes: number): number {
    if (bytes <= SMALL_BYTES_MAX) return CLASS_BYTES[classOf(bytes)];
    return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  }

  /** Copies `bytes` bytes between two blocks, from offset to offset. */
  copy(to: Ref, toOffset: number, from: Ref, fromOffset: number, bytes: number): void {
    const source = this.u8[from >>> REF_SEGMENT_SHIFT];
    const start = ((from & REF_GRANULE_MASK) << GRANULE_SHIFT) + fromOffset;
    const target = this.u8[to >>> REF_SEGMENT_SHIFT];
    const at = ((to & REF_GRANULE_MASK) << GRANULE_SHIFT) + toOffset;
    if (bytes <= 64) for (let i = 0; i < bytes; i++) target[at + i] = source[start + i];
    else if (source === target) target.copyWithin(at, start, start + bytes);
    else target.set(source.subarray(start, start + bytes), at);
  }

  /** Gives every empty span and the spare segment back. */
  trim(): void {
    this.#releaseEmptySpans();
    this.#pool.trim();
  }

  #releaseEmptySpans(): void {
    const table = this.#table;
    for (let c = 1; c <= CLASS_COUNT; c++) {
      for (let span = this.#partial[c]; span !== 0;) {
        const next = table.next[span];
        if (table.used[span] === 0) this.#releaseSpan(c, span);
        span = next;
      }
    }
  }

  // ------------------------------------------------------------------ defragmentation

  /** Bytes of spans that no block fills: what moving blocks together could win at most. */
  get sparseBytes(): number {
    let bytes = 0;
    for (let c = 1; c <= CLASS_COUNT; c++) {
      bytes += (this.#spans[c] * CLASS_BLOCKS[c] - this.#blocks[c]) * CLASS_BYTES[c];
    }
    return bytes;
  }

  /** True when the block stands in a thinly used span while others of its class have room: move it. */
  isSparse(ref: Ref): boolean {
    const table = this.#table;
    const span = table.owner[ref >>> REF_PAGE_SHIFT];
    const sizeClass = table.sizeClass[span];
    if (sizeClass >= LARGE || this.#partial[sizeClass] === span) return false;
    return table.used[span] < CLASS_BLOCKS[sizeClass] * SPARSE_SHARE;
  }

  /**
   * Puts the fullest spans first in every class's list (to an eighth), so that new blocks fill them and thin ones run
   * empty. O(spans).
   */
  sortSpans(): void {
    const table = this.#table;
    const byFill = new Int32Array(FILL_LEVELS + 1);
    for (let c = 1; c <= CLASS_COUNT; c++) {
      if (this.#partialSpans[c] < 2) continue;
      byFill.fill(0);
      for (let span = this.#partial[c]; span !== 0;) {
        const next = table.next[span];
        const level = Math.floor((table.used[span] * FILL_LEVELS) / CLASS_BLOCKS[c]);
        table.next[span] = byFill[level];
        byFill[level] = span;
        span = next;
      }
      this.#partial[c] = 0;
      this.#partialSpans[c] = 0;
      for (let level = 0; level <= FILL_LEVELS; level++) {
        for (let span = byFill[level]; span !== 0;) {
          const next = table.next[span];
          this.#link(c, span);
          span = next;
        }
      }
    }
  }

  // ------------------------------------------------------------------ spans

  #newSpan(sizeClass: number): number {
    const pages = CLASS_PAGES[sizeClass];
    const span = this.#pool.take(pages);
    const table = this.#table;
    for (let page = span; page < span + pages; page++) table.owner[page] = span;
    table.sizeClass[span] = sizeClass;
    table.free[span] = 0;
    table.bump[span] = span << REF_PAGE_SHIFT;
    table.used[span] = 0;
    this.#spans[sizeClass]++;
    this.#link(sizeClass, span);
    return span;
  }

  #emptied(sizeClass: number, span: number): void {
    if (this.#partialSpans[sizeClass] > 1) this.#releaseSpan(sizeClass, span);
    if (this.#used[0] === 0 && this.#pool.segments > 1) this.#releaseEmptySpans();
  }

  #releaseSpan(sizeClass: number, span: number): void {
    this.#unlink(sizeClass, span);
    this.#spans[sizeClass]--;
    this.#table.sizeClass[span] = 0;
    this.#pool.give(span, CLASS_PAGES[sizeClass]);
  }

  #link(sizeClass: number, span: number): void {
    const table = this.#table;
    const head = this.#partial[sizeClass];
    table.next[span] = head;
    table.prev[span] = 0;
    if (head !== 0) table.prev[head] = span;
    this.#partial[sizeClass] = span;
    this.#partialSpans[sizeClass]++;
  }

  #unlink(sizeClass: number, span: number): void {
    const table = this.#table;
    const next = table.next[span];
    const prev = table.prev[span];
    if (next !== 0) table.prev[next] = prev;
    if (prev !== 0) table.next[prev] = next;
    else this.#partial[sizeClass] = next;
    this.#partialSpans[sizeClass]--;
  }

  // ------------------------------------------------------------------ large and huge blocks

  #allocLarge(bytes: number): Ref {
    assert(bytes <= BLOCK_BYTES_MAX, 'a block stays below the limit');
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const huge = pages > SEGMENT_PAGES;
    const span = huge ? this.#pool.takeHuge(pages * PAGE_BYTES) : this.#pool.take(pages);
    const table = this.#table;
    table.owner[span] = span;
    table.sizeClass[span] = huge ? HUGE : LARGE;
    table.bump[span] = pages;
    table.used[span] = 1;
    this.#used[0] += pages * PAGE_BYTES;
    this.#largeBlocks++;
    const ref = span << REF_PAGE_SHIFT;
    this.#live?.add(ref);
    return ref;
  }

  #freeLarge(span: number, sizeClass: number): void {
    const table = this.#table;
    const pages = table.bump[span];
    table.sizeClass[span] = 0;
    table.used[span] = 0;
    if (sizeClass === HUGE) this.#pool.giveHuge(span);
    else this.#pool.give(span, pages);
    this.#used[0] -= pages * PAGE_BYTES;
    this.#largeBlocks--;
    if (this.#used[0] === 0 && this.#pool.segments > 1) this.#releaseEmptySpans();
  }

  // ------------------------------------------------------------------ check

  /** Verifies spans, free lists, page runs and sums. O(pages + free blocks). */
  check(): void {
    const table = this.#table;
    let usedBytes = 0;
    let pages = this.#pool.check();
    const blocks = new Int32Array(CLASS_COUNT + 1);
    const partial = new Int32Array(CLASS_COUNT + 1);
    const spans = new Int32Array(CLASS_COUNT + 1);
    let large = 0;
    let hugeBytes = 0;
    const end = this.u8.length << SEGMENT_PAGES_SHIFT;
    for (let span = SEGMENT_PAGES; span < end; span++) {
      const sizeClass = table.sizeClass[span];
      if (sizeClass === 0) continue;
      if (sizeClass >= LARGE) {
        large++;
        usedBytes += table.bump[span] * PAGE_BYTES;
        if (sizeClass === HUGE) hugeBytes += table.bump[span] * PAGE_BYTES;
        else pages += table.bump[span];
        continue;
      }
      pages += CLASS_PAGES[sizeClass];
      spans[sizeClass]++;
      blocks[sizeClass] += table.used[span];
      usedBytes += table.used[span] * CLASS_BYTES[sizeClass];
      if (table.used[span] < CLASS_BLOCKS[sizeClass]) partial[sizeClass]++;
      this.#checkSpan(span, sizeClass);
    }
    assert(large === this.#largeBlocks, 'large blocks are counted');
    assert(usedBytes === this.#used[0], 'used bytes are the sum of the blocks');
    assert(pages === this.#pool.segments * SEGMENT_PAGES, 'every page is in a span, a large block or a free run');
    assert(this.reservedBytes === pages * PAGE_BYTES + hugeBytes, 'reserved bytes are segments and huge blocks');
    for (let c = 1; c <= CLASS_COUNT; c++) {
      assert(blocks[c] === this.#blocks[c], 'blocks are counted by class');
      assert(spans[c] === this.#spans[c], 'spans are counted by class');
      assert(partial[c] === this.#partialSpans[c], 'spans with room are counted by class');
      let listed = 0;
      for (let span = this.#partial[c]; span !== 0; span = table.next[span]) {
        assert(table.sizeClass[span] === c, 'a listed span is of its class');
        listed++;
      }
      assert(listed === partial[c], 'every span with room is listed');
    }
    if (this.#live !== undefined) assert(this.#live.count === this.blockCount, 'live blocks are counted');
  }

  #checkSpan(span: number, sizeClass: number): void {
    const table = this.#table;
    const granules = CLASS_BYTES[sizeClass] >>> GRANULE_SHIFT;
    const first = span << REF_PAGE_SHIFT;
    const bumped = (table.bump[span] - first) / granules;
    assert(Number.isInteger(bumped) && bumped <= CLASS_BLOCKS[sizeClass], 'the bump pointer stands at a block');
    const seen = new Uint8Array(bumped);
    let free = 0;
    for (let ref = table.free[span]; ref !== 0; free++) {
      const index = (ref - first) / granules;
      assert(Number.isInteger(index) && index >= 0 && index < bumped, 'a free block stands in its span');
      assert(seen[index] === 0, 'a block is free once');
      seen[index] = 1;
      assert(this.#live?.has(ref) !== true, 'a free block is not live');
      ref = this.i32[ref >>> REF_SEGMENT_SHIFT][(ref & REF_GRANULE_MASK) << 1];
    }
    assert(bumped - free === table.used[span], 'a block is free, used or never handed out');
    assert(CLASS_PAGES[sizeClass] << PAGE_SHIFT <= SEGMENT_BYTES, 'a span fits a segment');
  }
}
