// From a home with hostile letters in its name to a program that runs: a C project built by plain make after reading
// setenv.sh, with the portable compiler and with a native one; and `wasienv env` as a person meets it.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refreshEnvironment, removeEnvironment } from '../../src/compiler/index.js';
import { planSetup, runPlan } from '../../src/toolchain/index.js';
import { posixQuote } from '../../src/base/quote.js';
import { debianClang } from '../support/debian.js';
import { BIN, runCli } from '../support/cli.js';
import { portableHome, portableToolchain, wasienvError } from '../support/toolchain.js';

const base = mkdtempSync(path.join(tmpdir(), 'wasienv-build-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** What a home may be called: all of it at once. */
const home = path.join(base, "it's a “hömé”\n$HOME `x` \\ \"q\"");

const NAMES = { WASIENV_HOME: home };
const options = { home, env: NAMES, platform: process.platform } as const;

beforeAll(async () => {
  await portableToolchain();
  mkdirSync(home);
  // The receipts name the component directory of the shared home, which nobody here writes to.
  for (const name of ['receipts', 'current.json']) cpSync(path.join(await portableHome(), name), path.join(home, name), { recursive: true });
  await refreshEnvironment(options);
});

const MAKEFILE = `CFLAGS = -O1
program.wasm: main.o libutil.a
\t$(CC) $(CFLAGS) -o $@ main.o -L. -lutil
libutil.a: util.o
\t$(AR) rcs $@ $^
\t$(RANLIB) $@
`;
const MAIN = `#include <stdio.h>
int util(int);
int main(int argc, char **argv) {
  FILE *file = fopen("Makefile", "r");
  printf("%d %s %s\\n", util(41), argc > 1 ? argv[1] : "", file ? "reads" : "sees nothing");
  return 3;
}
`;

function makeProject(): string {
  const project = mkdtempSync(path.join(base, 'a project '));
  writeFileSync(path.join(project, 'Makefile'), MAKEFILE);
  writeFileSync(path.join(project, 'main.c'), MAIN);
  writeFileSync(path.join(project, 'util.c'), 'int util(int a) { return a + 1; }\n');
  return project;
}

const hasMake = ['/usr/bin/make', '/bin/make'].some((file) => existsSync(file));

/** Builds the project in a POSIX shell whose environment is polluted as that of the notes was, and runs the result. */
function build(script: string, project: string, env: Readonly<Record<string, string>>, makeArgs = 'CC=wasm32-wasip1-clang AR=wasm32-wasip1-ar RANLIB=wasm32-wasip1-ranlib'): { code: number | null; stdout: string; stderr: string } {
  const lines = ['set -eu', `. ${posixQuote(script)}`, `make -s ${makeArgs}`, `wasm32-wasip1-run program.wasm 'two words' || echo "exit $?"`];
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', lines.join('\n')], { cwd: project, env: { PATH: process.env['PATH'] ?? '', CC: 'ccache clang', CFLAGS: '-march=native', CPATH: '/usr/include', AR: 'false', ...env }, encoding: 'utf8' });
  return { code: status, stdout, stderr };
}

const BUILT = { code: 0, stdout: '42 two words reads\nexit 3\n', stderr: '' };

describe.skipIf(!hasMake)(`make${hasMake ? '' : ' (skipped: there is none here)'}`, () => {
  test('with the portable compiler, and CC="ccache clang" in the environment', () => {
    expect(build(path.join(home, 'env', 'setenv.sh'), makeProject(), {})).toEqual(BUILT);
  });

  test('with what `wasienv env --bare` prints, make needs no arguments', async () => {
    const { code, stdout, stderr } = await runCli(['env', '--bare'], { env: NAMES });
    expect([code, stderr]).toEqual([0, '']);
    const script = path.join(base, 'bare.sh');
    writeFileSync(script, stdout);
    expect(build(script, makeProject(), {}, '')).toEqual(BUILT);
  });

  const clang = debianClang(['clang', 'lld', 'sysroot', 'builtins']);
  test.skipIf('missing' in clang)(`with a native compiler and no Node${'missing' in clang ? ` (skipped: ${clang.missing})` : ''}`, async () => {
    if ('missing' in clang) return;
    const own = path.join(base, "native it's $x");
    const context = { home: own, env: { ...clang.env, WASIENV_HOME: own, WASI_SYSROOT: path.join(clang.root, 'usr') }, cwd: base, platform: process.platform, now: Date.now, emit: () => undefined };
    await runPlan(await planSetup({ source: 'system', refetch: false, components: [], mirror: undefined, allowUnverified: false }, context), context);
    await refreshEnvironment({ home: own, env: context.env, platform: process.platform });
    // What stands in a response file counts, as for `wasienv cc`: the old name of the target, that nothing is linked, the output.
    const listed = makeProject();
    writeFileSync(path.join(listed, 'compile'), '--target=wasm32-unknown-wasi -O1\n-c main.c util.c\n');
    writeFileSync(path.join(listed, 'link'), '-o "the program.wasm"\nmain.o util.o');
    for (const cc of ['wasm32-wasip1-clang', `${posixQuote(process.execPath)} ${posixQuote(BIN)} cc`]) {
      const lines = ['set -eu', `. ${posixQuote(path.join(own, 'env', 'setenv.sh'))}`, `${cc} @compile`, `${cc} @link`, "wasm32-wasip1-run 'the program.wasm' 'two words' || echo \"exit $?\"", 'rm main.o util.o *.wasm'];
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', lines.join('\n')], { cwd: listed, env: { ...clang.env, PATH: '/usr/bin:/bin', WASIENV_HOME: own }, encoding: 'utf8' });
      expect({ code: status, stdout, stderr: stderr.replace(/^wasienv: note: .*\n/gm, '') }).toEqual(BUILT);
    }
    // A node that fails stands first on PATH and in the compiler's shim: only `run`, which names node by its path, may start one.
    const traps = path.join(base, 'traps');
    mkdirSync(traps);
    writeFileSync(path.join(traps, 'node'), '#!/bin/sh\necho node was started >&2\nexit 99\n');
    chmodSync(path.join(traps, 'node'), 0o755);
    const shim = path.join(own, 'env', 'bin', 'wasm32-wasip1-clang');
    writeFileSync(shim, readFileSync(shim, 'utf8').replaceAll(process.execPath, path.join(traps, 'node')));
    const env = { ...clang.env, PATH: `${traps}:/usr/bin:/bin` };
    expect(build(path.join(own, 'env', 'setenv.sh'), makeProject(), env)).toEqual(BUILT);
    expect(build(path.join(own, 'env', 'setenv.sh'), makeProject(), env, "CC='wasm32-wasip1-clang --lto'").stderr).toContain('node was started');
  });
});

const rust = debianClang(['clang', 'lld', 'sysroot', 'builtins', 'rust', 'rust-std', 'cargo']);
test.skipIf('missing' in rust)(`plain cargo finds compiler, linker and runner${'missing' in rust ? ` (skipped: ${rust.missing})` : ''}`, async () => {
  if ('missing' in rust) return;
  const own = path.join(base, 'for cargo');
  const context = { home: own, env: { ...rust.env, WASIENV_HOME: own, WASI_SYSROOT: path.join(rust.root, 'usr') }, cwd: base, platform: process.platform, now: Date.now, emit: () => undefined };
  await runPlan(await planSetup({ source: 'system', refetch: false, components: [], mirror: undefined, allowUnverified: false }, context), context);
  await refreshEnvironment({ home: own, env: context.env, platform: process.platform });
  const project = mkdtempSync(path.join(base, 'a crate '));
  mkdirSync(path.join(project, 'src'));
  writeFileSync(path.join(project, 'Cargo.toml'), '[package]\nname = "crate1"\nversion = "0.1.0"\nedition = "2021"\n');
  writeFileSync(path.join(project, 'src', 'main.rs'), `fn main() {
    println!("{:?} {} {}", std::env::args().skip(1).collect::<Vec<_>>(), std::fs::read_to_string("Cargo.toml").is_ok(), std::env::var("RUST_LOG").unwrap());
    println!("{}", std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).is_ok());
    std::process::exit(7);
}
`);
  // A build script's C, as cargo's cc crate would compile it.
  writeFileSync(path.join(project, 'build.rs'), `use std::{env, process::Command};
fn main() {
    let target = env::var("TARGET").unwrap().replace('-', "_");
    let flags = env::var(format!("CFLAGS_{}", target)).unwrap();
    let out = env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{}/a.c", out), "int from_c(void) { return 1; }").unwrap();
    let run = |variable: &str, args: &[&str]| assert!(Command::new(env::var(format!("{}_{}", variable, target)).unwrap()).args(args).current_dir(&out).status().unwrap().success());
    run("CC", &[&flags, "-c", "a.c", "-o", "a.o"]);
    run("AR", &["crs", "liba.a", "a.o"]);
    println!("cargo:rustc-link-search={}", out);
    println!("cargo:rustc-link-lib=static=a");
}
`);
  const script = ['set -eu', `. ${posixQuote(path.join(own, 'env', 'setenv.sh'))}`, "cargo run --quiet --offline --target wasm32-wasi -- 'two words' --help"].join('\n');
  const env = { ...rust.env, PATH: `${rust.env['PATH']}:/usr/bin:/bin`, CARGO_HOME: path.join(base, 'cargo-home'), CC: 'ccache clang', RUST_LOG: 'debug' };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { cwd: project, env, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 7, stdout: '["two words", "--help"] true debug\ntrue\n', stderr: '' });
});

describe('the files', () => {
  const tree = (): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const name of readdirSync(path.join(home, 'env'), { recursive: true, encoding: 'utf8' }).sort()) {
      const file = path.join(home, 'env', name);
      const stats = statSync(file);
      if (stats.isFile()) found[name] = `${(stats.mode & 0o777).toString(8)} ${stats.ino} ${stats.mtimeMs} ${readFileSync(file, 'utf8')}`;
    }
    return found;
  };

  test('are left alone when they are as they should be, and put right when not', async () => {
    const before = tree();
    expect(await refreshEnvironment(options)).toMatchObject({ changed: false });
    expect(tree()).toEqual(before);

    rmSync(path.join(home, 'env', 'setenv.fish'));
    writeFileSync(path.join(home, 'env', 'setenv.sh'), 'half of');
    chmodSync(path.join(home, 'env', 'bin', 'wasm32-wasip1-ar'), 0o644);
    writeFileSync(path.join(home, 'env', 'bin', 'wasm32-wasip1-nm.4711.tmp'), 'left by a killed one');
    writeFileSync(path.join(home, 'env', 'bin', 'mine'), 'somebody put it there');
    expect(await refreshEnvironment(options)).toMatchObject({ changed: true });
    const texts = (each: Record<string, string>) => Object.fromEntries(Object.entries(each).map(([name, text]) => [name, text.replace(/^(\d+) \d+ [\d.]+ /, '$1 ')]));
    expect(texts(tree())).toEqual({ ...texts(before), [path.join('bin', 'mine')]: '644 somebody put it there' });
  });

  test('eight at once leave them whole', async () => {
    rmSync(path.join(home, 'env'), { recursive: true });
    const results = await Promise.all(Array.from({ length: 8 }, () => runCli(['env', '--diff'], { env: NAMES })));
    expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 8 }, () => [0, '']));
    expect(await refreshEnvironment(options)).toMatchObject({ changed: false });
  });

  test('go when no toolchain is left, and what is not ours stays', async () => {
    writeFileSync(path.join(home, 'env', 'mine'), '');
    await removeEnvironment(options);
    expect(Object.keys(tree())).toEqual(['mine']);
    await refreshEnvironment(options);
  });

  test('a home where they cannot be written is an error with a next step', async () => {
    const readOnly = path.join(base, 'no place');
    mkdirSync(readOnly);
    for (const name of ['receipts', 'current.json']) cpSync(path.join(home, name), path.join(readOnly, name), { recursive: true });
    writeFileSync(path.join(readOnly, 'env'), 'a file');
    const error = await wasienvError(refreshEnvironment({ ...options, home: readOnly }));
    expect(error.code).toBe('E_HOME_UNWRITABLE');
    expect(error.next).toBeTruthy();
  });
});

describe('wasienv env', () => {
  test('prints a script that a shell reads, with the shims it names', async () => {
    const { code, stdout, stderr } = await runCli(['env'], { env: NAMES });
    expect([code, stderr]).toEqual([0, '']);
    expect(execFileSync('/bin/sh', ['-c', `${stdout}\nwasm32-wasip1-clang -print-target-triple; printf '%s' "$WASIENV_HOME"`], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' })).toBe(`wasm32-unknown-wasip1\n${home}`);
  });

  test('--diff tells what it would change, a line each', async () => {
    const { code, stdout } = await runCli(['env', '--diff', '--bare'], { env: { ...NAMES, CC: 'ccache clang', NM: '', WASI_SYSROOT: '/opt' } });
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split('\n').map((line) => line.split(/ {2,}/));
    expect(rows.find(([, name]) => name === 'CC')).toEqual(['change', 'CC', 'wasm32-wasip1-clang', '(now ccache clang)']);
    expect(rows.find(([, name]) => name === 'NM')?.at(-1)).toBe('(now empty)');
    expect(rows.find(([, name]) => name === 'WASIENV_HOME')?.[0]).toBe('keep');
    expect(rows.find(([, name]) => name === 'LD')?.[0]).toBe('set');
    expect(rows.at(-1)?.slice(0, 2)).toEqual(['prepend', 'PATH']);
  });

  test.each([
    [['env', 'x'], 2, 'E_USAGE'],
    [['env', '--shell', 'csh'], 2, 'E_USAGE'],
    [['env', '--shell', 'cmd'], 2, 'E_USAGE'],
  ])('%j', async (args, code, name) => {
    const result = await runCli(args, { env: NAMES });
    expect([result.code, result.stdout]).toEqual([code, '']);
    expect(result.stderr).toMatch(new RegExp(`^error\\[${name}\\]: `));
  });

  test('without a toolchain it says what to do, and writes nothing', async () => {
    const empty = path.join(base, 'empty');
    const { code, stderr } = await runCli(['env'], { env: { WASIENV_HOME: empty } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error\[E_NO_TOOLCHAIN\]: [\s\S]*wasienv setup/);
    expect(existsSync(empty)).toBe(false);
  });
});
