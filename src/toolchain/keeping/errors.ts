// The words of keeping house: `use`, `uninstall`, `prune`, `which`.
import { WasienvError } from '../../base/errors.js';

export function notInstalled(component: string, wanted: string | undefined, installed: readonly string[], pinnedBy?: string): WasienvError {
  const subject = wanted === undefined ? component : `${component} ${wanted}`;
  return new WasienvError('E_NOT_INSTALLED', `${subject} is not installed${pinnedBy === undefined ? '' : ', and this project wants it'}`, {
    where: [
      ...(pinnedBy === undefined ? [] : [['wanted by', pinnedBy] as const]),
      ['installed', installed.length === 0 ? `no ${component}` : installed.join(', ')],
    ],
    next: pinnedBy === undefined ? `run \`wasienv setup ${component}${wanted === undefined ? '' : `@${wanted}`}\`; \`wasienv list\` shows what is there` : 'run `wasienv setup` in this project',
  });
}

export function inUse(component: string, version: string): WasienvError {
  return new WasienvError('E_IN_USE', `${component} ${version} is in use`, {
    next: `switch to another with \`wasienv use\`, or add --force`,
  });
}

export function severalInstalled(component: string, versions: readonly string[]): WasienvError {
  return new WasienvError('E_USAGE', `${versions.length} versions of ${component} are installed`, {
    where: [['installed', versions.join(', ')]],
    next: `name the one: \`wasienv uninstall ${component}@${versions[0]}\``,
  });
}

export function heldOpen(directory: string, cause: unknown): WasienvError {
  return new WasienvError('E_FILE', 'an installed component cannot be moved aside', {
    where: [['directory', directory], ['said', (cause as Error).message]],
    next: 'end the programs that use its files, or mend the permissions of the directory, and try again; nothing was removed',
    cause,
  });
}

export function noSuchPart(part: string, toolchain: string): WasienvError {
  return new WasienvError('E_NO_TOOL', `${toolchain} has no ${part}`, { next: '`wasienv which` lists what it has' });
}
