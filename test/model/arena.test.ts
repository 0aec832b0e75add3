// The arena against a simple twin: a map of blocks, each filled with a pattern of its own. A block that overlaps another,
// or that the arena writes to while it is handed out, loses its pattern.

import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/base/prng.js';
import { BLOCK_BYTES_MAX, SEGMENT_BYTES } from '../../src/memory/arena-layout.js';
import { Arena, type Ref } from '../../src/memory/arena.js';
import { must } from '../support/must.js';
import { CLASS_BYTES, CLASS_COUNT, classOf, SMALL_BYTES_MAX } from '../../src/memory/size-classes.js';

interface Block {
  readonly bytes: number;
  readonly pattern: number;
}

function fill(arena: Arena, ref: Ref, block: Block): void {
  const at = (ref & 0x1fffff) << 3;
  arena.u8[ref >>> 21].fill(block.pattern, at, at + Math.min(block.bytes, 64));
  arena.u8[ref >>> 21].fill(block.pattern, at + Math.max(0, block.bytes - 64), at + block.bytes);
}

function intact(arena: Arena, ref: Ref, block: Block): boolean {
  const at = (ref & 0x1fffff) << 3;
  const bytes = arena.u8[ref >>> 21];
  for (let i = 0; i < Math.min(block.bytes, 64); i++) if (bytes[at + i] !== block.pattern) return false;
  for (let i = Math.max(0, block.bytes - 64); i < block.bytes; i++) if (bytes[at + i] !== block.pattern) return false;
  return true;
}

/** Sizes that a store sees: mostly entries, some partitions and values, few large blocks. */
function randomBytes(random: SeededRandom): number {
  const kind = random.below(100);
  if (kind < 60) return 1 + random.below(128);
  if (kind < 85) return 1 + random.below(4096);
  if (kind < 97) return 1 + random.below(SMALL_BYTES_MAX);
  return 1 + random.below(600 * 1024);
}

class Twin {
  readonly arena = new Arena();
  readonly blocks = new Map<Ref, Block>();
  readonly refs: Ref[] = [];
  usedBytes = 0;

  alloc(bytes: number, pattern: number): void {
    const ref = this.arena.alloc(bytes);
    const size = this.arena.sizeOf(ref);
    must(ref !== 0 && !this.blocks.has(ref), 'a new block is not one of the others');
    must(size >= bytes && size === Arena.roundedSize(bytes), 'a block has the size of its class');
    const block = { bytes: size, pattern };
    fill(this.arena, ref, block);
    this.blocks.set(ref, block);
    this.refs.push(ref);
    this.usedBytes += size;
  }

  free(index: number): void {
    const ref = this.refs[index];
    const block = this.blocks.get(ref);
    if (block === undefined) throw new Error('the twin lost a block');
    must(intact(this.arena, ref, block), 'a block keeps its contents');
    this.arena.free(ref);
    this.blocks.delete(ref);
    this.refs[index] = this.refs[this.refs.length - 1];
    this.refs.pop();
    this.usedBytes -= block.bytes;
  }

  check(): void {
    this.arena.check();
    expect(this.arena.usedBytes).toBe(this.usedBytes);
    expect(this.arena.blockCount).toBe(this.blocks.size);
    expect(this.arena.committedBytes).toBeGreaterThanOrEqual(this.usedBytes);
    expect(this.arena.reservedBytes).toBeGreaterThanOrEqual(this.arena.committedBytes);
  }
}

describe('size classes', () => {
  it('waste at most an eighth above 64 bytes and 7 bytes below', () => {
    for (let bytes = 1; bytes <= SMALL_BYTES_MAX; bytes++) {
      const size = CLASS_BYTES[classOf(bytes)];
      must(size >= bytes && (size - bytes < 8 || (size - bytes) * 8 <= size), 'little of a block is rounding');
    }
  });

  it('hold every partition of a dict exactly', () => {
    for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64]) {
      expect(Arena.roundedSize(n * 64)).toBe(n * 64);
    }
    expect(CLASS_BYTES[CLASS_COUNT]).toBe(SMALL_BYTES_MAX);
  });
});

describe('the arena', () => {
  for (let seed = 1; seed <= 12; seed++) {
    it(`keeps blocks apart and its books exact, seed ${seed}`, () => {
      const random = new SeededRandom(seed);
      const twin = new Twin();
      for (let step = 0; step < 6000; step++) {
        // Waves of growth and decay, so that spans fill, empty, and are cut anew for other classes.
        const grows = Math.floor(step / 1000) % 2 === 0 ? 70 : 30;
        if (twin.refs.length === 0 || random.below(100) < grows) twin.alloc(randomBytes(random), random.below(256));
        else twin.free(random.below(twin.refs.length));
        if (step % 1500 === 0) twin.check();
      }
      twin.check();
      while (twin.refs.length > 0) twin.free(random.below(twin.refs.length));
      twin.check();
      expect(twin.arena.usedBytes).toBe(0);
      twin.arena.trim();
      twin.check();
      expect(twin.arena.reservedBytes).toBe(0);
    });
  }

  it('takes huge blocks in slots of their own and gives their memory back', () => {
    const twin = new Twin();
    for (const bytes of [SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 40])
      twin.alloc(bytes, 7);
    twin.check();
    const reserved = twin.arena.reservedBytes;
    expect(reserved).toBeGreaterThan(7 * SEGMENT_BYTES);
    while (twin.refs.length > 0) twin.free(0);
    twin.check();
    expect(twin.arena.reservedBytes).toBeLessThanOrEqual(SEGMENT_BYTES);
    for (const bytes of [3 * SEGMENT_BYTES, 40]) twin.alloc(bytes, 9);
    twin.check();
    expect(() => twin.arena.alloc(BLOCK_BYTES_MAX + 1)).toThrow();
    expect(() => twin.arena.alloc(0)).toThrow();
  });

  it('releases segments that ran empty and keeps one', () => {
    const twin = new Twin();
    for (let i = 0; i < 160; i++) twin.alloc(512 * 1024, i);
    const full = twin.arena.reservedBytes;
    expect(full).toBeGreaterThanOrEqual(5 * SEGMENT_BYTES);
    while (twin.refs.length > 40) twin.free(twin.refs.length - 1);
    expect(twin.arena.reservedBytes).toBeLessThanOrEqual(3 * SEGMENT_BYTES);
    twin.check();
    while (twin.refs.length > 0) twin.free(0);
    expect(twin.arena.reservedBytes).toBe(SEGMENT_BYTES);
  });

  it('catches a block that is freed twice, and one that never was', () => {
    const arena = new Arena();
    const ref = arena.alloc(40);
    arena.alloc(40);
    arena.free(ref);
    expect(() => {
      arena.free(ref);
    }).toThrow();
    expect(() => {
      arena.free(ref + 1);
    }).toThrow();
  });

  it('names the thin spans, and moving their blocks frees pages', () => {
    const random = new SeededRandom(5);
    const twin = new Twin();
    for (let i = 0; i < 20_000; i++) twin.alloc(40, i & 255);
    while (twin.refs.length > 2000) twin.free(random.below(twin.refs.length));
    expect(twin.arena.sparseBytes / twin.usedBytes).toBeGreaterThan(5);
    twin.arena.sortSpans();
    for (let i = twin.refs.length - 1; i >= 0; i--) {
      if (!twin.arena.isSparse(twin.refs[i])) continue;
      twin.alloc(40, 1);
      twin.free(i);
    }
    twin.check();
    expect(twin.arena.sparseBytes / twin.usedBytes).toBeLessThan(0.3);
  });

  it('copies between blocks of one segment and of two', () => {
    const arena = new Arena();
    const first = arena.alloc(1000);
    const second = arena.alloc(1000);
    const far = arena.alloc(SEGMENT_BYTES);
    const at = (first & 0x1fffff) << 3;
    for (let i = 0; i < 1000; i++) arena.u8[first >>> 21][at + i] = i & 255;
    for (const [to, bytes] of [
      [second, 10],
      [second, 990],
      [far, 64],
      [far, 65],
    ]) {
      arena.copy(to, 3, first, 5, bytes);
      const start = ((to & 0x1fffff) << 3) + 3;
      const copied = arena.u8[to >>> 21].slice(start, start + bytes);
      expect([...copied]).toEqual([...arena.u8[first >>> 21].slice(at + 5, at + 5 + bytes)]);
    }
  });
});
