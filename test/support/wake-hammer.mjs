// One of two threads that pass single records to and fro and may sleep after every one of them. A wake-up that got
// lost would leave both asleep for ever. `burst` records are under way at once, so that publishing and parking meet at
// every possible distance; some turns wait a little first, to move the meeting point.
import process from 'node:process';
import { setImmediate } from 'node:timers';
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../../dist/src/base/prng.js';
import { joinMesh, LANE_REQUEST } from '../../dist/src/fabric/mesh.js';

const { plan, self, seed, rounds, burst } = workerData;
const mesh = joinMesh(plan, self);
const random = new SeededRandom(seed + self);
const peer = 1 - self;
const record = new Uint8Array(8);
let received = 0;
let sent = 0;
let sleeps = 0;

function send() {
  record[0] = sent;
  mesh.send(peer, LANE_REQUEST, sent & 0xffff, record, 0, 8);
  sent++;
  mesh.flush();
}

function onRecord(_peer, _lane, kind, bytes, start) {
  if (kind !== (received & 0xffff) || bytes[start] !== (received & 0xff)) throw new Error(`order, seed ${seed}`);
  received++;
  if (sent < rounds) send();
  return true;
}

// The loop stays within one turn of the event loop while parking fails, so that attempts follow each other closely.
function turn() {
  for (let tries = 0; tries < 1000; tries++) {
    for (let wait = random.below(40); wait > 0; wait--) record[7] ^= wait;
    mesh.drain(1, onRecord);
    if (received === rounds && sent === rounds) {
      mesh.flush();
      parentPort.postMessage({ self, sleeps, stats: mesh.stats });
      return;
    }
    if (mesh.tryPark()) {
      sleeps++;
      // Sometimes wake by oneself at once, as a socket would do, and go on: peers must still reach the next sleep.
      if (random.below(4) !== 0) return;
      mesh.unpark();
    }
  }
  setImmediate(turn);
}

mesh.onWake(turn);
parentPort.on('message', (message) => {
  if (message === 'end') process.exit(0);
  if (self === 0) for (let i = 0; i < burst; i++) send();
  turn();
});
parentPort.postMessage('ready');
