// Files that hold modules, as the commands that look inside read and write them: `-` is a standard stream, and what goes
// to a file is complete before the first byte of it is written.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import type { Surroundings } from '../base/surroundings.js';
import { unreadableFile, unwritableFile } from './errors.js';

/** What to call standard input in messages. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

export async function readModuleFile(file: string, surroundings: Surroundings): Promise<Uint8Array> {
  if (file === '-') {
    const chunks: Uint8Array[] = [];
    for await (const chunk of surroundings.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }
  try {
    return readFileSync(file);
  } catch (thrown) {
    throw unreadableFile(file, thrown as NodeJS.ErrnoException, 'give the path of a .wat or .wasm file, or `-` for standard input');
  }
}

/** Writes all parts to a file, or to stdout for `-`. */
export async function writeParts(file: string, parts: readonly (string | Uint8Array)[], surroundings: Surroundings): Promise<void> {
  if (file === '-') {
    for (const part of parts) if (!surroundings.stdout.write(part)) await drained(surroundings);
    return;
  }
  try {
    const descriptor = openSync(file, 'w');
    try {
      for (const part of parts) {
        const bytes = typeof part === 'string' ? Buffer.from(part) : part;
        for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (thrown) {
    throw unwritableFile(file, thrown as NodeJS.ErrnoException, '-o');
  }
}

/** Resolves when stdout takes more, or its reader has gone. */
export function drained({ stdout }: Surroundings): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stdout.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done).on('error', done);
  });
}

/** `dir/first.wat` -> `first.wasm`, in the current directory, as `wasienv cc` names its output. */
export function binaryNameOf(file: string): string {
  const { name } = path.parse(file);
  return `${name}.wasm`;
}
