// `--dir HOST[::GUEST[:ro]]`, `--env NAME=VALUE` and `--listen [HOST:]PORT`, what a guest is given of the host. Pure.
import { WasienvError } from '../base/errors.js';

export interface DirectoryGrant {
  readonly host: string;
  readonly guest: string;
  readonly readOnly: boolean;
}

/** `.` is granted as `.`, `/data` as `/data`; `data::/srv` as `/srv`; `data::/srv:ro` read-only. */
export function parseDirectory(text: string): DirectoryGrant {
  const at = text.indexOf('::');
  const host = at < 0 ? text : text.slice(0, at);
  const rest = at < 0 ? text : text.slice(at + 2);
  const readOnly = at >= 0 && rest.endsWith(':ro');
  const guest = readOnly ? rest.slice(0, -':ro'.length) : rest;
  if (host === '' || guest === '') {
    throw new WasienvError('E_USAGE', `\`--dir ${text}\` names no ${host === '' ? 'directory of the host' : 'name for the guest'}`, {
      next: 'write `--dir HOST`, `--dir HOST::GUEST` or `--dir HOST::GUEST:ro`, for example `--dir .` or `--dir ./data::/data:ro`',
    });
  }
  return { host, guest, readOnly };
}

/** `8080` is port 8080 of this machine alone; `0.0.0.0:8080` is reached from the network; `[::1]:8080`. */
export function parseListen(text: string): { readonly host: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) {
    throw new WasienvError('E_USAGE', `\`--listen ${text}\` is not a port, nor an address and a port`, {
      next: 'write `--listen PORT` for this machine alone, or `--listen HOST:PORT`, for example `--listen 8080` or `--listen [::1]:8080`',
    });
  }
  return { host: bracketed ?? plain ?? '127.0.0.1', port };
}

/** The guest's whole environment: nothing of ours is in it. A name given twice keeps its last value. */
export function parseEnvironment(assignments: readonly string[]): Readonly<Record<string, string>> {
  const result: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    if (at <= 0) {
      throw new WasienvError('E_USAGE', `\`--env ${assignment}\` is not NAME=VALUE`, {
        next: at === 0 ? 'give the variable a name' : `the guest sees nothing of your environment unless you pass it: \`--env ${assignment}="$${assignment}"\``,
      });
    }
    result[assignment.slice(0, at)] = assignment.slice(at + 1);
  }
  return result;
}
