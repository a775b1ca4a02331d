// Doctor on machines of several kinds, made of directories and environments; the compiler in them is the real one.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS, OLDEST_NODE, runCheck } from '../../src/doctor/checks.js';
import { makeContext } from '../../src/doctor/context.js';
import { writeRustChoice } from '../../src/toolchain/rust/use.js';
import { debianClang, type DebianClang, type Part } from '../support/debian.js';
import { buildWorks, reportOf, runDoctor, type DoctorSurroundings, type Finding } from '../../src/doctor/index.js';
import { PROOF_PROGRAMS, proveToolchain } from '../../src/proof/index.js';
import { currentToolchain, type Toolchain } from '../../src/toolchain/index.js';
import { copyHome, damage } from '../support/copied-home.js';
import { schemaFaults } from '../support/json-schema.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';
import { UNIX, available, need } from '../support/skips.js';
const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-doctor-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const surroundings = (env: Record<string, string>, change: Partial<DoctorSurroundings> = {}): DoctorSurroundings => ({
  env: { PATH: '', HOME: directory, ...env }, cwd: directory, platform: process.platform, arch: process.arch, nodeVersion: process.versions.node, ...change,
});
/** One check alone. */
const check = async (id: string, given: DoctorSurroundings, deep = false): Promise<Finding[]> =>
  runCheck(CHECKS.find((each) => each.id === id)!, makeContext(given, { deep }));
const byId = (findings: readonly Finding[], id: string): Finding => findings.find((finding) => finding.id === id)!;
const statuses = (findings: readonly Finding[]) => Object.fromEntries(findings.map((finding) => [finding.id, finding.status]));

/** What must hold of every finding, on any machine. */
function expectSound(findings: readonly Finding[]): void {
  expect(schemaFaults('doctor.schema.json', JSON.parse(JSON.stringify(reportOf(findings, '0.1.0'))))).toEqual([]);
}

let shared: Toolchain;
let good: string;
beforeAll(async () => {
  shared = await portableToolchain();
  good = path.join(directory, 'good');
  copyHome(await portableHome(), good);
  await proveToolchain({
    toolchain: await currentToolchain(good), home: good, env: {}, emit: () => {}, now: Date.now, programs: PROOF_PROGRAMS.filter(({ id }) => id === 'hello' || id === 'exit-status'),
  });
});

describe('a good home', () => {
  test('is well, shallow and deep', async () => {
    const findings = await runDoctor(surroundings({ WASIENV_HOME: good }), { deep: true });
    expectSound(findings);
    expect(findings.filter((finding) => finding.status === 'problem')).toEqual([]);
    for (const id of ['host', 'node', 'home', 'space', 'toolchain', 'files', 'compiler', 'hello', 'proof', 'variables', 'wasm-opt', 'python-wasienv']) {
      expect([id, byId(findings, id).status]).toEqual([id, 'ok']);
    }
    expect(byId(findings, 'files').text).toContain('every byte');
    expect(byId(findings, 'toolchain').text).toContain(`clang ${shared.clangVersion}`);
    expect(buildWorks(findings)).toBe(true);
  });

  test('with CC="ccache clang" still builds, and says what others make of it', async () => {
    const findings = await runDoctor(surroundings({ WASIENV_HOME: good, CC: 'ccache clang', CPATH: '/usr/include' }), { deep: false });
    expectSound(findings);
    expect(statuses(findings)).toMatchObject({ 'variable:CC': 'warning', 'variable:CPATH': 'warning', hello: 'ok' });
    expect(byId(findings, 'variable:CC').effects!.map(({ tool }) => tool)).toContain("cargo's cc crate");
    expect(buildWorks(findings)).toBe(true);
  });

  test('with an old Node', async () => {
    expect(await check('node', surroundings({}, { nodeVersion: '18.19.0' }))).toMatchObject([{ status: 'problem', next: expect.stringContaining('nvm install') }]);
    expect(statuses(await check('node', surroundings({}, { nodeVersion: '20.18.0' })))).toEqual({ node: 'problem' });
    for (const nodeVersion of ['20.18.1', '20.19.0', '22.0.0', '26.10.0']) expect(statuses(await check('node', surroundings({}, { nodeVersion })))).toEqual({ node: 'ok' });
    const { engines } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { engines: { node: string } };
    expect(engines.node).toBe(`>=${OLDEST_NODE}`);
  });
});

test('an empty home has one problem, and every finding leads out of it', async () => {
  const findings = await runDoctor(surroundings({ WASIENV_HOME: path.join(directory, 'nothing', 'here') }), { deep: false });
  expectSound(findings);
  expect(findings.filter((finding) => finding.status === 'problem').map((finding) => finding.id)).toEqual(['toolchain']);
  expect(byId(findings, 'toolchain').next).toContain('wasienv setup');
  expect(statuses(findings)).toMatchObject({ files: 'note', compiler: 'note', hello: 'note', proof: 'note' });
  expect(buildWorks(findings)).toBe(false);
});

describe('a damaged install', () => {
  const damaged = async (name: string, file: (toolchain: Toolchain) => string, bytes: (file: string) => Uint8Array | null): Promise<DoctorSurroundings> => {
    const home = path.join(directory, name);
    copyHome(good, home);
    const target = file(await currentToolchain(home));
    damage(target, bytes(target));
    return surroundings({ WASIENV_HOME: home });
  };
  const libc = ({ layout }: Toolchain): string => path.join(layout.sysroot, 'lib', layout.target, 'libc.a');

  test('without its compiler', async () => {
    const findings = await runDoctor(await damaged('no-compiler', ({ layout }) => (layout.programs as { module: string }).module, () => null), { deep: false });
    expectSound(findings);
    expect(statuses(findings)).toMatchObject({ toolchain: 'problem', files: 'problem', compiler: 'note', hello: 'note' });
    expect(byId(findings, 'files')).toMatchObject({ cause: expect.stringContaining('is missing'), next: 'wasienv setup' });
    expect(buildWorks(findings)).toBe(false);
  });

  test('without a header that hello needs', async () => {
    const given = await damaged('no-header', ({ layout }) => path.join(layout.sysroot, 'include', layout.target, 'features.h'), () => null);
    const findings = await runDoctor(given, { deep: false });
    expectSound(findings);
    expect(statuses(findings)).toMatchObject({ compiler: 'ok', files: 'problem', hello: 'problem' });
    expect(byId(findings, 'hello').cause).toContain('features.h');
  });

  test('with a changed byte that only --deep can see', async () => {
    const given = await damaged('changed-byte', libc, (file) => {
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      return bytes;
    });
    expect(statuses(await check('files', given, false))).toEqual({ files: 'ok' });
    expect(await check('files', given, true)).toMatchObject([{ status: 'problem', cause: expect.stringMatching(/libc\.a has other bytes/) }]);
  });

  test('with a receipt that is no JSON', async () => {
    const home = path.join(directory, 'bad-receipt');
    copyHome(good, home);
    writeFileSync(path.join(home, 'receipts', 'portable-clang.json'), '{ half');
    const findings = await runDoctor(surroundings({ WASIENV_HOME: home }), { deep: false });
    expectSound(findings);
    expect(byId(findings, 'toolchain')).toMatchObject({ status: 'problem', cause: expect.stringContaining('E_RECEIPT') });
  });
});

describe('a proof', () => {
  const proofIn = async (name: string, change: (receipt: Record<string, any>) => unknown): Promise<Finding> => {
    const home = path.join(directory, name);
    copyHome(good, home);
    const [file] = readdirSync(path.join(good, 'proofs'));
    const receipt = JSON.parse(readFileSync(path.join(good, 'proofs', file!), 'utf8')) as Record<string, any>;
    const changed = change(receipt);
    mkdirSync(path.join(home, 'proofs'));
    if (changed !== null) writeFileSync(path.join(home, 'proofs', file!), typeof changed === 'string' ? changed : JSON.stringify(changed));
    const findings = await check('proof', surroundings({ WASIENV_HOME: home }));
    expectSound(findings);
    return findings[0]!;
  };

  test.each<[string, (receipt: Record<string, any>) => unknown, string, string]>([
    ['missing', () => null, 'warning', 'no proof receipt'],
    ['of other files', (receipt) => ({ ...receipt, toolchain: { ...receipt['toolchain'], digest: 'sha512-other' } }), 'warning', 'have changed since'],
    ['of another wasienv', (receipt) => ({ ...receipt, wasienvVersion: '0.0.1' }), 'warning', 'made by wasienv 0.0.1'],
    ['failed', (receipt) => ({ ...receipt, ok: false, programs: [{ ...receipt['programs'][0], fault: 'program', detail: 'exit code 1 instead of 0' }] }), 'problem', 'hello: exit code 1 instead of 0'],
    ['failed in one part', (receipt) => ({ ...receipt, ok: false, programs: [receipt['programs'][0], { ...receipt['programs'][1], fault: 'compiler', detail: 'no symbol' }] }), 'warning', 'exit-status: no symbol'],
    ['unreadable', () => 'no json', 'problem', 'E_RECEIPT'],
  ])('that is %s', async (name, change, status, cause) => {
    const finding = await proofIn(`proof ${name}`, change);
    expect(finding).toMatchObject({ status, cause: expect.stringContaining(cause), next: expect.stringContaining('wasienv verify') });
  });
});

describe.skipIf(UNIX.unmet)(`programs on PATH${UNIX.why}`, () => {
  const script = (folder: string, name: string, text: string): string => {
    const bin = path.join(directory, folder);
    mkdirSync(bin, { recursive: true });
    writeFileSync(path.join(bin, name), text, { mode: 0o755 });
    return bin;
  };

  test('a clang without the wasm back end is refused with the reason, and a build still works', async () => {
    const bin = script('fake-clang', 'clang', `#!/bin/sh
case "$*" in
  *--version*) echo "clang version 17.0.0"; echo "Target: x86_64-pc-linux-gnu";;
  *--print-targets*) echo "  Registered Targets:"; echo "    x86-64 - 64-bit X86: EM64T and AMD64";;
  *) exit 1;;
esac
`);
    const findings = await check('clangs', surroundings({ PATH: `${bin}:/bin` }));
    expectSound(findings);
    const finding = findings.find((each) => each.id === `clang:${bin}/clang`)!;
    expect(finding).toMatchObject({ status: 'note', title: 'clang, first on PATH', cause: expect.stringContaining('E_CLANG_NO_WASM') });
    expect(finding.text).toContain('17.0.0');
  });

  test('a clang without builtins is told where it will look for them, for each target, and what is there', async () => {
    const bin = script('no-builtins', 'clang', `#!/bin/sh
case "$*" in
  *--version*) echo "clang version 19.0.0";;
  *--print-targets*) echo "  Registered Targets:"; echo "    wasm32 - WebAssembly 32-bit";;
  *-print-resource-dir*) echo /r;;
  *--target=wasm32-wasip1*-print-libgcc-file-name*) echo /bin/sh;;
  *-print-libgcc-file-name*) echo /r/lib/wasi/libclang_rt.builtins-wasm32.a;;
  *) exit 1;;
esac
`);
    script('no-builtins', 'wasm-ld', '#!/bin/sh\necho "LLD 19.0.0"\n');
    const finding = (await check('clangs', surroundings({ PATH: `${bin}:/bin` }))).find((each) => each.id === `clang:${bin}/clang`)!;
    expect(finding.cause).toContain('for wasm32-wasi it will link /r/lib/wasi/libclang_rt.builtins-wasm32.a, which is missing');
    expect(finding.cause).toContain('for wasm32-wasip1 it will link /bin/sh, which is there');
    expect(finding.next).toContain(`wasienv setup --clang ${bin}/clang`);
  });

  const foreign = debianClang(['clang', 'lld', 'sysroot']);
  test.skipIf('missing' in foreign)(`a real clang with a sysroot and no builtins: what its links end in, and the command that mends it${'missing' in foreign ? `: ${foreign.missing}` : ''}`, async () => {
    if ('missing' in foreign) return;
    const finding = (await check('clangs', surroundings({ ...foreign.env }))).find((each) => each.text.includes(foreign.root))!;
    expect(finding).toMatchObject({ status: 'note', cause: expect.stringMatching(/^E_NO_BUILTINS: .*libclang_rt\.builtins-wasm32\.a for wasm32-wasi\n.*cannot open/), next: expect.stringMatching(/^wasienv setup --clang \S+clang(?:-14)? +# /) });
  });

  test('a wasm-opt is told of, and that wasienv cc never runs it', async () => {
    const bin = script('fake-wasm-opt', 'wasm-opt', '#!/bin/sh\nexit 1\n');
    const findings = await check('wasm-opt', surroundings({ WASIENV_HOME: good, PATH: bin }));
    expectSound(findings);
    expect(findings).toMatchObject([{ status: 'note', text: `${bin}/wasm-opt is on PATH` }]);
    expect(findings[0]!.effects).toContainEqual({ tool: 'wasienv cc', effect: 'never runs it' });
  });

  test('the Python wasienv: its commands on PATH, its directory, and not our own', async () => {
    const bin = script('python', 'wasienv', '#!/usr/bin/env python3\nimport wasienv\n');
    const shadowed = await check('python-wasienv', surroundings({ PATH: bin }));
    expectSound(shadowed);
    expect(shadowed).toMatchObject([{ status: 'warning', text: expect.stringContaining(`${bin}/wasienv`), next: expect.stringContaining('pip uninstall wasienv') }]);

    const user = path.join(directory, 'user');
    mkdirSync(path.join(user, '.wasienv'), { recursive: true });
    expect(await check('python-wasienv', surroundings({ HOME: user }))).toMatchObject([{ status: 'note', text: `found: ${user}/.wasienv` }]);

    const own = path.join(directory, 'own');
    mkdirSync(own);
    symlinkSync(path.resolve(import.meta.dirname, '../../bin/wasienv.js'), path.join(own, 'wasienv'));
    chmodSync(path.resolve(import.meta.dirname, '../../bin/wasienv.js'), 0o755);
    expect(statuses(await check('python-wasienv', surroundings({ PATH: own })))).toEqual({ 'python-wasienv': 'ok' });
    expect(await check('python-wasienv', surroundings({ PATH: `${own}:${bin}` }))).toMatchObject([{ status: 'note' }]);
  });
});

describe('the home', () => {
  test('that is a file', async () => {
    const file = path.join(directory, 'file');
    writeFileSync(file, '');
    const findings = await check('home', surroundings({ WASIENV_HOME: file }));
    expectSound(findings);
    expect(statuses(findings)).toEqual({ home: 'problem' });
  });
  test('that is named by a relative path', async () => {
    const findings = await runDoctor(surroundings({ WASIENV_HOME: 'relative' }), { deep: false });
    expectSound(findings);
    expect(byId(findings, 'home')).toMatchObject({ status: 'problem', cause: expect.stringContaining('E_HOME_UNWRITABLE') });
  });
  const modes = need(process.platform !== 'win32' && process.getuid?.() !== 0, 'root writes everywhere, and Windows has no such mode bits');
  test.skipIf(modes.unmet)(`that cannot be written${modes.why}`, async () => {
    const locked = path.join(directory, 'locked');
    mkdirSync(locked, { mode: 0o500 });
    const findings = await check('home', surroundings({ WASIENV_HOME: path.join(locked, 'home') }));
    expectSound(findings);
    expect(findings).toMatchObject([{ status: 'warning', next: expect.stringContaining('WASIENV_HOME') }]);
  });
});

const debianRust = debianClang(['rust', 'rust-std', 'lld']);

describe.skipIf('missing' in debianRust)(`the Rust of the machine${available(debianRust).why}`, () => {
  const of = (parts: readonly Part[]): Record<string, string> => ({ ...(debianClang(parts) as DebianClang).env, WASIENV_HOME: path.join(directory, 'no rust') });
  const first = async (parts: readonly Part[]) => (await check('rust', surroundings(of(parts))))[0]!;

  test('is told with the name of its target and its linker', async () => {
    expect(await first(['rust', 'rust-std', 'lld'])).toMatchObject({ status: 'ok', text: expect.stringMatching(/usr\/bin\/rustc \(1\.63\.0\) can build for wasm32-wasi, linked by .*rust-lld \(LLD 14\)/) });
  });
  test('without its library has the command that brings it', async () => {
    expect(await first(['rust', 'lld'])).toMatchObject({ status: 'note', text: expect.stringContaining('cannot build for WASI'), cause: 'it calls WASI preview 1 wasm32-wasi and has no library for it', next: expect.stringContaining('apt install libstd-rust-dev-wasm32') });
  });
  test('that was set up and has gone is a problem of its own', async () => {
    const home = path.join(directory, 'rust was here');
    await writeRustChoice(home, { schema: 1, rustc: '/gone/rustc', toolchain: null, ours: false, setUpAt: '' });
    expect(await check('rust-proof', surroundings({ WASIENV_HOME: home }))).toMatchObject([{ status: 'problem', text: expect.stringContaining('/gone/rustc is not a usable rustc') }]);
    expect(await check('rust-proof', surroundings(of(['rust', 'lld'])))).toMatchObject([{ status: 'ok', text: 'Rust was not set up' }]);
  });
});
