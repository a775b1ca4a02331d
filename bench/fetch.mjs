// What the bench takes from elsewhere, into directories of its own: an engine from npm, a program from Debian. Neither is a
// dependency of the package.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { output } from './processes.mjs';

/** The directory of polywasm, the one engine in JavaScript that works: it emits JavaScript, without traps and validation. Throws where npm cannot have it. */
export function fetchPolywasm(directory) {
  const prefix = path.join(directory, 'npm');
  mkdirSync(prefix, { recursive: true });
  output('npm', ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error', 'polywasm@0.2.0']);
  return path.join(prefix, 'node_modules', 'polywasm');
}

/** The directory of Lua's source, fetched by apt's own client without root. Throws where there is none. */
export function fetchLua(directory) {
  const apt = path.join(directory, 'apt');
  const tree = path.join(directory, 'lua');
  for (const each of [path.join(apt, 'lists', 'partial'), path.join(apt, 'cache', 'archives', 'partial'), tree]) mkdirSync(each, { recursive: true });
  const lists = path.join(apt, 'sources.sources');
  writeFileSync(lists, sourceEntries());
  const own = [`-oDir::Etc::sourcelist=${lists}`, '-oDir::Etc::sourceparts=-', `-oDir::State::lists=${path.join(apt, 'lists')}`, `-oDir::Cache=${path.join(apt, 'cache')}`];
  output('apt-get', [...own, '-qq', 'update']);
  output('apt-get', [...own, '-qq', 'source', '--download-only', 'lua5.4'], { cwd: tree });
  const archive = readdirSync(tree).find((name) => name.endsWith('.orig.tar.gz'));
  if (archive === undefined) throw new Error('apt has no source of lua5.4');
  output('tar', ['-xzf', archive, '--strip-components=1'], { cwd: tree });
  return tree;
}

/** This machine's own entries, for source packages. */
function sourceEntries() {
  const parts = '/etc/apt/sources.list.d';
  const entries = readdirSync(parts).filter((name) => name.endsWith('.sources')).map((name) => readFileSync(path.join(parts, name), 'utf8').replace(/^Types:.*$/gm, 'Types: deb-src'));
  if (entries.length === 0) throw new Error(`no entries in ${parts}`);
  return entries.join('\n\n');
}
