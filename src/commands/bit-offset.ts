// Bit offsets as SETBIT, GETBIT and BITFIELD take them.

import { parseInt64, parseSafeInteger } from '../base/integers.js';
import type { Args } from '../contract/args.js';

export const BAD_OFFSET = 'ERR bit offset is not an integer or out of range';

const HASH = 0x23; // #

/**
 * The bit offset at argument `i`, whose byte stands below `bytesMax`; -1: it is none. `width` 0: a plain number.
 * Otherwise `#n` counts in fields of `width` bits, and like Redis wraps as an int64 does.
 */
export function readBitOffset(args: Args, i: number, width: number, bytesMax: number): number {
  const { bytes } = args;
  let start = args.starts[i];
  const end = args.ends[i];
  const counted = width > 0 && start < end && bytes[start] === HASH;
  if (counted) start++;
  const number = parseSafeInteger(bytes, start, end);
  let offset = counted ? number * width : number;
  if (!Number.isSafeInteger(offset)) {
    const exact = parseInt64(bytes, start, end);
    if (exact === undefined) return -1;
    offset = Number(counted ? BigInt.asIntN(64, exact * BigInt(width)) : exact);
  }
  return offset >= 0 && Math.floor(offset / 8) < bytesMax ? offset : -1;
}
