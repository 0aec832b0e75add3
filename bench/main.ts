// `npm run bench`: measures Anax beside redis-server and records what it saw. See bench/README.md.
//
//   arguments -> scenarios -> (contestants in interleaved rounds, one load generator) -> table, JSON line, chart
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commands } from './macro/commands.js';
import { connections, idle } from './macro/connections.js';
import { generateLoad } from './macro/load-generator.js';
import { memory } from './macro/memory.js';
import { createProgress } from './macro/progress.js';
import { redisBenchmarkVersion, runRedisBenchmark } from './macro/redis-benchmark.js';
import { printOutcome, recordOutcome } from './macro/report.js';
import type { Bench, Generator, Scenario } from './macro/scenario.js';
import { killAllServers } from './macro/server-process.js';
import { coreCount, DEFAULT_ANAX_COMMAND } from './macro/servers.js';
import { stalls } from './macro/stalls.js';
import { hop, strings } from './macro/strings.js';
import { transactions } from './macro/transactions.js';
import { worst } from './macro/worst.js';

const SCENARIOS: readonly Scenario[] = [strings, commands, worst, transactions, memory, stalls, hop, idle, connections];
/** In bench/micro, but no benchmark: what they share. */
const MICRO_SHARED = 'measure';
const SECONDS = 2;
const SECONDS_QUICK = 0.5;
const STALL_KEYS = 10_000_000;
const STALL_KEYS_QUICK = 1_000_000;
/** dist/bench at run time. */
const HERE = import.meta.dirname;
const RESULTS = join(HERE, '..', '..', 'bench', 'results');

const HELP = `Usage: npm run bench -- [scenario ...] [options]
       npm run bench -- micro [name ...]

Measures Anax (one thread; N threads with both --io placements) beside redis-server, where that is installed, on
loopback, in interleaved rounds. Prints a table, appends a line to bench/results/<scenario>.jsonl and redraws
bench/results/<scenario>.svg. bench/README.md tells how to read the figures.

Scenarios (default: strings memory):
${SCENARIOS.map((one) => `  ${one.name.padEnd(12)} ${one.summary}`).join('\n')}
  all          every one of them
  micro        the micro benchmarks in bench/micro, all or by name

Options:
  --rounds n          rounds of each scenario (default: by scenario)
  --quick             one short round: does it work, roughly how fast
  --seconds s         length of one load run (default ${SECONDS}, quick ${SECONDS_QUICK})
  --threads n         threads of the N-thread wirings (default: the ${coreCount()} cores available)
  --keys n            keys of the stalls scenario (default ${STALL_KEYS}, quick ${STALL_KEYS_QUICK})
  --only text         rows of commands, worst and transactions whose name has the text in it
  --generator name    redis-benchmark or own (default: redis-benchmark where it is installed)
  --client-threads n  threads of redis-benchmark (default: a quarter of the cores, at least 1)
  --out directory     where results go (default bench/results); - records nothing
  --anax-command "c"  what starts Anax; {threads} and {io} are filled in, port and persistence options appended
  --help              this text
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seconds: { type: 'string' },
      threads: { type: 'string' },
      keys: { type: 'string' },
      only: { type: 'string' },
      generator: { type: 'string' },
      'client-threads': { type: 'string' },
      out: { type: 'string', default: RESULTS },
      'anax-command': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (positionals[0] === 'micro') return await runMicro(positionals.slice(1));

  const chosen = choose(positionals);
  const clientThreads = integerOption('--client-threads', values['client-threads']) ?? Math.max(1, coreCount() >> 2);
  const generator = chooseGenerator(values.generator, clientThreads);
  const rounds = integerOption('--rounds', values.rounds);
  const keys = integerOption('--keys', values.keys) ?? (values.quick ? STALL_KEYS_QUICK : STALL_KEYS);
  const seconds = numberOption('--seconds', values.seconds) ?? (values.quick ? SECONDS_QUICK : SECONDS);
  const threads = integerOption('--threads', values.threads) ?? coreCount();
  const anaxCommand = values['anax-command']?.split(' ') ?? DEFAULT_ANAX_COMMAND;

  for (const scenario of chosen) {
    const bench: Bench = {
      anaxCommand,
      threads,
      rounds: rounds ?? scenario.rounds[values.quick ? 1 : 0],
      quick: values.quick,
      seconds,
      stallKeys: keys,
      only: values.only,
      generator,
      progress: createProgress(),
    };
    console.log(
      `\n${scenario.name}: ${scenario.summary}\nrounds: ${bench.rounds}; throughput is driven by ${generator.name}\n`,
    );
    const outcome = await scenario.run(bench).finally(() => {
      bench.progress.stop();
    });
    printOutcome(outcome);
    if (values.out !== '-')
      console.log(`\nrecorded in ${recordOutcome(values.out, scenario, bench, outcome).join(', ')}`);
  }
  return 0;
}

function choose(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0) return [strings, memory];
  if (names.includes('all')) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined) throw new UsageError(`no scenario '${name}'`);
    return found;
  });
}

function chooseGenerator(wanted: string | undefined, threads: number): Generator {
  const version = redisBenchmarkVersion();
  if (wanted === undefined ? version !== undefined : wanted === 'redis-benchmark') {
    if (version === undefined) throw new UsageError('redis-benchmark is not installed');
    const name = threads > 1 ? `${version}, ${threads} threads` : version;
    return { name, load: async (address, plan) => await runRedisBenchmark(address, plan, threads) };
  }
  if (wanted !== undefined && wanted !== 'own') throw new UsageError(`no load generator '${wanted}'`);
  return { name: "Anax's own load generator", load: generateLoad };
}

class UsageError extends Error {}

function numberOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new UsageError(`${name} wants a number above 0, not '${text}'`);
  return value;
}

function integerOption(name: string, text: string | undefined): number | undefined {
  const value = numberOption(name, text);
  if (value !== undefined && !Number.isInteger(value))
    throw new UsageError(`${name} wants an integer, not '${text ?? ''}'`);
  return value;
}

/** Runs micro benchmarks one after the other, each in a process of its own; resolves to the worst exit code. */
async function runMicro(names: readonly string[]): Promise<number> {
  const directory = join(HERE, 'micro');
  const present = existsSync(directory)
    ? readdirSync(directory)
        .flatMap((file) => /^(.+)\.js$/.exec(file)?.[1] ?? [])
        .filter((name) => name !== MICRO_SHARED)
        .sort()
    : [];
  let worst = 0;
  for (const name of names.length > 0 ? names : present) {
    if (!present.includes(name)) throw new UsageError(`no micro benchmark '${name}' (there is: ${present.join(', ')})`);
    console.log(`\nmicro ${name}`);
    const child = spawn(process.execPath, [join(directory, `${name}.js`)], { stdio: 'inherit' });
    const code = await new Promise<number>((resolve) => {
      child.on('close', (status) => {
        resolve(status ?? 1);
      });
    });
    worst = Math.max(worst, code);
  }
  return worst;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAllServers();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  killAllServers();
  const usage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  console.error(usage ? `${(error as Error).message}\nTry: npm run bench -- --help` : error);
  process.exitCode = usage ? 2 : 1;
}
