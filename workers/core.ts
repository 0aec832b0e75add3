// Entry of a core's thread: builds the core from what the main thread handed over, and runs it.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.js';
import { controlPort } from '../src/engine/control-bus.js';
import { Core } from '../src/engine/core.js';
import type { CoreData } from '../src/engine/core-messages.js';
import { systemEnvironment } from '../src/engine/environment.js';

assert(parentPort !== null, 'a core runs in a worker thread');
const data = workerData as CoreData;
new Core(data, systemEnvironment(data, controlPort(parentPort)));
