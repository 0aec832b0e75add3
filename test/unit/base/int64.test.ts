// Two halves against bigint: the edges of int64 and random numbers of every length.

import { expect, it } from 'vitest';
import { HIGH, LOW, parseInt64Halves, safeOfHalves, writeInt64 } from '../../../src/base/int64.js';
import { SeededRandom } from '../../../src/base/prng.js';
import { must } from '../../support/must.js';

const halves = new Int32Array(2);
const MAX = (1n << 63n) - 1n;
const MIN = -(1n << 63n);

function check(value: bigint): void {
  const text = Buffer.from(`<${value}>`, 'latin1');
  const inRange = value <= MAX && value >= MIN;
  must(parseInt64Halves(text, 1, text.length - 1, halves) === inRange, `${value} is an int64 or is none`);
  if (!inRange) return;
  must(BigInt.asIntN(32, value) === BigInt(halves[LOW]), `low half of ${value}`);
  must(value >> 32n === BigInt(halves[HIGH]), `high half of ${value}`);
  const out = Buffer.alloc(30, 'x');
  const end = writeInt64(out, 2, halves[LOW], halves[HIGH]);
  must(out.toString('latin1', 2, end) === value.toString(), `digits of ${value}`);
  must(out[end] === 0x78 && out[1] === 0x78, 'nothing beside them');
  const safe = Number.isSafeInteger(Number(value)) ? Number(value) : NaN;
  expect(safeOfHalves(halves[LOW], halves[HIGH])).toBe(safe);
}

it('agrees with bigint at every power and beside it', () => {
  for (let bit = 0n; bit < 66n; bit++) {
    for (const beside of [-2n, -1n, 0n, 1n, 2n]) {
      check((1n << bit) + beside);
      check(-(1n << bit) + beside);
    }
  }
  for (let digits = 1n; digits < 22n; digits++) {
    for (const beside of [-1n, 0n, 1n]) {
      check(10n ** digits + beside);
      check(-(10n ** digits) + beside);
    }
  }
});

it('agrees with bigint on random numbers', () => {
  const random = new SeededRandom(5);
  for (let i = 0; i < 20_000; i++) {
    const bits = BigInt(random.below(65));
    check(BigInt.asIntN(64, ((BigInt(random.next32()) << 32n) | BigInt(random.next32())) >> bits));
  }
});

it('refuses every other spelling', () => {
  for (const text of ['', '-', '-0', '00', '01', '-01', '+1', ' 1', '1 ', '1.0', '1e3', '12345678901x', 'x1', '1-']) {
    const bytes = Buffer.from(text, 'latin1');
    expect(parseInt64Halves(bytes, 0, bytes.length, halves)).toBe(false);
  }
});
