// A ready portable toolchain for every test that compiles, and guests compiled once a machine. The toolchain comes in
// through the real setup, from the registry npm is configured for, into a home outside the repository; what it
// downloads is named by the manifest's digest, so another version gets another home. Several vitest workers may ask at
// once: setup's own lock lets one install and the others find it done.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { Collector, compile, showCommand } from '../../src/compiler/index.js';
import { loadManifests, planSetup, runPlan, type Toolchain } from '../../src/toolchain/index.js';
import { WasienvError } from '../../src/base/errors.js';

/** One directory for all of a user's test runs on this machine; nothing in it is ever changed once it is there. */
export const TEST_CACHE = path.join(tmpdir(), `wasienv-tests-${userInfo().username}`);

let installed: Promise<Toolchain> | undefined;

/** The portable toolchain. The first caller on a machine waits for a download of some 27 MB. */
export function portableToolchain(): Promise<Toolchain> {
  installed ??= install();
  return installed;
}

/** The home it is installed in, for tests that run the command line: `WASIENV_HOME`. */
export async function portableHome(): Promise<string> {
  const manifests = await loadManifests({ env: process.env, cwd: tmpdir(), platform: process.platform });
  const digest = manifests.get('portable-clang')?.releases[0]?.artifact.integrity;
  if (typeof digest !== 'string') throw new Error('the manifest of portable-clang has no release with a digest');
  return path.join(TEST_CACHE, `home2-${createHash('sha256').update(digest).digest('hex').slice(0, 16)}`);
}

async function install(): Promise<Toolchain> {
  const home = await portableHome();
  const context = { home, env: process.env, cwd: tmpdir(), platform: process.platform, now: Date.now, emit: () => undefined };
  const plan = await planSetup({ source: 'npm', refetch: false }, context);
  const { toolchain } = await runPlan(plan, context);
  if (toolchain === null) throw new Error('setup left no compiler');
  return toolchain;
}

export interface GuestOptions {
  /** `c` or `c++`; what the file's name says otherwise. */
  readonly language?: 'c' | 'c++';
  /** Further arguments, before the source. */
  readonly args?: readonly string[];
}

/**
 * Compiles a program and gives the path of its module. `source` is C or C++ text; a file is given as
 * `{ file: '/absolute/path.c' }`. The same text, compiler and words said to it give the same file without compiling again.
 */
export async function compileGuest(source: string | { readonly file: string }, options: GuestOptions = {}): Promise<string> {
  const toolchain = await portableToolchain();
  const text = typeof source === 'string' ? source : readFileSync(source.file, 'utf8');
  const language = options.language ?? (typeof source !== 'string' && /\.(?:cc|cpp|cxx)$/.test(source.file) ? 'c++' : 'c');
  const args = options.args ?? [];
  const tool = language === 'c' ? 'clang' : 'clang++';
  // With what our own `cc` adds: a guest of another day's `cc` must not stand for today's.
  const told = showCommand({ toolchain, tool, args, cwd: TEST_CACHE });
  const key = createHash('sha256').update(JSON.stringify([toolchain.digest, told, text])).digest('hex').slice(0, 32);
  const directory = path.join(TEST_CACHE, 'guests');
  const module = path.join(directory, `${key}.wasm`);
  if (existsSync(module) && statSync(module).size > 0) return module;

  mkdirSync(directory, { recursive: true });
  // Aside and renamed: another worker may be compiling the same program at this moment.
  const work = mkdtempSync(path.join(directory, 'work-'));
  try {
    const name = language === 'c' ? 'guest.c' : 'guest.cc';
    writeFileSync(path.join(work, name), text);
    const stderr = new Collector();
    const code = await compile({
      toolchain, tool, args: [...args, name, '-o', 'guest.wasm'],
      cwd: work, env: process.env, io: { stdin: 'ignore', stdout: stderr, stderr },
    });
    if (code !== 0) throw new Error(`the guest does not compile (exit code ${code}):\n${stderr.text()}`);
    renameSync(path.join(work, 'guest.wasm'), module);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return module;
}

/** The error a promise is rejected with; fails when it is fulfilled, or rejected with anything but a WasienvError. */
export async function wasienvError(promise: Promise<unknown>): Promise<WasienvError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WasienvError) return error;
    throw error;
  }
  throw new Error('no error was thrown');
}
