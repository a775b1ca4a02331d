// Source packages of Debian's for the tests: fetched and verified by apt's own client, into the test cache, without
// root and without a change to the system. Where there is no apt, or it cannot reach its archive, the answer is the reason.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeAside } from './debian.js';
import { TEST_CACHE } from './toolchain.js';

export interface DebianSource {
  /** As its makers published it; Debian's patches are not applied. Never written into. */
  readonly directory: string;
  /** Of the source package: `1.0.8-5`. */
  readonly version: string;
}

/** The upstream source of a package, or the reason why there is none here. */
export function debianSource(name: string): DebianSource | { readonly missing: string } {
  if (process.platform !== 'linux') return { missing: `no apt on ${process.platform}` };
  const root = path.join(TEST_CACHE, `debian-source-${name}`);
  try {
    if (!existsSync(root)) makeAside(root, (tree, work) => fetchSource(name, tree, work));
    return { directory: path.join(root, 'source'), version: readFileSync(path.join(root, 'version'), 'utf8') };
  } catch (error) {
    return { missing: `no Debian source of ${name}: ${(error as Error).message.split('\n')[0]}` };
  }
}

function fetchSource(name: string, tree: string, work: string): void {
  const options = sourceLists();
  try {
    run('apt-get', [...options, 'source', '--download-only', name], work);
  } catch (error) {
    // Some mirrors have lost Debian's own part of old packages. It is not used here, and apt has checked what did come.
    if (!readdirSync(work).some((file) => /\.orig\.tar\.\w+$/.test(file))) throw error;
  }
  const files = readdirSync(work);
  const description = files.find((file) => file.endsWith('.dsc'));
  const archive = files.find((file) => /\.orig\.tar\.\w+$/.test(file));
  if (description === undefined || archive === undefined) throw new Error(`apt brought ${files.join(' ')}`);
  const directory = path.join(tree, 'source');
  mkdirSync(directory);
  run('tar', ['-xf', archive, '-C', directory, '--strip-components=1'], work);
  writeFileSync(path.join(tree, 'version'), description.slice(description.indexOf('_') + 1, -'.dsc'.length));
}

/** Options with which apt knows the sources of what it is configured for; fetched once for each configuration. */
function sourceLists(): readonly string[] {
  const configured = configuredSources();
  const digest = createHash('sha256').update(JSON.stringify(configured)).digest('hex').slice(0, 16);
  const root = path.join(TEST_CACHE, `debian-source-lists-${digest}`);
  const optionsFor = (directory: string): string[] => Object.entries({
    'Dir::State::lists': path.join(directory, 'lists'),
    'Dir::Cache': path.join(directory, 'cache'),
    'Dir::Etc::sourcelist': path.join(directory, 'sources.list'),
    'Dir::Etc::sourceparts': path.join(directory, 'parts'),
    // A directory of ours is not for apt's own user: it would say so each time.
    'APT::Sandbox::User': '',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  if (!existsSync(root)) {
    makeAside(root, (tree) => {
      for (const directory of ['lists/partial', 'cache/archives/partial', 'parts']) mkdirSync(path.join(tree, directory), { recursive: true });
      writeFileSync(path.join(tree, 'sources.list'), '');
      for (const { name, text } of configured) writeFileSync(path.join(tree, 'parts', name), text);
      run('apt-get', [...optionsFor(tree), 'update'], tree);
    });
  }
  return optionsFor(root);
}

/** apt's own list of archives, asking for sources instead of packages. */
function configuredSources(): readonly { readonly name: string; readonly text: string }[] {
  const answer = execFileSync('apt-config', ['shell', 'LIST', 'Dir::Etc::sourcelist/f', 'PARTS', 'Dir::Etc::sourceparts/d'], { encoding: 'utf8' });
  const [, list] = /^LIST='(.*)'$/m.exec(answer) ?? [];
  const [, parts] = /^PARTS='(.*)'$/m.exec(answer) ?? [];
  const files = [
    ...(list !== undefined && existsSync(list) ? [list] : []),
    ...(parts !== undefined && existsSync(parts) ? readdirSync(parts).filter((name) => /\.(?:list|sources)$/.test(name)).sort().map((name) => path.join(parts, name)) : []),
  ];
  return files.map((file) => ({
    name: path.basename(file),
    text: readFileSync(file, 'utf8').replace(/^Types:.*$/gm, 'Types: deb-src').replace(/^deb-src\s.*$/gm, '').replace(/^deb(?=\s)/gm, 'deb-src'),
  }));
}

function run(file: string, args: readonly string[], cwd: string): void {
  execFileSync(file, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}
