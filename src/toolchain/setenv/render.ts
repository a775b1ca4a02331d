// The list of variables in the tongue of each shell; one row a shell.
import path from 'node:path';
import { posixQuote } from '../../base/quote.js';
import { renderCmd } from './cmd.js';
import { renderFish } from './fish.js';
import { renderNu } from './nu.js';
import { renderPosix } from './posix.js';
import { renderPowershell } from './powershell.js';
import { fishQuote, nuQuote, powershellQuote } from './quote.js';
import type { ToolEnvironment } from './variables.js';

export const SHELLS = ['posix', 'fish', 'powershell', 'cmd', 'nu'] as const;
export type Shell = (typeof SHELLS)[number];

interface Row {
  /** The file in the home's `env` directory. */
  readonly file: string;
  /** How a person reads a file. */
  readonly use: (file: string) => string;
  readonly render: (environment: ToolEnvironment, title: string, directory?: string) => string;
}

const plainOr = (quote: (value: string) => string, file: string): string => (/^[\w./:\\-]+$/.test(file) ? file : quote(file));

export const SHELL_TABLE: Readonly<Record<Shell, Row>> = {
  posix: { file: 'setenv.sh', use: (file) => `. ${plainOr(posixQuote, file)}`, render: renderPosix },
  fish: { file: 'setenv.fish', use: (file) => `source ${plainOr(fishQuote, file)}`, render: renderFish },
  powershell: { file: 'setenv.ps1', use: (file) => `. ${plainOr(powershellQuote, file)}`, render: renderPowershell },
  cmd: { file: 'setenv.cmd', use: (file) => `call "${file}"`, render: renderCmd },
  nu: { file: 'setenv.nu', use: (file) => `source ${plainOr(nuQuote, file)}`, render: renderNu },
};

/** The line to type that reads the script in `directory`. */
export function useLine(shell: Shell, directory: string, platform: NodeJS.Platform): string {
  const { file, use } = SHELL_TABLE[shell];
  return use((platform === 'win32' ? path.win32 : path.posix).join(directory, file));
}

/** A script that sets the environment and can undo it. `title` is its first line. Pure. */
export function renderEnvironment(shell: Shell, environment: ToolEnvironment, title: string): string {
  return SHELL_TABLE[shell].render(environment, title);
}

/**
 * The scripts a home holds, by file name. `directory` is where they will lie. cmd is at home on Windows only.
 * Windows PowerShell takes a file without a byte order mark for the code page of the machine.
 */
export function environmentScripts(environment: ToolEnvironment, title: string, directory: string, platform: NodeJS.Platform): ReadonlyMap<string, string> {
  const shells = SHELLS.filter((shell) => shell !== 'cmd' || platform === 'win32');
  return new Map(shells.map((shell) => {
    const { file, render } = SHELL_TABLE[shell];
    return [file, `${shell === 'powershell' ? '\ufeff' : ''}${render(environment, title, directory)}`];
  }));
}
