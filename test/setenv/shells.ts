// The real shells of this machine, and one way to ask any of them: run a script, dump the whole environment at marked
// places, compare. A shell that is not here is skipped with the reason; `.ci/run` installs them where it can.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Shell } from '../../src/toolchain/setenv/render.js';

export interface RealShell {
  readonly name: string;
  readonly shell: Shell;
  /** Absolute path; undefined: not on this machine. */
  readonly program: string | undefined;
  readonly args: readonly string[];
  /** A line that reads a file whose path is quoted for this shell. */
  readonly source: (quoted: string) => string;
}

const onPath = (name: string): string | undefined =>
  (process.env['PATH'] ?? '').split(path.delimiter).map((directory) => path.join(directory, name)).find((file) => existsSync(file));

export const SHELLS_HERE: readonly RealShell[] = [
  { name: 'dash', shell: 'posix', program: onPath('dash'), args: [], source: (file) => `. ${file}` },
  { name: 'dash -eu', shell: 'posix', program: onPath('dash'), args: ['-eu'], source: (file) => `. ${file}` },
  { name: 'bash', shell: 'posix', program: onPath('bash'), args: ['--norc', '--noprofile'], source: (file) => `. ${file}` },
  { name: 'bash -eu -o pipefail', shell: 'posix', program: onPath('bash'), args: ['--norc', '--noprofile', '-eu', '-o', 'pipefail'], source: (file) => `source ${file}` },
  { name: 'bash --posix', shell: 'posix', program: onPath('bash'), args: ['--norc', '--noprofile', '--posix'], source: (file) => `. ${file}` },
  { name: 'zsh', shell: 'posix', program: onPath('zsh'), args: ['-f'], source: (file) => `. ${file}` },
  { name: 'zsh -eu', shell: 'posix', program: onPath('zsh'), args: ['-f', '-e', '-u'], source: (file) => `source ${file}` },
  { name: 'fish', shell: 'fish', program: onPath('fish'), args: ['--no-config'], source: (file) => `source ${file}` },
  { name: 'pwsh', shell: 'powershell', program: onPath('pwsh'), args: ['-NoProfile', '-File'], source: (file) => `. ${file}` },
  { name: 'nu', shell: 'nu', program: onPath('nu'), args: ['--no-config-file'], source: (file) => `source ${file}` },
];

/** Why a shell is not tested, in the test's own name. */
export const named = (shell: RealShell): string => (shell.program === undefined ? `${shell.name} (skipped: not on this machine)` : shell.name);

export interface ShellRun {
  /** One environment for each DUMP, as a child of the shell sees it. */
  readonly dumps: readonly ReadonlyMap<string, string>[];
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** A line that lets a child of the shell print its environment. */
export const DUMP = '/usr/bin/env -0';
const MARK = `${DUMP} WASIENV_TEST_MARK=end`;

/** What shells themselves change from command to command. */
const OF_THE_SHELL = new Set(['_', 'WASIENV_TEST_MARK', 'SHLVL', 'OLDPWD', 'PWD', 'LAST_EXIT_CODE', 'CMD_DURATION_MS']);

/** Runs a script in a real shell. Every line that is DUMP prints an environment. */
export function runScript({ program, args }: RealShell, lines: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): ShellRun {
  if (program === undefined) throw new Error('this shell is not here');
  const work = mkdtempSync(path.join(tmpdir(), 'wasienv-shell-'));
  try {
    const file = path.join(work, 'script.ps1');
    writeFileSync(file, `${lines.map((line) => (line === DUMP ? MARK : line)).join('\n')}\n`);
    const { status, stdout, stderr, error } = spawnSync(program, [...args, file], { cwd: cwd ?? work, env: { HOME: work, ...env }, encoding: 'buffer', maxBuffer: 1 << 28 });
    if (error !== undefined) throw error;
    const dumps: ReadonlyMap<string, string>[] = [];
    let current = new Map<string, string>();
    for (const entry of stdout.toString('utf8').split('\0')) {
      const at = entry.indexOf('=');
      if (at < 0) continue;
      const name = entry.slice(0, at);
      if (!OF_THE_SHELL.has(name)) current.set(name, entry.slice(at + 1));
      if (name === 'WASIENV_TEST_MARK') {
        dumps.push(current);
        current = new Map();
      }
    }
    return { dumps, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8'), code: status };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
