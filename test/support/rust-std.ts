// Rust's standard library for WASI as rust-lang.org packs it, made of Debian's: the layout of rust-installer, the names
// and the digests that manifests and rustup go by. And a rustup home whose toolchain is Debian's rustc without it.
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ArchiveFormat } from '../../src/toolchain/types.js';
import { TEST_CACHE } from './toolchain.js';

export const RUST = '1.63.0';
export const TARGET = 'wasm32-wasi';
/** Its file name where it is published. */
export const STD_NAME = `rust-std-${RUST}-${TARGET}.tar.gz`;
/** The same in the other packing that rust-lang.org publishes. */
export const STD_NAME_XZ = `rust-std-${RUST}-${TARGET}.tar.xz`;

/**
 * The archive, made once a machine by the tar of the machine. `otherBuild`: the libraries name another rustc as their
 * maker, in the place where rustc looks.
 */
export function rustStdArchive(debianRoot: string, { otherBuild = false, format = 'tar.gz' }: { readonly otherBuild?: boolean; readonly format?: ArchiveFormat } = {}): Buffer {
  const file = path.join(TEST_CACHE, `rust-std-${RUST}${otherBuild ? '-other' : ''}.${format}`);
  if (!existsSync(file)) {
    const work = mkdtempSync(path.join(TEST_CACHE, 'rust-std-work-'));
    try {
      packInto(work, debianRoot, otherBuild);
      execFileSync('tar', ['--create', `--use-compress-program=${PACKERS[format]}`, `--file=${path.join(work, 'archive')}`, '--owner=0', '--group=0', STEM], { cwd: work });
      renameSync(path.join(work, 'archive'), file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return readFileSync(file);
}

/** xz as rust-lang.org runs it: several blocks, and a dictionary larger than gzip knows. Its level is the quick one. */
const PACKERS: Readonly<Record<ArchiveFormat, string>> = { 'tar.gz': 'gzip -1', 'tar.xz': 'xz -0 --threads=2 --block-size=8MiB --lzma2=preset=0,dict=64MiB' };

const STEM = `rust-std-${RUST}-${TARGET}`;
const COMPONENT = `rust-std-${TARGET}`;
const LIBRARY = `lib/rustlib/${TARGET}/lib`;

function packInto(work: string, debianRoot: string, otherBuild: boolean): void {
  const from = path.join(debianRoot, 'usr', LIBRARY);
  const into = path.join(work, STEM, COMPONENT, LIBRARY);
  mkdirSync(path.dirname(into), { recursive: true });
  cpSync(from, into, { recursive: true });
  const names = readdirSync(into, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(?:rlib|a|o)$/.test(name)).sort();
  if (otherBuild) {
    for (const name of names.filter((each) => each.endsWith('.rlib'))) {
      const bytes = readFileSync(path.join(into, name));
      // The metadata begins with `rust`, its version, and the version line of the rustc that made it.
      const at = bytes.indexOf(`rustc ${RUST}`, bytes.indexOf('rust\0\0\0'), 'latin1');
      bytes.write('9', at + 'rustc '.length + RUST.length - 1, 'latin1');
      writeFileSync(path.join(into, name), bytes);
    }
  }
  const write = (name: string, text: string): void => writeFileSync(path.join(work, STEM, name), text);
  write('components', `${COMPONENT}\n`);
  write('install.sh', '#!/bin/bash\necho not used\n');
  write('rust-installer-version', '3\n');
  write('version', `${RUST}\n`);
  write('git-commit-hash', 'unknown\n');
  write(`${COMPONENT}/manifest.in`, names.map((name) => `file:${LIBRARY}/${name.split(path.sep).join('/')}\n`).join(''));
}

/** A manifest of wasienv with this one archive in it. */
export function rustTargetManifest(url: string, archive: Uint8Array, format: ArchiveFormat = 'tar.gz'): string {
  const root = `${STEM}/${COMPONENT}`;
  return JSON.stringify({
    schema: 1, component: 'rust-target', title: 'a test library', channels: { stable: RUST },
    releases: [{
      version: RUST, source: 'upstream', hosts: ['any'], clangVersion: null,
      artifact: { location: url, sizeBytes: archive.byteLength, integrity: `sha256-${createHash('sha256').update(archive).digest('base64')}`, witnesses: [] },
      unpack: { format, take: [{ as: 'tree', from: root, to: '' }] },
      unpackedBytes: 200_000_000, layout: { target: TARGET, rustStd: '' }, expects: [`lib/rustlib/${TARGET}/lib/self-contained/libc.a`],
    }],
  });
}

/** Makes a RUSTUP_HOME with one toolchain that knows the archive by `url` and digest; gives the name of the toolchain. */
export function makeRustupHome(rustupHome: string, debianRoot: string, host: string, url: string, archive: Uint8Array): string {
  const name = `${RUST}-${host}`;
  const toolchain = path.join(rustupHome, 'toolchains', name);
  mkdirSync(path.join(toolchain, 'lib'), { recursive: true });
  for (const part of ['bin', 'lib/rustlib', `lib/${host.replace('-unknown', '')}`]) {
    mkdirSync(path.join(toolchain, path.dirname(part)), { recursive: true });
    execFileSync('cp', ['-al', path.join(debianRoot, 'usr', part), path.join(toolchain, part)]);
  }
  // rust-lang.org's toolchains bring their linker.
  execFileSync('cp', ['-L', path.join(debianRoot, 'usr/bin/lld-14'), path.join(toolchain, 'lib/rustlib', host, 'bin/rust-lld')]);
  const hash = createHash('sha256').update(archive).digest('hex');
  const rustlib = (file: string, text: string): void => writeFileSync(path.join(toolchain, 'lib/rustlib', file), text);
  rustlib('rust-installer-version', '3');
  rustlib('components', `rustc-${host}\n`);
  rustlib(`manifest-rustc-${host}`, 'file:bin/rustc\n');
  rustlib('multirust-config.toml', `config_version = "1"\n\n[[components]]\npkg = "rustc"\ntarget = "${host}"\nis_extension = false\n`);
  const listed = (pkg: string, target: string, kind: string): string => `[[pkg.rust.target.${host}.${kind}]]\npkg = "${pkg}"\ntarget = "${target}"\nis_extension = ${kind === 'extensions'}\n`;
  const files = `available = true\nurl = "${url}"\nhash = "${hash}"\ncomponents = []\nextensions = []\n`;
  rustlib('multirust-channel-manifest.toml', [
    'manifest-version = "2"\ndate = "2022-08-11"\n',
    `[pkg.rust]\nversion = "${RUST}"\n`,
    `[pkg.rust.target.${host}]\navailable = true\nurl = "${url}"\nhash = "${hash}"\n`,
    listed('rustc', host, 'components'), listed('rust-std', TARGET, 'extensions'),
    `[pkg.rustc]\nversion = "${RUST}"\n`, `[pkg.rustc.target.${host}]\n${files}`,
    `[pkg.rust-std]\nversion = "${RUST}"\n`, `[pkg.rust-std.target.${TARGET}]\n${files}`,
    '[renames]\n', '[profiles]\nminimal = ["rustc", "rust-std"]\n',
  ].join('\n'));
  writeFileSync(path.join(rustupHome, 'settings.toml'), `version = "12"\ndefault_toolchain = "${name}"\nprofile = "minimal"\n\n[overrides]\n`);
  return name;
}
