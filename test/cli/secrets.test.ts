// Passwords and tokens that wasienv is given on the way: whatever it prints, with --json and --debug too, and whatever it
// leaves in its home, holds none of them.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import { serveDirectory } from '../support/mirror.js';
import type { Registry } from '../support/registry.js';
import { PACKAGES, type Workshop } from '../support/workshop.js';
import { workshopForEach } from '../support/workshop-for-each.js';

const SECRET = 'pa55w0rd-of-mine';

let registry: Registry;
let workshop: Workshop;
workshopForEach((own, shared) => {
  [workshop, registry] = [own, shared];
});

/** What a person, a log of CI and a later reader of the home see; the output is checked here. */
async function seen(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout, stderr } = await runCli(['setup', '--no-prove', '--debug', ...args], { cwd: workshop.cwd, env: { ...workshop.env, PATH: '/nowhere', ...env } });
  const files = statSync(workshop.home, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(workshop.home, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const text = [stdout, stderr, ...files.map((each) => `${each.name}\n${readFileSync(path.join(each.parentPath, each.name), 'latin1')}`)].join('\n');
  for (const secret of [SECRET, Buffer.from(`user:${SECRET}`).toString('base64')]) expect(text.includes(secret) ? text.split('\n').find((line) => line.includes(secret)) : null).toBeNull();
  return `${stdout}${stderr}`;
}

const withLogin = (url: string): string => url.replace('://', `://user:${SECRET}@`);

test.each([[['--json']], [['--json', '--dry-run']], [[]]])('the login of a mirror: setup %j', async (args) => {
  const files = path.join(workshop.root, 'mirror');
  mkdirSync(path.join(files, 'npm/@test/clang/-'), { recursive: true });
  writeFileSync(path.join(files, 'npm/@test/clang/-/clang-2.0.0.tgz'), PACKAGES.get('clang-2.0.0.tgz')!);
  const server = await serveDirectory(files);
  try {
    expect(await seen([...args, '--source', 'mirror', '--mirror', withLogin(server.url)])).toContain(args.includes('--json') ? `"mirror":"${server.url}/"` : 'mirror');
  } finally {
    await server.close();
  }
});

test.each([['ok', { kind: 'ok' }], ['refused', { kind: 'status', status: 401 }]] as const)('a token of npm: %s', async (_name, fault) => {
  workshop.npmrc(`registry=${registry.url}\n${registry.url.replace(/^http:/, '')}:_authToken=${SECRET}\n`);
  registry.fault = fault;
  expect(await seen(['--json', '--source', 'npm'])).toContain(fault.kind === 'ok' ? '"done"' : 'E_HTTP');
});

test('the login of a proxy that cannot be reached', async () => {
  expect(await seen(['--json', '--source', 'npm'], { https_proxy: `http://user:${SECRET}@127.0.0.1:9` })).toContain('E_PROXY');
});

test('the login in a registry that is no URL wasienv can use', async () => {
  workshop.npmrc(`registry=ftp://user:${SECRET}@registry.invalid/\n`);
  expect(await seen(['--json', '--source', 'npm'])).toContain('E_SOURCE');
});

test('the login of manifests that cannot be understood, or are not there', async () => {
  const directory = path.join(workshop.root, 'served');
  mkdirSync(directory);
  const server = await serveDirectory(directory);
  try {
    const env = { WASIENV_MANIFESTS: withLogin(server.url) };
    expect(await seen(['--json'], env)).toContain('E_MANIFEST');
    writeFileSync(path.join(directory, 'wasi-sdk.json'), '{');
    expect(await seen(['--json'], env)).toContain('E_MANIFEST');
  } finally {
    await server.close();
  }
});
