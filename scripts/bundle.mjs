#!/usr/bin/env node
// The last step of `npm run build`: puts the many small files of dist/ together in a few, dist/bundle/, for the command
// line alone. A command loads some 80 modules, and Node's loader takes longer to find and link them than they run:
// 200 ms of CPU time for `wasienv run hello.wasm` became 160 (Node itself: 58). What loads lazily still does, chunk by chunk.
// Another dist can be named, for tests. bin/wasienv.js takes the bundle only while it is newer than dist/, so that a plain `tsc` is never shadowed by it.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = path.resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const directory = path.join(dist, 'bundle');

/** Threads of a program begin with a file of their own, which is put together apart: nothing that starts `main` waits for it. */
const SEAT = path.join(dist, 'program', 'threads', 'seat.js');
/** It looks for that file beside itself, and finds it beside its chunk. */
const SEAT_MAKER = path.join(dist, 'program', 'threads', 'crew.js');

/** A module that looks for files beside itself must find them where they are: its own place, not the chunk's. */
const ownPlaces = {
  name: 'own-places',
  transform(code, id) {
    if (!code.includes('import.meta.url') || id === SEAT_MAKER) return null;
    const place = path.relative(directory, id).split(path.sep).join('/');
    return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
  },
};

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
for (const input of [{ main: path.join(dist, 'cli', 'main.js') }, { seat: SEAT }]) {
  const bundle = await rolldown({ input, platform: 'node', external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id), plugins: [ownPlaces] });
  await bundle.write({ dir: directory, format: 'esm', chunkFileNames: '[name]-[hash].js', comments: false });
  await bundle.close();
}
