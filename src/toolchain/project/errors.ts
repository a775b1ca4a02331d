// The words of projects: wasienv.json, WASIENV_TOOLCHAIN and wasienv.lock.
import { WasienvError } from '../../base/errors.js';
import { unwritten } from '../errors.js';

/** A schema this wasienv does not know: when it is a later one there is nothing to mend in the file. */
export function unknownSchema(schema: unknown): { readonly why: string; readonly next?: string } {
  const isLater = typeof schema === 'number' && schema > 1;
  return { why: `its schema is ${JSON.stringify(schema)}, this wasienv knows 1`, ...(isLater ? { next: 'a newer wasienv wrote it: update wasienv (`wasienv --version` tells which this is)' } : {}) };
}

export function badPin(by: string, why: string, cause?: unknown, next = '`wasienv help project` shows how it is written'): WasienvError {
  return new WasienvError('E_PIN', `what this project wants cannot be understood: ${why}`, {
    where: [[by === 'WASIENV_TOOLCHAIN' ? 'variable' : 'file', by]],
    next,
    cause,
  });
}

export function badLockFile(file: string, why: string, next = 'write it anew with `wasienv lock`', cause?: unknown): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock cannot be used: ${why}`, { where: [['file', file]], next, cause });
}

export function lockOutOfDate(file: string, why: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock is out of date: ${why}`, { where: [['file', file]], next: 'run `wasienv lock`' });
}

export function noLockFile(directory: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', 'there is no wasienv.lock', { where: [['from', directory]], next: 'write one with `wasienv lock` and commit it' });
}

export function lockLacksHost(file: string, subject: string, host: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `wasienv.lock has no digest of ${subject} for this machine (${host})`, {
    where: [['file', file]],
    next: 'pin a version that is known for all hosts of the project; `wasienv list-remote` shows them',
  });
}

export function cannotWriteLock(file: string, cause: NodeJS.ErrnoException): WasienvError {
  return unwritten('wasienv.lock', file, 'make the directory of the project writable, or free some space, and run `wasienv lock` again', cause);
}

export function notAsLocked(subject: string, file: string, locked: string, manifest: string): WasienvError {
  return new WasienvError('E_PROJECT_LOCK', `the manifests of this wasienv contradict wasienv.lock about ${subject}`, {
    where: [['file', file], ['locked', locked], ['manifest', manifest]],
    next: 'find out which is right before anything is installed; `wasienv lock --check` shows every difference',
  });
}
