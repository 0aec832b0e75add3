// One of several threads that take and give back the same few lock stripes as fast as they can, several transactions under way
// at once, as a core does. What a stripe guards is plain memory: a writer that was not alone, or a reader that was not
// without writers, is found out there. A thread that waits sleeps until it is told: a wake-up that got lost times out.
import { setTimeout } from 'node:timers';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { SeededRandom } from '../../dist/src/base/prng.js';
import { LockStripes, StripeSet } from '../../dist/src/fabric/lock-stripes.js';

const { stripesPlan, wakes, guarded, self, seed, rounds, keys, under, wholeOneIn } = workerData;
const PATIENCE_MS = 10_000;
const locks = new LockStripes(stripesPlan, self);
const wakeWords = new Int32Array(wakes);
const memory = new Int32Array(guarded);
const random = new SeededRandom(seed * 31 + self);
/** Increments of this thread. */
const added = new Array(keys).fill(0);
const underWay = [];
const stats = { atOnce: 0, inTurn: 0, slept: 0, longest: 0 };
let waiting;

function fail(message) {
  throw new Error(`${message} (thread ${self}, seed ${seed})`);
}

function wake(core) {
  Atomics.add(wakeWords, core, 1);
  Atomics.notify(wakeWords, core);
}

function begin() {
  const whole = random.below(wholeOneIn) === 0;
  const transaction = { set: new StripeSet(whole), reads: [], writes: [], seen: [] };
  for (let key = 0; key < keys; key++) {
    if (whole) transaction.writes.push(key);
    else if (random.below(3) === 0) {
      const writes = random.below(2) === 0;
      (writes ? transaction.writes : transaction.reads).push(key);
      transaction.set.addKey(key, writes);
    }
  }
  transaction.set.seal();
  return transaction;
}

function locked(transaction) {
  for (const key of transaction.writes) {
    transaction.seen.push(memory[key]);
    memory[key] = -1 - self; // who looks now sees that somebody is here
  }
  for (const key of transaction.reads) transaction.seen.push(memory[key]);
  underWay.push(transaction);
}

function end(transaction) {
  let i = 0;
  for (const key of transaction.writes) {
    if (memory[key] !== -1 - self) fail(`another writer at ${key}`);
    if (transaction.seen[i] < 0) fail(`a writer within a writer at ${key}`);
    memory[key] = transaction.seen[i++] + 1;
    added[key]++;
  }
  for (const key of transaction.reads) {
    if (transaction.seen[i] < 0 || memory[key] !== transaction.seen[i]) fail(`a writer beside a reader at ${key}`);
    i++;
  }
  locks.unlock(transaction.set, wake);
}

function endOne() {
  const [transaction] = underWay.splice(random.below(underWay.length), 1);
  end(transaction);
}

function goOnWaiting() {
  const word = Atomics.load(wakeWords, self);
  if (locks.isTurn() && locks.lockInTurn(waiting.set, wake)) {
    stats.inTurn++;
    locked(waiting);
    waiting = undefined;
    return true;
  }
  if (underWay.length > 0) {
    endOne(); // it waits for nobody
    return false;
  }
  stats.slept++;
  const start = Date.now();
  const how = Atomics.wait(wakeWords, self, word, PATIENCE_MS);
  stats.longest = Math.max(stats.longest, Date.now() - start);
  if (how === 'timed-out') fail('a wake-up was lost, or all wait for each other');
  return false;
}

function run() {
  let left = rounds;
  while (left > 0 || underWay.length > 0 || waiting !== undefined) {
    if (waiting !== undefined) {
      goOnWaiting();
    } else if (left > 0 && (underWay.length === 0 || random.below(under) !== 0)) {
      left--;
      const transaction = begin();
      if (locks.tryLock(transaction.set, wake)) {
        stats.atOnce++;
        locked(transaction);
      } else {
        waiting = transaction;
        locks.queue();
      }
    } else {
      endOne();
    }
    for (let wait = random.below(30); wait > 0; wait--) random.next32();
  }
  parentPort.postMessage({ added, stats });
}

parentPort.on('message', (message) => {
  if (message === 'end') process.exit(0);
  setTimeout(run, 0);
});
parentPort.postMessage('ready');
