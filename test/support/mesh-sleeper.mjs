// A member that sleeps until it is spoken to, measures the CPU it took meanwhile, and serves a socket in its sleep.
import { createServer } from 'node:net';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { DutyCycle } from '../../dist/src/fabric/duty-cycle.js';
import { joinMesh, LANE_REPLY } from '../../dist/src/fabric/mesh.js';

const mesh = joinMesh(workerData, 1);
const cycle = new DutyCycle({
  mesh,
  work: () =>
    mesh.drain(100, (peer, _lane, kind, bytes, start, end) => {
      mesh.send(peer, LANE_REPLY, kind, bytes, start, end);
      return true;
    }),
  outstanding: () => 0,
});

const server = createServer((socket) => {
  socket.on('data', (data) => socket.end(`${data} ${mesh.parked ? 'parked' : 'awake'} ${cycle.stats.cycles}`));
});
parentPort.on('message', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  cycle.kick();
  parentPort.postMessage(server.address().port);
});
