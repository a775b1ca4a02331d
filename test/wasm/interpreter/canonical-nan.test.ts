// A NaN that comes out of min and max is canonical, however often they run: V8's optimising compiler makes NaNs with all
// bits set of Math.min and Math.max (seen with Node 26), and may do so from one call to the next.
import { expect, test } from 'vitest';
import { instantiate } from '../../../src/wasm/instantiate.js';
import { parse } from '../../../src/wasm/text/parse.js';

const scalar = (type: 'f32' | 'f64', operation: string): string => {
  const [bits, wanted] = type === 'f32' ? ['i32', '0x7fc00000'] : ['i64', '0x7ff8000000000000'];
  const mask = type === 'f32' ? '0x7fffffff' : '0x7fffffffffffffff';
  return `(${bits}.ne (${bits}.const ${wanted}) (${bits}.and (${bits}.const ${mask}) (${bits}.reinterpret_${type} (${type}.${operation} (${type}.load (i32.const 0)) (${type}.load (i32.const 16))))))`;
};
const vector = (shape: string, lanes: string, operation: string): string => {
  const wanted = lanes === 'i32x4' ? '0x7fc00000 0x7fc00000 0x7fc00000 0x7fc00000' : '0x7ff8000000000000 0x7ff8000000000000';
  return `(i32.eqz (${lanes}.all_true (${lanes}.eq (v128.const ${lanes} ${wanted}) (${shape}.abs (${shape}.${operation} (v128.load (i32.const 0)) (v128.load (i32.const 16)))))))`;
};

const CASES: readonly (readonly [name: string, type: 'f32' | 'f64', code: string])[] = [
  ...(['f32', 'f64'] as const).flatMap((type) => ['min', 'max'].map((operation) => [`${type}.${operation}`, type, scalar(type, operation)] as const)),
  ...['min', 'max'].map((operation) => [`f32x4.${operation}`, 'f32', vector('f32x4', 'i32x4', operation)] as const),
  ...['min', 'max'].map((operation) => [`f64x2.${operation}`, 'f64', vector('f64x2', 'i64x2', operation)] as const),
];

test.each(CASES)('%s', (_, type, code) => {
  const nan = type === 'f32' ? '\\00\\00\\c0\\7f'.repeat(4) : '\\00\\00\\00\\00\\00\\00\\f8\\7f'.repeat(2);
  const { count } = instantiate(parse(`(module (memory 1) (data (i32.const 0) "${nan}") (data (i32.const 16) "${nan}")
    (func (export "count") (param $left i32) (result i32) (local $wrong i32)
      (loop $again
        (local.set $wrong (i32.add (local.get $wrong) ${code}))
        (br_if $again (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
      (local.get $wrong)))`)).exports as { count: (times: number) => number };
  for (let round = 0; round < 10; round++) expect(count(20_000)).toBe(0);
});
