// The clangs of this machine: each is found, asked what it can do, and either usable, with everything a Toolchain
// needs, or refused with a code and a reason. Nothing is written anywhere. Decides what belongs together: one clang, a
// wasm-ld of the same LLVM, a sysroot, and the builtins that this clang will look for with that sysroot's target.
// Whether one is adopted is the plan's business; `doctor` lists them all.
import path from 'node:path';
import type { ErrorCode } from '../../base/errors.js';
import { isFile, namesIn, pathDirectories, realPath } from '../../base/look.js';
import type { SpawnResult } from '../../base/spawn.js';
import type { Environment } from '../../base/surroundings.js';
import { USE_PORTABLE } from '../errors.js';
import { probe, whyNot } from '../probe.js';
import type { ToolchainLayout, ToolName } from '../types.js';

/** A clang somewhere on this machine, and what it is good for. */
export interface ClangFinding {
  /** The path by which it was found. */
  readonly clang: string;
  /** The same with links resolved: two paths with one `program` are one clang. */
  readonly program: string;
  /** Where it was looked for: `WASI_SDK_PATH`, `PATH`, or a directory. */
  readonly foundIn: string;
  /** Whether a bare `clang` typed into the shell would run this one. */
  readonly isFirstOnPath: boolean;
  /** First line of `clang --version`; empty when it does not run. */
  readonly versionLine: string;
  /** `19.1.7`; null when unknown. */
  readonly clangVersion: string | null;
  /** Registered back ends, as `clang --print-targets` names them. */
  readonly targets: readonly string[];
  readonly verdict: Usable | Refused;
  /** What it would compile with, sysroot and builtins aside; null when it cannot compile for WebAssembly at all. */
  readonly compiler: Compiler | null;
  /** Where it looks for the builtins library, for each name of preview 1, and whether that is there. */
  readonly builtins: readonly BuiltinsPlace[];
}

/** A clang with the WebAssembly back end, and the wasm-ld that belongs to it. */
export interface Compiler {
  readonly tools: Readonly<Partial<Record<ToolName, string>>>;
  readonly resourceDir: string;
  /** The prefix of clang: the directory above its `bin`. */
  readonly rootDir: string;
  /** Its programs, links resolved. */
  readonly programs: readonly string[];
  readonly defaultsToLibgcc: boolean;
}

export interface BuiltinsPlace {
  readonly target: string;
  readonly file: string;
  readonly found: boolean;
}

export interface Usable {
  readonly kind: 'usable';
  /** Every path absolute. */
  readonly layout: ToolchainLayout;
  /** The prefix of clang: the directory above its `bin`. */
  readonly rootDir: string;
  /** Files that make the toolchain what it is, absolute, links resolved. */
  readonly keyFiles: readonly string[];
}

export interface Refused {
  readonly kind: 'refused';
  /** E_CLANG_NO_WASM, E_NO_WASM_LD, E_NO_SYSROOT, E_NO_BUILTINS; E_COMPILER: it does not run; E_SOURCE: it is no compiler. */
  readonly code: ErrorCode;
  readonly reason: string;
  readonly next: string;
}

export interface ClangSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Directories to search beside those that PATH and WASI_SDK_PATH name; the usual places by default. */
  readonly directories?: readonly string[];
  /** Sysroots to try beside those that belong to a clang or that WASI_SYSROOT names; the usual places by default. */
  readonly sysroots?: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** The first clang with the back end in it and WASI among the systems it knows. source: LLVM 8 release notes */
const OLDEST = 8;

/** What preview 1 may be called, newest name first. clang takes either, and looks in directories of that name. */
const TARGETS = ['wasm32-wasip1', 'wasm32-wasi'] as const;

/** Sysroots that do not belong to one clang, by the packages that install them. */
const USUAL_SYSROOTS = [
  '/opt/wasi-sdk/share/wasi-sysroot',
  '/usr', // Debian, Ubuntu: wasi-libc in /usr/include/wasm32-wasi and /usr/lib/wasm32-wasi
  '/usr/share/wasi-sysroot', // Arch
  '/usr/wasm32-wasi', // Fedora
  '/opt/homebrew/share/wasi-sysroot',
  '/usr/local/share/wasi-sysroot',
  '/home/linuxbrew/.linuxbrew/share/wasi-sysroot',
] as const;

/** Every clang of this machine, in the order they are preferred: WASI_SDK_PATH, PATH, then the usual places, newest first. */
export async function findClangs(search: ClangSearch): Promise<ClangFinding[]> {
  return Promise.all(listCandidates(search).map((candidate) => probeClang(candidate, search)));
}

/** Directories outside PATH where installers put clang. Reads names of directories, nothing else. */
export function usualDirectories(platform: NodeJS.Platform): string[] {
  if (platform === 'win32') return ['C:\\Program Files\\LLVM\\bin'];
  const versioned = (directory: string, pattern: RegExp): string[] =>
    namesIn(directory)
      .filter((name) => pattern.test(name))
      .sort((left, right) => versionIn(right) - versionIn(left))
      .map((name) => path.join(directory, name, 'bin'));
  const brewed = ['/opt/homebrew/opt', '/usr/local/opt', '/home/linuxbrew/.linuxbrew/opt'];
  return [
    '/opt/wasi-sdk/bin',
    ...versioned('/opt', /^wasi-sdk-\d/),
    ...versioned('/usr/lib', /^llvm-?\d+$/), // Debian, Ubuntu, Alpine
    ...versioned('/usr/lib/llvm', /^\d+$/), // Gentoo
    ...versioned('/usr/lib64', /^llvm\d+$/), // Fedora
    ...brewed.flatMap((opt) => [path.join(opt, 'llvm', 'bin'), ...versioned(opt, /^llvm@\d+$/)]),
    ...versioned('/opt/local/libexec', /^llvm-\d+$/), // MacPorts
    '/usr/bin',
    '/usr/local/bin',
  ];
}

interface Candidate {
  readonly clang: string;
  readonly program: string;
  readonly foundIn: string;
  readonly isFirstOnPath: boolean;
}

function listCandidates({ env, platform, directories }: ClangSearch): Candidate[] {
  const exe = platform === 'win32' ? '.exe' : '';
  const sdk = env['WASI_SDK_PATH'];
  const onPath = pathDirectories(env, platform);
  const places = [
    ...(sdk === undefined || sdk === '' ? [] : [{ directory: path.resolve(sdk, 'bin'), foundIn: 'WASI_SDK_PATH' }]),
    ...onPath.map((directory) => ({ directory, foundIn: 'PATH' })),
    ...(directories ?? usualDirectories(platform)).map((directory) => ({ directory, foundIn: directory })),
  ];
  const first = onPath.map((directory) => path.join(directory, `clang${exe}`)).find(isFile);
  const found = new Map<string, Candidate>();
  for (const { directory, foundIn } of places) {
    const names = namesIn(directory)
      .filter((name) => /^clang(?:-\d+(?:\.\d+)*)?(?:\.exe)?$/.test(name))
      // The plain name first: it is the one its owner means.
      .sort((left, right) => Number(right === `clang${exe}`) - Number(left === `clang${exe}`) || versionIn(right) - versionIn(left));
    for (const name of names) {
      const clang = path.join(directory, name);
      const program = realPath(clang);
      if (program === undefined || !isFile(program)) continue;
      // Several wrappers are one program under many names (ccache); each name is then a finding of its own.
      const key = isWrapper(program) ? clang : program;
      const known = found.get(key);
      if (known === undefined) found.set(key, { clang, program, foundIn, isFirstOnPath: clang === first });
      else if (clang === first) found.set(key, { ...known, isFirstOnPath: true });
    }
  }
  return [...found.values()];
}

async function probeClang(candidate: Candidate, search: ClangSearch): Promise<ClangFinding> {
  const { clang, program } = candidate;
  const { platform } = search;
  const run = (...args: readonly string[]): Promise<SpawnResult> => ask(clang, args, search);
  const nothing: About = { versionLine: '', clangVersion: null, targets: [], compiler: null, builtins: [] };
  const refuse = (about: About, code: ErrorCode, reason: string, next: string): ClangFinding => ({
    ...candidate, ...about, verdict: { kind: 'refused', code, reason, next },
  });

  if (isWrapper(program)) {
    const wrapper = path.basename(program);
    return refuse(nothing, 'E_SOURCE', `this is ${wrapper}, not a compiler`, `put the clang behind ${wrapper} on PATH, or ${USE_PORTABLE}`);
  }
  // Without the command line tools Apple's /usr/bin/clang opens a window and waits for an answer.
  if (platform === 'darwin' && program === '/usr/bin/clang' && (await ask('/usr/bin/xcode-select', ['-p'], search)).exitCode !== 0) {
    return refuse(nothing, 'E_COMPILER', "Apple's clang is not installed (`xcode-select -p` fails)", USE_PORTABLE);
  }
  const version = await run('--version');
  const versionLine = version.stdout.split('\n', 1)[0]!.trim();
  const clangVersion = /clang version (\d+(?:\.\d+)*)/.exec(version.stdout)?.[1] ?? null;
  if (version.exitCode !== 0 || clangVersion === null) {
    return refuse({ ...nothing, versionLine }, 'E_COMPILER', `\`clang --version\` ${whyNot(version, 'does not say that it is a clang')}`, USE_PORTABLE);
  }
  const targets = parseTargets((await run('--print-targets')).stdout);
  const known: About = { ...nothing, versionLine, clangVersion, targets };
  if (!targets.includes('wasm32')) {
    const whose = versionLine.startsWith('Apple') ? "Apple's clang" : 'this clang';
    const has = targets.length === 0 ? 'it names no back end' : `it has ${targets.slice(0, 6).join(', ')}${targets.length > 6 ? ' …' : ''}`;
    return refuse(known, 'E_CLANG_NO_WASM', `${whose} was built without the WebAssembly back end: ${has}`, USE_PORTABLE);
  }

  const major = Number.parseInt(clangVersion, 10);
  if (major < OLDEST) return refuse(known, 'E_CLANG_NO_WASM', `clang ${clangVersion} is too old: it knows WebAssembly, but not WASI, which came with clang ${OLDEST}`, `install a newer clang, or ${USE_PORTABLE}`);
  const linker = await findLinker(candidate, major, search);
  if ('reason' in linker) return refuse(known, 'E_NO_WASM_LD', linker.reason, installHint('lld', major, platform));

  const resourceDir = (await run('-print-resource-dir')).stdout.trim();
  const rootDir = path.dirname(path.dirname(program));
  const about: About = {
    ...known,
    compiler: { tools: findTools(candidate, linker.file), resourceDir, rootDir, programs: [program, linker.file].map((file) => realPath(file) ?? file), defaultsToLibgcc: await defaultsToLibgcc(clang, search) },
    builtins: await builtinsPlaces(clang, search),
  };

  const tried = sysrootCandidates(candidate, search);
  const sysroots = tried.flatMap((directory) => TARGETS.filter((target) => isSysroot(directory, target)).map((target) => ({ directory, target })));
  if (sysroots.length === 0) {
    return refuse(about, 'E_NO_SYSROOT', `no WASI sysroot for it; looked in ${tried.join(', ')}`, `${installHint('wasi-libc', major, platform)}, or set WASI_SYSROOT`);
  }

  const missing: string[] = [];
  // A sysroot with both names is tried with both: distributions put the builtins under either.
  for (const { directory: sysroot, target } of sysroots) {
    const place = about.builtins.find((each) => each.target === target);
    if (place?.found !== true) {
      missing.push(`${place === undefined ? '(no answer)' : place.file} for ${target}`);
      continue;
    }
    const builtins = place.file;
    const library = path.join(sysroot, 'lib', target);
    const crt = ['crt1-command.o', 'crt1.o'].map((name) => path.join(library, name)).find(isFile)!;
    return {
      ...candidate, ...about,
      verdict: {
        kind: 'usable',
        layout: { sysroot, resourceDir, builtins, target, programs: { kind: 'native', tools: about.compiler!.tools }, ...(about.compiler!.defaultsToLibgcc ? { defaultsToLibgcc: true } : {}) },
        rootDir,
        keyFiles: [program, linker.file, path.join(library, 'libc.a'), crt, builtins].map((file) => realPath(file) ?? file),
      },
    };
  }
  const elsewhere = findBuiltins(resourceDir);
  return refuse(about, 'E_NO_BUILTINS',
    `the builtins library is not where this clang looks: ${missing.join('; ')}${elsewhere === undefined ? '' : `; there is one at ${elsewhere}`}`,
    installHint('libclang-rt', major, platform));
}

/** Where a clang looks for the builtins: it is asked and not guessed at, for there have been three layouts. */
export async function builtinsPlaces(clang: string, search: Pick<ClangSearch, 'env' | 'signal'>, args: readonly string[] = []): Promise<readonly BuiltinsPlace[]> {
  const places = await Promise.all(TARGETS.map(async (target) => {
    const file = (await ask(clang, [`--target=${target}`, ...args, '--rtlib=compiler-rt', '-print-libgcc-file-name'], search)).stdout.trim();
    return path.isAbsolute(file) ? [{ target, file, found: isFile(file) }] : [];
  }));
  return places.flat();
}

/** Whether, left alone, it would look for libgcc, which there is not for WebAssembly. */
async function defaultsToLibgcc(clang: string, search: ClangSearch): Promise<boolean> {
  return path.basename((await ask(clang, [`--target=${TARGETS.at(-1)!}`, '-print-libgcc-file-name'], search)).stdout.trim()) === 'libgcc.a';
}

/** What a look at one clang brings to light, beside the verdict. */
type About = Pick<ClangFinding, 'versionLine' | 'clangVersion' | 'targets' | 'compiler' | 'builtins'>;

/**
 * One clang by its path or its name on PATH, or with `system` the best: one that is usable, else one that only lacks
 * parts which can be laid beside it. Undefined when there is none of that name.
 */
export async function findClang(named: string, search: ClangSearch, cwd: string): Promise<ClangFinding | undefined> {
  if (named === 'system') {
    const findings = await findClangs(search);
    return findings.find(({ verdict }) => verdict.kind === 'usable') ?? findings.find(({ compiler }) => compiler !== null) ?? findings[0];
  }
  const plain = !/[\\/]/.test(named);
  const names = search.platform === 'win32' && !/\.exe$/i.test(named) ? [named, `${named}.exe`] : [named];
  const files = plain ? pathDirectories(search.env, search.platform).flatMap((directory) => names.map((name) => path.join(directory, name))) : names.map((name) => path.resolve(cwd, name));
  const clang = files.find(isFile);
  if (clang === undefined) return undefined;
  return probeClang({ clang, program: realPath(clang) ?? clang, foundIn: plain ? 'PATH' : path.dirname(clang), isFirstOnPath: false }, search);
}

/** A sysroot of this machine that is this clang's, with the builtins for it wherever they are below its resource directory. */
export function ownParts({ clang, program, foundIn, isFirstOnPath, compiler, builtins }: ClangFinding, search: ClangSearch): { readonly sysroot: string; readonly target: string; readonly builtins: string } | null {
  if (compiler === null) return null;
  for (const sysroot of sysrootCandidates({ clang, program, foundIn, isFirstOnPath }, search)) {
    for (const target of TARGETS) {
      if (!isSysroot(sysroot, target)) continue;
      const place = builtins.find((each) => each.target === target && each.found)?.file ?? builtins.find((each) => each.found)?.file ?? findBuiltins(compiler.resourceDir);
      if (place !== undefined) return { sysroot, target, builtins: place };
    }
  }
  return null;
}

function installHint(what: 'lld' | 'wasi-libc' | 'libclang-rt', major: number, platform: NodeJS.Platform): string {
  const apt = { lld: `lld-${major}`, 'wasi-libc': 'wasi-libc', 'libclang-rt': `libclang-rt-${major}-dev-wasm32` }[what];
  const brew = { lld: 'lld', 'wasi-libc': 'wasi-libc', 'libclang-rt': 'wasi-runtimes' }[what];
  const how = platform === 'darwin' ? `run \`brew install ${brew}\`` : platform === 'linux' ? `install it (Debian, Ubuntu: \`apt install ${apt}\`)` : 'install it';
  return `${how}, or ${USE_PORTABLE}`;
}

function isWrapper(program: string): boolean {
  return /^(?:ccache|sccache|distcc|icecc|buildcache)(?:\.exe)?$/.test(path.basename(program));
}

/** The names under "Registered Targets:". */
export function parseTargets(text: string): string[] {
  return [...text.matchAll(/^\s+(\S+)\s+- /gm)].map((match) => match[1]!);
}

/** A wasm-ld of the same LLVM: beside clang, with clang's own suffix, or elsewhere with the same major version. */
async function findLinker(candidate: Candidate, major: number, search: ClangSearch): Promise<{ readonly file: string } | { readonly reason: string }> {
  const exe = search.platform === 'win32' ? '.exe' : '';
  const beside = [...new Set([path.dirname(candidate.program), path.dirname(candidate.clang)])];
  // Homebrew moved lld out of its llvm formula with LLVM 19.
  const brewed = candidate.program.includes('/Cellar/llvm') ? ['/opt/homebrew/opt/lld/bin', '/usr/local/opt/lld/bin', '/home/linuxbrew/.linuxbrew/opt/lld/bin'] : [];
  const files = [
    ...beside.flatMap((directory) => [`wasm-ld${suffixOf(candidate)}`, 'wasm-ld', `wasm-ld-${major}`].map((name) => path.join(directory, name + exe))),
    ...[...brewed, ...pathDirectories(search.env, search.platform)].flatMap((directory) => [`wasm-ld-${major}`, 'wasm-ld'].map((name) => path.join(directory, name + exe))),
  ];
  const others: string[] = [];
  for (const file of new Set(files.filter(isFile))) {
    const version = /LLD (\d+)[\d.]*/.exec((await ask(file, ['--version'], search)).stdout);
    if (version !== null && Number(version[1]) === major) return { file };
    others.push(`${file} is ${version?.[0] ?? 'not a working LLD'}`);
  }
  return {
    reason: others.length === 0
      ? 'no wasm-ld beside it or on PATH'
      : `no wasm-ld of LLVM ${major}: ${others.join('; ')}. Objects of one LLVM are not safely linked by another`,
  };
}

function sysrootCandidates(candidate: Candidate, { env, sysroots }: ClangSearch): string[] {
  const prefix = path.dirname(path.dirname(candidate.program));
  const named = env['WASI_SYSROOT'];
  const sdk = env['WASI_SDK_PATH'];
  // Debian's clang lives in PREFIX/lib/llvm-N/bin and its wasi-libc in PREFIX.
  const debian = /^(.*)[\\/]lib[\\/]llvm-\d+$/.exec(prefix)?.[1];
  return [...new Set([
    ...(named === undefined || named === '' ? [] : [path.resolve(named)]),
    path.join(prefix, 'share', 'wasi-sysroot'),
    ...(sdk === undefined || sdk === '' ? [] : [path.resolve(sdk, 'share', 'wasi-sysroot')]),
    ...(debian === undefined ? [] : [debian === '' ? '/' : debian]),
    ...(sysroots ?? USUAL_SYSROOTS),
  ])];
}

function isSysroot(directory: string, target: string): boolean {
  const library = path.join(directory, 'lib', target);
  const header = [path.join(directory, 'include', target, 'stdio.h'), path.join(directory, 'include', 'stdio.h')];
  return header.some(isFile) && isFile(path.join(library, 'libc.a')) && ['crt1-command.o', 'crt1.o'].some((name) => isFile(path.join(library, name)));
}

/** Any wasm32 builtins below `resourceDir`, in whichever of its layouts; only for the message. */
function findBuiltins(resourceDir: string): string | undefined {
  const lib = path.join(resourceDir, 'lib');
  const directories = namesIn(lib).filter((name) => /^(?:wasi|wasip1|wasm32-.*wasi.*)$/.test(name));
  return directories
    .flatMap((directory) => ['libclang_rt.builtins-wasm32.a', 'libclang_rt.builtins.a'].map((name) => path.join(lib, directory, name)))
    .find(isFile);
}

const LLVM_NAMES: ReadonlyArray<readonly [ToolName, string]> = [
  ['clang++', 'clang++'], ['ar', 'llvm-ar'], ['nm', 'llvm-nm'], ['ranlib', 'llvm-ranlib'], ['objdump', 'llvm-objdump'],
  ['objcopy', 'llvm-objcopy'], ['size', 'llvm-size'], ['strip', 'llvm-strip'], ['addr2line', 'llvm-addr2line'], ['c++filt', 'llvm-cxxfilt'],
];

function findTools(candidate: Candidate, linker: string): Partial<Record<ToolName, string>> {
  const exe = path.extname(candidate.clang);
  const beside = [...new Set([path.dirname(candidate.clang), path.dirname(candidate.program)])];
  const tools: Partial<Record<ToolName, string>> = { clang: candidate.clang, 'wasm-ld': linker };
  for (const [tool, name] of LLVM_NAMES) {
    const file = beside
      .flatMap((directory) => [path.join(directory, name + suffixOf(candidate) + exe), path.join(directory, name + exe)])
      .find(isFile);
    if (file !== undefined) tools[tool] = file;
  }
  return tools;
}

/** `clang-14` -> `-14`. */
function suffixOf({ clang }: Candidate): string {
  return /(-[\d.]+?)(?:\.exe)?$/.exec(path.basename(clang))?.[1] ?? '';
}

/** Without the variables that would change a clang's answer. */
function ask(file: string, args: readonly string[], { env, signal }: Pick<ClangSearch, 'env' | 'signal'>): Promise<SpawnResult> {
  const { SDKROOT: _, CCC_OVERRIDE_OPTIONS: _options, COMPILER_PATH: _path, GCC_EXEC_PREFIX: _prefix, ...kept } = env;
  return probe(file, args, { env: kept, signal });
}

const versionIn = (name: string): number => Number.parseFloat(/\d+(?:\.\d+)?/.exec(name)?.[0] ?? '0');
