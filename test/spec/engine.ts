// The engine as the runner sees it: everything it judges comes through here, from the built `dist/`.
import { DecodeError, Exhaustion, LinkError, ParseError, Trap, ValidationError } from '../../dist/wasm/errors.js';
import { decode } from '../../dist/wasm/binary/decode.js';
import { parse } from '../../dist/wasm/text/parse.js';
import { validate } from '../../dist/wasm/validate/validate.js';
import type { Module } from '../../dist/wasm/module.js';

export type { Module };
export { decode, parse, validate };

export type ExactValue =
  | { readonly type: 'i32'; readonly value: number }
  | { readonly type: 'i64'; readonly value: bigint }
  | { readonly type: 'f32'; readonly bits: number }
  | { readonly type: 'f64'; readonly bits: bigint }
  | { readonly type: 'v128'; readonly bytes: Uint8Array }
  | { readonly type: 'ref'; readonly kind: string; readonly value: unknown };

export type ExportObject = Record<string, unknown>;

class NotYet extends Error {}

export function instantiate(_module: Module, _imports: Record<string, ExportObject>): ExportObject {
  if (process.env['SPEC_FRONT'] === '1') return {}; // until the back end is there: front-end commands alone
  throw new NotYet('no instantiate yet');
}
export function invoke(_exported: unknown, _args: readonly ExactValue[]): ExactValue[] {
  throw new NotYet('no invoke yet');
}
export function read(_exported: unknown): ExactValue {
  throw new NotYet('no read yet');
}

export type Phase = 'malformed' | 'invalid' | 'link' | 'trap' | 'exhaustion' | 'exception';

/** Which phase an error belongs to; null when it is none of the engine's. */
export function phaseOf(thrown: unknown): Phase | null {
  if (thrown instanceof ParseError || thrown instanceof DecodeError) return 'malformed';
  if (thrown instanceof ValidationError) return 'invalid';
  if (thrown instanceof LinkError) return 'link';
  if (thrown instanceof Trap) return 'trap';
  if (thrown instanceof Exhaustion) return 'exhaustion';
  return null;
}
