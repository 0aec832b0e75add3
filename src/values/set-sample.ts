// Several members of a set at random: taken out (SPOP) or only looked at (SRANDMEMBER). Every choice of so many members is
// as likely as any other, as far as single picks are; in which order they are given says nothing.
//
// Small forms are walked once: with `left` members to choose of `behind` that are still to come, the next one is chosen with
// the chance left / behind. In a dict single members are picked, as long as nearly all picks meet a member that is wanted.

import { NO_BYTES, type ByteView } from '../base/bytes.js';
import type { Random } from '../base/prng.js';
import type { Ref } from '../memory/arena.js';
import type { ElementSink } from '../structures/packed-element.js';
import type { Arena } from '../memory/arena.js';
import type { StructureLimits } from './limits.js';
import { SetValue } from './set.js';
import { SET_ENCODING } from './types.js';
import type { ValueDrain } from './value-type.js';

/** With so many members popped for each that stays, those that stay are picked (SPOP_MOVE_STRATEGY_MUL). */
const POPPED_PER_KEPT = 5;
/** A sample of more than one in so many is made by walking the whole set (SRANDMEMBER_SUB_STRATEGY_MUL). */
const WALKED_PER_SAMPLED = 3;

const view: ByteView = { bytes: NO_BYTES, start: 0, end: 0 };
const kept = new SetValue();
const seen = new Set<Ref>();

/**
 * Takes `n` members out of the set, not all, and gives them to `sink`. What is returned is too much to be freed at once: it
 * is to be handed to the shard's lazy freeing; undefined for nothing.
 */
export function popMembers(
  arena: Arena,
  set: SetValue,
  n: number,
  random: Random,
  limits: StructureLimits,
  sink: ElementSink,
): ValueDrain | undefined {
  if (set.encoding !== SET_ENCODING.dict) {
    walkChosen(set, n, random, sink, true);
    return undefined;
  }
  const keep = set.count - n;
  if (keep * POPPED_PER_KEPT > n) {
    for (let i = 0; i < n; i++) {
      set.pick(random, view);
      sink.bulk(view.bytes, view.start, view.end);
      set.removePicked();
    }
    return undefined;
  }
  kept.createFree(arena, SET_ENCODING.packed);
  for (let i = 0; i < keep; i++) {
    set.pick(random, view);
    kept.addNew(view.bytes, view.start, view.end, limits);
    set.removePicked();
  }
  let rest: ValueDrain | undefined;
  try {
    walkAll(set, sink);
  } finally {
    rest = set.replaceWith(kept); // even when the sink takes no more
  }
  return rest;
}

/** Gives `n` different members to `sink`, fewer than there are. */
export function sampleMembers(set: SetValue, n: number, random: Random, sink: ElementSink): void {
  if (set.encoding !== SET_ENCODING.dict || n * WALKED_PER_SAMPLED > set.count) {
    walkChosen(set, n, random, sink, false);
    return;
  }
  while (seen.size < n) {
    set.pick(random, view);
    if (seen.has(set.place)) continue;
    seen.add(set.place);
    sink.bulk(view.bytes, view.start, view.end);
  }
  seen.clear();
}

/** Gives `n` members to `sink`, the same one perhaps more than once. */
export function pickMembers(set: SetValue, n: number, random: Random, sink: ElementSink): void {
  for (let i = 0; i < n; i++) {
    set.pick(random, view);
    sink.bulk(view.bytes, view.start, view.end);
  }
}

/** Gives all members to `sink`. */
export function walkAll(set: SetValue, sink: ElementSink): void {
  set.rewind();
  while (set.step()) set.give(sink);
}

function walkChosen(set: SetValue, n: number, random: Random, sink: ElementSink, remove: boolean): void {
  let left = n;
  set.rewind();
  for (let behind = set.count; left > 0 && set.next(view); behind--) {
    if (random.below(behind) >= left) continue;
    sink.bulk(view.bytes, view.start, view.end);
    if (remove) set.removePicked();
    left--;
  }
}
