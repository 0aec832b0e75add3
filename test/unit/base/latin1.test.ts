// Bytes as text of one character each.

import { expect, it } from 'vitest';
import { latin1Of } from '../../../src/base/bytes.js';

it('gives every byte its own character, from shared memory as well', () => {
  for (const bytes of [new Uint8Array(300), new Uint8Array(new SharedArrayBuffer(300)).subarray(10)]) {
    for (let i = 0; i < 256; i++) bytes[3 + i] = i;
    const text = latin1Of(bytes, 3, 259);
    expect(Array.from(text, (character) => character.charCodeAt(0))).toEqual([...Array(256).keys()]);
  }
});
