// What loading a configuration needs from the world outside, handed in so that tests need no files.

import { chdir, cwd } from 'node:process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ConfigHost {
  /** The file's text; throws what `fs` throws. */
  readFile(path: string): string;
  /** Names in a directory, in any order; throws what `fs` throws. */
  readDirectory(path: string): string[];
  /** Standard input up to its end. */
  readStandardInput(): string;
  workingDirectory(): string;
  /** Throws what `process.chdir` throws. */
  changeDirectory(path: string): void;
}

const STDIN = 0;

/** The real world; for the main thread only (other threads cannot change the directory). */
export const systemHost: ConfigHost = {
  readFile: (path) => readFileSync(path, 'utf8'),
  readDirectory: (path) => readdirSync(path),
  readStandardInput: () => readFileSync(STDIN, 'utf8'),
  workingDirectory: cwd,
  changeDirectory: chdir,
};

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EEXIST: 'File exists',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  EPERM: 'Operation not permitted',
  EROFS: 'Read-only file system',
};

/** The reason of a failed system call, as the system words it. */
export function systemErrorText(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return SYSTEM_TEXTS[code] ?? (error instanceof Error ? error.message : String(error));
}
