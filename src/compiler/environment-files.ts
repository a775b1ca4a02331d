// The files of a home's environment: the scripts that shells read, the shims they put on PATH, and the files for build
// tools. Written after every change of the toolchain in use, each file by a rename, under the lock; when all is as it
// should be, nothing is touched. Stands in this room and not in toolchain because a shim holds what the compiler is told.
import { readFileSync, statSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { namesIn } from '../base/look.js';
import type { Environment } from '../base/surroundings.js';
import { currentToolchain, homeError, homeIsNamed, homeTree, wasienvVersion, withLock, writeWhole, type Toolchain } from '../toolchain/index.js';
import { BARE_SHIMS, HOST_SHIMS, SHELL_TABLE, SHIMS, SHIM_PREFIXES, environmentOf, environmentScripts, shimDirectories, shimFile } from '../toolchain/setenv/index.js';
import { CMAKE_PLATFORM } from './build/cmake.js';
import { crossTools } from './build/cross.js';
import { BUILD_FILES, MODES_DIRECTORY, buildFiles } from './build/files.js';
import { makeShims } from './shims.js';

export interface EnvironmentFilesOptions {
  readonly home: string;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly signal?: AbortSignal | undefined;
  /** Another toolchain than the one in use, as a project may want: it gets shims and files for build tools of its own. */
  readonly pinned?: Toolchain;
}

export interface EnvironmentFiles {
  readonly toolchain: Toolchain;
  /** One line that says for which toolchain they are. */
  readonly title: string;
  /** Holds `setenv.sh` and its siblings. */
  readonly directory: string;
  readonly changed: boolean;
}

/** The first line of everything made for a toolchain. */
export function environmentTitle({ clangVersion, component, version, source, layout }: Toolchain): string {
  const title = `wasienv ${wasienvVersion()}: clang ${clangVersion} for ${layout.target}, from ${component} ${version} (${source})`;
  return title.replace(/[\u0000-\u001f\u007f]/g, ' ');
}

/**
 * Brings the files up to the toolchain in use; call it after anything that may have changed that.
 * @throws E_NO_TOOLCHAIN, E_DAMAGED, E_RECEIPT; E_LOCKED, E_HOME_UNWRITABLE, E_DISK_FULL
 */
export async function refreshEnvironment(options: EnvironmentFilesOptions): Promise<EnvironmentFiles> {
  const { home, signal, pinned } = options;
  const directory = homeTree.environmentDir(home, pinned && pinnedId(pinned));
  const toolchain = pinned ?? await currentToolchain(home);
  const uninstalled = (): string[] => (pinned === undefined ? namesIn(pinnedParent(home)).filter((id) => !exists(homeTree.receiptFile(home, id))) : []);
  if (outdated(options, toolchain).length === 0 && uninstalled().length === 0) return { toolchain, title: environmentTitle(toolchain), directory, changed: false };
  return withLock(home, 'writing the environment', async () => {
    // Another wasienv may have changed the toolchain while this one waited: what is written is always the truth of the moment.
    const current = pinned ?? await currentToolchain(home);
    try {
      for (const id of uninstalled()) await rm(path.join(pinnedParent(home), id), { recursive: true, force: true });
      for (const { file, text, mode } of outdated(options, current)) await (text === undefined ? rm(file, { force: true }) : writeWhole(file, text, mode));
    } catch (error) {
      throw homeError(error, 'writing the environment', directory);
    }
    return { toolchain: current, title: environmentTitle(current), directory, changed: true };
  }, { signal });
}

/** The files that `refreshEnvironment` would write or remove, as paths; empty when all is as it should be. */
export function staleEnvironment(options: EnvironmentFilesOptions, toolchain: Toolchain): string[] {
  return outdated(options, toolchain).map(({ file }) => file);
}

/** What the files of a toolchain that is not in use everywhere are kept under. */
export const pinnedId = ({ receiptFile }: Toolchain): string => path.basename(receiptFile, '.json');

/** Takes the files away again, for when no toolchain is left; what somebody else put beside them stays. */
export async function removeEnvironment({ home, platform }: Pick<EnvironmentFilesOptions, 'home' | 'platform'>): Promise<void> {
  for (const file of ownFiles(home, platform)) await rm(file, { force: true });
  for (const each of [pinnedParent(home), path.join(homeTree.environmentDir(home), MODES_DIRECTORY)]) await rm(each, { recursive: true, force: true });
  // Directories that hold something of somebody else's stay, and so does what is above them.
  const directory = homeTree.environmentDir(home);
  for (const each of [...Object.values(shimDirectories(home, platform)), path.dirname(path.join(directory, CMAKE_PLATFORM)), path.join(directory, 'cmake'), directory]) await rmdir(each).catch(() => undefined);
}

/** Holds a directory for each toolchain that is not in use everywhere and that a project wanted. */
const pinnedParent = (home: string): string => path.join(homeTree.environmentDir(home), 'pinned');

interface FileChange {
  readonly file: string;
  /** Undefined: the file has no place here any more. */
  readonly text: string | undefined;
  readonly mode: number;
}

function outdated(options: EnvironmentFilesOptions, toolchain: Toolchain): FileChange[] {
  const wanted = wantedFiles(options, toolchain);
  const changes: FileChange[] = [];
  for (const [file, { text, mode }] of wanted) if (!isAsWanted(file, text, mode, options.platform)) changes.push({ file, text, mode });
  if (options.pinned === undefined) for (const file of ownFiles(options.home, options.platform)) if (!wanted.has(file) && exists(file)) changes.push({ file, text: undefined, mode: 0 });
  return changes;
}

function wantedFiles({ home, env, platform, pinned }: EnvironmentFilesOptions, toolchain: Toolchain): Map<string, { readonly text: string; readonly mode: number }> {
  const title = environmentTitle(toolchain);
  const id = pinned && pinnedId(pinned);
  const directory = homeTree.environmentDir(home, id);
  const directories = shimDirectories(home, platform, id);
  const shims = makeShims({ toolchain, pinned: id !== undefined, home, platform, node: process.execPath, script: fileURLToPath(new URL('../../bin/wasienv.js', import.meta.url)), title });
  const files = new Map<string, { text: string; mode: number }>();
  for (const [name, text] of shims.prefixed) files.set(path.join(directories.prefixed, name), { text, mode: 0o755 });
  for (const [name, text] of shims.bare) files.set(path.join(directories.bare, name), { text, mode: 0o755 });
  for (const [name, text] of shims.host) files.set(path.join(directories.host, name), { text, mode: 0o755 });
  for (const [name, text] of buildFiles(crossTools(toolchain, home, platform, id), title)) files.set(path.join(directory, name), { text, mode: 0o644 });
  if (id !== undefined) return files;
  const environment = environmentOf({ toolchain, home, homeIsNamed: homeIsNamed(env, platform), platform, bare: false });
  // Last: a script is only there when what it points to is.
  for (const [name, text] of environmentScripts(environment, title, directory, platform)) files.set(path.join(directory, name), { text, mode: 0o644 });
  return files;
}

/** Every file that some toolchain would have, and what a killed writer of one left. */
function ownFiles(home: string, platform: NodeJS.Platform): string[] {
  const directory = homeTree.environmentDir(home);
  const { prefixed, bare, host } = shimDirectories(home, platform);
  const names: readonly (readonly [directory: string, names: readonly string[]])[] = [
    [prefixed, SHIM_PREFIXES.flatMap((prefix) => Object.keys(SHIMS).map((name) => shimFile(`${prefix}${name}`, platform)))],
    [bare, Object.keys(BARE_SHIMS).map((name) => shimFile(name, platform))],
    [host, Object.keys(HOST_SHIMS).map((name) => shimFile(name, platform))],
    [directory, Object.values(SHELL_TABLE).map(({ file }) => file)],
    ...BUILD_FILES.map((name): [string, string[]] => [path.join(directory, path.dirname(name)), [path.basename(name)]]),
  ];
  return names.flatMap(([parent, own]) => [
    ...own.map((name) => path.join(parent, name)),
    ...namesIn(parent).filter((name) => /\.\d+\.tmp$/.test(name) && own.includes(name.replace(/\.\d+\.tmp$/, ''))).map((name) => path.join(parent, name)),
  ]);
}

function isAsWanted(file: string, text: string, mode: number, platform: NodeJS.Platform): boolean {
  try {
    // Whether others may start it is for the umask of whoever set it up to say.
    if (platform !== 'win32' && (statSync(file).mode & 0o100) !== (mode & 0o100)) return false;
    return readFileSync(file, 'utf8') === text;
  } catch {
    return false;
  }
}

function exists(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // something else is in the way of its directory; writing will say so
  }
}
