// The version of wasienv as its package says it, for receipts.
import { readFileSync } from 'node:fs';

export function wasienvVersion(): string {
  return (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;
}
