// Which granules begin a block that is handed out: the VERIFY switch's memory of an arena, one bit per granule.

import { assert } from '../base/assert.js';
import { REF_GRANULE_MASK, REF_SEGMENT_SHIFT, type Ref } from './arena-layout.js';

export class LiveMap {
  readonly #bits: (Uint8Array | undefined)[] = [];
  count = 0;

  has(ref: Ref): boolean {
    const granule = ref & REF_GRANULE_MASK;
    const bits = this.#bits[ref >>> REF_SEGMENT_SHIFT];
    return bits !== undefined && (bits[granule >>> 3] & (1 << (granule & 7))) !== 0;
  }

  add(ref: Ref): void {
    assert(!this.has(ref), 'a block is handed out once');
    const granule = ref & REF_GRANULE_MASK;
    const bits = (this.#bits[ref >>> REF_SEGMENT_SHIFT] ??= new Uint8Array((REF_GRANULE_MASK + 1) >>> 3));
    bits[granule >>> 3] |= 1 << (granule & 7);
    this.count++;
  }

  remove(ref: Ref): void {
    assert(this.has(ref), 'a freed block was handed out');
    const granule = ref & REF_GRANULE_MASK;
    const bits = this.#bits[ref >>> REF_SEGMENT_SHIFT];
    if (bits !== undefined) bits[granule >>> 3] &= ~(1 << (granule & 7));
    this.count--;
  }
}
