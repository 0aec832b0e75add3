// Consumer groups of a stream, their consumers and what is pending with them (stream-layout.ts).
//
// GroupValue is a flyweight for one group, ConsumerValue for one consumer of it. A pending entry stands in the group's tree,
// with all that is known of it, and by its ID in the tree of the consumer that has it.
//
// (1) An ID is in the tree of one consumer exactly while it is in the group's, which names that consumer.

import type { ByteView } from '../base/bytes.js';
import { addInt64At, bigInt64At, int64At, setBigInt64At, setInt64At } from '../base/int64.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT } from '../memory/arena-layout.js';
import type { Arena, Ref } from '../memory/arena.js';
import { IdTree } from '../structures/id-tree.js';
import { NamedBlocks } from '../structures/named-blocks.js';
import { StreamId } from '../structures/stream-id.js';
import {
  CONSUMER_ACTIVE,
  CONSUMER_NAME_OFFSET,
  CONSUMER_PENDING,
  CONSUMER_SEEN,
  GROUP_CONSUMERS,
  GROUP_LAST_ID,
  GROUP_NAME_OFFSET,
  GROUP_PENDING,
  GROUP_READ,
  PENDING_CONSUMER,
  PENDING_DELIVERIES,
  PENDING_TIME,
  PENDING_WORDS,
  ROOT_GROUPS,
} from './stream-layout.js';

/** Where nobody knows how many entries a group has read. */
export const READ_UNKNOWN = -1n;
/** The active time of a consumer that never got an entry. */
export const NEVER = -1;

const removed = new StreamId();

/** The groups of a stream, by name. */
export class StreamGroups {
  readonly names = new NamedBlocks(GROUP_NAME_OFFSET);

  /** Points at the groups of the stream with this root. */
  open(arena: Arena, root: Ref): void {
    this.names.open(arena, root, ROOT_GROUPS);
  }

  /** Adds a group that is not there; `find` has just said so. */
  add(bytes: Uint8Array, start: number, end: number, lastId: StreamId, read: bigint): Ref {
    const group = this.names.add(bytes, start, end);
    const at = (group & REF_GRANULE_MASK) << 1;
    const words = this.names.arena.i32[group >>> REF_SEGMENT_SHIFT];
    lastId.writeWords(words, at + GROUP_LAST_ID);
    setBigInt64At(words, at + GROUP_READ, read);
    return group;
  }
}

export class ConsumerValue {
  arena!: Arena;
  ref: Ref = 0;
  readonly pending = new IdTree(0);

  open(arena: Arena, ref: Ref): void {
    this.arena = arena;
    this.ref = ref;
    this.pending.open(arena, ref, CONSUMER_PENDING);
  }

  get #words(): Int32Array {
    return this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT];
  }

  get #at(): number {
    return (this.ref & REF_GRANULE_MASK) << 1;
  }

  /** When it last asked for something, Unix ms. */
  get seenMs(): number {
    return int64At(this.#words, this.#at + CONSUMER_SEEN);
  }

  set seenMs(ms: number) {
    setInt64At(this.#words, this.#at + CONSUMER_SEEN, ms);
  }

  /** When it last got something; NEVER. */
  get activeMs(): number {
    return int64At(this.#words, this.#at + CONSUMER_ACTIVE);
  }

  set activeMs(ms: number) {
    setInt64At(this.#words, this.#at + CONSUMER_ACTIVE, ms);
  }
}

export class GroupValue {
  arena!: Arena;
  ref: Ref = 0;
  readonly pending = new IdTree(PENDING_WORDS);
  readonly consumers = new NamedBlocks(CONSUMER_NAME_OFFSET);
  /** The consumer that an entry is taken from. */
  readonly #owner = new ConsumerValue();

  open(arena: Arena, ref: Ref): void {
    this.arena = arena;
    this.ref = ref;
    this.pending.open(arena, ref, GROUP_PENDING);
    this.consumers.open(arena, ref, GROUP_CONSUMERS);
  }

  get #words(): Int32Array {
    return this.arena.i32[this.ref >>> REF_SEGMENT_SHIFT];
  }

  get #at(): number {
    return (this.ref & REF_GRANULE_MASK) << 1;
  }

  readLastId(id: StreamId): StreamId {
    return id.readWords(this.#words, this.#at + GROUP_LAST_ID);
  }

  setLastId(id: StreamId): void {
    id.writeWords(this.#words, this.#at + GROUP_LAST_ID);
  }

  /** Entries that it has read; READ_UNKNOWN. */
  get read(): bigint {
    return bigInt64At(this.#words, this.#at + GROUP_READ);
  }

  set read(entries: bigint) {
    setBigInt64At(this.#words, this.#at + GROUP_READ, entries);
  }

  /** It knows how many entries it has read. */
  get knowsRead(): boolean {
    return this.#words[this.#at + GROUP_READ + 1] >= 0;
  }

  /** It has read one entry more. */
  countRead(): void {
    addInt64At(this.#words, this.#at + GROUP_READ, 1);
  }

  // ------------------------------------------------------------------ consumers

  /** Adds a consumer that is not there; `consumers.find` has just said so. */
  addConsumer(bytes: Uint8Array, start: number, end: number, seenMs: number): Ref {
    const ref = this.consumers.add(bytes, start, end);
    const owner = this.#owner;
    owner.open(this.arena, ref);
    owner.seenMs = seenMs;
    owner.activeMs = NEVER;
    return ref;
  }

  /** The consumer with this name, made if it is not there. */
  consumer(bytes: Uint8Array, start: number, end: number, nowMs: number): Ref {
    const ref = this.consumers.find(bytes, start, end);
    return ref !== 0 ? ref : this.addConsumer(bytes, start, end, nowMs);
  }

  /** Takes consumer number `index` away with all that is pending with it. */
  removeConsumer(index: number): void {
    const owner = this.#owner;
    owner.open(this.arena, this.consumers.at(index));
    owner.pending.clear((words, item) => {
      if (this.pending.find(removed.readWords(words, item))) this.pending.remove();
    });
    this.consumers.remove(index);
  }

  /** Takes all consumers away with all that is pending. */
  clear(): void {
    const owner = this.#owner;
    this.pending.clear();
    for (let i = this.consumers.count - 1; i >= 0; i--) {
      owner.open(this.arena, this.consumers.at(i));
      owner.pending.clear();
      this.consumers.remove(i);
    }
  }

  // ------------------------------------------------------------------ pending entries; those under the cursor of `pending`

  get owner(): Ref {
    return this.pending.words[this.pending.payload + PENDING_CONSUMER];
  }

  get deliveredMs(): number {
    return int64At(this.pending.words, this.pending.payload + PENDING_TIME);
  }

  get deliveries(): bigint {
    return bigInt64At(this.pending.words, this.pending.payload + PENDING_DELIVERIES);
  }

  /** The same as the nearest double, without garbage. */
  get deliveriesNear(): number {
    return int64At(this.pending.words, this.pending.payload + PENDING_DELIVERIES);
  }

  setDelivered(ms: number, deliveries: number): void {
    const { words, payload } = this.pending;
    setInt64At(words, payload + PENDING_TIME, ms);
    setInt64At(words, payload + PENDING_DELIVERIES, deliveries);
  }

  /** The same with any number of deliveries. */
  setDeliveredBig(ms: number, deliveries: bigint): void {
    const { words, payload } = this.pending;
    setInt64At(words, payload + PENDING_TIME, ms);
    setBigInt64At(words, payload + PENDING_DELIVERIES, deliveries);
  }

  /**
   * Gives the entry `id` to `consumer`, whoever has it now; the cursor of `pending` is on it afterwards. True: it is new, and
   * its time and deliveries are 0.
   */
  assign(id: StreamId, consumer: ConsumerValue): boolean {
    const { pending } = this;
    const isNew = pending.insert(id);
    if (isNew) {
      pending.words.fill(0, pending.payload, pending.payload + PENDING_WORDS);
    } else {
      if (this.owner === consumer.ref) return false;
      this.#takeFromOwner(id);
    }
    pending.words[pending.payload + PENDING_CONSUMER] = consumer.ref;
    consumer.pending.insert(id);
    return isNew;
  }

  #takeFromOwner(id: StreamId): void {
    const owner = this.#owner;
    owner.open(this.arena, this.owner);
    if (owner.pending.find(id)) owner.pending.remove();
  }

  /** Takes the entry away from the group and its consumer; false: it is not pending. */
  acknowledge(id: StreamId): boolean {
    if (!this.pending.find(id)) return false;
    this.#takeFromOwner(id);
    this.pending.remove();
    return true;
  }

  readConsumerName(ref: Ref, view: ByteView): void {
    this.consumers.readName(ref, view);
  }
}
