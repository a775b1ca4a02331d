// Attribute values, in the forms that DWARF 2 to 5 write them. spec: DWARF 5, section 7.5.6
import { Damaged, type Cursor } from './cursor.js';
import type { DebugSections, SectionName } from './sections.js';

/** What a form needs to know of the unit it is in. */
export interface FormContext {
  readonly sections: DebugSections;
  readonly version: number;
  readonly is64: boolean;
  readonly addressSize: number;
  /** Offset of the unit in `.debug_info`. */
  readonly start: number;
}

/** Kept apart from numbers: what they stand for depends on bases the unit's first entry tells, maybe behind them. */
export interface Indexed {
  readonly indexed: 'address' | 'text' | 'ranges';
  readonly index: number;
}
export type Value = number | string | Indexed | null;

/** Reads one value. References are offsets in `.debug_info`; null stands for what nobody here asks for, texts too unless `wanted`. */
export function readForm(cursor: Cursor, form: number, context: FormContext, wanted = true, implicit = 0): Value {
  const { sections, is64 } = context;
  // Some have no bytes of their own, and an entry may have a million of those.
  cursor.allowance.spend(1);
  switch (form) {
    case 0x01: return cursor.sized(context.addressSize);
    case 0x03: return skipped(cursor, cursor.u16());
    case 0x04: return skipped(cursor, cursor.u32());
    case 0x05: return cursor.u16();
    case 0x06: return cursor.u32();
    case 0x07: return cursor.u64();
    case 0x08: return wanted ? cursor.text() : cursor.skipText();
    case 0x09: return skipped(cursor, cursor.uleb());
    case 0x0a: return skipped(cursor, cursor.u8());
    case 0x0b: return cursor.u8();
    case 0x0c: return cursor.u8();
    case 0x0d: return cursor.sleb();
    case 0x0e: return pooled(sections, 'str', cursor.offset(is64), wanted);
    case 0x0f: return cursor.uleb();
    case 0x10: return context.version <= 2 ? cursor.sized(context.addressSize) : cursor.offset(is64);
    case 0x11: return context.start + cursor.u8();
    case 0x12: return context.start + cursor.u16();
    case 0x13: return context.start + cursor.u32();
    case 0x14: return context.start + cursor.u64();
    case 0x15: return context.start + cursor.uleb();
    case 0x16: return readForm(cursor, directForm(cursor.uleb()), context, wanted);
    case 0x17: return cursor.offset(is64);
    case 0x18: return skipped(cursor, cursor.uleb());
    case 0x19: return 1;
    case 0x1a: return { indexed: 'text', index: cursor.uleb() };
    case 0x1b: return { indexed: 'address', index: cursor.uleb() };
    case 0x1c: return skipped(cursor, 4);
    case 0x1d: return skipped(cursor, is64 ? 8 : 4);
    case 0x1e: return skipped(cursor, 16);
    case 0x1f: return pooled(sections, 'line_str', cursor.offset(is64), wanted);
    case 0x20: return skipped(cursor, 8);
    case 0x21: return implicit;
    case 0x22: return cursor.uleb();
    case 0x23: return { indexed: 'ranges', index: cursor.uleb() };
    case 0x24: return skipped(cursor, 8);
    case 0x25: case 0x26: case 0x27: case 0x28: return { indexed: 'text', index: cursor.sized(form - 0x24) };
    case 0x29: case 0x2a: case 0x2b: case 0x2c: return { indexed: 'address', index: cursor.sized(form - 0x28) };
    default: throw new Damaged(`attribute form 0x${form.toString(16)}`);
  }
}

const INDIRECT = 0x16;
const IMPLICIT = 0x21;
/** A form named beside its value can neither name another nor have a value that the abbreviation holds. */
function directForm(form: number): number {
  if (form === INDIRECT || form === IMPLICIT) throw new Damaged(`indirect form 0x${form.toString(16)}`);
  return form;
}

const pooled = (sections: DebugSections, name: SectionName, offset: number, wanted: boolean): string | null => (wanted ? sections.text(name, offset) : null);

function skipped(cursor: Cursor, size: number): null {
  cursor.skip(size);
  return null;
}
