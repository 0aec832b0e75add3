// What a search has found so far, by columns, and the nearest or farthest of it in order.

import type { Position } from '../base/geo.js';

const INITIAL = 64;
/** Columns are kept from one search to the next up to this length. */
const KEPT_MAX = 64 * 1024;

export class GeoMatches {
  count = 0;
  /** Where each member is (ZSetValue.place). */
  places = new Uint32Array(INITIAL);
  scores = new Float64Array(INITIAL);
  /** Metres from the middle. */
  distances = new Float64Array(INITIAL);
  longitudes = new Float64Array(INITIAL);
  latitudes = new Float64Array(INITIAL);
  /** The first of them in order, when they have been sorted. */
  #order: number[] | undefined;

  clear(): void {
    this.count = 0;
    this.#order = undefined;
    if (this.places.length > KEPT_MAX) this.#resize(INITIAL);
  }

  add(place: number, score: number, distance: number, { longitude, latitude }: Position): void {
    const i = this.count++;
    if (i === this.places.length) this.#resize(2 * i);
    this.places[i] = place;
    this.scores[i] = score;
    this.distances[i] = distance;
    this.longitudes[i] = longitude;
    this.latitudes[i] = latitude;
  }

  /** The index of match number `k` in order, or as it was found. */
  at(k: number): number {
    return this.#order === undefined ? k : this.#order[k];
  }

  /** Puts the `n` nearest (`direction` 1) or farthest (-1) into order; equal distances stay as they were found. */
  sort(n: number, direction: 1 | -1): void {
    const { distances } = this;
    const compare = (a: number, b: number): number => direction * (distances[a] - distances[b]) || a - b;
    const order =
      n * SELECTED_SHARE < this.count ? this.#select(n, compare) : Array.from({ length: this.count }, index);
    order.sort(compare);
    this.#order = order;
  }

  /** The first `n` by `compare`, in no order: a heap whose top is the last of them. */
  #select(n: number, compare: (a: number, b: number) => number): number[] {
    const heap: number[] = [];
    for (let i = 0; i < this.count; i++) {
      if (heap.length < n) {
        heap.push(i);
        if (heap.length === n) for (let k = n >>> 1; k >= 0; k--) sink(heap, k, compare);
      } else if (n > 0 && compare(i, heap[0]) < 0) {
        heap[0] = i;
        sink(heap, 0, compare);
      }
    }
    return heap;
  }

  #resize(length: number): void {
    this.places = resized(this.places, new Uint32Array(length));
    this.scores = resized(this.scores, new Float64Array(length));
    this.distances = resized(this.distances, new Float64Array(length));
    this.longitudes = resized(this.longitudes, new Float64Array(length));
    this.latitudes = resized(this.latitudes, new Float64Array(length));
  }
}

/** Less than this part of the matches is selected before it is sorted. */
const SELECTED_SHARE = 4;

function index(_: unknown, i: number): number {
  return i;
}

function resized<T extends Uint32Array | Float64Array>(old: T, column: T): T {
  if (old.length < column.length) column.set(old);
  return column;
}

/** Moves the item at `k` down until none below it comes behind it. */
function sink(heap: number[], k: number, compare: (a: number, b: number) => number): void {
  const item = heap[k];
  for (;;) {
    let child = 2 * k + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && compare(heap[child + 1], heap[child]) > 0) child++;
    if (compare(heap[child], item) <= 0) break;
    heap[k] = heap[child];
    k = child;
  }
  heap[k] = item;
}
