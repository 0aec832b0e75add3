// For loops that look a hundred thousand times: `expect` costs some ten microseconds a call, this nothing.

/** Fails the test with `message` unless the condition holds. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
