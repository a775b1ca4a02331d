// One command in a clean cross environment: which toolchain, which variables, and what this command needs beside them.
// Everything is decided in `prepareExec`, which reads the files of the build that tell (configure, makefiles,
// CMakeCache.txt) and runs config.sub; then one process is started, and its exit code is ours.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isFile, pathEntries } from '../../base/look.js';
import { spawn } from '../../base/spawn.js';
import type { Environment } from '../../base/surroundings.js';
import { homeTree, wasienvVersion, writeWhole, type Toolchain } from '../../toolchain/index.js';
import { environmentOf, shimDirectories, type ToolEnvironment } from '../../toolchain/setenv/index.js';
import { execNotFound, notRunnable } from '../errors.js';
import { HOST_NAMES, SITE_FILE, buildName, configureArguments, isAutoconf } from './autoconf.js';
import { cleanBuildEnvironment } from './clean.js';
import { CMAKE_FILE, cmakeArguments } from './cmake.js';
import { crossTools, type CrossTools } from './cross.js';
import { MODES_DIRECTORY, type Launcher } from './files.js';
import { readyToolchain } from './for-tool.js';
import { guestDirectories, type BuildGuests, type Engine } from './guests.js';
import { makeOperands } from './makefiles.js';
import { MESON_FILE, mesonArguments, mesonLauncherFile, mesonModesFile, mesonModesName } from './meson.js';
import { headOf, readText } from './read.js';

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
  readonly signal?: AbortSignal | undefined;
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

/** @throws E_USAGE for a command that is not there, and what choosing and refreshing a toolchain throw */
export async function prepareExec(request: ExecRequest): Promise<PreparedExec> {
  const { home, env, cwd, platform, keep } = request;
  const { toolchain, pinned } = await readyToolchain(request);
  const cross = crossTools(toolchain, home, platform, pinned);
  const environment = environmentOf({ toolchain, home, homeIsNamed: request.homeIsNamed, platform, bare: true, ...(pinned === undefined ? {} : { pinned }) });
  const { separator } = environment;
  const command = unwrap(request.command);
  if (request.runnable && startLineFault(cross.run) !== null) throw notRunnable(cross.run, startLineFault(cross.run)!);
  const directories = guestDirectories(cwd, command.args, request.directories);
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
    const own = { CC: onOwnPath(env, ['cc', 'gcc', 'clang'], platform), CXX: onOwnPath(env, ['c++', 'g++', 'clang++'], platform), AR: onOwnPath(env, ['ar'], platform) };
    const clean = cleanBuildEnvironment({ env, variables, path: onPath, separator, keep, own });
    const guests: BuildGuests = { directories, temporary, engine: request.engine, shell: Object.keys(clean.env) };
    const withGuests = { ...clean.env, WASIENV_GUEST: JSON.stringify(guests) };
    const { before, tool, args, notes } = await commandLine(request, command, cross, withGuests);
    if (tool.includes('/') ? !existsSync(path.resolve(cwd, tool)) : onOwnPath(withGuests, [tool], platform) === undefined && platform !== 'win32') throw execNotFound(tool);
    const [program, ...rest] = [...before, tool, ...args] as [string, ...string[]];
    return { program, args: rest, env: withGuests, removed: clean.removed, toolchain, environment, isCargo: command.tool === 'cargo', notes, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Why a system would not read `#!/bin/sh RUNNER`: Linux reads 255 bytes of the line (fs/binfmt_script.c), others no less. */
function startLineFault(run: string): string | null {
  if (/[\r\n]/.test(run)) return 'its path has a line break in it';
  return Buffer.byteLength(`#!/bin/sh ${run}`) > 255 ? 'its path is too long for a first line' : null;
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
  if (/^(?:g|gnu)?make$/.test(tool)) return { ...plain, args: [...makeOperands(cwd, args, env, runnerWord(cross)), ...args] };
  if (/configure$/i.test(tool) && isAutoconf(headOf(path.resolve(cwd, program)))) {
    const host = await knownHost(path.dirname(path.resolve(cwd, program)), cwd, env);
    const notes = host === HOST_NAMES[0] ? [] : [`config.sub of this package does not know WASI: --host=${host} is what it takes`];
    return { ...plain, args: configureArguments(args, { host, build: buildName(platform, arch) }), notes };
  }
  if (isModule(path.resolve(cwd, program))) return { before, tool: cross.run, args: [program, ...args], notes: [] };
  return plain;
}

/** The runner as a word of a recipe: by its path, and where that holds what a shell would split, by its name on PATH. */
const runnerWord = ({ run }: CrossTools): string => (/^[\w@%+,./:-]+$/.test(run) ? run : path.basename(run));

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

/** The first of these names that is on PATH at all. */
function onOwnPath(env: Environment, names: readonly string[], platform: NodeJS.Platform): string | undefined {
  return names.flatMap((name) => pathEntries(env, platform).map((directory) => path.join(directory, name))).find(isFile);
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
