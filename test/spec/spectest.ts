// The host module `spectest` that scripts import from. It is a module itself, so that its exports have the exact types
// the suite tests linking against; what prints is imported from JavaScript and so a function of the host all the same.
// spec: the reference interpreter's README, "Spectest host module"
import { instantiate, parse, validate, type Exports, type ExportValue } from './engine.js';

const PRINTERS = ['print', 'print_i32', 'print_i64', 'print_f32', 'print_f64', 'print_i32_f32', 'print_f64_f64'] as const;

const SPECTEST = `(module
  ${PRINTERS.map((name) => `(func (export "${name}") (import "host" "${name}") (param${name.slice('print'.length).replaceAll('_', ' ')}))`).join('\n  ')}
  (global (export "global_i32") i32 (i32.const 666))
  (global (export "global_i64") i64 (i64.const 666))
  (global (export "global_f32") f32 (f32.const 666.6))
  (global (export "global_f64") f64 (f64.const 666.6))
  (table (export "table") 10 20 funcref)
  (table (export "table64") i64 10 20 funcref)
  (memory (export "memory") 1 2))`;

/** Only the files of the threads proposal ask for it. */
const SHARED = '(module (memory (export "shared_memory") 1 2 shared))';

const load = (text: string, imports: Record<string, Exports>): Exports => {
  const module = parse(text);
  validate(module);
  return instantiate(module, imports);
};

export function makeSpectest(withThreads: boolean): Exports {
  const host: Record<string, ExportValue> = {};
  for (const name of PRINTERS) host[name] = () => undefined;
  const exports = load(SPECTEST, { host });
  return withThreads ? { ...exports, ...load(SHARED, {}) } : exports;
}
