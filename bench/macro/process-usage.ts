// What a process has used: CPU time and resident memory, read from /proc where there is one, from `ps` elsewhere.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Fields of /proc/<pid>/stat counted after the command name's closing parenthesis (proc(5): state is field 3). */
const UTIME_AFTER_NAME = 11;
const STIME_AFTER_NAME = 12;

let ticksPerSecond = 0;

/** CPU seconds (user and system, all threads) since the process started. Resolution: 10 ms on Linux. */
export function cpuSeconds(pid: number): number {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return psCpuSeconds(pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[UTIME_AFTER_NAME]) + Number(fields[STIME_AFTER_NAME])) / clockTicks();
}

/** Resident bytes. */
export function residentBytes(pid: number): number {
  const status = readProc(pid, 'status');
  const match = status === undefined ? null : /^VmRSS:\s+(\d+) kB/m.exec(status);
  if (match !== null) return Number(match[1]) * 1024;
  return Number(ps(pid, 'rss')) * 1024;
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}

function clockTicks(): number {
  if (ticksPerSecond === 0) {
    try {
      ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    } catch {
      ticksPerSecond = 100;
    }
  }
  return ticksPerSecond;
}

function ps(pid: number, column: string): string {
  return execFileSync('ps', ['-o', `${column}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
}

/** `[[dd-]hh:]mm:ss[.cc]` */
function psCpuSeconds(pid: number): number {
  const [clock, days = '0'] = ps(pid, 'time').split('-').reverse();
  let seconds = 0;
  for (const part of clock.split(':')) seconds = seconds * 60 + Number(part);
  return seconds + Number(days) * 86_400;
}
