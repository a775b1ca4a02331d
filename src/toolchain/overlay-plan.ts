// Decides what a clang of this machine gets beside it: nothing of its own tree is touched, so sysroot and builtins that
// it lacks, or has only in part, are laid into wasienv's home (`overlay.ts`). Decides from where: the machine itself, a
// mirror, upstream, apt or the portable compiler's package, the first that fits this clang and can be reached.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../base/errors.js';
import { clangRefused, noClangThere } from './sources/errors.js';
import { noOverlayParts } from './errors.js';
import { receiptId } from './home.js';
import { findClang, ownParts, type ClangFinding } from './sources/clangs.js';
import { loadSource, type SourceContext } from './sources/source.js';
import type { Choice } from './plan.js';
import type { ComponentName, ComponentRequest, Manifest, OverlayParts, SetupRequest, SourceName } from './types.js';

type Download = Extract<Choice, { kind: 'download' }>;

/** What planning an overlay needs of the planning around it. */
export interface Chooser {
  readonly request: SetupRequest;
  readonly context: SourceContext;
  manifest(name: ComponentName): Promise<Manifest>;
  download(wanted: ComponentRequest, source: SourceName): Promise<Download>;
  /** Whether an install is there and whole. */
  has(id: string): boolean;
  /** @throws what a download would */
  reach(choice: Download): Promise<void>;
}

/** Parts to be installed first, and the clang. */
interface Offer {
  readonly choices: readonly Choice[];
  readonly overlay: OverlayParts;
  readonly text: string;
}

/** The libc of the portable compiler's package uses `__heap_end`, which wasm-ld has since LLVM 16; its libc++ needs this clang. */
const OLDEST_FOR_NPM = { c: 16, cxx: 19 } as const;

/** What to do so that this clang compiles for WASI. @throws E_FILE E_CLANG_NO_WASM E_NO_WASM_LD E_NO_SYSROOT … */
export async function chooseOverlay(named: string, chooser: Chooser): Promise<readonly Choice[]> {
  const { context, request } = chooser;
  const search = { env: context.env, platform: context.platform, signal: context.signal };
  const finding = await findClang(named, search, context.cwd);
  if (finding === undefined) throw noClangThere(named);
  const { clang, clangVersion, compiler, verdict } = finding;
  if (compiler === null || clangVersion === null) {
    throw clangRefused({ clang, ...(verdict.kind === 'refused' ? verdict : { code: 'E_COMPILER', reason: 'it has no version', next: 'name another clang' }) });
  }
  const major = Number.parseInt(clangVersion, 10);
  const adoptable = { clang, clangVersion, text: `clang ${clangVersion} in ${path.dirname(clang)}` };
  const adopting = (offer: Offer): readonly Choice[] => [
    ...offer.choices,
    { kind: 'adopt', clang: adoptable, overlay: offer.overlay, reason: `asked for with --clang: ${adoptable.text}, with ${offer.text}` },
  ];

  const refused: [source: string, reason: string][] = [];
  const own = ownParts(finding, search);
  const lacking = own === null ? missingParts(finding) : libcxxLacks(own.sysroot, own.target, major);
  const ownOffer: Offer | null = own === null ? null : { choices: [], overlay: { sysroot: own.sysroot, builtins: own.builtins }, text: `this machine's own sysroot in ${own.sysroot}` };
  if (ownOffer !== null && lacking === null && (request.source === 'auto' || request.source === 'system')) return adopting(ownOffer);
  refused.push(['system', lacking ?? 'another source was asked for']);

  const offers: Readonly<Partial<Record<SourceName, () => Promise<Offer | string>>>> = {
    ...(context.mirror === undefined && request.source !== 'mirror' ? {} : { mirror: () => fromArchives('mirror', major, chooser) }),
    upstream: () => fromArchives('upstream', major, chooser),
    apt: () => fromApt(major, chooser),
    npm: () => fromNpm(major, chooser),
  };
  for (const [source, offer] of Object.entries(offers)) {
    if (request.source !== 'auto' && request.source !== source) continue;
    const made = await offer();
    if (typeof made !== 'string') return adopting(made);
    refused.push([source, made]);
  }
  // Less than whole is better than nothing; the proof will say what it is short of.
  if (ownOffer !== null && (request.source === 'auto' || request.source === 'system')) return adopting({ ...ownOffer, text: `${ownOffer.text} (${lacking})` });
  throw noOverlayParts(clang, own === null ? 'E_NO_SYSROOT' : 'E_NO_BUILTINS', refused);
}

function missingParts({ verdict }: ClangFinding): string {
  return verdict.kind === 'refused' ? verdict.reason : 'it has no sysroot';
}

/** What a sysroot's C++ library is short of for this clang; null when it is whole, or when there is none to judge. */
function libcxxLacks(sysroot: string, target: string, major: number): string | null {
  const [ofTarget, general] = [path.join(sysroot, 'include', target, 'c++', 'v1'), path.join(sysroot, 'include', 'c++', 'v1')];
  const there = [ofTarget, general].find((directory) => statSync(path.join(directory, '__config_site'), { throwIfNoEntry: false }) !== undefined);
  if (there === undefined) return `${sysroot} has no libc++`;
  // clang 15 to 18 find the headers of a target only when the general directory is there.
  if (there === ofTarget && major >= 15 && major <= 18 && statSync(general, { throwIfNoEntry: false }) === undefined) return `clang ${major} does not find libc++ in ${ofTarget}`;
  const site = readFileSync(path.join(there, '__config_site'), 'utf8');
  return /^#define _LIBCPP_HAS_NO_FILESYSTEM$|^#define _LIBCPP_HAS_FILESYSTEM 0$/m.test(site) ? `its libc++ in ${there} was built without std::fstream` : null;
}

/** Release archives of the sysroot and builtins that are not newer than the clang. */
async function fromArchives(source: 'mirror' | 'upstream', major: number, chooser: Chooser): Promise<Offer | string> {
  try {
    const [sysroots, builtins] = await Promise.all([chooser.manifest('wasi-sysroot'), chooser.manifest('builtins')]);
    const fits = ({ releases }: Manifest): string[] => releases
      .filter((each) => !each.avoid && each.artifact.integrity !== null && each.clangVersion !== null && Number.parseInt(each.clangVersion, 10) <= major)
      .map((each) => each.version);
    // Rows are in the order of their versions.
    const version = fits(sysroots).filter((each) => fits(builtins).includes(each)).at(-1);
    if (version === undefined) return `no sysroot with a known digest is for a clang as old as ${major}`;
    const choices = await Promise.all((['wasi-sysroot', 'builtins'] as const).map((name) => chooser.download({ name, wanted: version }, source)));
    await Promise.all(choices.map((choice) => chooser.reach(choice)));
    const [sysroot, library] = choices.map(({ component: { name, release } }) => receiptId(name, release.version, release.artifact.integrity!)) as [string, string];
    return { choices: choices.map((choice) => ({ ...choice, asPart: true })), overlay: { sysroot, builtins: library }, text: `the sysroot and builtins of wasi-sdk ${version} from ${source}` };
  } catch (error) {
    return reasonOf(error);
  }
}

async function fromApt(major: number, { context, has }: Chooser): Promise<Offer | string> {
  const source = await loadSource('apt');
  if (source.kind !== 'packages') return 'it has no packages';
  const set = await source.findSysroot(major, context);
  if (set instanceof WasienvError) return set.message;
  const id = receiptId('wasi-sysroot', set.version, set.digest);
  if (context.offline === true && !has(id)) return 'its packages cannot be fetched with --offline';
  return { choices: [{ kind: 'packages', set, source: 'apt', reason: '', asPart: true }], overlay: { sysroot: id, builtins: id }, text: `wasi-libc, libc++ and builtins of LLVM ${set.version} from apt` };
}

async function fromNpm(major: number, chooser: Chooser): Promise<Offer | string> {
  if (major < OLDEST_FOR_NPM.c) return `the portable compiler's libc needs the wasm-ld of LLVM ${OLDEST_FOR_NPM.c} or newer`;
  try {
    const choice = await chooser.download({ name: 'portable-clang' }, 'npm');
    await chooser.reach(choice);
    const { name, release } = choice.component;
    const id = receiptId(name, release.version, release.artifact.integrity!);
    const note = major < OLDEST_FOR_NPM.cxx ? ` (for C: its libc++ needs clang ${OLDEST_FOR_NPM.cxx} or newer)` : '';
    return { choices: [{ ...choice, asPart: true }], overlay: { sysroot: id, builtins: id }, text: `the sysroot and builtins of the portable compiler${note}` };
  } catch (error) {
    return reasonOf(error);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof WasienvError)) throw error;
  return `${error.message} (${error.code})`;
}
