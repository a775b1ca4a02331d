// Archives in the real layouts of wasi-sdk releases, made of Debian's compilers: the rows of the manifests that ship
// say where everything lies, only digests and sizes are those of what was made here. They are put where a mirror keeps
// them and can be served from loopback too. Made once a machine, in the test cache.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { mirrorPath } from '../../src/toolchain/sources/mirror.js';
import { debianClang } from './debian.js';
import { TEST_CACHE } from './toolchain.js';

const MANIFESTS = path.resolve(import.meta.dirname, '../../manifests');
/** Changes when what is made changes. */
const EDITION = 5;

/** A row as it stands in a manifest. */
export type Row = Readonly<Record<string, unknown>> & { readonly version: string; readonly hosts: readonly string[]; readonly root: string; readonly layout: string; readonly artifact: { readonly location: string } };

interface LayoutRow {
  readonly sysroot?: string;
  readonly resourceDir?: string;
  readonly builtins?: string;
  readonly target: string;
  readonly targets?: readonly string[];
}

const readJson = (name: string): any => JSON.parse(readFileSync(path.join(MANIFESTS, name), 'utf8'));
const layouts: Readonly<Record<string, LayoutRow>> = readJson('layouts.json').layouts;

/** Which of Debian's compilers plays which release: the nearest that Debian has WASI libraries for. */
export const DEBIAN_MAJOR: Readonly<Record<string, number>> = { '5.0': 14, '8.0': 14, '12.0': 14, '20.0': 16, '22.0': 19, '25.0': 19, '27.0': 19, '33.0': 22, '34.0': 22 };
export const SDKS = Object.keys(DEBIAN_MAJOR);
/** Proof programs that Debian's libc++ for WASI cannot build: from 19 on it has no file streams. */
export const DEBIAN_LACKS: Readonly<Record<string, readonly string[]>> = { '33.0': ['iostream'] };

/** The row of a component's release that this machine would get. */
export function shippedRow(component: string, version: string, host = `${process.platform}-${process.arch}`): Row {
  const row = (readJson(`${component}.json`).releases as Row[]).find((each) => each.version === version && (each.hosts.includes('any') || each.hosts.includes(host)));
  if (row === undefined) throw new Error(`no row of ${component} ${version} for ${host}`);
  return row;
}

/** Why this machine cannot have these releases; null when it can. */
export function whyNoMirror(): string | null {
  for (const major of new Set(Object.values(DEBIAN_MAJOR))) {
    const found = debianClang(['clang', 'lld', 'sysroot', 'builtins'], major);
    if ('missing' in found) return found.missing;
  }
  return null;
}

/** A directory that is a mirror of these releases, and manifests with the digests of what is in it. */
export interface SdkMirror {
  readonly directory: string;
  /** Writes manifests into `directory`; `rewrite` gives the location of a row, for a server of one's own. */
  writeManifests(directory: string, rewrite?: (location: string) => string): Promise<void>;
}

export function sdkMirror(releases: readonly (readonly [component: 'wasi-sdk' | 'wasi-sysroot' | 'builtins', version: string])[]): SdkMirror {
  const directory = path.join(TEST_CACHE, `mirror-${EDITION}`);
  const made = releases.map(([component, version]) => {
    const row = shippedRow(component, version);
    const file = path.join(directory, ...mirrorPath(row.artifact.location));
    if (!existsSync(file)) makeArchive(component, row, file);
    return { component, row, file };
  });
  return {
    directory,
    async writeManifests(target, rewrite = (location) => location) {
      mkdirSync(target, { recursive: true });
      for (const component of new Set(made.map((each) => each.component))) {
        const rows = await Promise.all(made.filter((each) => each.component === component).map(async ({ row, file }) => ({
          ...row, artifact: { location: rewrite(row.artifact.location), sizeBytes: statSync(file).size, integrity: await integrityOf(file), witnesses: ['test'] },
        })));
        const newest = rows.at(-1)!.version;
        writeFileSync(path.join(target, `${component}.json`), JSON.stringify({ schema: 1, component, title: 'test', channels: { stable: newest, latest: newest }, releases: rows }));
      }
    },
  };
}

async function integrityOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return `sha256-${hash.digest('base64')}`;
}

function makeArchive(component: string, row: Row, file: string): void {
  mkdirSync(TEST_CACHE, { recursive: true });
  const work = mkdtempSync(path.join(TEST_CACHE, 'mirror-work-'));
  try {
    const root = path.join(work, 'tree', row.root);
    mkdirSync(root, { recursive: true });
    const layout = layouts[row.layout]!;
    const debian = debianTree(row.version);
    if (layout.sysroot !== undefined) makeSysroot(path.join(root, layout.sysroot), layout, row.version, debian);
    if (layout.builtins !== undefined) makeBuiltins(root, layout, debian);
    if (component === 'wasi-sdk') {
      linkTree(path.join(debian.resourceDir, 'include'), path.join(root, layout.resourceDir!, 'include'));
      makePrograms(path.join(root, 'bin'), row.version, debian);
      writeFileSync(path.join(root, 'VERSION'), `${row.version}\n`);
    }
    // What stands at the top, by name: an archive that begins with `./` is another thing.
    const top = readdirSync(path.join(work, 'tree'));
    execFileSync('tar', ['--owner=0', '--group=0', '--sort=name', '--hard-dereference', '-I', 'gzip -1', '-cf', path.join(work, 'archive'), '-C', path.join(work, 'tree'), ...top]);
    mkdirSync(path.dirname(file), { recursive: true });
    renameSync(path.join(work, 'archive'), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface DebianTree {
  readonly major: number;
  readonly usr: string;
  readonly llvm: string;
  readonly resourceDir: string;
  readonly libraries: string;
}

function debianTree(version: string): DebianTree {
  const major = DEBIAN_MAJOR[version]!;
  const found = debianClang(['clang', 'lld', 'sysroot', 'builtins'], major);
  if ('missing' in found) throw new Error(found.missing);
  const usr = path.join(found.root, 'usr');
  const llvm = path.join(usr, 'lib', `llvm-${major}`);
  const [number] = readdirSync(path.join(llvm, 'lib', 'clang'));
  return { major, usr, llvm, resourceDir: path.join(llvm, 'lib', 'clang', number!), libraries: found.env['LD_LIBRARY_PATH']! };
}

const sdkNumber = (version: string): number => Number.parseInt(version, 10);

/** Headers for all targets together until 21, for each since 22; libc++ twice from 33 on. */
function makeSysroot(root: string, layout: LayoutRow, version: string, { usr, llvm }: DebianTree): void {
  const sdk = sdkNumber(version);
  const cxxHeaders = path.join(llvm, 'include/wasm32-wasi/c++/v1');
  const cxxLibraries = path.join(llvm, 'lib/wasm32-wasi');
  const [first, ...others] = layout.targets ?? [layout.target];
  const include = sdk >= 22 ? path.join(root, 'include', first!) : path.join(root, 'include');
  const lib = path.join(root, 'lib', first!);
  linkTree(path.join(usr, 'include/wasm32-wasi'), include);
  linkTree(path.join(usr, 'lib/wasm32-wasi'), lib);
  for (const each of [path.join(include, 'c++'), path.join(lib, 'libc++.a'), path.join(lib, 'libc++abi.a')]) rmSync(each, { recursive: true });
  // Until wasi-libc of late 2020 there was one start file.
  if (sdk < 12) for (const name of ['crt1-command.o', 'crt1-reactor.o']) rmSync(path.join(lib, name));
  const variant = sdk >= 33 ? 'noeh' : '.';
  linkTree(cxxHeaders, path.join(include, variant, 'c++/v1'));
  mkdirSync(path.join(lib, variant), { recursive: true });
  for (const name of ['libc++.a', 'libc++abi.a']) linkTree(path.join(cxxLibraries, name), path.join(lib, variant, name));
  if (sdk >= 33) for (const each of [include, lib]) symlinkSync('noeh', path.join(each, 'eh'));
  for (const each of ['include', 'lib']) {
    // As copies in the early ones; links keep the later ones quick to make.
    for (const other of others) sdk < 26 ? linkTree(path.join(root, each, first!), path.join(root, each, other)) : symlinkSync(first!, path.join(root, each, other));
  }
}

/** A copy by hard links, symbolic ones followed: quick, and `tar --hard-dereference` makes plain files of it. */
function linkTree(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  execFileSync('cp', ['-rlL', from, to]);
}

/** Debian builds its own with a stack protector, which nothing in its libc answers; those of a wasi-sdk have none. */
function makeBuiltins(root: string, layout: LayoutRow, { resourceDir, llvm, libraries }: DebianTree): void {
  const run = (tool: string, ...args: readonly string[]): void => void execFileSync(path.join(llvm, 'bin', tool), args, { cwd: root, env: { LD_LIBRARY_PATH: libraries }, stdio: ['ignore', 'ignore', 'pipe'] });
  const [first, ...others] = (layout.targets ?? [layout.target]).map((target) => path.join(root, layout.builtins!.replace(layout.target.slice('wasm32-'.length), target.slice('wasm32-'.length))));
  mkdirSync(path.dirname(first!), { recursive: true });
  cpSync(path.join(resourceDir, 'lib/wasi/libclang_rt.builtins-wasm32.a'), first!);
  writeFileSync(path.join(root, 'guard.c'), 'unsigned long __stack_chk_guard = 1; void __stack_chk_fail(void) { __builtin_trap(); }\n');
  run('clang', '--target=wasm32-wasi', '-nostdinc', '-c', 'guard.c', '-o', 'guard.o');
  run('llvm-ar', 'rs', first!, 'guard.o');
  for (const name of ['guard.c', 'guard.o']) rmSync(path.join(root, name));
  for (const other of others) linkTree(first!, other);
}

/**
 * The tools as a release has them: `clang++` a link to `clang`, that one a link to `clang-NUMBER`. Debian's need to be
 * told where their libraries are, and 33 knows of two libc++, which Debian's 22 does not; so they are small scripts.
 */
function makePrograms(bin: string, version: string, { major, llvm, libraries }: DebianTree): void {
  mkdirSync(bin);
  const script = (name: string, before = ''): void =>
    writeFileSync(path.join(bin, name), `#!/bin/sh\n${before}LD_LIBRARY_PATH='${libraries}' exec '${realpathSync(path.join(llvm, 'bin'))}'/"\${0##*/}" "$@"\n`, { mode: 0o755 });
  if (sdkNumber(version) >= 33) {
    script(`clang-${major}`, `target=wasm32-wasip1
sysroot="\${0%/*}/../share/wasi-sysroot"
for word; do case "$word" in --target=*) target="\${word#--target=}" ;; esac; done
case "\${0##*/}$*" in
  clang++*|*.cc*|*.cpp*|*'c++'*) set -- -stdlib++-isystem "$sysroot/include/$target/noeh/c++/v1" "-L$sysroot/lib/$target/noeh" -Wno-unused-command-line-argument "$@" ;;
esac
`);
  } else {
    // 27 has clang 20 and is played by 19, which would take this option for a wish not to link.
    script(`clang-${major}`, 'for word do shift; [ "$word" = --no-wasm-opt ] || set -- "$@" "$word"; done\n');
  }
  symlinkSync('clang', path.join(bin, 'clang++'));
  symlinkSync(`clang-${major}`, path.join(bin, 'clang'));
  for (const name of ['wasm-ld', 'llvm-ar', 'llvm-nm', 'llvm-objdump', 'llvm-objcopy', 'llvm-size', 'llvm-cxxfilt']) script(name);
  for (const [name, to] of [['llvm-ranlib', 'llvm-ar'], ['llvm-strip', 'llvm-objcopy']] as const) symlinkSync(to, path.join(bin, name));
  if (sdkNumber(version) >= 26) for (const name of ['clang.cfg', 'clang++.cfg']) writeFileSync(path.join(bin, name), '--sysroot=<CFGDIR>/../share/wasi-sysroot\n');
}

/** Serves a directory over HTTP on loopback, and counts. */
export async function serveDirectory(directory: string): Promise<{ readonly url: string; readonly requests: string[]; close(): Promise<void> }> {
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const file = path.join(directory, ...(request.url ?? '').split('/').map(decodeURIComponent));
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isFile() !== true) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': found.size });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
