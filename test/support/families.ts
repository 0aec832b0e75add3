// Every family of commands in src/commands, found by looking: what a file exports as a list of declarations is one.

import { readdirSync } from 'node:fs';
import type { CommandSpec } from '../../src/contract/spec.js';

const FOLDER = new URL('../../src/commands/', import.meta.url);

/** The families, by file name. */
export async function allFamilies(): Promise<(readonly CommandSpec[])[]> {
  const families: (readonly CommandSpec[])[] = [];
  for (const file of readdirSync(FOLDER).sort()) {
    const module = (await import(new URL(file, FOLDER).href)) as Record<string, unknown>;
    for (const exported of Object.values(module)) if (isFamily(exported)) families.push(exported);
  }
  // A file that gathers other files' families exports the same declarations again.
  const seen = new Set<CommandSpec>();
  return families
    .map((family) => family.filter((spec) => !seen.has(spec) && seen.add(spec)))
    .filter((family) => family.length > 0);
}

function isFamily(value: unknown): value is readonly CommandSpec[] {
  return Array.isArray(value) && value.length > 0 && value.every(isSpec);
}

function isSpec(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'arity' in value && 'usage' in value && 'examples' in value;
}
