// Values of scripts and of the engine: arguments to hand in, and whether a result is what the script expects.
// Everything is compared by bits; the two NaN patterns are those of the specification.
// spec: the reference interpreter's README, "Scripts"; syntax/values#canonical-nan
import { kindOfReference, type Value } from './engine.js';
import type { Constant, Expected, LaneShape, NanPattern } from '../../dist/wasm/text/script.js';

/** A value of the host, as `(ref.extern 7)` and `(ref.host 7)` mean it. Equal numbers are the same value. */
export class HostValue {
  private static readonly known = new Map<number, HostValue>();
  private constructor(readonly number: number) {}

  static of(number: number): HostValue {
    let value = HostValue.known.get(number);
    if (value === undefined) HostValue.known.set(number, (value = new HostValue(number)));
    return value;
  }
}

export function argumentOf(constant: Constant): Value {
  switch (constant.type) {
    case 'ref.null':
      return { type: 'ref', value: null };
    case 'ref.extern':
    case 'ref.host':
      return { type: 'ref', value: HostValue.of(constant.value) };
    default:
      return constant;
  }
}

/** Reference kinds that a pattern allows. `(ref.eq)` is any of the three that `eqref` has; all that `any` has can be seen from outside. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  func: ['func'], extern: ['extern', 'struct', 'array', 'i31'], exn: ['exn'], struct: ['struct'], array: ['array'], i31: ['i31'],
  eq: ['struct', 'array', 'i31'], any: ['struct', 'array', 'i31', 'extern'], null: ['null'],
};

export function matches(actual: Value, expected: Expected): boolean {
  switch (expected.type) {
    case 'either':
      return expected.options.some((option) => matches(actual, option));
    case 'i32':
      return actual.type === 'i32' && actual.value === expected.value;
    case 'i64':
      return actual.type === 'i64' && actual.value === expected.value;
    case 'f32':
      if (actual.type !== 'f32') return false;
      return 'nan' in expected ? isNan(BigInt(actual.bits >>> 0), 32, expected.nan) : actual.bits >>> 0 === expected.bits;
    case 'f64':
      if (actual.type !== 'f64') return false;
      return 'nan' in expected ? isNan(actual.bits, 64, expected.nan) : actual.bits === expected.bits;
    case 'v128':
      if (actual.type !== 'v128') return false;
      if ('bytes' in expected) return expected.bytes.every((byte, index) => byte === actual.bytes[index]);
      return expected.lanes.every((lane, index) => {
        const bits = laneBits(expected.shape);
        const found = laneOf(actual.bytes, index, bits);
        return typeof lane === 'bigint' ? found === lane : isNan(found, bits, lane);
      });
    case 'ref.null':
      return actual.type === 'ref' && actual.value === null;
    case 'ref.extern':
    case 'ref.host':
      return actual.type === 'ref' && actual.value === HostValue.of(expected.value);
    case 'ref':
      return actual.type === 'ref' && (KINDS[expected.kind]?.includes(kindOfReference(actual.value)) ?? false);
  }
}

function isNan(bits: bigint, width: number, pattern: NanPattern): boolean {
  const quiet = width === 32 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n;
  const magnitude = bits & ((1n << BigInt(width - 1)) - 1n);
  return pattern === 'nan:canonical' ? magnitude === quiet : (magnitude & quiet) === quiet;
}

const laneBits = (shape: LaneShape): number => Number(/\d+/.exec(shape)![0]);

function laneOf(bytes: Uint8Array, lane: number, bits: number): bigint {
  let value = 0n;
  for (let index = bits / 8 - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[(lane * bits) / 8 + index]!);
  return value;
}

const hex = (bits: bigint | number, digits: number): string => `0x${bits.toString(16).padStart(digits, '0')}`;

export function show(value: Value | Expected): string {
  if ('nan' in value) return `${value.type} ${value.nan}`;
  switch (value.type) {
    case 'i32': case 'i64':
      return `${value.type} ${value.value}`;
    case 'f32':
      return `f32 ${hex(value.bits >>> 0, 8)}`;
    case 'f64':
      return `f64 ${hex(value.bits, 16)}`;
    case 'v128':
      return `v128 ${'bytes' in value ? [...value.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ') : `${value.shape} ${value.lanes.join(' ')}`}`;
    case 'either':
      return value.options.map(show).join(' or ');
    case 'ref':
      return `ref.${'kind' in value ? value.kind : kindOfReference(value.value)}`;
    case 'ref.null':
      return 'ref.null';
    default:
      return `${value.type} ${value.value}`;
  }
}

export const showAll = (values: ReadonlyArray<Value | Expected>): string => (values.length === 0 ? 'nothing' : values.map(show).join(', '));
