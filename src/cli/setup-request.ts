// What `setup` is asked: the words of its command line, what the project wants, what a bundle has. In this order: a
// COMPONENT that is named is meant, whatever the project says.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { openBundle, wishAt, type ComponentRequest, type SetupRequest, type SourceName, type Wish } from '../toolchain/index.js';
import type { CommandContext } from './command.js';
import { noMirrorDirectory, notTogether } from './errors.js';

export interface SetupWords {
  readonly components: readonly ComponentRequest[];
  readonly source: SourceName | 'auto' | undefined;
  readonly clang: string | undefined;
  readonly mirror: string | undefined;
  readonly bundle: string | undefined;
  readonly locked: boolean;
  readonly offline: boolean;
}

export interface Asked {
  readonly request: Pick<SetupRequest, 'source' | 'components' | 'clang' | 'mirror' | 'promised' | 'keepChoice' | 'because'>;
  readonly offline: boolean;
  /** The project's, when it is what decides. */
  readonly wish: Wish | null;
}

/** @throws E_USAGE for words that contradict each other, E_PIN, E_PROJECT_LOCK, E_SOURCE for a bundle that is none */
export async function setupRequest({ surroundings: { cwd, platform, arch }, env }: Pick<CommandContext, 'surroundings' | 'env'>, words: SetupWords): Promise<Asked> {
  const { components, source, clang, mirror, bundle, locked } = words;
  if (clang !== undefined && components.length > 0) throw notTogether('--clang', 'a COMPONENT', 'it is the compiler, and its parts are chosen to suit it');
  if (clang !== undefined && (locked || bundle !== undefined)) throw notTogether('--clang', locked ? '--locked' : '--bundle', 'neither a lock nor a bundle holds a clang of this machine');
  if (locked && components.length > 0) throw notTogether('--locked', 'a COMPONENT', 'the lock names the components');
  if (bundle !== undefined && (mirror !== undefined || (source !== undefined && source !== 'mirror'))) throw notTogether('--bundle', mirror === undefined ? '--source' : '--mirror', 'a bundle is a source of its own');
  // The variable is only a wish; an option that nobody follows would be a lie.
  if (mirror !== undefined && source !== undefined && source !== 'mirror' && source !== 'auto') throw notTogether('--mirror', `--source ${source}`, `${source} is another place to take the files from`);
  // Another source is asked where a mirror lacks a file; that one is mistyped is no reason to go to the network.
  if (mirror !== undefined && !/^[a-z][a-z0-9+.-]*:\/\//i.test(mirror) && !existsSync(path.resolve(cwd, mirror))) throw noMirrorDirectory(path.resolve(cwd, mirror));
  const elsewhere = components.find(({ name }) => name === 'apt-clang' || name === 'apt-rust' || name === 'system-clang');
  if (mirror !== undefined && elsewhere !== undefined) throw notTogether('--mirror', elsewhere.name, 'no mirror has it');
  const offline = words.offline || bundle !== undefined;
  const wish = components.length > 0 || clang !== undefined ? null : await wishAt({ cwd, env }, { locked });
  const place = bundle === undefined ? undefined : path.resolve(cwd, bundle);
  const rows = place === undefined ? null : await openBundle(place, `${platform}-${arch}`);
  const promised = wish !== null && wish.digests.size > 0
    ? { kind: 'lock' as const, file: wish.by, digests: wish.digests }
    : rows === null ? undefined : { kind: 'bundle' as const, file: place!, digests: new Map(rows.map(({ component, integrity }) => [component, integrity] as const)) };
  const wanted = components.length > 0 ? components : (wish?.components ?? rows?.map(({ component, version }) => ({ name: component, wanted: version })) ?? []);
  // The same bytes may be had from a mirror: it is asked first, whatever source the project was locked with.
  const hasMirror = mirror !== undefined || (env['WASIENV_MIRROR'] ?? '') !== '';
  return {
    request: {
      source: place !== undefined ? 'mirror' : (source ?? (wish === null || (hasMirror && wish.source !== 'system') ? 'auto' : wish.source)),
      components: wanted, clang, mirror: place ?? mirror, promised, keepChoice: wish !== null,
      ...(place !== undefined ? { because: `the bundle ${place}` } : source === undefined && wish !== null ? { because: `so says ${path.basename(wish.by)}` } : {}),
    },
    offline,
    wish,
  };
}
