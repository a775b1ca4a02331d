// The second tier: functions that are called often and loops that turn often become JavaScript (`emit/`), which V8 compiles
// to code three to ten times faster than any loop. Decides which, links what was emitted with its instance, and passes calls from
// tier to tier. Frames are the loop's: emitted code notes return addresses in `CALLS` as calls of the loop do, so a stack trace
// sees no difference, and it stops nesting on JavaScript's own stack long before that ends, where the loop takes over.
// Where the host allows no code from text (`--disallow-code-generation-from-strings`), everything stays with the loop.
import { CODE, HALT_ADDRESS, ownerOf, RAISE_ADDRESS, RETURN_ADDRESS } from '../../runtime/code-space.js';
import { Exception } from '../../runtime/exception.js';
import type { FunctionInstance } from '../../runtime/function.js';
import type { EmittedEntry, EmittedFunctions, Instance } from '../../runtime/instance.js';
import { CALLS, F64, HALVES, I32, machine, MAX_FRAME_SLOTS, REFS, reserveReferences, STACK_SLOTS } from '../../runtime/machine.js';
import { ModuleCode } from '../../runtime/module-code.js';
import { mulHigh } from '../../numeric/int64.js';
import type { FunctionType } from '../../types.js';
import { atomic } from '../atomics.js';
import { cold } from '../cold.js';
import { vectors } from '../vectors.js';
import { entryOf, tableFunction } from '../entry.js';
import { callHost } from '../host-call.js';
import { Op } from '../ops.js';
import { findHandler, takeException } from '../unwind.js';
import { canPass } from './accesses.js';
import { driverText, numberEntries, PartOfFunction } from './emit/part.js';
import { standInText, WholeFunction } from './emit/whole.js';
import { flowOf, nest, type Flow } from './flow.js';
import { codeOfPart, planOf, type Plan } from './parts.js';
import { asF32, asF64, bitsF32, load16, load32, loadF64, N8, N8I, store16, store32, storeF64 } from './values.js';

/**
 * When functions and loops are emitted. To be changed by tests and measurements alone. Early pays: until V8 has optimised it,
 * which takes 100 to 300 ms, the loop is 60 times slower than after, and even an emitted function that V8 interprets is faster.
 */
export const tier = {
  isOn: true,
  /** Calls of a function. */
  calls: 100,
  /** Turns of a loop. */
  turns: 500,
  /** Words of a function that is emitted as a whole; larger ones become parts. Until V8 optimises a function, a large one has to run for longer, and goes back more often. */
  whole: 1_000,
  /** Words of a part. */
  part: 300,
};

/** `invoke.ts` puts the loop here, which spares a circle of imports: runs to the `HALT` that the last return leads to. */
export const loop = {
  run(_instance: Instance, _pc: number, _fp: number, _cp: number): void {},
};

/** A function that leaves its emitted code this often in the middle is better off with the loop. */
const MOST_LEFT = 100;
/** Characters of one module's functions: V8 keeps them as long as the functions. */
const MOST_TEXT = 1 << 25;
/** Types of functions that have stand-ins; each is a text of its own. A module with more stays with the loop. */
const MOST_TYPES = 1000;
/** How far calls may nest on JavaScript's own stack, of which 984 KB are sure: in slots, some 16 bytes each, and in calls, with a few hundred bytes besides. */
const NESTED_SLOTS = 1 << 14;
const NESTED_CALLS = 800;
/** The last `fp` and `cp` with which emitted code calls on. */
const LIMITS = new Int32Array(2);
/** High word of a result of 64 bits. */
const HIGH = new Int32Array(1);

// ---- From the loop.

/** `EMITTED function` -> where to go on: at its return, or behind the operation when the call stays with the loop. */
export function enterFunction(pc: number, fp: number, cp: number, instance: Instance): number {
  const index = CODE[pc + 1]!;
  let entry = instance.emitted?.entries[index];
  if (entry === undefined) {
    if (++instance.warmth < tier.calls) return pc + 2;
    entry = linkFunction(instance, index);
  }
  return entry === null ? pc + 2 : enter(entry, fp, cp, pc + 2);
}

/** A loop has turned often: where to go on, at the return of its function's call or at `target`. */
export function enterLoop(pc: number, fp: number, cp: number, instance: Instance, target: number, turns: number): number {
  let entry = instance.emitted?.loops.get(pc);
  if (entry === undefined) {
    if (turns > tier.turns && ++instance.warmth < tier.turns) return target;
    entry = linkLoop(instance, pc, target);
  }
  return entry === null ? target : enter(entry, fp, cp, target);
}

function enter(entry: EmittedEntry, fp: number, cp: number, otherwise: number): number {
  if (machine.emittedNesting === 0) {
    LIMITS[0] = Math.min(fp + NESTED_SLOTS, STACK_SLOTS - MAX_FRAME_SLOTS);
    LIMITS[1] = cp + NESTED_CALLS;
  }
  if (fp > LIMITS[0]! || cp > LIMITS[1]!) return otherwise;
  machine.emittedNesting++;
  try {
    return entry(fp, cp) ? RETURN_ADDRESS : otherwise;
  } catch (error) {
    if (!(error instanceof Exception)) throw error;
    reserveReferences(fp + 1);
    REFS[fp] = error;
    return RAISE_ADDRESS;
  } finally {
    machine.emittedNesting--;
  }
}

/** Whether the function whose `ENTER` is at `pc` goes on as emitted code; its next calls do too. */
export function promote(pc: number, instance: Instance): boolean {
  if (!tier.isOn || !instance.mayEmit) return false;
  const place = ownerOf(pc);
  if (!(place?.owner instanceof ModuleCode) || place.functionIndex < 0) return false;
  if (linkFunction(instance, place.functionIndex) === null) return false;
  CODE[pc] = Op.EMITTED;
  CODE[pc + 1] = place.functionIndex;
  return true;
}

// ---- Linking.

function linkFunction(instance: Instance, index: number): EmittedEntry | null {
  if (!instance.mayEmit) return null;
  const emitted = emittedOf(instance);
  if (emitted === null) return null;
  const made = make(instance, index, '') as readonly [EmittedEntry, Emitted, Run?] | null;
  if (made === null) {
    emitted.entries[index] = null;
    return null;
  }
  const [entry, call, run] = made;
  emitted.entries[index] = entry;
  emitted.calls[index] = call;
  if (run !== undefined) emitted.runs.set(index, run);
  return entry;
}

function linkLoop(instance: Instance, pc: number, target: number): EmittedEntry | null {
  const place = ownerOf(pc);
  if (!tier.isOn || !instance.mayEmit || !(place?.owner instanceof ModuleCode) || place.functionIndex < 0) return null;
  const emitted = emittedOf(instance);
  if (emitted === null) return null;
  const { owner, functionIndex, bodyStart } = place;
  const word = target - bodyStart;
  const entry = largeOf(owner, functionIndex) === null ? (make(instance, functionIndex, String(word)) as EmittedEntry | null) : enterParts(instance, emitted, functionIndex, word);
  emitted.loops.set(pc, entry);
  // Later calls of the function are worth it too.
  if (entry !== null && emitted.entries[functionIndex] === undefined) {
    const start = owner.entries[functionIndex]!;
    if (CODE[start] === Op.ENTER) promote(start, instance);
  }
  return entry;
}

/** At the head of a loop of a function in parts: an entry, or within a part, which is made for it once more. */
function enterParts(instance: Instance, emitted: EmittedFunctions, index: number, word: number): EmittedEntry | null {
  if (emitted.entries[index] === undefined) linkFunction(instance, index);
  const run = emitted.runs.get(index);
  const large = largeOf(instance.code, index);
  if (run === undefined || large === null) return null;
  const { plan, numbers } = large;
  const head = indexOfWord(plan.flow, word);
  const number = numbers.get(head);
  if (number !== undefined) {
    return (fp, cp) => {
      run(fp, cp, number);
      return true;
    };
  }
  const part = plan.parts.findIndex(({ from, to }) => from <= head && head < to);
  const first = make(instance, index, `part ${part} ${head}`) as PartFunction | null;
  if (first === null) return null;
  return (fp, cp) => {
    let next: number;
    try {
      next = first(fp, cp, 0);
    } catch (error) {
      next = handlerFor(error, fp, cp, instance, index);
    }
    run(fp, cp, next);
    return true;
  };
}

type Emitted = (...values: number[]) => number;
type Run = (fp: number, cp: number, entry: number) => void;
type PartFunction = (fp: number, cp: number, at: number) => number;

/**
 * What makes of the names below a function, or something of it, for one instance: '' from its start; a number: from the loop whose
 * head is at this word of its code; `part …`: one of its parts, by number, and the instruction of a loop within. All instances
 * of a module share it, and so what V8 learns of the one when it makes the next.
 */
function makerOf(code: ModuleCode, index: number, what: string): Maker | null {
  const key = `${index} ${what}`;
  let maker = code.emitted.get(key);
  if (maker === undefined) {
    const text = code.emittedLength > MOST_TEXT ? null : emitText(code, index, what);
    maker = text === null ? null : evaluate(`return ${text}`, NAMES);
    code.emitted.set(key, maker);
    code.emittedLength += text?.length ?? 0;
  }
  return maker;
}

function emitText(code: ModuleCode, index: number, what: string): string | null {
  if (code.probes?.mayEmit === false || !canPass(code.functionType(index))) return null;
  const { bodyStart: base } = ownerOf(entryOf(code, index))!;
  const source = { code, functionIndex: index, base };
  const large = largeOf(code, index);
  if (large !== null) {
    const { plan, numbers } = large;
    if (!callsPass(plan.flow)) return null;
    if (what === '') return driverText(source, plan, code.functionType(index), numbers.get(0)!);
    const [, number, loop] = what.split(' ').map(Number);
    const part = plan.parts[number!]!;
    const partCode = codeOfPart(plan, part);
    return partCode === null ? null : new PartOfFunction(source, { plan, part, partCode, numbers }, loop === undefined ? -1 : loop - part.from + 1).emit();
  }
  const flow = flowOf(code, index);
  if (flow === null || !callsPass(flow)) return null;
  const stretches = nest(flow.instructions);
  return stretches === null ? null : new WholeFunction({ ...source, instructions: flow.instructions, stretches }, what === '' ? -1 : indexOfWord(flow, Number(what)), flow.prologue).emit();
}

const callsPass = (flow: Flow): boolean => flow.instructions.every(({ callee }) => callee === undefined || canPass(callee));
const indexOfWord = ({ instructions }: Flow, word: number): number => instructions.findIndex(({ at }) => at === word);

interface Large {
  readonly plan: Plan;
  readonly numbers: ReadonlyMap<number, number>;
}
const larges = new WeakMap<ModuleCode, Map<number, Large | null>>();

/** A function that is emitted in parts: for its size, or since it handles exceptions. */
function largeOf(code: ModuleCode, index: number): Large | null {
  let known = larges.get(code);
  if (known === undefined) larges.set(code, (known = new Map()));
  let large = known.get(index);
  if (large === undefined) {
    const { bodyStart, end } = ownerOf(entryOf(code, index))!;
    const flow = end - bodyStart > tier.whole || code.regions.has(index) ? flowOf(code, index) : null;
    const plan = flow === null ? null : planOf(flow, code.functionType(index).results, tier.part);
    large = plan === null ? null : { plan, numbers: numberEntries(plan) };
    known.set(index, large);
  }
  return large;
}

/** What emitted code takes for granted, by name: of all instances, and of one. */
const CONSTANTS = { S: I32, W: HALVES, D: F64, REFS, CALLS, LIMITS, HIGH, N8, N8I, cold, vectors, atomic, asF32, asF64, bitsF32, mulHigh, load16, load32, loadF64, store16, store32, storeF64, reserveReferences };

const OURS = ['instance', 'probes', 'meter', 'F', 'G', 'memory', 'memories', 'leave', 'callImport', 'callOther', 'target', 'part', 'caught'] as const;
const NAMES: readonly string[] = [...Object.keys(CONSTANTS), ...OURS];

function make(instance: Instance, index: number, what: string): unknown {
  const { code } = instance;
  const maker = makerOf(code, index, what);
  if (maker === null) return null;
  /** The loop takes over a call whose frame is in its slots. */
  const leave = (pc: number, fp: number, cp: number): void => {
    // Who met the end of a shared memory that has grown since does not leave again for that.
    if (pc !== code.entries[index]! + 2 && !instance.memory.refresh()) countLeft(instance, index);
    CALLS[cp] = HALT_ADDRESS;
    loop.run(instance, pc, fp, cp + 1);
  };
  const ours: Readonly<Record<(typeof OURS)[number], unknown>> = {
    instance,
    probes: code.probes,
    meter: code.probes?.meter,
    F: instance.emitted!.calls,
    G: instance.globalWords,
    memory: instance.memory,
    memories: instance.memories,
    leave,
    callImport(callee: number, fp: number, cp: number): void {
      callElsewhere(instance.functionAt(callee), fp, cp);
    },
    callOther(fp: number, cp: number): void {
      callElsewhere(other!, fp, cp);
    },
    /** The function a table leads to; -1: not of this instance, and in `other`. */
    target(pc: number, at: number, cp: number): number {
      const callee = tableFunction(instance, pc, at >>> 0, cp);
      if (callee.instance === instance) return callee.index;
      other = callee;
      return -1;
    },
    part: (number: number): PartFunction => (make(instance, index, `part ${number}`) as PartFunction | null) ?? partByLoop(code, index, number, leave),
    caught: (error: unknown, fp: number, cp: number): number => handlerFor(error, fp, cp, instance, index),
  };
  return maker(...Object.values(CONSTANTS), ...OURS.map((name) => ours[name]));
}

/** In place of a part that cannot be made. */
function partByLoop(code: ModuleCode, index: number, number: number, leave: (pc: number, fp: number, cp: number) => void): PartFunction {
  const { plan } = largeOf(code, index)!;
  const { bodyStart } = ownerOf(entryOf(code, index))!;
  return (fp, cp, at) => {
    leave(bodyStart + plan.flow.instructions[plan.parts[number]!.entries[at]!]!.at, fp, cp);
    return -1;
  };
}

/** The entry where a function in parts handles what a call of it ended with. Throws what it does not handle. */
function handlerFor(error: unknown, fp: number, cp: number, instance: Instance, index: number): number {
  // Behind `HALT`: of code that was left to the loop, which has looked for handlers itself.
  if (!(error instanceof Exception) || CALLS[cp] === HALT_ADDRESS) throw error;
  const handler = findHandler(error, CALLS[cp]! - 1, instance);
  if (handler === null) throw error;
  const { clause } = handler;
  takeException(error, clause, fp);
  const { plan, numbers } = largeOf(instance.code, index)!;
  return numbers.get(indexOfWord(plan.flow, clause.at))!;
}

let other: FunctionInstance | null = null;

type Maker = (...values: unknown[]) => unknown;

/** Null when the host allows no code from text, or its parser finds too little stack left here. */
function evaluate(text: string, names: readonly string[]): Maker | null {
  try {
    return new Function(...names, `'use strict';${text}`) as Maker;
  } catch (error) {
    if (error instanceof EvalError) tier.isOn = false;
    else if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

function callElsewhere(callee: FunctionInstance, fp: number, cp: number): void {
  if (callee.host !== null) {
    const raised = callHost(callee, fp, cp);
    if (raised !== null) throw raised;
    return;
  }
  CALLS[cp] = HALT_ADDRESS;
  loop.run(callee.instance!, entryOf(callee.instance!.code, callee.index), fp, cp + 1);
}

/** Null where none can be made. */
function emittedOf(instance: Instance): EmittedFunctions | null {
  if (instance.emitted === null) {
    const standIns = standInsOf(instance);
    if (standIns === null) instance.mayEmit = false;
    else instance.emitted = { calls: [...standIns], standIns, entries: [], loops: new Map(), runs: new Map() };
  }
  return instance.emitted;
}

/** Stand-ins for functions that are not emitted, one text for all of a type. */
function standInsOf(instance: Instance): Array<Emitted | undefined> | null {
  const { code } = instance;
  const standIns: Array<Emitted | undefined> = [];
  const makers = new Map<FunctionType, (index: number) => Emitted>();
  const callLoop = (index: number, fp: number, cp: number): void => {
    CALLS[cp] = HALT_ADDRESS;
    loop.run(instance, entryOf(code, index), fp, cp + 1);
  };
  for (let index = code.importedFunctions; index < code.functionTypes.length; index++) {
    const type = code.functionType(index);
    if (!canPass(type)) continue;
    let maker = makers.get(type);
    if (maker === undefined) {
      if (makers.size === MOST_TYPES) return null;
      const made = evaluate(`return ${standInText(type)}`, ['S', 'W', 'D', 'HIGH', 'callLoop']);
      if (made === null) return null;
      makers.set(type, (maker = made(I32, HALVES, F64, HIGH, callLoop) as (index: number) => Emitted));
    }
    standIns[index] = maker(index);
  }
  return standIns;
}

/** Emitted code that is left again and again is given up. */
function countLeft(instance: Instance, index: number): void {
  const { code, emitted } = instance;
  const times = (code.timesLeft.get(index) ?? 0) + 1;
  code.timesLeft.set(index, times);
  if (times < MOST_LEFT) return;
  emitted!.entries[index] = null;
  emitted!.calls[index] = emitted!.standIns[index];
  for (const pc of emitted!.loops.keys()) if (ownerOf(pc)?.functionIndex === index) emitted!.loops.set(pc, null);
}
