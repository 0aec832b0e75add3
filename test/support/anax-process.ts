// Anax as tests run it: the built command line as a child process, on a free port or a Unix socket, in a directory of
// its own, stopped and checked for crashes at the end.
//
// The same suites run against any server that understands Redis's options: the environment variable ANAX_TEST_COMMAND
// names another command to start instead (`ANAX_TEST_COMMAND=redis-server npx vitest run test/conformance`); it gets the
// options of each test, without --threads and --io.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import {
  describeExit,
  killAllServers,
  ServerProcess,
  type Address,
  type ExitStatus,
  type StartOptions,
} from '../../bench/macro/server-process.js';

export { connectTo, freePort, type Address, type ExitStatus } from '../../bench/macro/server-process.js';

// The runner ends its processes by signal: what a failed test left running is ended here, after the file's own hooks.
afterAll(killAllServers);

/** How the threads are laid out. */
export interface Wiring {
  readonly name: string;
  readonly threads: number;
  readonly io: 'cores' | 'main';
}

/** Every wiring that must behave alike. Three threads: shards that are neither all nor one. */
export const WIRINGS: readonly Wiring[] = [
  { name: '1 thread', threads: 1, io: 'cores' },
  { name: '3 threads, io cores', threads: 3, io: 'cores' },
  { name: '3 threads, io main', threads: 3, io: 'main' },
];

/** The command under test when it is not Anax. */
const OTHER_COMMAND = process.env['ANAX_TEST_COMMAND']?.split(' ');
const CLI = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli', 'main.js');
/** What starts Anax as it was built; the benchmark's placeholders are for the wiring. */
export const BUILT_ANAX_COMMAND = [process.execPath, CLI, '--threads', '{threads}', '--io', '{io}'] as const;

/** False when ANAX_TEST_COMMAND puts another server in Anax's place: exit codes and log lines are Anax's own. */
export const TESTING_ANAX: boolean = OTHER_COMMAND === undefined;

export interface AnaxOptions {
  readonly wiring?: Wiring;
  /** A configuration file, before all options. */
  readonly configFile?: string;
  /** Options behind the ones every test has, e.g. `['--maxclients', '10']`. */
  readonly args?: readonly string[];
  /** Listen on a Unix socket in the directory instead of TCP. */
  readonly unixSocket?: boolean;
  readonly port?: number;
  /** The password of `requirepass` in `args`, for the first PING. */
  readonly password?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class AnaxProcess {
  /** The server's working directory, removed by `stop`. */
  readonly directory: string;
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess, directory: string) {
    this.#server = server;
    this.directory = directory;
  }

  /** Starts a server and waits until it answers. */
  static async start(options: AnaxOptions = {}): Promise<AnaxProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'anax-test-'));
    try {
      return new AnaxProcess(await ServerProcess.start(startOptions(options, directory)), directory);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }

  get address(): Address {
    return this.#server.address;
  }

  get port(): number {
    return this.#server.port;
  }

  get pid(): number {
    return this.#server.pid;
  }

  /** The end of stdout and stderr. */
  get output(): string {
    return this.#server.output;
  }

  /** Settles when the process ends. */
  get exit(): Promise<ExitStatus> {
    return this.#server.exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#server.signal(signal);
  }

  /** Throws when the server has ended by itself. */
  assertAlive(): void {
    const status = this.#server.exited;
    if (status !== undefined) throw new Error(`the server ended (${describeExit(status)}):\n${this.output}`);
  }

  /** SIGTERM and clean up. Throws when the server had ended before, or does not end with exit code 0. */
  async stop(): Promise<void> {
    const early = this.#server.exited;
    const status = await this.#server.stop();
    rmSync(this.directory, { recursive: true, force: true });
    if (early !== undefined || status.code !== 0) {
      const when = early === undefined ? 'at SIGTERM' : 'before it was asked to';
      throw new Error(`the server ended ${when} with ${describeExit(status)}:\n${this.output}`);
    }
  }

  /** Ends it without a look at how: for tests that have checked the end themselves. */
  async kill(): Promise<void> {
    await this.#server.stop('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Starts a server, hands it to `use`, and stops it; what `use` throws comes before what `stop` throws. */
export async function withAnax<T>(options: AnaxOptions, use: (anax: AnaxProcess) => Promise<T>): Promise<T> {
  const anax = await AnaxProcess.start(options);
  let result: T;
  try {
    result = await use(anax);
  } catch (error) {
    const output = anax.output;
    await anax.kill();
    throw error instanceof Error ? addOutput(error, output) : error;
  }
  await anax.stop();
  return result;
}

/** Runs the command line until it ends by itself: for start-ups that are meant to fail. */
export async function runToEnd(args: readonly string[]): Promise<{ status: ExitStatus; output: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'anax-test-'));
  const server = await ServerProcess.launch({ command: [...baseCommand(), ...args], cwd: directory, port: 0 });
  const killer = setTimeout(() => {
    server.signal('SIGKILL');
  }, 20_000);
  const status = await server.exit;
  clearTimeout(killer);
  rmSync(directory, { recursive: true, force: true });
  return { status, output: server.output };
}

/** The options of a wiring; none for another server. */
export function layoutOf(wiring: Wiring): readonly string[] {
  return TESTING_ANAX ? ['--threads', String(wiring.threads), '--io', wiring.io] : [];
}

function baseCommand(): readonly string[] {
  return OTHER_COMMAND ?? [process.execPath, CLI];
}

function startOptions(options: AnaxOptions, directory: string): StartOptions {
  const wiring = options.wiring ?? WIRINGS[0];
  const socket = join(directory, 'anax.sock');
  const file = options.configFile === undefined ? [] : [options.configFile];
  const where = options.unixSocket === true ? ['--port', '0', '--unixsocket', socket] : ['--port', '{port}'];
  const plain = ['--save', '', '--appendonly', 'no', '--dir', directory];
  return {
    command: [...baseCommand(), ...file, ...where, ...layoutOf(wiring), ...plain, ...(options.args ?? [])],
    cwd: directory,
    ...(options.unixSocket === true ? { unixSocket: socket } : {}),
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.env === undefined ? {} : { env: options.env }),
  };
}

function addOutput(error: Error, output: string): Error {
  if (output !== '') error.message += `\nserver output:\n${output.slice(-4000)}`;
  return error;
}
