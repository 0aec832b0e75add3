// The mesh: every thread can send records to every other one. Between each ordered pair stand two rings,
//
//   a ==request==> b      what a wants b to do
//   a ==reply====> b      what a answers to b's requests
//
// so that answers never queue behind questions. Sending never fails and never blocks: what a ring has no room for waits
// in private memory, in order, and `congested` asks the producer to stop. One `flush` per cycle publishes everything
// and wakes those peers that sleep.
//
// Invariants
// (1) Per (from, to, lane): every record arrives once, whole, in the order sent.
// (2) No deadlock: a thread always takes replies, so reply lanes drain whatever the request lanes do.
// (3) No lost wake-up. A publisher stores the tail, then looks at the peer's parked word; a parking thread stores the word, then
//     looks at every tail (wake.ts proves the pair). In the same way a thread that sleeps with a backlog stores
//     its parked word and `starved` in the full ring before it looks at the ring's head, and the consumer stores the head before
//     it looks at `starved`. The consumer wakes it when half of the ring is free, and the thread does not
//     fall asleep when half is: both use the same bound, so one of the two always sees it.
// (4) The end of a congestion is news: the next attempt to park fails, so that who stopped producing, or refused requests
//     because of it, gets a cycle to go on. Any other reason to refuse must start a cycle itself when it ends; the
//     refused requests alone keep nobody awake.

import { assert } from '../base/assert.js';
import { Inbox, NOTHING, Outbox, RECORD } from './lane.js';
import { RING_BYTES_DEFAULT } from './ring-layout.js';
import { createRing } from './ring.js';
import { createWakeWords, Waker } from './wake.js';

export const LANE_REQUEST = 0;
export const LANE_REPLY = 1;
export const LANES = 2;

/** Records from one inbox before the next one has its turn. */
const TURN_RECORDS = 64;

/**
 * Sees one record: `bytes[start, end)` is valid during the call. True: taken. False, on LANE_REQUEST only: not now; it and
 * the rest of that peer's requests stay where they are until a later drain. It may send and flush, not drain.
 */
export type RecordHandler = (
  peer: number,
  lane: number,
  kind: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => boolean;

/** What one end has done since it joined. */
export interface MeshStats {
  recordsSent: number;
  recordsReceived: number;
  bytesSent: number;
  bytesReceived: number;
  wakeupsSent: number;
  wakeupsReceived: number;
  /** The most payload bytes that ever waited in this end's overflows together. */
  overflowBytesMax: number;
}

/** One thread's end. */
export interface Mesh {
  /** This thread's index among the `size` members. */
  readonly self: number;
  readonly size: number;
  readonly stats: MeshStats;
  readonly parked: boolean;
  /**
   * Queues a copy of `bytes[start, end)` for `peer` (not `self`), of `kind` 0 to 0xffffff. Never fails; what the ring has no
   * room for waits in memory. Visible to the peer after `flush` at the latest.
   */
  send(peer: number, lane: number, kind: number, bytes: Uint8Array, start: number, end: number): void;
  /** True while records for that peer and lane wait in memory: stop producing for them. */
  congested(peer: number, lane: number): boolean;
  /** True while records of that lane wait for any peer. */
  anyCongested(lane: number): boolean;
  /** Moves what waits as far as it goes, publishes, and wakes parked peers. Cheap when nothing was sent. */
  flush(): void;
  /**
   * Hands records to `handler`, in turns over peers and lanes, and returns the work done: records, and pieces of large
   * ones, together at most `limit`. 0: nothing to do.
   */
  drain(limit: number, handler: RecordHandler): number;
  /** Flushes and prepares to sleep. True: nothing is there; the next record, or room for what waits, will call `onWake`'s
   * callback. False: there is something to do, a congestion that has ended included. */
  tryPark(): boolean;
  /** Ends a sleep that something else ended (a socket, a timer): peers stop sending wake-ups. */
  unpark(): void;
  /** Sets what runs on this thread's event loop when a peer has woken it; `parked` is false by then. */
  onWake(callback: () => void): void;
}

/** What the threads share: structured-clonable, the same for all of them (`workerData`, `postMessage`). */
export interface MeshPlan {
  readonly size: number;
  /** By (from * size + to) * LANES + lane; undefined on the diagonal. Untouched rings cost address space only. */
  readonly rings: readonly (SharedArrayBuffer | undefined)[];
  readonly wakeWords: SharedArrayBuffer;
}

/** Shared memory for `size` members with rings of `ringBytes` (a power of two). */
export function createMesh(size: number, ringBytes = RING_BYTES_DEFAULT): MeshPlan {
  assert(size >= 1, 'a mesh has members');
  const rings: (SharedArrayBuffer | undefined)[] = [];
  for (let from = 0; from < size; from++) {
    for (let to = 0; to < size; to++) {
      for (let lane = 0; lane < LANES; lane++) rings.push(from === to ? undefined : createRing(ringBytes));
    }
  }
  return { size, rings, wakeWords: createWakeWords(size) };
}

/** This thread's end of the mesh, as member `self`. Once per member. */
export function joinMesh(plan: MeshPlan, self: number): Mesh {
  return new RingMesh(plan, self);
}

/** Zeroes. */
export function emptyStats(): MeshStats {
  return {
    recordsSent: 0,
    recordsReceived: 0,
    bytesSent: 0,
    bytesReceived: 0,
    wakeupsSent: 0,
    wakeupsReceived: 0,
    overflowBytesMax: 0,
  };
}

class RingMesh implements Mesh {
  readonly self: number;
  readonly size: number;
  readonly stats = emptyStats();
  parked = false;
  readonly #waker: Waker;
  /** By peer * LANES + lane; the places of `self` are empty. */
  readonly #outboxes: (Outbox | undefined)[] = [];
  readonly #inboxes: Inbox[] = [];
  /** Outboxes with unpublished records: the first `#touchedCount` of the list. */
  readonly #touched: Outbox[] = [];
  #touchedCount = 0;
  /** Outboxes whose overflow is not empty, and how many of them there are per lane. */
  readonly #backlog: Outbox[] = [];
  readonly #congestedLanes = new Int32Array(LANES);
  #overflowBytes = 0;
  #nextInbox = 0;
  #draining = false;
  /** A congestion has ended since the last attempt to park. */
  #relieved = false;
  /** Some inbox is marked refused. */
  #refusals = false;
  /** `starved` is set in the rings of the backlog. */
  #starved = false;
  #callback: (() => void) | undefined;

  constructor(plan: MeshPlan, self: number) {
    assert(self >= 0 && self < plan.size, 'a member of the mesh');
    this.self = self;
    this.size = plan.size;
    for (let peer = 0; peer < plan.size; peer++) {
      for (let lane = 0; lane < LANES; lane++) {
        const outgoing = plan.rings[(self * plan.size + peer) * LANES + lane];
        const incoming = plan.rings[(peer * plan.size + self) * LANES + lane];
        this.#outboxes.push(outgoing && new Outbox(peer, lane, outgoing));
        if (incoming !== undefined) this.#inboxes.push(new Inbox(peer, lane, incoming));
      }
    }
    this.#waker = new Waker(plan.wakeWords, self, () => {
      this.stats.wakeupsReceived++;
      this.#awake();
      this.#callback?.();
    });
  }

  send(peer: number, lane: number, kind: number, bytes: Uint8Array, start: number, end: number): void {
    const outbox = this.#outboxes[peer * LANES + lane];
    assert(outbox !== undefined, 'records go to other members');
    this.stats.recordsSent++;
    this.stats.bytesSent += end - start;
    const congested = !outbox.overflow.empty;
    const waitedBytes = outbox.overflow.waitingBytes;
    if (outbox.send(kind, bytes, start, end)) {
      if (!outbox.touched) this.#touch(outbox);
      return;
    }
    this.#overflowBytes += outbox.overflow.waitingBytes - waitedBytes;
    if (this.#overflowBytes > this.stats.overflowBytesMax) this.stats.overflowBytesMax = this.#overflowBytes;
    if (congested) return;
    this.#backlog.push(outbox);
    this.#congestedLanes[lane]++;
    // The ring is full: let the peer begin with it now rather than at the end of this cycle.
    if (outbox.ring.publish()) this.#wake(peer);
    // Nobody tells a sleeper of room that it has not asked for before it slept.
    if (this.parked) this.#wakeSelf();
  }

  congested(peer: number, lane: number): boolean {
    const outbox = this.#outboxes[peer * LANES + lane];
    return outbox !== undefined && !outbox.overflow.empty;
  }

  anyCongested(lane: number): boolean {
    return this.#congestedLanes[lane] !== 0;
  }

  flush(): void {
    if (this.#backlog.length !== 0) this.#pumpBacklog();
    for (let i = 0; i < this.#touchedCount; i++) {
      const outbox = this.#touched[i];
      outbox.touched = false;
      if (outbox.ring.publish()) this.#wake(outbox.peer);
    }
    this.#touchedCount = 0;
  }

  drain(limit: number, handler: RecordHandler): number {
    assert(!this.#draining, 'a handler does not drain');
    const inboxes = this.#inboxes;
    const count = inboxes.length;
    this.#draining = true;
    try {
      if (this.#refusals) {
        this.#refusals = false;
        for (const inbox of inboxes) inbox.refused = false;
      }
      let done = 0;
      // Inboxes in a row that were seen empty: after a round of them the mesh is.
      let empty = 0;
      while (done < limit && empty < count) {
        const inbox = inboxes[this.#nextInbox];
        this.#nextInbox = this.#nextInbox + 1 === count ? 0 : this.#nextInbox + 1;
        const turn = Math.min(TURN_RECORDS, limit - done);
        const taken = inbox.refused ? 0 : this.#drainInbox(inbox, turn, handler);
        done += taken;
        if (taken === 0) empty++;
        else empty = taken === turn ? 0 : 1;
      }
      return done;
    } finally {
      this.#draining = false;
    }
  }

  tryPark(): boolean {
    assert(!this.#draining, 'a handler does not park');
    this.flush();
    this.#waker.announce();
    if (this.#backlog.length !== 0) this.#setStarved(true);
    if (this.#relieved || this.#hasWork() || !this.#waker.wait()) {
      this.#relieved = false;
      this.#awake();
      return false;
    }
    this.parked = true;
    return true;
  }

  unpark(): void {
    this.#awake();
  }

  onWake(callback: () => void): void {
    this.#callback = callback;
  }

  #drainInbox(inbox: Inbox, limit: number, handler: RecordHandler): number {
    const { ring, peer, lane } = inbox;
    const { stats } = this;
    let done = 0;
    while (done < limit) {
      const found = inbox.next();
      if (found === NOTHING) break;
      if (found === RECORD) {
        const { kind, start, end } = inbox;
        if (!handler(peer, lane, kind, inbox.bytes, start, end)) {
          assert(lane === LANE_REQUEST, 'replies are always taken');
          inbox.refused = this.#refusals = true;
          break;
        }
        inbox.taken();
        stats.recordsReceived++;
        stats.bytesReceived += end - start;
      }
      done++;
    }
    // Padding may have been stepped over even when nothing was taken.
    if (ring.release() || done !== 0) {
      if (ring.producerMayResume()) this.#wake(peer);
    }
    return done;
  }

  #pumpBacklog(): void {
    const backlog = this.#backlog;
    let kept = 0;
    for (const outbox of backlog) {
      const { overflow } = outbox;
      const waitedBytes = overflow.waitingBytes;
      const empty = outbox.pump();
      this.#overflowBytes -= waitedBytes - overflow.waitingBytes;
      if (!outbox.touched) this.#touch(outbox);
      if (empty) {
        this.#congestedLanes[outbox.lane]--;
        this.#relieved = true;
        if (this.#starved) outbox.ring.setStarved(false);
      } else {
        backlog[kept++] = outbox;
      }
    }
    backlog.length = kept;
    if (this.#relieved && this.parked) this.#wakeSelf();
  }

  /** Looks at every shared counter once: records to read, or room for what waits. */
  #hasWork(): boolean {
    for (const inbox of this.#inboxes) if (!inbox.refused && !inbox.isEmpty()) return true;
    for (const { ring } of this.#backlog) if (ring.free() >= ring.capacity >> 1) return true;
    return false;
  }

  #touch(outbox: Outbox): void {
    outbox.touched = true;
    this.#touched[this.#touchedCount++] = outbox;
  }

  #wake(peer: number): void {
    if (this.#waker.wake(peer)) this.stats.wakeupsSent++;
  }

  #awake(): void {
    this.parked = false;
    this.#waker.retract();
    if (this.#starved) this.#setStarved(false);
  }

  #wakeSelf(): void {
    this.#awake();
    setImmediate(() => this.#callback?.());
  }

  #setStarved(starved: boolean): void {
    this.#starved = starved;
    for (const { ring } of this.#backlog) ring.setStarved(starved);
  }
}
