// Spellings of drafts before 1.0 and of proposals that were renamed. Old tutorials and tools still print them, so the
// parser knows what they are called today. A rename takes the same operands; what changed its meaning is not a rename.

const RENAMED: ReadonlyMap<string, string> = new Map([
  ['get_local', 'local.get'],
  ['set_local', 'local.set'],
  ['tee_local', 'local.tee'],
  ['get_global', 'global.get'],
  ['set_global', 'global.set'],
  ['current_memory', 'memory.size'],
  ['grow_memory', 'memory.grow'],
  ['anyfunc', 'funcref'],
  ['i32.wrap/i64', 'i32.wrap_i64'],
  ['i64.extend_s/i32', 'i64.extend_i32_s'],
  ['i64.extend_u/i32', 'i64.extend_i32_u'],
  ['f32.demote/f64', 'f32.demote_f64'],
  ['f64.promote/f32', 'f64.promote_f32'],
  ['i32.reinterpret/f32', 'i32.reinterpret_f32'],
  ['i64.reinterpret/f64', 'i64.reinterpret_f64'],
  ['f32.reinterpret/i32', 'f32.reinterpret_i32'],
  ['f64.reinterpret/i64', 'f64.reinterpret_i64'],
  ['atomic.notify', 'memory.atomic.notify'],
  ['i32.atomic.wait', 'memory.atomic.wait32'],
  ['i64.atomic.wait', 'memory.atomic.wait64'],
  ['extern.externalize', 'extern.convert_any'],
  ['extern.internalize', 'any.convert_extern'],
]);

/** Today's spelling of `keyword`, when it is an old one: `get_local` -> `local.get`, `i32.trunc_s:sat/f64` -> `i32.trunc_sat_f64_s`. */
export function todaysName(keyword: string): string | undefined {
  const renamed = RENAMED.get(keyword);
  if (renamed !== undefined) return renamed;
  // `i32.trunc_s/f32`, `f64.convert_u/i64`, `i32x4.trunc_u:sat/f32x4`, `f32x4.convert_s/i32x4`.
  const [, type, operation, sign, saturating, operand] = /^(\w+)\.(trunc|convert)_([su])(:sat)?\/(\w+)$/.exec(keyword) ?? [];
  if (operation === undefined) return undefined;
  return `${type}.${operation}${saturating === undefined ? '' : '_sat'}_${operand}_${sign}`;
}
