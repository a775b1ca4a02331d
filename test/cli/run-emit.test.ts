// `--no-emit` is a choice of speed alone.
import { expect, test } from 'vitest';
import { runCli, withDirectory } from '../support/cli.js';
import { compileGuest } from '../support/toolchain.js';

test('a program does the same with and without emitted code, to its trap', async () => {
  const guest = await compileGuest('#include <stdio.h>\n#include <stdlib.h>\nstatic volatile int zero;\nint main(void) { double sum = 0; for (int i = 1; i < 20000; i++) sum += 1.0 / i; printf("%.12f\\n", sum); fflush(stdout); return 1 / zero; }\n', { args: ['-O1'] });
  await withDirectory(async (directory) => {
    const [emitted, interpreted] = [await runCli(['run', guest], { cwd: directory, env: {} }), await runCli(['run', '--no-emit', guest], { cwd: directory, env: {} })];
    expect(emitted.stdout).toBe('10.480678217229\n');
    expect(interpreted).toEqual(emitted);
  });
});
