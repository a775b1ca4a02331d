// Single values between slots and JavaScript, by their bits: an i32 or f32 is a number (its bits as a signed word), an i64 or
// f64 a bigint (signed), a vector sixteen bytes, a reference itself. For places where speed is not the point and no bit may
// be lost: exceptions, fields, globals, the test suite.
import { Type, type ValueType } from '../types.js';
import { HALVES, I32, I64, REFS } from './machine.js';

/** See above. */
export type Bits = unknown;

export const slotsOfType = (type: ValueType): number => (type === Type.V128 ? 2 : 1);
export const slotsOfTypes = (types: readonly ValueType[]): number => types.reduce((sum, type) => sum + slotsOfType(type), 0);

export function readSlot(type: ValueType, slot: number): Bits {
  switch (type) {
    case Type.I32: case Type.F32: return I32[slot];
    case Type.I64: case Type.F64: return I64[slot];
    case Type.V128: return new Uint8Array(HALVES.slice(2 * slot, 2 * slot + 4).buffer);
    default: return REFS[slot];
  }
}

export function writeSlot(type: ValueType, slot: number, bits: Bits): void {
  switch (type) {
    case Type.I32: case Type.F32: I32[slot] = bits as number; return;
    case Type.I64: case Type.F64: I64[slot] = bits as bigint; return;
    case Type.V128: HALVES.set(new Int32Array((bits as Uint8Array).slice().buffer), 2 * slot); return;
    default: REFS[slot] = bits;
  }
}

/** Values in adjacent slots. */
export function readSlots(types: readonly ValueType[], base: number): Bits[] {
  let slot = base;
  return types.map((type) => {
    const bits = readSlot(type, slot);
    slot += slotsOfType(type);
    return bits;
  });
}

/** Returns the slot behind the last. */
export function writeSlots(types: readonly ValueType[], base: number, values: readonly Bits[]): number {
  let slot = base;
  types.forEach((type, index) => {
    writeSlot(type, slot, values[index]);
    slot += slotsOfType(type);
  });
  return slot;
}
