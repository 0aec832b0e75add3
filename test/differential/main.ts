// `npm run differential -- [--family list] [--requests 1000000] [--seed 1] [--record]`
//
// Drives a live redis-server and Anax, on one thread and on three, with the same random requests, and compares everything
// that they say. A difference is printed with the requests that led to it; the exit code is 1 then. `--record` appends the
// counts to bench/results/differential.jsonl.

import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killAllServers } from '../../bench/macro/server-process.js';
import { FAMILIES, nameOf, type Family } from './families.js';
import { openServers } from './servers.js';
import { compareServers, Difference } from './run.js';

const PROGRESS_MS = 2000;
/** dist/test/differential at run time. */
const RESULTS = join(import.meta.dirname, '../../../bench/results/differential.jsonl');

const { values } = parseArgs({
  options: {
    family: { type: 'string', default: 'all' },
    requests: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

function familiesOf(name: string): readonly Family[] {
  const found = FAMILIES.filter((family) => name === 'all' || nameOf(family) === name);
  if (found.length > 0) return found;
  console.error(`no such family: ${name}\nfamilies: all ${FAMILIES.map(nameOf).join(' ')}`);
  process.exit(2);
}

async function main(): Promise<number> {
  const servers = await openServers();
  if (servers === undefined) {
    console.error('there is no redis-server to compare with');
    return 2;
  }
  const seed = Number(values.seed);
  for (const family of familiesOf(values.family)) {
    const name = nameOf(family);
    const options = { ...servers, family, seed, requests: Number(values.requests), onProgress: progressPrinter(name) };
    try {
      const requests = await compareServers(options);
      console.log(`${name}: ${requests} requests, no difference`);
      if (values.record)
        record({ family: name, seed, requests, servers: servers.subjects.map((subject) => subject.name) });
    } catch (error) {
      if (!(error instanceof Difference)) throw error;
      console.error(`${name}, seed ${seed}:\n${error.message}`);
      return 1;
    }
  }
  return 0;
}

function record(counts: object): void {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' }).trim();
  const line = { scenario: 'differential', date: new Date().toISOString(), commit, differences: 0, ...counts };
  appendFileSync(RESULTS, `${JSON.stringify(line)}\n`);
}

function progressPrinter(name: string): (requests: number) => void {
  let lastMs = performance.now();
  return (requests) => {
    if (performance.now() - lastMs < PROGRESS_MS) return;
    lastMs = performance.now();
    console.log(`  ... ${name}: ${requests}`);
  };
}

try {
  process.exitCode = await main();
} finally {
  killAllServers();
}
