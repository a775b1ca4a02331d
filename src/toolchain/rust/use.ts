// Which Rust to use now: a rustc with a standard library for WASI, the name it calls the target, the linker. Looked up
// at each use, in about the time of one `rustc -vV`, because rustup decides by directory and packages change.
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { isFile, namesIn, pathDirectories } from '../../base/look.js';
import type { Environment } from '../../base/surroundings.js';
import { homeTree } from '../home.js';
import { readCurrent, readReceipt, readReceipts, writeJson } from '../receipt.js';
import { TOOLCHAIN_COMPONENTS } from '../types.js';
import { noRust, noStd, notARust } from './errors.js';
import { askRust, listRusts, type RustCandidate, type RustFacts, type RustFinding, type RustSearch } from './find.js';
import { chooseLinker, findLinkers, ownLinker, type LinkerChoice } from './linker.js';
import { findOverlay } from './overlay.js';
import type { RustTargetName } from './target.js';

/** A Rust that may or may not compile for WASI. */
export interface RustPrograms {
  readonly finding: RustFinding;
  /** The cargo that belongs to this rustc, or the first on PATH. */
  readonly cargo: string | null;
}

/** A Rust that can compile for WASI, ready for use. */
export interface RustToolchain extends RustPrograms {
  readonly component: 'rust-target';
  /** Of rustc, which is that of its library: `1.95.0`. */
  readonly version: string;
  readonly source: 'rustup' | 'system' | 'installed';
  /** Changes when rustc, the library or the linker does. */
  readonly digest: string;
  readonly facts: RustFacts;
  /** What this rustc calls WASI preview 1, among those it has a library for. */
  readonly target: RustTargetName;
  /** A sysroot of ours for a rustc without that library; null where it has its own. */
  readonly overlay: string | null;
  readonly linker: LinkerChoice;
}

export interface RustWorld {
  readonly home: string;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly cwd: string;
  /** As `+NAME` or `--rust NAME` says. */
  readonly toolchain?: string;
  /** For tests: where else to look, instead of the usual places. */
  readonly directories?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** What `setup rust-target` was told last. */
export interface RustChoice {
  readonly schema: 1;
  /** The rustc that was named by its path. */
  readonly rustc: string | null;
  /** The toolchain of rustup that was named. rustup's own choice comes first; this is taken where that has no library. */
  readonly toolchain: string | null;
  /** The Rust that the home itself has, from packages, was asked for. */
  readonly ours: boolean;
  /** ISO 8601, UTC. */
  readonly setUpAt: string;
}

const choiceFile = (home: string): string => path.join(homeTree.rustDir(home), 'choice.json');

/** What setup was told, or undefined where it was never asked for Rust. What cannot be read counts as never. */
export function readRustChoice(home: string): RustChoice | undefined {
  try {
    const data = JSON.parse(readFileSync(choiceFile(home), 'utf8')) as Partial<RustChoice>;
    const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
    // Uninstalled since: nothing is chosen any more.
    if (data.ours === true && installedRust(home) === null) return undefined;
    return { schema: 1, rustc: text(data.rustc), toolchain: text(data.toolchain), ours: data.ours === true, setUpAt: text(data.setUpAt) ?? '' };
  } catch {
    return undefined;
  }
}

export async function writeRustChoice(home: string, choice: RustChoice): Promise<void> {
  await mkdir(homeTree.rustDir(home), { recursive: true });
  await writeJson(choiceFile(home), choice);
}

/** From now on the Rust that the home itself has. False when it was chosen already. */
export async function chooseInstalledRust(home: string): Promise<boolean> {
  const before = readRustChoice(home);
  if (before?.ours === true) return false;
  await writeRustChoice(home, { schema: 1, rustc: null, toolchain: null, ours: true, setUpAt: before?.setUpAt ?? '' });
  return true;
}

/** `--rust` takes a name of rustup's or the path of a rustc. */
export function isRustPath(text: string): boolean {
  return /[\\/]/.test(text);
}

/**
 * The Rust to use. RUSTC comes first, then the rustc that setup was given or installed, then those of the machine: the
 * first with a library for WASI; the home's own where none of them has one. @throws E_NO_RUST, E_NO_RUST_STD: of the one the shell would run
 */
export async function currentRust(world: RustWorld): Promise<RustToolchain> {
  const { home } = world;
  const finding = await findFor(world);
  const { answer } = finding;
  if ('refused' in answer) throw finding.toolchain === null ? noRust([finding], undefined) : noRust([finding], finding.toolchain);
  const ready = readyTarget(home, answer);
  if (ready === null) throw noStd(finding, answer);
  const linker = await linkerFor(answer, finding, world);
  return {
    component: 'rust-target', version: answer.release, source: ready.overlay !== null || finding.foundIn === 'apt-rust' ? 'installed' : finding.rustup !== null ? 'rustup' : 'system',
    digest: identity(answer, ready, linker), finding, facts: answer, ...ready, linker, cargo: findCargo(finding, world),
  };
}

/** Over names and sizes: the library's names hold a hash of what made them, and its hundred megabytes are not read at each use. */
function identity(facts: RustFacts, { target, overlay }: { readonly target: string; readonly overlay: string | null }, linker: LinkerChoice): string {
  const hash = createHash('sha256').update(`${facts.versionLine}\0${facts.sysroot}\0${target}\0${JSON.stringify(linker)}\n`);
  const library = path.join(overlay ?? facts.sysroot, 'lib', 'rustlib', target, 'lib');
  for (const name of namesIn(library).sort()) hash.update(`${name}\0${statSync(path.join(library, name), { throwIfNoEntry: false })?.size}\n`);
  return `sha256-${hash.digest('base64')}`;
}

/** The Rust that `currentRust` would take, ready or not. @throws E_NO_RUST when there is none */
export async function findRust(world: RustWorld): Promise<RustPrograms> {
  const finding = await findFor(world);
  return { finding, cargo: findCargo(finding, world) };
}

/** The rustc of it alone. @throws E_NO_RUST */
export async function findFor(world: RustWorld): Promise<RustFinding> {
  const search = searchOf(world);
  const choice = world.env['RUSTC'] || world.toolchain !== undefined ? undefined : readRustChoice(world.home);
  const own = world.env['RUSTC'] || world.toolchain !== undefined ? null : installedRust(world.home);
  const chosen = choice?.ours === true && own !== null ? own : typeof choice?.rustc === 'string' ? { rustc: choice.rustc, foundIn: 'setup', isFirstOnPath: false, rustup: null } : null;
  if (chosen !== null) {
    const finding = await askRust(chosen, search);
    if ('refused' in finding.answer) throw notARust(chosen.rustc, finding.answer.refused);
    return finding;
  }
  const findings: RustFinding[] = [];
  for (const candidate of [...listRusts(search), ...(own === null ? [] : [own])]) {
    const finding = await askRust(candidate, search);
    // Almost always the first is it: the others are only asked when it is not.
    if (!('refused' in finding.answer) && readyTarget(world.home, finding.answer) !== null) return finding;
    findings.push(finding);
  }
  // rustup's choice has no library, but setup was given another toolchain of it.
  const other = world.toolchain === undefined ? (readRustChoice(world.home)?.toolchain ?? null) : null;
  if (other !== null && findings.some(({ rustup }) => rustup !== null)) {
    const chosenOne = await findFor({ ...world, toolchain: other }).catch(() => null);
    if (chosenOne !== null && !('refused' in chosenOne.answer) && readyTarget(world.home, chosenOne.answer) !== null) return chosenOne;
  }
  const answered = findings.find(({ answer }) => !('refused' in answer));
  if (answered === undefined) throw noRust(findings, world.toolchain);
  return answered;
}

/** The Rust that the home has from packages; null when it has none. A receipt that cannot be read is none. */
export function installedRust(home: string): RustCandidate | null {
  const id = readCurrent(home).parts['apt-rust'];
  try {
    const receipt = id === undefined ? undefined : readReceipt(home, id);
    const rustc = receipt?.layout.rustc;
    return receipt === undefined || rustc === undefined ? null : { rustc: path.resolve(receipt.directory, rustc), foundIn: receipt.component, isFirstOnPath: false, rustup: null };
  } catch {
    return null;
  }
}

/** The name to compile for and where its library is: its own sysroot, or ours; null where it has none. */
export function readyTarget(home: string, facts: RustFacts): { readonly target: RustTargetName; readonly overlay: string | null } | null {
  return facts.installed[0] !== undefined ? { target: facts.installed[0], overlay: null } : findOverlayOf(home, facts);
}

/** The library that wasienv's home has for this rustc. */
export function findOverlayOf(home: string, facts: RustFacts): { readonly target: RustTargetName; readonly overlay: string } | null {
  for (const target of facts.known) {
    const overlay = findOverlay(home, facts, target);
    if (overlay !== null) return { target, overlay };
  }
  return null;
}

export async function linkerFor(facts: RustFacts, { rustc }: Pick<RustFinding, 'rustc'>, world: RustWorld): Promise<LinkerChoice> {
  const own = ownLinker(facts);
  if (own !== null) return chooseLinker(facts, own, []);
  const { env, platform, signal, directories } = world;
  const found = await findLinkers({
    env, platform, beside: [path.dirname(rustc), ...linkerDirectoriesOf(world.home)],
    ...(directories === undefined ? {} : { directories }), signal,
  });
  return chooseLinker(facts, null, found);
}

/** Where the compilers of this home have their wasm-ld: that of the one in use first, then of the others. */
function linkerDirectoriesOf(home: string): string[] {
  const inUse = readCurrent(home).compiler;
  const receipts = [...readReceipts(home, TOOLCHAIN_COMPONENTS).good].sort(([left], [right]) => Number(right === inUse) - Number(left === inUse));
  return receipts.flatMap(([, { directory, layout }]) => {
    const file = layout.programs?.kind === 'native' ? layout.programs.tools['wasm-ld'] : undefined;
    return file === undefined ? [] : [path.dirname(path.resolve(directory, file))];
  });
}

function findCargo({ rustc }: RustFinding, { env, platform }: RustWorld): string | null {
  const name = platform === 'win32' ? 'cargo.exe' : 'cargo';
  return [path.dirname(rustc), ...pathDirectories(env, platform)].map((directory) => path.join(directory, name)).find(isFile) ?? null;
}

function searchOf({ env, platform, cwd, toolchain, directories, signal }: RustWorld): RustSearch {
  return {
    env, platform, cwd,
    ...(toolchain === undefined ? {} : { toolchain }), ...(directories === undefined ? {} : { directories }), signal,
  };
}
