// Sockets as the engine sees them: bytes in, bytes out. An implementation (net/node-net.ts; later a native one, TLS, the
// simulator's) knows nothing of RESP.

/** One accepted connection. All calls and events happen on the thread that accepted it. */
export interface Connection {
  /** `ip:port` (`[v6]:port` as Redis prints it), `path:0` on a Unix socket. */
  readonly remoteAddress: string;
  readonly localAddress: string;
  /** File descriptor where the platform tells, -1 otherwise (for CLIENT LIST only). */
  readonly fd: number;
  /** Bytes handed to `write` that the kernel has not taken yet. */
  readonly queuedBytes: number;

  /**
   * Sends `bytes[start, end)`. True: the kernel has taken them and the block may be reused at once. False: they are
   * queued, and the block must not change until `onDrained`.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean;
  /** No more `onData` until `resume`. */
  pause(): void;
  resume(): void;
  /** Closes when everything written has left; nothing is read any more. */
  close(): void;
  /** Closes now; queued bytes are lost. */
  destroy(): void;
}

/** What a connection tells its owner. */
export interface ConnectionHandler {
  /** `bytes[0, length)` arrived; the buffer is the transport's own and changes after the call. */
  onData(bytes: Uint8Array, length: number): void;
  /** The peer will send no more, but may still read. */
  onEnd(): void;
  /** Everything queued has left. */
  onDrained(): void;
  /** The connection is gone, whoever ended it. Called exactly once, last. */
  onClose(): void;
}

/** Takes a new connection; undefined refuses it (it is destroyed). */
export type ConnectionAcceptor = (connection: Connection) => ConnectionHandler | undefined;

/** A place to listen on: an address and port, a Unix socket, or a descriptor that another thread opened. */
export type ListenAddress =
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly backlog: number;
      readonly optional: boolean;
    }
  | { readonly kind: 'unix'; readonly path: string; readonly backlog: number; readonly mode: number }
  | { readonly kind: 'descriptor'; readonly fd: number };

/** Options of accepted sockets. */
export interface SocketOptions {
  /** Seconds between keep-alive probes; 0 switches them off. */
  keepAliveS: number;
}

/** The listening side of one thread. */
export interface Listener {
  /**
   * Listens on `address` and resolves to the listening descriptor (for the other threads), or to undefined when an
   * optional address, or a protocol, is not to be had on this machine.
   * @throws FatalError (EXIT.listen) when the address cannot be had.
   */
  listen(address: ListenAddress, unixPath?: string): Promise<number | undefined>;
  /** Refuses new connections from now on (the process is about to end). */
  stop(): void;
}
