// Which wasm-ld links what a rustc makes. A toolchain of rustup brings its own, and that is always right. A packaged
// rustc counts on the machine's, and two things go wrong there: an lld older than the LLVM that made the objects, and
// an lld too new for the libraries of an old rustc. `chooseLinker` decides, without asking anybody.
import path from 'node:path';
import { isFile, namesIn, pathDirectories, realPath } from '../../base/look.js';
import type { Environment } from '../../base/surroundings.js';
import type { RustFacts } from './find.js';
import { probe } from '../probe.js';
import { isBefore, type RustVersion } from './target.js';

/** A linker that was asked for its version. */
export interface LinkerFinding {
  readonly file: string;
  /** `14` of `LLD 14.0.6`; null when it does not say so. */
  readonly major: number | null;
}

export type LinkerChoice =
  /** rustc finds the right one without being told. */
  | { readonly kind: 'own'; readonly file: string }
  | { readonly kind: 'use'; readonly file: string; readonly major: number }
  /** `why`: for people, of each one that is here; empty when there is none. */
  | { readonly kind: 'none'; readonly why: readonly string[]; readonly wantedMajor: number };

/** The first rustc that stores a library's metadata in a form that lld 18 and later accept. source: rust-lang/rust#120588 */
const METADATA_WRAPPED = [1, 78] as const;
/** The first lld that reads every member of an archive. source: llvm/llvm-project#78658 */
const READS_EVERY_MEMBER = 18;

/** Chooses among what was found: the same LLVM first, then the nearest newer one. Pure. */
export function chooseLinker(rust: Pick<RustVersion, 'release' | 'llvmVersion'>, own: string | null, found: readonly LinkerFinding[]): LinkerChoice {
  if (own !== null) return { kind: 'own', file: own };
  const wantedMajor = Number.parseInt(rust.llvmVersion ?? '0', 10);
  const why: string[] = [];
  const fitting: { readonly file: string; readonly major: number }[] = [];
  for (const { file, major } of found) {
    const reason = unfit(rust, wantedMajor, major);
    if (major !== null && reason === null) fitting.push({ file, major });
    else why.push(`${file} ${reason}`);
  }
  const [best] = fitting.sort((left, right) => left.major - right.major);
  return best === undefined ? { kind: 'none', why, wantedMajor } : { kind: 'use', ...best };
}

function unfit(rust: Pick<RustVersion, 'release' | 'llvmVersion'>, wantedMajor: number, major: number | null): string | null {
  if (major === null) return 'does not say that it is an LLD';
  if (major < wantedMajor) return `is LLD ${major}, older than the LLVM ${wantedMajor} of rustc ${rust.release}`;
  if (major >= READS_EVERY_MEMBER && isBefore(rust.release, METADATA_WRAPPED)) {
    return `is LLD ${major}, which refuses the libraries of rustc ${rust.release}: "archive member 'lib.rmeta' is neither Wasm object file nor LLVM bitcode"`;
  }
  return null;
}

/** Where a toolchain keeps the linker that rustc takes unless told otherwise; null when it has none. */
export function ownLinker({ sysroot, host }: Pick<RustFacts, 'sysroot' | 'host'>): string | null {
  const file = path.join(sysroot, 'lib', 'rustlib', host, 'bin', host.includes('windows') ? 'rust-lld.exe' : 'rust-lld');
  return isFile(file) ? file : null;
}

export interface LinkerSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Directories to search before PATH: that of rustc, that of a clang. */
  readonly beside: readonly string[];
  /** Directories to search after PATH; the usual places by default. */
  readonly directories?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Every wasm-ld and rust-lld of this machine, asked for its version; those of `beside` and PATH first. */
export async function findLinkers(search: LinkerSearch): Promise<LinkerFinding[]> {
  const { env, platform, beside } = search;
  const directories = [...beside, ...pathDirectories(env, platform), ...(search.directories ?? usualLinkerDirectories(platform))];
  const pattern = platform === 'win32' ? /^(?:wasm-ld|rust-lld)\.exe$/ : /^(?:wasm-ld(?:-\d+)?|rust-lld)$/;
  // The plain name first: of several that are the same, it is the one to show.
  const files = [...new Set(directories)].flatMap((directory) => namesIn(directory).filter((name) => pattern.test(name)).sort((left, right) => left.length - right.length).map((name) => path.join(directory, name)));
  // A distribution gives one program several names.
  const programs = new Map([...files].reverse().filter(isFile).map((file) => [realPath(file) ?? file, file] as const));
  return Promise.all([...new Set(files)].filter((file) => programs.get(realPath(file) ?? file) === file).map(async (file) => ({ file, major: await askLinker(file, search) })));
}

async function askLinker(file: string, { env, signal }: LinkerSearch): Promise<number | null> {
  // lld is many linkers in one program; rust-lld has no name of its own among them.
  const args = path.basename(file).startsWith('rust-lld') ? ['-flavor', 'wasm', '--version'] : ['--version'];
  const result = await probe(file, args, { env, signal });
  const major = /LLD (\d+)\./.exec(result.stdout)?.[1];
  return major === undefined ? null : Number(major);
}

function usualLinkerDirectories(platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return ['C:\\Program Files\\LLVM\\bin'];
  const under = (directory: string, pattern: RegExp): string[] => namesIn(directory).filter((name) => pattern.test(name)).map((name) => path.posix.join(directory, name, 'bin'));
  return [
    ...under('/usr/lib', /^llvm-?\d+$/),
    ...under('/usr/lib/llvm', /^\d+$/),
    ...under('/usr/lib64', /^llvm\d+$/),
    ...['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'].flatMap((opt) => under(opt, /^(?:lld|llvm)(?:@\d+)?$/)),
    ...under('/opt', /^wasi-sdk/),
    '/usr/bin',
  ];
}
