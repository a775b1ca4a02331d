// Loads, stores, and moves of what is in memory. `at` is the address, below 2^33 and exact; whatever is out of bounds is left to
// the loop.
import { Group, Op } from '../../ops.js';
import { atomicText, atomicViews } from '../atomics.js';
import type { Instruction } from '../flow.js';
import { formatOf, placeWordOf } from '../formats.js';
import { constant, Variables } from './variables.js';

/** `i` or `u` and bytes of an access, from its operation. */
export const ACCESSES: Readonly<Partial<Record<Op, string>>> = {
  [Op.LOAD32]: 'u4', [Op.LOAD8_S]: 'i1', [Op.LOAD8_U]: 'u1', [Op.LOAD16_S]: 'i2', [Op.LOAD16_U]: 'u2',
  [Op.I64_LOAD8_S]: 'i1', [Op.I64_LOAD8_U]: 'u1', [Op.I64_LOAD16_S]: 'i2', [Op.I64_LOAD16_U]: 'u2', [Op.I64_LOAD32_S]: 'i4', [Op.I64_LOAD32_U]: 'u4',
  [Op.LOAD32_AT]: 'u4', [Op.LOAD8_U_AT]: 'u1',
  [Op.LOAD32_SUM]: 'u4', [Op.LOAD8_S_SUM]: 'i1', [Op.LOAD8_U_SUM]: 'u1', [Op.LOAD16_S_SUM]: 'i2', [Op.LOAD16_U_SUM]: 'u2',
  [Op.LOAD32_INDEX]: 'u4', [Op.LOAD8_U_INDEX]: 'u1', [Op.LOAD16_S_INDEX]: 'i2', [Op.LOAD16_U_INDEX]: 'u2',
  [Op.STORE32]: 'u4', [Op.STORE8]: 'u1', [Op.STORE16]: 'u2', [Op.I64_STORE8]: 'u1', [Op.I64_STORE16]: 'u2', [Op.I64_STORE32]: 'u4',
  [Op.STORE32_AT]: 'u4', [Op.STORE8_AT]: 'u1', [Op.STORE32_SUM]: 'u4', [Op.STORE8_SUM]: 'u1', [Op.STORE16_SUM]: 'u2',
  [Op.STORE32_K]: 'u4', [Op.STORE8_K]: 'u1',
};

const FIELDS: Readonly<Record<string, string>> = { M8: 'u8', M16: 'u16', M32: 'i32', MD: 'f64', limit: 'byteLength' };

export abstract class MemoryAccess extends Variables {
  /** Names of `FIELDS` that the text uses. */
  private readonly views = new Set<string>();

  /** What is read of the memory at the start, and again when it may have grown. */
  protected viewsText(keyword: string): string {
    if (this.views.size === 0) return '';
    return `${keyword}${[...this.views].map((view) => `${view}=memory.${FIELDS[view]}`).join(',')};`;
  }

  /** Of all instructions: before any text is made. */
  protected findMemoryViews(): void {
    for (const { op } of this.source.instructions) for (const view of viewsOf(op)) this.views.add(view);
  }

  /** `at`, checked. */
  private address(instruction: Instruction, bytes: number, isStore: boolean): string {
    const { op, words } = instruction;
    const base = isStore ? words[0]! : words[1]!;
    const format = formatOf(op)!;
    let at: string;
    if (format.length === 2) at = String((isStore ? words[0]! : words[1]!) >>> 0);
    else if (format === 'Sssk' || format === 'Dssk') at = `((i${words[1]}+i${words[2]})>>>0)+${words[3]! >>> 0}`;
    else if (format.endsWith('kk') && format !== 'skk') at = `((i${base}+${constant(words[3]!)})>>>0)+${words[2]! >>> 0}`;
    else at = `(i${base}>>>0)+${words[2]! >>> 0}`;
    return this.checked(at, bytes, instruction);
  }

  protected checked(address: string, bytes: number, instruction: Instruction): string {
    return `at=${address};if(at+${bytes}>limit)${this.leave(instruction)}`;
  }

  /** Undefined: no access to memory. */
  protected memoryText(instruction: Instruction): string | undefined {
    const { op, words } = instruction;
    const [d = 0, a = 0, b = 0, c = 0] = words;
    const kind = ACCESSES[op];
    if (kind !== undefined) return this.access(instruction, kind);
    switch (op) {
      case Op.LOAD64: case Op.LOAD64_AT: case Op.LOAD64_SUM:
        return `${this.address(instruction, 8, false)}${loadWords(d)}`;
      case Op.STORE64: case Op.STORE64_AT: case Op.STORE64_SUM:
        return `${this.address(instruction, 8, true)}${storeWords(a)}`;
      case Op.F64_LOAD: case Op.F64_LOAD_AT: case Op.F64_LOAD_SUM: case Op.F64_LOAD_INDEX: {
        const check = this.address(instruction, 8, false);
        if (!this.writesDouble(d)) return `${check}${loadWords(d)}`;
        return `${check}x=(at&7)===0?MD[at>>>3]:loadF64(M8,at);if(x!==x)${this.leave(instruction)}d${d}=x;`;
      }
      case Op.F64_STORE: case Op.F64_STORE_AT: case Op.F64_STORE_SUM: {
        const check = this.address(instruction, 8, true);
        return this.readsDouble(a) ? `${check}if((at&7)===0)MD[at>>>3]=d${a};else storeF64(M8,at,d${a});` : `${check}${storeWords(a)}`;
      }
      case Op.I32_ADD_LOAD: return `${this.checked(`(i${b}>>>0)+${c >>> 0}`, 4, instruction)}i${d}=(i${a}+((at&3)===0?M32[at>>>2]:load32(M8,at)))|0;`;
      case Op.F64_ADD_LOAD: case Op.F64_SUB_LOAD: case Op.F64_MUL_LOAD: {
        const sign = op === Op.F64_ADD_LOAD ? '+' : op === Op.F64_SUB_LOAD ? '-' : '*';
        return `${this.checked(`(i${b}>>>0)+${c >>> 0}`, 8, instruction)}${this.setD(d, `${this.d(a)}${sign}((at&7)===0?MD[at>>>3]:loadF64(M8,at))`)}`;
      }
      case Op.MEMORY_SIZE: return `i${d}=memory.size();`;
      case Op.MEMORY_GROW: return `i${d}=memories[${b}].grow(i${a}>>>0);${this.viewsText('')}`;
      default: return atomicText(op, words, this.leave(instruction));
    }
  }

  private access(instruction: Instruction, kind: string): string {
    const { op, words } = instruction;
    const format = formatOf(op)!;
    const isStore = !/^[SW]/.test(format);
    const bytes = Number(kind[1]);
    const check = this.address(instruction, bytes, isStore);
    if (isStore) {
      const value = format === 'skk' ? constant(words[1]!) : /w/.test(format) ? `l${words[1]}` : `i${words[1]}`;
      if (bytes === 1) return `${check}M8[at]=${value};`;
      return bytes === 2 ? `${check}if((at&1)===0)M16[at>>>1]=${value};else store16(M8,at,${value});` : `${check}if((at&3)===0)M32[at>>>2]=${value};else store32(M8,at,${value});`;
    }
    const raw = bytes === 1 ? 'M8[at]' : bytes === 2 ? '((at&1)===0?M16[at>>>1]:load16(M8,at))' : '((at&3)===0?M32[at>>>2]:load32(M8,at))';
    const value = kind[0] === 'i' && bytes < 4 ? `${raw}<<${32 - 8 * bytes}>>${32 - 8 * bytes}` : raw;
    if (format.startsWith('S')) return `${check}i${words[0]}=${value};`;
    return `${check}x=${value};l${words[0]}=x;h${words[0]}=${kind[0] === 'i' ? 'x>>31' : '0'};`;
  }
}

/** At a checked `at`. */
export const loadWords = (slot: number): string => `if((at&3)===0){l${slot}=M32[at>>>2];h${slot}=M32[(at>>>2)+1];}else{l${slot}=load32(M8,at);h${slot}=load32(M8,at+4);}`;
export const storeWords = (slot: number): string => `if((at&3)===0){M32[at>>>2]=l${slot};M32[(at>>>2)+1]=h${slot};}else{store32(M8,at,l${slot});store32(M8,at+4,h${slot});}`;

function viewsOf(op: Op): readonly string[] {
  const bytes = ACCESSES[op]?.[1];
  if (bytes !== undefined) return bytes === '1' ? ['M8', 'limit'] : bytes === '2' ? ['M8', 'M16', 'limit'] : ['M8', 'M32', 'limit'];
  switch (op) {
    case Op.I32_ADD_LOAD: case Op.LOAD64: case Op.LOAD64_AT: case Op.LOAD64_SUM: case Op.STORE64: case Op.STORE64_AT: case Op.STORE64_SUM: return ['M8', 'M32', 'limit'];
    case Op.F64_LOAD: case Op.F64_LOAD_AT: case Op.F64_LOAD_SUM: case Op.F64_LOAD_INDEX: case Op.F64_STORE: case Op.F64_STORE_AT: case Op.F64_STORE_SUM:
    case Op.F64_ADD_LOAD: case Op.F64_SUB_LOAD: case Op.F64_MUL_LOAD: return ['M8', 'M32', 'MD', 'limit'];
    default: return op >= Group.VECTOR && op < Group.ATOMIC && placeWordOf(op) !== undefined ? ['M8', 'M32', 'limit'] : atomicViews(op);
  }
}
