// Remembers what is installed: one JSON file a component, written last, by a rename. Schema: manifests/receipt.schema.json.
// Reading is by hand and not by a schema library: it stands in the path of every `wasienv cc`.
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { badReceipt } from './errors.js';
import { renameWithPatience } from './commit.js';
import { homeTree } from './home.js';
import { COMPONENT_NAMES, type ComponentName, type InstalledFile, type Receipt } from './types.js';
import type { WasienvError } from '../base/errors.js';

/** Receipts of a home, and those that are there but cannot be understood. */
export interface Receipts {
  readonly good: ReadonlyMap<ComponentName, Receipt>;
  readonly bad: ReadonlyMap<ComponentName, WasienvError>;
}

/** Every receipt of a home. A home that does not exist has none. */
export function readReceipts(home: string): Receipts {
  const good = new Map<ComponentName, Receipt>();
  const bad = new Map<ComponentName, WasienvError>();
  let names: readonly string[];
  try {
    names = readdirSync(homeTree.receiptsDir(home));
  } catch {
    names = [];
  }
  for (const component of COMPONENT_NAMES) {
    if (!names.includes(`${component}.json`)) continue;
    try {
      good.set(component, readReceipt(home, component)!);
    } catch (error) {
      bad.set(component, error as WasienvError);
    }
  }
  return { good, bad };
}

/** One receipt, or undefined where there is none. @throws E_RECEIPT */
export function readReceipt(home: string, component: ComponentName): Receipt | undefined {
  const file = homeTree.receiptFile(home, component);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw badReceipt(file, 'it cannot be read', error);
  }
  const receipt = parseReceipt(text, file);
  if (receipt.component !== component) throw badReceipt(file, `it speaks of ${receipt.component}`);
  return receipt;
}

/** A receipt from its text. Pure. @throws E_RECEIPT */
export function parseReceipt(text: string, file: string): Receipt {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw badReceipt(file, `it is not JSON: ${(cause as Error).message}`, cause);
  }
  const wrong = findWrong(data);
  if (wrong !== null) throw badReceipt(file, wrong);
  return data as Receipt;
}

type Fields = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Says what is wrong with the data of a receipt; null when nothing is. */
function findWrong(data: unknown): string | null {
  if (!isObject(data)) return 'it is not an object';
  if (data['schema'] !== 1) return `its schema is ${JSON.stringify(data['schema'])}, this wasienv knows 1`;
  for (const name of ['component', 'version', 'source', 'clangVersion', 'digest', 'directory', 'wasienvVersion', 'installedAt']) {
    if (typeof data[name] !== 'string') return `\`${name}\` is not a text`;
  }
  if (!path.isAbsolute(data['directory'] as string)) return '`directory` is not absolute';
  if (typeof data['adopted'] !== 'boolean') return '`adopted` is not true or false';
  const artifact = data['artifact'];
  if (artifact !== null && !isObject(artifact)) return '`artifact` is not an object or null';
  const layout = data['layout'];
  if (!isObject(layout)) return '`layout` is not an object';
  for (const name of ['sysroot', 'resourceDir', 'builtins', 'target']) {
    if (typeof layout[name] !== 'string') return `\`layout.${name}\` is not a text`;
  }
  const programs = layout['programs'];
  if (!isObject(programs)) return '`layout.programs` is not an object';
  const portable = programs['kind'] === 'portable' && typeof programs['module'] === 'string';
  const native = programs['kind'] === 'native' && isObject(programs['tools']) && Object.values(programs['tools']).every((each) => typeof each === 'string');
  if (!portable && !native) return '`layout.programs` is neither portable nor native';
  const files = data['files'];
  if (!Array.isArray(files)) return '`files` is not a list';
  for (const file of files as readonly unknown[]) {
    if (!isObject(file) || typeof file['path'] !== 'string' || typeof file['sizeBytes'] !== 'number' || typeof file['integrity'] !== 'string') {
      return '`files` holds an entry that is not a file';
    }
  }
  const keyFiles = data['keyFiles'];
  if (!Array.isArray(keyFiles) || !keyFiles.every((each) => typeof each === 'string')) return '`keyFiles` is not a list of paths';
  return null;
}

/** Writes a receipt; from the moment the rename is done the component counts as installed. */
export async function writeReceipt(home: string, receipt: Receipt): Promise<string> {
  const file = homeTree.receiptFile(home, receipt.component);
  await writeJson(file, receipt, renderReceipt(receipt));
  return file;
}

/** JSON for people and programs: two spaces, but one line for each of the thousands of files. */
function renderReceipt(receipt: Receipt): string {
  const line = (file: InstalledFile): string => `    ${JSON.stringify(file)}`;
  const head = JSON.stringify({ ...receipt, files: [] }, null, 2);
  return head.replace('"files": []', () => (receipt.files.length === 0 ? '"files": []' : `"files": [\n${receipt.files.map(line).join(',\n')}\n  ]`));
}

/** Writes a JSON file of the home so that a reader sees the old one or the new one, whole, even after a power cut. */
export async function writeJson(file: string, data: unknown, text = JSON.stringify(data, null, 2)): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const aside = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(aside, 'w', 0o644);
    try {
      await handle.writeFile(`${text}\n`);
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

/** Which component `cc` uses. Undefined when none was chosen yet or the file is unusable: then there is a rule instead. */
export function readCurrent(home: string): ComponentName | undefined {
  try {
    const data: unknown = JSON.parse(readFileSync(homeTree.currentFile(home), 'utf8'));
    return isObject(data) && COMPONENT_NAMES.includes(data['component'] as ComponentName) ? (data['component'] as ComponentName) : undefined;
  } catch {
    return undefined;
  }
}
