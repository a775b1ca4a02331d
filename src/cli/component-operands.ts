// `wasi-sdk@>=30` on a command line. Pure.
import { COMPONENT_NAMES, type ComponentName, type ComponentRequest } from '../toolchain/types.js';
import { missingVersion, notAComponent } from './errors.js';
import { nearest } from './nearest.js';

/** The component and range an operand names; the range is everything after the first `@`. @throws E_USAGE */
export function parseComponent(operand: string): ComponentRequest {
  const at = operand.indexOf('@');
  const name = at < 0 ? operand : operand.slice(0, at);
  if (!(COMPONENT_NAMES as readonly string[]).includes(name)) throw notAComponent(operand, COMPONENT_NAMES, nearest(name, COMPONENT_NAMES));
  if (at === operand.length - 1) throw missingVersion(operand, name);
  return { name: name as ComponentName, ...(at < 0 ? {} : { wanted: operand.slice(at + 1) }) };
}
