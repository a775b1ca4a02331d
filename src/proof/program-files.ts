// Reads what stands in src/proof/programs: sources and expected output. The package ships that folder as it is.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProofProgram } from './catalogue.js';
import { unreadableProgram } from './errors.js';

/** From `src/proof` and from `dist/proof` alike. */
const DIRECTORY = fileURLToPath(new URL('../../src/proof/programs/', import.meta.url));

export interface ProgramFiles {
  readonly sources: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly expectedStdout: Uint8Array;
}

/** @throws E_FILE when the package is not complete. */
export function readProgramFiles(program: ProofProgram): ProgramFiles {
  return {
    sources: program.sources.map((name) => ({ name, bytes: read(name) })),
    expectedStdout: read(`${program.id}.stdout`),
  };
}

function read(name: string): Uint8Array {
  const file = path.join(DIRECTORY, name);
  try {
    return readFileSync(file);
  } catch (error) {
    throw unreadableProgram(file, error);
  }
}
