#!/usr/bin/env node
// The `anax` command: reads the configuration, starts the server, ends it on signals.
//
// Every trouble of the environment is one line on stderr and an exit code of its own (base/fatal.ts); a pidfile that cannot
// be written is none, as in Redis: the log says so.

import { rmSync, writeFileSync } from 'node:fs';

import { EXIT, FatalError } from '../base/fatal.js';
import { ANAX_VERSION } from '../base/version.js';
import { systemErrorText, systemHost } from '../config/host.js';
import type { Config } from '../config/config.js';
import { Server } from '../engine/server.js';
import { createLog, openLogTarget, type Log } from '../observability/log.js';
import { parseCommandLine } from './arguments.js';

/** Exit status of a process that a signal ended at once: 128 and the signal's number. */
const EXIT_SIGNAL: Readonly<Record<'SIGINT' | 'SIGTERM', number>> = { SIGINT: 130, SIGTERM: 143 };

async function main(argv: readonly string[]): Promise<void> {
  const parsed = parseCommandLine(argv, systemHost, ANAX_VERSION);
  if ('printAndExit' in parsed) {
    process.stdout.write(parsed.printAndExit);
    return;
  }
  await serve(parsed.config);
}

async function serve(config: Config): Promise<void> {
  const logTarget = openLogTarget(config);
  const log = createLog(logTarget, config, 'main');
  for (const warning of config.warnings()) log.warn(warning);
  const server = new Server(config, log, logTarget, () => {
    end('a SHUTDOWN command');
  });
  let ending = false;
  const end = (reason: string): void => {
    ending = true;
    log.info(`Received ${reason}, shutting down (a signal ends it at once)...`);
    void server.stop().then(() => {
      removePidFile(config);
      log.info('Anax is now ready to exit, bye bye...');
      process.exit(EXIT.ok);
    });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (ending) process.exit(EXIT_SIGNAL[signal]);
      end(signal);
    });
  }
  await server.start();
  writePidFile(config, log);
}

function writePidFile(config: Config, log: Log): void {
  const path = config.text('pidfile');
  if (path === '') return;
  try {
    writeFileSync(path, `${process.pid}\n`);
  } catch (error) {
    log.warn(`cannot write pidfile ${path}: ${systemErrorText(error)}`);
  }
}

function removePidFile(config: Config): void {
  const path = config.text('pidfile');
  // Somebody may have removed it, or the directory: the end of the server is not the time to complain.
  if (path !== '') rmSync(path, { force: true });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof FatalError) {
    process.stderr.write(`anax: ${error.message}\n`);
    process.exit(error.exitCode);
  }
  process.stderr.write(
    `anax: unexpected failure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(EXIT.bug);
});
