// The shape of Redis's radix tree over stream IDs: XINFO STREAM tells how many nodes it has.
//
// Keys are the 16 bytes of an ID, most significant first. A key ends in a node of its own; where keys part there is a node
// that holds the first byte of each way on; a run of bytes without a parting between is one node.

import { ID_BYTES, StreamId } from './stream-id.js';

const before = new StreamId();
const here = new StreamId();
/** Depths of the partings on the way to the key before. */
const partings: number[] = [];

/**
 * The nodes of the tree over ascending IDs, of which there are none if `any` is not set; `next` reads the next one and says
 * whether another follows.
 */
export function radixNodes(any: boolean, next: (id: StreamId) => boolean): number {
  if (!any) return 1; // an empty tree is a node
  partings.length = 0;
  let nodes = 1;
  let more = next(before);
  while (more) {
    more = next(here);
    const depth = sharedBytes(before, here);
    nodes += leave(depth, ID_BYTES) + 1;
    before.copy(here);
  }
  return nodes + leave(-1, ID_BYTES);
}

/**
 * The ways down from the partings deeper than `depth` are complete, and that at `depth` becomes known: counts the partings
 * and the runs between them and the end of the key, at `end`.
 */
function leave(depth: number, end: number): number {
  let nodes = 0;
  let low = end;
  while (partings.length > 0 && partings[partings.length - 1] > depth) {
    const parting = partings[partings.length - 1];
    partings.pop();
    nodes += 1 + run(parting + 1, low);
    low = parting;
  }
  if (depth < 0) return nodes + run(0, low);
  nodes += run(depth + 1, low);
  if (partings[partings.length - 1] !== depth) partings.push(depth);
  return nodes;
}

/** The node for the bytes from one depth to another: there is one if there are any. */
function run(from: number, to: number): number {
  return to > from ? 1 : 0;
}

function sharedBytes(a: StreamId, b: StreamId): number {
  if (a.msHigh !== b.msHigh) return sharedOfWord(a.msHigh, b.msHigh);
  if (a.msLow !== b.msLow) return 4 + sharedOfWord(a.msLow, b.msLow);
  if (a.seqHigh !== b.seqHigh) return 8 + sharedOfWord(a.seqHigh, b.seqHigh);
  return 12 + sharedOfWord(a.seqLow, b.seqLow);
}

function sharedOfWord(a: number, b: number): number {
  return Math.clz32(a ^ b) >>> 3;
}
