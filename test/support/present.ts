/** `value`, which the test relies on being there. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('what the test relies on is not there');
  return value;
}
