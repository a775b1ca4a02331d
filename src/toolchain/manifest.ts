// Reads manifests: what exists, for which host, with which digest. Whatever they say is checked here once, so that
// everything behind may trust the types. `WASIENV_MANIFESTS` puts another directory in place of the built-in one.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Environment } from '../base/surroundings.js';
import { badManifest } from './errors.js';
import { COMPONENT_NAMES, SOURCE_NAMES, TOOL_NAMES, type ComponentName, type Manifest } from './types.js';

/** A path that stays where it is put: relative, `/` between parts, no `.` or `..`. */
const insidePath = v.pipe(v.string(), v.check(isInsidePath, 'must be a relative path without `.` or `..`'));
/** As above, or empty for the whole directory. */
const insideDirectory = v.union([v.literal(''), insidePath]);
const integrity = v.pipe(v.string(), v.regex(/^(sha256-[A-Za-z0-9+/]{43}=|sha384-[A-Za-z0-9+/]{64}|sha512-[A-Za-z0-9+/]{86}==)$/, 'must be sha256-, sha384- or sha512- and a whole digest in base64'));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

export const layoutSchema = v.strictObject({
  sysroot: v.string(),
  resourceDir: v.string(),
  builtins: v.string(),
  target: v.pipe(v.string(), v.regex(/^wasm32-/)),
  programs: v.variant('kind', [
    v.strictObject({ kind: v.literal('portable'), module: v.string() }),
    v.strictObject({ kind: v.literal('native'), tools: v.record(v.picklist(TOOL_NAMES), v.string()) }),
  ]),
});

const releaseSchema = v.pipe(v.strictObject({
  version: v.pipe(v.string(), v.regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]*$/, 'may hold letters, digits and . + _ -')),
  source: v.picklist(SOURCE_NAMES),
  hosts: v.pipe(v.array(v.pipe(v.string(), v.regex(/^(any|[a-z0-9]+-[a-z0-9]+)$/))), v.minLength(1)),
  clangVersion: v.pipe(v.string(), v.regex(/^\d+(\.\d+)*$/)),
  artifact: v.strictObject({
    location: v.pipe(v.string(), v.check((text) => isInsidePath(text) || /^https?:\/\//.test(text), 'must be a URL or a relative path')),
    sizeBytes: v.nullable(positive),
    integrity: v.nullable(integrity),
    witnesses: v.array(v.string()),
  }),
  unpack: v.strictObject({
    format: v.literal('tar.gz'),
    take: v.pipe(
      v.array(
        v.variant('as', [
          v.strictObject({ as: v.literal('file'), from: insidePath, to: insidePath }),
          v.strictObject({ as: v.picklist(['tree', 'nested-tar']), from: insidePath, to: insideDirectory }),
        ]),
      ),
      v.minLength(1),
    ),
  }),
  unpackedBytes: positive,
  layout: v.pipe(
    layoutSchema,
    v.check((layout) => [layout.sysroot, layout.resourceDir, layout.builtins, ...programPaths(layout)].every(isInsidePath), 'paths of a layout must stay inside the component'),
  ),
  expects: v.pipe(v.array(insidePath), v.minLength(1)),
}), v.check((release) => release.source !== 'npm' || isInsidePath(release.artifact.location), 'the npm source takes a path below the registry, not a URL'));

/** The JSON of one manifest. `manifests/manifest.schema.json` says the same for editors; a test holds the two together. */
export const manifestSchema = v.pipe(
  v.strictObject({
    $schema: v.optional(v.string()),
    schema: v.literal(1),
    component: v.picklist(COMPONENT_NAMES),
    title: v.string(),
    channels: v.record(v.string(), v.string()),
    releases: v.pipe(v.array(releaseSchema), v.minLength(1)),
  }),
  v.check((manifest) => Object.values(manifest.channels).every((version) => manifest.releases.some((release) => release.version === version)), 'a channel names a version that no release has'),
);

/** Where manifests are read from. */
export function manifestsDirectory(env: Environment): string {
  return env['WASIENV_MANIFESTS'] || fileURLToPath(new URL('../../manifests/', import.meta.url));
}

/**
 * All manifests of a directory, by component. Files named `*.schema.json` are not manifests.
 * @throws E_MANIFEST naming file and place for anything it does not understand.
 */
export async function loadManifests(directory: string): Promise<ReadonlyMap<ComponentName, Manifest>> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw badManifest(directory, 'the directory cannot be read', cause);
  });
  const manifests = new Map<ComponentName, Manifest>();
  for (const name of names.filter((each) => each.endsWith('.json') && !each.endsWith('.schema.json')).sort()) {
    const file = path.join(directory, name);
    const manifest = parseManifest(await readFile(file, 'utf8').catch((cause: unknown) => {
      throw badManifest(file, 'it cannot be read', cause);
    }), file);
    if (manifests.has(manifest.component)) throw badManifest(file, `${manifest.component} already has a manifest in this directory`);
    manifests.set(manifest.component, manifest);
  }
  if (manifests.size === 0) throw badManifest(directory, 'the directory holds none');
  return manifests;
}

/** One manifest from its text. Pure. @throws E_MANIFEST */
export function parseManifest(text: string, file: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw badManifest(file, `it is not JSON: ${(cause as Error).message}`, cause);
  }
  const result = v.safeParse(manifestSchema, data);
  if (!result.success) {
    const issue = result.issues[0];
    const at = v.getDotPath(issue);
    throw badManifest(file, `${at === null ? '' : `${at}: `}${issue.message}`);
  }
  const { $schema: _, ...manifest } = result.output;
  return manifest as Manifest;
}

function isInsidePath(text: string): boolean {
  return text !== '' && !/[\\\0:]/.test(text) && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

function programPaths(layout: v.InferOutput<typeof layoutSchema>): readonly string[] {
  return layout.programs.kind === 'portable' ? [layout.programs.module] : Object.values(layout.programs.tools).map(String);
}
