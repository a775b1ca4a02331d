// The version of wasienv, read from the one place that states it.
import { readFileSync } from 'node:fs';

export function wasienvVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
