// What a source is: it says what it has for a request on this machine, and shows the way to the bytes. It never
// writes into the home; `run-plan.ts` does that, the same way for all sources. New sources are a file here and a row
// in `SOURCES`. Their modules load when they are asked for, so that a setup with nothing to do loads none.
import type { WasienvError } from '../../base/errors.js';
import type { Route } from '../download.js';
import type { TransferLimits } from '../wire.js';
import type { Artifact, ComponentName, DistributionPackage, PackageSet, Release, SetupContext, SourceName, ToolchainLayout, InstalledFile } from '../types.js';

/** The part of a setup's world that sources look at. */
export type SourceContext = Pick<SetupContext, 'env' | 'cwd' | 'platform' | 'signal' | 'cafile' | 'offline'> & {
  /** Base URL, directory or bundle, for the source `mirror`. */
  readonly mirror?: string | undefined;
};

/** `auto` asks in order to choose quickly; the download itself is the patient one. */
export const PROBE_LIMITS: Partial<TransferLimits> = { attempts: 1, connectMs: 1_500, stallMs: 2_000, backoffMs: 0, longestPauseMs: 0 };

/** A source whose parts are downloaded: everything between the bytes and the receipt is the same for all of them. */
export interface DownloadSource {
  readonly kind: 'download';
  readonly name: SourceName;
  /** Where an artifact is, and how to speak to whoever has it. @throws E_SOURCE when settings are unusable. */
  route(artifact: Artifact, context: SourceContext): Promise<Route>;
  /** Asks whether this release can be had now. @throws what a download of it would throw. */
  reach(name: ComponentName, release: Release, context: SourceContext): Promise<void>;
}

/** A source that takes what is on the machine and writes nothing into it. */
export interface AdoptSource {
  readonly kind: 'adopt';
  readonly name: SourceName;
  /** The toolchain this machine has, or why none will do. */
  find(context: SourceContext): Promise<Adoptable | WasienvError>;
  /** Looks at it once more, closely, at the moment of adoption. @throws E_CLANG_NO_WASM E_NO_WASM_LD E_NO_SYSROOT E_NO_BUILTINS */
  adopt(clang: string, context: SourceContext): Promise<Adoption>;
}

export interface Adoptable {
  readonly clang: string;
  readonly clangVersion: string;
  /** For people: `clang 19.1.7 in /usr/lib/llvm-19/bin`. */
  readonly text: string;
}

export interface Adoption extends Adoptable {
  readonly rootDir: string;
  readonly layout: ToolchainLayout;
  /** Changes when the programs do. */
  readonly digest: string;
  /** The files it rests on, absolute, so that an upgrade behind our back is noticed. */
  readonly files: readonly InstalledFile[];
}

/** A source whose parts are packages that a package manager fetches and vouches for. */
export interface PackageSource {
  readonly kind: 'packages';
  readonly name: SourceName;
  /** The newest whole compiler it offers, of the version asked for if one is; or why there is none. */
  find(wanted: string | undefined, context: SourceContext): Promise<PackageSet | WasienvError>;
  /** A sysroot with builtins for a clang of this major version that is somebody else's; or why there is none. */
  findSysroot(clangMajor: number, context: SourceContext): Promise<PackageSet | WasienvError>;
  /** A rustc with cargo and the library for WASI, the newest or of the version asked for; or why there is none. */
  findRust(wanted: string | undefined, context: SourceContext): Promise<PackageSet | WasienvError>;
  /** Brings the packages into an empty directory and tells the file of each. @throws E_NETWORK E_INTERRUPTED */
  fetch(set: PackageSet, directory: string, context: SourceContext, onProgress: (doneBytes: number) => void): Promise<ReadonlyMap<DistributionPackage, string>>;
}

export type Source = DownloadSource | AdoptSource | PackageSource;

const SOURCES: Readonly<Record<SourceName, () => Promise<Source>>> = {
  npm: async () => (await import('./npm.js')).npmSource,
  system: async () => (await import('./system.js')).systemSource,
  upstream: async () => (await import('./upstream.js')).upstreamSource,
  mirror: async () => (await import('./mirror.js')).mirrorSource,
  apt: async () => (await import('./apt.js')).aptSource,
};

/** Loads a source. */
export function loadSource(name: SourceName): Promise<Source> {
  return SOURCES[name]();
}
