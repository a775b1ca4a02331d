// The 46 functions of wasi_snapshot_preview1, gathered. A snapshot is a table of rows; another one is another table.
// witx: wasi_snapshot_preview1
import { signatureOf, type Call } from './call.js';
import { descriptorCalls } from './calls/descriptors.js';
import { pathCalls } from './calls/paths.js';
import { pollCalls } from './calls/poll.js';
import { processCalls } from './calls/process.js';
import { socketCalls } from './calls/sockets.js';

export const PREVIEW1 = 'wasi_snapshot_preview1';

export const preview1Calls: readonly Call[] = [...processCalls, ...descriptorCalls, ...pathCalls, ...pollCalls, ...socketCalls];

/** The type each function of the interface has, by name. */
export const preview1Signatures: ReadonlyMap<string, ReturnType<typeof signatureOf>> = new Map(preview1Calls.map((call) => [call.name, signatureOf(call)]));
