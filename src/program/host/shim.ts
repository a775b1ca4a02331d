// In the host's engine whatever a function of ours throws can be caught by the program (`catch_all`, which C++ clean-up
// is made of): an exit would be one more exception. In the interpreter it cannot. So the program imports functions of a
// small module of its own, which call ours; when one of ours has thrown, its counterpart traps, and nothing catches a trap.
import type { Wasi } from '../../wasi/index.js';
import { ByteWriter } from '../../wasm/binary/writer.js';
import type { Module } from '../../wasm/index.js';
import { formatType, type FunctionType } from '../../wasm/types.js';
import { webAssembly } from './web-assembly.js';

/** No errno: what our side answers when the program must stop. */
const STOP = -1;
/** Its name stands in the stack of V8, by which its calls are told from the program's. */
export const SHIM_NAME = 'wasienv-counter';

/** As many calls as the interpreter shows of a stack, and those of ours around them. */
export const FRAMES_KEPT = 120;

type Functions = Wasi['imports'];
type Import = Functions[string][string];

export interface Uncatchable {
  readonly imports: Functions;
  /** What one of our functions threw, when that has ended the program. */
  readonly failure: () => { readonly error: unknown } | undefined;
}

/** A function that a module imports, as data that can be sent to another thread. */
export interface WantedFunction {
  readonly module: string;
  readonly name: string;
  /** Codes of the binary format. */
  readonly params: readonly number[];
  readonly results: readonly number[];
}

/** Each function once, however often it is imported. */
export function wantedFunctions(module: Module): WantedFunction[] {
  const wanted = new Map<string, WantedFunction>();
  for (const { module: from, name, description } of module.imports) {
    const type = description.kind === 'func' ? module.types[description.typeIndex]!.composite : undefined;
    if (type?.kind === 'func') wanted.set(`${from} ${name}`, { module: from, name, params: codesOf(type.params), results: codesOf(type.results) });
  }
  return [...wanted.values()];
}

/** The functions a module imports, in a form from which nothing thrown can be caught by it. */
export function uncatchable(rows: readonly WantedFunction[], functions: Functions): Uncatchable {
  let failure: { readonly error: unknown } | undefined;
  const guarded = rows.map(({ module, name }) => functions[module]![name]!).map((run) => (...args: (number | bigint)[]): number => {
    if (failure !== undefined) return STOP;
    try {
      return run(...args);
    } catch (error) {
      failure = { error };
      return STOP;
    }
  });
  const { exports } = new webAssembly.Instance(new webAssembly.Module(shim(rows)), { f: Object.fromEntries(guarded.entries()) });
  const imports: Record<string, Record<string, Import>> = {};
  rows.forEach(({ module: from, name }, index) => ((imports[from] ??= {})[name] = exports[index] as Import));
  return { imports, failure: () => failure };
}

const I32 = 0x7f;
const I64 = 0x7e;
const codesOf = (types: FunctionType['params']): number[] => types.map((type) => (formatType(type) === 'i64' ? I64 : I32));

/** For each type, an import `f` `N` with it that always has a result, and an export `N` of the type itself. */
function shim(types: readonly WantedFunction[]): Uint8Array {
  const writer = new ByteWriter(1 << 10);
  writer.bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: number, content: () => void) => {
    writer.byte(id);
    writer.sized(content);
  };
  const vector = (values: readonly number[]) => {
    writer.u32(values.length);
    writer.bytes(values);
  };
  const count = types.length;
  section(1, () => {
    writer.u32(2 * count);
    for (const { params, results } of types) {
      for (const result of [[I32], results]) {
        writer.byte(0x60);
        vector(params);
        vector(result);
      }
    }
  });
  section(2, () => {
    writer.u32(count);
    types.forEach((_, index) => {
      writer.name('f');
      writer.name(String(index));
      writer.byte(0x00);
      writer.u32(2 * index);
    });
  });
  section(3, () => {
    writer.u32(count);
    types.forEach((_, index) => writer.u32(2 * index + 1));
  });
  section(7, () => {
    writer.u32(count);
    types.forEach((_, index) => {
      writer.name(String(index));
      writer.byte(0x00);
      writer.u32(count + index);
    });
  });
  section(10, () => {
    writer.u32(count);
    types.forEach(({ params, results }, index) => {
      writer.sized(() => {
        writer.bytes([0x01, 0x01, I32]); // one local, the answer
        params.forEach((_, param) => writer.bytes([0x20, param])); // local.get
        writer.byte(0x10); // call
        writer.u32(index);
        writer.bytes([0x22, params.length, 0x41, 0x7f, 0x46]); // local.tee; i32.const -1; i32.eq
        writer.bytes([0x04, 0x40, 0x00, 0x0b]); // if unreachable end
        if (results.length > 0) writer.bytes([0x20, params.length]);
        writer.byte(0x0b);
      });
    });
  });
  section(0, () => {
    writer.name('name');
    writer.byte(0x00); // subsection: the module's name
    writer.sized(() => writer.name(SHIM_NAME));
  });
  return writer.take();
}
