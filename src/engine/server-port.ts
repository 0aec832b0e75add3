// The server as commands beside the connection see it on one core: configuration, table, totals, INFO, and the ways to the
// other cores and to the main thread.

import type { Clock } from '../base/clock.js';
import type { Random } from '../base/prng.js';
import type { Config } from '../config/config.js';
import type { ConfigPort, ServerPort, ShutdownMode } from '../contract/client.js';
import type { CommandTable } from '../contract/command-table.js';
import type { ControlAnswers, ControlRequest } from '../contract/control.js';
import type { Topology } from '../contract/spec.js';
import type { CommandCounters } from '../observability/command-counters.js';
import { COUNTER_NAMES, COUNTERS, COUNTER_SLOTS, ERROR_CODES, type CounterName } from '../observability/counters.js';
import { infoText, type CoreStats, type InfoSource } from '../observability/info.js';
import { processFacts } from '../observability/process-facts.js';
import { RateMeter } from '../observability/rates.js';
import type { ControlEnd } from './control-bus.js';

export interface ServerPortOptions {
  /** Threads that own a shard come first among the rows of counters. */
  readonly shardCount: number;
  readonly memberCount: number;
  readonly runId: string;
  readonly replicationId: string;
  readonly startedAtMs: number;
  readonly config: Config;
  readonly table: CommandTable;
  readonly counters: CommandCounters;
  readonly bus: ControlEnd;
  readonly clock: Clock;
  readonly random: Random;
}

export class CoreServerPort implements ServerPort {
  readonly clock: Clock;
  readonly commands: CommandTable;
  readonly config: ConfigPort;
  readonly topology: Topology;
  readonly runId: string;
  readonly startedAtMs: number;
  readonly #options: ServerPortOptions;
  readonly #operations = new RateMeter();
  readonly #input = new RateMeter();
  readonly #output = new RateMeter();

  constructor(options: ServerPortOptions) {
    this.#options = options;
    const { config, counters, bus, random, shardCount } = options;
    this.clock = options.clock;
    this.commands = options.table;
    this.runId = options.runId;
    this.startedAtMs = options.startedAtMs;
    this.config = {
      get: (patterns) => config.get(patterns),
      value: (name) => config.text(name),
      set: (pairs, isLocal) => bus.askMain({ topic: 'config-set', pairs, isLocal }),
      rewrite: () => bus.askMain({ topic: 'config-rewrite' }),
    };
    this.topology = {
      shardCount,
      keyCount: (shard, db) => counters.rows.of(shard, counters.layout.db(db)),
      randomBelow: (bound) => random.below(bound),
    };
  }

  everyCore<T extends keyof ControlAnswers>(request: ControlRequest & { topic: T }): Promise<ControlAnswers[T][]> {
    return this.#options.bus.everyCore<T>(request);
  }

  info(sections: readonly string[]): string {
    return infoText(this.#infoSource(), sections);
  }

  total(counter: string): number {
    return (COUNTER_NAMES as readonly string[]).includes(counter) ? this.#total(counter as CounterName) : 0;
  }

  async shutdown(mode: ShutdownMode): Promise<string> {
    return (await this.#options.bus.askMain({ topic: 'shutdown', mode })) ?? '';
  }

  /** Takes readings for the rates of INFO; called ten times a second. */
  sample(): void {
    const nowMs = this.clock.nowMs();
    this.#operations.sample(nowMs, this.#total('commandsProcessed'));
    this.#input.sample(nowMs, this.#total('netInputBytes'));
    this.#output.sample(nowMs, this.#total('netOutputBytes'));
  }

  #total(name: CounterName): number {
    const { rows } = this.#options.counters;
    const slot = COUNTER_SLOTS[name];
    if (COUNTERS[name] !== 'peak') return rows.total(slot);
    let peak = 0;
    for (let member = 0; member < this.#options.memberCount; member++) peak = Math.max(peak, rows.of(member, slot));
    return peak;
  }

  #infoSource(): InfoSource {
    const { config, counters, runId, replicationId, startedAtMs } = this.#options;
    const { rows, layout } = counters;
    return {
      clock: this.clock,
      startedAtMs,
      runId,
      replicationId,
      configFile: config.file ?? '',
      databases: layout.databases,
      commands: this.commands,
      process: processFacts(),
      opsPerSecond: Math.round(this.#operations.perSecond()),
      inputBytesPerSecond: this.#input.perSecond(),
      outputBytesPerSecond: this.#output.perSecond(),
      option: (name) => config.text(name),
      total: (counter) => this.#total(counter),
      commandStats: (id) => {
        const slot = layout.command(id);
        return {
          calls: rows.total(slot),
          usec: Math.round(rows.total(slot + 1)),
          rejected: rows.total(slot + 2),
          failed: rows.total(slot + 3),
        };
      },
      latencies: () => undefined,
      errors: () => ERROR_CODES.map((code) => [code, rows.total(layout.error(code))] as const),
      dbStats: (db) => ({
        keys: rows.total(layout.db(db)),
        expires: rows.total(layout.db(db) + 1),
        averageTtlMs: 0,
        subexpiry: rows.total(layout.db(db) + 2),
      }),
      cores: () => this.#cores(),
    };
  }

  #cores(): CoreStats[] {
    const { memberCount, shardCount, counters } = this.#options;
    const { rows, layout } = counters;
    return Array.from({ length: memberCount }, (_, member) => {
      let keys = 0;
      for (let db = 0; db < layout.databases; db++) keys += rows.of(member, layout.db(db));
      return {
        connections: rows.of(member, COUNTER_SLOTS.connectedClients),
        shard: member < shardCount,
        keys,
        usedMemoryBytes: rows.of(member, COUNTER_SLOTS.usedMemoryBytes),
        commands: rows.of(member, COUNTER_SLOTS.commandsProcessed),
        remoteCommands: rows.of(member, COUNTER_SLOTS.remoteCommands),
        messages: rows.of(member, COUNTER_SLOTS.messages),
        wakeups: rows.of(member, COUNTER_SLOTS.wakeups),
      };
    });
  }
}
