// A node of a stream (stream-node-layout.ts): entries in the order of their IDs, written once, deleted by a flag.
//
// The object is a flyweight: `ref` is the block. An entry is named by the offset of its flags (`at`, NOWHERE for none);
// `load(at)` reads its head into `id`, `isDeleted`, `fieldCount`. It is good until the next change.
//
// (1) IDs ascend strictly; none is below the base.
// (2) A node never gives the room of deleted entries back: its owner frees it as a whole.
// (3) `first` is right after every change, so that a stream that is trimmed entry by entry does not walk over what is gone.

import { assert } from '../base/assert.js';
import { equalBytes, NO_BYTES, type ByteView } from '../base/bytes.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import { Arena, type Ref } from '../memory/arena.js';
import {
  bareElementBytes,
  elementBytesBefore,
  integerElementBytes,
  readElement,
  StagedElement,
  writeBack,
  type ElementSink,
} from './packed-element.js';
import { backBytes, STRING6, STRING6_MAX } from './packed-layout.js';
import { StreamId } from './stream-id.js';
import {
  AT_BASE,
  AT_DELETED,
  AT_END,
  AT_FIELDS,
  AT_FIRST,
  AT_LIVE,
  AT_PACKED,
  DELETED,
  EIGHT_BYTES,
  ENTRY_BACK_BYTES_MAX,
  LENGTH_MASK,
  LISTPACK_FRAME_BYTES,
  MS_SHIFT,
  NODE_HEAD_BYTES,
  SAME_FIELDS,
  SEQ_SHIFT,
} from './stream-node-layout.js';

/** The offset of no entry. */
export const NOWHERE = 0;

/** Blocks up to this size grow by their size class alone; larger ones by a quarter beyond what is needed. */
const EXACT_BYTES_MAX = 256;
const GROWTH_SHIFT = 2;
const TWO_32 = 4294967296;
/** Elements of so many bytes have a longer head, by so much. */
const LONG_BYTES_MIN = 64;
const LONG_HEAD_BYTES = 4;
/** Flags, and up to two bytes more for eight bytes that stand for seven; the back length. */
const ENTRY_HEAD_BYTES = 1 + 2 + ENTRY_BACK_BYTES_MAX;

/** Fields and values of an entry that is added, by turns: spans of one buffer. Request arguments are. */
export interface FieldSource {
  readonly bytes: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

const staged = new StagedElement();
const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };

export class StreamNode {
  arena!: Arena;
  ref: Ref = 0;

  // What `load` has read.
  readonly id = new StreamId();
  isDeleted = false;
  fieldCount = 0;
  #sameFields = false;
  #loadedAt = NOWHERE;
  /** Where its elements stand in the segment; their end is 0 until it is known. */
  #elementsAt = 0;
  #elementsEnd = 0;

  open(arena: Arena, ref: Ref): void {
    this.arena = arena;
    this.ref = ref;
  }

  #u8(): Uint8Array {
    return this.arena.u8[this.ref >>> REF_SEGMENT_SHIFT];
  }

  #base(): number {
    return (this.ref & REF_GRANULE_MASK) << 3;
  }

  #get(word: number): number {
    return this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT][((this.ref & REF_GRANULE_MASK) << 1) + word];
  }

  #set(word: number, value: number): void {
    this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT][((this.ref & REF_GRANULE_MASK) << 1) + word] = value;
  }

  get live(): number {
    return this.#get(AT_LIVE);
  }

  get deleted(): number {
    return this.#get(AT_DELETED);
  }

  /** Bytes of Redis's listpack with the same entries. */
  get packedBytes(): number {
    return this.#get(AT_PACKED) + integerElementBytes(this.live) + integerElementBytes(this.deleted);
  }

  readBase(id: StreamId): StreamId {
    const { ref } = this;
    return id.readWords(this.arena.i32[ref >>> REF_SEGMENT_SHIFT], ((ref & REF_GRANULE_MASK) << 1) + AT_BASE);
  }

  // ------------------------------------------------------------------ walking

  /** The first entry that is not deleted; NOWHERE when there is none. */
  firstLive(): number {
    const first = this.#get(AT_FIRST);
    return first === this.#get(AT_END) ? NOWHERE : first;
  }

  /** The last entry, deleted or not: there is one. */
  last(): number {
    const end = this.#get(AT_END);
    return end - elementBytesBefore(this.#u8(), this.#base() + end);
  }

  /** The entry behind the one that was loaded from `at`; NOWHERE at the end. */
  next(): number {
    return this.#offsetOr(this.#endOfLoaded());
  }

  #offsetOr(end: number): number {
    return end === this.#get(AT_END) ? NOWHERE : end;
  }

  /** The entry before the one at `at`; NOWHERE at the beginning. Deleted entries at the beginning are left out. */
  previous(at: number): number {
    if (at <= this.#get(AT_FIRST)) return NOWHERE;
    return at - elementBytesBefore(this.#u8(), this.#base() + at);
  }

  /** Reads the head of the entry at `at`. */
  load(at: number): void {
    const bytes = this.#u8();
    this.#loadedAt = at;
    let from = this.#base() + at;
    const flags = bytes[from++];
    this.isDeleted = (flags & DELETED) !== 0;
    const sameFields = (flags & SAME_FIELDS) !== 0;
    this.#sameFields = sameFields;
    this.readBase(this.id);
    const msLength = (flags >>> MS_SHIFT) & LENGTH_MASK;
    if (msLength !== 0) {
      addToMs(this.id, bytes, from, msLength);
      from += msLength === EIGHT_BYTES ? 8 : msLength;
      this.id.seqHigh = 0;
      this.id.seqLow = 0;
    }
    const seqLength = flags >>> SEQ_SHIFT;
    if (seqLength !== 0) {
      addToSeq(this.id, bytes, from, seqLength);
      from += seqLength === EIGHT_BYTES ? 8 : seqLength;
    }
    if (sameFields) {
      this.fieldCount = this.#get(AT_FIELDS);
    } else {
      let count = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[from++];
        count |= (byte & 0x7f) << shift;
        if (byte < 0x80) break;
      }
      this.fieldCount = count;
    }
    this.#elementsAt = from;
    this.#elementsEnd = 0;
  }

  /** The offset behind the loaded entry. */
  #endOfLoaded(): number {
    let at = this.#elementsEnd;
    if (at === 0) {
      const bytes = this.#u8();
      at = this.#elementsAt;
      for (let left = this.#sameFields ? this.fieldCount : this.fieldCount * 2; left > 0; left--) {
        at += bareElementBytes(bytes, at);
      }
    }
    const start = this.#base() + this.#loadedAt;
    return at + backBytes(at - start) - this.#base();
  }

  /** Gives fields and values of the loaded entry to `sink`, by turns. */
  give(sink: ElementSink): void {
    const bytes = this.#u8();
    let at = this.#elementsAt;
    if (!this.#sameFields) {
      for (let left = this.fieldCount * 2; left > 0; left--) at = giveElement(bytes, at, sink);
      this.#elementsEnd = at;
      return;
    }
    let field = this.#base() + NODE_HEAD_BYTES;
    for (let left = this.fieldCount; left > 0; left--) {
      field = giveElement(bytes, field, sink);
      at = giveElement(bytes, at, sink);
    }
    this.#elementsEnd = at;
  }

  /**
   * Loads the first live entry whose ID is at least `id` and returns its offset; NOWHERE: there is none. Looks from the end
   * that is likely to be nearer.
   */
  seekAtLeast(id: StreamId): number {
    let at = this.last();
    this.load(at);
    if (this.id.compare(id) < 0) return NOWHERE;
    this.readBase(bound);
    if (!isNearerToEnd(bound, id, this.id)) {
      for (at = this.firstLive(); at !== NOWHERE; at = this.next()) {
        this.load(at);
        if (!this.isDeleted && this.id.compare(id) >= 0) return at;
      }
      return NOWHERE;
    }
    let found = NOWHERE;
    for (; at !== NOWHERE; at = this.previous(at)) {
      this.load(at);
      if (this.id.compare(id) < 0) break;
      if (!this.isDeleted) found = at;
    }
    if (found !== NOWHERE) this.load(found);
    return found;
  }

  /** Loads the last live entry whose ID is at most `id` and returns its offset; NOWHERE: there is none. */
  seekAtMost(id: StreamId): number {
    for (let at = this.last(); at !== NOWHERE; at = this.previous(at)) {
      this.load(at);
      if (!this.isDeleted && this.id.compare(id) <= 0) return at;
    }
    return NOWHERE;
  }

  // ------------------------------------------------------------------ changes

  /** Makes a new node for an entry with this ID, whose fields it takes over; `append` adds the entry. */
  create(id: StreamId, source: FieldSource, first: number, count: number): void {
    let size = NODE_HEAD_BYTES;
    let packed = LISTPACK_FRAME_BYTES + integerElementBytes(count);
    for (let i = first; i < first + 2 * count; i += 2) {
      staged.stage(source.bytes, source.starts[i], source.ends[i]);
      size += staged.bareBytes;
      packed += staged.bytes;
    }
    this.ref = this.arena.alloc(size);
    const bytes = this.#u8();
    let at = this.#base() + NODE_HEAD_BYTES;
    for (let i = first; i < first + 2 * count; i += 2) {
      staged.stage(source.bytes, source.starts[i], source.ends[i]);
      at = staged.writeBare(bytes, at);
    }
    this.#set(AT_END, size);
    this.#set(AT_PACKED, packed);
    this.#set(AT_LIVE, 0);
    this.#set(AT_DELETED, 0);
    this.#set(AT_FIRST, size);
    this.#set(AT_FIELDS, count);
    id.writeWords(this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT], ((this.ref & REF_GRANULE_MASK) << 1) + AT_BASE);
  }

  /** True when the fields of the entry are those of the node. */
  #hasFields(source: FieldSource, first: number, count: number): boolean {
    if (count !== this.#get(AT_FIELDS)) return false;
    const bytes = this.#u8();
    const given = source.bytes;
    let at = this.#base() + NODE_HEAD_BYTES;
    for (let i = first; i < first + 2 * count; i += 2) {
      const start = source.starts[i];
      const length = source.ends[i] - start;
      if (bytes[at] === (STRING6 | length) && length <= STRING6_MAX) {
        at++;
        for (let j = 0; j < length; j++) if (bytes[at + j] !== given[start + j]) return false;
        at += length;
      } else {
        readElement(bytes, at, view);
        if (!equalBytes(view.bytes, view.start, view.end, given, start, start + length)) return false;
        at += bareElementBytes(bytes, at);
      }
    }
    return true;
  }

  /** True when the node takes no entry of `bytes` any more: by the bytes of its listpack, or the number of its entries. */
  isFull(bytes: number, bytesMax: number, entriesMax: number): boolean {
    const { ref } = this;
    const words = this.arena.i32[ref >>> REF_SEGMENT_SHIFT];
    const head = (ref & REF_GRANULE_MASK) << 1;
    const live = words[head + AT_LIVE];
    const deleted = words[head + AT_DELETED];
    if (entriesMax > 0 && live + deleted >= entriesMax) return true;
    const packed = words[head + AT_PACKED] + integerElementBytes(live) + integerElementBytes(deleted);
    return packed + bytes >= bytesMax;
  }

  /**
   * Appends an entry behind the last: `count` fields and values, spans `first` on of `source`, `bytes` long in all. Its ID is
   * above those that are there. The block may move.
   */
  append(id: StreamId, source: FieldSource, first: number, count: number, bytes: number): void {
    const same = this.#hasFields(source, first, count);
    this.readBase(bound);
    const msLength = msDifference(id, bound);
    const seqLength = seqDifference(id, bound);
    // The head of an element takes one byte, or up to five where the content has 64 or more.
    const heads = 2 * count + (bytes < LONG_BYTES_MIN ? 0 : LONG_HEAD_BYTES * Math.floor(bytes / LONG_BYTES_MIN));
    this.#reserve(ENTRY_HEAD_BYTES + msLength + seqLength + (same ? 0 : 5) + heads + bytes);
    const { ref } = this;
    const target = this.arena.u8[ref >>> REF_SEGMENT_SHIFT];
    const words = this.arena.i32[ref >>> REF_SEGMENT_SHIFT];
    const head = (ref & REF_GRANULE_MASK) << 1;
    const start = (head << 2) + words[head + AT_END];
    target[start] = (same ? SAME_FIELDS : 0) | (msLength << MS_SHIFT) | (seqLength << SEQ_SHIFT);
    let at = writeDifference(target, start + 1, msLength, msHigh, msLow);
    at = writeDifference(target, at, seqLength, seqHigh, seqLow);
    let packed = 2 + integerElementBytes(signed(msHigh, msLow)) + packedSeqBytes(id, bound);
    let elements = count;
    if (!same) {
      let rest = count;
      for (; rest > 0x7f; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
      target[at++] = rest;
      packed += integerElementBytes(count);
      elements = count * 2 + 1;
    }
    const step = same ? 2 : 1;
    for (let i = same ? first + 1 : first; i < first + 2 * count; i += step) {
      staged.stage(source.bytes, source.starts[i], source.ends[i]);
      at = staged.writeBare(target, at);
      packed += staged.bytes;
    }
    at = writeBack(target, at, at - start);
    words[head + AT_END] = at - (head << 2);
    words[head + AT_PACKED] += packed + integerElementBytes(elements + 3);
    words[head + AT_LIVE]++;
  }

  /** Sees to it that the block has room for `bytes` behind the last entry. */
  #reserve(bytes: number): void {
    const { arena, ref } = this;
    const end = this.#get(AT_END);
    const needed = end + bytes;
    if (needed <= arena.sizeOf(ref)) return;
    this.ref = arena.alloc(needed <= EXACT_BYTES_MAX ? needed : needed + (end >>> GROWTH_SHIFT));
    arena.copy(this.ref, 0, ref, 0, end);
    arena.free(ref);
  }

  /** Nothing will be appended any more: gives the room behind the last entry back. */
  seal(): void {
    const { arena, ref } = this;
    const end = this.#get(AT_END);
    if (Arena.roundedSize(end) === arena.sizeOf(ref)) return;
    this.ref = arena.alloc(end);
    arena.copy(this.ref, 0, ref, 0, end);
    arena.free(ref);
  }

  /** Deletes the loaded entry, which is live. */
  deleteLoaded(): void {
    assert(!this.isDeleted, 'an entry is deleted once');
    const at = this.#loadedAt;
    this.#u8()[this.#base() + at] |= DELETED;
    this.#set(AT_LIVE, this.live - 1);
    this.#set(AT_DELETED, this.deleted + 1);
    if (at !== this.#get(AT_FIRST)) return;
    let next = this.next();
    for (; next !== NOWHERE; next = this.next()) {
      this.load(next);
      if (this.#isLive()) break;
    }
    this.#set(AT_FIRST, next === NOWHERE ? this.#get(AT_END) : next);
  }

  #isLive(): boolean {
    return !this.isDeleted;
  }

  // ------------------------------------------------------------------ as a whole

  /** A copy in a block of its own. */
  copy(): Ref {
    const end = this.#get(AT_END);
    const copy = this.arena.alloc(end);
    this.arena.copy(copy, 0, this.ref, 0, end);
    return copy;
  }

  /** Points `into` at all bytes of the node, for `adopt`. */
  readAll(into: ByteView): void {
    into.bytes = this.#u8();
    into.start = this.#base();
    into.end = into.start + this.#get(AT_END);
  }

  /** Makes a new node of what `readAll` gave. */
  adopt(bytes: Uint8Array, start: number, end: number): void {
    this.ref = this.arena.alloc(end - start);
    this.#u8().set(bytes.subarray(start, end), this.#base());
  }

  /** Bytes that `move` has to keep. */
  get bytes(): number {
    return this.#get(AT_END);
  }

  /** Verifies order, counts and offsets. */
  check(): void {
    const end = this.#get(AT_END);
    assert(end <= this.arena.sizeOf(this.ref), 'a node fits its block');
    const before = new StreamId();
    let live = 0;
    let deleted = 0;
    let offset = this.#get(AT_FIRST);
    if (offset !== end) {
      this.load(offset);
      assert(!this.isDeleted, 'the first entry that is left is live');
    }
    this.readBase(before);
    for (; offset !== end; offset = this.#endOfLoaded()) {
      this.load(offset);
      assert(live + deleted === 0 ? this.id.compare(before) >= 0 : this.id.compare(before) > 0, 'IDs ascend');
      before.copy(this.id);
      if (this.isDeleted) deleted++;
      else live++;
      const behind = this.#endOfLoaded();
      assert(
        behind - elementBytesBefore(this.#u8(), this.#base() + behind) === offset,
        'entries are found from behind',
      );
    }
    assert(live === this.live && deleted <= this.deleted, 'entries are counted');
  }
}

/** Gives the element at `at` to `sink` and returns its end. */
function giveElement(bytes: Uint8Array, at: number, sink: ElementSink): number {
  readElement(bytes, at, view);
  sink.bulk(view.bytes, view.start, view.end);
  return at + bareElementBytes(bytes, at);
}

// ---------------------------------------------------------------------- differences of IDs

const bound = new StreamId();

/** What msDifference and seqDifference found: 64 bits in two words. */
let msHigh = 0;
let msLow = 0;
let seqHigh = 0;
let seqLow = 0;

/** Bytes of the milliseconds from the base to the ID, coded as the flags say it. */
function msDifference(id: StreamId, base: StreamId): number {
  msLow = (id.msLow - base.msLow) | 0;
  msHigh = (id.msHigh - base.msHigh - (id.msLow >>> 0 < base.msLow >>> 0 ? 1 : 0)) | 0;
  return codedLength(msHigh, msLow);
}

/** The same of the sequence as it is stored. `msDifference` has been asked. */
function seqDifference(id: StreamId, base: StreamId): number {
  seqLow = id.seqLow;
  seqHigh = id.seqHigh;
  if ((msHigh | msLow) === 0) {
    seqLow = (id.seqLow - base.seqLow) | 0;
    seqHigh = (id.seqHigh - base.seqHigh - (id.seqLow >>> 0 < base.seqLow >>> 0 ? 1 : 0)) | 0;
  }
  return codedLength(seqHigh, seqLow);
}

function codedLength(high: number, low: number): number {
  if (high === 0) {
    if (low === 0) return 0;
    return (39 - Math.clz32(low)) >>> 3;
  }
  const bytes = (71 - Math.clz32(high)) >>> 3;
  return bytes > 6 ? EIGHT_BYTES : bytes;
}

function writeDifference(target: Uint8Array, at: number, coded: number, high: number, low: number): number {
  const length = coded === EIGHT_BYTES ? 8 : coded;
  for (let i = 0; i < length; i++) target[at + i] = i < 4 ? low >>> (8 * i) : high >>> (8 * (i - 4));
  return at + length;
}

/** The words of a stored difference. */
let readHigh = 0;
let readLow = 0;

function readDifference(bytes: Uint8Array, at: number, coded: number): void {
  readLow = 0;
  readHigh = 0;
  const length = coded === EIGHT_BYTES ? 8 : coded;
  for (let i = 0; i < length; i++) {
    if (i < 4) readLow |= bytes[at + i] << (8 * i);
    else readHigh |= bytes[at + i] << (8 * (i - 4));
  }
}

function addToMs(id: StreamId, bytes: Uint8Array, at: number, coded: number): void {
  readDifference(bytes, at, coded);
  const low = (id.msLow >>> 0) + (readLow >>> 0);
  id.msLow = low | 0;
  id.msHigh = (id.msHigh + readHigh + (low >= TWO_32 ? 1 : 0)) | 0;
}

function addToSeq(id: StreamId, bytes: Uint8Array, at: number, coded: number): void {
  readDifference(bytes, at, coded);
  const low = (id.seqLow >>> 0) + (readLow >>> 0);
  id.seqLow = low | 0;
  id.seqHigh = (id.seqHigh + readHigh + (low >= TWO_32 ? 1 : 0)) | 0;
}

/** The nearest double to a two's complement number of 64 bits. */
function signed(high: number, low: number): number {
  return high * TWO_32 + (low >>> 0);
}

/** Bytes of the element that Redis's node has for the difference of the sequences. */
function packedSeqBytes(id: StreamId, base: StreamId): number {
  if (id.seqHigh === base.seqHigh && id.seqLow === base.seqLow) return integerElementBytes(0);
  const low = (id.seqLow - base.seqLow) | 0;
  const high = (id.seqHigh - base.seqHigh - (id.seqLow >>> 0 < base.seqLow >>> 0 ? 1 : 0)) | 0;
  return integerElementBytes(signed(high, low));
}

/** True when `id`, between `from` and `to`, is likely to be nearer to `to`: by the milliseconds, or the sequences. */
function isNearerToEnd(from: StreamId, id: StreamId, to: StreamId): boolean {
  const whole = distance(from.msHigh, from.msLow, to.msHigh, to.msLow);
  if (whole > 0) return distance(from.msHigh, from.msLow, id.msHigh, id.msLow) * 2 > whole;
  const sequences = distance(from.seqHigh, from.seqLow, to.seqHigh, to.seqLow);
  return distance(from.seqHigh, from.seqLow, id.seqHigh, id.seqLow) * 2 > sequences;
}

function distance(fromHigh: number, fromLow: number, toHigh: number, toLow: number): number {
  return ((toHigh >>> 0) - (fromHigh >>> 0)) * TWO_32 + (toLow >>> 0) - (fromLow >>> 0);
}
