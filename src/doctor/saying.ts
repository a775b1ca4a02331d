// What checks say, before it has the id and title of their row.
import { WasienvError } from '../base/errors.js';
import type { Finding } from './finding.js';

/** What a check says; id and title are those of its row unless it names others. */
export type Saying = Omit<Finding, 'id' | 'title'> & Partial<Pick<Finding, 'id' | 'title'>>;

export const ok = (text: string): Saying => ({ status: 'ok', text });

/** An error of another room, as a problem. */
export function fromError(error: unknown): Saying {
  if (!(error instanceof WasienvError)) throw error;
  const places = error.where.map(([label, value]) => `${label} ${value}`.trim());
  return {
    status: 'problem', text: error.message,
    cause: [`${error.code}`, ...places].join('\n'),
    next: error.next ?? `wasienv help errors   # about ${error.code}`,
  };
}
