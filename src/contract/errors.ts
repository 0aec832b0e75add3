// The error catalogue: every error text that a client can see and more than one command gives, word for word as Redis.
// A text that belongs to one command stands beside that command.

export const ERRORS = {
  syntax: 'ERR syntax error',
  notInteger: 'ERR value is not an integer or out of range',
  notFloat: 'ERR value is not a valid float',
  outOfRange: 'ERR value is out of range',
  wrongType: 'WRONGTYPE Operation against a key holding the wrong kind of value',
  noSuchKey: 'ERR no such key',
  stringTooLong: 'ERR string exceeds maximum allowed size (proto-max-bulk-len)',
  overflow: 'ERR increment or decrement would overflow',
  offset: 'ERR offset is out of range',
  noAuth: 'NOAUTH Authentication required.',
  dbOutOfRange: 'ERR DB index is out of range',
  /** Anax's own: Redis has no such limit and runs out of memory instead. */
  replyTooLong: 'ERR the reply is longer than 2 GiB',
  invalidCursor: 'ERR invalid cursor',
} as const;

/** `ERR wrong number of arguments for 'name' command`; `name` in lower case, `container|sub` for a subcommand. */
export function wrongArity(name: string): string {
  return `ERR wrong number of arguments for '${name}' command`;
}

/** `ERR invalid expire time in 'name' command`. */
export function invalidExpire(name: string): string {
  return `ERR invalid expire time in '${name}' command`;
}
