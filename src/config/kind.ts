// A kind of option value: how it is read, spelt and written back. The kinds themselves are in values.ts (plain ones) and
// special-values.ts (save, bind, ...).
//
// A value has two forms: its text in CONFIG GET's spelling, which is the one that is stored, compared and sent to other
// threads, and its decoded form for code that uses it. The text is exact; a decoded number above 2^53 is the nearest
// double.

export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** Limits of one client class of client-output-buffer-limit; 0 means no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputLimits {
  readonly normal: OutputLimit;
  readonly replica: OutputLimit;
  readonly pubsub: OutputLimit;
}

export type OptionValue =
  boolean | number | string | readonly string[] | readonly number[] | readonly SavePoint[] | OutputLimits;

export type Parsed =
  | { readonly ok: true; readonly text: string; readonly value: OptionValue }
  | { readonly ok: false; readonly error: string };

export function accept(text: string, value: OptionValue): Parsed {
  return { ok: true, text, value };
}

export function reject(error: string): Parsed {
  return { ok: false, error };
}

export interface Kind {
  /** What a value looks like, for --help: `yes|no`, `0-65535`, `bytes`. */
  readonly shape: string;
  /** Takes several arguments (a whole configuration line, or one text split at every space). */
  readonly multi: boolean;
  /**
   * Reads a value. `current` is the option's present text: kinds that change only a part of it (output limits) or add to
   * it (save lines of one file) start from there. `again` is true for a second line of the same option in one file.
   */
  parse(args: readonly string[], current: string, again: boolean): Parsed;
  /**
   * The arguments behind the name on each line that CONFIG REWRITE writes for `text` (which this kind has accepted); an
   * empty list when the absence of the line says it.
   */
  lines(text: string): readonly string[];
  /** Each of those lines stands for itself: one that the default has too need not be written. */
  readonly independentLines?: true;
}

/** Parses one text the way CONFIG SET gives it: kinds of several arguments split at every single space. */
export function parseText(kind: Kind, text: string, current: string): Parsed {
  if (!kind.multi) return kind.parse([text], current, false);
  return kind.parse(text === '' ? [] : text.split(' '), current, false);
}
