// What most tests of setup begin with: one registry on loopback for a file, and for each test a workshop of its own.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { startRegistry, type Registry } from './registry.js';
import { PACKAGES, makeWorkshop, type Workshop } from './workshop.js';

/** For the top of a file or of a `describe`. `ready` is called before each test, with a registry that answers as it should; what it leaves in the workshop goes with it. */
export function workshopForEach(ready: (workshop: Workshop, registry: Registry) => void | Promise<void>): void {
  let registry: Registry;
  let workshop: Workshop;
  beforeAll(async () => {
    registry = await startRegistry(PACKAGES);
  });
  afterAll(() => registry.close());
  beforeEach(async () => {
    registry.fault = { kind: 'ok' };
    registry.files = PACKAGES;
    workshop = makeWorkshop(registry.url);
    await ready(workshop, registry);
  });
  afterEach(() => workshop.remove());
}
