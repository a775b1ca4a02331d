// What a program gets when it runs inside a build (`wasienv run --in-build`): the directories of the build, under every
// name the build may call them, a directory of its own for /tmp, and the variables that the build has set.
import path from 'node:path';
import { isTexts } from '../base/json.js';
import type { Environment } from '../base/surroundings.js';
import type { BuildGuests, Engine } from '../compiler/build/guests.js';
import type { DirectoryGrant } from './guest-options.js';

/** Variables of the shell that test programs are meant to see. */
const FOR_EVERYONE = /^(?:LANG|LANGUAGE|LC_\w+|TZ|RUST_\w+|CARGO_MANIFEST_DIR|CARGO_PKG_\w+|SOURCE_DATE_EPOCH)$/;

export interface BuildGrants {
  readonly directories: readonly DirectoryGrant[];
  readonly env: Readonly<Record<string, string>>;
  readonly engine: Engine;
}

/** What WASIENV_GUEST says; nothing of it outside `wasienv exec`. */
export function grantsOfBuild(env: Environment, cwd: string): BuildGrants {
  const guests = parseGuests(env['WASIENV_GUEST']);
  if (guests === null) return { directories: [{ host: '.', guest: '.', readOnly: false }], env: {}, engine: 'interpreter' };
  const within = (directory: string): boolean => guests.directories.some((root) => directory === root || directory.startsWith(root.endsWith(path.sep) ? root : `${root}${path.sep}`));
  const directories: DirectoryGrant[] = [{ host: '.', guest: '.', readOnly: false }];
  const grant = (host: string, guest: string): void => {
    if (!directories.some((each) => each.guest === guest)) directories.push({ host, guest, readOnly: false });
  };
  // A relative path with `..` reaches a preopen only under that very name.
  for (let up = '..', place = path.dirname(cwd); within(place) && path.dirname(place) !== place; up += '/..', place = path.dirname(place)) grant(place, up);
  // Within a directory of the build it must not have a name of its own: the C library takes the longest, and from there `..` leads out.
  if (!within(cwd)) grant(cwd, cwd);
  for (const root of guests.directories) grant(root, root);
  grant(guests.temporary, '/tmp');
  const passed = Object.entries(env).filter(([name, value]) => value !== undefined && name !== 'WASIENV_GUEST' && (!guests.shell.includes(name) || FOR_EVERYONE.test(name)));
  return { directories, env: { ...Object.fromEntries(passed) as Record<string, string>, TMPDIR: '/tmp' }, engine: guests.engine };
}

function parseGuests(text: string | undefined): BuildGuests | null {
  if (text === undefined || text === '') return null;
  try {
    const { directories, temporary, engine, shell } = JSON.parse(text) as Partial<BuildGuests>;
    return isTexts(directories) && isTexts(shell) && typeof temporary === 'string' ? { directories, temporary, engine: engine === 'host' ? engine : 'interpreter', shell } : null;
  } catch {
    return null;
  }
}
