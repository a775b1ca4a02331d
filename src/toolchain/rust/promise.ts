// Holds rustup to wasienv.lock. rustup fetches and checks by the channel manifest it keeps in every toolchain; the digests
// in there are of the same archives as those of our manifests, so they can be compared before rustup is let do anything,
// and after it did.
// format: rust-lang/rustup, src/dist/manifest.rs (`pkg.NAME.target.TRIPLE`: hash of the .tar.gz, xz_hash of the .tar.xz)
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stdNotLocked } from './errors.js';
import type { RustFacts, RustFinding } from './find.js';

/** What a lock promises of the library: where it says so, and the digest of the archive. */
export interface PromisedStd {
  readonly file: string;
  readonly integrity: string;
}

/** The digests under which a channel manifest knows the archives of rust-std for a target, as subresource integrity. Pure. */
export function stdDigestsOf(channelManifest: string, target: string): readonly string[] {
  const lines = channelManifest.split(/\r?\n/).map((line) => line.trim());
  const begin = lines.findIndex((line) => line.replaceAll(/["']/g, '') === `[pkg.rust-std.target.${target}]`);
  if (begin < 0) return [];
  const end = lines.findIndex((line, index) => index > begin && line.startsWith('['));
  return lines.slice(begin + 1, end < 0 ? undefined : end)
    .flatMap((line) => /^(?:xz_)?hash\s*=\s*["']([0-9a-f]{64})["']/.exec(line)?.[1] ?? [])
    .map((hex) => `sha256-${Buffer.from(hex, 'hex').toString('base64')}`);
}

/** @throws E_PROJECT_LOCK where the library that is there, or that rustup would fetch, is not certainly the promised one */
export function requirePromised(promised: PromisedStd, finding: RustFinding, facts: RustFacts, target: string): void {
  const file = path.join(facts.sysroot, 'lib', 'rustlib', 'multirust-channel-manifest.toml');
  const known = finding.rustup === null ? [] : stdDigestsOf(readOrEmpty(file), target);
  if (!known.includes(promised.integrity)) throw stdNotLocked(finding, facts, target, promised, known);
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
