// What an environment would change in another, for `wasienv env --diff`. Pure.
import { pathVariable } from '../../base/look.js';
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
  const now = env[pathVariable(env, separator === ';' ? 'win32' : 'linux')] ?? '';
  const front = path.join(separator);
  const isThere = now === front || now.startsWith(`${front}${separator}`);
  return [...changes, { name: 'PATH', kind: isThere ? 'keep' : 'prepend', value: front }];
}
