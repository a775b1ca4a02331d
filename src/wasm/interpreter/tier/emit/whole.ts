// A whole function as a JavaScript function, entered at its start or at the head of a loop.
import { Type, type FunctionType } from '../../../types.js';
import { Op } from '../../ops.js';
import { isNarrow, usesOf } from '../accesses.js';
import type { Instruction } from '../flow.js';
import { Body } from './body.js';
import { parameterNames, readParameters, resultInSlots, variablesOf, writeParameter, type Source } from './variables.js';

export class WholeFunction extends Body {
  /** `loop`: the head it is entered at; -1: at its start. `prologue`: the code in front of the body's. */
  constructor(
    source: Source,
    loop: number,
    private readonly prologue: readonly number[],
  ) {
    super(source, usesOf(source.code.functionType(source.functionIndex).params, 0, 'SWD'));
    this.entry = loop;
    this.findMemoryViews();
  }

  /**
   * An expression for a function of `fp` and `cp` that performs a call whose arguments, or whose whole frame, are in slots, puts the
   * results in theirs, and returns true; or returns false, and has done nothing; and, from the start, for the function other emitted
   * functions call, as `[enter, call]`.
   */
  emit(): string {
    this.emitBody();
    return this.entry < 0 ? this.fromStart() : this.fromLoop();
  }

  private fromStart(): string {
    const { base, functionIndex } = this.source;
    const { params } = this.type;
    const name = `f${functionIndex}`;
    const names = parameterNames(params);
    this.asDouble = this.viewsAt(0);
    // Of an f64 that is words here, the words are made of what is passed.
    const own = params.flatMap((type, slot) => (type === Type.F64 && !this.writesDouble(slot) ? [`let l${slot}=(N8[0]=d${slot},N8I[0]),h${slot}=N8I[1];`] : []));
    const declared = new Set(params.flatMap((type, slot) => variablesOf(type, slot)));
    for (const [slot, type] of params.entries()) if (type === Type.F64 && !this.writesDouble(slot)) for (const each of [`l${slot}`, `h${slot}`]) declared.add(each);
    // A leaf takes no more stack than its caller was granted. Behind `ENTER`, which stands there no more.
    const guard = this.hasCalls ? `if(fp>LIMITS[0]||cp>LIMITS[1])${this.leaveAt(base - this.prologue.length + 2)}` : '';
    const call = `function ${name}(${['fp', 'cp', ...names].join(',')}){${own.join('')}${this.declarations(declared)}
X:{${guard}${referencesText(this.prologue)}${this.viewsText('let ')}
${this.lines.join('\n')}
}
${this.leaving()}}`;
    const nans = params.flatMap((type, slot) => (type === Type.F64 ? [`if(D[fp+${slot}]!==D[fp+${slot}])return false;`] : []));
    return `(()=>{${call}
return[function(fp,cp){${nans.join('')}const x=${name}(${['fp', 'cp', ...readParameters(params)].join(',')});${keepResult(this.type)}return true;},${name}];})()`;
  }

  private fromLoop(): string {
    const { functionIndex } = this.source;
    const loads: string[] = [];
    for (const slot of this.narrow) loads.push(`let i${slot}=S[fp+${slot}];`);
    const asDouble = this.viewsAt(this.entry);
    const holdsDouble = (slot: number): boolean => this.doubles.has(slot) || (asDouble & this.bitOf(slot)) !== 0;
    for (const slot of this.words) if (!holdsDouble(slot)) loads.push(`let l${slot}=W[(fp<<1)+${2 * slot}],h${slot}=W[(fp<<1)+${2 * slot + 1}];`);
    for (const slot of this.allDoubles()) if (holdsDouble(slot)) loads.push(`let d${slot}=D[fp+${slot}];if(d${slot}!==d${slot})return false;`);
    const declared = new Set(
      [...this.narrow].map((slot) => `i${slot}`).concat([...this.words].filter((slot) => !holdsDouble(slot)).flatMap((slot) => [`l${slot}`, `h${slot}`]), this.allDoubles().filter(holdsDouble).map((slot) => `d${slot}`)),
    );
    const call = `function o${functionIndex}(fp,cp){
${loads.join('')}${this.declarations(declared)}let outside=1;
X:{${this.viewsText('let ')}
${this.lines.join('\n')}
}
${this.leaving()}}`;
    // A result may be anything but false.
    return `(()=>{${call}
return function(fp,cp){const x=o${functionIndex}(fp,cp);if(x===false)return false;${keepResult(this.type)}return true;};})()`;
  }

  /** What follows the body: the loop takes over at `pc`. */
  private leaving(): string {
    return `${this.writeAll()}leave(pc,fp,cp,${this.source.functionIndex});return ${resultInSlots(this.type)};`;
  }

  protected returnText(leave: string, { op, words }: Instruction): string {
    const [d = 0] = words;
    const { results } = this.type;
    switch (op) {
      case Op.RETURN32: return `return i${d};`;
      case Op.RETURN64: return `HIGH[0]=h${d};return l${d};`;
      case Op.RETURN_F64: return `x=${this.d(d)};if(x!==x)${leave}return x;`;
      default:
        if (results.length === 0) return 'return 0;';
        if (results.length > 1) return `${results.map((type, slot) => this.writeSlot(type, slot)).join('')}return 0;`;
        if (isNarrow(results[0]!)) return 'return i0;';
        return results[0] === Type.I64 ? 'HIGH[0]=h0;return l0;' : `x=${this.d(0)};if(x!==x)${leave}return x;`;
    }
  }

  protected beforeCall(): string {
    return '';
  }
  // Of a function in parts.
  protected exit(): string {
    return '';
  }
  protected entriesText(): string {
    return '';
  }
}

/** Puts the result `x` of the function into its slot. Of a NaN, and of more than one, the slots have it. */
export function keepResult({ results }: FunctionType): string {
  if (results.length !== 1) return '';
  if (isNarrow(results[0]!)) return 'S[fp]=x;';
  return results[0] === Type.I64 ? 'W[fp<<1]=x;W[(fp<<1)+1]=HIGH[0];' : 'if(x===x)D[fp]=x;';
}

/** Room for the references of a frame. */
export function referencesText(prologue: readonly number[]): string {
  // Behind `ENTER`.
  return prologue[2] === Op.REF_FRAME ? `reserveReferences(fp+${prologue[3]});` : '';
}

/** Text of a function that makes of an index a function `(fp, cp, …)` that has calls of that index performed by the loop. */
export function standInText(type: FunctionType): string {
  return `index=>function(${['fp', 'cp', ...parameterNames(type.params)].join(',')}){${type.params.map(writeParameter).join('')}callLoop(index,fp,cp);return ${resultInSlots(type)};}`;
}
