// The WASI runtimes of this machine: what each can run. None is needed: `wasienv run` is one itself.
import { realpathSync } from 'node:fs';
import { spawn } from '../base/spawn.js';
import type { Saying } from './saying.js';
import type { DoctorContext } from './context.js';
import { findOnPath } from './on-path.js';

interface Runtime {
  readonly program: string;
  readonly version: readonly string[];
  readonly runs: string;
}

const RUNTIMES: readonly Runtime[] = [
  { program: 'wasmtime', version: ['--version'], runs: 'preview 1 and components; preview 0 until version 13' },
  { program: 'wasmer', version: ['--version'], runs: 'preview 0 and 1, and WASIX' },
  { program: 'wasmedge', version: ['--version'], runs: 'preview 1, with sockets of its own' },
  { program: 'wazero', version: ['version'], runs: 'preview 1' },
  { program: 'iwasm', version: ['--version'], runs: 'preview 1, as far as it was built with it' },
  { program: 'wasm3', version: ['--version'], runs: 'preview 0 and 1 of one module, without threads' },
  { program: 'wasm-interp', version: ['--version'], runs: 'modules; preview 1 with --wasi, as far as it was built with it' },
];

const PATIENCE_MS = 5000;

export async function checkRuntimes({ env, platform, signal }: DoctorContext): Promise<readonly Saying[]> {
  const found = RUNTIMES.flatMap((runtime) => onceEach(findOnPath(runtime.program, env, platform)).map((file) => ({ ...runtime, file })));
  if (found.length === 0) return [{ status: 'ok', text: 'none beside `wasienv run`, and none is needed' }];
  return Promise.all(found.map(async ({ program, file, version, runs }): Promise<Saying> => {
    const about = { id: `runtime:${file}`, title: program };
    const { exitCode, stdout, stderr } = await spawn(file, version, { env, timeoutMs: PATIENCE_MS, signal });
    const line = (stdout || stderr).split('\n', 1)[0]!.trim();
    if (exitCode !== 0 || line === '') {
      return { ...about, status: 'note', text: `${file} does not start`, cause: line === '' ? 'it said nothing' : `it said: ${line}`, next: '`wasienv run FILE` needs no other runtime' };
    }
    return { ...about, status: 'ok', text: `${file} (${line}) runs ${runs}; cargo, ctest and the rest are given \`wasienv run\`` };
  }));
}

/** /bin and /usr/bin are one directory on many machines. */
function onceEach(files: readonly string[]): string[] {
  const seen = new Set<string>();
  return files.filter((file) => {
    const real = realpathSync(file);
    return !seen.has(real) && seen.add(real);
  });
}
