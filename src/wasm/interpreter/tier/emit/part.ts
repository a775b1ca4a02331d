// A large function as parts (parts.ts), each a function `(fp, cp, at)` that starts at its entry `at` with all values in their slots
// and returns the entry where another part goes on, or -1 when the call has returned and its results are in their slots; and the
// function that goes from part to part.
import type { FunctionType } from '../../../types.js';
import { Op } from '../../ops.js';
import { isNarrowLetter, isWrite } from '../accesses.js';
import type { Instruction } from '../flow.js';
import { PART_SHIFT, type Part, type PartCode, type Plan } from '../parts.js';
import { placeOf } from '../liveness.js';
import { Body } from './body.js';
import { parameterNames, readNarrow, readWords, resultInSlots, writeNarrow, writeParameter, type Source } from './variables.js';
import { referencesText } from './whole.js';

/** Where a part is: what it needs to know of the others. */
export interface Whereabouts {
  readonly plan: Plan;
  readonly part: Part;
  readonly partCode: PartCode;
  /** The number of an entry by its instruction. */
  readonly numbers: ReadonlyMap<number, number>;
}

/** The numbers of all entries. */
export function numberEntries({ parts }: Plan): Map<number, number> {
  const numbers = new Map<number, number>();
  parts.forEach(({ entries }, part) => entries.forEach((entry, at) => numbers.set(entry, (part << PART_SHIFT) | at)));
  return numbers;
}

export class PartOfFunction extends Body {
  private readonly writes = { narrow: new Set<number>(), wide: new Set<number>() };
  /** What is written at a way out -> the label that does it. */
  private readonly endings = new Map<string, number>();

  /** `loop`: position of the head it is entered at the first time; -1: at its entries. */
  constructor(
    source: Omit<Source, 'instructions' | 'stretches' | 'surroundings'>,
    private readonly at: Whereabouts,
    loop: number,
  ) {
    super({ ...source, instructions: at.partCode.instructions, stretches: at.partCode.stretches, surroundings: surroundingsOf(at) }, null);
    this.entry = loop;
    this.again = at.partCode.exits.some(({ again }) => again);
    this.findMemoryViews();
    for (const uses of this.uses) for (const [letter, slot] of uses) if (isWrite(letter)) (isNarrowLetter(letter) ? this.writes.narrow : this.writes.wide).add(slot);
  }

  emit(): string {
    this.emitBody();
    const { entry } = this;
    const name = `p${this.source.functionIndex}_${this.at.plan.parts.indexOf(this.at.part)}`;
    const body = [...this.endings].reduce((inner, [text, label]) => `Y${label}:{${inner}}\n${text}`, `${this.viewsText('let ')}\n${this.lines.join('\n')}\n`);
    return `function ${name}(fp,cp,at0){${this.declarations(new Set())}let next=at0${entry < 0 ? '' : ',outside=1'};
X:{${entry < 0 ? this.takeOver() : this.takeOverAt(entry)}${body}}
${this.writeAll()}leave(pc,fp,cp,${this.source.functionIndex});return -1;}`;
  }

  // ---- In.

  /** Reads what is live at the entry it is entered at. */
  private takeOver(): string {
    const { part } = this.at;
    return `switch(at0){${part.entries.map((entry, at) => `case ${at}:${this.readLive(entry, this.source.base + this.at.plan.flow.instructions[entry]!.at)}break;`).join('')}}`;
  }

  private takeOverAt(position: number): string {
    const index = this.at.part.from + position - 1;
    this.asDouble = this.viewsAt(position);
    const text = this.readLive(index, this.source.base + this.at.plan.flow.instructions[index]!.at);
    return text;
  }

  /** In front of an instruction: a NaN in an f64 leaves the call to the loop there. */
  private readLive(index: number, pc: number): string {
    const { liveness } = this.at.plan;
    const parts: string[] = [];
    const isLive = (letter: string, slot: number): boolean => liveness.isLive(placeOf(letter, slot), index);
    for (const slot of this.narrow) if (isLive('s', slot)) parts.push(readNarrow(slot));
    const asDouble = this.entry < 0 ? 0 : this.asDouble;
    for (const slot of this.words) {
      if (!isLive('w', slot)) continue;
      if ((asDouble & this.bitOf(slot)) === 0) parts.push(readWords(slot));
      else parts.push(this.readDoubleOrLeave(slot, pc));
    }
    for (const slot of this.doubles) if (isLive('w', slot)) parts.push(this.readDoubleOrLeave(slot, pc));
    return parts.join('');
  }

  /** Variables that were not read yet must not be written back: the loop takes over at once. */
  private readDoubleOrLeave(slot: number, pc: number): string {
    return `d${slot}=D[fp+${slot}];if(d${slot}!==d${slot}){leave(${pc},fp,cp,${this.source.functionIndex});return -1;}`;
  }

  protected entriesText(targets: readonly number[]): string {
    if (targets.length === 0) return '';
    return `switch(next){${targets.slice(1).map((target, at) => `case ${at + 1}:break B${target};`).join('')}default:break B${targets[0]};}`;
  }

  // ---- Out.

  protected exit(exit: number): string {
    const { target, again } = this.at.partCode.exits[exit]!;
    const number = this.at.numbers.get(target)!;
    if (again) return `{next=${number & ((1 << PART_SHIFT) - 1)};continue A;}`;
    const text = `${this.writeLive([target], (slot) => this.writeWide(slot))}return next;`;
    let label = this.endings.get(text);
    if (label === undefined) this.endings.set(text, (label = this.endings.size));
    return `{next=${number};${this.asDouble === 0 ? '' : `doubles=${this.asDouble};`}break Y${label};}`;
  }

  /** Of what the part may have written, what is read at one of these instructions. */
  private writeLive(indices: readonly number[], writeWide: (slot: number) => string): string {
    const { liveness } = this.at.plan;
    const isLive = (letter: string, slot: number): boolean => indices.some((index) => liveness.isLive(placeOf(letter, slot), index));
    const parts: string[] = [];
    for (const slot of this.writes.narrow) if (isLive('s', slot)) parts.push(writeNarrow(slot));
    for (const slot of this.writes.wide) if (isLive('w', slot)) parts.push(writeWide(slot));
    return parts.join('');
  }

  protected beforeCall(index: number): string {
    const { plan, part } = this.at;
    const handlers = plan.handlersOf(part.from + index - 1);
    if (handlers.length === 0) return '';
    return this.writeLive(handlers, (slot) => this.writeWideHere(slot));
  }

  protected returnText(_leave: string, { op, words }: Instruction): string {
    const [d = 0] = words;
    const { results } = this.type;
    switch (op) {
      case Op.RETURN32: return `S[fp]=i${d};return -1;`;
      case Op.RETURN64: return `W[fp<<1]=l${d};W[(fp<<1)+1]=h${d};return -1;`;
      case Op.RETURN_F64: return `${this.readsDouble(d) ? `D[fp]=d${d};` : `W[fp<<1]=l${d};W[(fp<<1)+1]=h${d};`}return -1;`;
      default: return `${results.map((type, slot) => this.writeSlot(type, slot)).join('')}return -1;`;
    }
  }
}

function surroundingsOf({ plan, part, partCode }: Whereabouts): NonNullable<Source['surroundings']> {
  return {
    positionOf(target) {
      const exit = partCode.exits[~target]!;
      return exit.again ? exit.target - part.from + 1 : -1;
    },
    readBehind(index, slots) {
      const indices = partCode.instructions[index]!.targets.flatMap((target) => (target < 0 && !partCode.exits[~target]!.again ? [partCode.exits[~target]!.target] : []));
      if (partCode.instructions[index]!.callee !== undefined) indices.push(...plan.handlersOf(part.from + index - 1));
      if (indices.length === 0) return [];
      return slots.filter((slot) => indices.some((each) => plan.liveness.isLive(placeOf('w', slot), each)));
    },
  };
}

/** The function that goes from part to part: `[enter, call, run]`, `run(fp, cp, entry)` from any entry on with the frame in slots. */
export function driverText({ functionIndex, base }: Pick<Source, 'functionIndex' | 'base'>, { flow, parts }: Plan, type: FunctionType, start: number): string {
  const { prologue, regions } = flow;
  const stubs = parts.map((_, part) => `p${part}=function(fp,cp,at){return(p${part}=part(${part}))(fp,cp,at);}`);
  const cases = parts.map((_, part) => `case ${part}:n=p${part}(fp,cp,n&${(1 << PART_SHIFT) - 1});break;`).join('');
  const step = `switch(n>>${PART_SHIFT}){${cases}default:return;}`;
  const zeroes: string[] = [];
  for (let at = 2; at < prologue.length; ) {
    if (prologue[at] === Op.ZERO) {
      for (let slot = prologue[at + 1]!; slot < prologue[at + 1]! + prologue[at + 2]!; slot++) zeroes.push(`S[fp+${slot}]=0;W[(fp<<1)+${2 * slot}]=0;W[(fp<<1)+${2 * slot + 1}]=0;`);
      at += 3;
    } else if (prologue[at] === Op.REF_NULL) {
      zeroes.push(`REFS[fp+${prologue[at + 1]}]=null;`);
      at += 2;
    } else at += 2;
  }
  const begin = `${referencesText(prologue)}${zeroes.join('')}`;
  return `(()=>{let ${stubs.join(',')};
function run(fp,cp,n){for(;;)${regions.length === 0 ? step : `try{for(;;)${step}}catch(error){n=caught(error,fp,cp);}`}}
function f${functionIndex}(${['fp', 'cp', ...parameterNames(type.params)].join(',')}){${type.params.map(writeParameter).join('')}
if(fp>LIMITS[0]||cp>LIMITS[1])leave(${base - prologue.length + 2},fp,cp,${functionIndex});else{${begin}run(fp,cp,${start});}return ${resultInSlots(type)};}
return[function(fp,cp){${begin}run(fp,cp,${start});return true;},f${functionIndex},run];})()`;
}
