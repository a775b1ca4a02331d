// What a project asks for: `wasienv.json`, found upwards from where the command was typed, and `WASIENV_TOOLCHAIN`,
// which overrules it. Schema: manifests/project.schema.json. Read by hand and not by a schema library: it stands in the
// path of every `wasienv cc`. A pin only chooses among what our manifests list; it names no URL and no digest.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isObject, parseJson } from '../../base/json.js';
import type { Environment } from '../../base/surroundings.js';
import { badPin, unknownSchema } from './errors.js';
import { COMPONENT_NAMES, SOURCE_NAMES, TOOLCHAIN_COMPONENTS, type ComponentName, type ComponentRequest, type SourceName } from '../types.js';

export const PIN_FILE = 'wasienv.json';
export const LOCK_FILE = 'wasienv.lock';

/** The nearest directory upwards that has one of our files. */
export interface Project {
  readonly directory: string;
  readonly pinFile: string | null;
  readonly lockFile: string | null;
}

export interface Pin {
  /** The file, or the name of the variable. */
  readonly by: string;
  readonly components: readonly ComponentRequest[];
  readonly source: SourceName | 'auto';
}

export function findProject(cwd: string): Project | null {
  for (let directory = path.resolve(cwd); ; directory = path.dirname(directory)) {
    const [pinFile, lockFile] = [PIN_FILE, LOCK_FILE].map((name) => path.join(directory, name)).map((file) => (existsSync(file) ? file : null)) as [string | null, string | null];
    if (pinFile !== null || lockFile !== null) return { directory, pinFile, lockFile };
    if (path.dirname(directory) === directory) return null;
  }
}

export function readPin(file: string): Pin {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw badPin(file, 'it cannot be read', cause);
  }
  return parsePin(text, file);
}

/** A pin from the text of its file. Pure. @throws E_PIN */
function parsePin(text: string, file: string): Pin {
  const data = parseJson(text, (why, cause) => badPin(file, why, cause));
  if (!isObject(data)) throw badPin(file, 'it is not an object');
  const { $schema: _, schema, components, source = 'auto', ...rest } = data;
  if (schema !== 1) {
    const { why, next } = unknownSchema(schema);
    throw badPin(file, why, undefined, next);
  }
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw badPin(file, `it has an unknown field \`${unknown}\``);
  if (!isObject(components) || Object.keys(components).length === 0) throw badPin(file, '`components` is not an object that names at least one');
  if (source !== 'auto' && !(SOURCE_NAMES as readonly unknown[]).includes(source)) throw badPin(file, `\`source\` is ${JSON.stringify(source)}, not one of auto, ${SOURCE_NAMES.join(', ')}`);
  const requests = Object.entries(components).map(([name, wanted]): ComponentRequest => {
    if (!isComponent(name)) throw badPin(file, `there is no component ${JSON.stringify(name)}; there are ${COMPONENT_NAMES.join(', ')}`);
    if (typeof wanted !== 'string' || wanted.trim() === '') throw badPin(file, `\`components.${name}\` is not a version, a range or a channel`);
    return { name, wanted };
  });
  return { by: file, components: withOneCompiler(requests, file), source: source as Pin['source'] };
}

/** `WASIENV_TOOLCHAIN=wasi-sdk@^30`, several separated by blanks; null when it is not set. @throws E_PIN */
export function pinOfEnvironment(env: Environment): Pin | null {
  const text = env['WASIENV_TOOLCHAIN']?.trim();
  if (text === undefined || text === '') return null;
  const by = 'WASIENV_TOOLCHAIN';
  const requests = text.split(/[\s,]+/).map((word): ComponentRequest => {
    const [, name, wanted] = /^([^@]+)(?:@(.+))?$/.exec(word) ?? [];
    if (name === undefined || !isComponent(name)) throw badPin(by, `it names ${JSON.stringify(word)}; write COMPONENT or COMPONENT@VERSION, with a component of ${COMPONENT_NAMES.join(', ')}`);
    return { name, ...(wanted === undefined ? {} : { wanted }) };
  });
  return { by, components: withOneCompiler(requests, by), source: 'auto' };
}

function withOneCompiler(requests: readonly ComponentRequest[], by: string): readonly ComponentRequest[] {
  const compilers = requests.filter(({ name }) => (TOOLCHAIN_COMPONENTS as readonly ComponentName[]).includes(name));
  if (compilers.length > 1) throw badPin(by, `it names more than one compiler: ${compilers.map(({ name }) => name).join(', ')}`);
  if (new Set(requests.map(({ name }) => name)).size < requests.length) throw badPin(by, 'it names a component twice');
  return requests;
}

function isComponent(name: string): name is ComponentName {
  return (COMPONENT_NAMES as readonly string[]).includes(name);
}
