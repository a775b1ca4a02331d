// The words of everything that can go wrong in the workshop: one maker for each failure, with its place and the
// next step. Which failure it is gets decided where it happens; how it reads is decided here,
// and for what one part of the workshop alone can meet in that part's own errors.ts.
// No maker is ever given credentials: URLs come through `safeUrl`.
import { constants } from 'node:os';
import { safePlace, safeUrl } from '../base/safe-url.js';
import { formatBytes, formatDuration } from '../base/text.js';
import { WasienvError, type ErrorCode } from '../base/errors.js';

type Place = readonly (readonly [label: string, value: string])[];

// ---- home and disk

export function unusableHome(home: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_HOME_UNWRITABLE', `wasienv's home cannot be used: ${why}`, {
    where: [['home', home]],
    next: 'set WASIENV_HOME to an absolute path of a directory you may write, or mend the permissions of this one',
    cause,
  });
}

function diskFull(doing: string, file: string, cause: unknown): WasienvError {
  return new WasienvError('E_DISK_FULL', `no space left while ${doing}`, {
    where: [['file', file]],
    next: 'free some space, or set WASIENV_HOME to a directory on another disk; then run `wasienv setup` again',
    cause,
  });
}

export function tooLittleSpace(home: string, neededBytes: number, freeBytes: number): WasienvError {
  return new WasienvError('E_DISK_FULL', `setup needs ${formatBytes(neededBytes)} and the disk has ${formatBytes(freeBytes)} free`, {
    where: [['home', home]],
    next: 'free some space, or set WASIENV_HOME to a directory on another disk',
  });
}

/** The name of an operating-system error. libuv has none for a quota: its `code` is then `Unknown system error -122`. */
function systemCode(error: NodeJS.ErrnoException | null): string | undefined {
  return error?.errno === -constants.errno.EDQUOT ? 'EDQUOT' : error?.code;
}

/**
 * Gives an operating-system error of a write inside the home its code; anything that already is a `WasienvError` passes.
 * EFBIG stands among the full disks: that is how a limit on file size (`ulimit -f`) shows.
 */
export function homeError(error: unknown, doing: string, file: string): unknown {
  if (error instanceof WasienvError) return error;
  const code = systemCode(error as NodeJS.ErrnoException | null);
  const at = (error as NodeJS.ErrnoException | null)?.path ?? file;
  switch (code) {
    case 'ENOSPC': case 'EDQUOT': case 'EFBIG':
      return diskFull(doing, at, error);
    case 'EACCES': case 'EPERM': case 'EROFS':
      return unusableHome(at, `no permission while ${doing} (${code})`, error);
    case 'ENOTDIR': case 'EEXIST': case 'EISDIR': case 'ELOOP': case 'ENAMETOOLONG':
      return unusableHome(at, `something else is in the way while ${doing} (${code})`, error);
    case 'EXDEV':
      return new WasienvError('E_HOME_UNWRITABLE', `wasienv's home cannot be used: a part of it lies on another volume, and installs are made by a rename (${code})`, {
        where: [['file', at]],
        next: 'move or link the whole home to the other volume, not a directory inside it; or set WASIENV_HOME to a directory there',
        cause: error,
      });
    default:
      // Whatever else the operating system says; an error without its marks is a fault of ours and stays as it is.
      if (code === undefined || (error as NodeJS.ErrnoException).syscall === undefined) return error;
      return new WasienvError('E_FILE', `the file system failed while ${doing} (${code})`, {
        where: [['file', at]],
        next: 'run `wasienv setup` again; if it repeats, check the disk, or set WASIENV_HOME to another one',
        cause: error,
      });
  }
}

/** A file outside of the home that a person asked for. */
export function unwritten(what: string, file: string, next: string, cause: NodeJS.ErrnoException): WasienvError {
  const code = systemCode(cause);
  return new WasienvError(code === 'ENOSPC' || code === 'EDQUOT' ? 'E_DISK_FULL' : 'E_FILE', `${what} cannot be written (${code ?? cause.message})`, { where: [['file', file]], next, cause });
}

export function locked(home: string, holder: string, waitedMs: number, lockFile: string): WasienvError {
  return new WasienvError('E_LOCKED', `another wasienv has been changing this home for ${formatDuration(waitedMs)}`, {
    where: [['home', home], ['holder', holder], ['lock', lockFile]],
    next: 'wait for it to end or stop it; its lock goes away with it',
  });
}

export function interrupted(doing: string): WasienvError {
  return new WasienvError('E_INTERRUPTED', `stopped while ${doing}; nothing half-made is in use`, {
    next: 'run `wasienv setup` again when you are ready; it goes on with what was downloaded',
  });
}

// ---- receipts and installs

export function badReceipt(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_RECEIPT', `a receipt cannot be understood: ${why}`, {
    where: [['file', file]],
    next: 'run `wasienv setup`: it installs the component again and writes a new receipt',
    cause,
  });
}

export function noToolchain(home: string): WasienvError {
  return new WasienvError('E_NO_TOOLCHAIN', 'no toolchain is installed', {
    where: [['home', home]],
    next: 'run `wasienv setup`',
  });
}

export function damaged(component: string, version: string, directory: string, damage: readonly string[]): WasienvError {
  const shown = damage.slice(0, 5);
  return new WasienvError('E_DAMAGED', `${component} ${version} is damaged: ${damage.length} ${damage.length === 1 ? 'file is' : 'files are'} not as installed`, {
    where: [
      ['directory', directory],
      ...shown.map((text) => ['file', text] as const),
      ...(damage.length > shown.length ? [['and', `${damage.length - shown.length} more`] as const] : []),
    ],
    next: 'run `wasienv setup`: it repairs the install',
  });
}

// ---- without a network

export function offlineLacks(subject: string, url: string, { location, sizeBytes, integrity }: { readonly location: string; readonly sizeBytes: number | null; readonly integrity: string | null }, downloads: string): WasienvError {
  const name = (/^https?:/.test(location) ? new URL(location).pathname : location).split('/').at(-1)!;
  return new WasienvError('E_OFFLINE', `${subject} would have to be downloaded, and --offline forbids it`, {
    where: [['from', safeUrl(url)], ...(sizeBytes === null ? [] : [['size', formatBytes(sizeBytes)] as const]), ...(integrity === null ? [] : [['digest', integrity] as const])],
    next: `put the file into ${downloads} as ${name}\nor make a bundle elsewhere (\`wasienv pack\`) and run \`wasienv setup --bundle FILE\``,
  });
}

export function offlineManifests(url: string): WasienvError {
  return new WasienvError('E_OFFLINE', 'the manifests lie behind a URL, and --offline forbids to ask for them', {
    where: [['WASIENV_MANIFESTS', safeUrl(url)]],
    next: 'point WASIENV_MANIFESTS to a directory with a copy, or unset it',
  });
}

export function offlinePackages(subject: string): WasienvError {
  return new WasienvError('E_OFFLINE', `${subject} would have to be fetched by apt, and --offline forbids it`, {
    next: 'install the packages with apt where there is a network, then run `wasienv setup --source system`',
  });
}

export function offlineRustup(subject: string, command: string): WasienvError {
  return new WasienvError('E_OFFLINE', `${subject} would have to be downloaded by rustup, and --offline forbids it`, {
    where: [['command', command]],
    next: 'run it where there is a network, or install rust-target from a bundle (`wasienv pack rust-target@VERSION`)',
  });
}

// ---- manifests and sources

export function badManifest(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_MANIFEST', `a manifest cannot be understood: ${why}`, {
    where: [['file', safePlace(file)]],
    next: 'correct the file; its format is described in manifests/manifest.schema.json. Or unset WASIENV_MANIFESTS to use the built-in ones',
    cause,
  });
}

export function unknownVersion(component: string, wanted: string, known: readonly string[], source?: string): WasienvError {
  return new WasienvError('E_UNKNOWN_VERSION', `${component} has no version ${wanted}${source === undefined ? '' : ` from the source ${source}`}`, {
    where: [['known', known.length === 0 ? '(none for this machine)' : known.join(', ')]],
    next: `ask for one of these, or for \`${component}\` alone to get \`stable\``,
  });
}

export const USE_PORTABLE = 'run `wasienv setup --source npm` for the portable compiler';

export function packageUnreadable(name: string, why: string): WasienvError {
  return new WasienvError('E_ARCHIVE', `the package ${name} cannot be unpacked: ${why}`, { next: 'run `wasienv setup --source apt` again; dpkg-deb must be there and working' });
}

export function packagesLack(missing: readonly string[]): WasienvError {
  return new WasienvError('E_ARCHIVE', `the packages do not hold what makes a compiler: ${missing.join(', ')}`, {
    next: `report this with the name of your distribution; until then ${USE_PORTABLE}`,
  });
}

export function guardNotBuilt(subject: string, says: string): WasienvError {
  return new WasienvError('E_COMPILER', 'the builtins library needs a stack guard that this libc does not have, and none could be made', {
    where: [['with', subject], ['said', says.split('\n', 1)[0]!]],
    next: USE_PORTABLE,
  });
}

/** `others`: versions that would be accepted, newest first. */
export function noDigest(subject: string, component: string, others: readonly string[]): WasienvError {
  return new WasienvError('E_DIGEST', `${subject} has no digest in its manifest, so what a server sends cannot be checked`, {
    ...withDigests(others),
    next: `${chooseAnother(component, others)}\nor take it as it comes with --allow-unverified; its receipt will say so`,
  });
}

export function tooFewWitnesses(subject: string, component: string, witnesses: number, wanted: number, others: readonly string[]): WasienvError {
  const count = witnesses === 0 ? 'no independent project' : witnesses === 1 ? 'one independent project' : `${witnesses} independent projects`;
  return new WasienvError('E_WITNESSES', `the digest of ${subject} is pinned by ${count}, ${wanted} are asked for`, {
    ...withDigests(others),
    next: `${chooseAnother(component, others)}\nor ask for fewer with --require-witnesses`,
  });
}

const withDigests = (others: readonly string[]): { readonly where?: Place } => (others.length === 0 ? {} : { where: [['accepted', others.join(', ')]] });
const chooseAnother = (component: string, [newest]: readonly string[]): string =>
  newest === undefined ? 'no other version for this machine would be accepted; `wasienv setup` alone installs the portable compiler' : `run \`wasienv setup ${component}@${newest}\``;

export function hostTooOld(subject: string, glibc: string, here: string): WasienvError {
  return new WasienvError('E_HOST', `the programs of ${subject} need glibc ${glibc} or newer, this machine has ${here}`, {
    next: `${USE_PORTABLE}, which runs wherever Node.js does`,
  });
}

export function partMissing(compiler: string, part: 'programs' | 'resourceDir' | 'sysroot' | 'builtins'): WasienvError {
  if (part === 'sysroot') return new WasienvError('E_NO_SYSROOT', `${compiler} has no WASI sysroot, and no wasi-sysroot is installed beside it`, { next: 'run `wasienv setup wasi-sysroot builtins`' });
  if (part === 'builtins') return new WasienvError('E_NO_BUILTINS', `${compiler} has no builtins library for wasm32, and none is installed beside it`, { next: 'run `wasienv setup builtins`' });
  return new WasienvError('E_RECEIPT', `the receipt of ${compiler} names no ${part === 'programs' ? 'programs' : 'resource directory'}`, { next: 'run `wasienv setup`' });
}

export function wrongFileLength(subject: string, file: string, gotBytes: number, wantedBytes: number): WasienvError {
  return new WasienvError('E_DIGEST', `${subject} is not the file of the manifest: it has ${gotBytes} bytes, the manifest says ${wantedBytes}`, {
    where: [['file', file]],
    next: 'fetch this file of the mirror again',
  });
}

export function sourceLacks(source: string, component: string): WasienvError {
  return new WasienvError('E_SOURCE', `the source ${source} has no ${component}`, {
    next: 'leave --source out, then the sources that have it are asked; `wasienv help sources` says which has what',
  });
}

export function noManifest(component: string, directory: string): WasienvError {
  return new WasienvError('E_UNKNOWN_VERSION', `no manifest speaks of ${component}`, {
    where: [['manifests', safePlace(directory)]],
    next: 'add its manifest there, or unset WASIENV_MANIFESTS to use the built-in ones',
  });
}

/** What helps where a server cannot be reached that is no npm registry. */
export const ELSEWHERE = `check the network, and behind a proxy HTTPS_PROXY; or name a copy of the files with --mirror,\nor ${USE_PORTABLE}`;

/** None of the sources that have it can be used now. */
export function noSource(subject: string, tried: readonly (readonly [source: string, error: WasienvError])[]): WasienvError {
  const [first] = tried;
  return new WasienvError(first![1].code, tried.length === 1 ? first![1].message : `${subject} cannot be had from any source`, {
    where: tried.length === 1 ? first![1].where : tried.map(([source, error]) => [source, `${error.message} (${error.code})`] as const),
    next: (tried.length === 1 ? first![1].next : undefined) ?? ELSEWHERE,
    cause: first![1],
  });
}

export function wrongDigest(subject: string, url: string, wanted: string, got: string): WasienvError {
  return new WasienvError('E_DIGEST', `${subject} does not match its manifest digest`, {
    where: [['from', safeUrl(url)], ['wanted', wanted], ['got', got]],
    next: 'run `wasienv setup` again; if it repeats, a proxy or mirror alters your downloads',
  });
}

// ---- archives

export function badArchive(subject: string, why: string, entry?: string, cause?: unknown): WasienvError {
  return new WasienvError('E_ARCHIVE', `the archive of ${subject} was refused: ${why}`, {
    where: entry === undefined ? [] : [['entry', JSON.stringify(entry)]],
    next: 'nothing was installed. Run `wasienv setup` again; if it repeats, the archive itself is bad: report it to who made the manifest',
    cause,
  });
}

/** Codes with which `setup --source auto` may turn to the system's own clang: the registry could not be used at all. */
export const REACH_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['E_NETWORK', 'E_PROXY', 'E_TLS', 'E_HTTP', 'E_STALLED', 'E_SOURCE', 'E_OFFLINE']);

// ---- what is on the machine

/** No source has a sysroot and builtins for a clang that is otherwise good. */
export function noOverlayParts(clang: string, code: ErrorCode, refused: readonly (readonly [source: string, reason: string])[]): WasienvError {
  return new WasienvError(code, 'no sysroot and builtins can be had for this clang', {
    where: [['clang', clang], ...refused],
    next: `connect to a network, name a --mirror, or on a Debian or Ubuntu run \`sudo apt-get update\`\nor ${USE_PORTABLE}`,
  });
}

export function partGone(part: string): WasienvError {
  return new WasienvError('E_NO_SYSROOT', 'a part that was to be laid beside the clang is not there any more', { where: [['part', part]], next: 'run the same `wasienv setup --clang` again' });
}

export function overlayNotLooked(clang: string, file: string): WasienvError {
  return new WasienvError('E_NO_BUILTINS', 'this clang does not look for its builtins in the resource directory it is given', {
    where: [['clang', clang], ['looks for', file]],
    next: `report this with the output of \`clang --version\`; until then ${USE_PORTABLE}`,
  });
}

/** `wasienv env --shell cmd` where paths are not those of Windows. */
export function notForCmd(value: string): WasienvError {
  return new WasienvError('E_USAGE', 'cmd has no way to write a value with a quote or a line break in it', {
    where: [['value', JSON.stringify(value)]],
    next: 'choose another shell with `--shell`, or a home without such characters with WASIENV_HOME',
  });
}
