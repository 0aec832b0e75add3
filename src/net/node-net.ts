// Connections over node:net.
//
// Reading: all sockets of a thread read into one shared buffer (`onread`), so that a request costs no Buffer. node:net
// offers `onread` only to sockets that the program makes itself, so an accepted socket's handle is moved to a new Socket;
// where a Node version has no movable handle, plain 'data' events do the same with one Buffer per read.
//
// Writing: `socket.write` hands the block to the kernel at once in the usual case; `writableLength === 0` afterwards says
// that the kernel has a copy of everything and the block is free again.
//
// Accepting on several threads: one thread opens the descriptors (`listen`), the others join them by number
// (`listen({ fd })`). Every descriptor is closed with the process, not by one of the threads.

import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, Socket, type Server, type SocketConstructorOpts } from 'node:net';
import { EXIT, FatalError } from '../base/fatal.js';
import type {
  Connection,
  ConnectionAcceptor,
  ConnectionHandler,
  ListenAddress,
  Listener,
  SocketOptions,
} from './transport.js';

/** Bytes of the read buffer that all connections of a thread share: what one read can bring. */
export const READ_BUFFER_BYTES = 64 * 1024;

interface HandleHolder {
  _handle: { readonly fd?: number } | null;
}

type ReadIntoOptions = SocketConstructorOpts & {
  handle: unknown;
  onread: { buffer: Uint8Array; callback: (length: number, buffer: Uint8Array) => boolean };
};

class NodeConnection implements Connection {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly fd: number;
  #socket: Socket;
  #handler: ConnectionHandler | undefined;
  #closed = false;
  #awaitingDrain = false;

  constructor(accepted: Socket, readBuffer: Uint8Array, unixPath: string) {
    const path = `${unixPath}:0`;
    this.remoteAddress = unixPath === '' ? endpoint(accepted.remoteAddress, accepted.remotePort) : path;
    this.localAddress = unixPath === '' ? endpoint(accepted.localAddress, accepted.localPort) : path;
    this.fd = (accepted as unknown as HandleHolder)._handle?.fd ?? -1;
    this.#socket = this.#adopt(accepted, readBuffer);
    this.#socket.on('error', () => undefined); // 'close' follows
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#handler?.onClose();
    });
    this.#socket.on('end', () => {
      this.#handler?.onEnd();
    });
  }

  start(handler: ConnectionHandler, options: SocketOptions): void {
    this.#handler = handler;
    this.#socket.setNoDelay(true);
    this.#socket.setKeepAlive(options.keepAliveS > 0, options.keepAliveS * 1000);
    this.#socket.resume();
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#closed) return true;
    const socket = this.#socket;
    socket.write(bytes.subarray(start, end));
    if (socket.writableLength === 0) return true;
    this.#tellWhenDrained();
    return false;
  }

  /** 'drain' is only emitted above the high-water mark; the callback of an empty write comes in every case. */
  #tellWhenDrained(): void {
    if (this.#awaitingDrain) return;
    this.#awaitingDrain = true;
    this.#socket.write(EMPTY, () => {
      this.#awaitingDrain = false;
      if (this.#closed) return;
      if (this.#socket.writableLength === 0) this.#handler?.onDrained();
      else this.#tellWhenDrained();
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  close(): void {
    this.#socket.pause();
    this.#socket.end(() => this.#socket.destroy());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Moves the accepted socket's handle to a Socket that reads into the shared buffer. */
  #adopt(accepted: Socket, readBuffer: Uint8Array): Socket {
    const holder = accepted as unknown as HandleHolder;
    const handle = holder._handle;
    const onBytes = (length: number, bytes: Uint8Array): void => this.#handler?.onData(bytes, length);
    if (handle === null || typeof handle !== 'object') {
      accepted.on('data', (chunk: Buffer) => {
        onBytes(chunk.length, chunk);
      });
      accepted.pause();
      return accepted;
    }
    holder._handle = null;
    accepted.destroy();
    const options: ReadIntoOptions = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: readBuffer,
        callback: (length, bytes) => {
          onBytes(length, bytes);
          return true;
        },
      },
    };
    const socket = new Socket(options);
    socket.pause();
    return socket;
  }
}

const EMPTY = new Uint8Array(0);

/** The listening side of one thread. */
export class NodeListener implements Listener {
  readonly #accept: ConnectionAcceptor;
  readonly #options: SocketOptions;
  readonly #readBuffer = new Uint8Array(READ_BUFFER_BYTES);
  readonly #servers: Server[] = [];

  constructor(accept: ConnectionAcceptor, options: SocketOptions) {
    this.#accept = accept;
    this.#options = options;
  }

  async listen(address: ListenAddress, unixPath = ''): Promise<number | undefined> {
    if (address.kind === 'unix') await removeOrphan(address.path);
    const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#take(socket, address.kind === 'unix' ? address.path : unixPath);
    });
    this.#servers.push(server);
    return await new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (address.kind === 'tcp' && isMissing(error, address.optional)) resolve(undefined);
        else reject(new FatalError(`cannot listen on ${describe(address)}: ${reason(error)}`, EXIT.listen));
      });
      server.listen(listenOptions(address), () => {
        if (address.kind === 'unix' && address.mode !== 0) chmodSync(address.path, address.mode);
        resolve((server as unknown as HandleHolder)._handle?.fd ?? -1);
      });
    });
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    this.#servers.length = 0;
  }

  #take(socket: Socket, unixPath: string): void {
    // A peer that hung up between connect and accept has no address any more.
    if (unixPath === '' && socket.remoteAddress === undefined) {
      socket.destroy();
      return;
    }
    const connection = new NodeConnection(socket, this.#readBuffer, unixPath);
    const handler = this.#accept(connection);
    if (handler === undefined) connection.close();
    else connection.start(handler, this.#options);
  }
}

/** Removes a Unix socket whose server was killed: it is there, and nobody listens on it. */
function removeOrphan(path: string): Promise<void> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => probe.destroy()); // somebody lives there: listening will say so
    probe.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
    });
    probe.on('close', () => {
      resolve();
    });
  });
}

function listenOptions(address: ListenAddress): object {
  switch (address.kind) {
    case 'tcp':
      return { host: address.host, port: address.port, backlog: address.backlog, exclusive: true, ipv6Only: true };
    case 'unix':
      return { path: address.path, backlog: address.backlog, exclusive: true };
    case 'descriptor':
      return { fd: address.fd };
  }
}

/** Redis's rule: a protocol that the system lacks is never an error, an address that it lacks is none when optional. */
function isMissing(error: NodeJS.ErrnoException, optional: boolean): boolean {
  if (error.code === 'EAFNOSUPPORT' || error.code === 'EPROTONOSUPPORT') return true;
  return optional && error.code === 'EADDRNOTAVAIL';
}

function describe(address: ListenAddress): string {
  switch (address.kind) {
    case 'tcp':
      return `${address.host === '' ? '*' : address.host}:${address.port}`;
    case 'unix':
      return address.path;
    case 'descriptor':
      return `descriptor ${address.fd}`;
  }
}

function reason(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the address is in use (is another server running there?)';
    case 'EACCES':
      return 'permission denied';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address';
    default:
      return error.message;
  }
}

function endpoint(address: string | undefined, port: number | undefined): string {
  const host = address ?? '?';
  return host.includes(':') ? `[${host}]:${port ?? 0}` : `${host}:${port ?? 0}`;
}
