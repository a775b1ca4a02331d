// What programs get that a build makes and runs: decided when `wasienv exec` starts, said in WASIENV_GUEST, and given by
// `wasienv run --in-build`.
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { readText } from './read.js';

export type Engine = 'interpreter' | 'host';

/** What programs of the build get when they run, in WASIENV_GUEST; read by `wasienv run --in-build`. */
export interface BuildGuests {
  /** Absolute directories they may use. */
  readonly directories: readonly string[];
  /** A directory of this one command, which they see as /tmp. */
  readonly temporary: string;
  readonly engine: Engine;
  /** Names of variables that were there when the command began: those are the shell's, and stay with it. */
  readonly shell: readonly string[];
}

/** Directories of a build: where the command is typed, where its arguments say it will work, the sources of those, and `more`. */
export function guestDirectories(cwd: string, args: readonly string[], more: readonly string[]): readonly string[] {
  const named = args.flatMap((argument, index) => {
    const joined = /^(?:-[CBS]|--(?:directory|build|test-dir)=)(.+)$/.exec(argument)?.[1];
    if (joined !== undefined) return [joined];
    return /^(?:-[CBS]|--directory|--build|--test-dir)$/.test(args[index - 1] ?? '') ? [argument] : [];
  });
  const places = [cwd, ...named.map((place) => path.resolve(cwd, place))].filter((place) => existsSync(place));
  const all = [...places, ...places.flatMap(sourcesOf), ...more.map((place) => path.resolve(cwd, place))];
  const real = [...new Set(all.filter((place) => existsSync(place)).flatMap((place) => [place, realpathSync(place)]))];
  // One inside another needs no place of its own.
  return real.filter((place) => !real.some((other) => other !== place && place.startsWith(`${other}${path.sep}`)));
}

/** Where the sources of a build directory are, as its generator noted. */
function sourcesOf(build: string): string[] {
  const cmake = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.+)$/m.exec(readText(path.join(build, 'CMakeCache.txt')))?.[1];
  const automake = /^abs_top_srcdir = (.+)$/m.exec(readText(path.join(build, 'Makefile')))?.[1];
  let meson: unknown;
  try {
    meson = (JSON.parse(readText(path.join(build, 'meson-info', 'meson-info.json'))) as { directories?: { source?: unknown } }).directories?.source;
  } catch {
    meson = undefined;
  }
  // Nothing that a file says gives the whole disk.
  return [cmake, automake, meson].filter((each): each is string => typeof each === 'string' && path.dirname(each) !== each);
}
