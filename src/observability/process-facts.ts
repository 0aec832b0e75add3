// The process as the operating system sees it, for INFO. What never changes is asked once.

import { readFileSync } from 'node:fs';
import { arch, release, totalmem, type as systemName } from 'node:os';
import process from 'node:process';
import type { ProcessFacts } from './info.js';

/** Node's names of processor architectures where `uname -m` says otherwise. */
const MACHINES: Readonly<Record<string, string | undefined>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'i686' };

const SYSTEM = `${systemName()} ${release()} ${MACHINES[arch()] ?? arch()}`;

/** Today's facts; memory and CPU are those of the whole process, all threads included. */
export function processFacts(): ProcessFacts {
  const cpu = process.cpuUsage();
  return {
    pid: process.pid,
    system: SYSTEM,
    nodeVersion: process.versions.node,
    executable: process.execPath,
    rssBytes: process.memoryUsage.rss(),
    totalSystemBytes: totalmem(),
    userUs: cpu.user,
    systemUs: cpu.system,
  };
}

/** Descriptors that the process may have open; Infinity where the system does not tell (Linux does, in proc(5)). */
export function openFilesMax(): number {
  try {
    const soft = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return soft === null ? Infinity : Number(soft[1]);
  } catch {
    return Infinity;
  }
}
