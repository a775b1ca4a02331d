// The words of the workshop: what a manifest lists, what a plan decides, what a receipt remembers, and the one
// value every other room works with, a `Toolchain`.

import type { Environment } from '../base/surroundings.js';

export const COMPONENT_NAMES = ['wasi-sdk', 'wasi-sysroot', 'builtins', 'rust-target', 'portable-clang', 'system-clang'] as const;
export type ComponentName = (typeof COMPONENT_NAMES)[number];

/** Where parts come from. `upstream`, `mirror` and `apt` have their seam here and arrive with a later release. */
export const SOURCE_NAMES = ['upstream', 'mirror', 'npm', 'apt', 'system'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** One downloadable file. */
export interface Artifact {
  /** An absolute URL, or for the npm source a path below the configured registry. */
  readonly location: string;
  readonly sizeBytes: number | null;
  /** Subresource-integrity form (`sha512-…`, `sha256-…`); null where no digest is known. Never learnt from the server. */
  readonly integrity: string | null;
  /** Independent public projects that pin the same digest. */
  readonly witnesses: readonly string[];
}

/** One rule of what an archive gives: `from` is a path inside the archive, `to` a path inside the component directory. */
export interface TakeRule {
  /** A file; a directory with all below it; or a tar inside the archive, unpacked into `to`. */
  readonly as: 'file' | 'tree' | 'nested-tar';
  readonly from: string;
  readonly to: string;
}

/** One row of a manifest: a version as one source offers it for some hosts. Nothing in it is made by rule. */
export interface Release {
  readonly version: string;
  readonly source: SourceName;
  /** `any`, or `linux-x64` in Node's words (`process.platform-process.arch`). */
  readonly hosts: readonly string[];
  readonly clangVersion: string;
  readonly artifact: Artifact;
  readonly unpack: { readonly format: 'tar.gz'; readonly take: readonly TakeRule[] };
  /** What the component directory will hold, for the check of free space and as the limit while unpacking. */
  readonly unpackedBytes: number;
  readonly layout: ToolchainLayout;
  /** Files that must be there before the commit, and that `currentToolchain` looks at each time. */
  readonly expects: readonly string[];
}

/** A release chosen for this request and this host. */
export interface ResolvedComponent {
  readonly name: ComponentName;
  readonly release: Release;
}

/** A manifest: `manifests/*.json`, schema in `manifests/manifest.schema.json`. */
export interface Manifest {
  readonly schema: 1;
  readonly component: ComponentName;
  readonly title: string;
  readonly channels: Readonly<Record<string, string>>;
  readonly releases: readonly Release[];
}

/** Installed files that take part in a compilation, relative to the component directory (adopted: absolute). */
export interface ToolchainLayout {
  readonly sysroot: string;
  readonly resourceDir: string;
  /** The directory that holds `libclang_rt.builtins*.a`, and its file name. */
  readonly builtins: string;
  /** What this clang and this sysroot call wasm32 with WASI preview 1: `wasm32-wasip1`, `wasm32-wasi`. */
  readonly target: string;
  /** `portable`: one WebAssembly module that holds clang, wasm-ld and the LLVM tools. `native`: programs of the host. */
  readonly programs:
    | { readonly kind: 'portable'; readonly module: string }
    | { readonly kind: 'native'; readonly tools: Readonly<Partial<Record<ToolName, string>>> };
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
  readonly receiptFile: string;
}

export interface InstalledFile {
  /** Relative to the component directory, `/` between parts; absolute for adopted programs. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `sha256-…` of the unpacked bytes, taken while unpacking. */
  readonly integrity: string;
}

/** Written last; without it there is no install. Schema: `manifests/receipt.schema.json`. */
export interface Receipt {
  readonly schema: 1;
  readonly component: ComponentName;
  readonly version: string;
  readonly source: SourceName;
  readonly clangVersion: string;
  /** `resolvedUrl` is where the bytes came from, without credentials or query. Null for what was adopted. */
  readonly artifact: (Artifact & { readonly resolvedUrl: string }) | null;
  /** Identity of the bytes: see `Toolchain.digest`. */
  readonly digest: string;
  /** Absolute component directory, or prefix of the adopted clang. */
  readonly directory: string;
  readonly layout: ToolchainLayout;
  readonly files: readonly InstalledFile[];
  /** Paths among `files` without which nothing compiles; looked at before each use. */
  readonly keyFiles: readonly string[];
  readonly adopted: boolean;
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

/** What a person asked of `setup`. */
export interface SetupRequest {
  readonly source: SourceName | 'auto';
  /** A manifest version, or undefined for the channel `stable`. */
  readonly version?: string;
  /** Download and install again although the receipt matches. */
  readonly refetch: boolean;
}

export type PlanStep =
  | { readonly kind: 'keep'; readonly component: ComponentName; readonly version: string; readonly why: string }
  | { readonly kind: 'install'; readonly component: ComponentName; readonly version: string; readonly source: SourceName;
      readonly artifact: Artifact; readonly release: Release; readonly replaces?: string;
      /** Wanted although the same is there and whole. */
      readonly refetch: boolean; readonly why: string }
  | { readonly kind: 'adopt'; readonly component: ComponentName; readonly version: string; readonly source: SourceName; readonly clang: string; readonly why: string }
  /** Nothing to fetch, but `cc` used another toolchain until now. */
  | { readonly kind: 'use'; readonly component: ComponentName; readonly version: string; readonly why: string };

export interface Plan {
  readonly home: string;
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
  readonly now: () => number;
  readonly emit: Emit;
  readonly signal?: AbortSignal;
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
