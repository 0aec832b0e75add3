// One member of a mesh on a thread of its own: sends seeded records to every other member, answers requests, and
// checks every record that comes. Loads the built tree, as workers do.
//
//   record = | sequence:u32 | seed of the filling:u32 | filling ... | canary:u32 |      (shorter than 12 bytes: all bytes
//                                                                                         are the sequence's low byte)
import { Buffer } from 'node:buffer';
import { setImmediate } from 'node:timers';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../../dist/src/base/prng.js';
import { DutyCycle } from '../../dist/src/fabric/duty-cycle.js';
import { joinMesh, LANE_REPLY, LANE_REQUEST } from '../../dist/src/fabric/mesh.js';

const { plan, self, seed, requestsPerPeer, lengths, window, refuseOneIn, parkOneIn } = workerData;
const CANARY = 0x5ca1ab1e;
const FRAME_BYTES = 12;

const mesh = joinMesh(plan, self);
const random = new SeededRandom(seed + self);
const peers = Array.from({ length: plan.size }, (_, i) => i).filter((i) => i !== self);
const sent = new Map(peers.map((peer) => [peer, [0, 0]]));
const received = new Map(peers.map((peer) => [peer, [0, 0]]));
const scratch = Buffer.alloc(Math.max(...lengths) + FRAME_BYTES);
let owed = 0;

function fail(message) {
  throw new Error(`${message} (member ${self}, seed ${seed})`);
}

function send(peer, lane, length) {
  const sequence = sent.get(peer)[lane]++;
  if (length < FRAME_BYTES) {
    scratch.fill(sequence & 0xff, 0, length);
  } else {
    const filling = random.next32();
    scratch.writeUInt32LE(sequence, 0);
    scratch.writeUInt32LE(filling, 4);
    fill(scratch, 8, length - 4, filling);
    scratch.writeUInt32LE(CANARY, length - 4);
  }
  mesh.send(peer, lane, sequence & 0xffff, scratch, 0, length);
}

// A byte that depends on its position; runs of 64 make checking megabytes fast.
function fill(bytes, start, end, filling) {
  for (let at = start, run = 0; at < end; at += 64, run++) {
    bytes.fill((Math.imul(filling + run, 0x9e3779b1) >>> 24) & 0xff, at, Math.min(end, at + 64));
  }
}

const expected = Buffer.alloc(scratch.length);

function check(peer, lane, kind, bytes, start, end) {
  const sequence = received.get(peer)[lane]++;
  if (kind !== (sequence & 0xffff)) fail(`record ${kind} where ${sequence} was due`);
  const length = end - start;
  const got = Buffer.from(bytes.buffer, bytes.byteOffset + start, length);
  if (length < FRAME_BYTES) {
    for (const byte of got) if (byte !== (sequence & 0xff)) fail('torn short record');
    return;
  }
  if (got.readUInt32LE(0) !== sequence) fail('sequence inside the record');
  if (got.readUInt32LE(length - 4) !== CANARY) fail('canary');
  fill(expected, 8, length - 4, got.readUInt32LE(4));
  if (expected.compare(got, 8, length - 4, 8, length - 4) !== 0) fail('torn record');
}

function onRecord(peer, lane, kind, bytes, start, end) {
  if (lane === LANE_REQUEST) {
    if (mesh.congested(peer, LANE_REPLY)) return false;
    if (refuseOneIn !== 0 && random.below(refuseOneIn) === 0) {
      setImmediate(() => cycle.kick());
      return false;
    }
    check(peer, lane, kind, bytes, start, end);
    send(peer, LANE_REPLY, end - start);
  } else {
    check(peer, lane, kind, bytes, start, end);
    owed--;
  }
  return true;
}

function produce() {
  let produced = 0;
  for (const peer of peers) {
    let batch = 1 + random.below(32);
    while (batch-- > 0 && owed < window && sent.get(peer)[LANE_REQUEST] < requestsPerPeer) {
      if (mesh.congested(peer, LANE_REQUEST)) break;
      send(peer, LANE_REQUEST, lengths[random.below(lengths.length)]);
      owed++;
      produced++;
    }
  }
  return produced;
}

function done() {
  return peers.every(
    (peer) =>
      received.get(peer)[LANE_REPLY] === requestsPerPeer &&
      received.get(peer)[LANE_REQUEST] === requestsPerPeer &&
      sent.get(peer)[LANE_REPLY] === requestsPerPeer,
  );
}

let reported = false;
const cycle = new DutyCycle({
  mesh,
  work: () => {
    // Now and then try to sleep with everything unpublished: parking must notice all of it.
    let worked = mesh.drain(1 + random.below(100), onRecord) + produce();
    if (parkOneIn !== 0 && random.below(parkOneIn) === 0) {
      if (mesh.tryPark()) mesh.unpark();
      else worked++;
    }
    mesh.flush();
    if (!reported && done() && !mesh.anyCongested(LANE_REPLY)) {
      reported = true;
      parentPort.postMessage({ self, stats: mesh.stats, cycles: cycle.stats });
    }
    return worked;
  },
  outstanding: () => owed,
  spinCyclesMax: random.below(3),
});

parentPort.on('message', () => process.exit(0));
cycle.kick();
