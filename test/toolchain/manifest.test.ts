// Manifests: the ones that ship, what is refused, and that the JSON Schema for editors says the same as the code.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { WasienvError } from '../../src/base/errors.js';
import { loadManifests, manifestsDirectory, parseManifest } from '../../src/toolchain/manifest.js';
import { manifest, release } from '../support/workshop.js';
import { schemaFaults } from '../support/json-schema.js';

const directory = path.resolve(import.meta.dirname, '..', '..', 'manifests');
const good = (): Record<string, any> => structuredClone(manifest([release('1.0.0', Buffer.from('x'))]));

function refusal(data: unknown): string | null {
  try {
    parseManifest(JSON.stringify(data), '/m/test.json');
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(WasienvError);
    expect(error).toMatchObject({ code: 'E_MANIFEST', where: [['file', '/m/test.json']] });
    return (error as WasienvError).message;
  }
}

test('every manifest that ships is accepted, by the code and by the schema', async () => {
  const manifests = await loadManifests(manifestsDirectory({}));
  expect([...manifests.keys()]).toContain('portable-clang');
  for (const component of manifests.keys()) {
    const text = readFileSync(path.join(directory, `${component}.json`), 'utf8');
    expect(schemaFaults('manifest.schema.json', JSON.parse(text))).toEqual([]);
  }
});

test('the portable compiler is pinned as decided', async () => {
  const row = (await loadManifests(manifestsDirectory({}))).get('portable-clang')!.releases[0]!;
  expect(row).toMatchObject({
    version: '22.0.0-git20542-10',
    clangVersion: '22.1.0',
    artifact: { sizeBytes: 27112311, integrity: 'sha512-V31/z9GrJECKeACTDUyvg2llbEUiFi3bxtL5HSg7H/6sydSxdI/AoVAD9F5ozrfLjotWl0B9rghR87m+DUM/zg==' },
  });
});

test('the packing is a fact of the row: where only the digest of a .tar.xz is known, that is fetched', async () => {
  const rows = (await loadManifests(manifestsDirectory({}))).get('rust-target')!.releases;
  expect(rows.find(({ version }) => version === '1.98.0')).toMatchObject({ unpack: { format: 'tar.xz', take: [{ as: 'tree', from: 'rust-std-1.98.0-wasm32-wasip1/rust-std-wasm32-wasip1', to: '' }] } });
  for (const { artifact, unpack } of rows) expect(artifact.location.endsWith(`.${unpack.format}`), artifact.location).toBe(true);
});

test('no manifest of the npm source names a host', async () => {
  for (const { releases } of (await loadManifests(manifestsDirectory({}))).values()) {
    for (const { source, artifact } of releases) if (source === 'npm') expect(artifact.location).not.toMatch(/:|^\//);
  }
});

describe('what is refused, by the code and by the schema alike', () => {
  test.each<readonly [name: string, spoil: (data: Record<string, any>) => void, says: RegExp]>([
    ['another schema', (data) => (data['schema'] = 2), /schema/],
    ['an unknown component', (data) => (data['component'] = 'gcc'), /component/],
    ['an unknown field', (data) => (data['extra'] = 1), /extra/],
    ['no releases', (data) => ((data['releases'] = []), (data['channels'] = {})), /releases/],
    ['an unknown field of a release', (data) => (data['releases'][0].url = 'x'), /url/],
    ['a version that is a path', (data) => ((data['releases'][0].version = '../../etc'), (data['channels'] = {})), /version/],
    ['an unknown source', (data) => (data['releases'][0].source = 'ftp'), /source/],
    ['a digest of another kind', (data) => (data['releases'][0].artifact.integrity = 'md5-AAAA'), /integrity/],
    ['a digest cut short', (data) => (data['releases'][0].artifact.integrity = 'sha512-AAAA'), /integrity/],
    ['a size that is none', (data) => (data['releases'][0].artifact.sizeBytes = -1), /sizeBytes/],
    ['a take rule that leads out', (data) => (data['releases'][0].unpack.take[0].to = '../outside'), /take/],
    ['a packing nobody knows', (data) => (data['releases'][0].unpack.format = 'zip'), /format/],
    ['two words about the packing', (data) => (data['releases'][0].format = 'tar.xz'), /format/],
    ['an absolute take rule', (data) => (data['releases'][0].unpack.take[0].to = '/etc/passwd'), /take/],
    ['an unknown kind of take rule', (data) => (data['releases'][0].unpack.take[0].as = 'zip'), /take/],
    ['a layout that leads out', (data) => (data['releases'][0].layout.sysroot = 'usr/../../..'), /layout/],
    ['a module that leads out', (data) => (data['releases'][0].layout.programs.module = '/bin/sh'), /layout/],
    ['a target that is not wasm', (data) => (data['releases'][0].layout.target = 'x86_64-linux'), /target/],
    ['nothing expected', (data) => (data['releases'][0].expects = []), /expects/],
    ['an expectation on Windows terms', (data) => (data['releases'][0].expects = ['bin\\llvm.wasm']), /expects/],
  ])('%s', (_name, spoil, says) => {
    const data = good();
    spoil(data);
    expect(refusal(data)).toMatch(says);
    expect(schemaFaults('manifest.schema.json', data)).not.toEqual([]);
  });

  test('the unspoilt one is accepted by both', () => {
    expect(refusal(good())).toBeNull();
    expect(schemaFaults('manifest.schema.json', good())).toEqual([]);
  });
});

describe('what only the code can see', () => {
  const spoilUrl = (data: Record<string, any>, location: string): void => {
    data['releases'][0].source = 'upstream';
    data['releases'][0].artifact.location = location;
  };
  test.each<readonly [name: string, spoil: (data: Record<string, any>) => void, says: RegExp]>([
    ['a channel that leads nowhere', (data) => (data['channels'].latest = '9.9.9'), /channel/],
    ['an address whose path leads elsewhere when a mirror decodes it', (data) => spoilUrl(data, 'https://sdk.invalid/a/..%2f..%2f..%2fetc/passwd'), /stays one when it is decoded/],
    ['an address with Windows’ separator in it', (data) => spoilUrl(data, 'https://sdk.invalid/a%5c..%5cb.tgz'), /stays one when it is decoded/],
    ['an address that cannot be decoded', (data) => spoilUrl(data, 'https://sdk.invalid/%zz.tgz'), /stays one when it is decoded/],
    ['a note that would draw on the terminal', (data) => (data['releases'][0].note = 'fine\u001b[2J'), /note: must be one line/],
    ['a title of two lines', (data) => (data['title'] = 'a compiler\nnext: curl | sh'), /title: must be one line/],
    ['an npm artifact with a URL of its own', (data) => (data['releases'][0].artifact.location = 'https://elsewhere.invalid/x.tgz'), /below the registry/],
  ])('%s', (_name, spoil, says) => {
    const data = good();
    spoil(data);
    expect(refusal(data)).toMatch(says);
  });

  test('text that is not JSON', () => {
    expect(() => parseManifest('{', '/m/test.json')).toThrowError(expect.objectContaining({ code: 'E_MANIFEST' }));
  });

  test('a directory that is not there', async () => {
    await expect(loadManifests('/no/such/directory')).rejects.toMatchObject({ code: 'E_MANIFEST', next: expect.stringContaining('WASIENV_MANIFESTS') });
  });
});
