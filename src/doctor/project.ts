// The directory doctor was started in: what its project pins, what cargo is told there, and build directories of CMake
// that remember a compiler. Reads files; starts nothing, changes nothing.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { isObject, type Fields } from '../base/json.js';
import { shellQuote } from '../base/quote.js';
import { LOCK_FILE, PIN_FILE, findProject } from '../toolchain/project/pin.js';
import { selectCurrent, wishAt } from '../toolchain/project/select.js';
import { fromError, ok, type Saying } from './saying.js';
import type { DoctorContext } from './context.js';
import { findOnPath } from './on-path.js';

export async function checkProject(context: DoctorContext): Promise<readonly Saying[]> {
  const sayings = [...(await checkPin(context)), ...checkCargo(context), ...checkCMake(context)];
  return sayings.length > 0 ? sayings : [ok('nothing here asks for a version, or remembers one')];
}

async function checkPin({ cwd, env, home }: DoctorContext): Promise<readonly Saying[]> {
  const project = findProject(cwd);
  if (project === null && env['WASIENV_TOOLCHAIN'] === undefined) return [];
  const about = { id: 'project:pin', title: project?.lockFile ? LOCK_FILE : project?.pinFile ? PIN_FILE : 'WASIENV_TOOLCHAIN' };
  try {
    const wish = wishAt({ cwd, env });
    if (wish === null) return [];
    await selectCurrent(home(), { cwd, env });
    return [{ ...about, ...ok(`${wish.by} wants ${wish.components.map(({ name, wanted }) => `${name}@${wanted ?? 'stable'}`).join(', ')}: installed`) }];
  } catch (error) {
    return [{ ...about, ...fromError(error) }];
  }
}

/** Where cargo reads its configuration from, the nearest first. source: doc.rust-lang.org/cargo/reference/config.html */
function cargoFiles({ cwd, env, platform }: DoctorContext): string[] {
  const user = env[platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  const cargoHome = env['CARGO_HOME'] ?? (user === undefined || user === '' ? undefined : path.join(user, '.cargo'));
  const directories: string[] = [];
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    directories.push(path.join(directory, '.cargo'));
    if (path.dirname(directory) === directory) break;
  }
  if (cargoHome !== undefined) directories.push(cargoHome);
  const files = directories.map((directory) => ['config.toml', 'config'].map((name) => path.join(directory, name)).find((file) => existsSync(file)));
  return [...new Set(files.filter((file) => file !== undefined))];
}

const tableOf = (value: unknown): Fields => (isObject(value) ? value : {});

function checkCargo(context: DoctorContext): readonly Saying[] {
  return cargoFiles(context).flatMap((file): Saying[] => {
    const about = { id: `cargo-config:${file}`, title: 'cargo’s configuration' };
    let config: Fields;
    try {
      config = parse(readFileSync(file, 'utf8'));
    } catch (error) {
      return [{ ...about, status: 'warning', text: `${file} cannot be understood`, cause: (error as Error).message.split('\n')[0]!, next: 'correct it; cargo refuses it too' }];
    }
    const faults = cargoFaults(config, path.dirname(path.dirname(file)), context);
    return faults.map(({ text, cause, next }) => ({ ...about, status: 'warning', text: `${file}: ${text}`, cause, next }));
  });
}

/** `directory` is what cargo takes relative paths of programs from: the parent of `.cargo`. */
function cargoFaults(config: Fields, directory: string, { env, platform }: DoctorContext): { text: string; cause: string; next: string }[] {
  const faults: { text: string; cause: string; next: string }[] = [];
  const targets = tableOf(config['target']);
  const wasi = Object.entries(targets).filter(([name]) => /^wasm32-(?:unknown-)?wasi/.test(name));
  const names = [...wasi.map(([name]) => name), ...[tableOf(config['build'])['target']].flat().filter((name) => typeof name === 'string')];
  if (names.includes('wasm32-wasi')) {
    faults.push({
      text: 'names the target `wasm32-wasi`', cause: 'rustc 1.84 and newer know it as `wasm32-wasip1` only; rustc before 1.78 knows the old name only',
      next: '`wasienv cargo` understands either; for plain cargo write the name that `rustc --print target-list` has',
    });
  }
  for (const [name, value] of wasi) {
    const { linker, runner } = tableOf(value);
    const program = typeof runner === 'string' ? runner.split(/\s+/)[0] : Array.isArray(runner) ? String(runner[0]) : undefined;
    for (const [key, word] of [['linker', typeof linker === 'string' ? linker : undefined], ['runner', program]] as const) {
      if (word === undefined || word === '' || isThere(word, directory, env, platform)) continue;
      faults.push({
        text: `target.${name}.${key} is \`${word}\`, which is not on this machine`,
        cause: key === 'linker' ? 'linking for this target fails' : '`cargo run` and `cargo test` for this target fail',
        next: `take the line out: \`wasienv cargo\` sets the ${key} itself`,
      });
    }
  }
  return faults;
}

function isThere(word: string, directory: string, env: DoctorContext['env'], platform: NodeJS.Platform): boolean {
  return /[\\/]/.test(word) ? existsSync(path.resolve(directory, word)) : findOnPath(word, env, platform).length > 0;
}

/** This directory and those in it that hold a cache of CMake. */
function checkCMake({ cwd, home }: DoctorContext): readonly Saying[] {
  const directories = ['.', ...directoriesIn(cwd)].map((name) => path.resolve(cwd, name));
  return directories.flatMap((directory): Saying[] => {
    const file = path.join(directory, 'CMakeCache.txt');
    if (!existsSync(file)) return [];
    const cache = readFileSync(file, 'utf8');
    const gone = ['CMAKE_C_COMPILER', 'CMAKE_CXX_COMPILER', 'CMAKE_TOOLCHAIN_FILE', 'CMAKE_SYSROOT']
      .map((name) => [name, new RegExp(`^${name}:[A-Z]+=(.+)$`, 'm').exec(cache)?.[1]] as const)
      .find(([, value]) => value !== undefined && path.isAbsolute(value) && !existsSync(value));
    if (gone === undefined) return [];
    const [name, value] = gone;
    const ours = value!.startsWith(home() + path.sep);
    const place = path.relative(cwd, directory);
    return [{
      id: `cmake-cache:${file}`, title: 'build directory of CMake', status: 'warning', text: `${file} remembers ${name}=${value}, which is not there`,
      cause: ours ? 'that version was uninstalled, or the home moved; CMake never asks again for a compiler' : 'it was removed or moved; CMake never asks again for a compiler',
      next: `rm -r ${place === '' ? 'CMakeCache.txt CMakeFiles' : shellQuote(place)} && wasienv exec -- cmake -S . -B ${place === '' ? '.' : shellQuote(place)}`,
    }];
  });
}

function directoriesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules').map(({ name }) => name);
  } catch {
    return [];
  }
}
