// The mesh without threads: all ends live in one thread, and whatever another thread, a cache or a kernel would do at a
// time of its own becomes a step that the caller runs when it likes. A seeded scheduler over these steps is the
// simulator.
//
//   send -> written -(flush)-> flying -(deliver step)-> arrived -(drain)-> handler
//                ^ overflow, when written + flying + arrived has reached `recordsMax`
//
// Two kinds of steps, both legal in any order and after any delay: `deliver` makes the oldest flying record of one
// lane visible (so lanes stay in order whatever the scheduler picks); `wake` ends a sleep.
// Limits and meaning are those of mesh.ts, except that room is counted in records and a large one counts as one.

import { assert } from '../base/assert.js';
import { KIND_MAX } from './lane.js';
import { emptyStats, LANE_REQUEST, LANES } from './mesh.js';
import type { Mesh, RecordHandler } from './mesh.js';

/** Something that happens between two ends. `run` is called exactly once, at any later time. */
export interface DirectStep {
  readonly type: 'deliver' | 'wake';
  readonly from: number;
  readonly to: number;
  /** Of a delivery; -1 for a wake-up. */
  readonly lane: number;
  run(): void;
}

const RECORDS_MAX_DEFAULT = 64;

interface DirectRecord {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** One lane from one end to another. */
interface Channel {
  readonly from: DirectMesh;
  readonly to: DirectMesh;
  readonly lane: number;
  readonly overflow: DirectRecord[];
  readonly written: DirectRecord[];
  readonly flying: DirectRecord[];
  readonly arrived: DirectRecord[];
  refused: boolean;
}

function held(channel: Channel): number {
  return channel.written.length + channel.flying.length + channel.arrived.length;
}

/**
 * The `size` ends of a mesh within this thread. `schedule` is handed every step and must run each once, never from
 * within its own call. `recordsMax` is the room of one lane.
 */
export function createDirectMesh(
  size: number,
  schedule: (step: DirectStep) => void,
  recordsMax = RECORDS_MAX_DEFAULT,
): Mesh[] {
  assert(size >= 1 && recordsMax >= 1, 'members and room for a record');
  const ends = Array.from({ length: size }, (_, self) => new DirectMesh(self, size, schedule, recordsMax));
  for (const from of ends) {
    for (const to of ends) {
      if (from === to) continue;
      for (let lane = 0; lane < LANES; lane++) {
        const channel = { from, to, lane, overflow: [], written: [], flying: [], arrived: [], refused: false };
        from.outgoing.push(channel);
        to.incoming.push(channel);
      }
    }
  }
  return ends;
}

class DirectMesh implements Mesh {
  readonly self: number;
  readonly size: number;
  readonly stats = emptyStats();
  readonly outgoing: Channel[] = [];
  readonly incoming: Channel[] = [];
  parked = false;
  readonly #schedule: (step: DirectStep) => void;
  readonly #recordsMax: number;
  /** The shared word of wake.ts: who finds it set clears it and sends the one wake-up. */
  #parkedWord = false;
  #nextChannel = 0;
  #draining = false;
  /** A congestion has ended since the last attempt to park. */
  #relieved = false;
  #callback: (() => void) | undefined;

  constructor(self: number, size: number, schedule: (step: DirectStep) => void, recordsMax: number) {
    this.self = self;
    this.size = size;
    this.#schedule = schedule;
    this.#recordsMax = recordsMax;
  }

  send(peer: number, lane: number, kind: number, bytes: Uint8Array, start: number, end: number): void {
    assert(kind >= 0 && kind <= KIND_MAX, 'kind within 24 bits');
    const channel = this.#outgoingTo(peer, lane);
    assert(channel !== undefined, 'records go to other members');
    const record = { kind, bytes: bytes.slice(start, end) };
    this.stats.recordsSent++;
    this.stats.bytesSent += end - start;
    if (channel.overflow.length === 0 && held(channel) < this.#recordsMax) {
      channel.written.push(record);
      return;
    }
    channel.overflow.push(record);
    this.stats.overflowBytesMax = Math.max(this.stats.overflowBytesMax, this.#overflowBytes());
    if (this.parked) this.#sendWake(this);
  }

  congested(peer: number, lane: number): boolean {
    const channel = this.#outgoingTo(peer, lane);
    return channel !== undefined && channel.overflow.length !== 0;
  }

  anyCongested(lane: number): boolean {
    return this.outgoing.some((channel) => channel.lane === lane && channel.overflow.length !== 0);
  }

  flush(): void {
    for (const channel of this.outgoing) {
      for (let room = this.#recordsMax - held(channel); room > 0; room--) {
        const record = channel.overflow.shift();
        if (record === undefined) break;
        channel.written.push(record);
        if (channel.overflow.length === 0) this.#relieved = true;
      }
      for (let record = channel.written.shift(); record !== undefined; record = channel.written.shift()) {
        channel.flying.push(record);
        this.#scheduleDelivery(channel);
      }
    }
  }

  drain(limit: number, handler: RecordHandler): number {
    assert(!this.#draining, 'a handler does not drain');
    this.#draining = true;
    try {
      for (const channel of this.incoming) channel.refused = false;
      let done = 0;
      let empty = 0;
      while (done < limit && empty < this.incoming.length) {
        const channel = this.incoming[this.#nextChannel];
        this.#nextChannel = (this.#nextChannel + 1) % this.incoming.length;
        const taken = this.#take(channel, handler);
        if (taken) done++;
        empty = taken ? 0 : empty + 1;
      }
      return done;
    } finally {
      this.#draining = false;
    }
  }

  tryPark(): boolean {
    assert(!this.#draining, 'a handler does not park');
    this.flush();
    const hasWork =
      this.#relieved ||
      this.incoming.some((channel) => !channel.refused && channel.arrived.length !== 0) ||
      this.outgoing.some((channel) => channel.overflow.length !== 0 && this.#halfFree(channel));
    this.#relieved = false;
    this.parked = this.#parkedWord = !hasWork;
    return this.parked;
  }

  unpark(): void {
    this.parked = this.#parkedWord = false;
  }

  onWake(callback: () => void): void {
    this.#callback = callback;
  }

  #outgoingTo(peer: number, lane: number): Channel | undefined {
    return this.outgoing.find((channel) => channel.to.self === peer && channel.lane === lane);
  }

  #overflowBytes(): number {
    let bytes = 0;
    for (const { overflow } of this.outgoing) for (const record of overflow) bytes += record.bytes.length;
    return bytes;
  }

  #halfFree(channel: Channel): boolean {
    return held(channel) <= this.#recordsMax >> 1;
  }

  #scheduleDelivery(channel: Channel): void {
    const run = (): void => {
      const record = channel.flying.shift();
      assert(record !== undefined, 'every delivery step runs once');
      channel.arrived.push(record);
      this.#sendWake(channel.to);
    };
    this.#schedule({ type: 'deliver', from: this.self, to: channel.to.self, lane: channel.lane, run });
  }

  #sendWake(sleeper: DirectMesh): void {
    if (!sleeper.#parkedWord) return;
    sleeper.#parkedWord = false;
    this.stats.wakeupsSent++;
    const run = (): void => {
      sleeper.stats.wakeupsReceived++;
      sleeper.unpark();
      sleeper.#callback?.();
    };
    this.#schedule({ type: 'wake', from: this.self, to: sleeper.self, lane: -1, run });
  }

  #take(channel: Channel, handler: RecordHandler): boolean {
    if (channel.refused) return false;
    const record = channel.arrived.at(0);
    if (record === undefined) return false;
    if (!handler(channel.from.self, channel.lane, record.kind, record.bytes, 0, record.bytes.length)) {
      assert(channel.lane === LANE_REQUEST, 'replies are always taken');
      channel.refused = true;
      return false;
    }
    channel.arrived.shift();
    this.stats.recordsReceived++;
    this.stats.bytesReceived += record.bytes.length;
    if (channel.overflow.length !== 0 && this.#halfFree(channel)) this.#sendWake(channel.from);
    return true;
  }
}
