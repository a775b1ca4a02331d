// `setup --clang`: Debian's clangs, with nothing but a linker of their own, get beside them what they lack and prove;
// their own trees keep every byte. Which parts a clang of which age gets, and what is said when there are none.
import { createHash } from 'node:crypto';
import { lstatSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReceipts } from '../../src/toolchain/index.js';
import { aptSource, sysrootOrder } from '../../src/toolchain/sources/apt.js';
import { runCli } from '../support/cli.js';
import { debianClang, type Part } from '../support/debian.js';

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
const reason = apt instanceof Error ? `: ${apt.message}` : '';

describe.skipIf(reason !== '')(`clangs of Debian's${reason}`, () => {
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
    }, 300_000);
  }

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
  }, 300_000);

  test("a machine's own whole sysroot is used where it is, and only the stack guard is laid beside it", async () => {
    const { root: tree, program, world } = clang(14, ['builtins', 'clang', 'lld', 'sysroot']);
    const before = fingerprint(tree);
    const home = path.join(root, 'own');
    expect(await runCli(['setup', '--clang', path.basename(program), '--source', 'system', '--quiet', '--no-prove'], { env: { ...world, WASIENV_HOME: home } })).toMatchObject({ code: 0 });
    expect(fingerprint(tree)).toBe(before);
    const [adopted] = [...readReceipts(home).good.values()];
    expect(adopted!.layout.sysroot).toBe(path.join(tree, 'usr'));
    expect(readFileSync(path.join(adopted!.directory, adopted!.layout.builtins!)).includes('guard.o/')).toBe(true);
  }, 300_000);

  test('no part for it anywhere: every source says why', async () => {
    const { program, world } = clang(14);
    const refused = await runCli(['setup', '--clang', program, '--source', 'npm'], { env: { ...world, WASIENV_HOME: path.join(root, 'none') } });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("the portable compiler's libc needs the wasm-ld of LLVM 16 or newer") });
    expect(refused.stderr).toContain('E_NO_SYSROOT');
  });
});

test('a clang that is not there, and a component beside one', async () => {
  expect(await runCli(['setup', '--clang', '/nowhere/clang'])).toMatchObject({ code: 1, stderr: expect.stringContaining('E_FILE') });
  expect(await runCli(['setup', '--clang', 'system', 'wasi-sdk'])).toMatchObject({ code: 2, stderr: expect.stringContaining('E_USAGE') });
});
