// What an environment would change in another, for `wasienv env --diff`. Pure.
import type { Environment } from '../../base/surroundings.js';
import type { ToolEnvironment } from './variables.js';

export interface EnvironmentChange {
  readonly name: string;
  readonly kind: 'set' | 'change' | 'keep' | 'prepend';
  /** The value afterwards; for `prepend` the directories that come in front. */
  readonly value: string;
  /** The value now; for `change` only. */
  readonly now?: string;
}

export function environmentChanges({ variables, path, separator }: ToolEnvironment, env: Environment): readonly EnvironmentChange[] {
  const changes = variables.map(({ name, value }): EnvironmentChange => {
    const now = env[name];
    if (now === undefined) return { name, kind: 'set', value };
    return now === value ? { name, kind: 'keep', value } : { name, kind: 'change', value, now };
  });
  if (path.length === 0) return changes;
  // Windows calls it Path and does not care; the environment of Node finds it either way, a copy of it does not.
  const now = Object.entries(env).find(([name]) => name === 'PATH' || (separator === ';' && name.toUpperCase() === 'PATH'))?.[1] ?? '';
  const front = path.join(separator);
  const isThere = now === front || now.startsWith(`${front}${separator}`);
  return [...changes, { name: 'PATH', kind: isThere ? 'keep' : 'prepend', value: front }];
}
