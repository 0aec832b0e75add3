// Moves entries and the blocks of their values out of thinly used spans of the arena, so that whole pages run empty and go back.
//
// It starts when the room that spans hold without using it is a third of what is used, and worth the trouble; a pass
// sorts the spans by fullness and walks every database once, in slices. A pass that could not win much raises the bar
// for the next one, so that a shape that does not get better is left alone.

import { entryBytes, entryHasSlot, entryHasTtl, inlineLength, keyLength } from '../structures/entry.js';
import type { Ref } from '../memory/arena.js';
import { moveDictEntries } from '../structures/dict-walk.js';
import type { BlockMover } from '../values/value-type.js';
import { valueTypeOf } from '../values/value-types.js';
import type { Db } from './db.js';
import type { Shard } from './shard.js';

const CHECK_MS = 1000;
/** Between two slices of a pass when nothing else wakes the shard. */
const SLICE_MS = 10;
const SPARSE_SHARE_START = 1 / 3;
const SPARSE_BYTES_START = 4 * 1024 * 1024;
/** How much worse than after the last pass it must be before another one. */
const WORSE_SHARE = 0.15;
const BUCKETS_PER_STEP = 32;

export class Defragmenter implements BlockMover {
  readonly #shard: Shard;
  readonly #dbs: readonly Db[];
  #checkAtMs = 0;
  #startShare = SPARSE_SHARE_START;
  /** The database that the pass is in; -1: no pass is under way. */
  #current = -1;
  #position = 0;
  /** Blocks moved since the start. */
  moved = 0;
  /** Passes begun. */
  pass = 0;

  constructor(shard: Shard, dbs: readonly Db[]) {
    this.#shard = shard;
    this.#dbs = dbs;
  }

  /** True when `run` has a pass to go on with, or a look to take at the arena. Cheap. */
  get isDue(): boolean {
    return this.#current >= 0 || this.#shard.nowMs >= this.#checkAtMs;
  }

  /** Milliseconds until `run` is worth calling again; Infinity: not before the data changes. */
  dueInMs(): number {
    if (this.#current >= 0) return SLICE_MS;
    return this.#isWorthIt() ? Math.max(0, this.#checkAtMs - this.#shard.nowMs) : Infinity;
  }

  /** Works on a pass, or looks whether one is due, until `endUs`; true: the pass is not through. */
  run(endUs: number): boolean {
    if (this.#current < 0) {
      if (!this.isDue) return false;
      this.#checkAtMs = this.#shard.nowMs + CHECK_MS;
      if (!this.#isWorthIt()) return false;
      this.#shard.arena.sortSpans();
      this.#current = 0;
      this.#position = 0;
      this.pass++;
    }
    do {
      this.#position = moveDictEntries(this.#dbs[this.#current].dict, this.#position, BUCKETS_PER_STEP, this.#move);
      if (this.#position === 0 && ++this.#current === this.#dbs.length) {
        this.#current = -1;
        this.#startShare = Math.max(SPARSE_SHARE_START, this.#sparseShare() + WORSE_SHARE);
        return false;
      }
    } while (this.#shard.clock.monotonicUs() < endUs);
    return true;
  }

  #sparseShare(): number {
    const arena = this.#shard.arena;
    return arena.usedBytes === 0 ? 0 : arena.sparseBytes / arena.usedBytes;
  }

  #isWorthIt(): boolean {
    return this.#shard.arena.sparseBytes >= SPARSE_BYTES_START && this.#sparseShare() >= this.#startShare;
  }

  readonly #move = (entry: Ref): Ref => {
    const arena = this.#shard.arena;
    const hasSlot = entryHasSlot(arena, entry);
    if (hasSlot) valueTypeOf(arena, entry).moveBlocks(arena, entry, this);
    return this.move(
      entry,
      entryBytes(keyLength(arena, entry), entryHasTtl(arena, entry), hasSlot, inlineLength(arena, entry)),
    );
  };

  /** Copies the first `bytes` of a sparsely placed block to a new one and frees it; any other stays. */
  move(block: Ref, bytes: number): Ref {
    const arena = this.#shard.arena;
    if (!arena.isSparse(block)) return block;
    const moved = arena.alloc(bytes);
    arena.copy(moved, 0, block, 0, bytes);
    arena.free(block);
    this.moved++;
    return moved;
  }
}
