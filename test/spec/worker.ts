// One thread of the suite runner: a file name in, its outcome out.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { useTier } from './engine.js';
import type { Detour, Tier } from './outcome.js';
import { runScript } from './run-script.js';
import { SUITE_DIRECTORY } from './suite.js';

const { through, tier } = workerData as { readonly through: Detour; readonly tier: Tier };
useTier(tier);

parentPort!.on('message', (file: string) => {
  parentPort!.postMessage(runScript(file, readFileSync(path.join(SUITE_DIRECTORY, file)), through));
});
