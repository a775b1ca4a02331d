// Lays beside a clang that is not ours what it lacks: a resource directory of its own, whose headers are a link to the
// clang's and whose builtins lie under every name a clang has looked for, and a sysroot. Reads the foreign tree and
// writes only into the directory it is given.
import { createHash } from 'node:crypto';
import { copyFileSync, linkSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BUILTINS_PLACES, lacksStackGuard, withStackGuard } from './builtins.js';
import { clangRefused } from './sources/errors.js';
import { overlayNotLooked, partGone } from './errors.js';
import { filesBelow } from './install-packages.js';
import { absoluteLayout } from './layout.js';
import { markLibcxx } from './package-tree.js';
import { readReceipt } from './receipt.js';
import { builtinsPlaces, findClang, ownParts, type ClangSearch } from './sources/clangs.js';
import { digestFile } from './verify.js';
import type { ComponentLayout, InstalledFile, OverlayParts } from './types.js';

export interface Overlaid {
  /** Relative to the overlay; what is the machine's own is absolute. */
  readonly layout: ComponentLayout;
  readonly files: readonly InstalledFile[];
  readonly keyFiles: readonly string[];
  readonly digest: string;
}

interface Parts {
  readonly sysroot: string;
  readonly builtins: string;
  readonly target: string;
  readonly layout: Pick<ComponentLayout, 'targets' | 'exceptionVariants'>;
  /** In our own home, and so to be laid into the overlay. */
  readonly ours: boolean;
}

/** Fills the empty directory `tree`. @throws E_NO_SYSROOT when a part is gone, E_NO_BUILTINS when this clang will not look here */
export async function buildOverlay(clang: string, overlay: OverlayParts, tree: string, home: string, search: ClangSearch): Promise<Overlaid> {
  const finding = await findClang(clang, search, path.dirname(clang));
  if (finding?.compiler == null) throw clangRefused({ clang, code: 'E_CLANG_NO_WASM', reason: 'it can no longer compile for WebAssembly', next: 'run `wasienv setup --clang` with another' });
  const { compiler } = finding;
  const own = ownParts(finding, search);
  const parts = path.isAbsolute(overlay.sysroot) ? (own === null ? null : { ...own, layout: {}, ours: false }) : partsOf(home, overlay);
  if (parts === null) throw partGone(overlay.sysroot);
  // From 22 on clang has a warning for every use of the old name; where the files are ours they can have the new one.
  const target = parts.ours && Number.parseInt(finding.clangVersion ?? '0', 10) >= 22 ? NEW_NAME : parts.target;
  const at = (...names: string[]): string => path.join(tree, ...names);

  if (parts.ours) {
    for (const name of ['include', 'lib']) linkTree(path.join(parts.sysroot, name), at('sysroot', name));
    if (target !== parts.target) for (const name of ['include', 'lib']) rename(at('sysroot', name, parts.target), at('sysroot', name, target));
    markLibcxx(at('sysroot'));
  }
  mkdirSync(at('resource'), { recursive: true });
  // A junction is what Windows lets anybody make.
  symlinkSync(path.join(compiler.resourceDir, 'include'), at('resource', 'include'), process.platform === 'win32' ? 'junction' : 'dir');
  const libc = path.join(parts.sysroot, 'lib', parts.target, 'libc.a');
  const bytes = (await lacksStackGuard(parts.builtins, libc))
    ? await withStackGuard(parts.builtins, { clang, target, work: path.dirname(tree), env: search.env, signal: search.signal })
    : await readFile(parts.builtins);
  const asked = (await builtinsPlaces(clang, search, [`-resource-dir=${at('resource')}`])).map(({ file }) => path.relative(at('resource'), file));
  const names = [...BUILTINS_PLACES, ...asked.filter((file) => !file.startsWith('..') && !path.isAbsolute(file)).map((file) => file.split(path.sep).join('/'))];
  for (const name of new Set(names)) {
    mkdirSync(path.dirname(at('resource', name)), { recursive: true });
    writeFileSync(at('resource', name), bytes);
  }
  const place = (await builtinsPlaces(clang, search, [`-resource-dir=${at('resource')}`])).find((each) => each.target === target);
  if (place?.found !== true) throw overlayNotLooked(clang, place?.file ?? '(no answer)');

  const { programs } = compiler;
  const foreign = [...programs, ...(parts.ours ? [] : [libc])];
  const files = [
    ...(await Promise.all(foreign.map(async (file) => ({ path: file, sizeBytes: statSync(file).size, integrity: await digestFile(file, 'sha256-') })))),
    ...(await filesBelow(tree)),
  ];
  const builtins = path.relative(tree, place.file).split(path.sep).join('/');
  const sysroot = parts.ours ? 'sysroot' : parts.sysroot;
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.path}\0${file.integrity}\n`);
  return {
    layout: { ...parts.layout, sysroot, resourceDir: 'resource', builtins, target, programs: { kind: 'native', tools: compiler.tools }, ...(compiler.defaultsToLibgcc ? { defaultsToLibgcc: true } : {}) },
    files,
    keyFiles: [...foreign, builtins, ...(parts.ours ? [`sysroot/lib/${target}/libc.a`] : [])],
    digest: `sha256-${hash.digest('base64')}`,
  };
}

const NEW_NAME = 'wasm32-wasip1';

/** Headers for all targets together have no directory of the target's name. */
function rename(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined && statSync(to, { throwIfNoEntry: false }) === undefined) renameSync(from, to);
}

function partsOf(home: string, overlay: OverlayParts): Parts | null {
  const [sysroot, builtins] = [overlay.sysroot, overlay.builtins].map((id) => {
    const receipt = readReceipt(home, id);
    return receipt === undefined ? undefined : absoluteLayout(receipt.layout, receipt.directory);
  });
  if (sysroot?.sysroot === undefined || sysroot.target === undefined || builtins?.builtins === undefined) return null;
  const { targets, exceptionVariants } = sysroot;
  return {
    sysroot: sysroot.sysroot, target: sysroot.target, builtins: builtins.builtins, ours: true,
    layout: { ...(targets === undefined ? {} : { targets }), ...(exceptionVariants === undefined ? {} : { exceptionVariants }) },
  };
}

/** The same files under other names: what is installed is never changed, so one copy will do. */
function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const each of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, each.name), path.join(to, each.name)];
    if (each.isDirectory()) linkTree(source, target);
    else {
      try {
        linkSync(source, target);
      } catch {
        copyFileSync(source, target);
      }
    }
  }
}
