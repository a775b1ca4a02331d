// As much of JSON Schema 2020-12 as the schemas in manifests/ use; an unknown keyword is an error, not a pass.
import { readFileSync } from 'node:fs';
import path from 'node:path';

type Schema = Readonly<Record<string, unknown>>;

/** Where `value` breaks the schema `manifests/NAME`, as `path: keyword` lines. */
export function schemaFaults(name: string, value: unknown): string[] {
  const root = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../manifests', name), 'utf8')) as Schema;
  return faults(root, root, value, '$');
}

const KEYWORDS = new Set(['$schema', 'title', 'description', '$defs', '$ref', 'type', 'const', 'enum', 'pattern', 'minimum', 'required', 'additionalProperties', 'properties', 'items', 'minItems', 'anyOf', 'oneOf', 'format', 'not', 'if', 'then']);

function faults(root: Schema, schema: Schema, value: unknown, at: string): string[] {
  const unknown = Object.keys(schema).filter((keyword) => !KEYWORDS.has(keyword));
  if (unknown.length > 0) throw new Error(`this reader of schemas does not know ${unknown.join(', ')}`);
  const found: string[] = [];
  const check = (keyword: string, holds: boolean): void => void (holds || found.push(`${at}: ${keyword}`));
  const at$ = (part: Schema, inner: unknown, place = at): string[] => faults(root, part, inner, place);
  if (typeof schema['$ref'] === 'string') {
    const target = schema['$ref'].slice(2).split('/').reduce<unknown>((node, key) => (node as Schema)[key], root);
    found.push(...at$(target as Schema, value));
  }
  if (schema['type'] !== undefined) check('type', [schema['type']].flat().some((type) => isOfType(type as string, value)));
  if ('const' in schema) check('const', value === schema['const']);
  if (schema['enum'] !== undefined) check('enum', (schema['enum'] as unknown[]).includes(value));
  if (typeof value === 'string' && schema['pattern'] !== undefined) check('pattern', new RegExp(schema['pattern'] as string, 'u').test(value));
  if (typeof value === 'number' && schema['minimum'] !== undefined) check('minimum', value >= (schema['minimum'] as number));
  if (schema['anyOf'] !== undefined) check('anyOf', (schema['anyOf'] as Schema[]).some((each) => at$(each, value).length === 0));
  if (schema['oneOf'] !== undefined) check('oneOf', (schema['oneOf'] as Schema[]).filter((each) => at$(each, value).length === 0).length === 1);
  if (schema['not'] !== undefined) check('not', at$(schema['not'] as Schema, value).length > 0);
  if (schema['if'] !== undefined && at$(schema['if'] as Schema, value).length === 0) found.push(...at$(schema['then'] as Schema, value));
  if (Array.isArray(value) && schema['minItems'] !== undefined) check('minItems', value.length >= (schema['minItems'] as number));
  if (Array.isArray(value) && schema['items'] !== undefined) value.forEach((each, index) => found.push(...at$(schema['items'] as Schema, each, `${at}[${index}]`)));
  if (isOfType('object', value)) {
    const object = value as Readonly<Record<string, unknown>>;
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
    for (const name of (schema['required'] ?? []) as string[]) check(`required ${name}`, Object.hasOwn(object, name));
    for (const [name, each] of Object.entries(object)) {
      if (Object.hasOwn(properties, name)) found.push(...at$(properties[name]!, each, `${at}.${name}`));
      else if (schema['additionalProperties'] === false) found.push(`${at}: additional ${name}`);
      else if (isOfType('object', schema['additionalProperties'])) found.push(...at$(schema['additionalProperties'] as Schema, each, `${at}.${name}`));
    }
  }
  return found;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
