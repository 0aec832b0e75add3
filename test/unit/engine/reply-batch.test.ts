import { expect, it } from 'vitest';
import { REPLIES_TAIL_BYTES } from '../../../src/engine/batch-layout.js';
import { ReplyBatch } from '../../../src/engine/reply-batch.js';
import { RespEncoder } from '../../../src/protocol/resp-encoder.js';
import { SeededRandom } from '../../../src/base/prng.js';

/** A record of replies as a shard sends it. */
function recordOf(replies: readonly string[]): Uint8Array {
  const body = Buffer.from(replies.join(''));
  const record = Buffer.alloc(body.length + 4 * replies.length + REPLIES_TAIL_BYTES);
  body.copy(record);
  let end = 0;
  let at = body.length;
  for (const reply of replies) {
    end += reply.length;
    at = record.writeInt32LE(end, at);
  }
  record.writeInt32LE(replies.length, at);
  return new Uint8Array(record);
}

function textOf(out: RespEncoder): string {
  return Buffer.from(out.take()).toString('latin1');
}

it('gives replies in request order, whole or as far as they have come, whatever order they come in', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new SeededRandom(seed);
    const batch = new ReplyBatch(3);
    const owed: string[][] = [[], [], []];
    let expected = '';
    const here = new RespEncoder();
    for (let i = 0; i < 40; i++) {
      const source = random.below(4);
      const text = `<${i}:${'x'.repeat(random.below(5))}>`;
      if (source === 3) {
        here.simple(text);
        expected += `+${text}\r\n`;
      } else {
        const drop = random.below(5) === 0;
        batch.addHere(here, 0);
        batch.addShard(source, drop);
        owed[source].push(text);
        if (!drop) expected += text;
      }
    }
    batch.addHere(here, 0);
    batch.closed = true;
    const out = new RespEncoder();
    let got = '';
    while (owed.some((replies) => replies.length > 0)) {
      const shard = random.below(3);
      const count = Math.min(owed[shard].length, 1 + random.below(4));
      if (count === 0) continue;
      const record = recordOf(owed[shard].splice(0, count));
      batch.settleShard(shard, record, 0, record.length);
      if (random.below(2) === 0) batch.emitReady(out);
      got += textOf(out);
      expect(expected.startsWith(got), `seed ${seed}`).toBe(true);
    }
    batch.emit(out);
    expect(got + textOf(out), `seed ${seed}`).toBe(expected);
    expect(batch.heldBytes, `seed ${seed}`).toBe(0);
  }
});
