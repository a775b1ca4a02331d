// Chooses what setup is to use: gathers what is installed, what the machine has and what sources can be reached, and from
// which of them each component comes. Changes nothing; asks the network only where `auto` has to choose. What the choices
// mean for what is there is decided in `plan.ts`. `setup --dry-run` ends here.
import { InternalError, WasienvError, type ErrorCode } from '../base/errors.js';
import { formatBytes, formatDuration } from '../base/text.js';
import { REACH_CODES, offlinePackages, noManifest, noSource, sourceLacks } from './errors.js';
import { notAsBundled } from './bundle/errors.js';
import { notAsLocked } from './project/errors.js';
import { badMirror } from './sources/errors.js';
import { detectHost } from './host.js';
import { checkFiles } from './installed.js';
import { offlineRoute } from './offline.js';
import { findHeld, makePlan, type Choice, type Held } from './plan.js';
import { readCurrent, readReceipts, type Current } from './receipt.js';
import { loadSource, type AdoptSource, type Adoptable, type PackageSource, type SourceContext } from './sources/source.js';
import { TOOLCHAIN_COMPONENTS, type ComponentName, type ComponentRequest, type Manifest, type PackageSet, type Plan, type Promised, type Receipt, type ResolvedComponent, type SetupRequest, type SourceName } from './types.js';

/** What is said of a clang that is not there any more, or was replaced by one that will not do. */
const CLANG_GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_FILE', 'E_CLANG_NO_WASM', 'E_NO_WASM_LD', 'E_COMPILER']);

/** Gathers the facts and plans. @throws whatever keeps a component from being had */
export async function planSetup(request: SetupRequest, context: SourceContext & { readonly home: string }): Promise<Plan> {
  const { home } = context;
  const receipts = readReceipts(home);
  const held = new Map<string, Held>();
  for (const [id, receipt] of receipts.good) held.set(id, { receipt, damage: await checkFiles(receipt) });
  const current = readCurrent(home);
  const mirror = request.mirror ?? (context.env['WASIENV_MIRROR'] || undefined);
  const chooser = new Chooser(request, held, current, { ...context, mirror });
  const plan = makePlan({ home, request, choices: await chooser.choices(), held, unreadable: new Set(receipts.bad.keys()), current });
  const fetched = context.offline === true ? plan.steps.find(({ kind }) => kind === 'packages') : undefined;
  if (fetched !== undefined) throw offlinePackages(`${fetched.component} ${fetched.version}`);
  return plan;
}

/** Decides from which source each component comes. */
class Chooser {
  readonly #request: SetupRequest;
  readonly #held: ReadonlyMap<string, Held>;
  readonly #current: Current;
  readonly #context: SourceContext & { readonly home: string };
  #manifests: Promise<ReadonlyMap<ComponentName, Manifest>> | undefined;

  constructor(request: SetupRequest, held: ReadonlyMap<string, Held>, current: Current, context: SourceContext & { readonly home: string }) {
    this.#request = request;
    this.#held = held;
    this.#current = current;
    this.#context = context;
  }

  async choices(): Promise<readonly Choice[]> {
    const { components = [], source, clang } = this.#request;
    if (clang !== undefined) return this.#overlay(clang);
    if (components.length > 0) return Promise.all(components.map((component) => this.#component(component)));
    if (source === 'system') return [await this.#adopt('asked for with --source system')];
    if (source === 'apt') return [await this.#packages(this.#request.version, 'asked for with --source apt')];
    if (source !== 'auto') return [await this.#download(await this.#compilerFrom(source), source, this.#request.because ?? `asked for with --source ${source}`)];
    const inUse = this.#held.get(this.#inUse() ?? '');
    const overlaid = this.#request.version === undefined && inUse?.receipt.overlay !== undefined ? inUse : undefined;
    if (overlaid !== undefined && (overlaid.damage.length > 0 || this.#request.refetch)) return this.#overlayAgain(overlaid.receipt);
    const compiler = await this.#anyCompiler();
    return [compiler, ...(await this.#damagedParts())];
  }

  async #component(wanted: ComponentRequest): Promise<Choice> {
    const { source } = this.#request;
    if (wanted.name === 'system-clang' || source === 'system') {
      if (wanted.name !== 'system-clang' || (source !== 'system' && source !== 'auto')) throw sourceLacks(source, wanted.name);
      return this.#adopt(source === 'system' ? 'asked for with --source system' : 'asked for by name');
    }
    const { name } = wanted;
    const isPackaged = name === 'apt-clang' || name === 'apt-rust';
    if (isPackaged || source === 'apt') {
      if (!isPackaged || (source !== 'apt' && source !== 'auto')) throw sourceLacks(source, name);
      return this.#packages(wanted.wanted, source === 'apt' ? 'asked for with --source apt' : 'asked for by name', name);
    }
    return source === 'auto' ? this.#reachable(wanted) : this.#download(wanted, source, this.#request.because ?? `asked for with --source ${source}`);
  }

  /** `auto` with nothing named: what is in use, repaired or brought up to date, else the first compiler that can be had. */
  async #anyCompiler(): Promise<Choice> {
    const { version, refetch } = this.#request;
    const inUse = this.#inUse();
    const have = inUse === undefined ? undefined : this.#held.get(inUse);
    if (have?.receipt.source === 'system' && version === undefined) {
      if (have.damage.length === 0 && !refetch) return { kind: 'stay', id: inUse!, reason: 'already set up from system' };
      const found = await (await systemSource()).find(this.#context);
      if (!(found instanceof WasienvError)) return { kind: 'adopt', clang: found, reason: `set up from system before: ${found.text}` };
      return this.#download({ name: 'portable-clang' }, 'npm', `the clang that was adopted can no longer be used: ${found.message}`);
    }
    if (have?.receipt.source === 'apt' && version === undefined) {
      if (have.damage.length === 0 && !refetch) return { kind: 'stay', id: inUse!, reason: 'already set up from apt' };
      return this.#packages(have.receipt.version.split('.', 1)[0], 'set up from apt before');
    }
    // One that was asked for by name stays at its version; the portable one follows the channel.
    if (have !== undefined && have.receipt.source !== 'npm' && version === undefined) {
      const { component, version: installed, source } = have.receipt;
      if (have.damage.length === 0 && !refetch) return { kind: 'stay', id: inUse!, reason: `already set up from ${source}` };
      return this.#reachable({ name: component, wanted: installed });
    }
    if (have !== undefined) return this.#download({ name: 'portable-clang', wanted: version }, 'npm', `already set up from ${have.receipt.source}`);
    return this.#firstCompiler(version);
  }

  async #firstCompiler(version: string | undefined): Promise<Choice> {
    const portable: ComponentRequest = { name: 'portable-clang', wanted: version };
    if (this.#context.mirror !== undefined) {
      const mirrored = await this.#mirrored([portable, ...(version === undefined ? [{ name: 'wasi-sdk' as const }] : [])]);
      return mirrored ?? this.#reachable(portable);
    }
    const npm = await this.#download(portable, 'npm', '');
    const { release } = npm.component;
    try {
      await this.#reach(npm);
      return { ...npm, reason: `the npm registry has it (${release.artifact.sizeBytes === null ? 'size unknown' : formatBytes(release.artifact.sizeBytes)})` };
    } catch (error) {
      if (!(error instanceof WasienvError) || !REACH_CODES.has(error.code)) throw error;
      const [sdk, found] = await Promise.all([
        version === undefined ? this.#reachable({ name: 'wasi-sdk' }).catch(() => null) : null,
        systemSource().then((source) => source.find(this.#context)),
      ]);
      if (sdk !== null) return { ...sdk, reason: `the npm registry cannot be used (${error.code}), so wasi-sdk: ${sdk.reason}` };
      return withoutRegistry(error, found);
    }
  }

  /** The first of these that the mirror has; nobody else is asked. */
  async #mirrored(wishes: readonly ComponentRequest[]): Promise<Choice | undefined> {
    for (const wanted of wishes) {
      try {
        const choice = await this.#download(wanted, 'mirror', 'the mirror has it');
        await this.#reach(choice);
        return choice;
      } catch (error) {
        // Another failure than that it is not there, or not for this machine, is told by whoever asks everybody.
        if (!(error instanceof WasienvError)) throw error;
      }
    }
    return undefined;
  }

  /** Parts in use that lost files. */
  async #damagedParts(): Promise<readonly Choice[]> {
    const damaged = Object.values(this.#current.parts).flatMap((id) => {
      const have = this.#held.get(id);
      return have !== undefined && have.damage.length > 0 ? [have.receipt] : [];
    });
    return Promise.all(damaged.map(async (receipt): Promise<Choice> => {
      if (receipt.component === 'apt-rust') return this.#packages(receipt.version, 'set up from apt before', 'apt-rust');
      return receipt.packages === undefined ? this.#reachable({ name: receipt.component, wanted: receipt.version }) : this.#sysrootPackages(receipt.version);
    }));
  }

  /** A clang of the machine, with what it needs beside it. */
  async #overlay(clang: string): Promise<readonly Choice[]> {
    const { chooseOverlay } = await import('./overlay-plan.js');
    return chooseOverlay(clang, {
      request: this.#request, context: this.#context,
      manifest: (name) => this.#manifest(name),
      download: (wanted, source) => this.#download(wanted, source, ''),
      has: (id) => this.#held.get(id)?.damage.length === 0,
      reach: (choice) => this.#reach(choice),
    });
  }

  /** Of the clang it was made for; where that is gone, or no longer good for it, the portable compiler, as for any that was adopted. */
  async #overlayAgain(receipt: Receipt): Promise<readonly Choice[]> {
    try {
      return await this.#overlay(clangOf(receipt));
    } catch (error) {
      if (!(error instanceof WasienvError) || !CLANG_GONE.has(error.code)) throw error;
      return [await this.#download({ name: 'portable-clang' }, 'npm', `the clang that was adopted can no longer be used: ${error.message}`)];
    }
  }

  async #sysrootPackages(version: string): Promise<Choice> {
    const source = await packageSource();
    const set = await source.findSysroot(Number.parseInt(version, 10), this.#context);
    if (set instanceof WasienvError) throw set;
    return { kind: 'packages', set, source: source.name, reason: `set up from ${source.name} before` };
  }

  #inUse(): string | undefined {
    const { compiler } = this.#current;
    if (compiler !== undefined && this.#held.has(compiler)) return compiler;
    return TOOLCHAIN_COMPONENTS.flatMap((name) => [...this.#held].filter(([, { receipt }]) => receipt.component === name))[0]?.[0];
  }

  /** A mirror is asked alone; without one, or when it has not got it, every source that has the component at once: the best that answers. */
  async #reachable(wanted: ComponentRequest): Promise<Extract<Choice, { kind: 'download' }>> {
    const manifest = await this.#manifest(wanted.name);
    const offered = new Set(manifest.releases.map((release) => release.source));
    const sources = [...(this.#context.mirror === undefined ? [] : ['mirror' as const]), ...(['upstream', 'npm'] as const).filter((source) => offered.has(source))];
    const choices: Extract<Choice, { kind: 'download' }>[] = [];
    const refused: [SourceName, WasienvError][] = [];
    for (const source of sources) {
      try {
        choices.push(await this.#download(wanted, source, ''));
      } catch (error) {
        if (!(error instanceof WasienvError)) throw error;
        refused.push([source, error]);
      }
    }
    if (choices.length === 0) throw refused[0]?.[1] ?? sourceLacks('auto', wanted.name);
    for (const choice of choices) {
      const have = findHeld(this.#held, wanted.name, choice.component.release);
      if (have !== undefined && have[1].damage.length === 0 && !this.#request.refetch) return { ...choice, source: have[1].receipt.source, reason: `already set up from ${have[1].receipt.source}` };
    }
    const ask = async (choice: (typeof choices)[number]) => {
      const started = performance.now();
      try {
        await this.#reach(choice);
        return { choice, text: `${choice.source} answers in ${formatDuration(performance.now() - started)}` };
      } catch (error) {
        if (!(error instanceof WasienvError) || !REACH_CODES.has(error.code)) throw error;
        return { choice, error };
      }
    };
    const failed: [SourceName, WasienvError][] = [];
    // Who names a mirror may have a reason why nobody else is to be asked.
    for (const together of [choices.filter((each) => each.source === 'mirror'), choices.filter((each) => each.source !== 'mirror')]) {
      const answers = together.map(ask);
      // All are under way; the best is waited for, the next only when it fails.
      for (const answer of answers) answer.catch(() => undefined);
      for (const answer of answers) {
        const { choice, text, error } = await answer;
        if (error === undefined) return { ...choice, reason: [...failed.map(([source, { code }]) => `${source} cannot be used (${code})`), text].join(', ') };
        failed.push([choice.source, error]);
      }
    }
    // Reached, but slow to answer: a download has more patience than this question.
    const slow = choices.find(({ source }) => failed.some(([each, { code }]) => each === source && code === 'E_STALLED'));
    if (slow !== undefined) return { ...slow, reason: failed.map(([source, { code }]) => (source === slow.source ? `${source} is slow to answer, and nothing better is there` : `${source} cannot be used (${code})`)).join(', ') };
    throw noSource(`${wanted.name} ${choices[0]!.component.release.version}`, failed);
  }

  async #reach({ source, component: { name, release } }: Extract<Choice, { kind: 'download' }>): Promise<void> {
    const loaded = await loadSource(source);
    if (loaded.kind !== 'download') return;
    if (this.#context.offline !== true) return loaded.reach(name, release, this.#context);
    const route = offlineRoute(`${name} ${release.version}`, this.#context.home, release.artifact, await loaded.route(release.artifact, this.#context));
    // A mirror on a disk is asked like any other time.
    if (source === 'mirror' && 'file' in route) await loaded.reach(name, release, this.#context);
  }

  /** The compiler a source is known for. */
  async #compilerFrom(source: SourceName): Promise<ComponentRequest> {
    await loadSource(source);
    const manifests = await this.#allManifests();
    const offers = (name: ComponentName): boolean => manifests.get(name)?.releases.some((release) => release.source === source || source === 'mirror') ?? false;
    const name = TOOLCHAIN_COMPONENTS.find(offers);
    if (name === undefined) throw sourceLacks(source, 'compiler for this machine');
    return { name, wanted: this.#request.version };
  }

  async #download({ name, wanted }: ComponentRequest, source: SourceName, reason: string): Promise<Extract<Choice, { kind: 'download' }>> {
    // Before the manifests: a source that is not there yet has an error of its own.
    await loadSource(source);
    if (source === 'mirror' && this.#context.mirror === undefined) throw badMirror('', 'none was named');
    const [manifest, { resolveComponent }] = await Promise.all([this.#manifest(name), import('./resolve.js')]);
    const host = { ...detectHost(), platform: this.#context.platform };
    const component = resolveComponent(manifest, wanted, source, host, this.#request);
    requirePromised(this.#request.promised, component);
    return { kind: 'download', component, source, ...(source === 'mirror' ? { mirror: this.#context.mirror } : {}), reason };
  }

  async #manifest(name: ComponentName): Promise<Manifest> {
    const manifest = (await this.#allManifests()).get(name);
    if (manifest === undefined) throw noManifest(name, manifestsPlace(this.#context));
    return manifest;
  }

  #allManifests(): Promise<ReadonlyMap<ComponentName, Manifest>> {
    return (this.#manifests ??= import('./manifest.js').then(({ loadManifestsFor }) => loadManifestsFor(this.#context)));
  }

  async #packages(wanted: string | undefined, reason: string, name: 'apt-clang' | 'apt-rust' = 'apt-clang'): Promise<Choice> {
    const source = await packageSource();
    const set = name === 'apt-rust' ? await source.findRust(wanted, this.#context) : await source.find(wanted, this.#context);
    if (set instanceof WasienvError) throw set;
    return { kind: 'packages', set, source: source.name, reason: `${reason}: ${packagesText(set)}` };
  }

  async #adopt(reason: string): Promise<Choice> {
    const found = await (await systemSource()).find(this.#context);
    if (found instanceof WasienvError) throw found;
    return { kind: 'adopt', clang: found, reason: `${reason}: ${found.text}` };
  }
}

/** What a lock or a bundle promises must be what our manifests say. @throws E_PROJECT_LOCK E_DIGEST */
function requirePromised(promised: Promised | undefined, { name, release }: ResolvedComponent): void {
  const digest = promised?.digests.get(name);
  if (promised === undefined || digest === undefined || digest === release.artifact.integrity) return;
  throw (promised.kind === 'lock' ? notAsLocked : notAsBundled)(`${name} ${release.version}`, promised.file, digest, release.artifact.integrity ?? '(no digest)');
}

function manifestsPlace({ env }: SourceContext): string {
  return env['WASIENV_MANIFESTS'] || 'built in';
}

async function systemSource(): Promise<AdoptSource> {
  const source = await loadSource('system');
  if (source.kind !== 'adopt') throw new InternalError('the source system downloads');
  return source;
}

/** The clang a receipt speaks of. */
function clangOf({ layout: { programs } }: Receipt): string {
  return programs?.kind === 'native' && programs.tools.clang !== undefined ? programs.tools.clang : 'system';
}

async function packageSource(): Promise<PackageSource> {
  const source = await loadSource('apt');
  if (source.kind !== 'packages') throw new InternalError('the source apt has no packages');
  return source;
}

function packagesText({ component, version, packages }: PackageSet): string {
  return `${component === 'apt-rust' ? 'rustc' : 'clang'} ${version} in ${packages.length} packages, ${formatBytes(packages.reduce((sum, each) => sum + each.sizeBytes, 0))}`;
}

/**
 * The registry cannot be used and nothing is installed: the machine's own clang will do, and that is said. Without
 * one, the registry's error stands and tells what the system lacks. Pure. @throws that error
 */
export function withoutRegistry(reached: WasienvError, found: Adoptable | WasienvError): Choice {
  if (found instanceof WasienvError) {
    throw new WasienvError(reached.code, reached.message, {
      where: [...reached.where, ['system', `${found.message} (${found.code})`]],
      ...(reached.next === undefined ? {} : { next: reached.next }),
      cause: reached,
    });
  }
  return { kind: 'adopt', clang: found, reason: `the npm registry cannot be used (${reached.code}: ${reached.message}), so the system's own: ${found.text}` };
}
