// From bytes to a module that can be run as a program: everything that can be wrong before a line of it runs. Pure.
// Past the engine's front door, by file: behind it stand the text format and the encoder, which no run needs.
import { decode } from '../wasm/binary/decode.js';
import type { Module } from '../wasm/index.js';
import { looksLikeText } from '../wasm/module-form.js';
import { formatType } from '../wasm/types.js';
import { validate } from '../wasm/validate/validate.js';
import { aboutFile, noStartError, threadsError, unmetImportsError } from './errors.js';
import { isSharedMemory, isThreadSpawn, unmetImports } from './imports.js';

/** A valid module. Throws E_NOT_WASM, E_COMPONENT, E_DECODE, E_INVALID, E_LIMIT, with the file's name. */
export function loadModule(bytes: Uint8Array, name: string): Module {
  try {
    const module = decode(bytes);
    validate(module);
    return module;
  } catch (error) {
    throw aboutFile(name, error);
  }
}

/** Like `loadModule`, from binary or text; throws E_PARSE besides. The parser is loaded for text alone. */
export async function loadModuleOrText(bytes: Uint8Array, name: string): Promise<Module> {
  if (!looksLikeText(bytes)) return loadModule(bytes, name);
  const [{ parse }, { excerptRows }] = await Promise.all([import('../wasm/text/parse.js'), import('../wasm/text/errors.js')]);
  try {
    const module = parse(bytes);
    validate(module);
    return module;
  } catch (error) {
    throw aboutFile(name, error, excerptRows(bytes, error));
  }
}

/**
 * Whether a module is a WASI command that can be given all it wants. Throws E_LINK for imports that no program can be
 * given, all of them at once; E_NO_START for a module that is no command.
 */
export function requireCommand(module: Module, name: string): void {
  const unmet = unmetImports(module);
  if (unmet.length > 0) throw unmetImportsError(name, unmet);
  requireThreadStart(name, module);
  requireStart(name, module);
}

/** Of a module that starts threads: what they share must come from outside, and there must be something they begin with. */
function requireThreadStart(name: string, module: Module): void {
  if (!module.imports.some(isThreadSpawn)) return;
  if (!module.imports.some(isSharedMemory)) throw threadsError(name, 'its memory is its own and would not be shared');
  const start = module.exports.find((each) => each.name === 'wasi_thread_start');
  const type = start?.kind === 'func' ? functionType(module, start.index) : undefined;
  if (type !== 'i32 i32 ->') throw threadsError(name, `it has no function \`wasi_thread_start\` with two parameters i32${type === undefined ? '' : ' and no result'}, in which a thread begins`);
}

function functionType(module: Module, index: number): string | undefined {
  const imported = module.imports.flatMap(({ description }) => (description.kind === 'func' ? [description.typeIndex] : []));
  const composite = module.types[imported[index] ?? module.functions[index - imported.length]!]?.composite;
  return composite?.kind === 'func' ? [...composite.params.map((type) => formatType(type)), '->', ...composite.results.map((type) => formatType(type))].join(' ') : undefined;
}

function requireStart(name: string, module: Module): void {
  const start = module.exports.find((each) => each.name === '_start');
  const imported = module.imports.filter(({ description }) => description.kind === 'func').length;
  const type = start?.kind === 'func' && start.index >= imported ? module.types[module.functions[start.index - imported]!]?.composite : undefined;
  if (type?.kind === 'func' && type.params.length === 0 && type.results.length === 0) return;
  throw noStartError(name, {
    reactor: start === undefined && module.exports.some((each) => each.name === '_initialize'),
    wrongStart: start !== undefined,
    functionExports: module.exports.filter(({ kind }) => kind === 'func').map((each) => each.name),
  });
}
