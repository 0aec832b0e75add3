// What stands at the keys of the model: immutable cells, and the draft in which one command (or one EXEC) changes them.
//
//   cells   Map  '0:k' -> Cell        shared by all configurations that agree about them; absent: EMPTY
//   draft   cells + what is changed   one per execution; `finish` gives the next cells and leaves the old ones alone
//
// A cell also holds what WATCH needs: the clients that have watched the key and whether it was changed since. A deadline is
// an interval, because nobody outside knows at which reading of the clock a command ran: the key may be gone from `mayMs`
// on (exclusively), and must be gone for whoever asks after `mustMs`.

/** A key of one database, `db:name`. */
export type KeyId = string;

export type Value = string | readonly string[];

export interface Cell {
  readonly value: Value | undefined;
  readonly mayMs: number;
  readonly mustMs: number;
  /** Clients (one bit each) that watch the key and for whom it is as it was. */
  readonly watched: number;
  /** Clients that watch the key and for whom it has changed. */
  readonly dirty: number;
  /** Equal texts: equal cells. '' for the empty one. */
  readonly text: string;
}

export type Cells = ReadonlyMap<KeyId, Cell>;

/** A deadline that never comes. */
export const NEVER = Infinity;

export const EMPTY: Cell = { value: undefined, mayMs: NEVER, mustMs: NEVER, watched: 0, dirty: 0, text: '' };
export const NO_CELLS: Cells = new Map();

export function keyId(db: number, name: string): KeyId {
  return `${db}:${name}`;
}

export function dbOf(key: KeyId): number {
  return Number(key.slice(0, key.indexOf(':')));
}

export function nameOf(key: KeyId): string {
  return key.slice(key.indexOf(':') + 1);
}

function makeCell(value: Value | undefined, mayMs: number, mustMs: number, watched: number, dirty: number): Cell {
  let text = '';
  if (typeof value === 'string') text = `$${value.length}:${value}`;
  else if (value !== undefined) text = `*${value.map((one) => `${one.length}:${one}`).join('')}`;
  if (mustMs !== NEVER) text += `@${mayMs}-${mustMs}`;
  if ((watched | dirty) !== 0) text += `w${watched}d${dirty}`;
  return text === '' ? EMPTY : { value, mayMs, mustMs, watched, dirty, text };
}

/** The cell without the marks of some clients. */
export function unwatched({ value, mayMs, mustMs, watched, dirty }: Cell, clients: number): Cell {
  return makeCell(value, mayMs, mustMs, watched & ~clients, dirty & ~clients);
}

export class Draft {
  /** Keys at which a list came into being, in that order: who waits for them may be served now. */
  readonly ready: KeyId[] = [];
  readonly #base: Cells;
  #next: Map<KeyId, Cell> | undefined;

  constructor(base: Cells) {
    this.#base = base;
  }

  cell(key: KeyId): Cell {
    return (this.#next ?? this.#base).get(key) ?? EMPTY;
  }

  /** The cells after the changes; the draft is used no more. */
  finish(): Cells {
    return this.#next ?? this.#base;
  }

  get changed(): boolean {
    return this.#next !== undefined;
  }

  string(key: KeyId): string | undefined {
    const { value } = this.cell(key);
    return typeof value === 'string' ? value : undefined;
  }

  list(key: KeyId): readonly string[] | undefined {
    const { value } = this.cell(key);
    return typeof value === 'string' ? undefined : value;
  }

  exists(key: KeyId): boolean {
    return this.cell(key).value !== undefined;
  }

  /** Writes a value and tells the watchers. Deadlines stay unless they are given; an empty list is no key. */
  put(key: KeyId, value: Value | undefined, mayMs?: number, mustMs?: number): void {
    const old = this.cell(key);
    const stays = value !== undefined && value.length + (typeof value === 'string' ? 1 : 0) > 0;
    if (stays && typeof value !== 'string' && typeof old.value !== 'object') this.ready.push(key);
    const may = stays ? (mayMs ?? old.mayMs) : NEVER;
    const must = stays ? (mustMs ?? old.mustMs) : NEVER;
    this.#store(key, makeCell(stays ? value : undefined, may, must, 0, old.dirty | old.watched));
  }

  remove(key: KeyId): void {
    this.put(key, undefined);
  }

  /** Overwrites whatever stands there; without deadlines it lives on for good. */
  replace(key: KeyId, value: Value | undefined, mayMs = NEVER, mustMs = NEVER): void {
    this.put(key, value, mayMs, mustMs);
  }

  watch(key: KeyId, client: number): void {
    const { value, mayMs, mustMs, watched, dirty } = this.cell(key);
    const bit = 1 << client;
    if ((dirty & bit) !== 0) return; // watched twice: the first time counts
    this.#store(key, makeCell(value, mayMs, mustMs, watched | bit, dirty));
  }

  unwatch(key: KeyId, clients: number): void {
    this.#store(key, unwatched(this.cell(key), clients));
  }

  isDirty(key: KeyId, client: number): boolean {
    return (this.cell(key).dirty & (1 << client)) !== 0;
  }

  /** All keys with a value, of one database or of all. */
  keys(db?: number): KeyId[] {
    const found: KeyId[] = [];
    for (const [key, cell] of this.#next ?? this.#base) {
      if (cell.value !== undefined && (db === undefined || dbOf(key) === db)) found.push(key);
    }
    return found;
  }

  /** Exchanges two databases. Watchers stay with the place; they notice unless nothing was there and nothing comes. */
  swap(a: number, b: number): void {
    if (a === b) return;
    const names = new Set(
      [...(this.#next ?? this.#base).keys()].filter((k) => dbOf(k) === a || dbOf(k) === b).map(nameOf),
    );
    for (const name of names) {
      const left = keyId(a, name);
      const right = keyId(b, name);
      const inLeft = this.cell(left);
      const inRight = this.cell(right);
      if (inLeft.value === undefined && inRight.value === undefined) continue;
      this.replace(left, inRight.value, inRight.mayMs, inRight.mustMs);
      this.replace(right, inLeft.value, inLeft.mayMs, inLeft.mustMs);
      for (const key of [left, right]) if (this.list(key) !== undefined) this.ready.push(key);
    }
  }

  #store(key: KeyId, cell: Cell): void {
    this.#next ??= new Map(this.#base);
    if (cell === EMPTY) this.#next.delete(key);
    else this.#next.set(key, cell);
  }
}
