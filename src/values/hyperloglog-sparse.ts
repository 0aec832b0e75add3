// The sparse form of a HyperLogLog (hyperloglog-layout.ts): runs of equal registers. Raising a register cuts the run that it
// stands in and joins what has become equal around it, in the order in which Redis does, so that the bytes are the same.
//
//   planRaise     finds the run and says what is to be done; nothing is changed
//   applyRaise    puts the new runs in its place, for which the caller has made room
//
// (1) Runs come from clients (SET) and may be broken: none is read beyond the end, and what does not cover every register
//     exactly is told to the caller.

import { copyBytes } from '../base/bytes.js';
import { histogram, setDenseRegister } from './hyperloglog.js';
import {
  DENSE,
  DENSE_BYTES,
  ENCODING_AT,
  HEAD_BYTES,
  REGISTERS,
  VALUE,
  VALUE_LENGTH_MAX,
  VALUE_MAX,
  XZERO,
  ZERO_LENGTH_MAX,
} from './hyperloglog-layout.js';

const LENGTH_MASK = 0x3f;
const VALUE_SHIFT = 2;
/** Runs behind the changed one that are looked at for joining. */
const JOIN_RUNS_MAX = 5;
const NOWHERE = -1;

// ---------------------------------------------------------------------- one run, as `readRun` found it

/** Registers of the run, their value (0: zeros), and its bytes. */
export let runLength = 0;
export let runValue = 0;
export let runBytes = 0;

/** Reads the run at `at`, before `end`. The second byte of one that is cut off counts as 0. */
export function readRun(bytes: Uint8Array, at: number, end: number): void {
  const head = bytes[at];
  runBytes = 1;
  runValue = 0;
  if (head >= VALUE) {
    runValue = ((head >>> VALUE_SHIFT) & (VALUE_MAX - 1)) + 1;
    runLength = (head & (VALUE_LENGTH_MAX - 1)) + 1;
  } else if (head < XZERO) {
    runLength = head + 1;
  } else {
    runLength = (((head & LENGTH_MASK) << 8) | (at + 1 < end ? bytes[at + 1] : 0)) + 1;
    runBytes = 2;
  }
}

/** The run at `at` is one of the two-byte kind. */
export function isXZero(bytes: Uint8Array, at: number): boolean {
  return bytes[at] >= XZERO && bytes[at] < VALUE;
}

// ---------------------------------------------------------------------- raising a register

/** What `planRaise` found. */
export const RAISE = { none: 0, change: 1, tooHigh: 2, broken: 3 } as const;

/** The new runs, how many bytes they and what they replace take, where that stands, and the run before it. */
const runs = new Uint8Array(5);
let runsBytes = 0;
let replacedAt = 0;
let replacedBytes = 0;
let previousAt = NOWHERE;

/** Bytes that the change planned last adds before runs are joined. */
export function raiseAdds(): number {
  return runsBytes - replacedBytes;
}

function addZeros(length: number): void {
  if (length > ZERO_LENGTH_MAX) runs[runsBytes++] = XZERO | ((length - 1) >>> 8);
  runs[runsBytes++] = (length - 1) & 0xff;
}

function valueRun(value: number, length: number): number {
  return VALUE | ((value - 1) << VALUE_SHIFT) | (length - 1);
}

/**
 * Plans to raise register `index` of the sparse one in `bytes[start, end)` to `value`: one of RAISE. `tooHigh`: the value
 * needs the dense form. Offsets are from `start`: the string may move before `applyRaise`.
 */
export function planRaise(bytes: Uint8Array, start: number, end: number, index: number, value: number): number {
  if (value > VALUE_MAX) return RAISE.tooHigh;
  let at = start + HEAD_BYTES;
  let first = 0;
  let previous = NOWHERE;
  // The lengths of runs alone, in plain variables: a sparse value of 3000 bytes is walked in a few microseconds.
  while (at < end) {
    const head = bytes[at];
    const isLong = head >= XZERO && head < VALUE;
    let length = head + 1;
    if (head >= VALUE) length = (head & (VALUE_LENGTH_MAX - 1)) + 1;
    else if (isLong) length = (((head & LENGTH_MASK) << 8) | (at + 1 < end ? bytes[at + 1] : 0)) + 1;
    if (index < first + length) break;
    previous = at - start;
    first += length;
    at += isLong ? 2 : 1;
  }
  previousAt = previous;
  if (at >= end) return RAISE.broken;
  readRun(bytes, at, end);
  if (at + runBytes > end) return RAISE.broken;
  if (runValue >= value) return RAISE.none;

  replacedAt = at - start;
  replacedBytes = runBytes;
  runsBytes = 0;
  const before = index - first;
  const behind = first + runLength - 1 - index;
  if (runValue === 0) {
    if (before > 0) addZeros(before);
    runs[runsBytes++] = valueRun(value, 1);
    if (behind > 0) addZeros(behind);
  } else {
    if (before > 0) runs[runsBytes++] = valueRun(runValue, before);
    runs[runsBytes++] = valueRun(value, 1);
    if (behind > 0) runs[runsBytes++] = valueRun(runValue, behind);
  }
  return RAISE.change;
}

/**
 * Carries out what was planned for the string that now stands at `start` and is `length` bytes long, with room behind it for
 * what the change adds. Returns its new length.
 */
export function applyRaise(bytes: Uint8Array, start: number, length: number): number {
  const at = start + replacedAt;
  let end = start + length;
  bytes.copyWithin(at + runsBytes, at + replacedBytes, end);
  copyBytes(bytes, at, runs, 0, runsBytes);
  end += raiseAdds();
  end = join(bytes, previousAt === NOWHERE ? start + HEAD_BYTES : start + previousAt, end);
  return end - start;
}

/** Joins neighbours of equal value from `from` on; returns the new end. */
function join(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (let looked = 0; at < end && looked < JOIN_RUNS_MAX; looked++) {
    const head = bytes[at];
    if (head < VALUE) {
      at += head < XZERO ? 1 : 2;
      continue;
    }
    const next = at + 1 < end ? bytes[at + 1] : 0;
    if (next >= VALUE && next >>> VALUE_SHIFT === head >>> VALUE_SHIFT) {
      const mask = VALUE_LENGTH_MAX - 1;
      const length = (head & mask) + (next & mask) + 2;
      if (length <= VALUE_LENGTH_MAX) {
        bytes[at + 1] = (head & ~mask) | (length - 1);
        bytes.copyWithin(at, at + 1, end);
        end--;
        continue;
      }
    }
    at++;
  }
  return end;
}

// ---------------------------------------------------------------------- the whole

/** Writes the dense form of `bytes[start, end)` to `into`, DENSE_BYTES long, head included; false: the runs are broken. */
export function toDense(bytes: Uint8Array, start: number, end: number, into: Uint8Array): boolean {
  into.fill(0, 0, DENSE_BYTES);
  copyBytes(into, 0, bytes, start, start + HEAD_BYTES);
  into[ENCODING_AT] = DENSE;
  let index = 0;
  for (let at = start + HEAD_BYTES; at < end; at += runBytes) {
    readRun(bytes, at, end);
    if (runValue > 0 && index + runLength > REGISTERS) return false;
    if (runValue > 0) for (let i = 0; i < runLength; i++) setDenseRegister(into, 0, index + i, runValue);
    index += runLength;
  }
  return index === REGISTERS;
}

/** Raises the registers, a byte each, to those of `bytes[start, end)`; false: the runs are broken. */
export function mergeSparse(bytes: Uint8Array, start: number, end: number, registers: Uint8Array): boolean {
  let index = 0;
  for (let at = start + HEAD_BYTES; at < end; at += runBytes) {
    readRun(bytes, at, end);
    if (runValue > 0 && index + runLength > REGISTERS) return false;
    for (let i = index; runValue > 0 && i < index + runLength; i++)
      if (registers[i] < runValue) registers[i] = runValue;
    index += runLength;
  }
  return index === REGISTERS;
}

/** Fills `histogram` (hyperloglog.ts) from `bytes[start, end)`; false: the runs are broken. */
export function countSparse(bytes: Uint8Array, start: number, end: number): boolean {
  histogram.fill(0);
  let index = 0;
  for (let at = start + HEAD_BYTES; at < end; at += runBytes) {
    readRun(bytes, at, end);
    histogram[runValue] += runLength;
    index += runLength;
  }
  return index === REGISTERS;
}
