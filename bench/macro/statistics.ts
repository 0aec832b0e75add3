// Numbers of several rounds as one: median with its spread.

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median (mean of the middle two for an even count), least and greatest. NaN for no values. */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted[sorted.length - 1] ?? NaN };
}

/** `1.23 M`, `456 k`, `789`: three digits and a unit. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 1e6) return `${digits3(value / 1e6)} M`;
  if (size >= 1e4) return `${digits3(value / 1e3)} k`;
  return digits3(value);
}

/** Three significant digits, never an exponent. */
export function digits3(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}

/** `median (min..max)`, each by `format`. */
export function withSpread(values: readonly number[], format: (value: number) => string = short): string {
  const { median, min, max } = summarize(values);
  return values.length === 1 ? format(median) : `${format(median)} (${format(min)}..${format(max)})`;
}
