#!/usr/bin/env node
// The only way rows get into manifests/{wasi-sdk,wasi-sysroot,builtins,rust-target,layouts}.json.
//
//   node scripts/make-manifests.mjs --facts DIR
//       writes them from collected facts (DIR/wasi-sdk.json, DIR/rust-std.json). What was measured since and the facts
//       do not know (a size, a digest) is kept; a digest that contradicts stops everything.
//   node scripts/make-manifests.mjs --measure URL|FILE [--write]
//       fetches or reads an archive, prints its size, sha256 and top directory, and with --write fills the row of that
//       URL (for a file: of that file name). A new row needs --component, --version, --host, --clang and --layout too.
//
// A digest measured here shows what a server sent to this machine on this day. It is nobody's witness and adds none.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MANIFESTS = fileURLToPath(new URL('../manifests/', import.meta.url));
const MOST_BYTES = 512 * 1024;

const HOSTS = {
  'linux-x86_64': ['linux-x64'], 'linux-arm64': ['linux-arm64'], 'linux-riscv64': ['linux-riscv64'],
  'macos-x86_64': ['darwin-x64'], 'macos-arm64': ['darwin-arm64'], 'macos-universal(x86_64+arm64)': ['darwin-x64', 'darwin-arm64'],
  'windows-x86_64': ['win32-x64'], 'windows-arm64': ['win32-arm64'],
};

/** The oldest glibc the Linux programs start with: that of the system they were built on (Ubuntu 18.04, 20.04; AlmaLinux 8). */
const glibcOf = (sdk) => (sdk >= 29 ? '2.28' : sdk >= 23 ? '2.31' : sdk >= 19 ? '2.27' : undefined);

const NOTES = {
  13: { note: 'holds LLVM 10 by mistake and was replaced by 14 two days later (wasi-sdk issues 202, 203)', avoid: true },
  18: { note: 'was replaced by 19 after four days: --initial-memory was broken (wasi-sdk issue 284)', avoid: true },
};
const NOTES_OF_FILES = {
  'wasi-sdk-31.0-arm64-macos.tar.gz': 'libLLVM.dylib may refer to a libedit that only its build machine had; 32 mends it',
};

const integrityOf = (hex) => (hex === null ? null : `sha256-${Buffer.from(hex, 'hex').toString('base64')}`);
const artifactOf = (asset) => {
  const { named, independent } = typeof asset.witnesses === 'number' ? { named: [], independent: asset.witnesses } : asset.witnesses;
  const conflicts = (asset.conflicts ?? []).map(({ sha256, source }) => ({ integrity: integrityOf(sha256), source }));
  return {
    location: asset.url, sizeBytes: asset.size, integrity: integrityOf(asset.sha256), witnesses: named,
    ...(independent === named.length ? {} : { witnessCount: independent }),
    ...(conflicts.length === 0 ? {} : { conflicts }),
  };
};
const noteOf = (sdk, name, asset) => {
  const notes = [NOTES[sdk]?.note, NOTES_OF_FILES[name], asset.name_confidence === 'uncertain' ? 'the name of this file is a guess' : undefined].filter((each) => each !== undefined);
  return { ...(notes.length === 0 ? {} : { note: notes.join('; ') }), ...(NOTES[sdk]?.avoid === true ? { avoid: true } : {}) };
};

/** The names of WASI preview 1 among a sysroot's targets, the one to use first. */
const preview1 = (targets) => ['wasm32-wasip1', 'wasm32-wasi'].filter((each) => targets.includes(each));

function fromFacts(facts) {
  const sdk = JSON.parse(readFileSync(path.join(facts, 'wasi-sdk.json'), 'utf8'));
  const rust = JSON.parse(readFileSync(path.join(facts, 'rust-std.json'), 'utf8'));
  const rows = { 'wasi-sdk': [], 'wasi-sysroot': [], builtins: [], 'rust-target': [] };
  const layouts = {};
  for (const [number, { llvm, layout, assets }] of Object.entries(sdk.versions)) {
    const version = `${number}.0`;
    const n = Number(number);
    const targets = preview1(layout.sysroot_targets);
    const [target] = targets;
    const named = { target, ...(targets.length > 1 ? { targets } : {}) };
    // clang's own directory bears its whole version until 15, its major one since 16 (SDK 20).
    const resourceDir = `lib/clang/${n >= 20 ? llvm.version.split('.')[0] : llvm.version}`;
    const os = target.replace('wasm32-', '');
    const builtins = n >= 26 ? `${resourceDir}/lib/wasm32-unknown-${os}/libclang_rt.builtins.a` : `${resourceDir}/lib/${os}/libclang_rt.builtins-wasm32.a`;
    layouts[`wasi-sdk-${number}`] = { sysroot: layout.sysroot_dir, resourceDir, builtins, ...named, programs: 'llvm' };
    const alone = n >= 26 ? { ...named, builtins: `wasm32-unknown-${os}/libclang_rt.builtins.a` }
      : { target: 'wasm32-wasi', builtins: n >= 23 ? 'libclang_rt.builtins-wasm32.a' : 'lib/wasi/libclang_rt.builtins-wasm32.a' };
    const builtinsLayout = n >= 34 ? 'builtins-34' : n >= 26 ? 'builtins-26' : n >= 23 ? 'builtins-23' : 'builtins-5';
    const sysrootLayout = n >= 34 ? 'wasi-sysroot-34' : n >= 33 ? 'wasi-sysroot-33' : n >= 22 ? 'wasi-sysroot-22' : 'wasi-sysroot-9';
    for (const [name, asset] of Object.entries(assets)) {
      if (!name.endsWith('.tar.gz')) continue;
      const root = asset.top_dir.replace(/\/$/, '');
      const row = (component, hosts, id, more = {}) => rows[component].push({
        version, source: 'upstream', hosts, clangVersion: llvm.version, artifact: artifactOf(asset), root, layout: id, ...more, ...noteOf(n, name, asset),
      });
      if (asset.host === 'builtins') {
        layouts[builtinsLayout] ??= alone;
        // Until 22 there is no directory of its own: `lib` stands at the top.
        row('builtins', ['any'], builtinsLayout, n < 23 ? { root: '' } : {});
      } else if (asset.host === 'sysroot') {
        // The clang of a wasi-sdk finds `eh` and `noeh` by itself; one that meets the sysroot alone may not.
        layouts[sysrootLayout] ??= { sysroot: '', ...named, ...(n >= 33 ? { exceptionVariants: true } : {}) };
        row('wasi-sysroot', ['any'], sysrootLayout);
      } else {
        const glibc = asset.host.startsWith('linux-') ? glibcOf(n) : undefined;
        row('wasi-sdk', HOSTS[asset.host], `wasi-sdk-${number}`, glibc === undefined ? {} : { glibc });
      }
    }
  }
  for (const [version, { assets }] of Object.entries(rust.versions)) {
    // wasm32-wasip1 exists from 1.78 on; both names up to 1.83. Where both packings have a digest, the one that unpacks faster.
    const packings = ['wasm32-wasip1', 'wasm32-wasi'].flatMap((target) => ['tar.gz', 'tar.xz'].map((format) => ({ target, format, asset: assets[`rust-std-${version}-${target}.${format}`] })));
    const found = packings.find(({ asset }) => asset !== undefined);
    if (found === undefined) continue;
    const { target, format, asset } = found;
    const id = `rust-std-${target}`;
    layouts[id] = { target, rustStd: '' };
    rows['rust-target'].push({
      version, source: 'upstream', hosts: ['any'], clangVersion: null, artifact: artifactOf(asset), root: `rust-std-${version}-${target}/rust-std-${target}`,
      ...(format === 'tar.gz' ? {} : { format }), layout: id,
    });
  }
  return { rows, layouts };
}

const TITLES = {
  'wasi-sdk': 'clang, wasm-ld and the LLVM tools for this machine, with wasi-libc, libc++ and compiler-rt',
  'wasi-sysroot': 'wasi-libc and libc++ alone, for a clang that is there already',
  builtins: "compiler-rt's libclang_rt.builtins for wasm32, for a clang that lacks it",
  'rust-target': "Rust's standard library for WASI preview 1, for a rustc that is there already",
};

/** Names of the LLVM tools as every release has them; which of the lesser ones are there is seen when it is unpacked. */
const TOOLS = {
  clang: 'bin/clang', 'clang++': 'bin/clang++', 'wasm-ld': 'bin/wasm-ld', ar: 'bin/llvm-ar', nm: 'bin/llvm-nm', ranlib: 'bin/llvm-ranlib', objdump: 'bin/llvm-objdump',
  objcopy: 'bin/llvm-objcopy', size: 'bin/llvm-size', strip: 'bin/llvm-strip', addr2line: 'bin/llvm-addr2line', 'c++filt': 'bin/llvm-cxxfilt',
};

const compareVersions = (a, b) => {
  const [left, right] = [a, b].map((each) => each.split('.').map(Number));
  return left[0] - right[0] || left[1] - right[1] || (left[2] ?? 0) - (right[2] ?? 0);
};
const witnesses = ({ artifact }) => (artifact.integrity === null ? -1 : (artifact.witnessCount ?? artifact.witnesses.length));

/** `latest` is the newest; `stable` the newest that two or more independent projects pin for every host of weight, or that has a digest at all. */
function channelsOf(rows) {
  const versions = [...new Set(rows.filter((row) => !row.avoid).map((row) => row.version))].sort(compareVersions).reverse();
  const weighty = ['any', 'linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64'];
  const pinned = (version, least) => rows.filter((row) => row.version === version && row.hosts.some((host) => weighty.includes(host))).every((row) => witnesses(row) >= least);
  const stable = versions.find((version) => pinned(version, 2)) ?? versions.find((version) => pinned(version, 0)) ?? versions[0];
  return { stable, latest: versions[0] };
}

const fileOf = (component) => path.join(MANIFESTS, `${component}.json`);
const readRows = (component) => (existsSync(fileOf(component)) ? JSON.parse(readFileSync(fileOf(component), 'utf8')).releases : []);

/** One row a line, oldest version first. */
function write(name, head, list, [open, close]) {
  const text = `${JSON.stringify(head, null, 2).replace(/\n\}$/, '')},\n  ${open}\n${list.map((each) => `    ${each}`).join(',\n')}\n  ${close}\n}\n`;
  JSON.parse(text);
  if (Buffer.byteLength(text) > MOST_BYTES) throw new Error(`${name} would be larger than ${MOST_BYTES} bytes`);
  writeFileSync(path.join(MANIFESTS, name), text);
  console.log(`${name}: ${list.length} rows, ${Buffer.byteLength(text)} bytes`);
}

function writeManifest(component, rows) {
  const sorted = [...rows].sort((a, b) => compareVersions(a.version, b.version) || a.hosts[0].localeCompare(b.hosts[0]));
  const head = { $schema: './manifest.schema.json', schema: 1, component, title: TITLES[component], channels: channelsOf(sorted) };
  write(`${component}.json`, head, sorted.map((row) => JSON.stringify(row)), ['"releases": [', ']']);
}

function writeLayouts(layouts) {
  const entries = Object.entries(layouts).map(([id, layout]) => `${JSON.stringify(id)}: ${JSON.stringify(layout)}`);
  write('layouts.json', { $schema: './layouts.schema.json', schema: 1, tools: { llvm: TOOLS } }, entries, ['"layouts": {', '}']);
}

/** Size and digest that were measured and the facts do not know. */
function keepMeasured(row, old) {
  if (old === undefined) return row;
  const { artifact } = row;
  if (artifact.integrity !== null && old.artifact.integrity !== null && artifact.integrity !== old.artifact.integrity) {
    throw new Error(`${artifact.location}: the facts say ${artifact.integrity}, the manifest has ${old.artifact.integrity}`);
  }
  return { ...row, artifact: { ...artifact, sizeBytes: artifact.sizeBytes ?? old.artifact.sizeBytes, integrity: artifact.integrity ?? old.artifact.integrity } };
}

function makeFromFacts(facts) {
  const { rows, layouts } = fromFacts(facts);
  for (const [component, list] of Object.entries(rows)) {
    const old = new Map(readRows(component).map((row) => [row.artifact.location, row]));
    const known = new Set(list.map((row) => row.artifact.location));
    writeManifest(component, [...list.map((row) => keepMeasured(row, old.get(row.artifact.location))), ...[...old.values()].filter((row) => !known.has(row.artifact.location))]);
  }
  writeLayouts(layouts);
}

async function openArchive(place) {
  if (!/^https?:/.test(place)) return createReadStream(place);
  const response = await fetch(place);
  if (!response.ok) throw new Error(`${place}: HTTP ${response.status}`);
  return Readable.fromWeb(response.body);
}

/** Size, digest, packing, and the one directory everything in the archive lies below (empty when there is none). */
async function measure(place) {
  const format = /\.(tar\.xz|txz)$/.test(place) ? 'tar.xz' : 'tar.gz';
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      sizeBytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const packed = await openArchive(place);
  packed.on('error', (error) => meter.destroy(error));
  packed.pipe(meter);
  const plain = format === 'tar.xz' ? Readable.fromWeb(new (await import('xz-decompress')).default.XzReadableStream(Readable.toWeb(meter))) : meter.pipe(createGunzip());
  meter.on('error', (error) => plain.destroy(error));
  const roots = new Set();
  let pending = Buffer.alloc(0);
  let skip = 0;
  for await (const chunk of plain) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length > 0) {
      const drop = Math.min(skip, pending.length);
      pending = pending.subarray(drop);
      skip -= drop;
      if (skip > 0 || pending.length < 512) break;
      const text = (from, to) => pending.toString('utf8', from, to).replace(/\0.*$/s, '');
      const name = text(345, 500) === '' ? text(0, 100) : `${text(345, 500)}/${text(0, 100)}`;
      const type = text(156, 157);
      // Long names and extended headers carry names of their own, but the same first part.
      if (name !== '' && !['L', 'K', 'x', 'g'].includes(type)) roots.add(name.replace(/^\.\//, '').split('/')[0]);
      skip = 512 + Math.ceil(Number.parseInt(text(124, 136).trim() || '0', 8) / 512) * 512;
    }
  }
  roots.delete('');
  return { sizeBytes, sha256: hash.digest('hex'), format, root: roots.size === 1 ? [...roots][0] : '' };
}

async function measureInto(place, { write: save, ...given }) {
  const measured = await measure(place);
  console.log(JSON.stringify(measured, null, 2));
  if (!save) return;
  const integrity = integrityOf(measured.sha256);
  const name = decodeURIComponent(place.split('/').at(-1));
  const isIt = ({ artifact: { location } }) => location === place || (!/^https?:/.test(place) && decodeURIComponent(location.split('/').at(-1)) === name);
  for (const component of Object.keys(TITLES)) {
    const rows = readRows(component);
    const row = rows.find(isIt);
    if (row === undefined) continue;
    if (row.artifact.integrity !== null && row.artifact.integrity !== integrity) throw new Error(`${component}.json pins ${row.artifact.integrity}; this is ${integrity}. Nothing was written`);
    Object.assign(row.artifact, { sizeBytes: measured.sizeBytes, integrity });
    if (row.root !== measured.root && !row.root.startsWith(`${measured.root}/`)) console.log(`note: the row says root ${row.root}`);
    if (row.unpack === undefined && (row.format ?? 'tar.gz') !== measured.format) throw new Error(`${component}.json says ${row.format ?? 'tar.gz'}; this is ${measured.format}. Nothing was written`);
    writeManifest(component, rows);
    return;
  }
  const { component, version, host, clang, layout } = given;
  if (!(component in TITLES) || [version, host, layout].includes(undefined) || !/^https?:/.test(place)) throw new Error('no row has this file; a new one needs its URL, --component, --version, --host, --layout, and --clang for what is made with one');
  const artifact = { location: place, sizeBytes: measured.sizeBytes, integrity, witnesses: [] };
  writeManifest(component, [...readRows(component), { version, source: 'upstream', hosts: [host], clangVersion: clang ?? null, artifact, root: measured.root, ...(measured.format === 'tar.gz' ? {} : { format: measured.format }), layout }]);
}

const { values } = parseArgs({ options: { facts: { type: 'string' }, measure: { type: 'string' }, write: { type: 'boolean', default: false }, component: { type: 'string' }, version: { type: 'string' }, host: { type: 'string' }, clang: { type: 'string' }, layout: { type: 'string' } } });
if (values.facts !== undefined) makeFromFacts(values.facts);
else if (values.measure !== undefined) await measureInto(values.measure, values);
else {
  console.error('usage: make-manifests.mjs --facts DIR | --measure URL|FILE [--write …]');
  process.exitCode = 2;
}
