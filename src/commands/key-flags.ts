// How SET and BITFIELD use their key depends on the request: what COMMAND GETKEYSANDFLAGS answers for their
// `variable_flags` key specifications.

import { bytesOf } from '../base/bytes.js';
import type { Args } from '../contract/args.js';
import type { KeyFlag } from '../contract/spec.js';

const GET = bytesOf('GET');
const OVERFLOW = bytesOf('OVERFLOW');

/** SET overwrites blindly, unless GET asks for the old value. */
export function setKeyFlags(args: Args, offset: number): readonly KeyFlag[] {
  for (let i = offset + 3; i < args.count; i++) {
    if (args.is(i, GET)) return ['RW', 'access', 'update'];
  }
  return ['OW', 'update'];
}

/** BITFIELD reads only when all its operations are GETs; a malformed request counts as a write. */
export function bitfieldKeyFlags(args: Args, offset: number): readonly KeyFlag[] {
  let i = offset + 2;
  while (i < args.count) {
    const rest = args.count - i - 1;
    if (args.is(i, GET) && rest >= 2) i += 3;
    else if (args.is(i, OVERFLOW) && rest >= 1) i += 2;
    else return ['RW', 'access', 'update'];
  }
  return ['RO', 'access'];
}
