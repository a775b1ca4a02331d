// How long the portable compiler takes: `wasienv cc` as a process, as a person meets it. With the directory of the npm
// package @yowasp/clang as an argument, the same through the package's own API beside it.
//   npm run build && npx wasienv setup && node bench/portable-compiler.mjs [PACKAGE-DIRECTORY]
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const RUNS = 5;
const cli = path.resolve(import.meta.dirname, '..', 'bin', 'wasienv.js');
const api = process.argv[2] === undefined ? undefined : pathToFileURL(path.resolve(process.argv[2], 'gen', 'bundle.js')).href;
const cwd = mkdtempSync(path.join(tmpdir(), 'wasienv-bench-'));
const sources = {
  'hello.c': '#include <stdio.h>\nint main(void) { printf("hello\\n"); return 0; }\n',
  'stream.cc': '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n',
  ...Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`f${index}.c`, `#include <stdio.h>\nint f${index}(void) { return printf("%d", ${index}); }\n`])),
};
const many = Object.keys(sources).filter((name) => /^f\d/.test(name));
const commands = [
  ['hello.c to a module', 'clang', ['hello.c', '-o', 'hello.wasm']],
  ['hello.c to an object', 'clang', ['-c', 'hello.c', '-o', 'hello.o']],
  ['<iostream> to an object', 'clang++', ['-c', 'stream.cc', '-o', 'stream.o']],
  ['nine files to a module', 'clang', ['hello.c', ...many, '-o', 'many.wasm']],
];

/** Median wall clock of a process, in ms. */
function median(file, args) {
  const times = Array.from({ length: RUNS }, () => {
    const started = performance.now();
    const { status, stderr } = spawnSync(file, args, { cwd, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return performance.now() - started;
  });
  return times.sort((left, right) => left - right)[RUNS >> 1];
}

try {
  for (const [name, text] of Object.entries(sources)) writeFileSync(path.join(cwd, name), text);
  console.log(`${process.version}, median of ${RUNS}, wall clock of the whole process`);
  for (const [title, program, args] of commands) {
    const ours = median(process.execPath, [cli, program === 'clang' ? 'cc' : 'c++', ...args]);
    let line = `${title.padEnd(26)} ${ours.toFixed(0).padStart(6)} ms`;
    if (api !== undefined) {
      const script = `import { runClang } from ${JSON.stringify(api)}; await runClang(${JSON.stringify([program, ...args])}, ${JSON.stringify(sources)}, { stdout: null, stderr: null });`;
      const theirs = median(process.execPath, ['--input-type=module', '-e', script]);
      line += `   package's API ${theirs.toFixed(0).padStart(6)} ms   ${(theirs / ours).toFixed(1)} x`;
    }
    console.log(line);
  }
  execFileSync(process.execPath, [cli, 'size', 'many.wasm'], { cwd });
} finally {
  rmSync(cwd, { recursive: true, force: true });
}
