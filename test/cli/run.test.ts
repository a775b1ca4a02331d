// `wasienv run` in real processes: what reaches the guest, what comes back, and which exit code says so.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { expectGolden, runCli, transcript, withDirectory, type CliOptions, type CliResult } from '../support/cli.js';
import { compileGuest } from '../support/toolchain.js';

/** Does what its first argument says. */
const SOURCE = `
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern char **environ;
__attribute__((noinline)) static int divide(int a, int b) { return a / b; }
__attribute__((noinline)) static int deep(volatile int *n) { int here = *n + 1; *n = here; return deep(n) + here; }
int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  if (!strcmp(what, "exit")) return atoi(argv[2]);
  if (!strcmp(what, "divide")) return divide(1, argc - 2);
  if (!strcmp(what, "deep")) { volatile int n = 0; return deep(&n); }
  if (!strcmp(what, "abort")) abort();
  if (!strcmp(what, "forever")) { puts("running"); fflush(stdout); for (;;) ; }
  if (!strcmp(what, "flood")) for (int i = 0; i < 100000; i++) if (puts("flood") < 0) return 3;
  if (!strcmp(what, "cat")) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }
  if (!strcmp(what, "read")) {
    FILE *file = fopen(argv[2], "r");
    if (!file) { perror(argv[2]); return 4; }
    int c; while ((c = getc(file)) != EOF) putchar(c);
    return fclose(file);
  }
  if (!strcmp(what, "write")) {
    FILE *file = fopen(argv[2], "w");
    if (!file) { perror(argv[2]); return 4; }
    fputs("written", file);
    return fclose(file);
  }
  for (int i = 0; i < argc; i++) printf("argument %d: %s\\n", i, argv[i]);
  for (char **e = environ; *e; e++) printf("environment: %s\\n", *e);
  fprintf(stderr, "on stderr\\n");
  return 0;
}
`;

let guest: string;
beforeAll(async () => {
  guest = await compileGuest(SOURCE, { args: ['-O0'] });
});

const inDirectory = (use: (directory: string, run: (args: readonly string[], options?: CliOptions) => Promise<CliResult>) => Promise<void>) =>
  withDirectory(async (directory) => {
    writeFileSync(path.join(directory, 'guest.wasm'), readFileSync(guest));
    await use(directory, (args, options = {}) => runCli(['run', ...args], { cwd: directory, ...options }));
  });

describe('what reaches the guest', () => {
  test('arguments after FILE, options among them, and nothing of our environment', () =>
    inDirectory(async (_, run) => {
      expectGolden('run-arguments', transcript(['run', 'guest.wasm', '--dir', '/', '-h', '--', 'süß'], await run(['guest.wasm', '--dir', '/', '-h', '--', 'süß'], { env: { SECRET: 'x' } })));
    }));

  test('--env, in order', () =>
    inDirectory(async (_, run) => {
      const { stdout } = await run(['--env', 'B=ä b', '--env', 'A=', 'guest.wasm'], { env: { SECRET: 'x' } });
      expect(stdout).toBe('argument 0: guest.wasm\nenvironment: B=ä b\nenvironment: A=\n');
    }));

  test('standard input, from a pipe, to its end', () =>
    inDirectory(async (_, run) => {
      const input = 'line\n'.repeat(20_000);
      expect(await run(['guest.wasm', 'cat'], { input })).toEqual({ code: 0, stdout: input, stderr: '' });
    }));

  test('directories: none unless given, under their guest name, read-only where asked', () =>
    inDirectory(async (directory, run) => {
      mkdirSync(path.join(directory, 'data'));
      writeFileSync(path.join(directory, 'data', 'in.txt'), 'content');
      expect((await run(['guest.wasm', 'read', 'data/in.txt'])).code).toBe(4);
      expect(await run(['--dir', 'data', 'guest.wasm', 'read', 'data/in.txt'])).toMatchObject({ code: 0, stdout: 'content' });
      expect(await run(['--dir', 'data::/srv', 'guest.wasm', 'read', '/srv/in.txt'])).toMatchObject({ code: 0, stdout: 'content' });
      expect((await run(['--dir', 'data::/srv:ro', 'guest.wasm', 'read', '/srv/in.txt'])).code).toBe(0);
      expect((await run(['--dir', 'data::/srv:ro', 'guest.wasm', 'write', '/srv/out.txt'])).code).toBe(4);
      expect((await run(['--dir', 'data::/srv', 'guest.wasm', 'write', '/srv/out.txt'])).code).toBe(0);
      expect(readFileSync(path.join(directory, 'data', 'out.txt'), 'utf8')).toBe('written');
    }));
});

describe('what comes back', () => {
  test.each([0, 1, 2, 7, 134, 255])('exit code %d', (code) =>
    inDirectory(async (_, run) => {
      expect(await run(['guest.wasm', 'exit', String(code)])).toEqual({ code, stdout: '', stderr: '' });
    }),
  );

  test.each(['divide', 'abort', 'deep'])('a trap: %s', (what) =>
    inDirectory(async (_, run) => {
      // Places move with every compiler; names, order and exit code do not.
      const places: [RegExp, string][] = [[/function \d+, byte 0x[0-9a-f]+/, 'PLACE'], [/… [\d,]+ more calls …/, '… MANY more calls …']];
      expectGolden(`run-trap-${what}`, transcript(['run', 'guest.wasm', what], await run(['guest.wasm', what]), places));
    }),
  );

  test('a reader that goes away ends the guest, which is told', () =>
    inDirectory(async (_, run) => {
      const { code, stderr } = await run(['guest.wasm', 'flood'], { whileRunning: (child) => child.stdout!.destroy() });
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    }));

  test('Ctrl-C ends a guest that runs for ever', () =>
    inDirectory(async (_, run) => {
      const { code } = await run(['guest.wasm', 'forever'], { whileRunning: (child) => void child.stdout!.once('data', () => child.kill('SIGINT')) });
      expect(code).toBe('SIGINT');
    }));
});

describe('what cannot be run', () => {
  const files: Readonly<Record<string, Uint8Array | string>> = {
    'text.wasm': 'this is text\n',
    'empty.wasm': '',
    'component.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0),
    'no-start.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    'cut.wasm': Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x7f),
  };
  test.each([
    ['run-no-file', []],
    ['run-missing', ['nope.wasm']],
    ['run-directory', ['.']],
    ['run-not-wasm', ['text.wasm']],
    ['run-empty', ['empty.wasm']],
    ['run-component', ['component.wasm']],
    ['run-no-start', ['no-start.wasm']],
    ['run-malformed', ['cut.wasm']],
    ['run-no-such-directory', ['--dir', 'nowhere', 'guest.wasm']],
    ['run-bad-env', ['--env', 'HOME', 'guest.wasm']],
    ['run-typo', ['--dri', '.', 'guest.wasm']],
  ] as const)('%s', (name, args) =>
    inDirectory(async (directory, run) => {
      for (const [file, content] of Object.entries(files)) writeFileSync(path.join(directory, file), content);
      expectGolden(name, transcript(['run', ...args], await run(args), [[directory, 'HERE']]));
    }),
  );
});
