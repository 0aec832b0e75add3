// A server as a child process: started, known to answer, watched, ended. Used by the benchmark for every server alike,
// and by the integration tests.
//
//   spawn -> (PING answered) running -> stop: SIGTERM, after a grace period SIGKILL -> exited
//
// (1) A started child never outlives this process: the exit handler kills whatever still runs.
// (2) `exit` settles exactly once, with code or signal, however the child ends.
// (3) Of the output the last 256 KiB stay in memory; the rest goes.
import { spawn, type ChildProcess } from 'node:child_process';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const OUTPUT_CHARS_MAX = 256 * 1024;
const READY_POLL_MS = 20;
const PORT_ATTEMPTS = 4;
const PORT_FIRST = 15_000;
const PORT_COUNT = 16_000;

/** Where a server listens: TCP, or a Unix socket. */
export type Address = { readonly host: string; readonly port: number } | { readonly path: string };

export interface StartOptions {
  /** Program and arguments; `{port}` in an argument becomes the TCP port chosen. */
  readonly command: readonly string[];
  /** A Unix socket to wait on; without it a free TCP port is chosen on 127.0.0.1. */
  readonly unixSocket?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sent before PING where a password is set. */
  readonly password?: string;
  /** How long the server may take to answer. */
  readonly readyTimeoutMs?: number;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Kills every child that still runs, at once: for Ctrl-C and failures. */
export function killAllServers(): void {
  for (const child of running) child.kill('SIGKILL');
}

export class ServerProcess {
  readonly address: Address;
  readonly exit: Promise<ExitStatus>;
  /** Set once the child has ended. */
  exited: ExitStatus | undefined;
  readonly #child: ChildProcess;
  readonly #command: string;
  #output = '';

  private constructor(child: ChildProcess, address: Address, command: readonly string[]) {
    this.#child = child;
    this.address = address;
    this.#command = command.join(' ');
    running.add(child);
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.exit = new Promise((resolve) => {
      const settle = (status: ExitStatus): void => {
        running.delete(child);
        this.exited = status;
        resolve(status);
      };
      child.on('close', (code, signal) => {
        settle({ code, signal });
      });
      child.on('error', (error) => {
        this.#output += error.message;
        settle({ code: null, signal: null });
      });
    });
  }

  /**
   * Starts a server and resolves when it answers PING. Rejects with its output when it ends before that or does not
   * answer in time (20 s by default).
   */
  static async start(options: StartOptions): Promise<ServerProcess> {
    for (let attempt = 1; ; attempt++) {
      const server = await ServerProcess.launch(options);
      if (await server.#answers(options.readyTimeoutMs ?? 20_000, options.password)) return server;
      const chosenHere = options.unixSocket === undefined && options.port === undefined;
      // Between finding a free port and the server's bind another process may have taken it.
      if (chosenHere && attempt < PORT_ATTEMPTS && /EADDRINUSE|in use/i.test(server.output)) continue;
      const ended = server.exited === undefined ? 'does not answer' : `ended (${describeExit(server.exited)})`;
      await server.stop('SIGKILL');
      throw new Error(`server ${ended}: ${server.#command}\n${server.output}`);
    }
  }

  /** Starts without waiting for an answer: for start-ups that are meant to fail. */
  static async launch(options: StartOptions): Promise<ServerProcess> {
    const port = options.unixSocket === undefined ? (options.port ?? (await freePort())) : 0;
    const command = options.command.map((argument) => argument.replaceAll('{port}', String(port)));
    const child = spawn(command[0], command.slice(1), {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const address = options.unixSocket === undefined ? { host: '127.0.0.1', port } : { path: options.unixSocket };
    return new ServerProcess(child, address, command);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The TCP port; 0 on a Unix socket. */
  get port(): number {
    return 'port' in this.address ? this.address.port : 0;
  }

  /** The end of what the server wrote to stdout and stderr. */
  get output(): string {
    return this.#output;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the server to end (once it has, nothing happens), kills it after `graceMs`; resolves with how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM', graceMs = 10_000): Promise<ExitStatus> {
    if (this.exited !== undefined) return this.exited;
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    const status = await this.exit;
    clearTimeout(killer);
    return status;
  }

  async #answers(timeoutMs: number, password: string | undefined): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    while (this.exited === undefined && Date.now() < deadline) {
      if (await answersAs(this.pid, this.address, password)) return true;
      await sleep(READY_POLL_MS);
    }
    return false;
  }
}

/** `exit code 5`, `signal SIGKILL`, or `not started`. */
export function describeExit(status: ExitStatus): string {
  if (status.signal !== null) return `signal ${status.signal}`;
  return status.code === null ? 'not started' : `exit code ${status.code}`;
}

/** Connects a socket to `address`. */
export function connectTo(address: Address): Socket {
  const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
  socket.setNoDelay(true);
  return socket;
}

/**
 * A TCP port of 127.0.0.1 that is free at this moment. It lies below the ports that systems give to outgoing connections
 * (Linux: from 32768), of which a load test holds thousands.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORT_FIRST + Math.floor(Math.random() * PORT_COUNT);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => {
        resolve(false);
      });
      server.listen(port, '127.0.0.1', () => {
        resolve(true);
      });
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/**
 * True when the server says PONG and, where INFO tells, is process `pid`: between the choice of a port and the server's
 * bind, another server may have taken it.
 */
async function answersAs(pid: number, address: Address, password: string | undefined): Promise<boolean> {
  const request = `${password === undefined ? '' : `AUTH ${password}\r\n`}PING\r\nINFO server\r\nPING\r\n`;
  const isWhole = (text: string): boolean => text.split('+PONG\r\n').length > 2;
  const text = await new Promise<string>((resolve) => {
    const socket = connectTo(address);
    let received = '';
    socket.setTimeout(2000, () => socket.destroy());
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
      if (isWhole(received)) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      resolve(received);
    });
  });
  const answering = /process_id:(\d+)/.exec(text)?.[1];
  return isWhole(text) && (answering === undefined || Number(answering) === pid);
}
