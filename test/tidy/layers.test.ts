// The directions of imports (src/ARCHITECTURE.md): a folder imports only what stands below it.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

/** What each folder may import of ours; every folder may import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: ['base'],
  memory: ['base'],
  structures: ['base', 'memory'],
  values: ['base', 'memory', 'structures'],
  shard: ['base', 'memory', 'structures', 'values', 'contract'],
  contract: ['base'],
  protocol: ['base', 'contract'],
  net: ['base'],
  fabric: ['base'],
  persistence: ['base', 'memory', 'structures', 'values', 'shard'],
  commands: ['base', 'contract', 'values', 'shard', 'persistence'],
  txn: ['base', 'contract', 'fabric', 'protocol', 'shard'],
  observability: ['base', 'config', 'contract', 'fabric'],
  engine: [
    'base',
    'config',
    'memory',
    'shard',
    'contract',
    'protocol',
    'net',
    'fabric',
    'commands',
    'txn',
    'observability',
  ],
  cli: ['base', 'config', 'engine', 'observability', 'protocol'],
  workers: ['base', 'engine'],
};

/** What may be imported besides, by type only: the shard takes Args, a command takes a Db and passes Refs on. */
const ALLOWED_TYPES: Readonly<Partial<Record<string, readonly string[]>>> = {
  contract: ['shard'],
  commands: ['memory'],
  persistence: ['contract'],
  observability: ['shard'],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

function folderOf(path: string): string {
  const parts = relative(ROOT, path).split(sep);
  return parts[0] === 'src' ? parts[1] : parts[0];
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found: Import[] = [];
  for (const match of text.matchAll(/^(?:import|export)\s+(type\s|)[^'"]*?from\s+'(\.[^']+)'/gm)) {
    const to = resolve(dirname(file), match[2]);
    found.push({ file: relative(ROOT, file), from: folderOf(file), to: folderOf(to), typeOnly: match[1] !== '' });
  }
  return found;
}

const files = [...sources(join(ROOT, 'src')), ...sources(join(ROOT, 'workers'))];
const imports = files.flatMap(importsOf);

describe('layers', () => {
  it('finds the imports it is to judge', () => {
    expect(imports.length).toBeGreaterThan(50);
  });

  it('knows every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in ALLOWED))).toEqual([]);
  });

  it('are imported downwards only', () => {
    const wrong = imports.filter(({ from, to, typeOnly }) => {
      const allowed = ALLOWED[from].includes(to) || (typeOnly && (ALLOWED_TYPES[from] ?? []).includes(to));
      return from !== to && !allowed;
    });
    expect(wrong).toEqual([]);
  });
});

describe('shared memory', () => {
  it('is touched by fabric alone', () => {
    const users = files.filter((file) =>
      /\b(SharedArrayBuffer|Atomics)\b/.test(withoutComments(readFileSync(file, 'utf8'))),
    );
    expect([...new Set(users.map(folderOf))]).toEqual(['fabric']);
  });
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
