// How far a group has come in its stream: entries read and lag, reckoned as Redis 7 does.
//
// A stream counts the entries ever added. As long as none is deleted in the middle, an entry's number follows from its
// place at either end; elsewhere it is not known, and a group that begins there does not know how many it has read.

import { READ_UNKNOWN, type GroupValue } from './stream-group.js';
import { StreamId, type StreamValue } from './stream.js';

/** What must be known of a stream, taken before a walk over it begins: it does not change meanwhile. */
export class StreamProgress {
  #stream!: StreamValue;
  readonly #first = new StreamId();
  readonly #last = new StreamId();
  readonly #deleted = new StreamId();
  readonly #id = new StreamId();
  #length = 0;

  /** Looks at the stream, whose walk, if there is one, is over with that. */
  open(stream: StreamValue): void {
    this.#stream = stream;
    this.#length = stream.length;
    stream.readLastId(this.#last);
    stream.readFirstId(this.#first);
    stream.readDeletedId(this.#deleted);
  }

  /** True when a deleted entry may lie behind `id` in what is left of the stream. */
  #hasGapsBehind(id: StreamId): boolean {
    if (this.#length === 0 || this.#deleted.isMin) return false;
    return this.#first.compare(this.#deleted) <= 0 && id.compare(this.#deleted) <= 0;
  }

  /** The number of the entry with this ID, from 1 on, among all ever added; READ_UNKNOWN: nobody knows. */
  #numberOf(id: StreamId): bigint {
    const { added } = this.#stream;
    const length = BigInt(this.#length);
    if (added === 0n) return 0n;
    const toLast = id.compare(this.#last);
    if (toLast === 0 || (length === 0n && toLast < 0)) return added;
    if (toLast > 0) return READ_UNKNOWN;
    if (!this.#deleted.isMin && this.#deleted.compare(this.#first) >= 0) return READ_UNKNOWN;
    const toFirst = id.compare(this.#first);
    if (toFirst < 0) return added - length;
    return toFirst === 0 ? added - length + 1n : READ_UNKNOWN;
  }

  /** Entries that the group has still to read; undefined: nobody knows. */
  lag(group: GroupValue): bigint | undefined {
    const { added } = this.#stream;
    if (added === 0n) return 0n;
    const last = group.readLastId(this.#id);
    const read = group.knowsRead && !this.#hasGapsBehind(last) ? group.read : this.#numberOf(last);
    // Counts that a client has set may run over.
    return read === READ_UNKNOWN ? undefined : BigInt.asIntN(64, added - read);
  }

  /** The group is given the entry with this ID, which is behind the last one that it was given. */
  advance(group: GroupValue, id: StreamId): void {
    if (group.knowsRead && !this.#hasGapsBehind(id)) group.countRead();
    else if (this.#stream.hasAdded) group.read = this.#numberOf(id);
    group.setLastId(id);
  }
}
