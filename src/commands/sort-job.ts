// The elements of a SORT, what each is sorted by, and their order. It knows no keys: who runs it (sort.ts on one shard,
// sort-plan.ts over several) gives it elements and looks patterns up.
//
// (1) Elements and the strings they are sorted by are copied: the result may overwrite what was sorted.
// (2) Equal numbers are ordered by the elements' bytes. Equal strings of a BY keep the order in which they came.

import { compareBytes, type ByteView } from '../base/bytes.js';
import { GrowingBytes } from '../base/growing-bytes.js';
import { parseSafeInteger } from '../base/integers.js';
import { nthSmallest } from '../base/select.js';
import { TYPE } from '../values/types.js';
import type { SortRequest } from './sort-request.js';

export const NOT_NUMBERS = "ERR One or more scores can't be converted into double";

const INITIAL_BYTES = 4096;
const NOTHING = -1;
/** A whole number times their count and a place stay exact below this, divisions included. */
const WITH_PLACE_MAX = 2 ** 51;
/** A result of less than this share of the elements is selected before it is sorted. */
const SELECTED_SHARE_MAX = 0.5;

export class SortJob {
  readonly request: SortRequest;
  /** The type of what is sorted. */
  type = -1;
  /** Every element reads as a number, or has nothing to be sorted by. */
  allNumbers = true;
  /** The elements of the result: numbers [first, end) of `order`. */
  first = 0;
  end = 0;
  order = new Uint32Array(0);

  readonly #bytes = new GrowingBytes(INITIAL_BYTES);
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #byStarts: number[] = [];
  readonly #byEnds: number[] = [];
  readonly #scores: number[] = [];

  constructor(request: SortRequest) {
    this.request = request;
  }

  /** Appends an element. */
  bulk(bytes: Uint8Array, start: number, end: number): void {
    this.#starts.push(this.#bytes.length);
    this.#bytes.append(bytes, start, end);
    this.#ends.push(this.#bytes.length);
  }

  get count(): number {
    return this.#starts.length;
  }

  /** All elements are there; `type` is set. Decides what is to be sorted by what. */
  loaded(): void {
    const { request } = this;
    // A set has no order of its own, and a result that is stored must not depend on chance.
    if (request.unsorted && this.type === TYPE.set && request.store !== 0) {
      request.unsorted = false;
      request.alpha = true;
      request.by = undefined;
    }
    this.order = new Uint32Array(this.count);
    for (let i = 0; i < this.order.length; i++) this.order[i] = i;
    this.#limit();
    const { by, alpha } = request;
    if (request.unsorted) {
      if (request.descending && this.type !== TYPE.set) this.order.reverse();
    } else if (by !== undefined) {
      for (let i = 0; i < this.count; i++) {
        this.#scores.push(0);
        this.#byStarts.push(NOTHING);
        this.#byEnds.push(NOTHING);
      }
    } else if (!alpha) {
      for (let i = 0; i < this.count; i++) {
        this.#scores.push(this.#number(this.#bytes.bytes, this.#starts[i], this.#ends[i]));
      }
    }
  }

  #limit(): void {
    const { limitStart, limitCount } = this.request;
    const length = this.count;
    this.first = Math.min(Math.max(limitStart, 0), length);
    const count = Math.min(Math.max(limitCount, -1), length);
    this.end = count < 0 ? length : Math.min(this.first + count, length);
  }

  /** True while `sortBy` is to be called for every element that has something to be sorted by. */
  get wantsBy(): boolean {
    return !this.request.unsorted && this.request.by !== undefined;
  }

  /** Points `view` at element `i`, as it came. */
  element(i: number, view: ByteView): void {
    view.bytes = this.#bytes.bytes;
    view.start = this.#starts[i];
    view.end = this.#ends[i];
  }

  /** Says what element `i` is sorted by. */
  sortBy(i: number, bytes: Uint8Array, start: number, end: number): void {
    if (!this.request.alpha) {
      this.#scores[i] = this.#number(bytes, start, end);
      return;
    }
    this.#byStarts[i] = this.#bytes.length;
    this.#bytes.append(bytes, start, end);
    this.#byEnds[i] = this.#bytes.length;
  }

  #number(bytes: Uint8Array, start: number, end: number): number {
    const value = numberOf(bytes, start, end);
    if (value === value) return value;
    this.allNumbers = false;
    return 0;
  }

  /** Puts `order` in order, as far as `end`. */
  sort(): void {
    const { request } = this;
    if (request.unsorted) return;
    const sign = request.descending ? -1 : 1;
    if (request.alpha) {
      if (request.by === undefined) this.order.sort((a, b) => sign * this.#compareElements(a, b));
      else this.order.sort((a, b) => sign * this.#compareStrings(a, b));
      return;
    }
    if (this.end > 0 && this.end < this.count * SELECTED_SHARE_MAX) this.#select(sign);
    if (!this.#sortIntegers()) this.order.sort((a, b) => sign * this.#compareNumbers(a, b));
    else if (request.descending) this.order.reverse();
  }

  /** Leaves in `order` what may come before `end`: LIMIT mostly wants few of many. */
  #select(sign: 1 | -1): void {
    const scores = this.#scores;
    const signed = Float64Array.from(scores, (score) => sign * score);
    const last = nthSmallest(signed, this.end - 1);
    this.order = this.order.filter((i) => sign * scores[i] <= last);
  }

  /**
   * Puts whole numbers in ascending order, each together with its place in one double, which V8 sorts without a comparator.
   * False: some are no whole numbers, or too large.
   */
  #sortIntegers(): boolean {
    const { order } = this;
    const scores = this.#scores;
    const { length } = order;
    const limit = WITH_PLACE_MAX / length;
    const keys = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const score = scores[order[i]];
      if (!(Math.abs(score) < limit) || !Number.isInteger(score)) return false;
      keys[i] = score * length + i;
    }
    keys.sort();
    const before = order.slice();
    for (let i = 0; i < length; i++) order[i] = before[keys[i] - Math.floor(keys[i] / length) * length];
    for (let i = 0; i < length;) {
      let end = i + 1;
      while (end < length && scores[order[end]] === scores[order[i]]) end++;
      if (end - i > 1) order.subarray(i, end).sort((a, b) => this.#compareElements(a, b));
      i = end;
    }
    return true;
  }

  #compareNumbers(a: number, b: number): number {
    const scores = this.#scores;
    if (scores[a] !== scores[b]) return scores[a] < scores[b] ? -1 : 1;
    return this.#compareElements(a, b);
  }

  #compareElements(a: number, b: number): number {
    const { bytes } = this.#bytes;
    return compareBytes(bytes, this.#starts[a], this.#ends[a], bytes, this.#starts[b], this.#ends[b]);
  }

  /** What has nothing to be sorted by comes first. */
  #compareStrings(a: number, b: number): number {
    const starts = this.#byStarts;
    if (starts[a] === NOTHING || starts[b] === NOTHING) {
      return Number(starts[a] !== NOTHING) - Number(starts[b] !== NOTHING);
    }
    const { bytes } = this.#bytes;
    return compareBytes(bytes, starts[a], this.#byEnds[a], bytes, starts[b], this.#byEnds[b]);
  }
}

const DECIMAL = /^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^[ \t\n\v\f\r]*([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i;
const INFINITE = /^[ \t\n\v\f\r]*([+-]?)inf(?:inity)?$/i;
const NOT_ZERO = /[1-9]/;
const SMALLEST_NORMAL = 2 ** -1022;

/**
 * The number that the bytes read as up to the first NUL, as C's strtod has it; NaN for what is none, too large, or too small.
 * Nothing at all reads as 0.
 */
export function numberOf(bytes: Uint8Array, start: number, end: number): number {
  const integer = parseSafeInteger(bytes, start, end);
  if (integer === integer) return integer;
  let text = '';
  for (let i = start; i < end && bytes[i] !== 0; i++) text += String.fromCharCode(bytes[i]);
  if (text === '') return 0;
  if (DECIMAL.test(text)) {
    const value = Number(text.trim());
    const isSmall = Math.abs(value) < SMALLEST_NORMAL && NOT_ZERO.test(text.split(/e/i)[0]);
    return Number.isFinite(value) && !isSmall ? value : NaN;
  }
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) {
    const [, sign, whole, fraction, exponent = '0'] = hexadecimal;
    if (whole === '' && fraction === '') return NaN;
    const digits = Number(`0x${whole}${fraction}`);
    const value = digits * 2 ** (Number(exponent) - 4 * fraction.length);
    return Number.isFinite(value) ? (sign === '-' ? -value : value) : NaN;
  }
  const infinite = INFINITE.exec(text);
  if (infinite === null) return NaN;
  return infinite[1] === '-' ? -Infinity : Infinity;
}
