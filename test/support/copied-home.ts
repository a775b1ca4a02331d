// A home of a test's own, to damage: the files are hard links to those of the shared test home, so copying costs
// nothing. Damage a file by `damage`, which replaces it; writing into it would reach the shared one.
import { linkSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export function copyHome(from: string, to: string): void {
  for (const entry of readdirSync(path.join(from, 'components'), { recursive: true, withFileTypes: true })) {
    const source = path.join(entry.parentPath, entry.name);
    const target = path.join(to, path.relative(from, source));
    if (entry.isDirectory()) mkdirSync(target, { recursive: true });
    else {
      mkdirSync(path.dirname(target), { recursive: true });
      linkSync(source, target);
    }
  }
  mkdirSync(path.join(to, 'receipts'), { recursive: true });
  for (const name of readdirSync(path.join(from, 'receipts'))) {
    const text = readFileSync(path.join(from, 'receipts', name), 'utf8');
    const receipt = JSON.parse(text) as { directory: string };
    writeFileSync(path.join(to, 'receipts', name), JSON.stringify({ ...receipt, directory: path.join(to, path.relative(from, receipt.directory)) }));
  }
}

/** Replaces a file by other bytes, or removes it. */
export function damage(file: string, bytes: Uint8Array | string | null): void {
  rmSync(file);
  if (bytes !== null) writeFileSync(file, bytes);
}
