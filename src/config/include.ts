// Paths of `include` lines: shell patterns, expanded as the shell's are (alphabetically; `*` and `?` do not match a leading dot
// nor a slash).

import { resolve } from 'node:path';

import type { ConfigHost } from './host.js';

const WILDCARD = /[*?[]/;

/** True when `path` is a pattern: then it may match nothing. */
export function isPathPattern(path: string): boolean {
  return WILDCARD.test(path);
}

/** The existing paths that `pattern` matches, in alphabetical order; directories that cannot be read match nothing. */
export function expandPath(pattern: string, host: ConfigHost): string[] {
  const segments = resolve(host.workingDirectory(), pattern).split('/').slice(1);
  let paths = [''];
  for (const segment of segments) {
    paths = isPathPattern(segment)
      ? paths.flatMap((parent) => matchesIn(parent, segment, host))
      : paths.map((parent) => `${parent}/${segment}`);
  }
  return paths.sort();
}

function matchesIn(parent: string, segment: string, host: ConfigHost): string[] {
  let names: string[];
  try {
    names = host.readDirectory(parent === '' ? '/' : parent);
  } catch {
    return [];
  }
  const expression = segmentExpression(segment);
  return names
    .filter((name) => expression.test(name) && (segment.startsWith('.') || !name.startsWith('.')))
    .map((name) => `${parent}/${name}`);
}

/** One path segment of a shell pattern as a regular expression. */
function segmentExpression(segment: string): RegExp {
  let source = '';
  for (let at = 0; at < segment.length; at++) {
    const char = segment.charAt(at);
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (char === '[') {
      const end = segment.indexOf(']', at + 2);
      if (end < 0) source += '\\[';
      else {
        const inside = segment.slice(at + 1, end).replace(/[\\\]]/g, '\\$&');
        source += `[${inside.replace(/^!/, '^')}]`;
        at = end;
      }
    } else source += char.replace(/[.+^${}()|\\\]]/g, '\\$&');
  }
  return new RegExp(`^${source}$`, 's');
}
