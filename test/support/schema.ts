// Checks data against a JSON Schema: the few keywords that the schemas beside our manifests use. An unknown keyword is
// an error, so that a schema cannot say something that no test looks at.

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Schema = { readonly [key: string]: Json };

const IGNORED = new Set(['$schema', 'title', 'description', '$defs', 'format']);

/** What is wrong with `value`, each with its place; empty when nothing is. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, at = '$'): string[] {
  const wrong: string[] = [];
  const say = (text: string): void => void wrong.push(`${at} ${text}`);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isObject ? (value as Readonly<Record<string, unknown>>) : {};
  for (const [keyword, rule] of Object.entries(schema)) {
    switch (keyword) {
      case '$ref': {
        const target = String(rule).replace('#/', '').split('/').reduce<Json>((from, key) => (from as Schema)[key]!, root);
        wrong.push(...violations(value, target as Schema, root, at));
        break;
      }
      case 'type':
        if (![rule].flat().some((type) => isOfType(value, type as string))) say(`is not ${JSON.stringify(rule)}`);
        break;
      case 'const':
        if (value !== rule) say(`is not ${JSON.stringify(rule)}`);
        break;
      case 'enum':
        if (!(rule as readonly unknown[]).includes(value)) say(`is none of ${JSON.stringify(rule)}`);
        break;
      case 'pattern':
        if (typeof value === 'string' && !new RegExp(rule as string, 'u').test(value)) say(`does not match ${rule}`);
        break;
      case 'minimum':
        if (typeof value === 'number' && value < (rule as number)) say(`is below ${rule}`);
        break;
      case 'minItems':
        if (Array.isArray(value) && value.length < (rule as number)) say(`has fewer than ${rule} items`);
        break;
      case 'required':
        if (isObject) for (const name of rule as readonly string[]) if (!(name in fields)) say(`lacks ${name}`);
        break;
      case 'properties':
        for (const [name, each] of Object.entries(rule as Record<string, Schema>)) if (name in fields) wrong.push(...violations(fields[name], each, root, `${at}.${name}`));
        break;
      case 'additionalProperties':
        for (const [name, each] of Object.entries(fields)) {
          if (name in ((schema['properties'] as Schema | undefined) ?? {})) continue;
          if (rule === false) say(`has an unknown ${name}`);
          else wrong.push(...violations(each, rule as Schema, root, `${at}.${name}`));
        }
        break;
      case 'items':
        if (Array.isArray(value)) value.forEach((each, index) => wrong.push(...violations(each, rule as Schema, root, `${at}[${index}]`)));
        break;
      case 'oneOf':
      case 'anyOf': {
        const fitting = (rule as readonly Schema[]).filter((each) => violations(value, each, root, at).length === 0).length;
        if (keyword === 'oneOf' ? fitting !== 1 : fitting === 0) say(`fits ${fitting} of ${keyword}`);
        break;
      }
      default:
        if (!IGNORED.has(keyword)) throw new Error(`the schema checker of the tests does not know ${keyword}`);
    }
  }
  return wrong;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null': return value === null;
    case 'array': return Array.isArray(value);
    case 'object': return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer': return Number.isInteger(value);
    default: return typeof value === type;
  }
}
