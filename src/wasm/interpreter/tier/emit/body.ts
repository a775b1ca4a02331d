// The instructions of a function, or of a part of one, as text: stretches as labelled blocks and loops, branches as the ways out of
// them. Whatever is rare or wrong - a trap, a NaN whose bits matter, a stack too deep - is left to the loop: the variables go back
// to their slots, and the loop goes on with the very operation, whose arm in `loop.ts` says what happens. So no trap is worded
// here, and a stack trace is the loop's.
import { Op } from '../../ops.js';
import { ENTRIES, type Instruction } from '../flow.js';
import { Calls } from './calls.js';
import { compare, compareWide, FLOAT_COMPARISONS } from './numbers.js';
import { constant } from './variables.js';

export abstract class Body extends Calls {
  /** Head of the loop that it is entered at; -1: it is entered at its start. */
  protected entry = -1;
  /** Around all of it: a loop, where control may come back to the entries of a part. */
  protected again = false;

  /** What leads out of a part. */
  protected abstract exit(exit: number): string;
  /** What leads to the entries of a part. */
  protected abstract entriesText(targets: readonly number[]): string;
  protected abstract returnText(leave: string, instruction: Instruction): string;

  protected emitBody(): void {
    const { instructions, stretches } = this.source;
    const open: Array<{ readonly isLoop: boolean; readonly end: number }> = [];
    const { entry } = this;
    /** What comes before the loop it is entered at is passed over the first time. */
    let passing = entry >= 0;
    if (this.again) this.lines.push('A:for(;;){');
    if (passing) this.lines.push('if(outside===0){');
    let next = 0;
    for (let index = 0; index <= instructions.length; index++) {
      while (open.length > 0 && open[open.length - 1]!.end === index) this.lines.push(open.pop()!.isLoop ? 'break;}' : '}');
      if (index === instructions.length) break;
      for (; next < stretches.length && stretches[next]!.start === index; next++) {
        const { isLoop, start, end } = stretches[next]!;
        open.push({ isLoop, end });
        const around = passing && start <= entry && entry < end;
        this.lines.push(`${around ? '}' : ''}${isLoop ? `L${start}:for(;;)` : `B${end}:`}{${around && !(isLoop && start === entry) ? 'if(outside===0){' : ''}`);
        if (around && isLoop && start === entry) {
          this.lines.push('outside=0;');
          passing = false;
        }
      }
      this.asDouble = this.viewsAt(index);
      if (this.asDouble !== 0) {
        for (const [letter, slot] of this.uses[index]!) {
          if (letter === 'w' && (this.asDouble & this.bitOf(slot)) !== 0) this.lines.push(`N8[0]=d${slot};l${slot}=N8I[0];h${slot}=N8I[1];`);
        }
      }
      this.lines.push(this.text(instructions[index]!, index));
    }
    if (this.again) this.lines.push('break;}');
  }

  private text(instruction: Instruction, index: number): string {
    const { callee } = instruction;
    if (callee !== undefined) return `${this.beforeCall(index)}${this.call(instruction, callee)}`;
    return this.controlText(instruction, index) ?? this.memoryText(instruction) ?? this.numberText(instruction) ?? this.vectorText(instruction) ?? this.byLoop(instruction);
  }

  /** Undefined: control goes nowhere else. */
  private controlText(instruction: Instruction, index: number): string | undefined {
    const { op, words, targets } = instruction;
    const [d = 0, a = 0, b = 0, c = 0] = words;
    const go = (target: number): string => (target < 0 ? this.exit(~target) : target > index ? `break B${target};` : `continue L${target};`);
    if (op >= Op.BR_I32_EQ && op <= Op.BR_I32_GE_U) return `if(${compare(op - Op.BR_I32_EQ, `i${d}`, `i${a}`)})${go(targets[0]!)}`;
    if (op >= Op.BR_I32_EQ_K && op <= Op.BR_I32_GE_U_K) return `if(${compare(op - Op.BR_I32_EQ_K, `i${d}`, constant(a))})${go(targets[0]!)}`;
    if (op >= Op.BR_I64_EQ && op <= Op.BR_I64_GE_U) return `if(${compareWide(op - Op.BR_I64_EQ, d, a)})${go(targets[0]!)}`;
    if (op >= Op.BR_F64_EQ && op <= Op.BR_F64_GE) return `if(${this.d(d)}${FLOAT_COMPARISONS[op - Op.BR_F64_EQ]}${this.d(a)})${go(targets[0]!)}`;
    if (op >= Op.BR_F64_NOT_EQ && op <= Op.BR_F64_NOT_GE) return `if(!(${this.d(d)}${FLOAT_COMPARISONS[op - Op.BR_F64_NOT_EQ]}${this.d(a)}))${go(targets[0]!)}`;
    const leave = this.leave(instruction);
    switch (op) {
      case ENTRIES: return this.entriesText(targets);
      // Probes: what stops the program is done by the loop, and once more.
      case Op.FUEL: return `if((meter[0]-=${d})<0){meter[0]+=${d};${leave}}`;
      case Op.TALLY: return `probes.counts[${d}]++;`;
      case Op.ENTERED: case Op.TICK: return `if(--probes.ticksLeft<=0&&probes.tick()!==undefined)${leave}`;
      case Op.BR: return go(targets[0]!);
      case Op.BR_IF: return `if(i${d}!==0)${go(targets[0]!)}`;
      case Op.BR_UNLESS: return `if(i${d}===0)${go(targets[0]!)}`;
      case Op.BR_I64_EQZ: return `if((l${d}|h${d})===0)${go(targets[0]!)}`;
      case Op.BR_I64_NEZ: return `if((l${d}|h${d})!==0)${go(targets[0]!)}`;
      case Op.ADD_BR_IF: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==0)${go(targets[0]!)}`;
      case Op.ADD_BR_NE: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==i${c})${go(targets[0]!)}`;
      case Op.ADD_BR_NE_K: return `i${d}=(i${a}+${constant(b)})|0;if(i${d}!==${constant(c)})${go(targets[0]!)}`;
      case Op.BR_TABLE: {
        const last = targets[targets.length - 1]!;
        const cases = new Map<number, string>();
        targets.slice(0, -1).forEach((target, at) => {
          if (target !== last) cases.set(target, `${cases.get(target) ?? ''}case ${at}:`);
        });
        return `switch(i${d}){${[...cases].map(([target, labels]) => `${labels}${go(target)}`).join('')}default:${go(last)}}`;
      }
      case Op.RETURN: case Op.RETURN32: case Op.RETURN64: case Op.RETURN_F64: return this.returnText(leave, instruction);
      case Op.UNREACHABLE: case Op.THROW: case Op.THROW_REF: return leave.slice(1, -1);
      default: return undefined;
    }
  }
}
