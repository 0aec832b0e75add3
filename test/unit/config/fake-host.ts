// Files that exist only in a test.

import { dirname, resolve } from 'node:path';

import type { ConfigHost } from '../../../src/config/host.js';

export class FakeHost implements ConfigHost {
  readonly #files: Readonly<Record<string, string>>;
  #directory = '/home/anax';
  standardInput = '';

  /** `files`: contents by absolute path. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.#files = files;
  }

  readFile(path: string): string {
    const text = this.#files[path] as string | undefined;
    if (text === undefined) throw notFound();
    return text;
  }

  readDirectory(path: string): string[] {
    const names = Object.keys(this.#files)
      .filter((file) => file.startsWith(path === '/' ? '/' : path + '/'))
      .map((file) => file.slice(path === '/' ? 1 : path.length + 1).split('/')[0]);
    if (names.length === 0) throw notFound();
    return Array.from(new Set(names)).reverse();
  }

  readStandardInput(): string {
    return this.standardInput;
  }

  workingDirectory(): string {
    return this.#directory;
  }

  changeDirectory(path: string): void {
    const target = resolve(this.#directory, path);
    const exists = target === '/home/anax' || Object.keys(this.#files).some((file) => dirname(file) === target);
    if (!exists) throw notFound();
    this.#directory = target;
  }
}

function notFound(): Error {
  return Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
}
