// rustc and cargo for WASI: what is added to a command line, and Debian's real rustc and cargo building programs that
// run on our interpreter.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Collector } from '../../src/compiler/index.js';
import { runRust, showRust, type RustOptions } from '../../src/compiler/rust.js';
import { cargoArguments, isRustQuestion, rustcArguments, splitToolchain, type CargoParts } from '../../src/compiler/rust-arguments.js';
import { currentRust, findRust, type RustToolchain } from '../../src/toolchain/rust/index.js';
import { debianClang, type DebianClang } from '../support/debian.js';
import { ROOT, runCli } from '../support/cli.js';
import { wasienvError } from '../support/toolchain.js';
import { available } from '../support/skips.js';

const recent: CargoParts = { target: 'wasm32-wasip1', installed: ['wasm32-wasip1'], linker: null, rustc: null, rustdoc: null, ownLinker: '/t/rust-lld', runner: ['node', '/w/wasienv.js', 'run', '--dir', '.'] };
const old: CargoParts = { ...recent, target: 'wasm32-wasi', installed: ['wasm32-wasi'], linker: '/bin/wasm-ld-14' };
const both: CargoParts = { ...recent, installed: ['wasm32-wasip1', 'wasm32-wasi'] };

describe('rustc is given', () => {
  test.each<[string, CargoParts, readonly string[], readonly string[], string | null]>([
    ['the target', recent, ['a.rs'], ['--target', 'wasm32-wasip1', 'a.rs'], 'wasm32-wasip1'],
    ['and a linker, where it would not find the right one', old, ['a.rs'], ['--target', 'wasm32-wasi', '-C', 'linker=/bin/wasm-ld-14', 'a.rs'], 'wasm32-wasi'],
    ['not the linker when the user names one', old, ['-Clinker=/mine', 'a.rs'], ['--target', 'wasm32-wasi', '-Clinker=/mine', 'a.rs'], 'wasm32-wasi'],
    ['nor when nothing is linked', old, ['--crate-type', 'lib', 'a.rs'], ['--target', 'wasm32-wasi', '--crate-type', 'lib', 'a.rs'], 'wasm32-wasi'],
    ['its own name for another', recent, ['--target', 'wasm32-wasi', 'a.rs'], ['--target', 'wasm32-wasip1', 'a.rs'], 'wasm32-wasip1'],
    ['its own old name for the new', old, ['--target=wasm32-wasip1', '--emit=metadata', 'a.rs'], ['--target=wasm32-wasi', '--emit=metadata', 'a.rs'], 'wasm32-wasi'],
    ['the name as it is where there is a library for it', both, ['--target=wasm32-wasi', 'a.rs'], ['--target=wasm32-wasi', 'a.rs'], 'wasm32-wasi'],
    ['nothing for another target', old, ['--target=x86_64-unknown-linux-gnu', 'a.rs'], ['--target=x86_64-unknown-linux-gnu', 'a.rs'], null],
    ['nothing for preview 2', recent, ['--target', 'wasm32-wasip2', 'a.rs'], ['--target', 'wasm32-wasip2', 'a.rs'], null],
    ['the values of other options untouched', recent, ['--cfg', 'target', '-o', '--target', 'wasm32-wasip1'], ['--cfg', 'target', '-o', '--target', 'wasm32-wasip1'], 'wasm32-wasip1'],
  ])('%s', (_, parts, args, wanted, target) => expect(rustcArguments(parts, args)).toMatchObject({ args: wanted, target }));

  test.each<[readonly string[], boolean]>([
    [['a.rs'], true], [['--crate-type', 'bin', 'a.rs'], true], [['--crate-type=cdylib', 'a.rs'], true], [['--crate-type=rlib', '--crate-type', 'bin'], true],
    [['--crate-type=lib', 'a.rs'], false], [['--crate-type', 'staticlib', 'a.rs'], false], [['--emit', 'asm,llvm-ir', 'a.rs'], false], [['--emit=obj=a.o', 'a.rs'], false],
    [['--emit=dep-info,link', 'a.rs'], true], [['--print', 'cfg'], false],
  ])('%j links: %s', (args, links) => expect(rustcArguments(recent, args).links).toBe(links));
});

describe('cargo is given', () => {
  const RUNNER = { CARGO_TARGET_WASM32_WASIP1_RUNNER: 'node /w/wasienv.js run --dir .' };
  const OLD = { CARGO_TARGET_WASM32_WASI_LINKER: '/bin/wasm-ld-14', CARGO_TARGET_WASM32_WASI_RUNNER: 'node /w/wasienv.js run --dir .' };
  test.each<[string, CargoParts, readonly string[], Record<string, string>, readonly string[], Record<string, string>]>([
    ['target and runner', recent, ['build'], {}, ['build'], { CARGO_BUILD_TARGET: 'wasm32-wasip1', ...RUNNER }],
    ['the linker where rustc would not find it', old, ['build'], {}, ['build'], { CARGO_BUILD_TARGET: 'wasm32-wasi', ...OLD }],
    ['no target when the user names one', recent, ['build', '--target', 'wasm32-wasip1'], {}, ['build', '--target', 'wasm32-wasip1'], RUNNER],
    ['its own name for another', old, ['run', '--target=wasm32-wasip1', '--', '--target=wasm32-wasip1'], {}, ['run', '--target=wasm32-wasi', '--', '--target=wasm32-wasip1'], OLD],
    ['its own name for another in the environment', old, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasip1' }, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasi', ...OLD }],
    ['nothing twice', recent, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasip1', CARGO_TARGET_WASM32_WASIP1_RUNNER: 'wasmtime' }, ['b'], {}],
    ['not another linker', old, ['b'], { CARGO_TARGET_WASM32_WASI_LINKER: '/mine', CARGO_TARGET_WASM32_WASI_RUNNER: 'x' }, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasi' }],
    ['the right linker in place of the environment’s shim', old, ['b'], { CARGO_TARGET_WASM32_WASI_LINKER: '/h/env/bin/wasm32-wasip1-rust-wasm-ld', CARGO_TARGET_WASM32_WASI_RUNNER: 'x' }, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasi', CARGO_TARGET_WASM32_WASI_LINKER: '/bin/wasm-ld-14' }],
    ['rustc’s own in place of the shim', recent, ['b'], { CARGO_TARGET_WASM32_WASIP1_LINKER: 'C:\\h\\wasm32-wasip1-rust-wasm-ld.cmd', CARGO_TARGET_WASM32_WASIP1_RUNNER: 'x' }, ['b'], { CARGO_BUILD_TARGET: 'wasm32-wasip1', CARGO_TARGET_WASM32_WASIP1_LINKER: '/t/rust-lld' }],
    ['nothing for another target', old, ['build', '--target', 'wasm32-unknown-unknown'], {}, ['build', '--target', 'wasm32-unknown-unknown'], {}],
    ['nothing for another target in the environment', old, ['build'], { CARGO_BUILD_TARGET: 'wasm32-unknown-unknown' }, ['build'], {}],
    ['the scripts of an overlay', { ...recent, rustc: '/o/bin/rustc', rustdoc: '/o/bin/rustdoc' }, ['t'], {}, ['t'], { CARGO_BUILD_TARGET: 'wasm32-wasip1', ...RUNNER, RUSTC: '/o/bin/rustc', RUSTDOC: '/o/bin/rustdoc' }],
    ['a runner with spaces as a list', { ...recent, runner: ['/a b/"node"', 'C:\\w.js', 'run'] }, ['run', '--', 'x'], {}, ['--config', 'target.wasm32-wasip1.runner=["/a b/\\"node\\"","C:\\\\w.js","run"]', 'run', '--', 'x'], { CARGO_BUILD_TARGET: 'wasm32-wasip1' }],
  ])('%s', (_, parts, args, env, wanted, variables) => {
    const result = cargoArguments(parts, args, env);
    expect({ args: result.args, variables: result.variables }).toEqual({ args: wanted, variables });
  });

  test.each<[readonly string[], boolean]>([
    [['build'], true], [['--color', 'always', 't'], true], [['-v', 'run'], true], [['check'], false], [['--config', 'build', 'clippy'], false], [['fmt'], false],
  ])('%j links: %s', (args, links) => expect(cargoArguments(recent, args, {}).links).toBe(links));
});

test('questions need no target', () => {
  for (const args of [[], ['--version'], ['-vV'], ['-v', '-V'], ['--help'], ['--explain', 'E0463']]) expect(isRustQuestion('rustc', args)).toBe(true);
  for (const args of [['a.rs'], ['-v', 'a.rs'], ['--print', 'cfg']]) expect(isRustQuestion('rustc', args)).toBe(false);
  for (const args of [['help', 'build'], ['--list'], ['version']]) expect(isRustQuestion('cargo', args)).toBe(true);
  expect(splitToolchain(['+nightly', 'build', '+x'])).toEqual({ toolchain: 'nightly', rest: ['build', '+x'] });
  expect(splitToolchain(['build', '+x'])).toEqual({ toolchain: undefined, rest: ['build', '+x'] });
});

const found = debianClang(['rust', 'rust-std', 'lld', 'cargo']);

describe.skipIf('missing' in found)(`Debian’s Rust${available(found).why}`, () => {
  const debian = found as DebianClang;
  let cwd: string;
  let rust: RustToolchain;
  beforeAll(async () => {
    cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv rust-')));
    rust = await currentRust({ home: path.join(cwd, 'home'), env: debian.env, platform: process.platform, cwd, directories: [] });
    write('hello.rs', 'fn main() { println!("hello {:?}", std::env::args().skip(1).collect::<Vec<_>>()); }\n');
    write('bad.rs', 'fn main() { x }\n');
    write('panic.rs', 'fn main() { let v: Vec<u8> = Vec::new(); println!("{}", v[std::env::args().count() + 1]); }\n');
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));
  const write = (name: string, text: string): void => {
    mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
    writeFileSync(path.join(cwd, name), text);
  };
  async function run(args: readonly string[], more: Partial<RustOptions> = {}): Promise<{ code: number; stdout: string; stderr: string }> {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const code = await runRust({ rust, tool: 'rustc', args, cwd, env: debian.env, platform: process.platform, runner: ['x'], io: { stdin: 'ignore', stdout, stderr }, ...more });
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  }

  test('compiles, and what it makes runs', async () => {
    expect(await run(['-O', 'hello.rs'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await runCli(['run', 'hello.wasm', 'a', 'b c'], { cwd })).toEqual({ code: 0, stdout: 'hello ["a", "b c"]\n', stderr: '' });
  });

  test('a panic is a trap, and is called one', async () => {
    await run(['panic.rs']);
    const { code, stderr } = await runCli(['run', 'panic.wasm'], { cwd });
    expect(code).toBe(134);
    expect(stderr).toMatch(/index out of bounds: the len is 0 but the index is 2.*error\[E_TRAP\]: unreachable.*the program panicked/s);
  });

  test('diagnostics and exit codes are rustc’s', async () => {
    expect(await run(['bad.rs'])).toMatchObject({ code: 1, stderr: expect.stringContaining('error[E0425]: cannot find value `x`') });
    expect(await run(['--nonsense'])).toMatchObject({ code: 1, stderr: expect.stringContaining('nonsense') });
    expect((await run(['--version'])).stdout).toMatch(/^rustc 1\.63/);
    const world = { home: cwd, env: debian.env, platform: process.platform, cwd, directories: [] };
    expect((await run(['-V'], { rust: await findRust(world), tool: 'cargo' })).stdout).toMatch(/^cargo 1\./);
  });

  test('the name of another year is put right, and said', async () => {
    expect(await run(['--target', 'wasm32-wasip1', '--emit=metadata', 'hello.rs'])).toEqual({ code: 0, stdout: '', stderr: 'wasienv: note: wasm32-wasip1 is called wasm32-wasi by this rustc\n' });
  });

  test('--show tells the plain command', () => {
    const request = { rust, args: ['a b.rs'], cwd, env: debian.env, platform: process.platform, runner: ['node', 'w.js'] } as const;
    const linker = rust.linker.kind === 'use' ? rust.linker.file : '';
    expect(showRust({ ...request, tool: 'rustc' })).toBe(`${debian.root}/usr/bin/rustc --target wasm32-wasi -C linker=${linker} 'a b.rs'`);
    expect(showRust({ ...request, tool: 'cargo', args: ['build'] })).toBe(`CARGO_BUILD_TARGET=wasm32-wasi CARGO_TARGET_WASM32_WASI_LINKER=${linker} CARGO_TARGET_WASM32_WASI_RUNNER='node w.js' ${debian.root}/usr/bin/cargo build`);
  });

  test('a linker that is too new is refused before rustc starts, and another found instead', async () => {
    const directory = path.join(cwd, 'new lld');
    write('new lld/wasm-ld', "#!/bin/sh\necho 'LLD 22.1.0 (compatible with GNU linkers)'\n");
    chmodSync(path.join(directory, 'wasm-ld'), 0o755);
    const world = { home: cwd, platform: process.platform, cwd, directories: [] };
    const { root, env } = debianClang(['rust', 'rust-std']) as DebianClang;
    const without = await currentRust({ ...world, env: { ...env, PATH: `${root}/usr/bin:${directory}` } });
    const error = await wasienvError(run(['hello.rs'], { rust: without }));
    expect(error).toMatchObject({ code: 'E_NO_WASM_LD', where: [['wanted', 'a wasm-ld of LLVM 14'], ['found', expect.stringContaining('is LLD 22, which refuses the libraries of rustc 1.63.0')]], next: expect.stringContaining('apt install lld-14') });
    // Nothing is linked, so nothing is missing.
    expect((await run(['--crate-type=lib', 'hello.rs', '-A', 'dead_code'], { rust: without })).code).toBe(0);
    const linkers = path.join(cwd, 'links');
    mkdirSync(linkers);
    symlinkSync(path.join(debian.root, 'usr/bin/wasm-ld-14'), path.join(linkers, 'wasm-ld-14'));
    const withBoth = await currentRust({ ...world, env: { ...env, PATH: `${root}/usr/bin:${directory}:${linkers}`, LD_LIBRARY_PATH: debian.env['LD_LIBRARY_PATH']! } });
    expect(withBoth.linker).toEqual({ kind: 'use', file: path.join(linkers, 'wasm-ld-14'), major: 14 });
  });

  test('cargo builds, runs and tests a project on our interpreter', async () => {
    const project = path.join(cwd, 'a project');
    write('a project/Cargo.toml', '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nutil = { path = "util" }\n\n[workspace]\n');
    write('a project/util/Cargo.toml', '[package]\nname = "util"\nversion = "0.1.0"\nedition = "2021"\n');
    write('a project/util/src/lib.rs', 'pub fn twice(n: i32) -> i32 { 2 * n }\n#[cfg(test)]\nmod tests { #[test] fn doubles() { assert_eq!(super::twice(21), 42); } }\n');
    write('a project/src/main.rs', [
      'fn main() {',
      '    let args: Vec<String> = std::env::args().skip(1).collect();',
      '    println!("{} {:?} {}", util::twice(args.len() as i32), args, std::fs::read_to_string("Cargo.toml").unwrap().lines().count());',
      '    if args.len() > 1 { std::process::exit(7) }',
      '}',
      '#[cfg(test)]',
      'mod tests { #[test] fn adds() { assert_eq!(1 + 1, 2); } #[test] fn reads() { assert!(std::path::Path::new("src/main.rs").exists()); } }',
    ].join('\n'));
    const env = { ...debian.env, HOME: cwd, CARGO_HOME: path.join(cwd, 'cargo-home'), WASIENV_HOME: path.join(cwd, 'home'), CARGO_NET_OFFLINE: 'true' };
    const cargo = (...args: readonly string[]) => runCli(['cargo', ...args], { cwd: project, env });
    expect(await cargo('build', '--quiet')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(path.join(project, 'target/wasm32-wasi/debug/demo.wasm')).subarray(0, 4).toString('latin1')).toBe('\0asm');
    expect(await cargo('run', '--quiet', '--', 'one')).toEqual({ code: 0, stdout: '2 ["one"] 9\n', stderr: '' });
    expect(await cargo('run', '--quiet', '--', 'one', 'two words')).toMatchObject({ code: 7, stdout: '4 ["one", "two words"] 9\n' });
    const tested = await cargo('test', '--workspace', '--target=wasm32-wasip1');
    expect(tested).toMatchObject({ code: 0, stderr: expect.stringContaining('wasm32-wasip1 is called wasm32-wasi by this rustc') });
    expect(tested.stdout).toMatch(/test tests::reads \.\.\. ok[^]*2 passed[^]*test tests::doubles \.\.\. ok[^]*1 passed/);
    expect(await cargo('nonsense')).toMatchObject({ code: 101, stderr: expect.stringContaining('no such subcommand') });
  });

  test('a crate with C in it is compiled by the C compiler of the home, spaces in its path or not', async () => {
    const whole = debianClang(['clang', 'lld', 'sysroot', 'builtins', 'rust', 'rust-std', 'cargo']) as DebianClang;
    write('with c/Cargo.toml', '[package]\nname = "with-c"\nversion = "0.1.0"\nedition = "2021"\n\n[workspace]\n');
    write('with c/src/answer.c', '#include <stdlib.h>\n#ifndef __wasi__\n#error for another target\n#endif\nint answer(void) { return atoi("42"); }\n');
    write('with c/src/main.rs', 'extern "C" { fn answer() -> i32; }\nfn main() { println!("{}", unsafe { answer() }); }\n');
    // What the cc crate does, without the crate.
    write('with c/build.rs', [
      'use std::{env, process::Command};',
      'fn main() {',
      '    let target = env::var("TARGET").unwrap().replace(\'-\', "_");',
      '    let out = env::var("OUT_DIR").unwrap();',
      '    let object = format!("{out}/answer.o");',
      '    let run = |tool: &str, args: &[&str]| assert!(Command::new(env::var(format!("{tool}_{target}")).unwrap()).args(args).status().unwrap().success());',
      '    run("CC", &["-c", "src/answer.c", "-o", &object]);',
      '    run("AR", &["rcs", &format!("{out}/libanswer.a"), &object]);',
      '    println!("cargo:rustc-link-search={out}\\ncargo:rustc-link-lib=static=answer");',
      '}',
    ].join('\n'));
    for (const name of ['c-home', 'a home for C']) {
      const env = { ...whole.env, PATH: `${whole.env['PATH']}:/usr/bin:/bin`, HOME: cwd, CARGO_HOME: path.join(cwd, 'cargo-home'), WASIENV_HOME: path.join(cwd, name), RUSTC: `${whole.root}/usr/bin/rustc` };
      expect((await runCli(['setup', '--source', 'system', '--no-prove', '--quiet'], { cwd, env })).stderr).toBe('');
      const options = { cwd: path.join(cwd, 'with c'), env: { ...env, CFLAGS: '--nonsense', CARGO_TARGET_DIR: path.join(cwd, `target of ${name}`) } };
      expect(await runCli(['cargo', 'run', '--quiet', '--offline'], options)).toEqual({ code: 0, stdout: '42\n', stderr: '' });
    }
  });

  test('a runner in a directory with spaces reaches cargo whole', async () => {
    const linked = path.join(cwd, 'wasienv in a place with spaces');
    symlinkSync(ROOT, linked);
    const project = path.join(cwd, 'a project');
    const env = { ...debian.env, HOME: cwd, CARGO_HOME: path.join(cwd, 'cargo-home') };
    const stdout = new Collector();
    const code = await runRust({
      rust, tool: 'cargo', args: ['run', '--quiet'], cwd: project, env, platform: process.platform,
      runner: [process.execPath, path.join(linked, 'bin', 'wasienv.js'), 'run', '--dir', '.'], io: { stdin: 'ignore', stdout, stderr: new Collector() },
    });
    expect([code, stdout.text()]).toEqual([0, '0 [] 9\n']);
  });
});
