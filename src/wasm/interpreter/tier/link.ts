// The second tier: functions that are called often and loops that turn often become JavaScript (`emit.ts`), which V8 compiles
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
import { cold } from '../cold.js';
import { entryOf, tableFunction } from '../entry.js';
import { callHost } from '../host-call.js';
import { Op } from '../ops.js';
import { canPass, FunctionEmitter, standInText, type Entry } from './emit.js';
import { flowOf, type Flow } from './flow.js';
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
  const text = textOf(instance.code, index, 'start');
  const emitted = emittedOf(instance);
  if (emitted === null) return null;
  const made = text === null ? null : make(instance, emitted, text);
  if (made === null) {
    emitted.entries[index] = null;
    return null;
  }
  const [entry, call] = made as readonly [EmittedEntry, (...values: number[]) => number];
  emitted.entries[index] = entry;
  emitted.calls[index] = call;
  return entry;
}

function linkLoop(instance: Instance, pc: number, target: number): EmittedEntry | null {
  const place = ownerOf(pc);
  if (!tier.isOn || !instance.mayEmit || !(place?.owner instanceof ModuleCode) || place.functionIndex < 0) return null;
  const emitted = emittedOf(instance);
  if (emitted === null) return null;
  const text = textOf(place.owner, place.functionIndex, target - place.bodyStart);
  const entry = text === null ? null : (make(instance, emitted, text) as EmittedEntry | null);
  emitted.loops.set(pc, entry);
  // Later calls of the function are worth it too.
  if (entry !== null && emitted.entries[place.functionIndex] === undefined) {
    const start = place.owner.entries[place.functionIndex]!;
    if (CODE[start] === Op.ENTER) promote(start, instance);
  }
  return entry;
}

/** Text of a function, entered at its start or at the loop whose head is at this word of its code. */
function textOf(code: ModuleCode, index: number, place: 'start' | number): string | null {
  const key = `${index} ${place}`;
  let text = code.emitted.get(key);
  if (text === undefined) {
    text = code.emittedLength > MOST_TEXT ? null : emitText(code, index, place);
    code.emitted.set(key, text);
    code.emittedLength += text?.length ?? 0;
  }
  return text;
}

function emitText(code: ModuleCode, index: number, place: 'start' | number): string | null {
  if (code.probes?.mayEmit === false || code.tagTypes.length > 0) return null;
  const flow = flowOf(code, index);
  if (flow === null || !canPass(code.functionType(index)) || !callsPass(flow)) return null;
  const entry: Entry = place === 'start' ? 'start' : flow.instructions.findIndex(({ at }) => at === place);
  const { bodyStart } = ownerOf(entryOf(code, index))!;
  return new FunctionEmitter(code, index, flow, bodyStart, entry).emit();
}

const callsPass = (flow: Flow): boolean => flow.instructions.every(({ callee }) => callee === undefined || canPass(callee));

/** What emitted code takes for granted, by name. */
const CONSTANTS = { S: I32, W: HALVES, D: F64, CALLS, LIMITS, HIGH, N8, N8I, cold, asF32, asF64, bitsF32, mulHigh, load16, load32, loadF64, store16, store32, storeF64 };

function make(instance: Instance, emitted: EmittedFunctions, text: string): unknown {
  const { code } = instance;
  const ours = {
    instance,
    probes: code.probes,
    meter: code.probes?.meter,
    F: emitted.calls,
    G: instance.globalWords,
    memory: instance.memory,
    memories: instance.memories,
    /** The loop takes over a call whose frame is in its slots. */
    leave(pc: number, fp: number, cp: number, index: number): void {
      // Who met the end of a shared memory that has grown since does not leave again for that.
      if (pc !== code.entries[index]! + 2 && !instance.memory.refresh()) countLeft(instance, index);
      CALLS[cp] = HALT_ADDRESS;
      loop.run(instance, pc, fp, cp + 1);
    },
    callImport(index: number, fp: number, cp: number): void {
      callElsewhere(instance.functionAt(index), fp, cp);
    },
    callOther(fp: number, cp: number): void {
      callElsewhere(other!, fp, cp);
    },
    /** The function a table leads to; -1: not of this instance, and in `other`. */
    target(pc: number, index: number, cp: number): number {
      const callee = tableFunction(instance, pc, index >>> 0, cp);
      if (callee.instance === instance) return callee.index;
      other = callee;
      return -1;
    },
  };
  return evaluate(`return ${text}`, { ...CONSTANTS, ...ours });
}

let other: FunctionInstance | null = null;

/** Null when the host allows no code from text, or its parser finds too little stack left here. */
function evaluate(text: string, names: Readonly<Record<string, unknown>>): unknown {
  try {
    return new Function(...Object.keys(names), `'use strict';${text}`)(...Object.values(names));
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
    else instance.emitted = { calls: [...standIns], standIns, entries: [], loops: new Map() };
  }
  return instance.emitted;
}

type Emitted = (...values: number[]) => number;

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
      const made = evaluate(`return ${standInText(type)}`, { S: I32, W: HALVES, D: F64, HIGH, callLoop }) as typeof maker | null;
      if (made === null) return null;
      makers.set(type, (maker = made!));
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
