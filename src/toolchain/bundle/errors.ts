// The words of bundles: what `pack` makes and `setup --bundle` reads.
import { WasienvError } from '../../base/errors.js';
import { unwritten } from '../errors.js';

export function badBundle(file: string, why: string, cause?: unknown): WasienvError {
  return new WasienvError('E_SOURCE', `the bundle cannot be used: ${why}`, {
    where: [['bundle', file]],
    next: (cause as NodeJS.ErrnoException | undefined)?.syscall === undefined ? 'make it anew with `wasienv pack`, and copy it as a binary file' : 'check the path and its permissions; `wasienv pack` makes a bundle',
    cause,
  });
}

export function bundleLacksHost(file: string, host: string, hosts: readonly string[]): WasienvError {
  return new WasienvError('E_SOURCE', `the bundle has nothing for this machine (${host})`, {
    where: [['bundle', file], ['hosts', hosts.join(', ')]],
    next: `pack it with \`wasienv pack --host ${host}\``,
  });
}

export function notAsBundled(subject: string, file: string, bundled: string, manifest: string): WasienvError {
  return new WasienvError('E_DIGEST', `the bundle has another ${subject} than the manifests of this wasienv know`, {
    where: [['bundle', file], ['bundled', bundled], ['manifest', manifest]],
    next: 'nothing was installed. Find out who made the bundle, and with which manifests',
  });
}

export function cannotWriteBundle(file: string, cause: NodeJS.ErrnoException): WasienvError {
  return unwritten('the bundle', file, 'give another place with -o', cause);
}

export function unknownHost(host: string, known: readonly string[]): WasienvError {
  return new WasienvError('E_USAGE', `there is no host ${host}`, { where: [['known', known.join(', ')]], next: 'name one as Node.js does: `--host linux-x64`' });
}
