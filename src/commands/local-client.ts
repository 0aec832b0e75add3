// Whether a client is on this host, for options that say `local`.

import type { Client } from '../contract/client.js';

/** True for loopback addresses and for Unix sockets, whose port reads 0. */
export function isLocalClient({ address }: Client): boolean {
  return (
    address.startsWith('127.') ||
    address.startsWith('[::1]:') ||
    address.startsWith('[::ffff:127.') ||
    address.endsWith(':0')
  );
}
