// Log lines: levels, formats, files.

import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { EXIT } from '../../../src/base/fatal.js';
import { createLog, openLogTarget } from '../../../src/observability/log.js';
import { fatalOf, loaded } from '../config/load.js';

const folder = mkdtempSync(join(tmpdir(), 'anax-log-'));

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the log', () => {
  it('appends JSON lines to the file, from every thread, from the level on', async () => {
    const path = join(folder, 'anax.log');
    const config = loaded(`logfile ${path}`);
    const target = structuredClone(openLogTarget(config));
    const main = createLog(target, config, 'main');
    const core = createLog(openLogTarget(config), config, 'core 0');
    main.info({ port: 1 }, 'ready');
    main.debug('not yet');
    core.warn('careful');
    await config.set([['loglevel', 'verbose']]);
    core.debug('now');
    await config.set([['loglevel', 'nothing']]);
    core.fatal('never');

    const lines = readFileSync(path, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Record<string, unknown>)).toEqual([
      expect.objectContaining({ level: 'info', thread: 'main', msg: 'ready', port: 1, pid: process.pid }),
      expect.objectContaining({ level: 'warn', thread: 'core 0', msg: 'careful' }),
      expect.objectContaining({ level: 'debug', thread: 'core 0', msg: 'now' }),
    ]);
    expect(lines[0]).toMatch(/"time":"\d{4}-\d\d-\d\dT/);
  });

  it('is readable on a terminal', () => {
    const path = join(folder, 'terminal');
    const config = loaded('');
    const log = createLog({ fd: openSync(path, 'a'), readable: true, colours: false }, config, 'main');
    log.warn({ file: 'x' }, 'careful');
    expect(readFileSync(path, 'utf8')).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] WARN: main: careful\n.*file: "x"\n$/s,
    );
  });

  it('ends start-up when the file cannot be opened', () => {
    const error = fatalOf(() => openLogTarget(loaded('logfile /nowhere/anax.log')));
    expect(error.message).toBe('cannot open log file /nowhere/anax.log: No such file or directory');
    expect(error.exitCode).toBe(EXIT.logFile);
  });
});
