// Which of the installed versions is used here: what WASIENV_TOOLCHAIN says, else the project's lock and pin, else what
// was chosen for the home. Stands in the path of every `wasienv cc`: without a project it costs a few looks at the disk,
// with one the receipts of the components it names; semver loads for ranges only.
import type { Environment } from '../../base/surroundings.js';
import { lockLacksHost, lockOutOfDate, noLockFile } from './errors.js';
import { notInstalled } from '../keeping/errors.js';
import { currentToolchain } from '../installed.js';
import { chooseInstall } from '../keeping/choose-install.js';
import { takeInventory } from '../keeping/inventory.js';
import { readCurrent, type Current } from '../receipt.js';
import { TOOLCHAIN_COMPONENTS, type ComponentName, type ComponentRequest, type SourceName, type Toolchain } from '../types.js';
import { findProject, pinOfEnvironment, readPin } from './pin.js';
import { lockedFor, readLock, type ProjectLock } from './lock-file.js';

/** Where a command was typed. */
export interface Spot {
  readonly cwd: string;
  readonly env: Environment;
}

/** What a project, or the environment, asks for. */
export interface Wish {
  /** The file or variable that says so. */
  readonly by: string;
  readonly components: readonly ComponentRequest[];
  readonly source: SourceName | 'auto';
  /** By component, when a lock says so: the digest of this host's artifact. */
  readonly digests: ReadonlyMap<ComponentName, string>;
}

/** What is asked for here; null: nothing. @throws E_PIN E_PROJECT_LOCK, the latter also when `locked` and there is no lock */
export function wishAt({ cwd, env }: Spot, { locked = false }: { readonly locked?: boolean } = {}): Wish | null {
  const ofEnvironment = locked ? null : pinOfEnvironment(env);
  if (ofEnvironment !== null) return { ...ofEnvironment, digests: new Map() };
  const project = findProject(cwd);
  const pin = project === null || project.pinFile === null ? null : readPin(project.pinFile);
  if (project === null || project.lockFile === null) {
    if (locked) throw noLockFile(project?.directory ?? cwd);
    return pin === null ? null : { ...pin, digests: new Map() };
  }
  const lock = readLock(project.lockFile);
  if (pin !== null) requireSame(lock, pin.components, project.lockFile);
  return wishOf(lock, project.lockFile);
}

function wishOf(lock: ProjectLock, file: string): Wish {
  const here = { platform: process.platform, arch: process.arch };
  const entries = Object.entries(lock.components) as [ComponentName, NonNullable<ProjectLock['components'][ComponentName]>][];
  const digests = entries.map(([name, component]): [ComponentName, string] => {
    const digest = lockedFor(component, here)?.integrity ?? null;
    if (digest === null) throw lockLacksHost(file, `${name} ${component.version}`, `${here.platform}-${here.arch}`);
    return [name, digest];
  });
  const sources = new Set(entries.map(([, { source }]) => source));
  const [source] = sources;
  return {
    by: file,
    components: entries.map(([name, { version }]) => ({ name, wanted: version })),
    // One source for all of them is kept; several are told by the manifests again.
    source: source === undefined || sources.size > 1 ? 'auto' : source,
    digests: new Map(digests),
  };
}

/** A lock that was written for other wishes than the pin's is not followed, and not silently passed over either. */
function requireSame(lock: ProjectLock, components: readonly ComponentRequest[], file: string): void {
  for (const { name, wanted = 'stable' } of components) {
    const locked = lock.components[name];
    if (locked === undefined) throw lockOutOfDate(file, `it lacks ${name}`);
    if (locked.wanted !== wanted) throw lockOutOfDate(file, `it was written for ${name} ${locked.wanted}, the project now wants ${wanted}`);
  }
  const extra = Object.keys(lock.components).find((name) => !components.some((each) => each.name === name));
  if (extra !== undefined) throw lockOutOfDate(file, `it has ${extra}, which the project no longer wants`);
}

/** Receipt ids of what is used here. @throws E_PIN E_PROJECT_LOCK E_NOT_INSTALLED, E_RECEIPT never: an unreadable receipt is not installed */
export async function selectCurrent(home: string, spot: Spot): Promise<Current> {
  const current = readCurrent(home);
  const wish = wishAt(spot);
  return wish === null ? current : installedFor(home, current, wish);
}

/** The choice of the home with a wish laid over it. @throws E_NOT_INSTALLED */
export async function installedFor(home: string, current: Current, wish: Wish): Promise<Current> {
  const { installs } = takeInventory(home, wish.components.map(({ name }) => name), current);
  let { compiler } = current;
  const parts: Partial<Record<ComponentName, string>> = { ...current.parts };
  for (const request of wish.components) {
    // Its version is that of whichever rustc is used; rustup may have brought it, and then no receipt tells.
    if (request.name === 'rust-target') continue;
    const digest = wish.digests.get(request.name);
    const candidates = digest === undefined ? installs : installs.filter(({ receipt }) => receipt.digest === digest);
    const { id } = await chooseInstall(candidates, request).catch(() => {
      throw notInstalled(request.name, request.wanted, installs.filter(({ receipt }) => receipt.component === request.name).map(({ receipt }) => receipt.version), wish.by);
    });
    if ((TOOLCHAIN_COMPONENTS as readonly ComponentName[]).includes(request.name)) compiler = id;
    else parts[request.name] = id;
  }
  return { ...(compiler === undefined ? {} : { compiler }), parts };
}

/** The toolchain `cc` uses here. @throws as `selectCurrent` and `currentToolchain` */
export async function selectToolchain(home: string, spot: Spot): Promise<Toolchain> {
  return currentToolchain(home, await selectCurrent(home, spot));
}
