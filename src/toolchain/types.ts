// The words of the workshop: what a manifest lists, what a plan decides, what a receipt remembers, and the one
// value every other room works with, a `Toolchain`.

import type { Environment } from '../base/surroundings.js';

export const COMPONENT_NAMES = ['wasi-sdk', 'wasi-sysroot', 'builtins', 'rust-target', 'portable-clang', 'apt-clang', 'apt-rust', 'system-clang'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

/** Components that bring a compiler, best first; `current.json` overrules the order. */
export const TOOLCHAIN_COMPONENTS = ['wasi-sdk', 'apt-clang', 'portable-clang', 'system-clang'] as const satisfies readonly ComponentName[];

/** Where parts come from. */
export const SOURCE_NAMES = ['upstream', 'mirror', 'npm', 'apt', 'system'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** One downloadable file. */
export interface Artifact {
  /** An absolute URL, or for the npm source a path below the configured registry. */
  readonly location: string;
  readonly sizeBytes: number | null;
  /** Subresource-integrity form (`sha512-…`, `sha256-…`); null where no digest is known. Never learnt from the server. */
  readonly integrity: string | null;
  /** Independent public projects that pin the same digest, as far as they have a name. */
  readonly witnesses: readonly string[];
  /** How many there are, when more than have a name. */
  readonly witnessCount?: number;
  /** Other digests that were published for this file, with who says so. They are kept for people to judge; none is used. */
  readonly conflicts?: readonly { readonly integrity: string; readonly source: string }[];
}

/** One rule of what an archive gives: `from` is a path inside the archive, `to` a path inside the component directory. */
export interface TakeRule {
  /** A file; a directory with all below it; or a tar inside the archive, unpacked into `to`. */
  readonly as: 'file' | 'tree' | 'nested-tar';
  readonly from: string;
  readonly to: string;
}

/** How archives are packed. */
export const ARCHIVE_FORMATS = ['tar.gz', 'tar.xz'] as const;
export type ArchiveFormat = (typeof ARCHIVE_FORMATS)[number];

/** One row of a manifest: a version as one source offers it for some hosts. Nothing in it is made by rule. */
export interface Release {
  readonly version: string;
  readonly source: SourceName;
  /** `any`, or `linux-x64` in Node's words (`process.platform-process.arch`). */
  readonly hosts: readonly string[];
  /** Of the clang inside, or for a sysroot and builtins of the clang they were built with; null where none takes part. */
  readonly clangVersion: string | null;
  readonly artifact: Artifact;
  readonly unpack: { readonly format: ArchiveFormat; readonly take: readonly TakeRule[] };
  /** What the component directory will hold, for the check of free space and as the limit while unpacking; null: not known. */
  readonly unpackedBytes: number | null;
  readonly layout: ComponentLayout;
  /** Files that must be there before the commit, and that `currentToolchain` looks at each time; null: those the layout implies. */
  readonly expects: readonly string[] | null;
  /** The oldest glibc its programs start with, `2.28`; null where it does not apply or is not known. */
  readonly glibc: string | null;
  /** Something a person should know before choosing it. */
  readonly note: string | null;
  /** Superseded or withdrawn by its makers: only an exact version gets it, never a range or a channel. */
  readonly avoid: boolean;
}

/** A release chosen for this request and this host. */
export interface ResolvedComponent {
  readonly name: ComponentName;
  readonly release: Release;
}

/** A package of a distribution, as the distribution's own index lists it. */
export interface DistributionPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Path below the archive it came from. */
  readonly file: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  readonly integrity: string;
}

/** Packages that together make a component. */
export interface PackageSet {
  /** What they make: a whole compiler, a sysroot with builtins for somebody else's, or a Rust. */
  readonly component: 'apt-clang' | 'wasi-sysroot' | 'apt-rust';
  /** Of clang or rustc: `19.1.7`. */
  readonly version: string;
  readonly llvmMajor: number;
  readonly packages: readonly DistributionPackage[];
  /** Over the digests of all packages. */
  readonly digest: string;
}

/** A manifest: `manifests/*.json`, schema in `manifests/manifest.schema.json`. */
export interface Manifest {
  readonly schema: 1;
  readonly component: ComponentName;
  readonly title: string;
  readonly channels: Readonly<Record<string, string>>;
  readonly releases: readonly Release[];
}

/** `portable`: one WebAssembly module that holds clang, wasm-ld and the LLVM tools. `native`: programs of the host. */
export type Programs =
  | { readonly kind: 'portable'; readonly module: string }
  | { readonly kind: 'native'; readonly tools: Readonly<Partial<Record<ToolName, string>>> };

/** Installed files that take part in a compilation: every part there, whichever component brought it. */
export interface ToolchainLayout {
  readonly sysroot: string;
  readonly resourceDir: string;
  /** The directory that holds `libclang_rt.builtins*.a`, and its file name. */
  readonly builtins: string;
  /** What this clang and this sysroot call wasm32 with WASI preview 1: `wasm32-wasip1`, `wasm32-wasi`. */
  readonly target: string;
  /** Every name of preview 1 that the sysroot has libraries under, `target` among them; left out when it is the only one. */
  readonly targets?: readonly string[];
  /**
   * The sysroot has libc++ twice, below `eh` and `noeh`, and this clang has to be told which. wasi-sdk's own clang (33,
   * and every clang from 23 on) chooses by itself (llvm/llvm-project#185775).
   */
  readonly exceptionVariants?: true;
  /** This clang links libgcc unless told otherwise, as its packager built it (Debian's clang 13). */
  readonly defaultsToLibgcc?: true;
  readonly programs: Programs;
}

/**
 * What of a toolchain one component brings, relative to its directory (adopted: absolute). A wasi-sdk brings every part
 * but those of Rust, a wasi-sysroot only `sysroot`; `layout.ts` puts them together.
 */
export interface ComponentLayout extends Partial<ToolchainLayout> {
  /** Where `lib/rustlib/TARGET` of Rust's standard library is; empty for the component directory itself. */
  readonly rustStd?: string;
  /** A rustc, with cargo, rustdoc and a wasm-ld beside it. */
  readonly rustc?: string;
}

/** The LLVM programs wasienv offers, by the names used inside wasienv. */
export const TOOL_NAMES = ['clang', 'clang++', 'wasm-ld', 'ar', 'nm', 'ranlib', 'objdump', 'objcopy', 'size', 'strip', 'addr2line', 'c++filt'] as const;
export type ToolName = (typeof TOOL_NAMES)[number];

/** A working compiler for WASI, ready for use: every path absolute. */
export interface Toolchain {
  readonly component: ComponentName;
  readonly version: string;
  readonly source: SourceName;
  /** As `clang --version` gives it: `22.1.0`. */
  readonly clangVersion: string;
  /** Where the component lives; for an adopted toolchain the prefix of its clang. */
  readonly rootDir: string;
  readonly layout: ToolchainLayout;
  /** Identity of its bytes: the artifact's integrity, or for adopted programs a digest over path, size and mtime. */
  readonly digest: string;
  /** The receipt of the component with the compiler. */
  readonly receiptFile: string;
}

export interface InstalledFile {
  /** Relative to the component directory, `/` between parts; absolute for adopted programs. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `sha256-…` of the unpacked bytes, taken while unpacking. */
  readonly integrity: string;
}

/**
 * Where the parts of an overlay come from, beside a clang that lacks them: receipt ids of components, or absolute paths
 * of this machine.
 */
export interface OverlayParts {
  readonly sysroot: string;
  readonly builtins: string;
}

/** Written last; without it there is no install. Schema: `manifests/receipt.schema.json`. */
export interface Receipt {
  readonly schema: 1;
  readonly component: ComponentName;
  readonly version: string;
  readonly source: SourceName;
  readonly clangVersion: string | null;
  /** `resolvedUrl` is where the bytes came from, without credentials or query. Null for what was adopted and for packages. */
  readonly artifact: (Artifact & { readonly resolvedUrl: string }) | null;
  /** Identity of the bytes: see `Toolchain.digest`. */
  readonly digest: string;
  /** Absolute component directory; for an adopted clang its prefix, or the directory of its overlay. */
  readonly directory: string;
  readonly layout: ComponentLayout;
  readonly files: readonly InstalledFile[];
  /** Paths among `files` without which nothing compiles; looked at before each use. */
  readonly keyFiles: readonly string[];
  readonly adopted: boolean;
  /** For an adopted clang that got a resource directory of its own, in `directory`, and what went into it. */
  readonly overlay?: OverlayParts;
  /** The packages it was made of. Their digests are those of the distribution's signed index, not of a manifest of ours. */
  readonly packages?: readonly DistributionPackage[];
  /** There was no digest to compare the bytes with: `digest` is only what came. Left out when they were verified. */
  readonly unverified?: true;
  readonly wasienvVersion: string;
  /** ISO 8601, UTC. */
  readonly installedAt: string;
  readonly timings: Readonly<Record<string, number>>;
}

export interface HostFacts {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  readonly nodeVersion: string;
  /** `glibc 2.36`, `musl`, or null where it does not apply. */
  readonly libc: string | null;
  readonly cpus: number;
  readonly memoryBytes: number;
}

/** One component as a person asks for it: `wasi-sdk@^30`. */
export interface ComponentRequest {
  readonly name: ComponentName;
  /** A version, a range of semver or a channel; undefined is `stable`. */
  readonly wanted?: string | undefined;
}

/** What a person asked of `setup`. */
export interface SetupRequest {
  readonly source: SourceName | 'auto';
  /** Empty or left out: a compiler, whichever the source has. */
  readonly components?: readonly ComponentRequest[];
  /** Of that compiler, when no component is named: a manifest version, a range, or undefined for the channel `stable`. */
  readonly version?: string;
  /** A clang of this machine to adopt, with an overlay where it lacks parts: a path, a name on PATH, or `system` for the best. */
  readonly clang?: string | undefined;
  /** Base URL or directory of a mirror. */
  readonly mirror?: string | undefined;
  /** Take a release of which no digest is known; the receipt remembers. */
  readonly allowUnverified?: boolean;
  /** How many independent projects must pin the digest; 0 when left out. */
  readonly requireWitnesses?: number;
  /** Download and install again although the receipt matches. */
  readonly refetch: boolean;
  /** For a project: what the home uses already is not changed by it. */
  readonly keepChoice?: boolean;
  /** Digests that a lock or a bundle promises; the manifests must say the same. */
  readonly promised?: Promised | undefined;
  /** Why this source, when it was not a person who named it: `so says the project`. */
  readonly because?: string | undefined;
}

export interface Promised {
  readonly kind: 'lock' | 'bundle';
  readonly file: string;
  readonly digests: ReadonlyMap<ComponentName, string>;
}

export type PlanStep =
  | { readonly kind: 'keep'; readonly component: ComponentName; readonly version: string; readonly id: string; readonly why: string }
  | { readonly kind: 'install'; readonly component: ComponentName; readonly version: string; readonly source: SourceName;
      readonly artifact: Artifact; readonly release: Release;
      /** Base URL or directory, when the source is a mirror. */
      readonly mirror?: string | undefined;
      /** The version it repairs. */
      readonly replaces?: string;
      /** Wanted although the same is there and whole. */
      readonly refetch: boolean;
      /** Used from then on; false for a second compiler in one plan. */
      readonly use: boolean; readonly why: string }
  /** Packages of a distribution, unpacked into one component. */
  | { readonly kind: 'packages'; readonly component: ComponentName; readonly version: string; readonly source: SourceName; readonly set: PackageSet;
      /** The version it repairs or follows. */
      readonly replaces?: string;
      readonly refetch: boolean; readonly use: boolean; readonly why: string }
  | { readonly kind: 'adopt'; readonly component: ComponentName; readonly version: string; readonly source: SourceName; readonly clang: string;
      /** What it gets beside it; left out when it has all it needs. */
      readonly overlay?: OverlayParts;
      /** Used from then on. */
      readonly use: boolean; readonly why: string }
  /** Nothing to fetch, but another was used until now. */
  | { readonly kind: 'use'; readonly component: ComponentName; readonly version: string; readonly id: string; readonly why: string };

export interface Plan {
  readonly home: string;
  /** Of the first component; each step tells its own. */
  readonly source: SourceName;
  /** Why this source: one sentence for people. */
  readonly reason: string;
  readonly steps: readonly PlanStep[];
}

/** A file of an install that is not what its receipt says. */
export interface FileDamage {
  readonly path: string;
  readonly kind: 'missing' | 'size' | 'content';
  /** For people: `is missing`, `has 12 B instead of 620 B`, `has other bytes than were installed`. */
  readonly text: string;
}

/** What setup needs of the world. `cli` builds it from its `Surroundings`; tests build theirs. */
export interface SetupContext {
  readonly home: string;
  readonly env: Environment;
  /** Where npm would look for a project's `.npmrc`. */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** A file with certificates to trust beside all others. */
  readonly cafile?: string | undefined;
  readonly now: () => number;
  readonly emit: Emit;
  readonly signal?: AbortSignal | undefined;
  /** No connection at all: what is not on this machine cannot be had. */
  readonly offline?: boolean | undefined;
}

/** What happens while a plan runs; the cli draws it (listr2, plain lines or NDJSON). The core prints nothing. */
export type SetupEvent =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'lock-wait'; readonly holder: string }
  | { readonly type: 'step-start'; readonly component: ComponentName; readonly phase: SetupPhase }
  | { readonly type: 'progress'; readonly component: ComponentName; readonly phase: SetupPhase; readonly doneBytes: number; readonly totalBytes: number | null }
  | { readonly type: 'step-end'; readonly component: ComponentName; readonly phase: SetupPhase; readonly durationMs: number; readonly detail?: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'proof-start'; readonly program: string; readonly index: number; readonly count: number }
  | { readonly type: 'proof-end'; readonly program: string; readonly ok: boolean; readonly durationMs: number; readonly detail?: string }
  | { readonly type: 'done'; readonly changed: boolean };
export type SetupPhase = 'download' | 'verify' | 'unpack' | 'check' | 'commit' | 'adopt';
export type Emit = (event: SetupEvent) => void;
