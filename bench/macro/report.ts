// A run's outcome for the eye (an aligned table and the goals) and for the record (one JSON line, one SVG chart).
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { dirname, join } from 'node:path';
import { drawChart } from './chart.js';
import type { Bench, Figure, Goal, Outcome, Scenario } from './scenario.js';
import { coreCount, REDIS } from './servers.js';
import { summarize, withSpread, type Summary } from './statistics.js';

/** The table, the goals, and how to read them. */
export function printOutcome(outcome: Outcome): void {
  console.log(alignedTable(tableOf(outcome)));
  if (outcome.goals.length > 0) console.log(`\n${alignedTable(goalTable(outcome.goals))}`);
}

/** Appends the run to `<directory>/<scenario>.jsonl` and redraws `<directory>/<scenario>.svg`; returns the files. */
export function recordOutcome(directory: string, scenario: Scenario, bench: Bench, outcome: Outcome): string[] {
  mkdirSync(directory, { recursive: true });
  const files = [join(directory, `${scenario.name}.jsonl`)];
  appendFileSync(files[0], `${JSON.stringify(record(scenario, bench, outcome))}\n`);
  if (outcome.chart !== undefined) {
    files.push(join(directory, `${scenario.name}.svg`));
    writeFileSync(files[1], drawChart(outcome.chart));
  }
  return files;
}

function record(scenario: Scenario, bench: Bench, outcome: Outcome): object {
  return {
    scenario: scenario.name,
    date: new Date().toISOString(),
    commit: gitCommit(),
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: coreCount(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
    generator: bench.generator.name,
    options: { rounds: bench.rounds, quick: bench.quick, seconds: bench.seconds, threads: bench.threads },
    servers: outcome.contestants.map(({ id, label, threads }) => ({ id, label, threads })),
    rows: outcome.figures.map((figure) => ({
      ...figure,
      ...rounded(summarize(figure.rounds)),
      rounds: figure.rounds.map(round6),
      ...ratioToRedis(outcome, figure),
    })),
    goals: outcome.goals,
  };
}

function ratioToRedis(outcome: Outcome, figure: Figure): { ratioToRedis?: Summary } {
  const ratios = figure.server === REDIS ? [] : ratiosOf(outcome, figure);
  return ratios.length === 0 ? {} : { ratioToRedis: rounded(summarize(ratios)) };
}

function ratiosOf(outcome: Outcome, figure: Figure): number[] {
  const base = outcome.figures.find(
    (other) => other.server === REDIS && other.test === figure.test && other.name === figure.name,
  );
  return base === undefined ? [] : figure.rounds.map((value, round) => value / base.rounds[round]);
}

function rounded({ median, min, max }: Summary): Summary {
  return { median: round6(median), min: round6(min), max: round6(max) };
}

function round6(value: number): number {
  return Number(value.toPrecision(6));
}

/** The commit that was measured, `+` behind it when the tree had changes; `unknown` outside a repository. */
function gitCommit(): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, {
        cwd: dirname(import.meta.dirname),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':!bench/results').trim() !== '';
    return git('rev-parse', '--short=12', 'HEAD').trim() + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}

/** One row per test and server; one column per figure, and one more for its ratio to Redis where it is compared. */
function tableOf(outcome: Outcome): string[][] {
  const names = [...new Set(outcome.figures.map((figure) => figure.name))];
  const withRatio = outcome.contestants.some((one) => one.id === REDIS) ? outcome.compared : [];
  const head = ['test', 'server', ...names.flatMap((name) => (withRatio.includes(name) ? [name, 'to Redis'] : [name]))];
  const rows = [head];
  for (const test of new Set(outcome.figures.map((figure) => figure.test))) {
    for (const contestant of outcome.contestants) {
      const cells = names.flatMap((name) => {
        const figure = outcome.figures.find(
          (one) => one.test === test && one.server === contestant.id && one.name === name,
        );
        const text = figure === undefined ? '-' : withSpread(figure.rounds);
        if (!withRatio.includes(name)) return [text];
        const ratios = figure === undefined ? [] : ratiosOf(outcome, figure);
        return [text, ratios.length === 0 ? '-' : `${summarize(ratios).median.toFixed(2)}x`];
      });
      rows.push([test, contestant.label, ...cells]);
    }
  }
  return rows;
}

function goalTable(goals: readonly Goal[]): string[][] {
  const rows = goals.map((goal) => [goal.text, goal.wanted, goal.measured, goal.met ? 'met' : 'MISSED']);
  return [['goal', 'wanted', 'measured', ''], ...rows];
}

/** Columns padded to their widest cell, a line under the head; the first two columns flush left, figures flush right. */
function alignedTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}
