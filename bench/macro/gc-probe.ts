// Loaded by `--import` into every thread of the measured server (stalls scenario only): keeps the longest garbage
// collections of its thread and, when the benchmark asks for it, runs a few full collections and notes how long one took.
//
//   directory ANAX_BENCH_GC_DIR:   `go` appears (benchmark)  ->  gc-<thread>.json appears (each thread)
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { threadId } from 'node:worker_threads';
import { summarize } from './statistics.js';

const POLL_MS = 200;
/** One run may be scheduled badly. */
const COLLECTIONS = 5;
/** One thread after the other, so that they do not compete for the cores. */
const STAGGER_MS = 500;

/** What one thread reports, milliseconds. */
export interface GcReport {
  readonly thread: number;
  /** Longest young-generation, and longest full collection since the start, as V8 chose to run them. */
  readonly longestMinor: number;
  readonly longestMajor: number;
  /** Median of the full collections asked for at the end. */
  readonly full: number;
}

const directory = process.env['ANAX_BENCH_GC_DIR'];
if (directory !== undefined) probe(directory);

function probe(into: string): void {
  let longestMinor = 0;
  let longestMajor = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail?: { kind: number } };
      const kind = detail?.kind;
      if (kind === constants.NODE_PERFORMANCE_GC_MINOR) longestMinor = Math.max(longestMinor, entry.duration);
      else if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) longestMajor = Math.max(longestMajor, entry.duration);
    }
  });
  observer.observe({ entryTypes: ['gc'] });

  const timer = setInterval(() => {
    if (!existsSync(join(into, 'go'))) return;
    clearInterval(timer);
    observer.disconnect();
    setTimeout(collectAndReport, threadId * STAGGER_MS);
  }, POLL_MS);
  timer.unref();

  const collectAndReport = (): void => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const times = Array.from({ length: COLLECTIONS }, () => {
      const begun = performance.now();
      collect();
      return performance.now() - begun;
    });
    const full = summarize(times).median;
    const report: GcReport = { thread: threadId, longestMinor, longestMajor, full };
    const file = join(into, `gc-${threadId}.json`);
    writeFileSync(`${file}.part`, JSON.stringify(report));
    renameSync(`${file}.part`, file);
  };
}
