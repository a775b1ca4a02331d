// A bundle: the files a mirror keeps, at the same paths, and `wasienv-bundle.json`, which says which components and
// hosts they are for; as a tar or as a directory. What it says is only believed about what to install: the digests of
// the bytes come from the manifests of the wasienv that installs.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isObject, isTexts, parseJson } from '../../base/json.js';
import { badBundle, bundleLacksHost } from './errors.js';
import { notInMirror } from '../sources/errors.js';
import { COMPONENT_NAMES, type ComponentName } from '../types.js';
import { indexTar, NotTar, type TarPlace } from './tar-file.js';

export const BUNDLE_FILE = 'wasienv-bundle.json';

export interface BundleRow {
  readonly component: ComponentName;
  readonly version: string;
  readonly hosts: readonly string[];
  /** As in the manifest. */
  readonly location: string;
  /** In the bundle. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly integrity: string;
}

export interface Bundle {
  readonly schema: 1;
  readonly wasienvVersion: string;
  readonly rows: readonly BundleRow[];
}

/** What a bundle says of itself; null for a directory that says nothing, a plain mirror. @throws E_SOURCE */
async function readBundle(base: string): Promise<Bundle | null> {
  const found = await stat(base).catch((cause: unknown) => {
    throw badBundle(base, (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : 'it cannot be read', cause);
  });
  if (found.isDirectory()) {
    const text = await readFile(path.join(base, BUNDLE_FILE), 'utf8').catch(() => null);
    return text === null ? null : parseBundle(text, base);
  }
  const { position, sizeBytes } = await findInBundle(base, BUNDLE_FILE);
  if (sizeBytes > 8 << 20) throw badBundle(base, `its ${BUNDLE_FILE} is longer than any honest one`);
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(base, { start: position, end: position + sizeBytes - 1 })) chunks.push(chunk as Buffer);
  return parseBundle(Buffer.concat(chunks).toString('utf8'), base);
}

/** Where a file lies in a bundle that is a tar. @throws E_SOURCE */
export async function findInBundle(bundle: string, entry: string): Promise<TarPlace> {
  const index = await indexTar(bundle).catch((error: unknown) => {
    throw badBundle(bundle, error instanceof NotTar ? error.message : 'it cannot be read', error);
  });
  const place = index.get(entry);
  if (place === undefined || place.sizeBytes === 0) throw entry === BUNDLE_FILE ? badBundle(bundle, `it has no ${BUNDLE_FILE}`) : notInMirror(path.posix.basename(entry), `${bundle}: ${entry}`);
  return place;
}

/** Pure. @throws E_SOURCE */
function parseBundle(text: string, base: string): Bundle {
  const data = parseJson(text, (why, cause) => badBundle(base, `its ${BUNDLE_FILE} cannot be understood: ${why}`, cause));
  if (!isObject(data) || data['schema'] !== 1 || !Array.isArray(data['rows'])) throw badBundle(base, `its ${BUNDLE_FILE} is not of a kind this wasienv knows`);
  for (const row of data['rows'] as readonly unknown[]) {
    const whole = isObject(row) && (COMPONENT_NAMES as readonly unknown[]).includes(row['component']) && typeof row['version'] === 'string' &&
      isTexts(row['hosts']) && typeof row['integrity'] === 'string';
    if (!whole) throw badBundle(base, `its ${BUNDLE_FILE} holds a row that cannot be understood`);
  }
  return data as unknown as Bundle;
}

/** The rows of a bundle for a machine; null for a plain mirror. @throws E_SOURCE, also when it has none for this machine */
export async function openBundle(base: string, host: string): Promise<readonly BundleRow[] | null> {
  const bundle = await readBundle(base);
  if (bundle === null) return null;
  const rows = rowsFor(bundle, host);
  if (rows.length === 0) throw bundleLacksHost(base, host, [...new Set(bundle.rows.flatMap(({ hosts }) => hosts))]);
  return rows;
}

/** The rows for a machine, one for each component. */
function rowsFor({ rows }: Bundle, host: string): readonly BundleRow[] {
  const fitting = rows.filter(({ hosts }) => hosts.includes(host) || hosts.includes('any'));
  return fitting.filter((row, index) => fitting.findIndex(({ component }) => component === row.component) === index);
}
