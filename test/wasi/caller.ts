// Scripts for guests/caller.c: a table of calls becomes a real program's, compiled once for each snapshot and run on
// every engine. What each statement said comes back, errnos by name.
import path from 'node:path';
import fs from 'node:fs';
import { compileGuest } from '../support/toolchain.js';
import type { WasiOptions } from '../../src/wasi/index.js';
import { collector, nameOf } from './support.js';
import type { Engine } from './engines.js';

export type Snapshot = 'wasi_snapshot_preview1' | 'wasi_unstable';

const compiled = new Map<Snapshot, Uint8Array>();

/** To be awaited once before scripts are run. */
export async function compileCaller(snapshot: Snapshot = 'wasi_snapshot_preview1'): Promise<void> {
  const flags = [`-DMODULE="${snapshot}"`, ...(snapshot === 'wasi_unstable' ? ['-DPREVIEW0'] : [])];
  const file = path.join(import.meta.dirname, 'guests', 'caller.c');
  compiled.set(snapshot, fs.readFileSync(await compileGuest({ file }, { args: ['-O1', '-nostdlib', '-fno-builtin', '-Wl,--initial-memory=4194304', ...flags] })));
}

const LOOKS = new Set(['show', 'u8', 'u16', 'u32', 'u64']);
const SILENT = new Set(['poke8', 'poke32', 'poke64', 'times']);

export interface ScriptOptions extends Partial<WasiOptions> {
  readonly snapshot?: Snapshot;
  /** How often the statements after the first `times` ran. */
  readonly times?: number;
}

/**
 * Runs a script: what each statement said. An errno is its name (`badf`), what was looked at is as shown. What the guest
 * itself wrote to standard output would stand between; scripts write elsewhere.
 */
export function runScript(engine: Engine, script: readonly string[], { snapshot = 'wasi_snapshot_preview1', times = 1, ...options }: ScriptOptions = {}): string[] {
  const stdout = collector();
  const code = engine.run(compiled.get(snapshot)!, {
    args: ['caller.wasm', script.join('\n')], env: {}, stdin: { read: () => 0 }, stdout, stderr: collector(), preopens: [], ...options,
  });
  if (code !== 0) return [`exit ${code}`];
  const words = script.map((line) => line.split(' ', 1)[0]!);
  const repeated = words.indexOf('times') + 1;
  const said = [...words.slice(0, repeated), ...Array.from({ length: times }, () => words.slice(repeated)).flat()].filter((word) => !SILENT.has(word));
  const lines = stdout.text().split('\n').slice(0, -1);
  if (lines.length !== said.length) throw new Error(`the guest said ${lines.length} lines, not ${said.length}: ${lines.slice(0, 20).join(' | ')}`);
  return lines.map((line, index) => (LOOKS.has(said[index]!) ? line : nameOf(Number(line))));
}
