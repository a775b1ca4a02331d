// The Rust compilers of this machine: rustup's, or a bare rustc. Each is asked what it is, which names of preview 1 it
// knows and for which of them it has a standard library. Nothing is written, nothing is downloaded: rustup may install
// a toolchain that a project names when its rustc is asked, and is told not to.
import { statSync } from 'node:fs';
import path from 'node:path';
import { isFile, namesIn, pathDirectories, realPath } from '../../base/look.js';
import type { SpawnResult } from '../../base/spawn.js';
import type { Environment } from '../../base/surroundings.js';
import { probe, whyNot } from '../probe.js';
import { chooseTarget, parseVersion, RUST_PREVIEW1, type RustTargetName, type RustVersion } from './target.js';

export interface RustSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** rustup chooses a toolchain by directory, too. */
  readonly cwd: string;
  /** Directories to search beside those that PATH, RUSTC and CARGO_HOME name; the usual places by default. */
  readonly directories?: readonly string[];
  /** A rustup toolchain, as `rustc +NAME` takes it: only rustup's rustc answers to that. */
  readonly toolchain?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A rustc somewhere on this machine. */
export interface RustCandidate {
  /** The path by which it was found. */
  readonly rustc: string;
  /** `RUSTC`, `PATH`, `CARGO_HOME`, or a directory. */
  readonly foundIn: string;
  /** Whether a bare `rustc` typed into the shell would run this one. */
  readonly isFirstOnPath: boolean;
  /** The rustup that stands behind it, when it is rustup's proxy and no compiler. */
  readonly rustup: string | null;
}

export interface RustFacts extends RustVersion {
  readonly sysroot: string;
  /** Names of preview 1 that it knows, newest first. */
  readonly known: readonly RustTargetName[];
  /** Those of them it has a standard library for. */
  readonly installed: readonly RustTargetName[];
  /** The name to use; null when it knows none. */
  readonly target: RustTargetName | null;
}

export interface RustFinding extends RustCandidate {
  /** As asked for with `+NAME`. */
  readonly toolchain: string | null;
  /** What it is, or why it gave no answer, for people. */
  readonly answer: RustFacts | { readonly refused: string };
}

const UNCLEAR = 'gives an answer that is not understood';

/** Every rustc of this machine, asked, in the order they are preferred: RUSTC, PATH, CARGO_HOME, the usual places. */
export async function findRusts(search: RustSearch): Promise<RustFinding[]> {
  return Promise.all(listRusts(search).map((candidate) => askRust(candidate, search)));
}

/** The same without asking them. */
export function listRusts({ env, platform, cwd, directories, toolchain }: RustSearch): RustCandidate[] {
  const exe = platform === 'win32' ? '.exe' : '';
  const onPath = pathDirectories(env, platform);
  const first = onPath.map((directory) => path.join(directory, `rustc${exe}`)).find(isFile);
  const named = env['RUSTC'];
  const cargoHome = env['CARGO_HOME'] || (userHome(env, platform) === undefined ? undefined : path.join(userHome(env, platform)!, '.cargo'));
  const places = [
    // cargo takes a name without a directory from PATH.
    ...(named === undefined || named === '' ? [] : (/[\\/]/.test(named) ? [path.resolve(cwd, named)] : onPath.map((directory) => path.join(directory, named))).map((file) => ({ file, foundIn: 'RUSTC' }))),
    ...onPath.map((directory) => ({ file: path.join(directory, `rustc${exe}`), foundIn: 'PATH' })),
    ...(cargoHome === undefined ? [] : [{ file: path.join(cargoHome, 'bin', `rustc${exe}`), foundIn: 'CARGO_HOME' }]),
    ...(directories ?? usualRustDirectories(platform)).map((directory) => ({ file: path.join(directory, `rustc${exe}`), foundIn: directory })),
  ];
  const found = new Map<string, RustCandidate>();
  for (const { file, foundIn } of places) {
    if (!isFile(file)) continue;
    const program = realPath(file) ?? file;
    if (found.has(program)) continue;
    const rustup = rustupBehind(file, program, exe);
    if (toolchain !== undefined && rustup === null) continue;
    found.set(program, { rustc: file, foundIn, isFirstOnPath: file === first, rustup });
  }
  return [...found.values()];
}

/** Asks one rustc. With a rustup behind it the answer is that of the toolchain for `cwd`, or of `toolchain`. */
export async function askRust(candidate: RustCandidate, search: RustSearch): Promise<RustFinding> {
  const { toolchain } = search;
  const plus = toolchain === undefined ? [] : [`+${toolchain}`];
  const ask = (...args: readonly string[]): Promise<SpawnResult> =>
    probe(candidate.rustc, [...plus, ...args], { cwd: search.cwd, env: { ...search.env, RUSTUP_AUTO_INSTALL: '0', RUST_BACKTRACE: '0' }, signal: search.signal });
  const [version, prints] = await Promise.all([ask('-vV'), ask('--print', 'sysroot', '--print', 'target-list')]);
  const about = { ...candidate, toolchain: toolchain ?? null };
  const parsed = version.exitCode === 0 ? parseVersion(version.stdout) : null;
  if (parsed === null) return { ...about, answer: { refused: `\`${['rustc', ...plus].join(' ')} -vV\` ${whyNot(version, UNCLEAR)}` } };
  const [sysroot = '', ...targets] = prints.stdout.split(/\r?\n/).filter((line) => line !== '');
  if (prints.exitCode !== 0 || !path.isAbsolute(sysroot)) return { ...about, answer: { refused: `\`rustc --print sysroot\` ${whyNot(prints, UNCLEAR)}` } };
  const known = RUST_PREVIEW1.filter((name) => targets.includes(name));
  const installed = known.filter((name) => hasStd(sysroot, name));
  return { ...about, answer: { ...parsed, sysroot, known, installed, target: chooseTarget(known, installed) } };
}

/** The toolchains of a rustup, by name; empty when it does not answer. */
export async function listToolchains(rustup: string, { env, cwd, signal }: Pick<RustSearch, 'env' | 'cwd' | 'signal'>): Promise<string[]> {
  const result = await probe(rustup, ['toolchain', 'list'], { cwd, env: { ...env, RUST_BACKTRACE: '0' }, signal });
  return result.exitCode === 0 ? parseToolchains(result.stdout) : [];
}

/** Names from `rustup toolchain list`, without `(default)` and the like. Pure. */
export function parseToolchains(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.replace(/ \(.*/, '').trim()).filter((name) => name !== '' && !name.includes(' '));
}

/** Whether `sysroot` holds the standard library for a target. */
export function hasStd(sysroot: string, target: string): boolean {
  return namesIn(path.join(sysroot, 'lib', 'rustlib', target, 'lib')).some((name) => /^libstd-.*\.rlib$/.test(name));
}

/** Directories outside PATH where installers put rustc. Reads names of directories, nothing else. */
export function usualRustDirectories(platform: NodeJS.Platform): string[] {
  if (platform === 'win32') {
    const programs = 'C:\\Program Files';
    return namesIn(programs).filter((name) => /^Rust (?:stable|beta|nightly)/.test(name)).map((name) => path.win32.join(programs, name, 'bin'));
  }
  const versions = namesIn('/usr/lib').filter((name) => /^rust-\d+\.\d+$/.test(name)).sort((left, right) => minorOf(right) - minorOf(left));
  return [
    ...['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'].flatMap((prefix) => [path.posix.join(prefix, 'opt/rustup/bin'), path.posix.join(prefix, 'bin')]),
    '/usr/bin',
    ...versions.map((name) => `/usr/lib/${name}/bin`), // Ubuntu keeps several beside each other
    '/opt/local/bin',
  ];
}

const minorOf = (name: string): number => Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);

/** rustup puts its own program, under many names, where compilers are looked for: as a link or as a second name. */
function rustupBehind(file: string, program: string, exe: string): string | null {
  if (/^rustup(?:-init)?(?:\.exe)?$/.test(path.basename(program))) {
    const beside = path.join(path.dirname(file), `rustup${exe}`);
    return isFile(beside) ? beside : program;
  }
  const beside = [path.dirname(file), path.dirname(program)].map((directory) => path.join(directory, `rustup${exe}`)).find(isFile);
  if (beside === undefined) return null;
  const [one, other] = [statSync(program), statSync(beside)];
  const sameFile = one.ino === other.ino && one.dev === other.dev;
  // Where there are no links at all rustup copies itself.
  return sameFile || one.size === other.size ? beside : null;
}

function userHome(env: Environment, platform: NodeJS.Platform): string | undefined {
  return env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] || undefined;
}
