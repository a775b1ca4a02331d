// Decides what setup will do. `makePlan` is pure: facts in, plan out; `planSetup` gathers the facts and changes
// nothing. `setup --dry-run` ends here.
import { InternalError, WasienvError, type ErrorCode } from '../base/errors.js';
import { formatBytes, formatDuration } from '../base/text.js';
import { REACH_CODES, notAsBundled, notAsLocked, offlinePackages, badMirror, noManifest, noSource, sourceLacks } from './errors.js';
import { detectHost } from './host.js';
import { checkFiles } from './installed.js';
import { readCurrent, readReceipts, type Current } from './receipt.js';
import { adoptedId, receiptId } from './home.js';
import { offlineRoute } from './offline.js';
import { loadSource, type AdoptSource, type Adoptable, type PackageSource, type SourceContext } from './sources/source.js';
import { TOOLCHAIN_COMPONENTS, type ComponentName, type ComponentRequest, type FileDamage, type Manifest, type OverlayParts, type PackageSet, type Plan, type PlanStep, type Promised, type Receipt, type Release, type ResolvedComponent, type SetupRequest, type SourceName } from './types.js';

/** What a home has of one install. */
export interface Held {
  readonly receipt: Receipt;
  readonly damage: readonly FileDamage[];
}

/** What is said of a clang that is not there any more, or was replaced by one that will not do. */
const CLANG_GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_FILE', 'E_CLANG_NO_WASM', 'E_NO_WASM_LD', 'E_COMPILER']);

/** What was decided to use, before it is compared with what is there. */
export type Choice =
  | { readonly kind: 'download'; readonly component: ResolvedComponent; readonly source: SourceName; readonly mirror?: string | undefined; readonly reason: string;
      /** Wanted for what another choice makes of it, and not to be used by itself. */
      readonly asPart?: boolean }
  | { readonly kind: 'packages'; readonly set: PackageSet; readonly source: SourceName; readonly reason: string; readonly asPart?: boolean }
  | { readonly kind: 'adopt'; readonly clang: Adoptable; readonly overlay?: OverlayParts; readonly reason: string }
  /** What is in use stays: nothing was asked that it does not answer. */
  | { readonly kind: 'stay'; readonly id: string; readonly reason: string };

export interface PlanFacts {
  readonly home: string;
  readonly request: SetupRequest;
  /** At least one. */
  readonly choices: readonly Choice[];
  /** By receipt id. */
  readonly held: ReadonlyMap<string, Held>;
  /** Ids of receipts that are there but cannot be understood. */
  readonly unreadable: ReadonlySet<string>;
  readonly current: Current;
}

/** The steps from what is there to what is wanted. Pure. */
export function makePlan(facts: PlanFacts): Plan {
  const steps: PlanStep[] = [];
  let source: SourceName | undefined;
  let compilerChosen = false;
  // What was laid beside a clang is whole without the component it came from, which `prune` may have removed.
  const isLaid = facts.choices.some((choice) => choice.kind === 'adopt' && adoptStep(facts, choice, false).kind === 'keep');
  for (const choice of facts.choices) {
    const asPart = 'asPart' in choice && choice.asPart === true;
    const name = componentOf(facts, choice);
    const isCompiler = (TOOLCHAIN_COMPONENTS as readonly ComponentName[]).includes(name);
    // Of two compilers in one request the first is the one to use.
    const use = !asPart && !(isCompiler && compilerChosen) && mayChoose(facts, name, isCompiler);
    const step = stepFor(facts, choice, use);
    if (asPart && isLaid && step.kind !== 'keep') continue;
    steps.push(step);
    if (asPart) continue;
    source ??= choice.kind === 'stay' ? facts.held.get(choice.id)!.receipt.source : choice.kind === 'adopt' ? 'system' : choice.source;
    if (step.kind === 'keep' && use) {
      const inUse = isCompiler ? facts.current.compiler : facts.current.parts[step.component];
      if (inUse !== step.id) steps.push({ kind: 'use', component: step.component, version: step.version, id: step.id, why: whyUse(facts, isCompiler, inUse) });
    }
    compilerChosen ||= isCompiler;
  }
  return { home: facts.home, source: source!, reason: facts.choices.find((choice) => !('asPart' in choice))!.reason, steps };
}

function componentOf({ held }: PlanFacts, choice: Choice): ComponentName {
  switch (choice.kind) {
    case 'download':
      return choice.component.name;
    case 'packages':
      return choice.set.component;
    case 'adopt':
      return 'system-clang';
    case 'stay':
      return held.get(choice.id)!.receipt.component;
  }
}

/** A project's wish leaves the choice of the home alone, unless there is none, or what was chosen is this very component. */
function mayChoose({ request, current, held }: PlanFacts, name: ComponentName, isCompiler: boolean): boolean {
  // A rustc's library is of its own version: the home's choice of it is only how the next step finds it.
  if (request.keepChoice !== true || name === 'rust-target') return true;
  const chosen = isCompiler ? current.compiler : current.parts[name];
  return chosen === undefined || !held.has(chosen);
}

function whyUse({ held }: PlanFacts, isCompiler: boolean, inUse: string | undefined): string {
  const other = inUse === undefined ? undefined : held.get(inUse)?.receipt;
  if (other !== undefined) return `${other.component} ${other.version} is in use now`;
  return isCompiler ? 'no toolchain is marked as the one in use' : 'none is marked as the one in use';
}

function stepFor(facts: PlanFacts, choice: Choice, use: boolean): PlanStep {
  switch (choice.kind) {
    case 'download':
      return downloadStep(facts, choice, use);
    case 'packages':
      return packagesStep(facts, choice, use);
    case 'adopt':
      return adoptStep(facts, choice, use);
    case 'stay':
      return keep(choice.id, facts.held.get(choice.id)!.receipt);
  }
}

function keep(id: string, receipt: Receipt): PlanStep {
  return { kind: 'keep', component: receipt.component, version: receipt.version, id, why: 'it is installed and its files are as the receipt says' };
}

function downloadStep({ request, held, unreadable, current }: PlanFacts, { component: { name, release }, source, mirror }: Extract<Choice, { kind: 'download' }>, use: boolean): PlanStep {
  const { integrity } = release.artifact;
  const have = findHeld(held, name, release);
  const broken = ((): string | null => {
    if (integrity !== null && unreadable.has(receiptId(name, release.version, integrity))) return 'its receipt cannot be read';
    if (have !== undefined) return have[1].damage.length > 0 ? repairReason(have[1].damage) : null;
    const unverified = [...held.values()].some(({ receipt }) => receipt.component === name && receipt.version === release.version && receipt.unverified === true);
    if (unverified) return 'it was installed unverified, and now its digest is known';
    const others = [...held].filter(([, { receipt }]) => receipt.component === name);
    const other = others.find(([id]) => id === current.compiler) ?? others[0];
    return other === undefined ? 'it is not installed' : `version ${other[1].receipt.version} is installed, ${release.version} is wanted`;
  })();
  if (have !== undefined && broken === null && !request.refetch) return keep(have[0], have[1].receipt);
  return {
    kind: 'install', component: name, version: release.version, source, artifact: release.artifact, release,
    ...(source === 'mirror' ? { mirror } : {}),
    ...(have === undefined ? {} : { replaces: have[1].receipt.version }), refetch: broken === null, use, why: broken ?? 'asked to fetch it again',
  };
}

function packagesStep({ request, held, unreadable, current }: PlanFacts, { set, source }: Extract<Choice, { kind: 'packages' }>, use: boolean): PlanStep {
  const { component } = set;
  const id = receiptId(component, set.version, set.digest);
  const have = held.get(id);
  const others = [...held].filter(([other, { receipt }]) => other !== id && receipt.component === component);
  const other = others.find(([each]) => each === current.compiler) ?? others[0];
  const broken = ((): string | null => {
    if (unreadable.has(id)) return 'its receipt cannot be read';
    if (have !== undefined) return have.damage.length > 0 ? repairReason(have.damage) : null;
    if (other === undefined) return 'it is not installed';
    return other[1].receipt.version === set.version ? 'its packages have changed since' : `version ${other[1].receipt.version} is installed, ${set.version} is wanted`;
  })();
  if (have !== undefined && broken === null && !request.refetch) return keep(id, have.receipt);
  return {
    kind: 'packages', component, version: set.version, source, set,
    ...(have === undefined ? {} : { replaces: have.receipt.version }), refetch: broken === null, use, why: broken ?? 'asked to fetch it again',
  };
}

/** The install of a release: the same bytes, or for one without a digest what was taken unverified from the same place. */
export function findHeld(held: ReadonlyMap<string, Held>, name: ComponentName, release: Release): readonly [id: string, held: Held] | undefined {
  const { integrity, location } = release.artifact;
  return [...held].find(([, { receipt }]) => {
    if (receipt.component !== name || receipt.version !== release.version) return false;
    return integrity === null ? receipt.unverified === true && receipt.artifact?.location === location : receipt.digest === integrity && receipt.unverified !== true;
  });
}

function adoptStep({ request, held, unreadable }: PlanFacts, { clang, overlay }: Extract<Choice, { kind: 'adopt' }>, use: boolean): PlanStep {
  const id = adoptedId('system-clang', clang.clang);
  const have = held.get(id);
  const why = ((): string | null => {
    if (unreadable.has(id)) return 'its receipt cannot be read';
    if (have === undefined) return 'it is not adopted yet';
    if (have.receipt.clangVersion !== clang.clangVersion) return `clang ${have.receipt.clangVersion} was adopted, ${clang.clangVersion} is there now`;
    if (have.damage.length > 0) return `it changed since it was adopted: ${repairReason(have.damage)}`;
    if (overlay !== undefined && !sameParts(have.receipt.overlay, overlay)) return 'it gets other parts than before';
    return request.refetch ? 'asked to adopt it again' : null;
  })();
  if (have !== undefined && why === null) return keep(id, have.receipt);
  return { kind: 'adopt', component: 'system-clang', version: clang.clangVersion, source: 'system', clang: clang.clang, ...(overlay === undefined ? {} : { overlay }), use, why: why ?? 'it is not adopted yet' };
}

function sameParts(have: OverlayParts | undefined, wanted: OverlayParts): boolean {
  return have?.sysroot === wanted.sysroot && have.builtins === wanted.builtins;
}

function repairReason(damage: readonly FileDamage[]): string {
  const [first] = damage;
  return damage.length === 1 ? `repair: ${first!.path} ${first!.text}` : `repair: ${damage.length} files are not as installed (${first!.path} ${first!.text})`;
}

/** Gathers the facts and plans. Changes nothing; asks the network only when `auto` has to choose. */
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
