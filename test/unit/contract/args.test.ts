import { describe, expect, it } from 'vitest';
import { Args, TEXT_BYTES_MAX } from '../../../src/contract/args.js';

describe('Args', () => {
  it('makes text of the front of an argument that no string could hold', () => {
    const bytes = new Uint8Array(540_000_000);
    bytes.fill(0x61, 0, 10);
    const args = new Args(1);
    args.reset(bytes);
    args.push(0, bytes.length);
    expect(args.latin1(0)).toHaveLength(TEXT_BYTES_MAX);
    expect(args.latin1(0).slice(0, 12)).toBe('aaaaaaaaaa\0\0');
  });

  it('gives the memory of a request with very many arguments back', () => {
    const bytes = new Uint8Array(8);
    const args = new Args(1);
    args.reset(bytes);
    for (let i = 0; i < 1_000_000; i++) args.push(i & 7, 8);
    expect(args.starts.length).toBeGreaterThanOrEqual(1_000_000);
    args.reset(bytes);
    expect(args.starts.length).toBeLessThan(1000);
    args.push(1, 2);
    expect([args.count, args.starts[0], args.ends[0]]).toEqual([1, 1, 2]);
  });
});
