// The engine as the runner sees it: everything it judges comes through here, from the built `dist/`.
import {
  DecodeError, Exception, Exhaustion, Global, LimitError, LinkError, ParseError, Trap, Unsupported, ValidationError, decode, encode, formatType, instantiate as instantiateModule, invoke as invokeExport, kindOfReference, parse, print, validate,
  type ExportedFunction, type ExportValue, type Module, type Value,
} from '../../dist/wasm/index.js';
import { tier as settings } from '../../dist/wasm/interpreter/tier/link.js';
import type { Tier } from './outcome.js';

export type { ExportValue, Module, Value };
export { kindOfReference, decode, encode, parse, print, validate };

/** To be called before anything runs. */
export function useTier(tier: Tier): void {
  settings.isOn = tier !== 'loop';
  if (tier === 'first-call' || tier === 'parts') settings.calls = 1;
  if (tier === 'parts') Object.assign(settings, { whole: 0, part: 12 });
  if (tier === 'first-turn') settings.calls = Infinity;
  if (tier !== 'as-shipped') settings.turns = 1;
}

export type Exports = Readonly<Record<string, ExportValue>>;

export const instantiate = (module: Module, imports: Readonly<Record<string, Exports>>): Exports => instantiateModule(module, imports).exports;

export function invoke(exported: ExportValue, args: readonly Value[]): Value[] {
  if (typeof exported !== 'function') throw new TypeError('not a function');
  return invokeExport(exported as ExportedFunction, args);
}

export function read(exported: ExportValue): Value {
  if (!(exported instanceof Global)) throw new TypeError('not a global');
  const { bits } = exported;
  const type = formatType(exported.valueType);
  switch (type) {
    case 'i32':
      return { type, value: bits as number };
    case 'i64':
      return { type, value: bits as bigint };
    case 'f32':
      return { type, bits: bits as number };
    case 'f64':
      return { type, bits: bits as bigint };
    case 'v128':
      return { type, bytes: bits as Uint8Array };
    default:
      return { type: 'ref', value: bits };
  }
}

export type Phase = 'malformed' | 'invalid' | 'link' | 'trap' | 'exhaustion' | 'exception' | 'unsupported';

/** Which phase an error belongs to; null when it is none of the engine's. */
export function phaseOf(thrown: unknown): Phase | null {
  if (thrown instanceof ParseError || thrown instanceof DecodeError) return 'malformed';
  if (thrown instanceof ValidationError) return 'invalid';
  if (thrown instanceof LinkError) return 'link';
  if (thrown instanceof Trap) return 'trap';
  if (thrown instanceof Exhaustion) return 'exhaustion';
  if (thrown instanceof Exception) return 'exception';
  if (thrown instanceof Unsupported || thrown instanceof LimitError) return 'unsupported';
  return null;
}

