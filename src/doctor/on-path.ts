// Looks along PATH the way a shell does, without running anything.
import { accessSync, constants, openSync, readSync, closeSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../base/surroundings.js';

/** Every program of this name, in the order of PATH. Relative and empty elements of PATH are passed over. */
export function findOnPath(name: string, env: Environment, platform: NodeJS.Platform): string[] {
  const windows = platform === 'win32';
  const variable = windows ? Object.keys(env).find((key) => key.toUpperCase() === 'PATH') : 'PATH';
  const directories = (variable === undefined ? '' : (env[variable] ?? '')).split(windows ? ';' : ':').filter((directory) => path.isAbsolute(directory));
  const endings = windows ? ['.exe', '.cmd', '.bat'] : [''];
  const found = directories.flatMap((directory) => endings.map((ending) => path.join(directory, name + ending))).filter(isProgram);
  return [...new Set(found)];
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first line of a script, `''` for anything else. */
export function interpreterLine(file: string): string {
  const bytes = Buffer.alloc(256);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const length = readSync(descriptor, bytes, 0, bytes.length, 0);
    const line = bytes.subarray(0, length).toString('latin1').split('\n', 1)[0]!;
    return line.startsWith('#!') ? line : '';
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
