// Calls of functions, direct ones between variables, others through slots, and returns.
import { Type, type FunctionType } from '../../../types.js';
import { Op } from '../../ops.js';
import { isNarrow } from '../accesses.js';
import type { Instruction } from '../flow.js';
import { Vectors } from './vectors.js';

export abstract class Calls extends Vectors {
  /** What stands in front of a call that may end with an exception handled here. */
  protected abstract beforeCall(index: number): string;

  protected call(instruction: Instruction, { params, results }: FunctionType): string {
    const { op, at, words } = instruction;
    const delta = words[words.length - 1]!;
    const behind = this.source.base + at + 1 + words.length;
    const leave = this.leave(instruction);
    /** On slots, for functions of the host and of other instances. */
    const slowly = (name: string): string => `${params.map((type, index) => this.writeSlot(type, delta + index)).join('')}${name}fp+${delta},cp+1);${results.map((type, index) => this.readSlot(type, delta + index)).join('')}`;
    const nans = results.flatMap((type, index) => (type === Type.F64 && this.writesDouble(delta + index) ? [`if(d${delta + index}!==d${delta + index}){nan=${delta + index};doubles=${this.asDouble | this.bitOf(delta + index)};pc=${behind};break X;}`] : []));
    const after = `${nans.join('')}${this.viewsText('')}`;
    if (op === Op.CALL_IMPORT) return `CALLS[cp]=${behind};${slowly(`callImport(${words[0]},`)}${after}`;

    const checks: string[] = [];
    const passed: string[] = [];
    params.forEach((type, index) => {
      const slot = delta + index;
      if (isNarrow(type)) passed.push(`i${slot}`);
      else if (type === Type.I64) passed.push(`l${slot}`, `h${slot}`);
      else if (this.readsDouble(slot)) passed.push(`d${slot}`);
      else {
        checks.push(`x=asF64(l${slot},h${slot});if(x!==x)${leave}`);
        passed.push(`asF64(l${slot},h${slot})`);
      }
    });
    const takeResults = (value: string): string => {
      if (results.length === 0) return `${value};`;
      if (results.length > 1) return `${value};${results.map((type, index) => this.readSlot(type, delta + index)).join('')}`;
      if (isNarrow(results[0]!)) return `i${delta}=${value};`;
      if (results[0] === Type.I64) return `l${delta}=${value};h${delta}=HIGH[0];`;
      if (this.writesDouble(delta)) return `d${delta}=${value};`;
      // A NaN's words are in its slot.
      return `x=${value};if(x===x){${this.setD(delta, 'x')}}else{l${delta}=W[(fp<<1)+${2 * delta}];h${delta}=W[(fp<<1)+${2 * delta + 1}];}`;
    };
    const args = [`fp+${delta}`, 'cp+1', ...passed].join(',');
    if (op === Op.CALL_FIRST) return `${checks.join('')}CALLS[cp]=${behind};${takeResults(`F[${words[0]}](${args})`)}${after}`;
    return `${checks.join('')}n=target(${this.source.base + at},i${words[2]},cp);CALLS[cp]=${behind};if(n>=0){${takeResults(`F[n](${args})`)}}else{${slowly(`callOther(`)}}${after}`;
  }
}
