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
  ['atomic.wake', 'memory.atomic.notify'],
  ['memory.drop', 'data.drop'],
  ['table.drop', 'elem.drop'],
  ['v8x16.shuffle', 'i8x16.shuffle'],
  ['v8x16.swizzle', 'i8x16.swizzle'],
  ['i8x16.any_true', 'v128.any_true'],
  ['i16x8.any_true', 'v128.any_true'],
  ['i32x4.any_true', 'v128.any_true'],
  ['i16x8.load8x8_s', 'v128.load8x8_s'],
  ['i16x8.load8x8_u', 'v128.load8x8_u'],
  ['i32x4.load16x4_s', 'v128.load16x4_s'],
  ['i32x4.load16x4_u', 'v128.load16x4_u'],
  ['i64x2.load32x2_s', 'v128.load32x2_s'],
  ['i64x2.load32x2_u', 'v128.load32x2_u'],
  ['v8x16.load_splat', 'v128.load8_splat'],
  ['v16x8.load_splat', 'v128.load16_splat'],
  ['v32x4.load_splat', 'v128.load32_splat'],
  ['v64x2.load_splat', 'v128.load64_splat'],
  ['extern.externalize', 'extern.convert_any'],
  ['extern.internalize', 'any.convert_extern'],
]);

/** Today's spelling of `keyword`, when it is an old one: `get_local` -> `local.get`, `i32.trunc_s:sat/f64` -> `i32.trunc_sat_f64_s`. */
export function todaysName(keyword: string): string | undefined {
  const renamed = RENAMED.get(keyword);
  if (renamed !== undefined) return renamed;
  // `i32x4.widen_low_i16x8_s`, `i16x8.sub_saturate_u`.
  const modern = keyword.replace('.widen_', '.extend_').replace(/_saturate_([su])$/, '_sat_$1');
  if (modern !== keyword) return modern;
  // `i32.trunc_s/f32`, `f64.convert_u/i64`, `i32x4.trunc_u:sat/f32x4`, `f32x4.convert_s/i32x4`.
  const [, type, operation, sign, saturating, operand] = /^(\w+)\.(trunc|convert)_([su])(:sat)?\/(\w+)$/.exec(keyword) ?? [];
  if (operation === undefined) return undefined;
  return `${type}.${operation}${saturating === undefined ? '' : '_sat'}_${operand}_${sign}`;
}
