// Decides what setup will do. `makePlan` is pure: facts in, plan out; `planSetup` gathers the facts and changes
// nothing. `setup --dry-run` ends here.
import { InternalError, WasienvError } from '../base/errors.js';
import { formatBytes } from '../base/text.js';
import { REACH_CODES, noDigest, noToolchain } from './errors.js';
import { checkFiles, TOOLCHAIN_COMPONENTS } from './installed.js';
import { readCurrent, readReceipts } from './receipt.js';
import { loadSource, type AdoptSource, type Adoptable, type DownloadSource, type SourceContext } from './sources/source.js';
import type { ComponentName, FileDamage, Plan, PlanStep, Receipt, ResolvedComponent, SetupRequest, SourceName } from './types.js';

/** What a home has of one component. */
export interface Held {
  readonly receipt: Receipt;
  readonly damage: readonly FileDamage[];
}

/** What was decided to use, before it is compared with what is there. */
export type Choice =
  | { readonly kind: 'download'; readonly component: ResolvedComponent; readonly reason: string }
  | { readonly kind: 'adopt'; readonly clang: Adoptable; readonly reason: string }
  /** What is in use stays: nothing was asked that it does not answer. */
  | { readonly kind: 'stay'; readonly component: ComponentName; readonly reason: string };

export interface PlanFacts {
  readonly home: string;
  readonly request: SetupRequest;
  readonly choice: Choice;
  readonly held: ReadonlyMap<ComponentName, Held>;
  /** Receipts that are there but cannot be understood. */
  readonly unreadable: ReadonlySet<ComponentName>;
  /** The component `cc` uses now, if one was chosen. */
  readonly current: ComponentName | undefined;
}

/** The steps from what is there to what is wanted. Pure. */
export function makePlan(facts: PlanFacts): Plan {
  const { choice } = facts;
  const [source, component, step] = ((): readonly [SourceName, ComponentName, PlanStep] => {
    switch (choice.kind) {
      case 'download':
        return [choice.component.release.source, choice.component.name, downloadStep(facts, choice.component)];
      case 'adopt':
        return ['system', 'system-clang', adoptStep(facts, choice.clang)];
      case 'stay': {
        const { receipt } = facts.held.get(choice.component)!;
        return [receipt.source, receipt.component, keep(receipt)];
      }
    }
  })();
  const steps = [step];
  if (step.kind === 'keep' && facts.current !== component) {
    steps.push({ kind: 'use', component, version: step.version, why: facts.current === undefined ? 'no toolchain is marked as the one in use' : `${facts.current} is in use now` });
  }
  return { home: facts.home, source, reason: choice.reason, steps };
}

function keep(receipt: Receipt): PlanStep {
  return { kind: 'keep', component: receipt.component, version: receipt.version, why: 'it is installed and its files are as the receipt says' };
}

function downloadStep({ request, held, unreadable }: PlanFacts, { name, release }: ResolvedComponent): PlanStep {
  const have = held.get(name);
  const broken = ((): string | null => {
    if (unreadable.has(name)) return 'its receipt cannot be read';
    if (have === undefined) return 'it is not installed';
    if (have.receipt.digest !== release.artifact.integrity) return `version ${have.receipt.version} is installed, ${release.version} is wanted`;
    return have.damage.length > 0 ? repairReason(have.damage) : null;
  })();
  if (have !== undefined && broken === null && !request.refetch) return keep(have.receipt);
  return {
    kind: 'install', component: name, version: release.version, source: release.source, artifact: release.artifact, release,
    ...(have === undefined ? {} : { replaces: have.receipt.version }), refetch: broken === null, why: broken ?? 'asked to fetch it again',
  };
}

function adoptStep({ request, held, unreadable }: PlanFacts, clang: Adoptable): PlanStep {
  const have = held.get('system-clang');
  const why = ((): string | null => {
    if (unreadable.has('system-clang')) return 'its receipt cannot be read';
    if (have === undefined) return 'it is not adopted yet';
    if (have.receipt.clangVersion !== clang.clangVersion) return `clang ${have.receipt.clangVersion} was adopted, ${clang.clangVersion} is there now`;
    if (have.damage.length > 0) return `it changed since it was adopted: ${repairReason(have.damage)}`;
    return request.refetch ? 'asked to adopt it again' : null;
  })();
  if (have !== undefined && why === null) return keep(have.receipt);
  return { kind: 'adopt', component: 'system-clang', version: clang.clangVersion, source: 'system', clang: clang.clang, why: why ?? 'it is not adopted yet' };
}

function repairReason(damage: readonly FileDamage[]): string {
  const [first] = damage;
  return damage.length === 1 ? `repair: ${first!.path} ${first!.text}` : `repair: ${damage.length} files are not as installed (${first!.path} ${first!.text})`;
}

/** Gathers the facts and plans. Changes nothing; asks the network only when `auto` has to choose. */
export async function planSetup(request: SetupRequest, context: SourceContext & { readonly home: string }): Promise<Plan> {
  const { home } = context;
  const receipts = readReceipts(home);
  const held = new Map<ComponentName, Held>();
  for (const [name, receipt] of receipts.good) held.set(name, { receipt, damage: await checkFiles(receipt) });
  const current = readCurrent(home);
  const choice = await choose(request, held, current, context);
  return makePlan({ home, request, choice, held, unreadable: new Set(receipts.bad.keys()), current });
}

async function choose(request: SetupRequest, held: ReadonlyMap<ComponentName, Held>, current: ComponentName | undefined, context: SourceContext): Promise<Choice> {
  if (request.source === 'system') return adoptChoice(context, 'asked for with --source system');
  if (request.source !== 'auto') return downloadChoice(request, request.source, context, `asked for with --source ${request.source}`);

  const inUse = current ?? TOOLCHAIN_COMPONENTS.find((name) => held.has(name));
  const have = inUse === undefined ? undefined : held.get(inUse);
  if (have?.receipt.source === 'system' && request.version === undefined) {
    if (have.damage.length === 0 && !request.refetch) return { kind: 'stay', component: have.receipt.component, reason: 'already set up from system' };
    const found = await (await systemSource()).find(context);
    if (!(found instanceof WasienvError)) return { kind: 'adopt', clang: found, reason: `set up from system before: ${found.text}` };
    return downloadChoice(request, 'npm', context, `the clang that was adopted can no longer be used: ${found.message}`);
  }
  const npm = await downloadChoice(request, 'npm', context, have === undefined ? '' : `already set up from ${have.receipt.source}`);
  if (npm.kind !== 'download' || have !== undefined) return npm;
  const { release } = npm.component;
  try {
    await ((await loadSource('npm')) as DownloadSource).reach(release, context);
    return { ...npm, reason: `the npm registry has it (${release.artifact.sizeBytes === null ? 'size unknown' : formatBytes(release.artifact.sizeBytes)})` };
  } catch (error) {
    if (!(error instanceof WasienvError) || !REACH_CODES.has(error.code)) throw error;
    return withoutRegistry(error, await (await systemSource()).find(context));
  }
}

async function downloadChoice(request: SetupRequest, source: SourceName, context: SourceContext, reason: string): Promise<Choice> {
  // Before the manifests: a source that is not there yet has an error of its own.
  await loadSource(source);
  const [{ loadManifests, manifestsDirectory }, { resolveComponent }] = await Promise.all([import('./manifest.js'), import('./resolve.js')]);
  const manifests = await loadManifests(manifestsDirectory(context.env));
  const manifest = TOOLCHAIN_COMPONENTS.map((name) => manifests.get(name)).find((each) => each?.releases.some((release) => release.source === source));
  if (manifest === undefined) throw noToolchain(manifestsDirectory(context.env));
  const component = resolveComponent(manifest, request.version, source, { platform: context.platform, arch: process.arch });
  if (component.release.artifact.integrity === null) throw noDigest(`${component.name} ${component.release.version}`);
  return { kind: 'download', component, reason };
}

async function adoptChoice(context: SourceContext, reason: string): Promise<Choice> {
  const source = await systemSource();
  const found = await source.find(context);
  if (found instanceof WasienvError) throw found;
  return { kind: 'adopt', clang: found, reason: `${reason}: ${found.text}` };
}

async function systemSource(): Promise<AdoptSource> {
  const source = await loadSource('system');
  if (source.kind !== 'adopt') throw new InternalError('the source system downloads');
  return source;
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
