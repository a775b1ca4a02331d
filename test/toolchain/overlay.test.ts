// `setup --clang`: Debian's clangs, with nothing but a linker of their own, get beside them what they lack and prove;
// their own trees keep every byte. Two whole proofs and seven setups with real compilers: it takes a minute or two.
// Which parts a clang of which age gets, and what is said when there are none.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReceipts } from '../../src/toolchain/index.js';
import { aptSource, sysrootOrder } from '../../src/toolchain/sources/apt.js';
import { runCli } from '../support/cli.js';
import { debianClang, type Part } from '../support/debian.js';
import { schemaFaults } from '../support/json-schema.js';
import { sdkMirror, whyNoMirror } from '../support/mirror.js';
import { available, need } from '../support/skips.js';

let root: string;
beforeAll(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'wasienv-overlay-')));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the libc++ that fits a clang: whole before newer, not newer than the clang before newer', () => {
  expect(sysrootOrder([22, 19, 16, 14], 14)).toEqual([14, 16]);
  expect(sysrootOrder([22, 19, 16, 14], 19)).toEqual([16, 14, 19]);
  expect(sysrootOrder([22, 19, 16, 14], 22)).toEqual([16, 14, 22, 19]);
  expect(sysrootOrder([22, 19], 13)).toEqual([]);
});

/** One digest over every name, link, mode and byte below a directory. */
function fingerprint(directory: string): string {
  const hash = createHash('sha256');
  const visit = (at: string): void => {
    for (const name of readdirSync(at).sort()) {
      const file = path.join(at, name);
      const about = lstatSync(file);
      hash.update(`${path.relative(directory, file)}\0${about.mode}\0`);
      if (about.isDirectory()) visit(file);
      else hash.update(about.isSymbolicLink() ? readlinkSync(file) : readFileSync(file));
    }
  };
  visit(directory);
  return hash.digest('hex');
}

const apt = process.platform === 'linux' && aptSource.kind === 'packages' ? await aptSource.findSysroot(14, { env: process.env, cwd: '/', platform: 'linux' }) : new Error('not Linux');
const { unmet, why } = need(!(apt instanceof Error), String((apt as Error).message));

describe.skipIf(unmet)(`clangs of Debian's${why}`, () => {
  const clang = (major: number, parts: readonly Part[] = ['clang', 'lld']) => {
    const found = debianClang(parts, major);
    if ('missing' in found) throw new Error(found.missing);
    const program = path.join(found.root, 'usr', 'bin', `clang-${major}`);
    return { ...found, program, world: { PATH: `${found.env['PATH']}:${process.env['PATH']}`, LD_LIBRARY_PATH: found.env['LD_LIBRARY_PATH']! } };
  };
  const proofOf = (home: string): { readonly fault: unknown; readonly id: string }[] => {
    const proofs = path.join(home, 'proofs');
    const file = readdirSync(proofs).find((name) => name.startsWith('system-clang-'))!;
    return (JSON.parse(readFileSync(path.join(proofs, file), 'utf8')) as { programs: { fault: unknown; id: string }[] }).programs;
  };

  for (const major of [14, 19]) {
    test(`clang-${major} alone ends proved, in C and C++, and not a byte of its tree changes`, async () => {
      const { root: tree, program, world } = clang(major);
      const before = fingerprint(tree);
      const home = path.join(root, `home ${major}`);
      const env = { ...world, WASIENV_HOME: home };
      expect(await runCli(['setup', '--clang', program, '--source', 'apt', '--quiet'], { env })).toMatchObject({ code: 0 });
      expect(fingerprint(tree)).toBe(before);
      const programs = proofOf(home);
      expect(programs.filter(({ fault }) => fault !== null)).toEqual([]);
      expect(programs.map(({ id }) => id)).toEqual(expect.arrayContaining(['int128', 'iostream', 'containers']));
      const adopted = [...readReceipts(home).good.values()].find(({ component }) => component === 'system-clang')!;
      expect(adopted).toMatchObject({ adopted: true, clangVersion: expect.stringMatching(`^${major}\\.`) });
      expect(adopted.directory.startsWith(path.join(home, 'components', 'system-clang'))).toBe(true);
      // The place the builtins are in is the one this clang names, so wasm-ld cannot miss them.
      expect(adopted.keyFiles).toContain(adopted.layout.builtins);
      const again = await runCli(['setup', '--clang', program, '--source', 'apt'], { env });
      expect(again.stdout).toContain('nothing to do');
      expect(again.stdout).not.toContain('adopt ');
    });
  }

  // 13 would link libgcc if it were not told otherwise; from 22 on there is a warning for every use of the target's old name.
  for (const [major, target] of [[13, 'wasm32-wasi'], [22, 'wasm32-wasip1']] as const) {
    const there = debianClang(['clang', 'lld'], major);
    test.skipIf('missing' in there)(`clang-${major} alone compiles without a word and links what it needs${available(there).why}`, async () => {
      const { program, world } = clang(major);
      const env = { ...world, WASIENV_HOME: path.join(root, `home ${major}`) };
      expect(await runCli(['setup', '--clang', program, '--source', 'apt', '--quiet', '--no-prove'], { env })).toMatchObject({ code: 0 });
      writeFileSync(path.join(root, 'wide.cc'), '#include <fstream>\n#include <iostream>\nint main(int argc, char **) { std::cout << (long)((__int128)argc * 3) << std::endl; }\n');
      expect(await runCli(['c++', path.join(root, 'wide.cc'), '-o', path.join(root, `wide-${major}.wasm`)], { env })).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await runCli(['run', path.join(root, `wide-${major}.wasm`)])).toMatchObject({ code: 0, stdout: '3\n' });
      writeFileSync(path.join(root, 'alone.c'), 'void _start(void) {}\n');
      expect(await runCli(['cc', '-nostdlib', path.join(root, 'alone.c'), '-o', path.join(root, 'alone.wasm')], { env })).toEqual({ code: 0, stdout: '', stderr: '' });
      const receipt = [...readReceipts(env.WASIENV_HOME).good.values()].find(({ component }) => component === 'system-clang')!;
      expect(schemaFaults('receipt.schema.json', receipt)).toEqual([]);
      expect(receipt.layout).toMatchObject({ target, ...(major === 13 ? { defaultsToLibgcc: true } : {}) });
    });
  }

  const noMirror = whyNoMirror();
  test.skipIf(noMirror !== null)(`from a mirror the newest sysroot and builtins that are not newer than the clang${need(noMirror === null, noMirror!).why}`, async () => {
    const mirror = sdkMirror([['wasi-sysroot', '12.0'], ['wasi-sysroot', '33.0'], ['builtins', '12.0'], ['builtins', '33.0']]);
    const manifests = path.join(root, 'manifests');
    await mirror.writeManifests(manifests);
    for (const [major, version] of [[19, '12.0'], [22, '33.0']] as const) {
      const { program, world } = clang(major);
      const env = { ...world, WASIENV_HOME: path.join(root, `mirrored ${major}`), WASIENV_MANIFESTS: manifests };
      expect(await runCli(['setup', '--clang', program, '--mirror', mirror.directory, '--no-prove'], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining(`with the sysroot and builtins of wasi-sdk ${version} from mirror`) });
      writeFileSync(path.join(root, 'words.cc'), '#include <string>\n#include <iostream>\nint main() { std::cout << std::string(3, 0x61) << std::endl; }\n');
      expect(await runCli(['c++', path.join(root, 'words.cc'), '-o', path.join(root, 'words.wasm')], { env })).toEqual({ code: 0, stdout: '', stderr: '' });
      expect(await runCli(['run', path.join(root, 'words.wasm')])).toMatchObject({ code: 0, stdout: 'aaa\n' });
    }
  });

  test('what is lost beside it is put back by a plain setup', async () => {
    const { program, world } = clang(14);
    const home = path.join(root, 'repair');
    const env = { ...world, WASIENV_HOME: home };
    expect(await runCli(['setup', '--clang', program, '--source', 'apt', '--quiet', '--no-prove'], { env })).toMatchObject({ code: 0 });
    const adopted = [...readReceipts(home).good.values()].find(({ component }) => component === 'system-clang')!;
    rmSync(path.join(adopted.directory, adopted.layout.builtins!));
    writeFileSync(path.join(root, 'hello.c'), 'int main(void) { return 0; }\n');
    const compile = () => runCli(['cc', path.join(root, 'hello.c'), '-o', path.join(root, 'hello.wasm')], { env });
    expect(await compile()).toMatchObject({ code: 1, stderr: expect.stringContaining('E_DAMAGED') });
    expect(await runCli(['setup', '--quiet', '--no-prove'], { env })).toMatchObject({ code: 0 });
    expect(await compile()).toMatchObject({ code: 0, stderr: '' });
    // What it was made of may be pruned; uninstalled, what was laid beside it goes, and the clang stays.
    expect((await runCli(['prune'], { env })).stdout).toContain('wasi-sysroot');
    expect(await compile()).toMatchObject({ code: 0, stderr: '' });
    expect((await runCli(['setup', '--clang', program, '--source', 'apt', '--no-prove'], { env })).stdout).toContain('nothing to do');
    const before = fingerprint(clang(14).root);
    expect(await runCli(['uninstall', 'system-clang', '--force'], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining('the compiler itself is untouched') });
    expect(readdirSync(path.join(home, 'components', 'system-clang'))).toEqual([]);
    expect(fingerprint(clang(14).root)).toBe(before);
  });

  test('a clang that is taken away is told, and a plain setup goes on with the portable compiler', async () => {
    const { program, world } = clang(14);
    const wrapped = path.join(root, 'wrapped');
    mkdirSync(wrapped);
    writeFileSync(path.join(wrapped, 'clang-14'), `#!/bin/sh\nexec '${program}' "$@"\n`, { mode: 0o755 });
    const env = { ...world, WASIENV_HOME: path.join(root, 'taken away') };
    expect(await runCli(['setup', '--clang', path.join(wrapped, 'clang-14'), '--source', 'apt', '--quiet', '--no-prove'], { env })).toMatchObject({ code: 0 });
    rmSync(wrapped, { recursive: true });
    writeFileSync(path.join(root, 'none.c'), 'int main(void) { return 0; }\n');
    expect(await runCli(['cc', path.join(root, 'none.c')], { env })).toMatchObject({ code: 1, stderr: expect.stringMatching(/E_DAMAGED[^]*clang-14 is missing[^]*wasienv setup/) });
    expect(await runCli(['setup', '--dry-run'], { env })).toMatchObject({ code: 0, stdout: expect.stringMatching(/can no longer be used: there is no clang[^]*install +portable-clang/) });
  });

  test("a machine's own whole sysroot is used where it is, and only the stack guard is laid beside it", async () => {
    const { root: tree, program, world } = clang(14, ['builtins', 'clang', 'lld', 'sysroot']);
    const before = fingerprint(tree);
    const home = path.join(root, 'own');
    expect(await runCli(['setup', '--clang', path.basename(program), '--source', 'system', '--quiet', '--no-prove'], { env: { ...world, WASIENV_HOME: home } })).toMatchObject({ code: 0 });
    expect(fingerprint(tree)).toBe(before);
    const [adopted] = [...readReceipts(home).good.values()];
    expect(adopted!.layout.sysroot).toBe(path.join(tree, 'usr'));
    expect(readFileSync(path.join(adopted!.directory, adopted!.layout.builtins!)).includes('guard.o/')).toBe(true);
  });

  test('no part for it anywhere: every source says why', async () => {
    const { program, world } = clang(14);
    const refused = await runCli(['setup', '--clang', program, '--source', 'npm'], { env: { ...world, WASIENV_HOME: path.join(root, 'none') } });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("the portable compiler's libc needs the wasm-ld of LLVM 16 or newer") });
    expect(refused.stderr).toContain('E_NO_SYSROOT');
  });
});

test('a clang that is not there, and a component beside one', async () => {
  expect(await runCli(['setup', '--clang', '/nowhere/clang'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_FILE') });
  for (const others of [['wasi-sdk'], ['--locked'], ['--bundle', 'x.tar']]) {
    expect(await runCli(['setup', '--clang', 'system', ...others])).toMatchObject({ code: 2, stderr: expect.stringContaining('do not go together') });
  }
});
