// Requests well-formed and broken, in one piece, cut in two at every byte, and in random pieces: the same arguments and
// the same errors. For well-formed arrays redis-parser is the independent oracle (a request is an array of bulks, which
// is a reply, too).

import RedisParser from 'redis-parser';
import { describe, expect, it } from 'vitest';
import { SeededRandom, type Random } from '../../src/base/prng.js';
import { Args } from '../../src/contract/args.js';
import { DecodeProgress, RequestDecoder } from '../../src/protocol/request-decoder.js';
import { decodeAll, type Decoded } from '../support/decode-all.js';
import { encodeRequest, inlineRequest, mutate, randomPieces, randomWord } from '../support/request-fuzz.js';

const decoder = new RequestDecoder({ bulkBytesMax: 512 * 1024 * 1024 });
const args = new Args(1);

function decode(pieces: readonly Uint8Array[], authenticated = true): Decoded[] {
  const progress = new DecodeProgress();
  progress.authenticated = authenticated;
  return decodeAll(decoder, args, progress, pieces);
}

function byRedisParser(bytes: Buffer): Decoded[] {
  const found: Decoded[] = [];
  const parser = new RedisParser({
    returnBuffers: true,
    returnReply: (reply) => found.push((reply as Buffer[]).map((word) => word.toString('latin1'))),
    returnError: (error) => {
      throw error;
    },
  });
  parser.execute(bytes);
  return found;
}

function randomArrays(random: Random, requestsMax: number): Buffer {
  return Buffer.concat(
    Array.from({ length: 1 + random.below(requestsMax) }, () =>
      encodeRequest(Array.from({ length: 1 + random.below(7) }, () => randomWord(random, 60))),
    ),
  );
}

/** Runs `check` for `count` seeds from `first` on; a failure names its seed. */
function withSeeds(first: number, count: number, check: (random: Random) => void): void {
  for (let seed = first; seed < first + count; seed++) {
    try {
      check(new SeededRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
}

describe('request decoder', () => {
  it('reads arrays as redis-parser does, whole and in random pieces', () => {
    withSeeds(1, 600, (random) => {
      const bytes = randomArrays(random, 5);
      const expected = byRedisParser(bytes);
      expect(decode([bytes])).toEqual(expected);
      expect(decode(randomPieces(bytes, random))).toEqual(expected);
    });
  });

  it('reads arrays as redis-parser does, cut at every byte', () => {
    withSeeds(10_001, 60, (random) => {
      const bytes = randomArrays(random, 3);
      const expected = byRedisParser(bytes);
      for (let cut = 1; cut < bytes.length; cut++) {
        expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected);
      }
    });
  });

  it('reads inline commands and arrays in any mixture', () => {
    withSeeds(20_001, 300, (random) => {
      const expected: string[][] = [];
      const requests = Array.from({ length: 1 + random.below(6) }, () => {
        const words = Array.from({ length: 1 + random.below(4) }, () => `w${random.below(1e6)}`);
        expected.push(words);
        return random.below(2) === 0 ? inlineRequest(words, random) : encodeRequest(words.map((w) => Buffer.from(w)));
      });
      const bytes = Buffer.concat(requests);
      expect(decode([bytes])).toEqual(expected);
      expect(decode(randomPieces(bytes, random))).toEqual(expected);
    });
  });

  it('finds the same in broken requests however they are cut', () => {
    withSeeds(30_001, 500, (random) => {
      const words = Array.from({ length: 1 + random.below(4) }, () => randomWord(random, 30));
      const whole = random.below(3) === 0 ? inlineRequest(['ECHO', '"a b"', "'c'"], random) : encodeRequest(words);
      const bytes = mutate(Buffer.concat([whole, randomArrays(random, 2)]), random);
      const authenticated = random.below(5) !== 0;
      const expected = decode([bytes], authenticated);
      for (let cut = 1; cut < bytes.length; cut += 1 + random.below(3)) {
        expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)], authenticated)).toEqual(expected);
      }
      expect(decode(randomPieces(bytes, random), authenticated)).toEqual(expected);
      expect(
        decode(
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
          authenticated,
        ),
      ).toEqual(expected);
    });
  });
});
