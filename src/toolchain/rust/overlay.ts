// A sysroot of ours for a rustc that is not ours: its own libraries for the host, by a link, and beside them a standard
// library for WASI. rustc and rustdoc are told by small scripts in its bin directory, so that cargo can use them as they
// are, for build scripts and procedural macros too, and RUSTFLAGS stay the user's. Nothing is written into what rustc
// came with. (That rustc finds a sysroot by the name it was started with is true of some versions only.)
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isFile, namesIn } from '../../base/look.js';
import { posixQuote } from '../../base/quote.js';
import { homeTree } from '../home.js';
import { cmdWord } from '../setenv/quote.js';
import { hasStd, type RustFacts } from './find.js';

type Owner = Pick<RustFacts, 'sysroot' | 'versionLine' | 'host'>;

/** Where the overlay of a rustc is: another rustc, or another version in the same place, has another. Pure. */
export function overlayDirectory(home: string, { sysroot, versionLine }: Owner): string {
  const key = createHash('sha256').update(`${sysroot}\0${versionLine}`).digest('hex').slice(0, 12);
  return path.join(homeTree.rustDir(home), `sysroot-${key}`);
}

/** The overlay of this rustc when it is there and holds this target. */
export function findOverlay(home: string, rust: Owner, target: string): string | null {
  const directory = overlayDirectory(home, rust);
  return hasStd(directory, target) ? directory : null;
}

/** The program in an overlay that stands for `rustc` or `rustdoc`; undefined where rustc came without it. */
export function overlayProgram(overlay: string, name: 'rustc' | 'rustdoc', platform: NodeJS.Platform): string | undefined {
  const file = path.join(overlay, 'bin', platform === 'win32' ? `${name}.cmd` : name);
  return isFile(file) ? file : undefined;
}

/** What the library is and whom it is for. */
export interface OverlayParts {
  readonly home: string;
  /** The compiler to start, absolute. */
  readonly rustc: string;
  readonly rust: Owner;
  readonly target: string;
  /** The directory that holds `lib/rustlib/TARGET`. */
  readonly std: string;
  readonly platform: NodeJS.Platform;
}

/** Puts an overlay together aside and in place by a rename. An older one of the same rustc is replaced. */
export async function makeOverlay({ home, rustc, rust, target, std, platform }: OverlayParts): Promise<string> {
  const directory = overlayDirectory(home, rust);
  await mkdir(path.dirname(directory), { recursive: true });
  const aside = await mkdtemp(`${directory}.`);
  try {
    const rustlib = path.join(aside, 'lib', 'rustlib');
    await mkdir(rustlib, { recursive: true });
    await linkDirectory(path.join(std, 'lib', 'rustlib', target), path.join(rustlib, target), platform);
    const theirs = path.join(rust.sysroot, 'lib', 'rustlib');
    for (const name of namesIn(theirs)) {
      if (name === target || isFile(path.join(theirs, name))) continue;
      await linkDirectory(path.join(theirs, name), path.join(rustlib, name), platform);
    }
    const bin = path.join(aside, 'bin');
    await mkdir(bin);
    for (const name of ['rustc', 'rustdoc'] as const) {
      const program = name === 'rustc' ? rustc : path.join(path.dirname(rustc), `rustdoc${path.extname(rustc)}`);
      if (!isFile(program)) continue;
      const script = path.join(bin, platform === 'win32' ? `${name}.cmd` : name);
      await writeFile(script, platform === 'win32' ? cmdScript(program, directory) : shellScript(program, directory));
      await chmod(script, 0o755);
    }
    await rm(directory, { recursive: true, force: true });
    await rename(aside, directory);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
  return directory;
}

/** On Windows a link to a directory needs a privilege, a junction none. */
function linkDirectory(target: string, link: string, platform: NodeJS.Platform): Promise<void> {
  return symlink(target, link, platform === 'win32' ? 'junction' : 'dir');
}

/** rustc refuses a second --sysroot, so the user's own stands alone. */
export function shellScript(program: string, sysroot: string): string {
  return [
    '#!/bin/sh',
    '# made by wasienv: this rustc with a standard library for WASI',
    'for each; do',
    '  case $each in --sysroot | --sysroot=*)',
    `    exec ${posixQuote(program)} "$@" ;;`,
    '  esac',
    'done',
    `exec ${posixQuote(program)} --sysroot ${posixQuote(sysroot)} "$@"`,
    '',
  ].join('\n');
}

export function cmdScript(program: string, sysroot: string): string {
  return `@rem made by wasienv: this rustc with a standard library for WASI\r\n@${cmdWord(program)} --sysroot ${cmdWord(sysroot)} %*\r\n`;
}
