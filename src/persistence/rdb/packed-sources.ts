// The packed forms that values have in RDB files, read one element after the other: listpacks, and what stood in their place
// in older versions (ziplists until 6.2, zipmaps until 2.4), sets of integers, and elements that stand alone.
//
// A source points at bytes that nobody has looked at: it checks each element before it gives it out, and at the end that
// nothing is missing and nothing left over. An element's span is good until eight more were given.

import type { ByteView } from '../../base/bytes.js';
import { NO_BYTES } from '../../base/bytes.js';
import { writeInt64 } from '../../base/int64.js';
import { INT64_CHARS_MAX } from '../../base/integers.js';
import { elementBytesBefore, readElement } from '../../structures/packed-element.js';
import {
  backBytes,
  INT13,
  INT16,
  INT64,
  STRING12,
  STRING12_END,
  STRING32,
  STRING6,
  STRING6_END,
} from '../../structures/packed-layout.js';
import { LISTPACK_COUNT_UNKNOWN, LISTPACK_END, LISTPACK_HEAD_BYTES } from './rdb-format.js';
import { expectFormat, type RdbReader } from './rdb-reader.js';

/** Elements in order. */
export interface ElementSource {
  /** Points `view` at the next element; false: that was all. */
  next(view: ByteView): boolean;
}

/** `next` where one must follow. */
export function nextOf(source: ElementSource, view: ByteView): void {
  expectFormat(source.next(view), 'an element is missing');
}

/** Spelt-out integers: a few, so that several elements can be looked at. */
const SCRATCH_SLOTS = 8;
const scratch = new Uint8Array(SCRATCH_SLOTS * INT64_CHARS_MAX);
let scratchSlot = 0;

/** Points `view` at the digits of an int64 in halves. */
export function spellInt64(low: number, high: number, view: ByteView): void {
  scratchSlot = (scratchSlot + 1) % SCRATCH_SLOTS;
  view.bytes = scratch;
  view.start = scratchSlot * INT64_CHARS_MAX;
  view.end = writeInt64(scratch, view.start, low, high);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

// ---------------------------------------------------------------------- elements that stand alone

/** `count` strings one behind the other. */
export class PlainSource implements ElementSource {
  readonly #reader: RdbReader;
  #left: number;

  constructor(reader: RdbReader, count: number) {
    this.#reader = reader;
    this.#left = count;
  }

  next(view: ByteView): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    this.#reader.string(view);
    return true;
  }
}

// ---------------------------------------------------------------------- listpack

export class ListpackSource implements ElementSource {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #count: number;
  #at: number;
  #given = 0;

  /** The listpack is the whole of `bytes[start, end)`. */
  constructor({ bytes, start, end }: ByteView) {
    expectFormat(end - start > LISTPACK_HEAD_BYTES, 'a listpack is too short');
    expectFormat(word(bytes, start) >>> 0 === end - start, 'a listpack is not as long as it says');
    expectFormat(bytes[end - 1] === LISTPACK_END, 'a listpack has no end');
    this.#bytes = bytes;
    this.#count = bytes[start + 4] | (bytes[start + 5] << 8);
    this.#at = start + LISTPACK_HEAD_BYTES;
    this.#end = end - 1;
  }

  next(view: ByteView): boolean {
    const at = this.#at;
    if (at === this.#end) {
      const known = this.#count !== LISTPACK_COUNT_UNKNOWN;
      expectFormat(!known || this.#count === this.#given, 'a listpack does not count its elements right');
      return false;
    }
    const behind = at + checkedBytes(this.#bytes, at, this.#end);
    readElement(this.#bytes, at, view);
    this.#at = behind;
    this.#given++;
    return true;
  }
}

/** Bytes of the listpack element at `at`, which ends by `end`. */
function checkedBytes(bytes: Uint8Array, at: number, end: number): number {
  const head = bytes[at];
  const room = end - at;
  let size = 1;
  if (head >= STRING6 && head < STRING6_END) {
    size = 1 + (head - STRING6);
  } else if (head >= INT13 && head < STRING12) {
    size = 2;
  } else if (head >= STRING12 && head < STRING12_END) {
    expectFormat(room >= 2, 'an element of a listpack is cut off');
    size = 2 + (((head - STRING12) << 8) | bytes[at + 1]);
  } else if (head === STRING32) {
    expectFormat(room >= 5, 'an element of a listpack is cut off');
    size = 5 + (word(bytes, at + 1) >>> 0);
  } else if (head > STRING32) {
    expectFormat(head <= INT64, 'an element of a listpack is of an unknown kind');
    size = head === INT64 ? 9 : head - INT16 + 3;
  }
  const whole = size + backBytes(size);
  expectFormat(whole <= room, 'an element of a listpack is cut off');
  expectFormat(backFits(bytes, at + whole, whole), 'an element of a listpack is not as long from behind');
  return whole;
}

/** True when the length before `end` says that an element of `whole` bytes ends there. */
function backFits(bytes: Uint8Array, end: number, whole: number): boolean {
  let marks = 0;
  for (let at = end - 1; marks < 5 && (bytes[at] & 0x80) !== 0; at--) marks++;
  return marks < 5 && elementBytesBefore(bytes, end) === whole;
}

// ---------------------------------------------------------------------- ziplist

const ZIPLIST_HEAD_BYTES = 10;
const ZIPLIST_END = 0xff;
/** Lengths of the element before are one byte up to here; this byte says that four follow. */
const LONG_PREVIOUS = 0xfe;
const ZIP_INT8 = 0xfe;
const ZIP_INT16 = 0xc0;
const ZIP_INT32 = 0xd0;
const ZIP_INT64 = 0xe0;
const ZIP_INT24 = 0xf0;
const ZIP_SMALL_FIRST = 0xf1;
const ZIP_SMALL_LAST = 0xfd;

/** | bytes:u32 | tail:u32 | count:u16 | elements | 0xff |, an element being | length before | head | content | */
export class ZiplistSource implements ElementSource {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #count: number;
  #at: number;
  #given = 0;
  #previousBytes = 0;

  /** The ziplist is the whole of `bytes[start, end)`. */
  constructor({ bytes, start, end }: ByteView) {
    expectFormat(end - start > ZIPLIST_HEAD_BYTES, 'a ziplist is too short');
    expectFormat(word(bytes, start) >>> 0 === end - start, 'a ziplist is not as long as it says');
    expectFormat(bytes[end - 1] === ZIPLIST_END, 'a ziplist has no end');
    this.#bytes = bytes;
    this.#count = bytes[start + 8] | (bytes[start + 9] << 8);
    this.#at = start + ZIPLIST_HEAD_BYTES;
    this.#end = end - 1;
  }

  next(view: ByteView): boolean {
    const bytes = this.#bytes;
    const start = this.#at;
    if (start === this.#end) {
      const known = this.#count !== LISTPACK_COUNT_UNKNOWN;
      expectFormat(!known || this.#count === this.#given, 'a ziplist does not count its elements right');
      return false;
    }
    const before = this.#take(1);
    const previous = bytes[before] < LONG_PREVIOUS ? bytes[before] : word(bytes, this.#take(4)) >>> 0;
    expectFormat(previous === this.#previousBytes, 'an element of a ziplist is not as long from behind');
    this.#content(bytes[this.#take(1)], view);
    this.#previousBytes = this.#at - start;
    this.#given++;
    return true;
  }

  #take(count: number): number {
    const at = this.#at;
    expectFormat(count <= this.#end - at, 'an element of a ziplist is cut off');
    this.#at = at + count;
    return at;
  }

  #content(head: number, view: ByteView): void {
    const bytes = this.#bytes;
    const kind = head >>> 6;
    if (kind < 3) {
      let length = head & 0x3f;
      if (kind === 1) length = (length << 8) | bytes[this.#take(1)];
      if (kind === 2) {
        const at = this.#take(4);
        length = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
      }
      view.bytes = bytes;
      view.start = this.#take(length);
      view.end = this.#at;
      return;
    }
    let low: number;
    let high: number | undefined;
    if (head === ZIP_INT16) {
      const at = this.#take(2);
      low = ((bytes[at] << 16) | (bytes[at + 1] << 24)) >> 16;
    } else if (head === ZIP_INT24) {
      const at = this.#take(3);
      low = ((bytes[at] << 8) | (bytes[at + 1] << 16) | (bytes[at + 2] << 24)) >> 8;
    } else if (head === ZIP_INT32) {
      low = word(bytes, this.#take(4));
    } else if (head === ZIP_INT64) {
      const at = this.#take(8);
      low = word(bytes, at);
      high = word(bytes, at + 4);
    } else if (head === ZIP_INT8) {
      low = (bytes[this.#take(1)] << 24) >> 24;
    } else {
      expectFormat(head >= ZIP_SMALL_FIRST && head <= ZIP_SMALL_LAST, 'an element of a ziplist is of an unknown kind');
      low = head - ZIP_SMALL_FIRST;
    }
    spellInt64(low, high ?? low >> 31, view);
  }
}

// ---------------------------------------------------------------------- zipmap

const ZIPMAP_END = 0xff;
const ZIPMAP_LONG = 0xfe;

/** | count:u8 | fields and values by turns | 0xff |: | length | bytes |, and of a value | length | free:u8 | bytes | free | */
export class ZipmapSource implements ElementSource {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;
  #isValue = false;

  constructor({ bytes, start, end }: ByteView) {
    expectFormat(end - start >= 2, 'a zipmap is too short');
    this.#bytes = bytes;
    this.#at = start + 1;
    this.#end = end;
  }

  next(view: ByteView): boolean {
    const bytes = this.#bytes;
    let length = bytes[this.#take(1)];
    if (length === ZIPMAP_END) {
      expectFormat(!this.#isValue && this.#at === this.#end, 'a zipmap does not end where it should');
      return false;
    }
    if (length === ZIPMAP_LONG) length = word(bytes, this.#take(4)) >>> 0;
    const free = this.#isValue ? bytes[this.#take(1)] : 0;
    view.bytes = bytes;
    view.start = this.#take(length);
    view.end = this.#at;
    this.#take(free);
    this.#isValue = !this.#isValue;
    return true;
  }

  #take(count: number): number {
    const at = this.#at;
    expectFormat(count <= this.#end - at, 'a zipmap is cut off');
    this.#at = at + count;
    return at;
  }
}

// ---------------------------------------------------------------------- set of integers

const INTSET_HEAD_BYTES = 8;

/** | bytes of an integer:u32 | count:u32 | integers, ascending | */
export class IntsetSource implements ElementSource {
  readonly count: number;
  readonly #bytes: Uint8Array;
  readonly #width: number;
  readonly #end: number;
  #at: number;
  #low = 0;
  #high: number | undefined;

  constructor({ bytes, start, end }: ByteView) {
    expectFormat(end - start >= INTSET_HEAD_BYTES, 'a set of integers is too short');
    this.#width = word(bytes, start);
    this.count = word(bytes, start + 4) >>> 0;
    const knownWidth = this.#width === 2 || this.#width === 4 || this.#width === 8;
    expectFormat(knownWidth, 'integers of a set have an unknown width');
    const length = INTSET_HEAD_BYTES + this.count * this.#width;
    expectFormat(length === end - start && this.count > 0, 'a set of integers is not as long as it says');
    this.#bytes = bytes;
    this.#at = start + INTSET_HEAD_BYTES;
    this.#end = end;
  }

  next(view: ByteView): boolean {
    if (this.#at === this.#end) return false;
    const bytes = this.#bytes;
    const at = this.#at;
    const low = this.#width === 2 ? ((bytes[at] | (bytes[at + 1] << 8)) << 16) >> 16 : word(bytes, at);
    const high = this.#width === 8 ? word(bytes, at + 4) : low >> 31;
    const before = this.#high;
    const ascends = before === undefined || high > before || (high === before && low >>> 0 > this.#low >>> 0);
    expectFormat(ascends, 'integers of a set are not in order');
    this.#low = low;
    this.#high = high;
    this.#at = at + this.#width;
    spellInt64(low, high, view);
    return true;
  }
}

/** A view that points at nothing yet. */
export function newView(): ByteView {
  return { bytes: NO_BYTES, start: 0, end: 0 };
}
