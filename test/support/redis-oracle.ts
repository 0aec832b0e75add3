// A live redis-server of a test's own, for comparing replies byte by byte. It listens on a Unix socket in a temporary
// folder (no port can be taken by somebody else), keeps nothing on disk and dies with `close`.
//
//   describe.runIf(RedisOracle.available)('against redis-server', ...)

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endOfReply } from '../../src/protocol/reply-scanner.js';
import { encodeRequest, type Request } from './requests.js';

const START_MS_MAX = 10_000;

interface Waiter {
  resolve(reply: Buffer): void;
  reject(reason: Error): void;
}

function installedVersion(): string | undefined {
  const found = spawnSync('redis-server', ['--version'], { encoding: 'latin1' });
  if (found.error !== undefined || found.status !== 0) return undefined;
  return /v=(\d+\.\d+\.\d+)/.exec(found.stdout)?.[1];
}

export class RedisOracle {
  /** Version of the installed redis-server (`7.0.15`), undefined where there is none. */
  static readonly version: string | undefined = installedVersion();
  static readonly available: boolean = RedisOracle.version !== undefined;

  readonly #process: ChildProcess;
  readonly #socket: Socket;
  readonly #folder: string;
  readonly #waiters: Waiter[] = [];
  #received: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(process: ChildProcess, socket: Socket, folder: string) {
    this.#process = process;
    this.#socket = socket;
    this.#folder = folder;
    socket.on('data', (chunk: Buffer) => {
      this.#receive(chunk);
    });
    socket.on('error', (error) => {
      this.#fail(error);
    });
    socket.on('close', () => {
      this.#fail(new Error('redis-server closed the connection'));
    });
  }

  /** True when the installed redis-server is at least `major.minor`. */
  static atLeast(major: number, minor: number): boolean {
    const [a, b] = (RedisOracle.version ?? '0.0').split('.').map(Number);
    return a > major || (a === major && b >= minor);
  }

  /** Starts a server with further `options` (`--hash-max-listpack-entries 4` as separate words) and connects. */
  static async start(options: readonly string[] = []): Promise<RedisOracle> {
    const folder = mkdtempSync(join(tmpdir(), 'anax-oracle-'));
    const path = join(folder, 'redis.sock');
    const words = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no', '--dir', folder];
    const child = spawn('redis-server', [...words, '--loglevel', 'warning', ...options], { stdio: 'ignore' });
    for (let waited = 0; ; waited += 20) {
      const socket = await connect(path);
      if (socket !== undefined) return new RedisOracle(child, socket, folder);
      if (waited > START_MS_MAX || child.exitCode !== null) {
        child.kill('SIGKILL');
        throw new Error('redis-server did not start');
      }
      await sleep(20);
    }
  }

  /** Sends one request; the reply as raw RESP. */
  async run(request: Request): Promise<Buffer> {
    const [reply] = await this.runAll([request]);
    return reply;
  }

  /** Sends the requests as one pipeline; their replies in order. */
  async runAll(requests: readonly Request[]): Promise<Buffer[]> {
    if (this.#failure !== undefined) throw this.#failure;
    const replies = requests.map(
      () =>
        new Promise<Buffer>((resolve, reject) => {
          this.#waiters.push({ resolve, reject });
        }),
    );
    this.#socket.write(Buffer.concat(requests.map(encodeRequest)));
    return Promise.all(replies);
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#socket.destroy();
    this.#process.kill('SIGKILL');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #receive(chunk: Buffer): void {
    const bytes = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const end = endOfReply(bytes, at, bytes.length);
      if (end < 0) break;
      this.#waiters.shift()?.resolve(bytes.subarray(at, end));
      at = end;
    }
    this.#received = bytes.subarray(at);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }
}

/** A connection to the socket at `path`; undefined while nobody listens. */
function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.once('error', () => {
      resolve(undefined);
    });
  });
}
