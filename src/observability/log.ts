// The log: pino, one line per message, to the file or standard output that the configuration names.
//
//   on a terminal   time, level, thread and message for people, in colours where they are wanted
//   otherwise       JSON lines: {"level":"info","time":"2026-01-31T12:00:00.000Z","pid":1,"thread":"core 0","msg":"..."}
//
// Every thread writes to the same descriptor, which the main thread opened for appending, with one synchronous write per
// line: lines do not mix, nothing waits for another thread (a stalled main thread would hold its messages back exactly
// when they matter), and what was logged before a crash is there. Messages are rare, so the wait for the disk is not felt.
// After a rotation that renames the file, restart the server or let the rotation copy and truncate; no signal reopens it.
//
//   loglevel   debug   verbose   notice   warning   nothing          everything with that call or to its right is logged
//   call       trace   debug     info     warn, error, fatal

import { openSync } from 'node:fs';
import { isatty } from 'node:tty';

import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';

import { EXIT, fatal } from '../base/fatal.js';
import type { Config } from '../config/config.js';
import { systemErrorText } from '../config/host.js';

export type Log = Logger;

/** Where lines go; structured-clonable, for other threads. */
export interface LogTarget {
  readonly fd: number;
  /** For people instead of JSON. */
  readonly readable: boolean;
  readonly colours: boolean;
}

const STDOUT = 1;

const LEVELS: Readonly<Record<string, string>> = {
  debug: 'trace',
  verbose: 'debug',
  notice: 'info',
  warning: 'warn',
  nothing: 'silent',
};

/** Opens what `logfile` names. Throws FatalError (logFile) when it cannot be opened. */
export function openLogTarget(config: Config): LogTarget {
  const path = config.text('logfile');
  if (path === '') {
    const terminal = isatty(STDOUT);
    return { fd: STDOUT, readable: terminal, colours: terminal && process.env['NO_COLOR'] === undefined };
  }
  try {
    return { fd: openSync(path, 'a'), readable: false, colours: false };
  } catch (error) {
    fatal(`cannot open log file ${path}: ${systemErrorText(error)}`, EXIT.logFile);
  }
}

/** The log of one thread, which follows changes of `loglevel` in that thread's configuration. */
export function createLog(target: LogTarget, config: Config, thread: string): Log {
  const log = pino(
    {
      level: levelOf(config),
      base: { pid: process.pid, thread },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destinationOf(target),
  );
  config.onChange('loglevel', () => {
    log.level = levelOf(config);
  });
  return log;
}

function levelOf(config: Config): string {
  return LEVELS[config.text('loglevel')];
}

function destinationOf(target: LogTarget): pino.DestinationStream {
  const lines = pino.destination({ dest: target.fd, sync: true });
  if (!target.readable) return lines;
  const format = pretty.prettyFactory({
    colorize: target.colours,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    messageFormat: '{thread}: {msg}',
    ignore: 'pid,thread',
  });
  return {
    write(line) {
      lines.write(format(line));
    },
  };
}
