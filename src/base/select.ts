// Selection: the n-th smallest of numbers, without sorting them.

/** Ranges up to this length are sorted. */
const SORTED_MAX = 16;

/**
 * The n-th smallest number of `values` (0: the smallest), none of which is NaN. Reorders them. O(length) steps in the mean
 * (Hoare's quickselect with the median of three as pivot).
 */
export function nthSmallest(values: Float64Array, n: number): number {
  let low = 0;
  let high = values.length - 1;
  while (high - low >= SORTED_MAX) {
    const pivot = medianOf(values[low], values[(low + high) >>> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const swapped = values[i];
      values[i++] = values[j];
      values[j--] = swapped;
    }
    // values[low..j] <= pivot, values[j+1..i-1] = pivot, values[i..high] >= pivot
    if (n <= j) high = j;
    else if (n >= i) low = i;
    else return pivot;
  }
  values.subarray(low, high + 1).sort();
  return values[n];
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
