// Names of options: the patterns of CONFIG GET, and the nearest name to a misspelt one.

import { bytesOf } from '../base/bytes.js';
import { matchGlob } from '../base/glob.js';

const WILDCARD = /[[*?]/;

/**
 * A test for names by `patterns`: gives the spelling under which CONFIG GET answers a name, undefined when none fits.
 * Hidden names are found by name only.
 */
export function nameMatcher(patterns: readonly string[]): (name: string, hidden: boolean) => string | undefined {
  const spellings = new Map<string, string>();
  const globs: Uint8Array[] = [];
  for (const pattern of patterns) {
    if (WILDCARD.test(pattern)) globs.push(bytesOf(pattern));
    else if (!spellings.has(pattern.toLowerCase())) spellings.set(pattern.toLowerCase(), pattern);
  }
  return (name, hidden) => {
    const spelling = spellings.get(name);
    if (spelling !== undefined) return spelling;
    if (hidden || globs.length === 0) return undefined;
    const bytes = bytesOf(name);
    return globs.some((glob) => matchGlob(glob, 0, glob.length, bytes, 0, bytes.length, true)) ? name : undefined;
  };
}

/** Most edits at which a name still counts as meant. */
const EDITS_MAX = 3;

/** The name among `names` that takes the fewest edits from `given`; undefined when none is near. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.min(EDITS_MAX, Math.floor(given.length / 2)) + 1;
  for (const name of names) {
    const edits = editDistance(given, name);
    if (edits < fewest) [nearest, fewest] = [name, edits];
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j - 1] + (same ? 0 : 1), last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, beforeLast[j - 2] + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}
