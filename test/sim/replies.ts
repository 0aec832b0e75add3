// RESP2 replies as text of one character per byte, as the model gives them and the simulated clients read them.

export const OK = '+OK\r\n';
export const QUEUED = '+QUEUED\r\n';
export const NIL = '$-1\r\n';
export const NIL_ARRAY = '*-1\r\n';
export const WRONG_TYPE = '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n';
export const NOT_INTEGER = error('ERR value is not an integer or out of range');
export const SYNTAX = error('ERR syntax error');
export const NO_SUCH_KEY = error('ERR no such key');
export const DB_OUT_OF_RANGE = error('ERR DB index is out of range');

export function error(text: string): string {
  return `-${text}\r\n`;
}

export function wrongArity(name: string): string {
  return error(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
}

export function integer(value: number | bigint | boolean): string {
  return `:${Number(value) === value || typeof value === 'bigint' ? value : Number(value)}\r\n`;
}

export function bulk(value: string | undefined): string {
  return value === undefined ? NIL : `$${value.length}\r\n${value}\r\n`;
}

export function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

/** A request as a client sends it. */
export function encodeRequest(words: readonly string[]): string {
  return array(words.map(bulk));
}
