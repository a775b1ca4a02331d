// What a build's own files tell, read without complaint: what is not there, or is no text, tells nothing.
import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** The first bytes of a file, each as one character; empty for what cannot be read. */
export function headOf(file: string): string {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const bytes = Buffer.alloc(4096);
      return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/** A file of a build as text; empty for what cannot be read, or is larger than such files are. */
export function readText(file: string): string {
  try {
    return statSync(file).size > 4 << 20 ? '' : readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
