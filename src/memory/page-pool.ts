// The pages of an arena: segments of 16 MiB, and the free runs of pages in them.
//
// State of a page, by global page number (segment << 11 | page in segment), in the table's arrays:
//   free run     run[first] = run[last] = its pages; next/prev[first] link the runs of the same length
//   span head    sizeClass[head] != 0, the other arrays hold the span's state (see arena.ts)
//   otherwise    run = 0, sizeClass = 0; owner = the span's head when the page belongs to a span of small blocks
//
// (1) Two free runs never touch: freeing coalesces with both neighbours within the segment.
// (2) An allocation takes the shortest run that fits, and its front: what was never touched stays untouched.
// (3) A segment that is one free run goes back to the system, except one that is kept against thrashing.
// A block longer than a segment has a segment slot of its own, with an ArrayBuffer of its own length.

import { assert } from '../base/assert.js';
import { NO_BYTES } from '../base/bytes.js';
import { EXIT, fatal } from '../base/fatal.js';
import { PAGE_BYTES, SEGMENT_BYTES, SEGMENT_PAGES, SEGMENT_PAGES_SHIFT, SEGMENT_SLOTS_MAX } from './arena-layout.js';

const NO_HALVES = new Uint16Array(0);
const NO_WORDS = new Int32Array(0);
const NO_DATA = new DataView(new ArrayBuffer(0));
const INITIAL_SLOTS = 4;

/** What is known of every page. All arrays have the same length and are replaced together when the table grows. */
export class PageTable {
  run = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  next = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  prev = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  /** Head of the span that the page belongs to. */
  owner = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  /** Of a span head: its class, or LARGE or HUGE; 0 otherwise. */
  sizeClass = new Uint8Array(INITIAL_SLOTS * SEGMENT_PAGES);
  /** Of a span head: first free block (a Ref, linked through the blocks); 0: none. */
  free = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  /** Of a span head: the first block that was never handed out (a Ref). Of a large block: its pages. */
  bump = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);
  /** Of a span head: blocks handed out. */
  used = new Int32Array(INITIAL_SLOTS * SEGMENT_PAGES);

  /** Makes room for pages of `slots` segment slots. */
  grow(slots: number): void {
    const pages = slots * SEGMENT_PAGES;
    if (pages <= this.run.length) return;
    const length = Math.min(Math.max(pages, this.run.length * 2), SEGMENT_SLOTS_MAX * SEGMENT_PAGES);
    this.run = grown(this.run, length);
    this.next = grown(this.next, length);
    this.prev = grown(this.prev, length);
    this.owner = grown(this.owner, length);
    this.free = grown(this.free, length);
    this.bump = grown(this.bump, length);
    this.used = grown(this.used, length);
    const sizeClass = new Uint8Array(length);
    sizeClass.set(this.sizeClass);
    this.sizeClass = sizeClass;
  }
}

function grown(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(length);
  array.set(old);
  return array;
}

export class PagePool {
  readonly table = new PageTable();
  /** The views of every segment slot; empty ones where no segment stands. */
  readonly u8: Uint8Array[] = [NO_BYTES];
  readonly u16: Uint16Array[] = [NO_HALVES];
  readonly i32: Int32Array[] = [NO_WORDS];
  readonly data: DataView[] = [NO_DATA];

  /** First page of the list of free runs, by length in pages. */
  readonly #heads = new Int32Array(SEGMENT_PAGES + 1);
  /** One bit per length: the list has a run. */
  readonly #lengths = new Int32Array((SEGMENT_PAGES >>> 5) + 1);
  readonly #freeSlots: number[] = [];
  /** Pages from the front of each segment that were ever handed out: what the system has really committed. */
  readonly #touched: number[] = [0];
  #touchedPages = 0;
  #segments = 0;
  #hugeBytes = 0;

  /** Bytes of address space held: segments and huge blocks. */
  get reservedBytes(): number {
    return this.#segments * SEGMENT_BYTES + this.#hugeBytes;
  }

  /** Bytes that were touched at least once since their segment was taken: about what the process's RSS holds. */
  get committedBytes(): number {
    return this.#touchedPages * PAGE_BYTES + this.#hugeBytes;
  }

  get segments(): number {
    return this.#segments;
  }

  /** Takes a run of `pages` (at most a segment's) and returns its first page. */
  take(pages: number): number {
    assert(pages >= 1 && pages <= SEGMENT_PAGES, 'a page run fits a segment');
    let length = this.#shortestFrom(pages);
    if (length === 0) {
      this.#addSegment();
      length = SEGMENT_PAGES;
    }
    const first = this.#heads[length];
    this.#unlink(first, length);
    if (length > pages) this.#link(first + pages, length - pages);
    const slot = first >>> SEGMENT_PAGES_SHIFT;
    const end = (first & (SEGMENT_PAGES - 1)) + pages;
    if (end > this.#touched[slot]) {
      this.#touchedPages += end - this.#touched[slot];
      this.#touched[slot] = end;
    }
    return first;
  }

  /** Gives a run back. */
  give(first: number, pages: number): void {
    const run = this.table.run;
    assert(run[first] === 0 && run[first + pages - 1] === 0, 'a page run is freed once');
    let start = first;
    let length = pages;
    const inSegment = first & (SEGMENT_PAGES - 1);
    if (inSegment > 0 && run[first - 1] !== 0) {
      const before = run[first - 1];
      start -= before;
      length += before;
      this.#unlink(start, before);
    }
    if (inSegment + pages < SEGMENT_PAGES && run[first + pages] !== 0) {
      const behind = run[first + pages];
      this.#unlink(first + pages, behind);
      length += behind;
    }
    if (length === SEGMENT_PAGES && this.#heads[SEGMENT_PAGES] !== 0) this.#dropSegment(start >>> SEGMENT_PAGES_SHIFT);
    else this.#link(start, length);
  }

  /** Takes a slot of its own for a block of `bytes` and returns its first page. */
  takeHuge(bytes: number): number {
    const slot = this.#takeSlot(bytes);
    this.#hugeBytes += bytes;
    return slot << SEGMENT_PAGES_SHIFT;
  }

  giveHuge(first: number): void {
    const slot = first >>> SEGMENT_PAGES_SHIFT;
    this.#hugeBytes -= this.u8[slot].length;
    this.#giveSlot(slot);
  }

  /** Gives the spare segment back too. */
  trim(): void {
    while (this.#heads[SEGMENT_PAGES] !== 0) {
      const first = this.#heads[SEGMENT_PAGES];
      this.#unlink(first, SEGMENT_PAGES);
      this.#dropSegment(first >>> SEGMENT_PAGES_SHIFT);
    }
  }

  /** Verifies free runs against the table and returns the number of free pages. O(pages). */
  check(): number {
    const { run, next, prev, sizeClass } = this.table;
    let listed = 0;
    for (let length = 1; length <= SEGMENT_PAGES; length++) {
      const has = (this.#lengths[length >>> 5] >>> (length & 31)) & 1;
      assert((this.#heads[length] !== 0) === (has === 1), 'the bitmap of run lengths matches the lists');
      let before = 0;
      for (let first = this.#heads[length]; first !== 0; first = next[first]) {
        assert(
          run[first] === length && run[first + length - 1] === length,
          'a free run carries its length at both ends',
        );
        assert(prev[first] === before, 'run lists link back');
        const start = first & (SEGMENT_PAGES - 1);
        assert(start + length <= SEGMENT_PAGES, 'a free run stays in its segment');
        assert(start === 0 || run[first - 1] === 0, 'free runs never touch in front');
        assert(start + length === SEGMENT_PAGES || run[first + length] === 0, 'free runs never touch behind');
        for (let page = first; page < first + length; page++) assert(sizeClass[page] === 0, 'no span in a free run');
        listed += length;
        before = first;
      }
    }
    return listed;
  }

  /** The shortest length of a free run of at least `pages`; 0: none. */
  #shortestFrom(pages: number): number {
    const lengths = this.#lengths;
    let index = pages >>> 5;
    let word = lengths[index] & (-1 << (pages & 31));
    while (word === 0) {
      index++;
      if (index === lengths.length) return 0;
      word = lengths[index];
    }
    return (index << 5) + 31 - Math.clz32(word & -word);
  }

  #link(first: number, length: number): void {
    const table = this.table;
    table.run[first] = length;
    table.run[first + length - 1] = length;
    const head = this.#heads[length];
    table.next[first] = head;
    table.prev[first] = 0;
    if (head !== 0) table.prev[head] = first;
    else this.#lengths[length >>> 5] |= 1 << (length & 31);
    this.#heads[length] = first;
  }

  #unlink(first: number, length: number): void {
    const table = this.table;
    table.run[first] = 0;
    table.run[first + length - 1] = 0;
    const next = table.next[first];
    const prev = table.prev[first];
    if (next !== 0) table.prev[next] = prev;
    if (prev !== 0) table.next[prev] = next;
    else {
      this.#heads[length] = next;
      if (next === 0) this.#lengths[length >>> 5] &= ~(1 << (length & 31));
    }
  }

  #addSegment(): void {
    const slot = this.#takeSlot(SEGMENT_BYTES);
    this.#segments++;
    this.#link(slot << SEGMENT_PAGES_SHIFT, SEGMENT_PAGES);
  }

  #dropSegment(slot: number): void {
    this.#segments--;
    this.#touchedPages -= this.#touched[slot];
    this.#giveSlot(slot);
  }

  #takeSlot(bytes: number): number {
    const slot = this.#freeSlots.pop() ?? this.u8.length;
    if (slot === SEGMENT_SLOTS_MAX) fatal('A shard holds at most 32 GiB: start more threads', EXIT.limits);
    this.table.grow(slot + 1);
    const buffer = allocate(bytes);
    this.u8[slot] = new Uint8Array(buffer);
    this.u16[slot] = new Uint16Array(buffer);
    this.i32[slot] = new Int32Array(buffer);
    this.data[slot] = new DataView(buffer);
    this.#touched[slot] = 0;
    return slot;
  }

  // The buffer goes with its last view at the next garbage collection, which V8 schedules by external memory too.
  // Detaching would free it at once, but it also ends V8's no-detached-buffers assumption for every typed array access.
  #giveSlot(slot: number): void {
    this.u8[slot] = NO_BYTES;
    this.u16[slot] = NO_HALVES;
    this.i32[slot] = NO_WORDS;
    this.data[slot] = NO_DATA;
    this.#touched[slot] = 0;
    this.#freeSlots.push(slot);
  }
}

function allocate(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    return fatal('Out of memory: the system refused a block of data memory', EXIT.limits);
  }
}
