// Assertions: our own bugs stop the process loudly instead of corrupting data quietly.
//
// `assert` is always on and must stay cheap: its message is a constant string, never a template. `VERIFY` turns on the
// whole-structure checks (`check()` methods) that cost more than the operation they guard; the tests set it.

/** True when whole-structure checks run (environment variable ANAX_VERIFY=1; the test suite sets it). */
export const VERIFY: boolean = process.env['ANAX_VERIFY'] === '1';

/** A broken invariant of Anax itself. Never caught on the data path. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws {@link AssertionError} unless `condition` holds. `message` is a constant: what should have been true. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a place that no execution reaches. */
export function unreachable(message: string): never {
  throw new AssertionError(message);
}
