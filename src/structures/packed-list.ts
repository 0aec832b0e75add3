// A packed list: short elements in one arena block, the small form of every collection and the node of the large lists
// (packed-layout.ts has the picture of its bytes, packed-element.ts the elements).
//
// The object is a flyweight: `ref` is the block, 0 for none. Point it at another block to work on another list; after a
// change store `ref` where it came from, because a list that grows or shrinks moves. An element is named by the offset of
// its first byte in the block (`at`, NOWHERE for none); it is good until the next change, which returns where it left off.
//
//   element.stage(bytes, start, end)                     what is written or looked for is made ready once
//   list.append(element), list.insert(at, element), list.replace(at, element), list.remove(at, count)
//   for (at = list.first(); at !== NOWHERE; at = list.next(at)) list.read(at, view)
//   list.find(list.first(), field, 2)                    fields and values by turns: compares every second element
//
// (1) Free bytes stand before and behind the elements, so that both ends take and give elements without moving the rest.
// (2) A change moves the shorter side; a block that is too small grows by an eighth beyond what is needed, one that is
//     more than half empty shrinks.
// (3) The bytes of a staged element are never those of the list that they are written to.

import { assert } from '../base/assert.js';
import { copyBytes, moveBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import {
  bareElementBytes,
  elementBytes,
  elementBytesBefore,
  elementLength,
  elementNumber,
  isInteger,
  readElement,
  writeBack,
  type ElementSink,
  type StagedElement,
} from './packed-element.js';
import {
  AT_COUNT_HALF,
  AT_END,
  AT_GAP_HALF,
  NOWHERE,
  PACKED_BYTES_MAX,
  PACKED_COUNT_MAX,
  PACKED_GAP_MAX,
  PACKED_HEAD_BYTES,
  STRING6,
  STRING6_END,
} from './packed-layout.js';

export { StagedElement, type ElementSink } from './packed-element.js';
export { NOWHERE, PACKED_BYTES_MAX, PACKED_COUNT_MAX, PACKED_HEAD_BYTES } from './packed-layout.js';

/** Smaller blocks grow and shrink by their size class alone: their moves are cheap and their number is great. */
const EXACT_BYTES_MAX = 256;

const walked: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

export class PackedList {
  /** Set before anything is done with a list. */
  arena!: Arena;
  /** The list that this object stands for; 0: none. */
  ref: Ref;
  /** A block that grows takes no head-room beyond this size. */
  roomBytesMax = PACKED_BYTES_MAX;

  constructor(arena?: Arena, ref: Ref = 0) {
    if (arena !== undefined) this.arena = arena;
    this.ref = ref;
  }

  /** Makes a new, empty list with room for elements of `bytes`. */
  create(bytes: number): void {
    this.ref = this.arena.alloc(PACKED_HEAD_BYTES + bytes);
    this.#setHead(PACKED_HEAD_BYTES, 0, 0);
  }

  /** Gives the block back. */
  free(): void {
    this.arena.free(this.ref);
    this.ref = 0;
  }

  get count(): number {
    return this.#halves()[this.#halfAt() + AT_COUNT_HALF];
  }

  /** Bytes of all elements. */
  get bytes(): number {
    return this.#end() - this.#start();
  }

  /** True when elements of `bytes` may still be added, whatever the owner's own limits. */
  hasRoom(bytes: number, elements = 1): boolean {
    return this.count + elements <= PACKED_COUNT_MAX && this.bytes + bytes <= PACKED_BYTES_MAX - PACKED_HEAD_BYTES;
  }

  // ------------------------------------------------------------------ walking

  /** The first element; NOWHERE when there is none. */
  first(): number {
    const start = this.#start();
    return start === this.#end() ? NOWHERE : start;
  }

  last(): number {
    const end = this.#end();
    if (end === this.#start()) return NOWHERE;
    return end - elementBytesBefore(this.#u8(), this.#base() + end);
  }

  /** The element behind the one at `at`; NOWHERE at the end. */
  next(at: number): number {
    const behind = at + elementBytes(this.#u8(), this.#base() + at);
    return behind === this.#end() ? NOWHERE : behind;
  }

  previous(at: number): number {
    if (at === this.#start()) return NOWHERE;
    return at - elementBytesBefore(this.#u8(), this.#base() + at);
  }

  /** The element number `index` (below `count`), found from the nearer end. */
  at(index: number): number {
    const count = this.count;
    assert(index >= 0 && index < count, 'an element with this number exists');
    const u8 = this.#u8();
    const base = this.#base();
    let at: number;
    if (index < count >>> 1) {
      at = base + this.#start();
      for (let i = 0; i < index; i++) at += elementBytes(u8, at);
    } else {
      at = base + this.#end();
      for (let i = count; i > index; i--) at -= elementBytesBefore(u8, at);
    }
    return at - base;
  }

  /**
   * Gives up to `most` elements from `at` on, forwards or backwards, to `sink`; returns how many there were. The quick
   * way to read many: 10 ns less an element than with `next` and `read`.
   */
  walk(at: number, most: number, forward: boolean, sink: ElementSink): number {
    const u8 = this.#u8();
    const data = this.arena.data[this.ref >>> REF_SEGMENT_SHIFT];
    const base = this.#base();
    const first = base + this.#start();
    const end = base + this.#end();
    let i = base + at;
    let given = 0;
    if (forward) {
      for (;;) {
        const head = u8[i];
        if (head >= STRING6 && head < STRING6_END) {
          const length = head - STRING6;
          sink.bulk(u8, i + 1, i + 1 + length, data);
          i += length + 2;
        } else {
          readElement(u8, i, walked);
          sink.bulk(walked.bytes, walked.start, walked.end);
          i += elementBytes(u8, i);
        }
        if (++given === most || i === end) return given;
      }
    }
    for (;;) {
      readElement(u8, i, walked);
      sink.bulk(walked.bytes, walked.start, walked.end);
      if (++given === most || i === first) return given;
      i -= elementBytesBefore(u8, i);
    }
  }

  /** Gives all elements to `sink`. */
  walkAll(sink: ElementSink): void {
    const at = this.first();
    if (at !== NOWHERE) this.walk(at, PACKED_COUNT_MAX, true, sink);
  }

  /**
   * The first element equal to `element` from `at` on, of which only every `stride`-th is looked at; NOWHERE: there is
   * none. `at` may be NOWHERE.
   */
  find(at: number, element: StagedElement, stride = 1): number {
    if (at === NOWHERE) return NOWHERE;
    const u8 = this.#u8();
    const base = this.#base();
    const end = base + this.#end();
    for (let i = base + at; i < end;) {
      if (element.equals(u8, i)) return i - base;
      for (let skip = stride; skip > 0 && i < end; skip--) i += elementBytes(u8, i);
    }
    return NOWHERE;
  }

  // ------------------------------------------------------------------ one element

  /** Points `view` at the content; an integer is spelt out and stays until eight more were read, bytes until a change. */
  read(at: number, view: ByteView): void {
    readElement(this.#u8(), this.#base() + at, view);
  }

  /** The element as a safe integer; NaN when it is none. */
  number(at: number): number {
    return elementNumber(this.#u8(), this.#base() + at);
  }

  /** True when the element spells an int64. */
  isInteger(at: number): boolean {
    return isInteger(this.#u8()[this.#base() + at]);
  }

  /** Bytes of the content. */
  length(at: number): number {
    return elementLength(this.#u8(), this.#base() + at);
  }

  equals(at: number, element: StagedElement): boolean {
    return element.equals(this.#u8(), this.#base() + at);
  }

  // ------------------------------------------------------------------ changes

  append(element: StagedElement): void {
    this.#write(this.#makeRoom(this.#end(), element.bytes), element);
    this.#addCount(1);
  }

  prepend(element: StagedElement): void {
    this.#write(this.#makeRoom(this.#start(), element.bytes), element);
    this.#addCount(1);
  }

  /** Puts `element` before the one at `at` and returns where it stands. */
  insert(at: number, element: StagedElement): number {
    assert(at !== NOWHERE, 'an element is inserted before another');
    const place = this.#makeRoom(at, element.bytes);
    this.#write(place, element);
    this.#addCount(1);
    return place;
  }

  /** Puts `element` in the place of the one at `at` and returns where it stands. */
  replace(at: number, element: StagedElement): number {
    const more = element.bytes - elementBytes(this.#u8(), this.#base() + at);
    let place = at;
    if (more > 0) place = this.#makeRoom(at, more);
    else if (more < 0) place = this.#close(at, -more);
    this.#write(place, element);
    return more < 0 ? place + this.#shrink() : place;
  }

  /** Takes `count` elements out from `at` on and returns where what followed them stands; NOWHERE at the end. */
  remove(at: number, count: number): number {
    const u8 = this.#u8();
    const base = this.#base();
    let end = base + at;
    for (let i = 0; i < count; i++) end += elementBytes(u8, end);
    assert(end - base <= this.#end(), 'no more is removed than there is');
    let following = this.#close(at, end - base - at);
    this.#addCount(-count);
    following += this.#shrink();
    return following === this.#end() ? NOWHERE : following;
  }

  /** Moves the elements from `at` on, `count` of them, to the end of `other`. */
  moveTail(at: number, count: number, other: PackedList): void {
    const bytes = this.#end() - at;
    const to = other.#makeRoom(other.#end(), bytes);
    this.arena.copy(other.ref, to, this.ref, at, bytes);
    other.#addCount(count);
    this.#close(at, bytes);
    this.#addCount(-count);
    this.#shrink();
  }

  /** A copy of the list in a block of just its size. */
  copy(): Ref {
    const start = this.#start();
    const bytes = this.#end() - start;
    const block = this.arena.alloc(PACKED_HEAD_BYTES + bytes);
    const twin = new PackedList(this.arena, block);
    twin.#setHead(PACKED_HEAD_BYTES + bytes, this.count, 0);
    this.arena.copy(block, PACKED_HEAD_BYTES, this.ref, start, bytes);
    return block;
  }

  /** Points `view` at the bytes of all elements, for who stores them elsewhere; `adopt` takes them back. */
  readAll(view: ByteView): void {
    view.bytes = this.#u8();
    view.start = this.#base() + this.#start();
    view.end = this.#base() + this.#end();
  }

  /** Makes a new list of the `count` elements whose bytes `readAll` gave. The bytes are trusted: check() looks at them. */
  adopt(source: Uint8Array, start: number, end: number, count: number): void {
    this.create(end - start);
    copyBytes(this.#u8(), this.#base() + PACKED_HEAD_BYTES, source, start, end);
    this.#setHead(PACKED_HEAD_BYTES + end - start, count, 0);
  }

  /** The same of elements without back lengths (`InlineList.readAll`). The source may stand in this list's arena. */
  adoptBare(source: Uint8Array, start: number, end: number): void {
    let count = 0;
    let bytes = 0;
    for (let from = start; from < end; from += bareElementBytes(source, from)) {
      bytes += elementBytes(source, from);
      count++;
    }
    this.create(bytes);
    const u8 = this.#u8();
    let to = this.#base() + PACKED_HEAD_BYTES;
    for (let from = start; from < end;) {
      const bare = bareElementBytes(source, from);
      copyBytes(u8, to, source, from, from + bare);
      to = writeBack(u8, to + bare, bare);
      from += bare;
    }
    this.#setHead(PACKED_HEAD_BYTES + bytes, count, 0);
  }

  // ------------------------------------------------------------------ the block

  #u8(): Uint8Array {
    return this.arena.u8[this.ref >>> REF_SEGMENT_SHIFT];
  }

  /** Where the block begins in its segment's byte view. */
  #base(): number {
    return (this.ref & REF_GRANULE_MASK) << 3;
  }

  #halves(): Uint16Array {
    return this.arena.u16[this.ref >>> REF_SEGMENT_SHIFT];
  }

  #halfAt(): number {
    return (this.ref & REF_GRANULE_MASK) << 2;
  }

  #end(): number {
    return this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT][((this.ref & REF_GRANULE_MASK) << 1) + AT_END];
  }

  #start(): number {
    return PACKED_HEAD_BYTES + this.#halves()[this.#halfAt() + AT_GAP_HALF];
  }

  #setHead(end: number, count: number, gap: number): void {
    const halves = this.#halves();
    const at = this.#halfAt();
    this.#setEnd(end);
    halves[at + AT_COUNT_HALF] = count;
    halves[at + AT_GAP_HALF] = gap;
  }

  #setEnd(end: number): void {
    this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT][((this.ref & REF_GRANULE_MASK) << 1) + AT_END] = end;
  }

  #setGap(gap: number): void {
    this.#halves()[this.#halfAt() + AT_GAP_HALF] = gap;
  }

  #addCount(elements: number): void {
    const count = this.count + elements;
    assert(count >= 0 && count <= PACKED_COUNT_MAX, 'a packed list keeps its limit');
    this.#halves()[this.#halfAt() + AT_COUNT_HALF] = count;
  }

  #write(at: number, element: StagedElement): void {
    element.write(this.#u8(), this.#base() + at);
  }

  /** Makes `bytes` bytes free before what stands at `at` (the end included) and returns where they are. */
  #makeRoom(at: number, bytes: number): number {
    const start = this.#start();
    const end = this.#end();
    const before = at - start;
    const behind = end - at;
    const gap = start - PACKED_HEAD_BYTES;
    const room = this.arena.sizeOf(this.ref) - end;
    const frontFirst = before < behind;
    if (gap >= bytes && (frontFirst || room < bytes)) {
      this.#move(start - bytes, start, before);
      this.#setGap(gap - bytes);
      return at - bytes;
    }
    if (room >= bytes) {
      this.#move(at + bytes, at, behind);
      this.#setEnd(end + bytes);
      return at;
    }
    return this.#rebuild(at, bytes, frontFirst);
  }

  /**
   * Lays the elements out anew with `bytes` bytes free before `at`: within the block when it has so much room in all, the
   * rest of which is shared between both ends; or in a larger one, whose head-room goes to the end that asks.
   */
  #rebuild(at: number, bytes: number, atFront: boolean): number {
    const arena = this.arena;
    const old = this.ref;
    const start = this.#start();
    const end = this.#end();
    const count = this.count;
    const needed = PACKED_HEAD_BYTES + (end - start) + bytes;
    assert(needed <= PACKED_BYTES_MAX, 'a packed list keeps its limit');
    const size = arena.sizeOf(old);
    if (needed <= size) {
      const gap = Math.min((size - needed) >>> 1, PACKED_GAP_MAX);
      const place = PACKED_HEAD_BYTES + gap + (at - start);
      const down = gap + PACKED_HEAD_BYTES < start;
      // What moves towards the other part goes second.
      if (down) this.#move(PACKED_HEAD_BYTES + gap, start, at - start);
      this.#move(place + bytes, at, end - at);
      if (!down) this.#move(PACKED_HEAD_BYTES + gap, start, at - start);
      this.#setHead(place + bytes + (end - at), count, gap);
      return place;
    }
    const block = arena.alloc(this.#roomy(needed));
    const gap = atFront ? Math.min(arena.sizeOf(block) - needed, PACKED_GAP_MAX) : 0;
    const place = PACKED_HEAD_BYTES + gap + (at - start);
    arena.copy(block, PACKED_HEAD_BYTES + gap, old, start, at - start);
    arena.copy(block, place + bytes, old, at, end - at);
    arena.free(old);
    this.ref = block;
    this.#setHead(place + bytes + (end - at), count, gap);
    return place;
  }

  /** Bytes to ask for when `needed` are. */
  #roomy(needed: number): number {
    if (needed <= EXACT_BYTES_MAX) return needed;
    return Math.max(needed, Math.min(needed + (needed >>> 3), this.roomBytesMax));
  }

  /** Takes `bytes` bytes out from `at` on and returns where what followed them stands. */
  #close(at: number, bytes: number): number {
    const start = this.#start();
    const end = this.#end();
    const before = at - start;
    const behind = end - at - bytes;
    const gap = start - PACKED_HEAD_BYTES + bytes;
    if (before < behind && gap <= PACKED_GAP_MAX) {
      this.#move(start + bytes, start, before);
      this.#setGap(gap);
      return at + bytes;
    }
    this.#move(at, at + bytes, behind);
    this.#setEnd(end - bytes);
    return at;
  }

  /** Moves a list that fills less than half of its block to a smaller one; returns by how much its elements moved. */
  #shrink(): number {
    const arena = this.arena;
    const start = this.#start();
    const end = this.#end();
    const needed = PACKED_HEAD_BYTES + (end - start);
    const size = arena.sizeOf(this.ref);
    const room = this.#roomy(needed);
    if (needed * 2 >= size || Arena.roundedSize(room) >= size) return 0;
    const old = this.ref;
    const count = this.count;
    const block = arena.alloc(room);
    arena.copy(block, PACKED_HEAD_BYTES, old, start, end - start);
    arena.free(old);
    this.ref = block;
    this.#setHead(PACKED_HEAD_BYTES + (end - start), count, 0);
    return PACKED_HEAD_BYTES - start;
  }

  /** Moves `bytes` bytes within the block; the ranges may overlap. */
  #move(to: number, from: number, bytes: number): void {
    const base = this.#base();
    moveBytes(this.#u8(), base + to, base + from, bytes);
  }

  // ------------------------------------------------------------------ check

  /** Verifies head, elements and both directions of walking. O(elements). */
  check(): void {
    const u8 = this.#u8();
    const base = this.#base();
    const end = this.#end();
    assert(this.#start() <= end && end <= this.arena.sizeOf(this.ref), 'the elements stand in the block');
    let count = 0;
    let at = this.#start();
    while (at < end) {
      const bytes = elementBytes(u8, base + at);
      assert(bytes >= 2 && at + bytes <= end, 'an element ends within the list');
      assert(elementBytesBefore(u8, base + at + bytes) === bytes, 'an element is as long from behind');
      at += bytes;
      count++;
    }
    assert(count === this.count, 'the head counts the elements');
  }
}
