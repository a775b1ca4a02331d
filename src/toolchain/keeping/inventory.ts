// What a home holds, version by version, and which of it is in use. Reads only; whether it was proved is for rooms above.
import { readlinkSync } from 'node:fs';
import path from 'node:path';
import { namesIn } from '../../base/look.js';
import { homeTree } from '../home.js';
import { currentAssembly } from '../installed.js';
import { readCurrent, readReceipts, type Current } from '../receipt.js';
import type { WasienvError } from '../../base/errors.js';
import type { ComponentName, Receipt } from '../types.js';

export interface Install {
  /** What its receipt is filed under. */
  readonly id: string;
  readonly receipt: Receipt;
  /** Of its files; of what was adopted those beside it that are ours. */
  readonly sizeBytes: number;
  readonly inUse: boolean;
}

export interface Inventory {
  readonly installs: readonly Install[];
  /** Receipts that are there but cannot be understood, by id. */
  readonly unreadable: ReadonlyMap<string, WasienvError>;
}

/** Everything installed, or everything of some components, by component and then as it was installed. */
export function takeInventory(home: string, components?: readonly ComponentName[], current: Current = readCurrent(home)): Inventory {
  const { good, bad } = readReceipts(home, components);
  const used = idsInUse(home, current);
  const installs = [...good].map(([id, receipt]): Install => ({
    id, receipt, inUse: used.has(id) || (receipt.component === 'rust-target' && isLaidOver(home, receipt.directory)),
    sizeBytes: receipt.files.filter((file) => !receipt.adopted || (receipt.overlay !== undefined && !path.isAbsolute(file.path))).reduce((sum, file) => sum + file.sizeBytes, 0),
  }));
  const order = (install: Install): string => `${install.receipt.component} ${install.receipt.installedAt}`;
  return { installs: installs.sort((a, b) => (order(a) < order(b) ? -1 : 1)), unreadable: bad };
}

/** Whether an overlay for some rustc of this machine links to a component. */
function isLaidOver(home: string, directory: string): boolean {
  return namesIn(homeTree.rustDir(home)).some((overlay) => {
    const rustlib = path.join(homeTree.rustDir(home), overlay, 'lib', 'rustlib');
    return namesIn(rustlib).some((name) => isLinkInto(path.join(rustlib, name), directory));
  });
}

function isLinkInto(file: string, directory: string): boolean {
  try {
    return readlinkSync(file).startsWith(`${directory}${path.sep}`);
  } catch {
    return false;
  }
}

/** Receipt ids of the compiler that `cc` uses and of the parts that were chosen. */
export function idsInUse(home: string, current: Current): ReadonlySet<string> {
  const compiler = ((): string | undefined => {
    try {
      return currentAssembly(home, current)?.id;
    } catch {
      // Its receipt cannot be read; that it was chosen stands all the same.
      return current.compiler;
    }
  })();
  return new Set([...(compiler === undefined ? [] : [compiler]), ...Object.values(current.parts)]);
}
