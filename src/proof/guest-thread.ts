// A thread that runs proof programs, one after the other. Started by guest-runner.ts.
import { parentPort } from 'node:worker_threads';
import { runGuest, type GuestJob } from './run-guest.js';

parentPort!.on('message', (job: GuestJob) => parentPort!.postMessage(runGuest(job)));
