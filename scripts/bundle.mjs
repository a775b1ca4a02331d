#!/usr/bin/env node
// The last step of `npm run build`: puts the many small files of dist/ together in a few, dist/bundle/, for the command
// line alone. A command loads some 80 modules, and Node's loader takes longer to find and link them than they run. The
// files are CommonJS, which Node loads at half the cost of ES modules, and without importing what the loader of those needs
// itself. What every command loads is one file, what `run` loads besides three; the rest still loads lazily.
// Another dist can be named, for tests. bin/wasienv.js takes the bundle only while it is newer than dist/, so that a plain `tsc` is never shadowed by it.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = path.resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const directory = path.join(dist, 'bundle');
const inDist = (...names) => names.map((name) => path.join(dist, ...name.split('/')));

/** What is put into one file: all that these load at once. What an earlier group has stays there. */
const GROUPS = [
  { name: 'front', of: inDist('cli/main.js', 'cli/command.js') },
  { name: 'run', of: inDist('cli/commands/run.js') },
  { name: 'wasi', of: inDist('wasi/index.js') },
  { name: 'engine', of: inDist('program/index.js') },
];

/** Threads of a program begin with a file of their own, which is put together apart: nothing that starts `main` waits for it. */
const [SEAT] = inDist('program/threads/seat.js');
/** It looks for that file beside itself, and finds it beside its chunk. */
const [SEAT_MAKER] = inDist('program/threads/crew.js');

/** A module that looks for files beside itself must find them where they are: its own place, not the chunk's. */
const ownPlaces = (format) => ({
  name: 'own-places',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const place = JSON.stringify(id === SEAT_MAKER ? path.basename(id) : path.relative(directory, id).split(path.sep).join('/'));
    if (format === 'esm') return code.replaceAll('import.meta.url', `new URL(${place}, import.meta.url).href`);
    return `import { pathToFileURL as urlOfPlace } from 'node:url';\nimport { join as joinPlace } from 'node:path';\n${code.replaceAll('import.meta.url', `urlOfPlace(joinPlace(__dirname, ${place})).href`)}`;
  },
});

/** Code that was kept forgets who imports for it: V8 of Node 20 keeps that with the source alone. bin/bundle.js does it. */
const importsFromOutside = {
  name: 'imports-from-outside',
  transform: (code) => (code.includes('import(') ? code.replace(/(?<![.\w])import\(('[^'./][^']*')\)/g, 'importModule($1)') : null),
};

/** The name of the first group that has this module. */
function groupOf(id, modules) {
  for (const group of GROUPS) {
    group.has ??= closure(group.of, (from) => modules.getModuleInfo(from)?.importedIds ?? []);
    if (group.has.has(id)) return group.name;
  }
  return null;
}

/** Some and all they lead to. */
function closure(roots, next) {
  const found = new Set(roots);
  // A set is walked to its end, and that moves on.
  for (const each of found) for (const other of next(each)) found.add(other);
  return found;
}

rmSync(directory, { recursive: true, force: true });
// tsc leaves what it once made of a file that is gone, and the package would carry it.
if (process.argv[2] === undefined) {
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = /^(.*?)(?:\.d\.ts|\.js)$/.exec(file)?.[1];
    if (source !== undefined && !existsSync(path.join(dist, '..', 'src', `${source}.ts`))) rmSync(path.join(dist, file));
  }
}
const { rolldown } = await import('rolldown').catch((error) => {
  console.error(`bundle: left out, wasienv will start slower: ${error.message.split('\n')[0]}`);
  process.exit(0);
});
/** The files that `input` leads to, put together. */
async function bundle(input, format, output) {
  const made = await rolldown({
    input, platform: 'node', preserveEntrySignatures: 'allow-extension', external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id), plugins: [ownPlaces(format), ...(format === 'cjs' ? [importsFromOutside] : [])],
    // `inspect` imports when it needs it what `run` has at once.
    checks: { ineffectiveDynamicImport: false },
  });
  const { output: files } = await made.write({ dir: directory, format, comments: false, ...output });
  await made.close();
  return files.map(({ fileName }) => path.join(directory, fileName));
}

await bundle({ seat: SEAT }, 'esm', { chunkFileNames: '[name]-[hash].js' });
const files = await bundle({ main: path.join(dist, 'cli', 'main.js') }, 'cjs', {
  entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs',
  codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: groupOf, debugName: 'front, run, wasi, engine' }] },
});

// Each file as bin/bundle.js evaluates it, so that it need not put half a megabyte together anew: a function of what CommonJS gives to
// a module, and of what imports one. In ASCII, which V8 keeps in half the memory and which is read without decoding; other characters stand in literals and names only.
for (const file of files) {
  const source = readFileSync(file, 'utf8').replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  writeFileSync(file, `(function (exports, require, module, __filename, __dirname, importModule) {${source}\n})`);
}
