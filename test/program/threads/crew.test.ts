// A worker that dies although its program did nothing to end: that is told, and nobody waits for it for ever.
import { expect, test } from 'vitest';
import { Crew } from '../../../src/program/threads/crew.js';
import type { ThreadSetup } from '../../../src/program/threads/protocol.js';

const setup: ThreadSetup = {
  engine: 'interpreter', emit: true, maxDepth: undefined, bytes: new Uint8Array([0, 1, 2]), compiled: undefined, functions: [], memories: [], wasiMemory: 0, clock: undefined,
};

test('a worker that cannot begin is lost, with the reason', async () => {
  const never = (): never => {
    throw new Error('not to be called');
  };
  const lost = await new Promise<Error>((resolve) => {
    const crew = new Crew({
      setup, maxThreads: 0, functionsOf: () => [], spawned: never, ended: never, finished: never,
      lost: (error) => void crew.dismiss().then(() => resolve(error)),
    });
    crew.begin();
  });
  expect(lost.message).toContain('the file has 3 bytes');
});

test('dismissed workers end, and are not lost', async () => {
  const lost: Error[] = [];
  const crew = new Crew({ setup, maxThreads: 5, functionsOf: () => [], spawned: () => {}, ended: () => {}, finished: () => {}, lost: (error) => lost.push(error) });
  crew.begin();
  await crew.dismiss();
  expect(lost).toEqual([]);
});
