// ccache in front, with a real Redis between two machines: two homes, two checkouts, two caches, nothing shared but the
// server. What the first compiled the second only fetches. The figures of a run are printed.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli, type CliResult } from '../../support/cli.js';
import { copyHome } from '../../support/copied-home.js';
import { portableHome, portableToolchain } from '../../support/toolchain.js';

const missing = ['make', 'ccache', 'redis-server'].filter((program) => !['/usr/bin', '/bin', '/usr/local/bin'].some((directory) => existsSync(path.join(directory, program))));
const FILES = 6;

describe.skipIf(missing.length > 0)(`ccache with Redis${missing.length > 0 ? ` (skipped: there is no ${missing.join(', no ')})` : ''}`, () => {
  // A socket's path must be short.
  const base = mkdtempSync(path.join(tmpdir(), 'wasienv-cc-'));
  const socket = path.join(base, 'redis');
  let server: ChildProcess;
  beforeAll(async () => {
    await portableToolchain();
    server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'no', '--dir', base, '--daemonize', 'no'], { stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    for await (const chunk of server.stdout!) {
      said += String(chunk);
      if (/ready to accept connections/i.test(said)) break;
    }
    expect(existsSync(socket)).toBe(true);
  });
  afterAll(async () => {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
    rmSync(base, { recursive: true, force: true });
  });

  interface Machine {
    readonly env: Readonly<Record<string, string>>;
    readonly checkout: string;
  }
  async function machine(name: string): Promise<Machine> {
    const root = path.join(base, name);
    const home = path.join(root, 'home');
    mkdirSync(home, { recursive: true });
    copyHome(await portableHome(), home);
    const checkout = path.join(root, 'check out');
    mkdirSync(checkout);
    for (let index = 0; index < FILES; index += 1) writeFileSync(path.join(checkout, `part${index}.c`), `#include <stdio.h>\n#include "own.h"\nint part${index}(void) { return printf("%s %d\\n", OWN, ${index}); }\n`);
    writeFileSync(path.join(checkout, 'own.h'), '#define OWN "own"\n');
    const parts = Array.from({ length: FILES }, (_, index) => `part${index}`);
    writeFileSync(path.join(checkout, 'main.c'), `${parts.map((each) => `int ${each}(void);`).join('\n')}\nint main(void) { ${parts.map((each) => `${each}();`).join(' ')} return 0; }\n`);
    const objects = [...parts, 'main'].map((each) => `${each}.o`).join(' ');
    writeFileSync(path.join(checkout, 'Makefile'), `CC = gcc\nall: program.wasm\nprogram.wasm: ${objects}\n\t$(CC) -o $@ ${objects}\n%.o: %.c\n\t$(CC) -O1 -MD -c "$(CURDIR)/$<" -o $@\n-include *.d\n`);
    return { env: { WASIENV_HOME: home, CCACHE_DIR: path.join(root, 'cache'), CCACHE_REMOTE_STORAGE: `redis+unix:${socket}` }, checkout };
  }
  const make = ({ env, checkout }: Machine, ...options: readonly string[]): Promise<CliResult> => runCli(['exec', ...options, '--launcher', 'ccache', '--', 'make', '-s', '-j2'], { cwd: checkout, env });
  function statistics({ env }: Machine): { readonly hits: number; readonly misses: number } {
    const { stdout } = spawnSync('ccache', ['--print-stats'], { env: { PATH: process.env['PATH']!, ...env }, encoding: 'utf8' });
    const count = (name: string): number => Number(new RegExp(`^${name}\\t(\\d+)$`, 'm').exec(stdout)?.[1]);
    return { hits: count('direct_cache_hit') + count('preprocessed_cache_hit'), misses: count('cache_miss') };
  }

  test('the second machine compiles nothing', async () => {
    const first = await machine('one');
    const second = await machine('another machine');
    // The first start of each writes shims and files; that is no part of the comparison.
    for (const each of [first, second]) expect(await runCli(['toolchain'], { env: each.env })).toMatchObject({ code: 0 });
    const build = async (each: Machine): Promise<number> => {
      const start = performance.now();
      expect(await make(each)).toEqual({ code: 0, stdout: '', stderr: '' });
      return performance.now() - start;
    };
    const took = [await build(first), await build(second)] as const;
    expect(statistics(first)).toEqual({ hits: 0, misses: FILES + 1 });
    expect(statistics(second)).toEqual({ hits: FILES + 1, misses: 0 });
    console.info(`ccache and Redis: first machine 0 hits, ${FILES + 1} misses, ${Math.round(took[0])} ms; second ${FILES + 1} hits, 0 misses, ${Math.round(took[1])} ms: ${(took[0] / took[1]).toFixed(1)} times as fast`);

    const program = (each: Machine) => path.join(each.checkout, 'program.wasm');
    expect(readFileSync(program(second)).equals(readFileSync(program(first)))).toBe(true);
    expect((await runCli(['run', program(second)])).stdout.split('\n')).toHaveLength(FILES + 1);
    // The lists of headers speak of no other machine: otherwise make would build all of it again, or stop.
    expect(readFileSync(path.join(second.checkout, 'part0.d'), 'utf8')).toContain('own.h');
    expect(readFileSync(path.join(second.checkout, 'part0.d'), 'utf8')).not.toContain(path.join(base, 'one'));
    expect(await make(second)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(statistics(second)).toEqual({ hits: FILES + 1, misses: 0 });

    // A header of the project, and a mode, are no matter of the toolchain.
    writeFileSync(path.join(second.checkout, 'own.h'), '#define OWN "changed"\n');
    expect(await make(second)).toMatchObject({ code: 0 });
    expect(statistics(second)).toEqual({ hits: FILES + 1, misses: FILES });
    expect((await runCli(['run', program(second)])).stdout).toContain('changed 0\n');
    rmSync(path.join(first.checkout, 'main.o'));
    expect(await make(first, '--setjmp')).toMatchObject({ code: 0 });
    expect(statistics(first)).toEqual({ hits: 0, misses: FILES + 2 });
  });
});
