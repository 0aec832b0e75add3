import { describe, expect, it } from 'vitest';
import { Args, copyArgs, TEXT_BYTES_MAX } from '../../../src/contract/args.js';

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

  it('is copied with few arguments and with many, and grows from any size', () => {
    for (const count of [1, 15, 16, 17, 200]) {
      const args = new Args(1, count > 100 ? 1 : count);
      const bytes = Uint8Array.from({ length: 2 * count }, (_, i) => i % 100);
      args.reset(bytes);
      for (let i = 0; i < count; i++) args.push(2 * i, 2 * i + 1);
      const copy = copyArgs(args);
      copy.push(0, 1);
      bytes.fill(0xff);
      expect(copy.count).toBe(count + 1);
      for (let i = 0; i < count; i++) expect([...copy.copy(i)]).toEqual([(2 * i) % 100]);
      expect([...copy.copy(count)]).toEqual([0]);
    }
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
