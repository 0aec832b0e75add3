// An inline list: the elements of a packed list (packed-layout.ts), without back lengths and without a head, as the inline
// value of an entry. The form of the smallest collections that are only walked forwards: it takes no slot, no block of its
// own and no byte beside its elements' heads.
//
//   entry     | head | ... | key | element ... |        its inline length is that of all elements; nobody counts them
//
// The object is a flyweight like PackedList, with methods of the same names. An element is named by the place of its first
// byte in the segment (`at`, NOWHERE for none), good until the next change.
//
// (1) A list that outgrows its entry's block moves the entry, through `keeper`: `entry` tells where to. The block has just
//     the size that is needed; one that is more than half empty is given up for a smaller one.
// (2) The bytes of a staged element are never those of the list that they are written to.
// (3) INLINE_LIST_BYTES_MAX is the owner's business: what grows beyond it moves to a packed list.

import { assert } from '../base/assert.js';
import { moveBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import { GRANULE_SHIFT, REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import type { EntryKeeper } from './entry-copy.js';
import { entryKind, inlineLength, inlineStart, setInlineLength } from './entry.js';
import {
  bareElementBytes,
  elementLength,
  readElement,
  type ElementSink,
  type StagedElement,
} from './packed-element.js';
import { NOWHERE, STRING6, STRING6_END } from './packed-layout.js';

/** Bytes of all elements. A change in the middle moves what is behind it; a change of the length often moves the entry. */
export const INLINE_LIST_BYTES_MAX = 256;

const walked: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

export class InlineList {
  /** Who the entry belongs to; needed for changes only. */
  keeper: EntryKeeper | undefined;
  /** The entry, where it is now. */
  entry: Ref = 0;
  #arena!: Arena;
  #start = 0;
  #end = 0;

  /** Points at the list in `entry`. */
  open(arena: Arena, entry: Ref): void {
    this.#arena = arena;
    this.entry = entry;
    this.#start = inlineStart(arena, entry);
    this.#end = this.#start + inlineLength(arena, entry);
  }

  /** Makes the unwritten inline value of `entry` an empty list, which keeps the room. */
  create(arena: Arena, entry: Ref): void {
    setInlineLength(arena, entry, 0);
    this.open(arena, entry);
  }

  /** Elements. O(n). */
  get count(): number {
    const u8 = this.#u8();
    let count = 0;
    for (let at = this.#start; at < this.#end; at += bareElementBytes(u8, at)) count++;
    return count;
  }

  /** Bytes of all elements. */
  get bytes(): number {
    return this.#end - this.#start;
  }

  // ------------------------------------------------------------------ walking

  first(): number {
    return this.#start === this.#end ? NOWHERE : this.#start;
  }

  /** The element behind the one at `at`; NOWHERE at the end. */
  next(at: number): number {
    const behind = at + bareElementBytes(this.#u8(), at);
    return behind === this.#end ? NOWHERE : behind;
  }

  /** The element number `index`, which must exist. */
  at(index: number): number {
    const u8 = this.#u8();
    let at = this.#start;
    for (let i = 0; i < index; i++) at += bareElementBytes(u8, at);
    assert(at < this.#end, 'an element with this number exists');
    return at;
  }

  /** Gives all elements to `sink`. */
  walkAll(sink: ElementSink): void {
    const u8 = this.#u8();
    const data = this.#arena.data[this.entry >>> REF_SEGMENT_SHIFT];
    const end = this.#end;
    for (let at = this.#start; at < end;) {
      const head = u8[at];
      if (head >= STRING6 && head < STRING6_END) {
        const behind = at + 1 + (head - STRING6);
        sink.bulk(u8, at + 1, behind, data);
        at = behind;
      } else {
        readElement(u8, at, walked);
        sink.bulk(walked.bytes, walked.start, walked.end);
        at += bareElementBytes(u8, at);
      }
    }
  }

  /** The first element equal to `element` from `at` on, of which only every `stride`-th is looked at; NOWHERE: none. */
  find(at: number, element: StagedElement, stride: number): number {
    if (at === NOWHERE) return NOWHERE;
    const u8 = this.#u8();
    const end = this.#end;
    for (let i = at; i < end;) {
      if (element.equals(u8, i)) return i;
      for (let skip = stride; skip > 0 && i < end; skip--) i += bareElementBytes(u8, i);
    }
    return NOWHERE;
  }

  /** Points `view` at the content, as PackedList does. */
  read(at: number, view: ByteView): void {
    readElement(this.#u8(), at, view);
  }

  /** Bytes of the content. */
  length(at: number): number {
    return elementLength(this.#u8(), at);
  }

  /** Bytes that the element takes here. */
  bytesOf(at: number): number {
    return bareElementBytes(this.#u8(), at);
  }

  /** Points `view` at the bytes of all elements, for `PackedList.adoptBare` and who stores them elsewhere. */
  readAll(view: ByteView): void {
    view.bytes = this.#u8();
    view.start = this.#start;
    view.end = this.#end;
  }

  // ------------------------------------------------------------------ changes

  /** Makes room for `bytes` more at once. */
  reserve(bytes: number): void {
    const used = this.bytes;
    if (this.#room >= bytes) return;
    this.#reshape(used + bytes);
    this.#setLength(used);
  }

  append(element: StagedElement): void {
    element.writeBare(this.#u8(), this.#makeRoom(this.#end, element.bareBytes));
  }

  /** Puts `element` in the place of the one at `at`. */
  replace(at: number, element: StagedElement): void {
    const more = element.bareBytes - this.bytesOf(at);
    let place = at;
    if (more > 0) place = this.#makeRoom(at, more);
    else if (more < 0) this.#close(at, -more);
    element.writeBare(this.#u8(), place);
    if (more < 0) this.#shrink();
  }

  /** Takes `count` elements out from `at` on. */
  remove(at: number, count: number): void {
    const u8 = this.#u8();
    let end = at;
    for (let i = 0; i < count; i++) end += bareElementBytes(u8, end);
    assert(end <= this.#end, 'no more is removed than there is');
    this.#close(at, end - at);
    this.#shrink();
  }

  /** Gives up what room the block has beyond need, as far as block sizes allow. */
  trim(): void {
    const size = this.#arena.sizeOf(this.entry);
    if (Arena.roundedSize(size - this.#room) < size) this.#reshape(this.bytes);
  }

  // ------------------------------------------------------------------ the entry

  #u8(): Uint8Array {
    return this.#arena.u8[this.entry >>> REF_SEGMENT_SHIFT];
  }

  /** Free bytes of the entry's block. */
  get #room(): number {
    const block = (this.entry & REF_GRANULE_MASK) << GRANULE_SHIFT;
    return block + this.#arena.sizeOf(this.entry) - this.#end;
  }

  /** Moves the entry to a block for elements of `bytes`; those that are there come along. */
  #reshape(bytes: number): void {
    assert(this.keeper !== undefined, 'a list that changes has a keeper');
    this.open(this.#arena, this.keeper.reshape(this.entry, entryKind(this.#arena, this.entry), bytes));
  }

  #setLength(bytes: number): void {
    setInlineLength(this.#arena, this.entry, bytes);
    this.#end = this.#start + bytes;
  }

  /** Makes `bytes` bytes free before what stands at `at` (the end included) and returns where they are. */
  #makeRoom(at: number, bytes: number): number {
    const offset = at - this.#start;
    const used = this.bytes;
    if (this.#room >= bytes) this.#setLength(used + bytes);
    else this.#reshape(used + bytes);
    const place = this.#start + offset;
    moveBytes(this.#u8(), place + bytes, place, used - offset);
    return place;
  }

  /** Takes `bytes` bytes out from `at` on. */
  #close(at: number, bytes: number): void {
    moveBytes(this.#u8(), at, at + bytes, this.#end - at - bytes);
    this.#setLength(this.bytes - bytes);
  }

  #shrink(): void {
    const size = this.#arena.sizeOf(this.entry);
    if ((size - this.#room) * 2 < size) this.trim();
  }

  // ------------------------------------------------------------------ check

  /** Verifies the elements. O(n). */
  check(): void {
    const u8 = this.#u8();
    assert(this.#room >= 0, 'the elements stand in the block');
    assert(this.bytes <= INLINE_LIST_BYTES_MAX, 'an inline list is small');
    let at = this.#start;
    while (at < this.#end) at += bareElementBytes(u8, at);
    assert(at === this.#end, 'the last element ends with the list');
  }
}
