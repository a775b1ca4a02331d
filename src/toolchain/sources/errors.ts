// The words of sources: apt, npm's settings, mirrors, and the clangs of this machine.
import { WasienvError, type ErrorCode } from '../../base/errors.js';
import { safePlace } from '../../base/safe-url.js';
import { USE_PORTABLE } from '../errors.js';

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
