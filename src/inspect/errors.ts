// What can be wrong with a module somebody wants to look at.
import { WasienvError, type ErrorCode } from '../base/errors.js';
import { excerptRows } from '../wasm/text/errors.js';

const NEXT: Partial<Record<ErrorCode, string>> = {
  E_DECODE: 'the file is damaged or was cut short: build it or fetch it again',
};

/** The same error with the file it is about, and the line where the file is text: the engine's validator knows neither. */
export function aboutFile(name: string, bytes: Uint8Array, error: unknown): unknown {
  if (!(error instanceof WasienvError) || error.code === 'E_INTERNAL') return error;
  const next = error.next ?? NEXT[error.code];
  return new WasienvError(error.code, error.message, { where: [['file', name], ...error.where, ...excerptRows(bytes, error)], cause: error, ...(next === undefined ? {} : { next }) });
}

export const alreadyBinary = (name: string): WasienvError =>
  new WasienvError('E_PARSE', `${name} is a module in binary form already`, { next: `\`wasienv wasm2wat ${name}\` shows it as text` });
