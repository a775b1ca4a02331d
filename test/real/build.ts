// Builds a real program twice: for WASI with our own cc, and for this machine with gcc.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Collector, compile, showCommand } from '../../src/compiler/index.js';
import type { Toolchain } from '../../src/toolchain/index.js';
import { debianSource } from '../support/debian-source.js';
import { makeAside } from '../support/debian.js';
import { TEST_CACHE } from '../support/toolchain.js';
import type { RealProgram } from './programs.js';

const ABSENT = path.join(import.meta.dirname, 'absent');

export interface Source {
  readonly directory: string;
  readonly version: string;
}

/** The source, with what is made of it; or the reason why it cannot be had here. */
export function sourceOf(program: RealProgram): Source | { readonly missing: string } {
  const lacking = ['gcc', ...(program.prepare?.needs ?? [])].find((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (lacking !== undefined) return { missing: `there is no ${lacking} here` };
  const source = debianSource(program.package);
  if ('missing' in source || program.prepare === undefined) return source;
  const directory = path.join(TEST_CACHE, `real-${program.id}-${source.version}`);
  if (!existsSync(directory)) {
    const script = program.prepare.commands.join(' && ');
    makeAside(directory, (tree) => execFileSync('sh', ['-c', script], { cwd: tree, env: { ...process.env, SOURCE: source.directory } }));
  }
  return { directory, version: source.version };
}

/** `lib/*.c` -> the files of that name, in order. */
function filesOf({ sources, without = [] }: RealProgram, directory: string): string[] {
  return sources.flatMap((pattern) => {
    if (!pattern.includes('*')) return [pattern];
    const parent = path.dirname(pattern);
    const ending = path.basename(pattern).slice(1);
    return readdirSync(path.join(directory, parent)).filter((name) => name.endsWith(ending)).sort().map((name) => path.join(parent, name));
  }).filter((file) => !without.includes(file));
}

/** What stands after `wasienv cc` for this program, without `-o`. */
export function wasiArguments(program: RealProgram, files: readonly string[], absentDirectory = ABSENT): string[] {
  const { flags, forWasi, absent, libraries = [] } = program;
  return [
    ...flags, ...forWasi.flatMap(([more]) => more),
    ...(absent === undefined ? [] : ['-include', 'absent.h', '-I', absentDirectory]),
    ...files, ...(absent === undefined ? [] : [path.join(absentDirectory, 'absent.c')]), ...libraries,
  ];
}

/** The module, built once a machine for the same compiler, the same source and the same words said to clang. */
export async function buildForWasi(program: RealProgram, { directory, version }: Source, toolchain: Toolchain, env: Readonly<Record<string, string | undefined>> = process.env): Promise<string> {
  const args = ['-w', ...wasiArguments(program, filesOf(program, directory))];
  const told = showCommand({ toolchain, tool: 'clang', args, cwd: directory });
  return once([program.id, version, toolchain.digest, told, ...['absent.c', 'absent.h', 'pwd.h'].map((name) => readFileSync(path.join(ABSENT, name), 'utf8'))], `${program.id}.wasm`, async (output) => {
    const stderr = new Collector();
    const code = await compile({ toolchain, tool: 'clang', args: [...args, '-o', output], cwd: directory, env, io: { stdin: 'ignore', stdout: stderr, stderr } });
    if (code !== 0 || stderr.text() !== '') throw new Error(`${program.id} does not compile (exit code ${code}):\n${stderr.text()}`);
  });
}

export async function buildForThisMachine(program: RealProgram, { directory, version }: Source): Promise<string> {
  const args = ['-w', ...program.flags, ...filesOf(program, directory), ...(program.libraries ?? [])];
  return once([program.id, version, 'gcc', ...args], program.id, async (output) => {
    const { code, stderr } = await start('gcc', [...args, '-o', output], { cwd: directory });
    if (code !== 0) throw new Error(`gcc cannot build ${program.id}:\n${stderr.toString()}`);
  });
}

async function once(key: readonly string[], name: string, make: (output: string) => Promise<void>): Promise<string> {
  const directory = path.join(TEST_CACHE, 'real', createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32));
  const file = path.join(directory, name);
  if (existsSync(file)) return file;
  mkdirSync(directory, { recursive: true });
  const work = mkdtempSync(path.join(directory, 'work-'));
  try {
    await make(path.join(work, name));
    renameSync(path.join(work, name), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return file;
}

export interface Ending {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

export function start(file: string, args: readonly string[], { cwd, stdin = Buffer.alloc(0), name = file }: { readonly cwd: string; readonly stdin?: Buffer; readonly name?: string }): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, argv0: name, env: { PATH: process.env['PATH'] ?? '', HOME: '/nobody', LC_ALL: 'C' } });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }));
    child.stdin.on('error', () => {}); // a program that does not read all of its input closes the pipe
    child.stdin.end(stdin);
  });
}
