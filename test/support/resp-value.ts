// A RESP reply as plain JavaScript values, for tests that look inside: arrays, sets, pushes and RESP2 maps become arrays,
// RESP3 maps become arrays of keys and values, bulks and simple strings become strings of one character per byte.

export type RespValue = string | number | boolean | null | RespValue[];

/** The value of the one reply in `bytes`. Error replies throw. */
export function respValue(bytes: Buffer): RespValue {
  const reader = new Reader(bytes.toString('latin1'));
  return reader.value();
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): RespValue {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return rest;
      case '-':
        throw new Error(rest);
      case ':':
      case ',':
        return Number(rest);
      case '#':
        return rest === 't';
      case '_':
        return null;
      case '$':
        return rest === '-1' ? null : this.#bulk(Number(rest));
      case '=':
        return this.#bulk(Number(rest)).slice(4);
      case '%':
        return this.#list(Number(rest) * 2);
      case '*':
      case '~':
      case '>':
        return rest === '-1' ? null : this.#list(Number(rest));
      default:
        throw new Error(`no RESP: ${line}`);
    }
  }

  #line(): string {
    const end = this.#text.indexOf('\r\n', this.#at);
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 2;
    return line;
  }

  #bulk(length: number): string {
    const text = this.#text.slice(this.#at, this.#at + length);
    this.#at += length + 2;
    return text;
  }

  #list(length: number): RespValue[] {
    const list: RespValue[] = [];
    for (let i = 0; i < length; i++) list.push(this.value());
    return list;
  }
}

/** The pairs of a map as an object. */
export function respMap(value: RespValue): Partial<Record<string, RespValue>> {
  const map: Partial<Record<string, RespValue>> = {};
  if (!Array.isArray(value)) throw new Error('a map is a list of keys and values');
  for (let i = 0; i < value.length; i += 2) map[String(value[i])] = value[i + 1];
  return map;
}
