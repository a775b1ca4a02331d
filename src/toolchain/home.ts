// Decides where wasienv's home is and what its tree is called. Pure: nothing here touches a disk.
// `~/.wasienv` is never used: an old Python tool of the same name owns it, and people still have it.
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Environment } from '../base/surroundings.js';
import { WasienvError } from '../base/errors.js';
import { unusableHome } from './errors.js';
import { COMPONENT_NAMES, type ComponentName } from './types.js';

/**
 * The home directory: `WASIENV_HOME`, else the platform's place for a user's data.
 * Linux and other Unixes: XDG Base Directory; macOS: Application Support; Windows: `%LOCALAPPDATA%` (not roaming: 100 MB).
 * @throws E_HOME_UNWRITABLE when the environment names no place at all, or a relative one.
 */
export function homeDirectory(env: Environment, platform: NodeJS.Platform): string {
  const { join, isAbsolute } = platform === 'win32' ? path.win32 : path.posix;
  const named = (name: string): string | undefined => (env[name] === undefined || env[name] === '' ? undefined : env[name]);
  const explicit = named('WASIENV_HOME');
  if (explicit !== undefined) {
    if (!isAbsolute(explicit)) throw unusableHome(explicit, 'WASIENV_HOME is not an absolute path');
    return explicit;
  }
  if (platform === 'win32') {
    const local = named('LOCALAPPDATA') ?? (named('USERPROFILE') === undefined ? undefined : join(named('USERPROFILE')!, 'AppData', 'Local'));
    if (local === undefined) throw homeless(['LOCALAPPDATA', 'USERPROFILE']);
    return join(local, 'wasienv');
  }
  const user = named('HOME');
  if (platform === 'darwin') {
    if (user === undefined) throw homeless(['HOME']);
    return join(user, 'Library', 'Application Support', 'wasienv');
  }
  // The XDG specification: a relative path in XDG_DATA_HOME is invalid and is to be ignored.
  const data = named('XDG_DATA_HOME');
  if (data !== undefined && isAbsolute(data)) return join(data, 'wasienv');
  if (user === undefined) throw homeless(['HOME', 'XDG_DATA_HOME']);
  return join(user, '.local', 'share', 'wasienv');
}

/** Whether this home is only found because WASIENV_HOME names it. */
export function homeIsNamed(env: Environment, platform: NodeJS.Platform): boolean {
  const explicit = env['WASIENV_HOME'];
  if (explicit === undefined || explicit === '') return false;
  try {
    return homeDirectory({ ...env, WASIENV_HOME: '' }, platform) !== explicit;
  } catch {
    return true;
  }
}

function homeless(names: readonly string[]): WasienvError {
  return unusableHome('(none)', `${names.join(' and ')} ${names.length > 1 ? 'are' : 'is'} not set`);
}

/** The tree of a home. Every path of it is made here. */
export const homeTree = {
  componentsDir: (home: string): string => path.join(home, 'components'),
  /** `components/portable-clang/22.0.0-git20542-10-575eb3f7`: the version for people, the digest for certainty. */
  componentDir: (home: string, name: ComponentName, version: string, digest: string): string =>
    path.join(home, 'components', name, `${version}-${shortDigest(digest)}`),
  receiptsDir: (home: string): string => path.join(home, 'receipts'),
  /** `id` is a `receiptId`: several versions of one component may be installed beside each other. */
  receiptFile: (home: string, id: string): string => path.join(home, 'receipts', `${id}.json`),
  /** Names what `cc` uses when more than one is installed. */
  currentFile: (home: string): string => path.join(home, 'current.json'),
  /** Downloads that did not end yet, named by the digest they are to have. */
  downloadsDir: (home: string): string => path.join(home, 'downloads'),
  downloadFile: (home: string, integrity: string): string => path.join(home, 'downloads', `${hexDigest(integrity)}.part`),
  stagingDir: (home: string): string => path.join(home, 'staging'),
  proofsDir: (home: string): string => path.join(home, 'proofs'),
  /** What `setup rust-target` was told, and sysroots for compilers that are not ours. */
  rustDir: (home: string): string => path.join(home, 'rust'),
  proofFile: (home: string, id: string): string => path.join(home, 'proofs', `${id}.json`),
  lockFile: (home: string): string => path.join(home, 'lock'),
  /** The environment scripts, one a shell, and below them the directories that go on PATH; `pinned`: those of a toolchain that a project wants. */
  environmentDir: (home: string, pinned?: string): string => (pinned === undefined ? path.join(home, 'env') : path.join(home, 'env', 'pinned', pinned)),
} as const;

/** What a receipt is filed under: component, version and bytes. */
export function receiptId(component: ComponentName, version: string, digest: string): string {
  return `${component}-${version}-${shortDigest(digest)}`;
}

/** What the receipt of an adopted clang is filed under: its place, so that an upgrade there replaces it. */
export function adoptedId(component: ComponentName, clang: string): string {
  return `${component}-${createHash('sha256').update(clang).digest('hex').slice(0, 8)}`;
}

/** The component that a receipt's file name speaks of; undefined for a name of somebody else's making. */
export function componentOfId(id: string): ComponentName | undefined {
  return COMPONENT_NAMES.find((name) => id === name || id.startsWith(`${name}-`));
}

/** First eight hexadecimal digits of an integrity (`sha512-<base64>`): safe in a file name, unlike base64. */
export function shortDigest(integrity: string): string {
  return hexDigest(integrity).slice(0, 8);
}

function hexDigest(integrity: string): string {
  return Buffer.from(integrity.slice(integrity.indexOf('-') + 1), 'base64').toString('hex');
}
