// Decides what setup will do: what is there, compared with what was chosen (`choose.ts`), as steps. Pure: facts in, plan out.
import type { Current } from './receipt.js';
import { adoptedId, receiptId } from './home.js';
import type { Adoptable } from './sources/source.js';
import { TOOLCHAIN_COMPONENTS, type ComponentName, type FileDamage, type OverlayParts, type PackageSet, type Plan, type PlanStep, type Receipt, type Release, type ResolvedComponent, type SetupRequest, type SourceName } from './types.js';

/** What a home has of one install. */
export interface Held {
  readonly receipt: Receipt;
  readonly damage: readonly FileDamage[];
}

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
