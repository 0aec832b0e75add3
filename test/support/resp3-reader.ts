// A plain reader of RESP2 and RESP3 replies for tests: every value keeps its type, so that a test can tell a set from an
// array and a double from a bulk. Not fast, not clever.

export type RespValue =
  | { readonly type: 'simple' | 'error' | 'bulk' | 'bulk-error'; readonly text: string }
  | { readonly type: 'verbatim'; readonly format: string; readonly text: string }
  | { readonly type: 'integer' | 'big-number'; readonly value: bigint }
  /** `text` is the spelling on the wire. */
  | { readonly type: 'double'; readonly value: number; readonly text: string }
  | { readonly type: 'boolean'; readonly value: boolean }
  /** `$-1`, `*-1` or `_`. */
  | { readonly type: 'null'; readonly as: '$' | '*' | '_' }
  | { readonly type: 'array' | 'set' | 'push'; readonly items: readonly RespValue[] }
  | { readonly type: 'map'; readonly pairs: readonly (readonly [RespValue, RespValue])[] };

/** Plain JavaScript for comparing: strings, numbers, null, arrays, Maps, Sets; errors as Error. Integers beyond 2^53 stay bigint. */
export type PlainValue =
  string | number | bigint | boolean | null | Error | PlainValue[] | Map<PlainValue, PlainValue> | Set<PlainValue>;

/** The bytes end before the value does. */
class Incomplete extends Error {}

/**
 * Collects bytes as they arrive and gives the values that are complete. Texts are one character per byte (latin1), so
 * that binary values compare exactly; `utf8()` converts.
 */
export class RespReader {
  #buffer = Buffer.alloc(0);
  #at = 0;

  /** Appends bytes and returns the values that they complete. Throws on what is no RESP. */
  push(chunk: Uint8Array): RespValue[] {
    this.#buffer = Buffer.concat([this.#buffer.subarray(this.#at), chunk]);
    this.#at = 0;
    const values: RespValue[] = [];
    for (;;) {
      const begin = this.#at;
      try {
        values.push(this.#value());
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
        this.#at = begin;
        return values;
      }
    }
  }

  /** Bytes of a value that is not complete yet. */
  get pendingBytes(): number {
    return this.#buffer.length - this.#at;
  }

  #line(): string {
    const end = this.#buffer.indexOf('\r\n', this.#at);
    if (end < 0) throw new Incomplete();
    const line = this.#buffer.toString('latin1', this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #content(length: number): string {
    const end = this.#at + length;
    if (end + 2 > this.#buffer.length) throw new Incomplete();
    if (this.#buffer[end] !== 0x0d || this.#buffer[end + 1] !== 0x0a) throw new Error('no CRLF behind a bulk');
    const text = this.#buffer.toString('latin1', this.#at, end);
    this.#at = end + 2;
    return text;
  }

  #items(count: number): RespValue[] {
    return Array.from({ length: count }, () => this.#value());
  }

  #value(): RespValue {
    const line = this.#line();
    const type = line[0];
    const rest = line.slice(1);
    switch (type) {
      case '+':
        return { type: 'simple', text: rest };
      case '-':
        return { type: 'error', text: rest };
      case ':':
        return { type: 'integer', value: integerOf(rest) };
      case '(':
        return { type: 'big-number', value: integerOf(rest) };
      case ',':
        return { type: 'double', value: doubleOf(rest), text: rest };
      case '#':
        if (rest !== 't' && rest !== 'f') throw new Error(`boolean ${rest}`);
        return { type: 'boolean', value: rest === 't' };
      case '_':
        if (rest !== '') throw new Error(`null ${rest}`);
        return { type: 'null', as: '_' };
      case '$':
        return rest === '-1' ? { type: 'null', as: '$' } : { type: 'bulk', text: this.#content(countOf(rest)) };
      case '!':
        return { type: 'bulk-error', text: this.#content(countOf(rest)) };
      case '=': {
        const text = this.#content(countOf(rest));
        if (text[3] !== ':') throw new Error('a verbatim text without its format');
        return { type: 'verbatim', format: text.slice(0, 3), text: text.slice(4) };
      }
      case '*':
        return rest === '-1' ? { type: 'null', as: '*' } : { type: 'array', items: this.#items(countOf(rest)) };
      case '~':
        return { type: 'set', items: this.#items(countOf(rest)) };
      case '>':
        return { type: 'push', items: this.#items(countOf(rest)) };
      case '%':
        return { type: 'map', pairs: Array.from({ length: countOf(rest) }, () => [this.#value(), this.#value()]) };
      case '|':
        // Attributes describe the value behind them; the tests have no use for them.
        this.#items(countOf(rest) * 2);
        return this.#value();
      default:
        throw new Error(`no RESP type: ${JSON.stringify(line)}`);
    }
  }
}

/** All values that `bytes` hold. Throws when the last is not complete. */
export function readReplies(bytes: Uint8Array): RespValue[] {
  const reader = new RespReader();
  const values = reader.push(bytes);
  if (reader.pendingBytes > 0) throw new Error(`${reader.pendingBytes} bytes of an incomplete reply`);
  return values;
}

/** The value without the distinctions of the wire. */
export function plain(value: RespValue): PlainValue {
  switch (value.type) {
    case 'simple':
    case 'bulk':
    case 'verbatim':
      return value.text;
    case 'error':
    case 'bulk-error':
      return new Error(value.text);
    case 'integer':
    case 'big-number': {
      const number = Number(value.value);
      return Number.isSafeInteger(number) ? number : value.value;
    }
    case 'double':
    case 'boolean':
      return value.value;
    case 'null':
      return null;
    case 'array':
    case 'push':
      return value.items.map(plain);
    case 'set':
      return new Set(value.items.map(plain));
    case 'map':
      return new Map(value.pairs.map(([key, item]) => [plain(key), plain(item)]));
  }
}

/** A text of one character per byte as the UTF-8 that it is. */
export function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}

function countOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`no length: ${text}`);
  return Number(text);
}

function integerOf(text: string): bigint {
  if (!/^-?\d+$/.test(text)) throw new Error(`no integer: ${text}`);
  return BigInt(text);
}

function doubleOf(text: string): number {
  if (text === 'inf') return Infinity;
  if (text === '-inf') return -Infinity;
  if (text === 'nan') return NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(text)) throw new Error(`no double: ${text}`);
  return Number(text);
}
