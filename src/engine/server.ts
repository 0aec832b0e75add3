// The main thread: starts the cores, lets them listen, passes control questions on, and ends everything in order.
// It owns no data; in `--io main` it hosts one core that has a front and no shard.

import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { EXIT, FatalError } from '../base/fatal.js';
import { ANAX_VERSION } from '../base/version.js';
import type { Config } from '../config/config.js';
import { ALL_COMMANDS } from '../commands/index.js';
import { systemErrorText, systemHost } from '../config/host.js';
import type { Option } from '../config/option.js';
import { findOption, OPTIONS } from '../config/options.js';
import { rewriteConfigFile } from '../config/rewrite.js';
import { resolvePlacement, type Placement } from '../config/placement.js';
import { createAcceptBalance } from '../fabric/accept-balance.js';
import { createClientWords } from '../fabric/client-words.js';
import { createCounters } from '../fabric/counters.js';
import { createLockStripes } from '../fabric/lock-stripes.js';
import { createMesh } from '../fabric/mesh.js';
import { createSharedSequence } from '../fabric/shared-sequence.js';
import { createTxnWords } from '../fabric/txn-words.js';
import { CounterLayout } from '../observability/counters.js';
import type { Log, LogTarget } from '../observability/log.js';
import { openFilesMax } from '../observability/process-facts.js';
import type { ListenAddress } from '../net/transport.js';
import { clientsThatFit } from './client-limit.js';
import { buildCommandTable } from './command-table.js';
import { controlPort, ControlHub, type ControlPort, type MainRequest } from './control-bus.js';
import { Core } from './core.js';
import type { CoreData, FromCore, OpenListener, ToCore } from './core-messages.js';
import { systemEnvironment } from './environment.js';

/** How long connections get to take what is queued for them when the server stops. */
const STOP_PATIENCE_MS = 2000;
/** 20 bytes, 40 hex digits, as Redis names a run. */
const RUN_ID_BYTES = 20;

interface CoreHandle {
  readonly port: ControlPort;
  readonly hasFront: boolean;
  /** Ends the thread. */
  readonly terminate: () => void;
}

export class Server {
  readonly #config: Config;
  readonly #log: Log;
  readonly #logTarget: LogTarget;
  readonly #placement: Placement;
  readonly #onShutdown: () => void;
  readonly #hub = new ControlHub((request) => this.#onRequest(request));
  readonly #cores: CoreHandle[] = [];
  #stopping = false;

  /** @param onShutdown a client asks for the end of the server */
  constructor(config: Config, log: Log, logTarget: LogTarget, onShutdown: () => void) {
    this.#onShutdown = onShutdown;
    this.#config = config;
    this.#log = log;
    this.#logTarget = logTarget;
    this.#placement = resolvePlacement(config);
  }

  /**
   * Starts all threads and listens. Resolves when connections are accepted.
   * @throws FatalError when an address cannot be had, or the system allows too few open files
   */
  async start(): Promise<void> {
    const { threads, io } = this.#placement;
    this.#limitClients(threads);
    this.#applyOptions();
    const members = io === 'main' ? threads + 1 : threads;
    const commandCount = buildCommandTable(ALL_COMMANDS).all.length;
    const common = {
      shardCount: threads,
      hashSeed: randomInt(0x7fffffff),
      memberCount: members,
      runId: randomBytes(RUN_ID_BYTES).toString('hex'),
      replicationId: randomBytes(RUN_ID_BYTES).toString('hex'),
      startedAtMs: Date.now(),
      config: this.#config.snapshot(),
      log: this.#logTarget,
      shared: {
        mesh: createMesh(members),
        counters: createCounters(members, new CounterLayout(this.#config.number('databases'), commandCount).slots),
        balance: createAcceptBalance(io === 'main' ? 1 : threads),
        clientIds: createSharedSequence(),
        stripes: createLockStripes(),
        txnWords: createTxnWords(members),
        clientWords: createClientWords(members),
      },
    };
    const ready: Promise<unknown>[] = [];
    for (let index = 0; index < members; index++) {
      const hasShard = index < threads;
      const hasFront = io === 'cores' || !hasShard;
      const core = this.#startCore({ ...common, index, hasShard, hasFront });
      this.#cores.push(core);
      this.#hub.add(core.port);
      ready.push(this.#expect(core, 'ready'));
    }
    await Promise.all(ready);
    try {
      await this.#listen();
    } catch (error) {
      // A client of the first core may end the server while the others are still joining: their descriptor is gone then.
      if (!this.#stopping) throw error;
      return;
    }
    this.#log.info(
      `Anax ${ANAX_VERSION} is ready to accept connections: ${threads} ${threads === 1 ? 'core' : 'cores'}, io ${io}, pid ${process.pid}`,
    );
  }

  /** Stops accepting, lets queued replies leave, and ends all threads. */
  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    const stopped = this.#cores.map((core) => {
      const done = this.#expect(core, 'stopped');
      this.#tell(core, { kind: 'stop' });
      return done;
    });
    const patience = new Promise((resolve) => setTimeout(resolve, STOP_PATIENCE_MS).unref());
    await Promise.race([Promise.all(stopped), patience]);
    for (const core of this.#cores) core.terminate();
  }

  /** Lowers `maxclients` to what there are descriptors for, and keeps it there. */
  #limitClients(threads: number): void {
    const config = this.#config;
    const most = clientsThatFit(openFilesMax(), threads);
    const asked = config.number('maxclients');
    if (asked > most) {
      this.#log.warn(`maxclients ${asked}: lowered to ${most}, for which there are open files (see 'ulimit -n')`);
      config.adopt([['maxclients', String(most)]]);
    }
    config.onApply('maxclients', (value) =>
      typeof value === 'number' && value > most
        ? `The operating system is not able to handle the specified number of clients, try with ${most}`
        : undefined,
    );
  }

  /** What CONFIG SET does on this thread before a value counts. */
  #applyOptions(): void {
    const config = this.#config;
    for (const { name, atStartOnly } of OPTIONS) {
      // Closing a descriptor that several threads listen on could close a client's that has just taken its number.
      if (atStartOnly === true)
        config.onApply(name, () => 'a running server keeps it: restart Anax with the other value');
    }
    config.onApply('dir', (_value, text) => {
      try {
        systemHost.changeDirectory(text);
      } catch (error) {
        return systemErrorText(error);
      }
      return undefined;
    });
  }

  // ------------------------------------------------------------------ threads

  #startCore(data: CoreData): CoreHandle {
    if (!data.hasShard) {
      const { port1, port2 } = new MessageChannel();
      new Core(data, systemEnvironment(data, controlPort(port2)));
      return { port: controlPort(port1), hasFront: data.hasFront, terminate: () => undefined };
    }
    const worker = new Worker(coreEntry(), { workerData: data, name: `core-${data.index}` });
    worker.on('error', (error) => {
      // A failed assertion of a core is a bug: nothing can be trusted any more.
      this.#log.fatal(
        `core ${data.index} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      process.exit(EXIT.bug);
    });
    return { port: controlPort(worker), hasFront: data.hasFront, terminate: () => void worker.terminate() };
  }

  /** What a core asks of this thread. */
  async #onRequest(request: MainRequest): Promise<string | undefined> {
    switch (request.topic) {
      case 'config-set': {
        const error = await this.#config.set(request.pairs, { isLocal: request.isLocal });
        if (error !== undefined) return error;
        for (const warning of this.#config.warnings(namedIn(request.pairs))) this.#log.warn(warning);
        const pairs = request.pairs.map(([name]) => [name, this.#config.text(name)] as const);
        await this.#hub.askAll({ topic: 'config-set', pairs });
        return undefined;
      }
      case 'config-rewrite':
        return rewriteConfigFile(this.#config);
      case 'shutdown':
        this.#onShutdown();
        return new Promise(() => undefined); // the client sees its connection close
    }
  }

  /** Resolves with the core's next message of `kind`; rejects when it reports a failure. */
  #expect<K extends FromCore['kind']>(core: CoreHandle, kind: K): Promise<FromCore & { kind: K }> {
    return new Promise((resolve, reject) => {
      core.port.onMessage((received) => {
        const message = received as FromCore;
        if (message.kind === kind) resolve(message as FromCore & { kind: K });
        else if (message.kind === 'failed') reject(new FatalError(message.message, message.exitCode));
      });
    });
  }

  #tell(core: CoreHandle, message: ToCore): void {
    core.port.send(message);
  }

  // ------------------------------------------------------------------ listening

  /** The first core with a front opens the descriptors, the others join them. */
  async #listen(): Promise<void> {
    const fronts = this.#cores.filter((core) => core.hasFront);
    const [first, ...others] = fronts;
    const addresses = this.#addresses();
    const opened = this.#expect(first, 'listening');
    this.#tell(first, { kind: 'listen', addresses });
    const listeners: readonly OpenListener[] = (await opened).listeners;
    if (listeners.length === 0 && addresses.length > 0) {
      throw new FatalError('none of the addresses to bind can be had on this machine', EXIT.listen);
    }
    const joined = others.map((core) => {
      const done = this.#expect(core, 'listening');
      this.#tell(core, { kind: 'join', listeners });
      return done;
    });
    await Promise.all(joined);
  }

  #addresses(): ListenAddress[] {
    const config = this.#config;
    const backlog = config.number('tcp-backlog');
    const port = config.number('port');
    const addresses: ListenAddress[] = [];
    if (port !== 0) {
      for (const word of config.words('bind')) {
        // A leading '-' marks an address that may be missing; '*' is every IPv4 address, '::*' every IPv6 one.
        const host = word.replace(/^-/, '').replace(/^\*$/, '0.0.0.0').replace('::*', '::');
        addresses.push({ kind: 'tcp', host, port, backlog, optional: word.startsWith('-') });
      }
    }
    const path = config.text('unixsocket');
    if (path !== '') addresses.push({ kind: 'unix', path, backlog, mode: config.number('unixsocketperm') });
    return addresses;
  }
}

/** The options that CONFIG SET named. */
function namedIn(pairs: readonly (readonly [name: string, value: string])[]): Option[] {
  return pairs.flatMap(([name]) => findOption(name) ?? []);
}

/** The worker's entry file: always built JavaScript, also when this module itself runs as TypeScript under a test runner. */
function coreEntry(): string {
  const built = fileURLToPath(new URL('../../workers/core.js', import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL('../../dist/workers/core.js', import.meta.url));
}
