// How many clients an open files limit leaves room for.
import { expect, test } from 'vitest';
import { EXIT, FatalError } from '../../../src/base/fatal.js';
import { clientsThatFit } from '../../../src/engine/client-limit.js';

test('descriptors that are no clients are set aside, more for more threads', () => {
  expect(clientsThatFit(Infinity, 4)).toBe(Infinity);
  expect(clientsThatFit(1024, 1)).toBe(960);
  expect(clientsThatFit(1024, 8)).toBe(848);
  expect(clientsThatFit(65, 1)).toBe(1);
});

test('a limit without room for one client ends the start', () => {
  let caught: unknown;
  try {
    clientsThatFit(64, 1);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(FatalError);
  expect((caught as FatalError).exitCode).toBe(EXIT.limits);
});
