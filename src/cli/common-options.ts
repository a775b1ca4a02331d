// Options several commands share, with one wording.
import type { OptionTable } from './command.js';

export const QUIET = { quiet: { short: 'q', summary: 'print nothing but errors' } } as const satisfies OptionTable;
export const JSON_RESULT = { json: { summary: 'print the result as one JSON document' } } as const satisfies OptionTable;
export const JSON_EVENTS = { json: { summary: 'print one JSON event a line (see `wasienv help events`)' } } as const satisfies OptionTable;
