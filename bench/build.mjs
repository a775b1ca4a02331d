// Builds the kernels with the installed toolchain. What cannot be built here is missing with its reason.
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fetchLua } from './fetch.mjs';
import { CLI, output } from './processes.mjs';

const source = (name) => path.join(import.meta.dirname, 'kernels', name);
const cc = (...args) => output(process.execPath, [CLI, 'cc', ...args]);
const BARE = ['-O2', '-nostdlib', '-mbulk-memory', '-Wl,--no-entry,--export-all'];

const MODULES = {
  engine: (file) => cc(...BARE, '-o', file, source('engine.c')),
  simd: (file) => cc(...BARE, '-msimd128', '-o', file, source('simd.c')),
  text: (file) => cc('-O2', '-o', file, source('text.c')),
  hello: (file) => cc('-O2', '-o', file, source('hello.c')),
  lua: buildLua,
};

/** A module whose export `run` calls one kernel, for programs that call functions without arguments only. */
export function buildRun({ name, module, size }, directory) {
  const file = path.join(directory, `run-${name}.wasm`);
  cc(...BARE.slice(0, -1), '-Wl,--no-entry,--export=run', ...(module === 'simd' ? ['-msimd128'] : []), `-DRUN=${name}(${size})`, '-o', file, source(`${module}.c`));
  return file;
}

/** -> `{ files: { module: path }, missing: { module: reason } }` for the modules asked for. */
export function build(modules, directory) {
  const files = {};
  const missing = {};
  for (const name of new Set(modules)) {
    const file = path.join(directory, `${name}.wasm`);
    try {
      MODULES[name](file, directory);
      files[name] = file;
    } catch (error) {
      missing[name] = reasonOf(error);
    }
  }
  return { files, missing };
}

/** The line that says most: of a compiler, that with `error`. */
function reasonOf({ message }) {
  const lines = message.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /\berror\b/.test(line)) ?? lines[0] ?? 'unknown').slice(0, 200);
}

/** Without files, processes and errors, so without setjmp. */
function buildLua(file, directory) {
  const tree = path.join(fetchLua(directory), 'src');
  const stand = path.join(directory, 'lua-stand-in');
  mkdirSync(stand);
  writeFileSync(path.join(stand, 'setjmp.h'), 'typedef int jmp_buf;\n');
  const left = new Set(['lua.c', 'luac.c', 'liolib.c', 'loslib.c', 'linit.c', 'loadlib.c', 'ldblib.c']);
  const sources = readdirSync(tree).filter((name) => name.endsWith('.c') && !left.has(name)).map((name) => path.join(tree, name));
  const defines = ['-DLUAI_THROW(L,c)=abort()', '-DLUAI_TRY(L,c,a)={ a }', '-Dluai_jmpbuf=int', '-D_WASI_EMULATED_SIGNAL', '-D_WASI_EMULATED_PROCESS_CLOCKS'];
  cc('-O2', '-w', `-I${stand}`, `-I${tree}`, ...defines, '-o', file, source('lua-script.c'), ...sources, '-lwasi-emulated-signal', '-lwasi-emulated-process-clocks');
  rmSync(stand, { recursive: true });
  if (!existsSync(file)) throw new Error('the compiler left no module');
}
