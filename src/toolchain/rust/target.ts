// What Rust calls WebAssembly with WASI preview 1, and what the words of `rustc -vV` mean. Pure.
// The names: wasm32-wasi to Rust 1.83, wasm32-wasip1 from 1.78 on; both in between.
// source: blog.rust-lang.org, 2024-04-09, "Changes to Rust's WASI targets".

/** Newest first: the one to take where a rustc knows both and has neither. */
export const RUST_PREVIEW1 = ['wasm32-wasip1', 'wasm32-wasi'] as const;
export type RustTargetName = (typeof RUST_PREVIEW1)[number];

/** Every name people give it: LLVM's, wasi-sdk's and Rust's own of all years. */
const NAMES_OF_PREVIEW1 = /^wasm32(?:-unknown)?-(?:wasi|wasip1|wasi-preview1|unknown-wasi)$/;

export function meansPreview1(target: string): boolean {
  return NAMES_OF_PREVIEW1.test(target);
}

/** What `rustc -vV` says. */
export interface RustVersion {
  /** First line: `rustc 1.95.0 (59807616e 2026-04-14)`. Libraries are bound to it to the letter. */
  readonly versionLine: string;
  /** `1.95.0`, `1.97.0-nightly`, `1.96.0-beta.3`. */
  readonly release: string;
  readonly channel: 'stable' | 'beta' | 'nightly' | 'dev';
  /** `2026-04-14`; null where the packager left it out. */
  readonly commitDate: string | null;
  /** `x86_64-unknown-linux-gnu` */
  readonly host: string;
  /** `22.1.2`; null for a rustc without LLVM. */
  readonly llvmVersion: string | null;
}

/** Reads `rustc -vV`; null when it is something else. */
export function parseVersion(text: string): RustVersion | null {
  const versionLine = text.split(/\r?\n/, 1)[0]!.trim();
  const field = (name: string): string | null => {
    const value = new RegExp(`^${name}: (.+?)\\r?$`, 'm').exec(text)?.[1];
    return value === undefined || value === 'unknown' ? null : value;
  };
  const [release, host] = [field('release'), field('host')];
  if (!versionLine.startsWith('rustc ') || release === null || host === null) return null;
  const channel = (/^\d+\.\d+\.\d+(?:-(beta|nightly|dev))?/.exec(release)?.[1] ?? 'stable') as RustVersion['channel'];
  return { versionLine, release, channel, commitDate: field('commit-date'), host, llvmVersion: field('LLVM version') };
}

/**
 * Whether this is the rustc that rust-lang.org builds. A library names the whole version line of the rustc that made
 * it, and rustc refuses any other (E0514): packagers add a word to the line or leave the commit out.
 */
export function isOfficialBuild({ versionLine, release }: Pick<RustVersion, 'versionLine' | 'release'>): boolean {
  const rest = versionLine.slice('rustc '.length);
  return rest.startsWith(`${release} (`) && /^\([0-9a-f]{7,} \d{4}-\d{2}-\d{2}\)$/.test(rest.slice(release.length + 1));
}

/** Which name to compile for: one that has its library, newest first; else the newest that this rustc knows. */
export function chooseTarget(known: readonly string[], installed: readonly string[]): RustTargetName | null {
  const names = RUST_PREVIEW1.filter((name) => known.includes(name));
  return names.find((name) => installed.includes(name)) ?? names[0] ?? null;
}

/** `1.77.2` is before `1.78`. Pre-releases count as what they lead to. */
export function isBefore(release: string, [major, minor]: readonly [number, number]): boolean {
  const [, left, right] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return Number(left) < major || (Number(left) === major && Number(right) < minor);
}
