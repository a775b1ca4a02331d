// Real native compilers for the tests, clangs and a Rust: Debian's packages, fetched with apt's own client and
// unpacked without root into the test cache. They run from there with LD_LIBRARY_PATH. Where there is no apt, or its
// archive does not have these packages, `debianClang` answers with the reason and the tests say it.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Toolchain } from '../../src/toolchain/index.js';
import { findClangs } from '../../src/toolchain/sources/system.js';
import { TEST_CACHE } from './toolchain.js';

const PACKAGES = {
  clang: (major: number) => [
    `clang-${major}`, `libclang-cpp${major}`, `libllvm${major}`, `libclang-common-${major}-dev`, `llvm-${major}`, `llvm-${major}-linker-tools`,
    'libedit2', 'libbsd0', 'libmd0', 'libxml2', 'libicu72', 'libz3-4', 'libpfm4', 'libtinfo6',
  ],
  lld: (major: number) => [`lld-${major}`],
  sysroot: (major: number) => ['wasi-libc', `libc++-${major}-dev-wasm32`, `libc++abi-${major}-dev-wasm32`],
  builtins: (major: number) => [`libclang-rt-${major}-dev-wasm32`],
  // rustc of LLVM 14, without and with its library for wasm32.
  rust: (_major: number) => ['rustc', 'libstd-rust-dev', 'libstd-rust-1.63', 'libllvm14', 'libedit2', 'libbsd0', 'libmd0', 'libxml2', 'libicu72', 'libz3-4', 'libtinfo6', 'libffi8', 'liblzma5', 'libstdc++6'],
  'rust-std': (_major: number) => ['libstd-rust-dev-wasm32'],
  cargo: (_major: number) => [
    'cargo', 'libcurl3-gnutls', 'libgit2-1.5', 'libhttp-parser2.9', 'libmbedcrypto7', 'libmbedtls14', 'libmbedx509-1', 'libpcre2-8-0', 'libssh2-1', 'libssl3', 'libgnutls30', 'libnghttp2-14',
    'librtmp1', 'libpsl5', 'libidn2-0', 'libunistring2', 'libldap-2.5-0', 'libsasl2-2', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3', 'libkrb5support0', 'libbrotli1', 'libp11-kit0',
    'libtasn1-6', 'libhogweed6', 'libnettle8', 'libgmp10', 'libzstd1', 'libkeyutils1', 'libcom-err2', 'zlib1g',
  ],
  // Not compilers: a clock that can be set back, and a file system that knows quotas.
  faketime: (_major: number) => ['libfaketime'],
  btrfs: (_major: number) => ['btrfs-progs', 'liblzo2-2'],
} as const;
export type Part = keyof typeof PACKAGES;

export interface DebianClang {
  /** Where the packages are unpacked: holds `usr`. */
  readonly root: string;
  /** PATH and LD_LIBRARY_PATH with which its programs run, and nothing of the tester's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** A clang of Debian's with these parts, or the reason why there is none here. */
export function debianClang(parts: readonly Part[], major = 14): DebianClang | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: `Debian packages do not run on ${process.platform}` };
  const root = path.join(TEST_CACHE, `debian-${major}-${[...parts].sort().join('-')}`);
  if (!existsSync(root)) {
    try {
      makeAside(root, (tree) => {
        for (const part of parts) execFileSync('cp', ['-al', `${partTree(part, major)}/.`, tree]);
      });
    } catch (error) {
      return { missing: `no Debian packages: ${(error as Error).message.split('\n')[0]}` };
    }
  }
  const libraries = ['usr/lib', 'lib'].map((each) => path.join(root, each)).filter((each) => existsSync(each))
    .flatMap((each) => readdirSync(each).filter((name) => /-linux-gnu/.test(name)).map((name) => path.join(each, name)));
  return { root, env: { PATH: path.join(root, 'usr', 'bin'), LD_LIBRARY_PATH: libraries.join(':'), HOME: root, LC_ALL: 'C.UTF-8' } };
}

/** The packages of one part, fetched once; combinations are made of links to them. */
function partTree(part: Part, major: number): string {
  const root = path.join(TEST_CACHE, `debian-${major}-part-${part}`);
  if (!existsSync(root)) {
    makeAside(root, (tree, work) => {
      const run = (file: string, args: readonly string[]) => execFileSync(file, args, { cwd: work, stdio: ['ignore', 'ignore', 'pipe'] });
      run('apt-get', ['download', ...PACKAGES[part](major)]);
      for (const name of readdirSync(work).filter((each) => each.endsWith('.deb'))) run('dpkg', ['-x', name, tree]);
    });
  }
  return root;
}

/** Fills a directory aside and renames it: several test workers may want the same at once. */
export function makeAside(root: string, fill: (tree: string, work: string) => void): void {
  mkdirSync(TEST_CACHE, { recursive: true });
  const work = mkdtempSync(path.join(TEST_CACHE, 'debian-work-'));
  try {
    const tree = path.join(work, 'tree');
    mkdirSync(tree);
    fill(tree, work);
    // The loser of a race keeps the winner's copy.
    if (!existsSync(root)) renameSync(tree, root);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Its clang as wasienv adopts it. */
export async function adopted(debian: DebianClang): Promise<Toolchain> {
  const [finding] = await findClangs({ env: debian.env, platform: process.platform, directories: [], sysroots: [] });
  if (finding?.verdict.kind !== 'usable') throw new Error(`not usable: ${JSON.stringify(finding)}`);
  const { layout, rootDir } = finding.verdict;
  return { component: 'system-clang', version: finding.clangVersion!, source: 'system', clangVersion: finding.clangVersion!, rootDir, layout, digest: 'sha256-', receiptFile: '' };
}
