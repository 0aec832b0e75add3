// How one core answers the questions of the control bus.

import { getHeapStatistics } from 'node:v8';
import { describeObject, digestKeys, digestValues, shardMemory } from '../commands/shard-answers.js';
import type { Config } from '../config/config.js';
import { matchesFilter, type ControlAnswers, type ControlRequest } from '../contract/control.js';
import type { CoreMemory } from '../contract/shard-questions.js';
import { sleepMs } from '../fabric/sleep.js';
import type { CommandCounters } from '../observability/command-counters.js';
import type { Shard } from '../shard/shard.js';
import type { Front } from './front.js';

/** The parts of a core that a question may concern. */
export interface ControlSubject {
  readonly front: Front | undefined;
  readonly shard: Shard | undefined;
  readonly config: Config;
  readonly counters: CommandCounters;
  readonly nowMs: number;
}

export function answerControl(request: ControlRequest, subject: ControlSubject): ControlAnswers[keyof ControlAnswers] {
  const { front, shard, config, counters, nowMs } = subject;
  switch (request.topic) {
    case 'memory':
      return coreMemory(subject);
    case 'debug-sleep':
      if (shard !== undefined) sleepMs(request.ms); // the main thread must stay open to signals
      return true;
    case 'debug-object':
      return shard === undefined ? '' : describeObject(shard, request.db, request.key);
    case 'debug-digest':
      return shard === undefined ? [] : digestKeys(shard);
    case 'debug-digest-value':
      return shard === undefined ? request.keys.map(() => undefined) : digestValues(shard, request.db, request.keys);
    case 'client-list':
      return matching(front, request.filter, nowMs).map((session) => ({ id: session.id, line: session.describe() }));
    case 'client-kill': {
      const doomed = matching(front, request.filter, nowMs);
      for (const session of doomed) front?.kill(session);
      return doomed.length;
    }
    case 'client-pause':
      front?.pause.start(request.mode, request.untilMs, nowMs);
      return true;
    case 'client-unpause':
      front?.pause.end();
      return true;
    case 'client-unblock':
      return front?.unblock(request.id, request.withError) ?? false;
    case 'config-set':
      config.adopt(request.pairs);
      shard?.adopt(config.live.bulkBytesMax, config.live.lfu);
      return '';
    case 'reset-stats':
      counters.reset();
      return true;
    case 'set-active-expire':
      if (shard !== undefined) shard.activeExpire = request.on;
      return true;
  }
}

function matching(front: Front | undefined, filter: Parameters<typeof matchesFilter>[0], nowMs: number) {
  return [...(front?.sessions.values() ?? [])].filter(
    (session) => !session.gone && matchesFilter(filter, session, nowMs),
  );
}

/** What the process and this thread had taken when the core was built. */
const startup = { residentBytes: process.memoryUsage.rss(), heapBytes: getHeapStatistics().used_heap_size };

/** What a core without a shard holds. */
const NOTHING_HELD: ReturnType<typeof shardMemory> = { usedBytes: 0, peakBytes: 0, committedBytes: 0, databases: [] };

function coreMemory({ front, shard }: ControlSubject): CoreMemory {
  const buffers = front?.bufferBytes();
  const held = shard === undefined ? NOTHING_HELD : shardMemory(shard);
  return {
    residentBytes: process.memoryUsage.rss(),
    startupResidentBytes: startup.residentBytes,
    heapBytes: getHeapStatistics().used_heap_size,
    startupHeapBytes: startup.heapBytes,
    clients: front?.sessions.size ?? 0,
    clientBytes: (buffers?.input ?? 0) + (buffers?.output ?? 0),
    ...held,
  };
}
