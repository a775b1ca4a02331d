// A small world for setup: a sandbox directory with its own home, npm settings and manifests, and a package in two
// versions that looks to the workshop as the portable compiler does, only smaller.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { currentToolchain, checkFiles, planSetup, readReceipts, runPlan, type Plan, type SetupEvent, type SetupRequest, type Toolchain } from '../../src/toolchain/index.js';
import type { TransferLimits } from '../../src/toolchain/wire.js';
import { tar, tgz, type TarEntry } from './archive.js';
import { noise } from './random.js';

export const PACKAGE = { one: '1.0.0', two: '2.0.0' } as const;

/** The files a test toolchain is made of; `seed` tells versions apart. */
function packageEntries(seed: number): readonly TarEntry[] {
  const headers = Array.from({ length: 60 }, (_, index): TarEntry => ({ path: `include/header${index}.h`, data: `#define HEADER_${index} ${seed}\n` }));
  const resources = tar([
    { path: 'include', type: '5', mode: 0o755 },
    ...headers,
    { path: 'lib/wasm32-wasip1/crt1-command.o', data: noise(600, seed + 1) },
    { path: 'lib/wasm32-wasip1/libc.a', data: noise(20_000, seed + 2) },
    { path: 'lib/builtins.a', data: noise(5_000, seed + 3) },
  ]);
  return [
    { path: 'package/package.json', data: `{"name":"@test/clang","version":"${seed}.0.0"}\n` },
    { path: 'package/gen/resources.tar', data: resources },
    { path: 'package/gen/core.wasm', data: noise(300_000, seed) },
    { path: 'package/gen/unwanted.js', data: 'never taken\n' },
  ];
}

export const PACKAGES: ReadonlyMap<string, Buffer> = new Map([
  ['clang-1.0.0.tgz', tgz(packageEntries(1))],
  ['clang-2.0.0.tgz', tgz(packageEntries(2))],
]);

const UNPACKED_BYTES = 360_000;

/** The manifest row of one archive; `over` changes what a test wants wrong. */
export function release(version: string, archive: Uint8Array, over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    version,
    source: 'npm',
    hosts: ['any'],
    clangVersion: '22.1.0',
    artifact: {
      location: `@test/clang/-/clang-${version}.tgz`,
      sizeBytes: archive.byteLength,
      integrity: `sha512-${createHash('sha512').update(archive).digest('base64')}`,
      witnesses: [],
    },
    unpack: {
      format: 'tar.gz',
      take: [
        { as: 'file', from: 'package/gen/core.wasm', to: 'bin/llvm.wasm' },
        { as: 'nested-tar', from: 'package/gen/resources.tar', to: 'usr' },
        { as: 'file', from: 'package/package.json', to: 'share/doc/package.json' },
      ],
    },
    unpackedBytes: UNPACKED_BYTES,
    layout: { sysroot: 'usr', resourceDir: 'usr', builtins: 'usr/lib/builtins.a', target: 'wasm32-wasip1', programs: { kind: 'portable', module: 'bin/llvm.wasm' } },
    expects: ['bin/llvm.wasm', 'usr/lib/wasm32-wasip1/crt1-command.o', 'usr/lib/wasm32-wasip1/libc.a', 'usr/lib/builtins.a'],
    ...over,
  };
}

export function manifest(releases: readonly Record<string, unknown>[]): Record<string, unknown> {
  return { schema: 1, component: 'portable-clang', title: 'a test compiler', channels: { stable: releases.at(-1)!['version'] }, releases };
}

export interface Workshop {
  readonly root: string;
  readonly home: string;
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly events: SetupEvent[];
  /** Text for the user's ~/.npmrc; replaces what was there. */
  npmrc(text: string): void;
  manifests(releases: readonly Record<string, unknown>[]): void;
  plan(request?: Partial<SetupRequest>): Promise<Plan>;
  /** Plans and runs; patience is short, so that faults show soon. */
  setup(request?: Partial<SetupRequest>, options?: { signal?: AbortSignal; transfer?: Partial<TransferLimits>; onEvent?: (event: SetupEvent) => void }): Promise<{ readonly changed: boolean; readonly toolchain: Toolchain }>;
  /** Every file outside the home, with size: to see that nothing was written there. */
  outside(): readonly string[];
  remove(): void;
}

/** Few attempts and short pauses. Not short of time: a busy machine would take its own slowness for a fault of the server. */
export const SHORT_PATIENCE: Partial<TransferLimits> = { attempts: 3, backoffMs: 1, connectMs: 60_000, stallMs: 60_000, longestPauseMs: 50 };

/** Makes a sandbox whose npm is configured for `registryUrl`. The home's name has spaces, quotes and non-ASCII in it. */
export function makeWorkshop(registryUrl: string): Workshop {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-workshop-')));
  const home = path.join(root, `it's a "hömé" $HOME`, 'wasienv');
  const at = (name: string): string => path.join(root, name);
  for (const name of ['user', 'project', 'tmp', 'manifests']) mkdirSync(at(name));
  mkdirSync(path.dirname(home));
  writeFileSync(path.join(at('project'), 'package.json'), '{}');
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: at('user'),
    TMPDIR: at('tmp'),
    WASIENV_HOME: home,
    WASIENV_MANIFESTS: at('manifests'),
    npm_config_globalconfig: at('no-global-npmrc'),
  };
  const events: SetupEvent[] = [];
  const context = { home, env, cwd: at('project'), platform: process.platform };
  const workshop: Workshop = {
    root, home, env, cwd: context.cwd, events,
    npmrc: (text) => writeFileSync(path.join(at('user'), '.npmrc'), text),
    manifests: (releases) => writeFileSync(path.join(at('manifests'), 'test.json'), JSON.stringify(manifest(releases))),
    plan: (request = {}) => planSetup({ source: 'npm', refetch: false, ...request }, context),
    setup: async (request = {}, { signal, transfer, onEvent } = {}) => {
      const signalOption = signal === undefined ? {} : { signal };
      const plan = await planSetup({ source: 'npm', refetch: false, ...request }, { ...context, ...signalOption });
      const emit = (event: SetupEvent): void => {
        events.push(event);
        onEvent?.(event);
      };
      const { changed, toolchain } = await runPlan(plan, { ...context, emit, now: () => Date.UTC(2026, 0, 2), transfer: { ...SHORT_PATIENCE, ...transfer }, ...signalOption });
      if (toolchain === null) throw new Error('setup left no compiler');
      return { changed, toolchain };
    },
    outside: () => listFiles(root).filter((each) => !each.startsWith(path.relative(root, home))),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  workshop.npmrc(`registry=${registryUrl}\n`);
  workshop.manifests([release(PACKAGE.one, PACKAGES.get('clang-1.0.0.tgz')!), release(PACKAGE.two, PACKAGES.get('clang-2.0.0.tgz')!)]);
  return workshop;
}

/** Every file below a directory as `path size`. */
export function listFiles(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((each) => !each.isDirectory())
    .map((each) => path.join(each.parentPath, each.name))
    .map((file) => `${path.relative(directory, file)} ${sizeOf(file) ?? 'link'}`)
    .sort();
}

/** Null for a link that leads nowhere, or in a circle. */
function sizeOf(file: string): number | null {
  try {
    return statSync(file).size;
  } catch {
    return null;
  }
}

/** What is wrong with a home between two setups: staging, locks, component directories without receipt, damaged files. */
export async function faultsOfHome(home: string): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const name of readdirSync(home)) {
    if (!['components', 'receipts', 'staging', 'downloads', 'env', 'current.json'].includes(name)) faults.push(`unexpected ${name}`);
  }
  faults.push(...readdirSync(path.join(home, 'staging')).map((name) => `left in staging: ${name}`));
  const { good, bad } = readReceipts(home);
  faults.push(...[...bad.values()].map((error) => error.message));
  const owned = new Set([...good.values()].map((receipt) => receipt.directory));
  for (const component of readdirSync(path.join(home, 'components'))) {
    for (const name of readdirSync(path.join(home, 'components', component))) {
      const directory = path.join(home, 'components', component, name);
      if (!owned.has(directory)) faults.push(`owned by nobody: ${name}`);
    }
  }
  for (const receipt of good.values()) {
    for (const damage of await checkFiles(receipt, { deep: true })) faults.push(`${damage.path} ${damage.text}`);
    // An adopted toolchain's directory is not ours: it may hold anything.
    if (receipt.adopted) continue;
    const inDirectory = listFiles(receipt.directory).length;
    if (inDirectory !== receipt.files.length) faults.push(`${inDirectory} files, ${receipt.files.length} in the receipt`);
  }
  return faults;
}

/** The version that `cc` would use now. */
export async function versionInUse(home: string): Promise<string> {
  return (await currentToolchain(home)).version;
}

export function readText(file: string): string {
  return readFileSync(file, 'utf8');
}
