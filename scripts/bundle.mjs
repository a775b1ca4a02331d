#!/usr/bin/env node
// The last step of `npm run build`: puts the many small files of dist/ together in a few, dist/bundle/, for the command
// line alone. A command loads some 80 modules, and Node's loader takes longer to find and link them than they run:
// 200 ms of CPU time for `wasienv run hello.wasm` became 160 (Node itself: 58). What loads lazily still does, chunk by chunk.
// Another dist can be named, for tests. bin/wasienv.js takes the bundle only while it is newer than dist/, so that a plain `tsc` is never shadowed by it.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = path.resolve(process.argv[2] ?? fileURLToPath(new URL('../dist', import.meta.url)));
const directory = path.join(dist, 'bundle');

/** A module that looks for files beside itself must find them where they are: its own place, not the chunk's. */
const ownPlaces = {
  name: 'own-places',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return null;
    const place = path.relative(directory, id).split(path.sep).join('/');
    return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(place)}, import.meta.url).href`);
  },
};

rmSync(directory, { recursive: true, force: true });
const { rolldown } = await import('rolldown').catch((error) => {
  console.error(`bundle: left out, wasienv will start slower: ${error.message.split('\n')[0]}`);
  process.exit(0);
});
const bundle = await rolldown({ input: { main: path.join(dist, 'cli', 'main.js') }, platform: 'node', external: (id) => !/^[./]/.test(id) && !path.isAbsolute(id), plugins: [ownPlaces] });
await bundle.write({ dir: directory, format: 'esm', chunkFileNames: '[name]-[hash].js', comments: false });
await bundle.close();
