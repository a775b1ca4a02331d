// cc, c++ and the LLVM tools of an installed toolchain: the user's arguments -> a process, or a run of the portable
// compiler. Everything clang accepts passes through; diagnostics and exit codes are clang's own.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WasienvError } from '../base/errors.js';
import type { Environment } from '../base/surroundings.js';
import type { ToolName, Toolchain } from '../toolchain/types.js';
import { compilerArguments, compilerParts, type CompilerArguments } from './arguments.js';
import type { EnvironmentFiles, EnvironmentFilesOptions } from './environment-files.js';
import { noTool } from './errors.js';
import { say, type ToolIo } from './io.js';
import { withoutWasmOpt } from './environment.js';
import { runCopyingProgram, runDriver, runProgram, type PortableCommand } from './portable/run.js';
import { threadsFor } from './portable/threads.js';
import { shellCommand } from '../base/quote.js';
import { expandResponseFiles } from './response-file.js';

export { Collector, type ByteSink, type ToolIo } from './io.js';
export { takeModes, type Modes } from './modes.js';
export type { EnvironmentFiles, EnvironmentFilesOptions };

export interface CompileOptions {
  readonly toolchain: Toolchain;
  readonly tool: 'clang' | 'clang++';
  /** As typed after `wasienv cc`. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  readonly io: ToolIo;
  readonly signal?: AbortSignal | undefined;
}

export interface ToolOptions extends Omit<CompileOptions, 'tool'> {
  readonly tool: Exclude<ToolName, 'clang' | 'clang++'>;
}

/** Runs the compiler and gives its exit code. Throws E_USAGE for a foreign target, E_COMPILER when the compiler breaks. */
export async function compile(options: CompileOptions): Promise<number> {
  const { toolchain, tool, io } = options;
  const prepared = prepare(options);
  if (prepared.scan.verbose) for (const note of prepared.notes) say(io, 'stderr', `wasienv: note: ${note}\n`);
  const colour = io.color === undefined || prepared.args[0]?.startsWith('-cc1') === true ? [] : [io.color ? '-fcolor-diagnostics' : '-fno-color-diagnostics'];
  const args = [...colour, ...prepared.args];
  if (toolchain.layout.programs.kind === 'native') {
    const { knowsNoWasmOpt } = compilerParts(toolchain, tool);
    const { runNative } = await import('./native.js');
    return runNative(nativeTool(toolchain, tool), args, knowsNoWasmOpt ? options : { ...options, env: withoutWasmOpt(options.env, process.platform) });
  }
  return runDriver(portableCommand(options, [tool, ...args]), prepared.scan);
}

/** Runs one of the LLVM tools and gives its exit code. Throws E_NO_TOOL where the toolchain does not have it. */
export async function runTool(options: ToolOptions): Promise<number> {
  const { toolchain, tool, args } = options;
  if (toolchain.layout.programs.kind === 'native') {
    const { runNative } = await import('./native.js');
    return runNative(nativeTool(toolchain, tool), args, options);
  }
  const program = tool === 'wasm-ld' ? tool : `llvm-${tool === 'c++filt' ? 'cxxfilt' : tool}`;
  const run = tool === 'strip' || tool === 'objcopy' ? runCopyingProgram : runProgram;
  return run(portableCommand(options, [program, ...args]));
}

/** The plain clang command line that does what `wasienv cc ARGS` does, quoted for a POSIX shell. */
export function showCommand(options: Pick<CompileOptions, 'toolchain' | 'tool' | 'args' | 'cwd'>): string {
  const { programs } = options.toolchain.layout;
  const program = programs.kind === 'native' ? nativeTool(options.toolchain, options.tool) : options.tool;
  return shellCommand([program, ...prepare(options).args]);
}

/** Whether this toolchain can do the modes in a command line of `cc`: false where `compile` would throw E_MODE. */
export function offersModes(toolchain: Toolchain, args: readonly string[]): boolean {
  try {
    compilerArguments(compilerParts(toolchain, 'clang'), args);
    return true;
  } catch (error) {
    if (error instanceof WasienvError && error.code === 'E_MODE') return false;
    throw error;
  }
}

/** Brings the environment scripts and shims of a home up to the toolchain in use. See `environment-files.ts`. */
export async function refreshEnvironment(options: EnvironmentFilesOptions): Promise<EnvironmentFiles> {
  return (await import('./environment-files.js')).refreshEnvironment(options);
}

/** Takes them away, for when no toolchain is left. */
export async function removeEnvironment(options: Pick<EnvironmentFilesOptions, 'home' | 'platform'>): Promise<void> {
  return (await import('./environment-files.js')).removeEnvironment(options);
}

function prepare({ toolchain, tool, args, cwd }: Pick<CompileOptions, 'toolchain' | 'tool' | 'args' | 'cwd'>): CompilerArguments {
  const expanded = expandResponseFiles(args, (file) => {
    try {
      return readFileSync(path.resolve(cwd, file), 'utf8');
    } catch {
      // No such file: clang takes the argument for an input and says so itself.
      return undefined;
    }
  });
  return compilerArguments(compilerParts(toolchain, tool), args, expanded);
}

function nativeTool(toolchain: Toolchain, tool: ToolName): string {
  const { programs } = toolchain.layout;
  const file = programs.kind === 'native' ? programs.tools[tool] : undefined;
  if (file === undefined) throw noTool(tool, `${toolchain.component} ${toolchain.version}`);
  return file;
}

function portableCommand(options: CompileOptions | ToolOptions, argv: readonly string[]): PortableCommand {
  const { layout, digest } = options.toolchain;
  if (layout.programs.kind !== 'portable') throw noTool(options.tool, options.toolchain.component);
  const { module } = layout.programs;
  const epoch = options.env['SOURCE_DATE_EPOCH'];
  return {
    threads: threadsFor(module, digest),
    module,
    argv,
    cwd: path.resolve(options.cwd),
    temporaryDir: temporaryDirectory(options.env),
    // Nothing of the user's environment is meant for this compiler, except the wish for reproducible dates.
    env: epoch === undefined ? {} : { SOURCE_DATE_EPOCH: epoch },
    io: options.io,
    platform: process.platform,
    signal: options.signal,
  };
}

function temporaryDirectory(env: Environment): string {
  const named = env['TMPDIR'] ?? env['TEMP'];
  return named === undefined || named === '' ? tmpdir() : path.resolve(named);
}
