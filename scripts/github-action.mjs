#!/usr/bin/env node
// The step of action.yml. Reads INPUT_COMPONENTS, INPUT_OPTIONS and INPUT_BARE; sets the toolchain up and tells the
// runner, through its files GITHUB_ENV, GITHUB_PATH and GITHUB_OUTPUT, what the following steps shall have.
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const script = path.join(here, 'bin', 'wasienv.js');
const windows = process.platform === 'win32';
const words = (text = '') => text.split(/\s+/).filter((word) => word !== '');
const run = (file, args, options = {}) => {
  const { status, error } = spawnSync(file, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
};
/** The delimiter is one that no value holds, so that a value of several lines stays one and sets no second variable. */
const tell = (file, name, value) => {
  const end = randomUUID();
  appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
};
const ask = (...args) => execFileSync(process.execPath, [script, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

if (!existsSync(path.join(here, 'dist'))) run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: here, shell: windows });
run(process.execPath, [script, 'setup', ...words(process.env.INPUT_OPTIONS), ...words(process.env.INPUT_COMPONENTS)]);

const { variables, path: directories } = JSON.parse(ask('env', '--json', ...(process.env.INPUT_BARE === 'true' ? ['--bare'] : [])));
for (const { name, value } of variables) tell(process.env.GITHUB_ENV, name, value);

// `wasienv` itself, in front of everything.
const bin = path.join(process.env.RUNNER_TEMP, 'wasienv-bin');
mkdirSync(bin, { recursive: true });
if (windows) writeFileSync(path.join(bin, 'wasienv.cmd'), `@"${process.execPath}" "${script}" %*\r\n`);
const shim = path.join(bin, 'wasienv');
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;
writeFileSync(shim, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(script)} "$@"\n`);
chmodSync(shim, 0o755);
// The runner puts each line in front of what is there: the first directory of PATH comes last.
for (const directory of [...directories].reverse().concat(bin)) appendFileSync(process.env.GITHUB_PATH, `${directory}\n`);

const { home } = JSON.parse(ask('list', '--json'));
tell(process.env.GITHUB_OUTPUT, 'home', home);
tell(process.env.GITHUB_OUTPUT, 'sysroot', ask('which', 'sysroot').trim());
