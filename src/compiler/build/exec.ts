// One command in a clean cross environment: which toolchain, which variables, and what this command needs beside them.
// Everything is decided in `prepareExec`, which reads the files of the build that tell (configure, makefiles,
// CMakeCache.txt) and runs config.sub; then one process is started, and its exit code is ours.
import { existsSync, mkdtempSync, openSync, readFileSync, readSync, readdirSync, realpathSync, rmSync, statSync, closeSync } from 'node:fs';
import path from 'node:path';
import { spawn } from '../../base/spawn.js';
import type { Environment } from '../../base/surroundings.js';
import { homeTree, wasienvVersion, writeWhole, type Toolchain } from '../../toolchain/index.js';
import { environmentOf, shimDirectories, type ToolEnvironment } from '../../toolchain/setenv/index.js';
import { execNotFound } from '../errors.js';
import { HOST_NAMES, SITE_FILE, buildName, configureArguments, isAutoconf } from './autoconf.js';
import { cleanBuildEnvironment } from './clean.js';
import { CMAKE_FILE, cmakeArguments } from './cmake.js';
import { crossTools, type CrossTool, type CrossTools } from './cross.js';
import { MODES_DIRECTORY, type Launcher } from './files.js';
import { readyToolchain } from './for-tool.js';
import { makePlace, testOperands, toolOperands } from './make.js';
import { MESON_FILE, mesonArguments, mesonLauncherFile, mesonModesFile, mesonModesName } from './meson.js';

export type Engine = 'interpreter' | 'host';

export interface ExecRequest {
  readonly home: string;
  readonly homeIsNamed: boolean;
  readonly env: Environment;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** Program and arguments, as typed. */
  readonly command: readonly string[];
  /** Also the names of the host's tools (`gcc`, `ar` …) mean the cross tools. */
  readonly bare: boolean;
  /** What is linked starts itself: see `runnable` in shims.ts. */
  readonly runnable: boolean;
  /** Modes of `wasienv cc` for every compilation, as its options: `--setjmp`. */
  readonly modes: readonly string[];
  /** Variables that pass although they are meant for this machine. */
  readonly keep: readonly string[];
  /** Directories that programs of the build may use when they run, beside the build's own. */
  readonly directories: readonly string[];
  readonly launcher?: Launcher | undefined;
  /** What runs the programs of the build. */
  readonly engine: Engine;
  readonly temporaryDir: string;
  readonly signal?: AbortSignal;
}

export interface PreparedExec {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables of the shell that do not reach the command. */
  readonly removed: readonly string[];
  readonly toolchain: Toolchain;
  readonly environment: ToolEnvironment;
  /** For cargo the caller adds what only the Rust of the machine knows. */
  readonly isCargo: boolean;
  readonly notes: readonly string[];
  /** Takes away what was made for this one command. */
  readonly dispose: () => void;
}

/** What programs of the build get when they run, in WASIENV_GUEST; read by `wasienv run --in-build`. */
export interface BuildGuests {
  /** Absolute directories they may use. */
  readonly directories: readonly string[];
  /** A directory of this one command, which they see as /tmp. */
  readonly temporary: string;
  readonly engine: Engine;
  /** Names of variables that were there when the command began: those are the shell's, and stay with it. */
  readonly shell: readonly string[];
}

/** @throws E_USAGE for a command that is not there, and what choosing and refreshing a toolchain throw */
export async function prepareExec(request: ExecRequest): Promise<PreparedExec> {
  const { home, env, cwd, platform, keep } = request;
  const { toolchain, pinned } = await readyToolchain(request);
  const cross = crossTools(toolchain, home, platform, pinned);
  const environment = environmentOf({ toolchain, home, homeIsNamed: request.homeIsNamed, platform, bare: true, ...(pinned === undefined ? {} : { pinned }) });
  const { separator } = environment;
  const command = unwrap(request.command);
  const directories = await guestDirectories(request, command);
  const temporary = mkdtempSync(path.join(request.temporaryDir, 'wasienv-exec-'));
  const dispose = (): void => rmSync(temporary, { recursive: true, force: true });
  try {
    // The modes stand in CC as well: configure writes it into makefiles, and then they stay.
    const named = Object.fromEntries(environment.variables.map(({ name, value }) => [name, isCompiler(name) ? [value, ...request.modes].join(' ') : value]));
    const variables: Record<string, string> = {
      ...named,
      WASIENV_HOME: home,
      ...(pinned === undefined ? {} : { WASIENV_TOOLCHAIN: `${toolchain.component}@${toolchain.version}` }),
      CONFIG_SITE: path.join(cross.directory, SITE_FILE),
      // CMake 3.21 and later, for a cmake that a script starts.
      CMAKE_TOOLCHAIN_FILE: path.join(cross.directory, CMAKE_FILE),
      PKG_CONFIG_LIBDIR: cross.pkgConfigDirs.join(separator),
      ...launcherVariables(request, toolchain, cross, named),
      ...(request.modes.length === 0 ? {} : { WASIENV_MODES: request.modes.join(' ') }),
      ...(request.runnable ? { WASIENV_RUNNABLE: cross.run } : {}),
    };
    const { bare, host } = shimDirectories(home, platform, pinned);
    const onPath = [...environment.path.filter((directory) => directory !== bare), ...(request.bare ? [bare, host] : [])];
    const own = { CC: onOwnPath(env, ['cc', 'gcc', 'clang'], separator), CXX: onOwnPath(env, ['c++', 'g++', 'clang++'], separator), AR: onOwnPath(env, ['ar'], separator) };
    const clean = cleanBuildEnvironment({ env, variables, path: onPath, separator, keep, own });
    const guests: BuildGuests = { directories, temporary, engine: request.engine, shell: Object.keys(clean.env) };
    const withGuests = { ...clean.env, WASIENV_GUEST: JSON.stringify(guests) };
    const { before, tool, args, notes } = await commandLine(request, command, cross, withGuests);
    if (tool.includes('/') ? !existsSync(path.resolve(cwd, tool)) : onOwnPath(withGuests, [tool], separator) === undefined && platform !== 'win32') throw execNotFound(tool);
    const [program, ...rest] = [...before, tool, ...args] as [string, ...string[]];
    return { program, args: rest, env: withGuests, removed: clean.removed, toolchain, environment, isCargo: command.tool === 'cargo', notes, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

interface Command {
  /** What stands before the tool and belongs to another program: `env A=1`, `nice`. */
  readonly before: readonly string[];
  readonly program: string;
  /** The program's name without directory and ending. */
  readonly tool: string;
  readonly args: readonly string[];
}

/** The tool behind `env NAME=VALUE`, `nice`, `time` and `sh SCRIPT`. */
function unwrap(words: readonly string[]): Command {
  const before: string[] = [];
  let rest = words;
  for (;;) {
    const [first = '', ...after] = rest;
    const name = toolName(first);
    if (name === 'env' || name === 'nice' || name === 'time' || name === 'nohup' || name === 'command') {
      const skipped = after.findIndex((word) => !(word.startsWith('-') || /^\w+=/.test(word)));
      if (skipped >= 0) {
        before.push(first, ...after.slice(0, skipped));
        rest = after.slice(skipped);
        continue;
      }
    }
    if (/^(?:sh|bash|dash)$/.test(name) && after[0] !== undefined && /configure$/i.test(after[0])) {
      before.push(first);
      rest = after;
      continue;
    }
    return { before, program: first, tool: name, args: after };
  }
}

const toolName = (program: string): string => program.replace(/^.*[\\/]/, '').replace(/\.(?:exe|cmd|bat)$/i, '');

/** What the tool needs beside the environment. */
async function commandLine(request: ExecRequest, { before, program, tool, args }: Command, cross: CrossTools, env: Environment): Promise<{ before: readonly string[]; tool: string; args: readonly string[]; notes: readonly string[] }> {
  const { cwd, platform, arch } = request;
  const plain = { before, tool: program, args, notes: [] };
  if (tool === 'cmake' || tool === 'cmake3') return { ...plain, args: cmakeArguments(args, path.join(cross.directory, CMAKE_FILE)) };
  if (tool === 'meson') {
    const file = path.join(cross.directory, request.launcher === undefined ? MESON_FILE : mesonLauncherFile(request.launcher));
    return { ...plain, args: mesonArguments(args, file, ...(request.modes.length === 0 ? [] : [await modesFile(request)])) };
  }
  if (/^(?:g|gnu)?make$/.test(tool)) return { ...plain, args: [...makeOperands(cwd, args, env), ...args] };
  if (/configure$/i.test(tool) && isAutoconf(headOf(path.resolve(cwd, program)))) {
    const host = await knownHost(path.dirname(path.resolve(cwd, program)), cwd, env);
    const notes = host === HOST_NAMES[0] ? [] : [`config.sub of this package does not know WASI: --host=${host} is what it takes`];
    return { ...plain, args: configureArguments(args, { host, build: buildName(platform, arch) }), notes };
  }
  if (isModule(path.resolve(cwd, program))) return { before, tool: cross.run, args: [program, ...args], notes: [] };
  return plain;
}

function headOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(4096);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

const isModule = (file: string): boolean => headOf(file).startsWith('\0asm');

/** Meson reads it again whenever it reconfigures, so it stands in the home and stays. */
async function modesFile({ home, modes }: ExecRequest): Promise<string> {
  const file = path.join(homeTree.environmentDir(home), MODES_DIRECTORY, mesonModesName(modes));
  const text = mesonModesFile(modes);
  if (readText(file) !== text) await writeWhole(file, text);
  return file;
}

/** The first of our names that the package's config.sub takes; without a config.sub nobody minds. */
async function knownHost(source: string, cwd: string, env: Environment): Promise<string> {
  // In a directory that the package names as it likes (AC_CONFIG_AUX_DIR), or in that of the package it is part of.
  const below = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const script = ['.', ...below, '..', '../..'].map((directory) => path.resolve(source, directory, 'config.sub')).find((file) => existsSync(file));
  if (script === undefined) return HOST_NAMES[0]!;
  for (const name of HOST_NAMES) {
    const { exitCode } = await spawn('sh', [script, name], { cwd, env });
    if (exitCode === 0) return name;
  }
  return HOST_NAMES[0]!;
}

/** A makefile that a generator wrote knows its compiler. */
const GENERATED = /generated by (?:automake|"Unix Makefiles"|qmake|CMake)|Generated from .* by (?:configure|config\.status)|CMAKE generated file/i;

function makeOperands(cwd: string, args: readonly string[], env: Environment): readonly string[] {
  const { directories, file } = makePlace(args);
  const directory = path.resolve(cwd, ...directories);
  const top = file === undefined ? ['GNUmakefile', 'makefile', 'Makefile'].find((name) => existsSync(path.join(directory, name))) : file;
  if (top === undefined) return [];
  const text = readText(path.resolve(directory, top));
  const makefiles = [text, ...otherMakefiles(directory, top)];
  const run = env['PATH'] === undefined ? '' : 'wasm32-wasip1-run';
  const tests = testOperands(makefiles, args, run);
  if (GENERATED.test(text.slice(0, 1000)) || existsSync(path.join(directory, 'config.status')) || existsSync(path.join(directory, 'CMakeCache.txt'))) return tests;
  const tools: Partial<Record<CrossTool, string>> = {};
  for (const tool of ['CC', 'CXX', 'AR', 'RANLIB', 'NM', 'STRIP', 'OBJDUMP'] as const) if (env[tool] !== undefined) tools[tool] = env[tool];
  return [...toolOperands(makefiles, tools, args), ...tests];
}

/** Makefiles beside and one directory below: what the first one includes, or starts another make in. */
function otherMakefiles(directory: string, top: string): string[] {
  const isMakefile = (name: string): boolean => /^(?:GNU)?[Mm]akefile(?:\..*)?$|\.mk$|^(?:make|config)\.(?:inc|mak)$/.test(name) && !/\.(?:in|am|orig|rej)$/.test(name);
  const list = (parent: string) => {
    try {
      return readdirSync(parent, { withFileTypes: true });
    } catch {
      return [];
    }
  };
  const entries = list(directory);
  const beside = entries.filter((entry) => entry.isFile() && isMakefile(entry.name) && entry.name !== path.basename(top)).map(({ name }) => path.join(directory, name));
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).slice(0, 100)
    .flatMap(({ name }) => list(path.join(directory, name)).filter((entry) => entry.isFile() && isMakefile(entry.name)).map((entry) => path.join(directory, name, entry.name)));
  return [...below, ...beside].slice(0, 200).map(readText);
}

function readText(file: string): string {
  try {
    return statSync(file).size > 4 << 20 ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function onOwnPath(env: Environment, names: readonly string[], separator: string): string | undefined {
  for (const name of names) {
    for (const directory of (env['PATH'] ?? '').split(separator)) {
      const file = path.join(directory, name);
      if (directory !== '' && statSync(file, { throwIfNoEntry: false })?.isFile() === true) return file;
    }
  }
  return undefined;
}

/** Directories of the build: where the command is typed, where it will work, and the sources of that place. */
async function guestDirectories({ cwd, directories }: ExecRequest, { args }: Command): Promise<readonly string[]> {
  const named = args.flatMap((argument, index) => {
    const joined = /^(?:-[CBS]|--(?:directory|build|test-dir)=)(.+)$/.exec(argument)?.[1];
    if (joined !== undefined) return [joined];
    return /^(?:-[CBS]|--directory|--build|--test-dir)$/.test(args[index - 1] ?? '') ? [argument] : [];
  });
  const places = [cwd, ...named.map((place) => path.resolve(cwd, place))].filter((place) => existsSync(place));
  const all = [...places, ...places.flatMap(sourcesOf), ...directories.map((place) => path.resolve(cwd, place))];
  const real = [...new Set(all.filter((place) => existsSync(place)).flatMap((place) => [place, realpathSync(place)]))];
  // One inside another needs no place of its own.
  return real.filter((place) => !real.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
}

/** Where the sources of a build directory are, as its generator noted. */
function sourcesOf(build: string): string[] {
  const cmake = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.+)$/m.exec(readText(path.join(build, 'CMakeCache.txt')))?.[1];
  const automake = /^abs_top_srcdir = (.+)$/m.exec(readText(path.join(build, 'Makefile')))?.[1];
  let meson: unknown;
  try {
    meson = (JSON.parse(readText(path.join(build, 'meson-info', 'meson-info.json'))) as { directories?: { source?: unknown } }).directories?.source;
  } catch {
    meson = undefined;
  }
  return [cmake, automake, meson].filter((each): each is string => typeof each === 'string');
}

const isCompiler = (name: string): boolean => /^(?:CC|CXX)(?:_wasm32_\w+)?$/.test(name);

/** Variables that put ccache or sccache in front of the compilers of every build tool. `named`: the variables so far. */
function launcherVariables({ launcher, env, cwd, modes }: ExecRequest, toolchain: Toolchain, cross: CrossTools, named: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (launcher === undefined) return {};
  const compilers = Object.entries(named).filter(([name]) => isCompiler(name)).map(([name, value]): [string, string] => [name, `${launcher} ${value}`]);
  // The compiler is a script of a home: what it starts is known by its digest, the same on every machine. The headers
  // that came with it are covered by that, and lie elsewhere on every machine.
  const forCcache: Readonly<Record<string, string>> = {
    CCACHE_COMPILERCHECK: `string:wasienv ${wasienvVersion()} ${toolchain.digest} ${modes.join(' ')}`,
    CCACHE_COMPILERTYPE: 'clang',
    CCACHE_IGNOREHEADERS: [cross.sysroot, toolchain.layout.resourceDir].join(path.delimiter),
    CCACHE_BASEDIR: cwd,
  };
  return {
    ...Object.fromEntries(compilers),
    WASIENV_LAUNCHER: launcher,
    CMAKE_C_COMPILER_LAUNCHER: launcher, CMAKE_CXX_COMPILER_LAUNCHER: launcher,
    ...(launcher === 'ccache' ? Object.fromEntries(Object.entries(forCcache).filter(([name]) => env[name] === undefined)) : {}),
  };
}
