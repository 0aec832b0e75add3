// The reply of one command, written as RESP at once by whoever runs it. The one implementation is
// protocol/resp-encoder.ts; commands know this interface only.
//
// Every call appends one RESP value (or the head of an aggregate, whose elements the caller appends next). In RESP2 the
// RESP3 types take their RESP2 form: map -> flat array, set and push -> array, double -> bulk, boolean -> 0/1, nil by kind.

export interface Reply {
  /** RESP version of the client that will read this. */
  protocol: 2 | 3;

  /** `+OK` */
  ok(): void;
  /** `+text`; `text` is ASCII without line breaks. */
  simple(text: string): void;
  /**
   * `-message`; `message` starts with its code ("ERR ..."), one character per byte. Line breaks in it become spaces, those
   * at its end go, as Redis does.
   */
  error(message: string): void;

  /** `:value`, a safe integer. */
  integer(value: number): void;
  /** `:value`, any int64. */
  bigInteger(value: bigint): void;
  /** A RESP3 double, in RESP2 a bulk: shortest form that reads back the same; inf, -inf, nan. */
  double(value: number): void;
  /** The same in a spelling of its own, ASCII. */
  doubleText(text: string): void;
  boolean(value: boolean): void;

  /** The absent bulk: `$-1`, in RESP3 `_`. */
  nil(): void;
  /** The absent array: `*-1`, in RESP3 `_`. */
  nilArray(): void;

  /**
   * A bulk string: a copy of `bytes[start, end)`. `data` is the memory of `bytes` at the same offsets: a short span is then
   * copied by words, in half the time.
   */
  bulk(bytes: Uint8Array, start: number, end: number, data?: DataView): void;
  /** A bulk string of the UTF-8 bytes of `text`. */
  bulkText(text: string): void;
  /** A bulk string of an integer's decimal digits. */
  bulkInteger(value: number): void;
  /** A verbatim text (`=len txt:...`), in RESP2 a bulk string. */
  verbatim(text: string): void;
  /**
   * The head of a bulk of `length` bytes, whose content the caller writes to `bytes` at the returned offset before any
   * other call (the CRLF behind it is in place).
   */
  bulkSpace(length: number): number;
  /** The buffer behind `bulkSpace`; ask again after every call. */
  readonly bytes: Uint8Array;

  array(length: number): void;
  /** `pairs` keys and values follow. */
  map(pairs: number): void;
  set(length: number): void;
  push(length: number): void;

  /** The place where the next value will stand: for aggregates whose length is known only at the end. */
  mark(): number;
  /** Puts an array head before everything written since `mark`. */
  wrapArray(mark: number, length: number): void;
  wrapMap(mark: number, pairs: number): void;
  wrapSet(mark: number, length: number): void;
  /** Takes back everything written since `mark` (an error found half-way). */
  rewind(mark: number): void;
}
