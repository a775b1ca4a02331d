// The files for build tools that a home holds beside its environment scripts, so that their paths stay when the
// toolchain in use changes.
import { SITE_FILE, siteFile } from './autoconf.js';
import { CMAKE_FILE, CMAKE_PLATFORM, CMAKE_PLATFORM_TEXT, cmakeToolchain } from './cmake.js';
import type { CrossTools } from './cross.js';
import { MAKE_FILE, makeFile } from './make.js';
import { MESON_FILE, mesonCrossFile, mesonLauncherFile } from './meson.js';

/** What may stand in front of a compiler and keeps what it made. */
export const LAUNCHERS = ['ccache', 'sccache'] as const;
export type Launcher = (typeof LAUNCHERS)[number];

/** Below the environment of a home: modes as Meson reads them, a file for each set that was asked for. */
export const MODES_DIRECTORY = 'modes';

/** Name below the directory, `/` between parts -> text. Pure. */
export function buildFiles(cross: CrossTools, title: string): ReadonlyMap<string, string> {
  return new Map([
    [CMAKE_PLATFORM, CMAKE_PLATFORM_TEXT],
    [CMAKE_FILE, cmakeToolchain(cross, title)],
    [MESON_FILE, mesonCrossFile(cross, title)],
    ...LAUNCHERS.map((launcher): [string, string] => [mesonLauncherFile(launcher), mesonCrossFile(cross, title, [launcher])]),
    [SITE_FILE, siteFile(title)],
    [MAKE_FILE, makeFile(cross.tools, cross.run, title)],
  ]);
}

export const BUILD_FILES: readonly string[] = [CMAKE_PLATFORM, CMAKE_FILE, MESON_FILE, ...LAUNCHERS.map(mesonLauncherFile), SITE_FILE, MAKE_FILE];
