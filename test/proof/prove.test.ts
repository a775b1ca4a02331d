// The proof with the real toolchain on our interpreter, and the same modules under Node's own WebAssembly and node:wasi.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SetupEvent, Toolchain } from '../../src/toolchain/index.js';
import { PROOF_PROGRAMS, type ProofProgram } from '../../src/proof/catalogue.js';
import { programsFor } from '../../src/proof/provable.js';
import { build, proveToolchain } from '../../src/proof/prove.js';
import { freshProof, proofFailed, proofFile, readProof, staleness, type ProofReceipt } from '../../src/proof/index.js';
import { copyHome, damage } from '../support/copied-home.js';
import { schemaFaults } from '../support/json-schema.js';
import { portableHome, portableToolchain } from '../support/toolchain.js';
import { currentToolchain } from '../../src/toolchain/index.js';
import { encode, parse } from '../../src/wasm/index.js';
import { UNIX } from '../support/skips.js';
const directory = mkdtempSync(path.join(tmpdir(), 'wasienv-prove-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let toolchain: Toolchain;
beforeAll(async () => {
  toolchain = await portableToolchain();
});

const NOW = Date.UTC(2026, 10, 23);
const prove = (change: Partial<Parameters<typeof proveToolchain>[0]> = {}): Promise<ProofReceipt> =>
  proveToolchain({ toolchain, home: null, env: { PATH: '' }, emit: () => {}, now: () => NOW, ...change });
const only = (...ids: readonly string[]): readonly ProofProgram[] => PROOF_PROGRAMS.filter((program) => ids.includes(program.id));
const faults = (receipt: ProofReceipt) => Object.fromEntries(receipt.programs.map((each) => [each.id, each.fault]));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the whole proof', () => {
  const home = path.join(directory, 'home');
  const kept = path.join(directory, 'kept');
  const events: SetupEvent[] = [];
  let receipt: ProofReceipt;
  beforeAll(async () => {
    receipt = await prove({ home, keep: kept, emit: (event) => events.push(event) });
  });

  test('every program passes on our interpreter', () => {
    expect(receipt.programs.filter((each) => each.fault !== null).map((each) => [each.id, each.fault, each.detail])).toEqual([]);
    expect(receipt.ok).toBe(true);
  });

  test('modes of cc are proved where the toolchain has what they need', () => {
    expect(receipt.modes).toEqual(['setjmp', 'emulate signal', 'emulate getpid', 'emulate mman', 'emulate clocks']);
    const without = (over: Partial<Toolchain>) => {
      const offered = programsFor({ ...toolchain, ...over });
      return PROOF_PROGRAMS.filter((program) => !offered.includes(program)).map(({ id }) => id);
    };
    expect(without({})).toEqual([]);
    expect(without({ layout: { ...toolchain.layout, sysroot: '/nowhere' } })).toEqual(['emulations']);
    expect(without({ clangVersion: '13.0.0' })).toEqual(['setjmp']);
  });

  test('what came out has the digest of what must come out', () => {
    for (const program of PROOF_PROGRAMS) {
      const result = receipt.programs.find((each) => each.id === program.id)!;
      const expected = readFileSync(path.resolve(import.meta.dirname, `../../src/proof/programs/${program.id}.stdout`));
      expect(result.output).toEqual({ stdoutSha256: sha256(expected), stderrSha256: sha256(Buffer.from(program.expectedStderr)), end: `exit ${program.expectedExit}` });
    }
  });

  test('leaves a receipt that keeps to its schema, can be read again and is fresh', async () => {
    expect(schemaFaults('proof.schema.json', JSON.parse(readFileSync(proofFile(home, toolchain), 'utf8')))).toEqual([]);
    expect(await readProof(home, toolchain)).toEqual(receipt);
    expect(staleness(receipt, toolchain)).toBeNull();
    expect(await freshProof(home, toolchain)).toEqual(receipt);
    expect(await freshProof(home, { ...toolchain, digest: 'sha512-other' })).toBeNull();
    expect(await freshProof(directory, toolchain)).toBeNull();
    expect(receipt.provedAt).toBe('2026-11-23T00:00:00.000Z');
    expect(receipt.parts.map((part) => path.basename(part.path))).toContain('libc.a');
    expect(readdirSync(path.join(home, 'proofs'))).toHaveLength(1);
  });

  test('tells of each program as it starts and ends, in order', () => {
    const told = events.flatMap((event) => (event.type === 'proof-start' || event.type === 'proof-end' ? [`${event.type} ${event.program}`] : []));
    expect(told).toEqual(PROOF_PROGRAMS.flatMap(({ id }) => [`proof-start ${id}`, `proof-end ${id}`]));
  });

  describe('the same modules under node:wasi', () => {
    test.each(PROOF_PROGRAMS.map((program) => [program.id, program] as const))('%s', async (id, program) => {
      const module = path.join(kept, id, `${id}.wasm`);
      expect(sha256(readFileSync(module))).toBe(receipt.programs.find((each) => each.id === id)!.module!.sha256);
      const scratch = path.join(kept, id, 'node-scratch');
      mkdirSync(scratch);
      const seen = await runOnNodeWasi(module, program, scratch);
      // node:wasi's timers may end up to a millisecond before the clock that the guest reads says so.
      seen.stdout = seen.stdout.replace('slept at least 2 ms: no', 'slept at least 2 ms: yes');
      expect(seen.stdout).toBe(readFileSync(path.resolve(import.meta.dirname, `../../src/proof/programs/${id}.stdout`), 'utf8'));
      expect(seen).toMatchObject({ stderr: program.expectedStderr, code: program.expectedExit });
    });
  });

  test('no path of the machine gets into a module: elsewhere it has the same digest', async () => {
    for (const program of only('hello', 'sha256', 'templates')) {
      const { module } = await build(program, { toolchain, env: {}, directory: path.join(directory, program.id) });
      expect(sha256(module!)).toBe(receipt.programs.find((each) => each.id === program.id)!.module!.sha256);
    }
  });

  test('does not write into a directory that holds programs already', async () => {
    await expect(prove({ keep: kept, programs: only('hello') })).rejects.toMatchObject({ code: 'E_FILE' });
  });
});

function runOnNodeWasi(module: string, program: ProofProgram, scratch: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { args: [`${program.id}.wasm`, ...program.args], env: program.env, preopens: program.scratch === null ? {} : { [program.scratch]: scratch } };
  const runner = path.resolve(import.meta.dirname, '../support/run-on-node-wasi.mjs');
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--no-warnings', '--no-turbo-fast-api-calls', runner, module, JSON.stringify(options)], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr }));
    child.stdin!.on('error', () => {}); // a guest that does not read its input closes the pipe
    child.stdin!.end(program.stdin);
  });
}

describe('a sabotaged toolchain', () => {
  const damagedToolchain = async (name: string, file: (toolchain: Toolchain) => string, bytes: Uint8Array | string | null): Promise<Toolchain> => {
    const home = path.join(directory, name);
    copyHome(await portableHome(), home);
    const copy = await currentToolchain(home);
    damage(file(copy), bytes);
    return copy;
  };
  const EMPTY_ARCHIVE = '!<arch>\n';

  test('without the builtins nothing links, and the advice says why', async () => {
    const receipt = await prove({ toolchain: await damagedToolchain('no-builtins', ({ layout }) => layout.builtins, null), programs: only('hello', 'int128') });
    expect(faults(receipt)).toEqual({ hello: 'compiler', int128: 'compiler' });
    expect(receipt.programs[0]!.detail).toMatch(/^the compiler ended with 1: wasm-ld: error: .*libclang_rt\.builtins/);
    expect(proofFailed(receipt, '/r.json')).toMatchObject({ code: 'E_PROOF', next: expect.stringContaining('builtins') });
  });

  test('with empty builtins only what needs them fails', async () => {
    const receipt = await prove({ toolchain: await damagedToolchain('empty-builtins', ({ layout }) => layout.builtins, EMPTY_ARCHIVE), programs: only('exit-status', 'recursion', 'int128') });
    expect(faults(receipt)['int128']).toBe('compiler');
    expect(receipt.programs.find((each) => each.id === 'int128')!.detail).toMatch(/undefined symbol: __\w+ti\d/);
  });

  test('with half a libc', async () => {
    const libc = ({ layout }: Toolchain) => path.join(layout.sysroot, 'lib', layout.target, 'libc.a');
    const whole = readFileSync(libc(toolchain));
    const receipt = await prove({ toolchain: await damagedToolchain('half-libc', libc, whole.subarray(0, whole.length >> 1)), programs: only('hello') });
    expect(faults(receipt)).toEqual({ hello: 'compiler' });
    expect(receipt.ok).toBe(false);
  });

  test('with a header that is gone', async () => {
    const receipt = await prove({
      toolchain: await damagedToolchain('no-header', ({ layout }) => path.join(layout.sysroot, 'include', layout.target, 'stdio.h'), null), programs: only('hello'),
    });
    expect(receipt.programs[0]!.detail).toContain("'stdio.h' file not found");
    expect(proofFailed(receipt, '/r.json').next).toContain('sysroot');
  });

  test('with a compiler that is half there', async () => {
    const module = (copy: Toolchain): string => (copy.layout.programs as { module: string }).module;
    const receipt = await prove({ toolchain: await damagedToolchain('half-compiler', module, readFileSync(module(toolchain)).subarray(0, 1000)), programs: only('hello') });
    expect(receipt.programs[0]).toMatchObject({ fault: 'compiler', module: null, output: null, detail: expect.stringMatching(/^E_DAMAGED: /) });
  });

  test.skipIf(UNIX.unmet)(`with a clang that fails, and one that makes nothing${UNIX.why}`, async () => {
    const script = (name: string, text: string): Toolchain => {
      const file = path.join(directory, name);
      writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
      return { ...toolchain, layout: { ...toolchain.layout, programs: { kind: 'native', tools: { clang: file, 'clang++': file } } } };
    };
    const failing = await prove({ toolchain: script('failing-clang', 'echo "boom.c:1:1: error: no" >&2; exit 3'), programs: only('hello') });
    expect(failing.programs[0]).toMatchObject({ fault: 'compiler', detail: 'the compiler ended with 3: boom.c:1:1: error: no' });
    const lazy = await prove({ toolchain: script('lazy-clang', 'exit 0'), programs: only('hello') });
    expect(lazy.programs[0]).toMatchObject({ fault: 'compiler', detail: 'the compiler reported success and wrote no module' });
    const liar = await prove({ toolchain: script('lying-clang', 'while [ "$1" != -o ]; do shift; done; echo "not wasm" > "$2"'), programs: only('hello') });
    expect(liar.programs[0]).toMatchObject({ fault: 'compiler', detail: expect.stringMatching(/^E_NOT_WASM: /) });
  });
});

describe('blame', () => {
  const hello = only('hello')[0]!;

  test('another output is the program’s, with the line', async () => {
    const receipt = await prove({ programs: [{ ...hello, expectedStderr: 'and hello from stdout\n', expectedExit: 1 }] });
    expect(receipt.programs[0]).toMatchObject({
      fault: 'program', detail: 'exit code 0 instead of 1; stderr line 1: expected "and hello from stdout\\n", got "and hello from stderr\\n"',
    });
    expect(receipt.ok).toBe(false);
  });

  /** A toolchain whose compiler, whatever it is given, makes the module of this text. */
  const compilerOf = (name: string, text: string): Toolchain => {
    const module = path.join(directory, `${name}.wasm`);
    writeFileSync(module, encode(parse(text)));
    const clang = path.join(directory, `${name}-clang`);
    writeFileSync(clang, `#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done; cp '${module}' "$2"\n`, { mode: 0o755 });
    return { ...toolchain, layout: { ...toolchain.layout, programs: { kind: 'native', tools: { clang } } } };
  };

  test.skipIf(UNIX.unmet)(`a program without end is stopped; the next one runs all the same${UNIX.why}`, async () => {
    const endless = compilerOf('endless', '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))');
    const receipt = await prove({ toolchain: endless, env: { PATH: process.env['PATH'] }, timeoutMs: 50, programs: only('hello', 'exit-status') });
    expect(receipt.programs).toMatchObject([
      { fault: 'program', detail: 'it had not ended after 0.05 s', output: null },
      { fault: 'program', detail: 'it had not ended after 0.05 s', output: null },
    ]);
  });

  test.skipIf(UNIX.unmet)(`what the engine does not run is booked to the interpreter${UNIX.why}`, async () => {
    // Valid by the specification, and more than this engine takes: see src/wasm/limits.ts.
    const wide = compilerOf('wide', `(module (memory (export "memory") 1) (func (param${' i32'.repeat(1001)})) (func (export "_start")))`);
    const receipt = await prove({ toolchain: wide, env: { PATH: process.env['PATH'] }, programs: [hello] });
    expect(receipt.programs[0]).toMatchObject({ fault: 'interpreter', detail: expect.stringMatching(/^E_LIMIT: /) });
  });

  test('a stopped proof leaves no receipt', async () => {
    const home = path.join(directory, 'stopped');
    const controller = new AbortController();
    const running = prove({ home, signal: controller.signal, emit: (event) => void (event.type === 'proof-end' && controller.abort()) });
    await expect(running).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await readProof(home, toolchain)).toBeNull();
  });

  test('nothing is left in the temporary directory', async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('wasienv-proof-'));
    await prove({ programs: [hello] });
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('wasienv-proof-') && !before.includes(name))).toEqual([]);
  });
});
