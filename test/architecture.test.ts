// Holds the plan of the house (README, Architecture) by reading the import lines of `src/`.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const sourceDirectory = path.join(root, 'src');

/** Which room may look into which. `wasm` may see one file of `base`; the two front doors for programs may see all. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  cli: ['doctor', 'explain', 'proof', 'toolchain', 'compiler', 'inspect', 'program', 'base'],
  doctor: ['toolchain', 'compiler', 'proof', 'base'],
  proof: ['compiler', 'program', 'toolchain', 'base'],
  program: ['wasi', 'wasm', 'base'],
  compiler: ['toolchain', 'wasi', 'base'],
  inspect: ['wasm', 'base'],
  explain: ['base'],
  wasi: ['base'],
  wasm: ['base'],
  toolchain: ['base'],
  base: [],
};
const FRONT_DOORS = ['index.ts'];

/** Inside `wasm`, the phases of a module's life: each file or folder may look at those before it, and at its equals in no row. */
const WASM_PHASES: readonly (readonly string[])[] = [
  ['types', 'errors', 'limits', 'numeric', 'instructions', 'module-form'], ['module'], ['binary'], ['text', 'validate'], ['runtime'], ['interpreter'], ['instantiate', 'js-api'], ['index'],
];

/** Packages with effects, each behind one file; the rest of the npm packages are free of effects but not of walls. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  undici: ['toolchain/wire.ts'],
  tar: ['toolchain/unpack.ts'],
  'xz-decompress': ['toolchain/unpack.ts'],
  execa: ['base/spawn.ts'],
  listr2: ['cli/progress.ts'],
  semver: ['toolchain/resolve.ts'],
  '@npmcli/config': ['toolchain/sources/npm-config.ts'],
};

interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

interface SourceFile {
  /** Relative to `src/`, `/` between parts. */
  readonly name: string;
  readonly room: string;
  /** The text without its comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

/** Strings are kept and matched first, so that a `//` inside a URL does not open a comment. */
function withoutComments(text: string): string {
  return text.replace(/(["'])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (found) => (found.startsWith('/') ? ' ' : found));
}

function withoutStrings(code: string): string {
  return code.replace(/(["'])(?:\\.|(?!\1)[^\\\n])*\1/g, '""');
}

function importsOf(code: string): Import[] {
  const found: Import[] = [];
  for (const [, keyword, specifier] of code.matchAll(/(?<=(?:^|[;\n])[ \t]*)((?:import|export)\s+(?:type\s)?(?:[\w*{][^'";]*?)\bfrom\s*|import\s*)["']([^"']+)["']/g)) {
    found.push({ specifier: specifier!, typeOnly: /^(import|export)\s+type\s/.test(keyword!) });
  }
  for (const [, specifier] of code.matchAll(/\bimport\(\s*["'`]([^"'`]+)["'`]\s*\)/g)) found.push({ specifier: specifier!, typeOnly: false });
  return found;
}

function readSources(): SourceFile[] {
  return readdirSync(sourceDirectory, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const code = withoutComments(readFileSync(path.join(sourceDirectory, name), 'utf8'));
      return { name, room: name.includes('/') ? name.slice(0, name.indexOf('/')) : '', code, imports: importsOf(code) };
    });
}

const sources = readSources();

/** The file of `src/` a relative import names. */
function target(from: SourceFile, specifier: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from.name), specifier)).replace(/\.js$/, '.ts');
}

/** Every import that goes from one file of `src/` to another, as `[from, to, import]`. */
const inner = sources.flatMap((file) => file.imports.filter(({ specifier }) => specifier.startsWith('.')).map((each) => [file, target(file, each.specifier), each] as const));
const outer = sources.flatMap((file) => file.imports.filter(({ specifier }) => !specifier.startsWith('.')).map((each) => [file, each.specifier] as const));

test('the reader of import lines sees every form of import', () => {
  const code = withoutComments(`
    import a from 'a'; // import z from 'z'
    import type { B } from "b";
    import { type C, d } from './c.js';
    import * as e from 'node:e';
    import 'f';
    export * from './g.js';
    export { h,
      i } from './h.js';
    export type { J } from './j.js';
    const k = await import('k'); const url = 'https://not.a/comment'; import l from 'l';
    /* import y from 'y' */
    const words = ['import', 'x', 'unknown import', 'y'];
  `);
  expect(importsOf(code).map(({ specifier }) => specifier).sort()).toEqual(['./c.js', './g.js', './h.js', './j.js', 'a', 'b', 'f', 'k', 'l', 'node:e']);
  expect(importsOf(code).filter(({ typeOnly }) => typeOnly).map(({ specifier }) => specifier)).toEqual(['b', './j.js']);
});

test('src/ has been read', () => {
  expect(sources.length).toBeGreaterThan(10);
  expect(inner.length).toBeGreaterThan(20);
});

describe('rooms', () => {
  test('every file stands in a room, or is a front door for programs', () => {
    expect(sources.filter(({ name, room }) => !Object.hasOwn(ARROWS, room) && !FRONT_DOORS.includes(name)).map(({ name }) => name)).toEqual([]);
  });

  test('look only where their arrows point', () => {
    const wrong = inner
      .filter(([from]) => from.room !== '')
      .filter(([from, to]) => {
        const room = to.slice(0, to.indexOf('/'));
        if (from.room === room) return false;
        if (from.room === 'wasm') return to !== 'base/errors.ts';
        return !ARROWS[from.room]?.includes(room);
      })
      .map(([from, to]) => `${from.name} -> ${to}`);
    expect(wrong).toEqual([]);
  });

  test('have no arrow that nothing follows', () => {
    const followed = new Set(inner.map(([from, to]) => `${from.room} -> ${to.slice(0, to.indexOf('/'))}`));
    const drawn = Object.entries(ARROWS).flatMap(([room, arrows]) => arrows.map((arrow) => `${room} -> ${arrow}`));
    expect(drawn.filter((arrow) => !followed.has(arrow))).toEqual([]);
  });

  test('inside wasm, a phase looks only at those before it', () => {
    const phaseOf = (name: string): number => WASM_PHASES.findIndex((phase) => phase.includes(name.replace(/^wasm\//, '').replace(/[/.].*$/, '')));
    const own = inner.filter(([from, to]) => from.room === 'wasm' && to.startsWith('wasm/'));
    expect(own.length).toBeGreaterThan(100);
    expect(sources.filter(({ name, room }) => room === 'wasm' && phaseOf(name) < 0).map(({ name }) => name)).toEqual([]);
    const place = (name: string): string => name.split('/').slice(0, 2).join('/');
    const wrong = own.filter(([from, to]) => place(from.name) !== place(to) && phaseOf(to) >= phaseOf(from.name));
    expect(wrong.map(([from, to]) => `${from.name} -> ${to}`)).toEqual([]);
  });

  test('have arrows without a circle', () => {
    const visit = (room: string, trail: readonly string[]): string[] =>
      trail.includes(room) ? [[...trail, room].join(' -> ')] : ARROWS[room]!.flatMap((next) => visit(next, [...trail, room]));
    expect(Object.keys(ARROWS).flatMap((room) => visit(room, []))).toEqual([]);
  });

  test('each have a line in the Architecture section of README, with the arrows that are drawn here', () => {
    const readme = readFileSync(path.join(root, 'README.md'), 'utf8');
    const section = /^## Architecture\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readme)?.[1] ?? '';
    const present = [...new Set(sources.map(({ room }) => room).filter((room) => room !== ''))].sort();
    const drawn = new Map([...section.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm)].map(([, room, arrows]) => [room!, arrows!]));
    expect([...drawn.keys()].sort()).toEqual(present);
    for (const [room, arrows] of drawn) {
      const named = [...arrows.matchAll(/`(\w+)`/g)].map(([, name]) => name);
      expect([room, ...named.sort()]).toEqual([room, ...ARROWS[room]!.filter((name) => drawn.has(name)).sort()]);
    }
  });
});

describe('walls', () => {
  test('relative imports name a file that is there, with its .js', () => {
    const names = new Set(sources.map(({ name }) => name));
    expect(inner.filter(([, to, { specifier }]) => !specifier.endsWith('.js') || !names.has(to)).map(([from, to]) => `${from.name} -> ${to}`)).toEqual([]);
  });

  test('packages with effects are imported by their owner alone', () => {
    const wrong = outer.filter(([file, specifier]) => Object.hasOwn(OWNERS, specifier) && !OWNERS[specifier]!.includes(file.name));
    expect(wrong.map(([file, specifier]) => `${file.name} imports ${specifier}`)).toEqual([]);
    expect(Object.keys(OWNERS).filter((name) => !outer.some(([, specifier]) => specifier === name))).toEqual([]);
    const said = /^Each npm package with effects has one owner file: ([\s\S]*?)\.$/m.exec(readFileSync(path.join(root, 'README.md'), 'utf8'))?.[1]?.replace(/\s+/g, ' ') ?? '';
    const named = said.split(', ').flatMap((each) => each.split(' `')[0]!.split(' and ').map((name) => `${name} ${/`(.*)`/.exec(each)?.[1]}`));
    expect(named.sort()).toEqual(Object.entries(OWNERS).flatMap(([name, owners]) => owners.map((owner) => `${name} ${owner}`)).sort());
  });

  test('every package that is imported is a dependency', () => {
    const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const packages = outer.filter(([, specifier]) => !specifier.startsWith('node:')).map(([file, specifier]) => [file.name, specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')] as const);
    expect(packages.filter(([, name]) => !Object.hasOwn(dependencies, name)).map(([file, name]) => `${file} imports ${name}`)).toEqual([]);
  });

  test('wasm knows no node: module, no npm package and not the WebAssembly of the host', () => {
    expect(outer.filter(([file]) => file.room === 'wasm').map(([file, specifier]) => `${file.name} imports ${specifier}`)).toEqual([]);
    const host = sources.filter(({ room, code }) => ['wasm', 'wasi', 'program'].includes(room) && /\bWebAssembly\.\w/.test(withoutStrings(code)));
    expect(host.map(({ name }) => name)).toEqual([]);
  });

  test('of the rooms that run programs one file names the WebAssembly of the host', () => {
    const naming = sources.filter(({ room, code }) => ['wasm', 'wasi', 'program'].includes(room) && /\bWebAssembly\b/.test(withoutStrings(code).replace(/`(?:\\.|[^\\`])*`/g, '')) && /globalThis/.test(code));
    expect(naming.map(({ name }) => name)).toEqual(['program/host/web-assembly.ts']);
  });

  test('wasi meets node: only in wasi/host', () => {
    const wrong = outer.filter(([file]) => file.room === 'wasi' && !file.name.startsWith('wasi/host/'));
    expect(wrong.map(([file, specifier]) => `${file.name} imports ${specifier}`)).toEqual([]);
  });

  test('only cli reads the environment of the process, prints or exits', () => {
    const wrong = sources.filter(({ room }) => room !== 'cli').flatMap(({ name, code }) => {
      const found = /\bprocess\s*\.\s*(env|argv|exit|exitCode|stdin|stdout|stderr|on|cwd|chdir)\b|\bconsole\s*\./.exec(withoutStrings(code));
      return found === null ? [] : [`${name}: ${found[0]}`];
    });
    expect(wrong).toEqual([]);
  });

  test('no file needs itself to load', () => {
    const edges = new Map<string, string[]>();
    for (const [from, to, { typeOnly }] of inner) if (!typeOnly && !isDeferred(from, to)) edges.set(from.name, [...(edges.get(from.name) ?? []), to]);
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (name: string, trail: readonly string[]): void => {
      const at = trail.indexOf(name);
      if (at >= 0) circles.push([...trail.slice(at), name].join(' -> '));
      if (at >= 0 || done.has(name)) return;
      for (const next of edges.get(name) ?? []) visit(next, [...trail, name]);
      done.add(name);
    };
    for (const name of edges.keys()) visit(name, []);
    expect(circles).toEqual([]);
  });
});

/** `await import(…)` alone: loaded on use, after both files are complete. */
function isDeferred(from: SourceFile, to: string): boolean {
  return !importsOf(from.code.replace(/\bimport\(\s*["'`][^"'`]+["'`]\s*\)/g, '')).some(({ specifier }) => specifier.startsWith('.') && target(from, specifier) === to);
}
