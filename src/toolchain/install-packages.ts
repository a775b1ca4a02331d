// Installs a compiler from packages of a distribution: fetch -> verify -> unpack -> check -> commit -> receipt, as
// `run-plan.ts` does it for archives. Needs the lock. The digests come from the distribution's signed index and the
// receipt says so; a package that does not have its digest stops everything before anything is unpacked.
import { copyFile, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { InternalError } from '../base/errors.js';
import { spawn } from '../base/spawn.js';
import { formatBytes } from '../base/text.js';
import { wasienvVersion } from '../base/version.js';
import { BUILTINS_PLACES, lacksStackGuard, withStackGuard } from './builtins.js';
import { commit, withStaging } from './commit.js';
import { homeError, interrupted, packageUnreadable, packagesLack } from './errors.js';
import { homeTree, receiptId } from './home.js';
import { settleLayout } from './layout.js';
import { buildRustTree, buildSysrootTree, buildTree } from './package-tree.js';
import { Phases } from './phases.js';
import { writeReceipt } from './receipt.js';
import { loadSource } from './sources/source.js';
import type { RunOptions } from './fetch.js';
import type { ComponentLayout, InstalledFile, PlanStep } from './types.js';

export type PackagesStep = Extract<PlanStep, { readonly kind: 'packages' }>;

const BUILDERS = { 'apt-clang': buildTree, 'wasi-sysroot': buildSysrootTree, 'apt-rust': buildRustTree } as const;

/** Installs and answers with the id of the receipt. @throws E_NETWORK E_DIGEST E_ARCHIVE E_COMPILER E_DISK_FULL E_INTERRUPTED */
export async function installPackages(step: PackagesStep, options: RunOptions): Promise<string> {
  const { home, emit, signal, now } = options;
  const { component, version, set } = step;
  const source = await loadSource(step.source);
  if (source.kind !== 'packages') throw new InternalError(`a plan takes packages from ${step.source}`);
  const phases = new Phases(component, emit);
  const stopIfAborted = (): void => {
    if (signal?.aborted === true) throw interrupted(`installing ${component} ${version}`);
  };
  try {
    await withStaging(home, component, async (staging) => {
      const [fetched, unpacked, tree] = ['fetched', 'unpacked', 'tree'].map((name) => path.join(staging, name)) as [string, string, string];
      for (const directory of [fetched, unpacked, tree]) await mkdir(directory);
      const totalBytes = set.packages.reduce((sum, each) => sum + each.sizeBytes, 0);
      const files = await phases.run('download', async (progress) => {
        const got = await source.fetch(set, fetched, options, (doneBytes) => progress(doneBytes, totalBytes));
        return [got, `${got.size} packages, ${formatBytes(totalBytes)}`];
      });
      await phases.run('verify', async () => {
        const { digestFile, requireDigest } = await import('./verify.js');
        for (const [{ name, file, integrity }, at] of files) requireDigest(`the package ${name}`, file, integrity, await digestFile(at, integrity));
        return [undefined, `${files.size} sha256 of ${step.source}'s signed index`];
      });
      const layout = await phases.run('unpack', async (progress) => {
        let done = 0;
        for (const [{ name }, at] of files) {
          stopIfAborted();
          const result = await spawn('dpkg-deb', ['--extract', at, unpacked], { env: { ...options.env, LC_ALL: 'C' }, signal });
          stopIfAborted();
          if (result.exitCode !== 0) throw packageUnreadable(name, result.stderr.trim() || (result.startError?.message ?? 'dpkg-deb failed'));
          await rm(at);
          progress((done += 1), files.size);
        }
        const built = BUILDERS[set.component](unpacked, tree, set.llvmMajor);
        await rm(unpacked, { recursive: true });
        await complete(built, tree, options);
        return [built, `${files.size} packages`];
      });
      const { settled, installed } = await phases.run('check', async () => {
        const installed = await filesBelow(tree);
        const settled = settleLayout(layout, new Set(installed.map((file) => file.path)));
        if ('missing' in settled) throw packagesLack(settled.missing);
        return [{ settled, installed }, `${settled.keyFiles.length} required files`];
      });
      stopIfAborted();
      await phases.run('commit', async () => {
        const directory = await commit(tree, homeTree.componentDir(home, component, version, set.digest));
        await writeReceipt(home, {
          schema: 1, component, version, source: step.source, clangVersion: component === 'apt-rust' ? null : version, artifact: null, digest: set.digest, directory,
          layout: settled.layout, files: installed, keyFiles: settled.keyFiles, adopted: false, packages: set.packages,
          wasienvVersion: wasienvVersion(), installedAt: new Date(now()).toISOString(), timings: phases.timings(),
        });
        return [undefined, directory];
      });
    });
  } catch (error) {
    throw homeError(error, `installing ${component} ${version}`, home);
  }
  return receiptId(component, version, set.digest);
}

/**
 * Gives the builtins what this libc does not have, and every name this clang may look for, in the tree alone. Without a
 * compiler that is left to whoever brings one.
 */
async function complete({ sysroot, resourceDir, builtins, target, programs }: ComponentLayout, tree: string, { env, signal }: RunOptions): Promise<void> {
  if (programs?.kind !== 'native') return;
  const clang = path.join(tree, programs.tools.clang!);
  const library = path.join(tree, builtins!);
  if (await lacksStackGuard(library, path.join(tree, sysroot!, 'lib', target!, 'libc.a'))) {
    const bytes = await withStackGuard(library, { clang, target: target!, work: path.dirname(tree), env, signal });
    await writeFile(`${library}.new`, bytes);
    await rename(`${library}.new`, library);
  }
  for (const place of BUILTINS_PLACES.map((name) => path.join(tree, resourceDir!, name)).filter((file) => !existsSync(file))) {
    await mkdir(path.dirname(place), { recursive: true });
    await link(library, place).catch(() => copyFile(library, place));
  }
}

export async function filesBelow(tree: string): Promise<readonly InstalledFile[]> {
  const { digestFile } = await import('./verify.js');
  const names = readdirSync(tree, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const files: InstalledFile[] = [];
  for (const each of names) {
    const file = path.join(each.parentPath, each.name);
    files.push({ path: path.relative(tree, file).split(path.sep).join('/'), sizeBytes: statSync(file).size, integrity: await digestFile(file, 'sha256-') });
  }
  return files.sort((left, right) => (left.path < right.path ? -1 : 1));
}
