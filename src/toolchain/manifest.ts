// Reads manifests: what exists, for which host, with which digest. Whatever they say is checked here once, so that
// everything behind may trust the types. `WASIENV_MANIFESTS` puts another directory in place of the built-in one.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import type { Environment } from '../base/surroundings.js';
import { InternalError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { badManifest, offlineManifests } from './errors.js';
import { layoutOn } from './layout.js';
import type { SourceContext } from './sources/source.js';
import { ARCHIVE_FORMATS, COMPONENT_NAMES, TOOL_NAMES, type Artifact, type ComponentLayout, type ComponentName, type Manifest, type Release } from './types.js';

/** A path that stays where it is put: relative, `/` between parts, no `.` or `..`. */
const insidePath = v.pipe(v.string(), v.check(isInsidePath, 'must be a relative path without `.` or `..`'));
/** As above, or empty for the whole directory. */
const insideDirectory = v.union([v.literal(''), insidePath]);
const integrity = v.pipe(v.string(), v.regex(/^(sha256-[A-Za-z0-9+/]{43}=|sha384-[A-Za-z0-9+/]{64}|sha512-[A-Za-z0-9+/]{86}==)$/, 'must be sha256-, sha384- or sha512- and a whole digest in base64'));
/** Is printed: one line that does nothing to a terminal. */
const words = v.pipe(v.string(), v.regex(/^[^\u0000-\u001f\u007f-\u009f]*$/, 'must be one line without control characters'));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));

const target = v.pipe(v.string(), v.regex(/^wasm32-/));
const tools = v.record(v.picklist(TOOL_NAMES), insidePath);

const layoutSchema = v.strictObject({
  sysroot: v.optional(insideDirectory),
  resourceDir: v.optional(insidePath),
  builtins: v.optional(insidePath),
  target,
  targets: v.optional(v.array(target)),
  exceptionVariants: v.optional(v.literal(true)),
  programs: v.optional(v.variant('kind', [
    v.strictObject({ kind: v.literal('portable'), module: insidePath }),
    v.strictObject({ kind: v.literal('native'), tools }),
  ])),
  rustStd: v.optional(insideDirectory),
});

/** Rows of layouts.json: `programs` may name one of its lists of tools. */
const layoutsSchema = v.strictObject({
  $schema: v.optional(v.string()),
  schema: v.literal(1),
  tools: v.record(v.string(), tools),
  layouts: v.record(v.string(), v.strictObject({ ...layoutSchema.entries, programs: v.optional(v.string()) })),
});

const artifactSchema = v.strictObject({
  location: v.pipe(v.string(), v.check((text) => isInsidePath(text) || isArtifactUrl(text), 'must be a relative path, or a URL whose path stays one when it is decoded')),
  sizeBytes: v.nullable(positive),
  integrity: v.nullable(integrity),
  witnesses: v.array(words),
  witnessCount: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  conflicts: v.optional(v.array(v.strictObject({ integrity, source: words }))),
});

const takeSchema = v.array(
  v.variant('as', [
    v.strictObject({ as: v.literal('file'), from: insidePath, to: insidePath }),
    v.strictObject({ as: v.literal('tree'), from: insideDirectory, to: insideDirectory }),
    v.strictObject({ as: v.literal('nested-tar'), from: insidePath, to: insideDirectory }),
  ]),
);

/**
 * A row. Long form: what to take, where it lies and what to expect are written out (`unpack`, `layout`, `expects`).
 * Short form: `root` is the directory inside the archive (`format`, tar.gz where it is left out) that becomes the
 * component, and `layout` the id of a row of layouts.json, which says what to expect as well.
 */
const releaseSchema = v.pipe(
  v.strictObject({
    version: v.pipe(v.string(), v.regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]*$/, 'may hold letters, digits and . + _ -')),
    source: v.picklist(['npm', 'upstream']),
    hosts: v.pipe(v.array(v.pipe(v.string(), v.regex(/^(any|[a-z0-9]+-[a-z0-9]+)$/))), v.minLength(1)),
    clangVersion: v.nullable(v.pipe(v.string(), v.regex(/^\d+(\.\d+)*$/))),
    artifact: artifactSchema,
    root: v.optional(insideDirectory),
    format: v.optional(v.picklist(ARCHIVE_FORMATS)),
    unpack: v.optional(v.strictObject({ format: v.picklist(ARCHIVE_FORMATS), take: v.pipe(takeSchema, v.minLength(1)) })),
    unpackedBytes: v.optional(v.nullable(positive)),
    layout: v.union([v.string(), layoutSchema]),
    expects: v.optional(v.pipe(v.array(insidePath), v.minLength(1))),
    glibc: v.optional(v.pipe(v.string(), v.regex(/^\d+\.\d+$/))),
    note: v.optional(words),
    avoid: v.optional(v.boolean()),
  }),
  v.check((release) => release.source !== 'npm' || isInsidePath(release.artifact.location), 'the npm source takes a path below the registry, not a URL'),
  v.check((release) => release.source === 'npm' || isHttpUrl(release.artifact.location), 'the upstream source takes a whole URL'),
  v.check((release) => (release.root === undefined) !== (release.unpack === undefined), 'has either `root` or `unpack`'),
  v.check((release) => release.format === undefined || release.unpack === undefined, 'has `format` beside `unpack`, which says it already'),
);

/** The JSON of one manifest. `manifests/manifest.schema.json` says the same for editors; a test holds the two together. */
const manifestSchema = v.pipe(
  v.strictObject({
    $schema: v.optional(v.string()),
    schema: v.literal(1),
    component: v.picklist(COMPONENT_NAMES),
    title: words,
    channels: v.record(words, v.string()),
    releases: v.pipe(v.array(releaseSchema), v.minLength(1)),
  }),
  v.check((manifest) => Object.values(manifest.channels).every((version) => manifest.releases.some((release) => release.version === version)), 'a channel names a version that no release has'),
);

const BUILT_IN = fileURLToPath(new URL('../../manifests/', import.meta.url));
const LAYOUTS_FILE = 'layouts.json';

/** Where manifests are read from: a directory, or the URL of one. */
export function manifestsDirectory(env: Environment): string {
  return env['WASIENV_MANIFESTS'] || BUILT_IN;
}

/** Gives the text of a file of a directory that is only reachable by URL; null where there is none. */
export type FetchText = (url: string) => Promise<string | null>;

/**
 * All manifests of a directory, by component. Files named `*.schema.json` are not manifests, and `layouts.json` holds
 * the layouts they name; a directory without one uses the built-in layouts. Over HTTP nothing can be listed: there a
 * manifest bears the name of its component.
 * @throws E_MANIFEST naming file and place for anything it does not understand.
 */
export async function loadManifests(directory: string, fetchText?: FetchText): Promise<ReadonlyMap<ComponentName, Manifest>> {
  const texts = isHttpUrl(directory) ? await fetchTexts(directory, fetchText) : await readTexts(directory);
  const layoutsText = texts.get(LAYOUTS_FILE) ?? (await readText(path.join(BUILT_IN, LAYOUTS_FILE)));
  const layouts = parseLayouts(layoutsText, placeOf(directory, LAYOUTS_FILE));
  const manifests = new Map<ComponentName, Manifest>();
  for (const [name, text] of texts) {
    if (name === LAYOUTS_FILE) continue;
    const file = placeOf(directory, name);
    const manifest = parseManifest(text, file, layouts);
    if (manifests.has(manifest.component)) throw badManifest(file, `${manifest.component} already has a manifest in this directory`);
    manifests.set(manifest.component, manifest);
  }
  if (manifests.size === 0) throw badManifest(directory, 'the directory holds none');
  return manifests;
}

/** The manifests this environment names, fetched if need be. @throws E_MANIFEST, and what a download throws */
export async function loadManifestsFor(context: SourceContext): Promise<ReadonlyMap<ComponentName, Manifest>> {
  const directory = manifestsDirectory(context.env);
  if (!isHttpUrl(directory)) return loadManifests(directory);
  if (context.offline === true) throw offlineManifests(directory);
  const [{ fetchText }, { hopFor, readNpmSettings }] = await Promise.all([import('./download.js'), import('./sources/npm-config.js')]);
  const settings = await readNpmSettings('', context);
  return loadManifests(directory, (url) => fetchText({
    subject: `the manifest ${url.slice(url.lastIndexOf('/') + 1)}`, route: { url, hop: (at) => hopFor(settings, at), registry: false },
    signal: context.signal,
  }));
}

async function readTexts(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw badManifest(directory, 'the directory cannot be read', cause);
  });
  const wanted = names.filter((each) => each.endsWith('.json') && !each.endsWith('.schema.json')).sort();
  return new Map(await Promise.all(wanted.map(async (name) => [name, await readText(path.join(directory, name))] as const)));
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw badManifest(file, 'it cannot be read', cause);
  });
}

async function fetchTexts(base: string, fetchText: FetchText | undefined): Promise<ReadonlyMap<string, string>> {
  if (fetchText === undefined) throw new InternalError('manifests lie behind a URL and nothing was given to fetch them with');
  const names = [...COMPONENT_NAMES.map((name) => `${name}.json`), LAYOUTS_FILE];
  const texts = await Promise.all(names.map(async (name) => [name, await fetchText(placeOf(base, name))] as const));
  return new Map(texts.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const])));
}

function placeOf(directory: string, name: string): string {
  return isHttpUrl(directory) ? new URL(name, directory.endsWith('/') ? directory : `${directory}/`).href : path.join(directory, name);
}

/** One manifest from its text, its layouts filled in. Pure. @throws E_MANIFEST */
export function parseManifest(text: string, file: string, layouts: Layouts = new Map()): Manifest {
  const { $schema: _, releases, ...manifest } = parse(manifestSchema, text, file);
  return { ...manifest, releases: releases.map((row) => releaseOf(row, file, layouts)) } as Manifest;
}

/** Layouts by id. */
export type Layouts = ReadonlyMap<string, ComponentLayout>;

/** The layouts of a layouts.json. Pure. @throws E_MANIFEST */
export function parseLayouts(text: string, file: string): Layouts {
  const data = parse(layoutsSchema, text, file);
  return new Map(Object.entries(data.layouts).map(([id, { programs: list, ...layout }]) => {
    if (list === undefined) return [id, layout as ComponentLayout];
    const named = data.tools[list];
    if (named === undefined) throw badManifest(file, `the layout ${id} names the tools ${list}, which are not there`);
    return [id, { ...layout, programs: { kind: 'native', tools: named } } as ComponentLayout];
  }));
}

function releaseOf(row: v.InferOutput<typeof releaseSchema>, file: string, layouts: Layouts): Release {
  const { root, format, unpack, layout: named, ...rest } = row;
  const layout = typeof named === 'string' ? layouts.get(named) : (named as ComponentLayout);
  if (layout === undefined) throw badManifest(file, `${row.version} names the layout ${JSON.stringify(named)}, which is not in ${LAYOUTS_FILE}`);
  return {
    ...rest,
    artifact: row.artifact as Artifact,
    unpack: unpack ?? { format: format ?? 'tar.gz', take: [{ as: 'tree', from: root ?? '', to: '' }] },
    unpackedBytes: row.unpackedBytes ?? null,
    layout: row.hosts.every((host) => host.startsWith('win32-')) ? layoutOn('win32', layout) : layout,
    expects: row.expects ?? null,
    glibc: row.glibc ?? null,
    note: row.note ?? null,
    avoid: row.avoid ?? false,
  };
}

function parse<const Schema extends v.GenericSchema>(schema: Schema, text: string, file: string): v.InferOutput<Schema> {
  const result = v.safeParse(schema, parseJson(text, (why, cause) => badManifest(file, why, cause)));
  if (result.success) return result.output;
  const [issue] = result.issues;
  const at = v.getDotPath(issue as v.BaseIssue<unknown>);
  throw badManifest(file, `${at === null ? '' : `${at}: `}${issue.message}`);
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s\u0000-\u001f\u007f]+$/.test(text) && URL.canParse(text);
}

/** Mirrors and bundles keep a file by the parts of its address, decoded: none of them may lead elsewhere. */
function isArtifactUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  try {
    return new URL(text).pathname.split('/').filter((part) => part !== '').map(decodeURIComponent).every((part) => isInsidePath(part) && !part.includes('/'));
  } catch {
    return false;
  }
}

function isInsidePath(text: string): boolean {
  return text !== '' && !/[\\:\u0000-\u001f\u007f]/.test(text) && text.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
