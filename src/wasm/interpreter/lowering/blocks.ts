// The blocks of a function as lowering walks through it, and the stretches of code that have handlers.
import type { Region } from '../../runtime/module-code.js';
import type { ValueType } from '../../types.js';

export const enum Flow {
  FUNCTION,
  BLOCK,
  LOOP,
  IF,
  ELSE,
  TRY_TABLE,
  /** Of the legacy kind: the body, and a handler, where the exception is in the slot `base`. */
  TRY,
  CATCH,
}

export interface Frame {
  flow: Flow;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Operands below the block's own. */
  readonly height: number;
  /** Home of the first of them. */
  readonly base: number;
  /** Of a loop: index of its first word, and of the words that will hold the address of a branch back to it. */
  readonly target: number;
  readonly backs: number[];
  /** Words to fill with the address of the end; for an `if`, those with the address of `else` apart. */
  readonly exits: number[];
  elseExit: number;
  /** Index of the innermost region with handlers around its code; -1: none in this function. */
  readonly region: number;
  /** Of a legacy `try`: the region of its body, also in its handlers. */
  readonly handlers: number;
  /** No longer the innermost or an outer frame of what is being lowered (for `else`, of its first arm). */
  ended: boolean;
}

export function newFrame(flow: Flow, params: readonly ValueType[], results: readonly ValueType[], height: number, base: number, target: number, region: number): Frame {
  return { flow, params, results, height, base, target, backs: [], exits: [], elseExit: -1, region, handlers: region, ended: false };
}

/** A region being lowered: `end` is set when its code ends. */
export interface OpenRegion {
  readonly start: number;
  end: number;
  outer: number;
  readonly clauses: Array<Region['clauses'][number]>;
}
