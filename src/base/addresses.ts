// Peer addresses as CLIENT LIST prints them.

/** True for a peer on this host: a loopback address, or a Unix socket, whose port reads 0. */
export function isLocalAddress(address: string): boolean {
  return (
    address.startsWith('127.') ||
    address.startsWith('[::1]:') ||
    address.startsWith('[::ffff:127.') ||
    address.endsWith(':0')
  );
}
