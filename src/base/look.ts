// Looks at the disk and along PATH without complaint: what is not there, or may not be looked at, is simply not found.
// Starts nothing, writes nothing.
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from './surroundings.js';

/** The names in a directory, in no order; none where there is no such directory. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

export function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
  } catch {
    return false;
  }
}

/** A file that this user may start. Windows tells programs by their endings, and not here. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return isFile(file);
  } catch {
    return false;
  }
}

/** Where a path leads, links followed. */
export function realPath(file: string): string | undefined {
  try {
    return realpathSync(file);
  } catch {
    return undefined;
  }
}

/** What PATH is called in an environment. Windows does not care about case, but a copy of its environment does. */
export function pathVariable(env: Environment, platform: NodeJS.Platform): string {
  return (platform === 'win32' ? Object.keys(env).find((name) => name.toUpperCase() === 'PATH') : undefined) ?? 'PATH';
}

/** The entries of PATH in their order, without empty ones. */
export function pathEntries(env: Environment, platform: NodeJS.Platform): string[] {
  return (env[pathVariable(env, platform)] ?? '').split(platform === 'win32' ? ';' : ':').filter((directory) => directory !== '');
}

/** The same without relative ones: those mean something else in every directory, so nothing is adopted from them. */
export function pathDirectories(env: Environment, platform: NodeJS.Platform): string[] {
  const { isAbsolute } = platform === 'win32' ? path.win32 : path.posix;
  return pathEntries(env, platform).filter((directory) => isAbsolute(directory));
}
