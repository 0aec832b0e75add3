// Entry of a core's thread: builds the core from what the main thread handed over, and runs it.

import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/base/assert.js';
import { controlPort } from '../src/engine/control-bus.js';
import { Core } from '../src/engine/core.js';
import type { CoreData } from '../src/engine/core-messages.js';

assert(parentPort !== null, 'a core runs in a worker thread');
new Core(workerData as CoreData, controlPort(parentPort));
