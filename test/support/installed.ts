// A home with the real portable compiler in it, for tests that compile. It is fetched once, by our own setup, from the
// npm registry that `npm ci` used a moment ago, and kept beside node_modules' other caches. Tests must not change it;
// one that does makes a home of its own.
import path from 'node:path';
import { currentToolchain, planSetup, runPlan, type Toolchain } from '../../src/toolchain/index.js';
import { ROOT } from './cli.js';

let installing: Promise<{ home: string; toolchain: Toolchain }> | undefined;

/** The home, and the toolchain in it. Safe to call from several test files at once: setup's own lock orders them. */
export function installedToolchain(): Promise<{ readonly home: string; readonly toolchain: Toolchain }> {
  installing ??= install();
  return installing;
}

async function install(): Promise<{ home: string; toolchain: Toolchain }> {
  const home = path.join(ROOT, 'node_modules', '.cache', 'wasienv-test-home');
  const world = { home, env: process.env, cwd: ROOT, platform: process.platform };
  const plan = await planSetup({ source: 'npm', refetch: false }, world);
  await runPlan(plan, { ...world, now: Date.now, emit: () => {} });
  return { home, toolchain: await currentToolchain(home) };
}
