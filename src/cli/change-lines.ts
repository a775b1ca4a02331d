// How an environment differs from that of this shell, a line a variable: `env --diff`, `exec --show`. Pure. Values are the
// user's own and may hold anything; none of it reaches the terminal as a control character.
import { visible } from '../base/text.js';

export interface ShownChange {
  readonly kind: 'set' | 'change' | 'keep' | 'prepend' | 'remove';
  readonly name: string;
  /** Afterwards; empty for what is removed. */
  readonly value: string;
  /** Undefined where it does not matter. */
  readonly now?: string | undefined;
}

export function changeLines(changes: readonly ShownChange[]): string[] {
  const width = Math.max(0, ...changes.map(({ name }) => name.length));
  return changes.map(({ kind, name, value, now }) => {
    const was = now === undefined ? [] : [`(now ${now === '' ? 'empty' : now})`];
    return visible([kind.padEnd(7), name.padEnd(width), ...(value === '' ? [] : [value]), ...was].join('  ')).replaceAll('\n', '\\x0a');
  });
}
