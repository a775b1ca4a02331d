// What a program that failed was probably not granted. A C library looks for a granted directory before it makes any call,
// so a missing one leaves no trace in WASI: what is there to go by are refused calls, what the program said on its error
// stream, and arguments that name files of this machine. A lesson is only given where the file is there, the program cannot
// see it, and the option that is named has been found to change that, by the rules of wasi-libc.
import { posix } from 'node:path';
import { PREVIEW0, PREVIEW1, type Clues, type Preopen } from '../wasi/index.js';
import type { Module } from '../wasm/index.js';

export interface Situation {
  readonly module: Module;
  /** Without the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly preopens: readonly Preopen[];
  readonly clues: Clues;
  /** What is at a path of the host; relative ones from where the user is. */
  readonly look: (hostPath: string) => 'file' | 'directory' | undefined;
  /** Variables of the user. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

export interface Lesson {
  /** A lower-case fact. */
  readonly fact: string;
  /** The option that helps. */
  readonly option: string;
  /** Instead of an option: what else there is to do. */
  readonly instead?: string;
}

const MOST_LESSONS = 3;

/** The likeliest first, at most three; none when nothing speaks for any. */
export function lessons(situation: Situation): Lesson[] {
  const { module } = situation;
  const imports = (pattern: RegExp): boolean => module.imports.some((each) => (each.module === PREVIEW1 || each.module === PREVIEW0) && pattern.test(each.name));
  const found = [
    ...readOnlyLessons(situation),
    ...(imports(/^path_/) ? directoryLessons(situation) : []),
    ...(imports(/^environ_get$/) ? variableLessons(situation) : []),
  ];
  return found.slice(0, MOST_LESSONS);
}

// ---- Directories.

function directoryLessons(situation: Situation): Lesson[] {
  const { clues, args } = situation;
  const wanted = new Map<string, string[]>();
  const elsewhere: Lesson[] = [];
  const consider = (path: string, mayBeNew: boolean): void => {
    const finding = examine(situation, path, mayBeNew);
    if (finding === undefined) return;
    if ('option' in finding) {
      if (!elsewhere.some(({ fact }) => fact === finding.fact)) elsewhere.push(finding);
      return;
    }
    const paths = wanted.get(finding.grant) ?? [];
    if (!paths.includes(path)) wanted.set(finding.grant, [...paths, path]);
  };
  for (const { fd, path, errno } of clues.refusals) {
    const from = situation.preopens[fd - 3];
    if (errno !== 'rofs' && from !== undefined && climbsOut(path)) consider(join(from.guest, path), true);
  }
  const complaint = clues.lastWords;
  for (const path of pathsIn(complaint)) consider(path, args.some((arg) => valueOf(arg) === path));
  for (const arg of args) consider(valueOf(arg), false);
  // The directory one is in shows what lies below it too.
  const here = wanted.get('.');
  for (const [grant, paths] of here === undefined ? [] : [...wanted]) {
    if (grant === '.' || climbsOut(grant)) continue;
    here!.push(...paths);
    wanted.delete(grant);
  }
  const missing = [...wanted].map(([grant, paths]): Lesson => {
    const there = paths.filter((path) => situation.look(path) !== undefined);
    const several = there.length > 1;
    const shown = there.length > 3 ? `${there.slice(0, 3).join(', ')} and ${there.length - 3} more` : there.join(' and ');
    return {
      fact:
        there.length > 0
          ? `${shown} ${several ? 'are' : 'is'} in no directory that the program was granted`
          : `${paths[0]} is not there, and the program was granted no directory where it could make it`,
      option: `--dir ${word(grant)}`,
    };
  });
  return [...missing, ...elsewhere];
}

/** The value of `--name=value`; other arguments as they are. */
const valueOf = (arg: string): string => /^--?[\w-]+=(.+)$/.exec(arg)?.[1] ?? arg;

/** Whether a relative path leads above where it starts, or is none. */
const climbsOut = (path: string): boolean => path.startsWith('/') || posix.normalize(path).split('/')[0] === '..';

const join = (guest: string, path: string): string => (path.startsWith('/') ? path : guest === '.' || guest === './' ? path : posix.join(guest, path));

/** What lines that complain of a missing file name: quoted words, and words with their punctuation off. */
function pathsIn(text: string): string[] {
  const complaining = text.split('\n').filter((line) => /no such file|not found|notfound|cannot open|can't open|could not open|cannot access|unable to open|failed to open|pre-opened file descriptor|not permitted|capabilities insufficient|enoent|os error (44|63|76)/i.test(line));
  return complaining.flatMap((line) => [
    ...[...line.matchAll(/["'`‘“]([^"'`’”]+)["'`’”]/g)].map(([, quoted]) => quoted!),
    ...line.split(/\s+/).map((token) => token.replace(/^[("'`[]+|[)"'`\],;:.]+$/g, '')),
  ]);
}

/** What the program was probably not granted for a path; undefined when nothing speaks for it. */
function examine(situation: Situation, path: string, mayBeNew: boolean): { readonly grant: string } | Lesson | undefined {
  const { preopens, look } = situation;
  if (path === '' || path === '-' || path.length > 4096 || path.includes('\0')) return undefined;
  const here = look(path);
  if (here === undefined && !(mayBeNew && look(posix.dirname(path)) === 'directory')) return undefined;
  const seen = seenAs(preopens, path);
  // Visible as it is: whatever went wrong, it was not this.
  if (seen !== undefined && !seen.outside && (here === undefined || look(seen.host) !== undefined)) return undefined;
  for (const grant of grantsFor(path, here === 'directory')) {
    // That name is taken, for another place.
    if (preopens.some(({ guest }) => prefixOf(guest) === prefixOf(grant))) continue;
    const then = seenAs([...preopens, { host: grant, guest: grant }], path);
    if (then !== undefined && !then.outside && (here === undefined || look(then.host) !== undefined)) return { grant };
  }
  if (seen === undefined || seen.outside) return undefined;
  return { fact: `${path} is here, but means ${seen.host} to the program, which is not there`, option: `--dir ${word(seen.by.host)}::${word(seen.by.guest)}`, instead: 'name it as the program sees it, or correct' };
}

/** Directories that would show a path, the narrowest first. */
function grantsFor(path: string, isDirectory: boolean): string[] {
  const trimmed = path.replace(/(?<=.)\/+$/, '');
  const narrow = isDirectory ? trimmed : posix.dirname(trimmed);
  // A C library compares texts: what is written with a dot in front is found through `.` alone.
  return path.startsWith('/') || path.startsWith('../') || path === '..' ? [narrow] : [...(path.startsWith('./') ? [] : [narrow]), '.'];
}

interface Seen {
  /** Where the path leads on the host. */
  readonly host: string;
  /** It leads out of the directory it starts from, and is refused. */
  readonly outside: boolean;
  readonly by: Preopen;
}

/** As wasi-libc's `__wasilibc_find_relpath` finds it: the longest name that the path begins with, the last of equals. */
function seenAs(preopens: readonly Preopen[], path: string): Seen | undefined {
  const wanted = path.replace(/^\/+/, '');
  let best: { readonly by: Preopen; readonly prefix: string } | undefined;
  for (const by of [...preopens].reverse()) {
    const prefix = prefixOf(by.guest);
    const matches = prefix === '' || wanted === prefix || wanted.startsWith(`${prefix}/`);
    if (matches && (best === undefined || prefix.length > best.prefix.length)) best = { by, prefix };
  }
  if (best === undefined) return undefined;
  const rest = wanted.slice(best.prefix.length).replace(/^\/+/, '');
  return { host: posix.join(best.by.host, rest === '' ? '.' : rest), outside: climbsOut(rest), by: best.by };
}

const prefixOf = (guest: string): string => guest.replace(/^(?:\/+|\.\/|\.$)+/, '').replace(/\/+$/, '');

// ---- Read-only.

function readOnlyLessons({ preopens, clues }: Situation): Lesson[] {
  const readOnly = preopens.filter((preopen) => preopen.readOnly === true);
  const refused = clues.refusals.find(({ errno }) => errno === 'rofs');
  if (refused === undefined) return [];
  const granted = preopens[refused.fd - 3] ?? (readOnly.length === 1 ? readOnly[0] : undefined);
  if (granted?.readOnly !== true) return [];
  const { host, guest } = granted;
  return [{ fact: `${join(guest, refused.path)} could not be written: ${host} was granted for reading only`, option: `--dir ${word(host)}${guest === host ? '' : `::${word(guest)}`}`, instead: 'leave out `:ro`, as in' }];
}

// ---- Variables.

function variableLessons({ clues, env, variables }: Situation): Lesson[] {
  const complaining = clues.lastWords.split('\n').filter((line) => /not set|unset|not defined|undefined|missing|must be set|is required/i.test(line));
  const names = new Set(complaining.flatMap((line) => line.match(/\b[A-Z][A-Z0-9_]{2,}\b/g) ?? []));
  return [...names].filter((name) => variables[name] !== undefined && env[name] === undefined).map((name) => ({
    fact: `${name} is set here, but the program gets only the variables it is given`,
    option: `--env ${name}="$${name}"`,
  }));
}

/** As a shell reads it. */
const word = (text: string): string => (/^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
