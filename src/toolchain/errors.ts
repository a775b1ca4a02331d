// The words of everything that can go wrong in the workshop: one maker for each failure, with its place and the
// next step. Which failure it is gets decided where it happens; how it reads is decided here.
// No maker is ever given credentials: URLs come through `safeUrl`.
import { constants } from 'node:os';
import { formatBytes, formatDuration } from '../base/text.js';
import { WasienvError, type ErrorCode } from '../base/errors.js';

type Place = readonly (readonly [label: string, value: string])[];

/** A URL as it may be shown and stored: no user, password, query or fragment. */
export function safeUrl(url: string | URL): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    parsed.hash = '';
    return parsed.href;
  } catch {
    return '(not a URL)';
  }
}

/** A place that may be a URL or a path, as it may be shown. */
export function safePlace(place: string): string {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(place) ? safeUrl(place) : place;
}

// ---- home and disk

export function unusableHome(home: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_HOME_UNWRITABLE', `wasienv's home cannot be used: ${why}`, {
    where: [['home', home]],
    next: 'set WASIENV_HOME to an absolute path of a directory you may write, or mend the permissions of this one',
    cause,
  });
}

export function diskFull(doing: string, file: string, cause: unknown): WasienvError {
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
function unwritten(what: string, file: string, next: string, cause: NodeJS.ErrnoException): WasienvError {
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

// ---- keeping house

export function notInstalled(component: string, wanted: string | undefined, installed: readonly string[], pinnedBy?: string): WasienvError {
  const subject = wanted === undefined ? component : `${component} ${wanted}`;
  return new WasienvError('E_NOT_INSTALLED', `${subject} is not installed${pinnedBy === undefined ? '' : ', and this project wants it'}`, {
    where: [
      ...(pinnedBy === undefined ? [] : [['wanted by', pinnedBy] as const]),
      ['installed', installed.length === 0 ? `no ${component}` : installed.join(', ')],
    ],
    next: pinnedBy === undefined ? `run \`wasienv setup ${component}${wanted === undefined ? '' : `@${wanted}`}\`; \`wasienv list\` shows what is there` : 'run `wasienv setup` in this project',
  });
}

export function inUse(component: string, version: string): WasienvError {
  return new WasienvError('E_IN_USE', `${component} ${version} is in use`, {
    next: `switch to another with \`wasienv use\`, or add --force`,
  });
}

export function severalInstalled(component: string, versions: readonly string[]): WasienvError {
  return new WasienvError('E_USAGE', `${versions.length} versions of ${component} are installed`, {
    where: [['installed', versions.join(', ')]],
    next: `name the one: \`wasienv uninstall ${component}@${versions[0]}\``,
  });
}

export function heldOpen(directory: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', 'an installed component cannot be moved aside', {
    where: [['directory', directory], ['said', (cause as Error).message]],
    next: 'end the programs that use its files, or mend the permissions of the directory, and try again; nothing was removed',
    cause,
  });
}

export function noSuchPart(part: string, toolchain: string): WasienvError {
  return new WasienvError('E_NO_TOOL', `${toolchain} has no ${part}`, { next: '`wasienv which` lists what it has' });
}

// ---- projects

export function badPin(by: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_PIN', `what this project wants cannot be understood: ${why}`, {
    where: [[by === 'WASIENV_TOOLCHAIN' ? 'variable' : 'file', by]],
    next: '`wasienv help project` shows how it is written',
    cause,
  });
}

export function badLockFile(file: string, why: string, next = 'write it anew with `wasienv lock`', cause?: unknown): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock cannot be used: ${why}`, { where: [['file', file]], next, cause });
}

export function lockOutOfDate(file: string, why: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock is out of date: ${why}`, { where: [['file', file]], next: 'run `wasienv lock`' });
}

export function noLockFile(directory: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', 'there is no wasienv.lock', { where: [['from', directory]], next: 'write one with `wasienv lock` and commit it' });
}

export function lockLacksHost(file: string, subject: string, host: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock has no digest of ${subject} for this machine (${host})`, {
    where: [['file', file]],
    next: 'pin a version that is known for all hosts of the project; `wasienv list-remote` shows them',
  });
}

export function cannotWriteLock(file: string, cause: NodeJS.ErrnoException): WasienvError {
  return unwritten('wasienv.lock', file, 'make the directory of the project writable, or free some space, and run `wasienv lock` again', cause);
}

export function notAsLocked(subject: string, file: string, locked: string, manifest: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `the manifests of this wasienv contradict wasienv.lock about ${subject}`, {
    where: [['file', file], ['locked', locked], ['manifest', manifest]],
    next: 'find out which is right before anything is installed; `wasienv lock --check` shows every difference',
  });
}

// ---- bundles, and without a network

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

export function badBundle(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_SOURCE', `the bundle cannot be used: ${why}`, {
    where: [['bundle', file]],
    next: (cause as NodeJS.ErrnoException | undefined)?.syscall === undefined ? 'make it anew with `wasienv pack`, and copy it as a binary file' : 'check the path and its permissions; `wasienv pack` makes a bundle',
    cause,
  });
}

export function bundleLacksHost(file: string, host: string, hosts: readonly string[]): WasienvError {
  return new WasienvError('E_SOURCE', `the bundle has nothing for this machine (${host})`, {
    where: [['bundle', file], ['hosts', hosts.join(', ')]],
    next: `pack it with \`wasienv pack --host ${host}\``,
  });
}

export function notAsBundled(subject: string, file: string, bundled: string, manifest: string): WasienvError {
  return new WasienvError('E_DIGEST', `the bundle has another ${subject} than the manifests of this wasienv know`, {
    where: [['bundle', file], ['bundled', bundled], ['manifest', manifest]],
    next: 'nothing was installed. Find out who made the bundle, and with which manifests',
  });
}

export function cannotWriteBundle(file: string, cause: NodeJS.ErrnoException): WasienvError {
  return unwritten('the bundle', file, 'give another place with -o', cause);
}

export function unknownHost(host: string, known: readonly string[]): WasienvError {
  return new WasienvError('E_USAGE', `there is no host ${host}`, { where: [['known', known.join(', ')]], next: 'name one as Node.js does: `--host linux-x64`' });
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
    next: 'ask for one of the known versions or channels, or for none to get `stable`',
  });
}

export const USE_PORTABLE = 'run `wasienv setup --source npm` for the portable compiler';

export function noApt(platform: NodeJS.Platform): WasienvError {
  return new WasienvError('E_SOURCE', platform === 'linux' ? 'this machine has no apt' : `there is no apt on ${platform}`, { next: USE_PORTABLE });
}

export function noAptLists(): WasienvError {
  return new WasienvError('E_SOURCE', 'apt has no package lists on this machine: `apt-get update` was never run, or its lists were removed', {
    next: `run \`sudo apt-get update\`, then this again\nor ${USE_PORTABLE}`,
  });
}

const APT_SETS = {
  compiler: ['whole compiler', 'its packages are called libclang-rt-N-dev-wasm32 and wasi-libc', USE_PORTABLE],
  sysroot: ['whole sysroot', 'its packages are called libclang-rt-N-dev-wasm32 and wasi-libc', USE_PORTABLE],
  rust: ['whole Rust', 'its packages are called rustc and libstd-rust-dev-wasm32', 'install Rust with rustup (https://rustup.rs), then run `wasienv setup rust-target`'],
} as const;

/** `refused`: of each set of packages that is there, why it will not do. */
export function noAptSet(what: keyof typeof APT_SETS, wanted: string | undefined, refused: readonly (readonly [what: string, reason: string])[]): WasienvError {
  const [name, packages, otherwise] = APT_SETS[what];
  return new WasienvError('E_SOURCE', `apt offers no ${name} for WebAssembly${wanted === undefined ? '' : ` of version ${wanted}`} on this machine`, {
    where: refused,
    next: `${refused.length === 0 ? `${packages} (Debian 12, Ubuntu 22.04 or newer); ` : ''}${otherwise}`,
  });
}

export function aptFailed(doing: string, says: string): WasienvError {
  return new WasienvError('E_SOURCE', `apt failed while ${doing}: ${says.trim()}`, { next: `mend apt (\`apt-cache policy wasi-libc\` shows whether it works)\nor ${USE_PORTABLE}` });
}

export function aptDownloadFailed(says: string): WasienvError {
  return new WasienvError('E_NETWORK', `apt could not download the packages: ${says}`, {
    next: `run \`wasienv setup --source apt\` again; if apt speaks of 404, its lists are old: \`sudo apt-get update\`\nor ${USE_PORTABLE}`,
  });
}

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

export function npmSettings(why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_SOURCE', `npm's settings cannot be used: ${why}`, {
    next: 'look at them with `npm config list`; set the registry with `npm config set registry URL`',
    cause,
  });
}

export function badProxy(variable: string): WasienvError {
  return new WasienvError('E_SOURCE', `${variable} names no proxy that can be used`, {
    next: `set ${variable} to an http, https or socks5 URL such as http://proxy.example:3128, or unset it`,
  });
}

export function badAuthorities(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_SOURCE', `the certificates to trust cannot be used: ${why}`, {
    where: [['file', file]],
    next: 'name a file with PEM certificates (`-----BEGIN CERTIFICATE-----`)',
    cause,
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

export function badMirror(base: string, why: string): WasienvError {
  return new WasienvError('E_SOURCE', `the mirror cannot be used: ${why}`, {
    where: base === '' ? [] : [['mirror', safePlace(base)]],
    next: 'name one with `--mirror URL|DIR` or WASIENV_MIRROR; `wasienv help sources` shows what it must hold',
  });
}

export function notInMirror(subject: string, file: string): WasienvError {
  return new WasienvError('E_SOURCE', `the mirror does not have ${subject}`, {
    where: [['file', file]],
    next: 'put the file there, or choose another --mirror or --source; `wasienv help sources` shows where a mirror keeps what',
  });
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

/** None of the sources that have it can be used now. */
export function noSource(subject: string, tried: readonly (readonly [source: string, error: WasienvError])[]): WasienvError {
  const [first] = tried;
  return new WasienvError(first![1].code, tried.length === 1 ? first![1].message : `${subject} cannot be had from any source`, {
    where: tried.length === 1 ? first![1].where : tried.map(([source, error]) => [source, `${error.message} (${error.code})`] as const),
    next: (tried.length === 1 ? first![1].next : undefined) ?? ELSEWHERE,
    cause: first![1],
  });
}

// ---- the network

export interface Transfer {
  /** What is being fetched, for people: `portable-clang 22.0.0-git20542-10`. */
  readonly subject: string;
  /** Who was spoken to when it failed. */
  readonly url: string;
  /** Where it began, before any redirect. */
  readonly askedUrl: string;
  /** An npm registry answers: then the next step speaks of npm. */
  readonly registry: boolean;
  /** The proxy in the way, without credentials. */
  readonly proxy: string | null;
  /** Where the list of trusted authorities came from, for people. */
  readonly trust: string;
  readonly receivedBytes: number;
  readonly totalBytes: number | null;
}

const placeOf = (transfer: Transfer, ...more: Place): Place => [
  ['from', safeUrl(transfer.url)],
  ...(safeUrl(transfer.url) === safeUrl(transfer.askedUrl) ? [] : [['sent by', safeUrl(transfer.askedUrl)] as const]),
  ...(transfer.proxy === null ? [] : [['proxy', safeUrl(transfer.proxy)] as const]),
  ...(transfer.receivedBytes > 0
    ? [['got', `${formatBytes(transfer.receivedBytes)}${transfer.totalBytes === null ? '' : ` of ${formatBytes(transfer.totalBytes)}`}`] as const]
    : []),
  ...more,
];

/** What the operating system said, in words; null for codes that are not about reaching a server. */
const NETWORK_FACTS: Readonly<Record<string, readonly [fact: string, next: string]>> = {
  ENOTFOUND: ['the name of the server is not known here', 'check the network and the registry name (`npm config get registry`)'],
  EAI_AGAIN: ['the name server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  ECONNREFUSED: ['the server refuses connections', 'check that the registry runs and that its port is right (`npm config get registry`)'],
  ECONNRESET: ['the connection was reset', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  EPIPE: ['the connection was reset', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  UND_ERR_SOCKET: ['the server closed the connection', 'run `wasienv setup` again; if it repeats, a firewall or proxy breaks the connection'],
  ETIMEDOUT: ['the server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  UND_ERR_CONNECT_TIMEOUT: ['the server does not answer', 'check the network; behind a proxy set `npm config set https-proxy URL` (or HTTPS_PROXY)'],
  EHOSTUNREACH: ['there is no route to the server', 'check the network'],
  ENETUNREACH: ['there is no route to the server', 'check the network'],
};

const ELSEWHERE = `check the network, and behind a proxy HTTPS_PROXY; or name a copy of the files with --mirror,\nor ${USE_PORTABLE}`;

export function isNetworkCode(code: string | undefined): code is string {
  return code !== undefined && code in NETWORK_FACTS;
}

export function unreachable(transfer: Transfer, code: string, cause: unknown): WasienvError {
  const [fact, npmNext] = NETWORK_FACTS[code] ?? ['the connection failed', 'check the network and run `wasienv setup` again'];
  const next = transfer.registry || !npmNext.includes('npm config') ? npmNext : ELSEWHERE;
  return new WasienvError('E_NETWORK', `${transfer.subject} cannot be fetched: ${fact} (${code})`, { where: placeOf(transfer), next, cause });
}

export function proxyFailed(transfer: Transfer, why: string, cause: unknown): WasienvError {
  return new WasienvError('E_PROXY', `${transfer.subject} cannot be fetched: ${why}`, {
    where: placeOf(transfer),
    next: 'check the proxy: `npm config get https-proxy`, HTTPS_PROXY; its user and password go into the URL; hosts to reach without it into `npm config set noproxy` or NO_PROXY',
    cause,
  });
}

export function tlsRefused(transfer: Transfer, code: string, message: string, issuer: string | null, cause: unknown): WasienvError {
  const expired = code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID';
  const otherName = code === 'ERR_TLS_CERT_ALTNAME_INVALID';
  return new WasienvError('E_TLS', `${transfer.subject} cannot be fetched: the server's certificate was not accepted (${code})`, {
    where: placeOf(transfer, ...(issuer === null ? [] : [['issuer', issuer] as const]), ['trusts', transfer.trust], ['said', message]),
    next: expired
      ? "check this machine's clock; if it is right, the server must renew its certificate"
      : otherName
        ? 'check the host name in the registry setting (`npm config get registry`): the certificate belongs to another one'
        : 'if this issuer is your company\'s, add its CA certificate: `npm config set cafile /path/to/ca.pem`, or NODE_EXTRA_CA_CERTS=/path/to/ca.pem',
    cause,
  });
}

export function httpStatus(transfer: Transfer, status: number): WasienvError {
  const { registry } = transfer;
  const [fact, next] = ((): readonly [string, string] => {
    if (status === 401) return ['wants a login', registry ? 'log in with `npm login`, or put a token for this host into ~/.npmrc' : 'give credentials for this server'];
    if (status === 403) return ['forbids it', registry ? "your login may not read this package, or the registry's policy blocks it: ask who runs it, or use `wasienv setup --source system`" : 'ask who runs this server'];
    if (status === 404) return ['does not have it', registry ? 'choose a registry that carries the package (`npm config set @yowasp:registry URL` for this one alone), or use `wasienv setup --source system`' : 'check the URL'];
    if (status === 407) return ['(a proxy) wants a login', 'put user and password into the proxy URL (`npm config set https-proxy URL`)'];
    if (status === 429) return ['says too many requests', 'wait some minutes and run `wasienv setup` again'];
    if (status >= 500) return ['has a fault of its own', 'run `wasienv setup` again later; if it lasts, ask who runs the server'];
    return ['gave an answer that is no file', 'check the registry setting (`npm config get registry`)'];
  })();
  return new WasienvError(status === 407 ? 'E_PROXY' : 'E_HTTP', `${transfer.subject} cannot be fetched: the server ${fact} (HTTP ${status})`, { where: placeOf(transfer), next });
}

export function badRedirect(transfer: Transfer, why: string): WasienvError {
  return new WasienvError('E_HTTP', `${transfer.subject} cannot be fetched: ${why}`, {
    where: placeOf(transfer),
    next: 'check the registry setting (`npm config get registry`); the server sends its visitors astray',
  });
}

/** An answer to a request for the rest of a file that is not the rest of it. */
export function badRange(transfer: Transfer, why: string): WasienvError {
  return new WasienvError('E_HTTP', `${transfer.subject} cannot be continued: ${why}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again: it fetches the file from its first byte',
  });
}

export function stalled(transfer: Transfer, afterMs: number, cause: unknown): WasienvError {
  return new WasienvError('E_STALLED', `${transfer.subject}: the server sent nothing, or next to nothing, for ${formatDuration(afterMs)}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, look for a firewall or proxy that holds connections',
    cause,
  });
}

export function truncated(transfer: Transfer, cause?: unknown): WasienvError {
  return new WasienvError('E_TRUNCATED', `${transfer.subject} ended before its last byte`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, a proxy or firewall cuts the download off',
    cause,
  });
}

export function wrongLength(transfer: Transfer, offeredBytes: number): WasienvError {
  return new WasienvError('E_DIGEST', `${transfer.subject} is not the file of the manifest: the server offers ${offeredBytes} bytes, the manifest says ${transfer.totalBytes}`, {
    where: placeOf(transfer),
    next: 'run `wasienv setup` again; if it repeats, a proxy or mirror alters your downloads',
  });
}

export function webPage(transfer: Transfer): WasienvError {
  return new WasienvError('E_DIGEST', `${transfer.subject} is not the file of the manifest: the server sent a web page`, {
    where: placeOf(transfer),
    next: 'a login page or a block page stands in the way: open a browser, or set the proxy that npm should use (`npm config set https-proxy URL`)',
  });
}

export function textTooLong(transfer: Transfer, mostBytes: number): WasienvError {
  return new WasienvError('E_MANIFEST', `${transfer.subject} is longer than ${formatBytes(mostBytes)}`, {
    where: placeOf(transfer),
    next: 'check that WASIENV_MANIFESTS names a directory of manifests',
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

/** A clang that was looked at and will not do. */
export interface ClangRefusal {
  readonly clang: string;
  readonly code: ErrorCode;
  readonly reason: string;
  readonly next: string;
}

export function clangRefused({ clang, code, reason, next }: ClangRefusal): WasienvError {
  return new WasienvError(code, reason, { where: [['clang', clang]], next });
}

export function noClangThere(named: string): WasienvError {
  return named === 'system'
    ? new WasienvError('E_SOURCE', 'this machine has no clang', { next: USE_PORTABLE })
    : new WasienvError('E_FILE', `there is no clang ${named}`, { next: 'name its path, a name on PATH, or `--clang system` for the best of this machine; `wasienv doctor` lists them' });
}

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

/** How far a clang got before it was refused: the one that lacks least is the one to mend. */
const LACKS_LEAST_FIRST: readonly ErrorCode[] = ['E_NO_BUILTINS', 'E_NO_SYSROOT', 'E_NO_WASM_LD', 'E_CLANG_NO_WASM', 'E_COMPILER', 'E_SOURCE'];

/** None of this machine's clangs can be adopted. The error is that of the clang that lacks least; the others are named. */
export function noUsableClang(refusals: readonly ClangRefusal[]): WasienvError {
  const [nearest, ...others] = [...refusals].sort((left, right) => LACKS_LEAST_FIRST.indexOf(left.code) - LACKS_LEAST_FIRST.indexOf(right.code));
  if (nearest === undefined) {
    return noClangThere('system');
  }
  return new WasienvError(nearest.code, `no clang of this machine can be used: ${nearest.reason}`, {
    where: [['clang', nearest.clang], ...others.map(({ clang, reason }) => ['also', `${clang}: ${reason}`] as const)],
    next: nearest.next,
  });
}

/** `wasienv env --shell cmd` where paths are not those of Windows. */
export function notForCmd(value: string): WasienvError {
  return new WasienvError('E_USAGE', 'cmd has no way to write a value with a quote or a line break in it', {
    where: [['value', JSON.stringify(value)]],
    next: 'choose another shell with `--shell`, or a home without such characters with WASIENV_HOME',
  });
}
