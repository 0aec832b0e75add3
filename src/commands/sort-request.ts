// What a SORT asks for: its options, and where the keys are that its patterns stand for.
//
//   pattern   prefix*suffix            the string at the key that has the element in place of the first *
//             prefix*suffix->field     the field of the hash there
//             #                        the element itself (GET)

import { bytesOf, NO_BYTES } from '../base/bytes.js';
import type { GrowingBytes } from '../base/growing-bytes.js';
import type { Args } from '../contract/args.js';
import type { KeyUse } from '../contract/command-table.js';
import { ERRORS } from '../contract/errors.js';
import { int64Near } from './arguments.js';

const ASC = bytesOf('ASC');
const DESC = bytesOf('DESC');
const ALPHA = bytesOf('ALPHA');
const LIMIT = bytesOf('LIMIT');
const STORE = bytesOf('STORE');
const BY = bytesOf('BY');
const GET = bytesOf('GET');

const ASTERISK = 0x2a;
const HASH_SIGN = 0x23;
const MINUS = 0x2d;
const GREATER = 0x3e;

export class SortPattern {
  /** It is the element itself. */
  readonly isElement: boolean;
  /** It has a place for the element. Without one it stands for nothing. */
  readonly isKey: boolean;
  /** The field of a hash; empty: the key holds a string. */
  readonly field: Uint8Array;
  readonly #prefix: Uint8Array;
  readonly #suffix: Uint8Array;

  constructor(pattern: Uint8Array) {
    this.isElement = pattern.length === 1 && pattern[0] === HASH_SIGN;
    const star = pattern.indexOf(ASTERISK);
    this.isKey = star >= 0;
    let arrow = pattern.length;
    for (let i = star + 1; this.isKey && i + 2 < pattern.length; i++) {
      if (pattern[i] !== MINUS || pattern[i + 1] !== GREATER) continue;
      arrow = i;
      break;
    }
    this.field = arrow < pattern.length ? pattern.subarray(arrow + 2) : NO_BYTES;
    this.#prefix = pattern.subarray(0, Math.max(star, 0));
    this.#suffix = pattern.subarray(star + 1, arrow);
  }

  /** Appends the key for an element to `into`. */
  writeKey(bytes: Uint8Array, start: number, end: number, into: GrowingBytes): void {
    into.append(this.#prefix, 0, this.#prefix.length);
    into.append(bytes, start, end);
    into.append(this.#suffix, 0, this.#suffix.length);
  }
}

export interface SortRequest {
  descending: boolean;
  alpha: boolean;
  /** The elements stay in the order in which they are. */
  unsorted: boolean;
  by: SortPattern | undefined;
  readonly gets: SortPattern[];
  /** As given: int64. */
  limitStart: number;
  limitCount: number;
  /** The argument that is the destination; 0: none. */
  store: number;
}

/** Reads the options of SORT, or SORT_RO; a text is the error. */
export function readSort(args: Args, mayStore: boolean): SortRequest | string {
  const request: SortRequest = {
    descending: false,
    alpha: false,
    unsorted: false,
    by: undefined,
    gets: [],
    limitStart: 0,
    limitCount: -1,
    store: 0,
  };
  for (let i = 2; i < args.count; i++) {
    const left = args.count - i - 1;
    if (args.is(i, ASC)) {
      request.descending = false;
    } else if (args.is(i, DESC)) {
      request.descending = true;
    } else if (args.is(i, ALPHA)) {
      request.alpha = true;
    } else if (args.is(i, LIMIT) && left >= 2) {
      request.limitStart = int64Near(args, i + 1);
      request.limitCount = int64Near(args, i + 2);
      if (Number.isNaN(request.limitStart + request.limitCount)) return ERRORS.notInteger;
      i += 2;
    } else if (mayStore && args.is(i, STORE) && left >= 1) {
      request.store = ++i;
    } else if (args.is(i, BY) && left >= 1) {
      const pattern = new SortPattern(args.copy(++i));
      request.by = pattern;
      // A pattern that is the same for all elements has nothing to sort by, whatever other BY comes.
      if (!pattern.isKey) request.unsorted = true;
    } else if (args.is(i, GET) && left >= 1) {
      request.gets.push(new SortPattern(args.copy(++i)));
    } else {
      return ERRORS.syntax;
    }
  }
  return request;
}

/** True when the request reads keys that its elements name. */
export function readsPatterns(args: Args): boolean {
  const request = readSort(args, true);
  if (typeof request === 'string') return false;
  return (!request.unsorted && request.by !== undefined) || request.gets.some((get) => get.isKey && !get.isElement);
}

/** Where STORE puts the result: the last one counts, as Redis finds it. */
export function storeKeys(args: Args, offset: number): readonly KeyUse[] {
  let found = 0;
  for (let i = offset + 2; i < args.count; i++) {
    if (args.is(i, LIMIT)) i += 2;
    else if (args.is(i, GET) || args.is(i, BY)) i++;
    else if (args.is(i, STORE) && i + 1 < args.count) found = i + 1;
  }
  return found === 0 ? [] : [{ index: found - offset, flags: ['OW', 'update'], isWritten: true }];
}
