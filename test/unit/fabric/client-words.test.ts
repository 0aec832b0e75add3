// Words of clients: a wait is claimed once, a watch is marked once, and neither is mixed up with what came before it.

import { describe, expect, it } from 'vitest';
import { ClientWords, createClientWords } from '../../../src/fabric/client-words.js';

function setUp(): { own: ClientWords; other: ClientWords } {
  const plan = createClientWords(2);
  return { own: new ClientWords(plan, 1), other: new ClientWords(plan, 0) };
}

describe('words of clients', () => {
  it('let one claim a wait', () => {
    const { own, other } = setUp();
    const place = own.takePlace();
    const wait = own.openClaim(place);
    expect(other.claim(place, wait)).toBe(true);
    expect(other.claim(place, wait)).toBe(false);
    expect(own.claim(place, wait)).toBe(false);
  });

  it('leave a later wait alone', () => {
    const { own, other } = setUp();
    const place = own.takePlace();
    const first = own.openClaim(place);
    const second = own.openClaim(place);
    expect(other.claim(place, first)).toBe(false);
    expect(own.claim(place, second)).toBe(true);
    const third = own.openClaim(place);
    expect(other.claim(place, second)).toBe(false);
    expect(other.claim(place, third)).toBe(true);
  });

  it('know whether a watched key has changed', () => {
    const { own, other } = setUp();
    const place = own.takePlace();
    const first = own.openWatch(place);
    expect(other.isClean(place, first)).toBe(true);
    other.markDirty(place, first);
    other.markDirty(place, first);
    expect(own.isClean(place, first)).toBe(false);
    const second = own.openWatch(place);
    other.markDirty(place, first);
    expect(own.isClean(place, second)).toBe(true);
    expect(own.isClean(place, first)).toBe(false);
  });

  it('keep waiting and watching, and clients, apart', () => {
    const { own, other } = setUp();
    const [a, b, c] = [own.takePlace(), own.takePlace(), other.takePlace()];
    expect(new Set([a, b, c]).size).toBe(3);
    const watch = own.openWatch(a);
    const wait = own.openClaim(a);
    own.openClaim(b);
    other.openClaim(c);
    expect(own.claim(a, wait)).toBe(true);
    expect(own.isClean(a, watch)).toBe(true);
    own.givePlace(a);
    expect(own.takePlace()).toBe(a);
    expect(own.claim(a, wait)).toBe(false);
  });
});
