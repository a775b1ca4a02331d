// JSON that somebody else wrote, looked at by hand: for files in the path of every `wasienv cc`, where a schema library would
// take longer to load than they take to read. Pure.

export type Fields = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

export const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((each) => typeof each === 'string');

/** The value of a JSON text. `refuse` makes the error for a text that is none, given why in words and as it was thrown. */
export function parseJson(text: string, refuse: (why: string, cause: unknown) => Error): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(`it is not JSON: ${(cause as Error).message}`, cause);
  }
}
