// `setup rust-target`: brings the standard library for WASI to a rustc that lacks it. Where rustup is, rustup does it;
// else the archive of exactly this rustc's version is installed like any component, and an overlay puts the two
// together. From apt comes a whole Rust, whatever the machine has: its library fits no other rustc. `planRust` decides and changes nothing; `finishRust` acts, after the archive, if one was needed, is there.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { InternalError } from '../../base/errors.js';
import { spawn } from '../../base/spawn.js';
import { offlineRustup, unknownVersion } from '../errors.js';
import { isChannel } from '../keeping/choose-install.js';
import { withLock } from '../lock.js';
import { readCurrent, readReceipt } from '../receipt.js';
import type { ComponentRequest, Emit, SourceName } from '../types.js';
import { aptHasItsOwn, foreignBuild, noStd, notARust, rustupCommand, rustupFailed, stdRefused } from './errors.js';
import { askRust, listRusts, type RustFacts, type RustFinding } from './find.js';
import { makeOverlay } from './overlay.js';
import { requirePromised, type PromisedStd } from './promise.js';
import { isOfficialBuild } from './target.js';
import { currentRust, findFor, findOverlayOf, isRustPath, writeRustChoice, type RustToolchain, type RustWorld } from './use.js';

export interface RustRequest {
  /** A toolchain of rustup, or the path of a rustc; undefined for the one the shell would run. */
  readonly rust?: string | undefined;
  /** As in `rust-target@1.95.0`: it must be the version of that rustc. */
  readonly wanted?: string | undefined;
  readonly source: SourceName | 'auto';
  /** A mirror was named; then it is asked before rustup. */
  readonly mirror?: string | undefined;
  readonly refetch: boolean;
  /** rustup, which downloads, is not started. */
  readonly offline?: boolean;
  /** By a project's lock. */
  readonly promised?: PromisedStd | undefined;
}

/** A Rust of the machine is set up. */
interface Common {
  readonly finding: RustFinding;
  readonly facts: RustFacts;
  readonly rust: string | undefined;
  /** For people: what will be done and why. */
  readonly text: string;
}

export type RustPlan =
  | Common & { readonly kind: 'ready' }
  | Common & { readonly kind: 'rustup'; readonly command: readonly string[] }
  /** The component to install first, as any other. */
  | Common & { readonly kind: 'archive'; readonly component: ComponentRequest }
  /** A component that brings all of it. */
  | { readonly kind: 'packages'; readonly component: ComponentRequest; readonly text: string };

/** Decides how this rustc gets its library. @throws E_NO_RUST, E_NO_RUST_STD, E_UNKNOWN_VERSION, E_PROJECT_LOCK */
export async function planRust(request: RustRequest, world: RustWorld): Promise<RustPlan> {
  const { rust, wanted, source, mirror, refetch } = request;
  if (source === 'apt') {
    if (rust !== undefined) throw aptHasItsOwn(rust);
    return { kind: 'packages', component: { name: 'apt-rust', ...(wanted === undefined ? {} : { wanted }) }, text: 'rustc and cargo of this distribution, with the library for WASI, in wasienv\'s home' };
  }
  const finding = rust !== undefined && isRustPath(rust) ? await askAt(path.resolve(world.cwd, rust), world) : await findFor(rust === undefined ? world : { ...world, toolchain: rust });
  if ('refused' in finding.answer) throw notARust(finding.rustc, finding.answer.refused);
  const facts = finding.answer;
  const common = { finding, facts, rust };
  const name = `rustc ${facts.release}`;
  if (wanted !== undefined && !(await means(wanted, facts.release))) throw unknownVersion(`the rust-target of ${name} (${finding.rustc})`, wanted, [facts.release]);
  if (facts.target === null) throw noStd(finding, facts);
  if (facts.installed[0] !== undefined && !(refetch && finding.rustup !== null)) {
    if (request.promised !== undefined) requirePromised(request.promised, finding, facts, facts.installed[0]);
    return { ...common, kind: 'ready', text: `${name} in ${facts.sysroot} has the library for ${facts.installed[0]}` };
  }
  const archiveWanted = source === 'upstream' || source === 'mirror' || mirror !== undefined;
  if (finding.rustup !== null && !archiveWanted) {
    const command = rustupCommand(facts.sysroot, facts.target);
    if (request.promised !== undefined) requirePromised(request.promised, finding, facts, facts.target);
    if (request.offline === true) throw offlineRustup(`the library of ${name} for WASI`, command.join(' '));
    return { ...common, kind: 'rustup', command: [finding.rustup, ...command.slice(1)], text: `${name} is rustup's: ${command.join(' ')}` };
  }
  // Who names manifests of their own knows whose libraries are in them.
  if (!isOfficialBuild(facts) && (world.env['WASIENV_MANIFESTS'] ?? '') === '') throw foreignBuild(finding, facts);
  const how = findOverlayOf(world.home, facts) === null ? 'has no library for WASI: rust-lang.org\'s goes into wasienv\'s home, beside it' : 'uses the library in wasienv\'s home';
  return { ...common, kind: 'archive', component: { name: 'rust-target', wanted: facts.release }, text: `${name} in ${facts.sysroot} ${how}` };
}

async function askAt(rustc: string, world: RustWorld): Promise<RustFinding> {
  const known = listRusts({ ...world, env: { ...world.env, RUSTC: rustc } })[0];
  return askRust(known ?? { rustc, foundIn: '--rust', isFirstOnPath: false, rustup: null }, world);
}

/** Whether a version, a range or a channel is met by this rustc: its library is of its own version, whatever a channel names. */
async function means(wanted: string, release: string): Promise<boolean> {
  if (wanted === release || isChannel(wanted)) return true;
  return (await import('../resolve.js')).newestFirst([release], wanted).length > 0;
}

/** Carries out what is not a component's install, and gives the Rust that is ready then. @throws E_SOURCE, E_NO_RUST_STD, E_NO_WASM_LD */
export async function finishRust(plan: RustPlan, world: RustWorld, { emit, now }: { readonly emit: Emit; readonly now: () => number }): Promise<RustToolchain> {
  if (plan.kind === 'rustup' || plan.kind === 'archive') {
    const started = performance.now();
    emit({ type: 'step-start', component: 'rust-target', phase: 'adopt' });
    if (plan.kind === 'rustup') await runRustup(plan.command, world);
    else await withLock(world.home, 'setup', () => layOver(plan, world), { signal: world.signal });
    emit({ type: 'step-end', component: 'rust-target', phase: 'adopt', durationMs: Math.round(performance.now() - started), detail: plan.text });
  }
  const rust = plan.kind === 'packages' ? undefined : plan.rust;
  const byPath = rust !== undefined && isRustPath(rust);
  await writeRustChoice(world.home, {
    schema: 1, rustc: byPath && plan.kind !== 'packages' ? plan.finding.rustc : null, toolchain: rust === undefined || byPath ? null : rust, ours: plan.kind === 'packages', setUpAt: new Date(now()).toISOString(),
  });
  return currentRust(rust === undefined || byPath ? world : { ...world, toolchain: rust });
}

async function runRustup(command: readonly string[], { cwd, env, signal }: RustWorld): Promise<void> {
  const [program, ...args] = command;
  const result = await spawn(program!, args, { cwd, env: { ...env, RUST_BACKTRACE: '0' }, stdin: 'ignore', signal });
  if (result.exitCode === 0) return;
  const said = result.startError?.message ?? result.stderr.split('\n').map((line) => line.trimEnd()).filter((line) => line !== '' && !line.startsWith('info:')).slice(0, 12).join('\n');
  throw rustupFailed(command.join(' '), said === '' ? `exit code ${result.exitCode ?? result.signal}` : said);
}

/** Puts rustc and the installed library together, and lets rustc say whether it takes it. */
async function layOver({ finding, facts }: Common, { home, env, platform, cwd, signal }: RustWorld): Promise<void> {
  const id = readCurrent(home).parts['rust-target'];
  const receipt = id === undefined ? undefined : readReceipt(home, id);
  const { rustStd, target } = receipt?.layout ?? {};
  if (receipt === undefined || rustStd === undefined || target === undefined) throw new InternalError('setup installed no rust-target');
  // A proxy of rustup would choose by directory; the compiler behind it does not.
  const rustc = finding.rustup === null ? finding.rustc : path.join(facts.sysroot, 'bin', path.basename(finding.rustc));
  const overlay = await makeOverlay({ home, rustc, rust: facts, target, std: path.resolve(receipt.directory, rustStd), platform });
  const probe = await spawn(rustc, ['--sysroot', overlay, '--target', target, '--crate-type=lib', '--emit=metadata', '-o', path.join(overlay, 'probe.rmeta'), '-'], {
    cwd, env: { ...env, LC_ALL: 'C' }, stdin: 'pub fn answer() -> String { String::from("42") }\n', timeoutMs: 60_000, signal,
  });
  await rm(path.join(overlay, 'probe.rmeta'), { force: true });
  if (probe.exitCode === 0) return;
  await rm(overlay, { recursive: true, force: true });
  throw stdRefused(finding, facts, probe.startError?.message ?? probe.stderr.split('\n').slice(0, 5).join('\n'));
}
