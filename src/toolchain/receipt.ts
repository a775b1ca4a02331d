// Remembers what is installed: one JSON file for each install, written last, by a rename, and which of them are in use.
// Schema: manifests/receipt.schema.json.
// Reading is by hand and not by a schema library: it stands in the path of every `wasienv cc`.
import { readFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { badReceipt } from './errors.js';
import { renameWithPatience } from './commit.js';
import { adoptedId, componentOfId, homeTree, receiptId } from './home.js';
import { COMPONENT_NAMES, TOOLCHAIN_COMPONENTS, type ComponentName, type InstalledFile, type Receipt } from './types.js';
import { isObject, isTexts, parseJson } from '../base/json.js';
import { namesIn } from '../base/look.js';
import type { WasienvError } from '../base/errors.js';

/** Receipts of a home by id (their file name), and those that are there but cannot be understood. */
export interface Receipts {
  readonly good: ReadonlyMap<string, Receipt>;
  readonly bad: ReadonlyMap<string, WasienvError>;
}

/** Every receipt of a home, or every one of some components. A home that does not exist has none. */
export function readReceipts(home: string, components?: readonly ComponentName[]): Receipts {
  const good = new Map<string, Receipt>();
  const bad = new Map<string, WasienvError>();
  const ids = components === undefined ? receiptIds(home) : components.flatMap((component) => receiptIds(home, component));
  for (const id of ids) {
    try {
      const receipt = readReceipt(home, id);
      if (receipt !== undefined) good.set(id, receipt);
    } catch (error) {
      bad.set(id, error as WasienvError);
    }
  }
  return { good, bad };
}

/** The ids of all receipts, unread; of a component's alone when one is named. */
export function receiptIds(home: string, component?: ComponentName): readonly string[] {
  const ids = namesIn(homeTree.receiptsDir(home)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length)).sort();
  return ids.filter((id) => (component === undefined ? componentOfId(id) !== undefined : componentOfId(id) === component));
}

/** One receipt, or undefined where there is none. @throws E_RECEIPT */
export function readReceipt(home: string, id: string): Receipt | undefined {
  const file = homeTree.receiptFile(home, id);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw badReceipt(file, 'it cannot be read', error);
  }
  const receipt = parseReceipt(text, file);
  if (receipt.component !== componentOfId(id)) throw badReceipt(file, `it speaks of ${receipt.component}`);
  return receipt;
}

/** What a receipt is filed under. */
export function idOf(receipt: Receipt): string {
  const { programs } = receipt.layout;
  const clang = programs?.kind === 'native' ? programs.tools.clang : undefined;
  return receipt.adopted && clang !== undefined ? adoptedId(receipt.component, clang) : receiptId(receipt.component, receipt.version, receipt.digest);
}

/** A receipt from its text. Pure. @throws E_RECEIPT */
function parseReceipt(text: string, file: string): Receipt {
  const data = parseJson(text, (why, cause) => badReceipt(file, why, cause));
  const wrong = findWrong(data);
  if (wrong !== null) throw badReceipt(file, wrong);
  return data as Receipt;
}

/** Says what is wrong with the data of a receipt; null when nothing is. */
function findWrong(data: unknown): string | null {
  if (!isObject(data)) return 'it is not an object';
  if (data['schema'] !== 1) return `its schema is ${JSON.stringify(data['schema'])}, this wasienv knows 1`;
  for (const name of ['component', 'version', 'source', 'digest', 'directory', 'wasienvVersion', 'installedAt']) {
    if (typeof data[name] !== 'string') return `\`${name}\` is not a text`;
  }
  if (typeof data['clangVersion'] !== 'string' && data['clangVersion'] !== null) return '`clangVersion` is not a text';
  if (!path.isAbsolute(data['directory'] as string)) return '`directory` is not absolute';
  if (typeof data['adopted'] !== 'boolean') return '`adopted` is not true or false';
  const artifact = data['artifact'];
  if (artifact !== null && !isObject(artifact)) return '`artifact` is not an object or null';
  const layout = data['layout'];
  if (!isObject(layout)) return '`layout` is not an object';
  for (const name of ['sysroot', 'resourceDir', 'builtins', 'target', 'rustStd', 'rustc']) {
    if (layout[name] !== undefined && typeof layout[name] !== 'string') return `\`layout.${name}\` is not a text`;
  }
  if (layout['targets'] !== undefined && !isTexts(layout['targets'])) return '`layout.targets` is not a list of names';
  const programs = layout['programs'];
  if (programs !== undefined) {
    if (!isObject(programs)) return '`layout.programs` is not an object';
    const portable = programs['kind'] === 'portable' && typeof programs['module'] === 'string';
    const native = programs['kind'] === 'native' && isObject(programs['tools']) && isTexts(Object.values(programs['tools']));
    if (!portable && !native) return '`layout.programs` is neither portable nor native';
  }
  const files = data['files'];
  if (!Array.isArray(files)) return '`files` is not a list';
  for (const file of files as readonly unknown[]) {
    if (!isObject(file) || typeof file['path'] !== 'string' || typeof file['sizeBytes'] !== 'number' || typeof file['integrity'] !== 'string') {
      return '`files` holds an entry that is not a file';
    }
  }
  if (!isTexts(data['keyFiles'])) return '`keyFiles` is not a list of paths';
  return null;
}

/** Writes a receipt; from the moment the rename is done the component counts as installed. */
export async function writeReceipt(home: string, receipt: Receipt): Promise<string> {
  const file = homeTree.receiptFile(home, idOf(receipt));
  await writeJson(file, receipt, renderReceipt(receipt));
  await forgetFormer(home, receipt);
  return file;
}

/**
 * Until several versions could be installed beside each other a receipt was filed under its component alone. Such a one
 * is read like any other; it goes when the same bytes, or the same adopted clang, are installed again.
 */
async function forgetFormer(home: string, receipt: Receipt): Promise<void> {
  const former = homeTree.receiptFile(home, receipt.component);
  try {
    const old = readReceipt(home, receipt.component);
    if (old !== undefined && idOf(old) === idOf(receipt)) await rm(former, { force: true });
  } catch {
    // One that cannot be understood is repaired by this installation, as it always was.
    await rm(former, { force: true });
  }
}

/** JSON for people and programs: two spaces, but one line for each of the thousands of files. */
function renderReceipt(receipt: Receipt): string {
  const line = (file: InstalledFile): string => `    ${JSON.stringify(file)}`;
  const head = JSON.stringify({ ...receipt, files: [] }, null, 2);
  return head.replace('"files": []', () => (receipt.files.length === 0 ? '"files": []' : `"files": [\n${receipt.files.map(line).join(',\n')}\n  ]`));
}

/** Writes a JSON file of the home; see `writeWhole`. */
export async function writeJson(file: string, data: unknown, text = JSON.stringify(data, null, 2)): Promise<void> {
  await writeWhole(file, `${text}\n`);
}

/** Writes a file so that a reader sees the old one or the new one, whole, even after a power cut; makes its directory. */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(aside, 'w', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await renameWithPatience(aside, file, { rename });
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Which installs are in use, by receipt id. Schema 1 of `current.json`. */
export interface Current {
  /** The one with the compiler. */
  readonly compiler?: string;
  /** Those that bring a part the compiler's own component may lack. */
  readonly parts: Readonly<Partial<Record<ComponentName, string>>>;
}

/** What `cc` uses. Nothing is in it when nothing was chosen yet or the file is unusable: then there is a rule instead. */
export function readCurrent(home: string): Current {
  try {
    const data: unknown = JSON.parse(readFileSync(homeTree.currentFile(home), 'utf8'));
    if (!isObject(data)) return { parts: {} };
    // `component`: as it was written before several versions could be installed beside each other.
    const { compiler = data['component'], parts } = data;
    const named = isObject(parts) ? Object.entries(parts).filter(([name, id]) => COMPONENT_NAMES.includes(name as ComponentName) && typeof id === 'string') : [];
    return { ...(typeof compiler === 'string' ? { compiler } : {}), parts: Object.fromEntries(named) };
  } catch {
    return { parts: {} };
  }
}

/** Chooses what is used from now on: an install with a compiler, or one with a part. False when it was chosen already. Needs the lock. */
export async function choose(home: string, component: ComponentName, id: string): Promise<boolean> {
  const current = readCurrent(home);
  const isCompiler = (TOOLCHAIN_COMPONENTS as readonly ComponentName[]).includes(component);
  if ((isCompiler ? current.compiler : current.parts[component]) === id) return false;
  const next: Current = isCompiler ? { ...current, compiler: id } : { ...current, parts: { ...current.parts, [component]: id } };
  await writeJson(homeTree.currentFile(home), { schema: 1, ...next });
  return true;
}
