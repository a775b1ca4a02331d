import { mkdtempSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseProof, proofFile, readProof, staleness, writeProof, type ProofReceipt } from '../../src/proof/receipt.js';

const home = mkdtempSync(path.join(tmpdir(), 'wasienv-test-'));
afterAll(() => rmSync(home, { recursive: true }));

const digest = 'a'.repeat(64);
const receipt: ProofReceipt = {
  schema: 1, ok: false, provedAt: '2026-11-23T09:00:00.000Z', wasienvVersion: '0.1.0', nodeVersion: '20.18.1', host: { platform: 'linux', arch: 'x64' },
  toolchain: { component: 'portable-clang', version: '22.0', source: 'npm', clangVersion: '22.1.0', target: 'wasm32-wasip1', digest: 'sha512-abc' },
  parts: [{ path: '/x/libc.a', sizeBytes: 12, sha256: digest }],
  programs: [{
    id: 'hello', title: 'hello', shows: 'stdout', language: 'c', fault: 'program', detail: 'exit code 1 instead of 0',
    sources: [{ path: 'hello.c', sizeBytes: 3, sha256: digest }], compilerArgs: ['hello.c'], module: { path: 'hello.wasm', sizeBytes: 8, sha256: digest },
    output: { stdoutSha256: digest, stderrSha256: digest, end: 'exit 1' }, compileMs: 10, runMs: 2,
  }],
  timings: { compileMs: 10, runMs: 2, totalMs: 13 },
};
const toolchain = { component: 'portable-clang', version: '22.0', digest: 'sha512-abc' } as const;

describe('a proof receipt', () => {
  test('is null before the first proof, and afterwards what was written', async () => {
    expect(await readProof(home, toolchain)).toBeNull();
    await writeProof(home, receipt);
    expect(await readProof(home, toolchain)).toEqual(receipt);
    await writeProof(home, { ...receipt, ok: true });
    expect((await readProof(home, toolchain))!.ok).toBe(true);
    expect(readdirSync(path.dirname(proofFile(home, toolchain)))).toEqual([path.basename(proofFile(home, toolchain))]);
  });

  test('of each version has a file of its own; one filed under its component alone, as they once were, is read and then replaced', async () => {
    const old = path.join(home, 'former');
    mkdirSync(path.join(old, 'proofs'), { recursive: true });
    writeFileSync(path.join(old, 'proofs', 'portable-clang.json'), JSON.stringify(receipt));
    expect(await readProof(old, toolchain)).toEqual(receipt);
    await writeProof(old, receipt);
    const next = { ...receipt, toolchain: { ...receipt.toolchain, version: '23.0' } };
    await writeProof(old, next);
    expect(await readProof(old, toolchain)).toEqual(receipt);
    expect(await readProof(old, { ...toolchain, version: '23.0' })).toEqual(next);
    expect(readdirSync(path.join(old, 'proofs'))).toHaveLength(2);
  });

  test('of another component is another', async () => {
    expect(await readProof(home, { ...toolchain, component: 'system-clang' })).toBeNull();
  });

  test.each([
    ['half a file', '{"schema": 1, "ok"', 'it is not JSON'],
    ['another schema', JSON.stringify({ ...receipt, schema: 2 }), 'schema: '],
    ['a wrong digest', JSON.stringify({ ...receipt, parts: [{ path: 'x', sizeBytes: 1, sha256: 'short' }] }), 'parts.0.sha256: '],
    ['null', 'null', 'it: '],
  ])('that is %s is refused with the place', (_, text, place) => {
    expect(() => parseProof(text, '/home/p.json')).toThrow(expect.objectContaining({ code: 'E_RECEIPT', message: expect.stringContaining(place) }));
  });

  test('that cannot be read is an error of the receipt', async () => {
    const other = path.join(home, 'other');
    mkdirSync(proofFile(other, toolchain), { recursive: true });
    await expect(readProof(other, toolchain)).rejects.toMatchObject({ code: 'E_RECEIPT' });
    writeFileSync(path.join(home, 'file'), '');
    expect(await readProof(path.join(home, 'file'), toolchain)).toBeNull();
  });
});

test.each([
  ['nothing', {}, '0.1.0', null],
  ['the bytes', { digest: 'sha512-def' }, '0.1.0', 'the files of the toolchain have changed since'],
  ['the version', { digest: 'sha512-def', version: '23.0' }, '0.1.0', 'it speaks of version 22.0, installed is 23.0'],
  ['wasienv', {}, '0.2.0', 'it was made by wasienv 0.1.0, this is 0.2.0'],
])('a proof is judged when %s changed', (_, change, version, reason) => {
  expect(staleness(receipt, { ...toolchain, ...change }, version)).toBe(reason);
});
