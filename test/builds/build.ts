// Builds a project as a person would: its commands typed one after the other into a shell, in a copy of its source.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { posixQuote } from '../../src/base/quote.js';
import { BIN, runCli } from '../support/cli.js';
import { debianClang, type DebianClang, type Part } from '../support/debian.js';
import { debianSource } from '../support/debian-source.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';
import { copyHome } from '../support/copied-home.js';
import { sdkMirror } from '../support/mirror.js';
import type { Project } from './projects.js';

/** The compilers in the layout of a release of wasi-sdk: 20 is played by Debian's clang 16. */
const SDK = '20.0';

export interface BuildHome {
  /** Holds the programs of this machine and `wasienv`, and a shell full of what is meant for other builds. */
  readonly env: Readonly<Record<string, string>>;
}

/** Why a project cannot be built here; undefined when it can. */
export function lacking(project: Project): string | undefined {
  if (project.compiler !== 'portable') {
    const clang = project.compiler === 'rust' ? debianClang(RUST) : debianClang(['clang', 'lld', 'sysroot', 'builtins'], 16);
    if ('missing' in clang) return clang.missing;
  }
  const missing = project.needs.filter((program) => !['/usr/bin', '/bin', '/usr/local/bin'].some((directory) => existsSync(path.join(directory, program))));
  if (missing.length > 0) return `there is no ${missing.join(' and no ')}`;
  const source = sourceOf(project);
  return 'missing' in source ? source.missing : undefined;
}

const RUST: readonly Part[] = ['clang', 'lld', 'sysroot', 'builtins', 'rust', 'rust-std', 'cargo'];

function sourceOf({ package: name }: Project): { readonly directory: string } | { readonly missing: string } {
  return typeof name === 'string' ? debianSource(name) : { directory: path.join(import.meta.dirname, name.own) };
}

/** A home below `base` with one compiler, and the environment to use it in. */
export async function makeHome(base: string, compiler: Project['compiler']): Promise<BuildHome> {
  const home = path.join(base, `home-${compiler}`);
  const bin = path.join(base, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(path.join(bin, 'wasienv'), `#!/bin/sh\nexec ${posixQuote(process.execPath)} ${posixQuote(BIN)} "$@"\n`);
  chmodSync(path.join(bin, 'wasienv'), 0o755);
  // What shells have for builds of their own machine: none of it may reach the build.
  const shell = { CC: 'ccache gcc', CXX: 'false', AR: 'false', CFLAGS: '-march=native', CPATH: '/usr/include', LIBRARY_PATH: '/usr/lib', PKG_CONFIG_PATH: '/usr/lib/pkgconfig' };
  const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: base, LC_ALL: 'C.UTF-8', WASIENV_HOME: home, ...shell };
  if (compiler === 'portable') {
    await portableToolchain();
    mkdirSync(home);
    copyHome(await portableHome(), home);
    return { env };
  }
  if (compiler === 'rust') {
    const debian = debianClang(RUST) as DebianClang;
    const found = { ...env, PATH: `${bin}:${debian.env['PATH']}:/usr/bin:/bin`, LD_LIBRARY_PATH: debian.env['LD_LIBRARY_PATH']!, CARGO_HOME: path.join(base, 'cargo-home') };
    const { code, stderr } = await runCli(['setup', '--source', 'system', '--no-prove', '--quiet'], { env: { ...found, RUSTC: path.join(debian.root, 'usr/bin/rustc') } });
    if (code !== 0) throw new Error(stderr);
    return { env: { ...found, RUSTC: path.join(debian.root, 'usr/bin/rustc') } };
  }
  await installSdk(home, SDK, base);
  return { env };
}

/** A release of wasi-sdk, set up from a mirror. */
export async function installSdk(home: string, version: string, base: string): Promise<void> {
  const mirror = sdkMirror([['wasi-sdk', version]]);
  const manifests = path.join(base, `manifests-${version}`);
  await mirror.writeManifests(manifests);
  const { code, stderr } = await runCli(['setup', `wasi-sdk@${version}`, '--mirror', mirror.directory, '--no-prove', '--quiet'], { env: { WASIENV_HOME: home, WASIENV_MANIFESTS: manifests } });
  if (code !== 0) throw new Error(stderr);
}

export interface Typed {
  readonly command: string;
  readonly code: number | null;
  /** Both streams, as a terminal would show them. */
  readonly text: string;
}

/** Types the commands of a project until one fails. */
export function build(project: Project, base: string, { env }: BuildHome): readonly Typed[] {
  const source = sourceOf(project);
  if ('missing' in source) throw new Error(source.missing);
  const directory = mkdtempSync(path.join(base, `${project.id}-`));
  // With the times of the files: make looks at them.
  cpSync(source.directory, directory, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  for (const [name] of project.files ?? []) copyFileSync(path.join(import.meta.dirname, 'files', name), path.join(directory, name));
  const typed: Typed[] = [];
  for (const command of project.commands) {
    const { status, stdout } = spawnSync('/bin/sh', ['-c', `exec 2>&1; ${command}`], { cwd: directory, env, encoding: 'utf8', maxBuffer: 1 << 28 });
    typed.push({ command, code: status, text: stdout });
    if (status !== 0) break;
  }
  return typed;
}
