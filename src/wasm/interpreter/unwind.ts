// Exceptions: from where one is raised to the handler that takes it. Handlers are tables beside the code (`Region`), so code
// that throws nothing pays nothing.
// spec: exec/instructions#throw-ref; legacy exceptions: the proposal's "legacy" document
import { InternalError } from '../../base/errors.js';
import { CALLS, machine, REFS } from '../runtime/machine.js';
import { CODE, HALT_ADDRESS, LEAVE_ADDRESS, ownerOf, RAISE_ADDRESS } from '../runtime/code-space.js';
import { Exception } from '../runtime/exception.js';
import type { Instance } from '../runtime/instance.js';
import { ModuleCode, type Region } from '../runtime/module-code.js';
import { readSlots, writeSlots } from '../runtime/slots.js';
import type { Tag } from '../runtime/tag.js';
import { traceLater } from './trace.js';

/** A new exception, its values in adjacent slots from `slot` on. */
export const exceptionFrom = (tag: Tag, slot: number): Exception => new Exception(tag, readSlots(tag.type.params, slot));

/**
 * Finds the handler for an exception raised by the operation at `pc`, hands it the exception's values, and leaves in
 * `machine.resume` where to go on. Throws the exception when the call from the host has no handler for it.
 */
export function unwind(exception: Exception, pc: number, fp: number, cp: number, instance: Instance): void {
  let at = pc;
  let frame = fp;
  let depth = cp;
  let current = instance;
  for (;;) {
    const handler = findHandler(exception, at, current);
    if (handler !== null) {
      const { clause, bodyStart } = handler;
      takeException(exception, clause, frame);
      const { resume } = machine;
      resume.pc = bodyStart + clause.at;
      resume.fp = frame;
      resume.cp = depth;
      resume.instance = current;
      return;
    }
    let back = CALLS[--depth]!;
    while (back === LEAVE_ADDRESS) {
      current = machine.left.pop() as Instance;
      back = CALLS[--depth]!;
    }
    if (back === HALT_ADDRESS) {
      exception.raisedIn(traceLater(pc, cp));
      throw exception;
    }
    frame -= CODE[back - 1]!;
    // The last word of the call.
    at = back - 1;
  }
}

type Clause = Region['clauses'][number];

/** Hands a handler the exception, and the values of it. */
export function takeException(exception: Exception, clause: Clause, fp: number): void {
  if (clause.payload >= 0) writeSlots(exception.tag.type.params, fp + clause.payload, exception.bits);
  if (clause.exception >= 0) REFS[fp + clause.exception] = exception;
}

/** Of the function whose operation at `pc` raised the exception; null: it has none for it. */
export function findHandler(exception: Exception, pc: number, instance: Instance): { readonly clause: Clause; readonly bodyStart: number } | null {
  // Emitted code has looked for handlers itself.
  if (pc === RAISE_ADDRESS) return null;
  const place = ownerOf(pc);
  if (!(place?.owner instanceof ModuleCode)) throw new InternalError(`an exception was raised at ${pc}, which is no code`);
  const regions = place.owner.regions.get(place.functionIndex);
  if (regions === undefined) return null;
  const at = pc - place.bodyStart;
  // Regions are listed in the order they open: of those around a place, the last is the innermost.
  let index = regions.findLastIndex(({ start, end }) => start <= at && at < end);
  while (index >= 0) {
    const region = regions[index]!;
    for (const clause of region.clauses) {
      if (clause.tag < 0 || instance.tags[clause.tag] === exception.tag) return { clause, bodyStart: place.bodyStart };
    }
    index = region.outer;
  }
  return null;
}
