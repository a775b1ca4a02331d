// The `system` source: a clang that is already on the machine, adopted without a byte written into it. Chooses among
// what clangs.ts found, and writes down the files the choice rests on, so that an upgrade behind our back is noticed.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import { WasienvError } from '../../base/errors.js';
import { clangRefused, noUsableClang } from './errors.js';
import type { InstalledFile } from '../types.js';
import { digestFile } from '../verify.js';
import { findClangs, type ClangFinding, type ClangSearch } from './clangs.js';
import type { Adoptable, Adoption, AdoptSource, SourceContext } from './source.js';

export { findClangs, parseTargets, usualDirectories, type ClangFinding, type ClangSearch, type Refused, type Usable } from './clangs.js';

export const systemSource: AdoptSource = {
  kind: 'adopt',
  name: 'system',
  async find(context: SourceContext): Promise<Adoptable | WasienvError> {
    const findings = await findClangs(searchIn(context));
    const usable = findings.find(({ verdict }) => verdict.kind === 'usable');
    return usable === undefined ? noUsableClang(findings.flatMap(refusalOf)) : adoptable(usable);
  },
  async adopt(clang: string, context: SourceContext): Promise<Adoption> {
    const findings = await findClangs(searchIn(context));
    const finding = findings.find((each) => each.clang === clang);
    if (finding === undefined) throw noUsableClang(findings.flatMap(refusalOf));
    const { verdict } = finding;
    if (verdict.kind === 'refused') throw clangRefused({ clang, ...verdict });
    const files = await Promise.all(verdict.keyFiles.map(installedFile));
    return { ...adoptable(finding), rootDir: verdict.rootDir, layout: verdict.layout, digest: identity(files), files };
  },
};

function searchIn({ env, platform, signal }: SourceContext): ClangSearch {
  return { env, platform, signal };
}

function adoptable({ clang, clangVersion }: ClangFinding): Adoptable {
  return { clang, clangVersion: clangVersion ?? '0', text: `clang ${clangVersion} in ${path.dirname(clang)}` };
}

function refusalOf({ clang, verdict }: ClangFinding): Parameters<typeof clangRefused>[0][] {
  return verdict.kind === 'refused' ? [{ clang, code: verdict.code, reason: verdict.reason, next: verdict.next }] : [];
}

async function installedFile(file: string): Promise<InstalledFile> {
  return { path: file, sizeBytes: statSync(file).size, integrity: await digestFile(file, 'sha256-') };
}

/** One digest over the paths and contents of `files`. */
function identity(files: readonly InstalledFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.path}\0${file.integrity}\n`);
  return `sha256-${hash.digest('base64')}`;
}
