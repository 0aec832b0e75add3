// placeholder of the type while the arena is built beside
import { unreachable } from '../base/assert.js';
/** Reference to an arena block: an int32 in granules of 8 bytes; 0 is none. */
export type Ref = number & { readonly __ref?: never };
export class Arena {
  get usedBytes(): number {
    return unreachable('storage');
  }
}
